package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	rest "habilis/client"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// sheet is the member's document, as far as these tests look at it.
type sheet struct {
	ID             string
	ProfileType    string `json:"profile_type"`
	GivenName      string `json:"given_name"`
	FamilyName     string `json:"family_name"`
	RPPS, SIRET    string
	Phone, Email   string
	Function       string
	Profession     struct{ Code, Label string }
	Specialty      struct{ Code, Label string }
	MessagingReach string `json:"messaging_reach"`
	Identity       *struct{ Source, At string }
	Locum          *struct {
		Member            *string
		Name, From, Until string
	}
	StartsAt    *string `json:"starts_at"`
	EndsAt      *string `json:"ends_at"`
	Roles       []struct{ BuiltIn, Scope string }
	Permissions []struct{ Permission, Scope string }
	Version     int64
}

// waiting inserts a member of A without account, at A1.
func (w *world) waiting(n member.New) (path string) {
	w.Helper()
	n.Org, n.GivenName, n.FamilyName = ident.Org(w.a), "Zoé", "Petit"
	n.Sites = []ident.Site{ident.Site(w.a1)}
	w.write(func(tx *store.Tx) error {
		m, err := member.Insert(w.Context(), tx, n)
		path = "/organizations/" + w.a + "/members/" + m.ID.String()
		return err
	})
	return path
}

// edit changes a member from the version in force.
func (c caller) edit(path, body string) answer {
	c.w.Helper()
	return c.change("PATCH", path, path, body)
}

// CHG-1: an edition changes what it names, answers with the sheet and its version, and
// refuses one made from an older version (RAC-07), or from none.
func TestEditMember(t *testing.T) {
	each(t, func(w *world) {
		path := w.waiting(member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie", Email: "zoe@exemple.fr"})
		old := w.bruno.get(path).is(200).header.Get("ETag")
		a := w.bruno.edit(path, `{"title":"Mme","family_name":"Le Goff","function":"coordinator","email":"Zoe.LeGoff@exemple.fr","phone":"06 12 34 56 78",
			"mssante":"zoe@pro.mssante.fr","siret":"732 829 320 00074","am_number":"991823766","messaging_reach":"everyone","specialty":{"code":"SM54"}}`).is(200)
		var v sheet
		a.into(&v)
		if v.FamilyName != "Le Goff" || v.Email != "Zoe.LeGoff@exemple.fr" || v.Phone != "+33612345678" || v.SIRET != "73282932000074" ||
			v.MessagingReach != "everyone" || v.Specialty.Code != "SM54" || v.Specialty.Label == "" || v.Identity != nil || v.Locum != nil ||
			a.header.Get("ETag") != fmt.Sprintf("%q", fmt.Sprint(v.Version)) {
			w.Errorf("%s", a.body)
		}
		w.bruno.and("If-Match: "+old).send("PATCH", path, `{"function":"nurse"}`).refused(412, "api.version_stale")
		w.bruno.send("PATCH", path, `{"function":"nurse"}`).refused(428, "api.version_missing")
		w.bruno.and("If-Match: *").send("PATCH", path, `{"function":"nurse"}`).refused(428, "api.version_missing")
		same := w.bruno.edit(path, `{"function":"coordinator","family_name":"Le Goff"}`).is(200)
		if same.header.Get("ETag") != a.header.Get("ETag") {
			w.Errorf("a change of nothing made version %s", same.header.Get("ETag"))
		}
		for _, field := range []string{"phone", "title", "profession"} { // only what may end takes null
			w.bruno.edit(path, `{"`+field+`":null}`).refused(422, "invalid").at(w.T, "body."+field+" api.null")
		}
		w.bruno.edit(path, `{"function":"king","messaging_reach":"moon","profile_type":"Z","title":"Sir"}`).refused(422, "invalid")
		w.bruno.edit(path, `{"siret":"1","specialty":{"code":"nope"},"family_name":"<b>"}`).refused(422, "invalid").at(w.T,
			"body.family_name text.symbol", "body.specialty_code member.specialty_unknown", "body.siret identifier.siret_malformed")
		w.julie.edit("/organizations/"+w.a+"/members/"+w.member("julie"), `{"function":"nurse"}`).refused(403, "access.forbidden")
	})
}

// AUZ-03: nothing but what the operation names can be set, at the top or inside; each try
// is refused whole, and stands in the trail. What is imported is not the client's to send.
func TestEditMemberMassAssignment(t *testing.T) {
	each(t, func(w *world) {
		path := w.waiting(member.New{})
		me := "/organizations/" + w.a + "/members/" + w.member("tina")
		before := w.bruno.get(path).is(200).body
		for _, field := range []string{
			"role", "roles", "org_role", "is_admin", "administrator", "administration", "permissions", "tenant_id", "organization", "site_id", "sites",
			"status", "locked", "account", "email_verified", "rpps_verified", "identity", "import", "identity_source", "version", "id", "ends_at",
			"starts_at", "created_at", "last_sign_in_at", "may", "password", "RPPS", "Function",
		} {
			for _, target := range []string{path, me} {
				w.tina.edit(target, `{"phone":"","`+field+`":"administrator"}`).refused(422, "invalid").at(w.T, "body."+field+" api.unknown_field")
			}
		}
		for _, inside := range []string{
			`{"profession":{"code":"10","system":"x"}}`, `{"specialty":{"label":"X","verified":true}}`,
			`{"locum":{"from":"2030-01-01","until":"2030-01-02","name":"A","permissions":["records.read"]}}`,
		} {
			if p := w.tina.edit(path, inside).refused(422, "invalid"); !strings.Contains(fmt.Sprint(p), "api.unknown_field") {
				w.Errorf("%s: %+v", inside, p)
			}
		}
		if after := w.bruno.get(path).is(200).body; !bytes.Equal(after, before) {
			w.Errorf("%s\nbefore %s", after, before)
		}
		if n := w.refusals("api.unknown_field"); n == 0 {
			w.Error("no try stands in the trail")
		}
	})
}

// MEM-3 by PATCH, PUT and a repeated request: an RPPS and a type, once saved, are what
// they were.
func TestLockedByREST(t *testing.T) {
	each(t, func(w *world) {
		path := w.waiting(member.New{ProfileType: member.Regulated, RPPS: "99700000039"})
		for body, at := range map[string]string{
			`{"rpps":"99700000047"}`: "body.rpps", `{"rpps":""}`: "body.rpps", `{"rpps":"` + midwife + `"}`: "body.rpps", `{"rpps":"nonsense"}`: "body.rpps",
			`{"profile_type":"unregulated"}`: "body.profile_type", `{"profile_type":"non_practitioner","specialty":{"label":""}}`: "body.profile_type",
		} {
			w.bruno.edit(path, body).refused(409, "member.locked").at(w.T, at+" member.locked")
		}
		w.bruno.and("If-Match: \"1\"").send("PUT", path, `{"rpps":"99700000047"}`).is(405)
		w.bruno.edit(path, `{"rpps":"99 700 000 039"}`).is(200)
		if n := w.refusals("member.locked"); n != 6 {
			w.Errorf("%d refusals recorded", n)
		}
		// B becomes A once; the same request again, under its key, is the same answer.
		other := w.waiting(member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie"})
		once := w.bruno.and("Idempotency-Key: first-number", "If-Match: "+w.bruno.get(other).header.Get("ETag"))
		first := once.send("PATCH", other, `{"rpps":"99700000054"}`).is(200)
		if again := once.send("PATCH", other, `{"rpps":"99700000054"}`).is(200); !bytes.Equal(again.body, first.body) {
			w.Errorf("%s\nfirst %s", again.body, first.body)
		}
		w.bruno.edit(other, `{"rpps":"99700000039"}`).refused(409, "member.locked")
		third := w.waiting(member.New{})
		w.bruno.edit(third, `{"rpps":"99700000039"}`).refused(422, "invalid").at(w.T, "body.rpps member.rpps_taken")
		w.bruno.edit(third, `{"rpps":"99700000038"}`).refused(422, "invalid").at(w.T, "body.rpps identifier.rpps_key")
	})
}

// MEM-2: a first RPPS is looked up by the server; of several activities one is chosen;
// when nobody can say, the number is declared (DIR-1).
func TestFirstRPPSIsLookedUp(t *testing.T) {
	each(t, func(w *world) {
		read := func(a answer) (v sheet) { a.is(200).into(&v); return v }
		path := w.waiting(member.New{})
		w.bruno.edit(path, `{"rpps":"`+busy+`"}`).refused(422, "invalid").at(w.T, "body.activity member.activity_required")
		w.bruno.edit(path, `{"rpps":"`+busy+`","activity":"7"}`).refused(422, "invalid").at(w.T, "body.activity member.activity_unknown")
		w.bruno.edit(path, `{"rpps":"`+busy+`","activity":"2","family_name":"Martin"}`).refused(409, "member.name_imported").at(w.T, "body.family_name member.name_imported")
		v := read(w.bruno.edit(path, `{"rpps":"`+busy+`","activity":"2"}`))
		if v.ProfileType != "regulated" || v.FamilyName != "ROUX" || v.Profession.Code != "50" || v.Identity == nil || v.Identity.Source != "directory" || v.Identity.At == "" {
			w.Errorf("%+v", v)
		}
		w.bruno.edit(path, `{"given_name":"Eve"}`).refused(409, "member.name_imported").at(w.T, "body.given_name member.name_imported")
		for _, number := range []string{unreachable, "99700000039"} {
			v := read(w.bruno.edit(w.waiting(member.New{}), `{"rpps":"`+number+`"}`))
			if v.RPPS != number || v.FamilyName != "Petit" || v.Identity == nil || v.Identity.Source != "declared" {
				w.Errorf("%+v", v)
			}
		}
	})
}

// CHG-2: somebody's e-mail address is refused, whoever asks, and only that.
func TestEmailBelongsByREST(t *testing.T) {
	each(t, func(w *world) {
		for _, who := range []string{"julie", "tina", "bruno"} {
			path := "/organizations/" + w.a + "/members/" + w.member(who)
			w.bruno.edit(path, `{"email":"eve@exemple.fr"}`).refused(403, "member.email_belongs").at(w.T, "body.email member.email_belongs")
			w.bruno.edit(path, `{"email":"`+who+`@tilleuls.example","function":"nurse"}`).is(200)
		}
		if w.count(`select count(*) from account_state where email_key = 'eve@exemple.fr'`) != 0 {
			w.Error("an account was changed")
		}
	})
}

// MEM-4: a locum by REST: given, told, and ended by null.
func TestLocumByREST(t *testing.T) {
	each(t, func(w *world) {
		path, julie := w.waiting(member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie"}), w.member("julie")
		var v sheet
		w.bruno.edit(path, `{"locum":{"member":"`+julie+`","from":"2030-12-01","until":"2030-12-31"}}`).is(200).into(&v)
		if v.Locum == nil || v.Locum.Member == nil || *v.Locum.Member != julie || v.Locum.Name != "Julie Delmas" || v.Locum.Until != "2030-12-31" ||
			*v.StartsAt != "2030-11-30T23:00:00Z" || *v.EndsAt != "2030-12-31T23:00:00Z" {
			w.Errorf("%+v", v)
		}
		w.bruno.edit(path, `{"locum":{"name":"Léa Roux","from":"2030-12-01","until":"2030-11-31"}}`).refused(422, "invalid").at(w.T, "body.locum.until member.date_malformed")
		w.bruno.edit(path, `{"locum":{"from":"2030-12-01"}}`).refused(422, "invalid")
		v = sheet{}
		w.bruno.edit(path, `{"function":"nurse"}`).is(200).into(&v)
		if v.Locum == nil {
			w.Error("what was left out is gone")
		}
		v = sheet{}
		w.bruno.edit(path, `{"locum":null}`).is(200).into(&v)
		if v.Locum != nil || v.StartsAt != nil || v.EndsAt != nil {
			w.Errorf("%+v", v)
		}
	})
}

// RGT-1, AUZ-04, AUZ-05: roles and single permissions by REST, through the public client.
func TestMemberRights(t *testing.T) {
	each(t, func(w *world) {
		julie, bruno, reader, admin := w.member("julie"), w.member("bruno"), w.role("reader"), w.role("administrator")
		boss, site := w.bruno.rest(), w.tina.rest()
		ctx := context.Background()
		v, err := boss.GetMember(ctx, w.a, julie)
		w.good(err)
		v, err = boss.GiveRole(ctx, w.a, julie, reader, "organization", v.Version)
		w.good(err)
		if len(v.Roles) != 2 {
			w.Errorf("%+v", v.Roles)
		}
		_, err = boss.GiveRole(ctx, w.a, julie, reader, w.a1, v.Version-1)
		w.refusedBy(err, 412, "api.version_stale")
		v, err = site.GivePermission(ctx, w.a, julie, "records.read", w.a1, v.Version)
		w.good(err)
		v, err = site.GivePermission(ctx, w.a, julie, "members.read", w.a1, v.Version)
		w.good(err)
		if len(v.Permissions) != 2 || v.Permissions[0].Scope != w.a1 {
			w.Errorf("%+v", v.Permissions)
		}
		_, err = site.GivePermission(ctx, w.a, julie, "records.read", "organization", v.Version)
		w.refusedBy(err, 403, "role.not_grantable", "path.code role.above_yours")
		_, err = site.GiveRole(ctx, w.a, julie, admin, "organization", v.Version)
		w.refusedBy(err, 403, "role.not_grantable", "path.rol role.above_yours")
		_, err = site.TakeRole(ctx, w.a, bruno, admin, "organization", 0)
		w.refusedBy(err, 403, "member.more_powerful")
		_, err = boss.TakeRole(ctx, w.a, bruno, admin, "organization", 0)
		w.refusedBy(err, 409, "member.last_administrator")
		_, err = boss.GiveRole(ctx, w.a, julie, reader, w.a2, v.Version)
		w.refusedBy(err, 409, "member.not_of_site")
		_, err = boss.GiveRole(ctx, w.a, julie, ident.NewRole().String(), "organization", v.Version)
		w.refusedBy(err, 404, "role.not_found")
		_, err = boss.GivePermission(ctx, w.a, julie, "root", "organization", v.Version)
		if p := new(rest.Problem); err == nil || !asProblem(err, &p) || p.Status != 422 {
			w.Errorf("%v", err)
		}
		_, err = boss.TakePermission(ctx, w.a, julie, "members.read", w.a1, v.Version)
		w.good(err)
		v, err = boss.TakeRole(ctx, w.a, julie, reader, "organization", 0)
		w.good(err)
		if len(v.Roles) != 1 || len(v.Permissions) != 1 {
			w.Errorf("%+v", v)
		}
		path := "/organizations/" + w.a + "/members/" + julie + "/roles/" + reader
		w.bruno.send("PUT", path+"?scope=organization", "").refused(428, "api.version_missing")
		w.bruno.send("PUT", path, "").refused(422, "invalid")
		// rules.md 6: a person in a browser proves who they are, for administration only.
		signed := w.bruno.signedIn().and("Origin: "+baseURL, "Sec-Fetch-Site: same-origin", fmt.Sprintf("If-Match: \"%d\"", v.Version))
		w.clock.Add(6 * 60 * 1e9)
		at := "/organizations/" + w.a + "/members/" + julie
		signed.send("PUT", at+"/permissions/members.read?scope="+w.a1, "").refused(403, "access.step_up_required")
		signed.send("PUT", at+"/permissions/tasks.read?scope="+w.a1, "").is(200)
	})
}

func asProblem(err error, p **rest.Problem) bool {
	v, ok := err.(*rest.Problem) //nolint:errorlint // the client's own error, unwrapped
	*p = v
	return ok
}

// An edition through the public client: what is nil stays, a pointer to nil ends.
func TestClientEditsMember(t *testing.T) {
	each(t, func(w *world) {
		path := w.waiting(member.New{ProfileType: member.Unregulated, Specialty: "Ostéopathie"})
		id := path[strings.LastIndex(path, "/")+1:]
		phone, locum := "+33612345678", &rest.NewLocum{Name: "Léa Roux", From: "2030-01-01", Until: "2030-01-31"}
		v, err := w.bruno.rest().EditMember(context.Background(), w.a, id, 1, rest.MemberChange{Phone: &phone, Locum: &locum})
		w.good(err)
		if v.Phone != phone || v.Locum == nil || v.Locum.From != "2030-01-01" || v.Specialty.Label != "Ostéopathie" {
			w.Errorf("%+v", v.Member)
		}
		locum = nil
		v, err = w.bruno.rest().EditMember(context.Background(), w.a, id, v.Version, rest.MemberChange{Locum: &locum})
		w.good(err)
		if v.Locum != nil || v.Phone != phone {
			w.Errorf("%+v", v.Member)
		}
		if b, err := json.Marshal(rest.MemberChange{}); err != nil || string(b) != "{}" {
			w.Errorf("%s, %v", b, err)
		}
	})
}
