package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"habilis/internal/sheet"
)

// rules.md 15, INJ-03: no cell of either format can be taken for a formula, in titles neither.
func TestHarmlessCells(t *testing.T) {
	bad := []string{"=1+1", "+33 6", "-2", "@SUM(A1)", "\tx", "\rx", " =1", "＝1", "|calc", "%0"}
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		var b bytes.Buffer
		file := sheet.File{Format: f, Name: "Feuille", Titles: []string{"=TITRE", "b"}}
		flushed := 0
		err := file.Write(&b, func() error { flushed++; return nil }, func(put sheet.Put) error {
			for _, c := range bad {
				if err := put([][]string{{c, `plain "x"; y`}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rows := read(t, f, b.Bytes())
		if len(rows) != len(bad)+1 || rows[0][0] != "'=TITRE" {
			t.Fatalf("%s: %q", f, rows)
		}
		for i, c := range bad {
			if got := rows[i+1]; strings.TrimRight(got[0], "\r\n") != strings.TrimRight("'"+c, "\r\n") && got[0] != "'"+strings.ReplaceAll(c, "\r", "\n") || got[1] != `plain "x"; y` {
				t.Errorf("%s: %q of %q", f, got, c)
			}
		}
		if (f == sheet.CSV) != (flushed == len(bad)) {
			t.Errorf("%s: flushed %d times", f, flushed)
		}
		if !f.Known() || sheet.Format("xls").Known() {
			t.Error("formats")
		}
	}
}

func read(t *testing.T, f sheet.Format, b []byte) [][]string {
	t.Helper()
	if f == sheet.CSV {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\uFEFF"))))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	book, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Feuille")
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for j := range rows[i] {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if formula, _ := book.GetCellFormula("Feuille", cell); formula != "" {
				t.Errorf("a formula in %s: %s", cell, formula)
			}
		}
	}
	return rows
}

// An error in the middle is told: a half file must not look whole.
func TestCutOff(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		var b bytes.Buffer
		err := sheet.File{Format: f, Name: "x", Titles: []string{"a"}}.Write(&b, nil, func(put sheet.Put) error {
			return errors.Join(put([][]string{{"1"}}), broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", f, err)
		}
		if f == sheet.XLSX && b.Len() > 0 {
			t.Error("a broken workbook was sent")
		}
	}
}
