package preference_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

func (w *world) tell(source string, list ...preference.Told) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error { return preference.Tell(ctx, tx, w.a, source, list) })
}

func (w *world) notices(name string, q preference.NoticeQuery) preference.NoticePage {
	w.Helper()
	page, err := w.p.Notices(w.Context(), w.as(name), w.a, q)
	if err != nil {
		w.Fatal(err)
	}
	return page
}

// MEM-6: a notice is its person's alone, once for each job, and read when they say so.
func TestNotices(t *testing.T) {
	eachWorld(t, func(w *world) {
		for range 2 { // a job that is tried again
			w.tell("one", preference.Told{To: w.id["julie"], Alert: setting.AlertWork, What: preference.WorkReceived, Count: 3},
				preference.Told{To: w.id["lise"], Alert: setting.AlertWork, What: preference.WorkReceived, Count: 4})
		}
		w.clock.Add(time.Minute)
		day := w.DB.Now().Add(time.Hour)
		w.tell("two", preference.Told{To: w.id["julie"], Alert: setting.AlertDeparture, What: preference.DeparturePlanned, Subject: w.id["lise"], Day: day})
		page := w.notices("julie", preference.NoticeQuery{})
		if len(page.Notices) != 2 || page.Unread != 2 || page.Total != 2 || page.Next != "" {
			w.Fatalf("%+v", page)
		}
		first, second := page.Notices[0], page.Notices[1]
		if first.What != preference.DeparturePlanned || !first.Day.Equal(day) || second.Count != 3 || !first.ReadAt.IsZero() || first.Alert != setting.AlertDeparture {
			w.Errorf("%+v", page.Notices)
		}
		if first.Name != "" || !first.Subject.IsZero() {
			w.Errorf("julie may not know of lise (AUZ-06): %+v", first)
		}
		theirs := w.notices("lise", preference.NoticeQuery{}).Notices[0]
		w.Want("mark", w.p.MarkRead(w.Context(), w.as("julie"), w.a, []ident.Notice{second.ID, theirs.ID, ident.NewNotice()}), nil)
		if page = w.notices("julie", preference.NoticeQuery{Unread: true}); page.Unread != 1 || page.Total != 1 || len(page.Notices) != 1 || page.Notices[0].ID != first.ID {
			w.Errorf("%+v", page)
		}
		if n, err := w.p.Unread(w.Context(), w.as("lise"), w.a); err != nil || n != 1 {
			w.Errorf("another's notice was marked: %d %v", n, err)
		}
		w.Want("mark all", w.p.MarkRead(w.Context(), w.as("julie"), w.a, nil), nil)
		if n, err := w.p.Unread(w.Context(), w.as("julie"), w.a); err != nil || n != 0 {
			w.Errorf("%d %v", n, err)
		}
		w.Want("none of these", w.p.MarkRead(w.Context(), w.as("lise"), w.a, []ident.Notice{}), nil)
		if n, err := w.p.Unread(w.Context(), w.as("lise"), w.a); err != nil || n != 1 {
			w.Errorf("no ID is not all of them: %d %v", n, err)
		}
	})
}

// AUZ-02, AUZ-06: of whom a notice is, its reader is told when they may know; a token has none.
func TestNoticesOfWhom(t *testing.T) {
	eachWorld(t, func(w *world) {
		for name, knows := range map[string]bool{"claire": true, "nadege": false} {
			w.tell(name, preference.Told{To: w.id[name], Alert: setting.AlertDeparture, What: preference.DepartureDone, Subject: w.id["zoe"]})
			if n := w.notices(name, preference.NoticeQuery{}).Notices[0]; (n.Name == "Zoe Essai") != knows || n.Subject.IsZero() == knows {
				w.Errorf("%s: %+v", name, n)
			}
		}
		_, err := w.p.Notices(w.Context(), w.as("odile"), w.a, preference.NoticeQuery{})
		w.Want("another organisation", err, access.ErrNotFound)
		w.Want("another organisation", w.p.MarkRead(w.Context(), w.as("odile"), w.a, nil), access.ErrNotFound)
		_, err = w.p.Unread(w.Context(), access.Operator("test"), w.a)
		if fault.Of(err).Code != "preference.not_member" {
			w.Errorf("nobody: %v", err)
		}
		_, err = w.p.Notices(w.Context(), w.as("julie"), w.a, preference.NoticeQuery{Size: preference.MaxNotices + 1})
		if fault.Of(err).Code != "preference.query" {
			w.Errorf("too many: %v", err)
		}
	})
}

// Pages follow each other whole, whatever arrives meanwhile; NoticeLife later they are gone.
func TestNoticePages(t *testing.T) {
	eachWorld(t, func(w *world) {
		for i := range 7 {
			if i%3 == 0 {
				w.clock.Add(time.Second) // several of one moment
			}
			w.tell(fmt.Sprint(i), preference.Told{To: w.id["julie"], Alert: setting.AlertWork, What: preference.WorkReceived, Count: int64(i)})
		}
		seen, q := map[int64]bool{}, preference.NoticeQuery{Size: 3}
		for pages := 1; ; pages++ {
			page := w.notices("julie", q)
			for _, n := range page.Notices {
				seen[n.Count] = true
			}
			w.tell(fmt.Sprint("new", pages), preference.Told{To: w.id["julie"], Alert: setting.AlertWork, What: preference.WorkReceived, Count: 100})
			if q.After = page.Next; q.After == "" {
				if pages != 3 || len(seen) != 7 {
					w.Errorf("%d pages, saw %v", pages, seen)
				}
				break
			}
		}
		if _, err := w.p.Notices(w.Context(), w.as("lise"), w.a, preference.NoticeQuery{After: q.After + "x"}); err == nil {
			w.Error("a cursor of nothing")
		}
		w.clock.Add(preference.NoticeLife - time.Hour)
		w.Want("sweep", preference.Sweep(w.Context(), w.DB), nil)
		if page := w.notices("julie", preference.NoticeQuery{}); page.Total != 10 {
			w.Errorf("swept too early: %d", page.Total)
		}
		w.clock.Add(2 * time.Hour)
		w.Want("sweep", preference.Sweep(w.Context(), w.DB), nil)
		if page := w.notices("julie", preference.NoticeQuery{}); page.Total != 0 {
			w.Errorf("%d left", page.Total)
		}
	})
}
