package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	rest "habilis/client"
)

// RGT-1, RGT-5: levels at sites through the client: looked at beforehand, given together,
// refused line by line, undone as any change set.
func TestChangeScopeLevels(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c := t.Context(), w.world.bruno.rest()
		wanted := rest.WantedScopeLevels{
			Changes: []rest.ScopeLevelChange{{Member: w.julie, Scope: w.a1, Realm: "records", Level: "read"}}, Reason: "Ouverture", DryRun: true,
		}
		seen, err := c.ChangeScopeLevels(ctx, "tilleuls", wanted)
		w.good(err)
		if seen.ID != nil || len(seen.Lines) != 1 || seen.Lines[0].After != "read" || len(seen.Warnings) != 1 || !strings.HasPrefix(seen.Warnings[0].Detail, "Julie Delmas pourra lire") {
			t.Errorf("%+v", seen)
		}
		wanted.DryRun = false
		done, err := c.ChangeScopeLevels(ctx, "tilleuls", wanted)
		w.good(err)
		if done.ID == nil || done.NeedsStepUp || done.Lines[0].SiteName == "" {
			t.Fatalf("%+v", done)
		}
		was := "none"
		wanted.Changes = []rest.ScopeLevelChange{{Member: w.julie, Scope: w.a1, Realm: "records", Level: "write", Was: &was}}
		_, err = c.ChangeScopeLevels(ctx, "tilleuls", wanted)
		w.refusedBy(err, http.StatusConflict, "grant.changed_meanwhile", "body.changes[0] grant.scope_changed")
		wanted.Changes = []rest.ScopeLevelChange{{Member: w.julie, Scope: w.a2, Realm: "records", Level: "read"}}
		_, err = c.ChangeScopeLevels(ctx, "tilleuls", wanted)
		if err == nil {
			t.Error("a site that is not theirs")
		}
		back, err := c.UndoChangeSet(ctx, "tilleuls", *done.ID)
		w.good(err)
		if back.ID == nil || back.Kind != "undo" {
			t.Errorf("%+v", back)
		}
	})
}

// rules.md 4, 6, 15: the export of rights through the client, for each of the four matrices.
func TestExportAccess(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c := t.Context(), w.world.bruno.rest()
		_, err := c.ChangeRights(ctx, "tilleuls", changes(rest.LevelChange{Member: w.julie, Resource: w.room, Level: "manage"}))
		w.good(err)
		read := func(domain string, f rest.AccessFilter) string {
			body, err := c.ExportAccess(ctx, "tilleuls", domain, f)
			w.good(err)
			defer body.Close()
			b, err := io.ReadAll(body)
			w.good(err)
			return string(b)
		}
		file := read("agenda", rest.AccessFilter{Search: "julie", Resource: "salle"})
		if !strings.HasPrefix(file, "\uFEFF\"Personne\";") || strings.Count(file, "\r\n") != 2 || !strings.Contains(file, `"Salle"`) || !strings.Contains(file, `"Gestion"`) {
			t.Errorf("%q", file)
		}
		if file := read("administration", rest.AccessFilter{}); !strings.Contains(file, "Rôle Administration") {
			t.Errorf("%q", file)
		}
		for _, domain := range []string{"messaging_profile", "records"} {
			read(domain, rest.AccessFilter{})
		}
		for range 6 {
			read("agenda", rest.AccessFilter{})
		}
		_, err = c.ExportAccess(ctx, "tilleuls", "agenda", rest.AccessFilter{})
		w.refusedBy(err, http.StatusTooManyRequests, "limit.exceeded")
	})
}
