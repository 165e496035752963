package api

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/text"
)

// The documents of the API. They are neither rows nor the types of the nouns: what
// is promised to other programs changes for their reasons only.

// Me is the caller's own account.
type Me struct {
	ID           string     `json:"id" example:"acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"`
	Email        string     `json:"email" example:"claire.morvan@tilleuls.example"`
	Title        string     `json:"title" doc:"Form of address, or empty." example:"Dr"`
	GivenName    string     `json:"given_name" example:"Claire"`
	FamilyName   string     `json:"family_name" example:"Morvan"`
	Language     string     `json:"language" doc:"BCP 47." example:"fr"`
	PlatformRole string     `json:"platform_role" doc:"administrator or support of the whole installation, or empty."`
	LastSignInAt *time.Time `json:"last_sign_in_at" doc:"Null before the first."`
	CreatedAt    time.Time  `json:"created_at"`
	Version      int64      `json:"version" doc:"The number in the ETag."`
}

func meOf(a account.Account) Me {
	return Me{
		ID: a.ID.String(), Email: a.Email.Address, Title: a.Title, GivenName: a.GivenName, FamilyName: a.FamilyName,
		Language: string(a.Language), PlatformRole: string(a.PlatformRole), LastSignInAt: moment(a.LastSignInAt),
		CreatedAt: a.CreatedAt.UTC(), Version: a.Rev,
	}
}

// Organization is a customer: a practice, a clinic, a hospital, a CPTS.
type Organization struct {
	ID        string    `json:"id" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Slug      string    `json:"slug" doc:"Its name in addresses." example:"tilleuls"`
	Name      string    `json:"name" example:"Maison de santé des Tilleuls"`
	Kind      string    `json:"kind" enum:"practice,clinic,hospital,cpts,other"`
	Status    string    `json:"status" enum:"active,suspended"`
	Enamel    string    `json:"enamel" doc:"The colour of its plaque." example:"email"`
	Sites     int64     `json:"sites" doc:"How many sites the caller may know of."`
	Members   int64     `json:"members" doc:"How many members, neither deactivated nor gone, the caller may know of."`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version" doc:"The number in the ETag."`
}

func organizationOf(o org.Org) Organization {
	return Organization{
		ID: o.ID.String(), Slug: o.Slug, Name: o.Name, Kind: string(o.Kind), Status: string(o.Status), Enamel: o.Enamel,
		Sites: o.Sites, Members: o.Members, CreatedAt: o.CreatedAt.UTC(), Version: o.Rev,
	}
}

// Site is a place inside an organisation.
type Site struct {
	ID           string    `json:"id" example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
	Organization string    `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Name         string    `json:"name" example:"Tilleuls Centre"`
	Status       string    `json:"status" enum:"active,closed"`
	FINESS       string    `json:"finess" doc:"Nine digits or letters, or empty."`
	Street       string    `json:"street"`
	PostalCode   string    `json:"postal_code" example:"35000"`
	City         string    `json:"city" example:"Rennes"`
	Phone        string    `json:"phone" doc:"E.164, or empty." example:"+33299000000"`
	CreatedAt    time.Time `json:"created_at"`
	Version      int64     `json:"version" doc:"The number in the ETag."`
}

func siteOf(s org.Site) Site {
	return Site{
		ID: s.ID.String(), Organization: s.Org.String(), Name: s.Name, Status: string(s.Status), FINESS: s.FINESS,
		Street: s.Street, PostalCode: s.PostalCode, City: s.City, Phone: s.Phone, CreatedAt: s.CreatedAt.UTC(), Version: s.Rev,
	}
}

// moment is a time that may not have come yet: null in a document.
func moment(t time.Time) *time.Time {
	if !t.After(time.Unix(0, 0)) {
		return nil
	}
	t = t.UTC()
	return &t
}

// end is a time that there may be none of.
func end(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// optionalID is an identifier that there may be none of: null in a document.
func optionalID[K ident.Kind](id ident.ID[K]) *string {
	if id.IsZero() {
		return nil
	}
	s := id.String()
	return &s
}

func scopeCodes(scopes []access.Scope) []string {
	codes := make([]string, 0, len(scopes))
	for _, s := range scopes {
		codes = append(codes, s.Code())
	}
	return codes
}

// roleName is what people call a role: a built-in one has its word in each language.
func roleName(t *text.Printer, builtIn, name string) string {
	if builtIn == "" {
		return name
	}
	return t.T("role." + builtIn)
}
