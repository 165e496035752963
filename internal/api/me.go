package api

import (
	"context"
	"fmt"
	"net/http"

	"habilis/internal/account"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/text"
)

type meInput struct{ Caller }

type editMeInput struct {
	Caller
	Versioned

	Body meChange
}

type meChange struct {
	Title      *titleText    `json:"title,omitempty"`
	GivenName  *string       `json:"given_name,omitempty"`
	FamilyName *string       `json:"family_name,omitempty"`
	Language   *languageCode `json:"language,omitempty"`
}

type placesInput struct {
	Caller
	Paged

	Search string `query:"q" maxLength:"200" doc:"Part of the name."`
}

type passwordInput struct {
	Caller

	Body passwordChange
}

type passwordChange struct {
	Password    secret.Text `json:"password" writeOnly:"true" doc:"The present one."`
	NewPassword secret.Text `json:"new_password" writeOnly:"true"`
}

func (s *Server) aboutMe(d *door) {
	add(d, route{
		id: "getMe", method: http.MethodGet, path: "/me", tag: tagMe, summary: "My account",
		about: "The account of the signed-in person, or of the person whose token it is.", errors: []int{http.StatusNotFound},
	}, s.getMe)
	add(d, route{
		id: "editMe", method: http.MethodPatch, path: "/me", tag: tagMe, summary: "Change my names or my language",
		about: "What is left out stays as it is.",
	}, s.editMe)
	add(d, route{
		id: "listMyOrganizations", method: http.MethodGet, path: "/me/organizations", tag: tagMe, summary: "My organisations",
		about: "The organisations where the person is a member, by name, with what they are there.",
	}, s.listPlaces)
	add(d, route{
		id: "leaveOrganization", method: http.MethodDelete, path: "/me/organizations/{org}", tag: tagMe, summary: "Leave an organisation",
		about: "Ends the person's own membership, at once.", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.leave)
	add(d, route{
		id: "changePassword", method: http.MethodPost, path: "/me/password", tag: tagMe, summary: "Change my password",
		about:  "The present password is asked. Every other session ends; the current one goes on under a new cookie.",
		status: http.StatusNoContent,
	}, s.changePassword)
}

func (s *Server) getMe(ctx context.Context, in *meInput) (*reply[Me], error) {
	a, err := s.Accounts.Me(ctx, in.By)
	return meReply(a, err)
}

func meReply(a account.Account, err error) (*reply[Me], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Me]{ETag: etag(a.Rev), Body: meOf(a)}, nil
}

// editMe completes the names that were left out with those that are there: the
// noun changes them together, and the version keeps a change in between from
// getting lost.
func (s *Server) editMe(ctx context.Context, in *editMeInput) (*reply[Me], error) {
	rev, err := in.version()
	if err != nil {
		return nil, err
	}
	old, err := s.Accounts.Me(ctx, in.By)
	if err != nil {
		return nil, err
	}
	b := in.Body
	c := account.Change{Names: &account.Names{
		Title: or(b.Title, old.Title), GivenName: or(b.GivenName, old.GivenName), FamilyName: or(b.FamilyName, old.FamilyName),
	}}
	if b.Language != nil {
		lang := text.Lang(*b.Language)
		c.Language = &lang
	}
	a, err := s.Accounts.EditMe(ctx, in.By, rev, c)
	return meReply(a, err)
}

// Place is one organisation of a person, and what they are there.
type Place struct {
	Organization  Organization `json:"organization"`
	Member        string       `json:"member" doc:"The person's membership." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Status        string       `json:"status" enum:"pending_approval,created,active,deactivated"`
	Administrator bool         `json:"administrator" doc:"Administers the organisation, or a site of it."`
	Roles         []HeldRole   `json:"roles"`
	Sites         []SiteRef    `json:"sites"`
}

func (s *Server) listPlaces(ctx context.Context, in *placesInput) (*plainReply[List[Place]], error) {
	all, err := s.Members.Places(ctx, in.By, in.Search)
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	return cut[member.Place, Place]{
		ring: s.Run.Ring, name: fmt.Sprintf("places|%s|%q", in.By.ID(), in.Search), page: in.Paged,
		id:       func(p member.Place) string { return p.Org.ID.String() },
		document: func(p member.Place) Place { return placeOf(t, p) },
	}.of(all)
}

func placeOf(t *text.Printer, p member.Place) Place {
	return Place{
		Organization: organizationOf(p.Org), Member: p.Member.ID.String(), Status: string(p.Member.Status), Administrator: p.Admin,
		Roles: heldRoles(t, p.Roles), Sites: siteRefs(p.Sites),
	}
}

func (s *Server) leave(ctx context.Context, in *InOrg) (*nothing, error) {
	org, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return nil, s.Departures.Leave(ctx, in.By, org)
}

// changePassword gives a browser its new cookie. A repeated request has none to
// give: the token of a session is in no stored answer.
func (s *Server) changePassword(ctx context.Context, in *passwordInput) (*nothing, error) {
	opened, err := s.Logins.ChangePassword(ctx, in.By, in.Body.Password, in.Body.NewPassword)
	if err != nil {
		return nil, err
	}
	if in.call.cookie && s.Renewed != nil && !opened.Token.IsZero() {
		s.Renewed(in.call.w, in.call.r, opened)
	}
	return nil, nil //nolint:nilnil // an answer without a document
}
