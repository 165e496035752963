package blob

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func insert(ctx context.Context, tx *store.Tx, b Blob) error {
	_, err := tx.Exec(ctx, `insert into file (org_id, id, media_type, bytes, sum, created_at) values ($1, $2, $3, $4, $5, $6)`,
		b.Org, b.ID, b.MediaType, b.Bytes, b.Sum[:], b.CreatedAt)
	return err
}

func insertChunk(ctx context.Context, tx *store.Tx, b Blob, n int64, sealed []byte) error {
	_, err := tx.Exec(ctx, `insert into file_chunk (org_id, file_id, n, sealed) values ($1, $2, $3, $4)`, b.Org, b.ID, n, sealed)
	return err
}

func get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Blob) (Blob, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (Blob, error) {
		b := Blob{Org: org}
		var sum []byte
		err := s(&b.ID, &b.MediaType, &b.Bytes, &sum, &b.CreatedAt)
		copy(b.Sum[:], sum)
		return b, err
	}, `select id, media_type, bytes, sum, created_at from file where org_id = $1 and id = $2`, org, id)
}

func chunk(ctx context.Context, tx *store.Tx, b Blob, n int64) ([]byte, bool, error) {
	return store.One(ctx, tx, store.Value[[]byte], `
		select sealed from file_chunk where org_id = $1 and file_id = $2 and n = $3`, b.Org, b.ID, n)
}

func remove(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Blob) error {
	if _, err := tx.Exec(ctx, `delete from file_chunk where org_id = $1 and file_id = $2`, org, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from file where org_id = $1 and id = $2`, org, id)
	return err
}

// sealedChunk is a chunk as it is kept, with the file that it is of.
type sealedChunk struct {
	blob   Blob
	n      int64
	sealed []byte
}

// chunksAfter gives chunks of every organisation: the keys are the installation's.
func chunksAfter(ctx context.Context, tx *store.Tx, after sealedChunk, limit int) ([]sealedChunk, error) {
	return store.All(ctx, tx, func(s store.Scan) (sealedChunk, error) {
		var c sealedChunk
		return c, s(&c.blob.Org, &c.blob.ID, &c.blob.Bytes, &c.n, &c.sealed)
	}, `select c.org_id, c.file_id, b.bytes, c.n, c.sealed from file_chunk c join file b on b.org_id = c.org_id and b.id = c.file_id
		where (c.org_id, c.file_id, c.n) > ($1, $2, $3) order by c.org_id, c.file_id, c.n limit $4`,
		after.blob.Org, after.blob.ID, after.n, limit)
}

func updateChunk(ctx context.Context, tx *store.Tx, c sealedChunk, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		update file_chunk set sealed = $4 where org_id = $1 and file_id = $2 and n = $3`, c.blob.Org, c.blob.ID, c.n, sealed)
	return err
}

func all(ctx context.Context, tx *store.Tx, org ident.Org) ([]Blob, error) {
	return store.All(ctx, tx, func(s store.Scan) (Blob, error) {
		b := Blob{Org: org}
		var sum []byte
		err := s(&b.ID, &b.MediaType, &b.Bytes, &sum, &b.CreatedAt)
		copy(b.Sum[:], sum)
		return b, err
	}, `select id, media_type, bytes, sum, created_at from file where org_id = $1 order by id`, org)
}
