package ui

// FieldError is one point of the error summary: the id of the field, the same
// sentence as at the field. An empty ID is an error of the whole form.
type FieldError struct{ ID, Text string }

// NoteProps is a message in the page; its text is the children, or Text.
type NoteProps struct {
	Tone   Tone
	Text   string
	Answer bool // it answers an act: role status
}

// ChipProps is a status: colour, shape and word.
type ChipProps struct {
	Tone  Tone
	Label string
	Icon  IconName // another shape than the tone's: IconClockFill for a delay, IconLockFill for a lock
}

// StatusProps is a chip with the line under it that says what is missing or when.
type StatusProps struct {
	Chip   ChipProps
	Detail string // «Expire dans 3 jours»
}

// TagProps is a small label that is no status. Brass points at what is
// particular («Admin», «Personnalisé»); Neutral does not.
type TagProps struct {
	Label   string
	Icon    IconName
	Neutral bool
}

// EmptyProps is what stands where a list would be; children are its one button.
type EmptyProps struct {
	Title   string // the fact: «Aucune invitation en attente»
	Text    string // what it is for, or what to do
	Drawing bool   // first use only (DESIGN §11)
}

func (c ChipProps) shape() IconName {
	if c.Icon != "" {
		return c.Icon
	}
	return c.Tone.chipIcon()
}
