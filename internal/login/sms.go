package login

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Limits of the messages sent (rules.md 4, MFA-08).
const (
	CodesPerHour   = 3   // of one account
	MessagesPerDay = 500 // of the installation, unless its operator says otherwise
	AlertPercent   = 80  // of MessagesPerDay, and of the share of StrangersShare: the platform's administrators are told

	StrangersShare = 5 // one message in so many of a day may be asked for without a session: the others are left to sign-ins
	CodesPerNumber = 5 // to one number in a day, asked for without a session

	CodesPerNetwork = 10 // asked for from one network address in a day, without a session
)

// Texting is what the operator decided of messages by SMS. The zero value sends none.
type Texting struct {
	On       bool  // a gateway is configured
	PerDay   int64 // messages of the installation in a day, which cost money
	Prefixes credential.Prefixes
	Refused  func() // called when a message was refused, to count it; may be nil
}

var (
	codesOf       = limit.Counter{Name: "sms.account", Window: time.Hour, Max: CodesPerHour}
	codesFrom     = limit.Counter{Name: "sms.network", Window: day, Max: CodesPerNetwork}
	codesTo       = limit.Counter{Name: "sms.number", Window: day, Max: CodesPerNumber}
	messagesOfDay = limit.Counter{Name: "sms.day", Window: day}
	strangersOf   = limit.Counter{Name: "sms.strangers", Window: day} // those of messagesOfDay that were asked for without a session
)

const day = 24 * time.Hour

// everyMessage is the one subject of messagesOfDay and of strangersOf.
const everyMessage = "installation"

// Refusals of a message.
var (
	// ErrNoTexting refuses messages where no gateway is configured.
	ErrNoTexting = fault.New(fault.Forbidden, "factor.sms_off")
	// ErrTextingFull refuses messages beyond those of a day.
	ErrTextingFull = fault.New(fault.Limited, "factor.sms_day_full")
	// ErrStrangersFull refuses messages beyond the share of a day of those without a session.
	ErrStrangersFull = fault.New(fault.Limited, "registration.sms_day_full")
)

const verbSendCode = "factor.send_code"

// SentCode says to which number a code was sent, and until when it is good.
type SentCode struct {
	Factor ident.Factor
	Hint   string // the number, masked
	Until  time.Time
}

// SendSMS sends a code to a proved number of a person: of the half, when one is given, as
// the second proof of its sign-in; else of the actor, to prove themself again in their
// session. The message leaves after the answer. Errors: ErrNoTexting, ErrTextingFull,
// limit.ErrExceeded, credential.ErrFactorNotFound, credential.ErrPhoneUnproved.
func (l Logins) SendSMS(ctx context.Context, by access.Actor, half session.Half, id ident.Factor) (SentCode, error) {
	what := credential.CodeSignIn
	if half.ID.IsZero() {
		what = credential.CodeProve
		if err := inBrowser(by); err != nil {
			return SentCode{}, l.refusedCode(ctx, by, err)
		}
	}
	return l.sendCode(ctx, by, half, what, func(tx *action.Tx, _ string) (credential.Factor, error) {
		return provedPhone(ctx, tx.Tx, tx.By.Account, id)
	})
}

// provedPhone finds a number that its person has proved.
func provedPhone(ctx context.Context, tx *store.Tx, of ident.Account, id ident.Factor) (credential.Factor, error) {
	list, err := credential.Factors(ctx, tx, of)
	if err != nil {
		return credential.Factor{}, err
	}
	for _, f := range list {
		switch {
		case f.ID != id || f.Kind != credential.SMS:
		case f.ProvedAt.IsZero():
			return credential.Factor{}, credential.ErrPhoneUnproved
		default:
			return f, nil
		}
	}
	return credential.Factor{}, credential.ErrFactorNotFound
}

// sendCode is the one way in which a code leaves: to the factor that find gives, for one
// purpose, in the place of the actor.
func (l Logins) sendCode(
	ctx context.Context, by access.Actor, half session.Half, what credential.CodeFor, find func(*action.Tx, string) (credential.Factor, error),
) (SentCode, error) {
	by, place, err := l.placed(ctx, by, half)
	if err != nil {
		return SentCode{}, l.refusedCode(ctx, by, err)
	}
	act := action.Act{
		Verb: verbSendCode, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String(),
		// A number is changed with a fresh proof (rules.md 5), unless the first proof of a
		// sign-in was given just now.
		StepUp: what == credential.CodeEnrol && half.ID.IsZero(),
	}
	sent, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (SentCode, error) {
		f, err := find(tx, place)
		if err != nil {
			return SentCode{}, err
		}
		return l.orderCode(ctx, tx, f, what, place)
	})
	if fault.Is(err, fault.Limited) && l.SMS.Refused != nil {
		l.SMS.Refused()
	}
	return sent, err
}

// refusedCode records a refusal that comes before any transaction, and gives it.
func (l Logins) refusedCode(ctx context.Context, by access.Actor, refusal error) error {
	if _, refused := errors.AsType[*fault.Error](refusal); !refused {
		return refusal
	}
	return l.refused(ctx, by, try{verb: verbSendCode, account: account.Account{ID: by.Account}}, refusal)
}

// orderCode makes a code and orders the message that carries it, within the limits.
func (l Logins) orderCode(
	ctx context.Context, tx *action.Tx, f credential.Factor, what credential.CodeFor, place string,
) (SentCode, error) {
	phone, err := credential.PhoneOf(ctx, tx.Tx, tx.Ring, f.Account, f.ID)
	if err != nil {
		return SentCode{}, err
	}
	if !l.SMS.Prefixes.Allows(phone) { // the list became shorter since
		return SentCode{}, credential.ErrPhoneForeign
	}
	if err := codesOf.Within(ctx, tx.Tx, f.Account.String()); err != nil {
		return SentCode{}, err
	}
	if err := l.takeMessage(ctx, tx); err != nil {
		return SentCode{}, err
	}
	c, err := credential.NewSMS(ctx, tx.Tx, tx.Ring, f, what, place)
	if err != nil {
		return SentCode{}, err
	}
	tx.After(job.Order{
		Args:     CodeMessage{Account: f.Account, Factor: f.ID, Code: c.ID, For: what, Until: c.Until},
		Priority: job.Urgent, Secret: c.Code,
	})
	tx.Record(audit.Event{
		Verb: verbSendCode, Object: f.ID.String(), Names: map[string]string{trailFactor: f.Hint}, After: map[string]any{"for": string(what)},
	})
	return SentCode{Factor: f.ID, Hint: f.Hint, Until: c.Until}, nil
}

// TakeText counts a message that another noun sends to somebody without a session: subject is
// theirs, and may have CodesPerHour; the number, CodesPerNumber; the network that the act comes from,
// CodesPerNetwork; all of them together, one message in StrangersShare of the day's, whose count they
// share: what they may cost is bounded, and nobody takes those that sign-ins need, nor one network
// those of all others (MFA-08, rules.md 4). Near the end of the share, and at its end, the
// platform's administrators are told. Errors: ErrNoTexting, ErrStrangersFull, limit.ErrExceeded.
func (l Logins) TakeText(ctx context.Context, tx *action.Tx, subject string, to credential.Phone) error {
	if !l.SMS.On {
		return ErrNoTexting
	}
	number, err := l.digest("number " + to.Reveal().Reveal())
	if err != nil {
		return err
	}
	if err := codesOf.Within(ctx, tx.Tx, subject); err != nil {
		return err
	}
	if err := codesTo.Within(ctx, tx.Tx, number); err != nil {
		return err
	}
	if err := codesFrom.Within(ctx, tx.Tx, Network(tx.By.Address)); err != nil {
		return err
	}
	return l.takeStranger(ctx, tx)
}

// takeStranger counts one message of the day that is asked for without a session.
func (l Logins) takeStranger(ctx context.Context, tx *action.Tx) error {
	share := max(1, l.SMS.PerDay/StrangersShare)
	n, err := strangersOf.Add(ctx, tx.Tx, everyMessage)
	if err == nil && n <= share {
		err = l.takeMessage(ctx, tx)
	}
	if n > share || errors.Is(err, ErrTextingFull) {
		err = ErrStrangersFull.After(fault.Of(strangersOf.Exceeded(tx.Now)).Wait)
	}
	if err == nil {
		warn(tx, TextingLetter{Sent: n, PerDay: share, At: tx.Now, Strangers: true})
	}
	return err
}

// takeMessage counts one message of the day. Near the end of them, and at the end, the
// platform's administrators are told.
func (l Logins) takeMessage(ctx context.Context, tx *action.Tx) error {
	if !l.SMS.On {
		return ErrNoTexting
	}
	n, err := messagesOfDay.Add(ctx, tx.Tx, everyMessage)
	if err != nil {
		return err
	}
	if n > l.SMS.PerDay {
		return ErrTextingFull.After(fault.Of(messagesOfDay.Exceeded(tx.Now)).Wait)
	}
	warn(tx, TextingLetter{Sent: n, PerDay: l.SMS.PerDay, At: tx.Now})
	return nil
}

// warn orders the alert with the message that it goes out with, and with the last.
func warn(tx *action.Tx, f TextingLetter) {
	const whole = 100
	if f.Sent == (f.PerDay*AlertPercent+whole-1)/whole || f.Sent == f.PerDay {
		tx.After(job.Order{Args: f, Priority: job.Normal})
	}
}

// placed gives the person who asks, and where they do: in a sign-in half done, else in
// their session, or by their token.
func (l Logins) placed(ctx context.Context, by access.Actor, half session.Half) (access.Actor, string, error) {
	if half.ID.IsZero() {
		place := placeOf(by)
		if place == "" {
			return by, "", access.ErrForbidden
		}
		return by, place, nil
	}
	if !half.ForSession.IsZero() { // SendMergeCode alone sends for it
		return by, "", session.ErrHalfGone
	}
	err := l.Run.DB.Read(ctx, func(tx *store.Tx) error {
		a, found, err := account.Get(ctx, tx, half.Account)
		if err == nil && (!found || a.Status != account.Active) {
			err = access.ErrUnauthenticated
		}
		by = person(by, a)
		return err
	})
	return by, half.ID.String(), err
}
