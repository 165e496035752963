package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/decision"
)

// AUD-3, RGT-10: the four reports are read and exported by programs as on the pages, under the same
// rights (AUZ-01, AUZ-06).
func TestReports(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		all := collect(w, c.AccessReport(ctx, w.a, rest.AccessReportFilter{Kind: "role"}))
		if len(all) == 0 || all[0].Kind != "role" || all[0].Scope == nil || len(all[0].Permissions) == 0 || all[0].GivenAt.IsZero() {
			t.Fatalf("%+v", all)
		}
		past, err := c.GetAccessReport(ctx, w.a, rest.AccessReportQuery{AccessReportFilter: rest.AccessReportFilter{At: w.db.Now().Add(-24 * time.Hour)}})
		w.good(err)
		if len(past.Items) != 0 || past.Partial || past.NextCursor != nil {
			t.Errorf("before they came: %+v", past)
		}
		own := collect(w, c.AccessReport(ctx, w.a, rest.AccessReportFilter{Member: all[0].Member}))
		for _, r := range own {
			if r.Member != all[0].Member {
				t.Errorf("of another: %+v", r)
			}
		}
		first, err := c.GetAccessReport(ctx, w.a, rest.AccessReportQuery{Paging: rest.Paging{Limit: 1}})
		w.good(err)
		if len(first.Items) != 1 || first.NextCursor == nil {
			t.Errorf("%+v", first)
		}
		_, err = c.GetAccessReport(ctx, w.a, rest.AccessReportQuery{AccessReportFilter: rest.AccessReportFilter{Action: "read"}})
		w.refusedBy(err, http.StatusUnprocessableEntity, "invalid", "query.action report.action")

		tina, err := w.tina.rest().GetAccessReport(ctx, w.a, rest.AccessReportQuery{})
		w.good(err)
		if !tina.Partial {
			t.Error("tina reads everywhere")
		}
		_, err = w.tina.rest().GetAccessReport(ctx, w.a, rest.AccessReportQuery{AccessReportFilter: rest.AccessReportFilter{Site: w.a2}})
		w.refusedBy(err, http.StatusNotFound, "access.not_found")

		w.good(decision.NoteUsesFrom(ctx, w.db))
		dormant, err := c.GetDormantRights(ctx, w.a, rest.DormantQuery{})
		w.good(err)
		if !dormant.TooEarly || len(dormant.Items) != 0 || dormant.UsesSince.IsZero() {
			t.Errorf("%+v", dormant)
		}
		bare, err := c.GetUnprotectedAccounts(ctx, w.a, rest.FactorQuery{})
		w.good(err)
		if bare.Total == 0 || bare.Items[0].Name == "" || int64(len(bare.Items)) != bare.Total {
			t.Errorf("%+v", bare)
		}
		if left, err := c.GetLeavers(ctx, w.a, rest.LeaverQuery{LeaverFilter: rest.LeaverFilter{How: "left"}}); err != nil || left.Total != 0 {
			t.Errorf("%+v %v", left, err)
		}
		_, err = w.julie.rest().GetAccessReport(ctx, w.a, rest.AccessReportQuery{})
		w.refusedBy(err, http.StatusForbidden, "access.forbidden")
		_, err = w.julie.rest().GetLeavers(ctx, w.a, rest.LeaverQuery{})
		w.refusedBy(err, http.StatusForbidden, "access.forbidden")
		_, err = w.julie.rest().GetUnprotectedAccounts(ctx, w.a, rest.FactorQuery{})
		w.refusedBy(err, http.StatusForbidden, "access.forbidden")
		_, err = w.olga.rest().GetDormantRights(ctx, w.a, rest.DormantQuery{})
		w.refusedBy(err, http.StatusNotFound, "access.not_found")
	})
}

// The files, whole. What a browser's session must prove again (rules.md 6) is package report's to test.
func TestReportFiles(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		text := func(r io.ReadCloser, err error) string {
			t.Helper()
			w.good(err)
			defer r.Close()
			b, err := io.ReadAll(r)
			w.good(err)
			return string(b)
		}
		if file := text(c.ExportAccessReport(ctx, w.a, rest.AccessReportFilter{}, "csv")); !strings.Contains(file, `"Personne";"Fonction";"Type"`) || strings.Count(file, "\r\n") < 2 {
			t.Errorf("%q", file)
		}
		for _, file := range []string{
			text(c.ExportAccessReport(ctx, w.a, rest.AccessReportFilter{}, "xlsx")), text(c.ExportDormantRights(ctx, w.a, rest.DormantFilter{}, "xlsx")),
			text(c.ExportLeavers(ctx, w.a, rest.LeaverFilter{}, "xlsx")), text(c.ExportUnprotectedAccounts(ctx, w.a, rest.FactorFilter{}, "xlsx")),
		} {
			if !strings.HasPrefix(file, "PK") {
				t.Errorf("%.40q", file)
			}
		}
		_, err := w.julie.rest().ExportAccessReport(ctx, w.a, rest.AccessReportFilter{}, "csv")
		w.refusedBy(err, http.StatusForbidden, "access.forbidden")
	})
}
