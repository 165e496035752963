package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"habilis/internal/access"
	"habilis/internal/store"
	"habilis/internal/text"
)

type written interface {
	Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error
}

// MEM-14: the template holds every column and the organisation's lists, those that the one who
// takes it may give; both formats come back through the reader.
func TestTemplate(t *testing.T) {
	each(t, func(w *world) {
		for _, format := range []Format{CSV, XLSX} {
			x, err := w.i.Template(ctx, w.bruno, w.org, text.For(text.FR), format)
			w.must(err)
			s := w.sheetOf(x)
			h, err := readHeader(s.rows[0])
			if err != nil || !slices.Equal(h.columns, Columns) || len(h.ignored) > 0 {
				t.Errorf("%s: %v, %v", format, h, err)
			}
		}
		x, err := w.i.Template(ctx, w.tina, w.org, text.For(text.FR), XLSX)
		w.must(err)
		var b bytes.Buffer
		w.must(x.Write(ctx, text.For(text.FR), &b, nil))
		f, err := excelize.OpenReader(&b)
		w.must(err)
		rules, err := f.GetDataValidations("Membres")
		w.must(err)
		if len(rules) != 8 {
			t.Errorf("%d lists", len(rules))
		}
		lists, err := f.GetCols("Listes")
		w.must(err)
		for title, want := range map[string]string{"Établissements": "Saint-Aubin", "Rôles": "Administration", "Civilité": "Mme"} {
			i := slices.IndexFunc(lists, func(c []string) bool { return c[0] == title })
			if i < 0 || lists[i][1] != want || (title == "Établissements" && strings.Join(lists[i][2:], "") != "") {
				t.Errorf("%s: %.200v", title, lists)
			}
		}
		if _, err := w.i.Template(ctx, w.julie, w.org, text.For(text.FR), CSV); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("a secretary: %v", err)
		}
		if _, err := w.i.Template(ctx, w.bruno, w.org, text.For(text.FR), "ods"); !errors.Is(err, ErrFormat) {
			t.Errorf("another format: %v", err)
		}
	})
}

// INJ-03, AUZ-06, rules.md 4, 6: an export holds the members that its taker may see, takes no
// formula with it, is recorded and counted, and comes back through an import as it was.
func TestExport(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *store.Tx) {
			_, err := tx.Exec(ctx, `update member_state set profession = '=cmd|x', phone = '+33612345678' where org_id = $1 and given_name = 'Julie'`, w.org)
			w.must(err)
		})
		for _, format := range []Format{CSV, XLSX} {
			x, err := w.i.Export(ctx, w.bruno, w.org, format)
			w.must(err)
			var b bytes.Buffer
			w.must(x.Write(ctx, text.For(text.FR), &b, nil))
			if format == CSV && (!strings.Contains(b.String(), `"'=cmd|x"`) || !strings.Contains(b.String(), `"'+33612345678"`)) {
				t.Errorf("formulas: %s", b.String())
			}
			p := w.sent(w.bruno, b.String())
			w.expect("back as "+string(format), p, "nothing", "nothing", "nothing", "nothing")
			if x.People != 4 || !slices.Equal(p.Ignored, []string{"Statut du compte", "Dernière connexion"}) {
				t.Errorf("%d people, ignored %v", x.People, p.Ignored)
			}
		}
		x, err := w.i.Export(ctx, w.tina, w.org, CSV)
		w.must(err)
		s := w.sheetOf(x)
		if len(s.rows) != 4 || slices.ContainsFunc(s.rows, func(r row) bool {
			return strings.Contains(strings.Join(r.cells, " "), "Ailleurs") || strings.Contains(strings.Join(r.cells, " "), "Grand-Pré")
		}) {
			t.Errorf("a site administrator: %+v", s.rows)
		}
		stale := w.bruno
		stale.StepUp = w.db.Now().Add(-1e12)
		if _, err := w.i.Export(ctx, stale, w.org, CSV); !errors.Is(err, access.ErrStepUp) {
			t.Errorf("without a fresh proof: %v", err)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'member.export' and outcome = 'done'`); n != 3 {
			t.Errorf("%d records", n)
		}
	})
}

// sheetOf reads what a file writes.
func (w *world) sheetOf(x written) *sheet {
	w.Helper()
	var b bytes.Buffer
	w.must(x.Write(ctx, text.For(text.FR), &b, nil))
	s, err := readSheet(b.Bytes())
	w.must(err)
	return s
}
