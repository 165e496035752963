package api_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// named is the world with a physician who has an account, and identities of A1.
type named struct {
	*world
	claire          caller
	holder, julieID string
	morvan, accueil string
}

func eachNamed(t *testing.T, fn func(w *named)) {
	t.Helper()
	each(t, func(base *world) {
		w := &named{world: base}
		w.claire = w.person("claire@tilleuls.example", "Claire", "Morvan")
		w.join("claire@tilleuls.example", "practitioner")
		w.holder, w.julieID = w.member("claire@tilleuls.example"), w.member("julie@tilleuls.example")
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(w.Context(), `update member_state set profile_type = 'unregulated', specialty = 'Sophrologie' where org_id = $1 and member_id = $2`, w.a, w.holder)
			return err
		})
		for name, id := range map[string]*string{"Dr Morvan": &w.morvan, "Accueil": &w.accueil} {
			n := rest.NewResource{Site: w.a1, Kind: "service", Name: name}
			if name == "Dr Morvan" {
				n.Kind, n.Holder = "practitioner", w.holder
			}
			r, err := w.bruno.rest().CreateIdentity(w.Context(), "tilleuls", n)
			w.good(err)
			*id = r.ID
		}
		fn(w)
	})
}

// RGT-6, RGT-8: sending and receiving through the client, from the gift to the end; RAC-07:
// the dates from the version that was read.
func TestDelegations(t *testing.T) {
	eachNamed(t, func(w *named) {
		ctx, c := t.Context(), w.bruno.rest()
		until := w.db.Now().Add(48 * time.Hour)
		given, err := c.GiveDelegations(ctx, "tilleuls", rest.NewDelegations{
			Identities: []string{w.morvan, w.accueil}, Member: w.julieID, Acts: []string{"send", "receive"}, Until: &until,
		})
		w.good(err)
		if len(given.Items) != 4 {
			t.Fatalf("%+v", given)
		}
		var of rest.Delegation
		for d, err := range c.Delegations(ctx, "tilleuls", rest.DelegationQuery{Identity: w.morvan, Act: "send", State: "in_force"}) {
			w.good(err)
			of = d
		}
		if of.Member != (rest.NamedRef{ID: w.julieID, Name: "Julie Delmas"}) || of.Identity != (rest.NamedRef{ID: w.morvan, Name: "Dr Morvan"}) ||
			of.Holder == nil || of.Holder.ID != w.holder || of.GivenBy != "Bruno Lacaze" || !of.Until.Equal(until) || of.Site == nil || *of.Site != w.a1 ||
			!of.MayEdit || !of.MayEnd || of.MayAnswer || of.Idle != "" || of.Version != 1 {
			t.Errorf("%+v", of)
		}
		path := "/organizations/tilleuls/delegations/" + of.ID
		w.bruno.send("PATCH", path, `{"without_end":true}`).refused(428, "api.version_missing")
		_, err = c.EditDelegation(ctx, "tilleuls", of.ID, 9, rest.DelegationDates{WithoutEnd: true})
		w.refusedBy(err, 412, "api.version_stale")
		later := until.Add(time.Hour)
		_, err = c.EditDelegation(ctx, "tilleuls", of.ID, 1, rest.DelegationDates{From: &later})
		w.refusedBy(err, 422, "invalid", "body.from delegation.begun")
		e, err := c.EditDelegation(ctx, "tilleuls", of.ID, 1, rest.DelegationDates{WithoutEnd: true})
		w.good(err)
		if e.Until != nil || e.Version != 2 {
			t.Errorf("%+v", e)
		}
		if a := w.bruno.get(path).is(200); a.header.Get("ETag") != `"2"` {
			t.Errorf("%v", a.header)
		}
		w.good(c.EndDelegation(ctx, "tilleuls", of.ID))
		w.refusedBy(c.EndDelegation(ctx, "tilleuls", of.ID), 409, "delegation.over")
		over, err := c.ListDelegations(ctx, "tilleuls", rest.DelegationQuery{State: "ended"})
		w.good(err)
		if over.Total != 1 || over.Items[0].EndedAt == nil {
			t.Errorf("%+v", over)
		}
	})
}

// MEM-6, AUZ-10: drafting is proposed by an administrator and confirmed by the holder
// alone; the holder gives it too, and both the holder and the delegate end it.
func TestDraftingDelegations(t *testing.T) {
	eachNamed(t, func(w *named) {
		ctx, claire, julie := t.Context(), w.claire.rest(), w.julie.rest()
		propose := func() rest.Delegation {
			g, err := w.bruno.rest().GiveDelegations(ctx, "tilleuls", rest.NewDelegations{Identities: []string{w.morvan}, Member: w.julieID, Acts: []string{"draft_consultation"}})
			w.good(err)
			if g.Items[0].State != "proposed" {
				t.Fatalf("%+v", g)
			}
			return g.Items[0]
		}
		p := propose()
		_, err := w.bruno.rest().ConfirmDelegation(ctx, "tilleuls", p.ID, 0)
		w.refusedBy(err, 403, "delegation.not_holder")
		w.refusedBy(w.bruno.rest().RefuseDelegation(ctx, "tilleuls", p.ID), 403, "delegation.not_holder")
		_, err = julie.ConfirmDelegation(ctx, "tilleuls", p.ID, 0)
		w.refusedBy(err, 403, "delegation.not_holder")
		w.good(claire.RefuseDelegation(ctx, "tilleuls", p.ID))
		p = propose()
		_, err = claire.ConfirmDelegation(ctx, "tilleuls", p.ID, 7)
		w.refusedBy(err, 412, "api.version_stale")
		d, err := claire.ConfirmDelegation(ctx, "tilleuls", p.ID, p.Version)
		w.good(err)
		if d.State != "in_force" || d.GivenBy != "Claire Morvan" {
			t.Errorf("%+v", d)
		}
		w.refusedBy(claire.EndMyDelegation(ctx, ident.NewDelegation().String(), rest.MyPlace{Organization: "tilleuls"}), 403, "access.forbidden")
		w.refusedBy(w.bruno.rest().EndMyDelegation(ctx, d.ID, rest.MyPlace{Organization: "tilleuls"}), 403, "delegation.not_holder")
		w.good(julie.EndMyDelegation(ctx, d.ID, rest.MyPlace{Organization: "tilleuls"}))

		mine, err := claire.GiveMyDelegations(ctx, rest.NewOwnDelegations{Organization: "tilleuls", Member: w.julieID})
		w.good(err)
		for _, c := range []struct {
			who  *rest.Client
			want string
		}{{claire, "holder"}, {julie, "delegate"}} {
			list, err := c.who.ListMyDelegations(ctx, rest.MyDelegationQuery{Organization: w.a})
			w.good(err)
			if list.Total != 1 || list.Items[0].ID != mine.Items[0].ID || list.Items[0].Mine != c.want || list.Items[0].State != "in_force" {
				t.Errorf("%+v", list)
			}
		}
		w.good(claire.EndMyDelegation(ctx, mine.Items[0].ID, rest.MyPlace{Organization: w.a}))
	})
}

// What is wrong is told field by field, all of it or nothing; what is of another
// organisation is not there (AUZ-01, AUZ-02, ENU-03).
func TestDelegationRefusals(t *testing.T) {
	eachNamed(t, func(w *named) {
		const path = "/organizations/tilleuls/delegations"
		w.bruno.post(path, `{"identities":[],"member":"`+w.julieID+`","acts":["send"]}`).refused(422, "invalid")
		w.bruno.post(path, `{"identities":["agd_1"],"member":"x","acts":["sign"]}`).refused(422, "invalid").
			at(t, "body.identities[0] api.identifier", "body.member api.identifier", "body.acts[0] api.choice")
		w.bruno.post(path, `{"identities":["`+w.accueil+`","`+w.morvan+`"],"member":"`+w.holder+`","acts":["send"]}`).refused(422, "invalid").
			at(t, "body.identities[1] delegation.holder")
		w.bruno.post(path, `{"identities":["`+ident.NewIdentity().String()+`"],"member":"`+ident.NewMember().String()+`","acts":["send"]}`).refused(422, "invalid").
			at(t, "body.member member.not_found", "body.identities[0] delegation.identity_unknown")
		w.claire.post(path, `{"identities":["`+w.morvan+`"],"member":"`+w.julieID+`","acts":["send"]}`).refused(403, "delegation.not_grantable").
			at(t, "body.identities[0] delegation.not_here")
		w.julie.post(path, `{"identities":["`+w.morvan+`"],"member":"`+w.holder+`","acts":["send"]}`).refused(403, "access.forbidden")
		w.julie.get(path).refused(403, "access.forbidden")
		w.bruno.get(path+"?state=active").refused(422, "invalid")
		w.bruno.get("/me/delegations").refused(422, "invalid")
		w.olga.get("/me/delegations?organization="+url.QueryEscape(w.a)).refused(404, "access.not_found")

		once := w.bruno.and("Idempotency-Key: une-fois")
		body := `{"identities":["` + w.accueil + `"],"member":"` + w.julieID + `","acts":["send"]}`
		first := once.post(path, body).is(201)
		if again := once.post(path, body).is(201); !bytes.Equal(again.body, first.body) {
			t.Errorf("%s\n%s", first.body, again.body)
		}
		w.bruno.post(path, body).refused(422, "invalid").at(t, "body.identities[0] delegation.already")
		id := string(first.body[bytes.Index(first.body, []byte("dlg_")):][:40])
		for _, one := range []string{"/organizations/" + w.a + "/delegations/" + id, "/organizations/" + w.b + "/delegations/" + id} {
			code := "delegation.not_found"
			if strings.Contains(one, w.a) {
				code = "access.not_found"
			}
			for _, a := range []answer{w.olga.get(one), w.olga.del(one), w.olga.post(one+"/confirm", ""), w.olga.post(one+"/refuse", ""), w.olga.and(`If-Match: "1"`).send("PATCH", one, `{"without_end":true}`)} {
				a.refused(404, code)
			}
		}
	})
}
