package preference

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// drawn is a change that no rule refuses.
func drawn(t *rapid.T, label string) Edit {
	e := Edit{Notifications: map[setting.Alert]Change[Subscription]{}}
	draw(t, label+" language", &e.Language, rapid.SampledFrom(setting.Languages))
	draw(t, label+" calendar", &e.Calendar, rapid.Custom(func(t *rapid.T) setting.Calendar {
		return setting.Calendar{
			View: rapid.SampledFrom(setting.CalendarViews).Draw(t, "view"), FirstDay: rapid.SampledFrom(setting.FirstDays).Draw(t, "first"),
			DayStart: setting.Clock(rapid.IntRange(0, 600).Draw(t, "start")), DayEnd: setting.Clock(rapid.IntRange(601, int(setting.EndOfDay)).Draw(t, "end")),
			SlotMinutes: rapid.SampledFrom(setting.Slots).Draw(t, "slot"), Weekends: rapid.Bool().Draw(t, "weekends"),
		}
	}))
	draw(t, label+" hours", &e.WorkingHours, rapid.Custom(func(t *rapid.T) setting.WorkingHours {
		h := setting.WorkingHours{}
		for _, d := range rapid.SliceOfDistinct(rapid.SampledFrom(setting.Weekdays), rapid.ID).Draw(t, "days") {
			h[d] = []setting.Range{{From: 60, To: setting.Clock(rapid.IntRange(61, 1440).Draw(t, "to"))}}
		}
		return h
	}))
	draw(t, label+" signature", &e.Signature, rapid.StringMatching(`[a-z]{0,20}`))
	draw(t, label+" session", &e.Session, rapid.Custom(func(t *rapid.T) setting.SessionLength {
		return setting.SessionLength{IdleMinutes: rapid.IntRange(setting.MinIdleMinutes, setting.MaxIdleMinutes).Draw(t, "idle")}
	}))
	for _, a := range setting.Alerts {
		var c Change[Subscription]
		draw(t, label+" "+string(a), &c, rapid.Custom(func(t *rapid.T) Subscription {
			return Subscription{Channels: setting.Channels{Email: rapid.Bool().Draw(t, "email"), Inside: rapid.Bool().Draw(t, "inside")}}
		}))
		e.Notifications[a] = c
	}
	return e
}

func draw[T any](t *rapid.T, label string, c *Change[T], values *rapid.Generator[T]) {
	switch rapid.IntRange(0, 2).Draw(t, label) {
	case 1:
		*c = To(values.Draw(t, label+" value"))
	case 2:
		*c = Back[T]()
	}
}

// CHG-3: whatever was done before, what a change names is then as it says, what it does not name
// is as it was, and what is given back is what the organisation sets, today and tomorrow.
func TestInheritance(t *testing.T) {
	g := ground{policy: setting.DefaultSecurity(), open: map[ident.Site]bool{}}
	rapid.Check(t, func(t *rapid.T) {
		var own Own
		today := Own{}.Over(setting.DefaultPersonal()).Personal
		for i := range rapid.IntRange(1, 4).Draw(t, "changes") {
			e := drawn(t, string(rune('a'+i)))
			next, err := g.apply(own, e)
			if err != nil {
				t.Fatal(err, fault.Of(err).Fields)
			}
			follows(t, "language", own.Language, next.Language, e.Language)
			follows(t, "calendar", own.Calendar, next.Calendar, e.Calendar)
			follows(t, "hours", own.WorkingHours, next.WorkingHours, e.WorkingHours)
			follows(t, "signature", own.Signature, next.Signature, e.Signature)
			follows(t, "session", own.Session, next.Session, e.Session)
			for _, a := range setting.Alerts {
				follows(t, string(a), of(own, a), of(next, a), e.Notifications[a])
			}
			again, err := g.apply(next, e)
			if err != nil || !next.same(again) {
				t.Fatalf("the same change again: %v %+v", err, again)
			}
			own = next
		}
		changed, err := g.apply(Own{}, drawn(t, "the organisation's"))
		if err != nil {
			t.Fatal(err)
		}
		tomorrow := changed.Over(today).Personal
		for _, inherited := range []setting.Personal{today, tomorrow} {
			holds := own.Over(inherited)
			shows(t, "language", own.Language, inherited.Language, holds.Language)
			shows(t, "calendar", own.Calendar, inherited.Calendar, holds.Calendar)
			shows(t, "hours", own.WorkingHours, inherited.WorkingHours, holds.WorkingHours)
			shows(t, "signature", own.Signature, inherited.Signature, holds.Signature)
			shows(t, "session", own.Session, inherited.Session, holds.Session)
			for _, a := range setting.Alerts {
				var mine *setting.Channels
				if s := of(own, a); s != nil {
					mine = &s.Channels
				}
				shows(t, string(a), mine, inherited.Notifications[a], holds.Notifications[a])
			}
		}
	})
}

func of(o Own, a setting.Alert) *Subscription {
	if s, has := o.Notifications[a]; has {
		return &s
	}
	return nil
}

// follows fails unless a part became what the change says.
func follows[T any](t *rapid.T, what string, was, is *T, c Change[T]) {
	want := was
	switch {
	case c.To != nil:
		want = c.To
	case c.Back:
		want = nil
	}
	if !reflect.DeepEqual(is, want) {
		t.Fatalf("%s: %+v, want %+v", what, is, want)
	}
}

// shows fails unless what holds is one's own, or else what is inherited.
func shows[T any](t *rapid.T, what string, own *T, inherited, holds T) {
	want := inherited
	if own != nil {
		want = *own
	}
	if !reflect.DeepEqual(holds, want) {
		t.Fatalf("%s: %+v, want %+v", what, holds, want)
	}
}
