package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/member"
)

type verification string

// Schema lists the states of a file.
func (verification) Schema(huma.Registry) *huma.Schema { return oneOf(member.Verifications) }

type ruling string

// Schema lists what support may decide.
func (ruling) Schema(huma.Registry) *huma.Schema { return oneOf(dossier.Rulings) }

type dossiersInput struct {
	InOrg
	Paged

	Verification verification `query:"verification" doc:"Only those in this state."`
}

type refreshInput struct {
	InOrg

	Body struct {
		Members []memberID `json:"members" minItems:"1" maxItems:"500" doc:"At most 100 of them with a file."`
	}
}

type certifyInput struct {
	InDossier

	Body struct {
		Seen  string `json:"seen" maxLength:"64" doc:"The seen of the file that was read: what the certification rests on."`
		Knows bool   `json:"knows" doc:"Must be true: «I know this person»."`
	}
}

type uncertifyInput struct {
	InDossier

	Reason string `query:"reason" maxLength:"500" doc:"Why, for the journal; required."`
}

type queueInput struct {
	Caller
	Paged
}

// AnyDossier is the input of a route of one file, of whatever organisation.
type AnyDossier struct {
	Caller

	Dossier string `path:"dos" doc:"The file's ID." example:"dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

func (in AnyDossier) member() ident.Member {
	return ident.MemberOf(known(ident.ParseDossier, in.Dossier))
}

type ruleInput struct {
	AnyDossier

	Body struct {
		Decision ruling `json:"decision"`
		Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Required of a refusal; the person receives it."`
		Seen     string `json:"seen" maxLength:"64" doc:"The seen of the file that was read."`
	}
}

func (s *Server) aboutDossiers(d *door) {
	const path = "/organizations/{org}/dossiers"
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "listDossiers", method: http.MethodGet, path: path, tag: tagDossiers, summary: "Files to verify",
		about:  "Of those who registered by themselves, the longest waiting first, about the members for whom the caller holds dossiers.certify.",
		errors: missing,
	}, s.listDossiers)
	add(d, route{
		id: "getDossier", method: http.MethodGet, path: path + "/{dos}", tag: tagDossiers, summary: "One file",
		about: "Declared facts beside those of the national directory, with what is missing. Needs dossiers.certify.", errors: missing,
	}, s.getDossier)
	add(d, route{
		id: "refreshDossiers", method: http.MethodPost, path: path + "/refresh", tag: tagDossiers, summary: "Compute the state of files again",
		about: "Green (verified) opens sign-in, orange (incomplete) does not. " + strconv.Itoa(dossier.MaxRefresh) +
			" files at most; members without a file are passed over. Needs dossiers.certify over each.",
		errors: missing,
	}, s.refreshDossiers)
	add(d, route{
		id: "certifyDossier", method: http.MethodPost, path: path + "/{dos}/certification", tag: tagDossiers, summary: "Authorise this account",
		about: "Somebody of the organisation says that they know the person, a health professional: in this organisation only. " +
			"By a person, never of oneself, with a fresh proof. Where the organisation asks for two people, the second one completes it.",
		errors: append(missing, http.StatusConflict),
	}, s.certifyDossier)
	add(d, route{
		id: "uncertifyDossier", method: http.MethodDelete, path: path + "/{dos}/certification", tag: tagDossiers,
		summary: "Withdraw a certification",
		about:   "With a reason, and a fresh proof; the file is judged without it.", errors: append(missing, http.StatusConflict),
	}, s.uncertifyDossier)
	add(d, route{
		id: "tellDossier", method: http.MethodPost, path: path + "/{dos}/notice", tag: tagDossiers,
		summary: "Write to the person what is missing",
		about:   "With the way back to their file; once an hour at most.",
		status:  http.StatusNoContent, errors: append(missing, http.StatusConflict),
	}, s.tellDossier)
	add(d, route{
		id: "listPlatformDossiers", method: http.MethodGet, path: "/platform/dossiers", tag: tagDossiers, summary: "Files that wait for support",
		about: "Of every organisation, the longest waiting first. For the platform's support.",
	}, s.listPlatformDossiers)
	add(d, route{
		id: "getPlatformDossier", method: http.MethodGet, path: "/platform/dossiers/{dos}", tag: tagDossiers, summary: "One file, for support",
		about: "What the decision rests on, and no more of the organisation than its name.", errors: missing,
	}, s.getPlatformDossier)
	add(d, route{
		id: "decidePlatformDossier", method: http.MethodPost, path: "/platform/dossiers/{dos}/decision", tag: tagDossiers,
		summary: "Validate or refuse a file",
		about: "For the platform's support, with a fresh proof from a person. The person and the administrators are told, and the " +
			"organisation's journal bears it.",
		errors: append(missing, http.StatusConflict),
	}, s.decidePlatformDossier)
}

// DossierSummary is one line of a list of files.
type DossierSummary struct {
	ID               string          `json:"id" example:"dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization     string          `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	OrganizationName string          `json:"organization_name" example:"CPTS des Deux-Rives"`
	Member           string          `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name             string          `json:"name" example:"Linh Nguyen"`
	Profession       string          `json:"profession" doc:"Its national code, or empty." example:"50"`
	Verification     string          `json:"verification" enum:"unchecked,incomplete,verified"`
	Reasons          []DossierReason `json:"reasons" doc:"Of the last refresh."`
	CheckedAt        *time.Time      `json:"checked_at" doc:"Null before the first refresh."`
	CompletedAt      *time.Time      `json:"completed_at" doc:"When the person sent it; null: not yet."`
	CreatedAt        time.Time       `json:"created_at"`
	CertifiedBy      string          `json:"certified_by" doc:"Who certified, or empty."`
	CertifiedAt      *time.Time      `json:"certified_at"`
	MailboxProvedAt  *time.Time      `json:"mailbox_proved_at" doc:"When a code came back from an MSSanté mailbox; null: not."`
}

// DossierReason is why a file is orange.
type DossierReason struct {
	Code   string `json:"code" enum:"email_unproved,phone_unproved,unfinished,rpps_unexplained,directory_silent,rpps_unknown,rpps_closed,name_differs,profession_differs,rpps_taken,rpps_other,support_refused,paper_missing,paper_waits,second_person,mailbox_silent,mailbox_ended,proof_missing"` //nolint:lll // a tag is one literal
	Paper  string `json:"paper" doc:"Which, when one is missing; else empty." example:"card"`
	Detail string `json:"detail" doc:"In the caller's words." example:"Phone to confirm with a code"`
}

// Dossier is a whole file.
type Dossier struct {
	ID               string                `json:"id" example:"dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization     string                `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	OrganizationName string                `json:"organization_name" doc:"For support; else empty."`
	Member           string                `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Verification     string                `json:"verification" enum:"unchecked,incomplete,verified"`
	Reasons          []DossierReason       `json:"reasons" doc:"Of the last refresh."`
	CheckedAt        *time.Time            `json:"checked_at" doc:"Null before the first refresh."`
	CheckedBy        string                `json:"checked_by"`
	Declared         DossierDeclaration    `json:"declared"`
	Directory        *DossierDirectory     `json:"directory" doc:"Null: nobody could say, or nothing was asked."`
	Documents        []Document            `json:"documents"`
	Missing          []string              `json:"missing" doc:"Kinds of documents that are asked and not there."`
	Certification    *DossierCertification `json:"certification"`
	Ruling           *DossierRuling        `json:"ruling" doc:"What support decided."`
	RPPSBearer       *DossierBearer        `json:"rpps_bearer" doc:"The member of the organisation who has the declared number already."`
	Mailbox          *DossierMailbox       `json:"mailbox" doc:"The MSSanté mailbox of the claimed number that was proved; null: none."`
	TwoPeople        bool                  `json:"two_people" doc:"Two people have to certify."`
	Seen             string                `json:"seen" doc:"Names what a decision rests on: sent back with it."`
	May              DossierMay            `json:"may"`
}

// DossierDeclaration is what the person declared and proved.
type DossierDeclaration struct {
	GivenName   string     `json:"given_name"`
	FamilyName  string     `json:"family_name"`
	Profession  Coded      `json:"profession"`
	Function    string     `json:"function"`
	RPPS        string     `json:"rpps"`
	NoRPPS      string     `json:"no_rpps" doc:"The reason for none."`
	EmailProved bool       `json:"email_proved"`
	PhoneProved bool       `json:"phone_proved"`
	CompletedAt *time.Time `json:"completed_at"`
	Version     int64      `json:"version" doc:"Grows with each change of what is declared."`
}

// DossierDirectory is what the national directory says of the number.
type DossierDirectory struct {
	Origin         string        `json:"origin" enum:"index,fhir"`
	AsOf           *time.Time    `json:"as_of"`
	Known          bool          `json:"known"`
	Active         bool          `json:"active"`
	SameName       bool          `json:"same_name"`
	SameProfession bool          `json:"same_profession"`
	Lines          []DossierLine `json:"lines"`
}

// DossierLine is one fact, as declared and as published.
type DossierLine struct {
	Field     string `json:"field" enum:"family_name,given_name,profession,specialty,place"`
	Declared  string `json:"declared"`
	Published string `json:"published"`
	Differs   bool   `json:"differs"`
}

// DossierCertification is who of the organisation knows the person.
type DossierCertification struct {
	By          string     `json:"by"`
	At          time.Time  `json:"at"`
	ConfirmedBy string     `json:"confirmed_by" doc:"The second person, where two are asked."`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	People      int64      `json:"people" doc:"How many had to certify."`
	Void        bool       `json:"void" doc:"It does not count any more: the file has changed since, or who began may not certify now."`
}

// DossierBearer is a member who has the number that somebody else declares.
type DossierBearer struct {
	Member string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name   string `json:"name" example:"Linh Nguyen"`
}

// DossierMailbox is a mailbox that the directory publishes as that of the claimed number, and whose
// code came back.
type DossierMailbox struct {
	Address  string    `json:"address" example:"rosa.vidal@pro.mssante.fr"`
	ProvedAt time.Time `json:"proved_at"`
	Worth    string    `json:"worth" enum:"stands,unread,gone,people" doc:"stands: it replaces the decision of a person. unread: the directory did not say whose it is now. gone: it does not publish it any more as theirs. people: two people are asked, or support refused."` //nolint:lll // a tag is one literal
}

// DossierRuling is what support decided.
type DossierRuling struct {
	Decision string    `json:"decision" enum:"validated,refused"`
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

// Refreshment is what a refresh found.
type Refreshment struct {
	Lines []RefreshedLine `json:"lines"`
}

// RefreshedLine is what it found of one member.
type RefreshedLine struct {
	Member           string          `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name             string          `json:"name" example:"Linh Nguyen"`
	Before           string          `json:"before" enum:"not_needed,unchecked,incomplete,verified"`
	Verification     string          `json:"verification" enum:"not_needed,incomplete,verified"`
	Reasons          []DossierReason `json:"reasons"`
	DirectoryUnasked bool            `json:"directory_unasked" doc:"The directory could not say: what was open stays open."`
}

func (c *call) reasons(ctx context.Context, list []dossier.Reason) []DossierReason {
	t := c.words(ctx)
	out := make([]DossierReason, 0, len(list))
	for _, r := range list {
		out = append(out, DossierReason{string(r.Code), string(r.Paper), r.Words(t)})
	}
	return out
}

func (c *call) summary(ctx context.Context) func(dossier.Summary) DossierSummary {
	return func(v dossier.Summary) DossierSummary {
		return DossierSummary{
			ID: v.ID.String(), Organization: v.Org.String(), OrganizationName: v.OrgName, Member: v.Member.String(), Name: v.Name,
			Profession: v.Profession, Verification: string(v.State), Reasons: c.reasons(ctx, v.Reasons), CheckedAt: end(v.CheckedAt),
			CompletedAt: end(v.CompletedAt), CreatedAt: v.CreatedAt.UTC(), CertifiedBy: v.CertifiedBy, CertifiedAt: end(v.CertifiedAt),
			MailboxProvedAt: end(v.MailboxProvedAt),
		}
	}
}

func (c *call) dossier(ctx context.Context, f dossier.File, err error) (*plainReply[Dossier], error) {
	if err != nil {
		return nil, err
	}
	r := f.Declared
	v := Dossier{
		ID: f.ID.String(), Organization: f.Org.String(), OrganizationName: f.OrgName, Member: f.Member.ID.String(), Verification: string(f.State),
		Reasons: c.reasons(ctx, f.Reasons), Directory: publishedOf(f), Documents: make([]Document, 0, len(f.Documents)),
		Missing: make([]string, 0, len(f.Missing)), TwoPeople: f.TwoPeople, Seen: f.Seen,
		Declared: DossierDeclaration{
			GivenName: r.Names.GivenName, FamilyName: r.Names.FamilyName, Profession: Coded{r.ProfessionCode, r.Profession}, Function: r.Function,
			RPPS: r.RPPS, NoRPPS: r.NoRPPS, EmailProved: r.EmailProvedAt != nil, PhoneProved: r.PhoneProvedAt != nil,
			CompletedAt: end(r.CompletedAt), Version: r.Version,
		},
		May: DossierMay{Certify: f.May.Certify, Revoke: f.May.Revoke, Tell: f.May.Tell, Rule: f.May.Rule},
	}
	if f.Check != nil {
		v.CheckedAt, v.CheckedBy = moment(f.Check.At), f.Check.By
	}
	for i := range f.Documents {
		v.Documents = append(v.Documents, documentOf(f.Documents[i]))
	}
	for _, k := range f.Missing {
		v.Missing = append(v.Missing, string(k))
	}
	if k := f.Certification; k != nil {
		v.Certification = &DossierCertification{k.By, k.At.UTC(), k.ConfirmedBy, end(k.ConfirmedAt), k.People, k.Void}
	}
	if b := f.Bearer; b != nil {
		v.RPPSBearer = &DossierBearer{b.Member.String(), b.Name}
	}
	if b := f.Mailbox; b != nil {
		v.Mailbox = &DossierMailbox{b.Address, b.ProvedAt.UTC(), string(f.MailboxWorth)}
	}
	if u := f.Ruled; u != nil {
		v.Ruling = &DossierRuling{string(u.Decision), u.Reason, u.At.UTC()}
	}
	return replied(v), nil
}

func publishedOf(f dossier.File) *DossierDirectory {
	if f.Origin == directory.NotChecked {
		return nil
	}
	p := f.Published
	v := &DossierDirectory{
		Origin: string(f.Origin), AsOf: moment(f.AsOf), Known: p.Known, Active: p.Active, SameName: p.SameName, SameProfession: p.SameProfession,
		Lines: make([]DossierLine, 0, len(f.Lines)),
	}
	for _, l := range f.Lines {
		v.Lines = append(v.Lines, DossierLine(l))
	}
	return v
}

func (s *Server) listDossiers(ctx context.Context, in *dossiersInput) (*plainReply[List[DossierSummary]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Dossiers.List(ctx, in.By, org, member.Verification(in.Verification))
	if err != nil {
		return nil, err
	}
	return cut[dossier.Summary, DossierSummary]{
		ring: s.Run.Ring, name: "dossiers " + org.String() + " " + string(in.Verification), page: in.Paged, id: summaryID,
		document: in.call.summary(ctx),
	}.of(all)
}

func summaryID(v dossier.Summary) string { return v.ID.String() }

func (s *Server) getDossier(ctx context.Context, in *InDossier) (*plainReply[Dossier], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	f, err := s.Dossiers.Get(ctx, in.By, org, in.member())
	return in.call.dossier(ctx, f, err)
}

func (s *Server) refreshDossiers(ctx context.Context, in *refreshInput) (*plainReply[Refreshment], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, 0, len(in.Body.Members))
	for _, m := range in.Body.Members {
		ids = append(ids, known(ident.ParseMember, string(m)))
	}
	list, err := s.Dossiers.Refresh(ctx, in.By, org, ids)
	if err != nil {
		return nil, err
	}
	v := Refreshment{Lines: make([]RefreshedLine, 0, len(list))}
	for _, r := range list {
		v.Lines = append(v.Lines, RefreshedLine{
			r.Member.String(), r.Name, string(r.Before), string(r.State), in.call.reasons(ctx, r.Reasons), r.Unasked,
		})
	}
	return replied(v), nil
}

func (s *Server) certifyDossier(ctx context.Context, in *certifyInput) (*plainReply[Dossier], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	f, err := s.Dossiers.Certify(ctx, in.By, org, in.member(), dossier.Certify{Seen: in.Body.Seen, Knows: in.Body.Knows})
	return in.call.dossier(ctx, f, err)
}

func (s *Server) uncertifyDossier(ctx context.Context, in *uncertifyInput) (*plainReply[Dossier], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	f, err := s.Dossiers.Revoke(ctx, in.By, org, in.member(), in.Reason)
	return in.call.dossier(ctx, f, err)
}

func (s *Server) tellDossier(ctx context.Context, in *InDossier) (*struct{}, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Dossiers.Tell(ctx, in.By, org, in.member())
}

func (s *Server) listPlatformDossiers(ctx context.Context, in *queueInput) (*plainReply[List[DossierSummary]], error) {
	all, err := s.Dossiers.Queue(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return cut[dossier.Summary, DossierSummary]{
		ring: s.Run.Ring, name: "platform dossiers", page: in.Paged, id: summaryID, document: in.call.summary(ctx),
	}.of(all)
}

func (s *Server) getPlatformDossier(ctx context.Context, in *AnyDossier) (*plainReply[Dossier], error) {
	org, err := s.Dossiers.Whose(ctx, in.By, in.member())
	if err != nil {
		return nil, err
	}
	f, err := s.Dossiers.Examine(ctx, in.By, org, in.member())
	return in.call.dossier(ctx, f, err)
}

func (s *Server) decidePlatformDossier(ctx context.Context, in *ruleInput) (*plainReply[Dossier], error) {
	org, err := s.Dossiers.Whose(ctx, in.By, in.member())
	if err != nil {
		return nil, err
	}
	r := dossier.Rule{Decision: dossier.Ruling(in.Body.Decision), Reason: in.Body.Reason, Seen: in.Body.Seen}
	f, err := s.Dossiers.Rule(ctx, in.By, org, in.member(), r)
	return in.call.dossier(ctx, f, err)
}
