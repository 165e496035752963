package privacy

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func findExit(ctx context.Context, tx *store.Tx, in ident.Org) (Exit, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (Exit, error) {
		x := Exit{Org: in}
		err := s(&x.Version, &x.stage, &x.account, &x.AskedBy, &x.AskedAt, &x.ActsAt, &x.told, &x.removed)
		if x.State = ExitUnderWay; x.stage == stageAsked {
			x.State = ExitAsked
		}
		return x, err
	}, `select version, stage, asked_by, asked_name, asked_at, acts_at, told, removed from org_exit where org_id = $1`, in)
}

func insertExit(ctx context.Context, tx *store.Tx, x Exit) error {
	_, err := tx.Exec(ctx, `
		insert into org_exit (org_id, version, stage, asked_by, asked_name, asked_at, acts_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		x.Org, x.Version, x.stage, x.account, x.AskedBy, x.AskedAt, x.ActsAt)
	return err
}

func deleteExit(ctx context.Context, tx *store.Tx, in ident.Org) error {
	_, err := tx.Exec(ctx, `delete from org_exit where org_id = $1`, in)
	return err
}

// dueExits asks for those of every organisation.
func dueExits(ctx context.Context, tx *store.Tx) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `select org_id from org_exit where acts_at <= $1 order by acts_at, org_id`, tx.Now)
}

func setStage(ctx context.Context, tx *store.Tx, in ident.Org, stage string) error {
	_, err := tx.Exec(ctx, `update org_exit set stage = $2, version = version + 1 where org_id = $1`, in, stage)
	return err
}

func setTold(ctx context.Context, tx *store.Tx, in ident.Org, last ident.Account) error {
	_, err := tx.Exec(ctx, `update org_exit set told = $2 where org_id = $1`, in, last)
	return err
}

func addToExit(ctx context.Context, tx *store.Tx, in ident.Org, n int64) error {
	_, err := tx.Exec(ctx, `update org_exit set removed = removed + $2 where org_id = $1`, in, n)
	return err
}

// leftAlone is a member's account, and whether it has a membership elsewhere.
type leftAlone struct {
	id        ident.Account
	elsewhere bool
}

// accountsAfter lists accounts of members, whatever their status but left, after one.
func accountsAfter(ctx context.Context, tx *store.Tx, in ident.Org, after ident.Account, n int) ([]leftAlone, error) {
	return store.All(ctx, tx, func(s store.Scan) (a leftAlone, err error) {
		return a, s(&a.id, &a.elsewhere)
	}, `
		select s.account_id, exists (
			select 1 from member_state o where o.account_id = s.account_id and o.org_id <> s.org_id and o.known_until is null and o.status <> 'left')
		from member_state s
		where s.org_id = $1 and s.known_until is null and s.status <> 'left' and s.account_id is not null and s.account_id > $2
		order by s.account_id limit $3`, in, after, n)
}

func countFiles(ctx context.Context, tx *store.Tx, in ident.Org) (n, size int64, err error) {
	err = tx.QueryRow(ctx, `select count(*), cast(coalesce(sum(bytes), 0) as bigint) from file where org_id = $1`, in).Scan(&n, &size)
	return n, size, err
}

func scanExport(s store.Scan) (x OrgExport, err error) {
	var ready, expires *time.Time
	var sum []byte
	err = s(&x.Org, &x.ID, &x.State, &x.account, &x.By, &x.AskedAt, &ready, &expires, &x.tries, &x.Bytes, &sum)
	if ready != nil {
		x.ReadyAt = *ready
	}
	if expires != nil {
		x.ExpiresAt = *expires
	}
	copy(x.Sum[:], sum)
	return x, err
}

func lastExport(ctx context.Context, tx *store.Tx, in ident.Org) (OrgExport, bool, error) {
	return store.One(ctx, tx, scanExport, `
		select org_id, id, state, asked_by, asked_name, asked_at, ready_at, expires_at, tries, bytes, sum from org_export
		where org_id = $1 order by asked_at desc, id desc limit 1`, in)
}

func insertExport(ctx context.Context, tx *store.Tx, x OrgExport) error {
	_, err := tx.Exec(ctx, `
		insert into org_export (org_id, id, state, asked_by, asked_name, asked_at) values ($1, $2, $3, $4, $5, $6)`,
		x.Org, x.ID, x.State, x.account, x.By, x.AskedAt)
	return err
}

// orderedExports asks for those of every organisation that nobody makes now.
func orderedExports(ctx context.Context, tx *store.Tx) ([]OrgExport, error) {
	return store.All(ctx, tx, scanExport, `
		select org_id, id, state, asked_by, asked_name, asked_at, ready_at, expires_at, tries, bytes, sum from org_export
		where state = 'ordered' and (lease_until is null or lease_until < $1) order by asked_at`, tx.Now)
}

// overExports asks for those of every organisation that are kept no longer, or that failed.
func overExports(ctx context.Context, tx *store.Tx) ([]OrgExport, error) {
	return store.All(ctx, tx, scanExport, `
		select org_id, id, state, asked_by, asked_name, asked_at, ready_at, expires_at, tries, bytes, sum from org_export x
		where (expires_at <= $1 or state = 'failed')
			and exists (select 1 from org_export_chunk c where c.org_id = x.org_id and c.export_id = x.id)`, tx.Now)
}

// claimExport begins an attempt, unless another node was faster.
func claimExport(ctx context.Context, tx *store.Tx, x OrgExport, lease string, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		update org_export set lease = $3, lease_until = $4, tries = tries + 1
		where org_id = $1 and id = $2 and state = 'ordered' and (lease_until is null or lease_until < $5)`, x.Org, x.ID, lease, until, tx.Now)
	return n == 1, err
}

// holdExport keeps the lease of an attempt.
func holdExport(ctx context.Context, tx *store.Tx, x OrgExport, lease string, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `update org_export set lease_until = $4 where org_id = $1 and id = $2 and lease = $3 and state = 'ordered'`,
		x.Org, x.ID, lease, until)
	return n == 1, err
}

func finishExport(ctx context.Context, tx *store.Tx, x OrgExport, lease string) (bool, error) {
	n, err := tx.Exec(ctx, `
		update org_export set state = $4, ready_at = $5, expires_at = $6, bytes = $7, sum = $8, lease = '', lease_until = null
		where org_id = $1 and id = $2 and lease = $3 and state = 'ordered'`,
		x.Org, x.ID, lease, x.State, store.Null(x.ReadyAt), store.Null(x.ExpiresAt), x.Bytes, x.Sum[:])
	return n == 1, err
}

func insertChunk(ctx context.Context, tx *store.Tx, x OrgExport, n int64, sealed []byte) error {
	_, err := tx.Exec(ctx, `insert into org_export_chunk (org_id, export_id, n, sealed) values ($1, $2, $3, $4)`, x.Org, x.ID, n, sealed)
	return err
}

func exportChunk(ctx context.Context, tx *store.Tx, x OrgExport, n int64) ([]byte, bool, error) {
	return store.One(ctx, tx, store.Value[[]byte], `
		select sealed from org_export_chunk where org_id = $1 and export_id = $2 and n = $3`, x.Org, x.ID, n)
}

func deleteChunks(ctx context.Context, tx *store.Tx, x OrgExport, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from org_export_chunk where org_id = $1 and export_id = $2 and n in (
			select n from org_export_chunk where org_id = $1 and export_id = $2 order by n limit $3)`, x.Org, x.ID, n)
}

// paperFiles are the files that are papers of members.
func paperFiles(ctx context.Context, tx *store.Tx, in ident.Org) (map[ident.Blob]bool, error) {
	out := map[ident.Blob]bool{}
	return out, store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Blob
		if err := s(&id); err != nil {
			return err
		}
		out[id] = true
		return nil
	}, `select file_id from document where org_id = $1 and file_id is not null`, in)
}
