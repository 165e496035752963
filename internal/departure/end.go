package departure

import (
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/draft"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// event is the record of what was done to a departure.
func (d *Departure) event(verb string) audit.Event {
	return audit.Event{
		Org: d.Org, Verb: verb, Object: d.ID.String(), Subject: d.Member.String(), Names: map[string]string{"member": d.Name},
	}
}

// WorkOrder is the job that carries a plan out, or goes on with the work that follows.
type WorkOrder struct {
	Org       ident.Org
	Departure ident.Departure
}

// Kind names the job.
func (WorkOrder) Kind() string { return "departure.work" }

func (d *Departure) order(at time.Time) job.Order {
	return job.Order{Args: WorkOrder{Org: d.Org, Departure: d.ID}, Priority: job.Normal, At: at}
}

// end ends all access of a member in the caller's act, which has judged the choices: no scope loses
// its last administrator (ORG-4), and nothing of theirs opens anything at the next request (AUZ-11,
// SES-01). What may take its time follows (work.go).
func (d *Departure) end(ctx context.Context, tx *action.Tx, m member.Member, there bool, things []choice, verb string) error {
	if err := settled(ctx, tx.Tx, m); err != nil {
		return err
	}
	d.EndsAt, d.stage = tx.Now, StageWork
	for i := range things {
		things[i].items, things[i].moved = max(things[i].items, 0), 0
	}
	e := ending{d: d, member: m, things: things, facts: map[string]any{}}
	if err := member.Keeping(ctx, tx.Tx, d.Org, func() error { return e.run(ctx, tx, verb) }); err != nil {
		return err
	}
	if err := d.keep(ctx, tx, there, things); err != nil {
		return err
	}
	e.record(tx)
	tx.After(d.order(time.Time{}))
	return insertStep(ctx, tx.Tx, *d, step{stage: StageAccess, items: e.ended})
}

// settled refuses the departure of somebody who still comes back from the last one: what they
// hold is not all theirs yet, and would be left behind. Errors: ErrReturning.
func settled(ctx context.Context, tx *store.Tx, m member.Member) error {
	back, err := returning(ctx, tx, m.Org, m.ID)
	if err == nil && back {
		err = ErrReturning
	}
	return err
}

// ending is the end of all access, under way.
type ending struct {
	d      *Departure
	member member.Member
	things []choice
	facts  map[string]any
	ended  int64 // levels, delegations and groups
}

func (e *ending) run(ctx context.Context, tx *action.Tx, verb string) error {
	for _, part := range []func(context.Context, *action.Tx) error{e.succeed, e.handWebhooks, e.rights, e.halfOpen} {
		if err := part(ctx, tx); err != nil {
			return err
		}
	}
	_, err := member.Depart(ctx, tx, e.d.Org, e.member.ID, verb)
	return err
}

// succeed names those who administer from now on what nobody else would.
func (e *ending) succeed(ctx context.Context, tx *action.Tx) error {
	for i := range e.things {
		c := &e.things[i]
		if c.What != Administration || c.state != Chosen {
			continue
		}
		if err := member.Succeed(ctx, tx, c.giver(tx.By, e.d.Org), c.To, c.scope(e.d.Org)); err != nil {
			return err
		}
		c.state, c.moved = Given, 1
	}
	return nil
}

// handWebhooks has others answer for endpoints: the others are stopped, with the membership.
func (e *ending) handWebhooks(ctx context.Context, tx *action.Tx) error {
	for i := range e.things {
		c := &e.things[i]
		if c.What != Webhook {
			continue
		}
		if c.state != Chosen {
			c.state = LeftOver
			continue
		}
		given, err := handWebhook(ctx, tx, e.d.Org, *c, e.member.Account)
		if err != nil {
			return err
		}
		if c.state = LeftOver; given {
			c.state, c.moved = Given, 1
		}
	}
	return nil
}

func handWebhook(ctx context.Context, tx *action.Tx, in ident.Org, c choice, from ident.Account) (bool, error) {
	to, err := member.Find(ctx, tx.Tx, in, c.To)
	if err != nil {
		return false, err
	}
	return webhook.HandOver(ctx, tx, in, ident.Webhook(c.Object), from, to.Account, to.Name())
}

// rights ends levels, delegations and memberships of access groups, as one change set.
func (e *ending) rights(ctx context.Context, tx *action.Tx) error {
	set, lines, err := grant.EndAll(ctx, tx, e.d.Org, e.member.ID, changeset.OfDeparture)
	if err != nil || len(lines) == 0 {
		return err
	}
	e.d.changeSet, e.ended = set.ID, int64(len(lines))
	e.facts["change_set"] = set.ID.String()
	for name, domain := range map[string]changeset.Domain{
		"levels_ended": changeset.Level, "delegations_ended": changeset.Delegation, "groups_ended": changeset.GroupMember,
	} {
		if n := len(changeset.Of(lines, domain)); n > 0 {
			e.facts[name] = n
		}
	}
	return nil
}

// halfOpen ends what was begun and not finished: invitations to them, drafts of theirs.
func (e *ending) halfOpen(ctx context.Context, tx *action.Tx) error {
	n, err := invitation.EndFor(ctx, tx.Tx, e.d.Org, e.member.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		e.facts["invitations_ended"] = n
	}
	if e.member.Account.IsZero() {
		return nil
	}
	tokens, err := token.CountMadeBy(ctx, tx.Tx, e.d.Org, e.member.Account)
	if err != nil {
		return err
	}
	if tokens > 0 {
		e.facts["tokens_revoked"] = tokens
	}
	return draft.Forget(ctx, tx.Tx, e.d.Org, e.member.Account)
}

// record tells of it: how much ended, how much is given, and to how many.
func (e *ending) record(tx *action.Tx) {
	given, left := 0, 0
	for _, c := range e.things {
		switch {
		case !c.To.IsZero():
			given++
		case c.fate() != Kept:
			left++
		}
	}
	e.facts["choices"], e.facts["choices_left"] = given, left
	told := e.d.event(verbStart)
	told.After = e.facts
	tx.Record(told)
}

// counts reads what ends with a membership and nobody takes over.
func counts(ctx context.Context, tx *store.Tx, m member.Member) (Ends, error) {
	var n Ends
	h, err := grant.HoldingsOf(ctx, tx, m.Org, m.ID)
	if err != nil {
		return n, err
	}
	n.Levels, n.Given, n.Received = h.Levels, h.Given, h.Received
	rights, err := member.HeldOf(ctx, tx, m.Org, []ident.Member{m.ID})
	if err != nil {
		return n, err
	}
	n.Roles = int64(len(rights))
	groups, err := recordgroup.OfMember(ctx, tx, m.Org, m.ID)
	n.Groups = int64(len(slices.DeleteFunc(groups, func(g recordgroup.Membership) bool { return g.Over(tx.Now) })))
	if err != nil || m.Account.IsZero() {
		return n, err
	}
	if n.Tokens, err = token.CountMadeBy(ctx, tx, m.Org, m.Account); err != nil {
		return n, err
	}
	if n.Invitations, err = invitation.CountSentBy(ctx, tx, m.Org, m.Account); err != nil {
		return n, err
	}
	n.Drafts, err = draft.CountOf(ctx, tx, m.Org, m.Account)
	return n, err
}

// authorityOf keeps of an actor what is needed to read their rights again later.
func authorityOf(by access.Actor, in ident.Org) string {
	return invitation.InviterOf(by, in, false).String()
}

// authority is what somebody who is not here may do now; false when they may decide of the member
// no more (rules.md 13).
func authority(ctx context.Context, tx *store.Tx, m member.Member, by string) (access.Held, bool, error) {
	held, stands, err := heldOf(ctx, tx, m.Org, by)
	if err != nil || !stands {
		return held, false, err
	}
	_, err = member.OverAs(ctx, tx, held, m.ID, access.MembersDelete)
	if err != nil && member.Refusal(err) {
		return held, false, nil
	}
	return held, err == nil, err
}

// heldOf is what somebody who is not here may do in an organisation now. The second value is false
// when they are nobody there any more.
func heldOf(ctx context.Context, tx *store.Tx, in ident.Org, by string) (access.Held, bool, error) {
	who := invitation.ParseInviter(by, in)
	if ok, err := who.TokenInForce(ctx, tx); err != nil || !ok {
		return access.Held{}, false, err
	}
	var held access.Held
	var err error
	if who.Actor.Kind == access.Person { // whether or not the administration space is open
		held, err = access.HeldByAccount(ctx, tx, who.Actor.Account, in)
	} else {
		held, err = access.HeldBy(ctx, tx, who.Actor, in)
	}
	if err != nil && !errors.Is(err, access.ErrSuspended) && member.Refusal(err) {
		return held, false, nil
	}
	return held, err == nil, err
}
