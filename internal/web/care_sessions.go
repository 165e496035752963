package web

import (
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var careSessionRoutes = []route{
	{"GET /o/{org}/members/{member}/security/sessions", within, (*visit).careSessionsForm},
	{"POST /o/{org}/members/{member}/security/sessions", within, (*visit).endCareSessions},
}

func (v *visit) careSessionsForm() error { return v.formOf(v.askCareSessions) }

// askCareSessions asks before somebody is signed out everywhere, in their other
// organisations too. No proof is asked: nothing is given by it (rules.md 6).
func (v *visit) askCareSessions(s member.Sheet, refusal error) error {
	base := v.sheetPath(s.ID) + "/security"
	return v.confirm(confirmation{
		At: atMembers, Title: v.t.T("care.end_sessions"), Crumb: v.t.T("care.title_of", "Name", called(s.Member)), Back: base,
		Ask: ui.ConfirmProps{
			Title: v.t.T("care.end_sessions_question", "Name", called(s.Member)), Text: v.t.T("care.end_sessions_text"),
			Action: base + "/sessions", Button: ui.ButtonProps{Label: v.t.T("care.end_sessions")}, Keep: v.t.T("common.cancel"),
		},
	}, refusal)
}

// endCareSessions signs a member out of every browser.
func (v *visit) endCareSessions() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	if err := v.s.Logins.EndMemberSessions(v.Context(), v.by, v.org.ID, s.ID); err != nil {
		return v.askCareSessions(s, err)
	}
	v.flash(ui.ToneOK, v.t.T("care.end_sessions_done", "Name", called(s.Member)))
	return v.to(v.sheetPath(s.ID) + "/security")
}
