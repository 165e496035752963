package paper

import (
	"slices"

	"habilis/internal/nomenclature"
)

// Kind is what a paper proves.
type Kind string

// The kinds.
const (
	Card        Kind = "card"        // professional card, on plastic or as an application
	Order       Kind = "order"       // registration with the profession's Order
	Diploma     Kind = "diploma"     // diploma, or authorisation to practise
	Identity    Kind = "identity"    // identity card, passport
	Employer    Kind = "employer"    // certificate of an employer
	Replacement Kind = "replacement" // licence or contract of a locum
	Insurance   Kind = "insurance"   // professional liability
	Other       Kind = "other"
)

// Kinds are all of them, in the order in which people choose.
var Kinds = []Kind{Card, Order, Diploma, Identity, Employer, Replacement, Insurance, Other}

// Known reports whether k is one of Kinds.
func Known(k Kind) bool { return slices.Contains(Kinds, k) }

// Checklist says which papers are asked of whom: by the code of a profession of the national
// register, or for everybody of Regulated or Others who has no line of their own.
type Checklist map[string][]Kind

// The lines that are of no one profession.
const (
	Regulated = "regulated" // every other profession of the register
	Others    = "others"    // whoever has none
)

// For is what is asked of a profession; an empty code is none.
func (c Checklist) For(professionCode string) []Kind {
	if own, ok := c[professionCode]; ok && professionCode != "" {
		return own
	}
	if nomenclature.Regulated(professionCode) {
		return c[Regulated]
	}
	return c[Others]
}

// ordinal are the professions that have an Order: médecin, pharmacien, chirurgien-dentiste,
// sage-femme, infirmier, masseur-kinésithérapeute, pédicure-podologue.
var ordinal = []string{"10", "21", "40", "50", "60", "70", "80"}

// DefaultChecklist is that of an organisation which never set one.
func DefaultChecklist() Checklist {
	c := Checklist{Regulated: {Card, Diploma}, Others: {Identity, Employer}}
	for _, code := range ordinal {
		c[code] = []Kind{Card, Order}
	}
	return c
}

// Missing is what is asked and not given, in the order in which it is asked.
func Missing(asked, given []Kind) []Kind {
	var left []Kind
	for _, k := range asked {
		if !slices.Contains(given, k) {
			left = append(left, k)
		}
	}
	return left
}
