package dossier

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Status is where an alert stands.
type Status string

// The statuses.
const (
	Open      Status = "open"
	Accepted  Status = "accepted"
	Dismissed Status = "dismissed"
	Withdrawn Status = "withdrawn" // the directory agrees again, or the member is gone
)

// MaxListed bounds the alerts of one list; the oldest come first, and make room as they
// are decided.
const MaxListed = 500

// Alert tells that the directory says something else of a member.
type Alert struct {
	ID         ident.Alert
	Org        ident.Org
	Member     ident.Member
	Name       string // of the member, as listed
	Kind       Kind
	Status     Status
	Changes    []Change
	Origin     directory.Origin
	AsOf       time.Time // of what the directory says
	RaisedAt   time.Time
	DecidedAt  time.Time // store.Never before
	DecidedBy  string    // name of who decided
	Version    int64
	MayDecide  bool
	imported   directory.Import
	deciderRef string
}

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "dossier.alert_not_found")
	ErrDecided  = fault.New(fault.Conflict, "dossier.alert_decided")
	errDecision = "dossier.decision_unknown"
)

// Alerts is the register of alerts.
type Alerts struct{ Run *action.Runner }

// List gives the alerts of an organisation in one status, the oldest first, about the
// members whom the actor may edit as a whole or see; MayDecide says which. It is for those
// who may edit members. Errors: access.ErrForbidden.
func (a Alerts) List(ctx context.Context, by access.Actor, org ident.Org, s Status) ([]Alert, error) {
	var eye member.Eye
	act := action.Act{Verb: "alert.list", Orgs: []ident.Org{org}, Resolve: editors(by, org, &eye)}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) ([]Alert, error) {
		all, err := listed(ctx, tx, org, s)
		if err != nil {
			return nil, err
		}
		return visible(ctx, tx, eye, org, all)
	})
}

// visible keeps the alerts about members whom the eye's owner sees, with their names.
func visible(ctx context.Context, tx *store.Tx, eye member.Eye, org ident.Org, all []Alert) ([]Alert, error) {
	ids := make([]ident.Member, 0, len(all))
	for _, v := range all {
		ids = append(ids, v.Member)
	}
	names, err := member.Refs(ctx, tx, org, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Alert, 0, len(all))
	for _, v := range all {
		err := eye.MayEdit(ctx, tx, org, v.Member)
		switch {
		case fault.Is(err, fault.NotFound):
			continue
		case err != nil && !member.Refusal(err):
			return nil, err
		}
		m := names[v.Member]
		v.Name, v.MayDecide = m.Name(), err == nil && v.Status == Open
		out = append(out, v)
	}
	return out, nil
}

// editors: alerts are for those who may edit somebody.
func editors(by access.Actor, org ident.Org, eye *member.Eye) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *eye, err = member.LookAs(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if !eye.EditsAnybody() {
			return nil, access.ErrForbidden.With("Permission", string(access.MembersEdit))
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// Decision is what somebody decides of an alert.
type Decision string

// The decisions. Accepting gives the member what the directory publishes; of a file that
// the directory has closed it only notes that it was seen.
const (
	Accept  Decision = "accept"
	Dismiss Decision = "dismiss"
)

// Decisions are both of them.
var Decisions = []Decision{Accept, Dismiss}

// The acts of deciding.
const verbAccept, verbDismiss = "alert.accept", "alert.dismiss"

func (d Decision) act() string {
	if d == Dismiss {
		return verbDismiss
	}
	return verbAccept
}

// Decide settles an alert. It is for those who may edit the member as a whole. Errors:
// ErrNotFound, ErrDecided, access.ErrForbidden, member.ErrMorePowerful, fields to correct.
func (a Alerts) Decide(ctx context.Context, by access.Actor, org ident.Org, id ident.Alert, d Decision) (Alert, error) {
	var v Alert
	act := action.Act{Verb: d.act(), Orgs: []ident.Org{org}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		var eye member.Eye
		if _, err := editors(by, org, &eye)(ctx, tx); err != nil {
			return nil, err
		}
		var ok bool
		var err error
		if v, ok, err = get(ctx, tx, org, id); err != nil {
			return nil, err
		}
		if !ok {
			return nil, ErrNotFound
		}
		if err := eye.MayEdit(ctx, tx, org, v.Member); err != nil {
			if fault.Is(err, fault.NotFound) {
				err = ErrNotFound
			}
			return nil, err
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
	return action.Run(ctx, a.Run, by, act, func(tx *action.Tx) (Alert, error) { return decide(ctx, tx, v, d) })
}

func decide(ctx context.Context, tx *action.Tx, v Alert, d Decision) (Alert, error) {
	if v.Status != Open {
		return v, ErrDecided
	}
	m, err := member.Find(ctx, tx.Tx, v.Org, v.Member)
	if err != nil {
		return v, err
	}
	switch d {
	case Dismiss:
		v.Status = Dismissed
	case Accept:
		v.Status = Accepted
		if v.Kind != Closed {
			done, err := member.ApplyImport(ctx, tx.Tx, v.Org, v.Member, &v.imported)
			if err != nil {
				return v, err
			}
			m = done.After
		}
	default:
		return v, fault.OnField("decision", errDecision)
	}
	v.DecidedAt, v.DecidedBy, v.deciderRef, v.Version, v.Name = tx.Now, tx.By.Name, tx.By.ID(), v.Version+1, m.Name()
	tx.Record(v.event(d.act()))
	return v, settle(ctx, tx.Tx, v)
}

// event is the record of what happened to an alert.
func (v Alert) event(verb string) audit.Event {
	e := audit.Event{
		Org: v.Org, Verb: verb, Object: v.ID.String(), Subject: v.Member.String(), Names: map[string]string{"member": v.Name},
		Before: map[string]any{"kind": string(v.Kind)}, After: map[string]any{},
	}
	for _, c := range v.Changes {
		e.Before[c.Field], e.After[c.Field] = c.Before, c.After
	}
	return e
}

// Count is how many alerts of an organisation are open, for those who may edit members;
// nobody else is told, nor refused: zero.
func (a Alerts) Count(ctx context.Context, by access.Actor, org ident.Org) (n int, err error) {
	err = a.Run.DB.Read(ctx, func(tx *store.Tx) error {
		open, err := countOpen(ctx, tx, org)
		if err != nil || open == 0 {
			return err
		}
		eye, err := member.LookAs(ctx, tx, by, org)
		if err != nil || !eye.EditsAnybody() {
			if err != nil && !member.Refusal(err) {
				return err
			}
			return nil
		}
		all, err := listed(ctx, tx, org, Open)
		if err != nil {
			return err
		}
		all, err = visible(ctx, tx, eye, org, all)
		n = len(all)
		return err
	})
	return n, err
}
