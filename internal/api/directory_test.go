package api_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// published is a directory of one midwife.
type published struct{}

const midwife = "99700004122"

// busy is a practitioner of two activities; unreachable is a number about which the directory
// cannot be asked.
const busy, unreachable = "99700000013", "99700000021"

func (published) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	a := directory.Answer{Origin: directory.FromIndex, AsOf: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	if rpps == midwife {
		a.Practitioners = []directory.Practitioner{{
			RPPS: midwife, Active: true, FamilyName: "DIALLO", GivenName: "Aïcha", Activities: []directory.Activity{{
				ID: "1", Profession: directory.Code{Code: "50", Label: "Sage-Femme"}, Structure: directory.Structure{City: "Saint-Aubin"},
			}},
		}}
	}
	if rpps == busy {
		a.Practitioners = []directory.Practitioner{{RPPS: busy, Active: true, FamilyName: "ROUX", GivenName: "Léa", Activities: []directory.Activity{
			{ID: "1", Profession: directory.Code{Code: "60", Label: "Infirmier"}}, {ID: "2", Profession: directory.Code{Code: "50", Label: "Sage-Femme"}},
		}}}
	}
	if rpps == unreachable {
		return directory.Answer{}, directory.ErrUnavailable
	}
	return a, nil
}

func (p published) ByName(ctx context.Context, n directory.Name) (directory.Answer, error) {
	if n.Words != "Diallo" {
		return directory.Answer{}, nil
	}
	a, err := p.ByRPPS(ctx, midwife)
	a.More = n.City == ""
	return a, err
}

// found is the answer of the route.
type found struct {
	Origin *string
	AsOf   *time.Time `json:"as_of"`
	More   bool
	Items  []struct {
		RPPS       string
		FamilyName string `json:"family_name"`
		MSSante    []string
		Activities []struct {
			Profession struct{ Code, Label string }
			Structure  struct{ City string }
		}
	}
}

// DIR-1: by number, by name; the answer says from where and of what date, and what nobody
// could check is no error.
func TestFindPractitioners(t *testing.T) {
	each(t, func(w *world) {
		look := func(query string) (f found) {
			w.Helper()
			w.bruno.get("/directory/practitioners?" + query).is(200).into(&f)
			return f
		}
		f := look("rpps=" + url.QueryEscape("99 700 004 122"))
		if f.Origin == nil || *f.Origin != "index" || f.AsOf == nil || len(f.Items) != 1 || f.Items[0].FamilyName != "DIALLO" ||
			f.Items[0].Activities[0].Profession.Code != "50" || f.Items[0].Activities[0].Structure.City != "Saint-Aubin" || f.Items[0].MSSante == nil {
			w.Errorf("%+v", f)
		}
		if f := look("name=Diallo&city=saint-aubin"); len(f.Items) != 1 || f.More {
			w.Errorf("%+v", f)
		}
		if f := look("name=Diallo"); !f.More {
			w.Errorf("%+v", f)
		}
		if f := look("name=Personne"); f.Origin != nil || f.AsOf != nil || f.Items == nil || len(f.Items) != 0 {
			w.Errorf("not checked: %+v", f)
		}
		w.bruno.get("/directory/practitioners").refused(400, "directory.criteria")
		w.bruno.get("/directory/practitioners?rpps=99700004123").is(422)
		w.bruno.get("/directory/practitioners?name=x").is(422)
		w.bruno.get("/directory/practitioners?nom=x").is(422)
	})
}

// AUZ-01: it is for those who may create or edit members somewhere.
func TestFindPractitionersRefused(t *testing.T) {
	each(t, func(w *world) {
		w.tina.get("/directory/practitioners?rpps=" + midwife).is(200)
		w.julie.get("/directory/practitioners?rpps="+midwife).refused(403, "access.forbidden")
		w.platform.get("/directory/practitioners?rpps=" + midwife).is(403)
		caller{w: w}.get("/directory/practitioners?rpps=" + midwife).is(401)
	})
}

// declared makes a midwife whose number was typed, at A2, and has the watch find her.
func (w *world) declared() string {
	w.Helper()
	var id ident.Member
	w.write(func(tx *store.Tx) error {
		m, err := member.Insert(w.Context(), tx, member.New{
			Org: ident.Org(w.a), Status: member.Active, ProfileType: member.Regulated, GivenName: "Aicha", FamilyName: "Dialo", Function: "midwife",
			RPPS: midwife, Sites: []ident.Site{ident.Site(w.a2)},
		})
		id = m.ID
		return err
	})
	r, err := dossier.Watch{Run: w.run, Source: published{}}.Compare(w.Context())
	if err != nil || r.Raised != 1 {
		w.Fatalf("%+v %v", r, err)
	}
	return id.String()
}

// VER-5: alerts are listed with what would change, and decided; nobody but whoever may edit
// the member does either (AUZ-01, AUZ-06).
func TestDirectoryAlerts(t *testing.T) {
	each(t, func(w *world) {
		id, path := w.declared(), "/organizations/"+w.a+"/directory-alerts"
		var list struct {
			Items []struct {
				ID, Member, Kind, Status string
				Name                     string `json:"member_name"`
				MayDecide                bool   `json:"may_decide"`
				Changes                  []struct{ Field, Before, After string }
			}
			Total int
		}
		w.bruno.get(path).is(200).into(&list)
		if list.Total != 1 || list.Items[0].Member != id || list.Items[0].Kind != "found" || !list.Items[0].MayDecide || list.Items[0].Name != "Aicha Dialo" ||
			list.Items[0].Changes[0].Field != "family_name" || list.Items[0].Changes[0].After != "DIALLO" {
			w.Fatalf("%+v", list)
		}
		one := path + "/" + list.Items[0].ID + "/decision"
		w.julie.get(path).refused(403, "access.forbidden")
		w.olga.get(path).is(404)
		w.julie.post(one, `{"decision":"accept"}`).refused(403, "access.forbidden")
		w.olga.post(one, `{"decision":"accept"}`).is(404)
		w.tina.post(one, `{"decision":"accept"}`).refused(404, "dossier.alert_not_found")
		if w.tina.get(path).is(200).into(&list); list.Total != 0 {
			w.Errorf("tina administers another site: %+v", list)
		}
		w.bruno.post(one, `{"decision":"perhaps"}`).is(422)
		w.bruno.post(path+"/alr_x/decision", `{"decision":"accept"}`).refused(404, "dossier.alert_not_found")
		var decided struct {
			Status    string
			DecidedBy string `json:"decided_by"`
		}
		w.bruno.post(one, `{"decision":"accept"}`).is(200).into(&decided)
		if decided.Status != "accepted" || decided.DecidedBy == "" {
			w.Errorf("%+v", decided)
		}
		w.bruno.post(one, `{"decision":"dismiss"}`).refused(409, "dossier.alert_decided")
		if items := w.bruno.items("/organizations/" + w.a + "/members?q=Diallo"); len(items) != 1 || items[0].FamilyName != "Diallo" || items[0].GivenName != "Aïcha" {
			w.Errorf("%+v", items)
		}
		w.bruno.get(path + "?status=accepted").is(200).into(&list)
		if list.Total != 1 || list.Items[0].MayDecide {
			w.Errorf("%+v", list)
		}
	})
}
