package decision_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/token"
)

// person acts for a member of the world.
func (w *world) person(m ident.Member) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.accounts[m], StepUp: w.db.Now(), Via: "test"}
}

// makeToken makes a token of the organisation; by a member, or on the machine itself.
func (w *world) makeToken(by access.Actor, life time.Duration, may ...access.Permission) token.Made {
	w.Helper()
	made, err := token.Tokens{Run: w.run}.Make(context.Background(), by, token.New{Kind: token.OfOrganization, Org: w.org, Name: "dossier", Permissions: may, Life: life})
	if err != nil {
		w.Fatal(err)
	}
	return made
}

// held is what access says of a token.
func (w *world) held(made token.Made) (h access.Held, err error) {
	by := access.Actor{Kind: access.OrgToken, Token: made.Token.ID, Org: w.org, Account: made.Token.CreatedBy}
	err = w.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		h, err = access.HeldBy(context.Background(), tx, by, w.org)
		return err
	})
	return h, err
}

// sameCaller holds Caller against access.HeldBy.
func (w *world) sameCaller(made token.Made) {
	w.Helper()
	want, wrong := w.held(made)
	got, err := w.d.Caller(context.Background(), made.Secret.Reveal())
	if wrong != nil {
		if err == nil || !errors.Is(err, wrong) && !errors.Is(err, access.ErrUnauthenticated) && !errors.Is(err, token.ErrExpired) {
			w.Fatalf("access says %v, the index %+v %v", wrong, got, err)
		}
		return
	}
	if err != nil {
		w.Fatalf("access knows the token, the index says %v", err)
	}
	for _, p := range access.Catalogue() {
		for _, s := range []access.Scope{access.OrgScope(w.org), access.SiteScope(w.org, w.sites[0]), access.OrgScope(ident.NewOrg())} {
			if got.Held.Has(p, s) != want.Has(p, s) {
				w.Fatalf("%s at %s: %v of the index, %v of access", p, s.Code(), got.Held.Has(p, s), want.Has(p, s))
			}
		}
	}
	if got.Org != w.org || got.Actor.Kind != access.OrgToken || got.Actor.Token != made.Token.ID || got.Actor.Account != made.Token.CreatedBy {
		w.Fatalf("%+v", got)
	}
}

// TestCaller: what a token may do is what access.HeldBy says of it, through random changes
// of its maker's rights (rules.md 13).
func TestCaller(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 5))
			w.d.PatchFrom(rapid.SampledFrom([]int{0, 1000}).Draw(r, "patched from"))
			w.begin()
			w.populate()
			tokens := []token.Made{w.makeToken(access.Operator("test"), time.Hour, access.DecisionsAsk, access.MembersRead)}
			for range 2 {
				m := pick(w, w.members)
				for _, p := range []access.Permission{access.TokensEdit, access.DecisionsAsk, access.MembersRead} {
					w.givePermission(m, p, access.WholeOrganization, nil, w.always())
				}
				tokens = append(tokens, w.makeToken(w.person(m), 5*time.Hour, access.DecisionsAsk, access.MembersRead))
			}
			for range 8 {
				w.step()
				for _, made := range tokens {
					w.sameCaller(made)
				}
			}
		})
	})
}

// TestTokens: a token is known from the moment it is made, though somebody presented it or
// another one before, and unknown from the moment it is revoked.
func TestTokens(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.addMember(w.sites[0])
		unknown, _ := secret.NewToken(secret.API)
		for _, bearer := range []string{unknown.Reveal(), "", "hat_x", "hs_" + unknown.Reveal()[4:]} {
			if c, err := w.d.Caller(t.Context(), bearer); !errors.Is(err, access.ErrUnauthenticated) {
				t.Errorf("%q: %+v %v", bearer, c, err)
			}
		}
		tokens := token.Tokens{Run: w.run}
		for range 20 {
			made := w.makeToken(access.Operator("test"), time.Hour, access.DecisionsAsk)
			c, err := w.d.Caller(t.Context(), made.Secret.Reveal())
			if err != nil || c.Trusted || !c.Held.Has(access.DecisionsAsk, access.OrgScope(w.org)) || c.Held.Has(access.MembersRead, access.OrgScope(w.org)) {
				t.Fatal(c, err)
			}
			if err := tokens.Revoke(t.Context(), access.Operator("test"), token.Of(w.org), made.Token.ID); err != nil {
				t.Fatal(err)
			}
			if c, err := w.d.Caller(t.Context(), made.Secret.Reveal()); !errors.Is(err, access.ErrUnauthenticated) {
				t.Fatal(c, err)
			}
		}
		made, err := tokens.Make(t.Context(), access.Operator("test"), token.New{
			Kind: token.OfOrganization, Org: w.org, Name: "dossier", Permissions: []access.Permission{access.DecisionsAsk}, Life: time.Hour, Trusted: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := w.d.Caller(t.Context(), made.Secret.Reveal()); err != nil || !c.Trusted {
			t.Error(c, err)
		}
		w.suspend("suspended")
		if c, err := w.d.Caller(t.Context(), made.Secret.Reveal()); !errors.Is(err, access.ErrSuspended) {
			t.Error(c, err)
		}
		w.suspend("active")
		w.clock.Add(time.Hour)
		for range 2 { // known and unknown to the index
			if c, err := w.d.Caller(t.Context(), made.Secret.Reveal()); !errors.Is(err, token.ErrExpired) {
				t.Error(c, err)
			}
			w.makeToken(access.Operator("test"), time.Hour)
		}
	})
}

// TestTrustIsHeld: what a trusted token says of connections is believed as long as its maker
// may edit the policy that asks for it, and no longer; the token goes on.
func TestTrustIsHeld(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		m := w.addMember(w.sites[0])
		for _, p := range []access.Permission{access.TokensEdit, access.DecisionsAsk, access.SecurityEdit} {
			w.givePermission(m, p, access.WholeOrganization, nil, w.always())
		}
		made, err := token.Tokens{Run: w.run}.Make(t.Context(), w.person(m), token.New{
			Kind: token.OfOrganization, Org: w.org, Name: "dossier", Permissions: []access.Permission{access.DecisionsAsk}, Life: time.Hour, Trusted: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := w.d.Caller(t.Context(), made.Secret.Reveal()); err != nil || !c.Trusted {
			t.Fatal(c.Trusted, err)
		}
		over := w.db.Now()
		w.givePermission(m, access.SecurityEdit, access.WholeOrganization, nil, window{from: over.Add(-time.Hour), until: &over})
		c, err := w.d.Caller(t.Context(), made.Secret.Reveal())
		if err != nil || c.Trusted || !c.Held.Has(access.DecisionsAsk, access.OrgScope(w.org)) {
			t.Error(c.Trusted, err)
		}
	})
}

// TestOtherTokens: the platform's tokens and a person's are bound to no organisation.
func TestOtherTokens(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		m := w.addMember(w.sites[0])
		tokens := token.Tokens{Run: w.run}
		mine, err := tokens.Make(t.Context(), w.person(m), token.New{Kind: token.OfPerson, Account: w.accounts[m], Name: "moi"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.d.Caller(t.Context(), mine.Secret.Reveal())
		if err != nil || c.Actor.Kind != access.Person || c.Actor.Account != w.accounts[m] || !c.Org.IsZero() || c.Held != nil {
			t.Error(c, err)
		}
		platform, err := tokens.Make(t.Context(), access.Operator("test"), token.New{Kind: token.OfPlatform, Name: "plateforme"})
		if err != nil {
			t.Fatal(err)
		}
		c, err = w.d.Caller(t.Context(), platform.Secret.Reveal())
		if err != nil || c.Actor.Kind != access.PlatformToken || !c.Org.IsZero() || c.Held != nil {
			t.Error(c, err)
		}
		if err := w.db.Close(); err != nil {
			t.Fatal(err)
		}
		if c, err := w.d.Caller(context.Background(), mine.Secret.Reveal()); !fault.Is(err, fault.Unavailable) {
			t.Error("AUZ-14:", c, err)
		}
	})
}

// TestTie: a permission code is answered as access.Check answers it, of members whose
// rights change at random: every door asks the same (rules.md, Principles).
func TestTie(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 6))
			w.d.PatchFrom(rapid.SampledFrom([]int{0, 1000}).Draw(r, "patched from"))
			w.begin()
			w.populate()
			for range 4 {
				w.tieStep()
				for range 10 {
					w.tied(pick(w, w.members), pick(w, access.Catalogue()))
				}
			}
		})
	})
}

// tieStep changes something that both speak of: a policy of the connection only decisions
// know.
func (w *world) tieStep() {
	m := pick(w, w.members)
	scope, site := w.scope()
	switch w.rand.IntN(7) {
	case 0:
		w.setMember(m, w.anyState(m))
	case 1:
		w.block(w.accounts[m], pick(w, []string{"blocked", "active"}))
	case 2:
		w.changeRole(pick(w, w.roles))
	case 3:
		w.clock.Add(time.Hour)
	case 4:
		w.endOneRight(m)
	case 5:
		w.giveRole(m, pick(w, w.roles), scope, site, w.window())
	case 6:
		w.givePermission(m, pick(w, access.Catalogue()), scope, site, w.window())
	}
}

func (w *world) tied(m ident.Member, p access.Permission) {
	w.Helper()
	site := pick(w, w.sites)
	for _, c := range []struct {
		at access.Scope
		q  decision.Question
	}{
		{access.OrgScope(w.org), of(m, string(p), "organization", w.org.String())},
		{access.SiteScope(w.org, site), of(m, string(p), "site", site.String())},
	} {
		act := access.At(p, c.at)
		check := func() error {
			return w.db.Read(context.Background(), func(tx *store.Tx) error {
				return access.Check(context.Background(), tx, w.person(m), act)
			})
		}
		before := check()
		a := w.ask(c.q)
		after := check()
		if (before == nil) == (after == nil) && a.Allowed != (after == nil) {
			w.Fatalf("%s at %s of %s: decision %+v, access.Check %v", p, c.at.Code(), m, a, after)
		}
	}
}

// TestTouchEverywhere: what changes decisions without an act on the organisation itself
// reaches them: a blocked account, a restored backup.
func TestTouchEverywhere(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		m := w.addMember(w.sites[0])
		q := of(m, "read", "agenda", w.addResource("agenda", m))
		if a := w.ask(q); !a.Allowed {
			t.Fatal(a)
		}
		w.block(w.accounts[m], "blocked")
		if a := w.ask(q); a.Code != decision.AccountBlocked {
			t.Error(a)
		}
		w.block(w.accounts[m], "active")
		version := w.ask(q).Version
		err := w.db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return action.Restored(t.Context(), tx) })
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Add(2 * time.Second) // beyond the lease of one process: a restore is made without a server
		if a := w.ask(q); !a.Allowed || a.Version <= version+1000 {
			t.Errorf("after a restore: %+v, was version %d", a, version)
		}
	})
}

// TestStranger: what belongs to another organisation is unknown, alone and in a batch (AUZ-13).
func TestStranger(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		theirs := newScene(w)
		b := theirs.org
		theirAgenda, theirMember := theirs.own, theirs.me
		s := newScene(w)
		read := of(s.me, "read", "agenda", s.own)
		mixed := []decision.Question{
			read, of(theirMember, "manage", "agenda", theirAgenda), of(s.me, "manage", "agenda", theirAgenda),
			of(s.me, "members.read", "organization", b.String()), of(s.me, "converse", "member", theirMember.String()), read,
		}
		list, err := w.d.Evaluate(t.Context(), s.org, mixed)
		if err != nil || len(list) != len(mixed) {
			t.Fatal(list, err)
		}
		for i, want := range []decision.Code{
			decision.HolderAgenda, decision.UnknownSubject, decision.UnknownResource, decision.UnknownResource, decision.UnknownResource, decision.HolderAgenda,
		} {
			if list[i].Code != want || list[i].Version != list[0].Version {
				t.Errorf("AUZ-13: %d: %+v, want %s", i, list[i], want)
			}
		}
	})
}

// TestFix: the smallest change is told to those who may know of it, where it would be made,
// and to nobody else; made, it permits.
func TestFix(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s := newScene(w)
		here := s.addMember(s.sites[0])
		site := s.addResource("agenda", "")
		s.change(func(x *exec) { x.resourceState(s.org, site, 9000, s.sites[0], "", "active") })
		q := of(s.me, "manage", "agenda", site)
		reader := func(m ident.Member) *access.Held {
			var h access.Held
			err := s.db.Read(t.Context(), func(tx *store.Tx) (err error) {
				h, err = access.HeldByAccount(t.Context(), tx, s.accounts[m], s.org)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return &h
		}
		ask := func(h *access.Held) *decision.Fix {
			e, err := s.d.Explain(t.Context(), s.org, q, h)
			if err != nil || e.Allowed {
				t.Fatal(e, err)
			}
			return e.Fix
		}
		if f := ask(nil); f != nil {
			t.Errorf("told to nobody in particular: %+v", f)
		}
		if f := ask(reader(here)); f != nil {
			t.Errorf("told to whoever reads no rights: %+v", f)
		}
		s.givePermission(here, access.RightsRead, s.sites[1].String(), s.sites[1], s.always())
		if f := ask(reader(here)); f != nil {
			t.Errorf("AUZ-06: told to whoever reads them elsewhere: %+v", f)
		}
		s.givePermission(here, access.RightsRead, s.sites[0].String(), s.sites[0], s.always())
		f := ask(reader(here))
		if f == nil || f.Code != decision.FixGiveLevel || f.ID != s.me.String() || f.Level != "manage" {
			t.Fatalf("%+v", f)
		}
		s.grant(s.me, site, f.Level, s.always())
		if a := s.ask(q); !a.Allowed {
			t.Errorf("after it: %+v", a)
		}
	})
}
