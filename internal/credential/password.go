package credential

import (
	"crypto/rand"
	"errors"
	"math/big"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"habilis/internal/fault"
	"habilis/internal/secret"
)

// Lengths of a password, in code points after composition (NFC). No rule of
// composition, no expiry (rules.md 3).
const (
	MinPasswordAlone      = 15  // where the password is the only factor
	MinPasswordWithFactor = 12  // where a second factor is mandatory
	MaxPasswordCodePoints = 128 // refused before hashing above that (PWD-07)
)

// maxPasswordBytes is refused before anything is read: no text of
// MaxPasswordCodePoints composes from more.
const maxPasswordBytes = MaxPasswordCodePoints * 16

// ErrPasswordTooLong means more than MaxPasswordCodePoints: nothing was hashed.
var ErrPasswordTooLong = fault.New(fault.Invalid, CodePasswordTooLong).With("Max", MaxPasswordCodePoints)

// errEmpty is for callers that hash without CheckPassword.
var errEmpty = errors.New("credential: an empty password cannot be set")

// normalise gives the bytes that are hashed: composed (NFC) and nothing else, so
// that the same letters typed on two keyboards are one password, and any other
// difference (case, space, NUL) makes another (PWD-07).
func normalise(password secret.Text) ([]byte, error) {
	raw := password.Reveal()
	if len(raw) > maxPasswordBytes {
		return nil, ErrPasswordTooLong
	}
	normal := norm.NFC.String(raw)
	switch n := utf8.RuneCountInString(normal); {
	case n > MaxPasswordCodePoints:
		return nil, ErrPasswordTooLong
	case n == 0:
		return []byte{}, errEmpty
	}
	return []byte(normal), nil
}

// A temporary password has five groups of four letters and digits that cannot be
// mistaken for another: 99 bits, and short enough to copy from a letter.
const (
	temporaryAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"
	temporaryGroups   = 5
	temporaryGroup    = 4
)

// NewTemporaryPassword draws a temporary password (MEM-12), for example
// k7mq-2vxr-9wtb-h4nd-6pse.
func NewTemporaryPassword() secret.Text {
	var b strings.Builder
	letters := big.NewInt(int64(len(temporaryAlphabet)))
	for i := range temporaryGroups * temporaryGroup {
		if i > 0 && i%temporaryGroup == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, letters)
		if err != nil {
			panic("credential: crypto/rand: " + err.Error()) // its reader never fails
		}
		b.WriteByte(temporaryAlphabet[n.Int64()])
	}
	return secret.NewText(b.String())
}
