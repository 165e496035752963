package approval_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
)

// APP-1, AUD-2: an account made by the support stands first in the list, is attached to no
// account, and the organisation's trail and administrators know of it.
func TestSupportMakesAnAccount(t *testing.T) {
	each(t, func(w *world) {
		in := w.ask()
		in.FamilyName, in.GivenName = "Zola", "Émile"
		until := w.now().Add(48 * time.Hour)
		in.Until = &until
		made := w.asked(in)
		if status, attached := w.state(made.Member); status != member.PendingApproval || attached {
			w.Errorf("%s, attached %t", status, attached)
		}
		list, err := w.m.List(ctx, w.by(w.bruno), w.org, member.Query{})
		w.must(err)
		if list.Rows[0].ID != made.Member || list.Rows[0].Status != member.PendingApproval {
			w.Errorf("the first of the list is %s", list.Rows[0].Name())
		}
		if made.ExpiresAt.Sub(w.now()) != 30*24*time.Hour || !made.EndsAt.Equal(until) || made.Status != approval.Waiting {
			w.Errorf("%+v", made)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'approval.ask' and outcome = 'done'`, w.org); n != 1 {
			w.Errorf("%d records", n)
		}
		if _, kinds := w.letters(); kinds["letter.approval_waits"] != 1 || len(kinds) != 1 {
			w.Errorf("letters: %v", kinds)
		}
		seen, err := w.a.Made(ctx, w.by(w.sacha), w.org, "")
		w.must(err)
		if len(seen) != 1 || seen[0].Ticket != "Demande 48213" {
			w.Errorf("the support sees %+v", seen)
		}
	})
}

// INV-13: nobody but the platform makes such an account; for others it does not exist.
func TestOnlyTheSupportMakesThem(t *testing.T) {
	each(t, func(w *world) {
		for name, by := range map[string]access.Actor{
			"an administrator": w.by(w.bruno), "a member": w.by(w.julie), "a token": {Kind: access.OrgToken, Org: w.org, Token: ident.NewToken()},
		} {
			_, err := w.a.Ask(ctx, by, w.ask())
			w.refused(name, err, access.ErrNotFound)
			_, err = w.a.Made(ctx, by, w.org, "")
			w.refused(name+" looking", err, access.ErrNotFound)
			_, err = w.a.Choices(ctx, by, w.org)
			w.refused(name+" choosing", err, access.ErrNotFound)
		}
		_, err := w.a.Ask(ctx, access.Actor{Kind: access.Anonymous}, w.ask())
		w.refused("nobody", err, access.ErrUnauthenticated)
		late := w.by(w.sacha)
		late.StepUp = w.now().Add(-access.StepUpAge)
		_, err = w.a.Ask(ctx, late, w.ask())
		w.refused("without a fresh proof", err, access.ErrStepUp)
		if n := w.count(`select count(*) from approval`); n != 0 {
			w.Errorf("%d were made", n)
		}
		// Somebody of the support who is no member sees no list, and decides of nothing.
		_, err = w.a.List(ctx, w.by(w.sacha), w.org, approval.Waiting)
		w.refused("the support listing", err, access.ErrNotFound)
	})
}

// INV-15: until somebody authorises, no other way leads in: neither an invitation, nor a
// creation, nor anything that is done to members.
func TestNothingElseLetsThemIn(t *testing.T) {
	each(t, func(w *world) {
		made, bruno := w.asked(w.ask()), w.by(w.bruno)
		e := w.a.Enrol
		_, err := e.InviteMember(ctx, bruno, w.org, made.Member, enrolment.WelcomeInvitation)
		w.refused("inviting the member", err, member.ErrNotActive)
		r, err := e.Invite(ctx, bruno, enrolment.Invite{Org: w.org, Emails: []string{"Romain.Vidal@tilleuls.example"}, Sites: w.sites[:1]})
		w.must(err)
		if r.Lines[0].Fate != enrolment.AlreadyMember {
			w.Errorf("inviting the address: %s", r.Lines[0].Fate)
		}
		again := w.ask().Create
		again.Welcome = enrolment.WelcomeInvitation
		_, err = e.Create(ctx, bruno, again)
		w.field("creating the same address", err, "email", enrolment.ErrEmailMember.Code)
		_, err = w.m.Deactivate(ctx, bruno, w.org, made.Member, 0)
		w.refused("deactivating", err, member.ErrNotActive)
		_, err = w.m.Reactivate(ctx, bruno, w.org, made.Member, 0)
		w.refused("reactivating", err, member.ErrNotDeactivated)
		_, err = w.m.Appoint(ctx, bruno, made.Member, access.OrgScope(w.org), 0)
		w.refused("appointing", err, member.ErrNotActive)
		if status, attached := w.state(made.Member); status != member.PendingApproval || attached {
			w.Errorf("%s, attached %t", status, attached)
		}
		// A second request for the same person is refused at its field.
		_, err = w.a.Ask(ctx, w.by(w.sacha), w.ask())
		w.field("asking twice", err, "email", enrolment.ErrEmailMember.Code)
		if n := w.count(`select count(*) from invitation where org_id = $1`, w.org); n != 0 {
			w.Errorf("%d invitations", n)
		}
	})
}

// INV-15: where the address has an account, this membership alone waits: the person has no
// place here, whatever they hold elsewhere.
func TestAnAccountWaitsToo(t *testing.T) {
	each(t, func(w *world) {
		var yves ident.Account
		w.write(func(tx *store.Tx) { yves = w.account(tx, "yves", account.NoRole) })
		in := w.ask()
		in.Email = address("yves").Address
		made := w.asked(in)
		places, err := w.m.Places(ctx, w.by(yves), "")
		w.must(err)
		if len(places) != 0 {
			w.Errorf("the person is somewhere: %+v", places)
		}
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			_, err := access.HeldByAccount(ctx, tx, yves, w.org)
			w.refused("what they hold", err, access.ErrNotFound)
			return nil
		}))
		done, err := w.decide(w.by(w.claire), made.Member, approval.Authorize)
		w.must(err)
		if done.Fate != enrolment.Joined {
			w.Errorf("%s", done.Fate)
		}
		if status, attached := w.state(made.Member); status != member.Active || !attached {
			w.Errorf("%s, attached %t", status, attached)
		}
		if places, err = w.m.Places(ctx, w.by(yves), ""); err != nil || len(places) != 1 {
			w.Errorf("%v %v", places, err)
		}
		if _, kinds := w.letters(); kinds["letter.joined"] != 1 {
			w.Errorf("letters: %v", kinds)
		}
	})
}

// APP-1: authorised, the person is invited, and comes in as the support proposed and the
// organisation agreed.
func TestAuthorizedIsInvited(t *testing.T) {
	each(t, func(w *world) {
		made := w.asked(w.ask())
		done, err := w.decide(w.by(w.claire), made.Member, approval.Authorize)
		w.must(err)
		if done.Fate != enrolment.Invited || done.Status != approval.Authorized || done.DecidedBy == "" {
			w.Errorf("%+v", done)
		}
		links, _ := w.letters()
		if len(links) != 1 {
			w.Fatalf("%d links", len(links))
		}
		in, err := w.a.Enrol.Finish(ctx, access.Actor{Kind: access.Anonymous, Address: "198.51.100.7"}, links[0], enrolment.Finish{
			Names: account.Names{GivenName: "Romain", FamilyName: "Vidal"}, Language: text.FR,
			Password: secret.NewText("trois vélos rouges dorment au grenier"),
		})
		w.must(err)
		if in.Member != made.Member {
			w.Errorf("another member: %s", in.Member)
		}
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			held, err := access.HeldByAccount(ctx, tx, in.Account, w.org)
			if !held.Has(access.AppointmentsWrite, w.first()) {
				w.Error("the rights that were authorised are not held")
			}
			return err
		}))
		list, err := w.m.List(ctx, w.by(w.bruno), w.org, member.Query{})
		w.must(err)
		if i := slices.IndexFunc(list.Rows, func(r member.Row) bool { return r.ID == made.Member }); i != len(list.Rows)-1 {
			w.Errorf("Vidal stands at %d of %d: by their name again", i, len(list.Rows))
		}
		if w.recorded("approval.authorize", "done") != 1 {
			w.Error("not recorded")
		}
	})
}

// APP-1: refused, the account is gone with its rights, the person is told, and nothing can
// take it back.
func TestRefused(t *testing.T) {
	each(t, func(w *world) {
		made, bruno := w.asked(w.ask()), w.by(w.bruno)
		_, err := w.a.Decide(ctx, bruno, w.org, made.Member, approval.Verdict{Decision: approval.Refuse, Version: made.Version})
		w.field("without a reason", err, "reason", string(text.Empty))
		_, err = w.a.Decide(ctx, bruno, w.org, made.Member, approval.Verdict{Decision: "perhaps", Version: made.Version})
		w.field("another decision", err, "decision", "approval.decision_unknown")
		done, err := w.decide(bruno, made.Member, approval.Refuse)
		w.must(err)
		if done.Status != approval.Refused || done.Fate != "" {
			w.Errorf("%+v", done)
		}
		if status, _ := w.state(made.Member); status != member.Left {
			w.Errorf("%s", status)
		}
		if n := w.count(`select count(*) from member_role where org_id = $1 and member_id = $2 and known_until is null`, w.org, made.Member); n != 0 {
			w.Errorf("%d roles are left", n)
		}
		if _, kinds := w.letters(); kinds["letter.approval_refused"] != 1 || kinds["letter.invitation"] != 0 {
			w.Errorf("letters: %v", kinds)
		}
		// INV-16: a decision is final.
		_, err = w.decide(w.by(w.claire), made.Member, approval.Authorize)
		w.refused("authorising afterwards", err, approval.ErrDecided)
		got, err := w.a.Get(ctx, bruno, w.org, made.Member)
		w.must(err)
		if got.Reason == "" || got.DecidedBy == "" || got.MayDecide || got.Name != "Romain Vidal" {
			w.Errorf("%+v", got)
		}
		w.asked(w.ask()) // the support may ask again: it is another request
	})
}

// INV-14: neither whoever made the account decides of it, by themself or by a token, nor the
// person it is for.
func TestNobodyDecidesOfTheirOwn(t *testing.T) {
	each(t, func(w *world) {
		noor := w.by(w.noor)
		made, err := w.a.Ask(ctx, noor, w.ask())
		w.must(err)
		for _, d := range approval.Decisions {
			_, err = w.decide(noor, made.Member, d)
			w.refused("the creator: "+string(d), err, approval.ErrOwn)
		}
		tokens := token.Tokens{Run: w.run}
		own, err := tokens.Make(ctx, noor, token.New{
			Kind: token.OfOrganization, Org: w.org, Name: "Essai",
			Permissions: []access.Permission{access.ApprovalsDecide, access.MembersRead, access.MembersInvite},
		})
		w.must(err)
		_, err = w.decide(access.Actor{Kind: access.OrgToken, Org: w.org, Token: own.Token.ID, Account: w.noor, Via: "api"}, made.Member, approval.Authorize)
		w.refused("a token of the creator", err, approval.ErrOwn)
		got, err := w.a.Get(ctx, noor, w.org, made.Member)
		w.must(err)
		if got.MayDecide {
			w.Error("the creator is told that they may")
		}
		// The person it is for came to administer by another address, then changed it.
		w.write(func(tx *store.Tx) {
			_, err := tx.Exec(ctx, `update account_state set email_key = $2, email = $2 where account_id = $1 and known_until is null`, w.claire, "romain.vidal@tilleuls.example")
			w.must(err)
		})
		_, err = w.decide(w.by(w.claire), made.Member, approval.Authorize)
		w.refused("the person it is for", err, approval.ErrOwn)
		if w.recorded("approval.authorize", "refused") == 0 {
			w.Error("the refusals are not recorded")
		}
		_, err = w.decide(w.by(w.bruno), made.Member, approval.Authorize)
		w.refused("somebody else, of who came in otherwise", err, enrolment.ErrEmailMember)
		_, err = w.decide(w.by(w.bruno), made.Member, approval.Refuse)
		w.must(err)
	})
}

// APP-1, ORG-3, AUZ-05: who decides: of a site, its administrators; of what exceeds their
// own rights, those above; nobody else learns of it.
func TestWhoDecides(t *testing.T) {
	each(t, func(w *world) {
		here := w.asked(w.ask())
		there := w.ask()
		there.Email, there.Sites, there.Roles = "ailleurs@tilleuls.example", w.sites[1:], nil
		elsewhere := w.asked(there)
		above := w.ask()
		above.Email, above.Administers = "admin@tilleuls.example", []access.Scope{access.OrgScope(w.org)}
		high := w.asked(above)

		tina := w.by(w.tina)
		list, err := w.a.List(ctx, tina, w.org, approval.Waiting)
		w.must(err)
		if len(list) != 2 {
			w.Errorf("Tina sees %d", len(list))
		}
		for _, v := range list {
			if v.MayDecide != (v.Member == here.Member) {
				w.Errorf("%s: may decide %t", v.Email, v.MayDecide)
			}
		}
		n, err := w.a.Count(ctx, tina, w.org)
		if err != nil || n != 2 {
			w.Errorf("%d %v", n, err)
		}
		_, err = w.decide(tina, elsewhere.Member, approval.Refuse)
		w.refused("another site", err, approval.ErrNotFound)
		_, err = w.decide(tina, high.Member, approval.Refuse)
		w.refused("an administrator of everything", err, member.ErrMorePowerful)
		_, err = w.decide(w.by(w.julie), here.Member, approval.Authorize)
		w.refused("a secretary", err, access.ErrForbidden)
		_, err = w.a.Get(ctx, w.by(w.julie), w.org, here.Member)
		w.refused("a secretary reading", err, access.ErrForbidden)
		if n, err = w.a.Count(ctx, w.by(w.julie), w.org); n != 0 || err != nil {
			w.Errorf("a secretary counts %d, %v", n, err)
		}
		if n, err = w.a.Count(ctx, w.by(w.sacha), w.org); n != 0 || err != nil {
			w.Errorf("a stranger counts %d, %v", n, err)
		}
		_, err = w.a.Get(ctx, w.by(w.bruno), w.org, ident.NewMember())
		w.refused("nobody's", err, approval.ErrNotFound)
		_, err = w.decide(tina, here.Member, approval.Authorize)
		w.must(err)
		_, err = w.decide(w.by(w.bruno), high.Member, approval.Authorize)
		w.must(err)
	})
}

// F7: after 30 days nothing is authorised, whether or not the chore came by; it ends what is
// over, and nothing else.
func TestExpires(t *testing.T) {
	each(t, func(w *world) {
		first := w.asked(w.ask())
		w.pass(time.Hour)
		in := w.ask()
		in.Email = "suivant@tilleuls.example"
		second := w.asked(in)
		w.pass(approval.Life - time.Hour - time.Second)
		w.must(w.a.Expire(ctx))
		if status, _ := w.state(first.Member); status != member.PendingApproval {
			w.Errorf("a second before: %s", status)
		}
		w.pass(time.Second)
		_, err := w.decide(w.by(w.bruno), first.Member, approval.Authorize)
		w.refused("at the second, before the chore", err, approval.ErrExpired)
		if n, err := w.a.Count(ctx, w.by(w.bruno), w.org); n != 1 || err != nil {
			w.Errorf("%d wait, %v", n, err)
		}
		w.must(w.a.Expire(ctx))
		w.must(w.a.Expire(ctx))
		if status, _ := w.state(first.Member); status != member.Left {
			w.Errorf("the first: %s", status)
		}
		if status, _ := w.state(second.Member); status != member.PendingApproval {
			w.Errorf("the second: %s", status)
		}
		_, err = w.decide(w.by(w.bruno), first.Member, approval.Refuse)
		w.refused("after the chore", err, approval.ErrExpired)
		if w.recorded("approval.expire", "done") != 1 {
			w.Error("not recorded once")
		}
	})
}

// RAC: of two who decide at once, one is heard; the other is told so.
func TestRaceOfTwoApprovers(t *testing.T) {
	each(t, func(w *world) {
		made := w.asked(w.ask())
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				by, d := w.by(w.bruno), approval.Authorize
				if i%2 == 1 {
					by, d = w.by(w.claire), approval.Refuse
				}
				_, errs[i] = w.decide(by, made.Member, d)
			})
		}
		wg.Wait()
		heard := 0
		for _, err := range errs {
			switch {
			case err == nil:
				heard++
			case !errors.Is(err, approval.ErrDecided):
				w.Errorf("%v", err)
			}
		}
		if done := w.recorded("approval.authorize", "done") + w.recorded("approval.refuse", "done"); heard != 1 || done != 1 {
			w.Errorf("%d were heard, %d recorded", heard, done)
		}
	})
}

// ORG-7: what the support types is checked like everything else, and tells it nothing of the
// organisation's people.
func TestAskIsChecked(t *testing.T) {
	each(t, func(w *world) {
		sacha := w.by(w.sacha)
		for name, c := range map[string]struct {
			change   func(*approval.Ask)
			at, code string
		}{
			"no reason":       {func(a *approval.Ask) { a.Ticket = " " }, "ticket", string(text.Empty)},
			"a past end":      {func(a *approval.Ask) { now := w.now(); a.Until = &now }, "until", "approval.until"},
			"a distant end":   {func(a *approval.Ask) { d := w.now().Add(approval.MaxAccess + time.Second); a.Until = &d }, "until", "approval.until"},
			"no address":      {func(a *approval.Ask) { a.Email = "" }, "email", string(text.Empty)},
			"a member":        {func(a *approval.Ask) { a.Email = address("julie").Address }, "email", enrolment.ErrEmailMember.Code},
			"no function":     {func(a *approval.Ask) { a.Function = "" }, "function", "member.function_unknown"},
			"no name":         {func(a *approval.Ask) { a.FamilyName = "" }, "family_name", string(text.Empty)},
			"a role not here": {func(a *approval.Ask) { a.Roles[0].Role = ident.NewRole() }, "roles[0]", role.ErrNotFound.Code},
		} {
			in := w.ask()
			c.change(&in)
			_, err := w.a.Ask(ctx, sacha, in)
			w.field(name, err, c.at, c.code)
		}
		_, err := w.a.Ask(ctx, sacha, approval.Ask{Create: enrolment.Create{Org: w.org}})
		for _, at := range []string{"ticket", "email", "given_name", "family_name", "function", "sites"} {
			if !slices.ContainsFunc(fault.Of(err).Fields, func(x fault.Field) bool { return x.Location == at }) {
				w.Errorf("nothing typed: %s is not told among %+v", at, fault.Of(err).Fields)
			}
		}
		in := w.ask()
		in.ProfileType, in.RPPS, in.ProfessionCode, in.Function = member.Regulated, "99700004122", "50", "midwife"
		w.asked(in)
		in.Email = "autre@tilleuls.example"
		_, err = w.a.Ask(ctx, sacha, in)
		w.field("an RPPS that a member has", err, "rpps", "member.rpps_taken")
	})
}

// ORG-6, ORG-7: no account is made where nobody could decide of it.
func TestNobodyCouldDecide(t *testing.T) {
	each(t, func(w *world) {
		orgs, sacha := org.Orgs{Run: w.run}, w.by(w.sacha)
		o, err := orgs.SetFeatures(ctx, sacha, w.org, 1, org.Features{})
		w.must(err)
		_, err = w.a.Ask(ctx, sacha, w.ask())
		w.refused("closed", err, access.ErrFeatureOff)
		_, err = orgs.SetFeatures(ctx, sacha, w.org, o.Rev, org.Features{Administration: true})
		w.must(err)
		_, err = orgs.Suspend(ctx, sacha, w.org, "")
		w.must(err)
		_, err = w.a.Ask(ctx, sacha, w.ask())
		w.refused("suspended", err, access.ErrSuspended)
	})
}

// An access that would have ended by the time of the decision is not opened.
func TestAccessIsOver(t *testing.T) {
	each(t, func(w *world) {
		in := w.ask()
		until := w.now().Add(48 * time.Hour)
		in.Until = &until
		made := w.asked(in)
		w.pass(48 * time.Hour)
		_, err := w.decide(w.by(w.bruno), made.Member, approval.Authorize)
		w.refused("at its end", err, approval.ErrOver)
		_, err = w.decide(w.by(w.bruno), made.Member, approval.Refuse)
		w.must(err)
	})
}

// What waits in one organisation is bounded.
func TestTooManyWait(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *store.Tx) {
			for range approval.MaxWaiting {
				m, err := member.Insert(ctx, tx, member.New{Org: w.org, Status: member.PendingApproval, GivenName: "A", FamilyName: "B"})
				w.must(err)
				_, err = tx.Exec(ctx, `
					insert into approval (org_id, member_id, status, ticket, language, sites, created_by, created_account, created_name, created_at,
						expires_at, decided_by, decided_name, decided_at, reason)
					values ($1, $2, 'waiting', 'x', 'fr', '', '', '', '', $3, $3, '', '', $3, '')`, w.org, m.ID, tx.Now)
				w.must(err)
			}
		})
		_, err := w.a.Ask(ctx, w.by(w.sacha), w.ask())
		w.refused("one more", err, approval.ErrTooMany)
	})
}
