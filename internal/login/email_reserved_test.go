package login_test

import (
	"errors"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/store"
	"habilis/internal/text"
)

// SEC-5, ENU-02: the old address stays its account's while the change can be undone: whoever
// asks for it reads what they would of any address that has an account, and gets it by no
// door; its own person may go back, and the link still gives it back.
func TestOldAddressIsReserved(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		by, _ := b.signIn(julie, good)
		if err := b.confirm(b.proofLink(by, moved)); err != nil {
			b.Fatal(err)
		}
		undo := b.secretOf("letter.email_changed")
		b.account("voleur@port.example")
		thief, _ := b.signIn("voleur@port.example", good)
		if err := b.confirm(b.proofLink(thief, strings.ToUpper(julie))); !errors.Is(err, account.ErrTaken) {
			b.Errorf("another account's new address: %v", err)
		}
		if _, err := b.logins.NewSetUpLink(b.Context(), access.Operator("cli"), julie); !errors.Is(err, account.ErrTaken) {
			b.Errorf("an administrator of the platform: %v", err)
		}
		b.write(func(tx *store.Tx) error {
			if _, err := account.Insert(b.Context(), tx, account.New{Email: b.email(julie), Language: text.FR}); !errors.Is(err, account.ErrTaken) {
				b.Errorf("a new account: %v", err)
			}
			own, _, err := account.Get(b.Context(), tx, a.ID)
			if err == nil {
				own.GivenName = "Juliette"
				_, err = account.Set(b.Context(), tx, own)
			}
			return err
		})
		by, _ = b.signIn(moved, good)
		if err := b.confirm(b.proofLink(by, julie)); err != nil {
			b.Errorf("its own person goes back: %v", err)
		}
		if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser); err != nil || b.addressOf(a) != julie {
			b.Errorf("the undo: %v, the address is %s", err, b.addressOf(a))
		}
	})
}
