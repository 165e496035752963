package invitation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Inviter is on whose authority an invitation stands: a person, a token and who
// made it, or the operator. Platform says that the authority is the platform's
// own, to found an organisation (ORG-7), not a right held in the organisation.
type Inviter struct {
	Actor    access.Actor // kind, account, token and organisation only
	Platform bool
}

// platformMark begins the text of an inviter who used the platform's authority.
const platformMark = "platform"

// InviterOf keeps of an actor what is needed to read their rights again later.
func InviterOf(by access.Actor, org ident.Org, platform bool) Inviter {
	a := access.Actor{Kind: by.Kind, Account: by.Account, Token: by.Token}
	if a.Kind == access.OrgToken {
		a.Org = org
	}
	return Inviter{Actor: a, Platform: platform}
}

// String writes the inviter for its column: "acc_…", "acc_…/tok_…", "tok_…/acc_…"
// (a token of the organisation, then who made it), "system"; the platform's own
// after "platform/".
func (i Inviter) String() string {
	var parts []string
	if i.Platform {
		parts = append(parts, platformMark)
	}
	ids := []string{i.Actor.Account.String(), i.Actor.Token.String()}
	switch i.Actor.Kind {
	case access.OrgToken, access.PlatformToken:
		ids[0], ids[1] = ids[1], ids[0]
	case access.System:
		ids = []string{string(access.System)}
	case access.Anonymous, access.Person:
	}
	for _, id := range ids {
		if id != "" {
			parts = append(parts, id)
		}
	}
	return strings.Join(parts, "/")
}

// parseInviter reads what String wrote. What it cannot read is nobody, who may
// nothing: an error denies.
func parseInviter(s string, org ident.Org) Inviter {
	rest, platform := strings.CutPrefix(s, platformMark+"/")
	if rest == string(access.System) {
		return Inviter{Actor: access.Actor{Kind: access.System}, Platform: platform}
	}
	var a access.Actor
	for n, part := range strings.Split(rest, "/") {
		if id, err := ident.ParseAccount(part); err == nil {
			a.Account = id
			if n == 0 {
				a.Kind = access.Person
			}
		}
		if id, err := ident.ParseToken(part); err == nil {
			a.Token = id
			if n == 0 && platform {
				a.Kind = access.PlatformToken
			} else if n == 0 {
				a.Kind, a.Org = access.OrgToken, org
			}
		}
	}
	if a.Kind == "" {
		a = access.Actor{Kind: access.Anonymous}
	}
	return Inviter{Actor: a, Platform: platform}
}

// Closed reports whether the platform has closed the administration space of the organisation:
// until it opens again nobody comes in by an invitation, whoever sent it, the platform and the
// operator included (ORG-6).
func (i Invitation) Closed(ctx context.Context, tx *store.Tx) (bool, error) {
	o, err := org.Get(ctx, tx, i.Org)
	return !o.Features.Administration, err
}

// Stands reports whether whoever sent the invitation last could send it now: a
// link does not outlive the authority behind it (rules.md 13), and waits while the
// administration space is closed.
func (i Invitation) Stands(ctx context.Context, tx *store.Tx) (bool, error) {
	if len(i.Sites) == 0 {
		return false, nil // every site it names was closed since
	}
	if closed, err := i.Closed(ctx, tx); err != nil || closed {
		return false, err
	}
	if t := i.Inviter.Actor.Token; !t.IsZero() {
		if ok, err := tokenInForce(ctx, tx, t); err != nil || !ok {
			return false, err
		}
	}
	err := i.grantable(ctx, tx, i.Inviter)
	if denied(err) {
		return false, nil
	}
	return err == nil, err
}

// grantable returns nil when by may now give all that the invitation gives. Errors: those
// of MayGive, access.ErrForbidden for a level.
func (i Invitation) grantable(ctx context.Context, tx *store.Tx, by Inviter) error {
	if err := MayGive(ctx, tx, by, i.Org, i.Roles, i.Sites); err != nil || by.Platform {
		return err
	}
	may, err := grant.MayGive(ctx, tx, by.Actor, i.Org, i.Levels)
	if err == nil && !may {
		err = access.ErrForbidden.With("Permission", string(access.RightsEdit))
	}
	return err
}

// MayGive returns nil when the inviter may now invite to these sites with these
// roles. Errors: access.ErrForbidden and its like, the refusals of role.CheckGrant.
func MayGive(ctx context.Context, tx *store.Tx, by Inviter, org ident.Org, roles []role.Given, sites []ident.Site) error {
	if by.Platform {
		return access.Check(ctx, tx, by.Actor, access.OfPlatform(access.PlatformSupport))
	}
	scopes := []access.Scope{access.OrgScope(org)} // of one whose sites were all closed
	if len(sites) > 0 {
		scopes = scopes[:0]
	}
	for _, s := range sites {
		scopes = append(scopes, access.SiteScope(org, s))
	}
	if err := access.Check(ctx, tx, by.Actor, access.At(access.MembersInvite, scopes...)); err != nil {
		return err
	}
	return role.CheckGrant(ctx, tx, by.Actor, org, roles)
}

// Administers reports whether one of the roles holds an administration permission:
// then giving it asks for a fresh proof of the person (rules.md 6). Errors:
// role.ErrNotFound.
func Administers(ctx context.Context, tx *store.Tx, org ident.Org, given []role.Given) (bool, error) {
	ids := make([]ident.Role, len(given))
	for n, g := range given {
		ids[n] = g.Role
	}
	roles, err := role.Load(ctx, tx, org, ids)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(roles, func(r role.Role) bool {
		return slices.ContainsFunc(r.Permissions, access.IsAdministration)
	}), nil
}

// denied tells a refusal of a right from a failure to look.
func denied(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return false
	}
	switch f.Kind {
	case fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.Gone, fault.Invalid:
		return true
	case fault.Internal, fault.Malformed, fault.Stale, fault.TooLarge, fault.Misdirected, fault.NoVersion, fault.Limited,
		fault.Unavailable, fault.Full:
	}
	return false
}
