package member

import (
	"cmp"
	"slices"

	"habilis/internal/role"
	"habilis/internal/text"
)

// sortSites puts sites by name.
func sortSites(list []SiteRef) {
	slices.SortFunc(list, func(a, b SiteRef) int {
		return cmp.Or(cmp.Compare(text.SortKey(a.Name), text.SortKey(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

// sortRoles puts the built-in roles first, in the order of the screens, and each
// role at the whole organisation before its sites.
func sortRoles(list []RoleRef) {
	slices.SortFunc(list, func(a, b RoleRef) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)), cmp.Compare(text.SortKey(a.Name), text.SortKey(b.Name)),
			cmp.Compare(text.SortKey(a.SiteName), text.SortKey(b.SiteName)), cmp.Compare(a.Scope.Site, b.Scope.Site),
		)
	})
}

func rank(r RoleRef) int {
	if i := slices.Index(role.BuiltIns, r.BuiltIn); i >= 0 {
		return i
	}
	return len(role.BuiltIns)
}
