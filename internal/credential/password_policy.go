package credential

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"github.com/trustelem/zxcvbn/frequency"
	"golang.org/x/text/unicode/norm"

	"habilis/internal/secret"
)

// Codes of what is wrong with a password somebody chooses. Their sentences are
// "fault." + code.
//
//nolint:gosec // names of rules, not passwords
const (
	CodePasswordTooShort = "credential.password_too_short" // takes Min
	CodePasswordTooLong  = "credential.password_too_long"  // takes Max
	CodePasswordCommon   = "credential.password_common"
	CodePasswordContext  = "credential.password_context"
	CodePasswordWeak     = "credential.password_weak"
)

const (
	minScore       = 3  // of 4: CNIL 2022, the «devinabilité» route
	scoredBytes    = 64 // zxcvbn takes seconds on more (libraries/notes.md 8)
	minContextWord = 3  // shorter parts of a name occur in any sentence
	minBeside      = 8  // what must remain of a password beside the words of its context
)

// Problem is what is wrong with a password; its Code is empty when nothing is.
// It fits fault.Fields: f.Check("new_password", p.Code, p.Args...).
type Problem struct {
	Code string
	Args []any // pairs of name and value for the sentence
}

// CheckPassword reports the first thing to correct in a password that somebody
// chooses. least is MinPasswordAlone or MinPasswordWithFactor. context holds what
// others know of the person: names, e-mail address, organisations. It takes at
// most 0.13 s whatever is typed, and asks nobody.
func CheckPassword(password secret.Text, least int, context []string) Problem {
	normal, err := normalise(password)
	switch pw := string(normal); {
	case errors.Is(err, ErrPasswordTooLong):
		return Problem{CodePasswordTooLong, []any{"Max", MaxPasswordCodePoints}}
	case utf8.RuneCountInString(pw) < least:
		return Problem{CodePasswordTooShort, []any{"Min", least}}
	default:
		return judge(pw, contextWords(context))
	}
}

// judge says whether a password of the right length could be guessed.
func judge(pw string, context []string) Problem {
	switch {
	case isCommon(pw):
		return Problem{Code: CodePasswordCommon}
	case isContext(pw, context):
		return Problem{Code: CodePasswordContext}
	case zxcvbn.PasswordStrength(head(pw), context).Score < minScore:
		return Problem{Code: CodePasswordWeak}
	}
	return Problem{}
}

// forgotten: what zxcvbn read its dictionaries from is not needed once it has them.
var _ = func() bool { frequency.FrequencyLists = nil; return true }()

// head cuts to what zxcvbn may see, between two characters.
func head(pw string) string {
	if len(pw) <= scoredBytes {
		return pw
	}
	cut := scoredBytes
	for !utf8.RuneStart(pw[cut]) {
		cut--
	}
	return pw[:cut]
}

// contextWords folds the context and cuts it into words; each phrase also counts
// in one piece, without its spaces.
func contextWords(context []string) []string {
	var words []string
	seen := map[string]bool{}
	add := func(w string) {
		if utf8.RuneCountInString(w) >= minContextWord && !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	for _, phrase := range append([]string{"habilis"}, context...) {
		parts := strings.FieldsFunc(fold(phrase), isSeparator)
		add(strings.Join(parts, ""))
		for _, part := range parts {
			add(part)
		}
	}
	return words
}

// isContext reports whether a password is little more than words of its context:
// those and the digits and signs around removed, fewer than minBeside characters
// remain.
func isContext(pw string, words []string) bool {
	folded := compact(fold(pw))
	rest := folded
	for _, w := range words { // whole phrases come before their parts
		rest = strings.ReplaceAll(rest, w, " ")
	}
	if rest == folded {
		return false
	}
	left := 0
	for part := range strings.FieldsSeq(rest) {
		left += utf8.RuneCountInString(trimToLetters(part))
	}
	return left < minBeside
}

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// fold takes case and accents away, for comparison only: «Été» and «ete» are as
// easy to guess. Signs stay.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch r = unicode.ToLower(r); {
		case unicode.Is(unicode.Mn, r):
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
