package notify

import (
	"context"

	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// factorLoss carries the link that keeps all second factors, while it does.
func (h handlers) factorLoss(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	l, err := decode[login.LossLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := whoWaits(ctx, tx, j, l.Account)
	if err != nil {
		return Letter{}, err
	}
	return WriteLoss(recipient(a), FactorFacts{
		At: l.At, ActsAt: l.ActsAt, Origin: Origin{l.Address, l.Browser}, Link: h.link("factors", "stop", j.Secret.Reveal()),
	})
}

// lossTold tells the administrators of an organisation what became of a loss.
func lossTold(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	l, err := decode[login.LossToldLetter](j)
	if err != nil {
		return nil, err
	}
	whose, err := person(ctx, tx, l.Account)
	if err != nil {
		return nil, err
	}
	o, err := plaque(ctx, tx, l.Org)
	if err != nil {
		return nil, err
	}
	var by Org
	if !l.By.IsZero() {
		if by, err = plaque(ctx, tx, l.By); err != nil {
			return nil, err
		}
	}
	readers, err := administrators(ctx, tx, l.Org, l.Account, l.But)
	letters := make(map[string]Letter, len(readers))
	for _, a := range readers {
		f := LossFacts{Org: o, Person: whose.Name(), Change: string(l.Change), By: by.Name, At: l.At, ActsAt: l.ActsAt}
		if letters[a.ID.String()], err = WriteLossTold(recipient(a), f); err != nil {
			return nil, err
		}
	}
	return letters, err
}

// lossMessage tells a number, as long as the factor is there, that it will be taken.
func (h handlers) lossMessage(ctx context.Context, tx *store.Tx, j job.Job) (to, body secret.Text, err error) {
	args, err := decode[login.LossMessage](j)
	if err != nil {
		return to, body, err
	}
	a, to, err := h.texted(ctx, tx, args.Account, args.Factor)
	if err != nil {
		return to, body, err
	}
	return to, lossText(a.Language, args.ActsAt), nil
}
