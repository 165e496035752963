package member

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// mayResend reports whether v could invite today with all that the invitation
// gives: whoever sends it again answers for it.
func (v viewer) mayResend(ctx context.Context, tx *store.Tx, sheet Sheet) (bool, error) {
	if sheet.Invitation == nil {
		return false, nil
	}
	may, err := v.mayResendEach(ctx, tx, sheet.Org, map[ident.Member]*PendingInvitation{sheet.ID: sheet.Invitation})
	return may[sheet.ID], err
}

// mayResendEach is mayResend for the invitations of a page of the list, together.
func (v viewer) mayResendEach(ctx context.Context, tx *store.Tx, in ident.Org, waiting map[ident.Member]*PendingInvitation,
) (map[ident.Member]bool, error) {
	may := map[ident.Member]bool{}
	if len(waiting) == 0 || !v.held.HasAnywhere(access.MembersInvite) {
		return may, nil
	}
	ids := make([]ident.Invitation, 0, len(waiting))
	for _, w := range waiting {
		ids = append(ids, w.ID)
	}
	sites, err := invitationSites(ctx, tx, in, ids)
	if err != nil {
		return nil, err
	}
	roles, err := invitationRoles(ctx, tx, in, ids)
	if err != nil {
		return nil, err
	}
	refused, err := v.refusedRoles(ctx, tx, in, roles)
	if err != nil {
		return nil, err
	}
	for m, w := range waiting {
		at := slices.DeleteFunc(slices.Clone(sites), func(s invitedSite) bool { return s.invitation != w.ID })
		elsewhere := slices.ContainsFunc(at, func(s invitedSite) bool {
			return !v.held.Has(access.MembersInvite, access.SiteScope(in, s.site))
		})
		may[m] = len(at) > 0 && !elsewhere && !refused[w.ID]
	}
	return may, nil
}

// refusedRoles are the invitations of which v may not give every role.
func (v viewer) refusedRoles(ctx context.Context, tx *store.Tx, in ident.Org, roles []invitedRole) (map[ident.Invitation]bool, error) {
	given := make([]role.Given, len(roles))
	for i, r := range roles {
		given[i] = r.given
	}
	err := role.CheckGrant(ctx, tx, v.by, in, given)
	refusal, is := errors.AsType[*fault.Error](err)
	refused := map[ident.Invitation]bool{}
	if err == nil || !is || refusal.Code != role.ErrNotGrantable.Code {
		return refused, err
	}
	for _, f := range refusal.Fields {
		i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(f.Location, "roles["), "]"))
		if err == nil && i < len(roles) {
			refused[roles[i].invitation] = true
		}
	}
	return refused, nil
}
