package web

import (
	"errors"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

var carePlatformRoutes = []route{
	{"GET /platform/factor-resets", signed, (*visit).findAccountForm},
	{"POST /platform/factor-resets", signed, (*visit).findAccount},
	{"POST /platform/factor-resets/reset", signed, (*visit).resetAccount},
}

// pathResets is where the platform resets the factors of somebody of several
// organisations (MFA-11).
const pathResets = "/platform/factor-resets"

func (v *visit) findAccountForm() error { return v.askAccount(nil) }

// askAccount asks for the exact address of somebody: there is no list to choose from.
func (v *visit) askAccount(refusal error) error {
	p, err := v.platformFrame(v.t.T("care.platform"))
	if err != nil {
		return err
	}
	if fault.Is(refusal, fault.NotFound) { // nobody has it: something to correct in the field
		refusal = fault.OnField(fieldEmail, login.ErrNobody.Code)
	}
	return v.askCare(p, careAct{
		Crumb: v.t.T("platform.organizations"), Back: pathPlatform, Title: v.t.T("care.platform"), Text: v.t.T("care.platform_lead"),
		Action: pathResets, Button: ui.ButtonProps{Label: v.t.T("care.platform_find"), Kind: ui.Primary}, withoutProof: true,
		Field: &ui.FieldProps{Name: fieldEmail, Label: v.t.T("care.email"), Type: typeEmail, MaxLength: account.MaxEmail},
	}, refusal)
}

func (v *visit) findAccount() error {
	found, err := v.s.Logins.FindAccount(v.Context(), v.by, v.PostFormValue(fieldEmail))
	if errors.Is(err, login.ErrNobody) || staysOnPage(fault.Of(err)) && err != nil {
		return v.askAccount(err)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	return v.confirmAccount(found, nil)
}

// confirmAccount asks for the reason, beside whose account it is.
func (v *visit) confirmAccount(found login.Found, refusal error) error {
	p, err := v.platformFrame(v.t.T("care.platform"))
	if err != nil {
		return err
	}
	return v.askCare(p, careAct{
		Crumb: v.t.T("care.platform"), Back: pathResets, Title: v.t.T("care.reset_question", "Name", found.Name),
		Text:   v.t.T("care.platform_text"),
		Action: pathResets + "/reset", Hidden: []ui.Hidden{{Name: fieldEmail, Value: found.Email}}, Field: v.reasonField(),
		Button: ui.ButtonProps{Label: v.t.T("care.reset"), Kind: ui.DangerSolid},
		Facts: []ui.Fact{
			{Term: v.t.T("care.email"), Value: found.Email}, {Term: v.t.T("care.platform_orgs"), Value: v.t.Number(found.Orgs)},
			{Term: v.t.T("care.factors"), Value: v.t.Number(found.Factors)},
		},
	}, refusal)
}

func (v *visit) resetAccount() error {
	email := v.PostFormValue(fieldEmail)
	found, err := v.s.Logins.FindAccount(v.Context(), v.by, email)
	if err != nil {
		return v.offPlatform(err)
	}
	if err = v.provePlatform(); err == nil {
		err = v.s.Logins.ResetAccount(v.Context(), v.by, email, v.PostFormValue(fieldReason))
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		return v.confirmAccount(found, err)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T("care.platform_done", "Name", found.Name))
	return v.to(pathResets)
}
