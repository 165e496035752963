package job

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// insert writes jobs, no two of one key. When one with its key is ready, that one is touched: on
// PostgreSQL no worker takes it before this transaction has committed, and so it
// cannot miss what this transaction changed.
func insert(ctx context.Context, tx *store.Tx, list []row) error {
	return store.InsertAll(ctx, tx, list, `
		insert into job (id, kind, priority, args, sealed, unique_key, state, attempt, max_attempts, run_at, last_error, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, `
		on conflict (unique_key) where state = 'ready' do update set
			priority = case when excluded.priority < job.priority then excluded.priority else job.priority end,
			run_at = case when excluded.run_at < job.run_at then excluded.run_at else job.run_at end`,
		func(r *row) []any {
			return []any{
				r.id, r.kind, r.priority, r.args, r.sealed, store.Null(r.unique), "ready", int64(0), MaxAttempts, r.at, "", tx.Now,
			}
		})
}

// ready looks for work without writing: the one writer of SQLite is left alone
// when there is nothing to do.
func ready(ctx context.Context, tx *store.Tx) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from job where state in ('ready', 'running') and run_at <= $1 and (state = 'ready' or lease_until < $1) limit 1`, tx.Now)
	return found, err
}

const claimSQLite = `
	update job set state = 'running', attempt = attempt + 1, lease = $1, lease_until = $2
	where id in (
		select id from job where state in ('ready', 'running') and run_at <= $3 and (state = 'ready' or lease_until < $3)
		order by priority, run_at, id limit $4)
	returning id, kind, args, sealed, priority, attempt, max_attempts, created_at`

const claimPostgres = `
	update job set state = 'running', attempt = attempt + 1, lease = $1, lease_until = $2
	where id in (
		select id from job where state in ('ready', 'running') and run_at <= $3 and (state = 'ready' or lease_until < $3)
		order by priority, run_at, id limit $4 for update skip locked)
	returning id, kind, args, sealed, priority, attempt, max_attempts, created_at`

// claim takes jobs, the most urgent first.
func claim(ctx context.Context, tx *store.Tx, lease string, until time.Time, n int) ([]Job, error) {
	query := claimSQLite
	if tx.Engine == store.PostgreSQL {
		query = claimPostgres
	}
	jobs, err := store.All(ctx, tx, func(s store.Scan) (Job, error) {
		var j Job
		var args string
		err := s(&j.ID, &j.Kind, &args, &j.sealed, &j.priority, &j.Attempt, &j.max, &j.Created)
		j.Args = []byte(args)
		return j, err
	}, query, lease, until, tx.Now, n)
	slices.SortFunc(jobs, func(a, b Job) int { // "returning" keeps no order
		return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.ID, b.ID))
	})
	return jobs, err
}

// finish writes only while the lease is still ours: a job that another worker
// has taken over is not touched.
func finish(ctx context.Context, tx *store.Tx, id ident.Job, lease, state, lastError string) error {
	_, err := tx.Exec(ctx, `
		update job set state = $3, finished_at = $4, lease = null, sealed = null, unique_key = null, last_error = $5
		where id = $1 and lease = $2`, id, lease, state, tx.Now, lastError)
	return err
}

// again makes a job ready for another try.
func again(ctx context.Context, tx *store.Tx, id ident.Job, lease string, at time.Time, lastError string) error {
	if over, err := superseded(ctx, tx, id, lease); err != nil || over {
		return err
	}
	_, err := tx.Exec(ctx, `update job set state = 'ready', run_at = $3, lease = null, last_error = $4 where id = $1 and lease = $2`,
		id, lease, at, lastError)
	return orAgain(err)
}

// release gives back a job as it was taken: that was no try.
func release(ctx context.Context, tx *store.Tx, id ident.Job, lease string) error {
	if over, err := superseded(ctx, tx, id, lease); err != nil || over {
		return err
	}
	_, err := tx.Exec(ctx, `update job set state = 'ready', attempt = attempt - 1, lease = null where id = $1 and lease = $2`, id, lease)
	return orAgain(err)
}

// postpone is release for a job whose time has not come: it is ready then.
func postpone(ctx context.Context, tx *store.Tx, id ident.Job, lease string, at time.Time) error {
	if over, err := superseded(ctx, tx, id, lease); err != nil || over {
		return err
	}
	_, err := tx.Exec(ctx, `update job set state = 'ready', attempt = attempt - 1, run_at = $3, lease = null where id = $1 and lease = $2`,
		id, lease, at)
	return orAgain(err)
}

// superseded ends a job that ran while another of its key was ordered: that one
// will do its work.
func superseded(ctx context.Context, tx *store.Tx, id ident.Job, lease string) (bool, error) {
	n, err := tx.Exec(ctx, `
		update job set state = 'done', finished_at = $3, lease = null, sealed = null, unique_key = null, last_error = 'superseded'
		where id = $1 and lease = $2 and exists (
			select 1 from job other where other.unique_key = job.unique_key and other.state = 'ready')`, id, lease, tx.Now)
	return n > 0, err
}

// orAgain: a job of the same key was ordered at this very moment.
func orAgain(err error) error {
	if store.Unique(err, "job_unique_key_uq") {
		return store.ErrAgain
	}
	return err
}

func sweep(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from job where state in ('done', 'failed') and finished_at < $1`, before)
	return err
}

// Counts tells how many jobs are in each state, for metrics.
type Counts struct{ Ready, Running, Failed int64 }

func counts(ctx context.Context, tx *store.Tx) (Counts, error) {
	var c Counts
	err := tx.QueryRow(ctx, `
		select count(*) filter (where state = 'ready'), count(*) filter (where state = 'running'), count(*) filter (where state = 'failed')
		from job`).Scan(&c.Ready, &c.Running, &c.Failed)
	return c, err
}

// Pending are the jobs of one kind not yet done, for tests and the support desk.
func Pending(ctx context.Context, tx *store.Tx, kind string) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `select count(*) from job where kind = $1 and state in ('ready', 'running')`, kind).Scan(&n)
	return n, err
}

// unsealed opens the secret of a job, if it carries one. A key that this process
// has not read yet, after a rotation, may be there at the next try.
func unsealed(ring *secret.Ring, j Job) (secret.Text, error) {
	if len(j.sealed) == 0 {
		return secret.Text{}, nil
	}
	b, err := ring.Open(place(j.ID), j.sealed)
	switch {
	case errors.Is(err, secret.ErrUnknownKey):
		return secret.Text{}, err
	case err != nil:
		return secret.Text{}, Permanent(err)
	}
	return secret.NewText(string(b)), nil
}
