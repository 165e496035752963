package member_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

func (w *world) letters(kind string) int {
	w.Helper()
	return w.count(`select count(*) from job where kind = $1`, kind)
}

func (w *world) recorded(verb string, subject ident.Member) int {
	w.Helper()
	return w.count(`select count(*) from audit_event where verb = $1 and subject = $2 and outcome = 'done'`, verb, subject.String())
}

// held reads what a person may do in A now.
func (w *world) held(name string) (access.Held, error) {
	var h access.Held
	err := w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
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
		w.want("before", err, nil)
		m, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, sam, 0)
		w.want("deactivate", err, nil)
		if m.Status != member.Deactivated {
			w.Errorf("status %s", m.Status)
		}
		_, err = w.held("sam")
		w.want("SES-01: rights at the next reading", err, access.ErrNotFound)
		_, err = w.members.Get(ctx, w.as("sam"), w.a.org, sam)
		w.want("SES-05: the next page of A", err, access.ErrNotFound)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 1 || places[0].Org.ID != w.b.org {
			w.Errorf("SES-05: B goes on: %v %v", places, err)
		}
		again, err := w.members.Reactivate(ctx, w.as("claire"), w.a.org, sam, m.Version)
		w.want("reactivate", err, nil)
		if again.Status != member.Active || again.Version != m.Version+1 {
			w.Errorf("reactivated %+v", again)
		}
		after, err := w.held("sam")
		w.want("after", err, nil)
		if !slices.Equal(slices.Collect(permissions(before, w.a.at(0))), slices.Collect(permissions(after, w.a.at(0)))) {
			w.Error("the rights are not as they were")
		}
		if w.letters("letter.deactivated") != 1 || w.letters("letter.reactivated") != 1 {
			w.Error("one letter each")
		}
		if w.recorded("member.deactivate", sam) != 1 || w.recorded("member.reactivate", sam) != 1 {
			w.Error("one record each")
		}
		if n := w.count(`select count(*) from member_state where member_id = $1`, sam); n != 3 {
			w.Errorf("%d states in the history, want 3", n)
		}
		if n := w.count(`select count(*) from member_state where member_id = $1 and known_until is null`, sam); n != 1 {
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
		w.exec(`update member_state set status = 'created' where member_id = $1`, w.a.ids["julie"])
		_, err := w.members.Deactivate(w.Context(), w.as("nadege"), w.a.org, w.a.ids["julie"], 0)
		w.want("deactivate", err, nil)
		m, err := w.members.Reactivate(w.Context(), w.as("nadege"), w.a.org, w.a.ids["julie"], 0)
		w.want("reactivate", err, nil)
		if m.Status != member.Created {
			w.Errorf("status %s", m.Status)
		}
	})
}

func TestStatusRules(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["claire"], 0)
		w.want("oneself", err, member.ErrYourself)
		_, err = w.members.Reactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.want("not deactivated", err, member.ErrNotDeactivated)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.want("deactivate", err, nil)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
		w.want("twice", err, member.ErrNotActive)
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["julie"], w.a.at(0), 0)
		w.want("appoint a deactivated member", err, member.ErrNotActive)
		w.exec(`update member_state set account_id = null where member_id = $1`, w.a.ids["paul"])
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["paul"], w.a.at(1), 0)
		w.want("appoint who has no account", err, member.ErrNoSignIn)
		_, err = w.members.Appoint(ctx, w.as("claire"), w.a.ids["sam"], w.a.at(1), 0)
		w.want("appoint elsewhere", err, member.ErrNotOfSite)
		_, err = w.members.Withdraw(ctx, w.as("claire"), w.a.ids["sam"], w.a.whole(), 0)
		w.want("withdraw from who is none", err, member.ErrNotAdministrator)
		_, err = w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], w.a.site[1], 0)
		w.want("remove from a site of others", err, member.ErrNotOfSite)
		_, err = w.members.RemoveSite(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], w.a.site[0], 0)
		w.want("remove from the only site", err, member.ErrLastSite)
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
			w.want("deactivate by "+who, err, want)
			_, err = w.members.Appoint(ctx, old(who), w.a.ids["sam"], w.a.at(0), 0)
			w.want("appoint by "+who, err, want)
			_, err = w.members.Withdraw(ctx, old(who), w.a.ids["nadege"], w.a.at(0), 0)
			w.want("withdraw by "+who, err, want)
		}
		_, err := w.members.AddSite(ctx, old("claire"), w.a.org, w.a.ids["sam"], w.a.site[1], 0)
		w.want("a site asks for none", err, nil)
	})
}

// RAC-07: two administrators act on what they read; the second is told.
func TestStaleVersion(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["sam"]
		sheet, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.want("read", err, nil)
		_, err = w.members.Appoint(ctx, w.as("bruno"), id, w.a.at(0), sheet.Version)
		w.want("the first", err, nil)
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
			w.want(what+" after it", act(), member.ErrStale)
		}
	})
}

// ORG-5: naming is effective at once, told by a letter and recorded; it is undone
// the same way; saying it twice changes nothing.
func TestAppointAndWithdraw(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, julie := w.Context(), w.a.ids["julie"]
		sheet, err := w.members.Appoint(ctx, w.as("nadege"), julie, w.a.at(0), 0)
		w.want("appoint", err, nil)
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
		w.want("twice", err, nil)
		if sheet.Version != version || w.letters("letter.appointed") != 1 || w.recorded("member.appoint", julie) != 1 {
			w.Error("the second time must change and tell nothing")
		}
		_, err = w.members.Withdraw(ctx, w.as("claire"), julie, w.a.at(0), 0)
		w.want("withdraw", err, nil)
		if h, err := w.held("julie"); err != nil || h.Has(access.RightsEdit, w.a.at(0)) || !h.Has(access.LettersRead, w.a.at(0)) {
			w.Errorf("held %v %v", h, err)
		}
		if w.letters("letter.withdrawn") != 1 || w.recorded("member.withdraw", julie) != 1 {
			w.Error("withdrawal: one letter, one record")
		}
		if n := w.count(`select count(*) from member_role where member_id = $1 and scope = $2 and known_until is not null`, julie, w.a.at(0).Code()); n != 1 {
			w.Errorf("%d closed roles in the history", n)
		}
	})
}

// An administrator whose rights end some day becomes one without an end.
func TestAppointReplacesAnEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`update member_role set ends_at = $2 where member_id = $1`, w.a.ids["nadege"], w.db.Now().Add(time.Hour))
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["nadege"])
		if err != nil || !slices.Contains(sheet.May.Appoint, w.a.at(0)) || !slices.Contains(sheet.May.Withdraw, w.a.at(0)) {
			w.Errorf("May %+v %v", sheet.May, err)
		}
		sheet, err = w.members.Appoint(w.Context(), w.as("claire"), w.a.ids["nadege"], w.a.at(0), 0)
		w.want("appoint", err, nil)
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
		w.want("oneself", err, nil)
		if w.letters("letter.self_grant") != 1 || w.letters("letter.appointed") != 0 {
			w.Error("one letter to the others, none to oneself")
		}
		_, err = w.members.Withdraw(ctx, w.as("claire"), w.a.ids["claire"], w.a.whole(), 0)
		w.want("from oneself", err, nil)
		if w.letters("letter.withdrawn") != 0 {
			w.Error("no letter to oneself")
		}
		var told []string
		if err := w.db.Read(ctx, func(tx *store.Tx) error {
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
		w.want("add", err, nil)
		w.give(w.a, "hugo", w.a.holds(role.Secretary, w.a.at(0)))
		sheet, err := w.members.RemoveSite(ctx, w.as("claire"), w.a.org, id, w.a.site[1], 0)
		w.want("remove", err, nil)
		if len(sheet.Sites) != 1 || len(sheet.Administration) != 0 || len(sheet.Roles) != 1 {
			w.Errorf("sheet %+v", sheet)
		}
		if w.letters("letter.withdrawn") != 1 || w.recorded("member.remove_site", id) != 1 || w.recorded("member.withdraw", id) != 1 {
			w.Error("the end of administration is recorded and told")
		}
	})
}

// MEM-10, AUZ-11: who leaves keeps nothing in the organisation.
func TestLeave(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["sam"]
		w.want("leave", w.members.Leave(ctx, w.as("sam"), w.a.org), nil)
		for _, table := range []string{"member_role", "member_site", "member_permission"} {
			if n := w.count(`select count(*) from `+table+` where org_id = $1 and member_id = $2 and known_until is null`, w.a.org, id); n != 0 {
				w.Errorf("%s: %d left behind", table, n)
			}
		}
		_, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.want("gone from the register", err, member.ErrNotFound)
		w.want("twice", w.members.Leave(ctx, w.as("sam"), w.a.org), access.ErrNotFound)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 1 {
			w.Errorf("B goes on: %v %v", places, err)
		}
		w.join(w.a, "sam", []int{0})
		if w.a.ids["sam"] == id {
			w.Error("who comes back is a new member: IDs are never reused")
		}
		token := access.Actor{Kind: access.OrgToken, Org: w.a.org, Token: ident.NewToken()}
		w.want("a token", w.members.Leave(ctx, token, w.a.org), access.ErrNotFound)
	})
}

// LST-4: the first sign-in makes the memberships active, in the organisations that
// were locked, and dates them all.
func TestSignedIn(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.exec(`update member_state set status = 'created' where account_id = $1`, w.account["sam"])
		var created []ident.Org
		if err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
			created, err = member.CreatedOrgs(ctx, tx, w.account["sam"])
			return err
		}); err != nil || len(created) != 2 {
			w.Fatalf("%v %v", created, err)
		}
		signIn := func(locked ...ident.Org) {
			act := action.Act{Verb: "session.open", Orgs: locked, Accounts: true, Needs: []access.Need{access.Everybody()}}
			_, err := action.Run(ctx, w.members.Run, w.as("sam"), act, func(tx *action.Tx) (struct{}, error) {
				err := member.SignedIn(ctx, tx, w.account["sam"], locked)
				tx.Record(event("session.open"))
				return struct{}{}, err
			})
			w.want("sign in", err, nil)
		}
		signIn(w.a.org)
		status := func(p place) string {
			return w.text(`select status from member_state where member_id = $1 and known_until is null`, p.ids["sam"])
		}
		if status(w.a) != "active" || status(w.b) != "created" {
			w.Errorf("A %s, B %s: only A was locked", status(w.a), status(w.b))
		}
		if n := w.count(`select count(*) from member where id in ($1, $2) and last_sign_in_at > $3`, w.a.ids["sam"], w.b.ids["sam"], store.Never); n != 2 {
			w.Errorf("%d memberships dated, want both", n)
		}
		signIn(w.b.org)
		if status(w.b) != "active" || w.recorded("member.activate", w.b.ids["sam"]) != 1 {
			w.Error("B at the next sign-in, with its record")
		}
	})
}

// ORG-2: «Mes établissements», with search; a suspended organisation shows as such.
func TestPlaces(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		names := func(search string) (list []string) {
			places, err := w.members.Places(ctx, w.as("sam"), search)
			w.want("places", err, nil)
			for _, p := range places {
				list = append(list, p.Org.Slug)
			}
			return list
		}
		for search, want := range map[string][]string{
			"": {"deux-rives", "tilleuls"}, "TILL": {"tilleuls"}, "grand pré": {"tilleuls"}, "ri": {"deux-rives"}, "iv": nil, "zzz": nil, "%%": nil, " ": {"deux-rives", "tilleuls"},
		} {
			if got := names(search); !slices.Equal(got, want) {
				w.Errorf("search %q: %v, want %v", search, got, want)
			}
		}
		w.exec(`update org_state set status = 'suspended' where org_id = $1`, w.b.org)
		places, err := w.members.Places(ctx, w.as("sam"), "")
		if err != nil || len(places) != 2 || !places[0].Suspended || places[1].Suspended {
			w.Errorf("%+v %v", places, err)
		}
		admin, err := w.members.Places(ctx, w.as("claire"), "")
		if err != nil || len(admin) != 1 || !admin[0].Admin || admin[0].Org.Members != 8 || admin[0].Org.Sites != 2 || len(admin[0].Sites) != 2 {
			w.Errorf("%+v %v", admin, err)
		}
		_, err = w.members.Places(ctx, access.Actor{Kind: access.Anonymous}, "")
		w.want("nobody", err, access.ErrUnauthenticated)
		_, err = w.members.Places(ctx, w.as("sam"), longSearch)
		if fieldCodes(err)["q"] != "text.too_long" {
			w.Errorf("%v", err)
		}
	})
}

// What Insert and Give refuse, whoever calls them.
func TestInsertRefuses(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		insert := func(n member.New) error {
			return w.db.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
				_, err := member.Insert(ctx, tx, n)
				return err
			})
		}
		good := member.New{Org: w.a.org, GivenName: "Zoé", FamilyName: "Petit", Function: "nurse", RPPS: "99700000013"}
		w.want("good", insert(good), nil)
		if codes := fieldCodes(insert(good)); codes["rpps"] != "member.rpps_taken" {
			w.Errorf("RPPS twice: %v", codes)
		}
		bad := member.New{Org: w.a.org, GivenName: "<b>", FamilyName: "\r\nBcc:", Title: "Sir", Function: "king", Profession: "a\x00b"}
		codes := fieldCodes(insert(bad))
		for at, code := range map[string]string{
			"given_name": string(text.Symbol), "family_name": string(text.Control), "title": "member.title_unknown",
			"function": "member.function_unknown", "profession": string(text.Control),
		} {
			if codes[at] != code {
				w.Errorf("%s: %q, want %q", at, codes[at], code)
			}
		}
		good.RPPS, good.Account = "", w.account["sam"]
		w.want("an account twice", insert(good), member.ErrAlreadyMember)
		good.Account, good.Sites = "", []ident.Site{w.b.site[0]}
		w.want("a site of B", insert(good), org.ErrNoSuchSite)
		good.Sites, good.Roles = nil, []role.Given{w.b.holds(role.Secretary, w.a.whole())}
		w.want("a role of B", insert(good), role.ErrNotFound)
		good.Roles = []role.Given{w.a.holds(role.Secretary, w.b.whole())}
		w.want("a scope of B", insert(good), org.ErrNoSuchSite)
		good.Roles = []role.Given{w.a.holds(role.Secretary, w.a.at(0))}
		w.want("a right where one does not belong", insert(good), member.ErrNotOfSite)
		err := w.db.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
			return member.Give(ctx, tx, member.Gift{Org: w.a.org, Member: w.a.ids["sam"], Permissions: []member.GivenPermission{{Permission: "root", Scope: w.a.whole()}}})
		})
		if codes := fieldCodes(err); codes["permissions"] != "role.permission_unknown" {
			w.Errorf("%v", err)
		}
	})
}

// Giving what is held already changes nothing; single permissions show on the sheet.
func TestGiveTwice(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["julie"]
		gift := member.Gift{
			Org: w.a.org, Member: id, Sites: []ident.Site{w.a.site[0], w.a.site[1]}, Roles: []role.Given{w.a.holds(role.Secretary, w.a.at(0))},
			Permissions: []member.GivenPermission{{Permission: access.StatisticsRead, Scope: w.a.at(1)}}, By: w.account["claire"].String(),
		}
		for range 2 {
			w.write(func(ctx context.Context, tx *store.Tx) error { return member.Give(ctx, tx, gift) })
		}
		sheet, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.want("read", err, nil)
		if len(sheet.Sites) != 2 || len(sheet.Roles) != 1 || len(sheet.Permissions) != 1 {
			w.Fatalf("sheet %+v", sheet)
		}
		if p := sheet.Permissions[0]; p.GivenBy != "Claire Claire-Essai" || p.SiteName != "Saint-Aubin" || p.Scope != w.a.at(1) {
			w.Errorf("permission %+v", p)
		}
		refs := map[ident.Member]member.Member{}
		if err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
			refs, err = member.Refs(ctx, tx, w.a.org, []ident.Member{id, w.b.ids["marc"]})
			return err
		}); err != nil || len(refs) != 1 || refs[id].Name() != "Julie Julie-Essai" {
			w.Errorf("refs %v %v", refs, err)
		}
	})
}
