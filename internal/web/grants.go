package web

import (
	"time"

	"habilis/internal/access"
)

// given is one right of a member, in words: what, where, and the line that says
// who gave it and when (RGT-8).
type given struct{ What, Where, Line string }

// given words a right; by is empty when nobody is known to have given it.
func (v *visit) given(at access.Scope, site, by string, when time.Time, ends *time.Time) given {
	g := given{Where: site}
	if at.Site.IsZero() {
		g.Where = v.t.T("scope.organization")
	}
	date := v.t.ShortDate(when)
	g.Line = v.t.T("member.given", "Date", date)
	if by != "" {
		g.Line = v.t.T("member.given_by", "Name", v.somebody(by), "Date", date)
	}
	if ends != nil {
		g.Line = v.t.T("member.given_until", "Line", g.Line, "Date", v.t.ShortDate(*ends))
	}
	return g
}

// title is the first line: the right and its scope, or the scope alone.
func (g given) title() string {
	if g.What == "" {
		return g.Where
	}
	return g.What
}

func (g given) detail() string {
	if g.What == "" {
		return g.Line
	}
	return g.Where + " · " + g.Line
}
