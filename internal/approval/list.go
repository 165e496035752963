package approval

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// List gives the accounts of an organisation in one status, the latest first, of which the
// actor may know; MayDecide says which they could decide. It is for those who hold
// approvals.decide. Errors: access.ErrForbidden.
func (a Approvals) List(ctx context.Context, by access.Actor, org ident.Org, s Status) ([]Approval, error) {
	var held access.Held
	act := action.Act{Verb: "approval.list", Orgs: []ident.Org{org}, Resolve: deciders(by, org, &held)}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) ([]Approval, error) {
		all, err := listed(ctx, tx, org, s, known)
		if err != nil {
			return nil, err
		}
		var out []Approval
		for _, v := range all {
			if !v.seenWith(held) {
				continue
			}
			if v.MayDecide, err = mayDecide(ctx, tx, by, v); err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
}

// Get reads one. Errors: ErrNotFound, also for one of which the actor may not know.
func (a Approvals) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) (Approval, error) {
	var v Approval
	act := action.Act{Verb: "approval.read", Orgs: []ident.Org{org}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		v, err = seen(ctx, tx, by, org, id)
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) (_ Approval, err error) {
		v.MayDecide, err = mayDecide(ctx, tx, by, v)
		return v, err
	})
}

// Count is how many accounts wait for this person; nobody else is told, nor refused: zero.
func (a Approvals) Count(ctx context.Context, by access.Actor, org ident.Org) (n int, err error) {
	err = a.Run.DB.Read(ctx, func(tx *store.Tx) error {
		n = 0
		all, err := listed(ctx, tx, org, Waiting, known)
		if err != nil || len(all) == 0 {
			return err
		}
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			if member.Refusal(err) || fault.Is(err, fault.Unauthenticated) {
				return nil
			}
			return err
		}
		for _, v := range all {
			if v.seenWith(held) && !v.over(tx.Now) {
				n++
			}
		}
		return nil
	})
	return n, err
}

// Made lists the accounts that the support made for an organisation, in one status or, when
// it is empty, in any, the latest first: each as the support entered it, and what became of the
// request; what the organisation made of the member since is not the support's to see (ORG-7).
// It is the platform's.
func (a Approvals) Made(ctx context.Context, by access.Actor, org ident.Org, s Status) ([]Approval, error) {
	act := action.Act{
		Verb: "approval.list", Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) ([]Approval, error) {
		all, err := listed(ctx, tx, org, s, asked)
		for i := range all {
			all[i].Version = firstVersion // a later one says that, and how often, they were changed
		}
		return all, err
	})
}

// deciders: approvals are for those who may decide of somebody.
func deciders(by access.Actor, org ident.Org, held *access.Held) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *held, err = access.HeldBy(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if !held.HasAnywhere(access.ApprovalsDecide) {
			return nil, access.ErrForbidden.With("Permission", string(access.ApprovalsDecide))
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// seen reads the one of which by may know.
func seen(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, id ident.Member) (Approval, error) {
	var held access.Held
	if _, err := deciders(by, org, &held)(ctx, tx); err != nil {
		return Approval{}, err
	}
	v, ok, err := find(ctx, tx, org, id)
	if err == nil && (!ok || !v.seenWith(held)) {
		err = ErrNotFound
	}
	return v, err
}

// mayDecide says whether Decide would let by decide, but for the proof and what inviting
// asks.
func mayDecide(ctx context.Context, tx *store.Tx, by access.Actor, v Approval) (bool, error) {
	err := decides(ctx, tx, by, v)
	if err == nil {
		_, err = member.Over(ctx, tx, by, v.Org, v.Member, access.ApprovalsDecide)
	}
	if member.Refusal(err) {
		return false, nil
	}
	return err == nil, err
}
