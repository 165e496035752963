package member_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// acts are all that can be tried on one member.
func (w *world) acts(by access.Actor, in place, id ident.Member, site ident.Site) map[string]error {
	ctx := w.Context()
	at := access.SiteScope(in.org, site)
	errs := map[string]error{}
	_, errs["get"] = w.members.Get(ctx, by, in.org, id)
	_, errs["deactivate"] = w.members.Deactivate(ctx, by, in.org, id, 0)
	_, errs["deactivate several"] = w.members.DeactivateAll(ctx, by, in.org, []ident.Member{id})
	_, errs["reactivate"] = w.members.Reactivate(ctx, by, in.org, id, 0)
	_, errs["appoint"] = w.members.Appoint(ctx, by, id, access.OrgScope(in.org), 0)
	_, errs["appoint at a site"] = w.members.Appoint(ctx, by, id, at, 0)
	_, errs["withdraw"] = w.members.Withdraw(ctx, by, id, access.OrgScope(in.org), 0)
	_, errs["withdraw at a site"] = w.members.Withdraw(ctx, by, id, at, 0)
	_, errs["edit"] = w.members.Edit(ctx, by, in.org, id, member.Change{Function: ptr("nurse")}, 0)
	_, errs["look at an edition"] = w.members.PreviewEdit(ctx, by, in.org, id, member.Change{RPPS: ptr(rpps1)}, 0)
	change := member.RightsChange{AddPermissions: []member.GivenPermission{{Permission: access.RecordsRead, Scope: at}}}
	_, errs["change rights"] = w.members.ChangeRights(ctx, by, in.org, id, change, 0)
	_, errs["look at rights"] = w.members.PreviewRights(ctx, by, in.org, id, change, 0)
	_, errs["add site"] = w.members.AddSite(ctx, by, in.org, id, site, 0)
	_, errs["remove site"] = w.members.RemoveSite(ctx, by, in.org, id, site, 0)
	return errs
}

// same fails unless each act met the same fault with both.
func (w *world) same(what string, got, want map[string]error) {
	w.Helper()
	for name, err := range got {
		if err == nil || fault.Of(err).Code != fault.Of(want[name]).Code || fault.Of(err).Kind != fault.NotFound {
			w.Errorf("%s, %s: %v, an unknown one gives %v", what, name, err, want[name])
		}
	}
}

// AUZ-01, AUZ-02: a member of B is, for an administrator of A, one that does not
// exist: in B, where the administrator has no place, and named under A. B stays as
// it is, and the attempts stand in the trail.
func TestForeignMember(t *testing.T) {
	eachWorld(t, func(w *world) {
		claire := w.as("claire")
		before := w.dump()
		w.same("B's member under A", w.acts(claire, w.a, w.b.ids["marc"], w.a.site[0]), w.acts(claire, w.a, ident.NewMember(), w.a.site[0]))
		nowhere := place{org: ident.NewOrg()}
		w.same("B's member under B", w.acts(claire, w.b, w.b.ids["marc"], w.b.site[0]), w.acts(claire, nowhere, ident.NewMember(), ident.NewSite()))
		w.same("A's member at B's site", w.site(claire, w.b.site[0]), w.site(claire, ident.NewSite()))
		_, err := w.members.List(w.Context(), claire, w.b.org, member.Query{})
		w.Want("list of B", err, access.ErrNotFound)
		w.Want("leave B", departing(w.members).Leave(w.Context(), claire, w.b.org), access.ErrNotFound)
		_, err = w.members.CreateSite(w.Context(), claire, member.NewSite{Org: w.b.org, Details: org.SiteDetails{Name: "X"}})
		w.Want("a site in B", err, access.ErrNotFound)
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
		if w.refusals(w.b.org.String(), "access.not_found") == 0 || w.refusals(w.a.org.String(), "member.not_found") == 0 {
			w.Error("the attempts are not in the trail")
		}
	})
}

// site tries everything that names a site, on a member of A.
func (w *world) site(by access.Actor, site ident.Site) map[string]error {
	ctx, id := w.Context(), w.a.ids["julie"]
	at := access.SiteScope(w.a.org, site)
	errs := map[string]error{}
	_, errs["appoint"] = w.members.Appoint(ctx, by, id, at, 0)
	_, errs["withdraw"] = w.members.Withdraw(ctx, by, id, at, 0)
	_, errs["add site"] = w.members.AddSite(ctx, by, w.a.org, id, site, 0)
	_, errs["remove site"] = w.members.RemoveSite(ctx, by, w.a.org, id, site, 0)
	errs["close site"] = w.members.CloseSite(ctx, by, w.a.org, site)
	return errs
}

// AUZ-06: the administrator of A1 learns nothing of A2 and does nothing there: its
// members and itself are like what does not exist; lists, counts and sheets hold
// A1 only, of those who belong to both too.
func TestOtherSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, nadege := w.Context(), w.as("nadege")
		before := w.dump()
		w.same("a member of A2", w.acts(nadege, w.a, w.a.ids["paul"], w.a.site[0]), w.acts(nadege, w.a, ident.NewMember(), w.a.site[0]))
		w.same("the site A2", w.site(nadege, w.a.site[1]), w.site(nadege, ident.NewSite()))
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
		l, err := w.members.List(ctx, nadege, w.a.org, member.Query{})
		w.Want("list", err, nil)
		if got := found(l); !slices.Equal(got, []string{"Bruno", "Claire", "Julie", "Nadege", "Sam", "Yanis"}) || l.Total != 6 {
			w.Errorf("%v of %d", got, l.Total)
		}
		if want := (member.Counts{All: 6, Active: 6, Administrators: 3}); l.Counts != want {
			w.Errorf("counts %+v, want %+v", l.Counts, want)
		}
		for _, r := range l.Rows {
			for _, s := range r.Sites {
				if s.ID != w.a.site[0] {
					w.Errorf("%s: the list tells of %s", r.GivenName, s.Name)
				}
			}
		}
		for what, q := range map[string]member.Query{
			"filter by A2": {Site: w.a.site[1]}, "search": {Search: "paul"}, "e-mail": {Search: "hugo@exemple.fr"},
		} {
			l, err := w.members.List(ctx, nadege, w.a.org, q)
			if err != nil || l.Total != 0 || len(l.Rows) != 0 {
				w.Errorf("%s finds %v %v", what, found(l), err)
			}
		}
		sheet, err := w.members.Get(ctx, nadege, w.a.org, w.a.ids["yanis"])
		w.Want("one who belongs to both", err, nil)
		if len(sheet.Sites) != 1 || sheet.May.Deactivate || len(sheet.May.Appoint) != 1 {
			w.Errorf("sheet %+v", sheet)
		}
		_, err = w.members.Deactivate(ctx, nadege, w.a.org, w.a.ids["yanis"], 0)
		w.Want("deactivate one who belongs to A2 too", err, access.ErrForbidden)
		own, err := w.members.Get(ctx, w.as("yanis"), w.a.org, w.a.ids["yanis"])
		if err != nil || len(own.Sites) != 2 || own.May.Deactivate || own.May.Appoint != nil {
			w.Errorf("one's own sheet: %+v %v", own, err)
		}
	})
}

// AUZ-05: nobody touches somebody whose administration exceeds their own, even
// where they hold the permission itself.
func TestMorePowerful(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.custom("yanis", w.a.whole(), access.MembersRead, access.MembersDeactivate, access.MembersEdit)
		before := w.dump()
		ctx := w.Context()
		_, err := w.members.Deactivate(ctx, w.as("yanis"), w.a.org, w.a.ids["nadege"], 0)
		w.Want("deactivate an administrator", err, member.ErrMorePowerful)
		_, err = w.members.AddSite(ctx, w.as("yanis"), w.a.org, w.a.ids["nadege"], w.a.site[1], 0)
		w.Want("move an administrator", err, member.ErrMorePowerful)
		_, err = w.members.Appoint(ctx, w.as("yanis"), w.a.ids["julie"], w.a.at(0), 0)
		w.Want("AUZ-04: appoint, without rights.edit", err, access.ErrForbidden)
		_, err = w.members.Withdraw(ctx, w.as("nadege"), w.a.ids["bruno"], w.a.whole(), 0)
		w.Want("a site administrator at the organisation", err, access.ErrForbidden)
		_, err = w.members.Appoint(ctx, w.as("nadege"), w.a.ids["bruno"], w.a.at(0), 0)
		w.Want("a site administrator over the organisation's", err, member.ErrMorePowerful)
		_, err = w.members.Deactivate(ctx, w.as("nadege"), w.a.org, w.a.ids["bruno"], 0)
		w.Want("deactivate the organisation's administrator from the site", err, member.ErrMorePowerful)
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
		_, err = w.members.Deactivate(ctx, w.as("yanis"), w.a.org, w.a.ids["julie"], 0)
		w.Want("somebody with no administration", err, nil)
		_, err = w.members.Reactivate(ctx, w.as("nadege"), w.a.org, w.a.ids["julie"], 0)
		w.Want("by a site administrator", err, nil)
	})
}

// AUZ-15: a member without members.read searches nobody; nobody's search or count
// goes beyond their organisation.
func TestSearchLeak(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		_, err := w.members.List(ctx, w.as("julie"), w.a.org, member.Query{Search: "paul"})
		w.Want("a member", err, access.ErrForbidden)
		for _, id := range []ident.Member{w.a.ids["paul"], w.b.ids["marc"], ident.NewMember()} {
			_, err := w.members.Get(ctx, w.as("julie"), w.a.org, id)
			w.Want("a member reads "+id.String(), err, access.ErrForbidden) // the same for each: it tells nothing
		}
		for _, search := range []string{"odile", "marc@exemple.fr", "deux"} {
			l, err := w.members.List(ctx, w.as("claire"), w.a.org, member.Query{Search: search})
			if err != nil || l.Total != 0 {
				w.Errorf("%s: %v %v", search, found(l), err)
			}
		}
		l, err := w.members.List(ctx, w.as("odile"), w.b.org, member.Query{})
		if err != nil || l.Counts.All != 3 {
			w.Errorf("B counts %+v %v", l.Counts, err)
		}
		places, err := w.members.Places(ctx, w.as("julie"), "")
		if err != nil || len(places) != 1 || places[0].Org.Members != 0 || places[0].Org.Sites != 1 {
			w.Errorf("a member counts nobody: %+v %v", places, err)
		}
	})
}

// SES-01: what an administrator may do ends with their rights, at the next act.
func TestRightsEndAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, bruno := w.Context(), w.as("bruno")
		_, err := w.members.Withdraw(ctx, w.as("claire"), w.a.ids["bruno"], w.a.whole(), 0)
		w.Want("withdraw", err, nil)
		_, err = w.members.Deactivate(ctx, bruno, w.a.org, w.a.ids["julie"], 0)
		w.Want("the next act", err, access.ErrForbidden)
		_, err = w.members.List(ctx, bruno, w.a.org, member.Query{})
		w.Want("the next page", err, access.ErrForbidden)
	})
}

// A suspended organisation is closed to its members, who are told so; to strangers
// it does not exist. The operator goes on.
func TestSuspended(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update org_state set status = 'suspended' where org_id = $1`, w.a.org)
		for name, err := range w.acts(w.as("claire"), w.a, w.a.ids["julie"], w.a.site[0]) {
			w.Want(name, err, access.ErrSuspended)
		}
		w.Want("leave", departing(w.members).Leave(w.Context(), w.as("claire"), w.a.org), access.ErrSuspended)
		for name, err := range w.acts(w.as("odile"), w.a, w.a.ids["julie"], w.a.site[0]) {
			w.Want(name, err, access.ErrNotFound)
		}
		for name, err := range w.acts(access.Actor{Kind: access.Anonymous, Address: "192.0.2.1"}, w.a, w.a.ids["julie"], w.a.site[0]) {
			w.Want(name, err, access.ErrUnauthenticated)
		}
	})
}

// A token of the organisation has what its maker has, no more (rules.md 13).
func TestToken(t *testing.T) {
	eachWorld(t, func(w *world) {
		token := ident.NewToken()
		w.Exec(`insert into token (id, kind, org_id, name, token_hash, created_by, created_at, expires_at, last_used_at)
			values ($1, 'organization', $2, 'Agenda', $3, $4, $5, $6, $5)`,
			token, w.a.org, []byte(token), w.account["bruno"], w.DB.Now(), w.DB.Now().AddDate(0, 1, 0))
		for _, p := range []access.Permission{access.MembersRead, access.MembersDeactivate} {
			w.Exec(`insert into token_permission (token_id, permission) values ($1, $2)`, token, p)
		}
		by := access.Actor{Kind: access.OrgToken, Token: token, Account: w.account["bruno"], Org: w.a.org, Name: "Agenda"}
		ctx := w.Context()
		sheet, err := w.members.Get(ctx, by, w.a.org, w.a.ids["julie"])
		if err != nil || !sheet.May.Deactivate || sheet.May.Appoint != nil {
			w.Errorf("May %+v %v", sheet.May, err)
		}
		_, err = w.members.Deactivate(ctx, by, w.a.org, w.a.ids["julie"], 0)
		w.Want("deactivate", err, nil)
		_, err = w.members.AddSite(ctx, by, w.a.org, w.a.ids["sam"], w.a.site[1], 0)
		w.Want("what it was not given", err, access.ErrForbidden)
		_, err = w.members.Get(ctx, by, w.b.org, w.b.ids["marc"])
		w.Want("B", err, access.ErrNotFound)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["bruno"], 0)
		w.Want("its maker goes", err, nil)
		_, err = w.members.Get(ctx, by, w.a.org, w.a.ids["sam"])
		w.Want("the token after its maker", err, access.ErrNotFound)
	})
}

// INJ-04: names that are SQL or HTML are text, found and shown as such.
func TestHostileNames(t *testing.T) {
	eachWorld(t, func(w *world) {
		n := member.New{Org: w.a.org, GivenName: "Robert", FamilyName: "O’Hara-Select (Drop)", Function: "other", Sites: w.a.site[:1]}
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := member.Insert(ctx, tx, n)
			return err
		})
		for _, search := range []string{"'; drop table member; --", "ohara' or 'a'='a", "O'HARA", `o\'hara`, "oh%ra"} {
			l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, member.Query{Search: search})
			if err != nil {
				w.Errorf("%s: %v", search, err)
			}
			if want := strings.Contains(search, "'H") || strings.Contains(search, `\'h`); (l.Total == 1) != want {
				w.Errorf("%s finds %d", search, l.Total)
			}
		}
	})
}

// A role kept by who left, or by a closed grant, gives nothing and is not listed.
func TestClosedGrants(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.give(w.a, "julie", w.a.holds(role.Reader, w.a.at(0)))
		w.Exec(`update member_role set ends_at = $3 where member_id = $1 and role_id = $2`, w.a.ids["julie"], w.a.roles[role.Reader], w.DB.Now())
		l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, member.Query{Role: w.a.roles[role.Reader]})
		if err != nil || l.Total != 0 {
			w.Errorf("an ended role is listed: %v %v", found(l), err)
		}
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["julie"])
		if err != nil || len(sheet.Roles) != 1 {
			w.Errorf("%+v %v", sheet.Roles, err)
		}
		if _, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, "mbr_x"); !errors.Is(err, member.ErrNotFound) {
			w.Errorf("%v", err)
		}
	})
}
