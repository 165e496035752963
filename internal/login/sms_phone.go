package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

const verbBeginFactor = "factor.begin"

// ErrCodeGone refuses a code where none waits: it expired, was tried too often, or was
// asked for in another browser.
var ErrCodeGone = fault.New(fault.Gone, "factor.code_gone")

// Phone reads a number to which messages may be sent. Errors: the field number.
func (t Texting) Phone(typed string) (credential.Phone, error) {
	if !t.On {
		return credential.Phone{}, ErrNoTexting
	}
	p, err := t.Prefixes.Parse(typed)
	if fault.Is(err, fault.Invalid) {
		err = fault.OnField("number", fault.Of(err).Code)
	}
	return p, err
}

// BeginPhone adds a number that a person typed, and sends the code that proves it is
// theirs: a person signed in, who has proved themself anew (rules.md 5), or one whose
// sign-in waits for a first second factor (half). Until it is proved nothing changes.
// Errors: the field number, credential.ErrPhoneTaken, ErrStronger, ErrKindRefused,
// ErrHasFactor, access.ErrStepUp, and those of SendSMS.
func (l Logins) BeginPhone(ctx context.Context, by access.Actor, half session.Half, typed string) (SentCode, error) {
	p, err := l.SMS.Phone(typed)
	if fault.Is(err, fault.Forbidden) {
		err = l.refusedCode(ctx, by, err)
	}
	if err != nil {
		return SentCode{}, err
	}
	return l.sendCode(ctx, by, half, credential.CodeEnrol, func(tx *action.Tx, place string) (credential.Factor, error) {
		if err := mayBeginPhone(ctx, tx.Tx, tx.By, half); err != nil {
			return credential.Factor{}, err
		}
		f, err := credential.StartSMS(ctx, tx.Tx, tx.Ring, tx.By.Account, p, place)
		tx.Record(audit.Event{
			Verb: verbBeginFactor, Object: f.ID.String(), Subject: tx.By.Account.String(), Names: map[string]string{trailFactor: f.Hint},
			After: map[string]any{trailKind: string(credential.SMS)},
		})
		return f, err
	})
}

// SendPhoneProof sends the code that proves a number again, or for the first time for one
// that an administrator gave. Errors: those of BeginPhone, credential.ErrEnrolmentOver.
func (l Logins) SendPhoneProof(ctx context.Context, by access.Actor, half session.Half, id ident.Factor) (SentCode, error) {
	return l.sendCode(ctx, by, half, credential.CodeEnrol, func(tx *action.Tx, place string) (credential.Factor, error) {
		if err := mayBeginPhone(ctx, tx.Tx, tx.By, half); err != nil {
			return credential.Factor{}, err
		}
		return credential.SMSToProve(ctx, tx.Tx, tx.By.Account, id, place)
	})
}

// mayBeginPhone refuses a number to whoever may not add one: in a session, by the rules of
// all factors; half-way, to somebody who has a factor, which is asked instead (MFA-03).
func mayBeginPhone(ctx context.Context, tx *store.Tx, by access.Actor, half session.Half) error {
	if half.ID.IsZero() {
		return mayAdd(ctx, tx, by, credential.SMS)
	}
	held, err := proved(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return ErrHasFactor
	}
	policy, err := Effective(ctx, tx, by.Account)
	if err == nil && !policy.Allows(credential.SMS) {
		err = ErrKindRefused
	}
	return err
}

// ProvePhone makes a number the one to which the actor's codes go, if the code is the one
// that was sent to it from this session. The number before makes room, the other browsers
// of the person end, and they are told. id names the number; zero: whichever a code was sent
// to from here. Errors: the field code, ErrCodeGone, ErrStronger, ErrKindRefused.
func (l Logins) ProvePhone(ctx context.Context, by access.Actor, id ident.Factor, code secret.Text, c Client) (AddedFactor, error) {
	by, place, err := l.placed(ctx, by, session.Half{})
	if err != nil {
		return AddedFactor{}, l.refusedCode(ctx, by, err)
	}
	act := action.Act{Verb: verbAddFactor, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	out, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (triedPhone, error) {
		if err := mayAdd(ctx, tx.Tx, by, credential.SMS); err != nil {
			return triedPhone{}, err
		}
		waits, _, _, err := credential.SMSPending(ctx, tx.Tx, by.Account, credential.CodeEnrol, place)
		if err == nil && !id.IsZero() && waits != id {
			err = ErrCodeGone
		}
		if err != nil {
			return triedPhone{}, err
		}
		p, err := credential.ProveSMS(ctx, tx.Tx, tx.Ring, by.Account, place, code.Reveal())
		if err != nil || !p.OK {
			noteWrong(tx, by.Account, p.Used, false)
			return triedPhone{Used: p.Used}, err
		}
		if err := l.replaced(ctx, tx, p, c); err != nil {
			return triedPhone{}, err
		}
		added, err := addedFactor(ctx, tx, p.Phone.ID, FactorLetter{Of: credential.SMS, Name: p.Phone.Hint, Browser: c.UserAgent})
		return triedPhone{added, p.Used}, err
	})
	switch {
	case err != nil:
		return AddedFactor{}, err
	case out.Used.Locked || (!out.Used.OK && out.Used.Left == 0):
		return AddedFactor{}, ErrCodeGone
	case !out.Used.OK:
		return AddedFactor{}, fault.OnField(FieldCode, "factor.sms_code_wrong", "Count", out.Used.Left)
	}
	return out.Added, nil
}

// triedPhone is what came of a try: its count is committed with a wrong one, too.
type triedPhone struct {
	Added AddedFactor
	Used  credential.Used
}

// ProvePhoneIn is ProvePhone within the dispatcher's act, for somebody who had no second
// factor: place is the ID of their half. A wrong code is no error: its count must be
// committed.
func (l Logins) ProvePhoneIn(ctx context.Context, tx *action.Tx, place, code string, c Client) (credential.ProvedSMS, error) {
	p, err := credential.ProveSMS(ctx, tx.Tx, tx.Ring, tx.By.Account, place, code)
	if err != nil || !p.OK {
		return p, err
	}
	ended, err := session.EndAll(ctx, tx.Tx, tx.By.Account, factorsChanged)
	if err != nil {
		return p, err
	}
	told := FactorLetter{Account: tx.By.Account, Change: FactorAdded, Of: credential.SMS, Name: p.Phone.Hint, Browser: c.UserAgent}
	tellFactor(tx, told)
	return p, recordAdded(ctx, tx, p.Phone.ID, ended, told)
}

// replaced tells of the number that made room: a letter, and a last message to it.
func (l Logins) replaced(ctx context.Context, tx *action.Tx, p credential.ProvedSMS, c Client) error {
	if p.Replaced == nil {
		return nil
	}
	if err := dropWaiting(ctx, tx.Tx, *p.Replaced); err != nil {
		return err
	}
	tx.Record(audit.Event{
		Verb: verbRemoveFactor, Object: p.Replaced.ID.String(), Subject: tx.By.Account.String(),
		Before: map[string]any{trailKind: string(credential.SMS)}, After: map[string]any{"replaced_by": p.Phone.ID.String()},
	})
	tellFactor(tx, FactorLetter{
		Account: tx.By.Account, Change: FactorRemoved, Of: credential.SMS, Name: p.Replaced.Hint, Browser: c.UserAgent,
	})
	return l.tellOldPhone(ctx, tx, p)
}

// tellOldPhone sends a last message to the number that was replaced (MFA-06): whoever took
// the person's session cannot hide what they did.
func (l Logins) tellOldPhone(ctx context.Context, tx *action.Tx, p credential.ProvedSMS) error {
	return l.textNotice(ctx, tx, p.Old, job.Order{
		Args: PhoneReplacedMessage{Account: tx.By.Account, At: tx.Now}, Priority: job.Normal, Secret: p.Old.Reveal(),
	})
}

// textNotice orders a message that carries no code, as long as the day's messages last: that
// none could be sent keeps nothing from being done.
func (l Logins) textNotice(ctx context.Context, tx *action.Tx, to credential.Phone, message job.Order) error {
	n, err := messagesOfDay.Count(ctx, tx.Tx, everyMessage)
	if err != nil || !l.SMS.On || n >= l.SMS.PerDay || !l.SMS.Prefixes.Allows(to) {
		return err
	}
	tx.After(message)
	return l.takeMessage(ctx, tx)
}

// PhoneState is what a person sees of their numbers where they are.
type PhoneState struct {
	Proved  *credential.Factor // the number to which codes go; nil: none
	Given   *credential.Factor // one that an administrator gave, and that waits for its proof
	Begun   *credential.Factor // one that they typed here a short while ago, and that waits for its proof
	Waiting *SentCode          // the code that was sent here to prove a number, and can still be used
}

// MyPhone reads the numbers of a person, signed in or half-way.
func (l Logins) MyPhone(ctx context.Context, by access.Actor, half session.Half) (PhoneState, error) {
	by, place, err := l.placed(ctx, by, half)
	if err != nil {
		return PhoneState{}, l.refusedCode(ctx, by, err)
	}
	act := action.Act{Verb: "factor.list", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (PhoneState, error) {
		return phoneState(ctx, tx, by.Account, place)
	})
}

func phoneState(ctx context.Context, tx *store.Tx, of ident.Account, place string) (PhoneState, error) {
	var s PhoneState
	list, err := credential.Factors(ctx, tx, of)
	if err != nil {
		return s, err
	}
	waiting, until, waits, err := credential.SMSPending(ctx, tx, of, credential.CodeEnrol, place)
	if err != nil {
		return s, err
	}
	for i := range list {
		f := &list[i]
		if f.Kind != credential.SMS {
			continue
		}
		if waits && f.ID == waiting {
			s.Waiting = &SentCode{Factor: f.ID, Hint: f.Hint, Until: until}
		}
		switch _, err := credential.SMSToProve(ctx, tx, of, f.ID, place); {
		case !f.ProvedAt.IsZero():
			s.Proved = f
		case fault.Of(err).Code == credential.ErrEnrolmentOver.Code: // elsewhere, or too long ago
		case err != nil:
			return s, err
		case f.GivenBy != "":
			s.Given = f
		default:
			s.Begun = f
		}
	}
	return s, nil
}
