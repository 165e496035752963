package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Whoever has two accounts proves the second one in a session of the first, to have them merged
// (package merge): by the password, then by a second factor, counted and answered as at sign-in. What
// is proved is a half bound to that session, which no way in completes: no session is ever opened for
// the second account by it.

// MergeProof is what comes of the first proof of a second account of the actor.
type MergeProof struct {
	// Half is bound to the actor's session, and opens no session: its token goes into a cookie of its
	// own, or a form.
	Half session.OpenedHalf
	// Proved says that no second factor is due: it is wholly proved.
	Proved bool
}

// Refusals of a second account, told with the right password only.
var (
	// ErrMergeSame: the account is the one that the actor is signed in with.
	ErrMergeSame = fault.New(fault.Conflict, "login.merge_same")
	// ErrMergeUnready: something is still to be settled in a sign-in of that account: a temporary
	// password, a second factor that is due and that nobody made yet, or none but a network.
	ErrMergeUnready = fault.New(fault.Conflict, "login.merge_unready")
)

const (
	verbMergeAsk   = "login.merge"
	verbMergeProve = "login.merge_second"
	verbMergeRead  = "merge.read"
)

// mergeAct is an act on the proof of a second account, in the actor's session.
func mergeAct(verb string, by access.Actor) action.Act {
	act := action.Act{Verb: verb, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, inBrowser(by) }
	return act
}

// AskMerge tries the address and the password of a second account of the actor, in a browser and with a
// fresh proof of who they are. Errors: those of SignIn, in the same words and by the same counts; with
// the right password ErrMergeSame, ErrMergeUnready; access.ErrStepUp; access.ErrForbidden without a
// session, which a token has not.
func (l Logins) AskMerge(ctx context.Context, by access.Actor, email string, password secret.Text, c Client) (MergeProof, error) {
	by = withoutKey(by)
	act := mergeAct(verbMergeAsk, by)
	act.StepUp = true
	if _, err := action.View(ctx, l.Run, by, act, func(*store.Tx) (struct{}, error) { return struct{}{}, nil }); err != nil {
		return MergeProof{}, err
	}
	e, code := account.ParseEmail(email)
	if code != "" { // nothing was tried
		return MergeProof{}, incomplete(code, password)
	}
	t, err := l.lookUp(ctx, by, e.Key)
	if err != nil {
		return MergeProof{}, err
	}
	t.verb = verbMergeAsk
	if err := l.count(ctx, &t); err != nil {
		return MergeProof{}, l.refused(ctx, by, t, err)
	}
	right, err := l.verify(ctx, t, password)
	switch {
	case err != nil:
		return MergeProof{}, err
	case !right || !t.opens():
		return MergeProof{}, l.failed(ctx, by, t, ErrRefused)
	}
	return l.bind(ctx, by, t, password, c)
}

// boundTo is what came of the first proof: its count is settled with a refusal, too.
type boundTo struct {
	proof   MergeProof
	refusal error
}

// bind is the right password of a second account: it gives a half that is bound to the actor's session.
func (l Logins) bind(ctx context.Context, by access.Actor, t try, password secret.Text, c Client) (MergeProof, error) {
	better, err := l.renewed(ctx, t.hash, password)
	if err != nil {
		return MergeProof{}, err
	}
	act := mergeAct(verbMergeAsk, by)
	act.StepUp, act.Object = true, t.account.ID.String()
	out, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (boundTo, error) {
		e := audit.Event{Verb: verbMergeAsk, Object: t.account.ID.String(), Subject: by.Account.String()}
		refusal, err := t.mayBind(ctx, tx, better)
		if err != nil {
			return boundTo{}, err
		}
		if refusal != nil {
			e.After = map[string]any{trailBecause: fault.Of(refusal).Code}
			tx.Record(e)
			return boundTo{refusal: refusal}, nil
		}
		tx.Record(e)
		p, err := bind(ctx, tx, t.account, c)
		return boundTo{proof: p}, err
	})
	if err != nil {
		return MergeProof{}, err
	}
	return out.proof, out.refusal
}

// mayBind forgets the failures of the right password, and says what it cannot be bound for.
func (t try) mayBind(ctx context.Context, tx *action.Tx, better string) (refusal, err error) {
	if t.temporary != nil {
		return ErrMergeUnready, t.succeed(ctx, tx.Tx)
	}
	if err := t.settle(ctx, tx.Tx, better); err != nil {
		return nil, err
	}
	if t.account.ID == tx.By.Account {
		return ErrMergeSame, nil
	}
	p, err := Pending{Account: t.account}.read(ctx, tx.Tx, asked{})
	switch {
	case err != nil:
		return nil, err
	case len(p.Factors) == 0 && p.Policy.Due(tx.Now), len(p.Factors) > 0 && len(p.Ways()) == 0:
		return ErrMergeUnready, nil
	}
	return nil, nil
}

// bind opens the half. Where nobody asks a second factor of the account, and it has none, the password
// is the whole proof, as it is at sign-in. A remembered browser and a network prove nothing here.
func bind(ctx context.Context, tx *action.Tx, a account.Account, c Client) (MergeProof, error) {
	opened, err := session.OpenBound(ctx, tx.Tx, session.Half{
		Account: a.ID, First: session.ByPassword, Address: tx.By.Address, UserAgent: c.UserAgent, ForSession: tx.By.Session,
	})
	if err != nil {
		return MergeProof{}, err
	}
	factors, err := proved(ctx, tx.Tx, a.ID)
	if err != nil || len(factors) > 0 {
		return MergeProof{Half: opened}, err
	}
	return MergeProof{Half: opened, Proved: true}, session.ProveBound(ctx, tx.Tx, opened.Half.ID)
}

// PendingMerge says what a half that is bound to the actor's session is asked. Errors:
// session.ErrHalfGone, access.ErrForbidden without a session.
func (l Logins) PendingMerge(ctx context.Context, by access.Actor, presented string) (Pending, error) {
	return action.View(ctx, l.Run, by, mergeAct(verbMergeRead, by), func(tx *store.Tx) (Pending, error) {
		return pendingMerge(ctx, tx, by, presented)
	})
}

func pendingMerge(ctx context.Context, tx *store.Tx, by access.Actor, presented string) (p Pending, err error) {
	if p.Half, err = session.AuthenticateBound(ctx, tx, presented, by.Session); err != nil {
		return Pending{}, err
	}
	var found bool
	if p.Account, found, err = account.Get(ctx, tx, p.Half.Account); err != nil {
		return Pending{}, err
	}
	if !found || p.Account.Status != account.Active {
		return Pending{}, session.ErrHalfGone
	}
	p.Proved = !p.Half.ProvedAt.IsZero()
	return p.read(ctx, tx, asked{credential.CodeSignIn, p.Half.ID.String()})
}

// ProveMerge tries a second factor of the second account: a wrong one is counted before it is looked at,
// for the half and for the factor, as at sign-in (rules.md 4). What was proved already stays so. Errors:
// ErrSecond, ErrSecondLocked, ErrHalfOver, session.ErrHalfGone; credential.ErrBusy; access.ErrForbidden
// without a session.
func (l Logins) ProveMerge(ctx context.Context, by access.Actor, presented string, a Answer, c Client) error {
	by = withoutKey(by)
	p, err := l.PendingMerge(ctx, by, presented)
	if err != nil || p.Proved {
		return err
	}
	typed, err := l.hashed(ctx, p.Account.ID, a)
	if err != nil {
		return err
	}
	act := mergeAct(verbMergeProve, by)
	act.Object = p.Account.ID.String()
	out, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (attempted, error) {
		now, err := pendingMerge(ctx, tx.Tx, by, presented)
		switch {
		case err != nil:
			return attempted{}, err
		case now.Proved:
			return attempted{}, action.Nothing
		}
		used, err := l.use(ctx, tx, now.Account.ID, asked{credential.CodeSignIn, now.Half.ID.String()}, a, typed, c)
		if err != nil {
			return attempted{}, err
		}
		if !used.OK {
			return wrongSecond(ctx, tx, now.Half, used)
		}
		tx.Record(audit.Event{
			Verb: verbMergeProve, Object: now.Account.ID.String(), Subject: by.Account.String(), After: map[string]any{"second": string(a.Kind)},
		})
		return attempted{}, session.ProveBound(ctx, tx.Tx, now.Half.ID)
	})
	if err != nil {
		return err
	}
	return out.refusal
}
