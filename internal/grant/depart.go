package grant

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// What package departure needs of levels and delegations.

// EndOf ends every level of a member who leaves, and every delegation received or in their name,
// in the act of the departure. It gives the lines, for the change set of that act; the delegates
// are told. Whether it may be is the caller's rule.
func EndOf(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) ([]changeset.Line, error) {
	rows, err := grantsOf(ctx, tx.Tx, in, []ident.Member{id})
	if err != nil {
		return nil, err
	}
	d, err := ending(ctx, tx, in, id, rows)
	if err != nil {
		return nil, err
	}
	var lines []changeset.Line
	if len(d.Lines) > 0 {
		if lines, err = d.write(ctx, tx, &changeset.Set{}); err != nil { // gives no level: what made it is not asked
			return nil, err
		}
	}
	ended, err := EndDelegationsOf(ctx, tx, in, id)
	return append(lines, ended...), err
}

// EndAll ends every right of a member who goes that no other package ends with the membership: what
// EndOf ends, and access groups. It keeps the lines as a change set of that act; without lines there
// is none, and its ID is zero.
func EndAll(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, whole changeset.Whole,
) (changeset.Set, []changeset.Line, error) {
	lines, err := EndOf(ctx, tx, in, id)
	if err != nil {
		return changeset.Set{}, nil, err
	}
	groups, err := recordgroup.EndOf(ctx, tx, in, id)
	if lines = append(lines, groups...); err != nil || len(lines) == 0 {
		return changeset.Set{}, nil, err
	}
	set, err := member.NewSet(ctx, tx)
	if err != nil {
		return changeset.Set{}, nil, err
	}
	set.PartOf = whole
	set, err = changeset.Write(ctx, tx.Tx, in, set, lines)
	return set, lines, err
}

// Holdings counts what EndOf would end.
type Holdings struct{ Levels, Received, Given int64 }

// HoldingsOf reads it. Whoever calls it has checked that it may be told.
func HoldingsOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Holdings, error) {
	var h Holdings
	rows, err := grantsOf(ctx, tx, in, []ident.Member{id})
	if err != nil {
		return h, err
	}
	for _, r := range rows {
		if !r.over(tx.Now) {
			h.Levels++
		}
	}
	list, err := delegationsOf(ctx, tx, in, id)
	for i := range list {
		if list[i].Member == id {
			h.Received++
		} else {
			h.Given++
		}
	}
	return h, err
}

// ManagedAlone are the agendas and messaging profiles, not their own, that nobody in force would
// manage without the member.
func ManagedAlone(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]resource.Resource, error) {
	rows, err := grantsOf(ctx, tx, in, []ident.Member{id})
	if err != nil {
		return nil, err
	}
	after := map[cell]State{}
	var managed []resource.ID
	for _, r := range rows {
		if r.Level == Manage && r.held(tx.Now) {
			after[r.cell] = State{}
			managed = append(managed, r.resource)
		}
	}
	things, err := readThings(ctx, tx, in, once(managed))
	if err != nil {
		return nil, err
	}
	managed = slices.DeleteFunc(managed, func(r resource.ID) bool { return things[r].Status != resource.Active || things[r].Holder == id })
	d := draft{scene: &scene{editor: editor{}.of(in), now: tx.Now, things: things}}
	kept, err := d.managedAfter(ctx, tx, managed, after)
	var alone []resource.Resource
	for _, r := range managed {
		if !kept[r] {
			alone = append(alone, things[r])
		}
	}
	return alone, err
}

// LostByHolding says, in the act that takes a resource back from somebody, whether they had a level on
// it that ended because it became theirs: it does not come back by itself.
func LostByHolding(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, of ident.Member) (bool, error) {
	n, err := countEndedByHolding(ctx, tx, in, id, of)
	return n > 0, err
}

// Entrust has somebody manage a resource, in the act of a caller who has checked the right: by is
// who gives it, whoever carries it out (RGT-8), and what they give themself is told (RGT-1).
// Whoever manages it already goes on. Errors: those of Apply.
func Entrust(ctx context.Context, tx *action.Tx, by access.Actor, in ident.Org, id resource.ID, to ident.Member) error {
	e, err := lookAs(ctx, tx.Tx, access.Operator(tx.By.Via), in)
	if err != nil {
		return err
	}
	e.by = by
	_, err = apply(ctx, tx, e, Wanted{Changes: []Change{{Member: to, Resource: id, Level: Manage}}}, "")
	if err == action.Nothing { //nolint:errorlint // a sentinel that is never wrapped
		err = nil
	}
	return err
}

// TakeBack takes the change set of a departure back, whatever it ended, in the act that lets the
// member come back, which has checked the right to all of it: what was changed since stays. It gives
// what stayed.
func TakeBack(ctx context.Context, tx *action.Tx, in ident.Org, id ident.ChangeSet) ([]Stay, error) {
	held, err := access.HeldBy(ctx, tx.Tx, access.Operator(tx.By.Via), in)
	if err != nil {
		return nil, err
	}
	u := undoing{editor: editor{by: tx.By, held: held, sight: resource.See(held)}, whole: true}
	switch err := u.read(ctx, tx.Tx, id); {
	case errors.Is(err, ErrUndone), errors.Is(err, ErrUndoOver):
		u.out.Left(changeset.ChangedSince, u.lines...)
		return u.stays(ctx, tx.Tx)
	case err != nil:
		return nil, err
	}
	err = u.do(ctx, tx)
	if errors.Is(err, ErrNothingStands) {
		return u.stays(ctx, tx.Tx)
	}
	if err != nil {
		return nil, err
	}
	return u.Stays, u.keep(ctx, tx)
}

// stays names the lines of which none could be undone.
func (u *undoing) stays(ctx context.Context, tx *store.Tx) ([]Stay, error) {
	about, err := u.consult(ctx, tx, u.lines)
	if err != nil {
		return nil, err
	}
	var list []Stay
	for _, s := range u.out.Stays {
		list = append(list, Stay{about.named(s.Line), s.Why})
	}
	return list, nil
}
