package api_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	rest "habilis/client"
)

func (w *world) secretaryNamed(given, email string) rest.NewMember {
	return rest.NewMember{
		ProfileType: "non_practitioner", GivenName: given, FamilyName: "Essai", Function: "secretary", Email: email, Sites: []string{w.a1},
		Roles: []rest.RoleAtScope{{Role: w.role("secretary"), Scope: w.a1}},
	}
}

// MEM-1 to MEM-5, MEM-10: a member is created through the API, with everything, after a
// dry run that does nothing; an address with an account joins, another is invited.
func TestCreateMember(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		jeanne := w.secretaryNamed("Jeanne", "jeanne@exemple.fr")
		jeanne.ProfileType, jeanne.Specialty, jeanne.SIRET, jeanne.AMNumber = "unregulated", &rest.CodedChange{Label: to("Ostéopathie")}, "732 829 320 00074", "991823767"
		jeanne.Administrator, jeanne.Permissions = []string{w.a1}, []rest.PermissionAtScope{{Permission: "members.read", Scope: "organization"}}
		jeanne.Locum = &rest.NewLocum{Member: w.member("julie@tilleuls.example"), From: "2030-01-01", Until: "2030-01-31"}
		foreseen, err := c.PreviewCreateMember(ctx, w.a, jeanne)
		w.good(err)
		if !foreseen.DryRun || foreseen.ID != nil || len(foreseen.Warnings) != 1 || foreseen.Warnings[0].Code != "doubt.am_key" ||
			!strings.Contains(foreseen.Warnings[0].Detail, "Assurance Maladie") {
			t.Errorf("%+v", foreseen)
		}
		made, err := c.CreateMember(ctx, w.a, jeanne)
		w.good(err)
		if made.DryRun || made.ID == nil || made.Fate == nil || *made.Fate != "invited" || made.Invitation == nil || made.Name != "Jeanne Essai" {
			t.Fatalf("%+v", made)
		}
		sheet, err := c.GetMember(ctx, w.a, *made.ID)
		w.good(err)
		if sheet.Status != "created" || sheet.Account != nil || sheet.SIRET != "73282932000074" || sheet.AMNumber != "991823767" ||
			len(sheet.Roles) != 2 || len(sheet.Permissions) != 1 || len(sheet.Administration) != 1 || sheet.Locum == nil {
			t.Errorf("%+v", sheet)
		}
		yves := w.person("yves@ailleurs.example", "Yves", "Autre")
		made, err = c.CreateMember(ctx, w.a, w.secretaryNamed("Yves", "yves@ailleurs.example"))
		w.good(err)
		if made.Fate == nil || *made.Fate != "joined" || made.Invitation != nil {
			t.Errorf("%+v", made)
		}
		yves.get("/organizations/" + w.a).is(200)
	})
}

// AUZ-03, MEM-2, MEM-3: the server looks the RPPS number up itself: what it imports cannot be
// sent, nor typed over; and one number is one member.
func TestCreateRegulatedMember(t *testing.T) {
	each(t, func(w *world) {
		c, ctx, path := w.bruno.rest(), t.Context(), "/organizations/"+w.a+"/members"
		body := func(more string) string {
			return `{"profile_type":"regulated","function":"midwife","rpps":"99 700 004 122","sites":["` + w.a1 + `"]` + more + `}`
		}
		for field, more := range map[string]string{
			"import": `,"import":{"origin":"fhir"}`, "identity": `,"identity":{"source":"directory"}`, "status": `,"status":"active"`,
			"account": `,"account":"acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"`, "organization": `,"organization":"` + w.b + `"`,
			"role": `,"role":"administrator"`, "org_role": `,"org_role":"owner"`, "is_admin": `,"is_admin":true`, "tenant_id": `,"tenant_id":"` + w.b + `"`,
			"site_id": `,"site_id":"x"`, "email_verified": `,"email_verified":true`, "rpps_verified": `,"rpps_verified":true`,
			"locum.starts_at":  `,"locum":{"name":"Léa Roux","from":"2030-01-01","until":"2030-01-31","starts_at":"2020-01-01T00:00:00Z"}`,
			"specialty.system": `,"specialty":{"code":"SM26","system":"x"}`, "version": `,"version":7`, "starts_at": `,"starts_at":"2020-01-01T00:00:00Z"`, "known_until": `,"known_until":"2020-01-01T00:00:00Z"`,
		} {
			w.bruno.post(path, body(more)).refused(422, "invalid").at(t, "body."+field+" api.unknown_field") // AUZ-03: mass assignment
		}
		w.bruno.post(path, body(`,"family_name":"Autre"`)).refused(422, "invalid").at(t, "body.family_name member.name_imported")
		w.bruno.post(path, body(`,"profession":{"code":"10"}`)).refused(422, "invalid").at(t, "body.profession.label member.name_imported")
		w.bruno.post(path, body(`,"activity":"autre"`)).refused(422, "invalid").at(t, "body.activity member.activity_unknown")
		w.bruno.post(path, strings.Replace(body(""), "99 700 004 122", "99 700 004 123", 1)).refused(422, "invalid").
			at(t, "body.rpps identifier.rpps_key", "body.given_name text.empty", "body.family_name text.empty")
		a := w.bruno.post(path, body(`,"activity":"1"`)).is(201)
		if a.header.Get("Location") != baseURL+"/api/v1"+path+"/"+a.id() {
			t.Errorf("%v", a.header)
		}
		sheet, err := c.GetMember(ctx, w.a, a.id())
		w.good(err)
		if sheet.FamilyName != "DIALLO" || sheet.RPPS != midwife || sheet.ProfileType != "regulated" {
			t.Errorf("%+v", sheet)
		}
		w.bruno.post(path, body("")).refused(422, "invalid").at(t, "body.rpps enrolment.rpps_of_member")
		typed := w.secretaryNamed("Nina", "")
		typed.ProfileType, typed.RPPS = "regulated", "99700218896" // which the directory does not know
		made, err := c.CreateMember(ctx, w.a, typed)
		w.good(err)
		if made.Fate != nil || len(made.Warnings) != 1 || made.Warnings[0].Code != "doubt.rpps_trial" {
			t.Errorf("%+v", made)
		}
	})
}

// DIR-1: a directory that is down: manual entry, to be verified.
func TestCreateWithoutDirectory(t *testing.T) {
	w := newWorld(t, storeForOne(t))
	typed := `{"profile_type":"regulated","function":"midwife","given_name":"Léa","family_name":"Roux","rpps":"` + unreachable +
		`","sites":["` + w.a1 + `"]}`
	id := w.bruno.post("/organizations/"+w.a+"/members", typed).is(201).id()
	if n := w.count(`select count(*) from member_state where member_id = $1 and identity_source = 'declared'`, id); n != 1 {
		t.Error("it is not to be verified")
	}
	several := strings.Replace(typed, unreachable, busy, 1)
	w.bruno.post("/organizations/"+w.a+"/members", several).refused(422, "invalid").at(t, "body.activity member.activity_required")
}

// SEC-3, INV-08, AUZ-04, AUZ-06: a browser proves who acts, and nobody gives what they do
// not hold; a refusal leaves no member.
func TestCreateMemberRefused(t *testing.T) {
	each(t, func(w *world) {
		path := "/organizations/" + w.a + "/members"
		body := func(more string) string {
			return `{"profile_type":"non_practitioner","given_name":"Nina","family_name":"Essai","function":"secretary","sites":["` + w.a1 + `"]` + more + `}`
		}
		before := w.count(`select count(*) from member_state`)
		browser := w.bruno.signedIn().and("Origin: "+baseURL, "Sec-Fetch-Site: same-origin")
		w.clock.Add(10 * time.Minute)
		browser.post(path, body("")).refused(403, "access.step_up_required")
		browser.post(path+"?dry_run=true", body("")).is(200)
		w.julie.post(path, body("")).refused(403, "access.forbidden")
		w.olga.post(path, body("")).refused(404, "access.not_found")
		caller{w: w}.post(path, body("")).is(401)
		w.tina.post(path, body(`,"administrator":["organization"]`)).refused(403, "enrolment.cannot_give").
			at(t, "body.administrator[0] role.above_yours")
		w.tina.post(path, body(`,"permissions":[{"permission":"security.edit","scope":"organization"}]`)).refused(403, "enrolment.cannot_give").
			at(t, "body.permissions[0] role.above_yours")
		w.tina.post(path, strings.Replace(body(""), w.a1, w.a2, 1)).refused(403, "enrolment.cannot_give").at(t, "body.sites[0] site.not_found")
		w.bruno.post(path, body(`,"administrator":["`+w.a2+`"]`)).refused(422, "invalid").at(t, "body.administrator[0] enrolment.role_elsewhere")
		w.bruno.post(path, body(`,"welcome":"invitation"`)).refused(422, "invalid").at(t, "body.email enrolment.no_address")
		w.bruno.post(path, body(`,"email":"julie@tilleuls.example"`)).refused(422, "invalid").at(t, "body.email enrolment.email_of_member")
		w.bruno.post(path, body(`,"welcome":"temporary_password","email":"nina@exemple.fr"`)).refused(403, "enrolment.temporary_not_allowed")
		w.bruno.post(path, body(`,"siret":"73282932000074"`)).refused(422, "invalid").at(t, "body.siret member.practitioner_only")
		if after := w.count(`select count(*) from member_state`); after != before {
			t.Errorf("%d rows of members, want %d", after, before)
		}
	})
}

// MEM-1: «Inviter» through the API, once; a repeated request has the same answer.
func TestInviteMemberAPI(t *testing.T) {
	each(t, func(w *world) {
		c, ctx := w.bruno.rest(), t.Context()
		nina := w.secretaryNamed("Nina", "nina@exemple.fr")
		nina.Welcome = "none"
		made, err := c.CreateMember(ctx, w.a, nina)
		w.good(err)
		if made.Fate != nil || made.Invitation != nil {
			t.Errorf("%+v", made)
		}
		path := "/organizations/" + w.a + "/members/" + *made.ID + "/invitation"
		w.julie.post(path, "{}").refused(403, "access.forbidden")
		once := w.bruno.and("Idempotency-Key: invite-nina-once")
		first := once.post(path, "{}").is(200)
		if again := once.post(path, "{}").is(200); !bytes.Equal(again.body, first.body) {
			t.Errorf("%s\n%s", first.body, again.body)
		}
		var v rest.CreatedMember
		first.into(&v)
		if v.Fate == nil || *v.Fate != "invited" || v.Invitation == nil {
			t.Errorf("%s", first.body)
		}
		w.letter("letter.invitation")
		_, err = c.InviteMember(ctx, w.a, *made.ID, rest.MemberInvitation{})
		w.refusedBy(err, 409, "enrolment.already_invited")
		_, err = c.InviteMember(ctx, w.a, w.member("julie@tilleuls.example"), rest.MemberInvitation{})
		w.refusedBy(err, 409, "member.not_active")
		zoe, err := c.CreateMember(ctx, w.a, w.secretaryNamed("Zoé", ""))
		w.good(err)
		_, err = c.InviteMember(ctx, w.a, *zoe.ID, rest.MemberInvitation{})
		w.refusedBy(err, 409, "enrolment.no_email")
	})
}

// Issue 3: the national nomenclatures, by name, searched, page by page.
func TestNomenclatures(t *testing.T) {
	w := newWorld(t, storeForOne(t))
	c, ctx := w.julie.rest(), t.Context()
	all, err := c.ListNomenclatures(ctx, rest.Paging{Limit: 100})
	w.good(err)
	if len(all.Items) != 29 || all.Items[0].Name != "J106" || all.Items[0].Size != 29 {
		t.Errorf("%d nomenclatures, %+v", len(all.Items), all.Items[0])
	}
	if n := len(collect(w, c.Codes(ctx, "R38", rest.CodeQuery{}))); n != 106 {
		t.Errorf("%d specialties", n)
	}
	found, err := c.GetNomenclature(ctx, "TRE_R38-SpecialiteOrdinale", rest.CodeQuery{Search: "CARDIO vasc mala"})
	w.good(err)
	if found.Nomenclature.Name != "R38" || found.Total != 1 || !strings.HasPrefix(found.Items[0].Label, "Cardiologie") {
		t.Errorf("%+v", found)
	}
	_, err = c.GetNomenclature(ctx, "R999", rest.CodeQuery{})
	w.refusedBy(err, 404, "api.nomenclature_unknown")
	w.julie.get("/directory/nomenclatures/..%2f..%2fetc").is(404)
	caller{w: w}.get("/directory/nomenclatures").is(401)
}
