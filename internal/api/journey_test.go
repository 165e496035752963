package api_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	rest "habilis/client"
)

// MEM-9, MEM-13, INV-09: the main job end to end through the API: invite, open the
// link (which spends nothing), finish the account, be a member.
func TestInviteAndActivate(t *testing.T) {
	each(t, func(w *world) {
		path, c, ctx := "/organizations/tilleuls/invitations", w.bruno.rest(), t.Context() // a slug does as well as an ID
		people := rest.NewInvitations{
			Emails: []string{"jeanne.moreau@exemple.fr", "julie@tilleuls.example", "pas une adresse"}, Role: w.role("secretary"), Sites: []string{w.a1},
		}
		report, err := c.PreviewInvite(ctx, "tilleuls", people)
		w.good(err)
		foreseen := report.Lines
		if foreseen[0].Fate != "invited" || foreseen[1].Fate != "already_member" || foreseen[2].Fate != "invalid" {
			t.Fatalf("foreseen: %+v", foreseen)
		}
		if _, _, n := w.bruno.page(path); n != 0 {
			t.Fatalf("a dry run left %d invitations", n)
		}
		report, err = c.Invite(ctx, "tilleuls", people)
		w.good(err)
		lines := report.Lines
		if lines[0].Fate != "invited" || lines[0].Invitation == nil || lines[1].Fate != "already_member" ||
			lines[2].Fate != "invalid" || lines[2].Code == "" || lines[2].Detail == "" {
			t.Fatalf("lines: %+v", lines)
		}
		w.checkInvitation(path, *lines[0].Invitation)

		stranger := caller{w: w}
		first := w.letter("letter.invitation")
		_, err = c.ResendInvitation(ctx, "tilleuls", *lines[0].Invitation)
		w.good(err)
		second := w.letter("letter.invitation")
		_, err = stranger.rest().OpenActivation(ctx, rest.Presented{Token: first})
		w.refusedBy(err, 410, "invitation.gone") // MEM-11: the older link is dead
		for range 3 {
			o, err := stranger.rest().OpenActivation(ctx, rest.Presented{Token: second})
			w.good(err)
			if o.Organization != "tilleuls" || o.HasAccount || strings.Contains(o.Email, "jeanne.moreau") || o.Roles[0].Name != "Secrétariat" {
				t.Fatalf("offer: %+v", o)
			}
		}
		w.finish(stranger, second)
	})
}

func (w *world) checkInvitation(path, id string) {
	w.Helper()
	a := w.bruno.get(path + "/" + id).is(200)
	var i struct {
		Email, Status string
		Roles         []struct{ Name, Scope string }
		Sites         []struct{ ID, Name string }
		MayResend     bool `json:"may_resend"`
	}
	a.into(&i)
	if a.header.Get("ETag") == "" || i.Email != "jeanne.moreau@exemple.fr" || i.Status != "pending" || !i.MayResend ||
		len(i.Roles) != 1 || i.Roles[0].Scope != w.a1 || len(i.Sites) != 1 || i.Sites[0].Name != "Un" {
		w.Fatalf("invitation: %s", a.body)
	}
}

func (w *world) finish(stranger caller, link string) {
	w.Helper()
	form := func(password, more string) string {
		return `{"token":"` + link + `","given_name":"Jeanne","family_name":"Moreau","function":"secretary","new_password":"` + password + `"` + more + `}`
	}
	stranger.post("/activations", form("court", "")).refused(422, "invalid").at(w.T, "body.new_password credential.password_too_short")
	// INV-03: organisation, roles and address come from the stored invitation only.
	stranger.post("/activations", form(goodPassword, `,"role":"x","email":"y","org_id":"z"`)).refused(422, "invalid").
		at(w.T, "body.role api.unknown_field", "body.email api.unknown_field", "body.org_id api.unknown_field")
	a := stranger.and("Idempotency-Key: once").post("/activations", form(goodPassword, "")).is(201)
	var done struct{ Organization, Slug, Member, Email string }
	a.into(&done)
	if done.Organization != w.a || done.Slug != "tilleuls" || done.Email != "jeanne.moreau@exemple.fr" {
		w.Fatalf("finished: %s", a.body)
	}
	if !strings.HasSuffix(a.header.Get("Location"), "/api/v1/organizations/"+w.a+"/members/"+done.Member) {
		w.Errorf("Location: %s", a.header.Get("Location"))
	}
	stranger.post("/activations", form(goodPassword, "")).refused(410, "invitation.gone") // INV-01
	sheet := w.bruno.get("/organizations/" + w.a + "/members/" + done.Member).is(200)
	if !strings.Contains(string(sheet.body), `"given_name":"Jeanne"`) {
		w.Errorf("sheet: %s", sheet.body)
	}
}

// PWD: forgotten and changed passwords; a browser gets its new cookie.
func TestPasswords(t *testing.T) {
	each(t, func(w *world) {
		stranger := caller{w: w}
		known := stranger.post("/password/forgot", `{"email":"julie@tilleuls.example"}`).is(202)
		link := w.letter("letter.reset")
		unknown := stranger.post("/password/forgot", `{"email":"personne@tilleuls.example"}`).is(202)
		if !bytes.Equal(known.body, unknown.body) || len(known.header) != len(unknown.header) { // ENU-01
			t.Errorf("%v %s / %v %s", known.header, known.body, unknown.header, unknown.body)
		}
		if a := stranger.post("/password/reset/check", `{"token":"`+link+`"}`).is(200); !strings.Contains(string(a.body), "julie@") {
			t.Errorf("whose link: %s", a.body)
		}
		reset := func(password string) answer {
			return stranger.post("/password/reset", `{"token":"`+link+`","new_password":"`+password+`"}`)
		}
		reset("abc").refused(422, "invalid").at(t, "body.new_password credential.password_too_short")
		reset(newPassword).is(204)
		reset(newPassword).refused(410, "login.link_gone")

		change := func(c caller, from, to string) answer {
			return c.and("Sec-Fetch-Site: same-origin").post("/me/password", `{"password":"`+from+`","new_password":"`+to+`"}`)
		}
		browser := w.bruno.signedIn()
		change(browser, "ce n’est pas lui du tout", newPassword).refused(403, "login.current_password")
		a := change(browser, goodPassword, newPassword).is(204)
		cookie := a.header.Get("Set-Cookie")
		if !strings.HasPrefix(cookie, "__Host-s=hs_") {
			t.Fatalf("no new cookie: %q", cookie)
		}
		browser.get("/me").refused(401, "access.unauthenticated") // the cookie before is worth nothing
		value, _, _ := strings.Cut(cookie, ";")
		caller{w: w, header: []string{"Cookie: " + value}}.get("/me").is(200)
	})
}

// SEC-5: sessions are listed and ended.
func TestSessions(t *testing.T) {
	each(t, func(w *world) {
		here, there := w.julie.signedIn(), w.julie.signedIn()
		list := here.items("/me/sessions")
		if len(list) != 2 {
			t.Fatalf("%d sessions", len(list))
		}
		ours := here.and("Sec-Fetch-Site: same-origin")
		ours.del("/me/sessions/" + list[1].ID).is(204)
		there.get("/me").refused(401, "access.unauthenticated")
		ours.del("/me/sessions/" + list[1].ID).is(404)
		ours.del("/me/sessions/not-an-id").is(404)
		w.refusedBy(w.bruno.rest().EndMySession(t.Context(), list[0].ID), 404, "session.not_found") // somebody else's
		w.julie.signedIn()
		if a := ours.del("/me/sessions").is(200); string(a.body) != "{\"ended\":1}\n" {
			t.Errorf("ended: %s", a.body)
		}
		julie := w.julie.rest()
		if all := collect(w, julie.MySessions(t.Context())); len(all) != 1 || all[0].Current {
			t.Errorf("seen by her token: %+v", all)
		}
		if n, err := julie.EndMyOtherSessions(t.Context()); err != nil || n.Ended != 1 { // for a token: every browser
			t.Errorf("%+v %v", n, err)
		}
		here.get("/me").refused(401, "access.unauthenticated")
	})
}

// ORG-7: the platform founds, suspends and resumes; nobody else does.
func TestOrganizations(t *testing.T) {
	each(t, func(w *world) {
		if _, _, n := w.platform.page("/organizations"); n != 2 {
			t.Errorf("the platform sees %d organisations", n)
		}
		for c, want := range map[*caller]string{&w.bruno: w.a, &w.olga: w.b} {
			if list := c.items("/organizations"); len(list) != 1 || list[0].ID != want {
				t.Errorf("%+v", list)
			}
		}
		if list := w.bruno.items("/organizations?status=suspended"); len(list) != 0 {
			t.Errorf("suspended: %+v", list)
		}
		w.bruno.post("/organizations", `{"name":"x","kind":"practice","site":{"name":"x"},"administrator":{"email":"a@b.example"}}`).
			refused(404, "access.not_found")
		w.platform.post("/organizations", `{"name":"","kind":"practice","slug":"Ça","site":{"name":"","finess":"12"},"administrator":{"email":"x"}}`).
			refused(422, "invalid").at(t, "body.name text.empty", "body.site.name text.empty", "body.site.finess identifier.finess_malformed",
			"body.administrator.email account.email_malformed")
		w.platform.post("/organizations", `{"name":"x","kind":"bank","site":{"name":"x"},"administrator":{"email":"a@b.example"}}`).
			refused(422, "invalid").at(t, "body.kind api.choice")

		w.platform.post("/organizations/tilleuls/suspend", `{"reason":"impayé"}`).is(200)
		w.bruno.get("/organizations/"+w.a).refused(403, "org.suspended")
		w.bruno.get("/organizations/tilleuls").refused(403, "org.suspended")
		w.olga.get("/organizations/" + w.b).is(200)
		w.platform.post("/organizations/tilleuls/suspend", `{}`).refused(409, "org.status_unchanged")
		w.bruno.post("/organizations/"+w.a+"/resume", "").is(404)
		w.platform.post("/organizations/tilleuls/resume", "").is(200)
		w.bruno.get("/organizations/" + w.a).is(200)
	})
}

// ORG-2, ORG-4: sites are made with an administrator, changed, and closed.
func TestSites(t *testing.T) {
	each(t, func(w *world) {
		path, c := "/organizations/"+w.a+"/sites", w.bruno.rest()
		w.bruno.post(path, `{"name":""}`).refused(422, "invalid").at(t, "body.name text.empty")
		w.bruno.post(path, `{"name":"A3","members":["mbr_x"]}`).refused(422, "invalid").at(t, "body.members[0] api.identifier")
		a := w.bruno.post(path, `{"name":"A3","city":"Rennes","phone":"02 99 00 00 00"}`).is(201)
		if a.header.Get("Location") != baseURL+"/api/v1"+path+"/"+a.id() || a.header.Get("ETag") != `"1"` {
			t.Errorf("%v", a.header)
		}
		site, err := c.GetSite(t.Context(), w.a, a.id())
		w.good(err)
		changed, err := c.EditSite(t.Context(), w.a, site.ID, site.Version, rest.SiteChange{Name: to("Trois"), Phone: to("")})
		w.good(err)
		if changed.Name != "Trois" || changed.City != "Rennes" || changed.Phone != "" || changed.Version != 2 {
			t.Errorf("%+v", changed)
		}
		_, err = c.EditSite(t.Context(), w.a, site.ID, site.Version, rest.SiteChange{Name: to("Quatre")})
		w.refusedBy(err, 412, "api.version_stale")
		var names []string
		for _, v := range collect(w, c.Sites(t.Context(), w.a, rest.SiteQuery{Sort: "-name"})) {
			names = append(names, v.Name)
		}
		if got := strings.Join(names, " "); got != "Un Trois A2" {
			t.Errorf("by name, turned round: %s", got)
		}
		first, err := c.ListSites(t.Context(), w.a, rest.SiteQuery{Paging: rest.Paging{Limit: 2}})
		w.good(err)
		if len(first.Items) != 2 || first.Total != 3 || first.NextCursor == nil {
			t.Fatalf("%+v", first)
		}
		last, err := c.ListSites(t.Context(), w.a, rest.SiteQuery{Paging: rest.Paging{Limit: 2, Cursor: *first.NextCursor}})
		w.good(err)
		if len(last.Items) != 1 || last.Items[0].Name != "Un" || last.NextCursor != nil {
			t.Errorf("the second page: %+v", last)
		}
		w.good(c.CloseSite(t.Context(), w.a, site.ID))
		_, err = c.GetSite(t.Context(), w.a, site.ID)
		w.refusedBy(err, 404, "site.not_found")
		w.refusedBy(c.CloseSite(t.Context(), w.a, w.a1), 409, "site.in_use")
	})
}

// LST-1: the list filters, sorts, pages, and tells the exact total.
func TestMemberList(t *testing.T) {
	each(t, func(w *world) {
		c := w.bruno.rest()
		for _, q := range []struct {
			rest.MemberQuery
			want int64
		}{
			{rest.MemberQuery{}, 3}, {rest.MemberQuery{Search: "JULÏE"}, 1}, {rest.MemberQuery{Search: "lacaze"}, 1},
			{rest.MemberQuery{Function: "secretary"}, 2}, {rest.MemberQuery{Admin: true}, 2}, {rest.MemberQuery{Status: []string{"active", "created"}}, 3},
			{rest.MemberQuery{Status: []string{"deactivated"}}, 0}, {rest.MemberQuery{Site: w.a1}, 3}, {rest.MemberQuery{Site: w.a2}, 1},
			{rest.MemberQuery{Role: w.role("secretary")}, 1}, {rest.MemberQuery{Permission: "members.invite"}, 2},
			{rest.MemberQuery{Keyword: "secretariat"}, 2},
		} {
			if l, err := c.ListMembers(t.Context(), w.a, q.MemberQuery); err != nil || l.Total != q.want {
				t.Errorf("%+v finds %d, want %d: %v", q.MemberQuery, l.Total, q.want, err)
			}
		}
		var got []string
		for _, m := range collect(w, c.Members(t.Context(), w.a, rest.MemberQuery{Paging: rest.Paging{Limit: 1}, Sort: "-name"})) {
			got = append(got, m.FamilyName)
		}
		if strings.Join(got, " ") != "Roy Lacaze Delmas" {
			t.Errorf("by name, turned round: %v", got)
		}
		l, err := c.ListMembers(t.Context(), w.a, rest.MemberQuery{Search: "julie"})
		w.good(err)
		if l.Counts.All != 3 || l.Counts.Administrators != 2 {
			t.Errorf("counts: %+v", l.Counts)
		}
	})
}

// CHG-4, ORG-4, ORG-5: administration and status change through the API, under the
// version that was read, and never leave an organisation without administrator.
func TestMemberActs(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		bruno, julie := w.member("bruno@tilleuls.example"), w.member("julie@tilleuls.example")
		_, err := c.WithdrawAdministrator(ctx, w.a, bruno, "organization", 0)
		w.refusedBy(err, 409, "member.last_administrator")
		sheet, err := c.GetMember(ctx, w.a, julie)
		w.good(err)
		first := sheet.Version
		sheet, err = c.AppointAdministrator(ctx, w.a, julie, "organization", sheet.Version)
		w.good(err)
		if l, err := c.ListMembers(ctx, w.a, rest.MemberQuery{Admin: true}); err != nil || l.Total != 3 {
			t.Errorf("%d administrators: %v", l.Total, err)
		}
		sheet, err = c.WithdrawAdministrator(ctx, w.a, julie, "organization", sheet.Version)
		w.good(err)
		sheet, err = c.AddMemberToSite(ctx, w.a, julie, w.a2, sheet.Version)
		w.good(err)
		_, err = c.AppointAdministrator(ctx, w.a, julie, "everywhere", sheet.Version)
		w.refusedBy(err, 422, "invalid", "query.scope api.scope")
		_, err = c.AppointAdministrator(ctx, w.a, julie, "", sheet.Version)
		w.refusedBy(err, 422, "invalid", "query.scope api.required")
		_, err = c.WithdrawAdministrator(ctx, w.a, julie, w.a2, 0)
		w.refusedBy(err, 409, "member.not_administrator")
		_, err = c.RemoveMemberFromSite(ctx, w.a, julie, w.a2, 0)
		w.good(err)
		_, err = c.RemoveMemberFromSite(ctx, w.a, julie, w.a2, 0)
		w.refusedBy(err, 409, "member.not_of_site")

		_, err = c.DeactivateMember(ctx, w.a, bruno, rest.Deactivation{}, 0)
		w.refusedBy(err, 409, "member.yourself")
		_, err = c.DeactivateMember(ctx, w.a, julie, rest.Deactivation{}, first)
		w.refusedBy(err, 412, "api.version_stale")
		if m, err := c.DeactivateMember(ctx, w.a, julie, rest.Deactivation{}, 0); err != nil || m.Status != "deactivated" {
			t.Errorf("%+v %v", m, err)
		}
		_, err = w.julie.rest().GetOrganization(ctx, w.a)
		w.refusedBy(err, 404, "access.not_found")
		back, err := c.ReactivateMember(ctx, w.a, julie, 0)
		if err != nil || back.Status == "deactivated" || len(back.Changed) != 0 || back.ReactivatedAt == nil {
			t.Errorf("%+v %v", back, err)
		}
		_, err = w.julie.rest().GetOrganization(ctx, w.a) // CHG-4: of tokens from before, none comes back
		w.refusedBy(err, 401, "access.token_outlived")
	})
}

// Several at once: all or none, and a dry run that says why.
func TestDeactivateTogether(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		bruno, tina, julie := w.member("bruno@tilleuls.example"), w.member("tina@tilleuls.example"), w.member("julie@tilleuls.example")
		r, err := c.PreviewDeactivateMembers(ctx, w.a, rest.Selection{Members: []string{tina, bruno}})
		w.good(err)
		if !r.DryRun || len(r.Lines) != 2 || r.Lines[0].Code != "" || r.Lines[1].Code != "member.yourself" || r.Lines[1].Detail == "" {
			t.Errorf("%+v", r)
		}
		_, err = c.DeactivateMembers(ctx, w.a, rest.Selection{Members: []string{tina, bruno}})
		w.refusedBy(err, 409, "member.yourself")
		gone := rest.MemberQuery{Status: []string{"deactivated"}}
		if l, err := c.ListMembers(ctx, w.a, gone); err != nil || l.Total != 0 {
			t.Fatalf("%d were deactivated all the same: %v", l.Total, err)
		}
		_, err = c.DeactivateMembers(ctx, w.a, rest.Selection{Members: []string{tina, julie}})
		w.good(err)
		if l, err := c.ListMembers(ctx, w.a, gone); err != nil || l.Total != 2 {
			t.Errorf("%d are deactivated: %v", l.Total, err)
		}
		_, err = c.DeactivateMembers(ctx, w.a, rest.Selection{Members: []string{}})
		w.refusedBy(err, 422, "invalid", "body.members api.too_few")
	})
}

// MEM-10: whoever joined can leave; the last administrator cannot.
func TestLeave(t *testing.T) {
	each(t, func(w *world) {
		julie := w.julie.rest()
		all := collect(w, julie.MyOrganizations(t.Context(), rest.PlaceQuery{}))
		if len(all) != 1 || all[0].Organization.ID != w.a || all[0].Administrator || all[0].Roles[0].Name != "Secrétariat" {
			t.Fatalf("%+v", all)
		}
		w.refusedBy(w.bruno.rest().LeaveOrganization(t.Context(), w.a), 409, "member.last_administrator")
		w.good(julie.LeaveOrganization(t.Context(), "tilleuls"))
		if list := collect(w, julie.Organizations(t.Context(), rest.OrganizationQuery{})); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// MEM-12, SEC-4: the security policy, with its version from the defaults on.
func TestSecurityPolicy(t *testing.T) {
	each(t, func(w *world) {
		path, c := "/organizations/"+w.a+"/security-policy", w.bruno.rest()
		a := w.bruno.get(path).is(200)
		if a.header.Get("ETag") != `"0"` || !strings.Contains(string(a.body), `"temporary_passwords":false,"access_letters":true,"version":0}`) {
			t.Fatalf("%v %s", a.header, a.body)
		}
		w.bruno.change("PATCH", path, path, `{"temporary_passwords":"yes"}`).refused(422, "invalid").at(t, "body.temporary_passwords api.boolean")
		p, err := c.EditSecurityPolicy(t.Context(), w.a, 0, rest.SecurityChange{TemporaryPasswords: to(true)})
		w.good(err)
		if !p.TemporaryPasswords || p.Version != 1 {
			t.Errorf("%+v", p)
		}
		_, err = c.EditSecurityPolicy(t.Context(), w.a, 0, rest.SecurityChange{TemporaryPasswords: to(false)})
		w.refusedBy(err, 412, "api.version_stale")
		_, err = w.julie.rest().GetSecurityPolicy(t.Context(), w.a)
		w.refusedBy(err, 403, "access.forbidden")
	})
}

// RGT-1: roles and permissions are read; what may be given is told.
func TestRolesAndPermissions(t *testing.T) {
	each(t, func(w *world) {
		list := collect(w, w.bruno.rest().Roles(t.Context(), w.a, rest.RoleQuery{}))
		if len(list) != 5 || list[0].BuiltIn != "administrator" || list[0].Name != "Administration" {
			t.Fatalf("%+v", list)
		}
		r, err := w.bruno.rest().In("en").GetRole(t.Context(), w.a, list[0].ID)
		if err != nil || !slices.Contains(r.Permissions, "members.invite") {
			t.Errorf("%+v %v", r, err)
		}
		for _, r := range collect(w, w.tina.rest().Roles(t.Context(), w.a, rest.RoleQuery{Grantable: true})) {
			if len(r.Scopes) != 1 || r.Scopes[0] != w.a1 {
				t.Errorf("tina may give %s at %v", r.BuiltIn, r.Scopes)
			}
		}
		if l, err := w.julie.rest().ListPermissions(t.Context(), rest.Paging{Limit: 100}); err != nil || l.Total != 39 || l.NextCursor != nil {
			t.Errorf("%d permissions: %v", l.Total, err)
		}
	})
}

// CHG-1: my names and my language.
func TestMe(t *testing.T) {
	each(t, func(w *world) {
		a := w.julie.get("/me").is(200)
		if !strings.Contains(string(a.body), `"email":"julie@tilleuls.example"`) || a.header.Get("ETag") != `"1"` {
			t.Fatalf("%v %s", a.header, a.body)
		}
		w.julie.change("PATCH", "/me", "/me", `{"title":"Sir"}`).refused(422, "invalid").at(t, "body.title api.choice")
		w.julie.change("PATCH", "/me", "/me", `{"given_name":"J\r\nBcc: x"}`).refused(422, "invalid").at(t, "body.given_name text.control")
		changed := w.julie.change("PATCH", "/me", "/me", `{"language":"en"}`).is(200)
		if !strings.Contains(string(changed.body), `"given_name":"Julie"`) {
			t.Errorf("%s", changed.body)
		}
		// The caller's language: the account's, unless the request says another.
		if p := w.julie.get("/organizations/"+w.b).refused(404, "access.not_found"); p.Title != "Not found" {
			t.Errorf("title %q", p.Title)
		}
		if p := w.julie.and("Accept-Language: fr").get("/organizations/"+w.b).refused(404, "access.not_found"); p.Title != "Introuvable" {
			t.Errorf("title %q", p.Title)
		}
		browser := w.julie.signedIn().and("Accept-Language: fr")
		if p := browser.get("/organizations/"+w.b).refused(404, "access.not_found"); p.Title != "Not found" {
			t.Errorf("in a browser, title %q", p.Title)
		}
	})
}
