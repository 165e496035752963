package preference_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// told says who is told of an alert at these sites, by first name: "claire, julie@" (e-mail alone).
func (w *world) told(a setting.Alert, sites ...string) string {
	w.Helper()
	ids := make([]ident.Site, len(sites))
	for i, s := range sites {
		ids[i] = w.site[s]
	}
	var out []string
	w.Read(func(ctx context.Context, tx *store.Tx) error {
		list, err := preference.Subscribers(ctx, tx, w.a, a, ids...)
		for _, s := range list {
			for name, id := range w.id {
				if id != s.Member {
					continue
				}
				if w.account[name] != s.Account {
					w.Errorf("%s with the account of somebody else", name)
				}
				switch s.Channels {
				case setting.Channels{Email: true}:
					name += "@"
				case setting.Channels{Inside: true}:
					name += "!"
				}
				out = append(out, name)
			}
		}
		return err
	})
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (w *world) toldIs(what, want string, a setting.Alert, sites ...string) {
	w.Helper()
	if got := w.told(a, sites...); got != want {
		w.Errorf("%s: %q, want %q", what, got, want)
	}
}

// MEM-6, AUZ-06: an alert is for whoever holds its right over what it is about, as they want it:
// in the organisation, or at each of its sites.
func TestSubscribers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.give("julie", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A1"]))
		w.give("marc", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A1"]))
		w.give("marc", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A2"]))
		a := setting.AlertApproval
		w.toldIs("of A1", "claire, julie, marc, nadege", a, "A1")
		w.toldIs("of A2", "claire, marc", a, "A2")
		w.toldIs("of both", "claire, marc", a, "A1", "A2")
		w.toldIs("of the whole", "claire", a)
		w.toldIs("another right", "claire, nadege", setting.AlertDirectory, "A1")
		w.toldIs("of oneself", "", setting.AlertWork, "A1")

		w.edit("julie", "julie", chosen(a, preference.Subscription{}))
		w.edit("marc", "marc", chosen(a, preference.Subscription{Channels: setting.Channels{Email: true}, Sites: []ident.Site{w.site["A2"]}}))
		w.edit("claire", "claire", chosen(a, preference.Subscription{Channels: setting.Channels{Inside: true}, Sites: []ident.Site{w.site["A2"]}}))
		w.toldIs("chosen, of A1", "nadege", a, "A1")
		w.toldIs("chosen, of A2", "claire!, marc@", a, "A2")
		w.toldIs("chosen, of both", "claire!, marc@", a, "A1", "A2")
		w.toldIs("chosen, of the whole", "claire!", a)

		w.defaults(func(p *setting.Personal) { p.Notifications[a] = setting.Channels{} })
		w.toldIs("inherited none", "", a, "A1")
		w.edit("nadege", "nadege", chosen(a, preference.Subscription{Channels: setting.Channels{Email: true}}))
		w.toldIs("against what is inherited", "nadege@", a, "A1")
	})
}

// What somebody chose counts for nothing once their right is gone, or they are not in force.
func TestSubscribersInForce(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.give("julie", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A1"]))
		w.edit("julie", "julie", chosen(setting.AlertApproval, preference.Subscription{Channels: setting.Channels{Email: true}}))
		w.toldIs("held", "claire, julie@, nadege", setting.AlertApproval, "A1")
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_permission set known_until = $3 where org_id = $1 and member_id = $2`, w.a, w.id["julie"], tx.Now)
			return err
		})
		w.toldIs("taken", "claire, nadege", setting.AlertApproval, "A1")
		if s := w.get("julie", "julie"); s.Alerts[slices.Index(setting.Alerts, setting.AlertApproval)].Holds {
			w.Error("the sheet says that it still counts")
		}
		// What stood may stay while something else is changed, and be turned off.
		w.edit("julie", "julie", chosen(setting.AlertWork, preference.Subscription{Channels: setting.Channels{Email: true}}))
		w.edit("julie", "julie", chosen(setting.AlertApproval, preference.Subscription{}))
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set status = 'deactivated' where org_id = $1 and member_id = $2`, w.a, w.id["nadege"])
			return err
		})
		w.toldIs("deactivated", "claire", setting.AlertApproval, "A1")
		w.Read(func(ctx context.Context, tx *store.Tx) error {
			if _, wants, err := preference.Wants(ctx, tx, w.a, w.id["nadege"], setting.AlertWork); err != nil || wants {
				w.Errorf("deactivated: %t %v", wants, err)
			}
			s, wants, err := preference.Wants(ctx, tx, w.a, w.id["julie"], setting.AlertWork)
			if !wants || s.Channels != (setting.Channels{Email: true}) || s.Account != w.account["julie"] {
				w.Errorf("%+v %t", s, wants)
			}
			return err
		})
	})
}

// Each alert is of those who hold one permission, or of everybody.
func TestAlertNeeds(t *testing.T) {
	for a, want := range map[setting.Alert]access.Permission{
		setting.AlertRegistration: access.DossiersCertify, setting.AlertApproval: access.ApprovalsDecide, setting.AlertDirectory: access.MembersEdit,
		setting.AlertDeparture: access.MembersDelete, setting.AlertWork: "", setting.AlertDelegation: "", setting.AlertAccess: "",
	} {
		if p, asks := preference.Needs(a); p != want || asks != (want != "") {
			t.Errorf("%s: %s %t", a, p, asks)
		}
	}
}

// Several things at once: everybody is told how many concern them.
func TestTally(t *testing.T) {
	eachWorld(t, func(w *world) {
		a1, a2 := w.site["A1"], w.site["A2"]
		w.Read(func(ctx context.Context, tx *store.Tx) error {
			list, err := preference.Tally(ctx, tx, w.a, setting.AlertRegistration, [][]ident.Site{{a1}, {a1}, {a2}, {a1, a2}, nil})
			got := map[ident.Member]int64{}
			for _, s := range list {
				got[s.Member] = s.Count
			}
			if len(got) != 2 || got[w.id["claire"]] != 5 || got[w.id["nadege"]] != 2 {
				w.Errorf("%v", got)
			}
			return err
		})
	})
}

// OFF-4: whoever was removed from a site is told no more of it, even who holds the right of the
// alert in the whole organisation and chose no site; until they choose it, or belong to it again.
func TestNoAlertsOfASiteLeft(t *testing.T) {
	eachWorld(t, func(w *world) {
		a1, a2, claire := w.site["A1"], w.site["A2"], w.id["claire"]
		tells := func(sites ...ident.Site) (told bool) {
			w.Read(func(ctx context.Context, tx *store.Tx) error {
				list, err := preference.Subscribers(ctx, tx, w.a, setting.AlertRegistration, sites...)
				told = slices.ContainsFunc(list, func(s preference.Subscriber) bool { return s.Member == claire })
				return err
			})
			return told
		}
		belongs := func(statement string) {
			w.Write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, statement, w.a, claire, a2, tx.Now)
				return err
			})
			w.clock.Add(time.Minute)
		}
		if !tells(a2) {
			t.Error("not told before")
		}
		belongs(`update member_site set known_until = $4 where org_id = $1 and member_id = $2 and site_id = $3`)
		if tells(a2) || !tells(a1) || !tells(a1, a2) || !tells() {
			t.Errorf("after: %v %v %v %v", tells(a2), tells(a1), tells(a1, a2), tells())
		}
		w.Read(func(ctx context.Context, tx *store.Tx) error {
			s, _, err := preference.Wants(ctx, tx, w.a, claire, setting.AlertAccess)
			if s.Follows(a2) || !s.Follows(a1) || !s.Follows("") {
				t.Errorf("%+v", s)
			}
			return err
		})
		belongs(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, 'test', $4)`)
		if !tells(a2) {
			t.Error("not told of a site that they are of again")
		}
	})
}

// OFF-4: whoever leaves a site keeps no choice about it; what was chosen for it alone is chosen for
// none, and not for every other site; the rest stays. Erased, nothing of a person is left, nor their name in a notice.
func TestErase(t *testing.T) {
	eachWorld(t, func(w *world) {
		a1, a2 := w.site["A1"], w.site["A2"]
		both := []ident.Site{a1, a2}
		slices.Sort(both)
		e := chosen(setting.AlertAccess, preference.Subscription{Channels: setting.Channels{Email: true}, Sites: both})
		e.Notifications[setting.AlertDelegation] = preference.To(preference.Subscription{Sites: []ident.Site{a2}})
		e.Notifications[setting.AlertWork] = preference.To(preference.Subscription{Channels: setting.Channels{Inside: true}})
		e.Calendar = preference.To(early)
		w.edit("marc", "marc", e)
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			return preference.EraseAtSite(ctx, tx, w.a, w.id["marc"], a2)
		})
		s := w.get("marc", "marc")
		own := s.Own.Notifications
		alone, still := own[setting.AlertDelegation]
		if s.Version != 2 || len(own) != 3 || !still || !alone.None() || len(alone.Sites) != 0 || !slices.Equal(own[setting.AlertAccess].Sites, []ident.Site{a1}) ||
			own[setting.AlertWork].Channels != (setting.Channels{Inside: true}) || s.Effective.Calendar != early {
			w.Errorf("%+v", s.Own)
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			if err := preference.EraseAtSite(ctx, tx, w.a, w.id["marc"], a2); err != nil {
				return err
			}
			return preference.Tell(ctx, tx, w.a, "job", []preference.Told{
				{To: w.id["marc"], Alert: setting.AlertWork, What: preference.WorkReceived, Count: 1},
				{To: w.id["claire"], Alert: setting.AlertDeparture, What: preference.DepartureDone, Subject: w.id["marc"]},
			})
		})
		if s := w.get("marc", "marc"); s.Version != 2 {
			w.Errorf("nothing to erase made version %d", s.Version)
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error { return preference.Erase(ctx, tx, w.a, w.id["marc"]) })
		if n := w.Count(`select count(*) from member_setting where org_id = $1 and member_id = $2`, w.a, w.id["marc"]); n != 0 {
			w.Errorf("%d rows left", n)
		}
		page, err := w.p.Notices(w.Context(), w.as("claire"), w.a, preference.NoticeQuery{})
		w.Want("notices", err, nil)
		if len(page.Notices) != 1 || !page.Notices[0].Subject.IsZero() || page.Notices[0].Name != "" {
			w.Errorf("%+v", page.Notices)
		}
	})
}

// Sites that were chosen count as long as the right is held there and they are open: when none is
// left, the choice narrows nothing.
func TestChosenSitesThatAreGone(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, both := setting.AlertApproval, setting.Channels{Email: true}
		w.give("marc", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A1"]))
		w.give("marc", access.ApprovalsDecide, access.SiteScope(w.a, w.site["A2"]))
		w.edit("marc", "marc", chosen(a, preference.Subscription{Channels: both, Sites: []ident.Site{w.site["A2"]}}))
		w.edit("claire", "claire", chosen(a, preference.Subscription{Channels: both, Sites: []ident.Site{w.site["A2"]}}))
		w.edit("marc", "marc", chosen(setting.AlertAccess, preference.Subscription{Channels: both, Sites: []ident.Site{w.site["A2"]}}))
		w.toldIs("chosen", "nadege", a, "A1")
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `
				update member_permission set known_until = $4 where org_id = $1 and member_id = $2 and scope = $3`, w.a, w.id["marc"], w.site["A2"], tx.Now)
			return err
		})
		w.toldIs("the right is gone", "marc@, nadege", a, "A1")
		if s := w.get("marc", "marc"); len(s.Alerts[slices.Index(setting.Alerts, a)].Chosen) > 0 || len(s.Effective.Sites[a]) > 0 {
			w.Error("the sheet says that it still narrows")
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CloseSite(ctx, tx, w.a, w.site["A2"])
			return err
		})
		w.toldIs("the site is closed", "claire@, marc@, nadege", a, "A1")
		w.Read(func(ctx context.Context, tx *store.Tx) error {
			s, wants, err := preference.Wants(ctx, tx, w.a, w.id["marc"], setting.AlertAccess, w.site["A1"])
			if !wants || len(s.Sites) > 0 {
				w.Errorf("of oneself: %+v %t", s, wants)
			}
			return err
		})
	})
}
