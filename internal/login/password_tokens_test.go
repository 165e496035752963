package login_test

import (
	"testing"

	"habilis/internal/secret"
	"habilis/internal/token"
)

// rules.md 7 speaks of a reset: whoever changes their password has proved that it is
// theirs, and the programs that act in their name go on. The handbook says so.
func TestChangedPasswordLeavesTokens(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		made, err := token.Tokens{Run: b.run}.Make(b.Context(), by, token.New{Kind: token.OfPerson, Account: a.ID, Name: "a"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		if _, ok, err := (token.Tokens{Run: b.run}).Authenticate(b.Context(), made.Secret.Reveal()); !ok || err != nil {
			b.Errorf("the person's token: %t %v", ok, err)
		}
	})
}
