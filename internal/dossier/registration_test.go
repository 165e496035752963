package dossier

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/paper"
	"habilis/internal/papertest"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// gate is an open CPTS and a closed practice, and whoever comes to their public page.
type gate struct {
	*testing.T
	db     *store.DB
	now    time.Time
	run    *action.Runner
	r      Registrations
	cpts   org.Org
	closed org.Org
}

var nobody = access.Actor{Kind: access.Anonymous, Address: "198.51.100.7", Via: "web"}

// silent is a directory that cannot say anything.
type silent struct{}

func (silent) ByRPPS(context.Context, string) (directory.Answer, error) {
	return directory.Answer{}, nil
}
func (silent) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, nil
}

func eachGate(t *testing.T, fn func(g *gate)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			g := &gate{T: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
			g.db = storetest.Open(t, e, storetest.Options{Clock: func() time.Time { return g.now }})
			ring := secret.NewRing(g.now)
			g.run = &action.Runner{DB: g.db, Ring: ring, Log: slog.New(slog.DiscardHandler)}
			g.r = Registrations{
				Run: g.run, Hasher: credential.NewHasher(ring), Source: silent{}, Documents: Documents{Run: g.run},
				Network: func(a string) string { return a },
				Texts: Texts{On: true, Prefixes: credential.FrenchPrefixes, Take: func(_ context.Context, tx *action.Tx, s string, _ credential.Phone) error {
					_, err := (limit.Counter{Name: "sms.account", Window: time.Hour, Max: 3}).Add(t.Context(), tx.Tx, s)
					return err
				}},
			}
			g.write(func(tx *store.Tx) error {
				g.cpts, g.closed = g.found(tx, "CPTS des Deux-Rives", org.CPTS), g.found(tx, "Cabinet fermé", org.Practice)
				return nil
			})
			fn(g)
		})
	}
}

func (g *gate) write(fn func(tx *store.Tx) error) {
	g.Helper()
	g.must(g.db.Write(g.Context(), []store.Lock{store.Installation}, fn))
}

func (g *gate) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err, fault.Of(err).Fields)
	}
}

func (g *gate) found(tx *store.Tx, name string, kind org.Kind) org.Org {
	g.Helper()
	o, err := org.Insert(g.Context(), tx, org.New{Details: org.Details{Name: name, Kind: kind}})
	g.must(err)
	_, err = org.InsertSite(g.Context(), tx, o.ID, org.SiteDetails{Name: "Centre"})
	g.must(err)
	g.must(role.Seed(g.Context(), tx, o.ID))
	return o
}

// post runs the jobs that wait: the letters' secrets by kind, those of this round.
func (g *gate) post() map[string]string {
	g.Helper()
	out := map[string]string{}
	w := job.Worker{DB: g.db, Ring: g.run.Ring, Log: g.run.Log, Handlers: map[string]job.Handler{RegistrationOrder{}.Kind(): g.r.Greet}}
	for _, kind := range []string{
		RegistrationCodeLetter{}.Kind(), RegistrationAccountLetter{}.Kind(), RegistrationLinkLetter{}.Kind(), RegistrationMessage{}.Kind(),
	} {
		w.Handlers[kind] = func(_ context.Context, j job.Job) error {
			out[kind] = j.Secret.Reveal()
			return nil
		}
	}
	g.must(w.Drain(g.Context()))
	return out
}

func (g *gate) begin(address string) (key, code string) {
	g.Helper()
	k, err := g.r.Begin(g.Context(), nobody, g.cpts.Slug, address, text.FR)
	g.must(err)
	return k.Reveal(), g.post()[RegistrationCodeLetter{}.Kind()]
}

func rosa() Person {
	return Person{Names: account.Names{GivenName: "Rosa", FamilyName: "Vidal"}, Function: "nurse", ProfessionCode: "60", RPPS: "10002345675"}
}

// come goes as far as the person.
func (g *gate) come(address string, p Person) (RegistrationFile, string) {
	g.Helper()
	key, code := g.begin(address)
	_, err := g.r.ProveEmail(g.Context(), nobody, g.cpts.Slug, key, code)
	g.must(err)
	_, err = g.r.ChoosePassword(g.Context(), nobody, g.cpts.Slug, key, secret.NewText("quatre-tilleuls-devant-la-gare"))
	g.must(err)
	f, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, p)
	g.must(err)
	return f, key
}

// VER-1: the whole way, from the address to the file that is sent.
func TestRegistration(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx := g.Context()
		f, key := g.come("rosa@exemple.fr", rosa())
		if f.Member.IsZero() || f.Verification != member.Unchecked || f.Next() != StepDocuments || f.RPPS != "10002345675" {
			t.Fatalf("%+v", f.Registration)
		}
		g.post()
		_, err := g.r.SendCode(ctx, nobody, g.cpts.Slug, key, "06 12 34 56 78")
		g.must(err)
		code := g.post()[RegistrationMessage{}.Kind()]
		f, err = g.r.ProvePhone(ctx, nobody, g.cpts.Slug, key, code)
		g.must(err)
		if f.PhoneProvedAt == nil {
			t.Error("the telephone is not proved")
		}
		if _, err := g.r.Complete(ctx, nobody, g.cpts.Slug, key, f.Asked.Rev, nil); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("sent without agreement: %v", err)
		}
		f, err = g.r.Complete(ctx, nobody, g.cpts.Slug, key, f.Asked.Rev, []int{0})
		g.must(err)
		if f.CompletedAt == nil || f.Next() != StepDone {
			t.Errorf("%+v", f.Registration)
		}
		back, err := g.r.Open(ctx, nobody, g.cpts.Slug, g.post()[RegistrationLinkLetter{}.Kind()])
		g.must(err)
		if back.ID != f.ID || len(back.Consents) != 1 || back.Consents[0].Body == "" || len(back.Missing) == 0 {
			t.Errorf("the link opens %+v, missing %v", back.Registration, back.Missing)
		}
	})
}

// INV-13: where registration is closed nothing begins, and it cannot be told from nowhere.
func TestRegistrationClosed(t *testing.T) {
	eachGate(t, func(g *gate) {
		for _, slug := range []string{g.closed.Slug, "nulle-part"} {
			if _, err := g.r.Begin(g.Context(), nobody, slug, "rosa@exemple.fr", text.FR); !errors.Is(err, ErrRegistrationClosed) {
				t.Errorf("%s: %v", slug, err)
			}
		}
		_, key := g.come("rosa@exemple.fr", rosa())
		g.set(setting.Registration{Open: false})
		if _, err := g.r.Open(g.Context(), nobody, g.cpts.Slug, key); !errors.Is(err, ErrRegistrationClosed) {
			t.Errorf("closed since: %v", err)
		}
	})
}

// set writes the setting as an administrator would.
func (g *gate) set(v setting.Registration) {
	g.Helper()
	s := setting.Settings{Run: g.run}
	_, err := s.SetRegistration(g.Context(), access.Operator("test"), g.cpts.ID, 0, v)
	g.must(err)
}

// ENU-01: an address with an account gets the same answer and no code; its owner is told, and
// no code opens anything.
func TestRegistrationOfAnAccount(t *testing.T) {
	eachGate(t, func(g *gate) {
		var owner account.Account
		g.write(func(tx *store.Tx) (err error) {
			e, _ := account.ParseEmail("yves@exemple.fr")
			owner, err = account.Insert(g.Context(), tx, account.New{Email: e, Names: account.Names{GivenName: "Yves", FamilyName: "Roy"}, Language: text.FR})
			return err
		})
		k, err := g.r.Begin(g.Context(), nobody, g.cpts.Slug, "yves@exemple.fr", text.FR)
		g.must(err)
		mails := g.post()
		if _, told := mails[RegistrationAccountLetter{}.Kind()]; !told || len(mails) != 1 {
			t.Errorf("%v", mails)
		}
		f, err := g.r.Open(g.Context(), nobody, g.cpts.Slug, k.Reveal())
		g.must(err)
		if f.Next() != StepCode || !f.Account.IsZero() {
			t.Errorf("%+v", f.Registration)
		}
		by := access.Actor{Kind: access.Person, Account: owner.ID, Name: "Yves Roy"}
		k, err = g.r.BeginSignedIn(g.Context(), by, g.cpts.Slug)
		g.must(err)
		p := rosa()
		p.RPPS, p.NoRPPS = "", "secrétaire"
		f, err = g.r.Declare(g.Context(), by, g.cpts.Slug, k.Reveal(), p)
		g.must(err)
		if f.Account != owner.ID || f.Member.IsZero() {
			t.Errorf("%+v", f.Registration)
		}
	})
}

// rules.md 4: five tries of a code, five registrations of one network address in an hour.
func TestRegistrationLimits(t *testing.T) {
	eachGate(t, func(g *gate) {
		key, code := g.begin("rosa@exemple.fr")
		for n := range RegistrationTries {
			_, err := g.r.ProveEmail(g.Context(), nobody, g.cpts.Slug, key, other(code))
			if last := n == RegistrationTries-1; last != errors.Is(err, ErrRegistrationCode) || err == nil {
				t.Errorf("try %d: %v", n+1, err)
			}
		}
		if _, err := g.r.ProveEmail(g.Context(), nobody, g.cpts.Slug, key, code); !errors.Is(err, ErrRegistrationCode) {
			t.Errorf("the right code after too many: %v", err)
		}
		for range RegistrationsPerAddress - 1 {
			g.begin("autre@exemple.fr")
		}
		if _, err := g.r.Begin(g.Context(), nobody, g.cpts.Slug, "encore@exemple.fr", text.FR); !fault.Is(err, fault.Limited) {
			t.Errorf("one too many: %v", err)
		}
	})
}

// A code is good for 15 minutes, and a link for its time; a newer one ends the older.
func TestRegistrationTimes(t *testing.T) {
	eachGate(t, func(g *gate) {
		key, code := g.begin("rosa@exemple.fr")
		g.now = g.now.Add(RegistrationCodeLife)
		if _, err := g.r.ProveEmail(g.Context(), nobody, g.cpts.Slug, key, code); !errors.Is(err, ErrRegistrationCode) {
			t.Errorf("after its time: %v", err)
		}
		g.come("rosa@exemple.fr", rosa())
		first := g.post()[RegistrationLinkLetter{}.Kind()]
		g.begin("rosa@exemple.fr") // a file that has begun: the letter is a new link
		if _, err := g.r.Open(g.Context(), nobody, g.cpts.Slug, first); !errors.Is(err, ErrRegistrationGone) {
			t.Errorf("the older link: %v", err)
		}
	})
}

// INV-13, rules.md 11: nobody registers with somebody's number; INV-15: the account of a file
// that waits is nobody's to sign in with; INV-16: what is verified does not change here.
func TestRegistrationClaims(t *testing.T) {
	eachGate(t, func(g *gate) {
		f, key := g.come("rosa@exemple.fr", rosa())
		act := action.Act{Verb: "test.verify", Orgs: []ident.Org{f.Org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
		_, err := action.Run(g.Context(), g.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
			return struct{}{}, enrolment.Verified(g.Context(), tx, f.Org, f.Member, enrolment.VerifiedAs{RPPS: f.RPPS})
		})
		g.must(err)
		if _, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, rosa()); !errors.Is(err, ErrRegistrationDone) {
			t.Errorf("changed after the verification: %v", err)
		}
		again, code := g.begin("paul@exemple.fr")
		_, err = g.r.ProveEmail(g.Context(), nobody, g.cpts.Slug, again, code)
		g.must(err)
		_, err = g.r.ChoosePassword(g.Context(), nobody, g.cpts.Slug, again, secret.NewText("quatre-tilleuls-devant-la-gare"))
		g.must(err)
		_, err = g.r.Declare(g.Context(), nobody, g.cpts.Slug, again, rosa())
		if x := fault.Of(err); len(x.Fields) != 1 || x.Fields[0].Code != ErrRegistrationRPPS.Code {
			t.Errorf("a number that is somebody's: %v", err)
		}
	})
}

// VER-1: what was never sent goes, with its member, its account and its papers; what was sent stays.
func TestRegistrationSweep(t *testing.T) {
	eachGate(t, func(g *gate) {
		f, _ := g.come("rosa@exemple.fr", rosa())
		g.begin("paul@exemple.fr")
		g.now = g.now.Add(RegistrationLife)
		g.must(g.r.Sweep(g.Context()))
		g.must(g.db.Read(g.Context(), func(tx *store.Tx) error {
			if _, has, err := account.ByEmail(g.Context(), tx, "rosa@exemple.fr"); has || err != nil {
				t.Errorf("the account is still there: %v", err)
			}
			if _, err := member.Find(g.Context(), tx, f.Org, f.Member); !fault.Is(err, fault.NotFound) {
				t.Errorf("the member is still there: %v", err)
			}
			left, err := overdueRegistrations(g.Context(), tx, 10)
			if len(left) != 0 {
				t.Errorf("%d left", len(left))
			}
			return err
		}))
	})
}

// VER-1: each step asks for those before it, whoever calls it and in whatever order.
func TestRegistrationOrder(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx, slug := g.Context(), g.cpts.Slug
		key, code := g.begin("rosa@exemple.fr")
		early := func(when string, steps map[string]error) {
			g.Helper()
			for step, err := range steps {
				if !errors.Is(err, ErrRegistrationOrder) {
					g.Errorf("%s, %s: %v", when, step, err)
				}
			}
		}
		password := func() error {
			_, err := g.r.ChoosePassword(ctx, nobody, slug, key, secret.NewText("quatre-tilleuls-devant-la-gare"))
			return err
		}
		person := func() error { _, err := g.r.Declare(ctx, nobody, slug, key, rosa()); return err }
		paperGiven := func() error {
			_, err := g.r.AddDocument(ctx, nobody, slug, key, NewDocument{Kind: paper.Card, Name: "carte.pdf", Data: papertest.PDF("")})
			return err
		}
		phone := func() error { _, err := g.r.SendCode(ctx, nobody, slug, key, "06 12 34 56 78"); return err }
		complete := func() error { _, err := g.r.Complete(ctx, nobody, slug, key, 0, []int{0}); return err }

		early("before the code", map[string]error{
			"password": password(), "person": person(), "document": paperGiven(), "phone": phone(), "complete": complete(),
		})
		_, err := g.r.ProveEmail(ctx, nobody, slug, key, code)
		g.must(err)
		early("before the password", map[string]error{"person": person(), "document": paperGiven(), "phone": phone(), "complete": complete()})
		g.must(password())
		early("before the person", map[string]error{"document": paperGiven(), "phone": phone(), "complete": complete()})
		g.must(person())
		early("an account has its password, and the telephone is not proved", map[string]error{"password": password(), "complete": complete()})
		g.must(paperGiven())
		g.must(phone())
	})
}

// rules.md 4, VER-1: a wrong code says how many tries are left, of the mailbox and of the
// telephone, and proves nothing.
func TestRegistrationWrongCode(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx, slug := g.Context(), g.cpts.Slug
		refused := func(err error, left int) {
			g.Helper()
			x := fault.Of(err)
			if x.Kind != fault.Invalid || len(x.Fields) != 1 || x.Fields[0].Location != "code" || x.Fields[0].Code != "registration.code_wrong" {
				g.Fatalf("%v %+v", err, x.Fields)
			}
			if x.Fields[0].Args["Count"] != left {
				g.Errorf("%v, %d left", x.Fields[0].Args, left)
			}
		}
		key, code := g.begin("rosa@exemple.fr")
		for n := range 2 {
			_, err := g.r.ProveEmail(ctx, nobody, slug, key, other(code))
			refused(err, RegistrationTries-1-n)
		}
		f, err := g.r.Open(ctx, nobody, slug, key)
		g.must(err)
		if f.EmailProvedAt != nil {
			g.Error("proved by a wrong code")
		}
		_, key = g.come("paul@exemple.fr", rosa())
		g.post()
		_, err = g.r.SendCode(ctx, nobody, slug, key, "06 12 34 56 78")
		g.must(err)
		code = g.post()[RegistrationMessage{}.Kind()]
		_, err = g.r.ProvePhone(ctx, nobody, slug, key, other(code))
		refused(err, RegistrationTries-1)
		if f, err = g.r.Open(ctx, nobody, slug, key); err != nil || f.PhoneProvedAt != nil {
			g.Errorf("proved by a wrong code: %v", err)
		}
	})
}

// other is a code that is not this one.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// VER-1: a file is sent with every text accepted, each missing one named, and with the texts
// as they were shown: not those the organisation has written since.
func TestRegistrationConsents(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx, slug := g.Context(), g.cpts.Slug
		g.r.Texts.On = false // no telephone to prove first
		_, key := g.come("rosa@exemple.fr", rosa())
		g.set(setting.Registration{Open: true, Consents: []setting.Consent{{Title: "Charte", Body: "Entraide."}, {Title: "Données", Body: "Les vôtres."}}})
		if _, err := g.r.Complete(ctx, nobody, slug, key, 0, []int{0}); fault.Of(err).Code != "registration.texts_changed" {
			g.Errorf("the texts of before: %v", err)
		}
		_, err := g.r.Complete(ctx, nobody, slug, key, 1, []int{0, 2})
		if x := fault.Of(err); len(x.Fields) != 1 || x.Fields[0].Location != "consents[1]" || x.Fields[0].Code != "registration.consent_required" {
			g.Fatalf("the second is not accepted: %v %+v", err, x.Fields)
		}
		f, err := g.r.Open(ctx, nobody, slug, key)
		g.must(err)
		if f.CompletedAt != nil || len(f.Consents) != 0 {
			g.Errorf("sent by a refusal: %+v", f.Registration)
		}
		f, err = g.r.Complete(ctx, nobody, slug, key, 1, []int{0, 1})
		g.must(err)
		if f.CompletedAt == nil || !f.PhoneWaived {
			g.Errorf("%+v", f.Registration)
		}
		f, err = g.r.Open(ctx, nobody, slug, key)
		g.must(err)
		if len(f.Consents) != 2 || f.Consents[1].Title != "Données" || f.Consents[1].Rev != 1 {
			g.Errorf("%+v", f.Consents)
		}
	})
}

// ENU-01, INV-13: an address that got an account since its code was typed is its owner's: nothing
// enters with it, and nobody's password changes.
func TestRegistrationAddressTaken(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx, slug := g.Context(), g.cpts.Slug
		key, code := g.begin("yves@exemple.fr")
		_, err := g.r.ProveEmail(ctx, nobody, slug, key, code)
		g.must(err)
		_, err = g.r.ChoosePassword(ctx, nobody, slug, key, secret.NewText("quatre-tilleuls-devant-la-gare"))
		g.must(err)
		var owner account.Account
		g.write(func(tx *store.Tx) (err error) {
			e, _ := account.ParseEmail("yves@exemple.fr")
			owner, err = account.Insert(ctx, tx, account.New{Email: e, Names: account.Names{GivenName: "Yves", FamilyName: "Roy"}, Language: text.FR})
			return err
		})
		if _, err := g.r.Declare(ctx, nobody, slug, key, rosa()); !errors.Is(err, ErrRegistrationHas) {
			g.Errorf("entered with somebody's address: %v", err)
		}
		f, err := g.r.Open(ctx, nobody, slug, key)
		g.must(err)
		if !f.Member.IsZero() || !f.Account.IsZero() {
			g.Errorf("%+v", f.Registration)
		}
		g.must(g.db.Read(ctx, func(tx *store.Tx) error {
			_, here, err := member.ByAccount(ctx, tx, g.cpts.ID, owner.ID)
			if here {
				g.Error("the owner became a member")
			}
			return err
		}))
	})
}
