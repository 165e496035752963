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
	for _, o := range orders {
		body, err := json.Marshal(o.Args)
		if err != nil {
			return fmt.Errorf("job %s: %w", o.Args.Kind(), err)
		}
		id := ident.NewJob()
		var sealed []byte
		if !o.Secret.IsZero() {
			sealed = ring.Seal(place(id), []byte(o.Secret.Reveal()))
		}
		unique := ""
		if o.Unique != "" {
			unique = o.Args.Kind() + ":" + o.Unique
		}
		if unique != "" && sealed != nil {
			return fmt.Errorf("job %s: unique, and has a secret", o.Args.Kind())
		}
		at := o.At
		if at.IsZero() {
			at = tx.Now
		}
		if err := insert(ctx, tx, id, o, string(body), sealed, unique, at); err != nil {
			return err
		}
	}
	return nil
}

func place(id ident.Job) secret.AAD {
	return secret.AAD{Table: "job", Column: "sealed", Row: id.String()}
}

// permanent marks a failure that trying again cannot mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Last reports whether a handler that fails so is not called again for this job.
func (j Job) Last(err error) bool {
	_, final := errors.AsType[permanent](err)
	return final || j.Attempt >= j.max
}

// Permanent marks err as final: the job is given up at once. Of nil it is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}
