package review

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func overBefore(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) ([]ident.Review, error) {
	return store.All(ctx, tx, store.Value[ident.Review], `
		select id from review where org_id = $1 and state = 'ended' and finished_at < $2 order by finished_at limit $3`, org, before, n)
}

func remove(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Review) error {
	for _, statement := range []string{
		`delete from review_part where org_id = $1 and review_id = $2`,
		`delete from review_file where org_id = $1 and review_id = $2`,
		`delete from review_person where org_id = $1 and review_id = $2`,
		`delete from review where org_id = $1 and id = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, org, id); err != nil {
			return err
		}
	}
	return nil
}
