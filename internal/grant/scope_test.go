package grant_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"

	"context"
)

// at is a scope of A: a site, or the organisation.
func (w *levels) at(site int) access.Scope {
	if site < 0 {
		return access.OrgScope(w.a)
	}
	return access.SiteScope(w.a, w.sites[site])
}

const whole = -1

// scoped is the cell of a member in a realm, as somebody sees it.
func (w *levels) scoped(by string, r grant.Realm, name string, site int) grant.ScopeCell {
	w.Helper()
	m, err := w.grants.Scopes(w.Context(), w.as(by), w.a, grant.ScopeQuery{Realm: r, Members: []ident.Member{w.member[name]}})
	if err != nil {
		w.Fatal(err)
	}
	for i, c := range m.Scopes {
		if c.Scope == w.at(site) && m.People == 1 {
			return m.Groups[0].People[0].Scopes[i]
		}
	}
	w.Fatalf("%s sees no cell of %s at %d in %+v", by, name, site, m)
	return grant.ScopeCell{}
}

func (w *levels) scopeTo(name string, site int, r grant.Realm, l grant.ScopeLevel) grant.ScopeChange {
	return grant.ScopeChange{Member: w.member[name], Scope: w.at(site), Realm: r, Level: l}
}

// role gives a role outside of any act.
func (w *levels) role(name, code string, at access.Scope) {
	w.Helper()
	g := member.Gift{Org: at.Org, Member: w.member[name], By: "test", Roles: []role.Given{{Role: w.roles[w.a][code], Scope: at}}}
	w.write(func(ctx context.Context, tx *store.Tx) error { return member.Give(ctx, tx, g) })
}

func edits(changes ...grant.ScopeChange) grant.ScopesWanted {
	return grant.ScopesWanted{Changes: changes}
}

func words(list []grant.ScopeLevel) string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = string(l)
	}
	return strings.Join(out, " ")
}

// RGT-1, DESIGN.md 14: a level says what roles and single permissions give together, and
// where it comes from; what comes from a role is a floor, and what is no level is custom.
func TestScopeLevels(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.role("julie", role.Secretary, w.at(0))
		w.role("ines", role.Practitioner, w.at(whole))
		w.permit("lea", w.at(0), access.RecordsWrite)
		w.permit("paul", w.at(1), access.DocumentsConsult, access.RecordsRead)
		for _, c := range []struct {
			name   string
			site   int
			level  grant.ScopeLevel
			offers string
		}{
			{"julie", 0, grant.ScopeDocuments, "documents read write"},        // the role stays
			{"julie", 1, grant.ScopeNone, "none"},                             // not of this site: nothing may be given
			{"julie", whole, grant.ScopeNone, "none documents read write"},    // nothing there yet
			{"ines", whole, grant.ScopeWrite, "write"},                        // all of it by a role
			{"ines", 0, grant.ScopeWrite, "write"},                            // and inherited
			{"lea", 0, grant.ScopeCustom, "none documents read write custom"}, // to write without reading
			{"paul", 1, grant.ScopeRead, "none documents read write"},         // singly: all of it may go
		} {
			got := w.scoped("claire", grant.Records, c.name, c.site)
			if got.Level != c.level || words(got.Offers) != c.offers {
				t.Errorf("%s at %d: %s of %s, want %s of %s", c.name, c.site, got.Level, words(got.Offers), c.level, c.offers)
			}
		}
		if c := w.scoped("claire", grant.Records, "julie", 0); len(c.Sources) != 1 || c.Sources[0].Role.BuiltIn != role.Secretary || c.Sources[0].Scope != w.at(0) {
			t.Errorf("the source: %+v", c.Sources)
		}
		if c := w.scoped("claire", grant.Records, "ines", 0); len(c.Sources) != 1 || !c.Sources[0].Scope.Site.IsZero() {
			t.Errorf("inherited: %+v", c.Sources)
		}
		for _, c := range []struct {
			by, name string
			site     int
			level    grant.ScopeLevel
			offers   string
		}{
			{"claire", "nadege", 0, grant.ScopeAdministrator, "none administrator"},
			{"claire", "nadege", whole, grant.ScopeNone, "none administrator"},
			{"claire", "claire", 1, grant.ScopeAdministrator, "administrator"}, // inherited
			{"claire", "gaelle", whole, grant.ScopeCustom, "none administrator custom"},
			{"nadege", "julie", 0, grant.ScopeNone, "none administrator"},
			{"nadege", "claire", 0, grant.ScopeAdministrator, "administrator"}, // AUZ-05: beyond hers
			{"gaelle", "julie", 0, grant.ScopeNone, "none"},                    // AUZ-03: rights.edit alone names no administrator
		} {
			got := w.scoped(c.by, grant.Administration, c.name, c.site)
			if got.Level != c.level || words(got.Offers) != c.offers {
				t.Errorf("%s for %s at %d: %s of %s, want %s of %s", c.name, c.by, c.site, got.Level, words(got.Offers), c.level, c.offers)
			}
		}
	})
}

// AUZ-06: an administrator of a site sees the column of the site alone.
func TestScopesAreThoseOneMayKnowOf(t *testing.T) {
	eachLevels(t, func(w *levels) {
		m, err := w.grants.Scopes(w.Context(), w.as("nadege"), w.a, grant.ScopeQuery{Realm: grant.Records})
		if err != nil || len(m.Scopes) != 1 || m.Scopes[0].Scope != w.at(0) || !m.Scopes[0].May {
			t.Fatalf("%+v, %v", m.Scopes, err)
		}
		for _, g := range m.Groups {
			for _, p := range g.People {
				if p.ID == w.member["paul"] || p.ID == w.member["hugo"] {
					t.Errorf("sees %s", p.FamilyName)
				}
			}
		}
		m, err = w.grants.Scopes(w.Context(), w.as("claire"), w.a, grant.ScopeQuery{Realm: grant.Records, ScopeQ: "aubin"})
		if err != nil || len(m.Scopes) != 1 || m.Scopes[0].Scope != w.at(1) || m.Total != 1 {
			t.Errorf("searched: %+v, %v", m.Scopes, err)
		}
		if _, err := w.grants.Scopes(w.Context(), w.as("julie"), w.a, grant.ScopeQuery{Realm: grant.Records}); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("a secretary: %v", err)
		}
		if _, err := w.grants.Scopes(w.Context(), w.as("claire"), w.a, grant.ScopeQuery{Realm: "letters"}); !errors.Is(err, grant.ErrQuery) {
			t.Errorf("no such realm: %v", err)
		}
	})
}

// RGT-5, rules.md 13: several cells are one act, all of it or nothing; a preview says the
// same and keeps nothing; single permissions are given and taken, never a role.
func TestApplyScopes(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.role("julie", role.Secretary, w.at(0))
		w.permit("lea", w.at(0), access.RecordsWrite)
		wanted := []grant.ScopeChange{
			w.scopeTo("julie", 0, grant.Records, grant.ScopeRead), w.scopeTo("lea", 0, grant.Records, grant.ScopeRead),
			w.scopeTo("paul", 1, grant.Records, grant.ScopeNone), // as it is: no line
		}
		rows := w.count(`select count(*) from member_permission`)
		seen, err := w.grants.PreviewScopes(w.Context(), w.as("gaelle"), w.a, edits(wanted...))
		if err != nil || len(seen.Lines) != 2 || seen.NeedsStepUp || w.count(`select count(*) from member_permission`) != rows {
			t.Fatalf("%+v, %v", seen, err)
		}
		if got := codes(seen.Warnings); got != "opens_records opens_records" { //nolint:dupword // one of each line
			t.Errorf("warnings %s", got)
		}
		old := w.as("gaelle")
		old.StepUp = old.StepUp.Add(-access.StepUpAge) // care asks for no proof
		set, err := w.grants.ApplyScopes(w.Context(), old, w.a, edits(wanted...))
		if err != nil || len(set.Lines) != 2 || set.Lines[1].Before != grant.ScopeCustom {
			t.Fatalf("%+v, %v", set, err)
		}
		if c := w.scoped("claire", grant.Records, "julie", 0); c.Level != grant.ScopeRead || words(c.Offers) != "documents read write" || len(c.Sources) != 2 {
			t.Errorf("julie: %+v", c)
		}
		if c := w.scoped("claire", grant.Records, "lea", 0); c.Level != grant.ScopeRead || slices.Contains(c.Has, access.RecordsWrite) {
			t.Errorf("lea: %+v", c)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'rights.change' and outcome = 'done'`); n != 1 {
			t.Errorf("%d events", n)
		}
		c, err := w.grants.ChangeSet(w.Context(), w.as("gaelle"), w.a, set.ID)
		if err != nil || c.People != 2 || len(c.Rights) != 4 || !c.MayUndo {
			t.Errorf("the change set: %+v, %v", c, err)
		}
		// one line refused: nothing of it
		back := []grant.ScopeChange{w.scopeTo("lea", 0, grant.Records, grant.ScopeNone), w.scopeTo("julie", 0, grant.Records, grant.ScopeNone)}
		_, err = w.grants.ApplyScopes(w.Context(), w.as("gaelle"), w.a, edits(back...))
		if !errors.Is(err, grant.ErrByRole) || fieldsOf(err) != "changes[1] grant.by_role" {
			t.Errorf("below the role: %v %s", err, fieldsOf(err))
		}
		if c := w.scoped("claire", grant.Records, "lea", 0); c.Level != grant.ScopeRead {
			t.Errorf("half of it was done: %+v", c)
		}
		if _, err := w.grants.Undo(w.Context(), w.as("gaelle"), w.a, set.ID); err != nil {
			t.Fatal(err)
		}
		if c := w.scoped("claire", grant.Records, "julie", 0); c.Level != grant.ScopeDocuments {
			t.Errorf("undone: %+v", c)
		}
		if c := w.scoped("claire", grant.Records, "lea", 0); c.Level != grant.ScopeCustom {
			t.Errorf("undone: %+v", c)
		}
	})
}

func codes(list []grant.Warning) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.Code
	}
	return strings.Join(out, " ")
}

// ORG-4, ORG-5, rules.md 6: administration is given and taken with a fresh proof, and the
// last administrator stays, also when several are taken at once.
func TestApplyAdministration(t *testing.T) {
	eachLevels(t, func(w *levels) {
		old := w.as("claire")
		old.StepUp = old.StepUp.Add(-access.StepUpAge)
		give := []grant.ScopeChange{w.scopeTo("julie", 0, grant.Administration, grant.ScopeAdministrator), w.scopeTo("gaelle", whole, grant.Administration, grant.ScopeNone)}
		if seen, err := w.grants.PreviewScopes(w.Context(), old, w.a, edits(give...)); err != nil || !seen.NeedsStepUp || codes(seen.Warnings) != "gains_administration loses_administration" {
			t.Errorf("preview: %+v, %v", seen, err)
		}
		if _, err := w.grants.ApplyScopes(w.Context(), old, w.a, edits(give...)); !errors.Is(err, access.ErrStepUp) {
			t.Errorf("an old proof: %v", err)
		}
		if _, err := w.grants.ApplyScopes(w.Context(), w.as("claire"), w.a, edits(give...)); err != nil {
			t.Fatal(err)
		}
		if c := w.scoped("claire", grant.Administration, "julie", 0); c.Level != grant.ScopeAdministrator {
			t.Errorf("julie: %+v", c)
		}
		if c := w.scoped("claire", grant.Administration, "gaelle", whole); c.Level != grant.ScopeNone {
			t.Errorf("gaelle: %+v", c)
		}
		all := []grant.ScopeChange{w.scopeTo("julie", 0, grant.Administration, grant.ScopeNone), w.scopeTo("claire", whole, grant.Administration, grant.ScopeNone)}
		_, err := w.grants.PreviewScopes(w.Context(), w.as("claire"), w.a, edits(all...))
		if !errors.Is(err, member.ErrLastAdministrator) || !strings.Contains(fieldsOf(err), "changes[1] member.last_administrator") {
			t.Errorf("the last one: %v %s", err, fieldsOf(err))
		}
		if c := w.scoped("claire", grant.Administration, "julie", 0); c.Level != grant.ScopeAdministrator {
			t.Errorf("a preview did it: %+v", c)
		}
	})
}

// CHG-1: a cell that somebody changed meanwhile is told, and nothing is done; what one may
// not know of is not found (AUZ-06), what is not one's own is refused (AUZ-03, AUZ-05).
func TestScopesRefused(t *testing.T) {
	eachLevels(t, func(w *levels) {
		was := grant.ScopeRead
		seen := w.scopeTo("julie", 0, grant.Records, grant.ScopeWrite)
		seen.Was = &was
		for what, c := range map[string]struct {
			by     string
			change grant.ScopeChange
			want   *fault.Error
			field  string
		}{
			"changed meanwhile":          {"claire", seen, grant.ErrChangedMeanwhile, "grant.scope_changed"},
			"AUZ-06 another site":        {"nadege", w.scopeTo("julie", 1, grant.Records, grant.ScopeRead), grant.ErrUnknown, "site.not_found"},
			"AUZ-06 the organisation":    {"nadege", w.scopeTo("julie", whole, grant.Records, grant.ScopeRead), grant.ErrUnknown, "site.not_found"},
			"AUZ-01 somebody else's":     {"claire", grant.ScopeChange{Member: w.member["odile"], Scope: w.at(0), Realm: grant.Records, Level: grant.ScopeRead}, grant.ErrUnknown, "member.not_found"},
			"AUZ-03 administration":      {"gaelle", w.scopeTo("gaelle", whole, grant.Administration, grant.ScopeAdministrator), grant.ErrNotYoursHere, "grant.not_yours_here"},
			"AUZ-05 more powerful":       {"gaelle", w.scopeTo("claire", 0, grant.Records, grant.ScopeRead), member.ErrMorePowerful, "member.more_powerful"},
			"not of that site":           {"claire", w.scopeTo("julie", 1, grant.Records, grant.ScopeRead), member.ErrNotOfSite, "member.not_of_site"},
			"custom is not given":        {"claire", w.scopeTo("julie", 0, grant.Records, grant.ScopeCustom), fault.New(fault.Invalid, "grant.scope_level_unknown"), "grant.scope_level_unknown"},
			"a level of the other realm": {"claire", w.scopeTo("julie", 0, grant.Records, grant.ScopeAdministrator), fault.New(fault.Invalid, "grant.scope_level_unknown"), "grant.scope_level_unknown"},
		} {
			_, err := w.grants.ApplyScopes(w.Context(), w.as(c.by), w.a, edits(c.change))
			if !strings.Contains(fieldsOf(err), "changes[0] "+c.field) || (c.want.Code != "grant.scope_level_unknown" && !errors.Is(err, c.want)) {
				t.Errorf("%s: %v %s, want %s", what, err, fieldsOf(err), c.want.Code)
			}
		}
		if _, err := w.grants.ApplyScopes(w.Context(), w.as("julie"), w.a, edits()); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("a secretary: %v", err)
		}
		many := make([]grant.ScopeChange, grant.MaxScopeChanges+1)
		if _, err := w.grants.ApplyScopes(w.Context(), w.as("claire"), w.a, edits(many...)); !errors.Is(err, grant.ErrTooManyScopes) {
			t.Errorf("too many: %v", err)
		}
	})
}
