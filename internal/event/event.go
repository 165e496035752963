package event

import (
	"context"
	"time"

	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Bounds of the feed.
const (
	KeptDays = 30
	Kept     = KeptDays * 24 * time.Hour // how long an event can be read again
	MaxPage  = 100                       // events of one answer

	settledAtOnce = 200           // waiting events that one transaction gives a position
	sweptAtOnce   = 1000          // old events that one transaction forgets
	leap          = 1_000_000_000 // more events than an organisation has between a backup and its use
)

// Faults of this package.
var (
	// ErrGone is the answer to whoever asks for events that are no longer kept.
	ErrGone = fault.New(fault.Gone, "event.gone").With("Days", KeptDays)
	// ErrAhead is the answer to whoever asks for what follows an event that never was.
	ErrAhead = fault.New(fault.Conflict, "event.ahead")
)

// Event is one thing that happened in an organisation.
type Event struct {
	Org      ident.Org
	Position int64 // in the organisation's feed, from 1
	ID       ident.OutEvent
	Kind     Kind
	Subject  string     // what it happened to: the member, else the object
	Object   string     // what was acted upon; empty when that is no object of ours
	Site     ident.Site // where, if it was at one site
	At       time.Time
}

// Write tells what an act records, in its transaction, and says whether it told anything.
// The act holds the lock of the organisations of the events; those of the installation, of a
// person's own account, are told to each organisation in which that person is a member.
// accounts says that it holds the lock of the installation too, as whatever leaves events to
// wait does: those that wait then come before its own.
// Only package action calls it.
func Write(ctx context.Context, tx *store.Tx, by ident.Account, accounts bool, recorded []audit.Event) (bool, error) {
	told := recital{said: map[Event]bool{}}
	var own []audit.Event
	for _, a := range recorded {
		if a.Org.IsZero() {
			own = append(own, a)
			continue
		}
		told.add(a)
	}
	if err := keep(ctx, tx, told.list, accounts); err != nil {
		return false, err
	}
	some := len(told.list) > 0
	for _, a := range own {
		left, err := leave(ctx, tx, by, a)
		if err != nil {
			return false, err
		}
		some = some || left
	}
	return some, nil
}

// recital is what an act tells: an act that records several things may record thousands.
type recital struct {
	list []Event
	said map[Event]bool
}

// add appends what one record tells, unless the act told just that already.
func (t *recital) add(a audit.Event) {
	said, ok := tells[a.Verb]
	if !ok || said.account != nobody {
		return
	}
	about := a.About
	if len(about) == 0 {
		about = []string{a.Subject}
	}
	for _, subject := range about {
		e := Event{Org: a.Org, Kind: said.kind, Subject: typed(subject), Object: typed(a.Object), Site: a.Site}
		if e.Subject == "" {
			e.Subject = e.Object
		}
		if !t.said[e] {
			t.said[e], t.list = true, append(t.list, e)
		}
	}
}

// typed keeps identifiers and nothing else (OUT-04).
func typed(s string) string {
	if !ident.Typed(s) {
		return ""
	}
	return s
}

// leave has what a person did with their own account wait for a position in the feed of
// each organisation in which they are a member.
func leave(ctx context.Context, tx *store.Tx, by ident.Account, a audit.Event) (bool, error) {
	kinds := accountKinds(a)
	if len(kinds) == 0 {
		return false, nil
	}
	places, err := placesOf(ctx, tx, accountOf(by, a))
	if err != nil {
		return false, err
	}
	for _, p := range places {
		for _, k := range kinds {
			e := Event{Org: p.org, ID: ident.NewOutEvent(), Kind: k, Subject: p.member.String(), At: tx.Now}
			if err := insertWaiting(ctx, tx, e); err != nil {
				return false, err
			}
		}
	}
	return len(places) > 0, nil
}

// keep gives events their positions and writes them, after those that wait where waitingFirst.
func keep(ctx context.Context, tx *store.Tx, events []Event, waitingFirst bool) error {
	byOrg := map[ident.Org][]Event{}
	var orgs []ident.Org
	for _, e := range events {
		if byOrg[e.Org] == nil {
			orgs = append(orgs, e.Org)
		}
		byOrg[e.Org] = append(byOrg[e.Org], e)
	}
	for _, org := range orgs {
		if waitingFirst {
			if err := settleAll(ctx, tx, org); err != nil {
				return err
			}
		}
		if err := keepIn(ctx, tx, org, byOrg[org]); err != nil {
			return err
		}
	}
	return nil
}

// settleAll gives their positions to all the events that wait in an organisation. The caller
// holds its lock and that of the installation: what is left to wait meanwhile would make a
// transaction that read the others begin again.
func settleAll(ctx context.Context, tx *store.Tx, org ident.Org) error {
	for more := true; more; {
		var err error
		if more, err = settleSome(ctx, tx, org); err != nil {
			return err
		}
	}
	return nil
}

// settleSome does it for some, and says whether others wait.
func settleSome(ctx context.Context, tx *store.Tx, org ident.Org) (more bool, err error) {
	list, err := waiting(ctx, tx, org, settledAtOnce)
	if err != nil || len(list) == 0 {
		return false, err
	}
	if err := keepIn(ctx, tx, org, list); err != nil {
		return false, err
	}
	return len(list) == settledAtOnce, deleteWaiting(ctx, tx, org, list)
}

func keepIn(ctx context.Context, tx *store.Tx, org ident.Org, events []Event) error {
	last, err := takePositions(ctx, tx, org, int64(len(events)))
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		e.Position = last - int64(len(events)) + int64(i) + 1
		if e.ID.IsZero() {
			e.ID, e.At = ident.NewOutEvent(), tx.Now
		}
	}
	return insertEvents(ctx, tx, events)
}
