package login

import (
	"context"
	"time"

	"habilis/internal/account"
	"habilis/internal/store"
)

// factAsked stands since the day this installation began to ask for second factors: an
// installation that is older than they are gives everybody the grace from that day.
const factAsked = "second_factors_asked"

// NoteAsked notes that day, once; the server does at start-up.
func NoteAsked(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, found, err := store.Fact(ctx, tx, factAsked)
		if err != nil || found {
			return err
		}
		return store.SetFact(ctx, tx, factAsked, tx.Now.UTC().Format(time.RFC3339))
	})
}

// graceFrom is the day from which the grace of an account is counted, whatever its
// organisations set: the later of its own and the installation's.
func graceFrom(ctx context.Context, tx *store.Tx, a account.Account) (time.Time, error) {
	value, found, err := store.Fact(ctx, tx, factAsked)
	if err != nil || !found {
		return a.CreatedAt, err
	}
	asked, err := time.Parse(time.RFC3339, value)
	if err != nil || asked.Before(a.CreatedAt) {
		return a.CreatedAt, err
	}
	return asked, nil
}
