package exchange

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Codes of a cell whose words are not understood.
const (
	codeFunction  = "exchange.function_unknown"
	codeProfile   = "exchange.profile_unknown"
	codeTitle     = "exchange.title_unknown"
	codeReach     = "exchange.reach_unknown"
	codeSite      = "exchange.site_unknown"
	codeRole      = "exchange.role_unknown"
	codeAmbiguous = "exchange.name_twice"
)

// vocabulary is a closed list of values by what people call them, folded, in every language.
type vocabulary map[string]string

// called is the vocabulary of codes that the catalogue names under a prefix.
func called(prefix string, codes []string) vocabulary {
	v := vocabulary{}
	for _, code := range codes {
		v[text.Fold(code)] = code
		for _, lang := range text.All {
			v[text.Fold(text.For(lang).T(prefix+code))] = code
		}
	}
	return v
}

func codesOf[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// vocabularies are the same for every organisation.
var vocabularies = sync.OnceValue(func() map[Column]vocabulary {
	titles := vocabulary{}
	for _, t := range member.Titles[1:] {
		titles[text.Fold(t)] = t
	}
	maps.Copy(titles, vocabulary{"docteur": "Dr", "professeur": "Pr", "monsieur": "M.", "madame": "Mme", "mr": "M.", "maitre": "Me"})
	profiles := called("profile.", codesOf(member.ProfileTypes))
	profiles["a"], profiles["b"], profiles["c"] = string(member.Regulated), string(member.Unregulated), string(member.NonPractitioner)
	return map[Column]vocabulary{
		Function: called("function.", member.Functions), Profile: profiles, Title: titles, Reach: called("reach.", codesOf(member.Reaches)),
	}
})

// named is a site or a role that whoever imports may give, by what it is called.
type named struct{ id, name string }

// lists are the words of one organisation, for whoever imports.
type lists struct {
	org   ident.Org
	sites map[string][]string // IDs by folded name
	roles map[string][]string
	names map[string]string // by ID, as it is written
	// In the order of the screens; Everywhere are the roles that may be given in the whole
	// organisation.
	Sites, Roles, Everywhere []named
}

// readLists reads the sites at which by may invite, and the roles that by may give.
func readLists(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, t *text.Printer) (*lists, error) {
	l := &lists{org: in, sites: map[string][]string{}, roles: map[string][]string{}, names: map[string]string{}}
	h, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return nil, err
	}
	open, err := org.ActiveSites(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	var at []access.Scope
	for i := range open {
		s := &open[i]
		if scope := access.SiteScope(in, s.ID); h.Has(access.MembersInvite, scope) {
			at = append(at, scope)
			l.Sites = append(l.Sites, named{s.ID.String(), s.Name})
			l.note(l.sites, s.ID.String(), s.Name)
		}
	}
	roles, err := role.All(ctx, tx, in)
	for i := range roles {
		r := &roles[i]
		if !slices.ContainsFunc(at, func(s access.Scope) bool { _, may := role.MayGive(h, r.Permissions, s); return may }) {
			continue
		}
		id := r.ID.String()
		l.Roles = append(l.Roles, named{id, roleName(t, r)})
		if _, may := role.MayGive(h, r.Permissions, access.OrgScope(in)); may {
			l.Everywhere = append(l.Everywhere, named{id, roleName(t, r)})
		}
		for _, lang := range text.All {
			l.note(l.roles, id, roleName(text.For(lang), r))
		}
	}
	return l, err
}

// note keeps what something is called; its ID is a name too.
func (l *lists) note(by map[string][]string, id, name string) {
	l.names[id] = name
	for _, word := range []string{text.Fold(name), text.Fold(id)} {
		if !slices.Contains(by[word], id) {
			by[word] = append(by[word], id)
		}
	}
}

func roleName(t *text.Printer, r *role.Role) string {
	if r.BuiltIn != "" {
		return t.T("role." + r.BuiltIn)
	}
	return r.Name
}

// among reads a cell that names one thing or several, parted by "|", ";", a new line or, where
// no name holds one, a comma. It gives their IDs, and of the first that is not found, why.
func among(by map[string][]string, cell, unknown string) (ids []string, wrong *Point) {
	if found := by[text.Fold(cell)]; len(found) == 1 {
		return found, nil
	}
	parts := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("|;\n\r", r) })
	if len(parts) == 1 {
		parts = strings.Split(cell, ",")
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		found := by[text.Fold(part)]
		switch {
		case len(found) == 0:
			return nil, &Point{Code: unknown, Args: map[string]any{"Value": part}}
		case len(found) > 1:
			return nil, &Point{Code: codeAmbiguous, Args: map[string]any{"Value": part}}
		case !slices.Contains(ids, found[0]):
			ids = append(ids, found[0])
		}
	}
	return ids, nil
}

// codes are the national lists by their labels, folded.
var codes = sync.OnceValue(func() map[Column]map[string]string {
	out := map[Column]map[string]string{}
	for column, list := range map[Column][]nomenclature.Code{Profession: nomenclature.Professions(), Specialty: nomenclature.Specialties()} {
		out[column] = make(map[string]string, len(list))
		for _, c := range list {
			out[column][text.Fold(c.Label)] = c.Code
		}
	}
	return out
})

// coded finds the national code of a profession or a specialty, by its code or its label; of
// what no list has, the text stays.
func coded(c Column, typed string) (code, free string) {
	known := nomenclature.Profession
	if c == Specialty {
		known = nomenclature.Specialty
	}
	if found, ok := known(typed); ok {
		return found.Code, ""
	}
	if code = codes()[c][text.Fold(typed)]; code != "" {
		return code, ""
	}
	return "", typed
}
