package login_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// SES-02, rules.md 7: a reset also ends the tokens that the person made for an
// organisation, and stops the receivers that they answer for, each in that organisation's trail.
func TestResetEndsTokensMade(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("claire@tilleuls.example")
		p := b.organisation("Les Tilleuls")
		b.join(p, a, role.Administrator)
		by, _ := b.signIn("claire@tilleuls.example", good)
		made, err := token.Tokens{Run: b.run}.Make(b.Context(), by, token.New{
			Kind: token.OfOrganization, Org: p.org, Name: "agenda", Permissions: []access.Permission{access.MembersRead},
		})
		if err != nil {
			b.Fatal(err)
		}
		hooks := webhook.Webhooks{Run: b.run}
		only := b.organisation("Le Port") // where she made no token
		b.join(only, a, role.Administrator)
		for _, at := range []ident.Org{p.org, only.org} {
			if _, err := hooks.Make(b.Context(), by, at, webhook.Details{Name: "agenda", URL: "https://agenda.example/", Kinds: event.Kinds()}); err != nil {
				b.Fatal(err)
			}
		}
		link := b.resetLink("claire@tilleuls.example")
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), link, secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		for _, at := range []ident.Org{p.org, only.org} {
			if n := b.count(`select count(*) from webhook where org_id = $1 and status = 'stopped' and why = 'reset'`, at); n != 1 {
				b.Errorf("the receiver goes on: %d stopped", n)
			}
			if n := b.count(`select count(*) from audit_event where chain = $1 and verb = 'webhook.stop'`, at); n != 1 {
				b.Errorf("%d lines about the receiver in the organisation's trail, want 1", n)
			}
		}
		if _, ok, err := (token.Tokens{Run: b.run}).Authenticate(b.Context(), made.Secret.Reveal()); ok || err != nil {
			b.Errorf("the organisation's token opens: %v", err)
		}
		if n := b.count(`select count(*) from audit_event where chain = $1 and verb = 'token.revoke'`, p.org); n != 1 {
			b.Errorf("%d lines in the organisation's trail, want 1", n)
		}
	})
}

// rules.md 7: the session of somebody who becomes administrator may be idle for 15
// minutes from its next use on.
func TestIdleOfNewAdministrator(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		p := b.organisation("Les Tilleuls")
		_, opened := b.signIn("julie@tilleuls.example", good)
		b.clock.Add(session.IdleAdmin + time.Minute)
		if !b.worth(opened.Token) {
			b.Fatal("a member's session ended after 16 minutes")
		}
		b.join(p, a, role.Administrator)
		b.clock.Add(2 * session.TouchEvery)
		if !b.worth(opened.Token) {
			b.Fatal("the session ended in use")
		}
		b.clock.Add(session.IdleAdmin + time.Second)
		if b.worth(opened.Token) {
			b.Error("an administrator's session was idle for more than 15 minutes")
		}
	})
}
