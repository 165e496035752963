package merge

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scanMerge(s store.Scan) (AccountMerge, error) {
	var m AccountMerge
	var undone *time.Time
	err := s(&m.ID, &m.Kept, &m.Gone, &m.State, &m.Version, &m.At, &m.UndoTill, &undone)
	if undone != nil {
		m.UndoneAt = *undone
	}
	return m, err
}

func getMerge(ctx context.Context, tx *store.Tx, id ident.AccountMerge) (AccountMerge, bool, error) {
	return store.One(ctx, tx, scanMerge, `
		select id, kept_id, gone_id, state, version, merged_at, undo_until, undone_at from account_merge where id = $1`, id)
}

func mergeOfHalf(ctx context.Context, tx *store.Tx, half ident.Half) (AccountMerge, bool, error) {
	return store.One(ctx, tx, scanMerge, `
		select id, kept_id, gone_id, state, version, merged_at, undo_until, undone_at from account_merge where half_id = $1`, half)
}

func mergeByLink(ctx context.Context, tx *store.Tx, hash secret.Hash) (AccountMerge, bool, error) {
	return store.One(ctx, tx, scanMerge, `
		select id, kept_id, gone_id, state, version, merged_at, undo_until, undone_at from account_merge
		where undo_hash = $1 and state = 'merged' and undo_until > $2`, hash, tx.Now)
}

// mergesInto are those of which an account is the one that was kept, the last first.
func mergesInto(ctx context.Context, tx *store.Tx, kept ident.Account) ([]AccountMerge, error) {
	return store.All(ctx, tx, scanMerge, `
		select id, kept_id, gone_id, state, version, merged_at, undo_until, undone_at from account_merge
		where kept_id = $1 order by merged_at desc, id desc`, kept)
}

// underWay reports whether another account gave way to this one, and that can still be undone.
func underWay(ctx context.Context, tx *store.Tx, kept ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from account_merge where kept_id = $1 and state = 'merged' and undo_until > $2 limit 1`, kept, tx.Now)
	return found, err
}

func dueMerges(ctx context.Context, tx *store.Tx, limit int) ([]AccountMerge, error) {
	return store.All(ctx, tx, scanMerge, `
		select id, kept_id, gone_id, state, version, merged_at, undo_until, undone_at from account_merge
		where state = 'merged' and undo_until <= $1 order by undo_until, id limit $2`, tx.Now, limit)
}

func insertMerge(ctx context.Context, tx *store.Tx, m AccountMerge, half ident.Half, undo secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into account_merge (id, kept_id, gone_id, half_id, state, undo_hash, version, merged_at, undo_until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, m.ID, m.Kept, m.Gone, half, m.State, undo, m.Version, m.At, m.UndoTill)
	return err
}

// endMerge writes how it ended; its link is good for nothing any more.
func endMerge(ctx context.Context, tx *store.Tx, m AccountMerge) (bool, error) {
	n, err := tx.Exec(ctx, `
		update account_merge set state = $2, version = $3, undone_at = $4, undo_hash = null
		where id = $1 and version = $3 - 1 and state = 'merged'`, m.ID, m.State, m.Version, store.Null(m.UndoneAt))
	return n > 0, err
}

func insertMoved(ctx context.Context, tx *store.Tx, id ident.AccountMerge, in ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `insert into account_merge_member (org_id, merge_id, member_id) values ($1, $2, $3)`, in, id, of)
	return err
}

func setBack(ctx context.Context, tx *store.Tx, id ident.AccountMerge, in ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `
		update account_merge_member set back = true where org_id = $1 and merge_id = $2 and member_id = $3`, in, id, of)
	return err
}

// movedIn are the memberships that went over in a merging, in whatever organisation.
func movedIn(ctx context.Context, tx *store.Tx, id ident.AccountMerge) ([]MovedMember, error) {
	return store.All(ctx, tx, func(s store.Scan) (MovedMember, error) {
		var m MovedMember
		return m, s(&m.Org, &m.Member, &m.Back)
	}, `select org_id, member_id, back from account_merge_member where merge_id = $1 order by org_id, member_id`, id)
}
