package notify

// Enamel is the colour of an organisation's plaque, one of six: branding cannot
// break contrast (DESIGN.md 5). Any other value shows the default.
type Enamel string

// The enamels, named as in app.css.
const (
	EnamelEmail   Enamel = "email"
	EnamelPin     Enamel = "pin"
	EnamelPrune   Enamel = "prune"
	EnamelArdoise Enamel = "ardoise"
	EnamelBrique  Enamel = "brique"
	EnamelCanard  Enamel = "canard"
)

// plate holds the colours of a plaque: ground, darker end, engraved line, second line.
type plate struct{ A, B, Line, Ink string }

// plates repeats app.css: a letter has no style sheet.
var plates = map[Enamel]plate{
	EnamelEmail:   {"#17557f", "#0c3553", "#9cc4e2", "#cfe3f2"},
	EnamelPin:     {"#1f5d47", "#11392b", "#a5d2bf", "#d5ece2"},
	EnamelPrune:   {"#6a3a63", "#43213f", "#dcb3d6", "#f0dcec"},
	EnamelArdoise: {"#44525f", "#28323b", "#b9c6d1", "#dfe6ec"},
	EnamelBrique:  {"#8a3f2f", "#5a2519", "#ecb9aa", "#f7ded6"},
	EnamelCanard:  {"#12616a", "#0a3d44", "#9fd3d9", "#d2ecef"},
}

func (e Enamel) plate() plate {
	if p, ok := plates[e]; ok {
		return p
	}
	return plates[EnamelEmail]
}
