package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/role"
	"habilis/internal/text"
)

type invitationsInput struct {
	InOrg
	Paged

	Search string `query:"q" maxLength:"200" doc:"Part of the address."`
}

// InInvitation is the input of a route of one invitation.
type InInvitation struct {
	InOrg

	Invitation string `path:"inv" doc:"The invitation's ID." example:"inv_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"`
}

type inviteInput struct {
	InOrg

	DryRun bool `query:"dry_run" doc:"Say what would become of each address, and do nothing."`
	Body   newInvitations
}

type newInvitations struct {
	Emails   []string        `json:"emails" minItems:"1" maxItems:"10000" doc:"As they were typed: each has its line in the answer."`
	Role     roleID          `json:"role,omitempty" doc:"A role for all: at each of the sites, or everywhere when none is named."`
	Roles    []roleAtScope   `json:"roles,omitempty" maxItems:"20" doc:"Instead of role: several, each with its scope."`
	Rights   *newcomerRights `json:"rights,omitempty" doc:"Levels on agendas and messaging profiles, for all. Needs rights.edit there."`
	Sites    []siteID        `json:"sites,omitempty" maxItems:"500" doc:"Where they will belong; may be left out when there is one."`
	Function functionCode    `json:"function,omitempty" doc:"The person chooses when it is left out."`
	Welcome  welcome         `json:"welcome,omitempty" doc:"A link by default; a temporary password where the policy allows it."`
	Language languageCode    `json:"language,omitempty" doc:"Of the letter; French by default."`
}

type roleAtScope struct {
	Role  roleID    `json:"role"`
	Scope scopeCode `json:"scope" doc:"organization, or the ID of one of the sites."`
}

func (s *Server) aboutInvitations(d *door) {
	const path, one = "/organizations/{org}/invitations", "/organizations/{org}/invitations/{inv}"
	gone := []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "listInvitations", method: http.MethodGet, path: path, tag: tagInvitations, summary: "Pending invitations",
		about: "The latest first, expired ones included until they are deleted. Needs members.invite.", errors: []int{http.StatusNotFound},
	}, s.listInvitations)
	add(d, route{
		id: "invite", method: http.MethodPost, path: path, tag: tagInvitations, summary: "Invite people",
		about: "Several addresses at once, the same roles, sites and function for all; one line of answer for each address. " +
			"An address that has an account joins at once. Needs members.invite.",
		errors: gone,
	}, s.invite)
	add(d, route{
		id: "getInvitation", method: http.MethodGet, path: one, tag: tagInvitations, summary: "One invitation",
		about: "While it is pending. Needs members.invite.", errors: []int{http.StatusNotFound},
	}, s.getInvitation)
	add(d, route{
		id: "resendInvitation", method: http.MethodPost, path: one + "/resend", tag: tagInvitations, summary: "Send an invitation again",
		about: "Thirty days from now, also once it has expired; the link sent before is dead. Needs members.invite.", errors: gone,
	}, s.resend)
	add(d, route{
		id: "deleteInvitation", method: http.MethodDelete, path: one, tag: tagInvitations, summary: "Delete an invitation",
		about: "Its link is dead. Needs members.invite.", errors: gone,
	}, s.deleteInvitation)
}

// Invitation waits for a person to come in.
type Invitation struct {
	ID           string       `json:"id" example:"inv_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"`
	Organization string       `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Member       *string      `json:"member" doc:"The member it waits for, when there is one already."`
	Email        string       `json:"email" example:"jeanne.moreau@example.fr"`
	Status       string       `json:"status" enum:"pending,accepted,deleted" doc:"An expired one is pending past expires_at."`
	Welcome      string       `json:"welcome" enum:"invitation,temporary_password"`
	Language     string       `json:"language" example:"fr"`
	Function     string       `json:"function" doc:"Empty: the person chooses."`
	Roles        []GivenRole  `json:"roles"`
	Sites        []SiteRef    `json:"sites"`
	Levels       []GivenLevel `json:"levels" doc:"On agendas and messaging profiles that are open still."`
	InvitedBy    string       `json:"invited_by" doc:"Name of who sent it last."`
	SentAt       time.Time    `json:"sent_at"`
	ExpiresAt    time.Time    `json:"expires_at"`
	CreatedAt    time.Time    `json:"created_at"`
	MayResend    bool         `json:"may_resend" doc:"The caller may send it again or delete it."`
	Version      int64        `json:"version" doc:"The number in the ETag."`
}

// GivenRole is a role that an invitation gives.
type GivenRole struct {
	Role  string `json:"role" example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"`
	Name  string `json:"name" doc:"In the caller's language." example:"Secrétariat"`
	Scope string `json:"scope" doc:"organization, or the ID of a site."`
}

func invitationOf(t *text.Printer, i invitation.Invitation) Invitation {
	v := Invitation{
		ID: i.ID.String(), Organization: i.Org.String(), Member: optionalID(i.Member), Email: i.Email.Address, Status: string(i.Status),
		Welcome: string(i.Welcome), Language: string(i.Language), Function: i.Function, InvitedBy: i.InvitedBy, SentAt: i.SentAt.UTC(),
		ExpiresAt: i.ExpiresAt.UTC(), CreatedAt: i.CreatedAt.UTC(), MayResend: i.MayResend, Version: i.Version,
		Roles: make([]GivenRole, 0, len(i.Roles)), Sites: make([]SiteRef, 0, len(i.Sites)), Levels: givenLevels(i.Levels),
	}
	for n, r := range i.Roles {
		g := GivenRole{Role: r.Role.String(), Scope: r.Scope.Code()}
		if n < len(i.RoleLabels) {
			g.Name = roleName(t, i.RoleLabels[n].BuiltIn, i.RoleLabels[n].Name)
		}
		v.Roles = append(v.Roles, g)
	}
	for n, id := range i.Sites {
		ref := SiteRef{ID: id.String()}
		if n < len(i.SiteNames) {
			ref.Name = i.SiteNames[n]
		}
		v.Sites = append(v.Sites, ref)
	}
	return v
}

func (s *Server) listInvitations(ctx context.Context, in *invitationsInput) (*plainReply[List[Invitation]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Invitations.List(ctx, in.By, id, invitation.Query{Search: in.Search, After: in.Cursor, Page: 1, Size: in.Limit})
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	return replied(listed(l.Items, l.Next, l.Total, func(i invitation.Invitation) Invitation { return invitationOf(t, i) })), nil
}

// InvitationReport says what became of each address.
type InvitationReport struct {
	DryRun bool             `json:"dry_run" doc:"Nothing was done."`
	Lines  []InvitationLine `json:"lines" doc:"One for each address, in the order they were given."`
}

// InvitationLine is what became of one address.
type InvitationLine struct {
	Email      string  `json:"email" doc:"As it was typed."`
	Fate       string  `json:"fate" enum:"invited,already_invited,joined,already_member,throttled,invalid"`
	Code       string  `json:"code,omitempty" doc:"Of an invalid address: the rule that refused it." example:"account.email_malformed"`
	Detail     string  `json:"detail,omitempty" doc:"What to do about it, in the caller's language."`
	Invitation *string `json:"invitation" doc:"The invitation that waits."`
	Member     *string `json:"member" doc:"The member that the person is."`
}

// line words what became of one address.
func (c *call) line(ctx context.Context, l enrolment.Line) InvitationLine {
	v := InvitationLine{
		Email: l.Email, Fate: string(l.Fate), Code: l.Code, Invitation: optionalID(l.Invitation), Member: optionalID(l.Member),
	}
	if l.Code != "" {
		v.Detail = sentence(c.words(ctx), l.Code, nil, 0, c.door.RequestID(c.r))
	}
	return v
}

func (s *Server) invite(ctx context.Context, in *inviteInput) (*plainReply[InvitationReport], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	command, err := in.Body.command(id)
	if err != nil {
		return nil, err
	}
	act := s.Enrolments.Invite
	if in.DryRun {
		act = s.Enrolments.Preview
	}
	r, err := act(ctx, in.By, command)
	if err != nil {
		return nil, in.Body.place(err)
	}
	report := InvitationReport{DryRun: in.DryRun, Lines: make([]InvitationLine, 0, len(r.Lines))}
	for _, l := range r.Lines {
		report.Lines = append(report.Lines, in.call.line(ctx, l))
	}
	return replied(report), nil
}

func (b newInvitations) command(org ident.Org) (enrolment.Invite, error) {
	c := enrolment.Invite{
		Org: org, Emails: b.Emails, Function: string(b.Function), Language: text.Lang(b.Language),
		Welcome: invitation.Welcome(b.Welcome), Levels: b.Rights.welcome(),
	}
	for _, v := range b.Sites {
		c.Sites = append(c.Sites, ident.Site(v))
	}
	if b.Role != "" && len(b.Roles) > 0 {
		return c, bodyField("roles", "api.role_and_roles")
	}
	for _, g := range b.Roles {
		c.Roles = append(c.Roles, role.Given{Role: ident.Role(g.Role), Scope: scope(org, g.Scope)})
	}
	if b.Role != "" {
		c.Roles = b.everywhere(org)
	}
	return c, nil
}

// everywhere is the single role at each of the sites, or in the whole organisation.
func (b newInvitations) everywhere(org ident.Org) []role.Given {
	if len(b.Sites) == 0 {
		return []role.Given{{Role: ident.Role(b.Role), Scope: access.OrgScope(org)}}
	}
	var given []role.Given
	for _, site := range b.Sites {
		given = append(given, role.Given{Role: ident.Role(b.Role), Scope: access.SiteScope(org, ident.Site(site))})
	}
	return given
}

// place says where the caller wrote what is refused: of a single role, in "role".
func (b newInvitations) place(err error) error {
	if b.Role == "" {
		return err
	}
	return renamed(err, func(location string) string {
		if strings.HasPrefix(location, "roles[") {
			return "role"
		}
		return location
	})
}

func (s *Server) getInvitation(ctx context.Context, in *InInvitation) (*reply[Invitation], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	i, err := s.Invitations.Get(ctx, in.By, id, known(ident.ParseInvitation, in.Invitation))
	return in.call.invitation(ctx, i, err)
}

// invitation answers with an invitation.
func (c *call) invitation(ctx context.Context, i invitation.Invitation, err error) (*reply[Invitation], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Invitation]{ETag: etag(i.Version), Body: invitationOf(c.words(ctx), i)}, nil
}

func (s *Server) resend(ctx context.Context, in *InInvitation) (*reply[Invitation], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	i, err := s.Invitations.Resend(ctx, in.By, id, known(ident.ParseInvitation, in.Invitation))
	return in.call.invitation(ctx, i, err)
}

func (s *Server) deleteInvitation(ctx context.Context, in *InInvitation) (*nothing, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Invitations.Delete(ctx, in.By, id, known(ident.ParseInvitation, in.Invitation))
}
