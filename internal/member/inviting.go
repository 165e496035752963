package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Invitable is a member as whoever would invite them reads them.
type Invitable struct {
	Member
	Sites []ident.Site // open ones
	Roles []role.Given // that have not ended
	// Administers: one of their rights at least is an administration permission.
	Administers bool
}

// ToInvite reads a member for whoever would send them an invitation («Inviter» on the
// sheet): with members.invite for the organisation, or at every site of the member, and
// administration that covers theirs (AUZ-05). Errors: ErrNotFound for one that the actor
// may not see, access.ErrForbidden, ErrMorePowerful.
func ToInvite(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member) (Invitable, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return Invitable{}, err
	}
	s, err := v.subject(ctx, tx, in, id)
	if err != nil {
		return Invitable{}, err
	}
	if err := v.overWhole(s, access.MembersInvite); err != nil {
		return Invitable{}, err
	}
	roles, err := rolesOf(ctx, tx, in, []ident.Member{id})
	if err != nil {
		return Invitable{}, err
	}
	out := Invitable{Member: s.Member, Administers: slices.ContainsFunc(access.Administration, s.given.HasAnywhere)}
	open, err := activeSites(ctx, tx, in)
	for _, site := range open {
		if slices.Contains(s.sites, site) {
			out.Sites = append(out.Sites, site)
		}
	}
	for _, r := range roles {
		out.Roles = append(out.Roles, role.Given{Role: r.ref.Role, Scope: r.ref.Scope})
	}
	return out, err
}

// mayInvite reports whether v could send a member who waits their first invitation: the
// button «Inviter» leads to no refusal but that of a fresh proof.
func (v viewer) mayInvite(ctx context.Context, tx *store.Tx, s subject, sheet Sheet) (bool, error) {
	waiting := s.Waiting() && s.Email != "" && sheet.Invitation == nil && len(s.sites) > 0
	if allowed := v.overWhole(s, access.MembersInvite) == nil; !waiting || !allowed {
		return false, nil
	}
	waits, err := awaited(ctx, tx, s.Member)
	if err != nil || waits {
		return false, err
	}
	held, err := rolesOf(ctx, tx, s.Org, []ident.Member{s.ID})
	if err != nil {
		return false, err
	}
	for _, h := range held {
		i := slices.IndexFunc(v.roles, func(r role.Role) bool { return r.ID == h.ref.Role })
		if i < 0 {
			return false, nil
		}
		if _, ok := role.MayGive(v.held, v.roles[i].Permissions, h.ref.Scope); !ok {
			return false, nil
		}
	}
	return true, nil
}

// Sees reports whether the actor may know of a member: one of the organisation, at a
// site where they read members (AUZ-06).
func Sees(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member) (bool, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return false, err
	}
	s, ok, err := findSubject(ctx, tx, in, id)
	return ok && v.sees(s), err
}

// HolderSeen finds the member who has an RPPS number (MEM-3), if the actor may know of
// them.
func HolderSeen(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, rpps string) (Member, bool, error) {
	id, ok, err := holderOf(ctx, tx, in, rpps)
	if err != nil || !ok {
		return Member{}, false, err
	}
	if sees, err := Sees(ctx, tx, by, in, id); err != nil || !sees {
		return Member{}, false, err
	}
	m, err := Find(ctx, tx, in, id)
	return m, err == nil, err
}

// Taken is what was taken from a member since a moment: an invitation written before
// does not give it back.
type Taken struct {
	Sites []ident.Site
	Roles []role.Given
}

// TakenSince reads what was taken from a member since the moment that an invitation was
// written for them.
func TakenSince(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, i ident.Invitation) (Taken, error) {
	var t Taken
	var err error
	if t.Sites, err = sitesTaken(ctx, tx, in, id, i); err != nil {
		return t, err
	}
	t.Roles, err = rolesTaken(ctx, tx, in, id, i)
	return t, err
}
