package notify

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/job"
	"habilis/internal/privacy"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The letters of an organisation that leaves (AUD-4).
const (
	KindExitAsked     Kind = "exit_asked"      // to every administrator of the whole of it
	KindExitTakenBack Kind = "exit_taken_back" // to them
	KindExitDropped   Kind = "exit_dropped"    // to them
	KindExitDone      Kind = "exit_done"       // to whoever has no other organisation
	KindOrgExport     Kind = "org_export"      // to whoever ordered the full export
)

var exitKinds = []Kind{KindExitAsked, KindExitTakenBack, KindExitDropped, KindExitDone, KindOrgExport}

// ExitFacts are what is said of an organisation that leaves.
type ExitFacts struct {
	Org     Org
	By      string    // who asked, or took it back
	Day     time.Time // of the deletion; until when the export is kept
	Contact Contact
}

func writeExit(kind Kind, to Recipient, f ExitFacts) *writer {
	vars := map[string]any{}
	if f.By != "" {
		vars["By"] = f.By
	}
	if !f.Day.IsZero() {
		vars["Day"] = text.For(to.Lang).Date(f.Day.In(text.Zone))
	}
	return write(kind, to, &f.Org, vars)
}

// WriteExitAsked tells an administrator that the organisation is to be deleted, until when that can
// be taken back, and how.
func WriteExitAsked(to Recipient, f ExitFacts) (Letter, error) {
	w := writeExit(KindExitAsked, to, f)
	w.say("intro", "until_then", "what_to_do")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// WriteExitTakenBack tells an administrator that it is not.
func WriteExitTakenBack(to Recipient, f ExitFacts) (Letter, error) {
	w := writeExit(KindExitTakenBack, to, f)
	w.say("intro")
	return w.end("administers", f.Contact)
}

// WriteExitDropped tells an administrator that the organisation is not deleted: whoever had asked may
// not decide it any more.
func WriteExitDropped(to Recipient, f ExitFacts) (Letter, error) {
	w := writeExit(KindExitDropped, to, f)
	w.say("intro", "what_to_do")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// WriteExitDone tells a person that an organisation is gone, and that they have no other.
func WriteExitDone(to Recipient, name string) (Letter, error) {
	w := write(KindExitDone, to, nil, map[string]any{"Name": name})
	w.say("intro", "account")
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteOrgExport tells whoever ordered the full export that it is ready, and where: it holds no link.
func WriteOrgExport(to Recipient, f ExitFacts) (Letter, error) {
	w := writeExit(KindOrgExport, to, f)
	w.say("intro", "what_to_do")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// exitLetters are those to one person.
func exitLetters() map[string]composer {
	return map[string]composer{privacy.ExitDoneLetter{}.Kind(): exitDone, privacy.OrgExportLetter{}.Kind(): orgExport}
}

// exitLetters are those to the administrators.
func (h handlers) exitLetters() map[string]job.Handler {
	return map[string]job.Handler{
		privacy.ExitAskedLetter{}.Kind():     h.toOthers(exitAsked),
		privacy.ExitTakenBackLetter{}.Kind(): h.toOthers(exitTakenBack),
		privacy.ExitDroppedLetter{}.Kind():   h.toOthers(exitDropped),
	}
}

// exitAsked tells every administrator of the whole organisation, unless it was taken back.
func exitAsked(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[privacy.ExitAskedLetter](j)
	if err != nil {
		return nil, err
	}
	if at, found, err := privacy.AskedOf(ctx, tx, args.Org); err != nil || !found || !at.Equal(args.ActsAt) {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteExitAsked(recipient(to.account), ExitFacts{Org: to.org, By: args.By, Day: args.ActsAt})
	})
}

// exitTakenBack tells them that the organisation stays, unless it was asked again.
func exitTakenBack(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[privacy.ExitTakenBackLetter](j)
	if err != nil {
		return nil, err
	}
	if _, found, err := privacy.AskedOf(ctx, tx, args.Org); err != nil || found {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteExitTakenBack(recipient(to.account), ExitFacts{Org: to.org, By: args.By})
	})
}

// exitDropped tells them that what was asked is dropped, unless it was asked again.
func exitDropped(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[privacy.ExitDroppedLetter](j)
	if err != nil {
		return nil, err
	}
	if _, found, err := privacy.AskedOf(ctx, tx, args.Org); err != nil || found {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteExitDropped(recipient(to.account), ExitFacts{Org: to.org, By: args.By})
	})
}

// exitDone goes to whoever has no other organisation. That it was theirs is known of nothing but the
// job: its name is the job's secret.
func exitDone(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.ExitDoneLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	return WriteExitDone(recipient(a), j.Secret.Reveal())
}

// orgExport tells whoever ordered it, if they may still take it away.
func orgExport(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.OrgExportLetter](j)
	if err != nil {
		return Letter{}, err
	}
	held, err := access.HeldByAccount(ctx, tx, args.Account, args.Org)
	if err != nil || !held.Has(access.AuditExport, access.OrgScope(args.Org)) {
		return Letter{}, firstError(err, errMoot)
	}
	to, o, err := reached(ctx, tx, args.Account, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteOrgExport(to, ExitFacts{Org: o, Day: args.Until})
}
