package web

import (
	"habilis/internal/access"
	"habilis/internal/enrolment"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// The field of the form «Inviter» that says how the person is told.
const fieldWelcome = "welcome"

// inviteMemberForm asks before the invitation of a member who has none yet (MEM-1).
func (v *visit) inviteMemberForm() error {
	s, err := v.sheet()
	switch {
	case err != nil:
		return err
	case s.May.Invite:
		return v.askInvitation(s, nil)
	case !v.held.HasAnywhere(access.MembersInvite):
		return v.lacks(access.MembersInvite)
	}
	return v.to(v.sheetPath(s.ID)) // invited by now, or nothing to invite by: the sheet says which
}

// inviteMember sends the invitation to the address of the sheet.
func (v *visit) inviteMember() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err = v.proveInvitation(s); err == nil {
		_, err = v.s.Enrolments.InviteMember(v.Context(), v.by, v.org.ID, s.ID, enrolment.Welcome(v.PostFormValue(fieldWelcome)))
	}
	if err != nil {
		return v.askInvitation(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("member.invited", "Name", called(s.Member), "Email", s.Email))
	return v.to(v.sheetPath(s.ID))
}

// proveInvitation: an invitation that opens administration asks for the password (rules.md 6).
func (v *visit) proveInvitation(s member.Sheet) error {
	administers, err := v.administersAny(rolesGiven(s))
	if err != nil || !administers {
		return err
	}
	return v.prove()
}

func rolesGiven(s member.Sheet) []role.Given {
	given := make([]role.Given, 0, len(s.Roles))
	for i := range s.Roles {
		given = append(given, role.Given{Role: s.Roles[i].Role, Scope: s.Roles[i].Scope})
	}
	return given
}

func (v *visit) askInvitation(s member.Sheet, refusal error) error {
	c := v.aboutMember(s, "invite", ui.Primary)
	c.Facts = []ui.Fact{{Term: v.t.T("member.email"), Value: s.Email}}
	administers, err := v.administersAny(rolesGiven(s))
	if err != nil {
		return err
	}
	if !administers {
		c.Why = ""
	}
	choices, err := v.inviteChoices()
	if err != nil {
		return err
	}
	if choices.Temporary {
		g := inviteView{Form: invite{Welcome: v.PostFormValue(fieldWelcome)}}.welcomeChoices(v.t)
		c.Group = &g
	} else {
		c.Ask.Hidden = append(c.Ask.Hidden, ui.Hidden{Name: fieldWelcome, Value: string(enrolment.WelcomeInvitation)})
	}
	return v.confirm(c, refusal)
}
