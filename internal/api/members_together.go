package api

import (
	"context"
	"net/http"

	"habilis/internal/ident"
	"habilis/internal/member"
)

type deactivateAllInput struct {
	InOrg

	DryRun bool `query:"dry_run" doc:"Say what would become of each member, and do nothing."`
	Body   selection
}

type selection struct {
	Members []memberID `json:"members" minItems:"1" maxItems:"500"`
}

func (b selection) ids() []ident.Member {
	list := make([]ident.Member, 0, len(b.Members))
	for _, id := range b.Members {
		list = append(list, ident.Member(id))
	}
	return list
}

func (s *Server) aboutMembersTogether(d *door) {
	add(d, route{
		id: "deactivateMembers", method: http.MethodPost, path: "/organizations/{org}/members/deactivate", tag: tagMembers,
		summary: "Deactivate several members",
		about: "All of them or none: each like deactivateMember. With dry_run, the answer says of each whether it would be refused, " +
			"as if those before were done. Needs members.deactivate.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.deactivateAll)
}

// SelectionReport says what became of each of several members.
type SelectionReport struct {
	DryRun bool            `json:"dry_run" doc:"Nothing was done."`
	Lines  []SelectionLine `json:"lines" doc:"One for each member, in the order they were given."`
}

// SelectionLine is what became of one member.
type SelectionLine struct {
	Member string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Status string `json:"status" doc:"Of the member, now."`
	Code   string `json:"code,omitempty" doc:"The rule that would refuse this member." example:"member.last_administrator"`
	Detail string `json:"detail,omitempty" doc:"What to do about it, in the caller's language."`
}

func (s *Server) deactivateAll(ctx context.Context, in *deactivateAllInput) (*plainReply[SelectionReport], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		all, err := s.Members.ReviewDeactivation(ctx, in.By, id, in.Body.ids())
		return in.reviewed(ctx, all, err)
	}
	all, err := s.Members.DeactivateAll(ctx, in.By, id, in.Body.ids())
	if err != nil {
		return nil, err
	}
	r := SelectionReport{Lines: make([]SelectionLine, 0, len(all))}
	for i := range all {
		r.Lines = append(r.Lines, SelectionLine{Member: all[i].ID.String(), Status: string(all[i].Status)})
	}
	return replied(r), nil
}

func (in *deactivateAllInput) reviewed(ctx context.Context, all []member.Reviewed, err error) (*plainReply[SelectionReport], error) {
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	r := SelectionReport{DryRun: true, Lines: make([]SelectionLine, 0, len(all))}
	for i := range all {
		l := SelectionLine{Member: all[i].Member.ID.String(), Status: string(all[i].Member.Status)}
		if f := all[i].Refused; f != nil {
			l.Code, l.Detail = f.Code, sentence(t, f.Code, f.Args, f.Wait, in.call.door.RequestID(in.call.r))
		}
		r.Lines = append(r.Lines, l)
	}
	return replied(r), nil
}
