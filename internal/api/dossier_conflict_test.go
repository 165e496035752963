package api_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// RAC-03, VER-3, INV-16: a file tells who bears the declared number already, and that the half of
// a certification does not count once the file has changed.
func TestDossierConflicts(t *testing.T) {
	each(t, func(w *world) {
		id := w.registers()
		one := "/organizations/" + w.a + "/dossiers/" + ident.DossierOf(id).String()
		org, err := ident.ParseOrg(w.a)
		if err != nil {
			w.Fatal(err)
		}
		two := setting.Registration{Open: true, TwoPeople: true}
		if _, err := (setting.Settings{Run: w.run}).SetRegistration(w.Context(), access.Operator("cli"), org, 0, two); err != nil {
			w.Fatal(err)
		}
		var f struct {
			Seen          string
			Certification *struct{ Void bool }
			Bearer        *struct{ Member, Name string } `json:"rpps_bearer"`
		}
		w.bruno.get(one).is(200).into(&f)
		w.bruno.post(one+"/certification", `{"seen":"`+f.Seen+`","knows":true}`).is(200).into(&f)
		if f.Certification == nil || f.Certification.Void || f.Bearer != nil {
			w.Fatalf("%+v", f)
		}
		var bearer ident.Member
		w.write(func(tx *store.Tx) error {
			err := tx.QueryRow(w.Context(), `select min(member_id) from member_state where org_id = $1 and member_id <> $2 and known_until is null`, org, id).Scan(&bearer)
			if err != nil {
				return err
			}
			for query, of := range map[string]ident.Member{
				`update registration set rpps = '10001234567', no_rpps = '' where member_id = $1`:                                       id,
				`update member_state set given_name = 'Lan' where member_id = $1 and known_until is null`:                               id,
				`update member_state set rpps = '10001234567', profile_type = 'regulated' where member_id = $1 and known_until is null`: bearer,
			} {
				if _, err := tx.Exec(w.Context(), query, of); err != nil {
					return err
				}
			}
			return nil
		})
		w.bruno.get(one).is(200).into(&f)
		if !f.Certification.Void || f.Bearer == nil || f.Bearer.Member != bearer.String() || f.Bearer.Name == "" {
			w.Errorf("%+v", f)
		}
	})
}
