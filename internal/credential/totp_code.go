package credential

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"habilis/internal/secret"
)

// A code of an application (RFC 6238) as every application knows it: six digits, a new
// code every thirty seconds, HMAC-SHA-1 under a seed of 160 bits.
const (
	TOTPStep   = 30 * time.Second
	TOTPDigits = 6
	seedBytes  = 20
)

// Issuer is what applications call this product beside the person's address.
const Issuer = "Habilis"

// maxTyped bounds what is read of a typed code, blanks included.
const maxTyped = 64

// seedText is how a seed is written for people and applications.
var seedText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSeed draws the secret that a person's application and this server share.
func newSeed() secret.Text {
	var b [seedBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime stops the program instead
	return secret.NewText(seedText.EncodeToString(b[:]))
}

// TOTPCode gives the code of a seed at a moment: what a person's application shows. It is
// for tests and for the demonstration. The error is that of a seed that is none.
func TOTPCode(seed secret.Text, at time.Time) (string, error) { return codeOf(seed, stepOf(at)) }

// TOTPAddress gives what the QR code says to an application: whose code it is and where
// it opens. It holds the seed.
func TOTPAddress(seed secret.Text, issuer, person string) secret.Text {
	q := url.Values{"secret": {seed.Reveal()}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + person,
		// Applications read %20 as a blank, and some of them "+" as a plus.
		RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20"),
	}
	return secret.NewText(u.String())
}

func stepOf(at time.Time) int64 { return at.Unix() / int64(TOTPStep/time.Second) }

func codeOf(seed secret.Text, step int64) (string, error) {
	return hotp.GenerateCodeCustom(seed.Reveal(), uint64(step), //nolint:gosec // no time before 1970
		hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
}

// matchedStep gives the time step whose code was typed: the current or the previous one
// (rules.md 2), later than the last that was used. Every step is compared, and in a time
// that does not depend on the digits.
func matchedStep(seed secret.Text, typed string, last int64, now time.Time) (int64, bool, error) {
	var matched int64
	for _, step := range []int64{stepOf(now) - 1, stepOf(now)} {
		code, err := codeOf(seed, step)
		if err != nil {
			return 0, false, err
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 && step > last {
			matched = step
		}
	}
	return matched, matched > 0, nil
}

// parseTOTP reads six digits as people type them, in groups or not.
func parseTOTP(typed string) (string, bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	code := strings.Map(dropBlank, typed)
	if len(code) != TOTPDigits || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}

// dropBlank removes what people put between groups.
func dropBlank(r rune) rune {
	switch r {
	case ' ', '\t', '\r', '\n', '-', '\u00a0', '\u202f', '\u2010', '\u2011', '\u2013':
		return -1
	}
	return r
}
