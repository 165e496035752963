package org_test

import (
	"testing"

	"habilis/internal/fault"
	"habilis/internal/org"
)

func TestSlugify(t *testing.T) {
	for name, want := range map[string]string{
		"Maison de santé des Tilleuls": "maison-de-sante-des-tilleuls", "CPTS « Deux-Rives »": "cpts-deux-rives", "Cœur & Âme": "coeur-ame",
		"API": "organisation", "Ελλάδα": "organisation", "A": "organisation", "": "organisation",
		"Groupement hospitalier de territoire de la vallée de l’Ognon": "groupement-hospitalier-de-territoire-de",
	} {
		if got := org.Slugify(name); got != want || len(got) > org.MaxSlug {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// health/facts.md 3: nine characters; a Luhn key where all are digits.
func TestFINESS(t *testing.T) {
	for typed, want := range map[string][2]string{
		"770 816 478": {"770816478", ""}, "580008803": {"580008803", ""}, "930100581": {"930100581", ""}, "990000010": {"990000010", ""},
		"2a0000012": {"2A0000012", ""}, "2B0000013": {"2B0000013", ""}, "": {"", ""}, " ": {"", ""},
		"754567860": {"754567860", "site.finess_key"}, "458174839": {"458174839", "site.finess_key"},
		"77081647": {"77081647", "site.finess_malformed"}, "7708164789": {"7708164789", "site.finess_malformed"},
		"7C0816478": {"7C0816478", "site.finess_malformed"}, "A70816478": {"A70816478", "site.finess_malformed"}, "77081647٨": {"77081647٨", "site.finess_malformed"},
	} {
		if clean, code := org.FINESS(typed); clean != want[0] || code != want[1] {
			t.Errorf("%q: %q %q, want %q", typed, clean, code, want)
		}
	}
}

// health/facts.md 3.2: mainland and overseas numbers, in E.164.
func TestPhone(t *testing.T) {
	for typed, want := range map[string]string{
		"06 12 34 56 78": "+33612345678", "0472000000": "+33472000000", "+33 4 72 00 00 00": "+33472000000", "0033472000000": "+33472000000",
		"06.12.34.56.78": "+33612345678", "0692 12 34 56": "+262692123456", "0690 12 34 56": "+590690123456", "+32 2 555 12 12": "+3225551212",
		"12": "", "phone": "", "06 12 34 56": "", "<script>": "", "+0612345678901234567890123456789012345678901234567890": "",
	} {
		if got, ok := org.Phone(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q %t, want %q", typed, got, ok, want)
		}
	}
}

func TestCheckSiteFields(t *testing.T) {
	var f fault.Fields
	org.CheckSite(&f, "site.", org.SiteDetails{Name: "a\r\nb", Street: "<b>", City: "\u202e", PostalCode: "6900", Phone: "12", FINESS: "1"})
	want := map[string]string{
		"site.name": "text.control", "site.street": "text.symbol", "site.city": "text.control", "site.postal_code": "site.postal_code_malformed",
		"site.phone": "site.phone_malformed", "site.finess": "site.finess_malformed",
	}
	for _, x := range fault.Of(f.Err()).Fields {
		if want[x.Location] != x.Code {
			t.Errorf("%s: %s", x.Location, x.Code)
		}
		delete(want, x.Location)
	}
	if len(want) > 0 {
		t.Errorf("not said: %v", want)
	}
}
