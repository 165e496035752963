package preference

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// MaxChosenSites bounds the sites of one alert.
const MaxChosenSites = 100

// ground is on what a change of a member's settings is judged.
type ground struct {
	policy    setting.Security
	inherited setting.Personal
	reaches   map[setting.Alert]reach // nil: what the member will hold is not known yet
	open      map[ident.Site]bool     // the active sites
	at        string                  // what stands before the names of the fields: "settings."
}

// groundOf reads it for a member.
func groundOf(ctx context.Context, tx *store.Tx, in ident.Org, of ident.Member, own []ident.Site) (g ground, err error) {
	if g, err = groundIn(ctx, tx, in); err != nil {
		return g, err
	}
	held, err := access.GivenTo(ctx, tx, in, of)
	g.reaches = reaches(held, own)
	return g, err
}

// groundIn reads what of it is the organisation's.
func groundIn(ctx context.Context, tx *store.Tx, in ident.Org) (g ground, err error) {
	if g.policy, err = setting.ReadSecurity(ctx, tx, in); err != nil {
		return g, err
	}
	inherited, err := setting.ReadDefaults(ctx, tx, in)
	if err != nil {
		return g, err
	}
	g.inherited = inherited.Personal
	sites, err := org.ActiveSites(ctx, tx, in)
	g.open = make(map[ident.Site]bool, len(sites))
	for i := range sites {
		g.open[sites[i].ID] = true
	}
	return g, err
}

// apply gives what is the member's own after a change. Errors: fields to correct.
func (g ground) apply(was Own, e Edit) (Own, error) {
	var f fault.Fields
	next := was
	change(&next.Language, e.Language, func(l setting.Language) setting.Language {
		l.Check(&f, g.at+string(setting.PartLanguage))
		return l
	})
	change(&next.Calendar, e.Calendar, func(c setting.Calendar) setting.Calendar {
		c.Check(&f, g.at+string(setting.PartCalendar))
		return c
	})
	change(&next.WorkingHours, e.WorkingHours, func(h setting.WorkingHours) setting.WorkingHours {
		return h.Check(&f, g.at+string(setting.PartWorkingHours))
	})
	change(&next.Signature, e.Signature, func(s string) string {
		return setting.CheckSignature(&f, g.at+string(setting.PartSignature), s)
	})
	change(&next.Session, e.Session, func(l setting.SessionLength) setting.SessionLength {
		var old setting.SessionLength
		if was.Session != nil {
			old = *was.Session
		}
		l.Check(&f, g.at+string(setting.PartSession), g.policy, old)
		return l
	})
	next.Notifications = g.alerts(&f, was.Notifications, g.whole(was, e))
	return next, f.Err()
}

// whole are the changes of alerts, those of some of an alert as what it then is.
func (g ground) whole(was Own, e Edit) map[setting.Alert]Change[Subscription] {
	if len(e.Alerts) == 0 {
		return e.Notifications
	}
	all := make(map[setting.Alert]Change[Subscription], len(e.Notifications)+len(e.Alerts))
	maps.Copy(all, e.Notifications)
	for a, c := range e.Alerts {
		if c.none() {
			continue
		}
		holds, own := was.Notifications[a]
		if !own {
			holds = Subscription{Channels: g.inherited.Notifications[a]}
		}
		take(&holds.Email, c.Email)
		take(&holds.Inside, c.Inside)
		take(&holds.Sites, c.Sites)
		all[a] = To(holds)
	}
	return all
}

func (c AlertChange) none() bool { return c.Email == nil && c.Inside == nil && c.Sites == nil }

// change makes a part one's own, or gives it back.
func change[T any](part **T, to Change[T], checked func(T) T) {
	switch {
	case to.To != nil:
		v := checked(*to.To)
		*part = &v
	case to.Back:
		*part = nil
	}
}

// alerts changes the alerts that are named, and leaves the others as they are.
func (g ground) alerts(f *fault.Fields, was map[setting.Alert]Subscription, to map[setting.Alert]Change[Subscription],
) map[setting.Alert]Subscription {
	next := maps.Clone(was)
	if next == nil {
		next = map[setting.Alert]Subscription{}
	}
	for _, a := range slices.Sorted(maps.Keys(to)) {
		at := g.at + string(setting.PartNotifications) + "." + string(a)
		c := to[a]
		switch {
		case c.To != nil:
			old := was[a]
			next[a] = g.subscription(f, at, a, old, *c.To)
		case c.Back:
			delete(next, a)
		}
		setting.CheckAlert(f, at, a)
	}
	return next
}

// subscription checks one. What was chosen before a right went may stay: it counts for nothing.
func (g ground) subscription(f *fault.Fields, at string, a setting.Alert, was, s Subscription) Subscription {
	s.Sites = slices.Compact(slices.Sorted(slices.Values(s.Sites)))
	if len(s.Sites) > MaxChosenSites {
		f.Add(at+".sites", "preference.too_many_sites", "Max", MaxChosenSites)
		return s
	}
	r, known := g.reaches[a]
	if known && !r.holds && !s.None() && was.Channels != s.Channels {
		f.Add(at, "preference.alert_right")
		return s
	}
	for i, site := range s.Sites {
		if !slices.Contains(was.Sites, site) && (!g.open[site] || known && !r.covers(site)) {
			f.Add(at+".sites["+strconv.Itoa(i)+"]", "preference.site")
		}
	}
	return s
}

// same reports whether nothing differs between two.
func (o Own) same(n Own) bool {
	return len(o.Differs(n)) == 0
}

// Differs tells the parts of which one is the member's own and the other is not, or is another.
func (o Own) Differs(n Own) (parts []setting.Part) {
	for _, d := range []struct {
		part setting.Part
		same bool
	}{
		{setting.PartLanguage, equal(o.Language, n.Language)},
		{setting.PartCalendar, equal(o.Calendar, n.Calendar)},
		{setting.PartWorkingHours, (o.WorkingHours == nil) == (n.WorkingHours == nil) &&
			(o.WorkingHours == nil || o.WorkingHours.Same(*n.WorkingHours))},
		{setting.PartNotifications, maps.EqualFunc(o.Notifications, n.Notifications, Subscription.same)},
		{setting.PartSignature, equal(o.Signature, n.Signature)},
		{setting.PartSession, equal(o.Session, n.Session)},
	} {
		if !d.same {
			parts = append(parts, d.part)
		}
	}
	return parts
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func (s Subscription) same(o Subscription) bool {
	return s.Channels == o.Channels && slices.Equal(s.Sites, o.Sites)
}

// without is what is one's own without a site; the second value is false when nothing was about
// it. An alert chosen for that site alone is chosen for none (OFF-4).
func (o Own) without(site ident.Site) (Own, bool) {
	next, changed := maps.Clone(o.Notifications), false
	for a, s := range o.Notifications {
		if !slices.Contains(s.Sites, site) {
			continue
		}
		changed = true
		left := slices.DeleteFunc(slices.Clone(s.Sites), func(x ident.Site) bool { return x == site })
		if len(left) == 0 {
			next[a] = Subscription{} // no more alerts: inherited, it would be of every other site
			continue
		}
		next[a] = Subscription{s.Channels, left}
	}
	o.Notifications = next
	return o, changed
}
