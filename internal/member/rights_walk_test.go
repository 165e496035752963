package member_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// ORG-4, RGT-1, AUZ-04, AUZ-05: whatever changes of rights whoever makes, every scope
// keeps an administrator able to sign in; nobody's change gives an administration
// permission that its author does not hold there, nor a care permission without
// rights.edit there, nor takes administration from one who holds more; and what was
// looked at beforehand is what happened.
func TestRandomRights(t *testing.T) {
	eachWorldWith(t, storetest.Options{NoTwin: true}, func(w *world) {
		w.custom("sam", w.a.at(0), access.MembersRead, access.RightsEdit, access.MembersEdit)
		w.custom("yanis", w.a.whole(), access.MembersRead, access.RightsEdit, access.AuditRead)
		w.custom("paul", w.a.at(1), access.MembersRead, access.RightsEdit, access.MembersEdit, access.RolesEdit)
		k := &rightsWalk{world: w, mixed: w.customRole("Mixte", access.AuditRead, access.RecordsRead)}
		rapid.Check(w.T, func(r *rapid.T) {
			for range rapid.IntRange(1, 8).Draw(r, "steps") {
				k.step(r)
				if bad := w.unattended(w.a.org); bad != nil {
					r.Fatalf("without administrator: %v", bad)
				}
			}
		})
		if k.done < 10 || k.refused < 10 {
			w.Errorf("the walk says little: %d changes done, %d refused", k.done, k.refused)
		}
		w.Logf("%d changes done, %d refused", k.done, k.refused)
	})
}

type rightsWalk struct {
	*world

	mixed         ident.Role
	done, refused int
}

var walkers = []string{"claire", "bruno", "nadege", "hugo", "julie", "paul", "yanis", "sam"}

// change draws a change of rights of few lines.
func (k *rightsWalk) change(r *rapid.T) member.RightsChange {
	scopes := []access.Scope{k.a.whole(), k.a.at(0), k.a.at(1)}
	roles := []ident.Role{k.a.roles[role.Administrator], k.a.roles[role.Practitioner], k.a.roles[role.Reader], k.mixed}
	given := rapid.Custom(func(r *rapid.T) role.Given {
		return role.Given{Role: rapid.SampledFrom(roles).Draw(r, "role"), Scope: rapid.SampledFrom(scopes).Draw(r, "at")}
	})
	permission := rapid.Custom(func(r *rapid.T) member.GivenPermission {
		p := rapid.SampledFrom([]access.Permission{access.RightsEdit, access.MembersRead, access.AuditRead, access.RecordsRead}).Draw(r, "permission")
		return member.GivenPermission{Permission: p, Scope: rapid.SampledFrom(scopes).Draw(r, "at")}
	})
	site := rapid.SampledFrom(k.a.site)
	var c member.RightsChange
	switch rapid.IntRange(0, 6).Draw(r, "kind") {
	case 0, 1:
		c.AddRoles = rapid.SliceOfN(given, 1, 2).Draw(r, "roles given")
	case 2, 3:
		c.DropRoles = rapid.SliceOfN(given, 1, 2).Draw(r, "roles taken")
	case 4:
		c.AddPermissions = rapid.SliceOfN(permission, 1, 2).Draw(r, "permissions given")
	case 5:
		c.DropPermissions = rapid.SliceOfN(permission, 1, 2).Draw(r, "permissions taken")
		c.AddRoles = rapid.SliceOfN(given, 0, 1).Draw(r, "roles given")
	case 6:
		c.AddSites = rapid.SliceOfN(site, 0, 1).Draw(r, "sites given")
		c.DropSites = rapid.SliceOfN(site, 0, 1).Draw(r, "sites taken")
	}
	return c
}

func (k *rightsWalk) step(r *rapid.T) {
	ctx := k.Context()
	author, whom := rapid.SampledFrom(walkers).Draw(r, "author"), rapid.SampledFrom(walkers).Draw(r, "whom")
	by, id, c := k.as(author), k.a.ids[whom], k.change(r)
	held, before := k.held(author), k.given(id)
	said, _ := k.members.Get(ctx, by, k.a.org, id) // a member who may not be seen has no button either
	seen, lookedErr := k.members.PreviewRights(ctx, by, k.a.org, id, c, 0)
	_, err := k.members.ChangeRights(ctx, by, k.a.org, id, c, 0)
	if (err == nil) != (lookedErr == nil) || fault.Of(err).Code != fault.Of(lookedErr).Code {
		r.Fatalf("looked at: %v; done: %v", lookedErr, err)
	}
	after := k.given(id)
	if err == nil && !said.May.EditRights && len(lacking(after, before))+len(lacking(before, after)) > 0 {
		r.Fatalf("%s has no button to change the rights of %s, and did", author, whom)
	}
	if err != nil {
		k.refused++
		if gained := lacking(after, before); len(gained)+len(lacking(before, after)) > 0 {
			r.Fatalf("refused with %v, and yet %v changed", err, gained)
		}
		if kind := fault.Of(err).Kind; kind != fault.Forbidden && kind != fault.NotFound && kind != fault.Conflict {
			r.Fatal(err)
		}
		return
	}
	k.done++
	gained, lost := lacking(after, before), lacking(before, after)
	if !slices.Equal(effective(gained), effective(seen.Gained)) || !slices.Equal(effective(lost), effective(seen.Lost)) {
		r.Fatalf("gained %v, lost %v; foreseen %v, %v", gained, lost, seen.Gained, seen.Lost)
	}
	for _, p := range gained {
		needed := p.Permission
		if !access.IsAdministration(needed) {
			needed = access.RightsEdit
		}
		if !held.Has(needed, p.Scope) {
			r.Fatalf("%s gave %s the permission %s at %s, holding no %s there", author, whom, p.Permission, p.Scope.Code(), needed)
		}
	}
	for _, p := range lost {
		if access.IsAdministration(p.Permission) && author != whom && !held.Has(p.Permission, p.Scope) {
			r.Fatalf("%s took %s at %s from %s without holding it", author, p.Permission, p.Scope.Code(), whom)
		}
	}
}

// lacking lists what a holds and b does not.
func lacking(a, b access.Held) (list []member.GivenPermission) {
	for _, p := range access.Catalogue() {
		sites, whole := a.Sites(p)
		if at := access.OrgScope(a.Org); whole && !b.Has(p, at) {
			list = append(list, member.GivenPermission{Permission: p, Scope: at})
		}
		for _, s := range sites {
			if at := access.SiteScope(a.Org, s); !b.Has(p, at) {
				list = append(list, member.GivenPermission{Permission: p, Scope: at})
			}
		}
	}
	return list
}

func (k *rightsWalk) held(name string) (h access.Held) {
	k.Must(k.DB.Read(k.Context(), func(tx *store.Tx) (err error) {
		h, err = access.HeldByAccount(k.Context(), tx, k.account[name], k.a.org)
		return err
	}))
	return h
}

func (k *rightsWalk) given(id ident.Member) (h access.Held) {
	k.Must(k.DB.Read(k.Context(), func(tx *store.Tx) (err error) {
		h, err = access.GivenTo(k.Context(), tx, k.a.org, id)
		return err
	}))
	return h
}
