package org

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// CheckDetails cleans what was typed about an organisation and notes in f what
// must be corrected; at stands before the names of the fields ("org.", or "").
// No enamel means the first.
func CheckDetails(f *fault.Fields, at string, d Details) Details {
	d.Name = line(f, at+"name", d.Name, MaxName)
	if !slices.Contains(Kinds, d.Kind) {
		f.Add(at+"kind", "org.kind_unknown")
	}
	if d.Enamel == "" {
		d.Enamel = Enamels[0]
	}
	if !slices.Contains(Enamels, d.Enamel) {
		f.Add(at+"enamel", "org.enamel_unknown")
	}
	return d
}

// CheckSite cleans what was typed about a site and notes in f what must be
// corrected; at stands before the names of the fields ("site.", or ""). Only the
// name is required.
func CheckSite(f *fault.Fields, at string, d SiteDetails) SiteDetails {
	d.Name = line(f, at+"name", d.Name, MaxName)
	d.Street = optionalLine(f, at+"street", d.Street, MaxStreet)
	d.City = optionalLine(f, at+"city", d.City, MaxCity)
	var code string
	d.FINESS, code = FINESS(d.FINESS)
	f.Check(at+"finess", code)
	if d.PostalCode = compact(d.PostalCode); d.PostalCode != "" && !postalCode.MatchString(d.PostalCode) {
		f.Add(at+"postal_code", "site.postal_code_malformed")
	}
	if strings.TrimSpace(d.Phone) != "" {
		var ok bool
		if d.Phone, ok = Phone(d.Phone); !ok {
			f.Add(at+"phone", "site.phone_malformed")
		}
	} else {
		d.Phone = ""
	}
	return d
}

func line(f *fault.Fields, at, s string, limit int) string {
	clean, problem := text.Line(s, limit)
	f.Check(at, string(problem), "Max", limit)
	return clean
}

func optionalLine(f *fault.Fields, at, s string, limit int) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return line(f, at, s, limit)
}

// compact drops the spaces, dots and dashes that people put into numbers.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(".-–‑", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

var (
	postalCode  = regexp.MustCompile(`^[0-9]{5}$`)
	finessShape = regexp.MustCompile(`^[0-9][0-9AB][0-9]{7}$`)
)

// FINESS cleans a FINESS number and says by which rule it is refused; none is
// fine. Numbers of digits only carry a Luhn key; for those of Corsica, which hold
// a letter, no rule was found, and only their shape is checked (health/facts.md 3).
func FINESS(s string) (clean, code string) {
	clean = compact(s)
	switch {
	case clean == "":
		return "", ""
	case !finessShape.MatchString(clean):
		return clean, "site.finess_malformed"
	case strings.ContainsAny(clean, "AB"), luhn(clean):
		return clean, ""
	}
	return clean, "site.finess_key"
}

// luhn checks the key of a number of digits.
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
	return sum%10 == 0
}

// phoneRegions are tried in turn for a number in national form: the overseas
// departments and territories have a country code of their own.
var phoneRegions = []string{"FR", "RE", "GP", "MQ", "GF", "YT", "PM", "BL", "MF", "NC", "PF", "WF"}

// maxPhone bounds, in bytes, what is read as a phone number.
const maxPhone = 40

// Phone gives the E.164 form of a French number, overseas ones included, or of
// any number written with its country code. The second value is false for what is
// no phone number.
func Phone(s string) (string, bool) {
	if len(s) > maxPhone {
		return "", false
	}
	for _, region := range phoneRegions {
		n, err := phonenumbers.Parse(s, region)
		if err == nil && phonenumbers.IsValidNumber(n) {
			return phonenumbers.Format(n, phonenumbers.E164), true
		}
	}
	return "", false
}
