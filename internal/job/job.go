package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Args is the argument of one kind of work. It holds IDs, never secrets.
type Args interface{ Kind() string }

// Priority orders what is ready: lower goes first.
type Priority int64

// The priorities.
const (
	Urgent Priority = 0  // codes, resets: a person is waiting
	Normal Priority = 10 // letters to one person
	Bulk   Priority = 20 // mass letters
	Chore  Priority = 30 // sweeps
)

// Order is a job to be written: what to do, when, and with which secret.
type Order struct {
	Args     Args
	Priority Priority
	At       time.Time   // now by default
	Secret   secret.Text // sealed, wiped when the job ends
	// Unique: at most one ready job of this kind has this key. Of several orders
	// the one that waits is kept, at the earlier time and with the higher priority.
	// An order with a secret cannot be unique: which secret would be the right one?
	Unique string
}

// MaxAttempts is how often a job is tried before it is given up: with the
// growing pause between tries, about four days.
const MaxAttempts = 20

// Job is one job handed to its handler.
type Job struct {
	ID      ident.Job
	Kind    string
	Args    json.RawMessage
	Secret  secret.Text
	Attempt int64
	Created time.Time

	priority Priority
	max      int64
	sealed   []byte
}

// Decode reads the arguments of the job into v.
func (j Job) Decode(v any) error {
	if err := json.Unmarshal(j.Args, v); err != nil {
		return fmt.Errorf("job %s: %w", j.Kind, Permanent(err))
	}
	return nil
}

// Add writes the orders in the caller's transaction. Only package action and the
// timetable call it.
func Add(ctx context.Context, tx *store.Tx, ring *secret.Ring, orders []Order) error {
	var alone []row
	for _, o := range orders {
		r, err := o.row(ring, tx.Now)
		if err != nil {
			return err
		}
		if r.unique == "" {
			alone = append(alone, r)
			continue
		}
		if err := insert(ctx, tx, []row{r}); err != nil { // two of one key are one job
			return err
		}
	}
	return insert(ctx, tx, alone)
}

// row is an order as it is kept.
type row struct {
	id           ident.Job
	kind         string
	priority     Priority
	args, unique string
	sealed       []byte
	at           time.Time
}

// row writes an order that is due at once, unless it says when.
func (o Order) row(ring *secret.Ring, now time.Time) (row, error) {
	body, err := json.Marshal(o.Args)
	if err != nil {
		return row{}, fmt.Errorf("job %s: %w", o.Args.Kind(), err)
	}
	r := row{id: ident.NewJob(), kind: o.Args.Kind(), priority: o.Priority, args: string(body), at: o.At}
	if !o.Secret.IsZero() {
		r.sealed = ring.Seal(place(r.id), []byte(o.Secret.Reveal()))
	}
	if o.Unique != "" {
		r.unique = r.kind + ":" + o.Unique
	}
	if r.unique != "" && r.sealed != nil {
		return row{}, fmt.Errorf("job %s: unique, and has a secret", r.kind)
	}
	if r.at.IsZero() {
		r.at = now
	}
	return r, nil
}

func place(id ident.Job) secret.AAD {
	return secret.AAD{Table: "job", Column: "sealed", Row: id.String()}
}

// permanent marks a failure that trying again cannot mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Last reports whether a handler that fails so is not called again for this job.
func (j Job) Last(err error) bool {
	if postponed(err) {
		return false
	}
	_, final := errors.AsType[permanent](err)
	return final || j.Attempt >= j.max
}

// later is the answer of a handler whose time has not come.
type later struct{ wait time.Duration }

func (l later) Error() string { return "job: not yet, again in " + l.wait.String() }

// Later is what a handler answers when nothing failed, but what it needs is closed for now: the
// job comes back after wait, and this was no try. A handler that answers so knows that what it
// waits for ends.
func Later(wait time.Duration) error { return later{wait} }

// Permanent marks err as final: the job is given up at once. Of nil it is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}
