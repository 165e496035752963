package ui

// PlaqueProps is a plaque: an organisation, or a person. Name alone is required.
type PlaqueProps struct {
	Above  string   // «Vous administrez», a speciality
	Name   string   // «Maison de santé des Tilleuls»
	Below  []string // «2 établissements · 34 membres»
	Enamel Enamel

	Href   string   // PlaqueLink only
	Icon   IconName // at the right of a link: IconCaretUpDown to change, IconArrowRight to enter
	Hidden string   // words for screen readers that say what the link does
}

// HeroProps is the plaque that heads a person's sheet; its name is the page's h1.
type HeroProps struct {
	Above, Name, Below string
	Enamel             Enamel
}
