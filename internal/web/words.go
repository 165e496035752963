package web

import (
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers/v2"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/text"
)

// noBreak keeps a title and its name, or the groups of a number, on one line
// (DESIGN.md 9).
const noBreak = "\u00a0"

// called is how a page calls a person: «Dr Yanis Belkacem»; somebody without a
// name yet is called by their address.
func called(m member.Member) string {
	name := strings.TrimSpace(m.Name())
	switch {
	case name == "":
		return m.Email
	case m.Title != "":
		return m.Title + noBreak + name
	}
	return name
}

// somebody names whoever did or held something; of who was erased there is no name any more (AUD-4).
func (v *visit) somebody(name string) string {
	if strings.TrimSpace(name) == "" {
		return v.t.T("privacy.erased_person")
	}
	return name
}

// rppsGroup is how the digits of an RPPS number stand together: «99 700 012 042».
const rppsGroup = 3

// grouped writes a long number so that it can be read aloud; what is copied has
// the no-break spaces, which our own fields accept.
func grouped(digits string) string {
	var groups []string
	for len(digits) > rppsGroup {
		groups = append([]string{digits[len(digits)-rppsGroup:]}, groups...)
		digits = digits[:len(digits)-rppsGroup]
	}
	return strings.Join(append([]string{digits}, groups...), noBreak)
}

// homeCountry is whose telephone numbers are written without their country code.
const homeCountry = 33

// phoneNumber writes a telephone number as it is dialled from France.
func phoneNumber(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	format := phonenumbers.INTERNATIONAL
	if n.GetCountryCode() == homeCountry {
		format = phonenumbers.NATIONAL
	}
	return strings.ReplaceAll(phonenumbers.Format(n, format), " ", noBreak)
}

// scopeName says a scope in words; sites are the known names.
func (v *visit) scopeName(s access.Scope, sites map[ident.Site]string) string {
	if s.Site.IsZero() {
		return v.t.T("scope.organization")
	}
	if name := sites[s.Site]; name != "" {
		return name
	}
	return v.t.T("scope.site")
}

// siteNames are the names of the sites that the person may know of.
func (v *visit) siteNames() (map[ident.Site]string, error) {
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	names := make(map[ident.Site]string, len(sites))
	for i := range sites {
		names[sites[i].ID] = sites[i].Name
	}
	return names, err
}

// day writes a date of a form in words; what is no date stays as it was typed.
func (v *visit) day(iso string) string {
	d, err := time.ParseInLocation(time.DateOnly, iso, text.Zone)
	if err != nil {
		return iso
	}
	return v.t.Date(d)
}
