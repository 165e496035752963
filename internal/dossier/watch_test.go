package dossier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// published is a directory whose answers a test changes.
type published struct {
	people map[string]directory.Practitioner
	down   bool
}

func (p *published) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	if p.down {
		return directory.Answer{}, nil
	}
	a := directory.Answer{Origin: directory.FromIndex, AsOf: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	if v, ok := p.people[rpps]; ok {
		a.Practitioners = []directory.Practitioner{v}
	}
	return a, nil
}

func (p *published) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, nil
}

// world is an organisation of two sites: bruno administers it, tina the second site only.
type world struct {
	*testing.T
	db            *store.DB
	clock         *storetest.Clock
	run           *action.Runner
	dir           *published
	org           ident.Org
	first, second ident.Site
	bruno, tina   access.Actor
	n             int
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			w := &world{T: t, db: db, clock: clock, run: &action.Runner{DB: db, Ring: secret.NewRing(db.Now()), Log: slog.New(slog.DiscardHandler)}, dir: &published{people: map[string]directory.Practitioner{}}}
			w.found()
			fn(w)
		})
	}
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) found() {
	made, err := enrolment.Enrolments{Run: w.run, Hasher: credential.NewHasher(w.run.Ring)}.Found(w.Context(), access.Operator("cli"), enrolment.Found{
		Org: org.Details{Name: "Cabinet des Essais", Kind: org.Practice, Enamel: org.Enamels[0]}, Slug: "essais",
		Site: org.SiteDetails{Name: "Centre"}, Email: "premiere@essais.example", Language: text.FR,
	})
	if err != nil {
		w.Fatal(err)
	}
	w.org = made.Org.ID
	w.write(func(tx *store.Tx) error {
		sites, err := org.ActiveSites(w.Context(), tx, w.org)
		w.first = sites[0].ID
		return err
	})
	w.bruno = w.administrator("bruno", access.OrgScope(w.org), w.first)
	w.write(func(tx *store.Tx) error {
		site, err := org.InsertSite(w.Context(), tx, w.org, org.SiteDetails{Name: "Nord"})
		w.second = site.ID
		return err
	})
	w.tina = w.administrator("tina", access.SiteScope(w.org, w.second), w.second)
}

// administrator makes somebody who administers a scope.
func (w *world) administrator(name string, at access.Scope, site ident.Site) (by access.Actor) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		email, _ := account.ParseEmail(name + "@essais.example")
		a, err := account.Insert(w.Context(), tx, account.New{Email: email, Names: account.Names{GivenName: name, FamilyName: "Lacaze"}, Language: text.FR})
		if err != nil {
			return err
		}
		roles, err := role.All(w.Context(), tx, w.org)
		if err != nil {
			return err
		}
		var given []role.Given
		for _, r := range roles {
			if r.BuiltIn == role.Administrator {
				given = append(given, role.Given{Role: r.ID, Scope: at})
			}
		}
		_, err = member.Insert(w.Context(), tx, member.New{
			Org: w.org, Account: a.ID, Status: member.Active, GivenName: name, FamilyName: "Lacaze", Email: email.Address,
			Function: "manager", Sites: []ident.Site{site}, Roles: given,
		})
		by = access.Actor{Kind: access.Person, Account: a.ID, Session: ident.NewSession(), Name: name + " Lacaze", StepUp: tx.Now, Via: "web"}
		return err
	})
	return by
}

// practitioner publishes somebody, and makes them a member with that identity.
func (w *world) practitioner(family string, site ident.Site) (ident.Member, directory.Practitioner) {
	w.Helper()
	w.n++
	p := directory.Practitioner{
		RPPS: luhn(fmt.Sprintf("9970001%03d", w.n)), Active: true, GivenName: "Aïcha", FamilyName: family, Activities: []directory.Activity{{
			ID: "a1", Profession: directory.Code{Code: "50", Label: "Sage-Femme"},
			Structure: directory.Structure{Name: "Cabinet des Tilleuls", PostalCode: "35000", City: "Rennes"},
		}},
	}
	w.dir.people[p.RPPS] = p
	return w.member(member.New{
		Org: w.org, Status: member.Active, ProfileType: member.Regulated, Function: "midwife", RPPS: p.RPPS, Sites: []ident.Site{site},
		Import: &directory.Import{Origin: directory.FromIndex, AsOf: w.db.Now(), Practitioner: p, Activity: "a1"},
	}), p
}

func (w *world) member(n member.New) (id ident.Member) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		m, err := member.Insert(w.Context(), tx, n)
		id = m.ID
		return err
	})
	return id
}

// luhn completes a number with its key.
func luhn(s string) string {
	sum := 0
	for i := range s {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return s + string(rune('0'+(10-sum%10)%10))
}

func (w *world) watch() dossier.Watch { return dossier.Watch{Run: w.run, Source: w.dir} }

func (w *world) compare() dossier.Report {
	w.Helper()
	r, err := w.watch().Compare(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) alerts(by access.Actor, s dossier.Status) []dossier.Alert {
	w.Helper()
	list, err := dossier.Alerts{Run: w.run}.List(w.Context(), by, w.org, s)
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func (w *world) decide(by access.Actor, id ident.Alert, d dossier.Decision) error {
	_, err := dossier.Alerts{Run: w.run}.Decide(w.Context(), by, w.org, id, d)
	return err
}

func (w *world) read(id ident.Member) (m member.Member) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		m, err = member.Find(w.Context(), tx, w.org, id)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return m
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// publish changes what the directory says of somebody.
func (w *world) publish(p directory.Practitioner, change func(*directory.Practitioner)) {
	change(&p)
	w.dir.people[p.RPPS] = p
}

// VER-5: a change raises one alert and one letter, changes nothing by itself, and is
// applied when it is accepted.
func TestRenamed(t *testing.T) {
	each(t, func(w *world) {
		id, p := w.practitioner("DIALLO", w.first)
		if r := w.compare(); r.Watched != 1 || r.Checked != 1 || r.Raised != 0 {
			w.Fatalf("%+v", r)
		}
		w.publish(p, func(p *directory.Practitioner) { p.FamilyName = "DIALLO-MARTIN" })
		if r := w.compare(); r.Raised != 1 || r.Changed != 1 || r.Halted {
			w.Fatalf("%+v", r)
		}
		if r := w.compare(); r.Raised != 0 || r.Withdrawn != 0 {
			w.Fatalf("a second night: %+v", r)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.directory_alerts'`); n != 1 {
			w.Errorf("%d letters", n)
		}
		list := w.alerts(w.bruno, dossier.Open)
		if len(list) != 1 || list[0].Kind != dossier.Renamed || list[0].Member != id || !list[0].MayDecide || list[0].Name != "Aïcha DIALLO" ||
			list[0].Changes[0] != (dossier.Change{Field: "family_name", Before: "DIALLO", After: "DIALLO-MARTIN"}) {
			w.Fatalf("%+v", list)
		}
		if m := w.read(id); m.FamilyName != "DIALLO" {
			w.Errorf("nothing changes by itself: %+v", m)
		}
		before := w.read(id).Version
		if err := w.decide(w.bruno, list[0].ID, dossier.Accept); err != nil {
			w.Fatal(err)
		}
		if m := w.read(id); m.FamilyName != "Diallo-Martin" || m.GivenName != "Aïcha" || m.Version != before+1 || m.Identity.Import.Practitioner.FamilyName != "DIALLO-MARTIN" {
			w.Errorf("accepted: %+v", m)
		}
		if n := w.count(`select count(*) from audit_event where verb in ('alert.raise', 'alert.accept') and subject = $1`, id); n != 2 {
			w.Errorf("%d lines in the trail", n)
		}
		if r := w.compare(); r.Raised != 0 || r.Changed != 0 {
			w.Errorf("accepted, so there is no difference: %+v", r)
		}
		if done := w.alerts(w.bruno, dossier.Accepted); len(done) != 1 || done[0].DecidedBy != "bruno Lacaze" || done[0].MayDecide {
			w.Errorf("%+v", done)
		}
		if err := w.decide(w.bruno, list[0].ID, dossier.Dismiss); !errors.Is(err, dossier.ErrDecided) {
			w.Errorf("decided twice: %v", err)
		}
	})
}

// VER-5: what was dismissed is not raised again, what is gone withdraws its alert, and
// "not checked" compares nothing.
func TestDismissedAndGone(t *testing.T) {
	each(t, func(w *world) {
		id, p := w.practitioner("DIALLO", w.first)
		w.publish(p, func(p *directory.Practitioner) { p.Active = false })
		w.compare()
		list := w.alerts(w.bruno, dossier.Open)
		if len(list) != 1 || list[0].Kind != dossier.Closed {
			w.Fatalf("%+v", list)
		}
		w.dir.down = true
		if r := w.compare(); r.Checked != 0 || r.Withdrawn != 0 || len(w.alerts(w.bruno, dossier.Open)) != 1 {
			w.Errorf("nobody could say: %+v", r)
		}
		w.dir.down = false
		if err := w.decide(w.bruno, list[0].ID, dossier.Dismiss); err != nil {
			w.Fatal(err)
		}
		if r := w.compare(); r.Raised != 0 {
			w.Errorf("dismissed, and raised again: %+v", r)
		}
		w.publish(p, func(p *directory.Practitioner) { p.GivenName = "Aminata" })
		if r := w.compare(); r.Raised != 1 {
			w.Errorf("another difference: %+v", r)
		}
		w.publish(p, func(*directory.Practitioner) {})
		if r := w.compare(); r.Withdrawn != 1 || len(w.alerts(w.bruno, dossier.Open)) != 0 || len(w.alerts(w.bruno, dossier.Withdrawn)) != 1 {
			w.Errorf("the directory agrees again: %+v", r)
		}
		if m := w.read(id); m.GivenName != "Aïcha" || m.Status != member.Active {
			w.Errorf("%+v", m)
		}
	})
}

// VER-5: a file that the directory closed is only noted when it is accepted: the member
// keeps name and rights until somebody acts.
func TestClosedAccepted(t *testing.T) {
	each(t, func(w *world) {
		id, p := w.practitioner("DIALLO", w.first)
		delete(w.dir.people, p.RPPS)
		w.compare()
		if err := w.decide(w.bruno, w.alerts(w.bruno, dossier.Open)[0].ID, dossier.Accept); err != nil {
			w.Fatal(err)
		}
		if m := w.read(id); m.FamilyName != "DIALLO" || m.Status != member.Active || m.Identity.Source != member.FromDirectory {
			w.Errorf("%+v", m)
		}
		if r := w.compare(); r.Raised != 0 {
			w.Errorf("%+v", r)
		}
	})
}

// VER-5, MEM-2: a declared number that the directory knows may become an imported identity.
func TestFound(t *testing.T) {
	each(t, func(w *world) {
		_, p := w.practitioner("KONÉ", w.first)
		number := luhn("9970009999")
		id := w.member(member.New{
			Org: w.org, Status: member.Active, ProfileType: member.Regulated, GivenName: "Awa", FamilyName: "Koné", Function: "midwife",
			ProfessionCode: "50", RPPS: number, Sites: []ident.Site{w.first},
		})
		if r := w.compare(); r.Raised != 0 {
			w.Fatalf("a number nobody has: %+v", r)
		}
		p.RPPS, p.GivenName = number, "AWA"
		w.dir.people[number] = p
		if r := w.compare(); r.Raised != 1 || r.Changed != 0 {
			w.Fatalf("%+v", r)
		}
		list := w.alerts(w.bruno, dossier.Open)
		if list[0].Kind != dossier.Found || list[0].Member != id {
			w.Fatalf("%+v", list)
		}
		if err := w.decide(w.bruno, list[0].ID, dossier.Accept); err != nil {
			w.Fatal(err)
		}
		m := w.read(id)
		if m.Identity.Source != member.FromDirectory || m.GivenName != "Awa" || m.FamilyName != "Koné" || m.Profession != "Sage-Femme" {
			w.Errorf("%+v", m)
		}
	})
}

// VER-5: when too many change in one night, it is the directory that changed: nothing is
// raised, it is said, and goes on once it is confirmed or over.
func TestMassChange(t *testing.T) {
	each(t, func(w *world) {
		var all []directory.Practitioner
		for range 2 * dossier.MassLeast {
			_, p := w.practitioner("DIALLO", w.first)
			all = append(all, p)
		}
		rename := func(n int, name string) {
			for _, p := range all[:n] {
				w.publish(p, func(p *directory.Practitioner) { p.FamilyName = name })
			}
		}
		if err := w.watch().Confirm(w.Context(), access.Operator("cli")); !errors.Is(err, dossier.ErrNotHalted) {
			w.Errorf("nothing is to be confirmed: %v", err)
		}
		rename(dossier.MassLeast+1, "MARTIN")
		for range 2 {
			if r := w.compare(); !r.Halted || r.Raised != 0 || r.Changed != dossier.MassLeast+1 {
				w.Fatalf("%+v", r)
			}
		}
		halt, err := dossier.State(w.Context(), w.db)
		if err != nil || halt == nil || halt.Changed != dossier.MassLeast+1 || halt.Checked != len(all) {
			w.Fatalf("%+v %v", halt, err)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'watch.halt' and chain = 'installation'`); n != 1 {
			w.Errorf("%d lines in the trail of the installation", n)
		}
		if len(w.alerts(w.bruno, dossier.Open)) != 0 {
			w.Error("alerts were raised")
		}
		if err := w.watch().Confirm(w.Context(), w.bruno); !fault.Is(err, fault.NotFound) {
			w.Errorf("an administrator of an organisation confirmed: %v", err)
		}
		if err := w.watch().Confirm(w.Context(), access.Operator("cli")); err != nil {
			w.Fatal(err)
		}
		if r := w.compare(); r.Halted || r.Raised != dossier.MassLeast+1 {
			w.Errorf("confirmed: %+v", r)
		}
		if halt, err := dossier.State(w.Context(), w.db); err != nil || halt != nil {
			w.Errorf("%+v %v", halt, err)
		}
		rename(len(all), "DURAND")
		if r := w.compare(); !r.Halted {
			w.Errorf("one confirmation is for one round: %+v", r)
		}
		rename(len(all), "DIALLO")
		if r := w.compare(); r.Halted || r.Withdrawn != dossier.MassLeast+1 {
			w.Errorf("the directory is itself again: %+v", r)
		}
	})
}

// AUZ-06: who administers one site sees and decides what is about its members only.
func TestWhoMayDecide(t *testing.T) {
	each(t, func(w *world) {
		_, p := w.practitioner("DIALLO", w.first)
		mine, q := w.practitioner("KONÉ", w.second)
		for _, v := range []directory.Practitioner{p, q} {
			w.publish(v, func(p *directory.Practitioner) { p.FamilyName = "MARTIN" })
		}
		w.compare()
		all, own := w.alerts(w.bruno, dossier.Open), w.alerts(w.tina, dossier.Open)
		if len(all) != 2 || len(own) != 1 || own[0].Member != mine || !own[0].MayDecide {
			w.Fatalf("%+v %+v", all, own)
		}
		other := all[0].ID
		if other == own[0].ID {
			other = all[1].ID
		}
		if err := w.decide(w.tina, other, dossier.Accept); !errors.Is(err, dossier.ErrNotFound) {
			w.Errorf("another site's alert: %v", err)
		}
		if err := w.decide(w.tina, ident.NewAlert(), dossier.Accept); !errors.Is(err, dossier.ErrNotFound) {
			w.Errorf("no such alert: %v", err)
		}
		if err := w.decide(w.bruno, other, "maybe"); !fault.Is(err, fault.Invalid) || fault.Of(err).Fields[0].Code != "dossier.decision_unknown" {
			w.Errorf("no such decision: %v", err)
		}
		if err := w.decide(w.tina, own[0].ID, dossier.Dismiss); err != nil {
			w.Error(err)
		}
		stranger := access.Actor{Kind: access.Person, Account: ident.NewAccount(), Session: ident.NewSession()}
		if _, err := (dossier.Alerts{Run: w.run}).List(w.Context(), stranger, w.org, dossier.Open); !fault.Is(err, fault.NotFound) {
			w.Error(err)
		}
		for by, want := range map[string]int{"bruno": 1, "tina": 0, "stranger": 0} {
			actor := map[string]access.Actor{"bruno": w.bruno, "tina": w.tina, "stranger": stranger}[by]
			if n, err := (dossier.Alerts{Run: w.run}).Count(w.Context(), actor, w.org); err != nil || n != want {
				w.Errorf("%s: %d %v", by, n, err)
			}
		}
	})
}

// VER-5: once a night, on one node, by the calendar of metropolitan France.
func TestNightly(t *testing.T) {
	each(t, func(w *world) {
		_, p := w.practitioner("DIALLO", w.first)
		w.publish(p, func(p *directory.Practitioner) { p.FamilyName = "MARTIN" })
		paris, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			w.Fatal(err)
		}
		go1 := func(day, hour int) int {
			at := time.Date(2027, 1, day, hour, 30, 0, 0, paris)
			w.clock.Add(at.Sub(w.db.Now()))
			if err := w.watch().Nightly(w.Context()); err != nil {
				w.Fatal(err)
			}
			return len(w.alerts(w.bruno, dossier.Open))
		}
		if n := go1(10, 1); n != 0 {
			w.Error("too early")
		}
		if n := go1(10, 12); n != 0 {
			w.Error("by day")
		}
		if n := go1(11, 3); n != 1 {
			w.Errorf("%d alerts at night", n)
		}
		w.publish(p, func(*directory.Practitioner) {})
		if n := go1(11, 4); n != 1 {
			w.Error("twice in one night")
		}
		if n := go1(12, 2); n != 0 {
			w.Error("the next night")
		}
	})
}
