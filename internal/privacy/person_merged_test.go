package privacy_test

import (
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/privacy"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/store"
)

// merged has the account of the one who is to be erased give way to another one of theirs, which is a
// member of another organisation.
func (h *house) merged() (kept apptest.Person, by access.Actor) {
	h.t.Helper()
	roses := h.NewOrg("Maison des Roses", "chef.roses@roses.example")
	kept = h.NewMember(roses, "zephyrine.quatrefages@roses.example", role.Secretary, access.OrgScope(roses.ID))
	by = h.person(kept, full)
	var half session.OpenedHalf
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		s, _, err := session.Open(h.t.Context(), tx, session.New{Account: kept.Account, Idle: session.Idle})
		if err != nil {
			return err
		}
		by.Session = s.Session.ID
		if half, err = session.OpenBound(h.t.Context(), tx, session.Half{Account: h.who.Account, ForSession: by.Session}); err != nil {
			return err
		}
		return session.ProveBound(h.t.Context(), tx, half.Half.ID)
	}))
	_, err := h.App.Merges.Merge(h.t.Context(), by, half.Token.Reveal())
	must(h.t, 0, err)
	boss := h.person(roses.Admin, "Chef Roses")
	_, err = h.App.Departures.Start(h.t.Context(), boss, roses.ID, kept.Member, departure.Order{FullName: full})
	must(h.t, 0, err)
	_, err = h.App.Departures.Start(h.t.Context(), h.admin, h.org.ID, h.who.Member, departure.Order{FullName: full})
	must(h.t, 0, err)
	h.wait("the departures", func() bool { return h.count(`select count(*) from departure where stage = 'finished'`) == 2 })
	_, err = h.App.People.EraseMember(h.t.Context(), boss, roses.ID, kept.Member, full)
	must(h.t, 0, err)
	return kept, by
}

// AUD-4: what a person takes away, and what is erased of them, is of all their accounts that became one.
func TestMergedAccountsAreOnePerson(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		kept, by := h.merged()
		ctx, p := t.Context(), h.App.People
		x, err := p.ExportMine(ctx, by)
		must(t, x, err)
		data := h.made(by, x)["data.json"]
		for _, want := range []string{h.who.Email, kept.Email, h.who.Account.String(), `"account_merge"`} {
			if !strings.Contains(data, want) {
				t.Errorf("the export lacks %s", want)
			}
		}
		if _, err := p.EraseAccount(ctx, by, full); fault.Of(err).Code != privacy.ErrMerged.Code {
			t.Errorf("while it can be undone: %v", err)
		}
		v, err := p.PreviewAccount(ctx, by)
		if err != nil || v.Refused != privacy.ErrMerged.Code {
			t.Errorf("%+v %v", v, err)
		}
		h.Clock.Add(departure.UndoFor)
		must(t, 0, h.App.Merges.Finish(ctx))
		by.StepUp = h.App.DB.Now()
		boss := h.person(h.org.Admin, "Chef Lilas")
		_, err = p.EraseMember(ctx, boss, h.org.ID, h.who.Member, full)
		must(t, 0, err)
		h.erased()
		v, err = p.PreviewAccount(ctx, by)
		if err != nil || v.Refused != "" || v.Namesake {
			t.Errorf("their other account is somebody else's: %+v %v", v, err)
		}
		_, err = p.EraseAccount(ctx, by, full)
		must(t, 0, err)
		h.erased()
		h.wait("the last letter", func() bool { return h.count(`select count(*) from job where sealed is not null`) == 0 })
		for table, rows := range h.dump() {
			for _, r := range rows {
				if found := search(r); found != "" {
					t.Errorf("%s: …%s…", table, found)
				}
			}
		}
		if n := h.count(`select count(*) from account_merge where kept_id = $1 and gone_id = $2`, kept.Account, h.who.Account); n != 1 {
			t.Error("nobody knows any more whose the ID was")
		}
		h.verified()
	})
}
