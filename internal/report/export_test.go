package report_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/grant"
	"habilis/internal/limit"
	"habilis/internal/report"
	"habilis/internal/sheet"
	"habilis/internal/store"
	"habilis/internal/text"
)

// export asks for the file of a report.
func (w *world) export(by access.Actor, n report.Name, format sheet.Format) (*report.Export, error) {
	ctx := w.Context()
	switch n {
	case report.Access:
		return w.r.ExportAccess(ctx, by, w.a, report.AccessQuery{}, format)
	case report.Leavers:
		return w.r.ExportLeavers(ctx, by, w.a, report.LeaversQuery{}, format)
	case report.Factors:
		return w.r.ExportFactors(ctx, by, w.a, report.FactorsQuery{}, format)
	case report.Dormant:
	}
	return w.r.ExportDormant(ctx, by, w.a, report.DormantQuery{}, format)
}

// rows reads the file back.
func (w *world) rows(x *report.Export) [][]string {
	w.Helper()
	var b bytes.Buffer
	w.must(x.Write(w.Context(), text.For(text.FR), &b, nil))
	if x.Format == sheet.CSV {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte(text.ByteOrderMark))))
		r.Comma = ';'
		rows, err := r.ReadAll()
		w.must(err)
		return rows
	}
	f, err := excelize.OpenReader(&b)
	w.must(err)
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	w.must(err)
	for _, name := range []string{"A2", "D2", "E3", "H2"} {
		if formula, err := f.GetCellFormula(f.GetSheetName(0), name); err != nil || formula != "" {
			w.Errorf("%s is a formula: %q %v", name, formula, err)
		}
	}
	return rows
}

// The four files, in both formats: all lines of the report, harmless cells (INJ-03), a fresh proof
// (AUZ-17, rules.md 6), a record of what left.
func TestExports(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.must(w.db.Write(t.Context(), []store.Lock{store.Lock(w.a)}, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update member_state set given_name = '=cmd|'' /C calc''!A0' where member_id = $1`, w.id["julie"])
			if err == nil {
				_, err = tx.Exec(t.Context(), `update resource_state set name = '@SUM(A1)' where resource_id = $1`, w.thing["room"])
			}
			return err
		}))
		w.must(w.leaving.Leave(t.Context(), w.as("marc"), w.a))
		for _, n := range report.Names {
			stale := w.as("claire")
			stale.StepUp = time.Time{}
			if _, err := w.export(stale, n, sheet.CSV); !errors.Is(err, access.ErrStepUp) {
				t.Errorf("%s without a fresh proof: %v", n, err)
			}
			if _, err := w.export(w.as("claire"), n, "xls"); !errors.Is(err, report.ErrFormat) {
				t.Errorf("%s as xls: %v", n, err)
			}
			for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
				w.forgetLimits()
				x, err := w.export(w.as("claire"), n, format)
				w.must(err)
				rows := w.rows(x)
				if len(rows) != x.Lines+1 || (x.Lines == 0) != (n == report.Dormant) {
					t.Errorf("%s %s: %d lines, %d told", n, format, len(rows)-1, x.Lines)
				}
				for _, row := range rows {
					for _, cell := range row {
						if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
							t.Errorf("%s %s: a cell %q", n, format, cell)
						}
					}
				}
				if !strings.HasPrefix(x.Name(w.db.Now()), "report-"+string(n)+"-") || !strings.HasSuffix(x.Name(w.db.Now()), "."+string(format)) {
					t.Error(x.Name(w.db.Now()))
				}
			}
		}
		x, err := w.export(w.as("claire"), report.Access, sheet.CSV)
		w.must(err)
		file := w.rows(x)
		found := false
		for _, row := range file {
			found = found || row[0] == "'=cmd|' /C calc'!A0 Essai" && row[3] == "'@SUM(A1)" && row[4] == "Gestion" && row[7] == "Claire Essai"
		}
		if !found {
			t.Errorf("%q", file)
		}
		if got := w.recorded(); got < 2*len(report.Names) {
			t.Errorf("%d exports are recorded", got)
		}
	})
}

// forgetLimits lets another ten files leave.
func (w *world) forgetLimits() {
	w.Helper()
	w.must(w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), `delete from counter where name = $1`, action.Exports.Name)
		return err
	}))
}

func (w *world) recorded() (n int) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select count(*) from audit_event where chain = $1 and verb = 'report.export' and outcome = 'done'`, w.a).Scan(&n)
	}))
	return n
}

// rules.md 4: ten files an hour, of whatever report.
func TestExportsLimited(t *testing.T) {
	eachWorld(t, func(w *world) {
		for i := range int(action.Exports.Max) {
			if _, err := w.export(w.as("claire"), report.Names[i%len(report.Names)], sheet.CSV); err != nil {
				t.Fatal(i, err)
			}
		}
		if _, err := w.export(w.as("claire"), report.Access, sheet.CSV); !errors.Is(err, limit.ErrExceeded) {
			t.Errorf("the eleventh: %v", err)
		}
	})
}

// AUZ-06: the file of a reader of A1 holds what their page holds, and no more; it is of its moment.
func TestExportScoped(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		x, err := w.export(w.as("nadege"), report.Access, sheet.CSV)
		w.must(err)
		w.clock.Add(time.Hour)
		w.give("paul", "room", grant.Read)
		rows := w.rows(x)
		if len(rows) != 8 || x.Lines != 7 {
			t.Errorf("%d lines, %d told: %q", len(rows)-1, x.Lines, rows)
		}
		for _, row := range rows {
			if strings.Contains(strings.Join(row, ";"), "far") {
				t.Errorf("of A2: %q", row)
			}
		}
	})
}
