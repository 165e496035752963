package preference_test

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

var (
	early  = setting.Calendar{View: setting.ViewDay, FirstDay: setting.Sunday, DayStart: 7 * 60, DayEnd: 20 * 60, SlotMinutes: 20, Weekends: true}
	monday = setting.WorkingHours{setting.Monday: {{From: 8*60 + 30, To: 12 * 60}, {From: 14 * 60, To: 18 * 60}}}
)

// MEM-6, CHG-3: every part is inherited until it is one's own, and again once it is given back;
// each change is the next version, and the trail says what held before and after.
func TestOwnAndGivenBack(t *testing.T) {
	eachWorld(t, func(w *world) {
		first := w.get("julie", "julie")
		if first.Version != 0 || !first.Self || !first.MayEdit || !reflect.DeepEqual(first.Effective.Personal, setting.DefaultPersonal()) {
			w.Fatalf("%+v", first)
		}
		s := w.edit("julie", "julie", preference.Edit{
			Language: preference.To(setting.Language("fr")), Calendar: preference.To(early), WorkingHours: preference.To(monday),
			Signature: preference.To("Julie Essai\r\n\r\n  Secrétariat  "), Session: preference.To(setting.SessionLength{IdleMinutes: 10}),
			Notifications: map[setting.Alert]preference.Change[preference.Subscription]{
				setting.AlertWork: preference.To(preference.Subscription{Channels: setting.Channels{Inside: true}}),
			},
		})
		e := s.Effective
		if s.Version != 1 || e.Language != "fr" || e.Calendar != early || !e.WorkingHours.Same(monday) || e.Signature != "Julie Essai\n\nSecrétariat" ||
			e.Session.IdleMinutes != 10 || e.Notifications[setting.AlertWork] != (setting.Channels{Inside: true}) {
			w.Errorf("%+v", s)
		}
		for _, part := range setting.Parts {
			if !s.Own.Has(part) {
				w.Errorf("%s is not their own", part)
			}
		}
		for of, on := range e.Notifications {
			if of != setting.AlertWork && on != (setting.Channels{Email: true, Inside: true}) {
				w.Errorf("%s changed too: %+v", of, on)
			}
		}
		s = w.edit("claire", "julie", preference.Edit{
			Language: preference.Back[setting.Language](), Calendar: preference.Back[setting.Calendar](),
			WorkingHours: preference.Back[setting.WorkingHours](), Signature: preference.Back[string](), Session: preference.Back[setting.SessionLength](),
			Notifications: map[setting.Alert]preference.Change[preference.Subscription]{setting.AlertWork: preference.Back[preference.Subscription]()},
		})
		if s.Version != 2 || !reflect.DeepEqual(s.Effective.Personal, setting.DefaultPersonal()) || slices.ContainsFunc(setting.Parts, s.Own.Has) {
			w.Errorf("given back: %+v", s)
		}
		again := w.edit("julie", "julie", preference.Edit{Language: preference.Back[setting.Language]()})
		if again.Version != 2 {
			w.Errorf("what changes nothing made version %d", again.Version)
		}
		if n := w.Count(`select count(*) from audit_event where chain = $1 and verb = 'member.edit_settings' and outcome = 'done'`, w.a); n != 2 {
			w.Errorf("%d lines in the trail", n)
		}
		if n := w.Count(`select count(*) from event where org_id = $1 and kind = 'member.edited'`, w.a); n != 2 {
			w.Errorf("%d events", n)
		}
	})
}

// CHG-3: what the organisation sets is every member's at once, but for what is their own; both
// orders of the two changes end alike.
func TestInheritedAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.edit("julie", "julie", preference.Edit{Calendar: preference.To(early)})
		d := w.defaults(func(p *setting.Personal) {
			p.Language, p.Signature, p.Calendar.SlotMinutes = "en", "Maison des Tilleuls", 30
			p.Notifications[setting.AlertDelegation] = setting.Channels{Email: true}
		})
		if d.Rev != 1 {
			w.Errorf("rev %d", d.Rev)
		}
		julie, lise := w.get("julie", "julie"), w.get("lise", "lise")
		if julie.Effective.Calendar != early || lise.Effective.Calendar.SlotMinutes != 30 {
			w.Errorf("%+v %+v", julie.Effective.Calendar, lise.Effective.Calendar)
		}
		for _, s := range []preference.Sheet{julie, lise} {
			if s.Effective.Signature != "Maison des Tilleuls" || s.Effective.Language != "en" ||
				s.Effective.Notifications[setting.AlertDelegation] != (setting.Channels{Email: true}) {
				w.Errorf("%+v", s.Effective)
			}
		}
		if s := w.edit("julie", "julie", preference.Edit{Calendar: preference.Back[setting.Calendar]()}); s.Effective.Calendar.SlotMinutes != 30 {
			w.Errorf("given back: %+v", s.Effective.Calendar)
		}
		w.edit("lise", "lise", preference.Edit{Signature: preference.To("")})
		if s := w.get("lise", "lise"); s.Effective.Signature != "" || !s.Own.Has(setting.PartSignature) {
			w.Errorf("one's own nothing is nothing: %+v", s)
		}
		if n := w.Count(`select count(*) from event where org_id = $1 and kind = 'settings.changed'`, w.a); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

// AUZ-02, AUZ-05, AUZ-06: one's own; those whom one may edit as a whole; nobody else's.
func TestWhoMay(t *testing.T) {
	eachWorld(t, func(w *world) {
		e := preference.Edit{Signature: preference.To("Essai")}
		for _, c := range []struct {
			by, of    string
			get, edit error
		}{
			{"julie", "julie", nil, nil},
			{"julie", "lise", access.ErrForbidden, access.ErrForbidden},
			{"nadege", "julie", nil, nil},
			{"nadege", "marc", nil, access.ErrForbidden}, // A2 too
			{"nadege", "zoe", member.ErrNotFound, member.ErrNotFound},
			{"nadege", "claire", nil, access.ErrForbidden},
			{"claire", "nadege", nil, nil},
			{"tess", "julie", access.ErrForbidden, access.ErrForbidden},
			{"odile", "julie", access.ErrNotFound, access.ErrNotFound},
		} {
			s, err := w.p.Get(w.Context(), w.as(c.by), w.a, w.id[c.of])
			w.Want(c.by+" reads "+c.of, err, c.get)
			_, err = w.p.Edit(w.Context(), w.as(c.by), w.a, w.id[c.of], s.Version, e)
			w.Want(c.by+" edits "+c.of, err, c.edit)
			if (c.get == nil) && s.MayEdit != (c.edit == nil) {
				w.Errorf("%s of %s: may edit %t", c.by, c.of, s.MayEdit)
			}
		}
		if _, err := w.p.Get(w.Context(), w.as("odile"), w.b, w.id["julie"]); !fault.Is(err, fault.NotFound) {
			w.Errorf("a member of another organisation: %v", err)
		}
		// Whoever sees a member and may not edit them is told nothing of their alerts and sessions.
		w.edit("marc", "marc", chosen(setting.AlertAccess, preference.Subscription{Channels: setting.Channels{Email: true}, Sites: []ident.Site{w.site["A2"]}}))
		w.edit("marc", "marc", preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 7}), Calendar: preference.To(early)})
		s := w.get("nadege", "marc")
		if s.Alerts != nil || s.Own.Notifications != nil || s.Own.Session != nil || len(s.Effective.Sites) > 0 || s.Effective.Notifications != nil ||
			s.Effective.Session != (setting.SessionLength{}) || s.Effective.Calendar != early {
			w.Errorf("%+v", s)
		}
	})
}

// AUD-1, rest.md: each point to correct is told at its field, all of them at once.
func TestFields(t *testing.T) {
	eachWorld(t, func(w *world) {
		day := func(ranges ...setting.Range) preference.Change[setting.WorkingHours] {
			return preference.To(setting.WorkingHours{setting.Monday: ranges})
		}
		alert := func(a setting.Alert, sites ...ident.Site) preference.Edit {
			return chosen(a, preference.Subscription{Channels: setting.Channels{Email: true}, Sites: sites})
		}
		many := make([]ident.Site, preference.MaxChosenSites+1)
		for i := range many {
			many[i] = ident.NewSite()
		}
		for name, c := range map[string]struct {
			e        preference.Edit
			at, code string
		}{
			"language": {preference.Edit{Language: preference.To(setting.Language("de"))}, "language", "setting.language_unknown"},
			"view":     {preference.Edit{Calendar: preference.To(setting.Calendar{})}, "calendar.view", "setting.calendar_view"},
			"first day": {preference.Edit{Calendar: preference.To(setting.Calendar{View: "day", FirstDay: "friday", DayEnd: 60, SlotMinutes: 5})},
				"calendar.first_day", "setting.first_day"},
			"slot": {preference.Edit{Calendar: preference.To(setting.Calendar{View: "day", FirstDay: "monday", DayEnd: 60, SlotMinutes: 7})},
				"calendar.slot_minutes", "setting.slot"},
			"order": {preference.Edit{Calendar: preference.To(setting.Calendar{View: "day", FirstDay: "monday", DayStart: 60, DayEnd: 60, SlotMinutes: 5})},
				"calendar.day_end", "setting.day_order"},
			"weekday": {preference.Edit{WorkingHours: preference.To(setting.WorkingHours{"lundi": {{To: 60}}})}, "working_hours.lundi", "setting.weekday"},
			"many":    {preference.Edit{WorkingHours: day(make([]setting.Range, setting.MaxRanges+1)...)}, "working_hours.monday", "setting.too_many_ranges"},
			"range":   {preference.Edit{WorkingHours: day(setting.Range{From: 60, To: 60})}, "working_hours.monday[0]", "setting.range_order"},
			"late":    {preference.Edit{WorkingHours: day(setting.Range{From: 60, To: setting.EndOfDay + 1})}, "working_hours.monday[0]", "setting.range_order"},
			"overlap": {preference.Edit{WorkingHours: day(setting.Range{From: 100, To: 200}, setting.Range{From: 60, To: 101})},
				"working_hours.monday", "setting.ranges_overlap"},
			"alert":     {alert("nothing"), "notifications.nothing", "setting.alert_unknown"},
			"right":     {alert(setting.AlertApproval), "notifications.approval", "preference.alert_right"},
			"elsewhere": {alert(setting.AlertAccess, w.site["A2"]), "notifications.access.sites[0]", "preference.site"},
			"of work":   {alert(setting.AlertWork, w.site["A1"]), "notifications.work.sites[0]", "preference.site"},
			"other org": {alert(setting.AlertWork, w.site["B1"]), "notifications.work.sites[0]", "preference.site"},
			"sites":     {alert(setting.AlertWork, many...), "notifications.work.sites", "preference.too_many_sites"},
			"lines": {preference.Edit{Signature: preference.To(strings.Repeat("a\n", setting.MaxSignatureLines) + "a")},
				"signature", "setting.signature_lines"},
			"long":    {preference.Edit{Signature: preference.To(strings.Repeat("a", setting.MaxSignature) + "\nb")}, "signature", "text.too_long"},
			"control": {preference.Edit{Signature: preference.To("a\u202eb")}, "signature", "text.control"},
			"markup":  {preference.Edit{Signature: preference.To("<b>a</b>")}, "signature", "text.symbol"},
			"idle": {preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: setting.MinIdleMinutes - 1})},
				"session.idle_minutes", "setting.out_of_bounds"},
			"absolute": {preference.Edit{Session: preference.To(setting.SessionLength{AbsoluteHours: setting.MaxAbsoluteHours + 1})},
				"session.absolute_hours", "setting.out_of_bounds"},
		} {
			_, err := w.p.Edit(w.Context(), w.as("julie"), w.a, w.id["julie"], 0, c.e)
			f := fault.Of(err)
			if err == nil || len(f.Fields) == 0 || f.Fields[0].Location != c.at || f.Fields[0].Code != c.code {
				w.Errorf("%s: %v %v", name, err, f.Fields)
			}
		}
		_, err := w.p.Edit(w.Context(), w.as("julie"), w.a, w.id["julie"], 0, preference.Edit{
			Language: preference.To(setting.Language("de")), Signature: preference.To("<"), Session: preference.To(setting.SessionLength{IdleMinutes: 1}),
		})
		if f := fault.Of(err); len(f.Fields) != 3 {
			w.Errorf("all at once: %v", f.Fields)
		}
		if n := w.Count(`select count(*) from member_setting where org_id = $1`, w.a); n != 0 {
			w.Errorf("%d rows of refused changes", n)
		}
	})
}

// rules.md 7: nobody chooses a session longer than the policy of this day lets it be; what the
// policy overtook may stay, and counts for nothing.
func TestSessionWithinPolicy(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.edit("julie", "julie", preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 25, AbsoluteHours: 10})})
		policy, err := w.settings.Security(w.Context(), w.as("claire"), w.a)
		w.Want("policy", err, nil)
		policy.IdleMinutes, policy.AbsoluteHours = 20, 8
		_, err = w.settings.SetSecurity(w.Context(), w.as("claire"), w.a, policy.Rev, policy)
		w.Want("policy", err, nil)
		s := w.edit("julie", "julie", preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 25, AbsoluteHours: 4})})
		if s.Policy != (setting.SessionLength{IdleMinutes: 20, AbsoluteHours: 8}) {
			w.Errorf("%+v", s.Policy)
		}
		_, err = w.p.Edit(w.Context(), w.as("julie"), w.a, w.id["julie"], s.Version, preference.Edit{
			Session: preference.To(setting.SessionLength{IdleMinutes: 24, AbsoluteHours: 9}),
		})
		f := fault.Of(err)
		if len(f.Fields) != 2 || f.Fields[0].Code != "setting.session_longer" || f.Fields[0].Args["Max"] != 20 {
			w.Errorf("%v %v", err, f.Fields)
		}
	})
}

// RAC-01: of two who change the same version, one must read again; of many, exactly one wins.
func TestTwoAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		const people = 6
		var won, read int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range people {
			by := w.as([]string{"julie", "claire"}[i%2])
			all.Go(func() {
				_, err := w.p.Edit(w.Context(), by, w.a, w.id["julie"], 0, preference.Edit{Signature: preference.To("Essai " + strconv.Itoa(i))})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case fault.Of(err).Code == "preference.stale" && fault.Is(err, fault.Stale):
					read++
				default:
					w.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || read != people-1 || w.get("julie", "julie").Version != 1 {
			w.Errorf("%d won, %d read again", won, read)
		}
	})
}

// CHG-3, rules.md 6: whoever changes the alerts or the sessions of somebody else proves who they are;
// the member is told by a letter that nobody can refuse, one an hour, of what others changed alone.
func TestChangedByOthers(t *testing.T) {
	eachWorld(t, func(w *world) {
		quiet := chosen(setting.AlertWork, preference.Subscription{})
		length := preference.Edit{Session: preference.To(setting.SessionLength{IdleMinutes: 10})}
		for name, e := range map[string]preference.Edit{"alerts": quiet, "sessions": length} {
			_, err := w.p.Edit(w.Context(), w.stale("claire"), w.a, w.id["julie"], 0, e)
			w.Want(name+" of another", err, access.ErrStepUp)
		}
		if n := w.Count(`select count(*) from member_setting where org_id = $1`, w.a); n != 0 {
			w.Errorf("%d rows of refused changes", n)
		}
		_, err := w.p.Edit(w.Context(), w.stale("julie"), w.a, w.id["julie"], 0, length)
		w.Want("one's own", err, nil)
		if n := w.letters(); n != 0 {
			w.Errorf("%d letters about one's own", n)
		}
		_, err = w.p.Edit(w.Context(), w.stale("claire"), w.a, w.id["julie"], 1, preference.Edit{Signature: preference.To("Julie")})
		w.Want("a signature", err, nil)
		w.edit("nadege", "julie", quiet)
		w.edit("claire", "julie", preference.Edit{Session: preference.Back[setting.SessionLength](), Signature: preference.To("Julie D.")})
		w.edit("julie", "julie", preference.Edit{Language: preference.To(setting.Language("fr"))})
		if n := w.letters(); n != 1 {
			w.Errorf("%d letters for one hour", n)
		}
		from := w.DB.Now().Truncate(job.GatherEvery)
		told := func(from time.Time) (list []preference.ByOther) {
			w.Read(func(ctx context.Context, tx *store.Tx) (err error) {
				list, err = preference.ChangedByOthers(ctx, tx, w.a, w.id["julie"], from)
				return err
			})
			return list
		}
		want := []preference.ByOther{
			{By: w.account["claire"].String(), Parts: []setting.Part{setting.PartSignature, setting.PartSession}},
			{By: w.account["nadege"].String(), Alerts: []setting.Alert{setting.AlertWork}},
		}
		if got := told(from); !reflect.DeepEqual(got, want) {
			w.Errorf("%+v", got)
		}
		if got := told(from.Add(job.GatherEvery)); len(got) != 0 {
			w.Errorf("the hour after: %+v", got)
		}
		w.clock.Add(job.GatherEvery)
		w.edit("claire", "julie", preference.Edit{Language: preference.Back[setting.Language]()})
		if got := told(from.Add(job.GatherEvery)); len(got) != 1 || !slices.Equal(got[0].Parts, []setting.Part{setting.PartLanguage}) {
			w.Errorf("the next hour: %+v", got)
		}
		if n := w.letters(); n != 2 {
			w.Errorf("%d letters for two hours", n)
		}
	})
}

// letters counts the letters about changes by others that wait.
func (w *world) letters() int {
	return w.Count(`select count(*) from job where kind = 'letter.settings_changed'`)
}

// AUD-1, rules.md 20: of a signature the trail says that it changed, and how long it is.
func TestSignatureOutOfTheTrail(t *testing.T) {
	eachWorld(t, func(w *world) {
		const canary = "Zoé Canari"
		w.edit("julie", "julie", preference.Edit{Signature: preference.To(canary)})
		w.edit("julie", "julie", preference.Edit{Signature: preference.To(canary + " !")})
		w.defaults(func(p *setting.Personal) { p.Signature = canary })
		if n := w.Count(`select count(*) from audit_payload where cast(payload as text) like '%Canari%'`); n != 0 {
			w.Errorf("the trail holds it %d times", n)
		}
		if n := w.Count(`select count(*) from audit_payload where cast(payload as text) like '%"settings_signature":{"characters":10}%'`); n != 3 {
			w.Errorf("the trail tells its length %d times", n)
		}
	})
}

// rest.md: what a change of an alert does not name stays as it holds, inherited or one's own.
func TestSomeOfAnAlert(t *testing.T) {
	eachWorld(t, func(w *world) {
		some := func(a setting.Alert, c preference.AlertChange) preference.Edit {
			return preference.Edit{Alerts: map[setting.Alert]preference.AlertChange{a: c}}
		}
		s := w.edit("julie", "julie", some(setting.AlertWork, preference.AlertChange{}))
		if s.Version != 0 {
			w.Errorf("what names nothing made version %d", s.Version)
		}
		w.defaults(func(p *setting.Personal) { p.Notifications[setting.AlertWork] = setting.Channels{Inside: true} })
		on := func(s preference.Sheet) setting.Channels { return s.Effective.Notifications[setting.AlertWork] }
		if s = w.edit("julie", "julie", some(setting.AlertWork, preference.AlertChange{Email: new(true)})); on(s) != (setting.Channels{Email: true, Inside: true}) {
			w.Errorf("over what is inherited: %+v", on(s))
		}
		if s = w.edit("julie", "julie", some(setting.AlertWork, preference.AlertChange{Inside: new(false)})); on(s) != (setting.Channels{Email: true}) {
			w.Errorf("over their own: %+v", on(s))
		}
		a1 := []ident.Site{w.site["A1"]}
		both := setting.Channels{Email: true, Inside: true}
		w.edit("marc", "marc", chosen(setting.AlertAccess, preference.Subscription{Channels: both, Sites: a1}))
		s = w.edit("marc", "marc", some(setting.AlertAccess, preference.AlertChange{Email: new(false)}))
		if got := s.Own.Notifications[setting.AlertAccess]; got.Channels != (setting.Channels{Inside: true}) || !slices.Equal(got.Sites, a1) {
			w.Errorf("with its sites: %+v", got)
		}
		s = w.edit("marc", "marc", some(setting.AlertAccess, preference.AlertChange{Sites: &[]ident.Site{}}))
		if got := s.Own.Notifications[setting.AlertAccess]; got.Channels != (setting.Channels{Inside: true}) || len(got.Sites) != 0 {
			w.Errorf("of all sites: %+v", got)
		}
		_, err := w.p.Edit(w.Context(), w.as("julie"), w.a, w.id["julie"], 2, some("nothing", preference.AlertChange{Email: new(true)}))
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Location != "notifications.nothing" {
			w.Errorf("%v %v", err, f.Fields)
		}
	})
}
