package departure_test

import (
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/workitem"
)

func (w *world) undo(by string) (departure.Departure, error) {
	return w.d.Undo(w.Context(), w.as(by), w.a, w.id["paul"], departure.AnyVersion)
}

// OFF-6: undone at once, everything is as it was: rights, levels, delegations, groups, what was
// handed over, what was hidden, detached or closed. Who was appointed stays so; sessions do not come
// back.
func TestUndone(t *testing.T) {
	for name, choices := range map[string]func(*world) []departure.Choice{
		"handed over": (*world).all,
		"left":        func(w *world) []departure.Choice { return []departure.Choice{w.succeeds()} },
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.furnish()
				before, session := w.state(), w.session("paul")
				d, err := w.start("claire", order("paul", choices(w)...))
				w.Must(err)
				w.sweep()
				_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["paul"], d.Version+7)
				w.Want("stale", err, departure.ErrStale)
				back, err := w.undo("claire")
				w.Must(err)
				if back.State != departure.Undone || back.Finished {
					t.Errorf("%+v", back)
				}
				w.sweep()
				if after := w.state(); after != before {
					t.Errorf("it was\n%s\nand is\n%s", before, after)
				}
				w.Must(w.holds(w.as("paul")))
				w.Want("a session from before (CHG-4)", w.holds(session), access.ErrUnauthenticated)
				w.stays(name)
				if w.Count(`select count(*) from departure_item`)+w.Count(`select count(*) from work_item_sealed`) != 0 {
					t.Error("something is kept of it")
				}
				if w.jobs("letter.departure_undone") != 1 || w.trail("departure.undo") != 1 || w.trail("member.return") != 1 {
					t.Error("it is not told")
				}
				_, err = w.start("claire", order("paul"))
				w.Must(err) // julie administers nord with him
				w.sweep()
			})
		})
	}
}

// stays checks what an undoing leaves.
func (w *world) stays(name string) {
	w.Helper()
	v := w.view("claire")
	var got []string
	for _, s := range v.Stays {
		got = append(got, s.What+" "+s.Code)
	}
	slices.Sort(got)
	want := []string{"administration appointed", "webhook stopped"}
	if name == "handed over" {
		want = []string{"administration appointed", "management appointed"}
	}
	if !slices.Equal(got, want) || v.Departure.State != departure.Undone || !v.Departure.Finished || !v.May.Start {
		w.Errorf("%q, want %q; %+v", got, want, v.Departure)
	}
}

// session opens one for somebody, as it was before.
func (w *world) session(name string) access.Actor {
	w.Helper()
	by := w.as(name)
	w.Exec(`insert into session (id, token_hash, account_id, created_at, seen_at, idle_until, expires_at, step_up_at, address, user_agent, end_reason)
		values ($1, $2, $3, $4, $4, $5, $5, $4, '192.0.2.7', 'test', '')`,
		by.Session, []byte(by.Session), w.account[name], w.DB.Now(), w.DB.Now().Add(departure.UndoFor))
	return by
}

// OFF-6: what others changed since is respected, and listed; nothing of it is taken from them.
func TestUndoneAfterChanges(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		ctx, claire := w.Context(), w.as("claire")
		_, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		w.sweep()
		// An agenda goes on to anne, five tasks are done and one is given on, the room is closed, the
		// group is removed.
		v, err := w.things.Get(ctx, claire, w.a, w.thing["agenda1"])
		w.Must(err)
		details := v.Details()
		details.Holder = w.id["anne"]
		_, err = w.things.Edit(ctx, claire, w.a, v.ID, v.Version, details)
		w.Must(err)
		for i := range 5 {
			w.Exec(`update work_item set state = 'done', version = version + 1 where external_id = $1`, []string{
				"paul-task-0", "paul-task-1", "paul-task-2", "paul-task-3", "paul-task-4"}[i])
			w.Exec(`update work_item_count set items = items - 1 where owner_id = $1 and kind = 'task'`, w.id["lise"])
		}
		_, err = w.items.Reassign(ctx, claire, w.a, workitem.Handover{
			From: w.id["lise"], To: w.id["julie"], Refs: []workitem.Ref{{Source: "agenda", External: "paul-task-9"}},
		})
		w.Must(err)
		_, err = w.things.Close(ctx, claire, w.a, w.thing["office"], 0)
		w.Must(err)
		g, err := w.groups.Get(ctx, claire, w.a, w.group)
		w.Must(err)
		_, err = w.groups.Remove(ctx, claire, w.a, g.ID, g.Version, nil)
		w.Must(err)
		_, err = w.undo("claire")
		w.Must(err)
		w.sweep()
		if w.holder("agenda1") != "anne active" || w.holder("agenda2") != "paul active" {
			t.Errorf("%s, %s", w.holder("agenda1"), w.holder("agenda2"))
		}
		if w.owned("paul", workitem.Task) != 34 || w.owned("julie", workitem.Task) != 1 || w.owned("paul", workitem.Appointment) != 25 {
			t.Errorf("%d tasks, %d of julie", w.owned("paul", workitem.Task), w.owned("julie", workitem.Task))
		}
		var got []string
		for _, s := range w.view("claire").Stays {
			if s.What == "work" && s.N != 6 {
				t.Errorf("%+v", s)
			}
			got = append(got, s.What+" "+s.Code)
		}
		slices.Sort(got)
		want := []string{"administration appointed", "group_member object_gone", "level object_gone", "management appointed", "resource changed", "work changed"}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// OFF-6: what somebody else agreed to in person is asked of them again.
func TestUndoneDrafting(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.names.Give(w.Context(), w.as("paul"), w.a, grant.NewDelegations{
			Identities: w.on("name"), Member: w.id["julie"], Acts: []grant.Act{grant.Draft}, InMyName: true,
		})
		w.Must(err)
		_, err = w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		_, err = w.undo("claire")
		w.Must(err)
		w.sweep()
		for act, state := range map[string]string{"draft_consultation": "proposed", "send": "active"} {
			if n := w.Count(`select count(*) from delegation where identity_id = $1 and act = $2 and state = $3 and known_until is null`,
				w.thing["name"], act, state); n != 1 {
				t.Errorf("%s is not %s", act, state)
			}
		}
	})
}

// OFF-6: why it can no longer be undone, in words; and who may.
func TestNotUndone(t *testing.T) {
	type attempt func(*world) error
	plain := func(by string) attempt {
		return func(w *world) error { _, err := w.undo(by); return err }
	}
	after := func(change func(*world)) attempt {
		return func(w *world) error { change(w); _, err := w.undo("claire"); return err }
	}
	for name, c := range map[string]struct {
		do   attempt
		want error
	}{
		"another organisation": {plain("odile"), access.ErrNotFound},
		"another site":         {plain("tina"), departure.ErrNotFound},
		"no right":             {plain("lise"), access.ErrForbidden},
		"too late":             {after(func(w *world) { w.clock.Add(departure.UndoFor) }), departure.ErrTooLate},
		"a member by account":  {after(func(w *world) { w.comeBack("paul", "") }), departure.ErrReturned},
		"a member by number":   {after(func(w *world) { w.comeBack("", "99700007778") }), departure.ErrReturned},
		"the address is another's": {after(func(w *world) {
			w.Exec(`update member_state set email = 'paul@exemple.fr' where member_id = $1`, w.id["lise"])
		}), departure.ErrAddress},
		"invited again": {after(func(w *world) {
			w.Exec(`update invitation set email_key = 'paul@exemple.fr' where org_id = $1`, w.a)
		}), departure.ErrAddress},
		"the account is gone": {after(func(w *world) {
			w.Exec(`update account_state set status = 'blocked' where account_id = $1`, w.account["paul"])
		}), departure.ErrNoAccount},
		"no site left": {after(func(w *world) {
			w.Exec(`update site_state set status = 'closed' where site_id = $1`, w.site["nord"])
		}), member.ErrNoSiteLeft},
		"who administers less": {func(w *world) error {
			w.Exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
				select org_id, 'gnt_' || id, $2, permission, 'organization', starts_at, 'test', known_from from member_permission
				where org_id = $1 and member_id = $3`, w.a, w.id["lise"], w.id["paul"])
			w.permits("lise", access.MembersRead, access.MembersDelete)
			_, err := w.undo("lise")
			return err
		}, member.ErrMorePowerful},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.furnish()
				w.Exec(`update member_state set rpps = '99700007778' where member_id = $1 and known_until is null`, w.id["paul"])
				_, err := w.start("claire", order("paul", w.succeeds()))
				w.Must(err)
				w.sweep()
				w.Want(name, c.do(w), c.want)
				if w.Count(`select count(*) from member_state where member_id = $1 and known_until is null and status = 'left'`, w.id["paul"]) != 1 {
					t.Error("they are a member again")
				}
			})
		})
	}
}

// permits gives single permissions of the whole organisation.
func (w *world) permits(name string, list ...access.Permission) {
	w.Helper()
	for _, p := range list {
		w.Exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
			values ($1, $2, $3, $4, 'organization', $5, 'test', $5)`, w.a, "gnt_"+name+string(p), w.id[name], p, w.DB.Now())
	}
}

// comeBack makes a new membership with the account, or the number, of who left.
func (w *world) comeBack(account, rpps string) {
	w.Helper()
	id := w.id["anne"]
	if account != "" {
		w.Exec(`update member_state set account_id = $2 where member_id = $1 and known_until is null`, id, w.account[account])
	}
	w.Exec(`update member_state set rpps = $2 where member_id = $1 and known_until is null`, id, rpps)
}

// A role or a site that is gone stays away, and is listed; the rest comes back.
func TestUndoneInPart(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.Exec(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, 'test', $4)`,
			w.a, w.id["paul"], w.site["sud"], w.DB.Now())
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.Exec(`update site_state set status = 'closed' where site_id = $1 and known_until is null`, w.site["sud"])
		_, err = w.undo("claire")
		w.Must(err)
		if !slices.ContainsFunc(w.view("claire").Stays, func(s departure.Stay) bool { return s.What == "site" && s.Code == "object_gone" && s.Name == "sud" }) {
			t.Errorf("%+v", w.view("claire").Stays)
		}
		w.sweep()
	})
}
