package webhook

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

// StoppedLetter tells the administrators that an endpoint was stopped, and why.
type StoppedLetter struct {
	Org  ident.Org `json:"org"`
	Name string    `json:"name"`
	Host string    `json:"host"`
	Why  Why       `json:"why"`
}

// Kind names the job.
func (StoppedLetter) Kind() string { return "letter.webhook_stopped" }

// halt stops an endpoint by a rule, if the rule still says so, and tells the administrators.
func (w Webhooks) halt(ctx context.Context, org ident.Org, id ident.Webhook, why Why) error {
	_, err := w.change(ctx, access.Operator("job"), editing(org, verbStop, id), id, AnyVersion, func(tx *action.Tx, v Webhook) error {
		still, err := due(ctx, tx.Tx, v, why)
		if err != nil || !still {
			return firstError(err, action.Nothing)
		}
		tellStopped(tx, v, why)
		return setStatus(ctx, tx.Tx, org, id, Stopped, why, v.Owner)
	})
	return err
}

// due reports whether an endpoint is to be stopped for a reason: somebody may have mended it
// since it was seen.
func due(ctx context.Context, tx *store.Tx, v Webhook, why Why) (bool, error) {
	switch {
	case v.Status == Stopped:
		return false, nil
	case why == ByFailures:
		return v.lost(tx.Now), nil
	}
	err := owned(ctx, tx, v)
	if errors.Is(err, errDisowned) {
		return true, nil
	}
	if closed(err) {
		err = nil
	}
	return false, err
}

// tellStopped records that an endpoint is stopped, and tells the administrators.
func tellStopped(tx *action.Tx, v Webhook, why Why) {
	tx.Record(recorded(v, verbStop, nil, map[string]any{"stopped_because": why}))
	tx.After(job.Order{Args: StoppedLetter{Org: v.Org, Name: v.Name, Host: v.Host(), Why: why}, Priority: job.Normal})
}

// StopMadeBy stops every endpoint that somebody answers for in an organisation, in the
// caller's transaction, records each, tells the administrators, and says how many there were: they were
// shut out of it, or left (rules.md 13), or whoever had their password may have made them
// (rules.md 7). Whoever starts one again answers for it.
func StopMadeBy(ctx context.Context, tx *action.Tx, org ident.Org, owner ident.Account, why Why) (int, error) {
	stopped, err := stopOf(ctx, tx.Tx, org, owner, why)
	for _, v := range stopped {
		tellStopped(tx, v, why)
	}
	return len(stopped), err
}

// PassOwned has one account of a person answer for the endpoints that another account of theirs
// answers for in an organisation, in the caller's transaction.
func PassOwned(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account) error {
	return passOwned(ctx, tx, org, from, to)
}

// OrgsOfOwner are the organisations in which somebody answers for an endpoint that is sent
// something.
func OrgsOfOwner(ctx context.Context, tx *store.Tx, owner ident.Account) ([]ident.Org, error) {
	return orgsOfOwner(ctx, tx, owner)
}
