package identifier

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Of the French social security number (NIR): 13 characters and a key of two, which is
// what lacks to make the number a multiple of 97. The first is the sex, or one of the
// marks of numbers that wait; Corsica's departments are 2A and 2B.
const (
	nirLength  = 15
	nirBody    = 13
	nirModulus = 97
	nirFirsts  = "123478"
	corsicaA   = "2A"
	corsicaB   = "2B"
)

// ReadsAsNIR reports whether a name is such a number, however it is spaced: the number
// of a patient may not be kept here (RGT-7).
func ReadsAsNIR(name string) bool {
	n := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(".-_/", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, name)
	if len(n) != nirLength || !strings.ContainsRune(nirFirsts, rune(n[0])) {
		return false
	}
	switch n[5:7] {
	case corsicaA:
		n = n[:5] + "19" + n[7:]
	case corsicaB:
		n = n[:5] + "18" + n[7:]
	}
	number, err := strconv.ParseUint(n[:nirBody], 10, 64)
	key, errKey := strconv.ParseUint(n[nirBody:], 10, 64)
	return err == nil && errKey == nil && key == nirModulus-number%nirModulus
}

// nirLike is what may be such a number inside a sentence.
var nirLike = regexp.MustCompile(`[1-478](?:[\s._/-]*[0-9ABab]){14}`)

// HoldsNIR reports whether a sentence holds such a number.
func HoldsNIR(sentence string) bool {
	return slices.ContainsFunc(nirLike.FindAllString(sentence, -1), ReadsAsNIR)
}
