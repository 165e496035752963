package notify

import (
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// CHG-3, rules.md 6: whose settings others changed is told who and what, in one letter an hour, by
// which nobody can be silenced: not by alerts turned off either.
func TestSettingsChangedByOthersAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Faure", text.FR)
		w.work()
		silent := preference.Edit{Notifications: map[setting.Alert]preference.Change[preference.Subscription]{}}
		for _, a := range []setting.Alert{setting.AlertWork, setting.AlertAccess} {
			silent.Notifications[a] = preference.To(preference.Subscription{})
		}
		edit := func(by access.Actor, e preference.Edit) {
			t.Helper()
			all := preference.Preferences{Run: w.run}
			s, err := all.Get(ctx, w.by(w.bruno), w.org.ID, ines.member)
			w.must(err)
			_, err = all.Edit(ctx, by, w.org.ID, ines.member, s.Version, e)
			w.must(err)
		}
		edit(w.by(w.bruno), silent)
		edit(w.by(w.claire), preference.Edit{Signature: preference.To("Zoé Canari")})
		edit(w.by(w.bruno), preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 10})})
		edit(w.by(ines), preference.Edit{Language: preference.To(setting.Language("fr"))})
		if l := w.work(); len(l) != 0 {
			t.Fatalf("%d letters before the hour is over", len(l))
		}
		w.clock.Add(job.GatherEvery * 2)
		k := w.letter()
		if k.To != "inès@tilleuls.example" || len(k.Links) != 0 {
			t.Errorf("%+v", k)
		}
		w.says(k, "Bruno Lacaze : durée de session, alerte « Travail reçu » et alerte « Accès aux agendas et messageries »", "Claire Morvan : signature", "toujours envoyé")
		for _, s := range []string{"Canari", "langue"} {
			if strings.Contains(k.Text, s) {
				t.Errorf("it says %s:\n%s", s, k.Text)
			}
		}

		edit(w.by(ines), preference.Edit{Signature: preference.To("Inès")})
		w.clock.Add(job.GatherEvery * 2)
		if l := w.work(); len(l) != 0 {
			t.Errorf("%d letters about one's own change", len(l))
		}
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			to, err := addressed(ctx, tx, w.org.ID, ines.member)
			w.must(err)
			for ref, want := range map[string]string{
				ident.NewToken().String(): "Une application connectée", ident.NewAccount().String(): w.org.Name, w.bruno.account.ID.String(): "Bruno Lacaze",
			} {
				if name, err := authorOf(ctx, tx, ref, to); err != nil || name != want {
					t.Errorf("%s: %q %v", ref, name, err)
				}
			}
			return nil
		}))
	})
}
