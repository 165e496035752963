package enrolment

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/limit"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

func once(by access.Actor, key, body string) access.Actor {
	by.Once = access.Once{Key: key, Body: sha256.Sum256([]byte(body))}
	return by
}

// RAC-08: the same key and body has one effect, also in parallel and across the
// chunks of a large request, and gives the same answer; another body is refused;
// another organisation's caller has keys of their own.
func TestIdempotency(t *testing.T) {
	each(t, func(w *world) {
		w.e.Limits.PerDayOrg = 5000
		var many []string
		for n := range invitation.Chunk + 3 {
			many = append(many, fmt.Sprintf("p%d@exemple.fr", n))
		}
		in := w.invite(many...)
		reports := make([]Report, 4)
		for _, err := range parallel(len(reports), func(n int) (err error) {
			reports[n], err = w.e.Invite(ctx, once(w.by(w.bruno), "k1", "body"), in)
			return err
		}) {
			if err != nil {
				w.Fatal(err)
			}
		}
		for _, r := range reports {
			for n, l := range r.Lines {
				if l != reports[0].Lines[n] || l.Fate != Invited || l.Invitation.IsZero() {
					w.Fatalf("line %d: %+v, first was %+v", n, l, reports[0].Lines[n])
				}
			}
		}
		if n := w.count(`select count(*) from job where kind = $1`, "letter.invitation"); n != invitation.Chunk+3 {
			w.Errorf("%d letters", n)
		}
		w.unchanged("another body", func() {
			_, err := w.e.Invite(ctx, once(w.by(w.bruno), "k1", "other"), w.invite("z@exemple.fr"))
			w.refused("another body", err, action.ErrBodyChanged)
		})
		r := w.send(once(w.by(w.olga), "k1", "other"), Invite{Org: w.b.org, Emails: []string{"z@exemple.fr"}})
		if r.Lines[0].Fate != Invited {
			w.Errorf("another caller: %+v", r)
		}
	})
}

// allow lets A send temporary passwords.
func (w *world) allow(yes bool) {
	w.Helper()
	s := setting.Settings{Run: w.run}
	now, err := s.Security(ctx, w.by(w.claire), w.a.org)
	now.TemporaryPasswords = yes
	if err == nil {
		_, err = s.SetSecurity(ctx, w.by(w.claire), w.a.org, now.Rev, now)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// temporary finds the temporary password of an address, as package login does.
func (w *world) temporary(address string) (found invitation.TemporaryPassword, ok bool) {
	w.Helper()
	w.read(func(tx *store.Tx) (err error) {
		found, ok, err = invitation.Temporary(ctx, tx, email(address).Key)
		return err
	})
	return found, ok
}

func (w *world) spend(t invitation.TemporaryPassword) (token string, err error) {
	w.Helper()
	err = w.db.Write(ctx, []store.Lock{store.Lock(t.Org)}, func(tx *store.Tx) error {
		s, err := invitation.SpendTemporary(ctx, tx, t)
		token = s.Reveal()
		return err
	})
	return token, err
}

func (w *world) welcome(addresses ...string) Invite {
	in := w.invite(addresses...)
	in.Welcome = invitation.ByTemporaryPassword
	return in
}

// MEM-12, PWD-04: where the policy allows it, a temporary password opens the page
// that finishes the account, once; after it nothing of it is left.
func TestTemporaryPassword(t *testing.T) {
	each(t, func(w *world) {
		w.unchanged("a temporary password that is not allowed", func() {
			_, err := w.e.Invite(ctx, w.by(w.bruno), w.welcome("x@exemple.fr"))
			w.refused("policy", err, ErrNoTemporary)
		})
		w.allow(true)
		r := w.send(w.by(w.bruno), w.welcome("x@exemple.fr", "yves@ailleurs.example"))
		if r.Lines[1].Fate != Joined {
			w.Errorf("an account joins at once all the same: %+v", r.Lines[1])
		}
		var password string
		for _, l := range w.letters() {
			if l.kind == "letter.invitation" {
				password = l.secret
			}
		}
		if bare := strings.ReplaceAll(password, "-", ""); len(bare) < 16 || strings.ContainsAny(bare, "01loIO") {
			w.Fatalf("%d letters, some of which look alike", len(bare))
		}
		found, ok := w.temporary("X@exemple.fr")
		if !ok {
			w.Fatal("no temporary password")
		}
		if right, err := w.e.Hasher.Verify(ctx, found.Hash, secret.NewText(password)); !right || err != nil {
			w.Fatalf("it does not verify: %v", err)
		}
		token, err := w.spend(found)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.spend(found); err == nil {
			w.Error("used twice")
		}
		if _, ok := w.temporary("x@exemple.fr"); ok {
			w.Error("found after its use")
		}
		kept := finish()
		kept.Password = secret.NewText(password)
		if _, err := w.e.Finish(ctx, nobody, token, kept); len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Code != "enrolment.password_temporary" {
			w.Errorf("the temporary password was kept as one's own: %v", err)
		}
		if _, err := w.e.Finish(ctx, nobody, token, finish()); err != nil {
			w.Fatal(err)
		}
		if n := w.count(`select count(*) from invitation where id = $1 and temporary_hash <> ''`, r.Lines[0].Invitation); n != 0 {
			w.Error("the hash is kept after the account was made")
		}
		if _, ok := w.temporary("x@exemple.fr"); ok {
			w.Error("found after the account was made")
		}
		w.gone("finished", token)
		w.noSecret(password, token)
	})
}

// noSecret fails when a secret stands in the trail, in a job or in an answer kept.
func (w *world) noSecret(secrets ...string) {
	w.Helper()
	for _, s := range secrets {
		if n := w.count(`select count(*) from audit_payload where payload like $1`, "%"+s+"%"); n != 0 {
			w.Errorf("a secret stands in the trail")
		}
		if n := w.count(`select count(*) from job where args like $1 or last_error like $1`, "%"+s+"%"); n != 0 {
			w.Errorf("a secret stands in a job")
		}
		if n := w.count(`select count(*) from idempotency where result like $1`, "%"+s+"%"); n != 0 {
			w.Errorf("a secret stands in a kept answer")
		}
	}
}

// PWD-04: 72 hours to sign in with it; dead when the policy is withdrawn, the
// inviter loses their rights, an account is made or the organisation suspended.
func TestTemporaryPasswordDies(t *testing.T) {
	each(t, func(w *world) {
		for n, c := range []struct {
			name    string
			happens func()
			dead    bool
		}{
			{"just in time", func() { w.clock.Add(invitation.TemporaryLife - time.Second) }, false},
			{"too late", func() { w.clock.Add(invitation.TemporaryLife) }, true},
			{"policy", func() { w.allow(false) }, true},
			{"account", func() { w.account("x3@exemple.fr", account.NoRole) }, true},
			{"another account", func() { w.account("y3@exemple.fr", account.NoRole) }, false},
			{"inviter gone", func() { w.must(w.leaves(w.bruno)) }, true},
			{"suspended", func() {
				support := w.account("support@habilis.example", account.Support)
				_, err := (org.Orgs{Run: w.run}).Suspend(ctx, w.by(support), w.a.org, "")
				w.must(err)
			}, true},
		} {
			w.allow(true)
			inviter := w.bruno
			if c.name == "suspended" {
				inviter = w.claire
			}
			address := fmt.Sprintf("x%d@exemple.fr", n)
			w.send(w.by(inviter), w.welcome(address))
			before, ok := w.temporary(address)
			if !ok {
				w.Fatal(c.name, "no temporary password")
			}
			c.happens()
			if _, ok := w.temporary(address); ok == c.dead {
				w.Errorf("%s: found %v", c.name, ok)
			}
			if _, err := w.spend(before); (err != nil) != c.dead {
				w.Errorf("%s: spent with what was read before: %v", c.name, err)
			}
		}
	})
}

// MEM-11, MEM-12: sent again, a temporary password is another one; and a link, once
// the policy forbids it or the person has an account.
func TestTemporaryPasswordAgain(t *testing.T) {
	each(t, func(w *world) {
		w.allow(true)
		id := w.send(w.by(w.bruno), w.welcome("x@exemple.fr")).Lines[0].Invitation
		first := w.letter(id).secret
		before, _ := w.temporary("x@exemple.fr")
		page, err := w.spend(before)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, id); err != nil {
			w.Fatal(err)
		}
		second := w.letter(id).secret
		after, ok := w.temporary("x@exemple.fr")
		if !ok || second == first || after.Hash == before.Hash {
			w.Error("the same password was sent again")
		}
		w.gone("the page of the older password", page)

		w.allow(false)
		i, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, id)
		if err != nil || i.Welcome != invitation.ByLink {
			w.Fatalf("%+v %v", i, err)
		}
		if _, err := w.e.Finish(ctx, nobody, w.letter(id).secret, finish()); err != nil {
			w.Error(err)
		}
	})
}

// The page that a temporary password opens is open for an hour.
func TestFinishLife(t *testing.T) {
	each(t, func(w *world) {
		w.allow(true)
		w.send(w.by(w.bruno), w.welcome("x@exemple.fr"))
		found, _ := w.temporary("x@exemple.fr")
		token, err := w.spend(found)
		if err != nil {
			w.Fatal(err)
		}
		w.clock.Add(invitation.FinishLife - time.Second)
		if _, err := w.e.Open(ctx, nobody, token); err != nil {
			w.Error(err)
		}
		w.clock.Add(time.Second)
		w.gone("an hour later", token)
	})
}

func (w *world) found() Found {
	return Found{
		Org:   org.Details{Name: "CPTS des Deux-Rives", Kind: org.CPTS},
		Site:  org.SiteDetails{Name: "Rive droite"},
		Email: "premiere@exemple.fr",
	}
}

// ORG-7: the platform founds an organisation; its first administrator comes in by
// the link and administers all of it. Both trails tell of it.
func TestFound(t *testing.T) {
	each(t, func(w *world) {
		support := w.account("support@habilis.example", account.Support)
		f, err := w.e.Found(ctx, w.by(support), w.found())
		if err != nil {
			w.Fatal(err)
		}
		if f.Org.Slug != "cpts-des-deux-rives" || f.Line.Fate != Invited || f.Line.Email != "premiere@exemple.fr" || f.Org.Sites != 1 {
			w.Errorf("%+v", f)
		}
		done, err := w.e.Finish(ctx, nobody, w.letter(f.Line.Invitation).secret, withFunction("manager"))
		if err != nil {
			w.Fatal(err, fault.Of(err).Fields)
		}
		first := &person{account: account.Account{ID: done.Account, GivenName: "Aïcha"}}
		r := w.send(w.by(first), Invite{Org: f.Org.ID, Emails: []string{"deux@exemple.fr"}})
		if r.Lines[0].Fate != Invited {
			w.Errorf("%+v", r)
		}
		for _, chain := range []string{f.Org.ID.String(), audit.Installation} {
			if n := w.recorded(chain, "org.create", audit.Done); n != 1 {
				w.Errorf("%d lines in %s", n, chain)
			}
		}
		if n := w.count(`select count(*) from audit_payload where chain = $1 and payload like '%"support":true%'`, f.Org.ID); n == 0 {
			w.Error("the trail does not show support's act as such (AUD-2)")
		}
		if n := w.count(`select version from org_version where org_id = $1`, f.Org.ID); n < 2 {
			w.Errorf("version %d", n)
		}
		w.verified()
	})
}

func withFunction(s string) Finish {
	f := finish()
	f.Function = s
	return f
}

// MEM-10, ORG-7: somebody who has an account administers at once, and is told.
func TestFoundForAnAccount(t *testing.T) {
	each(t, func(w *world) {
		in := w.found()
		in.Email = "Yves@ailleurs.example"
		f, err := w.e.Found(ctx, access.Operator("cli"), in)
		if err != nil || f.Line.Fate != Joined {
			w.Fatalf("%+v %v", f, err)
		}
		if l := w.letters(); len(l) != 1 || l[0].kind != "letter.joined" {
			w.Errorf("%+v", l)
		}
		w.read(func(tx *store.Tx) error {
			h, err := access.HeldByAccount(ctx, tx, w.yves.account.ID, f.Org.ID)
			if !h.Has(access.SecurityEdit, access.OrgScope(f.Org.ID)) {
				w.Error("does not administer")
			}
			return err
		})
	})
}

// Founding is the platform's alone, with a fresh proof, and all or nothing.
func TestFoundRefused(t *testing.T) {
	each(t, func(w *world) {
		support := w.account("support@habilis.example", account.Support)
		w.unchanged("founding", func() {
			for name, by := range map[string]access.Actor{"an administrator": w.by(w.bruno), "a stranger": w.by(w.yves)} {
				_, err := w.e.Found(ctx, by, w.found())
				w.refused(name, err, access.ErrNotFound)
				_, err = w.e.Found(ctx, by, Found{})
				w.refused(name+", badly", err, access.ErrNotFound)
			}
			_, err := w.e.Found(ctx, nobody, w.found())
			w.refused("nobody", err, access.ErrUnauthenticated)
			stale := w.by(support)
			stale.StepUp = time.Time{}
			_, err = w.e.Found(ctx, stale, w.found())
			w.refused("without proof", err, access.ErrStepUp)
			_, err = w.e.Found(ctx, w.by(support), Found{Language: "xx"})
			for at, code := range map[string]string{
				"org.name": "text.empty", "org.kind": "org.kind_unknown", "site.name": "text.empty", "email": account.CodeEmailEmpty,
				"language": "enrolment.language_unknown",
			} {
				w.field(at, err, fault.Invalid, at, code)
			}
			taken := w.found()
			taken.Slug = "maison-de-sante-des-tilleuls"
			_, err = w.e.Found(ctx, w.by(support), taken)
			w.refused("slug", err, org.ErrSlugTaken)
		})
		if n := w.recorded(audit.Installation, "org.create", audit.Refused); n == 0 {
			w.Error("no refusal was recorded")
		}
		for range invitation.MaxPerDayAnywhere {
			if _, err := w.e.Found(ctx, w.by(support), w.found()); err != nil {
				w.Fatal(err)
			}
		}
		w.unchanged("one letter too many", func() {
			_, err := w.e.Found(ctx, w.by(support), w.found())
			w.refused("INV-10", err, limit.ErrExceeded)
		})
	})
}

// ORG-7: the platform's own invitation can be sent again by the platform, and by
// nobody else; it does not outlive the platform's authority (rules.md 13).
func TestFirstAdministratorAgain(t *testing.T) {
	each(t, func(w *world) {
		support, other := w.account("support@habilis.example", account.Support), w.account("autre@habilis.example", account.Support)
		f, err := w.e.Found(ctx, w.by(support), w.found())
		if err != nil {
			w.Fatal(err)
		}
		old := w.letter(f.Line.Invitation).secret
		support.account.PlatformRole = account.NoRole
		w.write(func(tx *store.Tx) error {
			_, err := account.Set(ctx, tx, support.account)
			return err
		})
		w.gone("its founder is no support any more", old)
		_, err = w.i.Resend(ctx, w.by(support), f.Org.ID, f.Line.Invitation)
		w.refused("the founder", err, access.ErrNotFound)
		_, err = w.i.Resend(ctx, w.by(w.bruno), f.Org.ID, f.Line.Invitation)
		w.refused("an administrator elsewhere", err, access.ErrNotFound)
		if _, err := w.i.Resend(ctx, w.by(other), f.Org.ID, f.Line.Invitation); err != nil {
			w.Fatal(err)
		}
		if _, err := w.e.Finish(ctx, nobody, w.letter(f.Line.Invitation).secret, withFunction("it")); err != nil {
			w.Error(err)
		}
		_, pending := w.invited("y@exemple.fr")
		_, err = w.i.Resend(ctx, w.by(other), w.a.org, pending)
		w.refused("an organisation's own invitation", err, access.ErrNotFound)
	})
}
