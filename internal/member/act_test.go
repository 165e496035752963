package member_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

func (w *world) letters(kind string) int {
	w.Helper()
	return w.Count(`select count(*) from job where kind = $1`, kind)
}

func (w *world) recorded(verb string, subject ident.Member) int {
	w.Helper()
	return w.Count(`select count(*) from audit_event where verb = $1 and subject = $2 and outcome = 'done'`, verb, subject.String())
}

// held reads what a person may do in A now.

func (w *world) held(name string) (access.Held, error) {
	var h access.Held
	err := w.DB.Read(w.Context(), func(tx *store.Tx) (err error) {
		h, err = access.HeldByAccount(w.Context(), tx, w.account[name], w.a.org)
		return err
	})
	return h, err
}

// CHG-4, SES-01, SES-05: deactivation ends every right at the next reading, here

// and only here; reactivation gives back what there was. Both are recorded, told by

// letter, and kept in the history.

func TestDeactivateAndReactivate(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, sam := w.Context(), w.a.ids["sam"]
		before, err := w.held("sam")
		w.Want("before", err, nil)
		m, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, sam, 0)
		w.Want("deactivate", err, nil)
		if m.Status != member.Deactivated {
			w.Errorf("status %s", m.Status)
		}
		_, err = w.held("sam")
		w.Want("SES-01: rights at the next reading", err, access.ErrNotFound)
		_, err = w.members.Get(ctx, w.as("sam"), w.a.org, sam)
		w.Want("SES-05: the next page of A", err, access.ErrNotFound)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 1 || places[0].Org.ID != w.b.org {
			w.Errorf("SES-05: B goes on: %v %v", places, err)
		}
		again, err := w.members.Reactivate(ctx, w.as("claire"), w.a.org, sam, m.Version)
		w.Want("reactivate", err, nil)
		if again.Status != member.Active || again.Version != m.Version+1 {
			w.Errorf("reactivated %+v", again)
		}
		after, err := w.held("sam")
		w.Want("after", err, nil)
		if !slices.Equal(slices.Collect(permissions(before, w.a.at(0))), slices.Collect(permissions(after, w.a.at(0)))) {
			w.Error("the rights are not as they were")
		}
		if w.letters("letter.deactivated") != 1 || w.letters("letter.reactivated") != 1 {
			w.Error("one letter each")
		}
		if w.recorded("member.deactivate", sam) != 1 || w.recorded("member.reactivate", sam) != 1 {
			w.Error("one record each")
		}
		if n := w.Count(`select count(*) from member_state where member_id = $1`, sam); n != 3 {
			w.Errorf("%d states in the history, want 3", n)
		}
		if n := w.Count(`select count(*) from member_state where member_id = $1 and known_until is null`, sam); n != 1 {
			w.Errorf("%d states in force", n)
		}
	})
}

func permissions(h access.Held, at access.Scope) func(func(access.Permission) bool) {
	return func(yield func(access.Permission) bool) {
		for _, p := range access.Catalogue() {
			if h.Has(p, at) && !yield(p) {
				return
			}
		}
	}
}

// Reactivation gives back the status too: who had never signed in still has not.

func TestReactivateCreated(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update member_state set status = 'created' where member_id = $1`, w.a.ids["julie"])
		_, err := w.members.Deactivate(w.Context(), w.as("nadege"), w.a.org, w.a.ids["julie"], 0)
		w.Want("deactivate", err, nil)
		m, err := w.members.Reactivate(w.Context(), w.as("nadege"), w.a.org, w.a.ids["julie"], 0)
		w.Want("reactivate", err, nil)
		if m.Status != member.Created {
			w.Errorf("status %s", m.Status)
		}
	})
}

func TestStatusRules(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["claire"], 0)
		w.Want("oneself", err, member.ErrYourself)
		_, err = w.members.Reactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.Want("not deactivated", err, member.ErrNotDeactivated)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.Want("deactivate", err, nil)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.Want("twice", err, member.ErrNotActive)
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["julie"], w.a.at(0), 0)
		w.Want("appoint a deactivated member", err, member.ErrNotActive)
		w.Exec(`update member_state set account_id = null where member_id = $1`, w.a.ids["paul"])
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["paul"], w.a.at(1), 0)
		w.Want("appoint who has no account", err, member.ErrNoSignIn)
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["sam"], w.a.at(1), 0)
		w.Want("appoint elsewhere", err, member.ErrNotOfSite)
		_, err = w.members.Withdraw(ctx, w.as("claire"), w.a.ids["sam"], w.a.whole(), 0)
		w.Want("withdraw from who is none", err, member.ErrNotAdministrator)
		_, err = w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], w.a.site[1], 0)
		w.Want("remove from a site of others", err, member.ErrNotOfSite)
		_, err = w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], w.a.site[0], 0)
		w.Want("remove from the only site", err, member.ErrLastSite)
	})
}

// rules.md 6, STP-01: deactivation and administration ask for a fresh proof; who

// lacks the right is not asked.

func TestStepUp(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		old := func(name string) access.Actor {
			a := w.as(name)
			a.StepUp = a.StepUp.Add(-access.StepUpAge)
			return a
		}
		for who, want := range map[string]error{"claire": access.ErrStepUp, "julie": access.ErrForbidden} {
			_, err := w.members.Deactivate(ctx, old(who), w.a.org, w.a.ids["sam"], 0)
			w.Want("deactivate by "+who, err, want)
			_, err = w.members.Appoint(ctx, old(who), w.a.ids["sam"], w.a.at(0), 0)
			w.Want("appoint by "+who, err, want)
			_, err = w.members.Withdraw(ctx, old(who), w.a.ids["nadege"], w.a.at(0), 0)
			w.Want("withdraw by "+who, err, want)
		}
		_, err := w.members.AddSite(ctx, old("claire"), w.a.org, w.a.ids["sam"], w.a.site[1], 0)
		w.Want("a site asks for none", err, nil)
	})
}

// RAC-07: two administrators act on what they read; the second is told.

func TestStaleVersion(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["sam"]
		sheet, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.Want("read", err, nil)
		_, err = w.members.Appoint(ctx, w.as("bruno"), id, w.a.at(0), sheet.Version)
		w.Want("the first", err, nil)
		for what, act := range map[string]func() error{
			"deactivate": func() error {
				_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, id, sheet.Version)
				return err
			},
			"withdraw": func() error {
				_, err := w.members.Withdraw(ctx, w.as("claire"), id, w.a.at(0), sheet.Version)
				return err
			},
			"add site": func() error {
				_, err := w.members.AddSite(ctx, w.as("claire"), w.a.org, id, w.a.site[1], sheet.Version)
				return err
			},
		} {
			w.Want(what+" after it", act(), member.ErrStale)
		}
	})
}

// ORG-5: naming is effective at once, told by a letter and recorded; it is undone

// the same way; saying it twice changes nothing.

func TestAppointAndWithdraw(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, julie := w.Context(), w.a.ids["julie"]
		sheet, err := w.members.Appoint(ctx, w.as("nadege"), julie, w.a.at(0), 0)
		w.Want("appoint", err, nil)
		if !slices.Contains(sheet.Administration, w.a.at(0)) || !slices.Contains(sheet.May.Withdraw, w.a.at(0)) || slices.Contains(sheet.May.Appoint, w.a.at(0)) {
			w.Errorf("sheet %+v", sheet)
		}
		for _, r := range sheet.Roles {
			if r.BuiltIn == role.Administrator && (r.GivenBy != "Nadege Nadege-Essai" || r.SiteName != "Grand-Pré" || r.GivenAt.IsZero()) {
				w.Errorf("given by %+v", r) // RGT-8
			}
		}
		if h, err := w.held("julie"); err != nil || !h.Has(access.RightsEdit, w.a.at(0)) || h.Has(access.RightsEdit, w.a.at(1)) {
			w.Errorf("held %v %v", h, err)
		}
		version := sheet.Version
		sheet, err = w.members.Appoint(ctx, w.as("nadege"), julie, w.a.at(0), 0)
		w.Want("twice", err, nil)
		if sheet.Version != version || w.letters("letter.appointed") != 1 || w.recorded("member.appoint", julie) != 1 {
			w.Error("the second time must change and tell nothing")
		}
		_, err = w.members.Withdraw(ctx, w.as("claire"), julie, w.a.at(0), 0)
		w.Want("withdraw", err, nil)
		if h, err := w.held("julie"); err != nil || h.Has(access.RightsEdit, w.a.at(0)) || !h.Has(access.LettersRead, w.a.at(0)) {
			w.Errorf("held %v %v", h, err)
		}
		if w.letters("letter.withdrawn") != 1 || w.recorded("member.withdraw", julie) != 1 {
			w.Error("withdrawal: one letter, one record")
		}
		if n := w.Count(`select count(*) from member_role where member_id = $1 and scope = $2 and known_until is not null`, julie, w.a.at(0).Code()); n != 1 {
			w.Errorf("%d closed roles in the history", n)
		}
	})
}

// An administrator whose rights end some day becomes one without an end.

func TestAppointReplacesAnEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update member_role set ends_at = $2 where member_id = $1`, w.a.ids["nadege"], w.DB.Now().Add(time.Hour))
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["nadege"])
		if err != nil || !slices.Contains(sheet.May.Appoint, w.a.at(0)) || !slices.Contains(sheet.May.Withdraw, w.a.at(0)) {
			w.Errorf("May %+v %v", sheet.May, err)
		}
		sheet, err = w.members.Appoint(w.Context(), w.as("claire"), w.a.ids["nadege"], w.a.at(0), 0)
		w.Want("appoint", err, nil)
		if len(sheet.Roles) != 1 || sheet.Roles[0].EndsAt != nil {
			w.Errorf("roles %+v", sheet.Roles)
		}
	})
}

// RGT-1: what one grants oneself is told to the other administrators; withdrawing

// from oneself writes to nobody.

func TestSelfGrant(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.Appoint(ctx, w.as("claire"), w.a.ids["claire"], w.a.at(1), 0)
		w.Want("oneself", err, nil)
		if w.letters("letter.self_grant") != 1 || w.letters("letter.appointed") != 0 {
			w.Error("one letter to the others, none to oneself")
		}
		_, err = w.members.Withdraw(ctx, w.as("claire"), w.a.ids["claire"], w.a.whole(), 0)
		w.Want("from oneself", err, nil)
		if w.letters("letter.withdrawn") != 0 {
			w.Error("no letter to oneself")
		}
		var told []string
		if err := w.DB.Read(ctx, func(tx *store.Tx) error {
			list, err := member.Administrators(ctx, tx, w.a.at(1))
			for _, m := range list {
				told = append(told, m.GivenName)
			}
			return err
		}); err != nil {
			w.Fatal(err)
		}
		if !slices.Equal(told, []string{"Bruno", "Claire", "Hugo"}) {
			w.Errorf("administrators of A2: %v", told)
		}
	})
}

// OFF-4: who goes from a site loses every right held there, and keeps the others.

func TestRemoveSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["hugo"]
		_, err := w.members.AddSite(ctx, w.as("claire"), w.a.org, id, w.a.site[0], 0)
		w.Want("add", err, nil)
		w.give(w.a, "hugo", w.a.holds(role.Secretary, w.a.at(0)))
		sheet, err := w.members.RemoveSite(ctx, w.as("claire"), w.a.org, id, w.a.site[1], 0)
		w.Want("remove", err, nil)
		if len(sheet.Sites) != 1 || len(sheet.Administration) != 0 || len(sheet.Roles) != 1 {
			w.Errorf("sheet %+v", sheet)
		}
		if w.letters("letter.withdrawn") != 1 || w.recorded("member.remove_site", id) != 1 || !strings.Contains(w.lastPayload("member.remove_site"), `"administration":`) {
			w.Error("the end of administration is recorded and told")
		}
	})
}

// MEM-10, AUZ-11: who leaves keeps nothing in the organisation.

func TestLeave(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["sam"]
		w.Want("leave", departing(w.members).Leave(ctx, w.as("sam"), w.a.org), nil)
		for _, table := range []string{"member_role", "member_site", "member_permission"} {
			if n := w.Count(`select count(*) from `+table+` where org_id = $1 and member_id = $2 and known_until is null`, w.a.org, id); n != 0 {
				w.Errorf("%s: %d left behind", table, n)
			}
		}
		_, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.Want("gone from the register", err, member.ErrNotFound)
		w.Want("twice", departing(w.members).Leave(ctx, w.as("sam"), w.a.org), access.ErrNotFound)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 1 {
			w.Errorf("B goes on: %v %v", places, err)
		}
		w.join(w.a, "sam", []int{0})
		if w.a.ids["sam"] == id {
			w.Error("who comes back is a new member: IDs are never reused")
		}
		token := access.Actor{Kind: access.OrgToken, Org: w.a.org, Token: ident.NewToken()}
		w.Want("a token", departing(w.members).Leave(ctx, token, w.a.org), access.ErrNotFound)
	})
}

// LST-4: the first sign-in makes the memberships active, in the organisations that

// were locked, and dates them all.

// ORG-2: «Mes établissements», with search; a suspended organisation shows as such.

// What Insert and Give refuse, whoever calls them.

// Giving what is held already changes nothing; single permissions show on the sheet.

// May.Resend: whoever could invite today with all that the waiting invitation gives.

func TestMayResend(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.custom("sam", w.a.at(0), access.MembersRead)
		id, now := ident.NewInvitation(), w.DB.Now()
		w.Exec(`insert into invitation (org_id, id, member_id, email_key, email, language, function, welcome, status, token_until, temporary_hash, temporary_until,
			invited_by, invited_by_name, sent_at, expires_at, version, created_at) values ($1, $2, $3, 'k', 'k', 'fr', '', 'invitation', 'pending', $4, '', $4, '', '', $4, $4, 1, $4)`,
			w.a.org, id, w.a.ids["julie"], now)
		may := func(name string) bool {
			sheet, err := w.members.Get(w.Context(), w.as(name), w.a.org, w.a.ids["julie"])
			w.Want(name, err, nil)
			return sheet.May.Resend
		}
		if may("claire") {
			w.Error("an invitation to no open site cannot be sent again")
		}
		w.Exec(`insert into invitation_site (org_id, invitation_id, site_id) values ($1, $2, $3)`, w.a.org, id, w.a.site[0])
		w.Exec(`insert into invitation_role (org_id, invitation_id, role_id, scope, site_id) values ($1, $2, $3, $4, $4)`, w.a.org, id, w.a.roles[role.Secretary], w.a.site[0])
		for name, want := range map[string]bool{"claire": true, "nadege": true, "sam": false} {
			if may(name) != want {
				w.Errorf("%s: %t", name, !want)
			}
		}
		w.Exec(`insert into invitation_role (org_id, invitation_id, role_id, scope) values ($1, $2, $3, 'organization')`, w.a.org, id, w.a.roles[role.Administrator])
		if may("nadege") || !may("claire") {
			w.Error("INV-08: what one may not give one may not send again")
		}
		w.Exec(`update invitation set status = 'accepted' where id = $1`, id)
		if may("claire") {
			w.Error("a spent invitation waits for nobody")
		}
	})
}

// What an act on the account itself must lock: every organisation it has not left.
