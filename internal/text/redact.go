package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Erased stands where words about somebody were taken out.
const Erased = "—"

// Redactor finds one person in texts, however they are written there: names with or without
// accents and case, in either order, with a form of address or an initial; addresses, numbers with
// or without spaces. The zero value finds nobody.
type Redactor struct{ pattern *regexp.Regexp }

// Person is who is looked for.
type Person struct {
	Names   [][2]string // given name, family name; each that they ever had
	Emails  []string
	Phones  []string // E.164
	Numbers []string // RPPS, SIRET, of the Assurance Maladie: exact
	Alone   bool     // nobody else around bears the family name: «Dr Delmas» is them
}

// minWord is the shortest name that is looked for by itself, minNumber the shortest number: what is
// shorter says too little.
const minWord, minNumber = 2, 8

// addressed are the forms of address before a family name.
const addressed = `(?:m|mr|mme|mlle|dr|pr|me|monsieur|madame|mademoiselle|docteur|professeure?|ma[iî]tre|mrs|ms|miss)`

// between parts the words of a name, in a sentence, an address or a number.
const between = `[\s\x{a0}\x{202f}._'’\-]{1,3}`

// NewRedactor makes what finds a person.
func NewRedactor(p Person) Redactor {
	var parts []string
	for _, n := range p.Names {
		parts = append(parts, namePatterns(FoldWords(n[0]), FoldWords(n[1]), p.Alone)...)
	}
	for _, e := range p.Emails {
		if local, domain, ok := strings.Cut(e, "@"); ok && local != "" && domain != "" {
			parts = append(parts, regexp.QuoteMeta(local)+`(?:@|%40)`+regexp.QuoteMeta(domain))
		}
	}
	for _, n := range p.Phones {
		if rest, french := strings.CutPrefix(n, "+33"); french && len(rest) >= minNumber {
			parts = append(parts, `(?:\+33|0033|0)(?:`+apart+`\(0\))?`+apart+spaced(rest))
		} else if len(n) >= minNumber {
			parts = append(parts, spaced(strings.TrimPrefix(n, "+")))
		}
	}
	for _, n := range p.Numbers {
		if len(n) >= minNumber {
			parts = append(parts, spaced(n))
		}
	}
	if len(parts) == 0 {
		return Redactor{}
	}
	return Redactor{regexp.MustCompile(`(?i)(?:` + strings.Join(parts, "|") + `)`)}
}

// namePatterns are the ways in which a name stands in a text.
func namePatterns(given, family []string, alone bool) (out []string) {
	first, last := wordsPattern(given), wordsPattern(family)
	if first == "" || last == "" {
		return nil // one word alone may be anything
	}
	initial := letterPattern([]rune(given[0])[:1])
	out = append(out, first+between+last, last+between+first)
	if alone && len(family[0]) >= minWord {
		out = append(out, addressed+between+last, initial+between+last, `^\s*`+last+`\s*$`)
	}
	return out
}

func wordsPattern(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = letterPattern([]rune(w))
	}
	return strings.Join(parts, between)
}

// letterPattern matches folded letters with whatever accents they bear, and apostrophes between.
func letterPattern(folded []rune) string {
	var b strings.Builder
	for i := 0; i < len(folded); i++ {
		if i > 0 {
			b.WriteString(`['’]?`)
		}
		if i+1 < len(folded) {
			if joined := joinedLetters[string(folded[i:i+2])]; joined != "" {
				b.WriteString(`(?:` + joined + `|` + variants(folded[i]) + `\p{M}*` + variants(folded[i+1]) + `)\p{M}*`)
				i++
				continue
			}
		}
		b.WriteString(variants(folded[i]) + `\p{M}*`)
	}
	return b.String()
}

// joinedLetters are the folded pairs that are written as one letter.
var joinedLetters = map[string]string{"oe": "[œŒ]", "ae": "[æÆ]", "ss": "[ßẞ]"}

// variants is a class of all letters that fold to one: é, È, ê … for e.
func variants(r rune) string {
	if r > unicode.MaxASCII || !unicode.IsLetter(r) {
		return regexp.QuoteMeta(string(r))
	}
	return `[` + string(r) + accented[r] + `]`
}

// accented are the Latin letters beyond ASCII that fold to each letter.
var accented = func() map[rune]string {
	const from, until = 0xC0, 0x24F
	out := map[rune]string{}
	for r := rune(from); r <= until; r++ {
		if folded := []rune(Fold(string(r))); len(folded) == 1 && folded[0] <= unicode.MaxASCII && unicode.IsLetter(r) {
			out[folded[0]] += string(r)
		}
	}
	return out
}()

// apart may stand between two digits.
const apart = `[\s\x{a0}\x{202f}.\-]?`

// spaced matches a number whatever its groups are.
func spaced(digits string) string {
	parts := make([]string, 0, len(digits))
	for _, r := range digits {
		parts = append(parts, regexp.QuoteMeta(string(r)))
	}
	return strings.Join(parts, apart)
}

// Finds reports whether a text tells of the person.
func (r Redactor) Finds(s string) bool {
	from, _ := r.next(s, 0)
	return from >= 0
}

// Redact takes the person out of a text; everything else of it stays.
func (r Redactor) Redact(s string) (string, bool) {
	var b strings.Builder
	at := 0
	for {
		from, until := r.next(s, at)
		if from < 0 {
			break
		}
		b.WriteString(s[at:from] + Erased)
		at = until
	}
	if at == 0 {
		return s, false
	}
	return b.String() + s[at:], true
}

// next finds the next place that is whole words: «Delmas» is not in «Delmasure».
func (r Redactor) next(s string, at int) (from, until int) {
	for r.pattern != nil && at < len(s) {
		place := r.pattern.FindStringIndex(s[at:])
		if place == nil {
			break
		}
		from, until = at+place[0], at+place[1]
		before, _ := utf8.DecodeLastRuneInString(s[:from])
		after, _ := utf8.DecodeRuneInString(s[until:])
		if until > from && !inWord(before) && !inWord(after) {
			return from, until
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		at = from + size
	}
	return -1, -1
}

// inWord reports whether a rune goes on with a word; the zero rune and a broken byte do not.
func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
