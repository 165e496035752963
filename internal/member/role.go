package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/role"
	"habilis/internal/store"
)

// MaxRoleHolders bounds the names told of those who hold a role; how many they are is exact.
const MaxRoleHolders = 50

// ErrHolderMorePowerful is the refusal to change a role because of one of those who hold it.
var ErrHolderMorePowerful = fault.New(fault.Forbidden, "role.holder_more_powerful")

// RoleHolders are those whom a change of a role touches.
type RoleHolders struct {
	Members     []Row // by name, of those that the actor may see; MaxRoleHolders at most
	Seen        int64 // how many the actor may see
	Total       int64 // how many hold it; of whoever edits no role, how many they may see
	Invitations int64 // that wait and carry it; of whoever edits no role, not told: 0
}

// RoleChange is what a change of a role does (RGT-1).
type RoleChange struct {
	Before, After role.Role
	Gained, Lost  []access.Permission // by everybody who holds it, where they hold it
	Holders       RoleHolders
	Own           bool // the actor holds it
}

// RoleHolders tells who holds a role, in force or not, and where. For whoever reads
// members or edits roles. Errors: role.ErrNotFound.
func (m Members) RoleHolders(ctx context.Context, by access.Actor, in ident.Org, id ident.Role) (RoleHolders, error) {
	act := action.Act{Verb: "role.read", Orgs: []ident.Org{in}, Object: id.String()}
	var v viewer
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = look(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if !v.editsRoles() && !v.held.HasAnywhere(access.MembersRead) {
			return []access.Need{v.mayList()}, nil
		}
		_, err = role.Load(ctx, tx, in, []ident.Role{id})
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (RoleHolders, error) { return v.holders(ctx, tx, m, id) })
}

// EditRole gives a role of the organisation a name and permissions: everybody who holds
// it gains and loses them at once. version is the version that was read, 0 for "whatever
// it is". Needs roles.edit for the whole organisation, and there every administration
// permission that the role has or is to have; nobody who holds it may have more
// administration than the editor (RGT-1, AUZ-04, AUZ-05); a fresh proof (rules.md 6).
// What the editor gains by it is told to the other administrators. Errors: fields to
// correct, role.ErrNotFound, role.ErrBuiltIn, role.ErrAboveEditor,
// ErrHolderMorePowerful, role.ErrStale, ErrLastAdministrator, access.ErrStepUp.
func (m Members) EditRole(ctx context.Context, by access.Actor, in ident.Org, id ident.Role, version int64, d role.Details,
) (RoleChange, error) {
	return m.reshape(ctx, by, &reshaping{in: in, id: id, version: version, details: d})
}

// PreviewRole says what EditRole would do, and refuses what it would refuse, but for the
// proof: it does it, and keeps nothing of it.
func (m Members) PreviewRole(ctx context.Context, by access.Actor, in ident.Org, id ident.Role, version int64, d role.Details,
) (RoleChange, error) {
	return m.reshape(ctx, by, &reshaping{in: in, id: id, version: version, details: d, rehearsal: true})
}

// reshaping is an edition of a role under way.
type reshaping struct {
	in        ident.Org
	id        ident.Role
	version   int64
	details   role.Details
	rehearsal bool

	viewer viewer
	before role.Role
}

func (m Members) reshape(ctx context.Context, by access.Actor, r *reshaping) (RoleChange, error) {
	act := action.Act{Verb: "role.edit", Orgs: []ident.Org{r.in}, Object: r.id.String(), StepUp: !r.rehearsal}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		return []access.Need{access.MemberOf(r.in)}, r.allowed(ctx, tx, by)
	}
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (RoleChange, error) {
		c, err := r.run(ctx, tx)
		if err != nil && err != action.Nothing { //nolint:errorlint // a sentinel that is never wrapped
			return c, err
		}
		var failed error
		if c.Holders, failed = r.viewer.holders(ctx, tx.Tx, m, r.id); failed != nil {
			return c, failed
		}
		if r.rehearsal {
			err = action.Nothing
		}
		return c, err
	})
}

// allowed is the right to the edition: to the role as it is, to what it is to have, and
// over everybody who holds it.
func (r *reshaping) allowed(ctx context.Context, tx *store.Tx, by access.Actor) (err error) {
	if r.before, err = role.Removable(ctx, tx, by, r.in, r.id); err != nil {
		return err
	}
	if r.viewer, err = look(ctx, tx, by, r.in); err != nil {
		return err
	}
	e, err := role.NewEditor(ctx, tx, by, r.in)
	if err != nil {
		return err
	}
	if err := e.Check(r.details.Permissions); err != nil {
		return err
	}
	return r.viewer.overHolders(ctx, tx, r.in, r.id)
}

// run rewrites the role inside Keeping: today the administrators that ORG-4 counts hold
// the built-in role, which never changes; the day another role counts, this still holds.
func (r *reshaping) run(ctx context.Context, tx *action.Tx) (RoleChange, error) {
	c := RoleChange{Before: r.before, After: r.before}
	own, err := r.ownScopes(ctx, tx.Tx)
	if err != nil {
		return c, err
	}
	err = Keeping(ctx, tx.Tx, r.in, func() (err error) {
		c.After, err = role.Rewrite(ctx, tx, r.before, r.version, r.details)
		return err
	})
	c.Gained, c.Lost = role.Without(c.After.Permissions, c.Before.Permissions), role.Without(c.Before.Permissions, c.After.Permissions)
	c.Own = len(own) > 0
	if err == nil && len(c.Gained) > 0 {
		for _, at := range own {
			l := SelfRightsLetter{Org: r.in, Member: r.viewer.held.Member, Scope: at.Code(), Permissions: c.Gained}
			tx.After(job.Order{Args: l, Priority: job.Normal})
		}
	}
	return c, err
}

// ownScopes are where the editor holds the role.
func (r *reshaping) ownScopes(ctx context.Context, tx *store.Tx) (scopes []access.Scope, err error) {
	me := r.viewer.held.Member
	if me.IsZero() {
		return nil, nil
	}
	held, err := rolesOf(ctx, tx, r.in, []ident.Member{me})
	for _, h := range held {
		if h.ref.Role == r.id {
			scopes = append(scopes, h.ref.Scope)
		}
	}
	return scopes, err
}

func (v viewer) editsRoles() bool { return v.held.Has(access.RolesEdit, access.OrgScope(v.held.Org)) }

// overHolders refuses to change what somebody holds whose administration exceeds one's
// own, wherever it comes from (AUZ-05). One's own does not count.
func (v viewer) overHolders(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Role) error {
	given, err := administrationOfHolders(ctx, tx, in, id, v.held.Member)
	for _, g := range given {
		if access.IsAdministration(g.Permission) && !v.held.Has(g.Permission, g.Scope) {
			return ErrHolderMorePowerful
		}
	}
	return err
}

// holders names those who hold a role, as far as v may see them.
func (v viewer) holders(ctx context.Context, tx *store.Tx, m Members, id ident.Role) (RoleHolders, error) {
	var h RoleHolders
	if v.held.HasAnywhere(access.MembersRead) {
		f, err := newFinder(m.Run.Ring, v.held.Org, Query{Role: id, Size: MaxRoleHolders})
		if err != nil {
			return h, err
		}
		l, err := v.list(ctx, tx, v.prepared(f, tx))
		if err != nil {
			return h, err
		}
		h.Members, h.Seen, h.Total = l.Rows, l.Total, l.Total
	}
	if !v.editsRoles() {
		return h, nil
	}
	u, err := role.UseOf(ctx, tx, v.held.Org, id)
	h.Total, h.Invitations = u.Members, u.Invitations
	return h, err
}
