package notify

import (
	"strings"
	"testing"

	"habilis/internal/account"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// ENU-02, SEC-5: an address that has an account, or that one gave up and may take back, gets a
// notice instead of a link when it is asked for another account; its own person gets the link.
func TestAskedAddressOfAnother(t *testing.T) {
	eachWorld(t, func(w *world) {
		old, _ := account.ParseEmail(w.claire.account.Email.Address)
		next, _ := account.ParseEmail("claire@nouveau.example")
		ask := func(of someone, to account.Email) {
			w.Helper()
			var c account.EmailChange
			var link secret.Text
			w.write(func(tx *store.Tx) error {
				a, _, err := account.Get(ctx, tx, of.account.ID)
				if err == nil {
					c, link, err = account.AskEmail(ctx, tx, a, to, a.ID)
				}
				return err
			})
			w.order(login.EmailProofLetter{Change: c.ID}, link)
		}
		refused := func(when string) {
			w.Helper()
			ask(w.bruno, old)
			if k := w.letter(); k.To != old.Address || len(k.Links) != 0 || !strings.Contains(k.Text, "It already has one") {
				w.Errorf("%s: %+v", when, k)
			}
		}
		refused("it has an account")
		w.write(func(tx *store.Tx) error {
			a, _, err := account.Get(ctx, tx, w.claire.account.ID)
			if err != nil {
				return err
			}
			_, link, err := account.AskEmail(ctx, tx, a, next, a.ID)
			if err != nil {
				return err
			}
			if _, _, _, err = account.SpendEmailProof(ctx, tx, link.Reveal()); err != nil {
				return err
			}
			a.Email = next
			_, err = account.Set(ctx, tx, a)
			return err
		})
		refused("it may go back to the account that had it")
		ask(w.claire, old)
		if k := w.letter(); k.To != old.Address || len(k.Links) != 1 || !strings.Contains(k.Links[0], "/email/confirm/") {
			w.Errorf("her own of before: %+v", k)
		}
	})
}
