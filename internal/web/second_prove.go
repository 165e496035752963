package web

import (
	"net/http"

	"habilis/internal/credential"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// toProve reads with what somebody signed in may prove themselves again: before they manage
// their factors, or where an organisation asks for another kind.
func (v *visit) toProve() (secondView, error) {
	p, err := v.s.Logins.ToProve(v.Context(), v.by)
	if err != nil {
		return secondView{}, err
	}
	view := secondView{
		Action: pathProve, Email: p.Account.Email.Address, Next: v.next(ui.PathSecurity), Ways: v.available(p.Ways()), Prove: true,
		Phone: phoneOf(p.Factors), Sent: p.Sent,
	}
	view.asks(v.FormValue(fieldWay))
	return view, nil
}

// proveForm: whoever has no factor makes one first.
func (v *visit) proveForm() error {
	view, err := v.toProve()
	if err != nil {
		return err
	}
	if len(view.Ways) == 0 {
		v.flash(ui.ToneWait, v.t.T("second.none"))
		return v.to(ui.PathSecurity)
	}
	return v.showSecond(http.StatusOK, view)
}

func (v *visit) proveSecond() error {
	view, err := v.toProve()
	if err != nil {
		return err
	}
	a, err := v.answer(view)
	if err != nil {
		return v.secondRefused(view, err)
	}
	o, err := v.s.Logins.ProveSecond(v.Context(), v.by, a, v.client())
	if err != nil {
		return v.secondRefused(view, err)
	}
	v.setSession(o)
	return v.to(view.Next)
}

func (v *visit) proveSMS() error {
	view, err := v.toProve()
	if err != nil {
		return err
	}
	view.Way = credential.SMS
	if view.Phone == nil {
		return credential.ErrFactorNotFound
	}
	if _, err := v.s.Logins.SendSMS(v.Context(), v.by, session.Half{}, view.Phone.ID); err != nil {
		return v.secondRefused(view, err)
	}
	return v.to(pathProve + "?" + wayQuery(credential.SMS, view.Next))
}

// available are the ways that this server can ask for now.
func (v *visit) available(ways []credential.FactorKind) []credential.FactorKind {
	kept := ways[:0]
	for _, way := range ways {
		switch way {
		case credential.Passkey:
			if !v.s.Logins.Passkeys.Available() {
				continue
			}
		case credential.SMS:
			if !v.s.Logins.SMS.On {
				continue
			}
		case credential.TOTP, credential.Recovery, credential.Address:
		}
		kept = append(kept, way)
	}
	return kept
}

// phoneOf is the number to which a person's codes go.
func phoneOf(factors []credential.Factor) *credential.Factor {
	for i := range factors {
		if factors[i].Kind == credential.SMS {
			return &factors[i]
		}
	}
	return nil
}
