package dossier

import (
	"context"
	"errors"
	"fmt"
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
	"habilis/internal/limit"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

const password = "quatre-tilleuls-devant-la-gare"

// rows counts those of a table.
func (g *gate) rows(table string) (n int) {
	g.Helper()
	g.must(g.db.Read(g.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(g.Context(), `select count(*) from `+table).Scan(&n)
	}))
	return n
}

// owner makes somebody who has an account, signed in.
func (g *gate) owner(address string) access.Actor {
	g.Helper()
	var a account.Account
	g.write(func(tx *store.Tx) (err error) {
		e, _ := account.ParseEmail(address)
		a, err = account.Insert(g.Context(), tx, account.New{Email: e, Names: account.Names{GivenName: "Yves", FamilyName: "Roy"}, Language: text.FR})
		return err
	})
	return access.Actor{Kind: access.Person, Account: a.ID, Name: "Yves Roy", Address: nobody.Address}
}

// upTo comes to the step of the person from another place.
func (g *gate) upTo(address, network string) (key string, by access.Actor) {
	g.Helper()
	by = nobody
	by.Address = network
	k, err := g.r.Begin(g.Context(), by, g.cpts.Slug, address, text.FR)
	g.must(err)
	_, err = g.r.ProveEmail(g.Context(), by, g.cpts.Slug, k.Reveal(), g.post()[RegistrationCodeLetter{}.Kind()])
	g.must(err)
	_, err = g.r.ChoosePassword(g.Context(), by, g.cpts.Slug, k.Reveal(), secret.NewText(password))
	g.must(err)
	return k.Reveal(), by
}

// rules.md 4: somebody who is signed in comes back to what they began, without a row more; their
// keys are those of a few browsers, the newest; and they begin so often in a day.
func TestRegistrationOfAnAccountIsBounded(t *testing.T) {
	eachGate(t, func(g *gate) {
		by := g.owner("yves@exemple.fr")
		var keys []string
		for range RegistrationsPerAccount {
			k, err := g.r.BeginSignedIn(g.Context(), by, g.cpts.Slug)
			g.must(err)
			keys = append(keys, k.Reveal())
			g.now = g.now.Add(time.Second) // the newest is told by its time
		}
		if _, err := g.r.BeginSignedIn(g.Context(), by, g.cpts.Slug); !errors.Is(err, limit.ErrExceeded) {
			g.Errorf("once more: %v", err)
		}
		if n := g.rows("registration"); n != 1 {
			g.Errorf("%d registrations of one account", n)
		}
		if n := g.rows("registration_key"); n != RegistrationBrowsers {
			g.Errorf("%d keys", n)
		}
		for i, k := range keys {
			_, err := g.r.Open(g.Context(), by, g.cpts.Slug, k)
			if lives := i >= len(keys)-RegistrationBrowsers; lives != (err == nil) {
				g.Errorf("key %d of %d: %v", i+1, len(keys), err)
			}
		}
		g.now = g.now.Add(RegistrationBegun)
		g.must(g.r.Sweep(g.Context()))
		if n := g.rows("registration") + g.rows("registration_key"); n != 0 {
			g.Errorf("%d rows of a registration without a person are left after its day", n)
		}
	})
}

// rules.md 4: the steps of one registration are counted in a day, before what they cost, whatever becomes
// of them; those of another go on.
func TestRegistrationActsAreBounded(t *testing.T) {
	eachGate(t, func(g *gate) {
		key, by := g.upTo("rosa@exemple.fr", nobody.Address) // two steps
		asked := 0
		g.r.Source = counting{&asked}
		p := rosa()
		for n := range RegistrationActs - 2 {
			p.Names.GivenName = fmt.Sprint("Rosa ", n)
			_, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, p)
			g.must(err)
		}
		before, events := asked, g.rows("member_state")
		if _, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, rosa()); !errors.Is(err, limit.ErrExceeded) {
			g.Errorf("one step too many: %v", err)
		}
		if asked != before || g.rows("member_state") != events {
			g.Error("it had its effect")
		}
		_, by = g.upTo("paul@exemple.fr", "198.51.100.8")
		if by.Address == nobody.Address {
			g.Error("the same place")
		}
		g.now = g.now.Add(day)
		if _, err := g.r.Declare(g.Context(), by, g.cpts.Slug, g.again("rosa@exemple.fr"), rosa()); err != nil {
			g.Errorf("the next day: %v", err)
		}
	})
}

// again is a new link of somebody who has a file.
func (g *gate) again(address string) string {
	g.Helper()
	_, err := g.r.Begin(g.Context(), nobody, g.cpts.Slug, address, text.FR)
	g.must(err)
	return g.post()[RegistrationLinkLetter{}.Kind()]
}

// counting is a directory that cannot say anything, and counts who asks.
type counting struct{ n *int }

func (c counting) ByRPPS(context.Context, string) (directory.Answer, error) {
	*c.n++
	return directory.Answer{}, nil
}

func (c counting) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, nil
}

// holder is a member with a number that was verified.
func (g *gate) holder(rpps string) {
	g.Helper()
	p := rosa()
	p.RPPS = rpps
	key, by := g.upTo("titulaire@exemple.fr", "203.0.113.1")
	f, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, p)
	g.must(err)
	act := action.Act{Verb: "test.verify", Orgs: []ident.Org{f.Org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	_, err = action.Run(g.Context(), g.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
		return struct{}{}, enrolment.Verified(g.Context(), tx, f.Org, f.Member, enrolment.VerifiedAs{RPPS: f.RPPS})
	})
	g.must(err)
}

// ENU-02, rules.md 4: whether a number is a member's is told a few times a day, of one registration and
// of one network; then no new number is looked at, whosever it is. A number of nobody's
// counts for nothing.
func TestRegistrationClaimsAreCounted(t *testing.T) {
	eachGate(t, func(g *gate) {
		const held, free = "10002345675", "10001234565"
		g.holder(held)
		declare := func(key string, by access.Actor, rpps string) error {
			p := rosa()
			p.RPPS = rpps
			_, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, p)
			return err
		}
		isHeld := func(err error) bool {
			x := fault.Of(err)
			return x != nil && len(x.Fields) == 1 && x.Fields[0].Code == ErrRegistrationRPPS.Code
		}
		key, by := g.upTo("rosa@exemple.fr", "198.51.100.20")
		for range RegistrationClaims {
			if err := declare(key, by, held); !isHeld(err) {
				g.Errorf("a number of somebody: %v", err)
			}
		}
		for _, rpps := range []string{held, free} {
			if err := declare(key, by, rpps); !errors.Is(err, limit.ErrExceeded) {
				g.Errorf("%s after too many: %v", rpps, err)
			}
		}
		for n := 1; n < ClaimsPerAddress/RegistrationClaims; n++ {
			key, by = g.upTo(fmt.Sprintf("p%d@exemple.fr", n), "198.51.100.20")
			for range RegistrationClaims {
				if err := declare(key, by, held); !isHeld(err) {
					g.Errorf("registration %d: %v", n, err)
				}
			}
		}
		key, by = g.upTo("dernier@exemple.fr", "198.51.100.20")
		if err := declare(key, by, held); !errors.Is(err, limit.ErrExceeded) {
			g.Errorf("from a network that asked too often: %v", err)
		}
		key, by = g.upTo("ailleurs@exemple.fr", "198.51.100.21")
		for range RegistrationClaims + 1 { // numbers of nobody, in turn
			g.must(declare(key, by, free))
			p := rosa()
			p.RPPS, p.NoRPPS = "", "secrétaire"
			_, err := g.r.Declare(g.Context(), by, g.cpts.Slug, key, p)
			g.must(err)
		}
		if err := declare(key, by, held); !isHeld(err) {
			g.Errorf("counted what was nobody else's: %v", err)
		}
	})
}

// rules.md 4: a file that was sent is sent once: neither a letter, nor a key, nor a version comes of
// sending it again with the same texts; with texts that changed it is sent anew. The browser
// that was opened by a link stays open.
func TestRegistrationIsSentOnce(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx, slug := g.Context(), g.cpts.Slug
		g.r.Texts.On = false
		_, _ = g.come("rosa@exemple.fr", rosa())
		link := g.post()[RegistrationLinkLetter{}.Kind()]
		f, err := g.r.Complete(ctx, nobody, slug, link, 0, []int{0})
		g.must(err)
		newer := g.post()[RegistrationLinkLetter{}.Kind()]
		if _, err := g.r.Open(ctx, nobody, slug, link); newer == "" || err != nil {
			g.Errorf("the browser in which it was sent: %v", err)
		}
		keys := g.rows("registration_key")
		again, err := g.r.Complete(ctx, nobody, slug, link, 0, []int{0})
		g.must(err)
		if mails := g.post(); len(mails) != 0 || again.Version != f.Version || g.rows("registration_key") != keys || again.CompletedAt == nil {
			g.Errorf("sent again: %v, version %d after %d", mails, again.Version, f.Version)
		}
		g.set(setting.Registration{Open: true, Consents: []setting.Consent{{Title: "Charte", Body: "Entraide."}}})
		_, err = g.r.Complete(ctx, nobody, slug, link, 1, []int{0})
		g.must(err)
		if mails := g.post(); len(mails) != 1 {
			g.Errorf("with texts that changed: %v", mails)
		}
	})
}

// VER-1: forty files that arrive in an hour are one letter to those who judge them, not forty.
func TestArrivalsOfAnHour(t *testing.T) {
	eachGate(t, func(g *gate) {
		g.r.Texts.On = false
		for _, email := range []string{"rosa@exemple.fr", "lina@exemple.fr"} {
			_, key := g.come(email, rosa())
			_, err := g.r.Complete(g.Context(), nobody, g.cpts.Slug, key, 0, []int{0})
			g.must(err)
		}
		if n := g.rows("job where kind = '" + ArrivedLetter{}.Kind() + "'"); n != 1 {
			g.Errorf("%d letters were ordered", n)
		}
	})
}

// VER-1: all that is over goes in one round, more than one statement takes, and the keys that
// are over with it; what was sent keeps its file.
func TestRegistrationSweepTakesAll(t *testing.T) {
	eachGate(t, func(g *gate) {
		g.r.Texts.On = false
		_, key := g.come("rosa@exemple.fr", rosa())
		_, err := g.r.Complete(g.Context(), nobody, g.cpts.Slug, key, 0, []int{0})
		g.must(err)
		e, _ := account.ParseEmail("inconnu@exemple.fr")
		g.write(func(tx *store.Tx) error {
			for range sweptAtOnce + 1 {
				v := Registration{Org: g.cpts.ID, ID: ident.NewRegistration(), Email: e, Language: text.FR, ExpiresAt: tx.Now.Add(RegistrationBegun)}
				if err := insertRegistration(g.Context(), tx, v); err != nil {
					return err
				}
				if _, err := newKey(g.Context(), tx, v, false); err != nil {
					return err
				}
			}
			return nil
		})
		g.now = g.now.Add(RegistrationBegun)
		g.must(g.r.Sweep(g.Context()))
		if n, keys := g.rows("registration"), g.rows("registration_key"); n != 1 || keys != 1 {
			g.Errorf("%d registrations and %d keys are left, want the one that was sent, and its link", n, keys)
		}
		g.now = g.now.Add(RegistrationLinkLife)
		g.must(g.r.Sweep(g.Context()))
		if n, keys := g.rows("registration"), g.rows("registration_key"); n != 1 || keys != 0 {
			g.Errorf("%d registrations and %d keys are left, want the one that was sent", n, keys)
		}
	})
}

// VER-1: whoever began with the account of a file that waits elsewhere, which then was abandoned with
// it, chooses a password anew: no member is made of an account that is gone.
func TestRegistrationOutlivesItsAccount(t *testing.T) {
	eachGate(t, func(g *gate) {
		ctx := g.Context()
		abandoned, _ := g.come("rosa@exemple.fr", rosa())
		g.post()
		g.now = g.now.Add(RegistrationLife - time.Hour)
		first := g.cpts
		g.write(func(tx *store.Tx) error {
			g.cpts = g.found(tx, "CPTS du Val", org.CPTS)
			return nil
		})
		key, code := g.begin("rosa@exemple.fr")
		f, err := g.r.ProveEmail(ctx, nobody, g.cpts.Slug, key, code)
		g.must(err)
		if f.Account != abandoned.Account || f.Org == first.ID || f.Next() != StepPerson {
			g.Fatalf("%s, not the account that waits: %s", f.Account, f.Next())
		}
		g.now = g.now.Add(2 * time.Hour)
		g.must(g.r.Sweep(ctx))
		if _, err := g.r.Declare(ctx, nobody, g.cpts.Slug, key, rosa()); !errors.Is(err, ErrRegistrationOrder) {
			g.Errorf("without an account: %v", err)
		}
		f, err = g.r.ChoosePassword(ctx, nobody, g.cpts.Slug, key, secret.NewText(password))
		g.must(err)
		if f.Next() != StepPerson {
			g.Errorf("then %s", f.Next())
		}
		f, err = g.r.Declare(ctx, nobody, g.cpts.Slug, key, rosa())
		g.must(err)
		g.must(g.db.Read(ctx, func(tx *store.Tx) error {
			a, found, err := account.Get(ctx, tx, f.Account)
			if !found || a.Status != account.Pending || f.Account == abandoned.Account {
				g.Errorf("the member of %s: %+v", f.Account, a)
			}
			return err
		}))
	})
}

// MFA-08: a code that a limit keeps back is counted where the operator looks, and is not waited for.
func TestRegistrationCodeRefused(t *testing.T) {
	eachGate(t, func(g *gate) {
		refused := 0
		_, key := g.come("rosa@exemple.fr", rosa())
		g.r.Texts.Refused = func() { refused++ }
		g.r.Texts.Take = func(_ context.Context, tx *action.Tx, _ string, to credential.Phone) error {
			if to.Reveal().Reveal() != "+33612345678" {
				g.Errorf("the number to count is %s", to.Reveal().Reveal())
			}
			return claimsOf.Exceeded(tx.Now)
		}
		if _, err := g.r.SendCode(g.Context(), nobody, g.cpts.Slug, key, "06 12 34 56 78"); !errors.Is(err, limit.ErrExceeded) || refused != 1 {
			g.Errorf("%v, %d counted", err, refused)
		}
		if _, err := g.r.ProvePhone(g.Context(), nobody, g.cpts.Slug, key, "000000"); !errors.Is(err, ErrRegistrationCode) {
			g.Errorf("a code waits: %v", err)
		}
	})
}
