package notify

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/store"
	"habilis/internal/text"
)

// emailLetters are the letters about a change of address (CHG-2, SEC-5).
func (h handlers) emailLetters() map[string]composer {
	return map[string]composer{
		login.EmailProofLetter{}.Kind():   h.emailProof,
		login.EmailAskedLetter{}.Kind():   emailAsked,
		login.EmailChangedLetter{}.Kind(): h.emailChanged,
		login.EmailUndoneLetter{}.Kind():  emailUndone,
	}
}

// emailOf reads the change that a letter is about, and its account.
func emailOf(ctx context.Context, tx *store.Tx, id ident.EmailChange) (account.EmailChange, account.Account, error) {
	c, found, err := account.GetEmailChange(ctx, tx, id)
	if err == nil && !found {
		err = errMoot
	}
	if err != nil {
		return c, account.Account{}, err
	}
	a, err := person(ctx, tx, c.Account)
	return c, a, err
}

// at is the person of an account, at one of their addresses.
func at(a account.Account, e account.Email) Recipient {
	return Recipient{Name: a.Name(), Email: mailbox(e), Lang: a.Language}
}

// emailProof carries the link to a new address. One that has an account gets a notice
// instead: whoever typed it learns nothing (ENU-02).
func (h handlers) emailProof(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.EmailProofLetter](j)
	if err != nil {
		return Letter{}, err
	}
	c, a, err := emailOf(ctx, tx, args.Change)
	if err != nil {
		return Letter{}, err
	}
	waits, ok, err := account.EmailProofOf(ctx, tx, j.Secret.Reveal())
	if err == nil && (!ok || waits.ID != c.ID) {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	owner, taken, err := account.Holder(ctx, tx, c.New.Key)
	taken = taken && owner.ID != a.ID // their own of before is free to them
	switch {
	case err != nil:
		return Letter{}, err
	case taken && owner.Status != account.Active:
		return Letter{}, errMoot
	case taken:
		return WriteEmailTaken(recipient(owner), c.CreatedAt)
	}
	return WriteEmailProof(a.Language, mailbox(c.New), EmailFacts{
		Other: c.Old.Masked(), ByOther: c.ByOther(), Until: c.ExpiresAt, Link: h.link("email", "confirm", j.Secret.Reveal()),
	})
}

func emailAsked(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.EmailAskedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	c, a, err := emailOf(ctx, tx, args.Change)
	if err != nil {
		return Letter{}, err
	}
	return WriteEmailAsked(at(a, c.Old), EmailFacts{
		Other: c.New.Masked(), By: args.By, At: c.CreatedAt, Until: c.ExpiresAt, Origin: Origin{args.Address, args.Browser},
	})
}

func (h handlers) emailChanged(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.EmailChangedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	c, a, err := emailOf(ctx, tx, args.Change)
	if err != nil {
		return Letter{}, err
	}
	f := EmailFacts{Other: c.Old.Masked(), At: c.ConfirmedAt, Origin: Origin{args.Address, args.Browser}}
	if !args.ToOld {
		return WriteEmailChanged(at(a, c.New), f)
	}
	waits, ok, err := account.EmailUndoOf(ctx, tx, j.Secret.Reveal())
	if err == nil && (!ok || waits.ID != c.ID) {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	f.Other, f.Until, f.Link = c.New.Masked(), c.UndoUntil, h.link("email", "undo", j.Secret.Reveal())
	return WriteEmailReplaced(at(a, c.Old), f)
}

func emailUndone(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.EmailUndoneLetter](j)
	if err != nil {
		return Letter{}, err
	}
	c, a, err := emailOf(ctx, tx, args.Change)
	if err != nil {
		return Letter{}, err
	}
	f := EmailFacts{Other: c.New.Masked(), At: args.At, Origin: Origin{args.Address, args.Browser}}
	if !args.ToOld {
		return WriteEmailWithdrawn(at(a, c.New), f)
	}
	p := text.For(a.Language)
	for _, kind := range args.Factors {
		f.Factors = append(f.Factors, p.T("letters.email_undone.factor."+kind))
	}
	return WriteEmailUndone(at(a, c.Old), f)
}
