package org

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"habilis/internal/fault"
	"habilis/internal/identifier"
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
	d.FINESS = string(identifier.Check(f, at+"finess", d.FINESS, identifier.ParseFINESS))
	if d.PostalCode = compact(d.PostalCode); d.PostalCode != "" && !postalCode.MatchString(d.PostalCode) {
		f.Add(at+"postal_code", "site.postal_code_malformed")
	}
	d.Phone = string(identifier.Check(f, at+"phone", d.Phone, identifier.ParsePhone))
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

// compact drops the spaces that people put into a postal code.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(".-–‑", r) {
			return -1
		}
		return r
	}, s)
}

var postalCode = regexp.MustCompile(`^[0-9]{5}$`)
