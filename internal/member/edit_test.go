package member_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// Numbers with a good key.
const (
	rpps1, rpps2, rpps3 = "99700000013", "99700000021", "99700000039"
	siret               = "73282932000074"
)

func ptr[T any](v T) *T { return &v }

// newcomer inserts a member without account.
func (w *world) newcomer(name string, n member.New) ident.Member {
	w.Helper()
	n.Org, n.GivenName, n.FamilyName = w.a.org, or(n.GivenName, title(name)), or(n.FamilyName, title(name)+"-Essai")
	if n.Sites == nil {
		n.Sites = w.a.site[:1]
	}
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		m, err := member.Insert(ctx, tx, n)
		w.a.ids[name] = m.ID
		return err
	})
	return w.a.ids[name]
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// edit edits a member of A as claire, whatever the version.
func (w *world) edit(name string, c member.Change) (member.Sheet, error) {
	w.Helper()
	return w.members.Edit(w.Context(), w.as("claire"), w.a.org, w.a.ids[name], c, 0)
}

// refused fails unless the change is refused with exactly these fields, by Edit and by
// PreviewEdit, and nothing but the trail tells of it.
func (w *world) refused(what, name string, c member.Change, fields map[string]string) {
	w.Helper()
	before := w.dump()
	_, err := w.edit(name, c)
	if got := fieldCodes(err); !reflect.DeepEqual(got, fields) {
		w.Errorf("%s: %v, want %v", what, got, fields)
	}
	_, err = w.members.PreviewEdit(w.Context(), w.as("claire"), w.a.org, w.a.ids[name], c, 0)
	if got := fieldCodes(err); !reflect.DeepEqual(got, fields) {
		w.Errorf("%s, looked at: %v, want %v", what, got, fields)
	}
	if after := w.dump(); after != before {
		w.Errorf("%s changed something: %s, before %s", what, after, before)
	}
}

// CHG-1, MEM-5, MEM-8: every detail can be edited; «avant / après» is said beforehand
// and stands in the trail, with the changed fields only.
func TestEdit(t *testing.T) {
	eachWorld(t, func(w *world) {
		doctor, _ := nomenclature.Profession("10")
		w.newcomer("adele", member.New{
			ProfileType: member.Regulated, RPPS: rpps1, ProfessionCode: doctor.Code, Function: "physician", Title: "Mme",
		})
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["adele"])
		if err != nil || sheet.Profession != doctor.Label || sheet.Identity.Source != member.Declared || sheet.Identity.At == nil ||
			!sheet.May.Edit || !sheet.May.EditRights {
			w.Fatalf("%+v, %v", sheet, err)
		}
		specialty := nomenclature.Specialties()[3]
		c := member.Change{
			Title: ptr("Dr"), GivenName: ptr("Adèle"), FamilyName: ptr("Le Goff"), Function: ptr(member.FunctionOther), Email: ptr("Adele@Exemple.fr"),
			SpecialtyCode: ptr(specialty.Code), Phone: ptr("06 12 34 56 78"), MSSante: ptr("adele@medecin.mssante.fr"),
			SIRET: ptr("732 829 320 00074"), AMNumber: ptr("991823765"), Reach: ptr(member.ReachEveryone), RPPS: ptr("99 700 000 013"),
		}
		before := w.dump()
		seen, err := w.members.PreviewEdit(w.Context(), w.as("claire"), w.a.org, sheet.ID, c, sheet.Version)
		w.Want("looking at it", err, nil)
		if after := w.dump(); after != before {
			w.Errorf("looking changed %s to %s", before, after)
		}
		var names []string
		for _, f := range seen.Fields {
			names = append(names, f.Name)
		}
		want := []string{"title", "given_name", "family_name", "function", "specialty_code", "specialty", "email", "phone", "mssante", "siret", "am_number", "messaging_reach"}
		if !slices.Equal(names, want) {
			w.Errorf("changed fields: %v", names)
		}
		if !slices.Contains(seen.Warnings, "doubt.am_key") || seen.After.Name() != "Adèle Le Goff" || seen.Before.Name() != "Adele Adele-Essai" {
			w.Errorf("%+v", seen)
		}
		got, err := w.members.Edit(w.Context(), w.as("claire"), w.a.org, sheet.ID, c, sheet.Version)
		w.Want("editing", err, nil)
		if got.Name() != "Adèle Le Goff" || got.Title != "Dr" || got.Function != "other" || got.Email != "Adele@Exemple.fr" ||
			got.Phone != "+33612345678" || got.SIRET != siret || got.AMNumber != "991823765" || got.Reach != member.ReachEveryone ||
			got.Specialty != specialty.Label || got.SpecialtyCode != specialty.Code || got.RPPS != rpps1 || got.Version != sheet.Version+1 {
			w.Errorf("%+v", got.Member)
		}
		if payload := w.lastPayload("member.edit"); !strings.Contains(payload, "Le Goff") || strings.Contains(payload, `"rpps"`) {
			w.Errorf("the trail says %s", payload)
		}
		_, err = w.members.Edit(w.Context(), w.as("claire"), w.a.org, sheet.ID, c, got.Version)
		w.Want("the same again", err, nil)
		if again, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, sheet.ID); err != nil || again.Version != got.Version {
			w.Errorf("a change of nothing made version %d of %d: %v", again.Version, got.Version, err)
		}
		if list, err := w.members.List(w.Context(), w.as("claire"), w.a.org, member.Query{Search: "le goff"}); err != nil || list.Total != 1 {
			w.Errorf("the new name is not found: %+v, %v", list, err)
		}
	})
}

// lastPayload is what the newest event of a verb tells in organisation A.
func (w *world) lastPayload(verb string) string {
	w.Helper()
	return w.text(`select p.payload from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 and e.verb = $2 and e.outcome = 'done' order by e.seq desc limit 1`, w.a.org, verb)
}

// MEM-1, MEM-4, MEM-5: what must be corrected, all at once, each under its field.
func TestEditRefusesFields(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.newcomer("bea", member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie"})
		w.newcomer("cyril", member.New{})
		w.newcomer("ada", member.New{ProfileType: member.Regulated, RPPS: rpps1})
		w.refused("everything wrong", "bea", member.Change{
			Title: ptr("Sir"), GivenName: ptr("<b>"), Function: ptr("king"), Reach: ptr(member.Reach("moon")), ProfileType: ptr(member.ProfileType("Z")),
			ProfessionCode: ptr("nope"), SpecialtyCode: ptr("nope"), Phone: ptr("12"), MSSante: ptr("x"), SIRET: ptr("12345678901234"), AMNumber: ptr("1"),
			Email: ptr("nobody"),
		}, map[string]string{
			"title": "member.title_unknown", "given_name": string(text.Symbol), "function": "member.function_unknown",
			"messaging_reach": "member.reach_unknown", "profile_type": "member.profile_type_unknown", "profession_code": "member.profession_unknown",
			"specialty_code": "member.specialty_unknown", "phone": "identifier.phone_malformed", "mssante": "identifier.mssante_malformed",
			"siret": "identifier.siret_key", "am_number": "identifier.am_malformed", "email": "account.email_malformed",
		})
		w.refused("B without specialty", "bea", member.Change{Specialty: ptr(" ")}, map[string]string{"specialty": "member.specialty_required"})
		w.refused("B with an RPPS that stays B", "bea", member.Change{RPPS: ptr(rpps2), ProfileType: ptr(member.Unregulated)},
			map[string]string{"rpps": "member.rpps_regulated_only"})
		w.refused("A without RPPS", "bea", member.Change{ProfileType: ptr(member.Regulated)}, map[string]string{"rpps": "member.rpps_required"})
		w.refused("an RPPS of a wrong key", "bea", member.Change{RPPS: ptr("99700000014")}, map[string]string{"rpps": "identifier.rpps_key"})
		w.refused("somebody's RPPS", "bea", member.Change{RPPS: ptr(rpps1)}, map[string]string{"rpps": "member.rpps_taken"})
		w.refused("C of a practitioner", "cyril", member.Change{
			SIRET: ptr(siret), AMNumber: ptr("991823766"), Specialty: ptr("Chirurgie"), Locum: ptr(&member.Locum{Name: "Léa Roux", From: "2030-01-01", Until: "2030-01-31"}),
		}, map[string]string{
			"siret": "member.practitioner_only", "am_number": "member.practitioner_only", "specialty": "member.practitioner_only", "locum": "member.practitioner_only",
		})
		for what, c := range map[string]struct {
			locum member.Locum
			want  map[string]string
		}{
			"no dates":  {member.Locum{Name: "Léa Roux"}, map[string]string{"locum.from": "member.date_required", "locum.until": "member.date_required"}},
			"no person": {member.Locum{From: "2030-01-01", Until: "2030-01-02"}, map[string]string{"locum.name": string(text.Empty)}},
			"no day": {member.Locum{Name: "Léa Roux", From: "2030-02-30", Until: "30/03/2030"}, map[string]string{
				"locum.from": "member.date_malformed", "locum.until": "member.date_malformed",
			}},
			"backwards": {member.Locum{Name: "Léa Roux", From: "2030-02-02", Until: "2030-02-01"}, map[string]string{"locum.until": "member.locum_order"}},
			"over":      {member.Locum{Name: "Léa Roux", From: "2020-02-02", Until: "2020-02-03"}, map[string]string{"locum.until": "member.locum_over"}},
			"of oneself": {member.Locum{For: w.a.ids["bea"], From: "2030-02-02", Until: "2030-02-03"}, map[string]string{
				"locum.for": "member.locum_self",
			}},
			"of a member of B (AUZ-02)": {member.Locum{For: w.b.ids["marc"], From: "2030-02-02", Until: "2030-02-03"}, map[string]string{
				"locum.for": "member.not_found",
			}},
		} {
			w.refused("a locum, "+what, "bea", member.Change{Locum: ptr(&c.locum)}, c.want)
		}
		_, err := w.members.Edit(w.Context(), w.as("nadege"), w.a.org, w.a.ids["bea"], member.Change{
			Locum: ptr(&member.Locum{For: w.a.ids["paul"], From: "2030-02-02", Until: "2030-02-03"}),
		}, 0)
		if got := fieldCodes(err)["locum.for"]; got != "member.not_found" {
			w.Errorf("AUZ-06: a member whom the editor may not see was named: %v", err)
		}
	})
}

// MEM-3, FED-02: an RPPS and a profile type, once saved, change for nobody, the
// operator included; each try stands in the trail.
func TestLocked(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.newcomer("ada", member.New{ProfileType: member.Regulated, RPPS: rpps1})
		w.newcomer("bea", member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie"})
		w.newcomer("cyril", member.New{})
		locked := func(at ...string) map[string]string {
			m := map[string]string{}
			for _, a := range at {
				m[a] = "member.locked"
			}
			return m
		}
		w.refused("another RPPS", "ada", member.Change{RPPS: ptr(rpps2)}, locked("rpps"))
		w.refused("no RPPS", "ada", member.Change{RPPS: ptr("")}, locked("rpps"))
		w.refused("a broken RPPS", "ada", member.Change{RPPS: ptr("1")}, locked("rpps"))
		w.refused("another type", "ada", member.Change{ProfileType: ptr(member.Unregulated), Specialty: ptr("X")}, locked("profile_type"))
		w.refused("both, and a name", "ada", member.Change{ProfileType: ptr(member.NonPractitioner), RPPS: ptr(rpps3), GivenName: ptr("Eve")}, locked("rpps", "profile_type"))
		w.refused("B to C", "bea", member.Change{ProfileType: ptr(member.NonPractitioner)}, locked("profile_type"))
		w.refused("C to B", "cyril", member.Change{ProfileType: ptr(member.Unregulated), Specialty: ptr("X")}, locked("profile_type"))
		w.refused("another RPPS by its import", "ada", member.Change{RPPS: ptr(rpps2), Import: practitioner(rpps2, "EVE", "LE GOFF")},
			map[string]string{"rpps": "member.locked"})
		_, err := w.members.Edit(w.Context(), system, w.a.org, w.a.ids["ada"], member.Change{RPPS: ptr(rpps2)}, 0)
		w.Want("the operator", err, member.ErrLocked)
		if n := w.refusals(w.a.org.String(), "member.locked"); n < 7 {
			w.Errorf("%d refusals recorded", n)
		}
		for _, name := range []string{"bea", "cyril"} {
			number := map[string]string{"bea": rpps2, "cyril": rpps3}[name]
			sheet, err := w.edit(name, member.Change{RPPS: ptr(number)})
			if err != nil || sheet.ProfileType != member.Regulated || sheet.RPPS != number || sheet.Identity.Source != member.Declared {
				w.Errorf("%s becomes A once: %+v, %v", name, sheet.Member, err)
			}
			w.refused(name+" back", name, member.Change{ProfileType: ptr(member.NonPractitioner)}, locked("profile_type"))
		}
		// The row itself: an RPPS that was saved is in every later state of the member.
		if n := w.Count(`select count(*) from member_state a join member_state b on b.org_id = a.org_id and b.member_id = a.member_id and b.rev > a.rev
			where a.rpps <> '' and b.rpps <> a.rpps`); n != 0 {
			w.Errorf("%d states changed an RPPS", n)
		}
	})
}

// practitioner is what the directory says of a number.
func practitioner(rpps, given, family string) *directory.Import {
	return &directory.Import{
		Origin: directory.FromFHIR, AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Activity: "2",
		Practitioner: directory.Practitioner{
			RPPS: rpps, Active: true, Civility: "MME", Title: "DR", GivenName: given, FamilyName: family, MSSante: []string{"x@y.mssante.fr"},
			Activities: []directory.Activity{{ID: "1", Profession: directory.Code{Code: "60", Label: "Infirmier"}}, {
				ID: "2", Profession: directory.Code{Code: "10", Label: "Médecin"}, Specialties: []directory.Code{{Code: "SM54", Label: "Médecine générale"}},
			}},
		},
	}
}

// MEM-2, CHG-1: an imported identity is kept whole, its names change with the directory
// only; FED-09: an answer about somebody else, or with a script for a name, is refused.
func TestImportedIdentity(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.newcomer("bea", member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie", GivenName: "Béa", FamilyName: "Le Goff"})
		w.refused("somebody else's", "bea", member.Change{RPPS: ptr(rpps1), Import: practitioner(rpps2, "BEA", "LE GOFF")}, map[string]string{"rpps": "member.import_other"})
		w.refused("without a number", "bea", member.Change{Import: practitioner(rpps2, "BEA", "LE GOFF")}, map[string]string{"rpps": "member.import_other"})
		w.refused("a script", "bea", member.Change{RPPS: ptr(rpps1), Import: practitioner(rpps1, "BEA", "<script>")}, map[string]string{"family_name": string(text.Symbol)})
		w.refused("another name", "bea", member.Change{RPPS: ptr(rpps1), FamilyName: ptr("Martin"), Import: practitioner(rpps1, "BEA", "LE GOFF")},
			map[string]string{"family_name": "member.name_imported"})
		sheet, err := w.edit("bea", member.Change{RPPS: ptr(rpps1), Import: practitioner(rpps1, "BEA", "LE GOFF"), FamilyName: ptr("Le Goff")})
		w.Want("importing", err, nil)
		if sheet.Name() != "BEA Le Goff" || sheet.Profession != "Médecin" || sheet.SpecialtyCode != "SM54" || sheet.MSSante != "x@y.mssante.fr" || sheet.Title != "Dr" ||
			sheet.Identity.Source != member.FromDirectory || sheet.ProfileType != member.Regulated || !reflect.DeepEqual(sheet.Identity.Import, practitioner(rpps1, "BEA", "LE GOFF")) {
			w.Errorf("%+v", sheet.Member)
		}
		w.refused("its names", "bea", member.Change{GivenName: ptr("Eve"), FamilyName: ptr("Martin")},
			map[string]string{"given_name": "member.name_imported", "family_name": "member.name_imported"})
		w.refused("its profession and specialty", "bea", member.Change{ProfessionCode: ptr("60"), Specialty: ptr("Chirurgie")},
			map[string]string{"profession": "member.name_imported", "specialty": "member.name_imported"})
		_, err = w.edit("bea", member.Change{Function: ptr("physician"), GivenName: ptr("BEA")})
		w.Want("what was not imported", err, nil)
		_, err = w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["bea"], 0)
		w.Want("deactivating", err, nil)
		if m, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, w.a.ids["bea"]); err != nil || m.Identity.Import == nil || m.Identity.Import.Activity != "2" {
			w.Errorf("a later state lost what was imported: %+v, %v", m.Identity, err)
		}
	})
}

// CHG-2: the address of somebody who has an account, or an invitation under way, is
// theirs; of who has neither, the administrator's to type and to empty.
func TestEmailBelongs(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, address := range []string{"eve@exemple.fr", ""} {
			w.refused("somebody's address", "julie", member.Change{Email: &address}, map[string]string{"email": "member.email_belongs"})
			w.refused("one's own", "claire", member.Change{Email: &address}, map[string]string{"email": "member.email_belongs"})
		}
		_, err := w.edit("julie", member.Change{Email: ptr("julie@exemple.fr")})
		w.Want("the same address", err, nil)
		if _, err := w.edit("julie", member.Change{Email: ptr("eve@exemple.fr")}); !fault.Is(err, fault.Forbidden) {
			w.Errorf("%v", err)
		}
		id := w.newcomer("zoe", member.New{})
		for _, address := range []string{"zoe@exemple.fr", "", "zoé@exemple.fr"} {
			sheet, err := w.edit("zoe", member.Change{Email: &address})
			if err != nil || sheet.Email != address {
				w.Errorf("%q: %q, %v", address, sheet.Email, err)
			}
		}
		w.Exec(`insert into invitation (org_id, id, member_id, email_key, email, language, function, welcome, status, token_until, temporary_hash,
			temporary_until, invited_by, invited_by_name, sent_at, expires_at, version, created_at)
			values ($1, $2, $3, 'z', 'z', 'fr', '', 'invitation', 'pending', $4, '', $4, '', '', $4, $4, 1, $4)`, w.a.org, ident.NewInvitation(), id, w.DB.Now())
		w.refused("an address that was invited", "zoe", member.Change{Email: ptr("eve@exemple.fr")}, map[string]string{"email": "member.email_belongs"})
	})
}

// CHG-1, RGT-1, AUZ-05, AUZ-06: who may edit whom, oneself included.
func TestWhoMayEdit(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.custom("sam", w.a.at(0), access.MembersRead, access.MembersEdit)
		for _, c := range []struct {
			by, whom string
			want     error
		}{
			{"claire", "julie", nil},
			{"claire", "claire", nil},
			{"nadege", "julie", nil},
			{"nadege", "yanis", access.ErrForbidden}, // belongs to A2 as well
			{"nadege", "paul", member.ErrNotFound},
			{"nadege", "bruno", member.ErrMorePowerful},
			{"sam", "julie", nil},
			{"sam", "nadege", member.ErrMorePowerful},
			{"sam", "sam", nil},
			{"julie", "sam", access.ErrForbidden},
			{"julie", "julie", access.ErrForbidden}, // one's own membership only with that right
			{"yanis", "paul", access.ErrForbidden},
		} {
			sheet, seen := w.members.Get(w.Context(), w.as(c.by), w.a.org, w.a.ids[c.whom])
			if seen == nil && sheet.May.Edit != (c.want == nil) {
				w.Errorf("%s, %s: the button says %t", c.by, c.whom, sheet.May.Edit)
			}
			_, err := w.members.Edit(w.Context(), w.as(c.by), w.a.org, w.a.ids[c.whom], member.Change{Phone: ptr("06 00 00 00 0" + c.by[:0] + "1")}, 0)
			w.Want(c.by+" edits "+c.whom, err, c.want)
			_, err = w.members.PreviewEdit(w.Context(), w.as(c.by), w.a.org, w.a.ids[c.whom], member.Change{}, 0)
			w.Want(c.by+" looks at "+c.whom, err, c.want)
		}
	})
}

// RAC-07: two administrators edit from one version; the second is told, and the first
// edition stands whole.
func TestEditStale(t *testing.T) {
	eachWorldWith(t, storetest.Options{}, func(w *world) {
		id := w.a.ids["julie"]
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a.org, id)
		w.Want("reading", err, nil)
		_, err = w.members.Edit(w.Context(), w.as("claire"), w.a.org, id, member.Change{Function: ptr("nurse")}, sheet.Version)
		w.Want("the first", err, nil)
		_, err = w.members.Edit(w.Context(), w.as("bruno"), w.a.org, id, member.Change{Function: ptr("midwife"), Title: ptr("Mme")}, sheet.Version)
		w.Want("the second", err, member.ErrStale)
		_, err = w.members.PreviewEdit(w.Context(), w.as("bruno"), w.a.org, id, member.Change{Title: ptr("Mme")}, sheet.Version)
		w.Want("the second, looking", err, member.ErrStale)
		_, err = w.members.ChangeRights(w.Context(), w.as("bruno"), w.a.org, id, member.RightsChange{AddSites: w.a.site[1:]}, sheet.Version)
		w.Want("rights from the older version", err, member.ErrStale)
		if got, err := w.members.Get(w.Context(), w.as("bruno"), w.a.org, id); err != nil || got.Function != "nurse" || got.Title != "" {
			w.Errorf("%+v, %v", got.Member, err)
		}
	})
}
