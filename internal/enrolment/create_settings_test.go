package enrolment

import (
	"context"
	"testing"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

func (w *world) settings(id ident.Member) preference.Sheet {
	w.Helper()
	s, err := preference.Preferences{Run: w.run}.Get(ctx, w.by(w.bruno), w.a.org, id)
	w.must(err)
	return s
}

func own(a setting.Alert, sites ...ident.Site) map[setting.Alert]preference.Change[preference.Subscription] {
	return map[setting.Alert]preference.Change[preference.Subscription]{
		a: preference.To(preference.Subscription{Channels: setting.Channels{Email: true}, Sites: sites}),
	}
}

// MEM-1, MEM-6: the last block of a creation: what is said is the member's own from the start, in
// the same act; an alert needs the right that the creation gives.
func TestCreatedWithSettings(t *testing.T) {
	each(t, func(w *world) {
		in := w.create("Nina", "Faure", "")
		in.Settings = preference.Edit{
			Calendar:      preference.To(setting.Calendar{View: setting.ViewDay, FirstDay: setting.Monday, DayStart: 420, DayEnd: 1200, SlotMinutes: 10}),
			Notifications: own(setting.AlertAccess, w.a.sites[0]),
		}
		made := w.made(w.by(w.bruno), in)
		s := w.settings(made.Member)
		if s.Version != 1 || s.Effective.Calendar.SlotMinutes != 10 || s.Own.Has(setting.PartLanguage) ||
			s.Effective.Notifications[setting.AlertAccess] != (setting.Channels{Email: true}) {
			w.Errorf("%+v", s)
		}
		if s := w.settings(w.made(w.by(w.bruno), w.create("Lou", "Petit", "")).Member); s.Version != 0 {
			w.Errorf("nothing said: %+v", s)
		}
		for what, c := range map[string]struct {
			e        preference.Edit
			at, code string
		}{
			"a language": {preference.Edit{Language: preference.To(setting.Language("de"))}, "settings.language", "setting.language_unknown"},
			"an alert":   {preference.Edit{Notifications: own("nothing")}, "settings.notifications.nothing", "setting.alert_unknown"},
			"a site":     {preference.Edit{Notifications: own(setting.AlertWork, ident.NewSite())}, "settings.notifications.work.sites[0]", "preference.site"},
		} {
			in.Settings = c.e
			w.wrong(what, w.by(w.bruno), in, StepSettings, c.at, c.code)
		}
		// What the member will hold is known once their rights are there.
		in.Settings = preference.Edit{Notifications: own(setting.AlertApproval)}
		_, err := w.e.Create(ctx, w.by(w.bruno), in)
		w.says("an alert without its right", err, "settings.notifications.approval", "preference.alert_right")
		in.Administers, in.Email = []access.Scope{w.all()}, "nina.faure@exemple.fr"
		if s := w.settings(w.made(w.by(w.bruno), in).Member); !s.Own.Has(setting.PartNotifications) {
			w.Errorf("%+v", s)
		}
	})
}

// MEM-6, AUZ-10: who drafts in the name of a practitioner is proposed on creation, in the name of
// an identity made for it; nobody but the practitioner confirms.
func TestCreatedWithDrafting(t *testing.T) {
	each(t, func(w *world) {
		nina := w.made(w.by(w.bruno), w.create("Nina", "Faure", "")).Member
		in := w.regulated(midwife)
		in.Import = published(midwife, "50", "Sage-Femme")
		in.Drafting = []ident.Member{nina}
		aicha := w.made(w.by(w.bruno), in).Member
		list, err := grant.Delegations{Run: w.run}.OfMember(ctx, w.by(w.bruno), w.a.org, nina)
		w.must(err)
		if len(list) != 1 || list[0].Act != grant.Draft || list[0].State != grant.Proposed || list[0].Identity.Holder != aicha ||
			list[0].Identity.Site != w.a.sites[0] || list[0].May.Confirm {
			w.Fatalf("%+v", list)
		}
		before := w.members()
		for what, c := range map[string]struct {
			change   func(*Create)
			at, code string
		}{
			"no practitioner": {func(in *Create) { *in = w.create("Lou", "Petit", ""); in.Drafting = []ident.Member{nina} }, "drafting", "enrolment.drafting_practitioner"},
			"too many":        {func(in *Create) { in.Drafting = make([]ident.Member, MaxDrafting+1) }, "drafting", "enrolment.drafting_many"},
			"nobody":          {func(in *Create) { in.Drafting = []ident.Member{nina, ident.NewMember()} }, "drafting[1]", "member.not_found"},
			"twice":           {func(in *Create) { in.Drafting = []ident.Member{nina, nina} }, "drafting[1]", "member.not_found"},
		} {
			in := w.regulated(agent)
			in.Drafting = []ident.Member{nina}
			c.change(&in)
			w.wrong(what, w.by(w.bruno), in, StepSettings, c.at, c.code)
		}
		// Who may create, and edit rights, but gives no delegation, proposes nobody.
		clerk := w.member("clerk@tilleuls.example", w.a, w.a.sites[:1])
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
				values ($1, 'g1', $2, $3, $5, $5, $6, '', $6), ($1, 'g2', $2, $4, $5, $5, $6, '', $6)`,
				w.a.org, clerk.member, access.MembersInvite, access.RightsEdit, w.a.sites[0], w.clock.Now())
			return err
		})
		one := w.regulated(agent)
		one.Roles = nil
		one.Drafting = []ident.Member{nina}
		_, err = w.e.CheckCreate(ctx, w.by(clerk), one, StepSettings)
		w.says("without delegations.edit", err, "drafting", "enrolment.drafting_right")
		if w.members() != before+1 {
			w.Error("a refused creation left a member")
		}
	})
}

// members counts those of A.
func (w *world) members() (n int) {
	w.Helper()
	w.must(w.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from member_state where org_id = $1 and known_until is null`, w.a.org).Scan(&n)
	}))
	return n
}
