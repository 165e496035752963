package notify

import (
	"context"

	"habilis/internal/dossier"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// DirectoryAlertsFacts are what the digest of the night says.
type DirectoryAlertsFacts struct {
	Org     Org
	Alerts  int64 // that are open
	Link    secret.Text
	Contact Contact
}

// WriteDirectoryAlerts tells an administrator that the national directory says something
// else of members (VER-5). It names nobody: who they are is on the page.
func WriteDirectoryAlerts(to Recipient, f DirectoryAlertsFacts) (Letter, error) {
	w := write(KindDirectoryAlerts, to, &f.Org, map[string]any{varCount: f.Alerts})
	w.say("intro", "nothing")
	w.button(f.Link, "")
	return w.end(whyAlert, f.Contact)
}

// directoryAlerts writes to whoever may decide on some of the alerts and wants to know, how many
// these are, unless everything was decided since.
func (h handlers) directoryAlerts(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[dossier.DigestLetter](j)
	if err != nil {
		return nil, err
	}
	open, err := dossier.OpenAlerts(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	a := matter{args.Org, setting.AlertDirectory, preference.Told{What: preference.DirectoryDiffers, Count: int64(len(open))}}
	return tallied(ctx, tx, a, open, func(to addressee, n int64) (Letter, error) {
		return WriteDirectoryAlerts(recipient(to.account), DirectoryAlertsFacts{
			Org: to.org, Alerts: n, Link: h.link("o", o.Slug, "directory-alerts"),
		})
	})
}
