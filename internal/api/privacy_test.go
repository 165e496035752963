package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/journal"
	"habilis/internal/privacy"
	"habilis/internal/role"
	"habilis/internal/store"
)

// persons is what the server of the tests erases and exports by, with every head signed when it is asked for.
func (w *world) persons() privacy.People {
	return privacy.People{
		Run: w.run, Departures: departure.Departures{Run: w.run}, Journal: journal.Journal{Run: w.run},
		Signed: func(ctx context.Context) (map[string]audit.Head, error) {
			out := map[string]audit.Head{}
			return out, w.db.Read(ctx, func(tx *store.Tx) error {
				list, err := audit.Heads(ctx, tx)
				for _, h := range list {
					out[h.Chain] = h
				}
				return err
			})
		},
	}
}

// whole reads a zip to its end.
func (w *world) whole(file io.ReadCloser, err error) {
	w.Helper()
	w.good(err)
	data, err := io.ReadAll(file)
	w.good(err)
	w.good(file.Close())
	if z, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil || len(z.File) < 2 {
		w.Errorf("%d bytes: %v", len(data), err)
	}
}

// AUD-4: a person asks for their data, in person, and takes them once they are ready; so does an
// organisation of a member, of its own part. Nobody else finds them.
func TestDataExport(t *testing.T) {
	each(t, func(w *world) {
		ctx, julie, bruno, people := w.Context(), w.julie.signedIn().rest(), w.bruno.signedIn().rest(), w.persons()
		_, err := w.julie.rest().ExportMyData(ctx)
		w.refusedBy(err, 403, "privacy.person")
		var x rest.DataExport
		for range 2 { // asked again under the same key: the same answer (rest.md)
			x, err = julie.Once("mine").ExportMyData(ctx)
			w.good(err)
		}
		if x.State != "making" || x.Organization != "" || x.ReadyAt != nil {
			w.Errorf("%+v", x)
		}
		_, err = julie.ExportMyData(ctx)
		w.refusedBy(err, 409, "privacy.export_running")
		_, err = julie.DownloadMyData(ctx, x.ID)
		w.refusedBy(err, 409, "privacy.export_not_ready")
		w.clock.Add(3 * time.Minute) // no worker takes it: the timetable does
		w.good(people.Sweep(ctx))
		l, err := julie.ListMyDataExports(ctx)
		w.good(err)
		if len(l.Items) != 1 || l.Items[0].State != "ready" || l.Items[0].Until == nil || l.Items[0].Bytes == 0 {
			w.Fatalf("%+v", l)
		}
		w.whole(julie.DownloadMyData(ctx, x.ID))
		_, err = bruno.DownloadMyData(ctx, x.ID)
		w.refusedBy(err, 404, "privacy.export_none")

		of := w.member("julie@tilleuls.example")
		_, err = julie.ExportMemberData(ctx, w.a, of)
		w.refusedBy(err, 403, "access.forbidden")
		x, err = bruno.ExportMemberData(ctx, w.a, of)
		w.good(err)
		w.clock.Add(3 * time.Minute) // no worker takes it: the timetable does
		w.good(people.Sweep(ctx))
		l, err = bruno.ListMemberDataExports(ctx, w.a, of)
		w.good(err)
		if len(l.Items) != 1 || l.Items[0].State != "ready" || l.Items[0].Organization != w.a || l.Items[0].Member != of {
			w.Fatalf("%+v", l)
		}
		bruno = w.bruno.signedIn().rest() // the proof of the first time is too old
		w.whole(bruno.DownloadMemberData(ctx, w.a, of, x.ID))
		_, err = w.olga.signedIn().rest().DownloadMemberData(ctx, w.a, of, x.ID)
		w.refusedBy(err, 404, "access.not_found")
	})
}

// AUD-4: what an erasure would do is read, then it is asked for with the name, in person; it stops when
// the person comes back, and is asked for again; then they erase their account.
func TestDataErasure(t *testing.T) {
	each(t, func(w *world) {
		ctx, julie, bruno, people := w.Context(), w.julie.signedIn().rest(), w.bruno.signedIn().rest(), w.persons()
		of, name := w.member("julie@tilleuls.example"), rest.TypedName{FullName: "Julie Delmas"}
		_, err := bruno.EraseMemberData(ctx, w.a, of, name)
		w.refusedBy(err, 409, "privacy.still_member")
		leaves := func(id string) {
			_, err := bruno.StartDeparture(ctx, w.a, id, 0, rest.DepartureOrder{FullName: name.FullName})
			w.good(err)
			w.good(departure.Departures{Run: w.run}.Sweep(ctx))
		}
		leaves(of)
		v, err := bruno.GetMemberDataErasure(ctx, w.a, of)
		w.good(err)
		if v.FullName != name.FullName || v.RefusedBy != "" || v.State != "" || v.Rows == 0 || v.Events == 0 || v.Namesake || v.Forgotten || v.UndoUntil == nil {
			w.Errorf("%+v", v)
		}
		_, err = w.bruno.rest().EraseMemberData(ctx, w.a, of, name)
		w.refusedBy(err, 403, "privacy.person")
		_, err = bruno.EraseMemberData(ctx, w.a, of, rest.TypedName{FullName: "Julie"})
		w.refusedBy(err, 422, "invalid", "body.full_name privacy.name_differs")
		for range 2 {
			v, err = bruno.Once("erase").EraseMemberData(ctx, w.a, of, name)
			w.good(err)
		}
		if v.State != "under_way" || v.Stage != "departure" || v.FullName != "" {
			w.Errorf("%+v", v)
		}
		_, err = bruno.EraseMemberData(ctx, w.a, of, name)
		w.refusedBy(err, 409, "privacy.erasing")
		w.join("julie@tilleuls.example", role.Secretary)
		w.good(people.Sweep(ctx))
		v, err = bruno.GetMemberDataErasure(ctx, w.a, of)
		w.good(err)
		if v.State != "stopped" || v.RefusedBy != "privacy.came_back" || v.FullName != name.FullName || v.DoneAt != nil {
			w.Errorf("they came back: %+v", v)
		}
		leaves(w.member("julie@tilleuls.example"))
		_, err = bruno.EraseMemberData(ctx, w.a, of, name)
		w.good(err)
		w.good(people.Sweep(ctx))
		v, err = bruno.GetMemberDataErasure(ctx, w.a, of)
		w.good(err)
		if v.State != "done" || v.DoneAt == nil || v.Erased == 0 || v.Stage != "" {
			w.Errorf("%+v", v)
		}
		mine, err := julie.GetMyDataErasure(ctx)
		w.good(err)
		if mine.FullName != name.FullName || mine.RefusedBy != "" {
			w.Errorf("%+v", mine)
		}
		_, err = bruno.EraseMyData(ctx, rest.TypedName{FullName: "Bruno Lacaze"})
		w.refusedBy(err, 409, "privacy.memberships_left")
		mine, err = julie.EraseMyData(ctx, name)
		w.good(err)
		if mine.State != "under_way" {
			w.Errorf("%+v", mine)
		}
		_, err = julie.GetMyDataErasure(ctx)
		w.refusedBy(err, 401, "access.unauthenticated")
		w.good(people.Sweep(ctx))
	})
}
