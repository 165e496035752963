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
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// AccountsOf reads the merging of two accounts by its ID: a letter tells of it.
func AccountsOf(ctx context.Context, tx *store.Tx, id ident.AccountMerge) (AccountMerge, bool, error) {
	m, found, err := getMerge(ctx, tx, id)
	if err != nil || !found {
		return m, false, err
	}
	m, err = filled(ctx, tx, m)
	return m, err == nil, err
}

// ofHalf reads what a half has served for.
func ofHalf(ctx context.Context, tx *store.Tx, half ident.Half) (AccountMerge, bool, error) {
	m, found, err := mergeOfHalf(ctx, tx, half)
	if err != nil || !found {
		return m, false, err
	}
	m, err = filled(ctx, tx, m)
	return m, err == nil, err
}

// filled names what a merging is about.
func filled(ctx context.Context, tx *store.Tx, m AccountMerge) (AccountMerge, error) {
	kept, _, err := account.Get(ctx, tx, m.Kept)
	if err != nil {
		return m, err
	}
	gone, _, err := account.Get(ctx, tx, m.Gone)
	if err != nil {
		return m, err
	}
	m.KeptName, m.KeptEmail, m.GoneName, m.GoneEmail = nameIn(kept), kept.Email.Address, nameIn(gone), gone.Email.Address
	moved, err := movedIn(ctx, tx, m.ID)
	if err != nil {
		return m, err
	}
	m.Members = nil
	for _, v := range moved {
		refs, err := member.Refs(ctx, tx, v.Org, []ident.Member{v.Member})
		if err != nil {
			return m, err
		}
		line, err := standing(ctx, tx, refs[v.Member])
		if err != nil {
			return m, err
		}
		list, err := movedOf(ctx, tx, line[len(line)-1:])
		if err != nil {
			return m, err
		}
		list[0].Back = v.Back
		m.Members = append(m.Members, list...)
	}
	if err := m.late(tx); err != nil {
		m.NoUndo = fault.Of(err).Code
	}
	m.MayUndo = m.NoUndo == ""
	return m, nil
}

// nameIn is the name of an account; empty: it is erased.
func nameIn(a account.Account) string {
	if a.FamilyName == "" {
		return ""
	}
	return a.Name()
}

// movedOf are memberships as they are shown.
func movedOf(ctx context.Context, tx *store.Tx, list []member.Member) ([]MovedMember, error) {
	out := make([]MovedMember, 0, len(list))
	for _, m := range list {
		name, err := nameOf(ctx, tx, m.Org)
		if err != nil {
			return nil, err
		}
		out = append(out, MovedMember{Org: m.Org, OrgName: name, Member: m.ID, Name: m.Name(), Status: m.Status})
	}
	return out, nil
}

func nameOf(ctx context.Context, tx *store.Tx, in ident.Org) (string, error) {
	o, err := org.Get(ctx, tx, in)
	return o.Name, err
}

// Covered are accounts with those that gave way to them, and to these in turn: one person. The ones
// given stand first.
func Covered(ctx context.Context, tx *store.Tx, ids ...ident.Account) ([]ident.Account, error) {
	all := slices.Clone(ids)
	for i := 0; i < len(all); i++ {
		list, err := mergesInto(ctx, tx, all[i])
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if m.State != AccountsApart && !slices.Contains(all, m.Gone) {
				all = append(all, m.Gone)
			}
		}
	}
	return all, nil
}

// Undoable reports whether an account gave way to this one, and may still take its memberships back.
func Undoable(ctx context.Context, tx *store.Tx, kept ident.Account) (bool, error) {
	return underWay(ctx, tx, kept)
}

// finishedAtOnce bounds what one round finishes.
const finishedAtOnce = 100

// Finish does away with the accounts whose way back is over: their password and factors go, their
// address is free. Whose they were stays known. The timetable calls it; what one of them meets keeps no
// other waiting.
func (a Accounts) Finish(ctx context.Context) error {
	var due []AccountMerge
	err := a.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = dueMerges(ctx, tx, finishedAtOnce)
		return err
	})
	for _, m := range due {
		err = errors.Join(err, a.finish(ctx, m.ID))
	}
	return err
}

func (a Accounts) finish(ctx context.Context, id ident.AccountMerge) error {
	act := action.Act{Verb: verbFinishJoin, Needs: []access.Need{access.Everybody()}, Object: id.String()}
	_, err := action.Run(ctx, a.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		m, found, err := getMerge(ctx, tx.Tx, id)
		if err != nil {
			return struct{}{}, err
		}
		if !found || m.State != AccountsMerged || m.UndoTill.After(tx.Now) { // undone, or done meanwhile
			return struct{}{}, action.Nothing
		}
		if err := credential.Wipe(ctx, tx.Tx, m.Gone, verbFinishJoin); err != nil {
			return struct{}{}, err
		}
		if err := account.Free(ctx, tx.Tx, m.Gone); err != nil {
			return struct{}{}, err
		}
		tx.Record(audit.Event{
			Verb: verbFinishJoin, Object: m.Kept.String(), Subject: m.Gone.String(), After: map[string]any{trailMerge: m.ID.String()},
		})
		m.State, m.Version = AccountsFinished, m.Version+1
		_, err = endMerge(ctx, tx.Tx, m)
		return struct{}{}, err
	})
	return err
}
