package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/token"
)

const agendaApp = "agenda"

// agenda is the token of an application that registers what people hold in A.
func (w *world) agenda() caller {
	w.Helper()
	org, err := ident.ParseOrg(w.bruno.get("/organizations/" + w.a).is(200).id())
	w.good(err)
	return w.with(w.make(token.New{
		Kind: token.OfOrganization, Org: org, Name: "Agenda", Permissions: []access.Permission{access.WorkitemsEdit},
	}))
}

// task is a task of a member.
func task(owner string) rest.WorkItemDetails { return rest.WorkItemDetails{Kind: "task", Owner: owner} }

// OFF-5, RAC-07: an application registers what people hold; it is read, reassigned, closed and
// removed; what the application did not know of is never lost.
func TestWorkItems(t *testing.T) {
	each(t, func(w *world) {
		ctx, app, bruno := w.Context(), w.agenda().rest(), w.bruno.rest()
		julie, tina := w.member("julie@tilleuls.example"), w.member("tina@tilleuls.example")
		due := w.db.Now().Add(-time.Hour).UTC().Truncate(time.Second)
		d := rest.WorkItemDetails{Kind: "task", Title: "Commander des gants", Owner: julie, Site: w.a1, DueAt: &due}
		i, err := app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 0, d)
		w.good(err)
		if i.Version != 1 || i.State != "open" || !i.Held || !i.Late || i.OnLeaving != "deleted" || i.Site != w.a1 || !i.DueAt.Equal(due) || i.ExternalID != "T/1" {
			t.Errorf("%+v", i)
		}
		if i, err = app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 0, d); err != nil || i.Version != 1 {
			t.Error("again", i, err)
		}
		r, err := app.RegisterWorkItems(ctx, w.a, rest.NewWorkItems{Items: []rest.NewWorkItem{
			{WorkItemDetails: d, Source: agendaApp, ExternalID: "T/1"}, {WorkItemDetails: task(julie), Source: agendaApp, ExternalID: "2"},
			{WorkItemDetails: rest.WorkItemDetails{Kind: "setting", Owner: julie}, Source: agendaApp, ExternalID: "3"},
		}})
		if err != nil || r != (rest.WorkItemsReport{Made: 2, Unchanged: 1}) {
			t.Error(r, err)
		}
		var names []string
		for v, err := range app.WorkItems(ctx, w.a, rest.WorkItemQuery{Owner: julie, Paging: rest.Paging{Limit: 1}}) {
			w.good(err)
			names = append(names, v.ExternalID)
		}
		if strings.Join(names, " ") != "T/1 2 3" {
			t.Error(names)
		}
		if l, err := app.ListWorkItems(ctx, w.a, rest.WorkItemQuery{Owner: julie, Kind: "task"}); err != nil || l.Total != 2 || len(l.Items) != 2 {
			t.Error(l, err)
		}
		m, err := bruno.ReassignWorkItems(ctx, w.a, julie, rest.WorkItemHandover{
			To: tina, Items: []rest.WorkItemRef{{Source: agendaApp, ExternalID: "T/1"}},
		})
		if err != nil || m != (rest.WorkItemReassignment{To: tina, Items: 1}) {
			t.Error(m, err)
		}
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 0, d)
		w.refusedBy(err, 428, "api.version_missing")
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 1, d)
		w.refusedBy(err, 412, "api.version_stale")
		if i, err = app.GetWorkItem(ctx, w.a, agendaApp, "T/1"); err != nil || i.Owner != tina || i.Version != 2 {
			t.Error(i, err)
		}
		d.Owner, d.State = tina, "done"
		if i, err = app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 2, d); err != nil || i.Version != 3 || i.Held || i.Late {
			t.Error(i, err)
		}
		if m, err = bruno.ReassignWorkItems(ctx, w.a, julie, rest.WorkItemHandover{To: tina}); err != nil || m.Items != 2 || m.Left != 0 {
			t.Error(m, err)
		}
		_, err = bruno.ReassignWorkItems(ctx, w.a, julie, rest.WorkItemHandover{To: tina})
		w.refusedBy(err, 409, "workitem.nothing_held")
		w.refusedBy(app.RemoveWorkItem(ctx, w.a, agendaApp, "T/1", 1), 412, "api.version_stale")
		w.good(app.RemoveWorkItem(ctx, w.a, agendaApp, "T/1", 0))
		w.refusedBy(app.RemoveWorkItem(ctx, w.a, agendaApp, "T/1", 0), 404, "workitem.not_found")
	})
}

// What may not be registered is told with its place; a receiver must fit.
func TestWorkItemRefusals(t *testing.T) {
	each(t, func(w *world) {
		ctx, app, bruno := w.Context(), w.agenda().rest(), w.bruno.rest()
		julie := w.member("julie@tilleuls.example")
		wrong := task(ident.NewMember().String())
		wrong.Title = "Voir 2 55 08 14 168 025 38"
		_, err := app.PutWorkItem(ctx, w.a, "Agenda", "255081416802538", 0, wrong)
		w.refusedBy(err, 422, "invalid", "path.source workitem.source", "path.external_id workitem.nir", "body.title workitem.nir")
		wrong.Title, wrong.Kind = "", "appointment"
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "1", 0, wrong)
		w.refusedBy(err, 422, "invalid", "body.due_at workitem.due_missing")
		wrong.Kind = "task"
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "1", 0, wrong)
		w.refusedBy(err, 422, "invalid", "body.owner workitem.owner")
		wrong.Owner, wrong.Site = julie, w.a2
		_, err = app.RegisterWorkItems(ctx, w.a, rest.NewWorkItems{Items: []rest.NewWorkItem{
			{WorkItemDetails: task(julie), Source: agendaApp, ExternalID: "1"}, {WorkItemDetails: wrong, Source: agendaApp, ExternalID: "2"},
		}})
		w.refusedBy(err, 422, "invalid", "body.items[1].site workitem.site")
		if n := w.count(`select count(*) from work_item`); n != 0 {
			t.Errorf("%d items are there", n)
		}
		w.agenda().get("/organizations/"+w.a+"/work-items").refused(422, "invalid") // whose?
		later := w.db.Now().Add(time.Hour)
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "v", 0, rest.WorkItemDetails{Kind: "appointment", Owner: julie, DueAt: &later, Site: w.a1})
		w.good(err)
		for to, code := range map[string]string{
			julie: "workitem.receiver_self", w.member("tina@tilleuls.example"): "workitem.receiver_practitioner",
		} {
			_, err = bruno.ReassignWorkItems(ctx, w.a, julie, rest.WorkItemHandover{To: to})
			w.refusedBy(err, 409, code)
		}
		_, err = bruno.ReassignWorkItems(ctx, w.a, julie, rest.WorkItemHandover{To: ident.NewMember().String()})
		w.refusedBy(err, 404, "member.not_found")
	})
}

// An application's ID of an item is its own: whatever it holds, it is one segment of the path
// (WEB-04 forbids it elsewhere).
func TestHostileWorkItemNames(t *testing.T) {
	each(t, func(w *world) {
		ctx, app := w.Context(), w.agenda().rest()
		julie := w.member("julie@tilleuls.example")
		for _, name := range []string{"a/b", "/a", "../../tokens", ".", "..", "a%2Fb", "%", "a b", "é", "🙂", `back\slash`, "a?b#c", "a;b", `"quoted"`, "//"} {
			i, err := app.PutWorkItem(ctx, w.a, agendaApp, name, 0, task(julie))
			if err != nil || i.ExternalID != name || i.Version != 1 {
				t.Errorf("%q: %+v %v", name, i, err)
			}
			w.good(app.RemoveWorkItem(ctx, w.a, agendaApp, name, 1))
		}
		path := "/organizations/" + w.a + "/work-items"
		for _, raw := range []string{path + "/agenda/..", path + "/agenda/a/b", path + "/agenda/", path + "/%61genda/a", path + "%2Fagenda/a", path + "//a"} {
			if a := w.agenda().send("PUT", raw, `{"kind":"task","owner":"`+julie+`"}`); a.status/100 == 2 {
				t.Errorf("%s: %d %s", raw, a.status, a.body)
			}
		}
	})
}

// AUZ-01, AUZ-02, ENU-03: what another organisation has answers like what does not exist, and
// nothing of it changes; a token of A does nothing in B.
func TestWorkItemsOfAnotherOrganization(t *testing.T) {
	each(t, func(w *world) {
		ctx, app := w.Context(), w.agenda()
		olga := w.olga.items("/organizations/" + w.b + "/members")[0].ID
		_, err := w.olga.rest().PutWorkItem(ctx, w.b, agendaApp, "b", 0, task(olga))
		w.good(err)
		before := w.workItemsOfB(olga)
		nobody, nowhere := ident.NewMember().String(), ident.NewOrg().String()
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/work-items/agenda/$i", ""}, {"DELETE", "/work-items/agenda/$i", ""}, {"GET", "/work-items?owner=$m", ""},
			{"POST", "/members/$m/work-items/reassignment", `{"to":"$m"}`},
			{"PUT", "/work-items/agenda/$i?x=1", `{"kind":"task","owner":"$m"}`},
		} {
			put := func(c caller, org, item, member string) answer {
				fill := strings.NewReplacer("$i", item, "$m", member, "?x=1", "")
				return c.send(r.method, "/organizations/"+org+fill.Replace(r.path), fill.Replace(r.body))
			}
			for name, c := range map[string]caller{"a person": w.bruno, "a token": app} {
				unknown, got := put(c, w.a, "b", nobody), put(c, w.a, "b", olga)
				if got.status/100 != 4 || got.status != unknown.status || !bytes.Equal(got.body, unknown.body) {
					t.Errorf("AUZ-02 %s, %s %s: %d %s, want %s", name, r.method, r.path, got.status, got.body, unknown.body)
				}
				unknown, got = put(c, nowhere, "b", olga).is(404), put(c, w.b, "b", olga)
				if got.status != 404 || !bytes.Equal(got.body, unknown.body) {
					t.Errorf("AUZ-01 %s, %s %s: %d %s, want %s", name, r.method, r.path, got.status, got.body, unknown.body)
				}
			}
		}
		if after := w.workItemsOfB(olga); after != before {
			t.Errorf("B changed:\n%s\n%s", before, after)
		}
	})
}

func (w *world) workItemsOfB(owner string) string {
	w.Helper()
	return fmt.Sprintf("%s %d", w.olga.get("/organizations/"+w.b+"/work-items?owner="+owner).is(200).body,
		w.count(`select version from org_version where org_id = $1`, w.b))
}

// RAC-08: the same key has one effect.
func TestWorkItemIdempotency(t *testing.T) {
	each(t, func(w *world) {
		julie := w.member("julie@tilleuls.example")
		path := "/organizations/" + w.a + "/work-items"
		body := `{"items":[{"source":"agenda","external_id":"1","kind":"task","owner":"` + julie + `"}]}`
		app := w.agenda()
		first := app.and("Idempotency-Key: k1").post(path, body).is(200)
		app.del(path + "/agenda/1").is(204)
		again := app.and("Idempotency-Key: k1").post(path, body).is(200)
		if !bytes.Equal(first.body, again.body) || w.count(`select count(*) from work_item`) != 0 {
			t.Errorf("%s, then %s", first.body, again.body)
		}
	})
}
