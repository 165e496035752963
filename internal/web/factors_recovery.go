package web

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

const pathRecovery = ui.PathSecurity + "/recovery/new"

// recoveryPage asks before new codes are made.
type recoveryPage struct {
	Once  string // of this showing of the form: sent twice, it makes one set
	Has   bool   // the codes before will be worth nothing
	Proof *ui.StepUpProps

	told
}

func (v *visit) recoveryForm() error { return v.showRecovery(nil) }

func (v *visit) showRecovery(refusal error) error {
	own, err := v.s.Logins.Factors(v.Context(), v.by)
	if err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	page := recoveryPage{Once: rand.Text(), Has: own.HasRecovery, told: said}
	page.Proof = v.proof(v.t.T("factors.proof"), page.Errors)
	p := v.accountFrame("factors.recovery.title")
	p.Error = refusal != nil
	return v.show(status, RecoveryPage(p, page))
}

// makeRecovery makes ten codes and shows them, this once. A page reloaded makes no others.
func (v *visit) makeRecovery() error {
	key := v.PostFormValue(fieldOnce)
	if len(key) != len(rand.Text()) {
		return errForm
	}
	var made login.MadeRecovery
	err := v.prove()
	if err == nil {
		by := v.by
		by.Once = access.Once{Key: "recovery " + key, Body: sha256.Sum256([]byte(v.URL.Path))}
		made, err = v.s.Logins.MakeRecovery(v.Context(), by, v.client())
	}
	switch {
	case fault.Of(err).Code == login.ErrStronger.Code:
		return v.proveStronger(pathRecovery)
	case fault.Of(err).Code == login.ErrCodesShown.Code:
		v.flash(ui.ToneWait, ended(v.sentence(fault.Of(err))))
		return v.to(ui.PathSecurity)
	case err != nil:
		return v.showRecovery(err)
	}
	codes := make([]string, 0, len(made.Codes))
	for _, c := range made.Codes {
		codes = append(codes, c.Reveal())
	}
	p := v.accountFrame("factors.recovery.made_title")
	return v.show(http.StatusOK, RecoveryMadePage(p, codes, v.me.Email.Address, v.t.Date(v.s.now())))
}
