package web

import (
	"slices"

	"habilis/internal/dossier"
	"habilis/internal/web/ui"
)

// stepFor is the page that a registration has for somebody who asks for one of its steps.
func stepFor(f dossier.RegistrationFile, asked dossier.Step) dossier.Step {
	next := f.Next()
	all := dossier.RegistrationSteps
	switch {
	case f.Verification.Opens():
		return dossier.StepDone
	case f.Member.IsZero():
		return next
	case slices.Index(all, asked) < slices.Index(all, dossier.StepPerson):
		return next
	case asked == dossier.StepMailbox && len(f.Mailboxes()) == 0:
		return dossier.StepDone // which says the other ways
	}
	return asked
}

// registerSteps is the way through the pages; those done may be gone back to.
func (v *visit) registerSteps(f dossier.RegistrationFile, at dossier.Step) ui.StepperProps {
	steps := ui.StepperProps{Label: v.t.T("register.steps")}
	place := slices.Index(dossier.RegistrationSteps, at)
	for i, s := range dossier.RegistrationSteps[:len(dossier.RegistrationSteps)-1] {
		if s == dossier.StepPassword && at != s && f.Member.IsZero() && !f.Account.IsZero() {
			continue // signed in: no password is asked
		}
		if s == dossier.StepMailbox && len(f.Mailboxes()) == 0 {
			continue
		}
		one := ui.Step{Label: v.t.T("register.step." + string(s)), Done: i < place, Current: s == at}
		if !f.Member.IsZero() && i >= slices.Index(dossier.RegistrationSteps, dossier.StepPerson) && s != at {
			one.Href = v.registerAt(string(s))
		}
		steps.Steps = append(steps.Steps, one)
	}
	return steps
}
