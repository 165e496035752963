package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
)

type changeSetsInput struct {
	InOrg
	Paged

	Member   memberID  `query:"member" doc:"Only those with a line about this member."`
	Resource leveledID `query:"resource" doc:"Only those with a line about this agenda or messaging profile."`
	Object   string    `query:"object" maxLength:"64" doc:"Only those with a line about this identity, role, site or access group, by its ID, or about this permission."` //nolint:lll // a tag is one literal
}

type changeRightsInput struct {
	InOrg

	Body wantedRights
}

// wantedRights is a whole edit of levels.
type wantedRights struct {
	Changes []levelChange `json:"changes,omitempty" maxItems:"2000" doc:"Cells; of two on one cell the later one wins."`
	Clone   *cloneOf      `json:"clone,omitempty" doc:"Gives the levels of a colleague, before the changes."`
	Reason  string        `json:"reason,omitempty" doc:"Shown in the history."`
	DryRun  bool          `json:"dry_run,omitempty" doc:"Say what would be done, and do nothing."`
}

type levelChange struct {
	Member   memberID   `json:"member"`
	Resource leveledID  `json:"resource"`
	Level    levelWord  `json:"level"`
	From     *time.Time `json:"from,omitempty" doc:"Now, when it is left out: a level that is held already goes on."`
	Until    *time.Time `json:"until,omitempty" doc:"Without an end, when it is left out."`
	Was      *levelWord `json:"was,omitempty" doc:"The level that the change was made from: another one now refuses it."`
}

type cloneOf struct {
	From    memberID      `json:"from"`
	To      []memberID    `json:"to" minItems:"1" maxItems:"500"`
	Domains []levelDomain `json:"domains" minItems:"1" maxItems:"2"`
}

func (b wantedRights) wanted() grant.Wanted {
	w := grant.Wanted{Reason: b.Reason}
	for _, c := range b.Changes {
		one := grant.Change{
			Member: ident.Member(c.Member), Resource: resource.ID(c.Resource), Level: levelOf(c.Level), From: c.From, Until: c.Until,
		}
		if c.Was != nil {
			was := levelOf(*c.Was)
			one.Was = &was
		}
		w.Changes = append(w.Changes, one)
	}
	if b.Clone != nil {
		w.Clone = &grant.Clone{From: ident.Member(b.Clone.From)}
		for _, id := range b.Clone.To {
			w.Clone.To = append(w.Clone.To, ident.Member(id))
		}
		for _, d := range b.Clone.Domains {
			w.Clone.Domains = append(w.Clone.Domains, domains[d])
		}
	}
	return w
}

// levelOf reads a level that the schema let through.
func levelOf(w levelWord) grant.Level {
	l, _ := grant.ParseLevel(string(w))
	return l
}

// InChangeSet is the input of a route of one change set.
type InChangeSet struct {
	InOrg

	ChangeSet string `path:"cst" doc:"The change set's ID." example:"cst_019aa0f5-91b4-7d20-a6c3-5e8f017d24b9"`
}

type undoInput struct {
	InChangeSet

	DryRun bool `query:"dry_run" doc:"Say what would be done, and do nothing."`
}

type accessInput struct {
	InResource

	At time.Time `query:"at" doc:"A past moment; now, when it is left out."`
}

func (s *Server) aboutRights(d *door) {
	const path = "/organizations/{org}/change-sets"
	lines := []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "changeRights", method: http.MethodPost, path: path, tag: tagRights, summary: "Change levels",
		about: "Gives and takes levels on agendas and messaging profiles, all of it or nothing: one change set, undone for 30 days. " +
			"Needs rights.edit where each resource is. With dry_run, and when nothing would change, the answer has no id.",
		errors: lines,
	}, s.changeLevels)
	add(d, route{
		id: "listChangeSets", method: http.MethodGet, path: path, tag: tagRights, summary: "Change sets",
		about: "Every edit of rights is one: levels, roles and permissions, delegations, access groups. The latest first: " +
			"those with a line that the caller may know of, without lines. Needs rights.read, rights.edit, delegations.edit or groups.edit.",
		errors: []int{http.StatusNotFound},
	}, s.listChangeSets)
	add(d, route{
		id: "getChangeSet", method: http.MethodGet, path: path + "/{cst}", tag: tagRights, summary: "One change set",
		about: "With its lines before and after: those that the caller may know of.", errors: []int{http.StatusNotFound},
	}, s.getChangeSet)
	add(d, route{
		id: "undoChangeSet", method: http.MethodPost, path: path + "/{cst}/undo", tag: tagRights, summary: "Undo a change set",
		about: "By a change set that is its inverse, whatever it is about: of each line that still stands as it was left, what was before; " +
			"the others are in stays, each with its reason. Checked as a new change is, with the caller's rights; what administration or " +
			"delegations ask of a person, a fresh proof, is asked here. With dry_run, the answer says what would be done.",
		errors: append(lines, http.StatusGone),
	}, s.undoChangeSet)
	add(d, route{
		id: "getMemberRights", method: http.MethodGet, path: "/organizations/{org}/members/{mbr}/rights", tag: tagRights,
		summary: "Rights of a member",
		about: "Levels, roles, permissions, delegations and access groups, each with its source. Everybody reads their own; " +
			"those of others need rights.read, or rights.edit, where each resource is.",
		errors: []int{http.StatusNotFound},
	}, s.memberRights)
	for _, r := range resourceRoutes {
		f := family{s, r.typ, r.path}
		add(d, route{
			id: "get" + r.one + "Access", method: http.MethodGet, path: "/organizations/{org}/" + r.path + "/{id}/access", tag: tagRights,
			summary: "Who has access to " + article(r.word),
			about: "Its holder, and whoever was given a level; of an identity, whoever may act in its name. " +
				"Needs rights.read, or rights.edit, at its site, or to be its holder.",
			errors: []int{http.StatusNotFound},
		}, f.access)
	}
}

func (s *Server) changeLevels(ctx context.Context, in *changeRightsInput) (*plainReply[ChangeSet], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	act := s.Grants.Apply
	if in.Body.DryRun {
		act = s.Grants.Preview
	}
	set, err := act(ctx, in.By, org, in.Body.wanted())
	return in.call.changeSet(ctx, set, err)
}

func (c *call) changeSet(ctx context.Context, set grant.ChangeSet, err error) (*plainReply[ChangeSet], error) {
	if err != nil {
		return nil, bounded(err)
	}
	return replied(changeSetOf(c.words(ctx), set)), nil
}

// bounded keeps the first of the lines that are refused: a change has up to 2,000.
func bounded(err error) error {
	f := fault.Of(err)
	if len(f.Fields) <= maxFields || !errors.Is(err, f) {
		return err
	}
	short := *f
	short.Fields = slices.Clip(f.Fields[:maxFields])
	return &short
}

func (s *Server) listChangeSets(ctx context.Context, in *changeSetsInput) (*plainReply[List[ChangeSet]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Grants.ChangeSets(ctx, in.By, org, grant.ChangeSetQuery{
		Member: ident.Member(in.Member), Resource: resource.ID(in.Resource), Object: in.Object, Size: in.Limit, After: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	t := in.call.words(ctx)
	return replied(listed(l.Sets, l.Next, l.Total, func(c grant.ChangeSet) ChangeSet { return changeSetOf(t, c) })), nil
}

func (s *Server) getChangeSet(ctx context.Context, in *InChangeSet) (*plainReply[ChangeSet], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	set, err := s.Grants.ChangeSet(ctx, in.By, org, known(ident.ParseChangeSet, in.ChangeSet))
	return in.call.changeSet(ctx, set, err)
}

func (s *Server) undoChangeSet(ctx context.Context, in *undoInput) (*plainReply[ChangeSet], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	act := s.Grants.Undo
	if in.DryRun {
		act = s.Grants.PreviewUndo
	}
	set, err := act(ctx, in.By, org, known(ident.ParseChangeSet, in.ChangeSet))
	return in.call.changeSet(ctx, set, err)
}

func (s *Server) memberRights(ctx context.Context, in *InMember) (*plainReply[MemberRights], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	r, err := s.Grants.OfMember(ctx, in.By, org, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	v := MemberRights{
		Member: r.Member.ID.String(), Name: r.Member.Name(), InForce: r.InForce, Levels: make([]MemberLevel, 0, len(r.Levels)),
		Roles: heldRoles(in.call.words(ctx), r.Roles), Permissions: heldPermissions(r.Permissions),
		Delegations: make([]Delegation, 0, len(r.Delegations)), Groups: heldGroups(r.Groups, s.Run.DB.Now()),
	}
	for _, d := range r.Delegations {
		v.Delegations = append(v.Delegations, delegationOf(d))
	}
	for _, l := range r.Levels {
		v.Levels = append(v.Levels, MemberLevel{
			Resource: l.Resource.ID.String(), Type: string(l.Resource.Type), Name: l.Resource.Name, Source: string(l.Source), InForce: l.Now,
			GrantedLevel: grantedOf(l.State), MayEdit: l.May,
		})
	}
	return replied(v), nil
}

func heldPermissions(list []member.PermissionRef) []HeldPermission {
	out := make([]HeldPermission, 0, len(list))
	for _, p := range list {
		out = append(out, HeldPermission{
			Permission: string(p.Permission), Scope: p.Scope.Code(), SiteName: p.SiteName,
			GivenBy: p.GivenBy, GivenAt: p.GivenAt.UTC(), EndsAt: end(p.EndsAt),
		})
	}
	return out
}

func (f family) access(ctx context.Context, in *accessInput) (*plainReply[ResourceAccess], error) {
	org, err := f.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	a, err := f.Grants.OfResourceAt(ctx, in.By, org, f.known(in.ID), in.At)
	if err != nil {
		return nil, err
	}
	v := ResourceAccess{Resource: a.Resource.ID.String(), At: a.At.UTC(), MayEdit: a.May, Entries: make([]AccessEntry, 0, len(a.Entries))}
	v.Delegates = make([]DelegateEntry, 0, len(a.Delegates))
	for _, d := range a.Delegates {
		v.Delegates = append(v.Delegates, DelegateEntry{
			Member: d.Member.String(), Name: d.Name, Function: d.Function, Status: string(d.Status), Act: string(d.Act),
			From: d.From.UTC(), Until: end(d.Until), GivenBy: d.GivenBy, GivenAt: d.GivenAt.UTC(), InForce: d.InForce,
		})
	}
	for _, e := range a.Entries {
		v.Entries = append(v.Entries, AccessEntry{
			Member: e.Member.String(), Name: e.Name, Function: e.Function, Status: string(e.Status), Source: string(e.Source),
			InForce: e.InForce && e.Now, GrantedLevel: grantedOf(e.State),
		})
	}
	return replied(v), nil
}
