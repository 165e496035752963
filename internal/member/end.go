package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// What package departure needs of memberships: who may decide of one, its end, and its return.

// PlannedDeparture is the second fact of a member whose departure is planned (LST-4).
type PlannedDeparture struct {
	Day     string // the last one, ISO 8601
	Confirm bool   // its day came, and somebody must confirm it
}

// Depart closes a membership with everything held in it, in the caller's act, which has checked
// the right and runs inside Keeping. Errors: ErrNotFound, ErrNotActive for one who waits to be
// authorised: what was read is what is decided (INV-16).
func Depart(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, verb string) (Member, error) {
	s, ok, err := findSubject(ctx, tx.Tx, in, id)
	switch {
	case err != nil || !ok:
		return Member{}, notFound(err)
	case s.Status == PendingApproval:
		return Member{}, ErrNotActive
	}
	return s.Member, end(ctx, tx, s, verb)
}

// viewing is whoever holds held, to judge by.
func viewing(ctx context.Context, tx *store.Tx, held access.Held) (viewer, error) {
	v := viewer{held: held}
	var err error
	v.admin, err = role.BuiltIn(ctx, tx, held.Org, role.Administrator)
	return v, err
}

// OverAs is Over on the authority of somebody who is not here.
func OverAs(ctx context.Context, tx *store.Tx, held access.Held, id ident.Member, p access.Permission) (Member, error) {
	v := viewer{held: held}
	s, err := v.subject(ctx, tx, held.Org, id)
	if err != nil {
		return Member{}, err
	}
	return s.Member, v.overWhole(s, p)
}

// SeenAs finds a member whom whoever holds held may know of. Errors: ErrNotFound,
// access.ErrForbidden.
func SeenAs(ctx context.Context, tx *store.Tx, held access.Held, id ident.Member) (Member, error) {
	s, err := viewer{held: held}.subject(ctx, tx, held.Org, id)
	return s.Member, err
}

// LastDay reads the last day of a membership by the calendar of metropolitan France, with the moment
// after it; the code says what is wrong with it.
func LastDay(typed string, now time.Time) (day string, end time.Time, code string) {
	d, code := dayOf(typed)
	if code != "" {
		return "", time.Time{}, code
	}
	if end = d.AddDate(0, 0, 1).UTC(); !end.After(now) {
		return "", end, "member.plan_past"
	}
	return d.Format(time.DateOnly), end, ""
}

// LastOf is the refusal to leave a scope without an administrator (ORG-4).
func LastOf(ctx context.Context, tx *store.Tx, at access.Scope) error {
	return lastAdministrator(ctx, tx, at.Org, at.Code())
}

// KeptAlone are the scopes that nobody would keep as well without the member (ORG-4).
func KeptAlone(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]access.Scope, error) {
	c, err := ReadCoverage(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	after := c.without(id)
	var alone []access.Scope
	if after.grade(access.WholeOrganization) < c.grade(access.WholeOrganization) {
		alone = append(alone, access.OrgScope(in))
	}
	for _, s := range c.sites {
		if after.grade(s.String()) < c.grade(s.String()) {
			alone = append(alone, access.SiteScope(in, s))
		}
	}
	return alone, nil
}

// Heirs are those who may be named administrators of a scope, and able to sign in, by name.
func Heirs(ctx context.Context, tx *store.Tx, at access.Scope) ([]Member, error) {
	ids, err := heirs(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	list, err := membersByID(ctx, tx, at.Org, ids)
	slices.SortFunc(list, func(a, b Member) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return list, err
}

// MaySucceed reports whether whoever holds held may name a member administrator of a scope.
// Errors: ErrNotFound, ErrNotActive, ErrNoSignIn, ErrNotOfSite, ErrMorePowerful,
// access.ErrForbidden.
func MaySucceed(ctx context.Context, tx *store.Tx, held access.Held, heir ident.Member, at access.Scope) error {
	v, err := viewing(ctx, tx, held)
	if err != nil {
		return err
	}
	s, err := v.subject(ctx, tx, at.Org, heir)
	if err != nil {
		return err
	}
	if err := v.overAdministration(s, at); err != nil {
		return err
	}
	return mayBeAppointed(s, at)
}

// MayAppointAt reports whether whoever holds held may name somebody administrator of a scope.
func MayAppointAt(ctx context.Context, tx *store.Tx, held access.Held, at access.Scope) (bool, error) {
	v, err := viewing(ctx, tx, held)
	if err != nil {
		return false, err
	}
	_, ok := role.MayGive(held, v.admin.Permissions, at)
	return ok, nil
}

// Succeed names a member administrator of a scope in the caller's act, which has asked MaySucceed
// and runs inside Keeping: by is who gives it, whoever carries it out (RGT-8), and what they give
// themself is told as such (RGT-1). Who is one already stays one.
func Succeed(ctx context.Context, tx *action.Tx, by access.Actor, heir ident.Member, at access.Scope) error {
	v, err := look(ctx, tx.Tx, by, at.Org)
	if err != nil {
		return err
	}
	if by.Name == "" {
		names, err := GiverNames(ctx, tx.Tx, []string{giver(by)})
		if err != nil {
			return err
		}
		by.Name = names[giver(by)]
	}
	defer func(was access.Actor) { tx.By = was }(tx.By) // the trail tells who carried it out
	tx.By = by
	s, ok, err := findSubject(ctx, tx.Tx, at.Org, heir)
	if err != nil || !ok {
		return notFound(err)
	}
	old, found, err := findGrant(ctx, tx.Tx, at, heir, v.admin.ID)
	if err != nil || (found && old.endless(tx.Now)) {
		return err
	}
	var k ledger
	if err := k.appoint(ctx, tx, v, s, at, grant{starts: tx.Now}); err != nil {
		return err
	}
	if err := touch(ctx, tx.Tx, at.Org, heir); err != nil {
		return err
	}
	return k.keep(ctx, tx, s.Member, "")
}

// Former is a membership that is over, with what it was when it ended.
type Former struct {
	Member

	EndedAt time.Time
	Before  Status // when it ended
	Sites   []ident.Site

	rev   int64
	given access.Held
}

// FormerOf reads a membership that ended at a moment. Errors: ErrNotFound.
func FormerOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, endedAt time.Time) (Former, error) {
	s, ok, err := findLeft(ctx, tx, in, id)
	if err != nil || !ok {
		return Former{}, notFound(err)
	}
	f := Former{Member: s.Member, EndedAt: endedAt, rev: s.rev}
	if f.Before, err = statusLeft(ctx, tx, in, id); err != nil {
		return f, err
	}
	if f.Sites, err = sitesLeft(ctx, tx, in, id, endedAt); err != nil {
		return f, err
	}
	f.given, err = access.GivenUntil(ctx, tx, in, id, endedAt)
	return f, err
}

func (f Former) subject() subject { return subject{Member: f.Member, sites: f.Sites, given: f.given} }

// SeenBy reports whether whoever holds held may know that they were a member: of the
// organisation, or of a site that they belonged to (AUZ-06).
func (f Former) SeenBy(held access.Held) bool { return viewer{held: held}.sees(f.subject()) }

// Over checks that whoever holds held has p over the whole of what the member was. Errors:
// access.ErrForbidden, ErrMorePowerful.
func (f Former) Over(held access.Held, p access.Permission) error {
	return viewer{held: held}.overWhole(f.subject(), p)
}

// ErrNoSiteLeft is the refusal of a return to sites that are all closed.
var ErrNoSiteLeft = fault.New(fault.Conflict, "member.no_site_left")

// Lost is something that a return could not give back.
type Lost struct {
	Domain changeset.Domain
	Name   string // of a role or site; the code of a permission
	Why    changeset.Why
}

// Return lets somebody be a member again as they were when they left, in the caller's act, which
// has checked the right: what a site or a role that is gone gave stays away. Errors:
// ErrAlreadyMember, ErrNoSiteLeft, a field for an RPPS that somebody else has.
func Return(ctx context.Context, tx *action.Tx, f Former, verb string) ([]Lost, error) {
	r := comeback{Former: f}
	if err := r.sites(ctx, tx.Tx); err != nil {
		return nil, err
	}
	if err := r.roles(ctx, tx.Tx); err != nil {
		return nil, err
	}
	if err := r.permissions(ctx, tx.Tx); err != nil {
		return nil, err
	}
	if err := r.plan(ctx, tx.Tx); err != nil {
		return nil, err
	}
	e := event(f.Member, verb)
	e.Before, e.After = statusIs(Left), statusIs(f.Before)
	tx.Record(e)
	m := f.Member
	m.Status = f.Before
	if err := writeState(ctx, tx.Tx, m, f.rev+1); err != nil {
		return nil, err
	}
	return r.lost, touch(ctx, tx.Tx, f.Org, f.ID)
}

// DeactivationPlan is the domain of a planned deactivation whose day went by meanwhile.
const DeactivationPlan changeset.Domain = "deactivation"

// comeback is a return under way.
type comeback struct {
	Former

	open  []ident.Site // that they belong to again
	names map[ident.Site]string
	lost  []Lost
}

// plan has a planned deactivation stand again whose day is to come: it is judged on it.
func (r *comeback) plan(ctx context.Context, tx *store.Tx) error {
	p, err := PlannedFor(ctx, tx, r.Org, r.ID)
	if err != nil || p == nil || p.At.After(tx.Now) {
		return err
	}
	r.lost = append(r.lost, Lost{DeactivationPlan, p.Day, changeset.OverSince})
	return endPlan(ctx, tx, r.Org, r.ID)
}

func (r *comeback) sites(ctx context.Context, tx *store.Tx) error {
	active, err := activeSites(ctx, tx, r.Org)
	if err != nil {
		return err
	}
	if r.names, err = SiteNames(ctx, tx, r.Org); err != nil {
		return err
	}
	givers, err := siteGivers(ctx, tx, r.Org, r.ID, r.EndedAt)
	if err != nil {
		return err
	}
	for _, s := range r.Sites {
		if !slices.Contains(active, s) {
			r.lost = append(r.lost, Lost{changeset.Site, r.names[s], changeset.ObjectGone})
			continue
		}
		r.open = append(r.open, s)
		if err := insertSite(ctx, tx, r.Org, r.ID, s, givers[s]); err != nil {
			return err
		}
	}
	if len(r.open) == 0 && len(r.Sites) > 0 {
		return ErrNoSiteLeft
	}
	return nil
}

// here reports whether a right at a scope can be held again.
func (r *comeback) here(at access.Scope) bool {
	return at.Site.IsZero() || slices.Contains(r.open, at.Site)
}

func (r *comeback) roles(ctx context.Context, tx *store.Tx) error {
	rows, err := rolesLeft(ctx, tx, r.Org, r.ID, r.EndedAt)
	if err != nil {
		return err
	}
	all, err := role.All(ctx, tx, r.Org)
	if err != nil {
		return err
	}
	for _, h := range rows {
		switch {
		case h.over(tx.Now):
			continue
		case !h.active:
			r.lost = append(r.lost, Lost{changeset.Role, h.name, changeset.ObjectGone})
		case !r.here(h.at):
			r.lost = append(r.lost, Lost{changeset.Role, roleName(all, h), changeset.NotAtSite})
		default:
			if err := insertGrant(ctx, tx, r.ID, role.Given{Role: h.role, Scope: h.at}, h.grant, h.by); err != nil {
				return err
			}
		}
	}
	return nil
}

// roleName is the name of a role, or the code of a built-in one.
func roleName(all []role.Role, h leftRole) string {
	for _, r := range all {
		if r.ID == h.role && r.BuiltIn != "" {
			return r.BuiltIn
		}
	}
	return h.name
}

func (r *comeback) permissions(ctx context.Context, tx *store.Tx) error {
	rows, err := permissionsLeft(ctx, tx, r.Org, r.ID, r.EndedAt)
	if err != nil {
		return err
	}
	for _, h := range rows {
		switch {
		case h.over(tx.Now):
			continue
		case !access.Known(h.permission):
			r.lost = append(r.lost, Lost{changeset.Permission, string(h.permission), changeset.ObjectGone})
		case !r.here(h.at):
			r.lost = append(r.lost, Lost{changeset.Permission, string(h.permission), changeset.NotAtSite})
		default:
			if err := insertPermission(ctx, tx, r.ID, GivenPermission{h.permission, h.at}, h.grant, h.by); err != nil {
				return err
			}
		}
	}
	return nil
}

// BackOtherwise reports whether somebody who left is a member again by another way: by their
// account, or by their number.
func BackOtherwise(ctx context.Context, tx *store.Tx, f Former) (bool, error) {
	if !f.Account.IsZero() {
		if _, back, err := findByAccount(ctx, tx, f.Org, f.Account); err != nil || back {
			return back, err
		}
	}
	if f.RPPS == "" {
		return false, nil
	}
	return rppsTaken(ctx, tx, f.Member)
}

// Forget erases the personal details of somebody who left, in every version of them: the name and
// the function stay, for the trail and for past decisions (OFF-6).
func Forget(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	if err := endPlan(ctx, tx, in, id); err != nil {
		return err
	}
	return forget(ctx, tx, in, id)
}

// departures reads of members whose departure is planned when it is.
func departures(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (map[ident.Member]*PlannedDeparture, error) {
	planned := map[ident.Member]*PlannedDeparture{}
	return planned, eachDeparture(ctx, tx, in, ids, func(id ident.Member, p PlannedDeparture) { planned[id] = &p })
}
