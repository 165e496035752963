package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// DossierSummary is one line of a list of files to verify.
type DossierSummary struct {
	ID               string          `json:"id"`
	Organization     string          `json:"organization"`
	OrganizationName string          `json:"organization_name"`
	Member           string          `json:"member"`
	Name             string          `json:"name"`
	Profession       string          `json:"profession"`   // national code
	Verification     string          `json:"verification"` // unchecked, incomplete, verified
	Reasons          []DossierReason `json:"reasons"`      // of the last refresh
	CheckedAt        *time.Time      `json:"checked_at"`
	CompletedAt      *time.Time      `json:"completed_at"`
	CreatedAt        time.Time       `json:"created_at"`
	CertifiedBy      string          `json:"certified_by"`
	CertifiedAt      *time.Time      `json:"certified_at"`
	MailboxProvedAt  *time.Time      `json:"mailbox_proved_at"`
}

// DossierReason is why a file is orange.
type DossierReason struct {
	Code   string `json:"code"`
	Paper  string `json:"paper"` // which, when one is missing
	Detail string `json:"detail"`
}

// Dossier is the file of somebody who registered by themself.
type Dossier struct {
	ID               string                `json:"id"`
	Organization     string                `json:"organization"`
	OrganizationName string                `json:"organization_name"` // for support
	Member           string                `json:"member"`
	Verification     string                `json:"verification"`
	Reasons          []DossierReason       `json:"reasons"`
	CheckedAt        *time.Time            `json:"checked_at"`
	CheckedBy        string                `json:"checked_by"`
	Declared         DossierDeclaration    `json:"declared"`
	Directory        *DossierDirectory     `json:"directory"` // nil: nobody could say, or nothing was asked
	Documents        []Document            `json:"documents"`
	Missing          []string              `json:"missing"`
	Certification    *DossierCertification `json:"certification"`
	Ruling           *DossierRuling        `json:"ruling"`
	RPPSBearer       *DossierBearer        `json:"rpps_bearer"` // who has the declared number already
	Mailbox          *DossierMailbox       `json:"mailbox"`     // nil: none was proved
	TwoPeople        bool                  `json:"two_people"`
	Seen             string                `json:"seen"` // sent back with a decision
	May              DossierMay            `json:"may"`
}

// DossierDeclaration is what the person declared and proved.
type DossierDeclaration struct {
	GivenName   string     `json:"given_name"`
	FamilyName  string     `json:"family_name"`
	Profession  Coded      `json:"profession"`
	Function    string     `json:"function"`
	RPPS        string     `json:"rpps"`
	NoRPPS      string     `json:"no_rpps"`
	EmailProved bool       `json:"email_proved"`
	PhoneProved bool       `json:"phone_proved"`
	CompletedAt *time.Time `json:"completed_at"`
	Version     int64      `json:"version"`
}

// DossierDirectory is what the national directory says of the number.
type DossierDirectory struct {
	Origin         string        `json:"origin"`
	AsOf           *time.Time    `json:"as_of"`
	Known          bool          `json:"known"`
	Active         bool          `json:"active"`
	SameName       bool          `json:"same_name"`
	SameProfession bool          `json:"same_profession"`
	Lines          []DossierLine `json:"lines"`
}

// DossierLine is one fact, as declared and as published.
type DossierLine struct {
	Field     string `json:"field"`
	Declared  string `json:"declared"`
	Published string `json:"published"`
	Differs   bool   `json:"differs"`
}

// DossierCertification is who of the organisation knows the person.
type DossierCertification struct {
	By          string     `json:"by"`
	At          time.Time  `json:"at"`
	ConfirmedBy string     `json:"confirmed_by"`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	People      int64      `json:"people"`
	Void        bool       `json:"void"` // it does not count any more
}

// DossierBearer is a member who has the number that somebody else declares.
type DossierBearer struct {
	Member string `json:"member"`
	Name   string `json:"name"`
}

// DossierMailbox is an MSSanté mailbox of the claimed number that was proved.
type DossierMailbox struct {
	Address  string    `json:"address"`
	ProvedAt time.Time `json:"proved_at"`
	Worth    string    `json:"worth"` // stands, unread, gone, people
}

// DossierRuling is what support decided.
type DossierRuling struct {
	Decision string    `json:"decision"` // validated, refused
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
}

// DossierMay is what the caller may do with the file.
type DossierMay struct {
	Certify bool `json:"certify"`
	Revoke  bool `json:"revoke"`
	Tell    bool `json:"tell"`
	Rule    bool `json:"rule"`
}

// DossierQuery chooses files.
type DossierQuery struct {
	Paging

	Verification string `query:"verification"`
}

// Refreshment is what a refresh found.
type Refreshment struct {
	Lines []RefreshedLine `json:"lines"`
}

// RefreshedLine is what it found of one member.
type RefreshedLine struct {
	Member           string          `json:"member"`
	Name             string          `json:"name"`
	Before           string          `json:"before"`
	Verification     string          `json:"verification"`
	Reasons          []DossierReason `json:"reasons"`
	DirectoryUnasked bool            `json:"directory_unasked"`
}

// Certification is what somebody says who certifies.
type Certification struct {
	Seen  string `json:"seen"`  // of the file that was read
	Knows bool   `json:"knows"` // «I know this person»
}

// Revocation is why a certification is withdrawn.
type Revocation struct {
	Reason string `query:"reason"`
}

// DossierDecision is what support decides.
type DossierDecision struct {
	Decision string `json:"decision"` // validated, refused
	Reason   string `json:"reason,omitempty"`
	Seen     string `json:"seen"`
}

// ListDossiers gives a page of the files of an organisation.
func (c *Client) ListDossiers(ctx context.Context, org string, q DossierQuery) (List[DossierSummary], error) {
	return call[List[DossierSummary]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "dossiers"), query: q})
}

// Dossiers goes through the files of an organisation.
func (c *Client) Dossiers(ctx context.Context, org string, q DossierQuery) iter.Seq2[DossierSummary, error] {
	return every(q.Paging, func(p Paging) (List[DossierSummary], error) { q.Paging = p; return c.ListDossiers(ctx, org, q) })
}

// GetDossier reads one.
func (c *Client) GetDossier(ctx context.Context, org, dossier string) (Dossier, error) {
	return call[Dossier](ctx, c, request{method: http.MethodGet, path: inOrg(org, "dossiers", dossier)})
}

// RefreshDossiers computes the state of some members' files again.
func (c *Client) RefreshDossiers(ctx context.Context, org string, s Selection) (Refreshment, error) {
	return call[Refreshment](ctx, c, request{method: http.MethodPost, path: inOrg(org, "dossiers", "refresh"), body: s})
}

// CertifyDossier authorises an account, in this organisation only.
func (c *Client) CertifyDossier(ctx context.Context, org, dossier string, v Certification) (Dossier, error) {
	return call[Dossier](ctx, c, request{method: http.MethodPost, path: inOrg(org, "dossiers", dossier, "certification"), body: v})
}

// UncertifyDossier withdraws a certification.
func (c *Client) UncertifyDossier(ctx context.Context, org, dossier string, v Revocation) (Dossier, error) {
	return call[Dossier](ctx, c, request{method: http.MethodDelete, path: inOrg(org, "dossiers", dossier, "certification"), query: v})
}

// TellDossier writes to the person what is missing.
func (c *Client) TellDossier(ctx context.Context, org, dossier string) error {
	return act(ctx, c, request{method: http.MethodPost, path: inOrg(org, "dossiers", dossier, "notice")})
}

// ListPlatformDossiers gives a page of the files that wait for support.
func (c *Client) ListPlatformDossiers(ctx context.Context, q Paging) (List[DossierSummary], error) {
	return call[List[DossierSummary]](ctx, c, request{method: http.MethodGet, path: []string{partPlatform, "dossiers"}, query: q})
}

// GetPlatformDossier reads one, for support.
func (c *Client) GetPlatformDossier(ctx context.Context, dossier string) (Dossier, error) {
	return call[Dossier](ctx, c, request{method: http.MethodGet, path: []string{partPlatform, "dossiers", dossier}})
}

// DecidePlatformDossier validates or refuses one.
func (c *Client) DecidePlatformDossier(ctx context.Context, dossier string, d DossierDecision) (Dossier, error) {
	return call[Dossier](ctx, c, request{method: http.MethodPost, path: []string{partPlatform, "dossiers", dossier, "decision"}, body: d})
}
