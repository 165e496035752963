package login_test

import (
	"testing"

	"habilis/internal/event"
	"habilis/internal/role"
	"habilis/internal/secret"
)

// Issue 8 (3): organisations are told of the sessions of their members: opened, and ended by
// whatever ends them, a changed password among it; not of those of anybody else.
func TestSessionsAreTold(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		b.account("olga@barbe.example")
		p, far := b.organisation("Les Tilleuls"), b.organisation("Sainte-Barbe")
		m := b.join(p, a, role.Secretary)
		told := func(kind event.Kind) int {
			return b.count(`select count(*) from event_waiting where org_id = $1 and subject = $2 and kind = $3`, p.org, m.ID, kind)
		}
		b.signIn("olga@barbe.example", good)
		b.signIn("julie@tilleuls.example", good)
		by, _ := b.signIn("julie@tilleuls.example", good)
		if n := told(event.SessionOpened); n != 2 {
			b.Errorf("told of %d sessions opened, want 2", n)
		}
		if n := told(event.SessionEnded); n != 0 {
			b.Errorf("told of %d sessions ended, want none", n)
		}
		if _, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		if n := told(event.SessionEnded); n != 1 {
			b.Errorf("told %d times that her other session ended, want 1", n)
		}
		if n := b.count(`select count(*) from event_waiting where org_id = $1`, far.org); n != 0 {
			b.Errorf("an organisation of which she is no member is told %d times", n)
		}
	})
}
