package enrolment

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/token"
)

// rules.md 13: what a person made is read again when it is used. Whoever invited was
// demoted, left, was deactivated or blocked: the link is gone, until somebody who
// may gives it again by sending it again.
func TestInviterLosesAuthority(t *testing.T) {
	cases := map[string]func(w *world, p *person) error{
		"demoted": func(w *world, p *person) error {
			_, err := w.m.Withdraw(ctx, w.by(w.claire), p.member, access.OrgScope(w.a.org), 0)
			return err
		},
		"left": func(w *world, p *person) error { return w.leaves(p) },
		"deactivated": func(w *world, p *person) error {
			_, err := w.m.Deactivate(ctx, w.by(w.claire), w.a.org, p.member, 0)
			return err
		},
		"blocked": func(w *world, p *person) error {
			a := p.account
			a.Status = account.Blocked
			return w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				_, err := account.Set(ctx, tx, a)
				return err
			})
		},
	}
	each(t, func(w *world) {
		administrator := role.Given{Role: w.a.roles[role.Administrator], Scope: access.OrgScope(w.a.org)}
		for name, lose := range cases {
			inviter := w.member(name+"@tilleuls.example", w.a, w.a.sites, administrator)
			id := w.send(w.by(inviter), w.invite("invited-by-"+name+"@exemple.fr")).Lines[0].Invitation
			presented := w.letter(id).secret
			if err := lose(w, inviter); err != nil {
				w.Fatal(name, err)
			}
			w.letters()
			w.gone("its inviter was "+name, presented)
			i, err := w.i.Resend(ctx, w.by(w.claire), w.a.org, id)
			if err != nil || i.InvitedBy != "Claire Essai" {
				w.Fatalf("%s: %+v %v", name, i, err)
			}
			if _, err := w.e.Finish(ctx, nobody, w.letter(id).secret, finish()); err != nil {
				w.Errorf("%s: sent again by somebody who may: %v", name, err)
			}
		}
	})
}

// rules.md 13: a site administrator's invitation does not outlive their site; an
// administrator's does, when it gives what they still may give.
func TestInviterKeepsEnough(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("x@exemple.fr")
		if _, err := w.m.Appoint(ctx, w.by(w.claire), w.bruno.member, access.SiteScope(w.a.org, w.a.sites[0]), 0); err != nil {
			w.Fatal(err)
		}
		if _, err := w.m.Withdraw(ctx, w.by(w.claire), w.bruno.member, access.OrgScope(w.a.org), 0); err != nil {
			w.Fatal(err)
		}
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			w.Errorf("he may still invite there: %v", err)
		}
	})
}

// rules.md 13: what a token invited dies with the token, and with who made it.
func TestInviterIsAToken(t *testing.T) {
	each(t, func(w *world) {
		tokens := token.Tokens{Run: w.run}
		made, err := tokens.Make(ctx, w.by(w.bruno), token.New{Kind: token.OfOrganization, Org: w.a.org, Name: "agenda"})
		if err != nil {
			w.Fatal(err)
		}
		by, ok, err := tokens.Authenticate(ctx, made.Secret.Reveal())
		if err != nil || !ok {
			w.Fatal(err)
		}
		first := w.send(by, w.invite("a@exemple.fr", "b@exemple.fr"))
		sent := map[string]string{}
		for _, l := range w.letters() {
			sent[l.args["invitation"].(string)] = l.secret
		}
		if _, err := w.e.Finish(ctx, nobody, sent[first.Lines[0].Invitation.String()], finish()); err != nil {
			w.Errorf("a token may invite: %v", err)
		}
		if err := tokens.Revoke(ctx, w.by(w.bruno), token.Of(w.a.org), made.Token.ID); err != nil {
			w.Fatal(err)
		}
		w.gone("its token was revoked", sent[first.Lines[1].Invitation.String()])
	})
}
