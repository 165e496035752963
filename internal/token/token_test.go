package token_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
)

// bench is a register on a fresh database that holds one organisation: claire
// administers it, paul may only invite, at one site.
type bench struct {
	*testing.T
	db           *store.DB
	clock        *storetest.Clock
	tokens       token.Tokens
	org, other   ident.Org
	claire, paul account.Account
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			b := &bench{T: t, db: db, clock: clock, tokens: token.Tokens{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now())}}}
			b.claire, b.paul = b.account("claire@tilleuls.example", account.NoRole), b.account("paul@tilleuls.example", account.NoRole)
			b.org, b.other = b.organisation("tilleuls"), b.organisation("deux-rives")
			b.give(b.org, b.claire, slices.DeleteFunc(access.Catalogue(), func(p access.Permission) bool { return p == access.DecisionsAsk })...)
			b.give(b.org, b.paul, access.MembersInvite)
			fn(b)
		})
	}
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) exec(query string, args ...any) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), query, slices.Clone(args)...)
		return err
	})
}

func (b *bench) count(query string, args ...any) (n int) {
	b.Helper()
	if err := b.db.Read(b.Context(), func(tx *store.Tx) error { return tx.QueryRow(b.Context(), query, args...).Scan(&n) }); err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *bench) account(address string, role account.PlatformRole) (a account.Account) {
	b.Helper()
	e, code := account.ParseEmail(address)
	if code != "" {
		b.Fatal(code)
	}
	b.write(func(tx *store.Tx) (err error) {
		a, err = account.Insert(b.Context(), tx, account.New{
			Email: e, Names: account.Names{GivenName: "Claire", FamilyName: "Morvan"}, Language: text.FR, PlatformRole: role,
		})
		return err
	})
	return a
}

func (b *bench) organisation(name string) ident.Org {
	b.Helper()
	var o org.Org
	b.write(func(tx *store.Tx) (err error) {
		o, err = org.Insert(b.Context(), tx, org.New{Details: org.Details{Name: name, Kind: org.Practice}})
		return err
	})
	return o.ID
}

// give makes the account a member of the organisation with these permissions.
func (b *bench) give(in ident.Org, a account.Account, permissions ...access.Permission) {
	b.Helper()
	m, now := ident.NewMember(), b.db.Now()
	b.exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, in, m, now)
	b.exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
		profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'unregulated', '', '', '', 'manager', '', '', '', '', '', 'site', '', '', '', $4)`, in, m, a.ID, now)
	for _, p := range permissions {
		b.exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
			values ($1, $2, $3, $4, 'organization', $5, '', $5)`, in, ident.NewCredential(), m, p, now)
	}
}

func (b *bench) person(a account.Account) access.Actor {
	return access.Actor{Kind: access.Person, Account: a.ID, Session: ident.NewSession(), Name: a.Name(), Via: "web", StepUp: b.db.Now()}
}

func (b *bench) make1(by access.Actor, n token.New) token.Made {
	b.Helper()
	made, err := b.tokens.Make(b.Context(), by, n)
	if err != nil {
		b.Fatal(err)
	}
	return made
}

func (b *bench) actor(m token.Made) (access.Actor, bool) {
	b.Helper()
	by, ok, err := b.tokens.Authenticate(b.Context(), m.Secret.Reveal())
	if err != nil && !errors.Is(err, token.ErrExpired) {
		b.Fatal(err)
	}
	return by, ok
}

func (b *bench) held(by access.Actor, in ident.Org) (h access.Held, err error) {
	err = b.db.Read(b.Context(), func(tx *store.Tx) (err error) {
		h, err = access.HeldBy(b.Context(), tx, by, in)
		return err
	})
	return h, err
}

func TestTokenOfAnOrganisation(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.person(b.claire), token.New{
			Kind: token.OfOrganization, Org: b.org, Name: " Agenda  partagé ", Permissions: []access.Permission{access.RightsRead, access.MembersRead, access.RightsRead},
		})
		if v := made.Token; v.Name != "Agenda partagé" || !v.ExpiresAt.Equal(v.CreatedAt.Add(token.DefaultLife)) || v.CreatedBy != b.claire.ID ||
			!slices.Equal(v.Permissions, []access.Permission{access.MembersRead, access.RightsRead}) || made.Secret.IsZero() {
			b.Fatalf("made %+v", made)
		}
		by, ok := b.actor(made)
		if !ok || by.Kind != access.OrgToken || by.Org != b.org || by.Token != made.Token.ID || by.Account != b.claire.ID {
			b.Fatalf("%+v %v", by, ok)
		}
		h, err := b.held(by, b.org)
		if err != nil || !h.Has(access.MembersRead, access.OrgScope(b.org)) || h.Has(access.MembersInvite, access.OrgScope(b.org)) {
			b.Errorf("held %+v %v", h, err)
		}
		if _, err := b.held(by, b.other); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("another organisation: %v", err)
		}
		if n := b.count(`select count(*) from token where name = $1`, made.Secret.Reveal()); n != 0 {
			b.Error("the secret is kept")
		}
		// What was asked for nothing in particular: all administration of its maker, no care.
		all := b.make1(b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "tout"})
		if p := all.Token.Permissions; len(p) != len(access.Administration)-1 || slices.Contains(p, access.DecisionsAsk) || slices.Contains(p, access.RecordsRead) {
			b.Errorf("by default %v", p)
		}
		operator := b.make1(access.Operator("cli"), token.New{Kind: token.OfOrganization, Org: b.org, Name: "console"})
		if !slices.Equal(operator.Token.Permissions, access.Administration) || !operator.Token.CreatedBy.IsZero() {
			b.Errorf("of the operator %+v", operator.Token)
		}
		list, err := b.tokens.List(b.Context(), b.person(b.claire), token.Of(b.org))
		if err != nil || len(list) != 3 || !slices.Contains(list[2].Permissions, access.RightsRead) || len(list[2].Permissions) != 2 {
			b.Errorf("list %+v %v", list, err)
		}
		if n := b.count(`select count(*) from audit_event where verb = 'token.create' and outcome = 'done' and chain = $1`, b.org); n != 3 {
			b.Errorf("%d events", n)
		}
	})
}

// A token that a person made has no more than that person has now (rules.md 13).
func TestTokenDiesWithItsMaker(t *testing.T) {
	each(t, func(b *bench) {
		by, _ := b.actor(b.make1(b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"}))
		b.exec(`update member_permission set known_until = $2 where org_id = $1 and permission = 'audit.read'`, b.org, b.db.Now())
		if h, err := b.held(by, b.org); err != nil || h.Has(access.AuditRead, access.OrgScope(b.org)) || !h.Has(access.RightsRead, access.OrgScope(b.org)) {
			b.Errorf("after the maker lost a right: %v", err)
		}
		b.exec(`update member_state set known_until = $2 where org_id = $1`, b.org, b.db.Now())
		if _, err := b.held(by, b.org); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("after the maker left: %v", err)
		}
	})
}

// AUZ-04: nobody gives a token more than they hold; nothing is made.
func TestTokenWithinItsMaker(t *testing.T) {
	each(t, func(b *bench) {
		n := token.New{Kind: token.OfOrganization, Org: b.org, Name: "a", Permissions: []access.Permission{access.MembersRead, access.DecisionsAsk}}
		if _, err := b.tokens.Make(b.Context(), b.person(b.claire), n); !errors.Is(err, token.ErrNotHeld) {
			b.Errorf("a permission not held: %v", err)
		}
		n.Permissions = nil
		if _, err := b.tokens.Make(b.Context(), b.person(b.paul), n); !errors.Is(err, access.ErrForbidden) {
			b.Errorf("without tokens.edit: %v", err)
		}
		n.Org = b.other
		if _, err := b.tokens.Make(b.Context(), b.person(b.claire), n); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("in another organisation: %v", err)
		}
		n.Org = ident.NewOrg()
		if _, err := b.tokens.Make(b.Context(), access.Operator("cli"), n); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("in no organisation: %v", err)
		}
		if _, err := b.tokens.Make(b.Context(), b.person(b.claire), token.New{Kind: token.OfPlatform, Name: "a"}); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("of the platform: %v", err)
		}
		if _, err := b.tokens.Make(b.Context(), b.person(b.claire), token.New{Kind: token.OfPerson, Account: b.paul.ID, Name: "a"}); !errors.Is(err, access.ErrForbidden) {
			b.Errorf("of another person: %v", err)
		}
		if n := b.count(`select count(*) from token`); n != 0 {
			b.Errorf("%d tokens made", n)
		}
		if n := b.count(`select count(*) from audit_event where verb = 'token.create' and outcome = 'refused'`); n != 5 {
			b.Errorf("%d refusals recorded", n)
		}
	})
}

// STP-01: eleven minutes after the password, no token is made nor revoked; after it
// is typed again, the same request works.
func TestStaleSession(t *testing.T) {
	each(t, func(b *bench) {
		by := b.person(b.claire)
		made := b.make1(by, token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"})
		b.clock.Add(11 * time.Minute)
		n := token.New{Kind: token.OfOrganization, Org: b.org, Name: "b"}
		if _, err := b.tokens.Make(b.Context(), by, n); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("make: %v", err)
		}
		if err := b.tokens.Revoke(b.Context(), by, token.Of(b.org), made.Token.ID); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("revoke: %v", err)
		}
		if _, ok := b.actor(made); !ok || b.count(`select count(*) from token`) != 1 {
			b.Error("a refused act had an effect")
		}
		b.make1(b.person(b.claire), n)
		if err := b.tokens.Revoke(b.Context(), b.person(b.claire), token.Of(b.org), made.Token.ID); err != nil {
			b.Error(err)
		}
	})
}

func TestRevokeAndExpire(t *testing.T) {
	each(t, func(b *bench) {
		by := b.person(b.claire)
		one := b.make1(by, token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"})
		two := b.make1(by, token.New{Kind: token.OfOrganization, Org: b.org, Name: "b", Life: time.Hour})
		foreign := b.make1(access.Operator("cli"), token.New{Kind: token.OfOrganization, Org: b.other, Name: "c"})
		for _, id := range []ident.Token{foreign.Token.ID, ident.NewToken(), ""} {
			if err := b.tokens.Revoke(b.Context(), by, token.Of(b.org), id); !errors.Is(err, token.ErrNotFound) {
				b.Errorf("revoking %q: %v", id, err)
			}
		}
		if _, ok := b.actor(foreign); !ok {
			b.Error("another organisation's token was revoked")
		}
		if err := b.tokens.Revoke(b.Context(), by, token.Of(b.org), one.Token.ID); err != nil {
			b.Fatal(err)
		}
		if _, ok := b.actor(one); ok {
			b.Error("a revoked token opens")
		}
		if err := b.tokens.Revoke(b.Context(), by, token.Of(b.org), one.Token.ID); !errors.Is(err, token.ErrNotFound) {
			b.Errorf("revoked twice: %v", err)
		}
		b.clock.Add(time.Hour)
		if _, ok, err := b.tokens.Authenticate(b.Context(), two.Secret.Reveal()); ok || !errors.Is(err, token.ErrExpired) {
			b.Errorf("an expired token: %t %v", ok, err)
		}
		if err := b.tokens.Revoke(b.Context(), b.person(b.claire), token.Of(b.org), two.Token.ID); !errors.Is(err, token.ErrNotFound) {
			b.Errorf("an expired token revoked: %v", err)
		}
		list, err := b.tokens.List(b.Context(), b.person(b.claire), token.Of(b.org))
		if err != nil || len(list) != 2 || list[0].State(b.db.Now()) != token.Expired || list[1].State(b.db.Now()) != token.Revoked {
			b.Errorf("those that are over: %+v %v", list, err)
		}
		if list[0].MadeBy != "Claire Morvan" {
			b.Errorf("made by %q", list[0].MadeBy)
		}
		b.clock.Add(token.KeptListed)
		if list, err := b.tokens.List(b.Context(), b.person(b.claire), token.Of(b.org)); err != nil || len(list) != 0 {
			b.Errorf("still listed: %+v %v", list, err)
		}
	})
}

func TestLastUseIsNotedOnceAMinute(t *testing.T) {
	each(t, func(b *bench) {
		made := b.make1(b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"})
		used := func() time.Time {
			list, err := b.tokens.List(b.Context(), b.person(b.claire), token.Of(b.org))
			if err != nil {
				b.Fatal(err)
			}
			return list[0].LastUsedAt
		}
		if !used().Equal(store.Never) {
			b.Error("used before its use")
		}
		b.actor(made)
		first := used()
		b.clock.Add(50 * time.Second)
		b.actor(made)
		if !used().Equal(first) || first.Equal(store.Never) {
			b.Errorf("%v then %v", first, used())
		}
		b.clock.Add(20 * time.Second)
		b.actor(made)
		if !used().After(first) {
			b.Error("not noted after a minute")
		}
	})
}

func TestTokensOfPersonAndPlatform(t *testing.T) {
	each(t, func(b *bench) {
		boss := b.account("boss@habilis.example", account.Administrator)
		platform := b.make1(b.person(boss), token.New{Kind: token.OfPlatform, Name: "a"})
		by, ok := b.actor(platform)
		if !ok || by.Kind != access.PlatformToken || by.Account != boss.ID {
			b.Errorf("%+v %v", by, ok)
		}
		demoted := boss
		demoted.PlatformRole = account.Support
		b.write(func(tx *store.Tx) error { _, err := account.Set(b.Context(), tx, demoted); return err })
		if _, ok := b.actor(platform); ok {
			b.Error("a platform's token outlives its maker's office")
		}
		console := b.make1(access.Operator("cli"), token.New{Kind: token.OfPlatform, Name: "c"})
		if by, ok := b.actor(console); !ok || by.Kind != access.PlatformToken {
			b.Errorf("of the console: %+v %v", by, ok)
		}

		own := b.make1(b.person(b.claire), token.New{Kind: token.OfPerson, Account: b.claire.ID, Name: "a"})
		kept := b.make1(b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "b"})
		by, ok = b.actor(own)
		if !ok || by.Kind != access.Person || by.Account != b.claire.ID || by.Token != own.Token.ID || !by.Session.IsZero() {
			b.Errorf("%+v %v", by, ok)
		}
		b.write(func(tx *store.Tx) error {
			n, err := token.RevokeOf(b.Context(), tx, b.claire.ID, "test")
			if n != 1 {
				b.Errorf("%d revoked", n)
			}
			return err
		})
		if _, ok := b.actor(own); ok {
			b.Error("the person's token opens")
		}
		if _, ok := b.actor(kept); !ok {
			b.Error("the organisation's token died with the person's")
		}
		last := b.make1(b.person(b.claire), token.New{Kind: token.OfPerson, Account: b.claire.ID, Name: "a"})
		blocked := b.claire
		blocked.Status = account.Blocked
		b.write(func(tx *store.Tx) error { _, err := account.Set(b.Context(), tx, blocked); return err })
		if _, ok := b.actor(last); ok {
			b.Error("a blocked person's token opens")
		}
	})
}

// AUZ-05: the tokens of a person and of the platform are listed and revoked by their
// owner, and by nobody else.
func TestOwnersOfTokens(t *testing.T) {
	each(t, func(b *bench) {
		boss := b.account("boss@habilis.example", account.Administrator)
		platform := b.make1(b.person(boss), token.New{Kind: token.OfPlatform, Name: "p"})
		own := b.make1(b.person(b.claire), token.New{Kind: token.OfPerson, Account: b.claire.ID, Name: "c"})
		b.make1(b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "o"})
		for _, c := range []struct {
			by    access.Actor
			of    token.Owner
			id    ident.Token
			other error
		}{
			{b.person(boss), token.Platform(), platform.Token.ID, access.ErrNotFound},
			{b.person(b.claire), token.OfAccount(b.claire.ID), own.Token.ID, access.ErrForbidden},
		} {
			if list, err := b.tokens.List(b.Context(), c.by, c.of); err != nil || len(list) != 1 || list[0].ID != c.id || len(list[0].Permissions) != 0 {
				b.Errorf("%s: %+v %v", c.of.Kind, list, err)
			}
			if _, err := b.tokens.List(b.Context(), b.person(b.paul), c.of); !errors.Is(err, c.other) {
				b.Errorf("%s, listed by another: %v", c.of.Kind, err)
			}
			if err := b.tokens.Revoke(b.Context(), b.person(b.paul), c.of, c.id); !errors.Is(err, c.other) {
				b.Errorf("%s, revoked by another: %v", c.of.Kind, err)
			}
			if err := b.tokens.Revoke(b.Context(), b.person(b.paul), token.OfAccount(b.paul.ID), c.id); !errors.Is(err, token.ErrNotFound) {
				b.Errorf("%s, revoked as one's own: %v", c.of.Kind, err)
			}
			stale := c.by
			stale.StepUp = stale.StepUp.Add(-time.Hour)
			if err := b.tokens.Revoke(b.Context(), stale, c.of, c.id); !errors.Is(err, access.ErrStepUp) {
				b.Errorf("%s, without a fresh proof: %v", c.of.Kind, err)
			}
			if err := b.tokens.Revoke(b.Context(), c.by, c.of, c.id); err != nil {
				b.Error(err)
			}
		}
		if n := b.count(`select count(*) from audit_event where verb = 'token.revoke' and outcome = 'done'`); n != 2 {
			b.Errorf("%d events", n)
		}
	})
}

// A leaked token cannot prolong itself.
func TestTokenMadeByAToken(t *testing.T) {
	each(t, func(b *bench) {
		parent := b.make1(b.person(b.claire), token.New{
			Kind: token.OfOrganization, Org: b.org, Name: "a", Life: time.Hour, Permissions: []access.Permission{access.TokensEdit, access.MembersRead},
		})
		by, _ := b.actor(parent)
		child := b.make1(by, token.New{Kind: token.OfOrganization, Org: b.org, Name: "b", Life: token.MaxLife})
		if !child.Token.ExpiresAt.Equal(parent.Token.ExpiresAt) || len(child.Token.Permissions) != 2 || child.Token.CreatedBy != b.claire.ID {
			b.Errorf("%+v", child.Token)
		}
		if _, err := b.tokens.Make(b.Context(), by, token.New{Kind: token.OfPerson, Account: b.claire.ID, Name: "b"}); err == nil {
			b.Error("an organisation's token became a person")
		}
	})
}

func TestBadInput(t *testing.T) {
	each(t, func(b *bench) {
		for want, n := range map[string]token.New{
			"name text.empty":                      {Kind: token.OfOrganization, Org: b.org},
			"name text.too_long":                   {Kind: token.OfOrganization, Org: b.org, Name: strings.Repeat("a", 10000)},
			"name text.control":                    {Kind: token.OfOrganization, Org: b.org, Name: "a\r\nb"},
			"life token.life":                      {Kind: token.OfOrganization, Org: b.org, Name: "a", Life: token.MaxLife + 1},
			"permissions token.permission_unknown": {Kind: token.OfOrganization, Org: b.org, Name: "a", Permissions: []access.Permission{"members.READ"}},
		} {
			_, err := b.tokens.Make(b.Context(), b.person(b.claire), n)
			if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location+" "+f[0].Code != want {
				b.Errorf("%s: %v %v", want, err, f)
			}
		}
		for _, n := range []token.New{
			{Kind: "scim", Name: "a"}, {Kind: token.OfPlatform, Org: b.org, Name: "a"}, {Kind: token.OfPlatform, Account: b.paul.ID, Name: "a"},
		} {
			_, err := b.tokens.Make(b.Context(), access.Operator("cli"), n)
			if f := fault.Of(err).Fields; len(f) != 1 || f[0].Code != "token.kind" {
				b.Errorf("%+v: %v", n, err)
			}
		}
		n := token.New{Kind: token.OfPlatform, Name: "a", Permissions: []access.Permission{access.MembersRead}}
		if _, err := b.tokens.Make(b.Context(), access.Operator("cli"), n); !fault.Is(err, fault.Invalid) {
			b.Errorf("a platform's token with permissions of an organisation: %v", err)
		}
		for i := range token.MaxPerOwner {
			b.exec(`insert into token (id, kind, org_id, name, token_hash, created_at, expires_at, last_used_at) values ($1, 'organization', $2, 'x', $3, $4, $5, $4)`,
				ident.NewToken(), b.org, []byte{byte(i)}, b.db.Now(), b.db.Now().Add(time.Hour))
		}
		if _, err := b.tokens.Make(b.Context(), b.person(b.claire), token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"}); !errors.Is(err, token.ErrTooMany) {
			b.Errorf("one too many: %v", err)
		}
	})
}

// rest.md: a token shown once is replayed without its secret.
func TestReplayShowsNoSecret(t *testing.T) {
	each(t, func(b *bench) {
		by := b.person(b.claire)
		by.Once = access.Once{Key: "k1", Body: [32]byte{1}}
		n := token.New{Kind: token.OfOrganization, Org: b.org, Name: "a"}
		first, second := b.make1(by, n), b.make1(by, n)
		if first.Secret.IsZero() || !second.Secret.IsZero() || first.Token.ID != second.Token.ID {
			b.Errorf("%+v then %+v", first, second)
		}
		doc, err := json.Marshal(first)
		if n := b.count(`select count(*) from token`); n != 1 || err != nil || strings.Contains(string(doc), "hat_") {
			b.Errorf("%d tokens, %s %v", n, doc, err)
		}
	})
}

func wantField(t *testing.T, err error, location, code string) {
	t.Helper()
	for _, f := range fault.Of(err).Fields {
		if f.Location == location && f.Code == code {
			return
		}
	}
	t.Errorf("%v, want %s on %s", err, code, location)
}
