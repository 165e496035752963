package ui

// Tone is the meaning of a colour, fixed across the product (DESIGN §13).
type Tone int

// Green is quiet, grey is off, blue is planned or informs, orange means somebody
// must act, red is blocked.
const (
	ToneInfo Tone = iota
	ToneOK
	ToneWait
	ToneOff
	ToneBad
)

func (t Tone) class() string {
	return [...]string{"info", "ok", "wait", "off", "bad"}[t]
}

// chipIcon is the shape that says the tone without its colour.
func (t Tone) chipIcon() IconName {
	return [...]IconName{IconInfoFill, IconCheckCircleFill, IconCircleHalfFill, IconMinusCircleFill, IconXCircleFill}[t]
}

// noteIcon is the shape of a message of that tone.
func (t Tone) noteIcon() IconName {
	return [...]IconName{IconInfoFill, IconCheckCircleFill, IconWarningCircleFill, IconInfoFill, IconWarningCircleFill}[t]
}

// Profile tells the type of a person's profile by the matter of the avatar:
// enamel, white plate or paper (DESIGN §5).
type Profile int

// NonPractitioner is the zero value: the avatar that claims nothing.
const (
	NonPractitioner Profile = iota
	Regulated
	Unregulated
)

func (p Profile) class() string {
	return [...]string{"av", "av av-a", "av av-b"}[p]
}

// Enamel is the plaque's colour that an organisation chooses among six.
type Enamel string

// The six enamels; no other colour, so that branding cannot break contrast.
const (
	EnamelEmail   Enamel = "" // deep blue, the product's own
	EnamelPin     Enamel = "pin"
	EnamelPrune   Enamel = "prune"
	EnamelArdoise Enamel = "ardoise"
	EnamelBrique  Enamel = "brique"
	EnamelCanard  Enamel = "canard"
)

// Enamels lists them in the order of the settings page.
var Enamels = []Enamel{EnamelEmail, EnamelPin, EnamelPrune, EnamelArdoise, EnamelBrique, EnamelCanard}
