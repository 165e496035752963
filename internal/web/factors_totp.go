package web

import (
	"strings"

	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/web/ui"
)

// Addresses of one's own factors, and the names of their fields.
const (
	pathFactors = ui.PathSecurity + "#factors"
	pathTOTP    = ui.PathSecurity + "/totp/new"
	fieldCode   = login.FieldCode
	fieldFactor = "factor"
	codeLength  = 9 // six digits, and the blanks that people type
	seedGroup   = 4
)

// seedView is the secret of an application of codes being added, as SeedBlock shows it.
type seedView struct {
	QR    qrView
	Seed  string // in groups of four
	Until string // the hour at which it is forgotten
}

// seed prepares what SeedBlock shows; person is the address that the application will show.
func (v *visit) seed(b credential.BegunTOTP, person string) (seedView, error) {
	q, err := drawQR(credential.TOTPAddress(b.Seed, credential.Issuer, person))
	return seedView{QR: q, Seed: inGroups(b.Seed, seedGroup), Until: v.t.Hour(b.ExpiresAt)}, err
}

// inGroups writes a secret in groups that an eye can follow.
func inGroups(s secret.Text, size int) string {
	var out []string
	for rest := s.Reveal(); rest != ""; {
		n := min(size, len(rest))
		out, rest = append(out, rest[:n]), rest[n:]
	}
	return strings.Join(out, " ")
}

// totpView is the page that adds an application of codes: before it is begun, a button;
// then its secret, and the field for its first code.
type totpView struct {
	Factor string // empty: not begun
	Seed   seedView
	Name   string
	Proof  *ui.StepUpProps

	told
}

func (v *visit) totpForm() error { return v.showTOTP(totpView{}, nil) }

// showTOTP shows the page; after a refusal, with what to do about it.
func (v *visit) showTOTP(view totpView, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	b, err := v.s.Logins.PendingTOTP(v.Context(), v.by)
	switch {
	case err == nil:
		view.Factor = b.Factor.String()
		if view.Seed, err = v.seed(b, v.me.Email.Address); err != nil {
			return err
		}
	case fault.Of(err).Code != credential.ErrEnrolmentOver.Code:
		return err
	}
	view.Proof = v.proof(v.t.T("factors.proof"), view.Errors)
	p := v.accountFrame("factors.totp.title")
	p.Error = refusal != nil
	return v.show(status, TOTPPage(p, view))
}

// proveStronger sends somebody to prove a second factor as strong as what they ask, and
// back to where they ask it.
func (v *visit) proveStronger(next string) error {
	v.flash(ui.ToneWait, v.sentence(login.ErrStronger))
	return v.to(withNext(pathProve, next))
}

// beginTOTP draws the secret; the page that shows it can be reloaded.
func (v *visit) beginTOTP() error {
	err := v.prove()
	if err == nil {
		_, err = v.s.Logins.BeginTOTP(v.Context(), v.by)
	}
	if fault.Of(err).Code == login.ErrStronger.Code {
		return v.proveStronger(pathTOTP)
	}
	if err != nil {
		return v.showTOTP(totpView{}, err)
	}
	return v.to(pathTOTP)
}

// confirmTOTP adds the application once it has shown a right code.
func (v *visit) confirmTOTP() error {
	id, err := ident.ParseFactor(v.PostFormValue(fieldFactor))
	if err != nil {
		return errForm
	}
	view := totpView{Name: v.PostFormValue(fieldName)}
	if err := v.prove(); err != nil {
		return v.showTOTP(view, err)
	}
	code := secret.NewText(v.PostFormValue(fieldCode))
	added, err := v.s.Logins.ConfirmTOTP(v.Context(), v.by, id, view.Name, code, v.client())
	switch {
	case fault.Of(err).Code == credential.ErrEnrolmentOver.Code:
		v.flash(ui.ToneWait, v.sentence(fault.Of(err)))
		return v.to(pathTOTP)
	case fault.Of(err).Code == login.ErrStronger.Code:
		return v.proveStronger(pathTOTP)
	case err != nil:
		return v.showTOTP(view, err)
	}
	return v.factorIsAdded(added)
}

// factorIsAdded says so, and leads to the recovery codes of whoever has none yet.
func (v *visit) factorIsAdded(added login.AddedFactor) error {
	if !added.Session.Token.IsZero() {
		v.setSession(added.Session)
	}
	v.flash(ui.ToneOK, v.t.T("factors.added"))
	return v.to(ui.PathSecurity)
}
