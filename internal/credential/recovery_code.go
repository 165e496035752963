package credential

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"habilis/internal/secret"
)

// Recovery codes (rules.md 5): ten of 64 bits, written as four groups of four digits and
// letters from a to f, none of which is taken for another.
const (
	RecoveryCodes     = 10
	recoveryBytes     = 8
	recoveryGroup     = 4
	recoverySeparator = "-"
)

// newRecoveryCode draws a code, for example 3f9a-0c2e-88b1-7d4f.
func newRecoveryCode() secret.Text {
	var b [recoveryBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime stops the program instead
	digits := hex.EncodeToString(b[:])
	var groups []string
	for i := 0; i < len(digits); i += recoveryGroup {
		groups = append(groups, digits[i:i+recoveryGroup])
	}
	return secret.NewText(strings.Join(groups, recoverySeparator))
}

// parseRecovery reads a code as people type it: in capitals, without its dashes, with an
// O for a zero or an l for a one, which no code has. It gives what is hashed.
func parseRecovery(typed string) ([]byte, bool) {
	if len(typed) > maxTyped {
		return nil, false
	}
	code := strings.NewReplacer("o", "0", "l", "1", "i", "1").Replace(strings.ToLower(strings.Map(dropBlank, typed)))
	b, err := hex.DecodeString(code)
	if err != nil || len(b) != recoveryBytes {
		return nil, false
	}
	return []byte(code), true
}
