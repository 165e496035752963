package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// bench is a database with two organisations; anne is a member of both.
type bench struct {
	*testing.T
	db       *store.DB
	clock    *storetest.Clock
	run      *action.Runner
	org, far ident.Org
	anne     ident.Account
	here     ident.Member // anne in org
	told     int
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b := &bench{T: t, clock: &storetest.Clock{}}
			b.db = storetest.Open(t, e, storetest.Options{Clock: b.clock.Now})
			b.run = &action.Runner{DB: b.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler), Told: func() { b.told++ }}
			b.write(b.populate)
			fn(b)
		})
	}
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) populate(tx *store.Tx) error {
	ctx := b.Context()
	address, _ := account.ParseEmail("anne@tilleuls.example")
	a, err := account.Insert(ctx, tx, account.New{Email: address, Names: account.Names{GivenName: "Anne", FamilyName: "Le Gall"}, Language: text.FR})
	if err != nil {
		return err
	}
	b.anne = a.ID
	for _, to := range []*ident.Org{&b.org, &b.far} {
		o, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: "Maison", Kind: org.Practice}})
		if err != nil {
			return err
		}
		m := ident.NewMember()
		if *to = o.ID; to == &b.org {
			b.here = m
		}
		if _, err := tx.Exec(ctx, `insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, o.ID, m, tx.Now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
				profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
			values ($1, $2, 1, $3, '', 'active', 'unregulated', '', '', '', 'manager', '', '', '', '', '', 'site', '', '', '', $4)`, o.ID, m, a.ID, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// act runs an act that records these events.
func (b *bench) act(fail error, events ...audit.Event) error {
	a := action.Act{Verb: events[0].Verb, Accounts: true, Needs: []access.Need{access.Everybody()}}
	for _, e := range events {
		if !e.Org.IsZero() && !slices.Contains(a.Orgs, e.Org) {
			a.Orgs = append(a.Orgs, e.Org)
		}
	}
	by := access.Actor{Kind: access.Person, Account: b.anne, Name: "Anne Le Gall", Via: "web"}
	_, err := action.Run(b.Context(), b.run, by, a, func(tx *action.Tx) (struct{}, error) {
		for _, e := range events {
			tx.Record(e)
		}
		return struct{}{}, fail
	})
	return err
}

func (b *bench) mustAct(events ...audit.Event) {
	b.Helper()
	if err := b.act(nil, events...); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) after(in ident.Org, from *int64, kinds []event.Kind, n int) (list []event.Event, last int64, err error) {
	err = b.db.Read(b.Context(), func(tx *store.Tx) (err error) {
		list, last, err = event.After(b.Context(), tx, in, from, kinds, n)
		return err
	})
	return list, last, err
}

func (b *bench) feed(in ident.Org) []event.Event {
	b.Helper()
	list, _, err := b.after(in, nil, nil, event.MaxPage)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func deactivated(in ident.Org, m ident.Member) audit.Event {
	return audit.Event{
		Org: in, Verb: "member.deactivate", Object: m.String(), Subject: m.String(), Names: map[string]string{"member": "Anne Le Gall"},
		Before: map[string]any{"status": "active"}, After: map[string]any{"email": "anne@tilleuls.example"},
	}
}

// OUT-04, rules.md 18, F12: an event is there with its act or not at all, and carries
// identifiers alone.
func TestWrittenWithTheAct(t *testing.T) {
	each(t, func(b *bench) {
		b.mustAct(deactivated(b.org, b.here))
		if err := b.act(errors.New("changed my mind"), deactivated(b.org, b.here)); err == nil {
			b.Fatal("the act went through")
		}
		if err := b.act(action.Nothing, deactivated(b.org, b.here)); err != nil {
			b.Fatal(err)
		}
		list := b.feed(b.org)
		if len(list) != 1 || list[0].Kind != event.MemberDeactivated || list[0].Subject != b.here.String() || list[0].Position != 1 || b.told != 1 {
			b.Fatalf("%+v, told %d times", list, b.told)
		}
		body, err := json.Marshal(list[0].Document("https://habilis.example/api/v1/organizations/" + b.org.String()))
		if err != nil {
			b.Fatal(err)
		}
		for _, leak := range []string{"Anne", "Gall", "tilleuls.example", "active\""} {
			if strings.Contains(string(body), leak) {
				b.Errorf("%q is told: %s", leak, body)
			}
		}
		var said map[string]any
		if err := json.Unmarshal(body, &said); err != nil || said["specversion"] != "1.0" || said["type"] != "member.deactivated" ||
			said["id"] != list[0].ID.String() || said["datacontenttype"] != "application/json" {
			b.Errorf("no CloudEvent: %s %v", body, err)
		}
	})
}

// Of a change of rights about several people each is told of; what one act says twice is told
// once; what is no identifier is left out (OUT-04).
func TestAboutSeveral(t *testing.T) {
	each(t, func(b *bench) {
		one, two := ident.NewMember(), ident.NewMember()
		b.mustAct(
			audit.Event{Org: b.org, Verb: "rights.change", Object: ident.NewChangeSet().String(), About: []string{one.String(), two.String()}},
			audit.Event{Org: b.org, Verb: "member.role_give", Object: "Secrétariat de jour", Subject: one.String()},
			audit.Event{Org: b.org, Verb: "member.role_give", Object: "Secrétariat de nuit", Subject: one.String()},
			audit.Event{Org: b.org, Verb: "org.edit", Object: b.org.String()},
		)
		var subjects []string
		for _, e := range b.feed(b.org) {
			subjects = append(subjects, e.Subject)
			if e.Object != "" && !ident.Typed(e.Object) {
				b.Errorf("told %q", e.Object)
			}
		}
		if want := []string{one.String(), two.String(), one.String()}; !slices.Equal(subjects, want) {
			b.Errorf("told of %v, want %v", subjects, want)
		}
	})
}

// What a person does with their own account is told to each of their organisations, once it
// has its place there, before the acts that touch accounts and were done after it.
func TestAccountEvents(t *testing.T) {
	each(t, func(b *bench) {
		b.mustAct(audit.Event{Verb: "login.sign_in", Object: b.anne.String()})
		b.mustAct(deactivated(b.org, b.here))
		b.mustAct(audit.Event{Verb: "login.change_password", Object: b.anne.String(), After: map[string]any{event.SessionsEnded: int64(2)}})
		b.mustAct(audit.Event{Verb: "login.change_password", Object: b.anne.String(), After: map[string]any{event.SessionsEnded: int64(0)}})
		if n := len(b.feed(b.org)); n != 2 {
			b.Fatalf("%d events before the last of the account has a place", n)
		}
		orgs, err := event.Unsettled(b.Context(), b.db)
		if err != nil || len(orgs) != 2 {
			b.Fatal(orgs, err)
		}
		for _, org := range append(orgs, orgs...) { // twice: the second time nothing waits
			if err := event.Settle(b.Context(), b.db, org); err != nil {
				b.Fatal(err)
			}
		}
		if orgs, err := event.Unsettled(b.Context(), b.db); err != nil || len(orgs) != 0 {
			b.Fatal("they wait still:", orgs, err)
		}
		for in, want := range map[ident.Org][]event.Kind{
			b.org: {event.SessionOpened, event.MemberDeactivated, event.SessionEnded}, b.far: {event.SessionOpened, event.SessionEnded},
		} {
			var kinds []event.Kind
			for i, e := range b.feed(in) {
				kinds = append(kinds, e.Kind)
				if e.Position != int64(i+1) || (in == b.org) != (e.Subject == b.here.String()) {
					b.Errorf("%+v", e)
				}
			}
			if !slices.Equal(kinds, want) {
				b.Errorf("told %v, want %v", kinds, want)
			}
		}
	})
}

// F12: the feed goes on from any point, in the order of the acts, without a gap, also when
// many act at once.
func TestPositions(t *testing.T) {
	const people, acts = 6, 8
	each(t, func(b *bench) {
		var all sync.WaitGroup
		for range people {
			all.Go(func() {
				for range acts {
					if err := b.act(nil, deactivated(b.org, b.here)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
		seen, from := map[ident.OutEvent]bool{}, int64(0)
		for {
			list, last, err := b.after(b.org, &from, nil, 7)
			if err != nil {
				b.Fatal(err)
			}
			for i, e := range list {
				if e.Position != from+int64(i)+1 || seen[e.ID] {
					b.Errorf("position %d after %d", e.Position, from)
				}
				seen[e.ID] = true
			}
			if from = last; len(list) < 7 {
				break
			}
		}
		if len(seen) != people*acts {
			b.Errorf("%d events of %d acts", len(seen), people*acts)
		}
		if list, last, err := b.after(b.org, nil, []event.Kind{event.MemberLeft}, 7); err != nil || len(list) != 0 || last != people*acts {
			b.Errorf("of a kind that did not happen: %v, to %d, %v", list, last, err)
		}
		if list, _, err := b.after(b.far, nil, nil, 7); err != nil || len(list) != 0 {
			b.Errorf("another organisation reads %v %v", list, err)
		}
	})
}

// What is no longer kept is answered with words, never with silence; a restored backup gives
// no position a second meaning.
func TestGone(t *testing.T) {
	each(t, func(b *bench) {
		zero, one, nine := int64(0), int64(1), int64(9)
		b.mustAct(deactivated(b.org, b.here))
		b.clock.Add(event.Kept + time.Hour)
		b.mustAct(deactivated(b.org, b.here))
		forgot := int64(0)
		err := event.Sweep(b.Context(), b.db, func(_ context.Context, _ *store.Tx, in ident.Org, upTo int64) error {
			if in == b.org {
				forgot = upTo
			}
			return nil
		})
		if err != nil || forgot != 1 {
			b.Fatal(forgot, err)
		}
		if _, _, err := b.after(b.org, &zero, nil, 7); !errors.Is(err, event.ErrGone) {
			b.Errorf("event.gone: %v", err)
		}
		if list, _, err := b.after(b.org, &one, nil, 7); err != nil || len(list) != 1 || list[0].Position != 2 {
			b.Errorf("%v %v", list, err)
		}
		if list := b.feed(b.org); len(list) != 1 {
			b.Errorf("from the oldest kept: %v", list)
		}
		if _, _, err := b.after(b.org, &nine, nil, 7); !errors.Is(err, event.ErrAhead) {
			b.Errorf("event.ahead: %v", err)
		}
		b.write(func(tx *store.Tx) error { return event.Restored(b.Context(), tx) })
		b.mustAct(deactivated(b.org, b.here))
		if list := b.feed(b.org); len(list) != 2 || list[1].Position < 1_000_000 {
			b.Errorf("after a restore: %+v", list)
		}
	})
}

// Every verb of the journal tells something, or says why it tells nothing: no act can forget.
func TestEveryVerb(t *testing.T) {
	files, err := filepath.Glob("../text/catalogue/*.en.json")
	if err != nil {
		t.Fatal(err)
	}
	verbs := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var sentences map[string]any
		if err := json.Unmarshal(raw, &sentences); err != nil {
			t.Fatal(err)
		}
		for key := range sentences {
			verb, found := strings.CutPrefix(key, "journal.verb.")
			if found && strings.Count(verb, ".") == 1 && !strings.HasSuffix(verb, ".refused") {
				verbs[verb] = true
			}
		}
	}
	if len(verbs) < 100 {
		t.Fatalf("found only %d verbs", len(verbs))
	}
	for verb := range verbs {
		kind, tells := event.Tells(verb)
		if (event.Silent[verb] == "") != tells {
			t.Errorf("%s tells %q, and is silent because %q: one of the two", verb, kind, event.Silent[verb])
		}
	}
	for verb := range event.Silent {
		if !verbs[verb] {
			t.Errorf("%s is excused, and is no verb", verb)
		}
	}
	for _, k := range event.Kinds() {
		if strings.Count(string(k), ".") != 1 || !event.Known(k) {
			t.Errorf("kind %q", k)
		}
		for _, lang := range text.All {
			if p := text.For(lang); !p.Has("event.kind."+string(k)) || !p.Has("event.domain."+k.Domain()) {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
	}
	kinds := event.Kinds() // in the order of a life, and each with its place in it
	for _, order := range [][]event.Kind{
		{event.MemberCreated, event.MemberJoined, event.MemberEdited, event.MemberDeactivated, event.MemberReactivated, event.MemberLeft},
		{event.DeparturePlanned, event.DepartureStarted, event.DepartureStepDone, event.DepartureFinished, event.DepartureUndone},
		{event.SessionOpened, event.SessionEnded, event.DeparturePlanned, event.SettingsChanged},
	} {
		if !slices.IsSortedFunc(order, func(a, b event.Kind) int { return slices.Index(kinds, a) - slices.Index(kinds, b) }) {
			t.Errorf("%v stand in another order", order)
		}
	}
	if last := kinds[len(kinds)-1]; last != event.SettingsChanged {
		t.Errorf("%s has no place in the order of life: it comes last", last)
	}
	if event.Known(event.Test) || event.Known("member.eaten") {
		t.Error("known: what cannot be chosen")
	}
}
