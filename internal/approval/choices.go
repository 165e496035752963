package approval

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Choices is what the support may choose from for an account of an organisation: the names
// of its sites and roles, and nothing else of it (ORG-7).
type Choices struct {
	Sites []org.Site
	Roles []role.Grantable
}

// Choices reads them. It is the platform's.
func (a Approvals) Choices(ctx context.Context, by access.Actor, in ident.Org) (Choices, error) {
	act := action.Act{
		Verb: "approval.list", Orgs: []ident.Org{in}, Object: in.String(), Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) (Choices, error) {
		sites, err := org.ActiveSites(ctx, tx, in)
		if err != nil {
			return Choices{}, err
		}
		scopes := []access.Scope{access.OrgScope(in)}
		for n := range sites {
			scopes = append(scopes, access.SiteScope(in, sites[n].ID))
		}
		roles, err := role.All(ctx, tx, in)
		c := Choices{Sites: sites, Roles: make([]role.Grantable, 0, len(roles))}
		for _, r := range roles {
			c.Roles = append(c.Roles, role.Grantable{Role: r, Scopes: scopes})
		}
		return c, err
	})
}
