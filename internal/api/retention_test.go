package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"testing"

	rest "habilis/client"
	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/privacy"
	"habilis/internal/token"
)

// AUD-4: a program reads and changes how long things are kept, and reads what is kept, and why.
func TestRetention(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.rest()
		r, err := bruno.GetRetention(ctx, w.a)
		w.good(err)
		if r.Version != 0 || len(r.Kinds) != 7 || r.Kinds[0].Kind != "security_log" || r.Kinds[0].Value != 12 || r.Kinds[0].Minimum != 6 {
			t.Errorf("%+v", r)
		}
		less := rest.RetentionValues{Values: map[string]int64{"messages": 60}}
		before, err := bruno.PreviewRetention(ctx, w.a, 0, less)
		w.good(err)
		if !before.DryRun || before.Version != 0 || before.Goes["messages"] != 0 {
			t.Errorf("%+v", before)
		}
		_, err = bruno.EditRetention(ctx, w.a, 0, rest.RetentionValues{Values: map[string]int64{"messages": 6000, "secrets": 1}})
		w.refusedBy(err, 422, "invalid", "body.values.messages setting.retention_bounds", "body.values.secrets setting.retention_kind")
		after, err := bruno.EditRetention(ctx, w.a, 0, less)
		w.good(err)
		if after.DryRun || after.Version != 1 || !slices.ContainsFunc(after.Kinds, func(k rest.RetentionKind) bool { return k.Kind == "messages" && k.Value == 60 }) {
			t.Errorf("%+v", after)
		}
		_, err = bruno.EditRetention(ctx, w.a, 0, less)
		w.refusedBy(err, 412, "api.version_stale")
		_, err = w.agenda().rest().EditRetention(ctx, w.a, 1, less)
		w.refusedBy(err, 403, "access.forbidden")
		l, err := bruno.GetRegister(ctx, w.a)
		w.good(err)
		for _, e := range l.Items {
			if e.Name == "" || e.Purpose == "" || e.Kept == "" || (e.Rows == nil) != (e.Keeper == "installation") {
				t.Errorf("%+v", e)
			}
		}
		_, err = bruno.GetPlatformRegister(ctx)
		w.refusedBy(err, 404, "access.not_found")
		l, err = w.platform.rest().GetPlatformRegister(ctx)
		w.good(err)
		if i := slices.IndexFunc(l.Items, func(e rest.RegisterEntry) bool { return e.Code == "accounts" }); i < 0 || l.Items[i].Rows == nil || *l.Items[i].Rows < 2 {
			t.Errorf("%+v", l)
		}
	})
}

// AUD-4: a person takes everything of their organisation away, asks that it leaves, and takes it
// back; a token of the organisation does none of it.
func TestExit(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.signedIn().rest()
		v, err := bruno.GetExit(ctx, w.a)
		w.good(err)
		if v.Asked != nil || v.Export != nil || !v.MayExport || !v.MayLeave || v.OrganizationName == "" {
			t.Errorf("%+v", v)
		}
		org, err := ident.ParseOrg(w.bruno.get("/organizations/" + w.a).is(200).id())
		w.good(err)
		program := w.with(w.make(token.New{Kind: token.OfOrganization, Org: org, Name: "Tout", Permissions: []access.Permission{
			access.SettingsEdit, access.SecurityEdit, access.MembersDelete, access.MembersRead, access.AuditExport,
		}})).rest()
		_, err = program.AskExit(ctx, w.a, rest.ExitName{Name: v.OrganizationName})
		w.refusedBy(err, 403, "exit.person")
		_, err = program.OrderFullExport(ctx, w.a)
		w.refusedBy(err, 403, "exit.person")
		mine, err := w.bruno.rest().GetExit(ctx, w.a)
		w.good(err)
		if mine.MayExport || mine.MayLeave {
			t.Errorf("by a token of a person: %+v", mine)
		}
		_, err = w.bruno.rest().AskExit(ctx, w.a, rest.ExitName{Name: v.OrganizationName})
		w.refusedBy(err, 403, "exit.person")
		_, err = w.bruno.rest().GetFullExport(ctx, w.a)
		w.refusedBy(err, 403, "exit.person")
		_, err = bruno.AskExit(ctx, w.a, rest.ExitName{Name: v.OrganizationName + "."})
		w.refusedBy(err, 422, "invalid", "body.name exit.name_differs")
		var x rest.ExitAsked
		for range 2 { // asked again under the same key: the same answer (rest.md)
			x, err = bruno.Once("leave").AskExit(ctx, w.a, rest.ExitName{Name: v.OrganizationName})
			w.good(err)
		}
		if x.State != "asked" || x.ActsAt.Sub(x.At) != privacy.ExitAfter || x.Version != 1 {
			t.Errorf("%+v", x)
		}
		_, err = bruno.AskExit(ctx, w.a, rest.ExitName{Name: v.OrganizationName})
		w.refusedBy(err, 409, "exit.asked_already")
		w.refusedBy(bruno.TakeExitBack(ctx, w.a, 9), 412, "api.version_stale")
		w.good(bruno.TakeExitBack(ctx, w.a, x.Version))
		w.refusedBy(bruno.TakeExitBack(ctx, w.a, x.Version), 404, "exit.none")

		_, err = bruno.GetFullExport(ctx, w.a)
		w.refusedBy(err, 404, "exit.export_none")
		_, err = bruno.OrderFullExport(ctx, w.a)
		w.good(err)
		_, err = bruno.OrderFullExport(ctx, w.a)
		w.refusedBy(err, 409, "exit.export_ordered")
		w.good(privacy.Exits{Run: w.run}.SweepExports(ctx))
		v, err = bruno.GetExit(ctx, w.a)
		w.good(err)
		if v.Export == nil || v.Export.State != "ready" || v.Export.ExpiresAt == nil || len(v.Export.SHA256) != 64 {
			t.Fatalf("%+v", v.Export)
		}
		file, err := bruno.GetFullExport(ctx, w.a)
		w.good(err)
		data, err := io.ReadAll(file)
		w.good(err)
		w.good(file.Close())
		if z, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil || int64(len(data)) != v.Export.Bytes || len(z.File) < 50 {
			t.Errorf("%d bytes of %d: %v", len(data), v.Export.Bytes, err)
		}
	})
}
