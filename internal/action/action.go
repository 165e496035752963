package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/fault"
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

	// Told, if set, is called after a commit that tells something to other systems.
	Told func()

	// Committed is called before Run returns with the versions that the act made; known
	// is false when the database did not say whether they are committed.
	Committed func(versions map[ident.Org]int64, known bool)

	// Counted, if set, is told of each act that was done (no code), and of each refusal
	// that the trail keeps: for figures, of which no person and no organisation is one.
	Counted func(verb, code string)

	// Used, if set, is told of each act and consultation that was allowed and done, with all that
	// it needed: of what rights were last used for. It must not wait.
	Used func(by access.Actor, act Act, needs []access.Need)
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

// orgs are the organisations it touches, each once.
func (a Act) orgs() []ident.Org { return slices.Compact(slices.Sorted(slices.Values(a.Orgs))) }

func (a Act) locks() []store.Lock {
	locks := make([]store.Lock, 0, len(a.Orgs)+1)
	for _, o := range a.orgs() {
		locks = append(locks, store.Lock(o))
	}
	if a.holds("") {
		locks = append(locks, store.Installation)
	}
	return locks
}

// holds reports whether the act holds the lock of an organisation, or of the
// installation when org is zero.
func (a Act) holds(org ident.Org) bool {
	if org.IsZero() {
		return len(a.Orgs) == 0 || a.Accounts
	}
	return slices.Contains(a.Orgs, org)
}

// Tx is the transaction of one act.
type Tx struct {
	*store.Tx
	By   access.Actor
	Ring *secret.Ring

	events   []audit.Event
	jobs     []job.Order
	refuse   []audit.Event
	touched  []ident.Org
	versions map[ident.Org]int64
	told     bool
}

// Touch notes organisations beside the act's own whose decisions change with it: their
// version grows too. It is for what belongs to several, such as the state of an account.
func (tx *Tx) Touch(orgs ...ident.Org) { tx.touched = append(tx.touched, orgs...) }

// Record notes what was done; it is written with the change, or not at all.
func (tx *Tx) Record(e audit.Event) { tx.events = append(tx.events, e) }

// After orders work to start once the change is committed.
func (tx *Tx) After(o job.Order) { tx.jobs = append(tx.jobs, o) }

// Refuse notes a refusal of a part of the act (one line of many): it is written
// with the act, which goes on.
func (tx *Tx) Refuse(e audit.Event) { tx.refuse = append(tx.refuse, e) }

// Nothing says that the act found nothing to change and is content with that:
// what was asked already holds. It is no error of Run, and keeps nothing of what fn
// wrote, recorded or ordered, so that no change goes without its record; the
// refusals of parts (Refuse) are kept.
var Nothing = errors.New("action: nothing to change") //nolint:revive,errname,staticcheck // it reads "return action.Nothing"

// Run lets by perform fn, if by holds what the act needs. Errors: the faults of
// access, of store, of idempotency, and fn's own.
func Run[T any](ctx context.Context, r *Runner, by access.Actor, act Act, fn func(*Tx) (T, error)) (T, error) {
	var out T
	var tx *Tx
	var needs []access.Need
	err := r.DB.Write(ctx, act.locks(), func(stx *store.Tx) error {
		tx = &Tx{Tx: stx, By: by, Ring: r.Ring}
		var refusal error
		needs, refusal = allowed(ctx, stx, by, act)
		if _, gone := errors.AsType[goneError](refusal); refusal != nil && !gone {
			return refusal
		}
		// What a request asked for again has itself removed is not missing: its answer is.
		replayed, done, err := recall[T](ctx, stx, r.Ring, by, act)
		if err != nil || done {
			out = replayed
			return err
		}
		if refusal != nil {
			return bare(refusal)
		}
		if out, err = fn(tx); err != nil {
			return err
		}
		if err := tx.write(ctx, act); err != nil {
			return err
		}
		return remember(ctx, stx, r.Ring, by, act, out)
	})
	if errors.Is(err, Nothing) {
		err = r.unchanged(ctx, tx, act, out)
	} else {
		r.publish(tx, err)
	}
	if err != nil {
		var zero T
		return zero, r.refused(ctx, by, act, err)
	}
	r.use(by, act, needs)
	if len(tx.events) > 0 {
		r.count(act.Verb, "")
	}
	if len(tx.jobs) > 0 && r.Wake != nil {
		r.Wake()
	}
	if tx.told && r.Told != nil {
		r.Told()
	}
	return out, nil
}

func (r *Runner) count(verb, code string) {
	if r.Counted != nil {
		r.Counted(verb, code)
	}
}

func (r *Runner) use(by access.Actor, act Act, needs []access.Need) {
	if r.Used != nil {
		r.Used(by, act, needs)
	}
}

// publish tells which versions an act has made, or may have.
func (r *Runner) publish(tx *Tx, err error) {
	unknown := errors.Is(err, store.ErrUnknownOutcome)
	if r.Committed == nil || tx == nil || len(tx.versions) == 0 || (err != nil && !unknown) {
		return
	}
	r.Committed(tx.versions, !unknown)
}

// write writes what the act recorded and ordered.
func (tx *Tx) write(ctx context.Context, act Act) error {
	if len(tx.events) == 0 {
		return fmt.Errorf("action: %s recorded nothing", act.Verb)
	}
	if err := tx.trail(ctx, act, audit.Refused, tx.refuse); err != nil {
		return err
	}
	if err := tx.trail(ctx, act, audit.Done, tx.events); err != nil {
		return err
	}
	var err error
	if tx.told, err = event.Write(ctx, tx.Tx, tx.By.Account, act.holds(""), tx.events); err != nil {
		return err
	}
	if err := tx.bump(ctx, act); err != nil {
		return err
	}
	return job.Add(ctx, tx.Tx, tx.Ring, tx.jobs)
}

// bump makes the next version of every organisation that the act touches. Of those it
// touches through something else no row bears its time.
func (tx *Tx) bump(ctx context.Context, act Act) error {
	at := map[ident.Org]time.Time{}
	for _, o := range tx.touched {
		at[o] = time.Time{}
	}
	for _, o := range act.orgs() {
		if _, both := at[o]; !both {
			at[o] = tx.Now
		}
	}
	tx.versions = map[ident.Org]int64{}
	for _, o := range slices.Sorted(maps.Keys(at)) {
		v, err := bumpVersion(ctx, tx.Tx, o, at[o])
		if err != nil {
			return err
		}
		if v == 0 {
			continue
		}
		tx.versions[o] = v
		if err := announce(ctx, tx.Tx, o); err != nil {
			return err
		}
	}
	return nil
}

// trail writes events, each to a chain whose lock the act holds.
func (tx *Tx) trail(ctx context.Context, act Act, outcome string, events []audit.Event) error {
	for _, e := range events {
		if !act.holds(e.Org) {
			return fmt.Errorf("action: %s does not hold the chain %s in which it records %s", act.Verb, e.Chain(), e.Verb)
		}
	}
	return audit.Write(ctx, tx.Tx, tx.By.Who(), outcome, events)
}

// unchanged keeps, of an act that was rolled back because it had nothing to
// change, its answer for a repeated request and the refusals of its parts.
func (r *Runner) unchanged(ctx context.Context, tx *Tx, act Act, out any) error {
	refuse := tx.refuse
	tx.jobs = nil
	if len(refuse) == 0 && tx.By.Once.Key == "" {
		return nil
	}
	return r.DB.Write(ctx, act.locks(), func(stx *store.Tx) error {
		again := &Tx{Tx: stx, By: tx.By}
		if err := again.trail(ctx, act, audit.Refused, refuse); err != nil {
			return err
		}
		return remember(ctx, stx, r.Ring, tx.By, act, out)
	})
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
	var needs []access.Need
	err := read(ctx, func(tx *store.Tx) (err error) {
		if needs, err = allowed(ctx, tx, by, act); err != nil {
			return bare(err)
		}
		out, err = fn(tx)
		return err
	})
	if err != nil {
		var zero T
		return zero, r.refused(ctx, by, act, err)
	}
	r.use(by, act, needs)
	return out, nil
}

// allowed checks the rights of the act, then the freshness of the proof: whoever
// lacks the right is not asked for a password. It gives all that the act needed.
func allowed(ctx context.Context, tx *store.Tx, by access.Actor, act Act) ([]access.Need, error) {
	needs := act.Needs
	if act.Resolve != nil {
		more, err := act.Resolve(ctx, tx)
		if err != nil {
			return nil, hide(ctx, tx, by, act, err)
		}
		needs = append(append([]access.Need{}, needs...), more...)
	}
	if err := access.Check(ctx, tx, by, needs...); err != nil {
		return nil, err
	}
	if act.StepUp && !by.Proven(tx.Now) {
		return nil, access.ErrStepUp
	}
	return needs, nil
}

// hide keeps Resolve from telling a stranger what exists: nobody learns why an
// object of another organisation was refused. A failure of the database tells
// nothing of it, and must be seen as it is by what runs the transaction again.
func hide(ctx context.Context, tx *store.Tx, by access.Actor, act Act, err error) error {
	if _, refusal := errors.AsType[*fault.Error](err); !refusal || act.org().IsZero() {
		return err
	}
	if e := access.Check(ctx, tx, by, access.MemberOf(act.org())); e != nil {
		return e
	}
	return goneError{err}
}

// goneError is a refusal of Resolve, told to somebody who has a place in the
// organisation: what the act is about is not there, or is no longer.
type goneError struct{ error }

func (e goneError) Unwrap() error { return e.error }

// bare takes the mark off a refusal.
func bare(err error) error {
	if gone, ok := errors.AsType[goneError](err); ok {
		return gone.error
	}
	return err
}
