package login_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

var boss = login.SetUp{Title: "Mme", GivenName: "Odile", FamilyName: "Renard", Password: secret.NewText(good), Language: text.FR}

// CFG-01: the first administrator needs a link from the console, once, for an hour.
func TestSetUp(t *testing.T) {
	each(t, func(b *bench) {
		link, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "Odile@habilis.example")
		if err != nil {
			b.Fatal(err)
		}
		who := stranger("192.0.2.1")
		if email, err := b.logins.CheckSetUp(b.Context(), who, link.Reveal()); err != nil || email != "odile@habilis.example" {
			b.Errorf("%q %v", email, err)
		}
		id, err := b.logins.FinishSetUp(b.Context(), who, link.Reveal(), boss)
		if err != nil {
			b.Fatal(err)
		}
		b.read(func(tx *store.Tx) error {
			a, _, err := account.Get(b.Context(), tx, id)
			if a.PlatformRole != account.Administrator || a.Name() != "Odile Renard" || a.Email.Key != "odile@habilis.example" {
				b.Errorf("%+v", a)
			}
			return err
		})
		if n := b.count(`select count(*) from session`); n != 0 {
			b.Error("it opened a session")
		}
		b.signIn("odile@habilis.example", good)
		for _, presented := range []string{link.Reveal(), "", "hu_x", strings.Replace(link.Reveal(), "hu_", "hr_", 1)} {
			_, look := b.logins.CheckSetUp(b.Context(), who, presented)
			_, finish := b.logins.FinishSetUp(b.Context(), who, presented, boss)
			if !errors.Is(look, login.ErrGone) || !errors.Is(finish, login.ErrGone) {
				b.Errorf("%.20q: %v, %v", presented, look, finish)
			}
		}
		expired, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "second@habilis.example")
		if err != nil {
			b.Fatal(err)
		}
		b.clock.Add(credential.SetUpLife)
		if _, err := b.logins.FinishSetUp(b.Context(), who, expired.Reveal(), boss); !errors.Is(err, login.ErrGone) {
			b.Errorf("an hour later: %v", err)
		}
		if n := b.count(`select count(*) from account`); n != 1 {
			b.Errorf("%d accounts", n)
		}
	})
}

// CFG-01: a link that names no address makes the account of the one that is typed.
func TestSetUpWithoutAddress(t *testing.T) {
	each(t, func(b *bench) {
		link, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "")
		if err != nil {
			b.Fatal(err)
		}
		who := stranger("192.0.2.1")
		b.account("julie@tilleuls.example")
		for address, want := range map[string]string{"": "account.email_empty", "nobody": "account.email_malformed"} {
			typed := boss
			typed.Email = address
			_, err := b.logins.FinishSetUp(b.Context(), who, link.Reveal(), typed)
			if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != want {
				b.Errorf("%q: %v %+v", address, err, f.Fields)
			}
		}
		typed := boss
		typed.Email = "julie@tilleuls.example"
		if _, err := b.logins.FinishSetUp(b.Context(), who, link.Reveal(), typed); !errors.Is(err, account.ErrTaken) {
			b.Errorf("an account that exists was raised: %v", err)
		}
		typed.Email = "odile@habilis.example"
		if _, err := b.logins.FinishSetUp(b.Context(), who, link.Reveal(), typed); err != nil {
			b.Fatal(err)
		}
		b.signIn("odile@habilis.example", good)
		if _, err := b.logins.FinishSetUp(b.Context(), who, link.Reveal(), typed); !errors.Is(err, login.ErrGone) {
			b.Errorf("twice: %v", err)
		}
	})
}

// CFG-01: nobody but the operator's console makes such a link, whoever they are.
func TestSetUpLinkNeedsTheConsole(t *testing.T) {
	each(t, func(b *bench) {
		chief := b.account("boss@habilis.example")
		chief.PlatformRole = account.Administrator
		b.write(func(tx *store.Tx) error { _, err := account.Set(b.Context(), tx, chief); return err })
		by, _ := b.signIn("boss@habilis.example", good)
		for _, who := range []access.Actor{
			by, stranger("127.0.0.1"), {Kind: access.PlatformToken, Token: ident.NewToken(), Account: chief.ID},
			{Kind: access.OrgToken, Token: ident.NewToken(), Org: ident.NewOrg()},
		} {
			if _, err := b.logins.NewSetUpLink(b.Context(), who, "x@habilis.example"); err == nil {
				b.Errorf("%s makes a set-up link", who.Kind)
			}
		}
		if b.count(`select count(*) from setup_link`) != 0 || b.events("login.new_setup_link", "refused") != 4 {
			b.Error("a link was made, or a refusal left no trace")
		}
	})
}

// A link from the console makes an account; it does not raise one that somebody
// holds.
func TestSetUpOfAnExistingAccount(t *testing.T) {
	each(t, func(b *bench) {
		link, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "julie@tilleuls.example")
		if err != nil {
			b.Fatal(err)
		}
		b.account("julie@tilleuls.example") // meanwhile
		if _, err := b.logins.FinishSetUp(b.Context(), stranger("192.0.2.1"), link.Reveal(), boss); !errors.Is(err, account.ErrTaken) {
			b.Errorf("finish: %v", err)
		}
		if _, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "JULIE@tilleuls.example"); !errors.Is(err, account.ErrTaken) {
			b.Errorf("make: %v", err)
		}
		if n := b.count(`select count(*) from account_state where platform_role <> ''`); n != 0 {
			b.Error("somebody became administrator")
		}
	})
}

func TestSetUpBadInput(t *testing.T) {
	each(t, func(b *bench) {
		if _, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "odile"); !fault.Is(err, fault.Invalid) {
			b.Errorf("no address: %v", err)
		}
		link, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "odile@habilis.example")
		if err != nil {
			b.Fatal(err)
		}
		_, err = b.logins.FinishSetUp(b.Context(), stranger("192.0.2.1"), link.Reveal(), login.SetUp{
			Title: "Reine", GivenName: "<script>", FamilyName: "", Password: secret.NewText("odile"), Language: "xx",
		})
		var got []string
		for _, f := range fault.Of(err).Fields {
			got = append(got, f.Location)
		}
		if strings.Join(got, " ") != "title given_name family_name language new_password" {
			b.Errorf("%v", got)
		}
		if _, err := b.logins.FinishSetUp(b.Context(), stranger("192.0.2.1"), link.Reveal(), boss); err != nil {
			b.Errorf("bad input spent the link: %v", err)
		}
	})
}

// One link, finished by many at once: one administrator.
func TestSetUpRace(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		link, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), "odile@habilis.example")
		if err != nil {
			b.Fatal(err)
		}
		var made atomic.Int64
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				switch _, err := b.logins.FinishSetUp(b.Context(), stranger("192.0.2.1"), link.Reveal(), boss); {
				case err == nil:
					made.Add(1)
				case !errors.Is(err, login.ErrGone):
					b.Errorf("a loser got %v", err)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 || b.count(`select count(*) from account`) != 1 {
			b.Errorf("%d made", made.Load())
		}
	})
}
