package notify

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/store"
	"habilis/internal/text"
)

// factorLetters are the letters about second factors.
func (h handlers) factorLetters() map[string]composer {
	return map[string]composer{
		login.FactorLetter{}.Kind():  factorChanged,
		login.RemovalLetter{}.Kind(): h.factorRemoval,
		login.LossLetter{}.Kind():    h.factorLoss,
	}
}

// changed names the letter of each change.
var changed = map[login.FactorChange]Kind{
	login.FactorAdded: KindFactorAdded, login.FactorRemoved: KindFactorRemoved, login.FactorRested: KindFactorRested,
	login.FactorCopied: KindFactorCopied, login.RecoveryMade: KindRecoveryMade, login.RecoveryUsed: KindRecoveryUsed,
	login.FactorRemovalKept: KindFactorKept, login.FactorRemovalLapsed: KindFactorLapsed,
	login.FactorLossKept: KindLossKept, login.FactorLossLapsed: KindLossLapsed, login.FactorsLost: KindFactorsLost,
}

// factorChanged tells what happened to a second factor.
func factorChanged(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	l, err := decode[login.FactorLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, l.Account)
	if err != nil {
		return Letter{}, err
	}
	f := FactorFacts{Name: factorName(l.Name), Left: l.Left, At: l.At, Origin: Origin{l.Address, l.Browser}}
	if l.Of != "" && l.Change != login.RecoveryMade && l.Change != login.RecoveryUsed {
		f.Of = factorWords(a.Language, l.Of)
	}
	return WriteFactor(changed[l.Change], recipient(a), f)
}

// factorRemoval carries the link that stops a removal, while there is one to stop.
func (h handlers) factorRemoval(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	l, err := decode[login.RemovalLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := whoWaits(ctx, tx, j, l.Account)
	if err != nil {
		return Letter{}, err
	}
	return WriteFactorRemoval(recipient(a), FactorFacts{
		Of: factorWords(a.Language, l.Of), Name: factorName(l.Name), At: l.At, ActsAt: l.ActsAt, Origin: Origin{l.Address, l.Browser},
		Link: h.link("factors", "stop", j.Secret.Reveal()),
	})
}

// whoWaits reads who is written to about what waits for its day. There is nothing to say where
// the secret of the job stops nothing any more.
func whoWaits(ctx context.Context, tx *store.Tx, j job.Job, of ident.Account) (account.Account, error) {
	d, err := credential.FindDelayed(ctx, tx, j.Secret.Reveal())
	if fault.Is(err, fault.Gone) || (err == nil && d.Account != of) {
		err = errMoot
	}
	if err != nil {
		return account.Account{}, err
	}
	return person(ctx, tx, of)
}

// factorName is what a person calls a factor, where a letter can say it: a name that cannot
// stand in one must not keep the letter from being sent.
func factorName(name string) string {
	if checkLine("name of a factor", name) != nil {
		return ""
	}
	return name
}

// factorWords names a kind of factor.
func factorWords(lang text.Lang, kind credential.FactorKind) string {
	return text.For(lang).T("factors.kind." + string(kind))
}
