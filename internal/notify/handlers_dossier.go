package notify

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// applicant reads whom a letter about a file is for: their account may still be pending.
func applicant(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (to addressee, err error) {
	to.member, err = member.Find(ctx, tx, in, id)
	if fault.Is(err, fault.NotFound) || err == nil && to.member.Account.IsZero() {
		return to, errMoot
	}
	if err != nil {
		return to, err
	}
	a, ok, err := account.Get(ctx, tx, to.member.Account)
	if err == nil && (!ok || a.Status == account.Blocked) {
		err = errMoot
	}
	if err != nil {
		return to, err
	}
	to.account = a
	if to.account.Language, err = preference.LanguageOf(ctx, tx, in, a.ID, a.Language); err != nil {
		return to, err
	}
	to.org, err = plaque(ctx, tx, in)
	return to, err
}

// fileOutcome tells a person what became of their file, unless it changed since (VER-3,
// VER-4).
func (h handlers) fileOutcome(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[dossier.OutcomeLetter](j)
	if err != nil {
		return Letter{}, err
	}
	to, err := applicant(ctx, tx, args.Org, args.Member)
	if err != nil {
		return Letter{}, err
	}
	open := to.member.Verification == member.Verified
	_, reasons, err := dossier.StandingOf(ctx, tx, args.Org, args.Member)
	if fault.Is(err, fault.NotFound) {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	f := FileFacts{Org: to.org, By: to.by(args.By), Reason: args.Reason, Missing: reasons}
	switch args.Outcome {
	case dossier.Opened:
		o, err := org.Get(ctx, tx, args.Org)
		if err != nil || !open {
			return Letter{}, moot(err)
		}
		f.Link = h.link("o", o.Slug, "home")
		return WriteFileOpened(recipient(to.account), f)
	case dossier.Shut:
		if !open {
			return WriteFileShut(recipient(to.account), f)
		}
	case dossier.Declined:
		if !open {
			return WriteFileRefused(recipient(to.account), f)
		}
	case dossier.Lacking:
		if !open && len(reasons) > 0 {
			return WriteFileLacking(recipient(to.account), f)
		}
	}
	return Letter{}, errMoot
}

// moot is err, or that a letter has nothing to say.
func moot(err error) error {
	if err != nil {
		return err
	}
	return errMoot
}

// fileRuled tells whoever judges the file what support decided of it.
func (h handlers) fileRuled(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[dossier.RulingLetter](j)
	if err != nil {
		return nil, err
	}
	m, err := member.Find(ctx, tx, args.Org, args.Member)
	if fault.Is(err, fault.NotFound) {
		return nil, errMoot
	}
	if err != nil {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	sites, err := member.SitesOf(ctx, tx, args.Org, []ident.Member{args.Member})
	if err != nil {
		return nil, err
	}
	a := matter{args.Org, setting.AlertRegistration, preference.Told{What: preference.RegistrationRuled, Subject: args.Member}}
	return subscribed(ctx, tx, a, sites[args.Member], func(to addressee) (Letter, error) {
		return WriteFileRuled(recipient(to.account), FileFacts{
			Org: to.org, Name: m.Name(), Refused: args.Decision == dossier.Refused, Reason: args.Reason,
			Link: h.link("o", o.Slug, "dossiers", ident.DossierOf(args.Member).String()),
		})
	})
}
