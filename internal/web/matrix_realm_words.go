package web

import (
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/text"
)

// scopeLetters are how forms write the levels of a realm: A D L E P, M A P (DESIGN.md 14),
// in every language, in the order of grant.ScopeLevelsOf.
var scopeLetters = map[grant.Realm][]string{grant.Records: {"A", "D", "L", "E", "P"}, grant.Administration: {"M", "A", "P"}}

// How much ink a level has: none is blank, the highest is solid, and what is no level has a
// look of its own.
const (
	inkBlank = iota
	inkLight
	inkMiddle
	inkSolid
	inkCustom
)

var scopeRanks = map[grant.ScopeLevel]int{
	grant.ScopeNone: inkBlank, grant.ScopeDocuments: inkLight, grant.ScopeRead: inkMiddle,
	grant.ScopeWrite: inkSolid, grant.ScopeAdministrator: inkSolid, grant.ScopeCustom: inkCustom,
}

// scopeLevelOf is a level of a realm in words.
func scopeLevelOf(t *text.Printer, r grant.Realm, l grant.ScopeLevel) level {
	n := slices.Index(grant.ScopeLevelsOf(r), l)
	if n < 0 {
		return level{Level: grant.Level(l), Label: string(l)}
	}
	return level{grant.Level(l), scopeLetters[r][n], t.T("scope_level." + string(r) + "." + string(l)), scopeRanks[l]}
}

// scopeLevelsOf are the levels of a realm, from none to the highest, then what is none.
func scopeLevelsOf(t *text.Printer, r grant.Realm) []level {
	var list []level
	for _, l := range grant.ScopeLevelsOf(r) {
		list = append(list, scopeLevelOf(t, r, l))
	}
	return list
}

// byScopeLetter reads a level as a form writes it.
func byScopeLetter(r grant.Realm, letter string) (grant.ScopeLevel, bool) {
	n := slices.Index(scopeLetters[r], letter)
	if n < 0 || letter == "" {
		return "", false
	}
	return grant.ScopeLevelsOf(r)[n], true
}

// scopeSource says where a level comes from: its roles, the whole organisation, an end; and
// what it is made of, when it is no level (RGT-1). told: the organisation's own cell stands
// in the same row.
func (v *visit) scopeSource(c *grant.ScopeCell, at access.Scope, r grant.Realm, told bool) string {
	var parts []string
	add := func(s string) {
		if !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if c.Level == grant.ScopeCustom {
		add(v.combination(c, r))
	}
	for i := range c.Sources {
		if s := v.sourceWords(&c.Sources[i], at, told); s != "" {
			add(s)
		}
	}
	return strings.Join(parts, " · ")
}

// combination says what a level that has no name is made of.
func (v *visit) combination(c *grant.ScopeCell, r grant.Realm) string {
	if r == grant.Administration {
		return v.t.T("matrix.some_administration", "Count", len(c.Has))
	}
	words := make([]string, 0, len(c.Has))
	for _, p := range access.Care {
		if slices.Contains(c.Has, p) {
			words = append(words, lowered(v.t.T("permission."+string(p))))
		}
	}
	return v.t.List(words)
}

// sourceWords name one source: a single permission given here, without an end, needs none;
// of the whole organisation, whose cell tells it where it is shown, that is said alone.
func (v *visit) sourceWords(h *member.HeldRight, at access.Scope, told bool) string {
	var parts []string
	inherited := h.Scope != at
	if !h.Single() && (!inherited || !told) {
		parts = append(parts, v.t.T("matrix.by_role", "Role", roleName(v.t, h.Role)))
	}
	if inherited {
		parts = append(parts, lowered(v.t.T("scope.organization")))
	}
	if h.StartsAt.After(v.s.now()) {
		parts = append(parts, v.t.T("matrix.from", "From", v.t.ShortDate(h.StartsAt)))
	}
	if h.EndsAt != nil {
		parts = append(parts, v.t.T("matrix.until", "Until", v.lastDayOn(*h.EndsAt)))
	}
	return strings.Join(parts, ", ")
}
