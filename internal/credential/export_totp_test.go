package credential

import (
	"bytes"
	"strings"
	"testing"
)

// CheckTyped holds what both parsers of codes promise of any text.
func CheckTyped(t *testing.T, typed string) {
	t.Helper()
	if code, ok := parseTOTP(typed); ok {
		if len(code) != TOTPDigits || strings.Trim(code, "0123456789") != "" {
			t.Errorf("%q became %q", typed, code)
		}
		if again, ok := parseTOTP(code); !ok || again != code {
			t.Errorf("%q is read as %q", code, again)
		}
		if strings.Map(dropBlank, typed) != code {
			t.Errorf("%q lost more than blanks: %q", typed, code)
		}
	}
	if code, ok := parseRecovery(typed); ok {
		if len(code) != 2*recoveryBytes {
			t.Errorf("%q became %q", typed, code)
		}
		if again, ok := parseRecovery(string(code)); !ok || !bytes.Equal(again, code) {
			t.Errorf("%q is read as %q", code, again)
		}
	}
}
