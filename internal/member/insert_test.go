package member_test

import (
	"context"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

func TestInsertRefuses(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		insert := func(n member.New) error {
			return w.DB.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
				_, err := member.Insert(ctx, tx, n)
				return err
			})
		}
		good := member.New{Org: w.a.org, GivenName: "Zoé", FamilyName: "Petit", Function: "nurse", RPPS: "99700000013"}
		w.Want("good", insert(good), nil)
		if codes := fieldCodes(insert(good)); codes["rpps"] != "member.rpps_taken" {
			w.Errorf("RPPS twice: %v", codes)
		}
		bad := member.New{Org: w.a.org, GivenName: "<b>", FamilyName: "\r\nBcc:", Title: "Sir", Function: "king", Profession: "a\x00b"}
		codes := fieldCodes(insert(bad))
		for at, code := range map[string]string{
			"given_name": string(text.Symbol), "family_name": string(text.Control), "title": "member.title_unknown",
			"function": "member.function_unknown", "profession": string(text.Control),
		} {
			if codes[at] != code {
				w.Errorf("%s: %q, want %q", at, codes[at], code)
			}
		}
		good.RPPS, good.Account = "", w.account["sam"]
		w.Want("an account twice", insert(good), member.ErrAlreadyMember)
		good.Account, good.Sites = "", []ident.Site{w.b.site[0]}
		w.Want("a site of B", insert(good), org.ErrNoSuchSite)
		good.Sites, good.Roles = nil, []role.Given{w.b.holds(role.Secretary, w.a.whole())}
		w.Want("a role of B", insert(good), role.ErrNotFound)
		good.Roles = []role.Given{w.a.holds(role.Secretary, w.b.whole())}
		w.Want("a scope of B", insert(good), org.ErrNoSuchSite)
		good.Roles = []role.Given{w.a.holds(role.Secretary, w.a.at(0))}
		w.Want("a right where one does not belong", insert(good), member.ErrNotOfSite)
		err := w.DB.Write(ctx, []store.Lock{store.Lock(w.a.org)}, func(tx *store.Tx) error {
			return member.Give(ctx, tx, member.Gift{Org: w.a.org, Member: w.a.ids["sam"], Permissions: []member.GivenPermission{{Permission: "root", Scope: w.a.whole()}}})
		})
		if codes := fieldCodes(err); codes["permissions"] != "role.permission_unknown" {
			w.Errorf("%v", err)
		}
	})
}

func TestGiveTwice(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.a.ids["julie"]
		gift := member.Gift{
			Org: w.a.org, Member: id, Sites: []ident.Site{w.a.site[0], w.a.site[1]}, Roles: []role.Given{w.a.holds(role.Secretary, w.a.at(0))},
			Permissions: []member.GivenPermission{{Permission: access.StatisticsRead, Scope: w.a.at(1)}}, By: w.account["claire"].String(),
		}
		for range 2 {
			w.Write(func(ctx context.Context, tx *store.Tx) error { return member.Give(ctx, tx, gift) })
		}
		sheet, err := w.members.Get(ctx, w.as("claire"), w.a.org, id)
		w.Want("read", err, nil)
		if len(sheet.Sites) != 2 || len(sheet.Roles) != 1 || len(sheet.Permissions) != 1 {
			w.Fatalf("sheet %+v", sheet)
		}
		if p := sheet.Permissions[0]; p.GivenBy != "Claire Claire-Essai" || p.SiteName != "Saint-Aubin" || p.Scope != w.a.at(1) {
			w.Errorf("permission %+v", p)
		}
		refs := map[ident.Member]member.Member{}
		if err := w.DB.Read(ctx, func(tx *store.Tx) (err error) {
			refs, err = member.Refs(ctx, tx, w.a.org, []ident.Member{id, w.b.ids["marc"]})
			return err
		}); err != nil || len(refs) != 1 || refs[id].Name() != "Julie Julie-Essai" {
			w.Errorf("refs %v %v", refs, err)
		}
	})
}
