package resource_test

import (
	"context"
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// acts are all that can be tried on one resource.
func (w *world) acts(by access.Actor, in ident.Org, id resource.ID, to resource.Details) map[string]error {
	ctx, errs := w.Context(), map[string]error{}
	_, errs["get"] = w.resources.Get(ctx, by, in, id)
	_, errs["edit"] = w.resources.Edit(ctx, by, in, id, 1, to)
	_, errs["close"] = w.resources.Close(ctx, by, in, id, 1)
	_, errs["reopen"] = w.resources.Reopen(ctx, by, in, id, 1)
	return errs
}

// same fails unless each act met the same fault with both.
func (w *world) same(what string, got, want map[string]error) {
	w.Helper()
	for name, err := range got {
		if err == nil || fault.Of(err).Code != fault.Of(want[name]).Code || fault.Of(err).Kind != fault.NotFound {
			w.Errorf("%s, %s: %v, an unknown one gives %v", what, name, err, want[name])
		}
	}
}

// AUZ-01, AUZ-02: a resource of B is, for an administrator of A, one that does not exist,
// in B and named under A; so is a site of B for a resource of A, and one of its members.
func TestForeignResource(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		for _, typ := range resource.Types {
			theirs := w.made(w.b, typ, w.b.agendaOf("odile", 0))
			ours := w.made(w.a, typ, w.a.agendaOf("ines", 0))
			none := resource.ID(string(theirs.ID[:len(theirs.ID)-4]) + "0000")
			before := w.dump()
			w.same("B's under A", w.acts(claire, w.a.org, theirs.ID, w.a.agendaOf("ines", 0)), w.acts(claire, w.a.org, none, w.a.agendaOf("ines", 0)))
			w.same("B's under B", w.acts(claire, w.b.org, theirs.ID, theirs.Details()), w.acts(claire, ident.NewOrg(), none, theirs.Details()))
			for what, site := range map[string]ident.Site{"B's site": w.b.site[0], "no site": ident.NewSite()} {
				d := ours.Details()
				d.Site = site
				_, err := w.resources.Edit(ctx, claire, w.a.org, ours.ID, 1, d)
				w.Want("to "+what, err, org.ErrNoSuchSite)
				_, err = w.resources.Create(ctx, claire, w.a.org, typ, d)
				w.Want("at "+what, err, org.ErrNoSuchSite)
			}
			_, err := w.resources.Create(ctx, claire, w.b.org, typ, theirs.Details())
			w.Want("in B", err, access.ErrNotFound)
			_, err = w.resources.List(ctx, claire, w.b.org, resource.Query{Type: typ})
			w.Want("list of B", err, access.ErrNotFound)
			p, err := w.resources.List(ctx, claire, w.a.org, resource.Query{Type: typ, Holder: w.b.ids["odile"]})
			if err != nil || p.Total != 0 {
				w.Errorf("held by B's: %+v %v", p, err)
			}
			if after := w.dump(); after != before {
				w.Errorf("changed\n%s\n%s", before, after)
			}
		}
		if w.Count(`select count(*) from audit_event where chain = $1 and outcome = 'refused' and code = 'resource.not_found'`, w.a.org.String()) == 0 {
			w.Error("the attempts are not in the trail")
		}
	})
}

// AUZ-06: the administrator of A1 learns nothing of A2's resources and does nothing there;
// what belongs to the whole organisation they see and may not change, and they are not told
// that somebody of A2 alone holds it.
func TestOtherSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, nadege, a := w.Context(), w.as("nadege"), w.a
		here := w.made(a, resource.MessagingProfile, a.agendaOf("ines", 0))
		there := w.made(a, resource.MessagingProfile, a.agendaOf("paul", 1))
		whole := a.agendaOf("paul", 1)
		whole.Site, whole.Name = "", "Garde"
		shared := w.made(a, resource.MessagingProfile, whole)
		none := resource.ID(ident.NewMessaging())
		before := w.dump()

		w.same("A2's", w.acts(nadege, a.org, there.ID, here.Details()), w.acts(nadege, a.org, none, here.Details()))
		moved := here.Details()
		moved.Site = a.site[1]
		_, err := w.resources.Edit(ctx, nadege, a.org, here.ID, 1, moved)
		w.Want("moved to A2", err, org.ErrNoSuchSite)
		_, err = w.resources.Create(ctx, nadege, a.org, resource.MessagingProfile, moved)
		w.Want("made at A2", err, org.ErrNoSuchSite)
		moved.Site = ""
		_, err = w.resources.Edit(ctx, nadege, a.org, here.ID, 1, moved)
		w.Want("given to the whole organisation", err, access.ErrForbidden)
		_, err = w.resources.Create(ctx, nadege, a.org, resource.MessagingProfile, moved)
		w.Want("made for the whole organisation", err, access.ErrForbidden)
		_, err = w.resources.Edit(ctx, nadege, a.org, shared.ID, 1, shared.Details())
		w.Want("edit of the whole organisation's", err, access.ErrForbidden)
		_, err = w.resources.Close(ctx, nadege, a.org, shared.ID, 1)
		w.Want("close of the whole organisation's", err, access.ErrForbidden)
		d := here.Details()
		d.Name, d.Holder = "Autre", a.ids["paul"]
		_, err = w.resources.Create(ctx, nadege, a.org, resource.MessagingProfile, d)
		if codes(err)["holder"] != "resource.holder_not_found" {
			w.Error("held by one of A2:", err, codes(err))
		}
		if after := w.dump(); after != before {
			w.Errorf("changed\n%s\n%s", before, after)
		}

		p, err := w.resources.List(ctx, nadege, a.org, resource.Query{Type: resource.MessagingProfile, Status: resource.Any})
		w.Want("list", err, nil)
		if !slices.Equal(names(p.Rows), []string{"Dr ines", "Garde"}) || p.Total != 2 || p.Counts.Active != 2 {
			w.Errorf("%v of %d, %+v", names(p.Rows), p.Total, p.Counts)
		}
		s, err := w.resources.Get(ctx, nadege, a.org, shared.ID)
		w.Want("get", err, nil)
		if s.MayEdit || s.HolderName != "" || s.Holder != "" || p.Rows[1].HolderName != "" || p.Rows[0].HolderName != "ines Essai" {
			w.Errorf("%+v %+v", s, p.Rows)
		}
		for what, q := range map[string]resource.Query{"at A2": {Site: a.site[1]}, "held": {Holder: a.ids["paul"]}, "found": {Search: "dr paul"}} {
			q.Type = resource.MessagingProfile
			p, err := w.resources.List(ctx, nadege, a.org, q)
			if err != nil || p.Total != 0 || len(p.Rows) != 0 {
				w.Errorf("%s: %v %v", what, names(p.Rows), err)
			}
		}
		w.seenByTx(nadege)
	})
}

// seenByTx: what packages above read keeps to the same sight.
func (w *world) seenByTx(nadege access.Actor) {
	w.Helper()
	err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		h, err := access.HeldBy(w.Context(), tx, nadege, w.a.org)
		if err != nil {
			return err
		}
		all, err := resource.All(w.Context(), tx, w.a.org, resource.MessagingProfile, resource.See(h))
		if !slices.Equal(names(all), []string{"Dr ines", "Garde"}) || all[1].HolderName != "" {
			w.Errorf("%+v", all)
		}
		return err
	})
	w.Want("all", err, nil)
}

// Each of the readers' permissions lets read and nothing else; a secretary reads nothing,
// whether it exists or not.
func TestReaders(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, julie, a := w.Context(), w.as("julie"), w.a
		r := w.made(a, resource.Agenda, a.agendaOf("ines", 0))
		for what, id := range map[string]resource.ID{"one": r.ID, "none": resource.ID(ident.NewAgenda())} {
			for act, err := range w.acts(julie, a.org, id, r.Details()) {
				w.Want("a secretary's "+act+" of "+what, err, access.ErrForbidden)
			}
		}
		_, err := w.resources.List(ctx, julie, a.org, resource.Query{Type: resource.Agenda})
		w.Want("a secretary's list", err, access.ErrForbidden)
		_, err = w.resources.Create(ctx, julie, a.org, resource.Agenda, a.room("X", 0))
		w.Want("a secretary's creation", err, access.ErrForbidden)
		w.give(a, "julie", access.SiteScope(a.org, a.site[0]), access.DelegationsEdit)
		s, err := w.resources.Get(ctx, julie, a.org, r.ID)
		if err != nil || s.MayEdit {
			w.Errorf("%+v %v", s, err)
		}
		_, err = w.resources.Edit(ctx, julie, a.org, r.ID, 1, a.room("X", 0))
		w.Want("edit by who may only read", err, access.ErrForbidden)
		w.give(a, "julie", access.SiteScope(a.org, a.site[0]), access.RightsEdit)
		_, err = w.resources.Edit(ctx, julie, a.org, r.ID, 1, a.room("X", 0))
		w.Want("edit by an office manager (RGT-1)", err, nil)
	})
}

// Whoever holds a resource looks at its sheet without any right of reading, and may no more:
// nothing of others, no change, no list.
func TestHolderReads(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, ines, a := w.Context(), w.as("ines"), w.a
		own, other := w.made(a, resource.Agenda, a.agendaOf("ines", 0)), w.made(a, resource.Agenda, a.room("Salle", 0))
		s, err := w.resources.Get(ctx, ines, a.org, own.ID)
		if err != nil || s.Name != own.Name || s.Holder != own.Holder || s.MayEdit {
			w.Errorf("%+v %v", s, err)
		}
		_, err = w.resources.Get(ctx, ines, a.org, other.ID)
		w.Want("another's", err, access.ErrForbidden)
		_, err = w.resources.Edit(ctx, ines, a.org, own.ID, resource.AnyVersion, own.Details())
		w.Want("a change of one's own", err, access.ErrForbidden)
		_, err = w.resources.List(ctx, ines, a.org, resource.Query{Type: resource.Agenda})
		w.Want("the list", err, access.ErrForbidden)
	})
}

// The list: words anywhere, filters, pages and cursors hold every resource once.
func TestList(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire, a := w.Context(), w.as("claire"), w.a
		w.made(a, resource.Agenda, a.agendaOf("ines", 0))
		w.made(a, resource.Agenda, a.agendaOf("paul", 1))
		for _, n := range []string{"Échographie", "Salle de soins", "Salle 2", "Vaccination"} {
			w.made(a, resource.Agenda, a.room(n, 0))
		}
		closed := w.made(a, resource.Agenda, a.room("Ancienne salle", 1))
		_, err := w.resources.Close(ctx, claire, a.org, closed.ID, 1)
		w.Want("close", err, nil)
		for what, c := range map[string]struct {
			q    resource.Query
			want []string
		}{
			"all":      {resource.Query{}, []string{"Dr ines", "Dr paul", "Échographie", "Salle 2", "Salle de soins", "Vaccination"}},
			"words":    {resource.Query{Search: "SOINS salle"}, []string{"Salle de soins"}},
			"detail":   {resource.Query{Search: "généraliste"}, []string{"Dr ines", "Dr paul"}},
			"nothing":  {resource.Query{Search: "%%%"}, nil},
			"site":     {resource.Query{Site: a.site[1]}, []string{"Dr paul"}},
			"kind":     {resource.Query{Kind: resource.OfPractitioner, Site: a.site[0]}, []string{"Dr ines"}},
			"holder":   {resource.Query{Holder: a.ids["paul"]}, []string{"Dr paul"}},
			"whole":    {resource.Query{Whole: true}, nil},
			"closed":   {resource.Query{Status: resource.Closed}, []string{"Ancienne salle"}},
			"any":      {resource.Query{Status: resource.Any, Search: "salle"}, []string{"Ancienne salle", "Échographie", "Salle 2", "Salle de soins", "Vaccination"}},
			"page 2":   {resource.Query{Page: 2, Size: 4}, []string{"Salle de soins", "Vaccination"}},
			"far page": {resource.Query{Page: 9, Size: 4}, nil},
		} {
			c.q.Type = resource.Agenda
			p, err := w.resources.List(ctx, claire, a.org, c.q)
			if err != nil || !slices.Equal(names(p.Rows), c.want) {
				w.Errorf("%s: %v %v, want %v", what, names(p.Rows), err, c.want)
			}
		}
		w.walk(claire)
		for _, q := range []resource.Query{{Type: "car"}, {Type: resource.Agenda, Kind: "car"}, {Type: resource.Identity, Kind: resource.OfRoom},
			{Type: resource.Agenda, Status: "gone"}, {Type: resource.Agenda, Size: resource.MaxPageSize + 1}, {Type: resource.Agenda, Page: resource.MaxPageNo + 1}} {
			_, err := w.resources.List(ctx, claire, a.org, q)
			w.Want("what no list offers", err, resource.ErrQuery)
		}
	})
}

// walk goes through the list by cursors.
func (w *world) walk(by access.Actor) {
	w.Helper()
	var got []string
	q := resource.Query{Type: resource.Agenda, Size: 4}
	for {
		p, err := w.resources.List(w.Context(), by, w.a.org, q)
		w.Want("page", err, nil)
		got = append(got, names(p.Rows)...)
		if q.After = p.Next; q.After == "" || err != nil {
			break
		}
		other := q
		other.Kind = resource.OfRoom
		if _, err := w.resources.List(w.Context(), by, w.a.org, other); err == nil {
			w.Error("the cursor of a list opens another")
		}
	}
	if want := []string{"Dr ines", "Dr paul", "Échographie", "Salle 2", "Salle de soins", "Vaccination"}; !slices.Equal(got, want) {
		w.Errorf("%v, want %v", got, want)
	}
}

// Load keeps the order of what is asked and leaves out what the organisation has not;
// HeldBy gives what is in use of one's own (RGT-2: who holds an agenda manages it).
func TestLoad(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, a := w.Context(), w.a
		agenda := w.made(a, resource.Agenda, a.agendaOf("ines", 0))
		profile := w.made(a, resource.MessagingProfile, a.agendaOf("ines", 0))
		closed := w.made(a, resource.Identity, a.agendaOf("ines", 0))
		theirs := w.made(w.b, resource.Agenda, w.b.agendaOf("odile", 0))
		_, err := w.resources.Close(ctx, w.as("claire"), a.org, closed.ID, 1)
		w.Want("close", err, nil)
		err = w.DB.Read(ctx, func(tx *store.Tx) error { return w.loads(ctx, tx, agenda, profile, closed, theirs) })
		w.Want("read", err, nil)
	})
}

func (w *world) loads(ctx context.Context, tx *store.Tx, agenda, profile, closed, theirs resource.Resource) error {
	found, err := resource.Load(ctx, tx, w.a.org, []resource.ID{closed.ID, profile.ID, theirs.ID, agenda.ID, profile.ID})
	if err != nil {
		return err
	}
	var ids []resource.ID
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	if want := []resource.ID{closed.ID, profile.ID, agenda.ID, profile.ID}; !slices.Equal(ids, want) || found[0].Status != resource.Closed {
		w.Errorf("%v, want %v", ids, want)
	}
	held, err := resource.HeldBy(ctx, tx, w.a.org, w.a.ids["ines"])
	if len(held) != 2 {
		w.Errorf("%+v", held)
	}
	w.Want("resources at A1", resource.NoneAt(ctx, tx, w.a.org, w.a.site[0]), resource.ErrSiteInUse)
	w.Want("none at A2", resource.NoneAt(ctx, tx, w.a.org, w.a.site[1]), nil)
	return err
}
