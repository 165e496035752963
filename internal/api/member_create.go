package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
)

type createMemberInput struct {
	InOrg

	DryRun bool `query:"dry_run" doc:"Say what would be refused and what is doubtful, and do nothing."`
	Body   newMember
}

// newMember has no field for what is imported: the server looks it up itself.
type newMember struct {
	ProfileType    profileType         `json:"profile_type"`
	Title          titleText           `json:"title,omitempty"`
	GivenName      string              `json:"given_name,omitempty" doc:"Required, but where it is imported."`
	FamilyName     string              `json:"family_name,omitempty" doc:"Required, but where it is imported."`
	Function       functionCode        `json:"function"`
	RPPS           string              `json:"rpps,omitempty" doc:"Looked up by the server. Once saved it never changes."`
	Activity       *string             `json:"activity,omitempty" doc:"With rpps: ID of the chosen one of several activities."`
	Profession     *codedChange        `json:"profession,omitempty"`
	Specialty      *codedChange        `json:"specialty,omitempty" doc:"Required of an unregulated profession."`
	Phone          string              `json:"phone,omitempty" example:"06 12 34 56 78"`
	MSSante        string              `json:"mssante,omitempty"`
	SIRET          string              `json:"siret,omitempty" doc:"Of practitioners: printed on invoices."`
	AMNumber       string              `json:"am_number,omitempty" doc:"Of practitioners: printed on prescriptions."`
	Locum          *newLocum           `json:"locum,omitempty" doc:"Of practitioners: whom they replace. Rights begin and end with it."`
	MessagingReach reach               `json:"messaging_reach,omitempty" doc:"site by default."`
	Sites          []siteID            `json:"sites,omitempty" maxItems:"500" doc:"May be left out where there is a single site."`
	Roles          []roleAtScope       `json:"roles,omitempty" maxItems:"20" doc:"Without any right, the role «reader» at each of the sites."`
	Administrator  []scopeCode         `json:"administrator,omitempty" maxItems:"500" doc:"Scopes at which they administer from the start."`
	Permissions    []permissionAtScope `json:"permissions,omitempty" maxItems:"200" doc:"Single permissions, besides those of the roles."`
	Rights         *newcomerRights     `json:"rights,omitempty" doc:"Levels on agendas and messaging profiles. Needs rights.edit there."`
	Email          string              `json:"email,omitempty" doc:"May come later: without it nobody can sign in as this member."`
	Welcome        createWelcome       `json:"welcome,omitempty" doc:"A link by default, where there is an address; none: invite later."`
	Language       languageCode        `json:"language,omitempty" doc:"Of the letter; French by default."`
	Settings       *newMemberSettings  `json:"settings,omitempty" doc:"What they have of their own; the rest is inherited."`
	Drafting       []memberID          `json:"drafting,omitempty" maxItems:"20" doc:"Of practitioners: who is proposed to draft in their name. An identity is made for it; they alone confirm. Needs rights.edit and delegations.edit there."` //nolint:lll // a tag is one literal
}

type permissionAtScope struct {
	Permission permissionCode `json:"permission"`
	Scope      scopeCode      `json:"scope" doc:"organization, or the ID of one of the sites."`
}

// createWelcome is how a created member is told.
type createWelcome string

// Schema lists the ways of telling a created member.
func (createWelcome) Schema(huma.Registry) *huma.Schema {
	return oneOf([]enrolment.Welcome{enrolment.WelcomeInvitation, enrolment.WelcomeTemporary, enrolment.WelcomeNone})
}

type inviteMemberInput struct {
	InMember

	Body inviteMember
}

type inviteMember struct {
	Welcome welcome `json:"welcome,omitempty" doc:"A link by default; a temporary password where the policy allows it."`
}

func (s *Server) aboutMemberCreation(d *door) {
	add(d, route{
		id: "createMember", method: http.MethodPost, path: "/organizations/{org}/members", tag: tagMembers, summary: "Create a member",
		status: http.StatusCreated,
		about: "With sites, rights and a professional identity, all or nothing. An RPPS number is looked up by the server: imported data " +
			"cannot be sent. An address that has an account joins at once; another is invited. Needs members.invite at every site.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createMember)
	post := d.api.OpenAPI().Paths["/organizations/{org}/members"].Post
	tried := *post.Responses["201"]
	tried.Description, tried.Headers = "Of a dry run", nil
	post.Responses["200"] = &tried
	add(d, route{
		id: "inviteMember", method: http.MethodPost, path: "/organizations/{org}/members/{mbr}/invitation", tag: tagInvitations,
		summary: "Invite a member without account",
		about: "To the address of the member's sheet, with the rights that the member has. An address that has an account joins at once. " +
			"Needs members.invite in the organisation, or at every site of the member.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.inviteMember)
}

// createReply is an answer that made something, or only tried.
type createReply struct {
	Status   int
	Location string `header:"Location" doc:"Address of what was made."`
	Body     CreatedMember
}

// CreatedMember says what became of a member just created or invited.
type CreatedMember struct {
	DryRun     bool    `json:"dry_run" doc:"Nothing was done."`
	ID         *string `json:"id" doc:"Of the member; null for a dry run." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name       string  `json:"name" doc:"Given name and family name." example:"Aïcha Diallo"`
	Fate       *string `json:"fate" enum:"invited,joined" doc:"Null when nothing was sent."`
	Invitation *string `json:"invitation" doc:"The invitation that waits."`
	Warnings   []Doubt `json:"warnings" doc:"What is only plausible, and was accepted all the same."`
}

// Doubt is something to read again.
type Doubt struct {
	Code   string `json:"code" example:"doubt.am_key"`
	Detail string `json:"detail" doc:"What to do about it, in the caller's language."`
}

func (c *call) created(ctx context.Context, v enrolment.Created) CreatedMember {
	out := CreatedMember{
		ID: optionalID(v.Member), Name: v.Name, Invitation: optionalID(v.Invitation),
	}
	if v.Fate != "" {
		fate := string(v.Fate)
		out.Fate = &fate
	}
	out.Warnings = c.doubts(ctx, v.Warnings)
	return out
}

// doubts are warnings in the caller's words.
func (c *call) doubts(ctx context.Context, keys []string) []Doubt {
	list := make([]Doubt, 0, len(keys))
	t := c.words(ctx)
	for _, key := range keys {
		list = append(list, Doubt{key, t.T(key)})
	}
	return list
}

func (s *Server) createMember(ctx context.Context, in *createMemberInput) (*createReply, error) {
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	command := in.Body.command(of)
	if command.Import, err = s.identityOf(ctx, in.By, in.Body); err != nil {
		return nil, err
	}
	if in.DryRun {
		seen, err := s.Enrolments.CheckCreate(ctx, in.By, command, enrolment.StepComplete)
		if err != nil {
			return nil, memberPlaces(err)
		}
		v := in.call.created(ctx, enrolment.Created{Name: in.Body.GivenName + " " + in.Body.FamilyName, Warnings: seen.Doubts})
		v.DryRun = true
		return &createReply{Status: http.StatusOK, Body: v}, nil
	}
	v, err := s.Enrolments.Create(ctx, in.By, command)
	if err != nil {
		return nil, memberPlaces(err)
	}
	return &createReply{
		Status: http.StatusCreated, Location: s.at("organizations", of.String(), "members", v.Member.String()), Body: in.call.created(ctx, v),
	}, nil
}

// identityOf looks up the RPPS number of a regulated profession. Whoever may not look up
// may not create either: the act says so, and to whom it may (ENU-03).
func (s *Server) identityOf(ctx context.Context, by access.Actor, b newMember) (*directory.Import, error) {
	rpps, wrong := identifier.ParseRPPS(b.RPPS)
	if wrong != nil || member.ProfileType(b.ProfileType) != member.Regulated {
		return nil, nil //nolint:nilnil,nilerr // nothing is imported; the act says what is wrong
	}
	i, err := s.published(ctx, by, rpps, b.Activity)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // the act refuses, in the organisation's own words
	}
	return i, err
}

func (b newMember) command(of ident.Org) enrolment.Create {
	c := enrolment.Create{
		Org: of, ProfileType: member.ProfileType(b.ProfileType), Title: string(b.Title), GivenName: b.GivenName, FamilyName: b.FamilyName,
		Function: string(b.Function), RPPS: b.RPPS, Phone: b.Phone, MSSante: b.MSSante, SIRET: b.SIRET, AMNumber: b.AMNumber,
		Reach: member.Reach(b.MessagingReach), Email: b.Email, Welcome: enrolment.Welcome(b.Welcome), Language: text.Lang(b.Language),
	}
	c.ProfessionCode, c.Profession = b.Profession.both()
	c.SpecialtyCode, c.Specialty = b.Specialty.both()
	c.Levels, c.Settings = b.Rights.welcome(), b.Settings.edit()
	for _, m := range b.Drafting {
		c.Drafting = append(c.Drafting, ident.Member(m))
	}
	if b.Locum != nil {
		c.Locum = b.Locum.locum()
	}
	for _, v := range b.Sites {
		c.Sites = append(c.Sites, ident.Site(v))
	}
	for _, g := range b.Roles {
		c.Roles = append(c.Roles, role.Given{Role: ident.Role(g.Role), Scope: scope(of, g.Scope)})
	}
	for _, code := range b.Administrator {
		c.Administers = append(c.Administers, scope(of, code))
	}
	for _, p := range b.Permissions {
		c.Permissions = append(c.Permissions, member.GivenPermission{Permission: access.Permission(p.Permission), Scope: scope(of, p.Scope)})
	}
	return c
}

// both are the code and the free text; a value that is left out is neither.
func (c *codedChange) both() (code, label string) {
	if c == nil {
		return "", ""
	}
	return or(c.Code, ""), or(c.Label, "")
}

// fieldsOfBody are the names that the body gives to the fields of the noun.
var fieldsOfBody = map[string]string{
	"profession_code": "profession.code", "profession": "profession.label", "specialty_code": "specialty.code", "specialty": "specialty.label",
	"locum.for": "locum.member",
}

// memberPlaces says where the caller wrote what is refused.
func memberPlaces(err error) error {
	return renamed(err, func(location string) string {
		if name, ok := fieldsOfBody[location]; ok {
			return name
		}
		return location
	})
}

func (s *Server) inviteMember(ctx context.Context, in *inviteMemberInput) (*plainReply[CreatedMember], error) {
	of, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Enrolments.InviteMember(ctx, in.By, of, known(ident.ParseMember, in.Member), enrolment.Welcome(in.Body.Welcome))
	if err != nil {
		return nil, err
	}
	return replied(in.call.created(ctx, v)), nil
}
