package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldedLetters are the letters that Unicode does not decompose but that people
// search for without their bar or ligature (LST-1). Already in lower case.
var foldedLetters = map[rune]string{
	'œ': "oe", 'æ': "ae", 'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d",
	'ð': "d", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'ς': "σ",
}

// apostrophes join the letters around them: «N’Guyen» is found by nguyen. The
// first two are here because NFKD would make them a space.
const apostrophes = "´`" + "'’‘ʼ′ʹ"

// Fold reduces a text to what a search compares: without accents or case,
// ligatures spelled out, apostrophes and invisible characters dropped, and
// every other run of signs reduced to one space (LST-1). Folding twice changes
// nothing. The result holds only letters, digits and single spaces.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	s = strings.ToValidUTF8(s, " ") // a broken byte makes norm leave the next letter composed
	for _, r := range norm.NFKD.String(dropApostrophes(s)) {
		switch {
		case isDropped(r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		writeFolded(&b, unicode.ToLower(r))
	}
	return b.String()
}

// FoldWords answers the words of a folded text.
func FoldWords(s string) []string { return strings.Fields(Fold(s)) }

// SortKey answers what names are ordered by, compared byte by byte on both
// databases. Equal keys are told apart by the caller's own second column.
func SortKey(s string) string { return Fold(s) }

// isDropped tells the signs that neither count nor part words: accents,
// apostrophes, and what nobody sees (soft hyphen, joiners).
func isDropped(r rune) bool {
	return unicode.IsMark(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(apostrophes, r)
}

func dropApostrophes(s string) string {
	if !strings.ContainsAny(s, apostrophes) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(apostrophes, r) {
			return -1
		}
		return r
	}, s)
}

func writeFolded(b *strings.Builder, r rune) {
	if spelled, ok := foldedLetters[r]; ok {
		b.WriteString(spelled)
		return
	}
	b.WriteRune(r)
}
