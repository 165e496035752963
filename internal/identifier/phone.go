package identifier

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"

	"habilis/internal/fault"
)

// Phone is a telephone number in E.164: «+33612345678».
type Phone string

// ErrPhoneMalformed refuses what is no telephone number.
var ErrPhoneMalformed = fault.New(fault.Invalid, "identifier.phone_malformed")

// maxPhone bounds, in bytes, what is read as a phone number.
const maxPhone = 40

// phoneRegions are tried in turn for a number in national form: the overseas
// departments and territories have a country code of their own.
var phoneRegions = []string{"FR", "RE", "GP", "MQ", "GF", "YT", "PM", "BL", "MF", "NC", "PF", "WF"}

// overseas are the beginnings of ten-digit numbers that belong to another country code
// than the mainland's (health/facts.md 3.2), and the region that is tried first.
var overseas = map[string]string{
	"0262": "RE", "0263": "RE", "0692": "RE", "0693": "RE", "0269": "YT", "0639": "YT", "0590": "GP", "0690": "GP", "0691": "GP",
	"0594": "GF", "0694": "GF", "0596": "MQ", "0696": "MQ", "0697": "MQ",
}

// saintPierre begins the numbers of Saint-Pierre-et-Miquelon when they are dialled from
// France; its own numbers have the six digits that follow.
const (
	saintPierre     = "0508"
	saintPierreCode = "+508"
	saintPierreSize = len(saintPierreCode) + 6
)

// frenchPlan are the country codes whose numbers France dials with a 0.
var frenchPlan = []int32{33, 262, 508, 590, 594, 596}

var (
	// phoneText is what people write; letters that stand for digits are not.
	phoneText = regexp.MustCompile(`^[+0-9 .()/-]*[0-9][ ]*$`)
	// tenDigits is a number of the mainland, of a range that may be newer than the library's table.
	tenDigits = regexp.MustCompile(`^(?:0|\+33|0033)([1-9][0-9]{8})$`)
)

// ParsePhone reads a French number, overseas ones included, or any number written with
// its country code. Errors: ErrPhoneMalformed.
func ParsePhone(s string) (Phone, error) {
	if len(s) > maxPhone {
		return "", ErrPhoneMalformed
	}
	typed := strings.Map(plainSign, strings.TrimSpace(s))
	if !phoneText.MatchString(typed) {
		return "", ErrPhoneMalformed
	}
	bare := compact(typed)
	if own, ok := strings.CutPrefix(bare, saintPierre); ok && tenDigits.MatchString(bare) {
		return Phone(saintPierreCode + own), nil
	}
	for _, region := range regionsOf(bare) {
		n, err := phonenumbers.Parse(typed, region)
		if err == nil && phonenumbers.IsValidNumber(n) {
			return Phone(phonenumbers.Format(n, phonenumbers.E164)), nil
		}
	}
	if m := tenDigits.FindStringSubmatch(bare); m != nil {
		return Phone("+33" + m[1]), nil
	}
	return "", ErrPhoneMalformed
}

// regionsOf are the regions to try for a number, the likeliest first.
func regionsOf(bare string) []string {
	if len(bare) < len(saintPierre) || overseas[bare[:len(saintPierre)]] == "" {
		return phoneRegions
	}
	return append([]string{overseas[bare[:len(saintPierre)]]}, phoneRegions...)
}

// plainSign writes every kind of space and dash as the plain one.
func plainSign(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case r == '–' || r == '‑':
		return '-'
	}
	return r
}

// Format writes the number as it is dialled from France: «06 12 34 56 78»,
// «+32 2 555 12 12».
func (p Phone) Format() string {
	n, err := phonenumbers.Parse(string(p), "ZZ")
	if err != nil {
		return string(p)
	}
	if own, ok := strings.CutPrefix(string(p), saintPierreCode); ok && len(p) == saintPierreSize {
		return strings.Join([]string{saintPierre, own[:2], own[2:4], own[4:]}, noBreak)
	}
	format := phonenumbers.INTERNATIONAL
	if slices.Contains(frenchPlan, n.GetCountryCode()) {
		format = phonenumbers.NATIONAL
	}
	return strings.ReplaceAll(phonenumbers.Format(n, format), " ", noBreak)
}

// Doubt tells a number of a range that is not known to be in use.
func (p Phone) Doubt() string {
	n, err := phonenumbers.Parse(string(p), "ZZ")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "doubt.phone"
	}
	return ""
}
