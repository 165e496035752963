package api_test

import (
	"bytes"
	"strings"
	"testing"
)

// MEM-9, MEM-13, INV-09: the main job end to end through the API: invite, open the
// link (which spends nothing), finish the account, be a member.
func TestInviteAndActivate(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/tilleuls/invitations" // a slug does as well as an ID
		body := `{"emails":["jeanne.moreau@exemple.fr","julie@tilleuls.example","pas une adresse"],"role":"` + w.role("secretary") +
			`","sites":["` + w.a1 + `"]}`
		foreseen := w.bruno.lines(path+"?dry_run=true", body)
		if foreseen[0].Fate != "invited" || foreseen[1].Fate != "already_member" || foreseen[2].Fate != "invalid" {
			t.Fatalf("foreseen: %+v", foreseen)
		}
		if _, _, n := w.bruno.page(path); n != 0 {
			t.Fatalf("a dry run left %d invitations", n)
		}
		lines := w.bruno.lines(path, body)
		if lines[0].Fate != "invited" || lines[0].Invitation == "" || lines[1].Fate != "already_member" ||
			lines[2].Fate != "invalid" || lines[2].Code == "" || lines[2].Detail == "" {
			t.Fatalf("lines: %+v", lines)
		}
		w.checkInvitation(path, lines[0].Invitation)

		stranger := caller{w: w}
		first := w.letter("letter.invitation")
		w.bruno.post(path+"/"+lines[0].Invitation+"/resend", "").is(200)
		second := w.letter("letter.invitation")
		stranger.post("/activations/open", `{"token":"`+first+`"}`).refused(410, "invitation.gone") // MEM-11: the older link is dead
		for range 3 {
			var o struct {
				Organization, Email string
				HasAccount          bool `json:"has_account"`
				Roles               []struct{ Name string }
			}
			stranger.post("/activations/open", `{"token":"`+second+`"}`).is(200).into(&o)
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
		w.bruno.del("/me/sessions/" + list[0].ID).is(404) // somebody else's
		w.julie.signedIn()
		if a := ours.del("/me/sessions").is(200); string(a.body) != "{\"ended\":1}\n" {
			t.Errorf("ended: %s", a.body)
		}
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
			refused(422, "invalid").at(t, "body.name text.empty", "body.site.name text.empty", "body.site.finess site.finess_malformed",
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
		path := "/organizations/" + w.a + "/sites"
		w.bruno.post(path, `{"name":""}`).refused(422, "invalid").at(t, "body.name text.empty")
		w.bruno.post(path, `{"name":"A3","members":["mbr_x"]}`).refused(422, "invalid").at(t, "body.members[0] api.identifier")
		a := w.bruno.post(path, `{"name":"A3","city":"Rennes","phone":"02 99 00 00 00"}`).is(201)
		id := a.id()
		if a.header.Get("Location") != baseURL+"/api/v1"+path+"/"+id || a.header.Get("ETag") != `"1"` {
			t.Errorf("%v", a.header)
		}
		changed := w.bruno.change("PATCH", path+"/"+id, path+"/"+id, `{"name":"Trois","phone":""}`).is(200)
		var s struct{ Name, City, Phone string }
		changed.into(&s)
		if s.Name != "Trois" || s.City != "Rennes" || s.Phone != "" || changed.header.Get("ETag") != `"2"` {
			t.Errorf("%s", changed.body)
		}
		names := func(query string) (list []string) {
			for _, v := range w.bruno.items(path + query) {
				list = append(list, v.Name)
			}
			return list
		}
		if got := strings.Join(names("?sort=-name"), " "); got != "Un Trois A2" {
			t.Errorf("by name, turned round: %s", got)
		}
		items, next, total := w.bruno.page(path + "?limit=2")
		if len(items) != 2 || total != 3 || next == "" {
			t.Fatalf("%v %q %d", items, next, total)
		}
		items, last, _ := w.bruno.page(path + "?limit=2&cursor=" + next)
		if len(items) != 1 || items[0].Name != "Un" || last != "" {
			t.Errorf("the second page: %v %q", items, last)
		}
		w.bruno.del(path + "/" + id).is(204)
		w.bruno.get(path+"/"+id).refused(404, "site.not_found")
		w.bruno.del(path+"/"+w.a1).refused(409, "site.in_use")
	})
}

// LST-1: the list filters, sorts, pages, and tells the exact total.
func TestMemberList(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/members"
		for query, want := range map[string]int64{
			"": 3, "?q=JULÏE": 1, "?q=lacaze": 1, "?function=secretary": 2, "?admin=true": 2, "?status=active,created": 3, "?status=deactivated": 0,
			"?site=" + w.a1: 3, "?site=" + w.a2: 1, "?role=" + w.role("secretary"): 1, "?permission=members.invite": 2, "?keyword=secretariat": 2,
		} {
			if _, _, n := w.bruno.page(path + query); n != want {
				t.Errorf("%q finds %d, want %d", query, n, want)
			}
		}
		var got []string
		cursor := ""
		for {
			items, next, total := w.bruno.page(path + "?limit=1&sort=-name&cursor=" + cursor)
			if len(items) != 1 || total != 3 {
				t.Fatalf("%v %d", items, total)
			}
			got = append(got, items[0].FamilyName)
			if cursor = next; next == "" {
				break
			}
		}
		if strings.Join(got, " ") != "Roy Lacaze Delmas" {
			t.Errorf("by name, turned round: %v", got)
		}
		var l struct {
			Counts struct{ All, Administrators int64 }
		}
		w.bruno.get(path + "?q=julie").is(200).into(&l)
		if l.Counts.All != 3 || l.Counts.Administrators != 2 {
			t.Errorf("counts: %+v", l.Counts)
		}
	})
}

// CHG-4, ORG-4, ORG-5: administration and status change through the API, under the
// version that was read, and never leave an organisation without administrator.
func TestMemberActs(t *testing.T) {
	each(t, func(w *world) {
		members := "/organizations/" + w.a + "/members/"
		bruno, julie := members+w.member("bruno@tilleuls.example"), members+w.member("julie@tilleuls.example")
		whole, there := "/administration?scope=organization", "/administration?scope="+w.a2
		w.bruno.del(bruno+whole).refused(409, "member.last_administrator")
		w.bruno.change("PUT", julie, julie+whole, "").is(200)
		if list := w.bruno.items(members[:len(members)-1] + "?admin=true"); len(list) != 3 {
			t.Errorf("%d administrators", len(list))
		}
		w.bruno.change("DELETE", julie, julie+whole, "").is(200)
		w.bruno.change("PUT", julie, julie+"/sites/"+w.a2, "").is(200)
		w.bruno.change("PUT", julie, julie+"/administration?scope=everywhere", "").refused(422, "invalid").at(t, "query.scope api.scope")
		w.bruno.change("PUT", julie, julie+"/administration", "").refused(422, "invalid").at(t, "query.scope api.required")
		w.bruno.del(julie+there).refused(409, "member.not_administrator")
		w.bruno.del(julie + "/sites/" + w.a2).is(200)
		w.bruno.del(julie+"/sites/"+w.a2).refused(409, "member.not_of_site")

		w.bruno.post(bruno+"/deactivate", "").refused(409, "member.yourself")
		stale := w.bruno.get(julie).is(200).header.Get("ETag")
		w.bruno.change("PUT", julie, julie+"/sites/"+w.a2, "").is(200)
		w.bruno.and("If-Match: "+stale).post(julie+"/deactivate", "").refused(412, "api.version_stale")
		a := w.bruno.post(julie+"/deactivate", "").is(200)
		if !strings.Contains(string(a.body), `"status":"deactivated"`) {
			t.Errorf("%s", a.body)
		}
		w.julie.get("/organizations/"+w.a).refused(404, "access.not_found")
		w.bruno.post(julie+"/reactivate", "").is(200)
		w.julie.get("/organizations/" + w.a).is(200)
	})
}

// Several at once: all or none, and a dry run that says why.
func TestDeactivateTogether(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/members/deactivate"
		bruno, tina, julie := w.member("bruno@tilleuls.example"), w.member("tina@tilleuls.example"), w.member("julie@tilleuls.example")
		var r struct {
			DryRun bool `json:"dry_run"`
			Lines  []struct{ Member, Status, Code, Detail string }
		}
		w.bruno.post(path+"?dry_run=true", `{"members":["`+tina+`","`+bruno+`"]}`).is(200).into(&r)
		if !r.DryRun || len(r.Lines) != 2 || r.Lines[0].Code != "" || r.Lines[1].Code != "member.yourself" || r.Lines[1].Detail == "" {
			t.Errorf("%+v", r)
		}
		w.bruno.post(path, `{"members":["`+tina+`","`+bruno+`"]}`).refused(409, "member.yourself")
		if _, _, n := w.bruno.page("/organizations/" + w.a + "/members?status=deactivated"); n != 0 {
			t.Fatalf("%d were deactivated all the same", n)
		}
		w.bruno.post(path, `{"members":["`+tina+`","`+julie+`"]}`).is(200)
		if _, _, n := w.bruno.page("/organizations/" + w.a + "/members?status=deactivated"); n != 2 {
			t.Errorf("%d are deactivated", n)
		}
		w.bruno.post(path, `{"members":[]}`).refused(422, "invalid").at(t, "body.members api.too_few")
	})
}

// MEM-10: whoever joined can leave; the last administrator cannot.
func TestLeave(t *testing.T) {
	each(t, func(w *world) {
		var l struct {
			Items []struct {
				Organization  item
				Administrator bool
				Roles         []struct{ Name, Scope string }
			}
		}
		w.julie.get("/me/organizations").is(200).into(&l)
		if len(l.Items) != 1 || l.Items[0].Organization.ID != w.a || l.Items[0].Administrator || l.Items[0].Roles[0].Name != "Secrétariat" {
			t.Fatalf("%+v", l)
		}
		w.bruno.del("/me/organizations/"+w.a).refused(409, "member.last_administrator")
		w.julie.del("/me/organizations/tilleuls").is(204)
		if list := w.julie.items("/organizations"); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// MEM-12, SEC-4: the security policy, with its version from the defaults on.
func TestSecurityPolicy(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/security-policy"
		a := w.bruno.get(path).is(200)
		if a.header.Get("ETag") != `"0"` || string(a.body) != "{\"temporary_passwords\":false,\"version\":0}\n" {
			t.Fatalf("%v %s", a.header, a.body)
		}
		w.bruno.change("PATCH", path, path, `{"temporary_passwords":"yes"}`).refused(422, "invalid").at(t, "body.temporary_passwords api.boolean")
		w.bruno.change("PATCH", path, path, `{"temporary_passwords":true}`).is(200)
		w.bruno.and(`If-Match: "0"`).send("PATCH", path, `{"temporary_passwords":false}`).refused(412, "api.version_stale")
		w.julie.get(path).refused(403, "access.forbidden")
	})
}

// RGT-1: roles and permissions are read; what may be given is told.
func TestRolesAndPermissions(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/roles"
		list := w.bruno.items(path)
		if len(list) != 5 || list[0].BuiltIn != "administrator" || list[0].Name != "Administration" {
			t.Fatalf("%+v", list)
		}
		if a := w.bruno.and("Accept-Language: en").get(path + "/" + list[0].ID).is(200); !strings.Contains(string(a.body), `"members.invite"`) {
			t.Errorf("%s", a.body)
		}
		for _, r := range w.tina.items(path + "?grantable=true") {
			if len(r.Scopes) != 1 || r.Scopes[0] != w.a1 {
				t.Errorf("tina may give %s at %v", r.BuiltIn, r.Scopes)
			}
		}
		if _, next, total := w.julie.page("/permissions?limit=100"); total != 39 || next != "" {
			t.Errorf("%d permissions", total)
		}
	})
}

// rest.md: tokens of an organisation; the secret is shown once.
func TestTokens(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/tokens"
		w.bruno.post(path, `{"name":"Agenda","expires_in_days":366}`).refused(422, "invalid").at(t, "body.expires_in_days api.too_high")
		w.bruno.post(path, `{"name":"","permissions":["members.read"]}`).refused(422, "invalid").at(t, "body.name text.empty")
		w.bruno.post(path, `{"name":"x","permissions":["all"]}`).refused(422, "invalid").at(t, "body.permissions[0] api.choice")
		keyed := w.bruno.and("Idempotency-Key: k1")
		a := keyed.post(path, `{"name":"Agenda","permissions":["members.read"],"expires_in_days":30}`).is(201)
		var made struct {
			ID, Secret   string
			Organization string
		}
		a.into(&made)
		again := keyed.post(path, `{"name":"Agenda","permissions":["members.read"],"expires_in_days":30}`)
		again.refused(409, "token.shown_once") // RAC-08
		if again.header.Get("Location") != baseURL+"/api/v1"+path+"/"+made.ID || strings.Contains(string(again.body), made.Secret) {
			t.Errorf("%v %s", again.header, again.body)
		}
		machine := w.with(made.Secret)
		if _, _, n := machine.page("/organizations/" + w.a + "/members"); n != 3 {
			t.Errorf("the token sees %d members", n)
		}
		if list := machine.items("/organizations"); len(list) != 1 || list[0].ID != w.a {
			t.Errorf("%+v", list)
		}
		machine.get("/organizations/"+w.b+"/members").refused(404, "access.not_found")
		machine.post("/organizations/"+w.a+"/invitations", `{"emails":["a@b.example"]}`).refused(403, "access.forbidden")
		machine.get("/me").refused(403, "access.forbidden")
		if list := w.bruno.items(path); len(list) != 1 || list[0].ID != made.ID {
			t.Errorf("%+v", list)
		}
		if raw := w.bruno.get(path); strings.Contains(string(raw.body), made.Secret) {
			t.Error("the list shows the secret")
		}
		w.bruno.del(path + "/" + made.ID).is(204)
		w.bruno.del(path + "/" + made.ID).is(404)
		machine.get("/organizations").refused(401, "api.token_invalid")
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
