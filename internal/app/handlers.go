package app

import (
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/exchange"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/notify"
	"habilis/internal/privacy"
	"habilis/internal/review"
)

// handlers are what the worker does, by kind of job.
func (a *App) handlers() map[string]job.Handler {
	if a.Mailer == nil {
		return nil
	}
	all := notify.Handlers(notify.Deps{
		DB: a.DB, Mailer: a.Mailer, Base: a.Public, Ring: a.Ring, Gateway: a.Gateway, Texted: a.sms.texted,
	})
	all[login.ForgotOrder{}.Kind()] = a.Logins.SendReset
	all[login.RemovalOrder{}.Kind()] = a.Logins.DoRemoval
	all[dossier.RegistrationOrder{}.Kind()] = a.Registrations.Greet
	all[dossier.RejudgeOrder{}.Kind()] = a.Dossiers.Rejudge
	all[exchange.CheckOrder{}.Kind()] = a.Imports.Check
	all[departure.WorkOrder{}.Kind()] = a.Departures.Do
	all[review.WorkOrder{}.Kind()] = a.Reviews.Do
	all[privacy.EraseOrder{}.Kind()] = a.People.DoErase
	all[privacy.AskedOrder{}.Kind()] = a.People.DoAsked
	all[privacy.CopyOrder{}.Kind()] = a.People.DoExport
	return all
}
