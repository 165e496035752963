package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/org"
	"habilis/internal/text"
)

type organizationsInput struct {
	Caller
	Paged

	Search string    `query:"q" maxLength:"200" doc:"Part of the name or of the slug."`
	Status orgStatus `query:"status" doc:"Only those of this status."`
	Kind   orgKind   `query:"kind" doc:"Only those of this kind."`
}

type foundInput struct {
	Caller

	Body newOrganization
}

type newOrganization struct {
	Name          string       `json:"name" example:"Maison de santé des Tilleuls"`
	Kind          orgKind      `json:"kind"`
	Enamel        enamel       `json:"enamel,omitempty" doc:"The colour of its plaque."`
	Slug          string       `json:"slug,omitempty" doc:"Its name in addresses; made from the name when left out." example:"tilleuls"`
	Site          NewPlace     `json:"site" doc:"Its first site."`
	Administrator newAdmin     `json:"administrator" doc:"Who is invited to administer it."`
	Language      languageCode `json:"language,omitempty" doc:"Of the letter; French by default."`
}

type newAdmin struct {
	Email string `json:"email" example:"bruno.lacaze@tilleuls.example"`
}

type editOrganizationInput struct {
	InOrg
	Versioned

	Body organizationChange
}

type organizationChange struct {
	Name   *string  `json:"name,omitempty"`
	Kind   *orgKind `json:"kind,omitempty"`
	Enamel *enamel  `json:"enamel,omitempty"`
}

type suspendInput struct {
	InOrg

	Body suspension
}

type suspension struct {
	Reason string `json:"reason,omitempty" doc:"Why, for the organisation's trail."`
}

func (s *Server) aboutOrganizations(d *door) {
	add(d, route{
		id: "listOrganizations", method: http.MethodGet, path: "/organizations", tag: tagOrganizations, summary: "Organisations",
		about: "By name. The platform's support sees all of them; a person, those where they are a member; an organisation's token, that one.",
	}, s.listOrganizations)
	add(d, route{
		id: "createOrganization", method: http.MethodPost, path: "/organizations", tag: tagOrganizations, summary: "Create an organisation",
		about:  "For the platform's support: the organisation, its first site and its roles are made, and its first administrator is invited.",
		status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createOrganization)
	add(d, route{
		id: "getOrganization", method: http.MethodGet, path: "/organizations/{org}", tag: tagOrganizations, summary: "One organisation",
		about: "For its members, its tokens and the platform's support.", errors: []int{http.StatusNotFound},
	}, s.getOrganization)
	add(d, route{
		id: "editOrganization", method: http.MethodPatch, path: "/organizations/{org}", tag: tagOrganizations, summary: "Change an organisation",
		about: "What is left out stays as it is. Needs settings.edit.", errors: []int{http.StatusNotFound},
	}, s.editOrganization)
	add(d, route{
		id: "suspendOrganization", method: http.MethodPost, path: "/organizations/{org}/suspend", tag: tagOrganizations,
		summary: "Suspend an organisation", about: "For the platform's support: it is closed to everybody until it is resumed.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.suspend)
	add(d, route{
		id: "resumeOrganization", method: http.MethodPost, path: "/organizations/{org}/resume", tag: tagOrganizations,
		summary: "Resume an organisation", about: "For the platform's support: the opposite of suspending.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.resume)
}

// listOrganizations asks the question that suits the caller: of the platform's
// register, of a person's places, of a token's organisation. Who may see what is
// the nouns' affair.
func (s *Server) listOrganizations(ctx context.Context, in *organizationsInput) (*plainReply[List[Organization]], error) {
	platform, err := s.ofPlatform(ctx, in.By)
	if err != nil {
		return nil, err
	}
	if platform {
		l, err := s.Orgs.All(ctx, in.By, org.Filter{
			Search: in.Search, Status: org.Status(in.Status), Kind: org.Kind(in.Kind), After: in.Cursor, Limit: in.Limit,
		})
		return replied(listed(l.Items, l.Next, l.Total, organizationOf)), err
	}
	mine, err := s.mine(ctx, in)
	if err != nil {
		return nil, err
	}
	return cut[org.Org, Organization]{
		ring: s.Run.Ring, name: fmt.Sprintf("organizations|%s|%q|%s|%s", in.By.ID(), in.Search, in.Status, in.Kind), page: in.Paged,
		id:       func(o org.Org) string { return o.ID.String() },
		document: organizationOf,
	}.of(mine)
}

// ofPlatform reports whether the caller speaks for the platform.
func (s *Server) ofPlatform(ctx context.Context, by access.Actor) (bool, error) {
	if by.Kind != access.Person {
		return by.Kind == access.PlatformToken, nil
	}
	me, err := s.Accounts.Me(ctx, by)
	return me.PlatformRole != account.NoRole, err
}

// mine are the organisations of a person, or the one of a token.
func (s *Server) mine(ctx context.Context, in *organizationsInput) ([]org.Org, error) {
	var all []org.Org
	if in.By.Kind == access.OrgToken {
		o, err := s.Orgs.Get(ctx, in.By, in.By.Org)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	} else {
		places, err := s.Members.Places(ctx, in.By, in.Search)
		if err != nil {
			return nil, err
		}
		for i := range places {
			all = append(all, places[i].Org)
		}
	}
	return slices.DeleteFunc(all, func(o org.Org) bool {
		return (in.Status != "" && string(o.Status) != string(in.Status)) || (in.Kind != "" && string(o.Kind) != string(in.Kind))
	}), nil
}

// Founded is an organisation just made, and what became of the invitation of its
// first administrator.
type Founded struct {
	Organization

	Administrator InvitationLine `json:"administrator"`
}

func (s *Server) createOrganization(ctx context.Context, in *foundInput) (*reply[Founded], error) {
	b := in.Body
	f, err := s.Enrolments.Found(ctx, in.By, enrolment.Found{
		Org:  org.Details{Name: b.Name, Kind: org.Kind(b.Kind), Enamel: string(b.Enamel)},
		Slug: b.Slug, Site: b.Site.details(), Email: b.Administrator.Email, Language: text.Lang(b.Language),
	})
	if err != nil {
		return nil, renamed(err, foundPlaces)
	}
	return &reply[Founded]{
		ETag: etag(f.Org.Rev), Location: s.at("organizations", f.Org.ID.String()),
		Body: Founded{organizationOf(f.Org), in.call.line(ctx, f.Line)},
	}, nil
}

// foundPlaces says where the caller wrote what the noun calls otherwise.
func foundPlaces(location string) string {
	if location == "email" {
		return "administrator.email"
	}
	return strings.TrimPrefix(location, "org.")
}

func (s *Server) getOrganization(ctx context.Context, in *InOrg) (*reply[Organization], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return organizationReply(s.Orgs.Get(ctx, in.By, id))
}

func organizationReply(o org.Org, err error) (*reply[Organization], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Organization]{ETag: etag(o.Rev), Body: organizationOf(o)}, nil
}

func (s *Server) editOrganization(ctx context.Context, in *editOrganizationInput) (*reply[Organization], error) {
	id, rev, old, err := presented(ctx, s, in.InOrg, in.Versioned, s.Orgs.Get)
	if err != nil {
		return nil, err
	}
	b := in.Body
	return organizationReply(s.Orgs.Edit(ctx, in.By, id, rev, org.Details{
		Name: or(b.Name, old.Name), Kind: or(b.Kind, old.Kind), Enamel: or(b.Enamel, old.Enamel),
	}))
}

func (s *Server) suspend(ctx context.Context, in *suspendInput) (*reply[Organization], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return organizationReply(s.Orgs.Suspend(ctx, in.By, id, in.Body.Reason))
}

func (s *Server) resume(ctx context.Context, in *InOrg) (*reply[Organization], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return organizationReply(s.Orgs.Resume(ctx, in.By, id))
}
