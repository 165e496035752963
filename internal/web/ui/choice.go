package ui

// Choice is one line of radio buttons, radio cards or tick boxes.
type Choice struct {
	Value  string
	Label  string
	Hint   string
	Chosen bool

	Disabled bool // cannot be chosen; the hint says why

	// Radio cards only.
	Detail  string // second line, before the hint
	Avatar  string // initials
	Profile Profile
	Chip    *ChipProps

	Scope *ScopeProps // tick boxes only: where the role holds
}

// ScopeProps is the small list beside a tick box: the whole organisation, or one site.
type ScopeProps struct {
	Name    string
	Label   string // for screen readers: «Portée du rôle Secrétariat»
	Value   string
	Options []Option
}

// GroupProps is a set of choices with one name, in a fieldset.
type GroupProps struct {
	ID      string // the name when empty; the error summary links to it
	Name    string
	Legend  string
	Heading bool // the legend is a section title (h2) instead of a label
	Hint    string
	Error   string
	Joined  bool // radio cards: one block, lines between
	Choices []Choice
}

// CheckboxProps is one tick box alone.
type CheckboxProps struct {
	ID      string // the name when empty
	Name    string
	Value   string // "1" when empty
	Label   string
	Strong  bool // a commitment: the label is bold
	Hint    string
	Error   string
	Checked bool
}

func (p GroupProps) id() string { return orElse(p.ID, p.Name) }

func (p GroupProps) frame() frame { return frame{id: p.id(), hint: p.Hint, err: p.Error} }

func (p CheckboxProps) frame() frame {
	return frame{id: orElse(p.ID, p.Name), hint: p.Hint, err: p.Error}
}
