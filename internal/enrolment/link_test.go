package enrolment

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/token"
)

// gone fails unless a link is worth nothing, to anybody, through every act, and
// trying it changes nothing.
func (w *world) gone(why, presented string) {
	w.Helper()
	w.unchanged(why, func() {
		for name, by := range map[string]access.Actor{"nobody": nobody, "somebody": w.by(w.yves), "the inviter": w.by(w.bruno)} {
			_, err := w.e.Open(ctx, by, presented)
			w.refused(why+": opened by "+name, err, invitation.ErrGone)
			_, err = w.e.Finish(ctx, by, presented, finish())
			w.refused(why+": finished by "+name, err, invitation.ErrGone)
			if by.Kind == access.Person {
				_, err = w.e.Join(ctx, by, presented)
				w.refused(why+": joined by "+name, err, invitation.ErrGone)
			}
		}
	})
}

// MEM-13: the form makes the account, with its password, and the membership as the
// invitation says; one line of the trail each, no letter more.
func TestFinish(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := w.invite("Aicha.Diallo@Exemple.FR")
		in.Function = ""
		presented := w.letter(w.send(w.by(w.bruno), in).Lines[0].Invitation).secret
		f := finish()
		f.Function = "midwife"
		done, err := w.e.Finish(ctx, nobody, presented, f)
		if err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		if done.Org != w.a.org || done.Slug == "" || done.Email != "Aicha.Diallo@Exemple.FR" {
			t.Errorf("%+v", done)
		}
		m := w.memberOf("aicha.diallo@exemple.fr")
		if m.ID != done.Member || m.Status != member.Created || m.Function != "midwife" || m.Name() != "Aïcha Diallo" || m.Title != "Mme" {
			t.Errorf("%+v", m)
		}
		w.read(func(tx *store.Tx) error {
			hash, err := credential.PasswordHash(ctx, tx, done.Account)
			if ok, e := w.e.Hasher.Verify(ctx, hash, secret.NewText(goodPassword)); !ok || e != nil {
				t.Errorf("the password does not open: %v", e)
			}
			h, e := access.HeldByAccount(ctx, tx, done.Account, w.a.org)
			if e != nil || !h.Has(access.AppointmentsWrite, access.SiteScope(w.a.org, w.a.sites[0])) || h.HasAnywhere(access.MembersInvite) ||
				h.Has(access.AppointmentsWrite, access.SiteScope(w.a.org, w.a.sites[1])) {
				t.Errorf("holds %+v %v", h, e)
			}
			return err
		})
		if len(w.letters()) != 0 {
			t.Error("finishing wrote a letter")
		}
		if n := w.recorded(w.a.org.String(), "invitation.accept", audit.Done); n != 1 {
			t.Errorf("%d lines", n)
		}
		if n := w.recorded(audit.Installation, "account.create", audit.Done); n != 1 {
			t.Errorf("%d lines", n)
		}
		w.verified()
	})
}

// MEM-13: what is wrong is said at its field, and spends nothing.
func TestFinishFields(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := w.invite("x@exemple.fr")
		in.Function = ""
		open := w.letter(w.send(w.by(w.bruno), in).Lines[0].Invitation).secret
		given, _ := w.invited("y@exemple.fr")
		for _, c := range []struct {
			token, at, code string
			change          func(*Finish)
		}{
			{given, "given_name", "text.empty", func(f *Finish) { f.Names.GivenName = " " }},
			{given, "given_name", "text.control", func(f *Finish) { f.Names.GivenName = "Anne\r\nBcc: x@y.fr" }},        // INJ-02
			{given, "family_name", "text.symbol", func(f *Finish) { f.Names.FamilyName = "<script>alert(1)</script>" }}, // INJ-01
			{given, "family_name", "text.control", func(f *Finish) { f.Names.FamilyName = "Di\u2028allo" }},
			{given, "family_name", "text.symbol", func(f *Finish) { f.Names.FamilyName = "=?utf-8?q?x?=" }},
			{given, "family_name", "text.symbol", func(f *Finish) { f.Names.FamilyName = "{{.Org}}" }}, // INJ-05
			{given, "family_name", "text.symbol", func(f *Finish) { f.Names.FamilyName = "Diallo 🙂" }},
			{given, "family_name", "text.too_long", func(f *Finish) { f.Names.FamilyName = strings.Repeat("a", 10_000) }},
			{given, "title", "account.title_unknown", func(f *Finish) { f.Names.Title = "Sir" }},
			{given, "function", "enrolment.function_given", func(f *Finish) { f.Function = "physician" }}, // INV-03
			{open, "function", "text.empty", func(*Finish) {}},
			{open, "function", "enrolment.function_unknown", func(f *Finish) { f.Function = "king" }},
			{given, "language", "enrolment.language_unknown", func(f *Finish) { f.Language = "xx" }},
			{given, "new_password", credential.CodePasswordTooShort, func(f *Finish) { f.Password = secret.NewText("court") }},
			{given, "new_password", credential.CodePasswordTooShort, func(f *Finish) { f.Password = secret.Text{} }},
			{given, "new_password", credential.CodePasswordContext, func(f *Finish) { f.Password = secret.NewText("Maison de santé des Tilleuls") }},
			{given, "new_password", credential.CodePasswordContext, func(f *Finish) { f.Password = secret.NewText("aïcha-diallo-2026") }},
		} {
			f := finish()
			c.change(&f)
			w.unchanged(c.code, func() {
				_, err := w.e.Finish(ctx, nobody, c.token, f)
				w.field(c.at, err, fault.Invalid, c.at, c.code)
			})
		}
		if _, err := w.e.Finish(ctx, nobody, given, finish()); err != nil {
			t.Errorf("the link was spent: %v", err)
		}
	})
}

// INV-01: a spent link is worth nothing, to whoever presents it, and each try is
// recorded as a replay.
func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("x@exemple.fr")
		done, err := w.e.Finish(ctx, nobody, presented, finish())
		if err != nil {
			t.Fatal(err)
		}
		w.gone("spent", presented)
		w.unchanged("a replay by its owner", func() {
			x := &person{account: account.Account{ID: done.Account, GivenName: "Aïcha"}}
			_, err := w.e.Join(ctx, w.by(x), presented)
			w.refused("its owner", err, invitation.ErrGone)
		})
		if n := w.recorded(w.a.org.String(), "invitation.replay", audit.Refused); n != 9 {
			t.Errorf("%d replays recorded, want one a try", n)
		}
	})
}

// INV-02: whoever is signed in with another address gets nothing and spends nothing.
func TestOtherAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("x@exemple.fr")
		w.unchanged("another person's try", func() {
			o, err := w.e.Open(ctx, w.by(w.yves), presented)
			if err != nil || o.Masked != "x…@exemple.fr" {
				t.Errorf("%+v %v", o, err)
			}
			_, err = w.e.Join(ctx, w.by(w.yves), presented)
			w.refused("join", err, ErrOtherAddress)
			_, err = w.e.Finish(ctx, w.by(w.yves), presented, finish())
			w.refused("finish", err, ErrOtherAddress)
			_, err = w.e.Join(ctx, nobody, presented)
			w.refused("join by nobody", err, access.ErrUnauthenticated)
			_, err = w.e.Join(ctx, access.Actor{Kind: access.OrgToken, Org: w.a.org, Token: "tok_x", Account: w.bruno.account.ID}, presented)
			w.refused("join by a token", err, access.ErrForbidden)
		})
		if n := w.recorded(w.a.org.String(), "invitation.accept", audit.Refused); n < 2 {
			t.Errorf("%d refusals recorded", n)
		}
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			t.Errorf("the invited person: %v", err)
		}
	})
}

// MEM-10, INV-02: an invitation that waited for an address which has an account by
// now is joined, signed in, and makes no second account.
func TestJoin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("tard@exemple.fr")
		late := w.account("TARD@exemple.fr", account.NoRole)
		w.unchanged("a second account", func() {
			_, err := w.e.Finish(ctx, nobody, presented, finish())
			w.refused("finish", err, ErrHasAccount)
			_, err = w.e.Finish(ctx, w.by(late), presented, finish())
			w.refused("finish by its owner", err, ErrHasAccount)
		})
		if o, err := w.e.Open(ctx, nobody, presented); err != nil || !o.HasAccount {
			t.Errorf("%+v %v", o, err)
		}
		done, err := w.e.Join(ctx, w.by(late), presented)
		if err != nil || done.Account != late.account.ID {
			t.Fatalf("%+v %v", done, err)
		}
		if m := w.memberOf("tard@exemple.fr"); m.ID != done.Member || m.Status != member.Active || m.Function != "secretary" {
			t.Errorf("%+v", m)
		}
		w.gone("joined", presented)
	})
}

// Whoever is a member already, in whatever state, is not made one twice.
func TestJoinTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("tard@exemple.fr")
		late := w.member("tard@exemple.fr", w.a, w.a.sites)
		w.unchanged("joining twice", func() {
			_, err := w.e.Join(ctx, w.by(late), presented)
			w.refused("a member", err, member.ErrAlreadyMember)
		})
		late.account.Status = account.Blocked
		w.write(func(tx *store.Tx) error {
			_, err := account.Set(ctx, tx, late.account)
			return err
		})
		_, err := w.e.Join(ctx, w.by(late), presented)
		w.refused("a blocked account", err, access.ErrUnauthenticated)
	})
}

// INV-03: any change of the token makes it worthless, byte by byte.
func TestTamperedToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, id := w.invited("x@exemple.fr")
		w.unchanged("tampered links", func() {
			try := func(what, s string) {
				_, err := w.e.Open(ctx, nobody, s)
				w.refused(what, err, invitation.ErrGone)
			}
			for n := range presented {
				for _, c := range []byte{'A', '_', presented[n] ^ 0x20, presented[n] + 1} {
					if c != presented[n] {
						try(fmt.Sprintf("letter %d", n), presented[:n]+string(c)+presented[n+1:])
					}
				}
			}
			body := strings.TrimPrefix(presented, "hi_")
			for what, s := range map[string]string{
				"empty": "", "id": id.String(), "cut": presented[:len(presented)-1], "longer": presented + "A", "space": " " + presented,
				"line": presented + "\n", "padded": presented + "=", "upper": strings.ToUpper(presented), "body alone": body,
				"other purpose": "hr_" + body, "temporary": "ht_" + body, "session": "hs_" + body, "nul": presented + "\x00", "percent": "%25" + presented,
			} {
				try(what, s)
				_, err := w.e.Finish(ctx, nobody, s, finish())
				w.refused(what, err, invitation.ErrGone)
			}
		})
		if _, err := w.e.Open(ctx, nobody, presented); err != nil {
			t.Error(err)
		}
	})
}

// INV-04: to the second. The clean-up job has no part in it: none runs here.
func TestExpiryToTheSecond(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			after time.Duration
			ok    bool
		}{{invitation.Life - time.Second, true}, {invitation.Life, false}, {invitation.Life + time.Second, false}} {
			presented, _ := w.invited(fmt.Sprintf("x%d@exemple.fr", c.after/time.Second))
			w.clock.Add(c.after)
			if !c.ok {
				w.gone(c.after.String(), presented)
			} else if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
				t.Errorf("%v: %v", c.after, err)
			}
		}
	})
}

// INV-07: withdrawn, sent again, or its organisation suspended: the old link is dead.
func TestRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		deleted, id := w.invited("a@exemple.fr")
		if err := w.i.Delete(ctx, w.by(w.bruno), w.a.org, id); err != nil {
			t.Fatal(err)
		}
		w.gone("deleted", deleted)

		old, id := w.invited("b@exemple.fr")
		if _, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, id); err != nil {
			t.Fatal(err)
		}
		next := w.letter(id).secret
		if next == old {
			t.Fatal("the same token was sent again")
		}
		w.gone("sent again", old)

		support := w.account("support@habilis.example", account.Support)
		orgs := org.Orgs{Run: w.run}
		if _, err := orgs.Suspend(ctx, w.by(support), w.a.org, ""); err != nil {
			t.Fatal(err)
		}
		w.gone("suspended", next)
		if _, err := orgs.Resume(ctx, w.by(support), w.a.org); err != nil {
			t.Fatal(err)
		}
		if _, err := w.e.Finish(ctx, nobody, next, finish()); err != nil {
			t.Errorf("resumed: %v", err)
		}
	})
}

// INV-09: mail scanners open every link twenty times; nothing changes.
func TestPrefetch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("x@exemple.fr")
		w.unchanged("opening", func() {
			for n := range 20 {
				by := nobody
				by.Address = fmt.Sprintf("203.0.113.%d", n)
				o, err := w.e.Open(ctx, by, presented)
				if err != nil || o.HasAccount || o.InvitedBy != "Bruno Essai" || o.Email.Address != "x@exemple.fr" || o.Sites[0] != "Saint-Aubin" ||
					o.Org.Name != "Maison de santé des Tilleuls" || o.Roles[0].BuiltIn != role.Secretary || o.Function != "secretary" {
					t.Fatalf("%+v %v", o, err)
				}
			}
		})
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			t.Error(err)
		}
	})
}

// rules.md 13: what a person made is read again when it is used. Whoever invited was
// demoted, left, was deactivated or blocked: the link is gone, until somebody who
// may gives it again by sending it again.
func TestInviterLosesAuthority(t *testing.T) {
	for name, lose := range map[string]func(w *world) error{
		"demoted": func(w *world) error {
			_, err := w.m.Withdraw(ctx, w.by(w.claire), w.bruno.member, access.OrgScope(w.a.org))
			return err
		},
		"left": func(w *world) error { return w.m.Leave(ctx, w.by(w.bruno), w.a.org) },
		"deactivated": func(w *world) error {
			_, err := w.m.Deactivate(ctx, w.by(w.claire), w.a.org, w.bruno.member, 0)
			return err
		},
		"blocked": func(w *world) error {
			return w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				a, _, err := account.Get(ctx, tx, w.bruno.account.ID)
				if err != nil {
					return err
				}
				a.Status = account.Blocked
				_, err = account.Set(ctx, tx, a)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				presented, id := w.invited("x@exemple.fr")
				if err := lose(w); err != nil {
					t.Fatal(err)
				}
				w.letters()
				w.gone("its inviter was "+name, presented)
				i, err := w.i.Resend(ctx, w.by(w.claire), w.a.org, id)
				if err != nil || i.InvitedBy != "Claire Essai" {
					t.Fatalf("%+v %v", i, err)
				}
				if _, err := w.e.Finish(ctx, nobody, w.letter(id).secret, finish()); err != nil {
					t.Errorf("sent again by somebody who may: %v", err)
				}
			})
		})
	}
}

// rules.md 13: a site administrator's invitation does not outlive their site; an
// administrator's does, when it gives what they still may give.
func TestInviterKeepsEnough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("x@exemple.fr")
		if _, err := w.m.Appoint(ctx, w.by(w.claire), w.bruno.member, access.SiteScope(w.a.org, w.a.sites[0])); err != nil {
			t.Fatal(err)
		}
		if _, err := w.m.Withdraw(ctx, w.by(w.claire), w.bruno.member, access.OrgScope(w.a.org)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			t.Errorf("he may still invite there: %v", err)
		}
	})
}

// rules.md 13: what a token invited dies with the token, and with who made it.
func TestInviterIsAToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tokens := token.Tokens{Run: w.run}
		made, err := tokens.Make(ctx, w.by(w.bruno), token.New{Kind: token.OfOrganization, Org: w.a.org, Name: "agenda"})
		if err != nil {
			t.Fatal(err)
		}
		by, ok, err := tokens.Authenticate(ctx, made.Secret.Reveal())
		if err != nil || !ok {
			t.Fatal(err)
		}
		first := w.send(by, w.invite("a@exemple.fr", "b@exemple.fr"))
		sent := map[string]string{}
		for _, l := range w.letters() {
			sent[l.args["invitation"].(string)] = l.secret
		}
		if _, err := w.e.Finish(ctx, nobody, sent[first.Lines[0].Invitation.String()], finish()); err != nil {
			t.Errorf("a token may invite: %v", err)
		}
		if err := tokens.Revoke(ctx, w.by(w.bruno), w.a.org, made.Token.ID); err != nil {
			t.Fatal(err)
		}
		w.gone("its token was revoked", sent[first.Lines[1].Invitation.String()])
	})
}

// INV-06, two engines: fifty accept at once, through two nodes where there can be
// two; exactly one does.
func TestFiftyAccepts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		presented, _ := w.invited("x@exemple.fr")
		errs := parallel(50, func(int) error {
			for {
				_, err := w.e.Finish(ctx, nobody, presented, finish())
				if !errors.Is(err, credential.ErrBusy) { // the hash slots are few on a small machine
					return err
				}
			}
		})
		w.exactlyOne(errs, invitation.ErrGone, ErrHasAccount)
		if n := w.count(`select count(*) from member_state where org_id = $1 and email = $2`, w.a.org, "x@exemple.fr"); n != 1 {
			t.Errorf("%d memberships", n)
		}
		if n := w.recorded(w.a.org.String(), "invitation.accept", audit.Done); n != 1 {
			t.Errorf("%d lines", n)
		}
		if n := len(w.letters()); n != 0 {
			t.Errorf("%d letters", n)
		}

		presented, _ = w.invited("y@exemple.fr")
		late := w.account("y@exemple.fr", account.NoRole)
		w.exactlyOne(parallel(50, func(int) error {
			_, err := w.e.Join(ctx, w.by(late), presented)
			return err
		}), invitation.ErrGone, member.ErrAlreadyMember)
		w.verified()
	})
}

// exactlyOne fails unless one of many succeeded and each other has one of the refusals.
func (w *world) exactlyOne(errs []error, refusals ...*fault.Error) {
	w.Helper()
	won := 0
	for _, err := range errs {
		known := err == nil
		for _, r := range refusals {
			known = known || errors.Is(err, r)
		}
		if !known {
			w.Errorf("unexpected: %v", err)
		}
		if err == nil {
			won++
		}
	}
	if won != 1 {
		w.Errorf("%d succeeded, want 1", won)
	}
}

// RAC-02: one address, in case variants, accepts in many organisations at once: one
// account, the others are told that there is one.
func TestSameAddressEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var links []string
		for n, address := range []string{"marie@exemple.fr", "Marie@exemple.fr", "MARIE@EXEMPLE.FR", "marie@Exemple.fr", "mArie@exemple.FR"} {
			p := w.place(fmt.Sprintf("Cabinet %d", n), "Centre")
			in := Invite{Org: p.org, Emails: []string{address}, Function: "nurse"}
			r := w.send(access.Operator("cli"), in)
			links = append(links, w.letter(r.Lines[0].Invitation).secret)
		}
		w.exactlyOne(parallel(len(links), func(n int) error {
			_, err := w.e.Finish(ctx, nobody, links[n], finish())
			return err
		}), ErrHasAccount)
		if n := w.count(`select count(*) from account_state where email_key = $1`, "marie@exemple.fr"); n != 1 {
			t.Errorf("%d accounts", n)
		}
	})
}

// MEM-9, RAC-02: two administrators invite the same addresses at once: one
// invitation each, and the other is told.
func TestSameAddressTwoInviters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		reports := make([]Report, 8)
		for _, err := range parallel(len(reports), func(n int) (err error) {
			reports[n], err = w.e.Invite(ctx, w.by([]*person{w.bruno, w.claire, w.tina}[n%3]), w.invite("x@exemple.fr", "X@exemple.fr", "yves@ailleurs.example"))
			return err
		}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		count := map[Fate]int{}
		for _, r := range reports {
			for _, l := range r.Lines {
				count[l.Fate]++
			}
		}
		if count[Invited] != 1 || count[Joined] != 1 || count[AlreadyInvited] != 15 || count[AlreadyMember] != 7 {
			t.Errorf("%v", count)
		}
		if n := len(w.letters()); n != 2 {
			t.Errorf("%d letters, want 2", n)
		}
	})
}
