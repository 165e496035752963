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

// health/facts.md 3: a site's numbers are those of package identifier, and optional.
func TestSiteNumbers(t *testing.T) {
	var f fault.Fields
	d := org.CheckSite(&f, "", org.SiteDetails{Name: "Les Tilleuls", FINESS: "770 816 478", Phone: "0692 12 34 56", PostalCode: "97 400"})
	if f.Err() != nil || d.FINESS != "770816478" || d.Phone != "+262692123456" || d.PostalCode != "97400" {
		t.Errorf("%+v %v", d, f.Err())
	}
	d = org.CheckSite(&f, "", org.SiteDetails{Name: "Les Tilleuls", FINESS: " ", Phone: " "})
	if f.Err() != nil || d.FINESS != "" || d.Phone != "" {
		t.Errorf("%+v %v", d, f.Err())
	}
	org.CheckSite(&f, "", org.SiteDetails{Name: "Les Tilleuls", FINESS: "754567860"})
	if x := fault.Of(f.Err()).Fields; len(x) != 1 || x[0].Location != "finess" || x[0].Code != "identifier.finess_key" {
		t.Errorf("%+v", x)
	}
}

func TestCheckSiteFields(t *testing.T) {
	var f fault.Fields
	org.CheckSite(&f, "site.", org.SiteDetails{Name: "a\r\nb", Street: "<b>", City: "\u202e", PostalCode: "6900", Phone: "12", FINESS: "1"})
	want := map[string]string{
		"site.name": "text.control", "site.street": "text.symbol", "site.city": "text.control", "site.postal_code": "site.postal_code_malformed",
		"site.phone": "identifier.phone_malformed", "site.finess": "identifier.finess_malformed",
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
