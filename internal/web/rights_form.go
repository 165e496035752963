package web

import (
	"encoding/json"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// draftRights is the kind of the drafts of a change of rights.
const draftRights = "member.rights"

// reform is the form of a member's rights: what they held when it was opened, and what
// they are to hold. What it asks for is the difference, so that it undoes nothing of
// what somebody else gives or takes meanwhile (CHG-1).
type reform struct {
	Member  ident.Member `json:"member"`
	Version int64        `json:"version"` // of Base
	Base    []string     `json:"base"`
	Want    []string     `json:"want"`
	Saved   bool         `json:"saved,omitempty"`
}

// The beginnings of what is held, as forms and drafts write it: "site:<id>",
// "role:<id>@<scope>", "permission:letters.read@<scope>".
const (
	rightSite       = fieldSite
	rightRole       = fieldRole
	rightPermission = "permission"
)

// right is one thing that a member holds: a site, or a role or permission at a scope.
type right struct {
	Site       ident.Site
	Role       ident.Role
	Permission access.Permission
	Scope      access.Scope
}

func writeRight(kind, what string, at access.Scope) string {
	return kind + ":" + what + "@" + at.Code()
}

func (v *visit) parseRight(s string) (right, bool) {
	kind, rest, _ := strings.Cut(s, ":")
	if kind == rightSite {
		id, err := ident.ParseSite(rest)
		return right{Site: id}, err == nil
	}
	what, code, _ := strings.Cut(rest, "@")
	at, ok := access.ParseScope(v.org.ID, code)
	switch {
	case !ok:
	case kind == rightRole:
		id, err := ident.ParseRole(what)
		return right{Role: id, Scope: at}, err == nil
	case kind == rightPermission:
		p := access.Permission(what)
		return right{Permission: p, Scope: at}, access.Known(p)
	}
	return right{}, false
}

// holdings are what a member holds, in the order of the sheet.
func holdings(s member.Sheet) []string {
	var list []string
	for _, site := range s.Sites {
		list = append(list, rightSite+":"+site.ID.String())
	}
	for i := range s.Roles {
		list = append(list, writeRight(rightRole, s.Roles[i].Role.String(), s.Roles[i].Scope))
	}
	for _, p := range s.Permissions {
		list = append(list, writeRight(rightPermission, string(p.Permission), p.Scope))
	}
	return list
}

func newReform(s member.Sheet) reform {
	return reform{Member: s.ID, Version: s.Version, Base: holdings(s), Want: holdings(s)}
}

// beyond are the strings of a that b has not.
func beyond(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func (f reform) given() []string { return beyond(f.Want, f.Base) }
func (f reform) taken() []string { return beyond(f.Base, f.Want) }
func (f reform) changes() int    { return differences(f.Base, f.Want) }

func differences(a, b []string) int { return len(beyond(a, b)) + len(beyond(b, a)) }

// onto is the same change on the member as they are now.
func (f reform) onto(s member.Sheet) reform {
	now := newReform(s)
	now.Want = append(beyond(now.Base, f.taken()), beyond(f.given(), now.Base)...)
	return now
}

// overtaken reports whether somebody else changed the rights since the form was opened.
func (f reform) overtaken(s member.Sheet) bool {
	return differences(holdings(s), f.Base) > 0
}

// readReform reads the form: what stays ticked, and what is given besides.
func (v *visit) readReform(s member.Sheet) (reform, error) {
	f := reform{Member: s.ID, Version: parseVersion(v.PostFormValue(fieldVersion))}
	if json.Unmarshal([]byte(v.PostFormValue("base")), &f.Base) != nil {
		return f, errForm
	}
	add := func(list ...string) {
		for _, r := range list {
			if _, ok := v.parseRight(r); ok && !slices.Contains(f.Want, r) {
				f.Want = append(f.Want, r)
			}
		}
	}
	add(v.PostForm["right"]...)
	var sites []ident.Site
	for _, held := range f.Want {
		if r, _ := v.parseRight(held); !r.Site.IsZero() {
			sites = append(sites, r.Site)
		}
	}
	for _, id := range v.PostForm[fieldRole] {
		for _, g := range v.pickedGiven(pickedRole{Role: id, Scope: v.PostFormValue("scope_" + id)}, sites) {
			add(writeRight(rightRole, g.Role.String(), g.Scope))
		}
	}
	for _, p := range v.PostForm["permission"] {
		add(rightPermission + ":" + p + "@" + v.PostFormValue("permission_scope"))
	}
	return f, nil
}

// reformChange is what the form asks for, of the member as they are now.
func (v *visit) reformChange(f reform, s member.Sheet) (member.RightsChange, error) {
	var c member.RightsChange
	now := f.onto(s)
	for _, given := range now.given() {
		r, ok := v.parseRight(given)
		switch {
		case !ok:
			return c, errForm
		case !r.Site.IsZero():
			c.AddSites = append(c.AddSites, r.Site)
		case !r.Role.IsZero():
			c.AddRoles = append(c.AddRoles, role.Given{Role: r.Role, Scope: r.Scope})
		default:
			c.AddPermissions = append(c.AddPermissions, member.GivenPermission{Permission: r.Permission, Scope: r.Scope})
		}
	}
	for _, taken := range now.taken() {
		r, ok := v.parseRight(taken)
		switch {
		case !ok:
			return c, errForm
		case !r.Site.IsZero():
			c.DropSites = append(c.DropSites, r.Site)
		case !r.Role.IsZero():
			c.DropRoles = append(c.DropRoles, role.Given{Role: r.Role, Scope: r.Scope})
		default:
			c.DropPermissions = append(c.DropPermissions, member.GivenPermission{Permission: r.Permission, Scope: r.Scope})
		}
	}
	return c, nil
}

// siteBoxes are the sites, ticked where the member belongs.
func (w rightsView) siteBoxes(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{ID: "sites", Name: "right", Legend: t.T("rights.sites"), Hint: t.T("rights.sites_hint")}
	for _, s := range w.Choices.Sites {
		held := rightSite + ":" + s.ID.String()
		c := ui.Choice{Value: held, Label: s.Name, Chosen: slices.Contains(w.Form.Want, held), Disabled: !s.MayWrite}
		if c.Disabled {
			c.Hint = t.T("rights.not_yours")
		}
		g.Choices = append(g.Choices, c)
	}
	return g
}

// heldRoles and heldPermissions are what the member has, each with its scope and source;
// what was ticked besides stays ticked there.
func (w rightsView) heldRoles(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{ID: "held-roles", Name: "right", Legend: t.T("rights.held_roles"), Hint: t.T("rights.held_hint")}
	w.boxes(t, &g, rightRole)
	return g
}

func (w rightsView) heldPermissions(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{ID: "held-permissions", Name: "right", Legend: t.T("rights.held_permissions"), Hint: t.T("rights.held_hint")}
	w.boxes(t, &g, rightPermission)
	return g
}

func (w rightsView) boxes(t *text.Printer, g *ui.GroupProps, kind string) {
	for _, held := range append(slices.Clone(w.Form.Base), w.Form.given()...) {
		if !strings.HasPrefix(held, kind+":") {
			continue
		}
		c := ui.Choice{Value: held, Chosen: slices.Contains(w.Form.Want, held), Disabled: slices.Contains(w.Fixed, held)}
		c.Label, c.Hint = w.words(t, held)
		if line := w.Sources[held]; line != "" {
			c.Hint += " · " + line
		}
		if c.Disabled {
			c.Hint += " · " + t.T("rights.not_yours")
		}
		g.Choices = append(g.Choices, c)
	}
}

// words say a role or a permission, and where it holds.
func (w rightsView) words(t *text.Printer, held string) (what, where string) {
	kind, rest, _ := strings.Cut(held, ":")
	id, code, _ := strings.Cut(rest, "@")
	where = t.T("scope.organization")
	if code != access.WholeOrganization {
		where = or(w.Choices.Names[ident.Site(code)], t.T("scope.site"))
	}
	if kind == rightPermission {
		return named(t, "permission.", id), where
	}
	for _, r := range w.Choices.All {
		if r.ID.String() == id {
			return roleName(t, r), where
		}
	}
	return id, where
}

func or(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}

// newRoles offers what may be given, each role with its scopes (RGT-1).
func (w rightsView) newRoles(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{ID: fieldRole, Name: fieldRole, Legend: t.T("rights.new_roles"), Hint: t.T("rights.new_roles_hint")}
	for _, r := range w.Choices.Roles {
		id := r.Role.ID.String()
		c := ui.Choice{Value: id, Label: roleName(t, r.Role)}
		if r.Role.BuiltIn != "" {
			c.Hint = t.T("role_hint." + r.Role.BuiltIn)
		}
		c.Scope = &ui.ScopeProps{Name: "scope_" + id, Label: t.T("invitation.scope_of", "Role", c.Label), Options: w.scopes(t, r.Scopes)}
		g.Choices = append(g.Choices, c)
	}
	return g
}

// scopes are places to give something at, the member's own sites first: the smallest
// scope that serves is the usual one.
func (w rightsView) scopes(t *text.Printer, offered []access.Scope) []ui.Option {
	var own, others []ui.Option
	for _, at := range offered {
		o := ui.Option{Value: at.Code(), Label: t.T("scope.organization")}
		if !at.Site.IsZero() {
			o.Label = w.Choices.Names[at.Site]
		}
		if slices.Contains(w.Form.Want, rightSite+":"+at.Site.String()) {
			own = append(own, o)
		} else {
			others = append(others, o)
		}
	}
	return append(own, others...)
}

// newPermissions offers single permissions, by domain, care first.
func (w rightsView) newPermissions(t *text.Printer, held access.Held) []ui.GroupProps {
	var list []ui.GroupProps
	for _, p := range slices.Concat(access.Care, access.Administration) {
		may := slices.ContainsFunc(w.Choices.Scopes, func(at access.Scope) bool { return !access.IsAdministration(p) || held.Has(p, at) })
		if !may {
			continue
		}
		id := "permissions-" + p.Domain()
		i := slices.IndexFunc(list, func(g ui.GroupProps) bool { return g.ID == id })
		if i < 0 {
			i = len(list)
			list = append(list, ui.GroupProps{ID: id, Name: "permission", Legend: t.T("permission_domain." + p.Domain())})
		}
		list[i].Choices = append(list[i].Choices, ui.Choice{Value: string(p), Label: t.T("permission." + string(p))})
	}
	return list
}
