package job

import (
	"context"

	"habilis/internal/store"
)

// DropSecrets gives up every job that carries a secret: in a restored backup they
// are letters with a link that is dead, and may have left since (CFG-03).
func DropSecrets(ctx context.Context, tx *store.Tx) (int64, error) {
	return tx.Exec(ctx, `
		update job set state = 'failed', finished_at = $1, lease = null, sealed = null, unique_key = null, last_error = 'restored from a backup'
		where sealed is not null and state in ('ready', 'running')`, tx.Now)
}

// ForgetOf removes the jobs whose arguments name something that is no more, n at most, but those that run now;
// it says how many. id is an identifier of ours, whole.
func ForgetOf(ctx context.Context, tx *store.Tx, id string, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from job where id in (select id from job where args like $1 escape '\' and state <> 'running' limit $2)`, store.Like(id), n)
}
