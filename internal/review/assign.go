package review

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Reviewers lists those who may review in a campaign, and those who have a list there and may no
// more, with what is theirs to do. Errors: ErrNotFound.
func (r Reviews) Reviewers(ctx context.Context, by access.Actor, in ident.Org, id ident.Review) ([]Reviewer, error) {
	var e eye
	return action.View(ctx, r.Run, by, e.act(verbRead, by, in, id), func(tx *store.Tx) ([]Reviewer, error) {
		return e.reviewers(ctx, tx)
	})
}

func (e *eye) reviewers(ctx context.Context, tx *store.Tx) ([]Reviewer, error) {
	g, err := e.campaign.gather(ctx, tx, nil)
	if err != nil {
		return nil, err
	}
	all := map[ident.Member]*Reviewer{}
	for m := range g.able {
		all[m] = &Reviewer{Member: m, Able: true}
	}
	rows, err := bareRowsOf(ctx, tx, e.campaign)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		p := &rows[i]
		if p.reviewer.IsZero() {
			continue
		}
		if all[p.reviewer] == nil {
			all[p.reviewer] = &Reviewer{Member: p.reviewer}
		}
		all[p.reviewer].People++
		if p.passes(FUndecided, "", nil) {
			all[p.reviewer].Undecided++
		}
	}
	ids := make([]ident.Member, 0, len(all))
	for m := range all {
		ids = append(ids, m)
	}
	refs, err := member.Refs(ctx, tx, e.campaign.Org, ids)
	list := make([]Reviewer, 0, len(all))
	for m, v := range all {
		v.Name = refs[m].Name()
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Reviewer) int {
		return cmp.Or(cmp.Compare(refs[a.Member].FamilyName, refs[b.Member].FamilyName), cmp.Compare(a.Member, b.Member))
	})
	return list, err
}

// Assign puts people on the list of somebody who may review them; who is told. Errors: ErrStale,
// ErrNotOpen, ErrReviewer for somebody who runs no reviews there, fields «members[n]», «members»
// when there is nobody whom they may review.
func (r Reviews) Assign(ctx context.Context, by access.Actor, in ident.Org, id ident.Review, a Assignment) (Campaign, error) {
	var e eye
	return action.Run(ctx, r.Run, by, e.act(verbAssign, by, in, id), func(tx *action.Tx) (Campaign, error) {
		c := &e.campaign
		switch {
		case a.Version == 0:
			return Campaign{}, ErrVersion
		case a.Version != c.Version:
			return Campaign{}, ErrStale
		case c.State != Open:
			return Campaign{}, ErrNotOpen
		}
		people, name, err := e.assigned(ctx, tx.Tx, a)
		if err != nil {
			return Campaign{}, err
		}
		if len(people) == 0 {
			return Campaign{}, action.Nothing
		}
		if err := assign(ctx, tx.Tx, *c, a.To, people); err != nil {
			return Campaign{}, err
		}
		if err := update(ctx, tx.Tx, c); err != nil {
			return Campaign{}, err
		}
		ev := c.event(verbAssign, map[string]any{"review_people": len(people)})
		ev.Subject, ev.Names = a.To.String(), map[string]string{"member": name}
		tx.Record(ev)
		tellOpened(tx, in, []Campaign{*c}, map[ident.Member]int{a.To: len(people)}, e.held.Member)
		return e.told(ctx, tx.Tx)
	})
}

// assigned are those who pass to another's list: those named, all of whom the other may review, or
// those who are undecided, of whom the other reviews whom they may.
func (e *eye) assigned(ctx context.Context, tx *store.Tx, a Assignment) (people []ident.Member, name string, err error) {
	rows, err := bareRowsOf(ctx, tx, e.campaign)
	if err != nil {
		return nil, "", err
	}
	byID := map[ident.Member]row{}
	var open []ident.Member
	for _, p := range rows {
		byID[p.member] = p
		if p.passes(FUndecided, "", nil) && (a.From.IsZero() || p.reviewer == a.From) {
			open = append(open, p.member)
		}
	}
	g, err := e.campaign.gather(ctx, tx, append(slices.Clone(a.Members), open...))
	if err != nil {
		return nil, "", err
	}
	held, able := g.able[a.To]
	if !able {
		return nil, "", ErrReviewer
	}
	name = g.refs[a.To].Name()
	if len(a.Members) == 0 {
		people = slices.DeleteFunc(open, func(m ident.Member) bool { return byID[m].reviewer == a.To || g.bars(held, "", m) != "" })
		if len(people) == 0 {
			err = fault.OnField("members", "review.nobody_to_assign")
		}
		return people, name, err
	}
	if len(a.Members) > MaxPeople {
		return nil, "", fault.OnField("members", "review.too_many", "Max", MaxPeople)
	}
	var wrong fault.Fields
	for i, m := range a.Members {
		code := ErrPerson.Code
		if _, found := byID[m]; found {
			code = g.bars(held, "", m)
		}
		if code != "" {
			wrong.Add("members["+strconv.Itoa(i)+"]", code)
		} else if byID[m].reviewer != a.To {
			people = append(people, m)
		}
	}
	return people, name, wrong.Err()
}
