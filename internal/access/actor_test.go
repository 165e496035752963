package access_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
)

// TestProven: a person's proof lasts StepUpAge, is not made in the future, and is
// not asked of those who have none to give (rules.md 6, STP-01; F7).
func TestProven(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		by   access.Actor
		want bool
	}{
		{"just now", access.Actor{Kind: access.Person, StepUp: now}, true},
		{"nearly five minutes ago", access.Actor{Kind: access.Person, StepUp: now.Add(1 - access.StepUpAge)}, true},
		{"five minutes ago", access.Actor{Kind: access.Person, StepUp: now.Add(-access.StepUpAge)}, false},
		{"in the future", access.Actor{Kind: access.Person, StepUp: now.Add(1)}, false},
		{"never", access.Actor{Kind: access.Person}, false},
		{"a person's token", access.Actor{Kind: access.Person, Token: ident.NewToken()}, true},
		{"an organisation's token", access.Actor{Kind: access.OrgToken}, true},
		{"the platform's token", access.Actor{Kind: access.PlatformToken}, true},
		{"the machine", access.Operator("cli"), true},
		{"anonymous", access.Actor{Kind: access.Anonymous, StepUp: now}, false},
		{"nobody", access.Actor{StepUp: now}, false},
		{"a kind not known", access.Actor{Kind: "robot", StepUp: now}, false},
	} {
		if got := c.by.Proven(now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestID: each caller has a name of its own, for counters and idempotency keys
// (RAC-08: keys are scoped by caller).
func TestID(t *testing.T) {
	me, other, token := ident.NewAccount(), ident.NewAccount(), ident.NewToken()
	names := map[string]string{}
	for what, by := range map[string]access.Actor{
		"me": person(me), "another": person(other),
		"a token of mine":  {Kind: access.OrgToken, Token: token, Account: me},
		"anonymous here":   {Kind: access.Anonymous, Address: "192.0.2.1"},
		"anonymous there":  {Kind: access.Anonymous, Address: "192.0.2.2"},
		"the machine":      access.Operator("cli"),
		"the machine, far": {Kind: access.System, Address: "192.0.2.1"},
	} {
		id := by.ID()
		if earlier, taken := names[id]; taken || id == "" {
			t.Errorf("%s and %s are both %q", what, earlier, id)
		}
		names[id] = what
	}
	if person(me).ID() != (access.Actor{Kind: access.Person, Account: me, Session: ident.NewSession(), Address: "x"}).ID() {
		t.Error("one person has two names")
	}
}

// TestWho: the trail says who acted, and for whom.
func TestWho(t *testing.T) {
	me, token := ident.NewAccount(), ident.NewToken()
	for _, c := range []struct {
		by             access.Actor
		kind, id, upon string
	}{
		{person(me), "person", me.String(), ""},
		{access.Actor{Kind: access.Person, Account: me, Token: token}, "person", me.String(), ""},
		{access.Actor{Kind: access.OrgToken, Token: token, Account: me}, "token", token.String(), me.String()},
		{access.Actor{Kind: access.PlatformToken, Token: token}, "platform_token", token.String(), ""},
		{access.Operator("cli"), "system", "", ""},
		{access.Actor{Kind: access.Anonymous, Account: me, Token: token}, "anonymous", "", ""},
	} {
		c.by.Name, c.by.Address, c.by.Request, c.by.Support = "n", "192.0.2.1", "r", true
		w := c.by.Who()
		if w.Kind != c.kind || w.ID != c.id || w.OnBehalfOf != c.upon || w.Name != "n" || w.Address != "192.0.2.1" || w.RequestID != "r" || !w.Support {
			t.Errorf("%+v", w)
		}
	}
}

// TestCatalogue: each permission is there once, in one of two lists, and no
// pseudo-permission can be given (AUZ-07).
func TestCatalogue(t *testing.T) {
	seen := map[access.Permission]bool{}
	for _, p := range access.Catalogue() {
		if seen[p] || !access.Known(p) || p.Domain() == "" || p.Domain() == string(p) {
			t.Errorf("%s", p)
		}
		seen[p] = true
	}
	if len(seen) != len(access.Administration)+len(access.Care) {
		t.Errorf("%d permissions", len(seen))
	}
	for _, p := range access.Care {
		if access.IsAdministration(p) {
			t.Errorf("%s is both", p)
		}
	}
	for _, p := range []access.Permission{access.Anyone, access.Self, access.Membership, access.PlatformSupport, access.PlatformAdminister, ""} {
		if access.Known(p) || access.IsAdministration(p) {
			t.Errorf("%q may be given", p)
		}
	}
}

// TestScope: a scope is read from what it writes, and from nothing else.
func TestScope(t *testing.T) {
	org, site := ident.NewOrg(), ident.NewSite()
	for _, s := range []access.Scope{access.OrgScope(org), access.SiteScope(org, site)} {
		if got, ok := access.ParseScope(org, s.Code()); !ok || got != s {
			t.Errorf("%v read as %v (%v)", s, got, ok)
		}
	}
	for _, code := range []string{"", "Organization", "organization ", org.String(), "ste_1", site.String() + "x", "null"} {
		if got, ok := access.ParseScope(org, code); ok {
			t.Errorf("%q read as %v", code, got)
		}
	}
}
