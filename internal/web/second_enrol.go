package web

import (
	"net/http"
	"time"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// enrolView is what the pages of a first second factor show.
type enrolView struct {
	Email   string
	Next    string
	Ways    []credential.FactorKind // that may be chosen
	Why     string                  // who asks for it
	Factor  ident.Factor            // the application begun
	Seed    seedView
	Number  string            // typed
	Waiting *login.SentCode   // a code is on its way to it
	Errors  map[string]string // by field
	Summary []ui.FieldError
}

// enrolling reads what may be enrolled: nothing by whoever has a factor, which is asked.
func (v *visit) enrolling() (login.Pending, enrolView, error) {
	p, err := v.s.Logins.Enrol(v.Context(), v.by, v.half())
	if err != nil {
		return p, enrolView{}, err
	}
	why := "second.enrol.why_policy"
	if p.Policy.Administers {
		why = "second.enrol.why_administrator"
	}
	return p, enrolView{
		Email: p.Account.Email.Address, Next: v.next(""), Ways: v.available(enrollable(p)), Why: v.t.T(why),
	}, nil
}

// enrollable are the kinds that a person may choose, the easiest to have first: the network
// that an administrator gave them, where they are in it, then those of the policy.
func enrollable(p login.Pending) (kinds []credential.FactorKind) {
	if p.Network {
		kinds = append(kinds, credential.Address)
	}
	for _, k := range []credential.FactorKind{credential.TOTP, credential.Passkey, credential.SMS} {
		if p.Policy.Allows(k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

func (v *visit) enrolForm() error {
	_, view, err := v.enrolling()
	if err != nil {
		return v.astray(err)
	}
	return v.show(http.StatusOK, EnrolPage(v.page(v.t.T("second.enrol.title")), view))
}

// enrolChoose begins what was chosen.
func (v *visit) enrolChoose() error {
	_, view, err := v.enrolling()
	if err != nil {
		return v.astray(err)
	}
	switch credential.FactorKind(v.PostFormValue(fieldWay)) {
	case credential.TOTP:
		if err := v.s.Logins.EnrolTOTP(v.Context(), v.by, v.half()); err != nil {
			return v.astray(err)
		}
		return v.to(withNext(pathEnrol+"/totp", view.Next))
	case credential.SMS:
		return v.to(withNext(pathEnrol+"/sms", view.Next))
	case credential.Address:
		return v.enrolNetwork(view)
	case credential.Passkey, credential.Recovery:
	}
	return v.to(withNext(pathEnrol, view.Next))
}

// enrolNetwork confirms the network that an administrator gave: being there is all it asks.
func (v *visit) enrolNetwork(view enrolView) error {
	res, err := v.s.Logins.FinishEnrol(v.Context(), v.by, v.half(), login.Enrolling{Kind: credential.Address}, v.client())
	if err != nil {
		return v.astray(err)
	}
	v.flash(ui.ToneOK, v.t.T("care.own_done"))
	return v.arrive(res, view.Next)
}

// begunTOTP reads the seed that waits to be proved here.
func (v *visit) begunTOTP() (enrolView, bool, error) {
	_, view, err := v.enrolling()
	if err != nil {
		return view, false, err
	}
	p, begun, found, err := v.s.Logins.EnrolledTOTP(v.Context(), v.by, v.half())
	if err != nil || !found {
		return view, false, err
	}
	view.Factor = begun.Factor
	view.Seed, err = v.seed(begun, p.Account.Email.Address)
	return view, true, err
}

func (v *visit) enrolTOTPForm() error {
	view, found, err := v.begunTOTP()
	if err != nil {
		return v.astray(err)
	}
	if !found {
		return v.to(withNext(pathEnrol, view.Next))
	}
	return v.showEnrolTOTP(http.StatusOK, view)
}

func (v *visit) showEnrolTOTP(status int, view enrolView) error {
	p := v.page(v.t.T("second.totp.title"))
	p.Error = status != http.StatusOK
	return v.show(status, EnrolTOTPPage(p, view))
}

func (v *visit) enrolTOTP() error {
	view, found, err := v.begunTOTP()
	if err != nil {
		return v.astray(err)
	}
	if !found {
		return v.to(withNext(pathEnrol, view.Next))
	}
	return v.finishEnrol(view, login.Enrolling{Kind: credential.TOTP, Factor: view.Factor, Code: v.PostFormValue(fieldCode)}, v.showEnrolTOTP)
}

// finishEnrol proves the factor and lets its person in.
func (v *visit) finishEnrol(view enrolView, e login.Enrolling, show func(int, enrolView) error) error {
	var res login.Result
	var err error = fault.OnField(fieldCode, "login.code_empty")
	if e.Code != "" {
		res, err = v.s.Logins.FinishEnrol(v.Context(), v.by, v.half(), e, v.client())
	}
	if err == nil {
		v.flash(ui.ToneOK, v.t.T("second.enrol.done"))
		return v.arrive(res, view.Next)
	}
	if said, wrong := v.codeRefused(fault.Of(err), e.Kind); wrong {
		view.Errors, view.Summary = map[string]string{fieldCode: said}, []ui.FieldError{{ID: fieldCode, Text: said}}
		return show(http.StatusUnprocessableEntity, view)
	}
	if !fault.Is(err, fault.Invalid) {
		return v.astray(err)
	}
	view.Errors, view.Summary = v.fieldErrors(err)
	return show(http.StatusUnprocessableEntity, view)
}

// enrolPhone reads the number that waits to be proved here.
func (v *visit) enrolPhone() (login.Pending, enrolView, error) {
	p, view, err := v.enrolling()
	if err != nil {
		return p, view, err
	}
	phone, err := v.s.Logins.MyPhone(v.Context(), v.by, p.Half)
	view.Waiting = phone.Waiting
	return p, view, err
}

func (v *visit) enrolSMSForm() error {
	_, view, err := v.enrolPhone()
	if err != nil {
		return v.astray(err)
	}
	return v.showEnrolSMS(http.StatusOK, view)
}

func (v *visit) showEnrolSMS(status int, view enrolView) error {
	p := v.page(v.t.T("second.sms.title"))
	p.Error = status != http.StatusOK
	return v.show(status, EnrolSMSPage(p, view))
}

// enrolNumber sends a code to the number that was typed.
func (v *visit) enrolNumber() error {
	p, view, err := v.enrolPhone()
	if err != nil {
		return v.astray(err)
	}
	view.Number, view.Waiting = v.PostFormValue(fieldNumber), nil
	_, err = v.s.Logins.BeginPhone(v.Context(), v.by, p.Half, view.Number)
	if err == nil {
		return v.to(withNext(pathEnrol+"/sms", view.Next))
	}
	f := fault.Of(err)
	if fault.Is(err, fault.Limited) {
		err = fault.OnField(fieldNumber, f.Code, "Wait", f.Wait)
	}
	if !fault.Is(err, fault.Invalid) {
		return v.astray(err)
	}
	view.Errors, view.Summary = v.fieldErrors(err)
	return v.showEnrolSMS(max(statusOf(f), http.StatusUnprocessableEntity), view)
}

func (v *visit) enrolSMS() error {
	_, view, err := v.enrolPhone()
	if err != nil {
		return v.astray(err)
	}
	return v.finishEnrol(view, login.Enrolling{Kind: credential.SMS, Code: v.PostFormValue(fieldCode)}, v.showEnrolSMS)
}

// days is a length of time in whole days.
func days(d time.Duration) int {
	const day = 24 * time.Hour
	return int(d / day)
}
