package login_test

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
)

// temporary invites an address with a temporary password and gives it.
func (b *bench) temporary(p place, address string) string {
	b.Helper()
	pw := credential.NewTemporaryPassword()
	h := b.hash(pw.Reveal())
	b.write(func(tx *store.Tx) error {
		r, err := role.BuiltIn(b.Context(), tx, p.org, role.Secretary)
		if err != nil {
			return err
		}
		_, err = invitation.Insert(b.Context(), tx, invitation.Batch{
			Org: p.org, By: invitation.InviterOf(access.Operator("cli"), p.org, false), ByName: "Bruno Lacaze", Language: text.FR, Function: "secretary",
			Welcome: invitation.ByTemporaryPassword, Roles: []role.Given{{Role: r.ID, Scope: access.OrgScope(p.org)}}, Sites: []ident.Site{p.site},
			To: []invitation.To{{Email: b.email(address), Temporary: pw, Hash: h}},
		})
		return err
	})
	return pw.Reveal()
}

func (b *bench) allowTemporary(p place, allowed bool) {
	b.Helper()
	s := setting.Settings{Run: b.run}
	now, err := s.Security(b.Context(), access.Operator("cli"), p.org)
	now.TemporaryPasswords = allowed
	if err == nil {
		_, err = s.SetSecurity(b.Context(), access.Operator("cli"), p.org, now.Rev, now)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) signInTemporary(address, password string) (login.Result, error) {
	b.Helper()
	return b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(password), login.Client{})
}

// PWD-04, MEM-12: once, within 72 hours, for the page that finishes the account and
// nothing else; dead after that.
func TestTemporaryPassword(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.allowTemporary(p, true)
		pw := b.temporary(p, "julie@tilleuls.example")
		if err := b.try("julie@tilleuls.example", wrong); !errors.Is(err, login.ErrRefused) {
			b.Errorf("another password: %v", err)
		}
		before := b.hasher.Computed()
		res, err := b.signInTemporary("Julie@tilleuls.example", pw)
		if err != nil || res.Session != nil || res.Finish == nil || b.hasher.Computed()-before != 1 {
			b.Fatalf("%+v %v, %d argon2", res, err, b.hasher.Computed()-before)
		}
		if _, err := b.signInTemporary("julie@tilleuls.example", pw); !errors.Is(err, login.ErrRefused) {
			b.Errorf("twice: %v", err)
		}
		// What it was exchanged for opens one page: it is no session, no token, no reset.
		page := res.Finish.Reveal()
		_, bearer, err := (token.Tokens{Run: b.run}).Authenticate(b.Context(), page)
		_, reset := b.logins.CheckReset(b.Context(), stranger("192.0.2.1"), page)
		if b.worth(*res.Finish) || bearer || err != nil || !errors.Is(reset, login.ErrGone) || b.count(`select count(*) from session`) != 0 {
			b.Errorf("it opens more: %v %v", err, reset)
		}
		e := enrolment.Enrolments{Run: b.run, Hasher: b.hasher}
		done, err := e.Finish(b.Context(), stranger("192.0.2.1"), page, enrolment.Finish{
			Names: account.Names{GivenName: "Julie", FamilyName: "Delmas"}, Password: secret.NewText(good), Language: text.FR,
		})
		if err != nil || done.Org != p.org {
			b.Fatalf("%+v %v", done, err)
		}
		if err := b.try("julie@tilleuls.example", pw); !errors.Is(err, login.ErrRefused) {
			b.Errorf("after the change: %v", err)
		}
		b.signIn("julie@tilleuls.example", good)
		if b.count(`select count(*) from audit_event where verb = 'login.temporary_password' and outcome = 'done' and chain = $1`, p.org) != 1 {
			b.Error("not in the organisation's trail")
		}
	})
}

// PWD-04: after 72 hours, where the policy no longer allows it, or for an address
// that has an account since, it is a wrong password like any other.
func TestTemporaryPasswordIsDead(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.allowTemporary(p, true)
		old, forbidden, taken := b.temporary(p, "a@tilleuls.example"), b.temporary(p, "b@tilleuls.example"), b.temporary(p, "c@tilleuls.example")
		b.account("c@tilleuls.example")
		refused := func(address, password string) {
			b.Helper()
			before := b.hasher.Computed()
			if err := b.try(address, password); !errors.Is(err, login.ErrRefused) || b.hasher.Computed()-before != 1 {
				b.Errorf("%s: %v, %d argon2", address, err, b.hasher.Computed()-before)
			}
		}
		refused("c@tilleuls.example", taken)
		b.allowTemporary(p, false)
		refused("b@tilleuls.example", forbidden)
		b.allowTemporary(p, true)
		b.clock.Add(invitation.TemporaryLife)
		refused("a@tilleuls.example", old)
	})
}

// PWD-04: of many who use it at once, one gets the page.
func TestTemporaryPasswordRace(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.allowTemporary(p, true)
		pw := b.temporary(p, "julie@tilleuls.example")
		var opened atomic.Int64
		var wg sync.WaitGroup
		for range credential.WaitAfter { // so many are verified before the pause
			wg.Go(func() {
				res, err := b.signInTemporary("julie@tilleuls.example", pw)
				switch {
				case err == nil && res.Finish != nil:
					opened.Add(1)
				case !errors.Is(err, login.ErrRefused) && !errors.Is(err, login.ErrLocked):
					b.Errorf("a loser got %v", err)
				}
			})
		}
		wg.Wait()
		if opened.Load() != 1 {
			b.Errorf("%d opened", opened.Load())
		}
	})
}

// PWD-08, rules.md 4: guessing at a temporary password waits like any other.
func TestTemporaryPasswordGuessed(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.allowTemporary(p, true)
		pw := b.temporary(p, "julie@tilleuls.example")
		for n := range credential.WaitAfter {
			if err := b.try("julie@tilleuls.example", wrong+strconv.Itoa(n)); !errors.Is(err, login.ErrRefused) {
				b.Fatalf("%v", err)
			}
		}
		if _, err := b.signInTemporary("julie@tilleuls.example", pw); !errors.Is(err, login.ErrLocked) {
			b.Errorf("the sixth: %v", err)
		}
		b.clock.Add(time.Minute)
		if res, err := b.signInTemporary("julie@tilleuls.example", pw); err != nil || res.Finish == nil {
			b.Errorf("a minute later: %v", err)
		}
	})
}

// VER-1, MEM-12: the file of an address that waits in one organisation keeps it from no temporary
// password of another; what was chosen for the file opens nothing (INV-15).
func TestTemporaryPasswordOfAPendingAccount(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.allowTemporary(p, true)
		a := b.account("julie@tilleuls.example")
		b.write(func(tx *store.Tx) error {
			_, err := account.Shut(b.Context(), tx, a.ID)
			return err
		})
		pw := b.temporary(p, "julie@tilleuls.example")
		if err := b.try("julie@tilleuls.example", good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the password of the file: %v", err)
		}
		res, err := b.signInTemporary("julie@tilleuls.example", pw)
		if err != nil || res.Session != nil || res.Finish == nil {
			b.Fatalf("%+v %v", res, err)
		}
		e := enrolment.Enrolments{Run: b.run, Hasher: b.hasher}
		done, err := e.Finish(b.Context(), stranger("192.0.2.1"), res.Finish.Reveal(), enrolment.Finish{
			Names: account.Names{GivenName: "Julie", FamilyName: "Delmas"}, Password: secret.NewText(other), Language: text.FR,
		})
		if err != nil || done.Account != a.ID {
			b.Fatalf("%+v %v", done, err)
		}
		b.signIn("julie@tilleuls.example", other)
	})
}
