package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
)

type approvalsInput struct {
	InOrg
	Paged

	Status approvalStatus `query:"status" default:"waiting" doc:"Those that wait by default."`
}

type approvalDecisionInput struct {
	InMember

	Body approvalVerdict
}

type approvalVerdict struct {
	Decision approvalDecision `json:"decision"`
	Reason   string           `json:"reason,omitempty" doc:"Told to the person. Required to refuse."`
	Version  int64            `json:"version,omitempty" doc:"Of the request as read; none: as the support made it. Refused once it changed."`
}

type (
	approvalStatus   string
	approvalDecision string
)

// Schema lists the statuses of approvals.
func (approvalStatus) Schema(huma.Registry) *huma.Schema { return oneOf(approval.Statuses) }

// Schema lists the decisions.
func (approvalDecision) Schema(huma.Registry) *huma.Schema { return oneOf(approval.Decisions) }

type supportMemberInput struct {
	InOrg

	Body newSupportMember
}

// newSupportMember is what the support may say of somebody: no right on agendas, mailboxes or
// single permissions.
type newSupportMember struct {
	Ticket        string        `json:"ticket" doc:"Why, or the number of a request: the organisation reads it." example:"Demande 48213"`
	Email         string        `json:"email" example:"aicha.diallo@tilleuls.example"`
	ProfileType   profileType   `json:"profile_type,omitempty" doc:"By default regulated with an RPPS number, else non_practitioner."`
	Title         titleText     `json:"title,omitempty"`
	GivenName     string        `json:"given_name"`
	FamilyName    string        `json:"family_name"`
	Function      functionCode  `json:"function"`
	RPPS          string        `json:"rpps,omitempty" doc:"Declared: to be verified. Once saved it never changes."`
	Profession    *codedChange  `json:"profession,omitempty"`
	Specialty     *codedChange  `json:"specialty,omitempty" doc:"Required of an unregulated profession."`
	Phone         string        `json:"phone,omitempty" example:"06 12 34 56 78"`
	Sites         []siteID      `json:"sites,omitempty" maxItems:"500" doc:"May be left out where there is a single site."`
	Roles         []roleAtScope `json:"roles,omitempty" maxItems:"20" doc:"Without any right, the role «reader» at each of the sites."`
	Administrator []scopeCode   `json:"administrator,omitempty" maxItems:"500" doc:"Scopes at which they would administer."`
	Until         *time.Time    `json:"until,omitempty" doc:"The access ends by itself then."`
	Language      languageCode  `json:"language,omitempty" doc:"Of the letters; French by default."`
}

func (s *Server) aboutApprovals(d *door) {
	const path = "/organizations/{org}/approvals"
	add(d, route{
		id: "listApprovals", method: http.MethodGet, path: path, tag: tagMembers,
		summary: "Accounts that the support made",
		about: "They open nothing until somebody of the organisation authorises them. The latest first, of the sites at which the caller " +
			"holds approvals.decide. The platform's support sees those of the organisation that it made.",
		errors: []int{http.StatusNotFound},
	}, s.listApprovals)
	add(d, route{
		id: "decideApproval", method: http.MethodPost, path: path + "/{mbr}/decision", tag: tagMembers,
		summary: "Authorise or refuse an account",
		about: "Whoever made the account, and the person it is for, may not. Authorised, the person is invited, or joins at once when the " +
			"address has an account; refused, the account is gone. Needs approvals.decide at every site of the account; to authorise also " +
			"members.invite there, and what the account gives. After 30 days without a decision the account is gone.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.decideApproval)
	add(d, route{
		id: "createSupportMember", method: http.MethodPost, path: "/organizations/{org}/support-members", tag: tagMembers,
		summary: "Make an account for an organisation", status: http.StatusCreated,
		about: "For the platform's support. The account opens nothing until the organisation authorises it; where the address has an " +
			"account, this membership alone waits. The organisation's administrators are told.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createSupportMember)
}

// Approval is an account that the support made for an organisation.
type Approval struct {
	Organization string     `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Member       string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name         string     `json:"name" example:"Aïcha Diallo"`
	Email        string     `json:"email" example:"aicha.diallo@tilleuls.example"`
	Status       string     `json:"status" enum:"waiting,authorized,refused,expired" doc:"expired: nobody decided within 30 days."`
	Ticket       string     `json:"ticket" doc:"Why it was asked for."`
	Sites        []string   `json:"sites" doc:"That were asked for."`
	CreatedBy    string     `json:"created_by" doc:"Name."`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    time.Time  `json:"expires_at" doc:"Without a decision it is gone then."`
	EndsAt       *time.Time `json:"ends_at" doc:"Of the access; null: it does not end by itself."`
	DecidedBy    string     `json:"decided_by" doc:"Name, or empty."`
	DecidedAt    *time.Time `json:"decided_at"`
	Reason       string     `json:"reason" doc:"What the person was told, or empty."`
	MayDecide    bool       `json:"may_decide" doc:"The caller may decide of this one."`
	Version      int64      `json:"version" doc:"For a decision."`
}

func approvalOf(a approval.Approval) Approval {
	v := Approval{
		Organization: a.Org.String(), Member: a.Member.String(), Name: a.Name, Email: a.Email, Status: string(a.Status), Ticket: a.Ticket,
		Sites: make([]string, 0, len(a.Sites)), CreatedBy: a.CreatedBy, CreatedAt: a.CreatedAt.UTC(), ExpiresAt: a.ExpiresAt.UTC(),
		DecidedBy: a.DecidedBy, DecidedAt: moment(a.DecidedAt), Reason: a.Reason, MayDecide: a.MayDecide, Version: a.Version,
	}
	if a.EndsAt != nil {
		v.EndsAt = moment(*a.EndsAt)
	}
	for _, site := range a.Sites {
		v.Sites = append(v.Sites, site.String())
	}
	return v
}

func (s *Server) listApprovals(ctx context.Context, in *approvalsInput) (*plainReply[List[Approval]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.approvals(ctx, in.By, org, approval.Status(in.Status))
	if err != nil {
		return nil, err
	}
	return cut[approval.Approval, Approval]{
		ring: s.Run.Ring, name: "approvals " + org.String() + " " + string(in.Status), page: in.Paged,
		id: func(a approval.Approval) string { return a.Member.String() }, document: approvalOf,
	}.of(all)
}

// approvals asks the question that suits the caller: of somebody of the organisation, or of
// the platform.
func (s *Server) approvals(ctx context.Context, by access.Actor, org ident.Org, status approval.Status) ([]approval.Approval, error) {
	if by.Kind == access.PlatformToken {
		return s.Approvals.Made(ctx, by, org, status)
	}
	all, err := s.Approvals.List(ctx, by, org, status)
	if !fault.Is(err, fault.NotFound) {
		return all, err
	}
	platform, e := s.ofPlatform(ctx, by)
	if e != nil || !platform {
		return nil, err
	}
	return s.Approvals.Made(ctx, by, org, status)
}

// DecidedApproval is an account that was decided of.
type DecidedApproval struct {
	Approval

	Fate *string `json:"fate" enum:"invited,joined" doc:"What became of the person; null after a refusal."`
}

func (s *Server) decideApproval(ctx context.Context, in *approvalDecisionInput) (*plainReply[DecidedApproval], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	done, err := s.Approvals.Decide(ctx, in.By, org, known(ident.ParseMember, in.Member), approval.Verdict{
		Decision: approval.Decision(in.Body.Decision), Reason: in.Body.Reason, Version: in.Body.Version,
	})
	if err != nil {
		return nil, err
	}
	v := DecidedApproval{Approval: approvalOf(done.Approval)}
	if done.Fate != "" {
		fate := string(done.Fate)
		v.Fate = &fate
	}
	return replied(v), nil
}

// MadeApproval is an account just made.
type MadeApproval struct {
	Approval

	Warnings []Doubt `json:"warnings" doc:"What is only plausible, and was accepted all the same."`
}

func (s *Server) createSupportMember(ctx context.Context, in *supportMemberInput) (*reply[MadeApproval], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	made, err := s.Approvals.Ask(ctx, in.By, in.Body.ask(org))
	if err != nil {
		return nil, memberPlaces(err)
	}
	return &reply[MadeApproval]{
		Location: s.at("organizations", org.String(), "approvals"),
		Body:     MadeApproval{approvalOf(made.Approval), in.call.doubts(ctx, made.Warnings)},
	}, nil
}

func (b newSupportMember) ask(of ident.Org) approval.Ask {
	c := enrolment.Create{
		Org: of, ProfileType: member.ProfileType(b.ProfileType), Title: string(b.Title), GivenName: b.GivenName, FamilyName: b.FamilyName,
		Function: string(b.Function), RPPS: b.RPPS, Phone: b.Phone, Email: b.Email, Language: text.Lang(b.Language),
	}
	switch {
	case c.ProfileType != "":
	case c.RPPS != "":
		c.ProfileType = member.Regulated
	default:
		c.ProfileType = member.NonPractitioner
	}
	c.ProfessionCode, c.Profession = b.Profession.both()
	c.SpecialtyCode, c.Specialty = b.Specialty.both()
	for _, v := range b.Sites {
		c.Sites = append(c.Sites, ident.Site(v))
	}
	for _, g := range b.Roles {
		c.Roles = append(c.Roles, role.Given{Role: ident.Role(g.Role), Scope: scope(of, g.Scope)})
	}
	for _, code := range b.Administrator {
		c.Administers = append(c.Administers, scope(of, code))
	}
	return approval.Ask{Create: c, Ticket: b.Ticket, Until: b.Until}
}
