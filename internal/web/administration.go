package web

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// administrationForm asks where a member is named administrator (ORG-5).
func (v *visit) administrationForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if len(s.May.Appoint) == 0 {
		return v.lacks(access.RightsEdit)
	}
	return v.askAppointment(s, nil)
}

// appoint names the member administrator at the chosen scope, at once.
func (v *visit) appoint() error {
	return v.administration(v.s.Members.Appoint, "member.appointed", (*visit).askAppointment)
}

func (v *visit) askAppointment(s member.Sheet, refusal error) error {
	c := v.aboutMember(s, "appoint", ui.Primary)
	c.Ask.Action = v.sheetPath(s.ID) + "/administration"
	var err error
	if c.Group, err = v.scopes(s.May.Appoint, v.PostFormValue(fieldScope), "member.appoint"); err != nil {
		return err
	}
	return v.confirm(c, refusal)
}

// withdrawForm asks where administrator rights are taken from a member.
func (v *visit) withdrawForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	switch {
	case len(s.Administration) == 0:
		return member.ErrNotAdministrator
	case len(s.May.Withdraw) > 0:
		return v.askWithdrawal(s, nil)
	}
	sites, err := v.siteNames()
	if err != nil {
		return err
	}
	if name := v.lastOf(s, sites); name != "" {
		return member.ErrLastAdministrator.With("Name", name)
	}
	return v.lacks(access.RightsEdit)
}

// lastOf names the organisation or site whose last administrator the member is: the
// right could be taken, but for that (ORG-4). Empty: none.
func (v *visit) lastOf(s member.Sheet, sites map[ident.Site]string) string {
	for _, at := range s.Administration {
		if slices.Contains(s.May.Withdraw, at) || !v.held.Has(access.RightsEdit, at) {
			continue
		}
		if at.Site.IsZero() {
			return v.org.Name
		}
		return v.scopeName(at, sites)
	}
	return ""
}

// withdraw takes administrator rights at the chosen scope.
func (v *visit) withdraw() error {
	return v.administration(v.s.Members.Withdraw, "member.withdrawn", (*visit).askWithdrawal)
}

func (v *visit) askWithdrawal(s member.Sheet, refusal error) error {
	c := v.aboutMember(s, "withdraw", ui.DangerSolid)
	c.Ask.Action = v.sheetPath(s.ID) + "/administration/withdraw"
	var err error
	if c.Group, err = v.scopes(s.May.Withdraw, v.PostFormValue(fieldScope), "member.withdraw"); err != nil {
		return err
	}
	return v.confirm(c, refusal)
}

// administration does one of the two acts at the scope of the form. Whoever takes
// their own rights may not see the sheet afterwards: they go home.
func (v *visit) administration(act administrate, said string, again func(*visit, member.Sheet, error) error) error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	at, ok := access.ParseScope(v.org.ID, v.PostFormValue(fieldScope))
	if !ok {
		return again(v, s, fault.OnField(fieldScope, "web.scope"))
	}
	if err = v.prove(); err == nil {
		_, err = act(v.Context(), v.by, s.ID, at, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if fault.Is(err, fault.Stale) {
		return v.staleSheet(s)
	}
	if err != nil {
		return again(v, s, err)
	}
	sites, err := v.siteNames()
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T(said, "Name", called(s.Member), "Scope", v.scopeName(at, sites)))
	if s.Account == v.me.ID {
		return v.to(v.at("home"))
	}
	return v.to(v.sheetPath(s.ID))
}

// administrate is Members.Appoint or Members.Withdraw.
type administrate func(context.Context, access.Actor, ident.Member, access.Scope, int64) (member.Sheet, error)
