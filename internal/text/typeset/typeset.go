// Package typeset knows French typography (DESIGN.md 9): it sets a text right,
// and tells where one is wrong. The test of the catalogues uses it, and the
// command typography; the product itself does not.
//
// It must not know the catalogues nor go-i18n. Variables {{…}}, web and e-mail
// addresses are never touched.
package typeset

import (
	"fmt"
	"unicode/utf8"
)

// The two no-break spaces of French.
const (
	NoBreak       = "\u00a0" // before a colon, inside « », between a number and its unit
	NarrowNoBreak = "\u202f" // before ; ! ?
)

// Misprint is one place of a text that breaks a rule.
type Misprint struct {
	Rule  string // the rule broken, in English
	At    int    // its place, in code points from the start
	Near  string // what stands there, its spaces made visible
	Fixed string // what should stand there; empty when only an author can tell
}

// String tells a misprint on one line.
func (m Misprint) String() string {
	if m.Fixed == "" {
		return fmt.Sprintf("%s, at character %d: «%s»", m.Rule, m.At, m.Near)
	}
	return fmt.Sprintf("%s, at character %d: «%s» should be «%s»", m.Rule, m.At, m.Near, m.Fixed)
}

// maxPasses bounds how often the rules are applied: one may make work for an
// earlier one, two passes have been enough.
const maxPasses = 4

// French sets a French text right, as far as a machine can. Setting it twice
// changes nothing.
func French(s string) string {
	for range maxPasses {
		masked, spans := mask(s)
		for _, r := range corrections {
			masked = r.fix(masked)
		}
		fixed := unmask(masked, spans)
		if fixed == s {
			break
		}
		s = fixed
	}
	return s
}

// Check answers every rule that a French text breaks, at the first place where it does.
func Check(s string) []Misprint {
	masked, spans := mask(s)
	var found []Misprint
	for _, r := range corrections {
		if fixed := r.fix(masked); fixed != masked {
			found = append(found, difference(r.name, unmask(masked, spans), unmask(fixed, spans)))
		}
	}
	for _, r := range refusals {
		if at := r.bad.FindStringIndex(masked); at != nil {
			before := unmask(masked[:at[0]], spans)
			found = append(found, Misprint{Rule: r.name, At: utf8.RuneCountInString(before), Near: visible(unmask(masked[at[0]:at[1]], spans))})
		}
	}
	return found
}

// around is how many code points of a text are shown beside a misprint.
const around = 12

// difference tells the first place where two texts part.
func difference(rule, is, should string) Misprint {
	a, b := []rune(is), []rune(should)
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return Misprint{Rule: rule, At: at, Near: excerpt(a, at), Fixed: excerpt(b, at)}
}

func excerpt(s []rune, at int) string {
	from, to := max(at-around, 0), min(at+around, len(s))
	return visible(string(s[from:to]))
}
