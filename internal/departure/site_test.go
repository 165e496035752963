package departure_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

const (
	before = "task2 appointment1 levels1 received2 given1 things3 administerstrue"
	after  = "task2 appointment1 levels0 received0 given0 things0 administersfalse"
)

// OFF-4: one act ends everything at the site; what nobody takes over is closed (OFF-3), work items
// stay in the person's hands, and nothing elsewhere is touched.
func TestRemoveFromSite(t *testing.T) {
	eachSites(t, func(w *sites) {
		if got := w.held(); got != before {
			t.Fatalf("before: %s", got)
		}
		v, err := w.removals.Preview(t.Context(), w.as("nadege"), w.a, w.id["julie"], w.site["A1"])
		w.Must(err)
		if v.Last || !v.NeedsStepUp || v.Blocked != nil || v.Levels != 1 || v.Received != 2 || v.Given != 1 || len(v.Roles) != 1 ||
			len(v.Unmanaged) != 1 || v.Unmanaged[0].ID != w.thing["room"] || len(v.LevelLines) != 1 || len(v.Delegations) != 3 || len(v.Holdings) != 5 {
			t.Errorf("%+v", v)
		}
		for _, h := range v.Holdings {
			names := map[bool][]string{}
			for _, p := range h.People {
				names[true] = append(names[true], p.Name)
			}
			if !h.May || !slices.Contains(names[true], "Paul Essai") || slices.Contains(names[true], "Marc Essai") ||
				(h.Object != "task" && slices.Contains(names[true], "Lise Essai")) {
				t.Errorf("%s %s: %v", h.What, h.Object, names[true])
			}
		}
		sheet, err := w.remove("nadege", departure.SiteOrder{Version: v.Member.Version})
		w.Must(err)
		if got := w.held(); got != after || len(sheet.Sites) != 0 { // nadege knows of A1 alone
			t.Errorf("after: %s, %v", got, sheet.Sites)
		}
		for thing, want := range map[string]resource.Status{"agenda": resource.Closed, "mailbox": resource.Closed, "name": resource.Closed,
			"elsewhere": resource.Active, "room": resource.Active, "service": resource.Active} {
			if got, _ := w.status(thing); got != want {
				t.Errorf("%s is %s", thing, got)
			}
		}
		w.elsewhere()
		if _, err := w.remove("claire", departure.SiteOrder{}); !errors.Is(err, member.ErrNotOfSite) {
			t.Errorf("twice: %v", err)
		}
	})
}

// elsewhere fails unless julie has at A2 and in the organisation what she had.
func (w *sites) elsewhere() {
	w.Helper()
	err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		at, err := grant.HeldAtSite(w.Context(), tx, w.a, w.id["julie"], w.site["A2"])
		if len(at.Levels) != 1 {
			w.Errorf("A2: %+v", at)
		}
		var groups int
		e := tx.QueryRow(w.Context(), `select count(*) from record_group_member where member_id = $1 and known_until is null`, w.id["julie"]).Scan(&groups)
		if groups != 1 {
			w.Error("the group, which is of the whole organisation, has gone")
		}
		return errors.Join(err, e)
	})
	w.Must(err)
}

// OFF-1, OFF-4: what is handed over goes to somebody of the site, in the same act; others are refused
// with their line, and then nothing is done.
func TestHandOverAtSite(t *testing.T) {
	eachSites(t, func(w *sites) {
		choose := func(what departure.What, object, to string) departure.Choice {
			return departure.Choice{What: what, Object: object, To: w.id[to]}
		}
		agenda := w.thing["agenda"].String()
		for name, c := range map[string]struct {
			choice      departure.Choice
			field, code string
		}{
			"of another site":     {choose(departure.Resource, agenda, "marc"), "to", "resource.receiver"},
			"no practitioner":     {choose(departure.Resource, agenda, "lise"), "to", "resource.receiver"},
			"themself":            {choose(departure.Resource, agenda, "julie"), "to", "resource.receiver"},
			"of another":          {choose(departure.Resource, agenda, "odile"), "to", "resource.receiver"},
			"not theirs":          {choose(departure.Resource, w.thing["room"].String(), "paul"), "what", "site_removal.not_held"},
			"elsewhere":           {choose(departure.Resource, w.thing["elsewhere"].String(), "paul"), "what", "site_removal.not_held"},
			"appointment":         {choose(departure.Work, "appointment", "lise"), "to", "workitem.receiver_practitioner"},
			"work of no kind":     {choose(departure.Work, "nothing", "paul"), "what", "site_removal.not_held"},
			"none of that kind":   {choose(departure.Work, "invoice", "paul"), "to", "workitem.nothing_held"},
			"what is not at site": {choose(departure.Webhook, "x", "paul"), "what", "site_removal.not_held"},
		} {
			_, err := w.remove("claire", departure.SiteOrder{Choices: []departure.Choice{c.choice}})
			f := fault.Of(err)
			if err == nil || len(f.Fields) != 1 || f.Fields[0].Location != "reassignments[0]."+c.field || f.Fields[0].Code != c.code {
				t.Errorf("%s: %v %+v", name, err, f)
			}
		}
		// Who edits members alone closes nothing (TestWhoCloses), and hands nothing over (RGT-1).
		w.Must(w.withdraw())
		_, err := w.remove("edith", departure.SiteOrder{Choices: []departure.Choice{choose(departure.Resource, agenda, "paul"), choose(departure.Work, "task", "lise")}})
		if f := fault.Of(err); err == nil || len(f.Fields) != 2 || f.Fields[0].Code != "role.above_yours" || f.Fields[1].Code != "role.above_yours" {
			t.Errorf("edith: %v %v", err, f)
		}
		if got := w.held(); got != strings.Replace(before, "true", "false", 1) {
			t.Fatalf("half done: %s", got)
		}
		_, err = w.remove("claire", departure.SiteOrder{Choices: []departure.Choice{
			choose(departure.Resource, agenda, "paul"), choose(departure.Work, "task", "lise"), choose(departure.Work, "appointment", "paul"),
			{What: departure.Resource, Object: w.thing["mailbox"].String()},
		}})
		w.Must(err)
		if got := w.held(); got != strings.Replace(after, "task2 appointment1 ", "", 1) {
			t.Errorf("after: %s", got)
		}
		if s, h := w.status("agenda"); s != resource.Active || h != w.id["paul"] {
			t.Errorf("agenda %s %s", s, h)
		}
		if s, _ := w.status("mailbox"); s != resource.Closed {
			t.Errorf("mailbox %s", s)
		}
		w.elsewhere()
	})
}

// OFF-1: a kind of which there is more than one batch goes whole, in the act.
func TestManyHandedOver(t *testing.T) {
	eachSites(t, func(w *sites) {
		lines := make([]workitem.Line, workitem.MaxTogether)
		for n := range workitem.MaxMoved / workitem.MaxTogether {
			for i := range lines {
				ref := workitem.Ref{Source: "many", External: fmt.Sprint(n, "/", i)}
				lines[i] = workitem.Line{Ref: ref, Details: workitem.Details{Kind: workitem.Task, Site: w.site["A1"], Owner: w.id["julie"]}}
			}
			_, err := w.items.RegisterMany(t.Context(), w.as("claire"), w.a, lines)
			w.Must(err)
		}
		_, err := w.remove("claire", departure.SiteOrder{Choices: []departure.Choice{{What: departure.Work, Object: "task", To: w.id["lise"]}}})
		w.Must(err)
		if got := w.held(); got != strings.Replace(after, "task2 ", "", 1) {
			t.Errorf("after: %s", got)
		}
	})
}

// withdraw takes julie's administration of A1, so that others may remove her.
func (w *sites) withdraw() error {
	_, err := w.members.Withdraw(w.Context(), w.as("claire"), w.id["julie"], access.SiteScope(w.a, w.site["A1"]), 0)
	if err != nil {
		return err
	}
	sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a, w.id["julie"])
	if err != nil {
		return err
	}
	var drop []member.GivenPermission
	for _, p := range sheet.Permissions {
		drop = append(drop, member.GivenPermission{Permission: p.Permission, Scope: p.Scope})
	}
	_, err = w.members.ChangeRights(w.Context(), w.as("claire"), w.a, w.id["julie"], member.RightsChange{DropPermissions: drop}, 0)
	return err
}

// RGT-1, rules.md 6: a removal closes and hands over only by who may change rights there, with a
// fresh proof, and its page says so beforehand; where nothing is held, it takes neither.
func TestWhoCloses(t *testing.T) {
	eachSites(t, func(w *sites) {
		w.Must(w.withdraw())
		unproven := w.as("claire")
		unproven.StepUp = time.Time{}
		attempt := func(by access.Actor, o departure.SiteOrder) error {
			_, err := w.removals.Remove(t.Context(), by, w.a, w.id["julie"], w.site["A1"], o)
			return err
		}
		preview := func(by string) departure.SiteView {
			v, err := w.removals.Preview(t.Context(), w.as(by), w.a, w.id["julie"], w.site["A1"])
			w.Must(err)
			return v
		}
		if v := preview("edith"); v.Administers || !v.NeedsStepUp || v.Blocked == nil || v.Blocked.Code != "site_removal.rights" || v.Blocked.Args["Count"] != 3 {
			t.Errorf("edith is told: %+v", v)
		}
		if v := preview("claire"); v.Administers || !v.NeedsStepUp || v.Blocked != nil {
			t.Errorf("claire is told: %+v", v)
		}
		work := departure.SiteOrder{Choices: []departure.Choice{{What: departure.Work, Object: "task", To: w.id["lise"]}}}
		for _, o := range []departure.SiteOrder{{}, work} {
			if err := attempt(unproven, o); !errors.Is(err, access.ErrStepUp) {
				t.Errorf("without a fresh proof: %v", err)
			}
		}
		if err := attempt(w.as("edith"), departure.SiteOrder{}); !errors.Is(err, departure.ErrRights) {
			t.Errorf("edith: %v", err)
		}
		if got := w.held(); got != strings.Replace(before, "true", "false", 1) {
			t.Fatalf("half done: %s", got)
		}
		for _, thing := range []string{"agenda", "mailbox", "name"} {
			_, err := w.things.Close(t.Context(), w.as("claire"), w.a, w.thing[thing], resource.AnyVersion)
			w.Must(err)
		}
		if v := preview("edith"); v.NeedsStepUp || v.Blocked != nil {
			t.Errorf("of nothing held: %+v", v)
		}
		if err := attempt(unproven, work); !errors.Is(err, access.ErrStepUp) {
			t.Errorf("work without a fresh proof: %v", err)
		}
		edith := w.as("edith")
		edith.StepUp = time.Time{}
		w.Must(attempt(edith, departure.SiteOrder{}))
	})
}

// OFF-4: every door by which a belonging to a site ends keeps the same rule: with an agenda of
// theirs there it is refused with words, and without it ends the same things.
func TestEveryDoorOfASite(t *testing.T) {
	eachSites(t, func(w *sites) {
		ctx, claire, julie, a1 := t.Context(), w.as("claire"), w.id["julie"], w.site["A1"]
		drop := member.RightsChange{DropSites: []ident.Site{a1}}
		_, err := w.members.RemoveSite(ctx, claire, w.a, julie, a1, 0)
		_, err2 := w.members.ChangeRights(ctx, claire, w.a, julie, drop, 0)
		_, err3 := w.members.PreviewRights(ctx, claire, w.a, julie, drop, 0)
		err4 := w.members.CloseSite(ctx, claire, w.a, a1)
		for _, e := range []error{err, err2, err3} {
			if !errors.Is(e, departure.ErrHolds) {
				t.Errorf("site_removal.holds: %v", e)
			}
		}
		if !errors.Is(err4, org.ErrSiteNotClosing) {
			t.Errorf("close: %v", err4)
		}
		if got := w.held(); got != before {
			t.Fatalf("half done: %s", got)
		}
		for _, thing := range []string{"agenda", "mailbox", "name"} {
			_, err := w.things.Close(ctx, claire, w.a, w.thing[thing], resource.AnyVersion)
			w.Must(err)
		}
		p, err := w.members.PreviewRights(ctx, claire, w.a, julie, drop, 0)
		w.Must(err)
		if !slices.ContainsFunc(p.Warnings, func(x changeset.Warning) bool { return x.Code == "ends_at_site" && x.Args[1] == 4 }) {
			t.Errorf("%+v", p.Warnings)
		}
		_, err = w.members.ChangeRights(ctx, claire, w.a, julie, drop, 0)
		w.Must(err)
		if got := w.held(); got != after {
			t.Errorf("after: %s", got)
		}
		w.elsewhere()
	})
}

// OFF-4: the removal is one change set, and is undone like any other: what was handed over or closed
// stays, and is told.
func TestUndoRemoval(t *testing.T) {
	eachSites(t, func(w *sites) {
		_, err := w.remove("claire", departure.SiteOrder{Choices: []departure.Choice{{What: departure.Work, Object: "task", To: w.id["lise"]}}})
		w.Must(err)
		set, err := w.grants.Undo(t.Context(), w.as("claire"), w.a, w.latest())
		w.Must(err)
		if got := w.held(); got != "appointment1 levels1 received2 given0 things0 administerstrue" {
			t.Errorf("undone: %s", got)
		}
		if len(set.Stays) != 1 || set.Stays[0].Why != changeset.ObjectGone || set.Stays[0].Domain != changeset.Delegation {
			t.Errorf("stays: %+v", set.Stays)
		}
		for _, warning := range set.Warnings {
			if warning.Code == "elsewhere" {
				t.Errorf("the site was given back first: %+v", warning)
			}
		}
	})
}

// ORG-4, AUZ-01, AUZ-05, AUZ-06, rules.md 6: who may not, does not, and learns nothing; the last
// administrator stays; an administrator goes only by a fresh proof; a stale page does nothing.
func TestWhoMayRemove(t *testing.T) {
	eachSites(t, func(w *sites) {
		ctx := t.Context()
		stale := w.as("claire")
		stale.StepUp = time.Time{}
		for name, c := range map[string]struct {
			by   access.Actor
			of   string
			site string
			want error
		}{
			"another organisation":   {w.as("odile"), "julie", "A1", access.ErrNotFound},
			"nobody's administrator": {w.as("lise"), "paul", "A1", access.ErrForbidden},
			"a superior":             {w.as("edith"), "julie", "A1", member.ErrMorePowerful},
			"elsewhere":              {w.as("nadege"), "julie", "A2", org.ErrNoSuchSite},
			"not seen":               {w.as("nadege"), "marc", "A1", member.ErrNotFound},
			"their only site":        {w.as("claire"), "paul", "A1", member.ErrLastSite},
			"the last administrator": {w.as("claire"), "claire", "A2", member.ErrLastAdministrator},
			"without a fresh proof":  {stale, "julie", "A1", access.ErrStepUp},
		} {
			if _, err := w.removals.Remove(ctx, c.by, w.a, w.id[c.of], w.site[c.site], departure.SiteOrder{}); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			v, err := w.removals.Preview(ctx, c.by, w.a, w.id[c.of], w.site[c.site])
			switch {
			case errors.Is(c.want, member.ErrLastSite):
				if err != nil || !v.Last {
					t.Errorf("%s: preview %v %v", name, v.Last, err)
				}
			case errors.Is(c.want, member.ErrLastAdministrator):
				if err != nil || v.Blocked == nil || v.Blocked.Code != member.ErrLastAdministrator.Code || v.Blocked.Args["Name"] != "A2" {
					t.Errorf("%s: preview %v %v", name, v.Blocked, err)
				}
			case errors.Is(c.want, access.ErrStepUp):
			case !errors.Is(err, c.want):
				t.Errorf("%s: preview %v, want %v", name, err, c.want)
			}
		}
		if _, err := w.remove("claire", departure.SiteOrder{Version: 99}); !errors.Is(err, member.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		// Who may read no rights there is told how many end, and not which (AUZ-06).
		w.Must(w.withdraw())
		v, err := w.removals.Preview(ctx, w.as("edith"), w.a, w.id["julie"], w.site["A1"])
		w.Must(err)
		if v.Levels != 1 || len(v.LevelLines)+len(v.Delegations) != 0 || len(v.Holdings) != 3 || v.Holdings[0].May {
			t.Errorf("%+v", v)
		}
	})
}

// RAC-01, ORG-4: two administrators of a site removed at the same moment: one stays.
func TestRemovedTogether(t *testing.T) {
	eachSites(t, func(w *sites) {
		ctx := context.WithoutCancel(t.Context())
		_, err := w.members.AddSite(ctx, w.as("claire"), w.a, w.id["nadege"], w.site["A2"], 0)
		w.Must(err)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var errs []error
		for _, name := range []string{"claire", "nadege", "julie"} {
			wg.Go(func() {
				_, err := w.removals.Remove(ctx, w.as("claire"), w.a, w.id[name], w.site["A1"], departure.SiteOrder{})
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			})
		}
		wg.Wait()
		refused := 0
		for _, err := range errs {
			if errors.Is(err, member.ErrLastAdministrator) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != 1 {
			t.Errorf("%v", errs)
		}
	})
}

// OFF-4, undo: what was lost before the person left the site is not given back there by undoing that
// older change, and is told; once they are back at the site, it is.
func TestUndoAfterRemoval(t *testing.T) {
	eachSites(t, func(w *sites) {
		level, err := w.grants.Apply(t.Context(), w.as("claire"), w.a, grant.Wanted{Changes: []grant.Change{
			{Member: w.id["julie"], Resource: w.thing["room"], Level: grant.Read}, {Member: w.id["julie"], Resource: w.thing["room2"], Level: grant.None},
		}})
		w.Must(err)
		given, err := w.names.List(t.Context(), w.as("claire"), w.a, grant.DelegationQuery{Member: w.id["julie"]})
		w.Must(err)
		for _, d := range given.List {
			w.Must(w.names.End(t.Context(), w.as("claire"), w.a, d.ID))
		}
		ended := w.latest()
		_, err = w.remove("claire", departure.SiteOrder{})
		w.Must(err)
		preview, err := w.grants.PreviewUndo(t.Context(), w.as("claire"), w.a, level.ID)
		w.Must(err)
		if len(preview.Lines) != 1 || len(preview.Stays) != 1 || preview.Stays[0].Why != changeset.NotAtSite {
			t.Errorf("%+v, stays: %+v", preview.Lines, preview.Stays)
		}
		_, err = w.grants.Undo(t.Context(), w.as("claire"), w.a, ended)
		if !errors.Is(err, grant.ErrNothingStands) {
			t.Errorf("the delegation: %v", err)
		}
		_, err = w.grants.Undo(t.Context(), w.as("claire"), w.a, level.ID)
		w.Must(err)
		w.elsewhere()
		if got := w.held(); got != after {
			t.Errorf("undone: %s", got)
		}
		_, err = w.members.AddSite(t.Context(), w.as("claire"), w.a, w.id["julie"], w.site["A1"], 0)
		w.Must(err)
		set, err := w.grants.Undo(t.Context(), w.as("claire"), w.a, ended)
		w.Must(err)
		if len(set.Rights) != 1 || len(set.Stays) != 0 {
			t.Errorf("back at the site: %+v", set)
		}
	})
}

// OFF-4, resource.holder_moved: what was closed with its holder's removal is not in use again while
// they are away from its site.
func TestReopenAfterRemoval(t *testing.T) {
	eachSites(t, func(w *sites) {
		_, err := w.remove("claire", departure.SiteOrder{})
		w.Must(err)
		_, err = w.things.Reopen(t.Context(), w.as("claire"), w.a, w.thing["agenda"], 0)
		if !errors.Is(err, resource.ErrHolderMoved) {
			t.Errorf("away: %v", err)
		}
		_, err = w.members.AddSite(t.Context(), w.as("claire"), w.a, w.id["julie"], w.site["A1"], 0)
		w.Must(err)
		v, err := w.things.Reopen(t.Context(), w.as("claire"), w.a, w.thing["agenda"], 0)
		if err != nil || v.Status != resource.Active || v.Holder != w.id["julie"] {
			t.Errorf("back: %+v %v", v, err)
		}
	})
}

// latest is the last change set made.
func (w *sites) latest() (id ident.ChangeSet) {
	w.Helper()
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select id from change_set where org_id = $1 order by made_at desc, id desc limit 1`, w.a).Scan(&id)
	}))
	return id
}
