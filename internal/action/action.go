package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Runner holds what acts need. One is made at start-up.
type Runner struct {
	DB   *store.DB
	Ring *secret.Ring
	Log  *slog.Logger
	Wake func() // calls the job worker after a commit that ordered work
}

// Act describes one act: what it is called, what it locks, what it needs.
type Act struct {
	// Verb is "noun.verb", the name of the act in the trail and in the catalogues.
	Verb string
	// Orgs are the organisations it touches: locked, and their version grows. The
	// first one's trail takes a refusal. None: the installation.
	Orgs []ident.Org
	// Accounts is set by acts that touch accounts as well as organisations: the
	// installation is locked too.
	Accounts bool
	// Needs must all be held. Resolve adds those that depend on what is stored.
	Needs   []access.Need
	Resolve func(context.Context, *store.Tx) ([]access.Need, error)
	// StepUp asks for a fresh proof of the person (rules.md 6).
	StepUp bool
	// Object and Subject name, for a refusal, what the act was about.
	Object, Subject string
	// Part tells apart the acts that one request makes in several transactions.
	Part string
}

// org is the organisation whose trail takes a refusal.
func (a Act) org() ident.Org {
	if len(a.Orgs) == 0 {
		return ""
	}
	return a.Orgs[0]
}

func (a Act) locks() []store.Lock {
	locks := make([]store.Lock, 0, len(a.Orgs)+1)
	for _, o := range a.Orgs {
		locks = append(locks, store.Lock(o))
	}
	if len(a.Orgs) == 0 || a.Accounts {
		locks = append(locks, store.Installation)
	}
	return locks
}

// Tx is the transaction of one act.
type Tx struct {
	*store.Tx
	By   access.Actor
	Ring *secret.Ring

	events []audit.Event
	jobs   []job.Order
	refuse []audit.Event
}

// Record notes what was done; it is written with the change, or not at all.
func (tx *Tx) Record(e audit.Event) { tx.events = append(tx.events, e) }

// After orders work to start once the change is committed.
func (tx *Tx) After(o job.Order) { tx.jobs = append(tx.jobs, o) }

// Refuse notes a refusal of a part of the act (one line of many): it is written
// with the act, which goes on.
func (tx *Tx) Refuse(e audit.Event) { tx.refuse = append(tx.refuse, e) }

// Nothing says that the act found nothing to change and is content with that:
// what was asked already holds. It commits without a record.
var Nothing = errors.New("action: nothing to change")

// Run lets by perform fn, if by holds what the act needs. Errors: the faults of
// access, of store, of idempotency, and fn's own.
func Run[T any](ctx context.Context, r *Runner, by access.Actor, act Act, fn func(*Tx) (T, error)) (T, error) {
	var out T
	var ordered bool
	err := r.DB.Write(ctx, act.locks(), func(stx *store.Tx) error {
		tx := &Tx{Tx: stx, By: by, Ring: r.Ring}
		if err := allowed(ctx, stx, by, act); err != nil {
			return err
		}
		replayed, done, err := recall[T](ctx, stx, by, act)
		if err != nil || done {
			out = replayed
			return err
		}
		if out, err = perform(ctx, tx, act, fn); err != nil {
			return err
		}
		ordered = len(tx.jobs) > 0
		return remember(ctx, stx, by, act, out)
	})
	if err != nil {
		var zero T
		return zero, r.refused(ctx, by, act, err)
	}
	if ordered && r.Wake != nil {
		r.Wake()
	}
	return out, nil
}

// perform runs fn and writes what it recorded and ordered.
func perform[T any](ctx context.Context, tx *Tx, act Act, fn func(*Tx) (T, error)) (T, error) {
	out, err := fn(tx)
	if err == Nothing { //nolint:errorlint // a sentinel that is never wrapped
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if len(tx.events) == 0 {
		return out, fmt.Errorf("action: %s recorded nothing", act.Verb)
	}
	if err := audit.Write(ctx, tx.Tx, tx.By.Who(), audit.Refused, tx.refuse); err != nil {
		return out, err
	}
	if err := audit.Write(ctx, tx.Tx, tx.By.Who(), audit.Done, tx.events); err != nil {
		return out, err
	}
	for _, o := range act.Orgs {
		if err := bumpVersion(ctx, tx.Tx, o); err != nil {
			return out, err
		}
	}
	return out, job.Add(ctx, tx.Tx, tx.Ring, tx.jobs)
}

// View lets by consult something, if by holds what the act needs. It writes
// nothing but the record of a refusal.
func View[T any](ctx context.Context, r *Runner, by access.Actor, act Act, fn func(*store.Tx) (T, error)) (T, error) {
	return view(ctx, r, by, act, r.DB.Read, fn)
}

// ViewLong is View without a limit of time, for exports.
func ViewLong[T any](ctx context.Context, r *Runner, by access.Actor, act Act, fn func(*store.Tx) (T, error)) (T, error) {
	return view(ctx, r, by, act, r.DB.ReadLong, fn)
}

func view[T any](ctx context.Context, r *Runner, by access.Actor, act Act,
	read func(context.Context, func(*store.Tx) error) error, fn func(*store.Tx) (T, error),
) (T, error) {
	var out T
	err := read(ctx, func(tx *store.Tx) error {
		if err := allowed(ctx, tx, by, act); err != nil {
			return err
		}
		var err error
		out, err = fn(tx)
		return err
	})
	if err != nil {
		var zero T
		return zero, r.refused(ctx, by, act, err)
	}
	return out, nil
}

// allowed checks the rights of the act, then the freshness of the proof: whoever
// lacks the right is not asked for a password.
func allowed(ctx context.Context, tx *store.Tx, by access.Actor, act Act) error {
	needs := act.Needs
	if act.Resolve != nil {
		more, err := act.Resolve(ctx, tx)
		if err != nil {
			return hide(ctx, tx, by, act, err)
		}
		needs = append(append([]access.Need{}, needs...), more...)
	}
	if err := access.Check(ctx, tx, by, needs...); err != nil {
		return err
	}
	if act.StepUp && !by.Proven(tx.Now) {
		return access.ErrStepUp
	}
	return nil
}

// hide keeps Resolve from telling a stranger what exists: nobody learns why an
// object of another organisation was refused.
func hide(ctx context.Context, tx *store.Tx, by access.Actor, act Act, err error) error {
	if act.org().IsZero() {
		return err
	}
	if e := access.Check(ctx, tx, by, access.MemberOf(act.org())); e != nil {
		return e
	}
	return err
}
