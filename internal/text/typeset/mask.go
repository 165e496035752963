package typeset

import (
	"regexp"
	"strings"
)

// While the rules work, what they must not touch is replaced by one rune of a
// private plane, so that it still counts as something between two spaces.
const (
	wordMask   = 0xF0000 // a variable, a web or an e-mail address
	numberMask = 0xF8000 // a variable known to hold a number
	maskLimit  = 0x7FFF  // how many of each a text may hold
)

// untouched finds variables, web addresses and e-mail addresses. The last sign
// of an address is never a punctuation of the sentence.
var untouched = regexp.MustCompile(`\{\{[^}]*\}\}|` +
	`[a-z][a-z0-9+.-]*://(?:[^\s\x{A0}\x{202F}«»]*[^\s\x{A0}\x{202F}«».,;:!?)])?|` +
	`[\pL\d._%+-]+@[\pL\d.-]*[\pL\d]`)

// numbers finds the variables that always hold a number.
var numbers = regexp.MustCompile(`^\{\{\s*\.(Count|Max|Min|Total|Minutes|Hours|Days|Day)\s*\}\}$`)

// mask hides what must not be touched; spans gives it back, by rune.
func mask(s string) (masked string, spans map[rune]string) {
	spans = map[rune]string{}
	var n rune
	masked = untouched.ReplaceAllStringFunc(s, func(span string) string {
		if n >= maskLimit {
			return span
		}
		r := wordMask + n
		if numbers.MatchString(span) {
			r = numberMask + n
		}
		spans[r] = span
		n++
		return string(r)
	})
	return masked, spans
}

func unmask(masked string, spans map[rune]string) string {
	if len(spans) == 0 {
		return masked
	}
	var b strings.Builder
	for _, r := range masked {
		if span, hidden := spans[r]; hidden {
			b.WriteString(span)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var spacesShown = strings.NewReplacer(NoBreak, "[U+00A0]", NarrowNoBreak, "[U+202F]", "\t", "[tab]", "\n", "[line]")

// visible shows the spaces that look alike.
func visible(s string) string { return spacesShown.Replace(s) }
