package member

import (
	"slices"

	"habilis/internal/access"
	"habilis/internal/changeset"
)

// weigh says what a change of what a member holds would do that is worth reading before
// saving: text keys "warning.<code>".
func weigh(name string, self bool, was, is access.Held) []changeset.Warning {
	gained, lost := beyond(is, was), beyond(was, is)
	var out []changeset.Warning
	warn := func(code string, args ...any) { out = append(out, changeset.Warning{Code: code, Args: args}) }
	gains := func(p access.Permission) bool {
		return slices.ContainsFunc(gained, func(g GivenPermission) bool { return g.Permission == p }) && !was.HasAnywhere(p)
	}
	if self && len(gained) > 0 {
		warn("yourself")
	}
	if n := administrationOf(gained); n > 0 {
		warn("administers", "Name", name, "Count", n)
	}
	if n := administrationOf(lost); n > 0 && self {
		warn("loses_own_administration", "Count", n)
	}
	if gains(access.RecordsRead) {
		warn("sees_records", "Name", name)
	}
	if len(lost) > 0 && !slices.ContainsFunc(access.Catalogue(), is.HasAnywhere) {
		warn("loses_all_rights", "Name", name)
	}
	return out
}

// administrationOf counts the permissions of administration of a list, each once.
func administrationOf(list []GivenPermission) int {
	var met []access.Permission
	for _, p := range list {
		if access.IsAdministration(p.Permission) && !slices.Contains(met, p.Permission) {
			met = append(met, p.Permission)
		}
	}
	return len(met)
}
