package ui

import "github.com/a-h/templ"

// Kind is the weight of a button; one Primary per decision area.
type Kind int

// Danger is an outline, DangerSolid is red: the latter only on a page that
// confirms (levels 2 and 5, DESIGN §12).
const (
	Secondary Kind = iota
	Primary
	Quiet
	Danger
	DangerSolid
)

// ButtonProps is a button of a form. It submits, unless Reset or Plain is set.
type ButtonProps struct {
	Label  string
	Hidden string // words for screen readers that finish the label: «Renvoyer» + « l’invitation à Inès Roussel»
	Kind   Kind
	Icon   IconName // before the label
	After  IconName // after it: IconArrowRight
	Small  bool
	Wide   bool
	Push   bool // to the right of its row

	Name, Value string // sent with the form when this button submits it
	Form        string // id of a form elsewhere in the page
	Action      string // another address than the form's
	Reset       bool   // unticks or clears the form
	Plain       bool   // does nothing by itself
	NoValidate  bool

	Busy        string // «Envoi en cours…», shown by the script while the request goes
	Unavailable string // id of the element that says why the button cannot be used yet; empty when it can
	Attrs       templ.Attributes
}

// LinkButtonProps is a link that looks like a button.
type LinkButtonProps struct {
	Label  string
	Hidden string
	Href   string
	Kind   Kind
	Icon   IconName
	After  IconName
	Small  bool
	Wide   bool
	Push   bool
	Dialog bool // the page behind holds a Confirm: with script it opens in a dialog (level 2)
	Attrs  templ.Attributes
}

// PostProps is a form of one button: an act that needs no other answer.
type PostProps struct {
	Action string
	Hidden []Hidden
	Button ButtonProps
}

func buttonClass(kind Kind, small, wide, push bool) templ.CSSClasses {
	return templ.Classes(
		"btn",
		[...]string{"", "btn-1", "btn-0", "btn-bad", "btn-bad1"}[kind],
		templ.KV("btn-sm", small),
		templ.KV("wide", wide),
		templ.KV("push", push),
	)
}

func (p ButtonProps) kindOf() string {
	switch {
	case p.Reset:
		return "reset"
	case p.Plain || p.Unavailable != "":
		return "button"
	default:
		return "submit"
	}
}
