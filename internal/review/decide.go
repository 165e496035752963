package review

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Decide decides of one person, or keeps several together: all of it or nothing. The answer is as
// Person gives it. Errors, of one: ErrPerson, ErrVersion, ErrStale, ErrChanged, ErrYourself,
// ErrReviewer, member.ErrMorePowerful, ErrNotOpen, ErrOneByOne for who is kept with a group and may not
// be; of several: the same as fields «decisions[n]», ErrOneByOne for who may not be kept together; fields «decisions[n].choice»,
// «.drop», «.comment».
func (r Reviews) Decide(ctx context.Context, by access.Actor, in ident.Org, id ident.Review, list []Decision) ([]Person, error) {
	var e eye
	act := e.act(verbDecide, by, in, id)
	if len(list) == 1 {
		act.Subject = list[0].Member.String()
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) ([]Person, error) {
		d := deciding{eye: &e, list: list}
		if err := d.run(ctx, tx); err != nil {
			return nil, err
		}
		ids := make([]ident.Member, len(list))
		for i := range list {
			ids[i] = list[i].Member
		}
		return e.show(ctx, tx.Tx, ids)
	})
}

// deciding is a request that is being judged.
type deciding struct {
	*eye

	list  []Decision
	rows  map[ident.Member]*row
	sight sight
	wrong fault.Fields
}

func (d *deciding) run(ctx context.Context, tx *action.Tx) error {
	if d.campaign.State != Open {
		return ErrNotOpen
	}
	if len(d.list) == 0 || len(d.list) > MaxTogether {
		return fault.OnField("decisions", "review.decisions", "Max", MaxTogether)
	}
	if err := d.read(ctx, tx.Tx); err != nil {
		return err
	}
	for i := range d.list {
		if err := d.judge(i, tx); err != nil {
			if len(d.list) == 1 {
				return err
			}
			d.wrong.Add(at(i, ""), fault.Of(err).Code)
		}
	}
	if err := d.wrong.Err(); err != nil {
		return err
	}
	for i := range d.list {
		if err := d.keep(ctx, tx, d.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func at(i int, part string) string { return "decisions[" + strconv.Itoa(i) + "]" + part }

func (d *deciding) read(ctx context.Context, tx *store.Tx) error {
	ids := make([]ident.Member, len(d.list))
	for i := range d.list {
		ids[i] = d.list[i].Member
	}
	rows, err := framedOf(ctx, tx, d.campaign, ids)
	if err != nil {
		return err
	}
	d.rows = map[ident.Member]*row{}
	for i := range rows {
		d.rows[rows[i].member] = &rows[i]
	}
	d.sight = sight{eye: d.eye}
	if d.sight.now, err = rightsOf(ctx, tx, d.campaign.Org, d.campaign.Site, ids); err != nil {
		return err
	}
	if d.sight.roles, err = rolesOf(ctx, tx, d.campaign.Org); err != nil {
		return err
	}
	d.sight.crowd, err = d.campaign.gather(ctx, tx, ids)
	return err
}

// judge says why a decision may not be made.
func (d *deciding) judge(i int, tx *action.Tx) error {
	v := &d.list[i]
	p, now := d.rows[v.Member], d.sight.now[v.Member]
	if p == nil || p.gone {
		return ErrPerson
	}
	if slices.ContainsFunc(d.list[:i], func(o Decision) bool { return o.Member == v.Member }) {
		return ErrStale // one request says two things of somebody
	}
	switch code := d.barred(&d.sight.crowd, v.Member); code {
	case "":
	case ErrYourself.Code:
		return ErrYourself
	case ErrReviewer.Code:
		return ErrReviewer
	default:
		return fault.New(fault.Forbidden, code)
	}
	if err := p.read(v.Version, now); err != nil {
		return err
	}
	if (v.Group || len(d.list) > 1) && (v.Choice != Keep || !d.sight.together(p, tx.Now)) {
		return ErrOneByOne
	}
	d.check(i, v, now)
	return nil
}

// check judges what was typed and chosen.
func (d *deciding) check(i int, v *Decision, now rights) {
	v.Comment = strings.TrimSpace(v.Comment)
	if v.Choice != Keep && v.Choice != Reduce && v.Choice != Remove {
		d.wrong.Add(at(i, ".choice"), "review.choice")
	}
	switch {
	case utf8.RuneCountInString(v.Comment) > MaxComment:
		d.wrong.Add(at(i, ".comment"), string(text.TooLong), "Max", MaxComment)
	case v.Comment == "" && (v.Choice == Reduce || v.Choice == Remove):
		d.wrong.Add(at(i, ".comment"), "review.comment")
	}
	if v.Choice != Reduce {
		v.Drop = nil
		return
	}
	v.Drop = slices.Compact(slices.Sorted(slices.Values(v.Drop)))
	if len(v.Drop) == 0 {
		d.wrong.Add(at(i, ".drop"), "review.nothing_chosen")
	}
	for _, k := range v.Drop {
		r, found := now.find(k)
		switch {
		case !found:
			d.wrong.Add(at(i, ".drop"), "review.line_gone")
		case r.Domain == Holds:
			d.wrong.Add(at(i, ".drop"), "review.line_held")
		case d.wide(r) && !d.runsWhole():
			d.wrong.Add(at(i, ".drop"), "review.line_wide")
		}
	}
}

// keep writes a decision, and records it: the words of its comment are in no trail.
func (d *deciding) keep(ctx context.Context, tx *action.Tx, v Decision) error {
	p := d.rows[v.Member]
	e := d.campaign.event(verbDecide, map[string]any{"review_decision": string(v.Choice)})
	if p.choice != Undecided {
		e.Before = map[string]any{"review_decision": string(p.choice)}
	}
	if len(v.Drop) > 0 {
		e.After["review_rights"] = len(v.Drop)
	}
	e.Subject, e.Names = v.Member.String(), map[string]string{"member": d.sight.crowd.refs[v.Member].Name()}
	tx.Record(e)
	p.judged, p.choice, p.drops, p.comment = d.sight.now[v.Member], v.Choice, v.Drop, v.Comment
	p.decidedBy, p.decidedAt, p.leaves = d.by.ID(), tx.Now, LeaveNothing
	if v.Choice == Remove {
		p.leaves = p.leaving
	}
	p.version++
	return updateRow(ctx, tx.Tx, d.campaign, *p)
}
