package privacy_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/privacy"
	"habilis/internal/role"
	"habilis/internal/store"
)

// ticket is the reference of a written request.
const ticket = "Courrier 2026-118"

// operator is somebody who has just proved that they administer the platform, or support it.
func (h *house) operator(r account.PlatformRole) access.Actor {
	h.t.Helper()
	email := string(r) + "@platform.example"
	e, _ := account.ParseEmail(email)
	var a account.Account
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		was, found, err := account.ByEmail(h.t.Context(), tx, e.Key)
		if a = was; err == nil && !found {
			a, err = account.Insert(h.t.Context(), tx, account.New{
				Email: e, Names: account.Names{GivenName: "Odile", FamilyName: "Marchand"}, Language: "fr", PlatformRole: r,
			})
		}
		return err
	}))
	now := h.App.DB.Now()
	return access.Actor{
		Kind: access.Person, Account: a.ID, Name: a.Name(), Via: "test", Address: "192.0.2.9", StepUp: now, Opened: now, Seen: now,
		Second: "totp", SecondAt: now,
	}
}

// waiting is how many erasures wait.
func (h *house) waiting() int {
	h.t.Helper()
	list, err := h.App.People.AskedErasures(h.t.Context(), h.operator(account.Administrator))
	return len(must(h.t, list, err))
}

// asked asks for the erasure of who left.
func (h *house) asked() privacy.AskedErasure {
	h.t.Helper()
	x, err := h.App.People.AskErasure(h.t.Context(), h.operator(account.Administrator), h.who.Email, full, ticket)
	return must(h.t, x, err)
}

// stayToken is what the link of the letter holds that stops it.
func (h *house) stayToken() (token string) {
	h.t.Helper()
	h.wait("the letter with the link", func() bool {
		for _, k := range h.Mails(h.who.Email) {
			for _, l := range k.Links {
				if _, after, found := strings.Cut(l, "/erasure/stop/"); found {
					token = after
					return true
				}
			}
		}
		return false
	})
	return token
}

// stopped waits for the record that says why an erasure did not begin.
func (h *house) stopped(why string) {
	h.t.Helper()
	h.wait("what says that it stopped", func() bool {
		return h.count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
			where e.verb = 'privacy.stop_erasure' and e.object = $1 and p.payload like '%' || $2 || '%'`, h.who.Account, why) == 1
	})
	if n := h.waiting(); n != 0 {
		h.t.Errorf("%d wait still", n)
	}
}

// AUD-4, GDPR 17: on a person's written request an administrator of the platform, with a fresh proof, the name and a
// ground that names nobody, has their account erased after seven days; nothing of them is left, the ground stays.
func TestErasureAskedInWriting(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, p, email := t.Context(), h.App.People, h.who.Email
		refused := func(want string, by access.Actor, email, name, ground string) {
			t.Helper()
			_, err := p.AskErasure(ctx, by, email, name, ground)
			f := fault.Of(err)
			said := f.Code
			for _, x := range f.Fields {
				said += " " + x.Location + " " + x.Code
			}
			if err == nil || !strings.Contains(said+" ", want) {
				t.Errorf("%q, want %s", said, want)
			}
		}
		boss := h.operator(account.Administrator)
		refused(privacy.ErrMemberships.Code, boss, email, full, ticket)
		v, err := p.FindAccount(ctx, boss, email)
		if must(t, 0, err); v.Refused != privacy.ErrMemberships.Code || fmt.Sprint(v.Orgs) != "[Maison des Lilas]" {
			t.Errorf("%+v", v)
		}
		h.leave()
		_, err = p.EraseMember(ctx, h.admin, h.org.ID, h.who.Member, full)
		must(t, 0, err)
		h.erased()
		stale, token := boss, boss
		stale.StepUp, token.Token = time.Time{}, "tok_x"
		boss = h.operator(account.Administrator)
		refused("access.not_found", h.operator(account.Support), email, full, ticket)
		refused("access.not_found", h.admin, email, full, ticket)
		refused(access.ErrStepUp.Code, stale, email, full, ticket)
		refused(privacy.ErrNotInPerson.Code, token, email, full, ticket)
		refused(privacy.ErrEraseSelf.Code, boss, "administrator@platform.example", boss.Name, ticket)
		refused(login.ErrNobody.Code, boss, "personne@lilas.example", full, ticket)
		refused("full_name privacy.name_differs", boss, email, strings.ToLower(full), ticket)
		refused("ground privacy.ground_short", boss, email, full, "nº 12")
		refused("ground privacy.ground_names", boss, email, full, "Courrier de Mme Quatrefages")
		refused("ground text.too_long", boss, email, full, strings.Repeat("x", privacy.MaxGround+1))
		x := h.asked()
		if want := x.AskedAt.Add(privacy.ErasureWait); !x.ActsAt.Equal(want) || x.Email != email || x.FullName != full {
			t.Errorf("%+v, want %v", x, want)
		}
		refused(privacy.ErrErasureWaits.Code, boss, email, full, ticket)
		if token := h.stayToken(); !strings.HasPrefix(token, "hk_") {
			t.Errorf("the link of the letter is %s", token)
		}
		h.Clock.Add(privacy.ErasureWait - time.Minute)
		if order := (job.Job{Args: []byte(`{"ID":"` + x.ID + `"}`)}); p.DoAsked(ctx, order) != nil || h.waiting() != 1 {
			t.Error("it began before its day")
		}
		h.Clock.Add(time.Minute)
		h.wait("the beginning", func() bool {
			return h.count(`select count(*) from erasure where account_id = $1 and org_id = ''`, h.who.Account) == 1
		})
		h.erased()
		h.wait("the last letter", func() bool { return h.count(`select count(*) from job where sealed is not null`) == 0 })
		if found := search(fmt.Sprint(h.dump())); found != "" {
			t.Errorf("…%s…", found)
		}
		if n := h.count(`select count(*) from audit_payload where payload like '%' || $1 || '%'`, ticket); n != 1 {
			t.Errorf("the ground stands %d times in the trail", n)
		}
		h.verified()
	})
}

// AUD-4: whoever has the letter stops it without signing in, once, and no session opens by it; so do signing in, and
// the platform; who became a member meanwhile, or had a role on the platform, is not erased on the day.
func TestErasureAskedIsStopped(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, p := t.Context(), h.App.People
		h.leave()
		browser := h.Browser()
		ways := []struct {
			why string
			do  func(x privacy.AskedErasure)
		}{
			{"link", func(privacy.AskedErasure) {
				token := h.stayToken()
				must(t, 0, h.App.Logins.Stay(ctx, access.Actor{}, token))
				if err := h.App.Logins.Stay(ctx, access.Actor{}, token); !errors.Is(err, login.ErrNoErasure) {
					t.Errorf("the link serves twice: %v", err)
				}
				if browser.Get("/account/security").Status == http.StatusOK {
					t.Error("the link opened a session")
				}
			}},
			{"sign_in", func(privacy.AskedErasure) { h.SignIn(h.who.Email) }},
			{"platform", func(x privacy.AskedErasure) {
				must(t, 0, p.TakeBack(ctx, h.operator(account.Administrator), x.ID))
				if err := p.TakeBack(ctx, h.operator(account.Administrator), x.ID); !errors.Is(err, privacy.ErrErasureGone) {
					t.Errorf("taken back twice: %v", err)
				}
			}},
			{privacy.ErrPlatformPast.Code, func(privacy.AskedErasure) {
				h.supported()
				h.Clock.Add(privacy.ErasureWait)
			}},
		}
		for _, w := range ways {
			h.Clock.Add(time.Hour)
			w.do(h.asked())
			h.stopped(w.why)
		}
		if n := h.count(`select count(*) from erasure where account_id = $1 and org_id = ''`, h.who.Account); n != 0 {
			t.Errorf("%d erasures", n)
		}
	})
}

// AUD-4: a member again on the day is not erased; two who ask at once: one is refused; whoever is still signed in
// signs in again.
func TestErasureAskedMeetsAMember(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.leave()
		theirs := h.SignIn(h.who.Email)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		boss := h.operator(account.Administrator)
		for i := range errs {
			wg.Go(func() { _, errs[i] = h.App.People.AskErasure(t.Context(), boss, h.who.Email, full, ticket) })
		}
		wg.Wait()
		if code := fault.Of(errors.Join(errs...)).Code; (errs[0] == nil) == (errs[1] == nil) || code != privacy.ErrErasureWaits.Code {
			t.Errorf("two at once: %v", errs)
		}
		if theirs.Get("/account/security").Status == http.StatusOK {
			t.Error("a session outlives the request")
		}
		roses := h.NewOrg("Maison des Roses", "chef.roses@roses.example")
		h.NewMember(roses, h.who.Email, role.Secretary, access.OrgScope(roses.ID))
		h.Clock.Add(privacy.ErasureWait)
		h.wait("the day", func() bool { return h.waiting() == 0 })
		if n := h.count(`select count(*) from audit_event where verb = 'privacy.stop_erasure' and object = $1`, h.who.Account); n != 1 {
			t.Errorf("stopped %d times", n)
		}
		if n := h.count(`select count(*) from erasure where account_id = $1 and org_id = ''`, h.who.Account); n != 0 {
			t.Error("a member is erased")
		}
	})
}

// AUD-4: of an account that gave way to another one the erasure is refused, as of the other one while that can be
// undone; whoever signed in by another way since is kept on the day; not everybody is erased in one week.
func TestErasureAskedHasBounds(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, p := t.Context(), h.App.People
		kept, _ := h.merged()
		refused := func(email, want string) {
			t.Helper()
			if _, err := p.AskErasure(ctx, h.operator(account.Administrator), email, full, ticket); err == nil || fault.Of(err).Code != want {
				t.Errorf("%s: %v, want %s", email, err, want)
			}
		}
		refused(h.who.Email, "privacy.account_closed")
		refused(kept.Email, privacy.ErrMerged.Code)
		h.Clock.Add(departure.UndoFor)
		must(t, 0, h.App.Merges.Finish(ctx))
		must(t, 0, h.write(func(tx *store.Tx) error {
			for n := range privacy.MaxErasuresAsked {
				e, _ := account.ParseEmail(fmt.Sprintf("n%d@ailleurs.example", n))
				a, err := account.Insert(ctx, tx, account.New{Email: e, Names: account.Names{GivenName: "N", FamilyName: "N"}, Language: "fr"})
				if err == nil {
					_, _, _, err = credential.AskErasing(ctx, tx, a.ID, privacy.ErasureWait)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
		if n := h.waiting(); n != privacy.MaxErasuresAsked {
			t.Errorf("%d wait", n)
		}
		refused(kept.Email, "privacy.erasures_full")
		list, err := p.AskedErasures(ctx, h.operator(account.Administrator))
		must(t, 0, err)
		must(t, 0, p.TakeBack(ctx, h.operator(account.Administrator), list[0].ID))
		x, err := p.AskErasure(ctx, h.operator(account.Administrator), kept.Email, full, ticket)
		must(t, 0, err)
		h.Clock.Add(time.Hour)
		must(t, 0, h.write(func(tx *store.Tx) error { return account.TouchSignIn(ctx, tx, kept.Account) }))
		h.Clock.Add(privacy.ErasureWait)
		must(t, 0, p.DoAsked(ctx, job.Job{Args: []byte(`{"ID":"` + x.ID + `"}`)}))
		if n := h.count(`select count(*) from audit_payload where payload like '%privacy.signed_in_since%'`); n != 1 {
			t.Errorf("%d say that they signed in since", n)
		}
		if n := h.count(`select count(*) from erasure where account_id = $1 and org_id = ''`, kept.Account); n != 0 {
			t.Error("whoever signed in since is erased")
		}
	})
}
