package notify

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/dossier"
	"habilis/internal/job"
	"habilis/internal/member"
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
	all, err := member.Administrators(ctx, tx, access.OrgScope(args.Org))
	if err != nil || open == 0 {
		return nil, err
	}
	letters := make(map[string]Letter, len(all))
	for i := range all {
		to, err := addressed(ctx, tx, args.Org, all[i].ID)
		if errors.Is(err, errMoot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if letters[to.account.ID.String()], err = WriteDirectoryAlerts(recipient(to.account), DirectoryAlertsFacts{
			Org: to.org, Alerts: open, Link: h.link("o", o.Slug, "directory-alerts"),
		}); err != nil {
			return nil, err
		}
	}
	return letters, nil
}
