package api_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	rest "habilis/client"
	"habilis/internal/ident"
)

// resourceCalls are the operations of one type, as the client has them.
type resourceCalls struct {
	path, prefix string
	list         func(*rest.Client, context.Context, string, rest.ResourceQuery) (rest.List[rest.Resource], error)
	create       func(*rest.Client, context.Context, string, rest.NewResource) (rest.Resource, error)
	get          func(*rest.Client, context.Context, string, string) (rest.ResourceSheet, error)
	edit         func(*rest.Client, context.Context, string, string, int64, rest.ResourceChange) (rest.Resource, error)
	close        func(*rest.Client, context.Context, string, string, int64) (rest.Resource, error)
	reopen       func(*rest.Client, context.Context, string, string, int64) (rest.Resource, error)
}

var resourceTypes = []resourceCalls{
	{"agendas", "agd_", (*rest.Client).ListAgendas, (*rest.Client).CreateAgenda, (*rest.Client).GetAgenda, (*rest.Client).EditAgenda, (*rest.Client).CloseAgenda, (*rest.Client).ReopenAgenda},
	{"messaging-profiles", "msg_", (*rest.Client).ListMessagingProfiles, (*rest.Client).CreateMessagingProfile, (*rest.Client).GetMessagingProfile, (*rest.Client).EditMessagingProfile, (*rest.Client).CloseMessagingProfile, (*rest.Client).ReopenMessagingProfile},
	{"identities", "idn_", (*rest.Client).ListIdentities, (*rest.Client).CreateIdentity, (*rest.Client).GetIdentity, (*rest.Client).EditIdentity, (*rest.Client).CloseIdentity, (*rest.Client).ReopenIdentity},
}

// RGT-2, RGT-3, RGT-6: agendas, messaging profiles and identities through the client, from
// creation to reopening; RAC-07: from the version that was read.
func TestResources(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		holder := w.practitioner()
		for _, r := range resourceTypes {
			v, err := r.create(c, ctx, "tilleuls", rest.NewResource{Site: w.a1, Kind: "practitioner", Name: "Dr Morvan", Detail: "Généraliste", Holder: holder})
			w.good(err)
			if !strings.HasPrefix(v.ID, r.prefix) || v.Site != w.a1 || *v.Holder != holder || v.HolderName != "Claire Morvan" || v.Version != 1 || v.Status != "active" {
				t.Errorf("%+v", v)
			}
			_, err = r.edit(c, ctx, "tilleuls", v.ID, 9, rest.ResourceChange{Name: to("Autre")})
			w.refusedBy(err, 412, "api.version_stale")
			w.bruno.send("PATCH", "/organizations/tilleuls/"+r.path+"/"+v.ID, `{"name":"Autre"}`).refused(428, "api.version_missing")
			e, err := r.edit(c, ctx, "tilleuls", v.ID, 1, rest.ResourceChange{Kind: to("service"), Holder: to(""), Detail: to("")})
			w.good(err)
			if e.Name != "Dr Morvan" || e.Holder != nil || e.Detail != "" || e.Version != 2 {
				t.Errorf("%+v", e)
			}
			_, err = r.close(c, ctx, "tilleuls", v.ID, 1)
			w.refusedBy(err, 412, "api.version_stale")
			_, err = r.close(c, ctx, "tilleuls", v.ID, 0)
			w.good(err)
			_, err = r.edit(c, ctx, "tilleuls", v.ID, 3, rest.ResourceChange{Name: to("Autre")})
			w.refusedBy(err, 409, "resource.closed")
			closed, err := r.list(c, ctx, "tilleuls", rest.ResourceQuery{Status: "closed"})
			w.good(err)
			_, err = r.reopen(c, ctx, "tilleuls", v.ID, 3)
			w.good(err)
			s, err := r.get(c, ctx, "tilleuls", v.ID)
			w.good(err)
			if closed.Total != 1 || s.Version != 4 || s.Status != "active" || !s.MayEdit || s.Levels != 0 {
				t.Errorf("%+v %+v", closed, s)
			}
		}
	})
}

// practitioner is a new member who receives patients.
func (w *world) practitioner() string {
	w.Helper()
	m, err := w.bruno.rest().CreateMember(w.Context(), "tilleuls", rest.NewMember{
		ProfileType: "unregulated", GivenName: "Claire", FamilyName: "Morvan", Function: "psychologist", Specialty: &rest.CodedChange{Label: to("Psychothérapie")}, Sites: []string{w.a1},
	})
	w.good(err)
	return *m.ID
}

// What is wrong is told field by field; what is of another type, or of another
// organisation, is not there (AUZ-01, AUZ-02, ENU-03).
func TestResourceRefusals(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		_, err := c.CreateAgenda(ctx, "tilleuls", rest.NewResource{Kind: "practitioner", Address: "a@exemple.fr"})
		w.refusedBy(err, 422, "invalid", "body.name text.empty", "body.address resource.address_unwanted", "body.site resource.site_required", "body.holder resource.holder_required")
		_, err = c.CreateIdentity(ctx, "tilleuls", rest.NewResource{Kind: "room", Name: "X"})
		w.refusedBy(err, 422, "invalid", "body.kind resource.kind_unknown")
		path := "/organizations/tilleuls/agendas"
		w.bruno.post(path, `{"kind":"room","name":"X","site":"`+w.a1+`","status":"active","version":9}`).refused(422, "invalid").
			at(t, "body.status api.unknown_field", "body.version api.unknown_field")
		w.bruno.post(path, `{"kind":"room","name":"X","site":"ailleurs"}`).refused(422, "invalid").at(t, "body.site api.scope")
		w.bruno.get(path+"?kind=car").refused(422, "invalid")
		w.bruno.get(path+"?typo=1").refused(422, "invalid")

		once := w.bruno.and("Idempotency-Key: une-fois")
		first := once.post(path, `{"kind":"room","name":"Échographie","site":"`+w.a1+`"}`).is(201)
		if again := once.post(path, `{"kind":"room","name":"Échographie","site":"`+w.a1+`"}`).is(201); !bytes.Equal(again.body, first.body) {
			t.Errorf("%s\n%s", first.body, again.body)
		}
		if !strings.HasSuffix(first.header.Get("Location"), "/agendas/"+first.id()) || first.header.Get("ETag") != `"1"` {
			t.Errorf("%v", first.header)
		}
		for _, id := range []string{ident.NewMessaging().String(), "x", first.id()} {
			base := "/organizations/tilleuls/messaging-profiles/" + id
			for _, a := range []answer{
				w.bruno.get(base), w.bruno.and(`If-Match: "1"`).send("PATCH", base, `{"name":"X"}`), w.bruno.del(base), w.bruno.post(base+"/reopen", ""),
			} {
				a.refused(404, "resource.not_found")
			}
		}
		for _, path := range []string{"/organizations/" + w.a + "/agendas/" + first.id(), "/organizations/" + w.a + "/agendas"} {
			w.olga.get(path).refused(404, "access.not_found")
		}
		w.olga.get("/organizations/"+w.b+"/agendas/"+first.id()).refused(404, "resource.not_found")
		w.julie.get(path).refused(403, "access.forbidden")
	})
}

// AUZ-06: the administrator of A1 lists A1's agendas; the filters and the pages hold each once.
func TestResourceList(t *testing.T) {
	each(t, func(w *world) {
		ctx, c := t.Context(), w.bruno.rest()
		for _, n := range []string{"Échographie", "Salle 1", "Salle 2", "Vaccination"} {
			_, err := c.CreateAgenda(ctx, "tilleuls", rest.NewResource{Site: w.a1, Kind: "room", Name: n})
			w.good(err)
		}
		_, err := c.CreateAgenda(ctx, "tilleuls", rest.NewResource{Site: w.a2, Kind: "service", Name: "Accueil"})
		w.good(err)
		named := func(c *rest.Client, q rest.ResourceQuery) (list []string) {
			for _, r := range collect(w, c.Agendas(ctx, "tilleuls", q)) {
				list = append(list, r.Name)
			}
			return list
		}
		for _, q := range []struct {
			by   *rest.Client
			q    rest.ResourceQuery
			want []string
		}{
			{c, rest.ResourceQuery{Paging: rest.Paging{Limit: 2}}, []string{"Accueil", "Échographie", "Salle 1", "Salle 2", "Vaccination"}},
			{c, rest.ResourceQuery{Search: "salle"}, []string{"Salle 1", "Salle 2"}},
			{c, rest.ResourceQuery{Kind: "service"}, []string{"Accueil"}},
			{c, rest.ResourceQuery{Site: w.a2}, []string{"Accueil"}},
			{c, rest.ResourceQuery{Site: "organization"}, nil},
			{w.tina.rest(), rest.ResourceQuery{Status: "all"}, []string{"Échographie", "Salle 1", "Salle 2", "Vaccination"}},
			{w.tina.rest(), rest.ResourceQuery{Site: w.a2}, nil},
		} {
			if got := named(q.by, q.q); !slices.Equal(got, q.want) {
				t.Errorf("%+v: %v, want %v", q.q, got, q.want)
			}
		}
	})
}
