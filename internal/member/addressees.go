package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Why somebody cannot be written to (LST-3).
var (
	ErrNoMailbox = fault.New(fault.Conflict, "member.no_mailbox") // nobody proved their address yet
	ErrClosed    = fault.New(fault.Conflict, "member.closed")     // their membership is not in force
)

// Addressees says of each of these members, in their order and each once, whether by may
// write to them: by sees them, holds members.message in the organisation or at one of their
// sites, and they have an account and are members in force. Errors: fields to correct.
func Addressees(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, ids []ident.Member) ([]Reviewed, error) {
	ids, err := selection(ids)
	if err != nil {
		return nil, err
	}
	v, found, err := lookAt(ctx, tx, by, in, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Reviewed, 0, len(ids))
	for _, id := range ids {
		s, ok := found[id]
		if !ok || !v.sees(s) {
			list = append(list, Reviewed{Member: Member{Org: in, ID: id}, Refused: ErrNotFound})
			continue
		}
		r := Reviewed{Member: s.Member}
		if err := v.mayWriteTo(s); err != nil {
			r.Refused = fault.Of(err)
		}
		list = append(list, r)
	}
	return list, nil
}

func (v viewer) mayWriteTo(s subject) error {
	here := func(site ident.Site) bool { return v.held.Has(access.MembersMessage, access.SiteScope(s.Org, site)) }
	switch {
	case !v.held.Has(access.MembersMessage, access.OrgScope(s.Org)) && !slices.ContainsFunc(s.sites, here):
		return access.ErrForbidden.With("Permission", string(access.MembersMessage))
	case s.Status == Deactivated || s.Status == PendingApproval:
		return ErrClosed
	case s.Account.IsZero():
		return ErrNoMailbox
	}
	return nil
}
