package grant_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// RGT-2, RGT-3: one level a member and resource, each of its type; what holds already is no
// change; closed rows stay in the history.
func TestLevels(t *testing.T) {
	eachLevels(t, func(w *levels) {
		set := w.give("claire", w.to("julie", "ines", grant.Availability), w.to("julie", "desk", grant.Reply), w.to("paul", "ines", grant.None))
		if set.Changes != 2 || set.People != 1 || set.Resources != 2 || set.ID.IsZero() || set.Kind != grant.Edit || set.MadeBy != "Claire Essai" {
			t.Errorf("%+v", set)
		}
		for _, l := range []grant.Level{grant.Read, grant.Manage, grant.Manage, grant.Availability, grant.None, grant.None} {
			set := w.give("claire", w.to("julie", "ines", l))
			if got := w.level("julie", "ines"); got != l {
				t.Errorf("%s, want %s", got, l)
			}
			if len(set.Lines) > 1 || (len(set.Lines) == 0) != set.ID.IsZero() {
				t.Errorf("%+v", set)
			}
		}
		if n := w.count(`select count(*) from access_grant where org_id = $1 and member_id = $2 and resource_id = $3`, w.a, w.member["julie"], w.thing["ines"]); n != 4 {
			t.Errorf("%d rows of history, want 4", n)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'rights.change' and outcome = 'done'`, w.a.String()); n != 5 {
			t.Errorf("%d records, want one for each change set: 5", n)
		}
	})
}

// RGT-1, AUZ-01, AUZ-06: who gives levels where; each line refused is told, and one that
// may not be known of tells nothing but that.
func TestWhoGivesLevels(t *testing.T) {
	eachLevels(t, func(w *levels) {
		const line = "changes[0]"
		for _, c := range []struct {
			by, to, on string
			want       error
			field      string
		}{
			{"claire", "julie", "ines", nil, ""},
			{"gaelle", "lea", "ines", nil, ""}, // RGT-1: an office manager gives what she has not; product.md wins over AUZ-04
			{"gaelle", "lea", "whole", nil, ""},
			{"nadege", "lea", "room", nil, ""},
			{"nadege", "julie", "emile", grant.ErrUnknown, line + ".resource resource.not_found"},
			{"nadege", "paul", "room", grant.ErrUnknown, line + ".member member.not_found"},
			{"nadege", "lea", "whole", grant.ErrNotYours, line + ".resource grant.resource_not_yours"},
			{"hugo", "paul", "emile", nil, ""},
			{"hugo", "paul", "room", grant.ErrUnknown, line + ".resource resource.not_found"},
			{"claire", "odile", "room", grant.ErrUnknown, line + ".member member.not_found"},
			{"claire", "julie", "rive", grant.ErrUnknown, line + ".resource resource.not_found"},
			{"julie", "julie", "ines", access.ErrForbidden, ""},
			{"ines", "julie", "ines", access.ErrForbidden, ""}, // a holder manages the agenda, not who may
			{"odile", "julie", "ines", access.ErrNotFound, ""},
		} {
			what := c.by + " to " + c.to + " on " + c.on
			w.refusedLike(what, c.by, edit(w.to(c.to, c.on, grant.Read)), c.want, c.field)
		}
		// A site administrator knows the sites of whom they see, and gives nothing elsewhere
		// by naming a member of both (AUZ-06).
		w.refusedLike("both sites", "nadege", edit(w.to("claire", "emile", grant.Read)), grant.ErrUnknown, line+".resource resource.not_found")
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'rights.change' and outcome = 'refused'`, w.a.String()); n < 8 {
			t.Errorf("%d refusals recorded", n)
		}
	})
}

// refusedLike checks that a preview and the act answer alike, and that all of it or
// nothing was done.
func (w *levels) refusedLike(what, by string, wanted grant.Wanted, want error, fields ...string) {
	w.Helper()
	before := w.count(`select count(*) from access_grant`)
	_, err := w.grants.Preview(w.Context(), w.as(by), w.a, wanted)
	w.refused("preview: "+what, err, want, fields...)
	_, err = w.grants.Apply(w.Context(), w.as(by), w.a, wanted)
	w.refused(what, err, want, fields...)
	if n := w.count(`select count(*) from access_grant`); (n != before) != (want == nil) {
		w.Errorf("%s: %d rows, %d before", what, n, before)
	}
}

// What a line may not say, each with its field; one bad line, and nothing is done.
func TestLevelRules(t *testing.T) {
	eachLevels(t, func(w *levels) {
		now := w.db.Now()
		in := func(d time.Duration) *time.Time { at := now.Add(d); return &at }
		dated := func(c grant.Change, from, until *time.Time) grant.Change { c.From, c.Until = from, until; return c }
		day := 24 * time.Hour
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and resource_id = $2 and known_until is null`, w.a, w.thing["emile"])
		w.exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["paul"])
		for field, c := range map[string]grant.Change{
			"level grant.level_unknown":      w.to("julie", "ines", grant.Reply),
			"level grant.level_unknown ":     w.to("julie", "desk", grant.Availability),
			"level grant.level_unknown  ":    w.to("julie", "sign", grant.Read), // an identity has delegations
			"level grant.level_unknown   ":   w.to("julie", "room", "admin"),
			"level grant.holder":             w.to("ines", "ines", grant.Read),
			"resource grant.closed":          w.to("julie", "emile", grant.Read),
			"from grant.starts_in_past":      dated(w.to("julie", "ines", grant.Read), in(-2*day), nil),
			"from grant.too_far":             dated(w.to("julie", "ines", grant.Read), in(11*366*day), nil),
			"until grant.ends_in_past":       dated(w.to("julie", "ines", grant.Read), nil, in(-time.Second)),
			"until grant.ends_before_start":  dated(w.to("julie", "ines", grant.Read), in(2*day), in(day)),
			"until grant.ends_before_start ": dated(w.to("julie", "ines", grant.Read), in(2*day), in(2*day)),
			"until grant.too_far":            dated(w.to("julie", "ines", grant.Read), nil, in(11*366*day)),
		} {
			w.refusedLike(field, "claire", edit(w.to("lea", "room", grant.Read), c), invalid, "changes[1]."+strings.TrimSpace(field))
		}
		w.refusedLike("who left", "claire", edit(w.to("paul", "room", grant.Read)), grant.ErrUnknown, "changes[0].member member.not_found")
		w.refusedLike("a long reason", "claire", grant.Wanted{Reason: strings.Repeat("é", grant.MaxReason+1)}, invalid, "reason text.too_long")
		many := make([]grant.Change, grant.MaxChanges+1)
		for i := range many {
			many[i] = w.to("julie", "room", grant.Read)
		}
		w.refusedLike("too many", "claire", edit(many...), grant.ErrTooMany)
		if n := w.count(`select count(*) from access_grant`); n != 0 {
			t.Errorf("%d rows", n)
		}
		// A day begins at midnight and is chosen later: it means now. None needs no dates.
		w.give("claire", dated(w.to("julie", "ines", grant.Read), in(-3*time.Hour), in(day)))
		if set := w.give("claire", dated(w.to("julie", "ines", grant.None), in(-9*day), in(-8*day))); len(set.Lines) != 1 || w.level("julie", "ines") != grant.None {
			t.Errorf("%+v", set)
		}
	})
}

// RGT-8: a level begins and ends by itself, and says who gave it and when.
func TestLevelDates(t *testing.T) {
	eachLevels(t, func(w *levels) {
		start, end := w.db.Now().Add(48*time.Hour), w.db.Now().Add(96*time.Hour)
		c := w.to("julie", "room", grant.Read)
		c.From, c.Until = &start, &end
		set := w.give("claire", c)
		if l := set.Lines[0].After; !l.From.Equal(start) || !l.Until.Equal(end) || l.GivenBy != "Claire Essai" || l.GivenAt.IsZero() {
			t.Errorf("%+v", l)
		}
		for _, s := range []struct {
			wait time.Duration
			want grant.Level
		}{{0, grant.None}, {49 * time.Hour, grant.Read}, {96 * time.Hour, grant.None}} {
			w.clock.Add(s.wait)
			if got := w.level("julie", "room"); got != s.want {
				t.Errorf("after %v: %q, want %q", s.wait, got, s.want)
			}
		}
		// What is over is none: nobody has to take it away, and it can be given again.
		if set := w.give("claire", w.to("julie", "room", grant.None)); !set.ID.IsZero() {
			t.Errorf("taking what is over: %+v", set)
		}
		if set := w.give("claire", w.to("julie", "room", grant.Read)); set.Lines[0].Before.Level != grant.None {
			t.Errorf("%+v", set.Lines[0])
		}
		// The level held goes on from its beginning when its end alone changes.
		from := w.give("claire", w.to("lea", "room", grant.Read)).Lines[0].After.From
		w.clock.Add(time.Hour)
		later := w.db.Now().Add(time.Hour)
		c = w.to("lea", "room", grant.Read)
		c.Until = &later
		if l := w.give("claire", c).Lines[0]; !l.After.From.Equal(from) || l.Before.Until != nil {
			t.Errorf("%+v, want from %v", l, from)
		}
	})
}

// Two administrators on the same cells: the second is told both values, cell by cell, and
// loses nothing (CHG-1); what they both want is no conflict.
func TestChangedMeanwhile(t *testing.T) {
	eachLevels(t, func(w *levels) {
		was := func(c grant.Change, l grant.Level) grant.Change { c.Was = &l; return c }
		w.give("nadege", was(w.to("julie", "room", grant.Read), grant.None), was(w.to("lea", "room", grant.Manage), grant.None))
		wanted := edit(was(w.to("julie", "room", grant.Manage), grant.None), was(w.to("lea", "room", grant.Manage), grant.None),
			was(w.to("lea", "ines", grant.Read), grant.Availability), was(w.to("claire", "room", grant.Read), grant.None))
		w.refusedLike("the second", "claire", wanted, grant.ErrChangedMeanwhile, "changes[0] grant.cell_changed", "changes[2] grant.cell_changed")
		_, err := w.grants.Apply(w.Context(), w.as("claire"), w.a, wanted)
		if s := sentence(err, 0); s != "Julie Essai, Agenda room : « Lecture » maintenant, « Aucun » quand vous l’avez lu. Choisissez à nouveau" {
			t.Error(s)
		}
		if w.level("claire", "room") != grant.None || w.level("julie", "room") != grant.Read {
			t.Error("a part of it was done")
		}
	})
}

// RGT-4: a clone copies levels in the domains asked, none of what either holds, and never
// what the cloner may not give; a line of its own wins over it.
func TestClone(t *testing.T) {
	eachLevels(t, func(w *levels) {
		end := w.db.Now().Add(30 * 24 * time.Hour)
		until := w.to("julie", "claire", grant.Read)
		until.Until = &end
		w.give("claire", w.to("julie", "ines", grant.Manage), until, w.to("julie", "emile", grant.Read), w.to("julie", "desk", grant.Reply),
			w.to("lea", "room", grant.Manage), w.to("ines", "claire", grant.Manage), w.to("lea", "whole", grant.Read))
		clone := func(from string, domains []string, to ...string) grant.Wanted {
			c := &grant.Clone{From: w.member[from]}
			for _, d := range domains {
				c.Domains = append(c.Domains, domain[d])
			}
			for _, name := range to {
				c.To = append(c.To, w.member[name])
			}
			return grant.Wanted{Clone: c}
		}
		both := []string{"agendas", "messaging"}
		set, err := w.grants.Preview(w.Context(), w.as("nadege"), w.a, clone("julie", both, "lea"))
		if got := told(set); err != nil || got != "Lea claire none>read until; Lea ines none>manage; Lea room manage>none; Lea desk none>reply" {
			t.Errorf("nadege: %s %v", got, err) // nothing of A2, nothing of the whole organisation
		}
		set, err = w.grants.Preview(w.Context(), w.as("claire"), w.a, clone("julie", []string{"messaging"}, "lea"))
		if got := told(set); err != nil || got != "Lea desk none>reply; Lea whole read>none" {
			t.Errorf("messaging alone: %s %v", got, err)
		}
		// Of the two physicians, ines keeps hers, and nobody gets the model's own.
		set, err = w.grants.Preview(w.Context(), w.as("claire"), w.a, clone("julie", []string{"agendas"}, "ines", "emile"))
		if got := told(set); err != nil || got != "Ines claire manage>read until; Ines emile none>read; Emile claire none>read until; Emile ines none>manage" {
			t.Errorf("holders: %s %v", got, err)
		}
		set, err = w.grants.Preview(w.Context(), w.as("claire"), w.a, clone("ines", []string{"agendas"}, "lea"))
		if got := told(set); err != nil || got != "Lea claire none>manage; Lea room manage>none" {
			t.Errorf("the model's own: %s %v", got, err)
		}
		wanted := clone("julie", both, "lea")
		wanted.Changes = []grant.Change{w.to("lea", "room", grant.Read)}
		set, err = w.grants.Apply(w.Context(), w.as("nadege"), w.a, wanted)
		if got := told(set); err != nil || set.Kind != grant.Cloned || got != "Lea claire none>read until; Lea ines none>manage; Lea room manage>read; Lea desk none>reply" {
			t.Errorf("with a line: %s %v", got, err)
		}
		for what, c := range map[string]struct {
			wanted grant.Wanted
			want   error
			field  string
		}{
			"self":      {clone("julie", both, "lea", "julie"), invalid, "clone.to grant.clone_self"},
			"nobody":    {clone("julie", both), invalid, "clone.to grant.clone_nobody"},
			"no domain": {clone("julie", nil, "lea"), invalid, "clone.domains grant.clone_domain"},
			"identity":  {clone("julie", []string{"identity"}, "lea"), invalid, "clone.domains grant.clone_domain"},
			"unseen":    {clone("paul", both, "lea"), grant.ErrUnknown, "clone.from member.not_found"},
			"unseen to": {clone("julie", both, "lea", "paul"), grant.ErrUnknown, "clone.to member.not_found"},
			"of B":      {clone("odile", both, "lea"), grant.ErrUnknown, "clone.from member.not_found"},
		} {
			w.refusedLike(what, "nadege", c.wanted, c.want, c.field)
		}
	})
}

// A clone says what of the model it does not copy, of what the cloner may know of.
func TestClonePartial(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.permit("nadege", access.OrgScope(w.a), access.RightsRead)
		w.give("claire", w.to("julie", "emile", grant.Read), w.to("julie", "whole", grant.Read), w.to("julie", "room", grant.Read))
		set, err := w.grants.Preview(w.Context(), w.as("nadege"), w.a, grant.Wanted{Clone: &grant.Clone{
			From: w.member["julie"], To: []ident.Member{w.member["lea"]}, Domains: grant.Domains,
		}})
		if err != nil || told(set) != "Lea room none>read" || !strings.Contains(warned(set), "2 droits du modèle ne sont pas copiés") {
			t.Errorf("%s %s %v", told(set), warned(set), err)
		}
	})
}

// Creating somebody with levels passes the same checks as giving them later (MEM-1, RGT-1).
func TestApplyIn(t *testing.T) {
	eachLevels(t, func(w *levels) {
		apply := func(by, thing string) error {
			act := action.Act{Verb: "member.create", Orgs: []ident.Org{w.a}, Needs: []access.Need{access.MemberOf(w.a)}}
			_, err := action.Run(w.Context(), w.grants.Run, w.as(by), act, func(tx *action.Tx) (grant.ChangeSet, error) {
				set, err := grant.ApplyIn(w.Context(), tx, w.a, w.member["paul"], edit(w.to("paul", thing, grant.Read)))
				if err == nil && set.Kind != grant.Creation {
					t.Errorf("%+v", set)
				}
				return set, err
			})
			return err
		}
		if err := apply("nadege", "room"); err != nil || w.level("paul", "room") != grant.Read {
			t.Errorf("whoever creates somebody knows of them: %v", err)
		}
		w.refused("elsewhere", apply("nadege", "emile"), grant.ErrUnknown, "changes[0].resource resource.not_found")
		w.refused("no right", apply("julie", "ines"), grant.ErrUnknown)
	})
}

// Who leaves keeps no level (AUZ-11).
func TestEndOf(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.give("claire", w.to("julie", "room", grant.Read), w.to("julie", "desk", grant.Reply), w.to("lea", "room", grant.Read))
		act := action.Act{Verb: "member.leave", Orgs: []ident.Org{w.a}, Needs: []access.Need{access.MemberOf(w.a)}}
		lines, err := action.Run(w.Context(), w.grants.Run, w.as("claire"), act, func(tx *action.Tx) ([]changeset.Line, error) {
			tx.Record(audit.Event{Org: w.a, Verb: act.Verb})
			return grant.EndOf(w.Context(), tx, w.a, w.member["julie"])
		})
		if err != nil || len(lines) != 2 || !lines[0].After.None() || w.level("lea", "room") != grant.Read {
			t.Errorf("%+v %v", lines, err)
		}
		if n := w.count(`select count(*) from access_grant where member_id = $1 and known_until is null`, w.member["julie"]); n != 0 {
			t.Errorf("%d levels left", n)
		}
	})
}

// A repeated request has one effect and one answer, warnings included, which still are
// sentences (rest.md, Idempotency-Key).
func TestOneEffect(t *testing.T) {
	eachLevels(t, func(w *levels) {
		by := w.as("claire")
		by.Once = access.Once{Key: "k1"}
		first, err := w.grants.Apply(w.Context(), by, w.a, edit(w.to("julie", "ines", grant.Read)))
		if err != nil {
			t.Fatal(err)
		}
		w.give("claire", w.to("julie", "ines", grant.Manage))
		again, err := w.grants.Apply(w.Context(), by, w.a, edit(w.to("julie", "ines", grant.Read)))
		if err != nil || again.ID != first.ID || told(again) != told(first) || warned(again) != warned(first) || warned(first) == "" {
			t.Errorf("%+v\n%+v %v", again, first, err)
		}
		if w.level("julie", "ines") != grant.Manage {
			t.Error("it was done twice")
		}
	})
}

// One event a change set, with each line before and after, found by who it is about.
func TestRightsTrail(t *testing.T) {
	eachLevels(t, func(w *levels) {
		set := w.give("nadege", w.to("julie", "ines", grant.Manage), w.to("lea", "desk", grant.Read))
		var object, site, body string
		err := w.db.Read(w.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(w.Context(), `
				select e.object, e.site, p.payload from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
				where e.chain = $1 and e.verb = 'rights.change'`, w.a.String()).Scan(&object, &site, &body)
		})
		if err != nil || object != set.ID.String() || site != w.sites[0].String() {
			t.Errorf("%s %s %v", object, site, err)
		}
		var p struct {
			Names         map[string]string
			Before, After struct{ Levels []map[string]string }
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		if len(p.After.Levels) != 2 || p.After.Levels[0]["level"] != "manage" || p.Before.Levels[1]["level"] != "none" ||
			p.After.Levels[1]["resource"] != w.thing["desk"].String() || p.Names["member2"] != "Lea Essai" || p.Names["member"] != "Julie Essai, Lea Essai" {
			t.Errorf("%s", body)
		}
	})
}

// A dead request leaves nothing: the change, its set and its record stand together (F1).
func TestNothingHalfDone(t *testing.T) {
	eachLevels(t, func(w *levels) {
		act := action.Act{Verb: "rights.change", Orgs: []ident.Org{w.a}, Needs: []access.Need{access.MemberOf(w.a)}}
		_, err := action.Run(w.Context(), w.grants.Run, w.as("claire"), act, func(tx *action.Tx) (int, error) {
			if _, err := grant.ApplyIn(w.Context(), tx, w.a, w.member["julie"], edit(w.to("julie", "ines", grant.Read))); err != nil {
				return 0, err
			}
			return 0, context.Canceled
		})
		if err == nil {
			t.Fatal("it succeeded")
		}
		for _, table := range []string{"access_grant", "change_set", "change_line"} {
			if n := w.count(`select count(*) from ` + table); n != 0 {
				t.Errorf("%s: %d rows", table, n)
			}
		}
	})
}
