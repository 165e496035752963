package login_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const day = 24 * time.Hour

// policy changes the security policy of an organisation.
func (b *bench) policy(p place, change func(*setting.Security)) setting.Security {
	b.Helper()
	s := setting.Settings{Run: b.run}
	v, err := s.Security(b.Context(), access.Operator("cli"), p.org)
	if err == nil {
		change(&v)
		v, err = s.SetSecurity(b.Context(), access.Operator("cli"), p.org, v.Rev, v)
	}
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func (b *bench) effective(a account.Account) (p login.Policy) {
	b.Helper()
	b.read(func(tx *store.Tx) (err error) {
		p, err = login.Effective(b.Context(), tx, a.ID)
		return err
	})
	return p
}

// factor gives an account a proved factor, whose secret no test needs.
func (b *bench) factor(a account.Account, kind credential.FactorKind) ident.Factor {
	b.Helper()
	id := ident.NewFactor()
	b.write(func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), `
			insert into factor (id, account_id, kind, name, day_began_at, created_at, proved_at) values ($1, $2, $3, '', $4, $4, $4)`,
			id, a.ID, kind, tx.Now)
		return err
	})
	return id
}

// enters opens a session with this second factor, and gives who stands behind it.
func (b *bench) enters(a account.Account, second string) access.Actor {
	b.Helper()
	var o session.Opened
	b.write(func(tx *store.Tx) (err error) {
		o, _, err = session.Open(b.Context(), tx, session.New{Account: a.ID, Idle: session.Idle, Second: second, Address: "192.0.2.1"})
		return err
	})
	by := b.actor(o)
	by.Opened, by.Seen, by.Second = o.Session.CreatedAt, o.Session.SeenAt, second
	return by
}

// entry asks whether by may enter, and wants this code, "ok" for nothing.
func (b *bench) entry(what string, by access.Actor, p place, want string) {
	b.Helper()
	by.Opened, by.Seen = b.db.Now().Add(by.Opened.Sub(by.Seen)), b.db.Now() // in use, and as old as it was
	if got := code(b.logins.Entry(b.Context(), by, p.org)); got != want {
		b.Errorf("%s: %s, want %s", what, got, want)
	}
}

func networks(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// SEC-4: of each rule, the strictest of the organisations in which the membership is in
// force; administrators at once, whatever they ask.
func TestEffective(t *testing.T) {
	each(t, func(b *bench) {
		a, c := b.organisation("A"), b.organisation("C")
		julie := b.account("julie@a.example")
		p := b.effective(julie)
		if p.Required || p.Remember != 30*day || p.Idle != session.Idle || p.Absolute != session.Absolute || len(p.Allowed) != 3 {
			b.Errorf("nobody's: %+v", p)
		}
		b.join(a, julie, role.Secretary)
		p = b.effective(julie)
		if !p.Required || !p.DueAt.Equal(julie.CreatedAt.AddDate(0, 0, 14)) || p.Due(b.db.Now()) || !p.Due(b.db.Now().Add(15*day)) {
			b.Errorf("A's: %+v", p)
		}
		m := b.join(c, julie, role.Secretary)
		b.clock.Add(5 * day)
		b.policy(c, func(s *setting.Security) {
			s.Factors, s.GraceDays, s.DeviceDays, s.IdleMinutes, s.AbsoluteHours = setting.Factors{Passkey: true, SMS: true}, 2, 7, 10, 4
		})
		b.policy(a, func(s *setting.Security) { s.Factors = setting.Factors{Passkey: true, TOTP: true} })
		p = b.effective(julie)
		if !slices.Equal(p.Allowed, []credential.FactorKind{credential.Passkey}) || b.db.Now().AddDate(0, 0, 2).Sub(p.DueAt).Abs() > time.Second ||
			p.Remember != 7*day || p.Idle != 10*time.Minute || p.Absolute != 4*time.Hour || p.Administers {
			b.Errorf("A's and C's: %+v", p)
		}
		b.policy(a, func(s *setting.Security) { s.Factors = setting.Factors{TOTP: true} })
		b.policy(c, func(s *setting.Security) { s.Factors = setting.Factors{Passkey: true} })
		if p = b.effective(julie); len(p.Allowed) != 2 {
			b.Errorf("no kind pleases both: %v", p.Allowed)
		}
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `update member_state set ends_at = $2 where member_id = $1`, m.ID, tx.Now)
			return err
		})
		if p = b.effective(julie); p.Idle != session.Idle || p.Allows(credential.Passkey) {
			b.Errorf("C's is over: %+v", p)
		}
		claire := b.account("claire@a.example")
		b.join(a, claire, role.Administrator)
		b.policy(a, func(s *setting.Security) { s.Required = setting.Administrators })
		if p = b.effective(claire); !p.Administers || !p.Due(b.db.Now()) || p.Idle != session.IdleAdmin {
			b.Errorf("an administrator: %+v", p)
		}
		if p = b.effective(julie); p.Required {
			b.Errorf("others: %+v", p)
		}
	})
}

// SEC-4, MFA-03: a session enters an organisation with what that organisation takes, at
// this very request; a person in two organisations meets the stricter where they enter it.
func TestEntry(t *testing.T) {
	each(t, func(b *bench) {
		a, c := b.organisation("A"), b.organisation("C")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.join(c, julie, role.Secretary)
		b.policy(c, func(s *setting.Security) { s.Factors = setting.Factors{Passkey: true} })
		none, totp := b.enters(julie, ""), b.enters(julie, "totp")
		b.entry("in the grace", none, a, "ok")
		b.entry("in the grace, C", none, c, "ok")
		b.factor(julie, credential.TOTP)
		b.entry("C does not take a code, and the grace runs", totp, c, "ok")
		b.clock.Add(15 * day)
		b.entry("A takes a code", totp, a, "ok")
		b.entry("C takes none, and there is no passkey", totp, c, "login.factor_due")
		b.entry("none, where a code is had", none, a, "login.other_factor")
		b.factor(julie, credential.Passkey)
		b.entry("C asks for the passkey that is had", totp, c, "login.other_factor")
		b.entry("the passkey", b.enters(julie, "passkey"), c, "ok")
		b.entry("a printed code is the way back", b.enters(julie, "recovery"), c, "ok")
		b.entry("something unheard of", b.enters(julie, "smoke"), a, "login.other_factor")
		b.policy(a, func(s *setting.Security) { s.Required = setting.Administrators })
		b.entry("A asks nothing of a secretary any more", none, a, "ok")
		if n := b.events("login.enter", "refused"); n != 4 {
			b.Errorf("%d refusals in the trail, want 4", n)
		}
		odile := b.enters(b.account("odile@c.example"), "")
		b.entry("a stranger is told nothing: the act refuses", odile, c, "ok")
		token := none
		token.Token = ident.NewToken()
		b.entry("a token has no session", token, c, "ok")
	})
}

// rules.md 5: who becomes an administrator needs a factor at the next page.
func TestEntryOfAdministrator(t *testing.T) {
	each(t, func(b *bench) {
		a := b.organisation("A")
		claire := b.account("claire@a.example")
		b.policy(a, func(s *setting.Security) { s.Required = setting.Administrators })
		m := b.join(a, claire, role.Secretary)
		by := b.enters(claire, "")
		b.entry("a secretary", by, a, "ok")
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `
				insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
				values ($1, 'x', $2, 'members.read', 'organization', $3, '', $3)`, a.org, m.ID, tx.Now)
			return err
		})
		b.entry("an administrator", by, a, "login.factor_due")
	})
}

// rules.md 7, SEC-4: a session that is older, or was left alone for longer, than the
// organisation allows ends when it comes: it is not let in at the second try either.
func TestEntryEndsSessions(t *testing.T) {
	each(t, func(b *bench) {
		a := b.organisation("A")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.policy(a, func(s *setting.Security) { s.IdleMinutes, s.AbsoluteHours = 10, 2 })
		for what, since := range map[string]struct{ opened, seen time.Duration }{
			"too old": {2 * time.Hour, 0}, "left alone": {time.Hour, 10 * time.Minute}, "of nobody knows when": {24 * time.Hour, 24 * time.Hour},
		} {
			by := b.enters(julie, "")
			by.Opened, by.Seen = b.db.Now().Add(-since.opened), b.db.Now().Add(-since.seen)
			if err := b.logins.Entry(b.Context(), by, a.org); !errors.Is(err, login.ErrSessionOver) {
				b.Errorf("%s: %v", what, err)
			}
			if n := b.count(`select count(*) from session where id = $1 and ended_at is null`, by.Session); n != 0 {
				b.Errorf("%s: the session goes on", what)
			}
		}
		by := b.enters(julie, "")
		by.Opened, by.Seen = b.db.Now().Add(-119*time.Minute), b.db.Now().Add(-9*time.Minute)
		if err := b.logins.Entry(b.Context(), by, a.org); err != nil {
			b.Error("young and in use:", err)
		}
		by.Seen = time.Time{}
		if err := b.logins.Entry(b.Context(), by, a.org); !errors.Is(err, login.ErrSessionOver) {
			b.Error("without a time:", err)
		}
	})
}

// CHG-3: what was shortened since a session was opened holds for it wherever it is used, also outside
// the organisation: left alone for longer, it opens nothing any more, and no other page revives it.
func TestShortenedSessionsEnd(t *testing.T) {
	each(t, func(b *bench) {
		a := b.organisation("A")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.sessions.Lasting = login.Lasting
		var left, used session.Opened
		b.write(func(tx *store.Tx) (err error) {
			for _, o := range []*session.Opened{&left, &used} {
				if *o, _, err = session.Open(b.Context(), tx, session.New{Account: julie.ID, Idle: session.Idle}); err != nil {
					return err
				}
			}
			return nil
		})
		opens := func(o session.Opened) bool {
			_, ok, err := b.sessions.Authenticate(b.Context(), o.Token.Reveal())
			if err != nil {
				b.Fatal(err)
			}
			return ok
		}
		b.policy(a, func(s *setting.Security) { s.IdleMinutes, s.AbsoluteHours = 10, 1 })
		b.clock.Add(9 * time.Minute)
		if !opens(used) {
			b.Error("in use")
		}
		b.clock.Add(2 * time.Minute)
		if !opens(used) {
			b.Error("in use")
		}
		for range 2 {
			if opens(left) {
				b.Error("left alone for 11 minutes of 10")
			}
		}
		if n := b.count(`select count(*) from session where id = $1 and ended_at is not null`, left.Session.ID); n != 1 {
			b.Error("it has not ended")
		}
		for range 6 {
			b.clock.Add(8 * time.Minute)
			if !opens(used) {
				b.Fatal("in use")
			}
		}
		b.clock.Add(2 * time.Minute)
		if opens(used) {
			b.Error("older than an hour")
		}
	})
}

// MFA-12, rules.md 10: the allow-list looks at the one address that was decided; what
// cannot be read is outside, and an IPv4 address written as IPv6 equals it.
func TestEntryByNetwork(t *testing.T) {
	each(t, func(b *bench) {
		a := b.organisation("A")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.policy(a, func(s *setting.Security) {
			s.Networks, s.NetworkOnly = networks("203.0.113.0/24", "2001:db8::/32"), true
		})
		by := b.enters(julie, "")
		for address, want := range map[string]string{
			"203.0.113.7": "ok", "::ffff:203.0.113.7": "ok", "2001:db8::1": "ok", "192.0.2.1": "login.network", "": "login.network",
			"203.0.113.7, 192.0.2.1": "login.network", "fe80::1%eth0": "login.network", "localhost": "login.network",
		} {
			by.Address = address
			b.entry(address, by, a, want)
		}
	})
}

// SEC-2: the organisation's network is a factor of whoever has it, proved, from there, and
// as long as the organisation wants it.
func TestEntryByAddressFactor(t *testing.T) {
	each(t, func(b *bench) {
		a, c := b.organisation("A"), b.organisation("C")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.join(c, julie, role.Secretary)
		set := func(on bool) {
			b.policy(a, func(s *setting.Security) { s.Networks, s.NetworkFactor = networks("192.0.2.0/24"), on })
		}
		set(true)
		b.clock.Add(15 * day)
		var f credential.Factor
		b.write(func(tx *store.Tx) (err error) {
			f, err = credential.AddAddress(b.Context(), tx, julie.ID, a.org, "")
			return err
		})
		by := b.enters(julie, "address")
		all := func() (list []credential.Factor) {
			b.read(func(tx *store.Tx) (err error) {
				list, err = credential.Factors(b.Context(), tx, julie.ID)
				return err
			})
			return list
		}
		found := func(address string) bool {
			_, ok := b.effective(julie).ByAddress(b.db.Now(), all(), address)
			return ok
		}
		if found("192.0.2.1") {
			b.Error("it is worth something before it is proved")
		}
		b.write(func(tx *store.Tx) error { return credential.ProveAddress(b.Context(), tx, julie.ID, f.ID) })
		if !found("192.0.2.1") || !found("::ffff:192.0.2.1") || found("198.51.100.1") {
			b.Error("it is not what the address says")
		}
		b.entry("from the network", by, a, "ok")
		b.entry("C makes no network a factor", by, c, "login.factor_due")
		away := by
		away.Address = "198.51.100.1"
		b.entry("from elsewhere, and there is no other", away, a, "login.factor_due")
		b.factor(julie, credential.TOTP)
		b.entry("from elsewhere", away, a, "login.other_factor")
		set(false)
		b.entry("the organisation wants it no more", by, a, "login.other_factor")
		if found("192.0.2.1") {
			b.Error("it is still a factor")
		}
	})
}

// MFA-04: a remembered browser spares the factor for as long as the organisation says, and
// not where it may have been a factor that the organisation refuses.
func TestEntryByDevice(t *testing.T) {
	each(t, func(b *bench) {
		a := b.organisation("A")
		julie := b.account("julie@a.example")
		b.join(a, julie, role.Secretary)
		b.factor(julie, credential.TOTP)
		var o session.Opened
		b.write(func(tx *store.Tx) error {
			d, err := session.Remember(b.Context(), tx, session.Device{Account: julie.ID}, 30*day)
			if err != nil {
				return err
			}
			o, _, err = session.Open(b.Context(), tx, session.New{Account: julie.ID, Idle: session.Idle, Second: session.ByDevice, Device: d.Device.ID})
			return err
		})
		by := b.actor(o)
		by.Second = session.ByDevice
		b.clock.Add(8 * day)
		b.entry("remembered", by, a, "ok")
		b.policy(a, func(s *setting.Security) { s.DeviceDays = 9 })
		b.entry("for nine days", by, a, "ok")
		b.policy(a, func(s *setting.Security) { s.DeviceDays = 8 })
		b.entry("for eight", by, a, "login.other_factor")
		b.policy(a, func(s *setting.Security) { s.DeviceDays = 0 })
		b.entry("never", by, a, "login.other_factor")
		b.policy(a, func(s *setting.Security) { s.DeviceDays, s.Factors.SMS = 30, false })
		b.entry("SMS is refused, and was not had", by, a, "ok")
		b.factor(julie, credential.SMS)
		b.entry("SMS is refused, and may have been what was proved", by, a, "login.other_factor")
	})
}
