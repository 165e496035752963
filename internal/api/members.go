package api

import (
	"context"
	"net/http"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
)

type membersInput struct {
	InOrg
	Paged

	Search       string         `query:"q" maxLength:"200" doc:"Part of the name or of the e-mail address, accents and case ignored."`
	Keyword      string         `query:"keyword" maxLength:"200" doc:"Profession, function, specialty or RPPS."`
	Role         roleID         `query:"role" doc:"Only those who hold this role, at any scope."`
	Permission   permissionCode `query:"permission" doc:"Only those who hold this permission, at any scope."`
	Status       []memberStatus `query:"status" doc:"Only those of these statuses, separated by commas."`
	Verification verification   `query:"verification" doc:"Only those whose file stands so: people who registered by themselves."`
	Site         siteID         `query:"site" doc:"Only those who belong to this site."`
	Function     functionCode   `query:"function" doc:"Only those of this function."`
	Admin        bool           `query:"admin" doc:"Only administrators, of the organisation or of a site."`
	Sort         memberOrder    `query:"sort" default:"name" doc:"A minus sign turns the order round."`
}

func (in *membersInput) query() member.Query {
	by, down := strings.CutPrefix(string(in.Sort), "-")
	q := member.Query{
		Search: in.Search, Keyword: in.Keyword, Role: ident.Role(in.Role), Permission: access.Permission(in.Permission),
		Verification: member.Verification(in.Verification), Site: ident.Site(in.Site), Function: string(in.Function), Admin: in.Admin,
		Sort: member.Sort(by), Descending: down, Size: in.Limit, After: in.Cursor,
	}
	for _, v := range in.Status {
		q.Statuses = append(q.Statuses, member.Status(v))
	}
	return q
}

func (s *Server) aboutMembers(d *door) {
	add(d, route{
		id: "listMembers", method: http.MethodGet, path: "/organizations/{org}/members", tag: tagMembers, summary: "Members",
		about:  "Those that the caller may see: of the whole organisation, or of the sites where members.read is held.",
		errors: []int{http.StatusNotFound},
	}, s.listMembers)
	add(d, route{
		id: "getMember", method: http.MethodGet, path: "/organizations/{org}/members/{mbr}", tag: tagMembers, summary: "One member",
		about: "The whole sheet, with what the caller may do with it.", errors: []int{http.StatusNotFound},
	}, s.getMember)
}

// MemberList is one page of members, with the numbers of the whole list.
type MemberList struct {
	List[MemberRow]

	Counts MemberCounts `json:"counts"`
}

// MemberCounts are the numbers of members that the caller may see, no filter applied.
type MemberCounts struct {
	All            int64 `json:"all"`
	Active         int64 `json:"active"`
	Pending        int64 `json:"pending"`
	Deactivated    int64 `json:"deactivated"`
	Administrators int64 `json:"administrators"`
}

func (s *Server) listMembers(ctx context.Context, in *membersInput) (*plainReply[MemberList], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Members.List(ctx, in.By, id, in.query())
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	return replied(MemberList{
		List:   listed(l.Rows, l.Next, l.Total, func(r member.Row) MemberRow { return rowOf(t, r) }),
		Counts: MemberCounts(l.Counts),
	}), nil
}

func (s *Server) getMember(ctx context.Context, in *InMember) (*reply[MemberSheet], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Members.Get(ctx, in.By, id, known(ident.ParseMember, in.Member))
	return in.call.sheet(ctx, v, err)
}

// sheet answers with a member's sheet.
func (c *call) sheet(ctx context.Context, v member.Sheet, err error) (*reply[MemberSheet], error) {
	if err != nil {
		return nil, err
	}
	return &reply[MemberSheet]{ETag: etag(v.Version), Body: sheetOf(c.words(ctx), v)}, nil
}

type memberActInput struct {
	InMember
	Versioned
}
