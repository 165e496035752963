package api_test

import (
	"strings"
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/token"
)

// promote makes an account administer the platform.
func (w *world) promote(id ident.Account) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		a, _, err := account.Get(w.Context(), tx, id)
		if err != nil {
			return err
		}
		a.PlatformRole = account.Administrator
		_, err = account.Set(w.Context(), tx, a)
		return err
	})
}

// rest.md: tokens of an organisation; the secret is shown once.
func TestTokens(t *testing.T) {
	each(t, func(w *world) {
		path, c, ctx := "/organizations/"+w.a+"/tokens", w.bruno.rest(), t.Context()
		w.bruno.post(path, `{"name":"Agenda","expires_in_days":366}`).refused(422, "invalid").at(t, "body.expires_in_days api.too_high")
		w.bruno.post(path, `{"name":"x","permissions":["all"]}`).refused(422, "invalid").at(t, "body.permissions[0] api.choice")
		_, err := c.CreateToken(ctx, w.a, rest.NewToken{Permissions: []string{"members.read"}})
		w.refusedBy(err, 422, "invalid", "body.name text.empty")
		n := rest.NewToken{Name: "Agenda", Permissions: []string{"members.read"}, Days: 30}
		made, err := c.Once("k1").CreateToken(ctx, w.a, n)
		w.good(err)
		_, err = c.Once("k1").CreateToken(ctx, w.a, n)
		w.refusedBy(err, 409, "token.shown_once") // RAC-08
		again := w.bruno.and("Idempotency-Key: k1").post(path, `{"name":"Agenda","permissions":["members.read"],"expires_in_days":30}`)
		again.refused(409, "token.shown_once")
		if again.header.Get("Location") != baseURL+"/api/v1"+path+"/"+made.ID || strings.Contains(string(again.body), made.Secret) {
			t.Errorf("%v %s", again.header, again.body)
		}
		machine := w.with(made.Secret).rest()
		if l, err := machine.ListMembers(ctx, w.a, rest.MemberQuery{}); err != nil || l.Total != 3 {
			t.Errorf("the token sees %d members: %v", l.Total, err)
		}
		if list := collect(w, machine.Organizations(ctx, rest.OrganizationQuery{})); len(list) != 1 || list[0].ID != w.a {
			t.Errorf("%+v", list)
		}
		_, err = machine.ListMembers(ctx, w.b, rest.MemberQuery{})
		w.refusedBy(err, 404, "access.not_found")
		_, err = machine.Invite(ctx, w.a, rest.NewInvitations{Emails: []string{"a@b.example"}})
		w.refusedBy(err, 403, "access.forbidden")
		_, err = machine.GetMe(ctx)
		w.refusedBy(err, 403, "access.forbidden")
		list := collect(w, c.Tokens(ctx, w.a))
		if len(list) != 1 || list[0].ID != made.ID || list[0].MadeBy != "Bruno Lacaze" || list[0].Status != "in_force" || list[0].LastUsedAt == nil {
			t.Errorf("%+v", list)
		}
		if raw := w.bruno.get(path); strings.Contains(string(raw.body), made.Secret) {
			t.Error("the list shows the secret")
		}
		w.good(c.RevokeToken(ctx, w.a, made.ID))
		w.refusedBy(c.RevokeToken(ctx, w.a, made.ID), 404, "token.not_found")
		_, err = machine.ListOrganizations(ctx, rest.OrganizationQuery{})
		w.refusedBy(err, 401, "api.token_invalid")
	})
}

// rest.md: a person and the platform have tokens of their own; an expired one says so.
func TestOwnTokens(t *testing.T) {
	each(t, func(w *world) {
		boss := w.person("boss@habilis.example", "Anne", "Fabre")
		w.promote(boss.account)
		for path, c := range map[string]caller{"/me/tokens": w.julie, "/platform/tokens": boss} {
			before := len(c.items(path))
			c.post(path, `{"name":"x","permissions":["members.read"]}`).refused(422, "invalid").at(t, "body.permissions api.unknown_field")
			keyed := c.and("Idempotency-Key: k1")
			a := keyed.post(path, `{"name":"Sauvegarde","expires_in_days":1}`).is(201)
			var made struct {
				ID, Secret, Kind, Status string
				MadeBy                   string `json:"made_by"`
			}
			a.into(&made)
			if made.Status != "in_force" || !strings.HasSuffix(a.header.Get("Location"), path+"/"+made.ID) || a.header.Get("ETag") != "" {
				t.Errorf("%v %s", a.header, a.body)
			}
			keyed.post(path, `{"name":"Sauvegarde","expires_in_days":1}`).refused(409, "token.shown_once")
			if list := c.items(path); len(list) != before+1 || list[0].ID != made.ID {
				t.Errorf("%+v", list)
			}
			w.with(made.Secret).get("/organizations").is(200)
			w.olga.del(path + "/" + made.ID).is(404)
			other := c.post(path, `{"name":"Autre"}`).is(201).id()
			c.del(path + "/" + other).is(204)
			w.clock.Add(25 * time.Hour)
			late := w.with(made.Secret).get("/organizations")
			late.refused(401, "token.expired")
			if got := late.header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token", error_description="The access token expired"`) {
				t.Errorf("challenge %q", got)
			}
			for _, one := range c.items(path) {
				if want := map[string]string{made.ID: "expired", other: "revoked"}[one.ID]; want != "" && one.Status != want {
					t.Errorf("%s is %s", one.Name, one.Status)
				}
			}
		}
		w.julie.get("/platform/tokens").refused(404, "access.not_found")
		machine := w.with(w.make(token.New{Kind: token.OfOrganization, Org: ident.Org(w.a), Name: "m", Permissions: []access.Permission{access.TokensEdit}}))
		machine.get("/me/tokens").is(403)
		machine.post("/me/tokens", `{"name":"x"}`).is(403)
	})
}
