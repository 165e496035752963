package notify

import (
	"context"
	"errors"
	"fmt"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// SMSOutcome is what became of one try to send a message.
type SMSOutcome string

// The outcomes. Refused messages were never ordered: login counts those.
const (
	SMSSent    SMSOutcome = "sent"
	SMSFailed  SMSOutcome = "failed"
	SMSRefused SMSOutcome = "refused"
)

// Refusals to send a message.
var (
	errNoGateway = errors.New("notify: no gateway is configured")
	errTooLate   = errors.New("notify: the code expired before its message could leave")
)

// texts are the handlers of the jobs that send a message by SMS.
func (h handlers) texts() map[string]job.Handler {
	return map[string]job.Handler{
		login.CodeMessage{}.Kind():          h.text(h.code),
		login.PhoneReplacedMessage{}.Kind(): h.text(h.phoneReplaced),

		dossier.RegistrationMessage{}.Kind(): h.text(h.registrationText),
		login.LossMessage{}.Kind():           h.text(h.lossMessage),
	}
}

// text writes and sends one message; each try is counted.
func (h handlers) text(compose func(context.Context, *store.Tx, job.Job) (to, body secret.Text, err error)) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		m := TextMessage{ID: j.ID.String(), Date: j.Created}
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			m.To, m.Text, err = compose(ctx, tx, j)
			return err
		})
		switch {
		case errors.Is(err, errMoot):
			return nil
		case err == nil && h.Gateway == nil:
			err = job.Permanent(errNoGateway)
		case err == nil:
			err = h.Gateway.Text(ctx, m)
		}
		outcome := SMSSent
		if err != nil {
			outcome = SMSFailed
		}
		if h.Texted != nil {
			h.Texted(outcome)
		}
		if Permanent(err) {
			return job.Permanent(err)
		}
		return err
	}
}

// code writes the message of a code, unless a newer one took its place, or it was used.
// Nothing is tried again once it expired: a code that comes too late only confuses.
func (h handlers) code(ctx context.Context, tx *store.Tx, j job.Job) (to, body secret.Text, err error) {
	args, err := decode[login.CodeMessage](j)
	if err != nil {
		return to, body, err
	}
	if !tx.Now.Before(args.Until) {
		return to, body, job.Permanent(errTooLate)
	}
	waits, err := credential.CodeWaits(ctx, tx, args.Code)
	if err == nil && !waits {
		err = errMoot
	}
	if err != nil {
		return to, body, err
	}
	a, to, err := h.texted(ctx, tx, args.Account, args.Factor)
	if err != nil {
		return to, body, err
	}
	return to, codeText(a.Language, string(args.For), j.Secret.Reveal(), h.Base.Hostname(), credential.CodeLife), nil
}

// texted reads whose factor a message is for, and its number.
func (h handlers) texted(ctx context.Context, tx *store.Tx, of ident.Account, id ident.Factor) (account.Account, secret.Text, error) {
	a, err := person(ctx, tx, of)
	if err != nil {
		return a, secret.Text{}, err
	}
	to, err := h.phone(ctx, tx, of, id)
	return a, to, err
}

// phone opens the number of a factor that was not removed meanwhile.
func (h handlers) phone(ctx context.Context, tx *store.Tx, of ident.Account, id ident.Factor) (secret.Text, error) {
	p, err := credential.PhoneOf(ctx, tx, h.Ring, of, id)
	if errors.Is(err, credential.ErrFactorNotFound) {
		err = errMoot
	}
	if err != nil {
		return secret.Text{}, fmt.Errorf("notify: sms: %w", err)
	}
	return p.Reveal(), nil
}

// phoneReplaced tells the number that was replaced (MFA-06).
func (h handlers) phoneReplaced(ctx context.Context, tx *store.Tx, j job.Job) (to, body secret.Text, err error) {
	args, err := decode[login.PhoneReplacedMessage](j)
	if err != nil {
		return to, body, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return to, body, err
	}
	return j.Secret, replacedText(a.Language), nil
}

// texting tells the platform's administrators how many messages of the day are left.
func texting(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[login.TextingLetter](j)
	if err != nil {
		return nil, err
	}
	all, err := account.OfRole(ctx, tx, account.Administrator)
	if err != nil {
		return nil, err
	}
	letters := make(map[string]Letter, len(all))
	for _, a := range all {
		if letters[a.ID.String()], err = WriteTexting(recipient(a), TextingFacts(args)); err != nil {
			return nil, err
		}
	}
	return letters, nil
}
