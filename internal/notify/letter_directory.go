package notify

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/dossier"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/secret"
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
	return w.end("administers", f.Contact)
}

// directoryAlerts writes to every administrator of the organisation, unless everything was
// decided since.
func (h handlers) directoryAlerts(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[dossier.DigestLetter](j)
	if err != nil {
		return nil, err
	}
	open, err := dossier.CountOpen(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	if open == 0 {
		return nil, errMoot
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteDirectoryAlerts(recipient(to.account), DirectoryAlertsFacts{
			Org: to.org, Alerts: open, Link: h.link("o", o.Slug, "directory-alerts"),
		})
	})
}
