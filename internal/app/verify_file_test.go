package app

import (
	"errors"
	"strings"
	"testing"

	"habilis/internal/review"
	"habilis/internal/secret"
)

// AUD-3: the keys that came with a file are not believed by what they say of themselves: they are of the
// installation that the file names, or their fingerprint is the one that was asked for.
func TestBelieved(t *testing.T) {
	const finger, other = "ab12 ", "cd34 "
	v := review.Verified{
		Use: secret.UseReview, Installation: "https://b.example\nthe signature holds", Named: "https://a.example", Fingerprint: strings.Repeat(finger, 16),
	}
	same := v
	same.Installation, same.Erased = v.Named, 2
	for name, c := range map[string]struct {
		s     Signed
		v     review.Verified
		holds bool
		says  string
	}{
		"another installation":             {Signed{}, v, false, `the keys name "https://b.example\nthe signature holds"`},
		"another, whose key is asked for":  {Signed{Fingerprint: strings.Repeat("AB:12:", 16)}, v, true, "the signature holds\n"},
		"the same, and another is asked":   {Signed{Fingerprint: strings.Repeat(other, 16)}, same, false, "is not believed"},
		"the same, and parts were erased":  {Signed{}, same, true, "the signature holds, but for the parts that were erased since (2)\ncompare"},
		"the same, of an unknown key file": {Signed{Fingerprint: "ab12"}, same, false, "is not believed"},
	} {
		var out strings.Builder
		err := c.s.believe(c.v, &out)
		if (err == nil) != c.holds || (err != nil && !errors.Is(err, ErrFound)) || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v, %s", name, err, out.String())
		}
	}
}
