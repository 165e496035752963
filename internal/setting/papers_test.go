package setting_test

import (
	"errors"
	"reflect"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/paper"
	"habilis/internal/setting"
)

// VER-1, FIL-07: what an organisation asks, and how long it keeps it, is changed by whoever
// edits settings, from the version that was read, within bounds; a default until then.
func TestPapers(t *testing.T) {
	eachWorld(t, func(w *world) {
		bruno, julie := w.as("bruno"), w.as("julie")
		p, err := w.settings.Papers(t.Context(), julie, w.a)
		if err != nil || p.KeepDays != setting.DefaultKeepDays || p.Rev != 0 || !reflect.DeepEqual(p.Checklist, paper.DefaultChecklist()) {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := w.settings.Papers(t.Context(), w.as("odile"), w.a); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		next := setting.Papers{KeepDays: 30, Checklist: paper.Checklist{"60": {paper.Diploma}, paper.Others: {}}}
		if _, err := w.settings.SetPapers(t.Context(), julie, w.a, 0, next); !errors.Is(err, access.ErrForbidden) {
			t.Error(err)
		}
		for field, bad := range map[string]setting.Papers{
			"setting.keep_days":      {KeepDays: 0},
			"setting.checklist_line": {KeepDays: 1, Checklist: paper.Checklist{"astrologer": {paper.Card}}},
			"setting.checklist_kind": {KeepDays: 730, Checklist: paper.Checklist{"60": {paper.Card, paper.Card}}},
		} {
			if _, err := w.settings.SetPapers(t.Context(), bruno, w.a, 0, bad); fault.Of(err).Code != "invalid" || fault.Of(err).Fields[0].Code != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		set, err := w.settings.SetPapers(t.Context(), bruno, w.a, 0, next)
		if err != nil || set.Rev != 1 {
			t.Errorf("%+v, %v", set, err)
		}
		if _, err := w.settings.SetPapers(t.Context(), bruno, w.a, 0, setting.Papers{KeepDays: 31}); !errors.Is(err, setting.ErrStale) {
			t.Error(err)
		}
		if same, err := w.settings.SetPapers(t.Context(), bruno, w.a, 1, next); err != nil || same.Rev != 1 {
			t.Errorf("%+v, %v", same, err)
		}
		if p, err = w.settings.Papers(t.Context(), julie, w.a); err != nil || !reflect.DeepEqual(p, set) {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
