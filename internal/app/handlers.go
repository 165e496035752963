package app

import (
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/notify"
)

// handlers are what the worker does, by kind of job.
func (a *App) handlers() map[string]job.Handler {
	if a.Mailer == nil {
		return nil
	}
	all := notify.Handlers(notify.Deps{DB: a.DB, Mailer: a.Mailer, Base: a.Public})
	all[login.ForgotOrder{}.Kind()] = a.Logins.SendReset
	return all
}
