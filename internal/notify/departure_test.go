package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// departureSamples are the letters of departures.
func departureSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := DepartureFacts{Org: tilleuls, By: "Bruno Lacaze", Day: time.Date(2026, 11, 30, 0, 0, 0, 0, text.Zone), Contact: bruno}
	other := f
	other.Name = "Paul Garnier"
	held := func(why string) func() (Letter, error) {
		h := other
		h.Why = why
		return func() (Letter, error) { return WriteDepartureHeld(to, h) }
	}
	waiting := func(n int64) func() (Letter, error) {
		h := other
		h.Count = n
		return func() (Letter, error) { return WriteDepartureWaiting(to, h) }
	}
	return map[string]func() (Letter, error){
		"departure_planned":     func() (Letter, error) { return WriteDeparturePlanned(to, f) },
		"departure_cancelled":   func() (Letter, error) { return WriteDepartureCancelled(to, f) },
		"departure_done":        func() (Letter, error) { return WriteDepartureDone(to, f) },
		"departure_undone":      func() (Letter, error) { return WriteDepartureUndone(to, f) },
		"departure_coming":      func() (Letter, error) { return WriteDepartureComing(to, other) },
		"departure_news":        func() (Letter, error) { return WriteDepartureNews(to, other) },
		"departure_held":        held(departure.ErrDecider.Code),
		"departure_held-last":   held(member.ErrLastAdministrator.Code),
		"departure_waiting":     waiting(4),
		"departure_waiting-one": waiting(1),
	}
}

// OFF-6: the person is told the day that is planned, when it is given up, when it is done and when
// it is undone; of what is no longer so, nothing is sent. Who wants to know of departures is told too.
func TestDepartureLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Faure", text.FR)
		d := departing(w.m)
		order := departure.Order{FullName: "Inès Faure", Day: w.db.Now().In(text.Zone).AddDate(0, 0, 2).Format(time.DateOnly)}
		planned, err := d.Start(ctx, w.by(w.bruno), w.org.ID, ines.member, order)
		w.must(err)
		w.tells("a prévu votre départ", "a prévu le départ de Inès Faure")
		_, err = d.Cancel(ctx, w.by(w.bruno), w.org.ID, ines.member, planned.Version)
		w.must(err)
		w.tells("a annulé votre départ")
		order.Day = ""
		_, err = d.Start(ctx, w.by(w.bruno), w.org.ID, ines.member, order)
		w.must(err)
		w.tells("Vous n’êtes plus membre", "Inès Faure ne fait plus partie")
		_, err = d.Undo(ctx, w.by(w.bruno), w.org.ID, ines.member, departure.AnyVersion)
		w.must(err)
		w.tells("a annulé votre départ")
		w.must(d.Sweep(ctx)) // the way back is done: they can leave again
		_, err = d.Start(ctx, w.by(w.bruno), w.org.ID, ines.member, order)
		w.must(err)
		_, err = d.Undo(ctx, w.by(w.bruno), w.org.ID, ines.member, departure.AnyVersion)
		w.must(err)
		if said := w.posted(); strings.Contains(said, "Vous n’êtes plus membre") {
			t.Error("who is a member again is told that they are none")
		}
	})
}

// OFF-3: who decides of departures is told that something waits for a receiver, by letter and by a
// notice with the number of what waits.
func TestDepartureWaitingIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Faure", text.FR)
		w.order(departure.WaitingLetter{
			Org: w.org.ID, Member: ines.member, Sites: w.sites, Name: "Inès Faure", Count: 4, Until: w.db.Now().Add(time.Hour),
		}, secret.Text{})
		letters := w.work()
		if got := sentTo(letters); got != "bruno, claire" {
			w.Fatalf("letters to %q", got)
		}
		w.says(letters[slices.IndexFunc(letters, func(k Kept) bool { return k.To == "bruno@tilleuls.example" })], "4 éléments attendent") //nolint:misspell // French
		if got := w.noticed(w.bruno); len(got) != 1 || !strings.Contains(got[0], "4 éléments") {
			w.Errorf("%q", got)
		}
	})
}

// tells checks what the letters of the queue say, all together.
func (w *world) tells(parts ...string) {
	w.Helper()
	said := w.posted()
	for _, p := range parts {
		if !strings.Contains(said, p) {
			w.Errorf("nobody is told %q in\n%s", p, said)
		}
	}
}

// posted is the text of all letters of the queue.
func (w *world) posted() string {
	w.Helper()
	var all []string
	for _, k := range w.work() {
		all = append(all, k.Subject+" "+k.Text)
	}
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}
