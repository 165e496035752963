package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	rest "habilis/client"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// MEM-6, CHG-3, RAC-07: the settings of a member by REST: inherited, one's own, given back.
func TestMemberSettings(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno, julie := w.Context(), w.bruno.rest(), w.member("julie@tilleuls.example")
		first, err := bruno.GetMemberSettings(ctx, w.a, julie)
		w.good(err)
		if first.Version != 0 || first.Language != "account" || first.Calendar.DayStart != "08:00" || len(first.Own) != 0 || len(first.Alerts) != len(setting.Alerts) ||
			first.Session == nil || *first.Longest != (rest.SessionLimits{IdleMinutes: 30, AbsoluteHours: 12}) {
			t.Errorf("%+v", first)
		}
		day := rest.CalendarSettings{View: "day", FirstDay: "sunday", DayStart: "07:30", DayEnd: "24:00", SlotMinutes: 20, Weekends: true}
		change := rest.MemberSettingsChange{
			Language: rest.Own("en"), Calendar: rest.Own(day), Signature: rest.Own("Julie"),
			WorkingHours:  rest.Own(map[string][]rest.WorkingRange{"monday": {{From: "14:00", To: "18:00"}, {From: "08:30", To: "12:00"}}}),
			Notifications: rest.Own(map[string]rest.AlertChange{"access": {Email: new(false), Sites: []string{w.a1}}}),
			Session:       rest.Own(rest.SessionLimits{IdleMinutes: 10}),
		}
		v, err := bruno.EditMemberSettings(ctx, w.a, julie, 0, change)
		w.good(err)
		told := v.Alerts[slices.IndexFunc(v.Alerts, func(a rest.MemberAlert) bool { return a.Alert == "access" })]
		if v.Version != 1 || len(v.Own) != len(setting.Parts) || v.Calendar != day || v.WorkingHours["monday"][0].From != "08:30" || !told.Own || told.Email ||
			!slices.Equal(told.Sites, []string{w.a1}) || v.Session.IdleMinutes != 10 || v.Inherited.Calendar.View != "week" {
			t.Errorf("%+v", v)
		}
		v, err = bruno.EditMemberSettings(ctx, w.a, julie, 1, rest.MemberSettingsChange{
			Calendar: rest.Inherited[rest.CalendarSettings](), Notifications: rest.Inherited[map[string]rest.AlertChange](),
			Session: rest.Inherited[rest.SessionLimits](),
		})
		w.good(err)
		if v.Version != 2 || v.Calendar.View != "week" || slices.Contains(v.Own, "notifications") || !slices.Contains(v.Own, "language") {
			t.Errorf("%+v", v)
		}
		path := "/organizations/" + w.a + "/members/" + julie + "/settings"
		edit := func(version, body string) answer {
			return w.bruno.and(`If-Match: "`+version+`"`).send("PATCH", path, body)
		}
		edit("1", `{"language":"fr"}`).refused(412, "preference.stale")
		edit("2", `{"calendar":{"view":"day","first_day":"monday","day_start":"9:00","day_end":"18:00","slot_minutes":15,"weekends":false}}`).is(422)
		edit("2", `{"signature":"<b>"}`).refused(422, "invalid").at(t, "body.signature text.symbol")
		edit("2", `{"notifications":{"approval":{"email":true}}}`).refused(422, "invalid").at(t, "body.notifications.approval preference.alert_right")
	})
}

// rest.md: what a change does not name stays, of one alert too, inherited or one's own.
func TestSomeOfAnAlert(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno, julie, version := w.Context(), w.bruno.rest(), w.member("julie@tilleuls.example"), int64(0)
		for _, step := range []struct {
			alert string
			c     rest.AlertChange
			want  string
		}{
			{"work", rest.AlertChange{}, "true true []"}, //nolint:dupword // its e-mail, then inside
			{"work", rest.AlertChange{Email: new(false)}, "false true []"},
			{"access", rest.AlertChange{Sites: []string{w.a1}}, "true true [" + w.a1 + "]"}, //nolint:dupword // its e-mail, then inside
			{"access", rest.AlertChange{Inside: new(false)}, "true false [" + w.a1 + "]"},
			{"access", rest.AlertChange{Sites: []string{}}, "true false []"},
			{"access", rest.AlertChange{Inherited: true}, "true true []"}, //nolint:dupword // its e-mail, then inside
		} {
			v, err := bruno.EditMemberSettings(ctx, w.a, julie, version, rest.MemberSettingsChange{
				Notifications: rest.Own(map[string]rest.AlertChange{step.alert: step.c}),
			})
			w.good(err)
			a := v.Alerts[slices.IndexFunc(v.Alerts, func(a rest.MemberAlert) bool { return a.Alert == step.alert })]
			if got := fmt.Sprint(a.Email, a.Inside, a.Sites); got != step.want {
				t.Errorf("%s %+v: %s, want %s", step.alert, step.c, got, step.want)
			}
			version = v.Version
		}
		if version != 5 {
			t.Errorf("what names nothing counted: version %d", version)
		}
		d, err := bruno.EditMemberDefaults(ctx, w.a, 0, rest.MemberDefaultsChange{
			Notifications: map[string]rest.ChannelsChange{"access": {Email: new(false)}},
		})
		w.good(err)
		if d.Notifications["access"] != (rest.AlertChannels{Inside: true}) {
			t.Errorf("what the organisation sets: %+v", d.Notifications)
		}
	})
}

// CHG-3: what members inherit by REST: before it is saved it says whom it touches.
func TestMemberDefaults(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno := w.Context(), w.bruno.rest()
		_, err := bruno.EditMemberSettings(ctx, w.a, w.member("julie@tilleuls.example"), 0, rest.MemberSettingsChange{Signature: rest.Own("Julie")})
		w.good(err)
		name, off := "Maison", map[string]rest.ChannelsChange{"access": {Email: new(false), Inside: new(false)}}
		change := rest.MemberDefaultsChange{Signature: &name, Notifications: off}
		p, err := bruno.PreviewMemberDefaults(ctx, w.a, 0, change)
		w.good(err)
		if !p.DryRun || p.Version != 0 || len(p.Affected) != 2 || p.Affected[1].Setting != "signature" || p.Affected[1].Keeps != 1 || len(p.Affected[1].Names) != 1 {
			t.Errorf("%+v", p)
		}
		p, err = bruno.EditMemberDefaults(ctx, w.a, 0, change)
		w.good(err)
		d, err := w.tina.rest().GetMemberDefaults(ctx, w.a)
		w.good(err)
		if p.Version != 1 || p.DryRun || d.Version != 1 || d.Signature != name || d.Notifications["access"] != (rest.AlertChannels{}) || !d.Notifications["work"].Email {
			t.Errorf("%+v %+v", p, d)
		}
		_, err = bruno.EditMemberDefaults(ctx, w.a, 0, change)
		w.refusedBy(err, 412, "api.version_stale")
		_, err = w.tina.rest().EditMemberDefaults(ctx, w.a, 1, change)
		w.refusedBy(err, 403, "access.forbidden")
	})
}

// MEM-6: one's own notices, and nobody else's.
func TestNotices(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		org, err := ident.ParseOrg(w.bruno.get("/organizations/" + w.a).is(200).id())
		w.good(err)
		bruno, julie := ident.Member(w.member("bruno@tilleuls.example")), ident.Member(w.member("julie@tilleuls.example"))
		w.good(w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			return preference.Tell(context.Background(), tx, org, "job", []preference.Told{
				{To: bruno, Alert: setting.AlertDeparture, What: preference.DepartureDone, Subject: julie},
				{To: julie, Alert: setting.AlertWork, What: preference.WorkReceived, Count: 2},
			})
		}))
		q := rest.NoticeQuery{MyPlace: rest.MyPlace{Organization: w.a}}
		page, err := w.bruno.rest().ListMyNotices(ctx, q)
		w.good(err)
		if page.Unread != 1 || len(page.Items) != 1 || *page.Items[0].Subject != julie.String() || page.Items[0].Text == "" || page.Items[0].ReadAt != nil {
			t.Errorf("%+v", page)
		}
		w.bruno.post("/me/notices/read", `{"organization": "`+w.a+`", "notices": []}`).is(204)
		if page, err = w.bruno.rest().ListMyNotices(ctx, q); err != nil || page.Unread != 1 {
			t.Errorf("none is not all: %+v %v", page, err)
		}
		w.good(w.bruno.rest().ReadMyNotices(ctx, rest.ReadNotices{Organization: w.a, Notices: []string{page.Items[0].ID}}))
		q.Unread = true
		if page, err = w.bruno.rest().ListMyNotices(ctx, q); err != nil || page.Unread != 0 || page.Total != 0 {
			t.Errorf("%+v %v", page, err)
		}
		_, err = w.agenda().rest().ListMyNotices(ctx, q)
		w.refusedBy(err, 403, "preference.not_member")
	})
}
