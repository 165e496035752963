package login_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
)

// SES-02: whoever changes their password keeps out who knew the one before: what that one was typed for
// elsewhere, and is not finished, ends. That is the proof of a second account, wholly given or not, and a
// sign-in that owes its second factor.
func TestAPasswordChangeEndsWhatTheOldOneBegan(t *testing.T) {
	each(t, func(b *bench) {
		by, second := b.joining()
		half := b.bound(by)
		if err := b.proveMerge(by, half, b.totp()); err != nil {
			b.Fatal(err)
		}
		begun, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), zoe, secret.NewText(good), login.Client{})
		if err != nil || begun.Half == nil {
			b.Fatalf("%+v %v", begun, err)
		}
		own := access.Actor{Kind: access.Person, Account: second.ID, StepUp: b.clock.Now(), Via: "web"}
		if _, err := b.logins.ChangePassword(b.Context(), own, secret.NewText(good), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		_, err = b.logins.PendingMerge(b.Context(), by, half)
		b.wants("the proof of a second account", err, session.ErrHalfGone)
		_, err = b.logins.Pending(b.Context(), stranger("192.0.2.1"), begun.Half.Token.Reveal())
		b.wants("a sign-in", err, session.ErrHalfGone)
	})
}
