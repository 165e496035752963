package member_test

import (
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
)

// day is a date some days from now, by the calendar of metropolitan France.
func (w *world) day(days int) string {
	return w.DB.Now().In(text.Zone).AddDate(0, 0, days).Format(time.DateOnly)
}

// moveTo moves the clock to an hour of a date.
func (w *world) moveTo(date string, hour int) {
	w.Helper()
	at, err := time.ParseInLocation(time.DateOnly, date, text.Zone)
	if err != nil {
		w.Fatal(err)
	}
	y, m, d := at.Date()
	w.clock.Add(time.Date(y, m, d, hour, 0, 0, 0, text.Zone).Sub(w.clock.Now()))
}

// may asks a decision.
func (w *world) may(name string, p access.Permission, at access.Scope) error {
	w.Helper()
	var err error
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		err = access.Check(w.Context(), tx, w.as(name), access.At(p, at))
		return nil
	}))
	return err
}

// MEM-4: a locum has no right before 00:00 of the first day and none from 00:00 after
// the last, by the clock of Paris, whatever role is held; and gets them back with the
// end of the replacement.
func TestLocumDates(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.practitioner("yanis")
		first, last := w.day(10), w.day(12)
		sheet, err := w.edit("yanis", member.Change{Locum: ptr(&member.Locum{For: w.a.ids["julie"], Name: "nobody reads this", From: first, Until: last})})
		w.Must(err)
		if l := sheet.Locum; l == nil || l.Name != "Julie Julie-Essai" || l.From != first || l.Until != last {
			w.Fatalf("%+v", l)
		}
		read := func() error { return w.may("yanis", access.RecordsRead, w.a.at(0)) }
		in := func() bool {
			places, err := w.members.Places(w.Context(), w.as("yanis"), "")
			w.Must(err)
			return len(places) == 1
		}
		for _, c := range []struct {
			date string
			hour int
			want bool
		}{{w.day(0), 23, false}, {w.day(9), 23, false}, {first, 0, true}, {last, 23, true}, {w.day(13), 0, false}, {w.day(40), 12, false}} {
			w.moveTo(c.date, c.hour)
			if err := read(); (err == nil) != c.want || in() != c.want {
				w.Errorf("%s at %d h: decision %v, place %t, want %t", c.date, c.hour, err, in(), c.want)
			}
			if c.want {
				continue
			}
			w.Want("outside of the dates the organisation does not exist", read(), access.ErrNotFound)
		}
		_, err = w.edit("yanis", member.Change{Function: ptr("physician")})
		w.Want("editing something else of a replacement that is over", err, nil)
		_, err = w.edit("yanis", member.Change{Locum: ptr[*member.Locum](nil)})
		w.Want("ending the replacement", err, nil)
		w.Want("afterwards", read(), nil)
		if m, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["yanis"]); err != nil || m.Locum != nil || m.StartsAt != nil || m.EndsAt != nil {
			w.Errorf("%+v, %v", m.Member, err)
		}
	})
}

// practitioner makes a member of A somebody who may replace.
func (w *world) practitioner(name string) {
	w.Helper()
	_, err := w.edit(name, member.Change{RPPS: ptr(rpps3)})
	w.Must(err)
}

// MEM-4: days of 23 and 25 hours begin and end at midnight too.
func TestLocumOverTheChangeOfClocks(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.practitioner("yanis")
		sheet, err := w.edit("yanis", member.Change{Locum: ptr(&member.Locum{Name: "Léa Roux", From: "2027-03-28", Until: "2027-10-31"})})
		w.Must(err)
		if s, e := sheet.StartsAt.UTC(), sheet.EndsAt.UTC(); s.Format(time.RFC3339) != "2027-03-27T23:00:00Z" || e.Format(time.RFC3339) != "2027-10-31T23:00:00Z" {
			w.Errorf("%s to %s", s, e)
		}
		if l := sheet.Locum; l.From != "2027-03-28" || l.Until != "2027-10-31" || l.Name != "Léa Roux" {
			w.Errorf("%+v", l)
		}
	})
}

// MEM-4: a locum can be created as one, with dates to come.
func TestCreatedLocum(t *testing.T) {
	eachWorld(t, func(w *world) {
		id := w.newcomer("lou", member.New{
			ProfileType: member.Regulated, RPPS: rpps1, Locum: &member.Locum{For: w.a.ids["yanis"], From: w.day(3), Until: w.day(3)},
		})
		m, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, id)
		if err != nil || m.Locum == nil || m.Locum.Name != "Yanis Yanis-Essai" || m.EndsAt.Sub(*m.StartsAt) < 23*time.Hour {
			w.Errorf("%+v, %v", m.Member, err)
		}
		err = w.DB.Write(w.Context(), []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
			_, err := member.New{
				Org: w.a.org, GivenName: "Lou", FamilyName: "Roux", ProfileType: member.Unregulated, Specialty: "X",
				Locum: &member.Locum{For: w.b.ids["marc"], From: w.day(3), Until: w.day(2)},
			}.Check(w.Context(), tx)
			return err
		})
		if got := fieldCodes(err); got["locum.for"] != "member.not_found" || got["locum.until"] != "member.locum_order" {
			w.Errorf("%v", err)
		}
	})
}

// ORG-4, AUZ-12: an administrator whose membership ends, or has not begun, keeps
// nothing; so the last one is not made a locum, not even one who is to come.
func TestLocumIsNoLastAdministrator(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.practitioner("hugo") // alone with claire, who belongs to A2 too
		at := func(from, until int) member.Change {
			return member.Change{Locum: ptr(&member.Locum{Name: "Léa Roux", From: w.day(from), Until: w.day(until)})}
		}
		_, err := w.edit("hugo", at(0, 30))
		w.Want("claire keeps A2", err, nil)
		// Nobody moves the dates of their own replacement, to keep or to gain rights.
		_, err = w.members.Edit(w.Context(), w.as("hugo"), w.a.org, w.a.ids["hugo"], at(0, 300), 0)
		w.Want("one's own end", err, member.ErrYourself)
		_, err = w.members.Edit(w.Context(), w.as("hugo"), w.a.org, w.a.ids["hugo"], member.Change{Locum: ptr[*member.Locum](nil)}, 0)
		w.Want("no end for oneself", err, member.ErrYourself)
		_, err = w.members.RemoveSite(w.Context(), w.as("claire"), w.a.org, w.a.ids["claire"], w.a.site[1], 0)
		w.Want("leaving A2 to one whose rights end", err, member.ErrLastAdministrator)
		_, err = w.edit("hugo", member.Change{Locum: ptr[*member.Locum](nil)})
		w.Want("without an end again", err, nil)
		_, err = w.members.RemoveSite(w.Context(), w.as("claire"), w.a.org, w.a.ids["claire"], w.a.site[1], 0)
		w.Want("leaving A2 to hugo", err, nil)
		for what, c := range map[string]member.Change{"ending": at(0, 30), "to come": at(5, 30)} {
			before := w.dump()
			_, err = w.members.PreviewEdit(w.Context(), w.as("claire"), w.a.org, w.a.ids["hugo"], c, 0)
			w.Want("looking, "+what, err, member.ErrLastAdministrator)
			_, err = w.edit("hugo", c)
			w.Want(what, err, member.ErrLastAdministrator)
			if after := w.dump(); after != before {
				w.Errorf("%s changed %s to %s", what, before, after)
			}
		}
		if bad := w.unattended(w.a.org); bad != nil {
			w.Errorf("without administrator: %v", bad)
		}
	})
}

// LST-4, MEM-4: signing in elsewhere tells nothing to an organisation whose rights have
// not begun, and starts nothing there.
func TestSignInBeforeTheFirstDay(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update member_state set status = 'created', starts_at = $1 where org_id = $2 and account_id = $3`,
			w.DB.Now().Add(time.Hour), w.b.org, w.account["sam"])
		created := func() (orgs []ident.Org) {
			w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) (err error) {
				orgs, err = member.CreatedOrgs(w.Context(), tx, w.account["sam"])
				return err
			}))
			return orgs
		}
		if len(created()) != 0 {
			w.Errorf("%v", created())
		}
		w.clock.Add(2 * time.Hour)
		if !slices.Equal(created(), []ident.Org{w.b.org}) {
			w.Errorf("%v", created())
		}
	})
}

// A role given for the administration of somebody who is a locum is given, and counts
// for nothing (ORG-4).
func TestAppointedLocum(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.practitioner("yanis")
		_, err := w.edit("yanis", member.Change{Locum: ptr(&member.Locum{Name: "Léa Roux", From: w.day(0), Until: w.day(30)})})
		w.Must(err)
		_, err = w.members.Appoint(w.Context(), w.as("claire"), w.a.ids["yanis"], w.a.whole(), 0)
		w.Must(err)
		w.Must(w.may("yanis", access.MembersEdit, w.a.whole()))
		for _, want := range []bool{true, false} { // today, then once they are gone
			if !want {
				w.moveTo(w.day(31), 12)
			}
			w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
				administers, err := session.Administers(w.Context(), tx, w.account["yanis"])
				if administers != want {
					w.Errorf("administers %t, want %t (rules.md 7)", administers, want)
				}
				return err
			}))
		}
		w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
			all, err := member.Administrators(w.Context(), tx, w.a.whole())
			for _, m := range all {
				if m.ID == w.a.ids["yanis"] {
					w.Error("a locum is among those who keep the organisation")
				}
			}
			return err
		}))
	})
}
