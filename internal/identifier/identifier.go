package identifier

import (
	"regexp"
	"strings"
	"unicode"

	"habilis/internal/fault"
)

// maxTyped bounds, in bytes, what is read as a number: beyond, nobody typed one.
const maxTyped = 100

// noBreak joins the groups of a number, so that no line ends inside it (DESIGN.md 9).
const noBreak = "\u00a0"

// Check reads an optional field with one of the Parse functions and notes in f, at the
// location of the field, why it is refused. A field of spaces only is empty.
func Check[T ~string](f *fault.Fields, at, typed string, parse func(string) (T, error)) T {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	v, err := parse(typed)
	if err == nil {
		return v
	}
	refusal := fault.Of(err)
	args := make([]any, 0, 2*len(refusal.Args))
	for name, value := range refusal.Args {
		args = append(args, name, value)
	}
	f.Add(at, refusal.Code, args...)
	return ""
}

// separators are what people put between the groups of a number, beside spaces.
const separators = ".-–‑"

// compact drops what people put between the digits, and writes letters large.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(separators, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// shape says how an identifier of a fixed length is read.
type shape struct {
	pattern   *regexp.Regexp
	key       func(string) bool // nil when no rule is certain
	malformed *fault.Error
	badKey    *fault.Error
}

// parse gives the bare identifier. Its refusal of a wrong length carries the number of
// digits found, as Digits, for the sentence «celui-ci en a 10».
func (s shape) parse(typed string) (string, error) {
	if len(typed) > maxTyped {
		return "", s.malformed.With("Digits", digitsOf(typed))
	}
	bare := compact(typed)
	switch {
	case !s.pattern.MatchString(bare):
		return "", s.malformed.With("Digits", digitsOf(bare))
	case s.key != nil && !s.key(bare):
		return "", s.badKey
	}
	return bare, nil
}

func digitsOf(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// luhn checks the key of a number of digits. Zeros only are nobody's number.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 { //nolint:mnd // the rule of Luhn
				d -= 9
			}
		}
		sum += d
	}
	return sum > 0 && sum%10 == 0
}

// grouped parts s in groups of these lengths; what is left is the last group.
func grouped(s string, lengths ...int) string {
	var groups []string
	for _, n := range lengths {
		if n >= len(s) {
			break
		}
		groups, s = append(groups, s[:n]), s[n:]
	}
	return strings.Join(append(groups, s), noBreak)
}
