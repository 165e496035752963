package grant

import (
	"context"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

// The letters that acts on delegations order; package notify writes them.

// HolderLetter tells the holder of identities that somebody may act in their name, or
// that it is proposed to them. By is the name of whoever acted.
type HolderLetter struct {
	Org         ident.Org
	Holder      ident.Member
	Delegations []ident.Delegation
	Proposed    bool
	By          string
}

// Kind names the job.
func (HolderLetter) Kind() string { return "letter.delegation_holder" }

// StartLetter tells a delegate that what they were given begins, at At.
type StartLetter struct {
	Org         ident.Org
	Member      ident.Member
	Delegations []ident.Delegation
	At          time.Time
}

// Kind names the job.
func (StartLetter) Kind() string { return "letter.delegation_start" }

// EndLetter tells a delegate that what they were given has ended, at At.
type EndLetter struct {
	Org         ident.Org
	Member      ident.Member
	Delegations []ident.Delegation
	At          time.Time
}

// Kind names the job.
func (EndLetter) Kind() string { return "letter.delegation_end" }

// letters tells the holders, but for one who gives it themself, and the delegate.
func (v delegationViewer) letters(tx *action.Tx, lines []Delegation) {
	type about struct {
		holder   ident.Member
		proposed bool
	}
	groups := map[about][]ident.Delegation{}
	var order []about
	var begun []Delegation
	for _, d := range lines {
		if !d.offered {
			begun = append(begun, d)
		}
		if d.Identity.Holder.IsZero() || v.holds(d.Identity) {
			continue
		}
		k := about{d.Identity.Holder, d.offered}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], d.ID)
	}
	for _, k := range order {
		tx.After(job.Order{Priority: job.Normal, Args: HolderLetter{
			Org: v.held.Org, Holder: k.holder, Delegations: groups[k], Proposed: k.proposed, By: v.by.Name,
		}})
	}
	announce(tx, begun, true, true)
}

// announce orders the letters of the beginning and of the end of what one member was
// given together. A letter whose moment was changed since has nothing to say.
func announce(tx *action.Tx, list []Delegation, start, end bool) {
	if len(list) == 0 {
		return
	}
	d := list[0]
	if start {
		letter := StartLetter{Org: d.Org, Member: d.Member, Delegations: idsOf(list), At: d.From}
		tx.After(job.Order{Priority: job.Normal, At: d.From, Args: letter})
	}
	if end && d.Until != nil {
		tellEnd(tx, list, *d.Until)
	}
}

func tellEnd(tx *action.Tx, list []Delegation, at time.Time) {
	tx.After(job.Order{Priority: job.Normal, At: at, Args: EndLetter{
		Org: list[0].Org, Member: list[0].Member, Delegations: idsOf(list), At: at,
	}})
}

func idsOf(list []Delegation) []ident.Delegation {
	ids := make([]ident.Delegation, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids
}

func sameMoment(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// LoadDelegations reads some delegations as they are now, for the letters that tell of
// them: those that ended too, by the name of the identity.
func LoadDelegations(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Delegation) ([]Delegation, error) {
	return delegationsByID(ctx, tx, in, ids)
}
