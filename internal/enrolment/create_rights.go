package enrolment

import (
	"context"
	"fmt"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// MaxPermissions bounds the single permissions given with one creation.
const MaxPermissions = 200

// rights reads sites, roles, administration and permissions.
func (c *creation) rights(ctx context.Context, tx *store.Tx, by access.Actor) error {
	if err := c.checkSites(ctx, tx, c.in.Sites, &c.findings); err != nil {
		return err
	}
	asked := slices.Clone(c.in.Roles)
	if len(c.in.Administers) > 0 {
		administrator, err := role.BuiltIn(ctx, tx, c.org, role.Administrator)
		if err != nil {
			return err
		}
		for _, at := range c.in.Administers {
			asked = append(asked, role.Given{Role: administrator.ID, Scope: at})
		}
	}
	if len(asked) > 0 || len(c.in.Permissions) == 0 {
		var own findings
		if err := c.checkRoles(ctx, tx, by, asked, &own); err != nil {
			return err
		}
		c.findings.take(own, renamer(len(c.in.Roles), len(asked)))
	}
	return c.checkPermissions(ctx, tx)
}

// renamer gives the administrator role, which stands after the roles that were asked for,
// the name of the field in which it was asked for.
func renamer(from, to int) func(string) string {
	names := map[string]string{}
	for n := from; n < to; n++ {
		names[fmt.Sprintf("roles[%d]", n)] = fmt.Sprintf("administrator[%d]", n-from)
	}
	return func(location string) string {
		if other, ok := names[location]; ok {
			return other
		}
		return location
	}
}

// take adds other findings, under other names.
func (f *findings) take(other findings, name func(string) string) {
	for _, x := range other.refused {
		x.Location = name(x.Location)
		f.refused = append(f.refused, x)
	}
	if err := other.Err(); err != nil {
		for _, x := range fault.Of(err).Fields {
			x.Location = name(x.Location)
			f.addField(x)
		}
	}
}

// checkPermissions asks of each single permission what is asked of a role that holds it.
func (c *creation) checkPermissions(ctx context.Context, tx *store.Tx) error {
	if len(c.in.Permissions) > MaxPermissions {
		c.findings.Add("permissions", "enrolment.too_many_permissions", "Max", MaxPermissions)
		return nil
	}
	if len(c.in.Permissions) == 0 {
		return nil
	}
	sight, err := org.See(ctx, tx, c.held)
	if err != nil {
		return err
	}
	open, err := org.ActiveSites(ctx, tx, c.org)
	if err != nil {
		return err
	}
	for n, p := range c.in.Permissions {
		at := fmt.Sprintf("permissions[%d]", n)
		refuse := func(code string, args map[string]any) {
			c.findings.refused = append(c.findings.refused, fault.Field{Location: at, Code: code, Args: args})
		}
		if !access.Known(p.Permission) {
			c.findings.Add(at, "role.permission_unknown", "Permission", string(p.Permission))
			continue
		}
		known := sight.Of(p.Scope.Site) && slices.ContainsFunc(open, func(s org.Site) bool { return s.ID == p.Scope.Site })
		if p.Scope.Org != c.org || (!p.Scope.Site.IsZero() && !known) {
			refuse(org.ErrNoSuchSite.Code, nil)
			continue
		}
		if lacks, ok := role.MayGive(c.held, []access.Permission{p.Permission}, p.Scope); !ok {
			refuse("role.above_yours", map[string]any{"Permission": string(lacks)})
			continue
		}
		if !p.Scope.Site.IsZero() && len(c.sites) > 0 && !slices.Contains(c.sites, p.Scope.Site) {
			c.findings.Add(at, "enrolment.role_elsewhere")
		}
	}
	return nil
}
