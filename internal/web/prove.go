package web

import (
	"errors"

	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// mustProve reports whether a sensitive act would ask for the password now: the
// form then shows the field (rules.md 6).
func (v *visit) mustProve() bool { return !v.by.Proven(v.s.now()) }

// prove checks the password, or the passkey, of a form that asks for it and renews the
// session. A wrong one is a point to correct at its field; nothing of the act is done.
func (v *visit) prove() error {
	if !v.mustProve() {
		return nil
	}
	if answer := v.PostFormValue(ui.FieldPasskey); answer != "" {
		return v.provePasskey([]byte(answer))
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
	v.isProven(o)
	return nil
}

// provePasskey is prove with a passkey to which the person proved themselves.
func (v *visit) provePasskey(answer []byte) error {
	o, err := v.s.Logins.StepUpPasskey(v.Context(), v.by, answer, v.client())
	if errors.Is(err, login.ErrPasskeyRefused) {
		return fault.OnField(fieldProof, login.ErrPasskeyRefused.Code)
	}
	if err != nil {
		return err
	}
	v.isProven(o)
	return nil
}

// isProven: the session has another token, and the act that follows has its proof.
func (v *visit) isProven(o session.Opened) {
	v.setSession(o)
	v.by.StepUp, v.by.Second = o.Session.StepUpAt, o.Session.Second
}

// proof is the block that asks for the password, or for a passkey of whoever has one; nil
// when the last proof is fresh enough.
func (v *visit) proof(why string, wrong map[string]string) *ui.StepUpProps {
	if !v.mustProve() {
		return nil
	}
	passkey, err := v.s.Logins.HasPasskey(v.Context(), v.by)
	if err != nil { // the password is enough
		v.s.Log.Error("has a passkey", "request", v.by.Request, "err", err)
	}
	return &ui.StepUpProps{Why: why, Username: v.me.Email.Address, Error: wrong[fieldProof], Passkey: passkey}
}
