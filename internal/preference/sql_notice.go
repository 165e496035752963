package preference

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// insertNotice writes one, unless its source told its member already.
func insertNotice(ctx context.Context, tx *store.Tx, org ident.Org, source string, n Told) error {
	var day *time.Time
	if !n.Day.IsZero() {
		day = &n.Day
	}
	_, err := tx.Exec(ctx, `
		insert into notice (org_id, id, member_id, source, alert, what, number, subject_id, day, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (org_id, member_id, source) do nothing`,
		org, ident.NewNotice(), n.To, source, n.Alert, n.What, n.Count, store.Null(n.Subject), day, tx.Now)
	return err
}

func scanNotice(s store.Scan) (n Notice, err error) {
	var day, read *time.Time
	err = s(&n.ID, &n.Alert, &n.What, &n.Count, &n.Subject, &day, &n.At, &read)
	if day != nil {
		n.Day = *day
	}
	if read != nil {
		n.ReadAt = *read
	}
	return n, err
}

// listNotices reads a page, the latest first, and one more when others follow.
func listNotices(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, unread bool, after *spot, limit int) ([]Notice, error) {
	args := new(store.Args)
	args.Add(org)
	args.Add(of)
	query := `
		select id, alert, what, number, coalesce(subject_id, ''), day, created_at, read_at from notice
		where org_id = $1 and member_id = $2`
	if unread {
		query += ` and read_at is null`
	}
	if after != nil {
		at, id := args.Add(after.At), args.Add(after.ID)
		query += ` and (created_at < ` + at + ` or (created_at = ` + at + ` and id < ` + id + `))`
	}
	query += ` order by created_at desc, id desc limit ` + args.Add(limit)
	return store.All(ctx, tx, scanNotice, query, args.List()...)
}

func countNotices(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (n int64, err error) {
	n, _, err = store.One(ctx, tx, store.Value[int64], `select count(*) from notice where org_id = $1 and member_id = $2`, org, of)
	return n, err
}

func countUnread(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (n int64, err error) {
	n, _, err = store.One(ctx, tx, store.Value[int64], `
		select count(*) from notice where org_id = $1 and member_id = $2 and read_at is null`, org, of)
	return n, err
}

// markRead marks these of a member, or all of them.
func markRead(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, ids []ident.Notice) error {
	if ids != nil && len(ids) == 0 {
		return nil
	}
	args := new(store.Args)
	args.Add(org)
	args.Add(of)
	args.Add(tx.Now)
	query := `update notice set read_at = $3 where org_id = $1 and member_id = $2 and read_at is null`
	if ids != nil {
		query += ` and id in ` + store.In(args, ids)
	}
	_, err := tx.Exec(ctx, query, args.List()...)
	return err
}

// eraseSubject: who is gone for good is no subject any more.
func eraseSubject(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `update notice set subject_id = null where org_id = $1 and subject_id = $2`, org, of)
	return err
}

func sweepNotices(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from notice where created_at < $1`, before)
	return err
}

func sweepNoticesIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from notice where org_id = $1 and id in (
			select id from notice where org_id = $1 and created_at < $2 order by created_at limit $3)`,
		org, before, n)
}
