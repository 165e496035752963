package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	rest "habilis/client"
	"habilis/internal/exchange"
)

// MEM-14: a file of members through the client: sent, checked by the job, decided, committed;
// the template, the result and the members go out as files.
func TestImports(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c := t.Context(), w.world.bruno.rest()
		const head = "Nom;Prénom;Fonction;Type de profil;Établissements;E-mail\n"
		text := func(body io.ReadCloser, err error) string {
			t.Helper()
			w.good(err)
			defer body.Close()
			b, err := io.ReadAll(body)
			w.good(err)
			return string(b)
		}
		if file := text(c.GetImportTemplate(ctx, "tilleuls", "csv")); !strings.HasPrefix(file, "\uFEFF\"Nom\";\"Prénom\"") {
			t.Errorf("%q", file)
		}
		_, err := c.CreateImport(ctx, "tilleuls", rest.ImportAbout{}, []byte("rien d’utile"))
		w.refusedBy(err, http.StatusUnprocessableEntity, "exchange.header")
		m, err := c.CreateImport(ctx, "tilleuls", rest.ImportAbout{Name: "membres.csv", Invites: new(bool)},
			[]byte(head+"Petit;Anne;Secrétariat;Non-praticien;Un;anne.petit@exemple.fr\nErreur;Eve;Jardinage;Non-praticien;Un;\n"))
		w.good(err)
		if m.State != "checking" || m.Total != 2 || m.Invites {
			t.Errorf("%+v", m)
		}
		got := w.checked(m.ID)
		if got.State != "ready" || got.Counts["create"] != 1 || got.Counts["error"] != 1 || len(got.Lines) != 2 || got.Lines[1].Errors[0].Code != "exchange.function_unknown" {
			t.Errorf("%+v", got)
		}
		_, err = c.CommitImport(ctx, "tilleuls", m.ID)
		w.refusedBy(err, http.StatusConflict, "exchange.has_errors")
		if m, err = c.DecideImport(ctx, "tilleuls", m.ID, rest.ImportDecisions{Decisions: []rest.ImportDecision{{Line: 3, Choice: "skip"}}}); err != nil || m.State != "checking" {
			t.Errorf("%+v, %v", m, err)
		}
		w.checked(m.ID)
		done, err := c.CommitImport(ctx, "tilleuls", m.ID)
		w.good(err)
		if done.State != "done" || done.Results["created"] != 1 || done.Results["nothing"] != 1 {
			t.Errorf("%+v", done)
		}
		if file := text(c.GetImportReport(ctx, "tilleuls", m.ID)); !strings.Contains(file, `"2";"Petit";"Anne";`) || !strings.Contains(file, `"mbr_`) {
			t.Errorf("%q", file)
		}
		if l, err := c.ListImports(ctx, "tilleuls", rest.Paging{}); err != nil || len(l.Items) != 1 || l.Items[0].State != "done" {
			t.Errorf("%+v, %v", l, err)
		}
		if file := text(c.ExportMembers(ctx, "tilleuls", "csv")); !strings.Contains(file, `"Petit";"Anne";"anne.petit@exemple.fr"`) {
			t.Errorf("%q", file)
		}
	})
}

// checked does the work of the check of an import, and reads it.
func (w *ward) checked(id string) rest.Import {
	w.Helper()
	server := w.server(slog.New(slog.DiscardHandler))
	w.worker.Handlers[exchange.CheckOrder{}.Kind()] = server.Imports.Check
	w.good(w.worker.Drain(w.Context()))
	got, err := w.world.bruno.rest().GetImport(w.Context(), "tilleuls", id, rest.ImportLines{Limit: 20})
	w.good(err)
	return got
}
