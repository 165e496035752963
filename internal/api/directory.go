package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/directory"
)

type practitionersInput struct {
	Caller

	RPPS string `query:"rpps" maxLength:"40" doc:"An RPPS number, spaces allowed. Either this, or name." example:"99700004122"`
	Name string `query:"name" maxLength:"200" doc:"Words of a name, accents and case ignored." example:"le goff"`
	City string `query:"city" maxLength:"200" doc:"With name: a town, or a postal code." example:"Rennes"`
}

func (s *Server) aboutDirectory(d *door) {
	add(d, route{
		id: "findPractitioners", method: http.MethodGet, path: "/directory/practitioners", tag: tagDirectory, summary: "Look up a practitioner",
		about: "In the Annuaire Santé: what was loaded here first, then its API. The answer says from where and of what date it is. " +
			"When nobody could say, origin is null and items are empty: that is no error, and nothing follows from it. " +
			"For whoever may create or edit members somewhere; sixty times a minute.",
	}, s.findPractitioners)
}

// Practitioners is what the directory knows.
type Practitioners struct {
	Origin *string        `json:"origin" enum:"index,fhir" doc:"What was loaded here, or the API; null: not checked." example:"index"`
	AsOf   *time.Time     `json:"as_of" doc:"Date of the data."`
	More   bool           `json:"more" doc:"There are more than these: search more precisely."`
	Items  []Practitioner `json:"items"`
}

// Practitioner is a health professional as the Annuaire Santé publishes them.
type Practitioner struct {
	RPPS       string     `json:"rpps" example:"99700004122"`
	NationalID string     `json:"national_id" doc:"8 and the RPPS number, or empty." example:"899700004122"`
	Active     bool       `json:"active" doc:"False: the directory has closed this practitioner's file."`
	Civility   string     `json:"civility" doc:"Code of nomenclature R81, or empty." example:"MME"`
	Title      string     `json:"title" doc:"Code of nomenclature R11, or empty." example:"DR"`
	FamilyName string     `json:"family_name" example:"DIALLO"`
	GivenName  string     `json:"given_name" example:"Aïcha"`
	MSSante    []string   `json:"mssante"`
	Activities []Activity `json:"activities" doc:"What they practise, and where: one of them is chosen for a member."`
}

// Activity is one exercise of a practitioner.
type Activity struct {
	ID          string    `json:"id"`
	Profession  Coded     `json:"profession"`
	Category    Coded     `json:"category"`
	Specialties []Coded   `json:"specialties"`
	Mode        Coded     `json:"mode" doc:"Nomenclature R23."`
	Sector      Coded     `json:"sector" doc:"Nomenclature R02."`
	Role        Coded     `json:"role" doc:"Nomenclatures R21, R85, R96."`
	Genre       Coded     `json:"genre" doc:"Nomenclature R22."`
	Structure   Structure `json:"structure"`
	MSSante     []string  `json:"mssante"`
}

// Coded is a value of a national nomenclature.
type Coded struct {
	Code  string `json:"code" doc:"Empty: not said." example:"50"`
	Label string `json:"label" doc:"In French, as published." example:"Sage-Femme"`
}

// Structure is a place of practice.
type Structure struct {
	ID         string `json:"id" doc:"Of the directory, or empty."`
	Name       string `json:"name"`
	SIRET      string `json:"siret"`
	FINESS     string `json:"finess" doc:"Of the site."`
	Street     string `json:"street"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Phone      string `json:"phone" doc:"As published."`
}

func (s *Server) findPractitioners(ctx context.Context, in *practitionersInput) (*plainReply[Practitioners], error) {
	a, err := s.Directory.Find(ctx, in.By, directory.Search{RPPS: in.RPPS, Name: in.Name, City: in.City})
	if err != nil {
		return nil, err
	}
	v := Practitioners{More: a.More, Items: make([]Practitioner, 0, len(a.Practitioners))}
	if a.Origin != directory.NotChecked {
		origin := string(a.Origin)
		v.Origin, v.AsOf = &origin, moment(a.AsOf)
	}
	for _, p := range a.Practitioners {
		v.Items = append(v.Items, practitionerOf(p))
	}
	return replied(v), nil
}

func practitionerOf(p directory.Practitioner) Practitioner {
	v := Practitioner{
		RPPS: p.RPPS, NationalID: p.NationalID, Active: p.Active, Civility: p.Civility, Title: p.Title, FamilyName: p.FamilyName,
		GivenName: p.GivenName, MSSante: append([]string{}, p.MSSante...), Activities: make([]Activity, 0, len(p.Activities)),
	}
	for _, a := range p.Activities {
		v.Activities = append(v.Activities, activityOf(a))
	}
	return v
}

func activityOf(a directory.Activity) Activity {
	v := Activity{
		ID: a.ID, Profession: Coded(a.Profession), Category: Coded(a.Category), Specialties: make([]Coded, 0, len(a.Specialties)),
		Mode: Coded(a.Mode), Sector: Coded(a.Sector), Role: Coded(a.Role), Genre: Coded(a.Genre), Structure: Structure(a.Structure),
		MSSante: append([]string{}, a.MSSante...),
	}
	for _, s := range a.Specialties {
		v.Specialties = append(v.Specialties, Coded(s))
	}
	return v
}
