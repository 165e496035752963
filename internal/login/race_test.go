package login

import (
	"errors"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// A password that was right when it was looked up opens nothing once another was
// set, or once the account was blocked: both are read again in the transaction
// (PWD-02, SES-02).
func TestChangedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, tx *store.Tx, a account.Account) error{
		"another password": func(t *testing.T, tx *store.Tx, a account.Account) error {
			t.Helper()
			return credential.SetPassword(t.Context(), tx, a.ID, "another")
		},
		"blocked": func(t *testing.T, tx *store.Tx, a account.Account) error {
			t.Helper()
			a.Status = account.Blocked
			_, err := account.Set(t.Context(), tx, a)
			return err
		},
	} {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			ring := secret.NewRing(time.Now())
			l := Logins{Run: &action.Runner{DB: db, Ring: ring}, Hasher: credential.NewHasher(ring)}
			l.Hasher.Cost = credential.Cost{Memory: 64, Time: 1}
			password := secret.NewText("le vélo rouge dort sous l’escalier")
			hash, err := l.Hasher.Hash(t.Context(), password)
			if err != nil {
				t.Fatal(err)
			}
			var a account.Account
			var s session.Opened
			write := func(fn func(tx *store.Tx) error) {
				if err := db.Write(t.Context(), []store.Lock{store.Installation}, fn); err != nil {
					t.Fatal(err)
				}
			}
			write(func(tx *store.Tx) (err error) {
				e, _ := account.ParseEmail("julie@tilleuls.example")
				if a, err = account.Insert(t.Context(), tx, account.New{Email: e, Language: text.FR}); err != nil {
					return err
				}
				if s, _, err = session.Open(t.Context(), tx, session.New{Account: a.ID, Idle: session.Idle}); err != nil {
					return err
				}
				return credential.SetPassword(t.Context(), tx, a.ID, hash)
			})
			stranger := access.Actor{Kind: access.Anonymous, Address: "192.0.2.1", Via: "web"}
			signIn, err := l.lookUp(t.Context(), stranger, a.Email.Key)
			if err != nil {
				t.Fatal(err)
			}
			by := access.Actor{Kind: access.Person, Account: a.ID, Session: s.Session.ID, Via: "web"}
			own, err := l.ownTry(t.Context(), by, "login.step_up", true)
			if err != nil {
				t.Fatal(err)
			}
			write(func(tx *store.Tx) error { return change(t, tx, a) })
			if _, err := l.enter(t.Context(), stranger, signIn, password, Client{}); !errors.Is(err, ErrRefused) {
				t.Errorf("%s: signing in: %v", name, err)
			}
			if err := db.Read(t.Context(), func(tx *store.Tx) error { return own.proven(t.Context(), tx) }); !errors.Is(err, access.ErrUnauthenticated) {
				t.Errorf("%s: proving: %v", name, err)
			}
		})
	}
}
