package credential_test

import (
	"testing"

	"habilis/internal/credential"
	"habilis/internal/store"
)

// rules.md 11, 21: whose mailbox was just proved keeps nothing of what was made before: no
// factor, no secret of one, no code, no act that waits.
func TestWipe(t *testing.T) {
	eachFactors(t, func(f *factors) {
		f.app("session")
		f.codes()
		f.write(func(tx *store.Tx) error {
			if _, _, _, err := credential.AskDelayed(t.Context(), tx, f.me, "remove:fct_x"); err != nil {
				return err
			}
			return credential.Wipe(t.Context(), tx, f.me, "login.email")
		})
		for what, query := range map[string]string{
			"factor":       `select count(*) from factor where account_id = $1 and removed_at is null`,
			"secret":       `select count(*) from factor where account_id = $1 and (secret is not null or handle is not null or body <> '')`,
			"codes":        `select count(*) from recovery_set where account_id = $1 and removed_at is null`,
			"act":          `select count(*) from factor_recovery where account_id = $1 and done_at is null and stopped_at is null`,
			"factors made": `select 1 - count(*) from factor where account_id = $1 and removed_by = 'login.email'`,
		} {
			f.write(func(tx *store.Tx) error {
				n, _, err := store.One(t.Context(), tx, store.Value[int64], query, f.me)
				if n != 0 {
					t.Errorf("%s: %d", what, n)
				}
				return err
			})
		}
	})
}
