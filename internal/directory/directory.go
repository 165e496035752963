package directory

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/fault"
)

// Origin is where an answer comes from.
type Origin string

// The origins.
const (
	FromIndex  Origin = "index" // the local index of the bulk files
	FromFHIR   Origin = "fhir"  // the API of the Annuaire Santé
	NotChecked Origin = ""      // nobody could answer: manual entry
)

// Code is a value of a national nomenclature.
type Code struct {
	Code  string `json:"code"`
	Label string `json:"label"` // in French, as published
}

// Practitioner is a professional of the Annuaire Santé, as published.
type Practitioner struct {
	RPPS       string     `json:"rpps"`
	NationalID string     `json:"national_id,omitempty"` // 8 + RPPS
	Active     bool       `json:"active"`
	Civility   string     `json:"civility,omitempty"` // R81: "M", "MME"
	Title      string     `json:"title,omitempty"`    // R11, exercise title: "DR"
	FamilyName string     `json:"family_name"`
	GivenName  string     `json:"given_name"`
	MSSante    []string   `json:"mssante,omitempty"`
	Activities []Activity `json:"activities,omitempty"` // one at least for whoever practises

	Diplomas       []Code `json:"diplomas,omitempty"`       // from the bulk file of diplomas
	Authorisations []Code `json:"authorisations,omitempty"` // to practise without one of them
}

// Activity finds the activity of this ID; false when there is none.
func (p Practitioner) Activity(id string) (Activity, bool) {
	i := slices.IndexFunc(p.Activities, func(a Activity) bool { return a.ID == id })
	if i < 0 {
		return Activity{}, false
	}
	return p.Activities[i], true
}

// Activity is one exercise of a practitioner: a profession, at a place.
type Activity struct {
	ID          string    `json:"id"` // stable over loads as far as the source allows: never a FHIR id
	Profession  Code      `json:"profession"`
	Category    Code      `json:"category,omitzero"` // R09: "C"
	Specialties []Code    `json:"specialties,omitempty"`
	Mode        Code      `json:"mode,omitzero"`   // R23
	Sector      Code      `json:"sector,omitzero"` // R02
	Role        Code      `json:"role,omitzero"`   // R21, R85, R96
	Genre       Code      `json:"genre,omitzero"`  // R22
	Structure   Structure `json:"structure,omitzero"`
	MSSante     []string  `json:"mssante,omitempty"`
}

// Structure is a place of practice.
type Structure struct {
	ID         string `json:"id,omitempty"` // technical id of the directory
	Name       string `json:"name,omitempty"`
	SIRET      string `json:"siret,omitempty"`
	FINESS     string `json:"finess,omitempty"` // of the site
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	City       string `json:"city,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

// Line is the place on one line: «Cabinet du Port, 3 rue du Port, 35000 Rennes».
func (s *Structure) Line() string {
	var parts []string
	for _, part := range []string{s.Name, s.Street, strings.TrimSpace(s.PostalCode + " " + s.City)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Answer is what a Source knows, from where and of what date. An answer whose Origin is
// NotChecked says nothing: never an error page, never a right gained or lost.
type Answer struct {
	Origin        Origin         `json:"origin"`
	AsOf          time.Time      `json:"as_of"` // date of the data
	Practitioners []Practitioner `json:"practitioners"`
	More          bool           `json:"more"` // there are more than were asked for

	// Mailboxes are those of the one who was asked about, where they were asked for.
	Mailboxes Mailboxes `json:"mailboxes,omitzero"`
}

// Name is a search by name and, when known, place.
type Name struct {
	Words string // "Le Goff", "legoff marie": accents and case ignored
	City  string // a town, or a postal code
	Limit int    // MaxFound when zero
}

// MaxFound bounds the practitioners of one answer.
const MaxFound = 50

// Source answers about practitioners. ErrUnavailable when it cannot now.
type Source interface {
	ByRPPS(ctx context.Context, rpps string) (Answer, error)
	ByName(ctx context.Context, n Name) (Answer, error)
}

// ErrUnavailable is the refusal of a source that is down, slow or speaks garbage.
var ErrUnavailable = fault.New(fault.Unavailable, "directory.unavailable")

// Import is the identity chosen for a member: a practitioner with one activity, from
// where and of what date. Kept whole with the member, for the watch to compare (VER-5).
type Import struct {
	Origin       Origin       `json:"origin"`
	AsOf         time.Time    `json:"as_of"`
	Practitioner Practitioner `json:"practitioner"`
	Activity     string       `json:"activity"` // ID of the chosen one

	// Mailboxes are the person's own, where they were asked for: of whoever registers.
	Mailboxes Mailboxes `json:"own_mailboxes,omitzero"`
}
