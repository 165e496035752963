package paper

import (
	"slices"
	"testing"
)

// VER-1: what is asked follows the profession: its own line, else that of the register, else
// that of whoever has none.
func TestChecklist(t *testing.T) {
	t.Parallel()
	c := DefaultChecklist()
	c["91"] = []Kind{}
	for profession, want := range map[string][]Kind{
		"10": {Card, Order}, "60": {Card, Order}, "26": {Card, Diploma}, "91": {}, "": {Identity, Employer}, "nobody": {Identity, Employer},
		"regulated": {Card, Diploma}, "99": {Identity, Employer},
	} {
		if got := c.For(profession); !slices.Equal(got, want) {
			t.Errorf("%q: %v, wanted %v", profession, got, want)
		}
	}
	for _, k := range Kinds {
		if !Known(k) || Known(k+"x") {
			t.Error(k)
		}
	}
	if left := Missing([]Kind{Order, Card, Diploma}, []Kind{Card, Other}); !slices.Equal(left, []Kind{Order, Diploma}) {
		t.Errorf("missing %v", left)
	}
}

// FIL-01, FIL-02: a file is saved, not opened; in our page it is opened in a box without
// rights; whatever it is called, the header holds one name.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"carte.pdf":      `attachment; filename=carte.pdf`,
		"carte CPS.pdf":  `attachment; filename="carte CPS.pdf"`,
		"Diplôme d’État": `attachment; filename*=utf-8''Dipl%C3%B4me%20d%E2%80%99%C3%89tat`,
	} {
		h := Headers(PDF, name, 12)
		if h["Content-Disposition"] != want || h["Content-Length"] != "12" || h["X-Content-Type-Options"] != "nosniff" || h["Cache-Control"] != "no-store" {
			t.Errorf("%q: %v", name, h)
		}
		if h["Content-Security-Policy"][:8] != "sandbox;" || InPage(PDF, name, 12)["Content-Security-Policy"][:8] != "sandbox;" {
			t.Error("it may act")
		}
	}
}
