package privacy

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const selectErasure = `
	select org_id, id, subject, account_id, stage, place, items, asked_by, asked_at, done_at from erasure where org_id = $1`

func scanErasure(s store.Scan) (Erasure, error) {
	var e Erasure
	var done *time.Time
	err := s(&e.Org, &e.ID, &e.subject, &e.Account, &e.Stage, &e.place, &e.Count, &e.askedBy, &e.AskedAt, &done)
	if done != nil {
		e.DoneAt = *done
	}
	if !e.Org.IsZero() {
		e.Member = ident.Member(e.subject)
	}
	return e, err
}

func getErasure(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Erasure) (Erasure, bool, error) {
	return store.One(ctx, tx, scanErasure, selectErasure+` and id = $2`, org, id)
}

// erasureOf finds the erasure of a member, or of an account.
func erasureOf(ctx context.Context, tx *store.Tx, org ident.Org, subject string) (Erasure, bool, error) {
	return store.One(ctx, tx, scanErasure, selectErasure+` and subject = $2`, org, subject)
}

func insertErasure(ctx context.Context, tx *store.Tx, e Erasure) error {
	_, err := tx.Exec(ctx, `
		insert into erasure (org_id, id, subject, account_id, stage, place, items, asked_by, asked_at)
		values ($1, $2, $3, $4, $5, '', 0, $6, $7)`, e.Org, e.ID, e.subject, e.Account, e.Stage, e.askedBy, e.AskedAt)
	return err
}

// restartErasure begins anew one that had stopped.
func restartErasure(ctx context.Context, tx *store.Tx, e Erasure) error {
	_, err := tx.Exec(ctx, `
		update erasure set stage = $3, place = '', asked_by = $4, asked_at = $5 where org_id = $1 and id = $2`,
		e.Org, e.ID, e.Stage, e.askedBy, e.AskedAt)
	return err
}

func updateErasure(ctx context.Context, tx *store.Tx, e Erasure) error {
	var done any
	if e.Done() {
		done = e.DoneAt
	}
	_, err := tx.Exec(ctx, `
		update erasure set stage = $3, place = $4, items = $5, done_at = $6 where org_id = $1 and id = $2`,
		e.Org, e.ID, e.Stage, e.place, e.Count, done)
	return err
}

// underWay are the erasures of every organisation, and of accounts, that are neither done nor stopped.
func underWay(ctx context.Context, tx *store.Tx, after Erasure, limit int) ([]Erasure, error) {
	return store.All(ctx, tx, scanErasure, `
		select org_id, id, subject, account_id, stage, place, items, asked_by, asked_at, done_at from erasure
		where done_at is null and stage <> $4 and (asked_at, id) > ($1, $2) order by asked_at, id limit $3`,
		after.AskedAt, after.ID, limit, stageStopped)
}

// Exports -----------------------------------------------------------------------------

const selectCopy = `
	select org_id, id, member_id, account_id, asked_by, language, state, bytes, asked_at, ready_at
	from data_export where org_id = $1`

func scanCopy(s store.Scan) (DataExport, error) {
	var x DataExport
	var ready *time.Time
	err := s(&x.Org, &x.ID, &x.Member, &x.Account, &x.askedBy, &x.language, &x.State, &x.Bytes, &x.AskedAt, &ready)
	if ready != nil {
		x.ReadyAt, x.Until = *ready, ready.Add(DataExportsKept)
	}
	return x, err
}

func getCopy(ctx context.Context, tx *store.Tx, org ident.Org, id ident.DataExport) (DataExport, bool, error) {
	return store.One(ctx, tx, scanCopy, selectCopy+` and id = $2`, org, id)
}

// copiesFor are those that somebody asked for of somebody, newest first.
func copiesFor(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, by ident.Account) ([]DataExport, error) {
	return store.All(ctx, tx, scanCopy, selectCopy+` and member_id = $2 and asked_by = $3
		order by asked_at desc, id desc limit 20`, org, of, by)
}

// copiesOf are all of a member, or of an account.
func copiesOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, account ident.Account) ([]DataExport, error) {
	return store.All(ctx, tx, scanCopy, selectCopy+` and member_id = $2 and account_id = $3 order by id`, org, of, account)
}

func insertCopy(ctx context.Context, tx *store.Tx, x DataExport) error {
	_, err := tx.Exec(ctx, `
		insert into data_export (org_id, id, member_id, account_id, asked_by, language, state, bytes, asked_at)
		values ($1, $2, $3, $4, $5, $6, $7, 0, $8)`, x.Org, x.ID, x.Member, x.Account, x.askedBy, x.language, x.State, x.AskedAt)
	return err
}

func finishCopy(ctx context.Context, tx *store.Tx, x DataExport) error {
	_, err := tx.Exec(ctx, `
		update data_export set state = $3, bytes = $4, ready_at = $5 where org_id = $1 and id = $2`,
		x.Org, x.ID, x.State, x.Bytes, tx.Now)
	return err
}

func deleteCopy(ctx context.Context, tx *store.Tx, x DataExport) error {
	if _, err := tx.Exec(ctx, `delete from data_export_chunk where org_id = $1 and export_id = $2`, x.Org, x.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from data_export where org_id = $1 and id = $2`, x.Org, x.ID)
	return err
}

func insertCopyChunk(ctx context.Context, tx *store.Tx, x DataExport, n int64, sealed []byte) error {
	_, err := tx.Exec(ctx, `insert into data_export_chunk (org_id, export_id, n, sealed) values ($1, $2, $3, $4)`, x.Org, x.ID, n, sealed)
	return err
}

func copyChunk(ctx context.Context, tx *store.Tx, x DataExport, n int64) ([]byte, bool, error) {
	return store.One(ctx, tx, store.Value[[]byte], `
		select sealed from data_export_chunk where org_id = $1 and export_id = $2 and n = $3`, x.Org, x.ID, n)
}

// dueCopies are those of every organisation that are still to be made, and those whose time is over.
func dueCopies(ctx context.Context, tx *store.Tx, limit int) ([]DataExport, error) {
	return store.All(ctx, tx, scanCopy, `
		select org_id, id, member_id, account_id, asked_by, language, state, bytes, asked_at, ready_at
		from data_export where state = 'making' or (state <> 'making' and ready_at <= $1) order by asked_at, id limit $2`,
		tx.Now.Add(-DataExportsKept), limit)
}

// placesOf are the memberships that an account has or had, in every organisation.
func placesOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]place, error) {
	return store.All(ctx, tx, func(s store.Scan) (place, error) {
		var p place
		return p, s(&p.org, &p.member, &p.left)
	}, `select org_id, member_id, status = 'left' from member_state where account_id = $1 and known_until is null order by org_id, member_id`,
		account)
}

// payloadsOf counts what the trail says in which somebody acts, or is acted upon.
func payloadsOf(ctx context.Context, tx *store.Tx, chain string, ids []string) (int64, error) {
	var args store.Args
	query := `select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
		where p.chain = ` + args.Add(chain)
	in := store.In(&args, ids)
	query += ` and (e.actor in ` + in + ` or e.on_behalf_of in ` + in + ` or e.object in ` + in + ` or e.subject in ` + in + `)`
	return store.Value[int64](tx.QueryRow(ctx, query, args.List()...).Scan)
}

// dropPrepared drops what was prepared of the whole organisation, or of others of its members, and may
// name who is erased: it can be made again. What is being made begins anew.
func dropPrepared(ctx context.Context, tx *store.Tx, org ident.Org) error {
	copies, err := store.All(ctx, tx, scanCopy, selectCopy+` order by id`, org)
	for _, x := range copies {
		if err != nil {
			return err
		}
		err = deleteCopy(ctx, tx, x)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update org_export set expires_at = $2 where org_id = $1 and state = 'ready'`, org, tx.Now); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update org_export set lease = '', lease_until = null where org_id = $1 and state = 'ordered'`, org)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from org_export_chunk where org_id = $1`, org)
	return err
}
