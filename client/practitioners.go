package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// PractitionerQuery looks for practitioners: by number, or by name and perhaps town.
type PractitionerQuery struct {
	RPPS string `query:"rpps"`
	Name string `query:"name"`
	City string `query:"city"` // a town, or a postal code
}

// Practitioners is what the national directory knows.
type Practitioners struct {
	Origin *string        `json:"origin"` // index, fhir; nil: nobody could say
	AsOf   *time.Time     `json:"as_of"`  // date of the data
	More   bool           `json:"more"`   // there are more: search more precisely
	Items  []Practitioner `json:"items"`
}

// Practitioner is a health professional as the Annuaire Santé publishes them.
type Practitioner struct {
	RPPS       string     `json:"rpps"`
	NationalID string     `json:"national_id"`
	Active     bool       `json:"active"`   // false: the directory has closed the file
	Civility   string     `json:"civility"` // nomenclature R81
	Title      string     `json:"title"`    // nomenclature R11
	FamilyName string     `json:"family_name"`
	GivenName  string     `json:"given_name"`
	MSSante    []string   `json:"mssante"`
	Activities []Activity `json:"activities"`
}

// Activity is one exercise of a practitioner.
type Activity struct {
	ID          string    `json:"id"`
	Profession  Coded     `json:"profession"`
	Category    Coded     `json:"category"`
	Specialties []Coded   `json:"specialties"`
	Mode        Coded     `json:"mode"`
	Sector      Coded     `json:"sector"`
	Role        Coded     `json:"role"`
	Genre       Coded     `json:"genre"`
	Structure   Structure `json:"structure"`
	MSSante     []string  `json:"mssante"`
}

// Structure is a place of practice.
type Structure struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	SIRET      string `json:"siret"`
	FINESS     string `json:"finess"`
	Street     string `json:"street"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Phone      string `json:"phone"`
}

// FindPractitioners looks practitioners up in the Annuaire Santé.
func (c *Client) FindPractitioners(ctx context.Context, q PractitionerQuery) (Practitioners, error) {
	return call[Practitioners](ctx, c, request{method: http.MethodGet, path: []string{"directory", "practitioners"}, query: q})
}

// DirectoryAlert says that the directory no longer agrees with a member's sheet.
type DirectoryAlert struct {
	ID           string            `json:"id"`
	Organization string            `json:"organization"`
	Member       string            `json:"member"`
	MemberName   string            `json:"member_name"`
	Kind         string            `json:"kind"`
	Status       string            `json:"status"` // open, accepted, dismissed, withdrawn
	Changes      []DirectoryChange `json:"changes"`
	Origin       *string           `json:"origin"`
	AsOf         *time.Time        `json:"as_of"`
	RaisedAt     time.Time         `json:"raised_at"`
	DecidedAt    *time.Time        `json:"decided_at"`
	DecidedBy    string            `json:"decided_by"`
	MayDecide    bool              `json:"may_decide"`
	Version      int64             `json:"version"`
}

// DirectoryChange is one difference.
type DirectoryChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// AlertQuery chooses alerts.
type AlertQuery struct {
	Paging

	Status string `query:"status"` // open when empty
}

// AlertDecision is accept (the member gets what the directory publishes) or dismiss.
type AlertDecision struct {
	Decision string `json:"decision"`
}

// ListDirectoryAlerts gives a page of the alerts of an organisation.
func (c *Client) ListDirectoryAlerts(ctx context.Context, org string, q AlertQuery) (List[DirectoryAlert], error) {
	return call[List[DirectoryAlert]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "directory-alerts"), query: q})
}

// DirectoryAlerts goes through the alerts of an organisation.
func (c *Client) DirectoryAlerts(ctx context.Context, org string, q AlertQuery) iter.Seq2[DirectoryAlert, error] {
	return every(q.Paging, func(p Paging) (List[DirectoryAlert], error) { q.Paging = p; return c.ListDirectoryAlerts(ctx, org, q) })
}

// DecideDirectoryAlert accepts or dismisses one.
func (c *Client) DecideDirectoryAlert(ctx context.Context, org, alert string, d AlertDecision) (DirectoryAlert, error) {
	return call[DirectoryAlert](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, "directory-alerts", alert, "decision"), body: d,
	})
}
