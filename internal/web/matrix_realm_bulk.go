package web

import (
	"slices"

	"habilis/internal/grant"
	"habilis/internal/web/ui"
)

// realmForPeople is «Donner le même niveau» to the people ticked, on the columns chosen.
func (v *visit) realmForPeople(d domain, g scopeGrid, p *scopePending) error {
	on := v.PostFormValue("on")
	switch {
	case len(p.People) == 0:
		return errNobodyTicked
	case on == onTicked && len(p.Columns) == 0:
		return errNoColumn
	}
	return v.giveScopes(d, g, p, v.PostFormValue("level"), func(person *grant.ScopePerson, column *grant.ScopeColumn) bool {
		return slices.Contains(p.People, person.ID) && (on == onAll || (on == onTicked && slices.Contains(p.Columns, column.Scope)))
	})
}

// realmOnColumns gives a level on the columns ticked, to the people chosen (RGT-5).
func (v *visit) realmOnColumns(d domain, g scopeGrid, p *scopePending) error {
	to := v.PostFormValue("to")
	switch {
	case len(p.Columns) == 0:
		return errNoColumn
	case to == onTicked && len(p.People) == 0:
		return errNobodyTicked
	}
	return v.giveScopes(d, g, p, v.PostFormValue("column_level"), func(person *grant.ScopePerson, column *grant.ScopeColumn) bool {
		return slices.Contains(p.Columns, column.Scope) &&
			(to == onAll || to == person.Function || (to == onTicked && slices.Contains(p.People, person.ID)))
	})
}

// giveScopes makes one level pending for the cells of this page that are meant and may have
// it. Those that keep theirs, because of a role or of the site, are told by their number.
func (v *visit) giveScopes(d domain, g scopeGrid, p *scopePending, letter string,
	meant func(*grant.ScopePerson, *grant.ScopeColumn) bool,
) error {
	to, known := byScopeLetter(d.Realm, letter)
	if !known || to == grant.ScopeCustom {
		return errForm
	}
	kept := 0
	for row := range g.People {
		for column := range g.Scopes {
			c := &g.People[row].Scopes[column]
			switch {
			case !meant(&g.People[row], &g.Scopes[column]) || !c.Belongs:
			case slices.Contains(c.Offers, to):
				p.want(g.id(row, column), to, c.Level)
			default:
				kept++
			}
		}
	}
	if kept > 0 {
		v.flash(ui.ToneInfo, v.t.T("matrix.kept_by_role", "Count", kept))
	}
	return nil
}
