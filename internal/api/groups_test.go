package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/ident"
)

func (w *world) groups(org string) string { return "/organizations/" + org + "/access-groups" }

// newGroup makes a group of A.
func (w *world) newGroup(name string) string {
	w.Helper()
	return w.bruno.post(w.groups(w.a), `{"name":"`+name+`"}`).is(201).id()
}

// RGT-7, RGT-8: a group from its making to its removal, as a program meets it.
func TestAccessGroups(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := w.Context(), w.bruno.rest()
		g, err := c.CreateAccessGroup(ctx, w.a, rest.NewAccessGroup{Name: "Pédiatrie"})
		if err != nil || g.Version != 1 {
			t.Fatal(g, err)
		}
		other := w.newGroup("Autre")
		text := "Enfants suivis"
		if g, err = c.EditAccessGroup(ctx, w.a, g.ID, 1, rest.AccessGroupChange{Description: &text}); err != nil || g.Name != "Pédiatrie" || g.Version != 2 {
			t.Error(g, err)
		}
		julie := w.member("julie@tilleuls.example")
		until := w.db.Now().Add(72 * time.Hour)
		if g, err = c.SetAccessGroupMember(ctx, w.a, g.ID, julie, 2, rest.AccessGroupPeriod{Until: &until}); err != nil || g.Members != 1 || g.Version != 3 {
			t.Error(g, err)
		}
		for m, err := range c.AccessGroupMembers(ctx, w.a, g.ID, rest.AccessGroupMemberQuery{}) {
			if err != nil || m.Member != julie || m.Until == nil || !m.Until.Equal(until) || m.GivenBy != "Bruno Lacaze" {
				t.Error(m, err)
			}
		}
		records := rest.AccessGroupRecords{Add: []string{"D-1", "D-2", "D-3"}}
		seen, err := c.PreviewAccessGroupRecords(ctx, w.a, g.ID, records)
		if err != nil || !seen.DryRun || seen.Added != 3 || seen.Grouped != 3 {
			t.Error(seen, err)
		}
		did, err := c.ChangeAccessGroupRecords(ctx, w.a, g.ID, records)
		if err != nil || did.DryRun || did.Added != 3 {
			t.Error(did, err)
		}
		if did, err = c.AddAccessGroupRecord(ctx, w.a, other, "D-2", 1); err != nil || did.Added != 1 || did.Grouped != 0 {
			t.Error(did, err)
		}
		if did, err = c.RemoveAccessGroupRecord(ctx, w.a, g.ID, "D-1", 0); err != nil || did.Removed != 1 || did.Ungrouped != 1 || did.UnlistedClosed {
			t.Error(did, err)
		}
		if did, err = c.RemoveAccessGroupRecord(ctx, w.a, g.ID, "D-1", 3); err != nil || did.NotIn != 1 {
			t.Error("asked again", did, err)
		}
		var names []string
		for r, err := range c.AccessGroupRecords(ctx, w.a, g.ID, rest.AccessGroupRecordQuery{Paging: rest.Paging{Limit: 1}}) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, r.Record)
		}
		if strings.Join(names, " ") != "D-2 D-3" {
			t.Error(names)
		}
		for want, q := range map[string]rest.AccessGroupQuery{
			"Autre Pédiatrie": {Record: "D-2"}, "Pédiatrie": {Member: julie}, "Autre": {Search: "aut"}, "": {Record: "d-2"},
		} {
			var found []string
			for g, err := range c.AccessGroups(ctx, w.a, q) {
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, g.Name)
			}
			if strings.Join(found, " ") != want {
				t.Errorf("%+v: %v", q, found)
			}
		}
		before, err := c.PreviewRemoveAccessGroup(ctx, w.a, g.ID)
		if err != nil || before != (rest.AccessGroupRemoval{DryRun: true, Members: 1, Records: 2, Ungrouped: 1}) {
			t.Error(before, err)
		}
		after, err := c.RemoveAccessGroup(ctx, w.a, g.ID, 3)
		if err != nil || after.DryRun || after.Ungrouped != 1 {
			t.Error(after, err)
		}
		w.bruno.get(w.groups(w.a)+"/"+g.ID).refused(404, "recordgroup.not_found")
	})
}

// RAC-07, RAC-08: a change names the version it was made from; the same key has one effect.
func TestAccessGroupVersions(t *testing.T) {
	each(t, func(w *world) {
		g := w.groups(w.a) + "/" + w.newGroup("Un")
		julie := w.member("julie@tilleuls.example")
		for _, r := range []struct{ method, path, body string }{
			{"PATCH", g, `{"name":"Deux"}`}, {"PUT", g + "/members/" + julie, `{}`}, {"PUT", g + "/records/D-1", ""},
		} {
			w.bruno.send(r.method, r.path, r.body).refused(428, "api.version_missing")
			w.bruno.and(`If-Match: "9"`).send(r.method, r.path, r.body).refused(412, "api.version_stale")
			w.bruno.and(`If-Match: "9"`).send("DELETE", r.path, "").refused(412, "api.version_stale")
		}
		key := "Idempotency-Key: k1"
		first := w.bruno.and(key).post(g+"/records", `{"add":["D-1"]}`).is(200)
		w.bruno.post(g+"/records", `{"remove":["D-1"]}`).is(200)
		again := w.bruno.and(key).post(g+"/records", `{"add":["D-1"]}`).is(200)
		if !bytes.Equal(first.body, again.body) {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		if _, _, total := w.bruno.page(g + "/records"); total != 0 {
			t.Error("the same key had two effects")
		}
	})
}

// The name of a record is the application's: whatever it holds, it is one segment of the
// path, kept exactly; and nothing else of a path may be escaped (WEB-04).
func TestHostileRecordNames(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := w.Context(), w.bruno.rest()
		id := w.newGroup("Un")
		path := w.groups(w.a) + "/" + id
		names := []string{
			"a/b", "/a", "../../tokens", ".", "..", "a%2Fb", "%", "%00", "a b", "é", "e\u0301", "ᚠᛇ", "🙂", `back\slash`, "a?b#c", "a;b", "a+b", `"quoted"`,
			"records", "x/records/y", "//", strings.Repeat("é", 200),
		}
		for i, name := range names {
			did, err := c.AddAccessGroupRecord(ctx, w.a, id, name, 1)
			if err != nil || did.Added != 1 {
				t.Errorf("%q: %+v %v", name, did, err)
			}
			if l, err := c.ListAccessGroupRecords(ctx, w.a, id, rest.AccessGroupRecordQuery{Record: name}); err != nil || len(l.Items) != 1 || l.Items[0].Record != name {
				t.Errorf("%q: %+v %v", name, l, err)
			}
			if _, _, total := w.bruno.page(path + "/records"); total != int64(i+1) {
				t.Errorf("%q: %d records", name, total)
			}
		}
		w.bruno.post(path+"/records", `{"add":["/"]}`).is(200) // a slash alone is no segment: the route of many takes it
		w.bruno.post(path+"/records", `{"remove":["/"]}`).is(200)
		for _, name := range names {
			if did, err := c.RemoveAccessGroupRecord(ctx, w.a, id, name, 0); err != nil || did.Removed != 1 {
				t.Errorf("%q: %+v %v", name, did, err)
			}
		}
		for raw, code := range map[string]string{
			"a%00b": "recordgroup.record_unprintable", "%FF": "recordgroup.record_unprintable", "%20": "recordgroup.record_empty",
			"2%2055%2008%2014%20168%20025%2038": "recordgroup.record_nir", strings.Repeat("a", 201): "recordgroup.record_too_long",
		} {
			p := w.bruno.and(`If-Match: "1"`).send("PUT", path+"/records/"+raw, "").refused(422, "invalid")
			if p.Errors[0].Code != code || p.Errors[0].Location != "path.record" {
				t.Errorf("%s: %+v", raw, p.Errors)
			}
		}
		for _, raw := range []string{
			path + "/records/..", path + "/records/.", path + "/records/a/b", path + "/records/", path + "/records//a",
			w.groups(w.a) + "/" + url.PathEscape("../") + id + "/records/a", path + "/%72ecords/a", path + "%2Frecords/a", path + "/records/%2e%2e/",
			strings.Replace(path, "groups", "%67roups", 1) + "/records/a",
		} {
			if a := w.bruno.and(`If-Match: "1"`).send("PUT", raw, ""); a.status/100 == 2 {
				t.Errorf("%s: %d %s", raw, a.status, a.body)
			}
		}
		if _, _, total := w.bruno.page(path + "/records"); total != 0 {
			t.Errorf("%d records are there", total)
		}
	})
}

// groupRoutes are requests on one group: $g is the group, $m a member.
var groupRoutes = []struct{ method, path, body string }{
	{"GET", "/$g", ""},
	{"PATCH", "/$g", `{"name":"Pris"}`},
	{"DELETE", "/$g", ""},
	{"DELETE", "/$g?dry_run=true", ""},
	{"GET", "/$g/members", ""},
	{"PUT", "/$g/members/$m", `{}`},
	{"DELETE", "/$g/members/$m", ""},
	{"GET", "/$g/records", ""},
	{"PUT", "/$g/records/D-1", ""},
	{"PUT", "/$g/records/a%2Fb", ""},
	{"DELETE", "/$g/records/D-1", ""},
	{"POST", "/$g/records", `{"add":["D-2"],"remove":["D-1"]}`},
	{"POST", "/$g/records?dry_run=true", `{"add":["D-2"]}`},
}

func (c caller) onGroup(org, group, member string, i int) answer {
	c.w.Helper()
	r := groupRoutes[i]
	path := strings.NewReplacer("$g", group, "$m", member).Replace(r.path)
	if r.method == "PUT" || r.method == "PATCH" {
		c = c.and(`If-Match: "1"`)
	}
	return c.send(r.method, c.w.groups(org)+path, r.body)
}

func (w *world) groupsOfB() string {
	w.Helper()
	var s strings.Builder
	s.Write(w.olga.get(w.groups(w.b)).is(200).body)
	for _, g := range w.olga.items(w.groups(w.b)) {
		s.Write(w.olga.get(w.groups(w.b) + "/" + g.ID + "/records").is(200).body)
		s.Write(w.olga.get(w.groups(w.b) + "/" + g.ID + "/members").is(200).body)
	}
	fmt.Fprint(&s, w.count(`select version from org_version where org_id = $1`, w.b))
	return s.String()
}

// AUZ-01, AUZ-02, ENU-03: a group of B answers in A like one that does not exist, and B
// like an organisation that does not; nothing of B changes, and no member of B enters A.
func TestAccessGroupsOfAnotherOrganization(t *testing.T) {
	each(t, func(w *world) {
		theirs := w.olga.post(w.groups(w.b), `{"name":"À eux"}`).is(201).id()
		w.olga.post(w.groups(w.b)+"/"+theirs+"/records", `{"add":["D-1"]}`).is(200)
		marc := w.olga.items("/organizations/" + w.b + "/members")[0].ID
		mine := w.newGroup("À nous")
		before := w.groupsOfB()
		for i, r := range groupRoutes {
			unknown := w.bruno.onGroup(w.a, ident.NewGroup().String(), ident.NewMember().String(), i).is(404)
			got := w.bruno.onGroup(w.a, theirs, marc, i)
			if got.status != 404 || !bytes.Equal(got.body, unknown.body) {
				t.Errorf("AUZ-02 %s %s: %d %s, want %s", r.method, r.path, got.status, got.body, unknown.body)
			}
			nowhere := w.bruno.onGroup(ident.NewOrg().String(), theirs, marc, i).is(404)
			got = w.bruno.onGroup(w.b, theirs, marc, i)
			if got.status != 404 || !bytes.Equal(got.body, nowhere.body) {
				t.Errorf("AUZ-01 %s %s: %d %s, want %s", r.method, r.path, got.status, got.body, nowhere.body)
			}
		}
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/access-groups", ""}, {"POST", "/access-groups", `{"name":"x"}`}, {"GET", "/settings", ""},
			{"PATCH", "/settings", `{"records_unlisted_closed":true}`},
		} {
			c := w.bruno.and(`If-Match: "0"`)
			unknown := c.send(r.method, "/organizations/"+ident.NewOrg().String()+r.path, r.body).is(404)
			if got := c.send(r.method, "/organizations/"+w.b+r.path, r.body); !bytes.Equal(got.body, unknown.body) {
				t.Errorf("AUZ-01 %s %s: %s", r.method, r.path, got.body)
			}
		}
		unknown := w.bruno.and(`If-Match: "1"`).send("PUT", w.groups(w.a)+"/"+mine+"/members/"+ident.NewMember().String(), `{}`)
		unknown.refused(404, "member.not_found")
		if got := w.bruno.and(`If-Match: "1"`).send("PUT", w.groups(w.a)+"/"+mine+"/members/"+marc, `{}`); !bytes.Equal(got.body, unknown.body) {
			t.Errorf("AUZ-02: a member of B: %s", got.body)
		}
		if got := w.bruno.items(w.groups(w.a) + "?member=" + marc); len(got) != 0 {
			t.Errorf("groups of a member of B: %+v", got)
		}
		if after := w.groupsOfB(); after != before {
			t.Errorf("B changed:\n%s\n%s", before, after)
		}
	})
}

// AUZ-06: groups are the organisation's: an administrator of one site, or a member, gets
// the same refusal whether the group exists or not, and changes nothing.
func TestAccessGroupsBySiteAdministrator(t *testing.T) {
	each(t, func(w *world) {
		g := w.newGroup("Un")
		w.bruno.post(w.groups(w.a)+"/"+g+"/records", `{"add":["D-1"]}`).is(200)
		julie := w.member("julie@tilleuls.example")
		before := w.bruno.get(w.groups(w.a) + "/" + g).is(200).body
		for name, who := range map[string]caller{"tina": w.tina, "julie": w.julie} {
			for i, r := range groupRoutes {
				got, unknown := who.onGroup(w.a, g, julie, i), who.onGroup(w.a, ident.NewGroup().String(), julie, i)
				got.refused(403, "access.forbidden")
				if !bytes.Equal(got.body, unknown.body) {
					t.Errorf("%s %s %s: %s, unknown %s", name, r.method, r.path, got.body, unknown.body)
				}
			}
			who.get(w.groups(w.a)).refused(403, "access.forbidden")
			who.post(w.groups(w.a), `{"name":"x"}`).refused(403, "access.forbidden")
			who.and(`If-Match: "0"`).send("PATCH", "/organizations/"+w.a+"/settings", `{"records_unlisted_closed":true}`).refused(403, "access.forbidden")
		}
		if after := w.bruno.get(w.groups(w.a) + "/" + g).is(200).body; !bytes.Equal(before, after) {
			t.Errorf("%s, then %s", before, after)
		}
	})
}

// INJ-07: wildcards are letters, searches are bounded, names never reach SQL as such.
func TestAccessGroupSearches(t *testing.T) {
	each(t, func(w *world) {
		g := w.groups(w.a) + "/" + w.newGroup("Un")
		w.bruno.post(g+"/records", `{"add":["D-1","50%","x'y"]}`).is(200)
		for q, want := range map[string]int64{"%25%25%25": 0, "_": 0, strings.Repeat("_", 200): 0, "un": 1, "'%20or%201=1--": 0} {
			if _, _, total := w.bruno.page(w.groups(w.a) + "?q=" + q); total != want {
				t.Errorf("%s: %d", q, total)
			}
			w.bruno.get(g + "/members?q=" + q).is(200)
		}
		for record, want := range map[string]int64{"50%25": 1, "%25": 0, "D-_": 0, "x'y": 1, "D-1": 1, "d-1": 0} {
			if _, _, total := w.bruno.page(g + "/records?record=" + url.QueryEscape(must(url.QueryUnescape(record)))); total != want {
				t.Errorf("%s: %d", record, total)
			}
		}
		w.bruno.get(w.groups(w.a) + "?q=" + strings.Repeat("a", 10_000)).is(422)
		w.bruno.get(w.groups(w.a) + "?q=" + strings.Repeat("ab+", 60) + "x").is(200) // one word, many times
		w.bruno.get(g + "/records?record=" + strings.Repeat("a", 201)).is(422)
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Ten thousand records fit in one request; more are refused, and nothing is done.
func TestBulkRecords(t *testing.T) {
	w := newWorld(t, storeForOne(t))
	g := w.groups(w.a) + "/" + w.newGroup("Un")
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprintf("6f1c9e0e-7a5d-4f0b-9d0a-%012d", i)
	}
	body, err := json.Marshal(map[string][]string{"add": names})
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Added int }
	w.bruno.post(g+"/records", string(body)).is(200).into(&r)
	if r.Added != len(names) {
		t.Errorf("%+v", r)
	}
	body, err = json.Marshal(map[string][]string{"add": names, "remove": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	if p := w.bruno.post(g+"/records", string(body)).refused(422, "invalid"); p.Errors[0].Code != "recordgroup.too_many_records" {
		t.Errorf("%+v", p)
	}
	p := w.bruno.post(g+"/records", `{"add":["good","a\u0007"],"remove":["good"]}`).refused(422, "invalid")
	if len(p.Errors) != 2 || p.Errors[0].Location != "body.add[1]" || p.Errors[0].Code != "recordgroup.record_unprintable" {
		t.Errorf("%+v", p)
	}
	if p := w.bruno.post(g+"/records", `{"add":["good"],"remove":["good"]}`).refused(422, "invalid"); p.Errors[0].Location != "body.remove[0]" {
		t.Errorf("%+v", p)
	}
}

// The setting «dossiers hors groupe fermés»: who reads it, who changes it, what it does.
func TestOrganizationSettings(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := w.Context(), w.bruno.rest()
		closed := true
		seen, err := c.PreviewSettings(ctx, w.a, 0, rest.SettingsChange{RecordsUnlistedClosed: &closed})
		if err != nil || !seen.DryRun || !seen.RecordsUnlistedClosed || seen.Version != 0 || seen.MembersInNoGroup != 3 || seen.AccessGroups != 0 {
			t.Errorf("%+v %v", seen, err)
		}
		did, err := c.EditSettings(ctx, w.a, 0, rest.SettingsChange{RecordsUnlistedClosed: &closed})
		if err != nil || did.DryRun || did.Version != 1 {
			t.Errorf("%+v %v", did, err)
		}
		if v, err := w.julie.rest().GetSettings(ctx, w.a); err != nil || !v.RecordsUnlistedClosed || v.Version != 1 {
			t.Errorf("%+v %v", v, err)
		}
		w.bruno.and(`If-Match: "0"`).send("PATCH", "/organizations/"+w.a+"/settings", `{"records_unlisted_closed":false}`).refused(412, "api.version_stale")
		w.bruno.and(`If-Match: "0"`).send("PATCH", "/organizations/"+w.a+"/settings?dry_run=true", `{}`).refused(412, "api.version_stale")
		g := w.newGroup("Un")
		w.bruno.post(w.groups(w.a)+"/"+g+"/records", `{"add":["D-1"]}`).is(200)
		if r, err := c.PreviewRemoveAccessGroup(ctx, w.a, g); err != nil || !r.UnlistedClosed || r.Ungrouped != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
}
