package web

import (
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
)

// delegationsCard is what the sheet of a member says of delegations: what they may do in
// others' names, and what others may do in theirs.
type delegationsCard struct {
	Shown     bool
	All       string // address of the list
	May, Lets []delegatedLine
}

// delegatedLine is what is delegated to, or by, one name at the same time.
type delegatedLine struct {
	Name   string
	Acts   []string
	Period string
	Line   delegationLine // the first of them
}

// delegationsOf fills the card for whoever reads delegations; others have no card.
func (v *visit) delegationsOf(id ident.Member) (delegationsCard, error) {
	if !slices.ContainsFunc([]access.Permission{access.DelegationsEdit, access.RightsRead}, v.held.HasAnywhere) {
		return delegationsCard{}, nil
	}
	list, err := v.s.Delegations.OfMember(v.Context(), v.by, v.org.ID, id)
	card := delegationsCard{Shown: true, All: v.at(atDelegations) + "?member=" + id.String()}
	for _, d := range list {
		line := v.delegationLine(d, v.at(atDelegations))
		act := v.t.T("delegation.short." + string(d.Act))
		if d.Member == id {
			card.May = delegated(card.May, line.Identity, act, line)
		}
		if d.Identity.Holder == id {
			card.Lets = delegated(card.Lets, line.Member, act, line)
		}
	}
	return card, err
}

// delegated adds an act to the line that says the same of the same name, or a new line.
func delegated(list []delegatedLine, name, act string, l delegationLine) []delegatedLine {
	i := slices.IndexFunc(list, func(o delegatedLine) bool { return o.Name == name && o.Period == l.Period && o.Line.Status == l.Status })
	if i < 0 {
		return append(list, delegatedLine{Name: name, Acts: []string{act}, Period: l.Period, Line: l})
	}
	list[i].Acts = append(list[i].Acts, act)
	return list
}
