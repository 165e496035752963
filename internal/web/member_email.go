package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

var memberEmailRoutes = []route{
	{"GET /o/{org}/members/{member}/email", within, (*visit).memberEmailForm},
	{"POST /o/{org}/members/{member}/email", within, (*visit).correctEmail},
}

// memberOf reads the member of the URL.
func (v *visit) memberOf() (ident.Member, error) {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return "", errPage
	}
	return id, nil
}

func (v *visit) memberEmailForm() error { return v.showMemberEmail(login.NewEmail{}, nil) }

// showMemberEmail asks for the address that is right (CHG-2); after a refusal, with what was
// typed.
func (v *visit) showMemberEmail(typed login.NewEmail, refusal error) error {
	id, err := v.memberOf()
	if err != nil {
		return err
	}
	a, err := v.s.Logins.CheckCorrectEmail(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	view, status := emailView{}, http.StatusOK
	if refusal != nil {
		view, status = v.refusedEmail(typed, refusal), statusOf(fault.Of(refusal))
	}
	view.Action, view.Now, view.Back = v.sheetPath(id)+"/email", a.Email.Address, v.sheetPath(id)
	view.Proof = v.proof(v.t.T("account.email.why"), view.Errors)
	p, err := v.orgFrame(v.t.T("member_email.title"), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, MemberEmailPage(p, view, a.Name()))
}

func (v *visit) correctEmail() error {
	id, err := v.memberOf()
	if err != nil {
		return err
	}
	typed := v.typedEmail()
	if err = v.prove(); err == nil {
		_, err = v.s.Logins.CorrectEmail(v.Context(), v.by, v.org.ID, id, typed, v.client())
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		return v.showMemberEmail(typed, err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneWait, v.t.T("member_email.asked", "Email", typed.Email))
	return v.to(v.sheetPath(id))
}
