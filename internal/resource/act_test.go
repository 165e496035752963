package resource_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// RGT-2, RGT-3, RGT-6: an agenda, a messaging profile and an identity are made by whoever
// holds rights.edit there, with their holder; each act leaves its state before and its
// record, and the last version says how it is.
func TestLife(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		for _, typ := range resource.Types {
			r, err := w.resources.Create(ctx, claire, w.a.org, typ, w.a.agendaOf("ines", 0))
			w.Want("create", err, nil)
			if r.ID.Type() != typ || r.Type != typ || r.Version != 1 || r.HolderName != "ines Essai" || r.SiteName != "Grand-Pré" || r.Status != resource.Active {
				w.Errorf("%+v", r)
			}
			d := r.Details()
			d.Name, d.Kind, d.Holder, d.Site = "  Échographie ", resource.OfService, "", w.a.site[1]
			e, err := w.resources.Edit(ctx, claire, w.a.org, r.ID, 1, d)
			w.Want("edit", err, nil)
			if e.Name != "Échographie" || e.Version != 2 || e.HolderName != "" || e.SiteName != "Saint-Aubin" {
				w.Errorf("%+v", e)
			}
			same, err := w.resources.Edit(ctx, claire, w.a.org, r.ID, 2, d)
			w.Want("edit to the same", err, nil)
			c, err := w.resources.Close(ctx, claire, w.a.org, r.ID, 2)
			w.Want("close", err, nil)
			o, err := w.resources.Reopen(ctx, claire, w.a.org, r.ID, 3)
			w.Want("reopen", err, nil)
			if same.Version != 2 || c.Status != resource.Closed || o.Status != resource.Active || o.Version != 4 {
				w.Errorf("%+v %+v %+v", same, c, o)
			}
			got, err := w.resources.Get(ctx, claire, w.a.org, r.ID)
			w.Want("get", err, nil)
			if got.Resource != o || !got.MayEdit {
				w.Errorf("got %+v, want %+v", got, o)
			}
			w.history(r.ID)
		}
	})
}

// history: four states, one in force; four records with what changed.
func (w *world) history(id resource.ID) {
	w.Helper()
	states := w.Count(`select count(*) from resource_state where resource_id = $1`, id)
	open := w.Count(`select count(*) from resource_state where resource_id = $1 and known_until is null`, id)
	if states != 4 || open != 1 {
		w.Errorf("%d states, %d in force", states, open)
	}
	for _, verb := range []string{"create", "edit", "close", "reopen"} {
		if n := w.Count(`select count(*) from audit_event where object = $1 and verb = $2 and outcome = 'done'`, id, "resource."+verb); n != 1 {
			w.Errorf("%d records of %s", n, verb)
		}
	}
	var before string
	err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `
			select p.payload from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
			where e.object = $1 and e.verb = 'resource.edit'`, id).Scan(&before)
	})
	if err != nil || !strings.Contains(before, `"Dr ines"`) || !strings.Contains(before, `"Échographie"`) || strings.Contains(before, `"detail"`) {
		w.Errorf("the record says %s (%v)", before, err)
	}
}

// A table of what may not be typed: everything to correct is told at once, nothing is written.
func TestBadInput(t *testing.T) {
	eachWorld(t, func(w *world) {
		claire, a := w.as("claire"), w.a
		w.made(a, resource.Agenda, a.room("Salle de soins", 0))
		long := strings.Repeat("é", resource.MaxName+1)
		gone := ident.NewMember()
		w.Exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2`, a.org, a.ids["paul"])
		before := w.dump()
		for what, c := range map[string]struct {
			t    resource.Type
			d    resource.Details
			want map[string]string
		}{
			"nothing": {resource.Agenda, resource.Details{}, map[string]string{
				"name": "text.empty", "site": "resource.site_required", "kind": "resource.kind_unknown",
			}},
			"only signs":             {resource.Agenda, a.room("— !", 0), map[string]string{"name": "text.empty"}},
			"too long":               {resource.Agenda, resource.Details{Site: a.site[0], Kind: resource.OfRoom, Name: long, Detail: long}, map[string]string{"name": "text.too_long", "detail": "text.too_long"}},
			"two lines":              {resource.Agenda, a.room("Salle\nde soins", 0), map[string]string{"name": "text.control"}},
			"taken, otherwise typed": {resource.Agenda, a.room("SALLE  de Sôins", 0), map[string]string{"name": "resource.name_taken"}},
			"a practitioner's without holder": {resource.Identity, resource.Details{Kind: resource.OfPractitioner, Name: "X"},
				map[string]string{"holder": "resource.holder_required"}},
			"a room's with a holder": {resource.Agenda, resource.Details{Site: a.site[0], Kind: resource.OfRoom, Name: "X", Holder: a.ids["ines"]},
				map[string]string{"holder": "resource.holder_unwanted"}},
			"an identity's room":   {resource.Identity, a.room("X", 0), map[string]string{"kind": "resource.kind_unknown"}},
			"nobody's holder":      {resource.Agenda, resource.Details{Site: a.site[0], Kind: resource.OfPractitioner, Name: "X", Holder: gone}, map[string]string{"holder": "resource.holder_not_found"}},
			"held by one of B":     {resource.Agenda, resource.Details{Site: a.site[0], Kind: resource.OfPractitioner, Name: "X", Holder: w.b.ids["odile"]}, map[string]string{"holder": "resource.holder_not_found"}},
			"held by one who left": {resource.Agenda, a.agendaOf("paul", 1), map[string]string{"holder": "resource.holder_not_found"}},
			"held by a secretary":  {resource.Agenda, a.agendaOf("julie", 0), map[string]string{"holder": "resource.holder_not_practitioner"}},
			"an agenda's address": {resource.Agenda, resource.Details{Site: a.site[0], Kind: resource.OfRoom, Name: "X", Address: "a@medecin.mssante.fr"},
				map[string]string{"address": "resource.address_unwanted"}},
			"no address": {resource.MessagingProfile, resource.Details{Kind: resource.OfService, Name: "X", Address: "accueil"},
				map[string]string{"address": "account.email_malformed"}},
		} {
			_, err := w.resources.Create(w.Context(), claire, a.org, c.t, c.d)
			if got := codes(err); !maps.Equal(got, c.want) {
				w.Errorf("%s: %v %v, want %v", what, err, got, c.want)
			}
		}
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}
	})
}

// The same name may stand at another site, for another type, and again once its bearer is
// closed; then the closed one does not come back under it.
func TestNames(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire, a := w.Context(), w.as("claire"), w.a
		first := w.made(a, resource.Agenda, a.room("Vaccination", 0))
		w.made(a, resource.Agenda, a.room("Vaccination", 1))
		shared := resource.Details{Kind: resource.OfService, Name: "Vaccination", Address: " Vaccination@Tilleuls.MSSante.fr "}
		if r := w.made(a, resource.MessagingProfile, shared); r.Address != "Vaccination@Tilleuls.MSSante.fr" || r.SiteName != "" {
			w.Errorf("%+v", r)
		}
		_, err := w.resources.Create(ctx, claire, a.org, resource.MessagingProfile, shared)
		if codes(err)["name"] != "resource.name_taken" {
			w.Error("a name shared by the whole organisation is taken twice", err)
		}
		_, err = w.resources.Close(ctx, claire, a.org, first.ID, 1)
		w.Want("close", err, nil)
		second := w.made(a, resource.Agenda, a.room("vaccination", 0))
		_, err = w.resources.Reopen(ctx, claire, a.org, first.ID, 2)
		w.Want("reopen under a taken name", err, resource.ErrNameTaken)
		_, err = w.resources.Edit(ctx, claire, a.org, first.ID, 2, a.room("Autre", 0))
		w.Want("edit a closed one", err, resource.ErrClosed)
		_, err = w.resources.Close(ctx, claire, a.org, first.ID, 2)
		w.Want("close twice", err, resource.ErrClosed)
		_, err = w.resources.Reopen(ctx, claire, a.org, second.ID, 1)
		w.Want("reopen an open one", err, resource.ErrNotClosed)
		_, err = w.resources.Create(ctx, claire, a.org, resource.Agenda, resource.Details{Site: ident.NewSite(), Kind: resource.OfRoom, Name: "X"})
		w.Want("at no site", err, org.ErrNoSuchSite)
		w.Exec(`update site_state set status = 'closed' where org_id = $1 and site_id = $2`, a.org, a.site[0])
		_, err = w.resources.Close(ctx, claire, a.org, second.ID, 1)
		w.Want("close at a closed site", err, nil)
		_, err = w.resources.Reopen(ctx, claire, a.org, second.ID, 2)
		w.Want("reopen at a closed site", err, org.ErrNoSuchSite)
	})
}

// A holder who has since become invisible or left stays: an edit of the name says nothing
// of them.
func TestHolderStays(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := w.made(w.a, resource.Agenda, w.a.agendaOf("paul", 0))
		w.Exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2`, w.a.org, w.a.ids["paul"])
		d := r.Details()
		d.Name = "Remplaçant"
		e, err := w.resources.Edit(w.Context(), w.as("nadege"), w.a.org, r.ID, 1, d)
		w.Want("edit", err, nil)
		if e.Holder != r.Holder || e.HolderName != "paul Essai" {
			w.Errorf("%+v", e)
		}
	})
}

// RAC-07: of two edits made from the same version, the second is refused and changes nothing.
func TestLostUpdate(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		r := w.made(w.a, resource.Agenda, w.a.room("Échographie", 0))
		results := make(chan error, 2)
		for i, by := range []access.Actor{w.as("claire"), w.as("nadege")} {
			go func() {
				d := r.Details()
				d.Name = fmt.Sprintf("Échographie %d", i)
				_, err := w.resources.Edit(ctx, by, w.a.org, r.ID, r.Version, d)
				results <- err
			}()
		}
		first, second := <-results, <-results
		if first != nil {
			first, second = second, first
		}
		w.Want("one of them", first, nil)
		w.Want("the other", second, resource.ErrStale)
		_, err := w.resources.Close(ctx, w.as("claire"), w.a.org, r.ID, 1)
		w.Want("close what changed", err, resource.ErrStale)
		if n := w.Count(`select count(*) from resource_state where resource_id = $1`, r.ID); n != 2 {
			w.Errorf("%d states", n)
		}
	})
}

// An organisation has at most MaxResources in use.
func TestTooMany(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `
				with recursive n (i) as (select 1 union all select i + 1 from n where i < $2)
				insert into resource (org_id, id, type, version, created_at) select $1, 'agd_' || i, 'agenda', 1, $3 from n`, w.a.org, resource.MaxResources, tx.Now)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `
				insert into resource_state (org_id, resource_id, rev, kind, name, detail, address, status, sort_key, search, known_from)
				select org_id, id, 1, 'service', id, '', '', 'active', id, ' ' || id, $2 from resource where org_id = $1`, w.a.org, tx.Now)
			return err
		})
		_, err := w.resources.Create(w.Context(), w.as("claire"), w.a.org, resource.Agenda, w.a.room("Une de trop", 0))
		w.Want("one more", err, resource.ErrTooMany)
	})
}

// Closing says what it ends, and the levels are still known (RGT-8); nothing is taken away.
func TestClosingTells(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		r := w.made(w.a, resource.Agenda, w.a.agendaOf("ines", 0))
		grant := func(name string, ends any) {
			w.Exec(`insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, ends_at, given_by, change_set_id, known_from)
				values ($1, $2, $3, $4, 'read', $5, $6, 'test', '', $5)`, w.a.org, ident.NewGrant(), w.a.ids[name], r.ID, w.DB.Now(), ends)
		}
		grant("julie", nil)
		grant("paul", w.DB.Now().AddDate(0, 0, -1))
		grant("claire", w.DB.Now().AddDate(0, 0, 1))
		s, err := w.resources.Get(ctx, claire, w.a.org, r.ID)
		w.Want("get", err, nil)
		if s.Levels != 2 || s.Delegations != 0 {
			w.Errorf("%d levels, %d delegations", s.Levels, s.Delegations)
		}
		_, err = w.resources.Close(ctx, claire, w.a.org, r.ID, 1)
		w.Want("close", err, nil)
		if n := w.Count(`select count(*) from audit_payload where payload like '%"levels":2%'`); n != 1 {
			w.Errorf("%d records tell of two levels", n)
		}
		if n := w.Count(`select count(*) from access_grant where resource_id = $1 and known_until is null`, r.ID); n != 3 {
			w.Errorf("%d levels are left", n)
		}
	})
}

// A site is not closed over what is in use there; once that is closed, it is.
func TestSiteInUse(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire, members := w.Context(), w.as("claire"), member.Members{Run: w.resources.Run}
		r := w.made(w.a, resource.Agenda, w.a.room("Vaccination", 1))
		w.Exec(`update member_site set known_until = $3 where org_id = $1 and member_id = $2`, w.a.org, w.a.ids["paul"], w.DB.Now())
		w.Want("close the site", members.CloseSite(ctx, claire, w.a.org, w.a.site[1]), resource.ErrSiteInUse)
		_, err := w.resources.Close(ctx, claire, w.a.org, r.ID, resource.AnyVersion)
		w.Want("close the agenda", err, nil)
		w.Want("close the site again", members.CloseSite(ctx, claire, w.a.org, w.a.site[1]), nil)
	})
}
