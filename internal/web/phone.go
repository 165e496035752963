package web

import (
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// Addresses of the number to which one's codes go: typed, sent to, proved.
const (
	pathPhone     = ui.PathSecurity + "/phone/new"
	pathPhoneCode = ui.PathSecurity + "/phone/code"
	pathPhoneSend = ui.PathSecurity + "/phone/send"
	fieldNumber   = "number"
)

// maxNumber bounds what a browser lets type: an international number, with its blanks.
const maxNumber = 24

var phoneRoutes = []route{
	{"GET " + pathPhone, signed, (*visit).phoneForm},
	{"POST " + pathPhone, signed, (*visit).beginPhone},
	{"GET " + pathPhoneSend, signed, (*visit).phoneSendForm},
	{"POST " + pathPhoneSend, signed, (*visit).sendPhone},
	{"GET " + pathPhoneCode, signed, (*visit).phoneCodeForm},
	{"POST " + pathPhoneCode, signed, (*visit).provePhone},
}

// phoneView is what the pages of a number show.
type phoneView struct {
	State  login.PhoneState
	To     credential.Factor // the number to which a code is about to go
	Lead   string
	Number string // as it was typed
	Proof  *ui.StepUpProps

	told
}

// phoneState reads the actor's numbers.
func (v *visit) phoneState() (login.PhoneState, error) {
	if !v.s.Logins.SMS.On {
		return login.PhoneState{}, login.ErrNoTexting
	}
	return v.s.Logins.MyPhone(v.Context(), v.by, session.Half{})
}

func (v *visit) phoneForm() error { return v.showPhone("", nil) }

// showPhone asks for a number.
func (v *visit) showPhone(number string, refusal error) error {
	state, err := v.phoneState()
	if err != nil {
		return err
	}
	view := phoneView{State: state, Number: number, Lead: v.t.T("phone.lead")}
	title := "phone.title"
	if state.Proved != nil {
		title, view.Lead = "phone.change_title", v.t.T("phone.change_lead", "Number", state.Proved.Hint)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	view.Proof = v.proof(v.t.T("phone.proof"), view.Errors)
	p := v.accountFrame(title)
	p.Error = refusal != nil
	return v.show(status, PhonePage(p, view))
}

// beginPhone sends a code to the number that was typed.
func (v *visit) beginPhone() error {
	number := v.PostFormValue(fieldNumber)
	err := v.prove()
	if err == nil {
		_, err = v.s.Logins.BeginPhone(v.Context(), v.by, session.Half{}, number)
	}
	switch {
	case fault.Of(err).Code == login.ErrStronger.Code:
		return v.proveStronger(pathPhone)
	case err != nil:
		return v.showPhone(number, err)
	}
	return v.to(pathPhoneCode)
}

// phoneSendForm asks before a code is sent to a number that waits: one that an
// administrator gave, or one whose code did not come.
func (v *visit) phoneSendForm() error { return v.showPhoneSend(nil) }

func (v *visit) showPhoneSend(refusal error) error {
	state, err := v.phoneState()
	if err != nil {
		return err
	}
	to, given := waitingPhone(state, v.FormValue(fieldFactor))
	if to == nil {
		return v.to(pathPhone)
	}
	view := phoneView{State: state, To: *to, Lead: v.t.T("phone.again_lead", "Number", to.Hint)}
	if given {
		view.Lead = v.t.T("phone.given_lead", "Number", to.Hint)
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	view.Proof = v.proof(v.t.T("phone.proof"), view.Errors)
	p := v.accountFrame("phone.code_title")
	p.Error = refusal != nil
	return v.show(status, PhoneSendPage(p, view))
}

// waitingPhone finds the number that an address names, among those that wait for a proof.
func waitingPhone(s login.PhoneState, id string) (to *credential.Factor, given bool) {
	switch {
	case s.Given != nil && s.Given.ID.String() == id:
		return s.Given, true
	case s.Begun != nil && s.Begun.ID.String() == id:
		return s.Begun, false
	}
	return nil, false
}

func (v *visit) sendPhone() error {
	id, err := ident.ParseFactor(v.PostFormValue(fieldFactor))
	if err != nil {
		return errForm
	}
	if v.PostFormValue(fieldProof) == "" && v.mustProve() && !v.PostForm.Has(fieldProof) {
		return v.to(pathPhoneSend + "?" + fieldFactor + "=" + id.String()) // asked from a page without the field
	}
	err = v.prove()
	var sent login.SentCode
	if err == nil {
		sent, err = v.s.Logins.SendPhoneProof(v.Context(), v.by, session.Half{}, id)
	}
	switch f := fault.Of(err); {
	case err == nil:
		v.flash(ui.ToneOK, v.t.T("phone.sent_again", "Number", sent.Hint))
		return v.to(pathPhoneCode)
	case f.Code == login.ErrStronger.Code:
		return v.proveStronger(pathPhoneSend + "?" + fieldFactor + "=" + id.String())
	case f.Code == credential.ErrEnrolmentOver.Code:
		v.flash(ui.ToneWait, ended(v.sentence(f)))
		return v.to(pathPhone)
	}
	return v.showPhoneSend(err)
}

func (v *visit) phoneCodeForm() error { return v.showPhoneCode(nil) }

// showPhoneCode asks for the code that was sent; where none waits, for the number again.
func (v *visit) showPhoneCode(refusal error) error {
	state, err := v.phoneState()
	if err != nil {
		return err
	}
	if state.Waiting == nil {
		return v.to(pathPhone)
	}
	view := phoneView{State: state, Lead: v.t.T("phone.code_lead", "Number", state.Waiting.Hint, "Time", v.t.Hour(state.Waiting.Until))}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	p := v.accountFrame("phone.code_title")
	p.Error = refusal != nil
	return v.show(status, PhoneCodePage(p, view))
}

// provePhone makes the number the one to which codes go.
func (v *visit) provePhone() error {
	code := v.PostFormValue(fieldCode)
	if code == "" {
		return v.showPhoneCode(fault.OnField(fieldCode, "login.code_empty"))
	}
	added, err := v.s.Logins.ProvePhone(v.Context(), v.by, "", secret.NewText(code), v.client())
	switch f := fault.Of(err); {
	case err == nil:
		return v.factorIsAdded(added)
	case f.Code == login.ErrCodeGone.Code:
		return v.codeGone(f)
	case f.Code == login.ErrStronger.Code:
		return v.proveStronger(pathPhone)
	}
	return v.showPhoneCode(err)
}

// codeGone leads to where another code is asked for.
func (v *visit) codeGone(f *fault.Error) error {
	v.flash(ui.ToneWait, ended(v.sentence(f)))
	state, err := v.phoneState()
	if err != nil {
		return err
	}
	for _, waits := range []*credential.Factor{state.Begun, state.Given} {
		if waits != nil {
			return v.to(pathPhoneSend + "?" + fieldFactor + "=" + waits.ID.String())
		}
	}
	return v.to(pathPhone)
}
