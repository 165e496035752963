package setting_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/setting"
)

// VER-1, VER-3: whether people may come by themselves, what they accept and how many certify is
// changed by whoever edits settings, from the version that was read, within bounds.
func TestRegistration(t *testing.T) {
	eachWorld(t, func(w *world) {
		bruno, julie := w.as("bruno"), w.as("julie")
		r, err := w.settings.Registration(t.Context(), julie, w.a)
		if err != nil || r.Open || len(r.Consents) != 0 || r.TwoPeople || r.Rev != 0 {
			t.Errorf("a practice is closed until it opens: %+v, %v", r, err)
		}
		if _, err := w.settings.Registration(t.Context(), w.as("odile"), w.a); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		next := setting.Registration{Open: true, TwoPeople: true, Consents: []setting.Consent{{Title: " Charte ", Body: "Entraide.\r\n\r\nRespect."}, {}}}
		if _, err := w.settings.SetRegistration(t.Context(), julie, w.a, 0, next); !errors.Is(err, access.ErrForbidden) {
			t.Error(err)
		}
		set, err := w.settings.SetRegistration(t.Context(), bruno, w.a, 0, next)
		want := setting.Registration{Open: true, TwoPeople: true, Consents: []setting.Consent{{Title: "Charte", Body: "Entraide.\n\nRespect."}}, Rev: 1}
		if err != nil || !reflect.DeepEqual(set, want) {
			t.Errorf("%+v, %v", set, err)
		}
		if _, err := w.settings.SetRegistration(t.Context(), bruno, w.a, 0, setting.Registration{}); !errors.Is(err, setting.ErrStale) {
			t.Error(err)
		}
		if same, err := w.settings.SetRegistration(t.Context(), bruno, w.a, 1, next); err != nil || same.Rev != 1 {
			t.Errorf("%+v, %v", same, err)
		}
		if r, err = w.settings.Registration(t.Context(), julie, w.a); err != nil || !reflect.DeepEqual(r, want) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// VER-1: texts to accept are few, each with a title and a body, within bounds; a refusal names the
// field, and changes nothing.
func TestRegistrationBounds(t *testing.T) {
	eachWorld(t, func(w *world) {
		bruno := w.as("bruno")
		full := setting.Consent{Title: strings.Repeat("é", setting.MaxConsentTitle), Body: strings.Repeat("é", setting.MaxConsentBody)}
		for name, bad := range map[string]struct {
			typed       []setting.Consent
			field, code string
		}{
			"six texts":   {make([]setting.Consent, setting.MaxConsents+1), "consents", "setting.too_many_consents"},
			"no title":    {[]setting.Consent{full, {Body: "Entraide."}}, "consents[1].title", "text.empty"},
			"long title":  {[]setting.Consent{{Title: full.Title + "é", Body: full.Body}}, "consents[0].title", "text.too_long"},
			"no body":     {[]setting.Consent{{Title: "Charte", Body: "\r\n\r\n"}}, "consents[0].body", "text.empty"},
			"a long body": {[]setting.Consent{{Title: "Charte", Body: full.Body + "é"}}, "consents[0].body", "text.too_long"},
		} {
			_, err := w.settings.SetRegistration(t.Context(), bruno, w.a, 0, setting.Registration{Open: true, Consents: bad.typed})
			if x := fault.Of(err); x.Kind != fault.Invalid || len(x.Fields) != 1 || x.Fields[0].Location != bad.field || x.Fields[0].Code != bad.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		five := []setting.Consent{full, full, full, full, full}
		set, err := w.settings.SetRegistration(t.Context(), bruno, w.a, 0, setting.Registration{Open: true, Consents: five})
		if err != nil || set.Rev != 1 || len(set.Consents) != setting.MaxConsents {
			t.Errorf("the bounds themselves: %d texts, version %d, %v", len(set.Consents), set.Rev, err)
		}
	})
}
