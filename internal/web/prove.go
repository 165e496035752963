package web

import (
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/web/ui"
)

// mustProve reports whether a sensitive act would ask for the password now: the
// form then shows the field (rules.md 6).
func (v *visit) mustProve() bool { return !v.by.Proven(v.s.now()) }

// prove checks the password of a form that asks for it and renews the session.
// A wrong one is a point to correct at its field; nothing of the act is done.
func (v *visit) prove() error {
	if !v.mustProve() {
		return nil
	}
	typed := v.PostFormValue(fieldProof)
	if typed == "" {
		return fault.OnField(fieldProof, "web.password_empty")
	}
	o, err := v.s.Logins.StepUp(v.Context(), v.by, secret.NewText(typed))
	if f := fault.Of(err); err != nil && (f.Code == login.ErrCurrent.Code || f.Code == login.ErrPasswordLocked.Code) {
		return fault.OnField(fieldProof, f.Code)
	}
	if err != nil {
		return err
	}
	v.setSession(o)
	v.by.StepUp = o.Session.StepUpAt
	return nil
}

// proof is the block that asks for the password, or nil when it is fresh enough.
func (v *visit) proof(why string, errors map[string]string) *ui.StepUpProps {
	if !v.mustProve() {
		return nil
	}
	return &ui.StepUpProps{Why: why, Username: v.me.Email.Address, Error: errors[fieldProof]}
}
