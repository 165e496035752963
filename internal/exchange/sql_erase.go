package exchange

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// EraseLines empties the lines of spreadsheets that became somebody, and says how many: what was
// done of them stays counted.
func EraseLines(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (int64, error) {
	return tx.Exec(ctx, `
		update member_import_line set cells = '{}', verdict = '{}' where org_id = $1 and cells <> '{}' and exists (
			select 1 from member_import_result r where r.org_id = member_import_line.org_id and r.import_id = member_import_line.import_id
				and r.no = member_import_line.no and r.member_id = $2)`, org, of)
}
