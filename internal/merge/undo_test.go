package merge_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/departure"
	"habilis/internal/enrolment"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// proves makes of somebody one who registered, and whose number support has validated.
func (w *world) proves(name string, in ident.Org, rpps string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`update member_state set verification = 'verified', identity_source = 'directory', identity_body = '{}' where org_id = $1 and member_id = $2`,
				[]any{in, w.id[name]}},
			{`insert into registration (org_id, id, language, email_key, email, account_id, member_id, email_proved_at, given_name, family_name,
				function, profession_code, rpps, phone_proved_at, completed_at, version, created_at, expires_at)
			values ($1, $2, 'fr', $3, $3, $4, $5, $6, 'Nora', 'Lefèvre', 'physician', '10', $7, $6, $6, 4, $6, $6)`,
				[]any{in, ident.NewRegistration(), name + "@exemple.fr", w.account[name], w.id[name], tx.Now, rpps}},
			{`insert into dossier_ruling (org_id, id, member_id, version, decision, reason, decided_at, decided_by, decided_name)
			values ($1, 'r', $2, 4, 'validated', '', $3, 'support', 'Support')`, []any{in, w.id[name], tx.Now}},
		} {
			if _, err := tx.Exec(ctx, s.query, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Undone at once, the old one is as before, and the new one has nothing; the person goes on with the
// same account.
func TestUndone(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state(w.id["paul"])
		r := w.replaced()
		w.sweep()
		back, err := w.undo("claire", r.Old, r.Version)
		w.must(err)
		if !back.Undone || !w.may(r.Old, "manage", "agenda", w.thing["agenda"].String(), time.Time{}) ||
			w.may(r.New, "manage", "agenda", w.thing["agenda"].String(), time.Time{}) {
			t.Errorf("%+v", back)
		}
		w.sweep()
		w.same("the old one", w.state(r.Old), before)
		w.same("the new one", w.state(r.New), "")
		if m := w.member(r.Old); m.Status != member.Active || m.RPPS != wrong || m.Account != w.account["paul"] {
			t.Errorf("%+v", m)
		}
		_, err = w.undo("claire", r.Old, r.Version)
		w.want("twice", err, merge.ErrNotFound)
		again, err := w.replace("claire", "paul", right)
		w.must(err)
		w.sweep()
		w.same("replaced again", w.state(again.New), before)
	})
}

// What changed since stays so: what was taken from the new one does not come back with the old one,
// what was given goes along, and so does what became of their membership.
func TestUndoneWithChanges(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		r := w.replaced()
		w.sweep()
		w.level("new", "room", grant.Read)
		w.work("new", workitem.Letter, 3)
		_, err := w.groups.RemoveMember(w.Context(), w.as("claire"), w.a, w.group, 0, r.New)
		w.must(err)
		_, err = w.members.AddSite(w.Context(), w.as("claire"), w.a, r.New, w.site["sud"], 0)
		w.must(err)
		phone := "+33698765432"
		_, err = w.members.Edit(w.Context(), w.as("claire"), w.a, r.New, member.Change{Phone: &phone}, 0)
		w.must(err)
		since := w.state(r.New)
		_, err = w.undo("claire", r.Old, r.Version)
		w.must(err)
		w.sweep()
		w.same("as changed since", w.state(r.Old), since)
		if m := w.member(r.Old); m.Phone != phone || m.RPPS != wrong {
			t.Errorf("%+v", m)
		}
	})
}

// Somebody deactivated since comes back deactivated: nobody is revived by it.
func TestUndoneDeactivated(t *testing.T) {
	eachWorld(t, func(w *world) {
		r, err := w.replace("claire", "weber", right)
		w.must(err)
		w.sweep()
		_, err = w.members.Deactivate(w.Context(), w.as("claire"), w.a, r.New, 0)
		w.must(err)
		_, err = w.undo("claire", r.Old, r.Version)
		w.must(err)
		if m := w.member(r.Old); m.Status != member.Deactivated || m.RPPS != third {
			t.Errorf("%+v", m)
		}
		m, err := w.members.Reactivate(w.Context(), w.as("claire"), w.a, r.Old, 0)
		if w.must(err); m.Status != member.Active {
			t.Errorf("%+v", m)
		}
	})
}

// Who may undo, and when not: another's number meanwhile, somebody who left since, another version.
func TestWhoMayUndo(t *testing.T) {
	eachWorld(t, func(w *world) {
		r, err := w.replace("claire", "weber", right)
		w.must(err)
		w.id["new"] = r.New
		try := func(by access.Actor, version int64) error {
			_, err := w.m.Undo(w.Context(), by, w.a, r.Old, version)
			return err
		}
		w.want("a secretary", try(w.as("lise"), r.Version), access.ErrForbidden)
		w.want("of another site", try(w.as("tina"), r.Version), merge.ErrNotFound)
		w.want("of another organisation", try(w.as("odile"), r.Version), access.ErrNotFound)
		w.want("without a version", try(w.as("claire"), merge.AnyVersion), departure.ErrVersion)
		w.want("another version", try(w.as("claire"), r.Version+1), merge.ErrStale)
		stale := w.as("claire")
		stale.StepUp = time.Time{}
		w.want("without a proof", try(stale, r.Version), access.ErrStepUp)
		_, err = w.replace("claire", "paul", third) // the number that weber had by mistake
		w.must(err)
		w.want("the number is another's by now", try(w.as("claire"), r.Version), enrolment.ErrRPPSHeld)
		v, err := w.m.Get(w.Context(), w.as("claire"), w.a, r.New)
		w.must(err)
		if v.MayUndo || v.NoUndo != enrolment.ErrRPPSHeld.Code || v.Old != r.Old || !v.MayOpen {
			t.Errorf("%+v", v)
		}
		w.sweep()
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, r.New, departure.Order{FullName: full("weber")})
		w.must(err)
		w.want("who left since", try(w.as("claire"), r.Version), merge.ErrSuccessorGone)
	})
}

// Each of the two tells the other: to whoever sees the new one, and may decide of the old one.
func TestEachTellsTheOther(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := w.replaced()
		for _, id := range []ident.Member{r.Old, r.New} {
			v, err := w.m.Get(w.Context(), w.as("claire"), w.a, id)
			w.must(err)
			if v.Old != r.Old || v.New != r.New || v.OldRPPS != wrong || v.NewRPPS != right || !v.MayUndo || v.By != full("claire") {
				t.Errorf("%+v", v)
			}
		}
		_, err := w.m.Get(w.Context(), w.as("tina"), w.a, r.Old)
		w.want("of another site", err, merge.ErrNotFound)
		_, err = w.m.Get(w.Context(), w.as("odile"), w.a, r.New)
		w.want("of another organisation", err, access.ErrNotFound)
		_, err = w.m.Get(w.Context(), w.as("claire"), w.a, w.id["weber"])
		w.want("nobody's", err, merge.ErrNotFound)
	})
}

// VER-2, INV-15, FED-02: a number is not trusted because another was. Whoever was verified waits until
// somebody has judged the new one, in force in nothing, with an account that opens nothing; undone,
// they are in again as they were judged.
func TestVerifiedAnew(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return w.join(ctx, tx, person{name: "nora", in: w.a, sites: []string{"nord"}, rpps: fourth})
		})
		w.proves("nora", w.a, fourth)
		f, err := w.m.Preview(w.Context(), w.as("claire"), w.a, w.id["nora"], order("nora", right))
		w.must(err)
		if !f.Verifies {
			t.Errorf("%+v", f)
		}
		r, err := w.replace("claire", "nora", right)
		w.must(err)
		if m := w.member(r.New); m.Verification != member.Unchecked || m.RPPS != right || m.Identity.Source != member.Declared {
			t.Errorf("%+v", m)
		}
		if s := w.status("nora"); s != account.Pending {
			t.Errorf("the account is %s", s)
		}
		if n := w.count(`select count(*) from registration where member_id = $1 and rpps = $2 and version = 5`, r.New, right); n != 1 {
			t.Error("the file does not wait with the new number")
		}
		w.sweep()
		_, err = w.undo("claire", r.Old, r.Version)
		w.must(err)
		if m := w.member(r.Old); m.Verification != member.Verified || m.RPPS != fourth {
			t.Errorf("%+v", m)
		}
		if s := w.status("nora"); s != account.Active {
			t.Errorf("the account is %s", s)
		}
		if n := w.count(`select count(*) from registration where member_id = $1 and rpps = $2 and version = 4`, r.Old, fourth); n != 1 {
			t.Error("the file is not as it was judged")
		}
	})
}

func (w *world) status(name string) (s account.Status) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		a, _, err := account.Get(w.Context(), tx, w.account[name])
		s = a.Status
		return err
	}))
	return s
}
