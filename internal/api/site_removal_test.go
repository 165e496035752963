package api_test

import (
	"testing"

	rest "habilis/client"
)

// OFF-4: a program reads what a removal from a site would end, hands over what is held there, and
// removes; the short way refuses while an agenda would be left without its holder.
func TestSiteRemoval(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno, app := w.Context(), w.bruno.rest(), w.agenda().rest()
		tina := w.member("tina@tilleuls.example")
		m, err := bruno.GetMember(ctx, w.a, tina)
		w.good(err)
		_, err = bruno.AddMemberToSite(ctx, w.a, tina, w.a2, m.Version)
		w.good(err)
		_, err = app.PutWorkItem(ctx, w.a, agendaApp, "T/1", 0, rest.WorkItemDetails{Kind: "task", Owner: tina, Site: w.a2})
		w.good(err)
		v, err := bruno.GetSiteRemoval(ctx, w.a, tina, w.a2)
		w.good(err)
		if v.Last || v.RefusedBy != "" || v.Site.ID != w.a2 || len(v.Holds) != 1 || v.Holds[0].Object != "task" || v.Holds[0].Without != "kept" || v.Version == 0 {
			t.Errorf("%+v", v)
		}
		_, err = bruno.CreateSiteRemoval(ctx, w.a, tina, w.a2, v.Version, rest.NewSiteRemoval{
			Reassignments: []rest.SiteReassignment{{What: "work", Object: "letter", To: w.member("bruno@tilleuls.example")}},
		})
		w.refusedBy(err, 422, "invalid", "body.reassignments[0].to workitem.nothing_held")
		_, err = bruno.CreateSiteRemoval(ctx, w.a, tina, w.a2, v.Version+7, rest.NewSiteRemoval{})
		w.refusedBy(err, 412, "api.version_stale")
		sheet, err := bruno.CreateSiteRemoval(ctx, w.a, tina, w.a2, v.Version, rest.NewSiteRemoval{})
		w.good(err)
		if len(sheet.Sites) != 1 {
			t.Errorf("%+v", sheet.Sites)
		}
		if i, err := app.GetWorkItem(ctx, w.a, agendaApp, "T/1"); err != nil || i.Owner != tina {
			t.Error(i, err)
		}
		_, err = bruno.CreateSiteRemoval(ctx, w.a, tina, w.a2, 0, rest.NewSiteRemoval{})
		w.refusedBy(err, 409, "member.not_of_site")
		if v, err = bruno.GetSiteRemoval(ctx, w.a, tina, sheet.Sites[0].ID); err != nil || !v.Last {
			t.Errorf("%+v %v", v, err)
		}
	})
}
