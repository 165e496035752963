package message

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Letter orders the letter of a message to one member; package notify writes it.
type Letter struct {
	Org     ident.Org
	Message ident.Message
	Member  ident.Member
}

// Kind names the job.
func (Letter) Kind() string { return "letter.message" }

// Find gives the message of a letter; the second value is false when it is gone.
func Find(ctx context.Context, tx *store.Tx, l Letter) (Message, bool, error) {
	return get(ctx, tx, l.Org, l.Message, "")
}

// Settle notes what became of a letter, for good.
func Settle(ctx context.Context, db *store.DB, l Letter, s State) error {
	return db.Write(ctx, []store.Lock{store.Lock("message " + l.Message.String())}, func(tx *store.Tx) error {
		return settle(ctx, tx, l, s)
	})
}

// swept is how many messages one transaction of Sweep removes.
const swept = 50

// Sweep removes the messages that are older than KeptFor, with their letters.
func Sweep(ctx context.Context, db *store.DB) error {
	for {
		var n int64
		err := db.Write(ctx, []store.Lock{"messages swept"}, func(tx *store.Tx) (err error) {
			n, err = sweep(ctx, tx, tx.Now.Add(-KeptFor), swept)
			return err
		})
		if err != nil || n < swept {
			return err
		}
	}
}

// SweepIn removes the oldest messages of an organisation from before a time, with their letters: n at
// most; it says how many.
func SweepIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return sweepIn(ctx, tx, org, before, n)
}
