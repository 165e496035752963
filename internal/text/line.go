package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Problem is the stable code of what is wrong with a text somebody typed; ""
// says it is fine. Its sentence is the catalogue's «fault.» + code.
type Problem string

// What Line and PersonName may find wrong.
const (
	Fine     Problem = ""
	Empty    Problem = "text.empty"     // nothing but spaces
	TooLong  Problem = "text.too_long"  // the sentence takes Max
	Control  Problem = "text.control"   // line breaks, control and invisible characters
	Symbol   Problem = "text.symbol"    // emoji, < and >, and in a name any sign names do not have
	NoLetter Problem = "text.no_letter" // a person's name without a letter
)

// MaxPersonName is the most code points of a first or of a last name.
const MaxPersonName = 80

// maxMarks is the most combining marks on one letter once composed. Living
// scripts need at most four; more is drawn over the neighbouring lines.
const maxMarks = 4

// nameSigns are the signs a person's name may hold beside letters and digits:
// apostrophes, hyphens (the unbreakable one too), initials and brackets.
const nameSigns = " '’‘-‐‑–.,·()"

// Line cleans one line of human text (a site's name, a reason) typed in a form:
// composed (NFC), trimmed, each run of spaces made one plain space.
//
// It refuses an empty text, more than limit code points, every line break and
// control, direction or invisible character and the "=?" of an encoded word
// (INJ-02), emoji and other pictures, and < and >. A refused text comes back empty.
func Line(s string, limit int) (string, Problem) {
	if !utf8.ValidString(s) {
		return "", Control
	}
	line := norm.NFC.String(spaces(s))
	if problem := badRune(line); problem != Fine {
		return "", problem
	}
	if strings.Contains(line, "=?") { // what begins an encoded word in the header of a letter (INJ-02)
		return "", Symbol
	}
	switch {
	case line == "":
		return "", Empty
	case utf8.RuneCountInString(line) > limit:
		return "", TooLong
	}
	return line, Fine
}

// PersonName cleans a first or last name as Line does, up to MaxPersonName code
// points. It must hold a letter, of any script, and no sign that names do not have.
func PersonName(s string) (string, Problem) {
	name, problem := Line(s, MaxPersonName)
	if problem != Fine {
		return "", problem
	}
	hasLetter := false
	for _, r := range name {
		hasLetter = hasLetter || unicode.IsLetter(r)
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune(nameSigns, r) {
			return "", Symbol
		}
	}
	if !hasLetter {
		return "", NoLetter
	}
	return name, Fine
}

// spaces trims the text and makes one plain space of each run of spaces. Line
// breaks and tabs stay, to be refused.
func spaces(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.Is(unicode.Zs, r) }), " ")
}

// badRune finds the first character that no line may hold.
func badRune(line string) Problem {
	marks := 0
	for _, r := range line {
		if unicode.IsMark(r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case isHidden(r):
			return Control
		case isPicture(r), marks > maxMarks:
			return Symbol
		}
	}
	return Fine
}

// isHidden tells what nobody sees: controls, line and paragraph separators,
// direction overrides and isolates, zero-width and private characters, fillers.
func isHidden(r rune) bool {
	return !unicode.IsGraphic(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isPicture tells emoji and other drawings, and the two signs of a tag. The
// degree sign is a letter's companion in French («n° 4»).
func isPicture(r rune) bool {
	return r == '<' || r == '>' || r != '°' && unicode.In(r, unicode.So, unicode.Sk, unicode.Me)
}
