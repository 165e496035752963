package dossier

import (
	"testing"
	"time"

	"habilis/internal/directory"
	"habilis/internal/member"
)

const rpps = "99700004122"

// practice is an activity of a profession at a place.
func practice(id, profession, place, postal string) directory.Activity {
	return directory.Activity{
		ID: id, Profession: directory.Code{Code: profession, Label: map[string]string{"50": "Sage-Femme", "10": "Médecin", "60": "Infirmier"}[profession]},
		Structure: directory.Structure{Name: place, PostalCode: postal, City: "Rennes"},
	}
}

func midwife(family string, activities ...directory.Activity) directory.Practitioner {
	return directory.Practitioner{RPPS: rpps, Active: true, GivenName: "Aïcha", FamilyName: family, Activities: activities}
}

func answer(o directory.Origin, people ...directory.Practitioner) directory.Answer {
	return directory.Answer{Origin: o, AsOf: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Practitioners: people}
}

// VER-5: what is a difference, and of which kind; what nobody checked is none.
func TestCompare(t *testing.T) {
	home := practice("a1", "50", "Cabinet des Tilleuls", "35000")
	known := member.Member{RPPS: rpps, GivenName: "Aïcha", FamilyName: "Diallo", Identity: member.Identity{
		Source: member.FromDirectory, Import: &directory.Import{Origin: directory.FromIndex, Practitioner: midwife("DIALLO", home), Activity: "a1"},
	}}
	declared := member.Member{RPPS: rpps, GivenName: "Aicha", FamilyName: "Dialo", ProfessionCode: "50", Profession: "Sage-Femme", Identity: member.Identity{Source: member.Declared}}
	specialist := func(a directory.Activity, code string) directory.Activity {
		a.Specialties = []directory.Code{{Code: code, Label: code}}
		return a
	}
	surgeon := known
	surgeon.Identity.Import = &directory.Import{Practitioner: midwife("DIALLO", specialist(home, "SM01")), Activity: "a1"}
	closedFile := directory.Practitioner{RPPS: rpps}
	finess := func(a directory.Activity, number string) directory.Activity { a.Structure.FINESS = number; return a }
	numbered := known
	numbered.Identity.Import = &directory.Import{Practitioner: midwife("DIALLO", finess(home, "350000001")), Activity: "a1"}

	for name, c := range map[string]struct {
		m    member.Member
		a    directory.Answer
		want Kind // empty: no difference
	}{
		"the same":                         {known, answer(directory.FromIndex, midwife("DIALLO", home)), ""},
		"not checked":                      {known, directory.Answer{}, ""},
		"the same, with small letters":     {known, answer(directory.FromFHIR, midwife("Diallo", home)), ""},
		"the same, with another id":        {known, answer(directory.FromFHIR, midwife("DIALLO", practice("zz", "50", "CABINET DES TILLEULS", "35000"))), ""},
		"one more place":                   {known, answer(directory.FromIndex, midwife("DIALLO", practice("a2", "50", "Clinique", "35200"), home)), ""},
		"closed":                           {known, answer(directory.FromFHIR, closedFile), Closed},
		"gone":                             {known, answer(directory.FromIndex), Closed},
		"renamed":                          {known, answer(directory.FromIndex, midwife("DIALLO-MARTIN", home)), Renamed},
		"another profession":               {known, answer(directory.FromIndex, midwife("DIALLO", practice("a1", "60", "Cabinet des Tilleuls", "35000"))), Profession},
		"another profession and name":      {known, answer(directory.FromIndex, midwife("MARTIN", practice("a1", "60", "Cabinet des Tilleuls", "35000"))), Renamed},
		"another place":                    {known, answer(directory.FromIndex, midwife("DIALLO", practice("a2", "50", "Clinique", "35200"))), Place},
		"no place at all is not told":      {known, answer(directory.FromIndex, midwife("DIALLO", directory.Activity{ID: "x", Profession: home.Profession})), ""},
		"no profession told":               {known, answer(directory.FromFHIR, midwife("DIALLO", directory.Activity{ID: "x", Structure: home.Structure})), ""},
		"a renamed place, the same FINESS": {numbered, answer(directory.FromIndex, midwife("DIALLO", finess(practice("a9", "50", "Pôle Tilleuls", "35000"), "350000001"))), ""},
		"another specialty":                {surgeon, answer(directory.FromIndex, midwife("DIALLO", specialist(home, "SM02"))), Profession},
		"specialties no longer told":       {surgeon, answer(directory.FromIndex, midwife("DIALLO", home)), ""},
		"somebody else":                    {known, answer(directory.FromFHIR, directory.Practitioner{RPPS: "10003461033"}), ""},
		"two persons":                      {known, answer(directory.FromFHIR, midwife("A"), midwife("B")), ""},
		"declared, found":                  {declared, answer(directory.FromIndex, midwife("DIALLO", home)), Found},
		"declared, unknown":                {declared, answer(directory.FromIndex), ""},
		"declared, closed":                 {declared, answer(directory.FromFHIR, closedFile), Closed},
		"declared, not checked":            {declared, directory.Answer{}, ""},
		"no number":                        {member.Member{}, answer(directory.FromIndex, midwife("DIALLO", home)), ""},
	} {
		f, differs := compare(c.m, c.a)
		if differs != (c.want != "") || (differs && f.Kind != c.want) {
			t.Errorf("%s: %v %+v", name, differs, f)
		}
		if differs && (len(f.Changes) == 0 || f.Import.Practitioner.RPPS != rpps || f.digest() == "") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	f, _ := compare(declared, answer(directory.FromIndex, midwife("DIALLO", practice("x", "10", "Clinique", "35200"), home)))
	if f.Import.Activity != "a1" || f.Changes[0].Field != "family_name" || f.Changes[0].After != "DIALLO" {
		t.Errorf("the activity of the declared profession is chosen: %+v", f)
	}
	early, _ := compare(known, answer(directory.FromFHIR, closedFile))
	later := answer(directory.FromIndex, closedFile)
	later.AsOf = later.AsOf.AddDate(0, 0, 1)
	if again, _ := compare(known, later); again.digest() != early.digest() {
		t.Error("the same difference of another day is another one")
	}
}
