package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/ident"
)

// ward is two agendas and a mailbox of A1, one agenda of A2, and people.
type ward struct {
	*world
	room, echo, desk, far, julie, tina, bruno string
}

func eachWard(t *testing.T, fn func(w *ward)) {
	t.Helper()
	each(t, func(base *world) {
		w := &ward{world: base}
		ctx, c := t.Context(), base.bruno.rest()
		agenda := func(name, site string) string {
			v, err := c.CreateAgenda(ctx, "tilleuls", rest.NewResource{Site: site, Kind: "room", Name: name})
			w.good(err)
			return v.ID
		}
		w.room, w.echo, w.far = agenda("Salle", w.a1), agenda("Échographie", w.a1), agenda("Annexe", w.a2)
		v, err := c.CreateMessagingProfile(ctx, "tilleuls", rest.NewResource{Site: w.a1, Kind: "service", Name: "Accueil"})
		w.good(err)
		w.desk = v.ID
		w.julie, w.tina, w.bruno = w.member("julie@tilleuls.example"), w.member("tina@tilleuls.example"), w.member("bruno@tilleuls.example")
		fn(w)
	})
}

func changes(list ...rest.LevelChange) rest.WantedRights { return rest.WantedRights{Changes: list} }

// RGT-2 to RGT-5, RGT-8, RGT-10: levels through the client: looked at beforehand, changed,
// cloned, read back with their sources, undone.
func TestChangeRights(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c := t.Context(), w.world.bruno.rest()
		until := w.db.Now().AddDate(0, 1, 0)
		wanted := changes(rest.LevelChange{Member: w.julie, Resource: w.room, Level: "read", Until: &until}, rest.LevelChange{Member: w.julie, Resource: w.desk, Level: "reply"})
		wanted.Reason, wanted.DryRun = "Accueil du matin", true
		seen, err := c.ChangeRights(ctx, "tilleuls", wanted)
		w.good(err)
		if seen.ID != nil || seen.MadeAt != nil || len(seen.Lines) != 2 || seen.Lines[0].Before.Level != "none" || !seen.Lines[0].After.Until.Equal(until) ||
			len(seen.Warnings) != 1 || seen.Warnings[0].Code != "sees_patients" || !strings.HasPrefix(seen.Warnings[0].Detail, "Julie Delmas verra") {
			t.Errorf("%+v", seen)
		}
		wanted.DryRun = false
		set, err := c.ChangeRights(ctx, "tilleuls", wanted)
		w.good(err)
		if set.ID == nil || set.Changes != 2 || set.People != 1 || !set.MayUndo || set.Reason != wanted.Reason || set.MadeBy == "" || set.UndoUntil == nil {
			t.Errorf("%+v", set)
		}
		same, err := c.ChangeRights(ctx, "tilleuls", changes(rest.LevelChange{Member: w.julie, Resource: w.desk, Level: "reply"}))
		w.good(err)
		if same.ID != nil || len(same.Lines) != 0 {
			t.Errorf("nothing changes: %+v", same)
		}
		clone, err := c.ChangeRights(ctx, "tilleuls", rest.WantedRights{
			Clone:   &rest.CloneRights{From: w.julie, To: []string{w.tina}, Domains: []string{"messaging", "agendas"}},
			Changes: []rest.LevelChange{{Member: w.tina, Resource: w.echo, Level: "manage"}},
		})
		w.good(err)
		if clone.Kind != "clone" || clone.Changes != 3 {
			t.Errorf("%+v", clone)
		}
		rights, err := c.GetMemberRights(ctx, "tilleuls", w.tina)
		w.good(err)
		if len(rights.Levels) != 3 || rights.Levels[0].Name != "Échographie" || rights.Levels[0].Level != "manage" || rights.Levels[0].Source != "grant" ||
			!rights.InForce || len(rights.Roles) != 1 || rights.Roles[0].BuiltIn != "administrator" {
			t.Errorf("%+v", rights)
		}
		access, err := c.GetAgendaAccess(ctx, "tilleuls", w.room, rest.Moment{})
		w.good(err)
		if len(access.Entries) != 2 || access.Entries[0].Name != "Julie Delmas" || !access.Entries[0].InForce || !access.MayEdit {
			t.Errorf("%+v", access)
		}
		before, err := c.GetMessagingProfileAccess(ctx, "tilleuls", w.desk, rest.Moment{At: set.MadeAt.Add(-time.Second)})
		w.good(err)
		if len(before.Entries) != 0 {
			t.Errorf("a past moment: %+v", before)
		}
		seen, err = c.PreviewUndo(ctx, "tilleuls", *set.ID)
		w.good(err)
		undo, err := c.UndoChangeSet(ctx, "tilleuls", *set.ID)
		w.good(err)
		if seen.ID != nil || len(undo.Lines) != 2 || undo.Kind != "undo" || *undo.Undoes != *set.ID || len(seen.Lines) != 2 {
			t.Errorf("%+v %+v", seen, undo)
		}
		_, err = c.UndoChangeSet(ctx, "tilleuls", *set.ID)
		w.refusedBy(err, 409, "grant.undone")
		again, err := c.GetChangeSet(ctx, "tilleuls", *set.ID)
		w.good(err)
		if *again.UndoneBy != *undo.ID || again.MayUndo || len(again.Lines) != 2 {
			t.Errorf("%+v", again)
		}
		list := collect(w.world, c.ChangeSets(ctx, "tilleuls", rest.ChangeSetQuery{Paging: rest.Paging{Limit: 1}}))
		if len(list) != 3 || *list[0].ID != *undo.ID || list[1].Changes != 3 || len(list[1].Lines) != 0 {
			t.Errorf("%+v", list)
		}
		of := collect(w.world, c.ChangeSets(ctx, "tilleuls", rest.ChangeSetQuery{Member: w.tina, Resource: w.echo}))
		if len(of) != 1 || *of[0].ID != *clone.ID {
			t.Errorf("%+v", of)
		}
	})
}

// Every refusal names its line; what belongs elsewhere is not there (AUZ-01, AUZ-02, AUZ-04,
// AUZ-06); who changed a cell meanwhile is not overwritten (RAC-07).
func TestChangeRightsRefusals(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c, site := t.Context(), w.world.bruno.rest(), w.world.tina.rest()
		yesterday, far := w.db.Now().AddDate(0, 0, -3), w.db.Now().AddDate(11, 0, 0)
		cell := func(member, resource, level string) rest.LevelChange {
			return rest.LevelChange{Member: member, Resource: resource, Level: level}
		}
		stale := cell(w.julie, w.room, "manage")
		stale.Was = to("read")
		dated := cell(w.julie, w.echo, "read")
		dated.From, dated.Until = &yesterday, &far
		for _, r := range []struct {
			by     *rest.Client
			w      rest.WantedRights
			status int
			code   string
			points []string
		}{
			{c, changes(cell(w.julie, w.room, "read"), cell(ident.NewMember().String(), w.room, "read")), 404, "grant.unknown", []string{"body.changes[1].member member.not_found"}},
			{site, changes(cell(w.julie, w.far, "read")), 404, "grant.unknown", []string{"body.changes[0].resource resource.not_found"}},
			{c, changes(cell(w.julie, w.room, "reply")), 422, "invalid", []string{"body.changes[0].level grant.level_unknown"}},
			{c, changes(dated), 422, "invalid", []string{"body.changes[0].from grant.starts_in_past"}},
			{c, changes(cell(w.julie, w.echo, "read"), stale), 409, "grant.changed_meanwhile", []string{"body.changes[1] grant.cell_changed"}},
			{c, rest.WantedRights{Clone: &rest.CloneRights{From: w.julie, To: []string{w.julie}, Domains: []string{"agendas"}}}, 422, "invalid", []string{"body.clone.to grant.clone_self"}},
			{w.world.julie.rest(), changes(cell(w.julie, w.room, "read")), 403, "access.forbidden", nil},
			{w.olga.rest(), changes(cell(w.julie, w.room, "read")), 404, "access.not_found", nil},
		} {
			_, err := r.by.ChangeRights(ctx, w.a, r.w)
			w.refusedBy(err, r.status, r.code, r.points...)
			r.w.DryRun = true
			_, err = r.by.ChangeRights(ctx, w.a, r.w)
			w.refusedBy(err, r.status, r.code, r.points...)
		}
		path := "/organizations/tilleuls/change-sets"
		w.world.bruno.post(path, `{"changes":[{"member":"`+w.julie+`","resource":"`+ident.NewIdentity().String()+`","level":"read"}]}`).
			refused(422, "invalid").at(t, "body.changes[0].resource api.identifier")
		w.world.bruno.post(path, `{"changes":[{"member":"`+w.julie+`","resource":"`+w.room+`","level":"admin","given_by":"x"}]}`).refused(422, "invalid")
		w.world.bruno.get(path+"/cst_x").refused(404, "grant.no_such_set")
		w.world.bruno.get(path+"?cursor=x").refused(400, "api.cursor")
		w.world.julie.get(path).refused(403, "access.forbidden")
		w.world.bruno.get("/organizations/tilleuls/agendas/"+w.desk+"/access").refused(404, "resource.not_found")
		w.world.tina.get("/organizations/tilleuls/agendas/"+w.far+"/access").refused(404, "resource.not_found")
		w.world.bruno.get("/organizations/tilleuls/identities/"+ident.NewIdentity().String()+"/access").refused(404, "resource.not_found")
		if n := w.count(`select count(*) from access_grant`); n != 0 {
			t.Errorf("%d levels given", n)
		}
	})
}

// A repeated request has one effect, and the answer it had.
func TestChangeRightsOnce(t *testing.T) {
	eachWard(t, func(w *ward) {
		once := w.world.bruno.and("Idempotency-Key: une-fois")
		body := `{"changes":[{"member":"` + w.julie + `","resource":"` + w.room + `","level":"read"}]}`
		first := once.post("/organizations/tilleuls/change-sets", body).is(200)
		again := once.post("/organizations/tilleuls/change-sets", body).is(200)
		if !slices.Equal(first.body, again.body) || w.count(`select count(*) from change_set`) != 1 {
			t.Errorf("%s\n%s", first.body, again.body)
		}
		once.post("/organizations/tilleuls/change-sets", strings.Replace(body, "read", "manage", 1)).refused(422, "idempotency.body_changed")
	})
}

// The letters about access can be turned off, without touching the rest of the policy.
func TestAccessLettersSetting(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		p, err := c.EditSecurityPolicy(ctx, "tilleuls", 0, rest.SecurityChange{AccessLetters: to(false)})
		w.good(err)
		if p.AccessLetters || p.TemporaryPasswords || p.Version != 1 {
			t.Errorf("%+v", p)
		}
		p, err = c.EditSecurityPolicy(ctx, "tilleuls", 1, rest.SecurityChange{TemporaryPasswords: to(true)})
		w.good(err)
		if p.AccessLetters || !p.TemporaryPasswords {
			t.Errorf("%+v", p)
		}
	})
}
