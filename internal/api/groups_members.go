package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/recordgroup"
)

type groupMembersInput struct {
	InGroup
	Paged

	Search string `query:"q" maxLength:"200" doc:"Words of the name or of the e-mail address."`
	Member string `query:"member" doc:"Only this member."`
}

type setGroupMemberInput struct {
	InGroup
	Versioned

	Member string `path:"mbr" doc:"The member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Body   groupPeriod
}

type groupPeriod struct {
	From  *time.Time `json:"from,omitempty" doc:"At once when it is left out; a membership in force keeps its own."`
	Until *time.Time `json:"until,omitempty" doc:"Without an end when it is left out."`
}

type removeGroupMemberInput struct {
	InGroup
	Versioned

	Member string `path:"mbr" doc:"The member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

func (s *Server) aboutGroupMembers(d *door) {
	const path = groupPath + "/members"
	add(d, route{
		id: "listAccessGroupMembers", method: http.MethodGet, path: path, tag: tagGroups, summary: "Members of an access group",
		about:  "By name, those whom the caller may know of: since when and until when, who gave it and when." + readsGroups,
		errors: []int{http.StatusNotFound},
	}, s.listGroupMembers)
	add(d, route{
		id: "setAccessGroupMember", method: http.MethodPut, path: path + "/{mbr}", tag: tagGroups, summary: "Put a member in an access group",
		about:  "Or change since when and until when they are in it; whoever is in it that way already stays as they are." + needsGroups,
		errors: []int{http.StatusNotFound},
	}, s.setGroupMember)
	add(d, route{
		id: "removeAccessGroupMember", method: http.MethodDelete, path: path + "/{mbr}", tag: tagGroups,
		summary: "Take a member out of an access group", errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
		about: "Whoever is not in it stays out. With If-Match, only that version." + needsGroups,
	}, s.removeGroupMember)
}

// AccessGroupMember is a member in a group.
type AccessGroupMember struct {
	Member     string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Title      string     `json:"title" example:"Dr"`
	GivenName  string     `json:"given_name" example:"Claire"`
	FamilyName string     `json:"family_name" example:"Morvan"`
	Function   string     `json:"function" example:"physician"`
	Status     string     `json:"status" enum:"pending_approval,created,active,deactivated"`
	From       time.Time  `json:"from"`
	Until      *time.Time `json:"until" doc:"Null without an end; a membership that has ended stays listed until it is removed."`
	GivenBy    string     `json:"given_by" doc:"Name of who gave it, or empty." example:"Bruno Lacaze"`
	GivenAt    time.Time  `json:"given_at"`
}

func groupMemberOf(m recordgroup.Membership) AccessGroupMember {
	return AccessGroupMember{
		Member: m.Member.String(), Title: m.Title, GivenName: m.GivenName, FamilyName: m.FamilyName, Function: m.Function,
		Status: string(m.Status), From: m.StartsAt.UTC(), Until: end(m.EndsAt), GivenBy: m.GivenBy, GivenAt: m.GivenAt.UTC(),
	}
}

func (s *Server) listGroupMembers(ctx context.Context, in *groupMembersInput) (*plainReply[List[AccessGroupMember]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := recordgroup.Query{Search: in.Search, Size: in.Limit, After: in.Cursor}
	if in.Member != "" {
		q.Member = known(ident.ParseMember, in.Member)
	}
	l, err := s.Groups.Members(ctx, in.By, org, in.id(), q)
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Items, l.Next, l.Total, groupMemberOf)), nil
}

func (s *Server) setGroupMember(ctx context.Context, in *setGroupMemberInput) (*reply[AccessGroup], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return groupReply(s.Groups.SetMembers(ctx, in.By, org, in.id(), version, []ident.Member{known(ident.ParseMember, in.Member)},
		recordgroup.Dates{From: in.Body.From, Until: in.Body.Until}))
}

func (s *Server) removeGroupMember(ctx context.Context, in *removeGroupMemberInput) (*reply[AccessGroup], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return groupReply(s.Groups.RemoveMember(ctx, in.By, org, in.id(), version, known(ident.ParseMember, in.Member)))
}
