package preference_test

import (
	"context"
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// CHG-3, DESIGN.md 16: before it is saved, a change says for how many it changes and who keeps
// their own; whoever may not see all members is told no name (AUZ-06).
func TestPreviewDefaults(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.edit("julie", "julie", preference.Edit{Calendar: preference.To(early)})
		w.edit("zoe", "zoe", preference.Edit{Calendar: preference.To(early), Language: preference.To(setting.Language("en"))})
		w.edit("lise", "lise", chosen(setting.AlertWork, preference.Subscription{}))
		next := setting.DefaultPersonal()
		next.Calendar.Weekends, next.Signature = true, "Maison"
		next.Notifications[setting.AlertWork] = setting.Channels{}
		before := w.Count(`select count(*) from org_setting where org_id = $1`, w.a)
		e, err := w.p.PreviewDefaults(w.Context(), w.stale("claire"), w.a, 0, next)
		w.Want("preview", err, nil)
		want := []preference.PartEffect{
			{Part: setting.PartCalendar, Changes: 5, Keeps: 2, Names: []string{"Julie Essai", "Zoe Essai"}},
			{Part: setting.PartNotifications, Changes: 6, Keeps: 1, Names: []string{"Lise Essai"}},
			{Part: setting.PartSignature, Changes: 7},
		}
		same := func(a, b preference.PartEffect) bool {
			return a.Part == b.Part && a.Changes == b.Changes && a.Keeps == b.Keeps && slices.Equal(a.Names, b.Names)
		}
		if !slices.EqualFunc(e.Parts, want, same) {
			w.Errorf("%+v", e.Parts)
		}
		if got := e.Parts[0].Touched; len(got) != 5 || slices.Contains(got, "Julie Essai") || !slices.Contains(got, "Lise Essai") {
			w.Errorf("touched: %v", got)
		}
		e, err = w.p.PreviewDefaults(w.Context(), w.as("tess"), w.a, 0, next)
		if err != nil || len(e.Parts) != 3 || e.Parts[0].Keeps != 2 || e.Parts[0].Names != nil || e.Parts[0].Touched != nil {
			w.Errorf("%+v %v", e.Parts, err)
		}
		// Of two alerts that change, whoever has one of their own keeps the one and not the other.
		next.Notifications[setting.AlertAccess] = setting.Channels{}
		if e, err = w.p.PreviewDefaults(w.Context(), w.as("claire"), w.a, 0, next); err != nil || e.Parts[1].Changes != 7 || e.Parts[1].Keeps != 0 {
			w.Errorf("%+v %v", e.Parts, err)
		}
		if n := w.Count(`select count(*) from org_setting where org_id = $1`, w.a); n != before {
			w.Error("a preview kept something")
		}
		_, err = w.p.PreviewDefaults(w.Context(), w.as("claire"), w.a, 7, next)
		w.Want("another version", err, setting.ErrStale)
		for _, name := range []string{"nadege", "julie"} {
			_, err = w.p.PreviewDefaults(w.Context(), w.as(name), w.a, 0, next)
			w.Want(name, err, access.ErrForbidden)
		}
	})
}

// rules.md 6, RAC-01: settings.edit in the organisation, a fresh proof, the version that was read.
func TestSetDefaults(t *testing.T) {
	eachWorld(t, func(w *world) {
		next := setting.DefaultPersonal()
		next.Signature = "Maison"
		for _, c := range []struct {
			by   access.Actor
			rev  int64
			want error
		}{
			{w.as("julie"), 0, access.ErrForbidden},
			{w.as("nadege"), 0, access.ErrForbidden},
			{w.as("odile"), 0, access.ErrNotFound},
			{w.stale("tess"), 0, access.ErrStepUp},
			{w.as("tess"), 1, setting.ErrStale},
			{w.as("tess"), 0, nil},
			{w.as("claire"), 0, setting.ErrStale},
		} {
			_, err := w.settings.SetDefaults(w.Context(), c.by, w.a, c.rev, next)
			w.Want(c.by.Name, err, c.want)
		}
		d, err := w.settings.SetDefaults(w.Context(), w.as("claire"), w.a, 1, next)
		if err != nil || d.Rev != 1 {
			w.Errorf("the same again: %+v %v", d, err)
		}
		wrong := next
		wrong.Language, wrong.Session.IdleMinutes = "de", 2
		wrong.Notifications = map[setting.Alert]setting.Channels{"nothing": {}}
		_, err = w.settings.SetDefaults(w.Context(), w.as("claire"), w.a, 1, wrong)
		if f := fault.Of(err); len(f.Fields) != 3 {
			w.Errorf("%v %v", err, f.Fields)
		}
		if d, err := w.settings.Defaults(w.Context(), w.as("julie"), w.a); err != nil || d.Signature != "Maison" {
			w.Errorf("whom it binds: %+v %v", d, err)
		}
		if _, err := w.settings.Defaults(w.Context(), w.as("odile"), w.a); !fault.Is(err, fault.NotFound) {
			w.Errorf("another organisation: %v", err)
		}
	})
}

// ADR 0013: one's own there, else what the organisation sets, else the account's; nobody's
// language elsewhere changes.
func TestLanguage(t *testing.T) {
	eachWorld(t, func(w *world) {
		says := func(what, name string, in ident.Org, want text.Lang) {
			t.Helper()
			lang, err := w.p.Language(w.Context(), w.as(name), in, accountLang(name))
			if err != nil || lang != want {
				w.Errorf("%s: %s %v", what, lang, err)
			}
		}
		says("of the account", "julie", w.a, text.EN)
		w.defaults(func(p *setting.Personal) { p.Language = "fr" })
		says("of the organisation", "julie", w.a, text.FR)
		w.edit("julie", "julie", preference.Edit{Language: preference.To(setting.LanguageOfAccount)})
		says("the account's, of one's own", "julie", w.a, text.EN)
		w.defaults(func(p *setting.Personal) { p.Language = "en" })
		says("of the organisation", "lise", w.a, text.EN)
		says("no member", "odile", w.a, text.FR)
		w.Want("speak", w.p.Speak(w.Context(), w.as("lise"), w.a, text.FR), nil)
		says("chosen on a page", "lise", w.a, text.FR)
		if s := w.get("lise", "lise"); !s.Own.Has(setting.PartLanguage) || s.Version != 1 {
			w.Errorf("%+v", s)
		}
		w.Want("speak", w.p.Speak(w.Context(), w.as("lise"), w.a, text.FR), nil)
		w.Want("speak", w.p.Speak(w.Context(), w.as("julie"), w.a, text.FR), nil)
		if s := w.get("lise", "lise"); s.Version != 1 {
			w.Errorf("nothing to say made version %d", s.Version)
		}
		if s := w.get("julie", "julie"); s.Version != 1 {
			w.Error("who follows the account has nothing of their own to change")
		}
	})
}

// rules.md 7: shorter, never longer, for each person in each organisation.
func TestShortened(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.defaults(func(p *setting.Personal) { p.Session.IdleMinutes = 12 })
		w.edit("julie", "julie", preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 20, AbsoluteHours: 3})})
		w.Read(func(ctx context.Context, tx *store.Tx) error {
			for name, want := range map[string][2]int{"julie": {20, 3}, "lise": {12, 12}, "odile": {30, 12}} {
				s, err := preference.Shortened(ctx, tx, w.a, w.account[name], setting.DefaultSecurity())
				if err != nil || s.IdleMinutes != want[0] || s.AbsoluteHours != want[1] {
					w.Errorf("%s: %d %d %v", name, s.IdleMinutes, s.AbsoluteHours, err)
				}
			}
			strict := setting.DefaultSecurity()
			strict.IdleMinutes, strict.AbsoluteHours = 5, 1
			s, err := preference.Shortened(ctx, tx, w.a, w.account["julie"], strict)
			if s.IdleMinutes != 5 || s.AbsoluteHours != 1 {
				w.Errorf("longer than the policy: %d %d", s.IdleMinutes, s.AbsoluteHours)
			}
			return err
		})
	})
}

// accountLang is the language of somebody's account.
func accountLang(name string) text.Lang {
	if name == "julie" {
		return text.EN
	}
	return text.FR
}
