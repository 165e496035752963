package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Faults of the second proof.
var (
	// ErrSecond is a second factor that does not open: a wrong code, a used one.
	ErrSecond = fault.New(fault.Unauthenticated, "login.second_refused")
	// ErrSecondLocked says that the factor rests, or that the code must be asked for again:
	// even the right answer is refused.
	ErrSecondLocked = fault.New(fault.Unauthenticated, "login.second_locked")
	// ErrHalfOver ends a half: too many wrong answers (MFA-02). The person begins again.
	ErrHalfOver = fault.New(fault.Gone, "login.half_over")
	// ErrMustEnrol sends a person who has no factor to choose one first.
	ErrMustEnrol = fault.New(fault.Conflict, "login.must_enrol")
	// ErrHasFactor refuses to add a first factor to somebody who has one: that one is asked.
	ErrHasFactor = fault.New(fault.Conflict, "login.has_factor")
)

// Pending is what a half-signed browser is asked, and may be offered.
type Pending struct {
	Half     session.Half
	Account  account.Account
	Enrol    bool                // there is no factor yet: one must be made before anything opens
	Factors  []credential.Factor // that were proved, the strongest first, those that rest included
	Recovery bool                // there are printed codes
	Sent     bool                // a code sent to the person's number waits to be typed in this browser
	Network  bool                // of Enrol: the browser is in the network that an administrator gave as a factor
	Loss     credential.Delayed  // all of it is to be taken: somebody who knows the password asked (AskLoss); zero: nobody did
	Policy   Policy
	Proved   bool // of PendingMerge: nothing is asked any more
}

// Ways are the kinds by which the person may answer, the strongest first.
func (p Pending) Ways() []credential.FactorKind { return ways(p.Factors, p.Recovery) }

// ways are kinds that can be answered with: an address holds or does not, and no code says it.
func ways(factors []credential.Factor, recovery bool) (out []credential.FactorKind) {
	for _, f := range factors {
		if f.Kind != credential.Address && (len(out) == 0 || out[len(out)-1] != f.Kind) {
			out = append(out, f.Kind)
		}
	}
	if recovery {
		out = append(out, credential.Recovery)
	}
	return out
}

// Answer is a second factor given.
type Answer struct {
	Kind     credential.FactorKind
	Code     string // of an application, an SMS, or printed
	Response []byte // of a passkey
	Remember bool   // do not ask in this browser for a while
}

// Pending says what a half is asked. Errors: session.ErrHalfGone.
func (l Logins) Pending(ctx context.Context, by access.Actor, presented string) (Pending, error) {
	act := action.Act{Verb: verbSecond, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Pending, error) {
		p, err := pending(ctx, tx, presented)
		if err != nil || !p.Enrol {
			return p, err
		}
		given, err := givenHere(ctx, tx, p.Account.ID, p.Policy, by.Address)
		p.Network = !given.IsZero()
		return p, err
	})
}

func pending(ctx context.Context, tx *store.Tx, presented string) (p Pending, err error) {
	if p.Half, err = session.AuthenticateHalf(ctx, tx, presented); err != nil {
		return Pending{}, err
	}
	var found bool
	if p.Account, found, err = account.Get(ctx, tx, p.Half.Account); err != nil {
		return Pending{}, err
	}
	if !found || p.Account.Status != account.Active {
		return Pending{}, session.ErrHalfGone
	}
	p, err = p.read(ctx, tx, asked{credential.CodeSignIn, p.Half.ID.String()})
	p.Enrol = len(p.Factors) == 0
	return p, err
}

// read fills in what the account can be asked in a place.
func (p Pending) read(ctx context.Context, tx *store.Tx, q asked) (_ Pending, err error) {
	if p.Policy, err = Effective(ctx, tx, p.Account.ID); err != nil {
		return p, err
	}
	if p.Factors, err = proved(ctx, tx, p.Account.ID); err != nil {
		return p, err
	}
	codes, _, err := credential.RecoveryOf(ctx, tx, p.Account.ID)
	if err != nil {
		return p, err
	}
	p.Recovery = codes.Left > 0
	if p.Loss, _, err = waitingLoss(ctx, tx, p.Account.ID); err != nil {
		return p, err
	}
	_, _, p.Sent, err = credential.SMSPending(ctx, tx, p.Account.ID, q.what, q.place)
	return p, err
}

// Second tries a second factor. The right one ends the half and opens the session, in one
// transaction; a wrong one is counted there before it is looked at, for the half and for
// the factor (rules.md 4). Errors: ErrSecond, ErrSecondLocked, ErrHalfOver, ErrMustEnrol,
// session.ErrHalfGone; credential.ErrBusy.
func (l Logins) Second(ctx context.Context, by access.Actor, presented string, a Answer, c Client) (Result, error) {
	p, err := l.Pending(ctx, by, presented)
	if err != nil {
		return Result{}, err
	}
	if p.Enrol {
		return Result{}, ErrMustEnrol
	}
	typed, err := l.hashed(ctx, p.Account.ID, a)
	if err != nil {
		return Result{}, err
	}
	waiting, err := l.waitingOrgs(ctx, p.Account.ID)
	if err != nil {
		return Result{}, err
	}
	out, err := action.Run(ctx, l.Run, person(by, p.Account), secondAct(p.Account, waiting), func(tx *action.Tx) (attempted, error) {
		half, err := session.AuthenticateHalf(ctx, tx.Tx, presented)
		if err != nil {
			return attempted{}, err
		}
		used, err := l.use(ctx, tx, p.Account.ID, asked{credential.CodeSignIn, half.ID.String()}, a, typed, c)
		if err != nil {
			return attempted{}, err
		}
		if !used.OK {
			return wrongSecond(ctx, tx, half, used)
		}
		res, err := l.complete(ctx, tx, half, arrival{account: p.Account, second: a.Kind, client: c, before: by, locked: waiting}, a.Remember)
		return attempted{result: res}, err
	})
	if err != nil {
		return Result{}, err
	}
	return out.result, out.refusal
}

// secondAct is the act of a second proof, and of the sign-in that follows it.
func secondAct(a account.Account, waiting []ident.Org) action.Act {
	return action.Act{
		Verb: verbSecond, Orgs: waiting, Accounts: true, Needs: []access.Need{access.Myself(a.ID)}, Object: a.ID.String(),
	}
}

// attempted is what came of a try: its count is committed with a refusal, too.
type attempted struct {
	result  Result
	opened  session.Opened // of a session that was proved again
	refusal error
}

// asked is what a proof is for, and where: a code or a challenge serves nothing and nowhere
// else (MFA-07).
type asked struct {
	what  credential.CodeFor
	place string // the ID of the half, or of the session
}

// hashed does the slow part of an answer before anything is locked.
func (l Logins) hashed(ctx context.Context, of ident.Account, a Answer) (credential.RecoveryTry, error) {
	if a.Kind != credential.Recovery {
		return credential.RecoveryTry{}, nil
	}
	return l.Hasher.HashRecovery(ctx, l.Run.DB, of, a.Code)
}

// use spends an answer. What it gives must be committed, right or wrong.
func (l Logins) use(
	ctx context.Context, tx *action.Tx, of ident.Account, q asked, a Answer, typed credential.RecoveryTry, c Client,
) (credential.Used, error) {
	switch a.Kind {
	case credential.TOTP:
		return useTOTP(ctx, tx, of, a.Code)
	case credential.Recovery:
		return useRecovery(ctx, tx, of, typed, c)
	case credential.SMS:
		return credential.UseSMS(ctx, tx.Tx, tx.Ring, of, q.what, q.place, a.Code)
	case credential.Passkey:
		if q.what == credential.CodeSignIn {
			return l.useSecondPasskey(ctx, tx, of, ident.Half(q.place), string(a.Response), c)
		}
	case credential.Address:
	}
	return credential.Used{Kind: a.Kind}, nil // nothing that is given here: StepUpPasskey proves the person again
}

// wrongSecond counts a wrong answer of a half, and says what it is answered.
func wrongSecond(ctx context.Context, tx *action.Tx, half session.Half, used credential.Used) (attempted, error) {
	ended, err := session.FailHalf(ctx, tx.Tx, half.ID)
	if err != nil {
		return attempted{}, err
	}
	noteWrong(tx, half.Account, used, ended)
	switch {
	case ended:
		return attempted{refusal: ErrHalfOver}, nil
	case used.Locked:
		return attempted{refusal: ErrSecondLocked}, nil
	}
	return attempted{refusal: ErrSecond}, nil
}

// noteWrong records a wrong answer; what was typed is written nowhere.
func noteWrong(tx *action.Tx, of ident.Account, used credential.Used, over bool) {
	after := map[string]any{trailKind: string(used.Kind)}
	if used.Locked {
		after["locked"] = true
	}
	if over {
		after["over"] = true
	}
	tx.Record(audit.Event{Verb: "login.second_wrong", Object: of.String(), After: after})
}

// complete ends the half and opens the session: of two right answers to one half, one does.
func (l Logins) complete(ctx context.Context, tx *action.Tx, half session.Half, a arrival, remember bool) (Result, error) {
	open, err := session.EndHalf(ctx, tx.Tx, half.ID, session.Completed)
	if err != nil {
		return Result{}, err
	}
	now, found, err := account.Get(ctx, tx.Tx, half.Account)
	if err != nil {
		return Result{}, err
	}
	if !open || !found || now.Status != account.Active {
		return Result{}, session.ErrHalfGone
	}
	a.account, a.first = now, half.First
	var made *session.OpenedDevice
	if remember {
		if made, err = rememberIn(ctx, tx, now.ID, a.client); err != nil {
			return Result{}, err
		}
	}
	if made != nil {
		a.device = made.Device.ID
	}
	res, err := l.admit(ctx, tx, a)
	res.Remembered = made
	return res, err
}

// rememberIn remembers the browser, for as long as the policy allows.
func rememberIn(ctx context.Context, tx *action.Tx, of ident.Account, c Client) (*session.OpenedDevice, error) {
	p, err := Effective(ctx, tx.Tx, of)
	if err != nil || p.Remember <= 0 {
		return nil, err
	}
	made, err := session.Remember(ctx, tx.Tx, session.Device{Account: of, Address: tx.By.Address, UserAgent: c.UserAgent}, p.Remember)
	if err != nil {
		return nil, err
	}
	tx.Record(audit.Event{Verb: "device.remember", Object: made.Device.ID.String(), Subject: of.String()})
	return &made, nil
}

// LeaveHalf ends a half: its person begins again, or is somebody else.
func (l Logins) LeaveHalf(ctx context.Context, presented secret.Text) error {
	return l.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		return endHalf(ctx, tx, Client{Half: presented})
	})
}
