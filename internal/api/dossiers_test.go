package api_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// registers makes somebody who registered with organisation A and sent their file, without an
// RPPS number; it gives the member.
func (w *world) registers() (id ident.Member) {
	w.Helper()
	email, _ := account.ParseEmail("linh.nguyen@ailleurs.example")
	org, err := ident.ParseOrg(w.a)
	if err != nil {
		w.Fatal(err)
	}
	act := action.Act{Verb: "member.register", Orgs: []ident.Org{org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	_, err = action.Run(w.Context(), w.run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		v, err := dossier.RegisterWhole(w.Context(), tx, dossier.Registration{
			Org: org, Email: email, Language: text.FR, Names: account.Names{GivenName: "Linh", FamilyName: "Nguyen"}, Function: "nurse",
			ProfessionCode: "60", NoRPPS: "étudiante", PhoneProvedAt: &tx.Now, CompletedAt: &tx.Now,
		}, "x")
		id = v.Member
		return struct{}{}, err
	})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// VER-2 to VER-4, LST-2: a file through the API: listed, refreshed, certified by a person and
// by nobody else, withdrawn; ruled by support; unknown in another organisation.
func TestDossiers(t *testing.T) {
	each(t, func(w *world) {
		id := w.registers()
		base := "/organizations/" + w.a + "/dossiers"
		dos := ident.DossierOf(id).String()
		one := base + "/" + dos
		type file struct {
			Verification, Seen string
			Reasons            []struct{ Code, Detail string }
			Certification      *struct{ By string }
			Ruling             *struct{ Decision, Reason string }
			May                struct{ Certify, Rule bool }
		}
		var f file
		w.bruno.get(one).is(200).into(&f)
		if f.Verification != "unchecked" || !f.May.Certify || len(f.Reasons) != 0 {
			w.Fatalf("%+v", f)
		}
		var list struct {
			Items []struct{ ID, Verification string }
			Total int
		}
		w.bruno.get("/organizations/" + w.a + "/members?verification=unchecked").is(200).into(&list)
		if len(list.Items) != 1 || list.Items[0].ID != id.String() || list.Items[0].Verification != "unchecked" {
			w.Errorf("%+v", list)
		}
		var r struct {
			Lines []struct {
				Before, Verification string
				Reasons              []struct{ Code, Detail string }
			}
		}
		w.bruno.post(base+"/refresh", `{"members":["`+id.String()+`"]}`).is(200).into(&r)
		if len(r.Lines) != 1 || r.Lines[0].Verification != "incomplete" || r.Lines[0].Before != "unchecked" || r.Lines[0].Reasons[0].Detail == "" {
			w.Fatalf("%+v", r)
		}
		w.bruno.get(base + "?verification=incomplete").is(200).into(&list)
		if len(list.Items) != 1 || list.Items[0].ID != dos {
			w.Errorf("%+v", list)
		}
		w.bruno.get(one).is(200).into(&f)
		w.bruno.post(one+"/certification", `{"seen":"`+f.Seen+`","knows":false}`).refused(422, "invalid")
		w.bruno.post(one+"/certification", `{"seen":"0","knows":true}`).refused(409, "dossier.changed")
		w.bruno.post(one+"/certification", `{"seen":"`+f.Seen+`","knows":true}`).is(200).into(&f)
		if f.Verification != "verified" || f.Certification == nil {
			w.Fatalf("%+v", f)
		}
		w.bruno.post(one+"/certification", `{"seen":"`+f.Seen+`","knows":true}`).refused(409, "dossier.certified")
		w.bruno.post(one+"/notice", ``).refused(409, "dossier.verified")
		w.bruno.del(one + "/certification?reason=homonyme").is(200).into(&f)
		if f.Verification != "incomplete" {
			w.Errorf("%+v", f)
		}
		w.bruno.del(one+"/certification?reason=homonyme").refused(409, "dossier.not_certified")
		w.bruno.post(one+"/notice", ``).is(204)

		w.olga.get(one).refused(404, "access.not_found")
		w.olga.get("/organizations/"+w.b+"/dossiers/"+dos).refused(404, "dossier.not_found")
		w.julie.get(base).refused(403, "access.forbidden")

		w.bruno.get("/platform/dossiers").refused(404, "access.not_found")
		w.platform.get("/platform/dossiers").is(200).into(&list)
		if len(list.Items) != 1 || list.Items[0].ID != dos {
			w.Errorf("%+v", list)
		}
		w.platform.get("/platform/dossiers/" + dos).is(200).into(&f)
		ruled := "/platform/dossiers/" + dos + "/decision"
		w.platform.post(ruled, `{"decision":"validated","seen":"`+f.Seen+`"}`).refused(409, "dossier.papers_missing")
		w.platform.post(ruled, `{"decision":"refused","reason":"carte illisible","seen":"`+f.Seen+`"}`).is(200).into(&f)
		if f.Ruling == nil || f.Ruling.Reason != "carte illisible" {
			w.Errorf("%+v", f)
		}
		w.platform.post(ruled, `{"decision":"refused","reason":"encore","seen":"`+f.Seen+`"}`).refused(409, "dossier.ruled")
		w.platform.get("/platform/dossiers/"+ident.DossierOf(ident.NewMember()).String()).refused(404, "dossier.not_found")
	})
}
