package departure_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// setOf is the change set of paul's departure.
func (w *world) setOf() ident.ChangeSet {
	w.Helper()
	var id ident.ChangeSet
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select change_set_id from departure where member_id = $1`, w.id["paul"]).Scan(&id)
	}))
	return id
}

// OFF-6, grant.part_of_departure: what ended with a departure comes back with the departure alone.
func TestSetOfDeparture(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state()
		_, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		w.sweep()
		_, err = w.grants.Undo(w.Context(), w.as("claire"), w.a, w.setOf())
		w.Want("by its page", err, grant.ErrPartOf)
		_, err = w.grants.PreviewUndo(w.Context(), w.as("claire"), w.a, w.setOf())
		w.Want("seen before", err, grant.ErrPartOf)
		set, err := w.grants.ChangeSet(w.Context(), w.as("claire"), w.a, w.setOf())
		if w.Must(err); set.MayUndo {
			t.Error("the page offers it")
		}
		_, err = w.undo("claire")
		w.Must(err)
		w.sweep()
		if after := w.state(); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
	})
}

// OFF-6: rights that somebody gave back before are not silently left out: each is listed.
func TestSetUndoneBefore(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.Exec(`update change_set set undone_by_id = id where id = $1`, w.setOf())
		lines := w.Count(`select count(*) from change_line where change_set_id = $1`, w.setOf())
		_, err = w.undo("claire")
		w.Must(err)
		n := 0
		for _, s := range w.view("claire").Stays {
			switch s.What {
			case "level", "delegation", "group_member":
				n++
				if s.Code != "changed" || s.Name == "" {
					t.Errorf("%+v", s)
				}
			}
		}
		if lines < 5 || n != lines {
			t.Errorf("%d of %d are listed", n, lines)
		}
	})
}

// atNord gives somebody everything at nord, but what is named.
func (w *world) atNord(name string, but ...access.Permission) {
	w.Helper()
	w.give(name, access.SiteScope(w.a, w.site["nord"]), but...)
}

// AUZ-06: whoever administers a site learns neither the ID nor the name of a receiver of another
// site, nor of whoever may give what they may not.
func TestReceiversElsewhere(t *testing.T) {
	eachWorld(t, func(w *world) {
		due := w.DB.Now().Add(240 * time.Hour)
		_, err := w.items.RegisterMany(w.Context(), w.as("claire"), w.a, []workitem.Line{{
			Ref: workitem.Ref{Source: "agenda", External: "anywhere"}, Details: workitem.Details{Kind: workitem.Task, Owner: w.id["weber"], Due: &due},
		}})
		w.Must(err)
		for _, site := range []string{"nord", ""} {
			w.Must(errOf(w.things.Create(w.Context(), w.as("claire"), w.a, resource.Identity, resource.Details{
				Site: w.site[site], Kind: resource.OfPractitioner, Name: "Weber " + site, Holder: w.id["weber"],
			})))
		}
		w.atNord("julie")
		o := order("weber", w.to(departure.Work, "task", "marc"))
		o.Day = w.inDays(3)
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["weber"], o)
		w.Must(err)
		_, err = w.members.Get(w.Context(), w.as("julie"), w.a, w.id["marc"])
		w.Want("julie knows nothing of marc", err, member.ErrNotFound)
		w.tells("planned", "julie", "claire")
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		w.tells("done", "julie", "claire")
	})
}

// tells checks what one who administers a site, and one who administers all, are told of the receiver
// of the tasks of weber, marc.
func (w *world) tells(when, site, all string) {
	w.Helper()
	for name, knows := range map[string]bool{site: false, all: true} {
		v, err := w.d.Preview(w.Context(), w.as(name), w.a, w.id["weber"])
		w.Must(err)
		h := line(v, departure.Work, "task")
		if (h.To == w.id["marc"]) != knows || (h.ToName == full("marc")) != knows || (!knows && !h.To.IsZero()) || h.State == departure.NotChosen {
			w.Errorf("%s, %s: %+v", when, name, h)
		}
		named := false
		for _, s := range v.Steps {
			named = named || strings.Contains(s.ToName, "Marc")
		}
		if named != (knows && len(v.Steps) > 0) {
			w.Errorf("%s, %s: %+v", when, name, v.Steps)
		}
		for _, h := range v.Holdings {
			if len(h.Who) > 0 {
				w.Errorf("%s, %s: who may is %q", when, name, h.Who)
			}
		}
	}
}

// OFF-3, workitem.owner: no application gives somebody who left an open item, of which nobody could
// dispose.
func TestReopenedItem(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.Exec(`update work_item set state = 'done', version = 2 where external_id = 'paul-task-0'`)
		w.Exec(`update work_item_count set items = items - 1 where owner_id = $1 and kind = 'task'`, w.id["paul"])
		_, err := w.start("claire", order("paul", w.succeeds(), w.to(departure.Work, "task", "lise")))
		w.Must(err)
		w.sweep()
		due := w.DB.Now().Add(240 * time.Hour)
		again := func(owner string) error {
			_, err := w.items.Register(w.Context(), w.as("claire"), w.a, workitem.Line{
				Ref: workitem.Ref{Source: "agenda", External: "paul-task-0"}, Version: 2,
				Details: workitem.Details{Kind: workitem.Task, Owner: w.id[owner], Site: w.site["nord"], Due: &due, State: workitem.Open},
			})
			return err
		}
		w.Wrong("of who left", again("paul"), "owner workitem.owner")
		w.Must(again("lise"))
	})
}

// OFF-3, resource.holder_left: nothing is in use whose holder has left; handing it over opens it.
func TestReopenedAgenda(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		_, err = w.things.Reopen(w.Context(), w.as("claire"), w.a, w.thing["agenda1"], resource.AnyVersion)
		w.Want("without its holder", err, resource.ErrHolderLeft)
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{
			w.to(departure.Resource, w.thing["agenda1"].String(), "weber"),
		})
		w.Must(err)
		w.sweep()
		if got := w.holder("agenda1"); got != "weber active" {
			t.Error(got)
		}
		w.Must(errOf(w.things.Close(w.Context(), w.as("claire"), w.a, w.thing["agenda1"], resource.AnyVersion)))
		w.Must(errOf(w.things.Reopen(w.Context(), w.as("claire"), w.a, w.thing["agenda1"], resource.AnyVersion)))
	})
}

func errOf[T any](_ T, err error) error { return err }

// OFF-6: an access of the receiver that ended because an agenda became theirs is listed when it is
// theirs no more; one that they did not have is not.
func TestReceiverHadAccess(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.Must(errOf(w.grants.Apply(w.Context(), w.as("claire"), w.a, grant.Wanted{Changes: []grant.Change{
			{Member: w.id["weber"], Resource: w.thing["agenda1"], Level: grant.Manage},
		}})))
		_, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		w.sweep()
		_, err = w.undo("claire")
		w.Must(err)
		n := 0
		for _, s := range w.view("claire").Stays {
			if s.What == "level" {
				n++
				if s.Name != "agenda1" || s.Code != "receiver" {
					t.Errorf("%+v", s)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d are listed", n)
		}
	})
}

// RGT-1: whoever hands an endpoint over holds webhooks.edit; others are told who may.
func TestEndpointGiver(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		for _, table := range []string{"member_role", "member_permission"} {
			w.Exec(`delete from `+table+` where member_id = $1`, w.id["paul"]) // marc must be over him
		}
		w.give("marc", access.OrgScope(w.a), access.WebhooksEdit)
		hook := w.to(departure.Webhook, w.hook.String(), "claire")
		_, err := w.start("marc", order("paul", hook))
		w.Wrong("without webhooks.edit", err, "reassignments[0].to "+access.ErrForbidden.Code)
		h := line(w.view("marc"), departure.Webhook, w.hook.String())
		if h.May || len(h.Who) == 0 || len(h.People) > 0 {
			t.Errorf("%+v", h)
		}
		if h := line(w.view("claire"), departure.Webhook, w.hook.String()); !h.May || len(h.People) == 0 {
			t.Errorf("%+v", h)
		}
	})
}

// give gives somebody every permission at a scope, but what is named.
func (w *world) give(name string, at access.Scope, but ...access.Permission) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		var list []member.GivenPermission
		for _, p := range access.Catalogue() {
			if !slices.Contains(but, p) {
				list = append(list, member.GivenPermission{Permission: p, Scope: at})
			}
		}
		return member.Give(ctx, tx, member.Gift{Org: w.a, Member: w.id[name], Permissions: list, By: "test"})
	})
}

// OFF-3, resource.changed_since: what was changed since waits, and the reason has its words.
func TestChangedSinceWaits(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.Exec(`update departure_choice set version = version + 1 where object = $1`, w.thing["agenda1"])
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{
			w.to(departure.Resource, w.thing["agenda1"].String(), "weber"),
		})
		w.Must(err)
		w.sweep()
		h := line(w.view("claire"), departure.Resource, w.thing["agenda1"].String())
		if h.State != departure.Waits || h.Why != resource.ErrChangedSince.Code || !text.For(text.FR).Has("fault."+h.Why) {
			t.Errorf("%+v", h)
		}
	})
}

// OFF-6: hidden tasks that the application has made again meanwhile cannot be given: they are not
// offered, and nothing says that they were given.
func TestStuckTasks(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.Exec(`update work_item_sealed set external_id = 'lise-task-0' where external_id = 'paul-task-0'`)
		hand := func() error {
			_, err := w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Work, "task", "julie")})
			return err
		}
		if h := line(w.view("claire"), departure.Work, "task"); h.Items != 39 {
			t.Errorf("%+v", h)
		}
		w.Must(hand())
		w.sweep()
		if w.owned("julie", workitem.Task) != 39 {
			t.Error(w.owned("julie", workitem.Task))
		}
		w.Wrong("the one that is left", hand(), "reassignments[0].what "+departure.ErrNotHeld.Code)
		w.clock.Add(departure.UndoFor)
		w.sweep()
		if w.Count(`select count(*) from work_item_sealed`) != 0 || w.Count(`select count(*) from departure where state = 'erased'`) != 1 {
			t.Error("it is kept")
		}
	})
}

// OFF-6: however much is hidden, it is erased by blocks, each a recorded step, and told as one.
func TestErasedByBlocks(t *testing.T) {
	eachWorld(t, func(w *world) {
		const n = 2_500
		w.Exec(`with recursive k(i) as (select 1 union all select i + 1 from k where i < 2500)
			insert into work_item (org_id, no, source, external_id, kind, title, owner_id, site_id, due_at, state, version, created_at, changed_at)
			select $1, i, 'agenda', cast(i as text), 'task', '', $2, $3, $4, 'open', 1, $4, $4 from k`, w.a, w.id["paul"], w.site["nord"], w.DB.Now())
		w.Exec(`insert into work_item_total (org_id, items, last_no) values ($1, $2, $2)`, w.a, n)
		w.Exec(`insert into work_item_count (org_id, owner_id, kind, items) values ($1, $2, 'task', $3)`, w.a, w.id["paul"], n)
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.clock.Add(departure.UndoFor)
		w.sweep()
		if left := w.Count(`select count(*) from work_item_sealed`); left != 0 {
			t.Errorf("%d are left", left)
		}
		if got := w.Count(`select count(*) from departure_step where stage = 'erase'`); got != 2 {
			t.Errorf("%d blocks", got)
		}
		if w.trail("departure.erase") != 1 || w.Count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
			where e.verb = 'departure.erase' and p.payload like '%2500%'`) != 1 {
			t.Error("it is not told as one")
		}
	})
}
