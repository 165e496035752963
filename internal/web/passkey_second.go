package web

import (
	"errors"
	"net/http"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// passkeyOptions is where the page asks what to ask the device.
func (view *secondView) passkeyOptions() string {
	if view.Merge {
		return ui.PathPasskeyMerge
	}
	if view.Prove {
		return ui.PathPasskeyStepUp
	}
	return ui.PathPasskeySecond
}

// passkeySecond gives a passkey as the second factor.
func (v *visit) passkeySecond() error {
	_, view, err := v.pendingSecond()
	if err != nil {
		return v.astray(err)
	}
	view.Way = credential.Passkey
	view.Remember = view.Days > 0 && v.PostFormValue(fieldRemember) != ""
	answer := login.Answer{Kind: credential.Passkey, Response: []byte(v.PostFormValue(ui.FieldPasskey)), Remember: view.Remember}
	res, err := v.s.Logins.Second(v.Context(), v.by, v.half(), answer, v.client())
	if err != nil {
		return v.secondRefused(view, err)
	}
	return v.arrive(res, view.Next)
}

// passkeyProve proves somebody signed in again: it is the second factor and a step-up.
func (v *visit) passkeyProve() error {
	view, err := v.toProve()
	if err != nil {
		return err
	}
	view.Way = credential.Passkey
	o, err := v.s.Logins.StepUpPasskey(v.Context(), v.by, []byte(v.PostFormValue(ui.FieldPasskey)), v.client())
	if errors.Is(err, login.ErrPasskeyRefused) {
		err = login.ErrSecond
	}
	if err != nil {
		return v.secondRefused(view, err)
	}
	v.setSession(o)
	return v.to(view.Next)
}

// passkeyEnrol makes the passkey of somebody who must have a second factor and has none.
func (v *visit) passkeyEnrol() error {
	_, view, err := v.enrolling()
	if err != nil {
		return v.astray(err)
	}
	made := login.Enrolling{Kind: credential.Passkey, Response: []byte(v.PostFormValue(ui.FieldPasskeyMade))}
	res, err := v.s.Logins.FinishEnrol(v.Context(), v.by, v.half(), made, v.client())
	if err == nil {
		v.flash(ui.ToneOK, v.t.T("second.enrol.done"))
		return v.arrive(res, view.Next)
	}
	f := fault.Of(err)
	switch f.Code {
	case login.ErrSecond.Code, credential.ErrPasskeyKnown.Code:
		if f.Code == login.ErrSecond.Code {
			f = login.ErrPasskeyRefused
		}
		view.Errors, view.Summary = v.fieldErrors(fault.OnField(fieldCode, f.Code))
		p := v.page(v.t.T("second.enrol.title"))
		p.Error = true
		return v.show(http.StatusUnprocessableEntity, EnrolPage(p, view))
	}
	return v.astray(err)
}
