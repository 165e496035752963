package notify

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	invitations "habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	sessions "habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// MEM-9, INV-05: the letter of an invitation leads to the configured address, in the
// invited person's language, and its link opens.
func TestInvitationIsSent(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.invite("Aicha.Diallo@Bücher.example", invitations.ByLink, text.EN)
		k := w.letter()
		if k.To != "Aicha.Diallo@xn--bcher-kva.example" || len(k.Links) != 1 || !strings.HasPrefix(k.Links[0], base+"/activate/hi_") {
			w.Errorf("%+v", k)
		}
		if !strings.HasPrefix(k.MessageID, "job_") {
			w.Errorf("message %q", k.MessageID)
		}
		w.says(k, "Bruno Lacaze", "Maison de santé des Tilleuls", "Grand-Pré", "Care", "bruno@tilleuls.example")
		o, err := w.e.Open(ctx, access.Actor{Kind: access.Anonymous}, strings.TrimPrefix(k.Links[0], base+"/activate/"))
		if err != nil || o.Email.Address != "Aicha.Diallo@Bücher.example" {
			w.Errorf("%+v %v", o, err)
		}
	})
}

// A letter whose invitation was used, deleted, sent again, has expired or stands on
// nobody any more is not sent; its job is done.
func TestInvitationIsMoot(t *testing.T) {
	for name, happens := range map[string]func(w *world, id ident.Invitation) error{
		"deleted":      func(w *world, id ident.Invitation) error { return w.i.Delete(ctx, w.by(w.bruno), w.org.ID, id) },
		"expired":      func(w *world, _ ident.Invitation) error { w.clock.Add(invitations.Life); return nil },
		"inviter left": func(w *world, _ ident.Invitation) error { return departing(w.m).Leave(ctx, w.by(w.bruno), w.org.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				id := w.invite("x@exemple.fr", invitations.ByLink, text.FR)
				w.must(happens(w, id))
				for _, k := range w.work() { // who leaves is told of that
					if k.To == "x@exemple.fr" {
						w.Errorf("%+v", k)
					}
				}
				if s := w.states(); s["done"] == 0 || len(s) != 1 {
					w.Errorf("jobs %v", s)
				}
			})
		})
	}
}

// ORG-6: while the administration space is closed the letter of an invitation waits, as its link
// does; open again, it goes, and its link opens. Closed until it expires, it says nothing.
func TestInvitationWaitsForTheSpace(t *testing.T) {
	eachWorld(t, func(w *world) {
		space := func(open bool) {
			var rev int64
			w.must(w.db.Read(ctx, func(tx *store.Tx) error {
				o, err := org.Get(ctx, tx, w.org.ID)
				rev = o.Rev
				return err
			}))
			_, err := org.Orgs{Run: w.run}.SetFeatures(ctx, access.Operator("cli"), w.org.ID, rev, org.Features{Administration: open})
			w.must(err)
		}
		w.invite("x@exemple.fr", invitations.ByLink, text.FR)
		space(false)
		for range 30 {
			if got := w.work(); len(got) != 0 {
				w.Fatalf("%+v", got)
			}
			w.clock.Add(time.Hour)
		}
		if s := w.states(); s["ready"] != 1 {
			w.Errorf("jobs %v", s)
		}
		space(true)
		k := w.letter()
		if _, err := w.e.Open(ctx, access.Actor{Kind: access.Anonymous}, strings.TrimPrefix(k.Links[0], base+"/activate/")); err != nil {
			w.Error(err)
		}
		w.invite("y@exemple.fr", invitations.ByLink, text.FR)
		space(false)
		w.work()
		w.clock.Add(invitations.Life)
		if got, s := w.work(), w.states(); len(got) != 0 || s["ready"] != 0 || s["failed"] != 0 {
			w.Errorf("%+v, jobs %v", got, s)
		}
	})
}

// MEM-11: of two letters of one invitation, the later one alone is sent.
func TestOnlyTheLatestIsSent(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.invite("x@exemple.fr", invitations.ByLink, text.FR)
		_, err := w.i.Resend(ctx, w.by(w.bruno), w.org.ID, id)
		w.must(err)
		k := w.letter()
		if _, err := w.e.Open(ctx, access.Actor{Kind: access.Anonymous}, strings.TrimPrefix(k.Links[0], base+"/activate/")); err != nil {
			w.Error(err)
		}
	})
}

// MEM-12: the welcome with a temporary password carries it, and no link but the
// sign-in page; after 72 hours it is not sent at all.
func TestTemporaryPasswordIsSent(t *testing.T) {
	eachWorld(t, func(w *world) {
		s := setting.Settings{Run: w.run}
		policy := setting.DefaultSecurity()
		policy.TemporaryPasswords = true
		_, err := s.SetSecurity(ctx, w.by(w.bruno), w.org.ID, 0, policy)
		w.must(err)
		w.invite("x@exemple.fr", invitations.ByTemporaryPassword, text.FR)
		k := w.letter()
		if !slices.Equal(k.Links, []string{base + "/login"}) || !regexp.MustCompile(`\b[a-z2-9]{4}(-[a-z2-9]{4}){3,}\b`).MatchString(k.Text) {
			w.Errorf("%v\n%s", k.Links, k.Text)
		}
		w.invite("y@exemple.fr", invitations.ByTemporaryPassword, text.FR)
		w.clock.Add(invitations.TemporaryLife)
		if l := w.work(); len(l) != 0 {
			w.Errorf("%+v", l)
		}
	})
}

// MEM-10, ENU-02: whoever has an account is told that they joined, in their own
// language; not if they left before.
func TestJoinedIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		yves := w.account("yves@ailleurs.example", "Yves", "Marchand", text.EN)
		join := func() {
			_, err := w.e.Invite(ctx, w.by(w.bruno), enrolment.Invite{Org: w.org.ID, Emails: []string{"yves@ailleurs.example"}, Sites: w.sites})
			w.must(err)
		}
		join()
		k := w.letter()
		if k.To != "yves@ailleurs.example" || !slices.Equal(k.Links, []string{base + "/o/tilleuls/home"}) {
			w.Errorf("%+v", k)
		}
		w.says(k, "Hello Yves Marchand", "Bruno Lacaze", "Grand-Pré and Saint-Aubin")
		w.must(departing(w.m).Leave(ctx, w.by(someone{account: yves}), w.org.ID))
		told := w.work() // SEC-5: who leaves is told, and so is every administrator
		if len(told) < 2 || !slices.ContainsFunc(told, func(k Kept) bool { return k.To == "yves@ailleurs.example" }) {
			w.Errorf("%d letters about leaving: %+v", len(told), told)
		}
		join()
		w.must(departing(w.m).Leave(ctx, w.by(someone{account: yves}), w.org.ID))
		for _, k := range w.work() {
			if len(k.Links) != 0 {
				w.Errorf("invited to an organisation that was left: %+v", k)
			}
		}
	})
}

// ORG-5, CHG-4: who is named or no longer is administrator, is shut out or let in
// again, is told at once, without a link.
func TestMembersAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Roussel", text.FR)
		site := access.SiteScope(w.org.ID, w.sites[0])
		for _, c := range []struct {
			act  func() error
			says string
		}{
			{func() error {
				_, err := w.m.Appoint(ctx, w.by(w.bruno), ines.member, site, 0)
				return err
			}, "vous confie l’administration d’un établissement : Grand-Pré"},
			{func() error {
				_, err := w.m.Withdraw(ctx, w.by(w.bruno), ines.member, site, 0)
				return err
			}, "vous a retiré l’administration d’un établissement"},
			{func() error {
				_, err := w.m.Appoint(ctx, w.by(w.bruno), ines.member, access.OrgScope(w.org.ID), 0)
				return err
			}, "vous confie l’administration de toute l’organisation"},
			{func() error {
				_, err := w.m.Withdraw(ctx, w.by(w.bruno), ines.member, access.OrgScope(w.org.ID), 0)
				return err
			}, "vous a retiré l’administration de l’organisation"},
			{func() error {
				_, err := w.m.Deactivate(ctx, w.by(w.bruno), w.org.ID, ines.member, 0)
				return err
			}, "votre accès"},
			{func() error {
				_, err := w.m.Reactivate(ctx, w.by(w.bruno), w.org.ID, ines.member, 0)
				return err
			}, "votre accès"},
		} {
			w.must(c.act())
			k := w.letter()
			if k.To != "inès@tilleuls.example" || len(k.Links) != 0 {
				w.Errorf("%+v", k)
			}
			w.says(k, "Bruno Lacaze", c.says)
		}
		_, err := w.m.Deactivate(ctx, w.by(w.bruno), w.org.ID, ines.member, 0)
		w.must(err)
		_, err = w.m.Reactivate(ctx, w.by(w.bruno), w.org.ID, ines.member, 0)
		w.must(err)
		w.says(w.letter(), "Vos droits sont ceux d’avant") // of the two, what is true now
	})
}

// RGT-1: what one gives oneself is told to the other administrators of that place,
// each in their language, and to nobody else.
func TestSelfGrantIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		julie := w.person("Julie", "Delmas", text.FR)
		w.order(member.SelfGrantLetter{Org: w.org.ID, Member: w.tina.member, Scope: w.sites[0].String()}, secret.Text{})
		to := map[string]string{}
		for _, k := range w.work() {
			to[k.To] = k.MessageID
			w.says(k, "Tina Roussel", "Grand-Pré")
		}
		if len(to) != 2 || to["bruno@tilleuls.example"] == "" || to["claire@tilleuls.example"] == "" ||
			to["bruno@tilleuls.example"] == to["claire@tilleuls.example"] {
			w.Errorf("%v (%s)", to, julie.member)
		}
		w.order(member.SelfGrantLetter{Org: w.org.ID, Member: w.bruno.member, Scope: access.WholeOrganization}, secret.Text{})
		if k := w.letter(); k.To != "claire@tilleuls.example" || !strings.Contains(k.Subject, "took on the administration") {
			w.Errorf("%+v", k)
		}
	})
}

// RGT-1: so are a role and a permission, each by the name that its reader knows.
func TestSelfRightsAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		var soins ident.Role
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			r, err := role.BuiltIn(ctx, tx, w.org.ID, role.Practitioner)
			soins = r.ID
			return err
		}))
		w.order(member.SelfRightsLetter{
			Org: w.org.ID, Member: w.bruno.member, Scope: w.sites[0].String(), Roles: []ident.Role{soins},
			Permissions: []access.Permission{access.AuditRead}, Groups: []string{"Pédiatrie"},
		}, secret.Text{})
		to := []string{}
		for _, k := range w.work() {
			to = append(to, k.To)
			p := text.For(text.FR)
			if k.To == "claire@tilleuls.example" {
				p = text.For(text.EN)
			}
			w.says(k, "Grand-Pré", p.T("role.practitioner"), p.T("permission.audit.read"), p.T("groups.letter_name", "Name", "Pédiatrie"))
		}
		if len(to) == 0 || slices.Contains(to, "bruno@tilleuls.example") || !slices.Contains(to, "claire@tilleuls.example") {
			w.Errorf("told to %v", to)
		}
	})
}

// order writes a job as an act would.
func (w *world) order(args job.Args, s secret.Text) {
	w.Helper()
	act := action.Act{Verb: "test.order", Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, w.run, access.Operator("cli"), act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{Verb: "test.order"})
		tx.After(job.Order{Args: args, Secret: s})
		return struct{}{}, nil
	})
	w.must(err)
}

// SEC-1: the letters about the account; those that tell of danger have no link.
func TestAccountLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		at := time.Date(2026, 11, 20, 17, 42, 0, 0, time.UTC)
		id := w.bruno.account.ID
		for _, c := range []struct {
			args job.Args
			says string
		}{
			{login.PasswordChangedLetter{Account: id, At: at, SessionsClosed: true}, "Vos autres sessions ont été fermées"},
			{login.LockedLetter{Account: id, Failures: 10, At: at}, "10 mots de passe faux"},
			{login.LockedLetter{Account: id, Failures: 25, Locked: true, At: at}, "verrouillé"},
			{login.NewBrowserLetter{Account: id, At: at, Address: "192.0.2.7", Browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}, "Firefox sur Linux"},
			{sessions.ClosedLetter{Account: id, Count: 2, At: at}, "Les 2 plus anciennes"},
		} {
			w.order(c.args, secret.Text{})
			k := w.letter()
			if k.To != "bruno@tilleuls.example" || len(k.Links) != 0 {
				w.Errorf("%+v", k)
			}
			w.says(k, c.says, "20 novembre 2026 à 18 h 42")
		}
		w.order(login.PasswordChangedLetter{Account: ident.NewAccount(), At: at}, secret.Text{})
		if l := w.work(); len(l) != 0 {
			w.Errorf("to nobody: %+v", l)
		}
	})
}

// PWD-01: a link that sets a new password is sent while it works, and not once a
// newer one killed it.
func TestResetLetter(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.bruno.account.ID
		mint := func() (s secret.Text) {
			w.write(func(tx *store.Tx) (err error) {
				s, err = credential.NewReset(ctx, tx, id)
				return err
			})
			return s
		}
		until := w.clock.Now().Add(time.Hour)
		old := mint()
		latest := mint()
		w.order(login.ResetLetter{Account: id, Until: until}, old)
		w.order(login.ResetLetter{Account: w.claire.account.ID, Until: until}, latest) // not hers
		if l := w.work(); len(l) != 0 {
			w.Errorf("%+v", l)
		}
		w.order(login.ResetLetter{Account: id, Until: until}, latest)
		if k := w.letter(); !slices.Equal(k.Links, []string{base + "/password/reset/" + latest.Reveal()}) || k.To != "bruno@tilleuls.example" {
			w.Errorf("%+v", k)
		}
	})
}

// A refused address is given up at once, and told without repeating it; a busy
// server is tried again, with the same Message-ID.
func TestRefusedAndTriedAgain(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.post.rcpt = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user x@exemple.fr"}
		w.invite("x@exemple.fr", invitations.ByLink, text.FR)
		w.work()
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			var state, lastError string
			err := tx.QueryRow(ctx, `select state, last_error from job where sealed is null`).Scan(&state, &lastError)
			if state != "failed" || !strings.Contains(lastError, "550") || strings.Contains(lastError, "@") {
				w.Errorf("%s: %s", state, lastError)
			}
			return err
		}))
		w.post.rcpt = nil
		w.post.data = &smtp.SMTPError{Code: 451, Message: "busy"}
		w.invite("y@exemple.fr", invitations.ByLink, text.FR)
		w.work()
		if s := w.states(); s["ready"] != 1 {
			w.Fatalf("%v", s)
		}
		w.post.mu.Lock()
		w.post.data = nil
		w.post.mu.Unlock()
		w.clock.Add(time.Minute)
		if k := w.letter(); k.To != "y@exemple.fr" {
			w.Errorf("%+v", k)
		}
	})
}

// Every kind of letter that the tree declares has a handler here.
func TestEveryLetterHasAHandler(t *testing.T) {
	all := Handlers(Deps{Base: &url.URL{Scheme: "https", Host: "exemple.fr"}})
	declared := regexp.MustCompile(`Kind\(\) string \{ return "((?:letter|sms)\.[a-z_]+)" \}`)
	found := 0
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			found++
			if all[m[1]] == nil {
				t.Errorf("%s: nobody writes %s", f, m[1])
			}
		}
	}
	if found != len(all) || found < 11 {
		t.Errorf("%d kinds declared, %d handlers", found, len(all))
	}
}

// INJ-02: whatever address the product accepts, a letter can be written to: one
// recipient, no more.
func TestEveryAddressCanBeWrittenTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[a-zA-Z0-9.!#$%&'*+/=?^_{|}~éÀœ"<>,;: -]{1,70}@[a-zA-Zéü0-9.-]{1,20}\.[a-z]{2,4}`),
			rapid.Map(rapid.StringMatching(`[a-z=?.]{1,8}`), func(l string) string { return l + "@exemple.fr" }),
		).Draw(t, "address")
		e, code := account.ParseEmail(s)
		if code != "" {
			return
		}
		if err := checkAddress("address", mailbox(e)); err != nil {
			t.Fatalf("%q is accepted, and %q cannot be written to: %v", s, mailbox(e), err)
		}
	})
}

// The ID of a message is the same at each attempt, and differs for each reader.
func TestMessageIDOfOneJob(t *testing.T) {
	j := job.Job{ID: ident.NewJob()}
	a, b := messageID(j, "acc_a"), messageID(j, "acc_b")
	if a == b || a != messageID(j, "acc_a") || !isID(a) {
		t.Error(fmt.Sprint(a, b))
	}
}
