package enrolment

import (
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
)

// gone fails unless a link is worth nothing, to anybody, through every act, and
// trying it changes nothing.
func (w *world) gone(why, presented string) {
	w.Helper()
	w.unchanged(why, func() {
		tries := map[string]access.Actor{"nobody": nobody, "somebody": w.by(w.yves), "the inviter": w.by(w.bruno)}
		for name := range tries {
			by := tries[name]
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
	each(t, func(w *world) {
		in := w.invite("Aicha.Diallo@Exemple.FR")
		in.Function = ""
		presented := w.letter(w.send(w.by(w.bruno), in).Lines[0].Invitation).secret
		f := finish()
		f.Function = "midwife"
		done, err := w.e.Finish(ctx, nobody, presented, f)
		if err != nil {
			w.Fatal(err, fault.Of(err).Fields)
		}
		if done.Org != w.a.org || done.Slug == "" || done.Email != "Aicha.Diallo@Exemple.FR" {
			w.Errorf("%+v", done)
		}
		m := w.memberOf("aicha.diallo@exemple.fr")
		if m.ID != done.Member || m.Status != member.Created || m.Function != "midwife" || m.Name() != "Aïcha Diallo" || m.Title != "Mme" {
			w.Errorf("%+v", m)
		}
		w.read(func(tx *store.Tx) error {
			hash, err := credential.PasswordHash(ctx, tx, done.Account)
			if ok, e := w.e.Hasher.Verify(ctx, hash, secret.NewText(goodPassword)); !ok || e != nil {
				w.Errorf("the password does not open: %v", e)
			}
			h, e := access.HeldByAccount(ctx, tx, done.Account, w.a.org)
			if e != nil || !h.Has(access.AppointmentsWrite, access.SiteScope(w.a.org, w.a.sites[0])) || h.HasAnywhere(access.MembersInvite) ||
				h.Has(access.AppointmentsWrite, access.SiteScope(w.a.org, w.a.sites[1])) {
				w.Errorf("holds %+v %v", h, e)
			}
			return err
		})
		if len(w.letters()) != 0 {
			w.Error("finishing wrote a letter")
		}
		if n := w.recorded(w.a.org.String(), "invitation.accept", audit.Done); n != 1 {
			w.Errorf("%d lines", n)
		}
		if n := w.recorded(audit.Installation, "account.create", audit.Done); n != 1 {
			w.Errorf("%d lines", n)
		}
		w.verified()
	})
}

// MEM-13: what is wrong is said at its field, and spends nothing.
func TestFinishFields(t *testing.T) {
	each(t, func(w *world) {
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
			w.Errorf("the link was spent: %v", err)
		}
	})
}

// INV-01: a spent link is worth nothing, to whoever presents it, and each try is
// recorded as a replay.
func TestReplay(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("x@exemple.fr")
		done, err := w.e.Finish(ctx, nobody, presented, finish())
		if err != nil {
			w.Fatal(err)
		}
		w.gone("spent", presented)
		w.unchanged("a replay by its owner", func() {
			x := &person{account: account.Account{ID: done.Account, GivenName: "Aïcha"}}
			_, err := w.e.Join(ctx, w.by(x), presented)
			w.refused("its owner", err, invitation.ErrGone)
		})
		if n := w.recorded(w.a.org.String(), "invitation.replay", audit.Refused); n != 9 {
			w.Errorf("%d replays recorded, want one a try", n)
		}
	})
}

// INV-02: whoever is signed in with another address gets nothing and spends nothing.
func TestOtherAddress(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("x@exemple.fr")
		w.unchanged("another person's try", func() {
			o, err := w.e.Open(ctx, w.by(w.yves), presented)
			if err != nil || o.Masked != "x…@exemple.fr" {
				w.Errorf("%+v %v", o, err)
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
			w.Errorf("%d refusals recorded", n)
		}
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			w.Errorf("the invited person: %v", err)
		}
	})
}

// MEM-10, INV-02: an invitation that waited for an address which has an account by
// now is joined, signed in, and makes no second account.
func TestJoin(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("tard@exemple.fr")
		late := w.account("TARD@exemple.fr", account.NoRole)
		w.unchanged("a second account", func() {
			_, err := w.e.Finish(ctx, nobody, presented, finish())
			w.refused("finish", err, ErrHasAccount)
			_, err = w.e.Finish(ctx, w.by(late), presented, finish())
			w.refused("finish by its owner", err, ErrHasAccount)
		})
		if o, err := w.e.Open(ctx, nobody, presented); err != nil || !o.HasAccount {
			w.Errorf("%+v %v", o, err)
		}
		done, err := w.e.Join(ctx, w.by(late), presented)
		if err != nil || done.Account != late.account.ID {
			w.Fatalf("%+v %v", done, err)
		}
		if m := w.memberOf("tard@exemple.fr"); m.ID != done.Member || m.Status != member.Active || m.Function != "secretary" {
			w.Errorf("%+v", m)
		}
		w.gone("joined", presented)
	})
}

// Whoever is a member already, in whatever state, is not made one twice.
func TestJoinTwice(t *testing.T) {
	each(t, func(w *world) {
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
	each(t, func(w *world) {
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
			w.Error(err)
		}
	})
}

// INV-04: to the second. The clean-up job has no part in it: none runs here.
func TestExpiryToTheSecond(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			after time.Duration
			ok    bool
		}{{invitation.Life - time.Second, true}, {invitation.Life, false}, {invitation.Life + time.Second, false}} {
			presented, _ := w.invited(fmt.Sprintf("x%d@exemple.fr", c.after/time.Second))
			w.clock.Add(c.after)
			if !c.ok {
				w.gone(c.after.String(), presented)
			} else if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
				w.Errorf("%v: %v", c.after, err)
			}
		}
	})
}

// INV-07: withdrawn, sent again, or its organisation suspended: the old link is dead.
func TestRevoked(t *testing.T) {
	each(t, func(w *world) {
		deleted, id := w.invited("a@exemple.fr")
		if err := w.i.Delete(ctx, w.by(w.bruno), w.a.org, id); err != nil {
			w.Fatal(err)
		}
		w.gone("deleted", deleted)

		old, id := w.invited("b@exemple.fr")
		if _, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, id); err != nil {
			w.Fatal(err)
		}
		next := w.letter(id).secret
		if next == old {
			w.Fatal("the same token was sent again")
		}
		w.gone("sent again", old)

		support := w.account("support@habilis.example", account.Support)
		orgs := org.Orgs{Run: w.run}
		if _, err := orgs.Suspend(ctx, w.by(support), w.a.org, ""); err != nil {
			w.Fatal(err)
		}
		w.gone("suspended", next)
		if _, err := orgs.Resume(ctx, w.by(support), w.a.org); err != nil {
			w.Fatal(err)
		}
		if _, err := w.e.Finish(ctx, nobody, next, finish()); err != nil {
			w.Errorf("resumed: %v", err)
		}
	})
}

// INV-09: mail scanners open every link twenty times; nothing changes.
func TestPrefetch(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("x@exemple.fr")
		w.unchanged("opening", func() {
			for n := range 20 {
				by := nobody
				by.Address = fmt.Sprintf("203.0.113.%d", n)
				o, err := w.e.Open(ctx, by, presented)
				if err != nil || o.HasAccount || o.InvitedBy != "Bruno Essai" || o.Email.Address != "x@exemple.fr" || o.Sites[0] != "Saint-Aubin" ||
					o.Org.Name != "Maison de santé des Tilleuls" || o.Roles[0].BuiltIn != role.Secretary || o.Function != "secretary" {
					w.Fatalf("%+v %v", o, err)
				}
			}
		})
		if _, err := w.e.Finish(ctx, nobody, presented, finish()); err != nil {
			w.Error(err)
		}
	})
}
