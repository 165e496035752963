package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

func register(db *store.DB) account.Accounts {
	return account.Accounts{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now())}}
}

func email(t *testing.T, s string) account.Email {
	t.Helper()
	e, code := account.ParseEmail(s)
	if code != "" {
		t.Fatalf("%s: %s", s, code)
	}
	return e
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), []store.Lock{store.Installation}, fn); err != nil {
		t.Fatal(err)
	}
}

func make1(t *testing.T, db *store.DB, address string) (a account.Account) {
	t.Helper()
	write(t, db, func(tx *store.Tx) (err error) {
		a, err = account.Insert(t.Context(), tx, account.New{
			Email: email(t, address), Names: account.Names{Title: "Dr", GivenName: "Julie", FamilyName: "Delmas"}, Language: text.FR,
		})
		return err
	})
	return a
}

func person(a account.Account) access.Actor {
	return access.Actor{Kind: access.Person, Account: a.ID, Name: a.Name(), Via: "web", Address: "192.0.2.1"}
}

func states(t *testing.T, db *store.DB, id ident.Account) (all, open int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*), count(*) filter (where known_until is null) from account_state where account_id = $1`, id).Scan(&all, &open)
	}); err != nil {
		t.Fatal(err)
	}
	return all, open
}

func TestInsertAndFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		made := make1(t, db, "Julie@Tilleuls.example")
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			byKey, ok, err := account.ByEmail(t.Context(), tx, "julie@tilleuls.example")
			if err != nil || !ok || !cmp.Equal(byKey, made) {
				t.Errorf("by key: %v %v %s", ok, err, cmp.Diff(made, byKey))
			}
			if made.Email.Address != "Julie@Tilleuls.example" || made.Status != account.Active || !made.LastSignInAt.Equal(store.Never) {
				t.Errorf("made %+v", made)
			}
			if _, ok, err := account.ByEmail(t.Context(), tx, "Julie@Tilleuls.example"); ok || err != nil {
				t.Errorf("what is no key finds an account: %v", err)
			}
			_, ok, err = account.Get(t.Context(), tx, ident.NewAccount())
			if ok {
				t.Error("an unknown account is found")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var touched account.Account
		write(t, db, func(tx *store.Tx) error {
			if err := account.TouchSignIn(t.Context(), tx, made.ID); err != nil {
				return err
			}
			var err error
			touched, _, err = account.Get(t.Context(), tx, made.ID)
			return err
		})
		if !touched.LastSignInAt.After(made.CreatedAt.Add(-time.Second)) {
			t.Errorf("last sign-in %v", touched.LastSignInAt)
		}
	})
}

// RAC-02: the same address many times at once, in case variants: one owner. The
// writes hold different locks, so that only the database can tell them apart.
func TestSameEmailTwice(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		variants := []string{"Julie@Tilleuls.example", "JULIE@tilleuls.example", " julie@TILLEULS.example ", "julie@tilleuls.example"}
		errs := make([]error, 16)
		var wg sync.WaitGroup
		for i := range errs {
			e := email(t, variants[i%len(variants)])
			wg.Go(func() {
				errs[i] = db.Write(context.Background(), []store.Lock{store.Lock(ident.NewAccount())}, func(tx *store.Tx) error {
					_, err := account.Insert(context.Background(), tx, account.New{Email: e, Language: text.FR})
					return err
				})
			})
		}
		wg.Wait()
		owners := 0
		for _, err := range errs {
			switch {
			case err == nil:
				owners++
			case !errors.Is(err, account.ErrTaken):
				t.Errorf("a loser got %v", err)
			}
		}
		var rows, orphans int
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `select count(*), (select count(*) from account) from account_state`).Scan(&rows, &orphans)
		}); err != nil {
			t.Fatal(err)
		}
		if owners != 1 || rows != 1 || orphans != 1 {
			t.Errorf("%d owners, %d states, %d accounts", owners, rows, orphans)
		}
	})
}

// A change of address to one that is taken is refused too.
func TestSetKeepsHistoryAndUniqueness(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		julie, paul := make1(t, db, "julie@tilleuls.example"), make1(t, db, "paul@tilleuls.example")
		write(t, db, func(tx *store.Tx) error {
			blocked := julie
			blocked.Status = account.Blocked
			blocked, err := account.Set(t.Context(), tx, blocked)
			if err != nil || blocked.Rev != 2 {
				t.Errorf("set: %+v %v", blocked, err)
			}
			blocked.PlatformRole = account.Support
			_, err = account.Set(t.Context(), tx, blocked) // twice in one transaction
			return err
		})
		if all, open := states(t, db, julie.ID); all != 3 || open != 1 {
			t.Errorf("%d states, %d open", all, open)
		}
		err := db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := account.Set(t.Context(), tx, julie)
			return err
		})
		if !errors.Is(err, account.ErrStale) {
			t.Errorf("an old revision: %v", err)
		}
		paul.Email = email(t, "JULIE@tilleuls.example")
		err = db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := account.Set(t.Context(), tx, paul)
			return err
		})
		if !errors.Is(err, account.ErrTaken) {
			t.Errorf("a taken address: %v", err)
		}
		if all, open := states(t, db, paul.ID); all != 1 || open != 1 {
			t.Errorf("a refused change left %d states, %d open", all, open)
		}
	})
}

func TestEditMe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		accounts, me := register(db), make1(t, db, "julie@tilleuls.example")
		en := text.EN
		names := account.Names{Title: "Mme", GivenName: " Anne-Laure ", FamilyName: "N’Guyen"}
		next, err := accounts.EditMe(t.Context(), person(me), me.Rev, account.Change{Names: &names, Language: &en})
		if err != nil || next.Name() != "Anne-Laure N’Guyen" || next.Language != text.EN || next.Rev != 2 {
			t.Fatalf("%+v %v", next, err)
		}
		// Two windows of one person: the second is told (CHG-1).
		if _, err := accounts.EditMe(t.Context(), person(me), me.Rev, account.Change{Names: &names}); !errors.Is(err, account.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		if _, err := accounts.EditMe(t.Context(), person(me), 0, account.Change{Names: &names}); !errors.Is(err, account.ErrStale) {
			t.Errorf("names without a version: %v", err)
		}
		if same, err := accounts.EditMe(t.Context(), person(me), 0, account.Change{Language: &en}); err != nil || same.Rev != 2 {
			t.Errorf("the same language: %+v %v", same, err)
		}
		fr := text.FR
		if next, err = accounts.EditMe(t.Context(), person(me), 0, account.Change{Language: &fr}); err != nil || next.Language != text.FR || next.Rev != 3 {
			t.Errorf("language alone: %+v %v", next, err)
		}
		read, err := accounts.Me(t.Context(), person(me))
		if err != nil || !cmp.Equal(read, next) {
			t.Errorf("me: %+v %v", read, err)
		}
		if all, open := states(t, db, me.ID); all != 3 || open != 1 {
			t.Errorf("%d states, %d open", all, open)
		}
		if n := events(t, db, "account.edit", "done"); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

// Issue 1, bad input: names with markup, line breaks, emoji, 10,000 characters.
func TestEditMeRefusesBadInput(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		accounts, me := register(db), make1(t, db, "julie@tilleuls.example")
		bad := text.Lang("de")
		_, err := accounts.EditMe(t.Context(), person(me), me.Rev, account.Change{
			Names: &account.Names{Title: "Sire", GivenName: "<script>", FamilyName: "Del\r\nmas"}, Language: &bad,
		})
		var got []string
		for _, f := range fault.Of(err).Fields {
			got = append(got, f.Location+" "+f.Code)
		}
		want := "title account.title_unknown, given_name text.symbol, family_name text.control, language account.language_unknown"
		if strings.Join(got, ", ") != want {
			t.Errorf("%v", got)
		}
		for _, name := range []string{"", "Julie 🙂", strings.Repeat("a", 10000)} {
			_, err := accounts.EditMe(t.Context(), person(me), me.Rev, account.Change{Names: &account.Names{GivenName: name, FamilyName: "Delmas"}})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v", name, err)
			}
		}
		if all, _ := states(t, db, me.ID); all != 1 {
			t.Errorf("bad input changed something: %d states", all)
		}
	})
}

// Whoever is nobody, or an organisation, has no account to read or edit.
func TestOnlyOnesOwnAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		accounts, me := register(db), make1(t, db, "julie@tilleuls.example")
		for _, by := range []access.Actor{
			{Kind: access.Anonymous, Address: "192.0.2.1"},
			{Kind: access.OrgToken, Token: ident.NewToken(), Account: me.ID, Org: ident.NewOrg()},
			{Kind: access.PlatformToken, Token: ident.NewToken(), Account: me.ID},
		} {
			if _, err := accounts.Me(t.Context(), by); err == nil {
				t.Errorf("%s reads an account", by.Kind)
			}
			if _, err := accounts.EditMe(t.Context(), by, 0, account.Change{}); err == nil {
				t.Errorf("%s edits an account", by.Kind)
			}
		}
		if n := events(t, db, "account.edit", "refused"); n != 3 {
			t.Errorf("%d refusals recorded", n)
		}
		gone := person(account.Account{ID: ident.NewAccount()})
		if _, err := accounts.Me(t.Context(), gone); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("an account that does not exist: %v", err)
		}
	})
}

func events(t *testing.T, db *store.DB, verb, outcome string) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*) from audit_event where verb = $1 and outcome = $2`, verb, outcome).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
