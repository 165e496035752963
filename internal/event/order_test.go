package event_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/store"
)

func (b *bench) signsIn() { b.mustAct(audit.Event{Verb: "login.sign_in", Object: b.anne.String()}) }

func (b *bench) kinds(in ident.Org) (list []event.Kind) {
	b.Helper()
	for _, e := range b.feed(in) {
		list = append(list, e.Kind)
	}
	return list
}

// rules.md 18: what was committed first has the lower version, also where it waited for its
// position: whoever keeps the highest version of a subject ends with no session open.
func TestWaitingComeFirst(t *testing.T) {
	each(t, func(b *bench) {
		b.signsIn()
		b.clock.Add(time.Second)
		b.mustAct(audit.Event{Org: b.org, Verb: "member.end_sessions", Object: b.here.String(), Subject: b.here.String()})
		if err := event.Settle(b.Context(), b.db, b.org); err != nil {
			b.Fatal(err)
		}
		list := b.feed(b.org)
		if got := b.kinds(b.org); !slices.Equal(got, []event.Kind{event.SessionOpened, event.SessionEnded}) {
			b.Fatalf("told %v", got)
		}
		if list[0].Subject != list[1].Subject || list[0].Position != 1 || list[1].Position != 2 || !list[0].At.Before(list[1].At) {
			b.Errorf("%+v", list)
		}
		if got := b.kinds(b.far); len(got) != 0 {
			b.Errorf("an act elsewhere told %v", got)
		}
	})
}

// Also where more wait than one step takes.
func TestManyWaitingComeFirst(t *testing.T) {
	const many = 205
	each(t, func(b *bench) {
		b.signsIn()
		b.write(func(tx *store.Tx) error {
			for range many - 1 {
				if _, err := tx.Exec(b.Context(), `
					insert into event_waiting (org_id, id, kind, subject, at) values ($1, $2, 'session.opened', $3, $4)`,
					b.org, ident.NewOutEvent(), b.here, tx.Now); err != nil {
					return err
				}
			}
			return nil
		})
		b.mustAct(deactivated(b.org, b.here))
		head := int64(many)
		list, _, err := b.after(b.org, &head, nil, event.MaxPage)
		if err != nil || len(list) != 1 || list[0].Kind != event.MemberDeactivated {
			b.Errorf("%+v %v", list, err)
		}
	})
}

// CFG-03: what is forgotten across the leap of a restore costs what there is to forget, not
// what the leap is.
func TestSweepAcrossALeap(t *testing.T) {
	each(t, func(b *bench) {
		b.mustAct(deactivated(b.org, b.here))
		b.write(func(tx *store.Tx) error { return event.Restored(b.Context(), tx) })
		b.mustAct(deactivated(b.org, b.here))
		last := b.feed(b.org)[1].Position
		b.clock.Add(event.Kept + time.Hour)
		var upTo []int64
		if err := event.Sweep(b.Context(), b.db, func(_ context.Context, _ *store.Tx, _ ident.Org, to int64) error {
			if upTo = append(upTo, to); len(upTo) > 10 {
				return errors.New("it walks the leap")
			}
			return nil
		}); err != nil || upTo[len(upTo)-1] != last {
			b.Fatal(upTo, err)
		}
		if list := b.feed(b.org); len(list) != 0 {
			b.Errorf("kept: %+v", list)
		}
	})
}

// CFG-03: whoever read on after the backup was made is told to read again, whether the
// organisation had events then or none; whoever had not goes on.
func TestReadersAfterARestore(t *testing.T) {
	each(t, func(b *bench) {
		b.mustAct(deactivated(b.org, b.here))
		b.mustAct(deactivated(b.org, b.here))
		b.write(func(tx *store.Tx) error { return event.Restored(b.Context(), tx) })
		check := func(when string, in ident.Org, read int64, want error, n int) {
			b.Helper()
			list, next, err := b.after(in, &read, nil, event.MaxPage)
			if !errors.Is(err, want) || (want == nil && err != nil) || len(list) != n {
				b.Errorf("%s, after %d: %d events, %v", when, read, len(list), err)
			}
			if err == nil {
				if _, _, err := b.after(in, &next, nil, event.MaxPage); err != nil {
					b.Errorf("%s, after %d, then after %d: %v", when, read, next, err)
				}
			}
		}
		_, head, err := b.after(b.org, nil, nil, event.MaxPage)
		if err != nil {
			b.Fatal(err)
		}
		for range 2 {
			told := len(b.feed(b.org)) - 2
			for read, n := range map[int64]int{0: 2, 1: 1, 2: 0, head: 0} {
				check("there were some", b.org, read, nil, n+told)
			}
			for _, read := range []int64{3, 52, head - 1} {
				check("there were some", b.org, read, event.ErrGone, 0)
			}
			check("there were none", b.far, 0, nil, len(b.feed(b.far)))
			check("there were none", b.far, 50, event.ErrGone, 0)
			b.mustAct(deactivated(b.org, b.here))
			b.mustAct(deactivated(b.far, b.here))
		}
		if list := b.feed(b.far); len(list) != 2 || list[0].Position < 1_000_000 {
			b.Errorf("there were none: %+v", list)
		}
	})
}

// F12: somebody who signs in makes no act of the organisation begin again, whatever it writes
// of members: the act does not read what waits. SQLite has one writer at a time.
func TestSignInsDisturbNoAct(t *testing.T) {
	each(t, func(b *bench) {
		if b.db.Engine == store.SQLite {
			return
		}
		by := access.Actor{Kind: access.Person, Account: b.anne, Name: "Anne Le Gall", Via: "web"}
		act := action.Act{Verb: "member.deactivate", Orgs: []ident.Org{b.org}, Needs: []access.Need{access.Everybody()}}
		before := store.Retries.Load()
		if _, err := action.Run(b.Context(), b.run, by, act, func(tx *action.Tx) (struct{}, error) {
			_, err := tx.Exec(b.Context(), `update member_state set title = 'Dr' where org_id = $1 and member_id = $2`, b.org, b.here)
			b.signsIn()
			tx.Record(deactivated(b.org, b.here))
			return struct{}{}, err
		}); err != nil {
			b.Fatal(err)
		}
		if n := store.Retries.Load() - before; n != 0 {
			b.Errorf("begun again %d times", n)
		}
	})
}
