package privacy

import (
	"context"

	"habilis/internal/store"
)

// copyChunksAfter gives chunks of what was prepared for persons, of every organisation: the keys are the
// installation's.
func copyChunksAfter(ctx context.Context, tx *store.Tx, last sealedChunk, n int) ([]sealedChunk, error) {
	return store.All(ctx, tx, func(s store.Scan) (sealedChunk, error) {
		var c sealedChunk
		var x DataExport
		err := s(&c.org, &c.export, &c.n, &c.sealed, &x.Org, &x.ID, &x.Bytes)
		c.place = x.place(c.n)
		return c, err
	}, `select c.org_id, c.export_id, c.n, c.sealed, x.org_id, x.id, x.bytes
		from data_export_chunk c join data_export x on x.org_id = c.org_id and x.id = c.export_id
		where (c.org_id, c.export_id, c.n) > ($1, $2, $3) order by c.org_id, c.export_id, c.n limit $4`, last.org, last.export, last.n, n)
}

func updateCopyChunk(ctx context.Context, tx *store.Tx, c sealedChunk, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		update data_export_chunk set sealed = $4 where org_id = $1 and export_id = $2 and n = $3`, c.org, c.export, c.n, sealed)
	return err
}

// exportChunksAfter gives chunks of full exports, of every organisation.
func exportChunksAfter(ctx context.Context, tx *store.Tx, last sealedChunk, n int) ([]sealedChunk, error) {
	return store.All(ctx, tx, func(s store.Scan) (sealedChunk, error) {
		var c sealedChunk
		var x OrgExport
		err := s(&c.org, &c.export, &c.n, &c.sealed, &x.Org, &x.ID)
		c.place = x.chunkPlace(c.n)
		return c, err
	}, `select c.org_id, c.export_id, c.n, c.sealed, x.org_id, x.id
		from org_export_chunk c join org_export x on x.org_id = c.org_id and x.id = c.export_id
		where (c.org_id, c.export_id, c.n) > ($1, $2, $3) order by c.org_id, c.export_id, c.n limit $4`, last.org, last.export, last.n, n)
}

func updateExportChunk(ctx context.Context, tx *store.Tx, c sealedChunk, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		update org_export_chunk set sealed = $4 where org_id = $1 and export_id = $2 and n = $3`, c.org, c.export, c.n, sealed)
	return err
}
