package credential

import (
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:generate go run ./genlist -common DIR/language-common/package -fr DIR/language-fr/package -out common.txt.gz

// commonList is the refuse list: CommonPasswords lines, folded, sorted by bytes.
// genlist/doc.go says where they come from.
//
//go:embed common.txt.gz
var commonList string

// CommonPasswords is how many passwords the refuse list holds (rules.md 3).
const CommonPasswords = 100_000

// common is the list in one string (about 1 MiB): a set of Go strings would take
// ten times that. It is unpacked at the first use.
var common = sync.OnceValue(func() string {
	r, err := gzip.NewReader(strings.NewReader(commonList))
	if err != nil {
		panic("credential: the refuse list: " + err.Error()) // embedded: damaged at build
	}
	b, err := io.ReadAll(r)
	if err != nil {
		panic("credential: the refuse list: " + err.Error())
	}
	return string(b)
})

// isListed looks for one line in the sorted list.
func isListed(word string) bool {
	list := common()
	lo, hi := 0, len(list) // both at the start of a line
	for lo < hi {
		start := strings.LastIndexByte(list[:(lo+hi)/2], '\n') + 1
		end := start + strings.IndexByte(list[start:], '\n')
		switch line := list[start:end]; {
		case line == word:
			return true
		case line < word:
			lo = end + 1
		default:
			hi = start
		}
	}
	return false
}

// isCommon reports whether a password, or what remains of it once the usual
// dressing is taken off, is in the refuse list: case, accents, spaces, digits
// and signs around, letters written as digits, the same thing typed twice.
func isCommon(pw string) bool { return slices.ContainsFunc(undressed(fold(pw)), isListed) }

// undressed returns a folded password and its simpler forms.
func undressed(folded string) []string {
	forms := []string{folded}
	for _, undress := range []func(string) string{compact, trimToLetters, unleet, trimToLetters, unrepeat, unleet} {
		for _, form := range forms {
			if simpler := undress(form); !slices.Contains(forms, simpler) {
				forms = append(forms, simpler)
			}
		}
	}
	return forms
}

// compact takes spaces and the signs that stand for them away.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-_.,'’", r) {
			return -1
		}
		return r
	}, s)
}

// trimToLetters takes digits and signs off both ends.
func trimToLetters(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t")

// unleet reads the digits and signs that stand for letters.
func unleet(s string) string { return leet.Replace(s) }

// unrepeat returns the shortest piece that, repeated, makes the whole.
func unrepeat(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}
