package api

import (
	"context"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
)

type administrationInput struct {
	InMember
	Versioned

	Scope scopeCode `query:"scope" required:"true" doc:"organization, or the ID of a site."`
}

type memberSiteInput struct {
	InMember
	Versioned

	Site string `path:"ste" doc:"The site's ID." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
}

func (s *Server) aboutMemberships(d *door) {
	const administration = "/organizations/{org}/members/{mbr}/administration"
	const site = "/organizations/{org}/members/{mbr}/sites/{ste}"
	errors := []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "appointAdministrator", method: http.MethodPut, path: administration, tag: tagMembers, summary: "Name an administrator",
		about: "Gives the role «administrator» at the scope, at once; the person is told by e-mail.", errors: errors,
	}, s.appoint)
	add(d, route{
		id: "withdrawAdministrator", method: http.MethodDelete, path: administration, tag: tagMembers, summary: "Withdraw administration",
		about:  "Takes the role «administrator» at the scope. The last administrator able to sign in stays. With If-Match, only that version.",
		errors: append(errors, http.StatusPreconditionFailed),
	}, s.withdraw)
	add(d, route{
		id: "addMemberToSite", method: http.MethodPut, path: site, tag: tagMembers, summary: "Add a member to a site",
		about: "The member belongs to that site too.", errors: errors,
	}, s.addToSite)
	add(d, route{
		id: "removeMemberFromSite", method: http.MethodDelete, path: site, tag: tagMembers, summary: "Remove a member from a site",
		about: "Ends the belonging and everything that is given there; work items stay the member's. Refused (site_removal.holds) " +
			"while the member is the holder of an agenda, messaging profile or identity of the site: createSiteRemoval hands it over " +
			"or closes it. The last site of a member stays. With If-Match, only that version.",
		errors: append(errors, http.StatusPreconditionFailed),
	}, s.removeFromSite)
	s.aboutSiteRemovals(d)
}

func (s *Server) appoint(ctx context.Context, in *administrationInput) (*reply[MemberSheet], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return s.changeAdministration(ctx, in, version, s.Members.Appoint)
}

func (s *Server) withdraw(ctx context.Context, in *administrationInput) (*reply[MemberSheet], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	return s.changeAdministration(ctx, in, version, s.Members.Withdraw)
}

func (s *Server) changeAdministration(ctx context.Context, in *administrationInput, version int64,
	act func(context.Context, access.Actor, ident.Member, access.Scope, int64) (member.Sheet, error),
) (*reply[MemberSheet], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := act(ctx, in.By, known(ident.ParseMember, in.Member), scope(id, in.Scope), version)
	return in.call.sheet(ctx, v, err)
}

func (s *Server) addToSite(ctx context.Context, in *memberSiteInput) (*reply[MemberSheet], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return s.changeSite(ctx, in, version, s.Members.AddSite)
}

func (s *Server) removeFromSite(ctx context.Context, in *memberSiteInput) (*reply[MemberSheet], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	return s.changeSite(ctx, in, version, s.Members.RemoveSite)
}

func (s *Server) changeSite(ctx context.Context, in *memberSiteInput, version int64,
	act func(context.Context, access.Actor, ident.Org, ident.Member, ident.Site, int64) (member.Sheet, error),
) (*reply[MemberSheet], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := act(ctx, in.By, id, known(ident.ParseMember, in.Member), known(ident.ParseSite, in.Site), version)
	return in.call.sheet(ctx, v, err)
}
