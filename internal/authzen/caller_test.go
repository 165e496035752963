package authzen_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"habilis/internal/authzen"
	"habilis/internal/decision"
	"habilis/internal/store"
)

var good = whole(alice, does("read"), record1)

// rest.md: 401 for who is not known, with what to present; 403 for who may not ask; both
// stand in the trail.
func TestStrangers(t *testing.T) {
	d := newDoor(t, fixture{})
	for _, c := range []struct {
		header, code, challenge string
		status                  int
	}{
		{"Authorization: ", "access.unauthenticated", `Bearer realm="habilis"`, 401},
		{"Authorization: Bearer hat_wrong", "access.unauthenticated", `Bearer realm="habilis"`, 401},
		{"Authorization: Basic YTpi", "api.token_invalid", `Bearer realm="habilis", error="invalid_token"`, 401},
		{"Authorization: Bearer", "api.token_invalid", `Bearer realm="habilis", error="invalid_token"`, 401},
		{"Authorization: Bearer expired", "token.expired", `Bearer realm="habilis", error="invalid_token", error_description="The access token expired"`, 401},
		{"Authorization: Bearer powerless", "access.forbidden", "", 403},
	} {
		a := d.ask(one, "not even read", c.header).is(c.status)
		if p := a.problem(); p.Code != c.code || a.header.Get("WWW-Authenticate") != c.challenge || p.Request != "OURS" {
			t.Errorf("%s: %s %q", c.header, a.body, a.header.Get("WWW-Authenticate"))
		}
	}
	var n int
	err := d.run.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*) from audit_event where verb = 'decision.ask' and outcome = 'refused'`).Scan(&n)
	})
	if err != nil || n != 6 {
		t.Errorf("%d refusals in the trail: %v", n, err)
	}
	d.ask(one, good, "authorization: bearer "+goodToken).decides(true)
}

// rules.md 4: each caller has a pace of its own, and strangers another, by address.
func TestPace(t *testing.T) {
	d := newDoor(t, fixture{}, func(s *authzen.Server) { s.PerMinute = 3 })
	for range 3 {
		d.ask(one, good).decides(true)
	}
	a := d.ask(one, good).is(http.StatusTooManyRequests)
	if a.problem().Code != "limit.exceeded" || a.header.Get("Retry-After") == "" {
		t.Errorf("%v %s", a.header, a.body)
	}
	d.ask(one, good, "Authorization: Bearer "+goodToken+"-trusted").decides(true)
	for range authzen.PerMinuteBad {
		d.ask(one, good, "Authorization: Bearer x").is(http.StatusUnauthorized)
	}
	d.ask(one, good, "Authorization: Bearer x").is(http.StatusTooManyRequests)
	d.ask(one, good, "Authorization: Bearer "+goodToken+"-trusted").decides(true)
}

// rest.md: address and second factor are used from trusted tokens only, and the answer
// says what was not; a past moment may be asked about by all.
func TestContext(t *testing.T) {
	d := newDoor(t, fixture{})
	said := `"context":{"at":"2026-03-12T10:00:00+01:00","ip":"192.168.1.1","second_factor":true}`
	trusted := "Authorization: Bearer " + goodToken + "-trusted"
	fact := func(r reply) map[string]any {
		facts, _ := r.Context["facts"].([]any)
		one, _ := facts[0].(map[string]any)
		return one
	}
	r := d.ask(one, whole(alice, does("read"), record1, said)).decides(true)
	if f := fact(r); f["id"] != nil || f["level"] != nil || f["given_at"] != "2026-03-12T09:00:00Z" {
		t.Errorf("believed: %v", f)
	}
	ignored, _ := r.Context["ignored"].([]any)
	if len(ignored) != 2 || ignored[0] != "context.ip" || ignored[1] != "context.second_factor" {
		t.Errorf("ignored: %v", r.Context)
	}
	r = d.ask(one, whole(alice, does("read"), record1, said), trusted).decides(true)
	if f := fact(r); f["id"] != "192.168.1.1" || f["level"] != "true" || r.Context["ignored"] != nil {
		t.Errorf("of a trusted caller: %v", r.Context)
	}
	for _, odd := range []string{`"ip":"localhost"`, `"ip":5`, `"ip":"fe80::1%eth0"`, `"second_factor":"yes"`, `"second_factor":null`} {
		body := whole(alice, does("read"), record1, `"context":{`+odd+`}`)
		d.ask(one, body).decides(true)
		d.ask(one, body, trusted).is(http.StatusBadRequest)
		items := whole(alice, does("read"), `"evaluations":[{`+record1+`,"context":{`+odd+`}},{`+record1+`}]`)
		d.ask(many, items).each(true, true)
		d.ask(many, items, trusted).each(false, true)
	}
}

// AUZ-14: what cannot answer permits nothing, and says so in a way that nobody takes for
// a permission.
func TestFailClosed(t *testing.T) {
	d := newDoor(t, fixture{err: errors.New("the database is away")})
	for path, body := range map[string]string{one: good, many: whole(alice, does("read"), `"evaluations":[{`+record1+`}]`)} {
		a := d.ask(path, body).is(http.StatusServiceUnavailable)
		if p := a.problem(); p.Decision == nil || *p.Decision || a.header.Get("Retry-After") == "" || strings.Contains(string(a.body), "database") {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
	}
	d.ask(search+"action", whole(alice, record1)).is(http.StatusServiceUnavailable)
	if len(d.said) > 0 {
		t.Error("answers told of that nobody got")
	}
}

// A reason may hold whatever people are called: the answer stays JSON.
func TestWords(t *testing.T) {
	d := newDoor(t, fixture{})
	d.srv.Decider = sayer{fixture{}, decision.Explained{
		Answer: decision.Answer{Code: `a"b\`, Version: 7},
		Facts:  []decision.Fact{{Kind: "grant", ID: "1", Name: "Zoë \"D’Arc\"\n\u2028\xff", Level: "read", Scope: "x", GivenBy: "\x00"}},
		Fix:    &decision.Fix{Code: "x"},
	}}
	r := d.ask(one, good).decides(false)
	if r.Context["code"] != `a"b\` || r.Context["version"] != 7.0 {
		t.Errorf("%v", r.Context)
	}
	facts, _ := r.Context["facts"].([]any)
	fact, _ := facts[0].(map[string]any)
	if fact["name"] != "Zoë \"D’Arc\"\n\u2028\ufffd" || fact["given_by"] != "\x00" {
		t.Errorf("%q", fact)
	}
}
