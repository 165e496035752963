package notify

import (
	"context"
	"time"

	"habilis/internal/credential"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/privacy"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// The letters about the erasure of an account that its person asked for in writing (AUD-4). The first
// alone leads anywhere: its page has a button that stops it.
const (
	KindErasureAsked   Kind = "erasure_asked"
	KindErasureStopped Kind = "erasure_stopped"
)

var erasureKinds = []Kind{KindErasureAsked, KindErasureStopped}

// ErasureFacts are what the person is told.
type ErasureFacts struct {
	At     time.Time
	ActsAt time.Time
	Link   secret.Text
}

// WriteErasureAsked tells a person what was asked, when it begins, and how to stop it.
func WriteErasureAsked(to Recipient, f ErasureFacts) (Letter, error) {
	w := write(KindErasureAsked, to, nil, map[string]any{"At": f.At, varUntil: f.ActsAt})
	w.say("intro", "what", "stop")
	w.button(f.Link, w.common("once_until"))
	return w.end("account", Contact{})
}

// WriteErasureStopped tells a person that their account stays.
func WriteErasureStopped(to Recipient, at time.Time) (Letter, error) {
	w := write(KindErasureStopped, to, nil, map[string]any{"At": at})
	w.say("intro", "stays")
	return w.end("account", Contact{})
}

// erasureLetters are those about such a request.
func (h handlers) erasureLetters() map[string]composer {
	return map[string]composer{
		privacy.AskedLetter{}.Kind(): h.erasureAsked,
		login.StayLetter{}.Kind():    erasureStopped,
	}
}

// erasureAsked carries the link that stops an erasure, while there is one to stop.
func (h handlers) erasureAsked(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[privacy.AskedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	d, found, err := credential.ErasureByLink(ctx, tx, j.Secret.Reveal())
	if err == nil && (!found || d.Account != args.Account) {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	return WriteErasureAsked(recipient(a), ErasureFacts{At: args.At, ActsAt: args.ActsAt, Link: h.link("erasure", "stop", j.Secret.Reveal())})
}

func erasureStopped(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.StayLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	return WriteErasureStopped(recipient(a), args.At)
}
