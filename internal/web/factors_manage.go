package web

import (
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

// pathFactor begins the addresses of one factor.
const pathFactor = ui.PathSecurity + "/factors/"

// onFactor finds the factor that the address names, among the person's own.
func onFactor(do func(*visit, login.OwnFactor) error) func(*visit) error {
	return func(v *visit) error {
		id, err := ident.ParseFactor(v.PathValue("factor"))
		if err != nil {
			return credential.ErrFactorNotFound
		}
		f, err := v.s.Logins.Factor(v.Context(), v.by, id)
		if err != nil {
			return err
		}
		return do(v, f)
	}
}

// factorPage is the page of one factor: to rename it, or to remove it.
type factorPage struct {
	Factor login.OwnFactor
	Title  string // of the factor
	Action string
	Name   string
	Facts  []ui.Fact
	Proof  *ui.StepUpProps
	Later  *ui.ConfirmProps // asks for a removal that waits; nil where none is needed
	Ask    *ui.ConfirmProps
	Prove  string // where to prove a stronger factor first

	told
}

func (v *visit) renameForm(f login.OwnFactor) error { return v.showRename(f, f.Name, nil) }

func (v *visit) showRename(f login.OwnFactor, name string, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	page := factorPage{Factor: f, Title: v.factorTitle(f.Kind, f.Name, f.Hint), Action: v.URL.Path, Name: name, told: said}
	page.Proof = v.proof(v.t.T("factors.proof"), page.Errors)
	p := v.accountFrame("factors.rename_title")
	p.Error = refusal != nil
	return v.show(status, FactorRenamePage(p, page))
}

func (v *visit) renameFactor(f login.OwnFactor) error {
	name := v.PostFormValue(fieldName)
	err := v.prove()
	if err == nil {
		err = v.s.Logins.RenameFactor(v.Context(), v.by, f.ID, name)
	}
	if err != nil {
		return v.showRename(f, name, err)
	}
	v.flash(ui.ToneOK, v.t.T("factors.renamed"))
	return v.to(ui.PathSecurity)
}

func (v *visit) removeForm(f login.OwnFactor) error { return v.askFactorRemoval(f, nil) }

// askFactorRemoval asks before a factor is removed. Whoever did not prove one as strong may do
// that first, or ask for a removal that waits: the telephone is lost (rules.md 5).
func (v *visit) askFactorRemoval(f login.OwnFactor, refusal error) error {
	own, err := v.s.Logins.Factors(v.Context(), v.by)
	if err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	page := factorPage{Factor: f, Title: v.factorTitle(f.Kind, f.Name, f.Hint), told: said}
	page.Facts = []ui.Fact{
		{Term: v.t.T("factors.kind_term"), Value: v.t.T("factors.kind." + string(f.Kind))},
		{Term: v.t.T("factors.use_term"), Value: v.factorUse(f)},
	}
	ask := ui.ConfirmProps{
		Title: v.t.T("factors.remove_question", "Name", page.Title), Back: ui.PathSecurity, Keep: v.t.T("factors.remove_keep"),
		StepUp: v.proof(v.t.T("factors.proof"), page.Errors), Action: pathFactor + f.ID.String() + "/remove",
		Button: ui.ButtonProps{Label: v.t.T("factors.remove_now")}, Text: v.t.T("factors.remove_text"),
	}
	if !f.ProvedAt.IsZero() && own.Proved < f.Kind.Strength() {
		ask.Action += "-later"
		ask.Text = v.t.T("factors.remove_later_text")
		ask.Button = ui.ButtonProps{Label: v.t.T("factors.remove_later", "Count", int(credential.Delay.Hours()))}
		page.Prove = withNext(pathProve, pathFactor+f.ID.String()+"/remove")
	}
	page.Ask = &ask
	p := v.accountFrame("factors.remove_title")
	p.Error = refusal != nil
	return v.show(status, FactorRemovePage(p, page))
}

func (v *visit) removeFactor(f login.OwnFactor) error {
	err := v.prove()
	if err == nil {
		err = v.s.Logins.RemoveFactor(v.Context(), v.by, f.ID, v.client())
	}
	if fault.Of(err).Code == login.ErrStronger.Code {
		return v.to(pathFactor + f.ID.String() + "/remove")
	}
	if err != nil {
		return v.askFactorRemoval(f, err)
	}
	v.flash(ui.ToneOK, v.t.T("factors.removed", "Name", v.factorTitle(f.Kind, f.Name, f.Hint)))
	return v.to(ui.PathSecurity)
}

func (v *visit) removeLater(f login.OwnFactor) error {
	if err := v.prove(); err != nil {
		return v.askFactorRemoval(f, err)
	}
	at, err := v.s.Logins.AskRemoval(v.Context(), v.by, f.ID, v.client())
	if err != nil {
		return v.askFactorRemoval(f, err)
	}
	v.flash(ui.ToneWait, v.t.T("factors.removal_asked", "Time", v.t.DateTime(at)))
	return v.to(ui.PathSecurity)
}

func (v *visit) keepFactor(f login.OwnFactor) error {
	if err := v.s.Logins.KeepFactor(v.Context(), v.by, f.ID, v.client()); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("factors.kept", "Name", v.factorTitle(f.Kind, f.Name, f.Hint)))
	return v.to(ui.PathSecurity)
}
