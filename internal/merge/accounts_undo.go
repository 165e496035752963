package merge

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// List gives the accounts that gave way to the actor's, the last one first. Errors: ErrNotInPerson.
func (a Accounts) List(ctx context.Context, by access.Actor) ([]AccountMerge, error) {
	return action.View(ctx, a.Run, by, own(verbJoined, by, false), func(tx *store.Tx) ([]AccountMerge, error) {
		list, err := mergesInto(ctx, tx, by.Account)
		for i := range list {
			if err == nil {
				list[i], err = filled(ctx, tx, list[i])
			}
		}
		return list, err
	})
}

// Undo takes a merging back, within AccountsUndoFor: the memberships that went over and are the actor's
// still go back, with what they have by then, and the account that gave way opens again, with its own
// password and factors. version is that of the merging. Errors: ErrAccountsNotFound, ErrStale,
// ErrAccountsLate, ErrNotInPerson, access.ErrStepUp.
func (a Accounts) Undo(ctx context.Context, by access.Actor, id ident.AccountMerge, version int64) (AccountMerge, error) {
	p := parting{by: by, find: func(ctx context.Context, tx *store.Tx) (AccountMerge, error) {
		m, found, err := getMerge(ctx, tx, id)
		if err == nil && (!found || m.Kept != by.Account) {
			err = ErrAccountsNotFound
		}
		if err == nil && m.Version != version {
			err = ErrStale
		}
		return m, err
	}}
	return p.run(ctx, a.Run, own(verbPart, by, true))
}

// ByLink gives what a presented link undoes, for its page; it spends nothing. Errors: ErrLinkGone.
func (a Accounts) ByLink(ctx context.Context, by access.Actor, presented string) (AccountMerge, error) {
	act := action.Act{Verb: verbPart, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) (AccountMerge, error) {
		m, err := ofLink(ctx, tx, presented)
		if err != nil {
			return m, err
		}
		return filled(ctx, tx, m)
	})
}

// UndoByLink is Undo by the link that the account which gave way was sent, whoever holds the other one
// by now: nobody needs to be signed in, and every browser of the one that was kept signs in again. Who
// merged them knows the password of the one that gave way: it opens nothing until another is chosen,
// which the answer lets the person do at once, and factors added lately rest. Errors: ErrLinkGone.
func (a Accounts) UndoByLink(ctx context.Context, by access.Actor, presented string) (AccountMerge, error) {
	by.Once = access.Once{} // the link is spent once
	p := parting{by: by, link: true, find: func(ctx context.Context, tx *store.Tx) (AccountMerge, error) {
		return ofLink(ctx, tx, presented)
	}}
	return p.run(ctx, a.Run, action.Act{Verb: verbPart, Needs: []access.Need{access.Everybody()}})
}

// ofLink finds what a link undoes. Errors: ErrLinkGone.
func ofLink(ctx context.Context, tx *store.Tx, presented string) (AccountMerge, error) {
	hash, ok := secret.HashToken(secret.Unmerge, presented)
	if !ok {
		return AccountMerge{}, ErrLinkGone
	}
	m, found, err := mergeByLink(ctx, tx, hash)
	if err == nil && !found {
		err = ErrLinkGone
	}
	return m, err
}

// parting is the way back of an account that gave way.
type parting struct {
	by   access.Actor
	link bool // by the link that was mailed
	find func(context.Context, *store.Tx) (AccountMerge, error)
}

// run looks for it first, so that a refusal is told in the trail of the installation, then does it under
// the locks of the organisations concerned.
func (p parting) run(ctx context.Context, r *action.Runner, act action.Act) (AccountMerge, error) {
	var list []member.Member
	m, err := action.View(ctx, r, p.by, act, func(tx *store.Tx) (m AccountMerge, err error) {
		m, list, err = p.read(ctx, tx)
		return m, err
	})
	if p.again(err) {
		return p.replay(ctx, r, act)
	}
	if err != nil {
		return AccountMerge{}, err
	}
	act.Orgs, act.Accounts, act.Object, act.Subject = orgsOf(list), true, m.Kept.String(), m.Gone.String()
	return action.Run(ctx, r, p.by, act, func(tx *action.Tx) (AccountMerge, error) {
		m, list, err := p.read(ctx, tx.Tx)
		if err != nil {
			return AccountMerge{}, err
		}
		if slices.ContainsFunc(orgsOf(list), func(o ident.Org) bool { return !slices.Contains(act.Orgs, o) }) {
			return AccountMerge{}, store.ErrBusy
		}
		return p.part(ctx, tx, m, list)
	})
}

// again reports whether the refusal may be that of a request which was done already, and comes again.
func (p parting) again(err error) bool {
	return p.by.Once.Key != "" && (errors.Is(err, ErrStale) || errors.Is(err, ErrAccountsLate))
}

// replay gives the answer of a request that was done already, else the refusal.
func (p parting) replay(ctx context.Context, r *action.Runner, act action.Act) (AccountMerge, error) {
	return action.Run(ctx, r, p.by, act, func(tx *action.Tx) (AccountMerge, error) {
		m, _, err := p.read(ctx, tx.Tx)
		if err == nil {
			err = store.ErrBusy
		}
		return m, err
	})
}

// read finds the merging with the memberships that are to go back. Errors: those of find, ErrAccountsLate.
func (p parting) read(ctx context.Context, tx *store.Tx) (m AccountMerge, list []member.Member, err error) {
	if m, err = p.find(ctx, tx); err != nil {
		return m, nil, err
	}
	if err := m.late(tx); err != nil {
		return m, nil, err
	}
	moved, err := movedIn(ctx, tx, m.ID)
	if err != nil {
		return m, nil, err
	}
	for _, v := range moved {
		refs, err := member.Refs(ctx, tx, v.Org, []ident.Member{v.Member})
		if err != nil {
			return m, nil, err
		}
		now, there := refs[v.Member]
		if !there {
			continue
		}
		line, err := standing(ctx, tx, now)
		if err != nil {
			return m, nil, err
		}
		// An organisation that took the closed account in again has that membership of it.
		_, has, err := member.OfAccount(ctx, tx, v.Org, m.Gone)
		if err != nil {
			return m, nil, err
		}
		for _, x := range line {
			if x.Account == m.Kept && (!has || x.Status == member.Left) && !slices.ContainsFunc(list, same(x)) {
				list = append(list, x)
			}
		}
	}
	return m, list, nil
}

// standing is a membership with the one that took its place (Replacements), and so on: the last one has
// what they had.
func standing(ctx context.Context, tx *store.Tx, m member.Member) ([]member.Member, error) {
	line := []member.Member{m}
	for m.Status == member.Left {
		d, found, err := departure.PassedOf(ctx, tx, m.Org, m.ID)
		if err != nil || !found {
			return line, err
		}
		refs, err := member.Refs(ctx, tx, m.Org, []ident.Member{d.Into})
		if err != nil {
			return line, err
		}
		next, there := refs[d.Into]
		if !there || slices.ContainsFunc(line, same(next)) {
			return line, nil
		}
		line, m = append(line, next), next
	}
	return line, nil
}

// same finds a membership.
func same(as member.Member) func(member.Member) bool {
	return func(m member.Member) bool { return m.Org == as.Org && m.ID == as.ID }
}

// late says why it cannot be undone.
func (m AccountMerge) late(tx *store.Tx) error {
	if m.State != AccountsMerged || !m.UndoTill.After(tx.Now) {
		return ErrAccountsLate
	}
	return nil
}

// part gives the memberships back, and opens the account again. No administrator is counted here: what
// comes back is what there was, and whoever was taken in by somebody gets out of it.
func (p parting) part(ctx context.Context, tx *action.Tx, m AccountMerge, list []member.Member) (AccountMerge, error) {
	opened, err := account.Reopen(ctx, tx.Tx, m.Gone)
	if err == nil && !opened { // erased meanwhile, or never closed
		err = ErrAccountsLate
	}
	if err != nil {
		return m, err
	}
	kept, gone, err := both(ctx, tx.Tx, m)
	if err != nil {
		return m, err
	}
	for _, was := range list {
		if err := move(ctx, tx, m, was, kept, gone, true); err != nil {
			return m, err
		}
		if err := setBack(ctx, tx.Tx, m.ID, was.Org, was.ID); err != nil {
			return m, err
		}
	}
	if err := passAsked(ctx, tx.Tx, orgsOf(list), m.Kept, m.Gone); err != nil {
		return m, err
	}
	var ended int64
	if p.link {
		if ended, err = endBrowsers(ctx, tx.Tx, m.Kept); err != nil {
			return m, err
		}
		if err := endMade(ctx, tx, gone, orgsOf(list)); err != nil {
			return m, err
		}
		if m.Reset, err = newPassword(ctx, tx.Tx, m); err != nil {
			return m, err
		}
	}
	tx.Record(audit.Event{
		Verb: verbPart, Object: m.Kept.String(), Subject: m.Gone.String(),
		Names: map[string]string{"account": kept.Name(), "subject": gone.Name()},
		After: map[string]any{trailMerge: m.ID.String(), "memberships": len(list), "by_link": p.link, event.SessionsEnded: ended},
	})
	told := UnmergedLetter{Merge: m.ID, ByLink: p.link, At: tx.Now, Address: tx.By.Address}
	tx.After(job.Order{Args: told, Priority: job.Normal})
	told.ToGone = true
	tx.After(job.Order{Args: told, Priority: job.Urgent})
	m.State, m.UndoneAt, m.Version = AccountsApart, tx.Now, m.Version+1
	done, err := endMerge(ctx, tx.Tx, m)
	if err == nil && !done {
		err = ErrStale
	}
	if err != nil {
		return m, err
	}
	return filled(ctx, tx.Tx, m)
}

// endMade ends what an account answers for that acts without it, where it is back: whoever had it may have
// made it, as when a password is lost (rules.md 7). To choose another one ends it too, but that may
// never be done: a passkey signs in without.
func endMade(ctx context.Context, tx *action.Tx, a account.Account, orgs []ident.Org) error {
	for _, in := range orgs {
		if _, err := webhook.StopMadeBy(ctx, tx, in, a.ID, webhook.ByReset); err != nil {
			return err
		}
		n, err := token.RevokeMadeBy(ctx, tx.Tx, in, a.ID, verbPart)
		if err != nil {
			return err
		}
		if n > 0 {
			tx.Record(audit.Event{
				Org: in, Verb: "token.revoke", Object: a.ID.String(), Names: map[string]string{"maker": a.Name()},
				After: map[string]any{"revoked": n, "because": verbPart},
			})
		}
	}
	return nil
}

// newPassword locks the password of the account that gave way, and gives the link to another one.
func newPassword(ctx context.Context, tx *store.Tx, m AccountMerge) (secret.Text, error) {
	if err := credential.Lock(ctx, tx, m.Gone); err != nil {
		return secret.Text{}, err
	}
	if err := credential.RestSince(ctx, tx, m.Gone, m.At.Add(-credential.Delay)); err != nil {
		return secret.Text{}, err
	}
	return credential.NewReset(ctx, tx, m.Gone)
}

func orgsOf(list []member.Member) []ident.Org {
	orgs := make([]ident.Org, 0, len(list))
	for _, m := range list {
		orgs = append(orgs, m.Org)
	}
	return slices.Compact(slices.Sorted(slices.Values(orgs)))
}

// both reads the two accounts of a merging.
func both(ctx context.Context, tx *store.Tx, m AccountMerge) (kept, gone account.Account, err error) {
	var found, there bool
	if kept, found, err = account.Get(ctx, tx, m.Kept); err != nil {
		return kept, gone, err
	}
	gone, there, err = account.Get(ctx, tx, m.Gone)
	if err == nil && (!found || !there) {
		err = fault.New(fault.Internal, "account.not_found")
	}
	return kept, gone, err
}
