package grant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
)

// What an edit would do is said in words before it is done, and by the preview as by the
// act (DESIGN.md 14).
func TestWarnings(t *testing.T) {
	eachLevels(t, func(w *levels) {
		end := w.db.Now().Add(10 * 24 * time.Hour)
		w.exec(`update member_state set ends_at = $3 where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["lea"], end)
		w.give("claire", w.to("julie", "room", grant.Manage), w.to("julie", "ines", grant.Availability), w.to("julie", "desk", grant.Manage),
			w.to("paul", "desk", grant.Manage))
		later, before := w.db.Now().Add(48*time.Hour), end.Add(-time.Hour)
		from, until := w.to("julie", "room", grant.Manage), w.to("lea", "ines", grant.Availability)
		from.From, until.Until = &later, &before
		for _, c := range []struct {
			name string
			set  []grant.Change
			want string
		}{
			{"nothing to say", []grant.Change{w.to("paul", "emile", grant.Availability)}, ""},
			{"names of patients", []grant.Change{w.to("julie", "ines", grant.Read), w.to("julie", "claire", grant.Manage), w.to("julie", "desk", grant.Read)},
				"Julie Essai verra les noms des patients sur 2 agendas"},
			{"a mailbox that paul still manages", []grant.Change{w.to("julie", "desk", grant.None)}, "Julie Essai n’aura plus aucun droit sur les messageries"},
			{"nobody manages", []grant.Change{w.to("julie", "room", grant.Read)}, "Agenda room : plus personne en Gestion"},
			{"nobody manages the mailbox", []grant.Change{w.to("julie", "desk", grant.Read), w.to("paul", "desk", grant.Reply)}, "Accueil : plus personne en Gestion"},
			{"somebody else does", []grant.Change{w.to("julie", "room", grant.Read), w.to("gaelle", "room", grant.Manage)}, "Gaelle Essai verra les noms des patients sur 1 agenda"},
			{"a holder does", []grant.Change{w.to("julie", "ines", grant.None)}, ""},
			{"the contract ends before", []grant.Change{w.to("lea", "ines", grant.Availability), w.to("lea", "room", grant.Availability)},
				"Lea Essai : 2 accès dépassent la fin de son contrat"},
			{"the level ends before", []grant.Change{until}, ""},
			{"later only", []grant.Change{from}, "Julie Essai : 1 accès s’arrête maintenant et ne reprendra qu’à la date choisie | Agenda room : plus personne en Gestion"},
			{"elsewhere", []grant.Change{w.to("julie", "emile", grant.Availability)},
				"Julie Essai ne travaille pas dans l’établissement concerné par 1 de ces accès"},
			{"everything lost", []grant.Change{w.to("julie", "room", grant.None), w.to("julie", "ines", grant.None)},
				"Julie Essai n’aura plus aucun droit sur les agendas | Agenda room : plus personne en Gestion"},
			{"oneself", []grant.Change{w.to("claire", "room", grant.Availability)},
				"Vous vous donnez des droits à vous-même : les autres personnes qui administrent en seront informées"},
		} {
			set, err := w.grants.Preview(w.Context(), w.as("claire"), w.a, edit(c.set...))
			if got := warned(set); err != nil || got != c.want {
				t.Errorf("%s: %q, want %q %v %s", c.name, got, c.want, err, fieldsOf(err))
			}
		}
		// Who manages and is not in force manages nothing.
		w.exec(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["paul"])
		set, err := w.grants.Preview(w.Context(), w.as("claire"), w.a, edit(w.to("julie", "desk", grant.Read)))
		if got := warned(set); err != nil || got != "Accueil : plus personne en Gestion" {
			t.Errorf("%q %v", got, err)
		}
	})
}

// Many warnings of one sort are told as a number, in both languages.
func TestWarningsFolded(t *testing.T) {
	eachLevels(t, func(w *levels) {
		var changes []grant.Change
		for _, name := range []string{"nadege", "gaelle", "ines", "julie", "lea", "claire"} {
			changes = append(changes, w.to(name, "room", grant.Read))
		}
		set, err := w.grants.Preview(w.Context(), w.as("nadege"), w.a, edit(changes...))
		if err != nil || len(set.Warnings) != 2 || !strings.HasSuffix(warned(set), "6 personnes verront les noms des patients sur de nouveaux agendas") {
			t.Errorf("%s %v", warned(set), err)
		}
	})
}

// Undoing is the inverse: of what still stands, once, for 30 days, and can be undone.
func TestUndo(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.give("claire", w.to("julie", "ines", grant.Availability))
		first := w.give("claire", w.to("julie", "ines", grant.Manage), w.to("lea", "room", grant.Read), w.to("julie", "desk", grant.Reply))
		w.give("nadege", w.to("lea", "room", grant.Manage))
		preview, err := w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, first.ID)
		want := "Julie ines manage>availability; Julie desk reply>none"
		if err != nil || told(preview) != want || !strings.Contains(warned(preview), "1 ligne a changé depuis") || !preview.ID.IsZero() {
			t.Errorf("%s %s %v", told(preview), warned(preview), err)
		}
		undo, err := w.grants.Undo(w.Context(), w.as("claire"), w.a, first.ID)
		if err != nil || told(undo) != want || warned(undo) != warned(preview) || undo.Kind != grant.Undo || undo.Undoes != first.ID {
			t.Errorf("%s %v", told(undo), err)
		}
		if w.level("julie", "ines") != grant.Availability || w.level("lea", "room") != grant.Manage || w.level("julie", "desk") != grant.None {
			t.Error("the levels are not as they were")
		}
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, first.ID)
		w.refused("twice", err, grant.ErrUndone)
		set, err := w.grants.ChangeSet(w.Context(), w.as("claire"), w.a, first.ID)
		if err != nil || set.UndoneBy != undo.ID || set.MayUndo || len(set.Lines) != 3 {
			t.Errorf("%+v %v", set, err)
		}
		redo, err := w.grants.Undo(w.Context(), w.as("claire"), w.a, undo.ID)
		if err != nil || told(redo) != "Julie ines availability>manage; Julie desk none>reply" {
			t.Errorf("%s %v", told(redo), err)
		}
		w.clock.Add(grant.UndoFor - time.Minute)
		if set, err = w.grants.ChangeSet(w.Context(), w.as("claire"), w.a, redo.ID); err != nil || !set.MayUndo {
			t.Errorf("%+v %v", set, err)
		}
		w.clock.Add(2 * time.Minute)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, redo.ID)
		w.refused("too late", err, grant.ErrUndoOver)
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, ident.NewChangeSet())
		w.refused("none", err, grant.ErrNoSuchSet)
		if n := w.count(`select count(*) from audit_event where verb = 'rights.undo' and outcome = 'done'`); n != 2 {
			t.Errorf("%d records", n)
		}
		// Issue 8 (3): other systems are told of each member of a change.
		if n := w.count(`select count(distinct subject) from event where kind = 'rights.changed' and object = '` + first.ID.String() + `'`); n != 2 {
			t.Errorf("told of %d members of two", n)
		}
	})
}

// An undo is checked again: by the one who undoes, on what is there now.
func TestUndoIsChecked(t *testing.T) {
	eachLevels(t, func(w *levels) {
		across := w.give("claire", w.to("julie", "room", grant.Read), w.to("paul", "emile", grant.Read))
		away := w.give("claire", w.to("paul", "emile", grant.Manage))
		_, err := w.grants.Undo(w.Context(), w.as("nadege"), w.a, across.ID)
		w.refused("a part is elsewhere", err, grant.ErrNotYours)
		if set, err := w.grants.ChangeSet(w.Context(), w.as("nadege"), w.a, across.ID); err != nil || set.MayUndo || told(set) != "Julie room none>read" {
			t.Errorf("AUZ-06: %s %+v %v", told(set), set.MayUndo, err)
		}
		for _, by := range []string{"nadege", "odile"} {
			_, err = w.grants.Undo(w.Context(), w.as(by), w.a, away.ID)
			want := grant.ErrNoSuchSet
			if by == "odile" {
				want = access.ErrNotFound
			}
			w.refused(by+", elsewhere", err, want)
			_, err = w.grants.ChangeSet(w.Context(), w.as(by), w.a, away.ID)
			w.refused(by+" reads", err, want)
		}
		_, err = w.grants.Undo(w.Context(), w.as("julie"), w.a, across.ID)
		w.refused("no right", err, access.ErrForbidden)

		taken := w.give("claire", w.to("julie", "room", grant.None), w.to("paul", "emile", grant.None), w.to("lea", "desk", grant.Read))
		w.exec(`update resource_state set status = 'closed' where org_id = $1 and resource_id = $2 and known_until is null`, w.a, w.thing["emile"])
		w.exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["julie"])
		undo, err := w.grants.Undo(w.Context(), w.as("claire"), w.a, taken.ID)
		if err != nil || told(undo) != "Lea desk read>none" || !strings.Contains(warned(undo), "2 lignes ont changé depuis") {
			t.Errorf("%s %s %v", told(undo), warned(undo), err)
		}
		_, err = w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, away.ID)
		w.refused("nothing stands", err, grant.ErrNothingStands)
	})
}

// What ended by itself still stands as it was left; what was held until a day that has
// passed does not come back.
func TestUndoDates(t *testing.T) {
	eachLevels(t, func(w *levels) {
		until := func(c grant.Change, d time.Duration) grant.Change { at := w.db.Now().Add(d); c.Until = &at; return c }
		w.give("claire", w.to("julie", "room", grant.Read), until(w.to("lea", "room", grant.Read), time.Hour))
		set := w.give("claire", until(w.to("julie", "room", grant.Manage), time.Hour), w.to("lea", "room", grant.Manage))
		w.clock.Add(2 * time.Hour)
		undo, err := w.grants.Undo(w.Context(), w.as("claire"), w.a, set.ID)
		if err != nil || told(undo) != "Julie room none>read; Lea room manage>none" {
			t.Errorf("%s %v", told(undo), err)
		}
		if w.level("julie", "room") != grant.Read || w.level("lea", "room") != grant.None {
			t.Error("levels")
		}
	})
}

// The history: the latest first, page by page, and of each as much as one may know.
func TestChangeSets(t *testing.T) {
	eachLevels(t, func(w *levels) {
		var ids []ident.ChangeSet
		for i := range 5 {
			l := []grant.Level{grant.Read, grant.Manage}[i%2]
			ids = append([]ident.ChangeSet{w.give("claire", w.to("julie", "room", l), w.to("paul", "emile", l), w.to("lea", "whole", grant.Level([]string{"read", "reply"}[i%2]))).ID}, ids...)
		}
		elsewhere := w.give("hugo", w.to("paul", "emile", grant.None)).ID
		list := func(by string, q grant.ChangeSetQuery) (found []ident.ChangeSet, last grant.ChangeSetList) {
			t.Helper()
			for {
				l, err := w.grants.ChangeSets(w.Context(), w.as(by), w.a, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range l.Sets {
					found = append(found, s.ID)
				}
				last = l
				if q.After = l.Next; l.Next == "" {
					return found, last
				}
			}
		}
		if got, l := list("claire", grant.ChangeSetQuery{Size: 2}); !slices.Equal(got, append([]ident.ChangeSet{elsewhere}, ids...)) || l.Total != 6 {
			t.Errorf("%v %d", got, l.Total)
		}
		got, l := list("nadege", grant.ChangeSetQuery{})
		if !slices.Equal(got, ids) || l.Total != 5 || l.Sets[0].Changes != 1 || l.Sets[0].People != 1 || l.Sets[0].MadeBy != "Claire Essai" {
			t.Errorf("AUZ-06: %v %+v", got, l)
		}
		if got, l := list("claire", grant.ChangeSetQuery{Member: w.member["paul"], Page: 2, Size: 4}); len(got) != 2 || l.Sets[0].Changes != 1 {
			t.Errorf("of paul, page 2: %v", got)
		}
		if got, _ := list("claire", grant.ChangeSetQuery{Resource: w.thing["whole"]}); !slices.Equal(got, ids) {
			t.Errorf("of a mailbox: %v", got)
		}
		for _, q := range []grant.ChangeSetQuery{{Size: grant.MaxSets + 1}, {Size: -1}, {Page: -1}, {Page: 1 << 40}} {
			_, err := w.grants.ChangeSets(w.Context(), w.as("claire"), w.a, q)
			w.refused("query", err, grant.ErrQuery)
		}
		_, err := w.grants.ChangeSets(w.Context(), w.as("julie"), w.a, grant.ChangeSetQuery{})
		w.refused("julie", err, access.ErrForbidden)
	})
}
