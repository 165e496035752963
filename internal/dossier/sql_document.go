package dossier

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/blob"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

func scanDocument(s store.Scan) (Document, error) {
	var d Document
	var sum []byte
	var file *ident.Blob
	err := s(&d.Org, &d.ID, &d.Member, &d.Kind, &d.Name, &d.Type, &d.Bytes, &sum, &file, &d.State, &d.Own, &d.AddedBy, &d.AddedAt, &d.PurgeAt)
	copy(d.Sum[:], sum)
	if file != nil {
		d.file = *file
	}
	return d, err
}

const selectDocument = `
	select org_id, id, member_id, kind, name, media_type, bytes, sum, file_id, state, own, added_name, added_at, purge_at from document
	where org_id = $1`

func documentsOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) ([]Document, error) {
	return store.All(ctx, tx, scanDocument, selectDocument+` and member_id = $2 order by added_at, id`, org, of)
}

func insertDocument(ctx context.Context, tx *store.Tx, d Document, by string) error {
	_, err := tx.Exec(ctx, `
		insert into document (org_id, id, member_id, kind, name, media_type, bytes, sum, file_id, state, own, added_by, added_name, added_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.Org, d.ID, d.Member, d.Kind, d.Name, d.Type, d.Bytes, d.Sum[:], d.file, d.State, d.Own, by, d.AddedBy, d.AddedAt)
	return err
}

// bytesOfPerson is the room that the files of a person take: of their account, in every
// organisation; of the member, when there is no account.
func bytesOfPerson(ctx context.Context, tx *store.Tx, m member.Member) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `
		select coalesce(sum(d.bytes), 0) from document d where d.file_id is not null and ((d.org_id = $1 and d.member_id = $2)
			or exists (select 1 from member_state s where s.org_id = d.org_id and s.member_id = d.member_id and s.account_id = $3
				and s.known_until is null))`,
		m.Org, m.ID, store.Null(m.Account)).Scan(&n)
	return n, err
}

type lookRow struct {
	Look

	document ident.Document
}

func looksOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (map[ident.Document][]Look, error) {
	rows, err := store.All(ctx, tx, func(s store.Scan) (lookRow, error) {
		var r lookRow
		return r, s(&r.document, &r.Name, &r.Support, &r.At)
	}, `select l.document_id, l.name, l.support, l.seen_at from document_look l
		join document d on d.org_id = l.org_id and d.id = l.document_id
		where l.org_id = $1 and d.member_id = $2 order by l.seen_at desc, l.actor`, org, of)
	by := map[ident.Document][]Look{}
	for _, r := range rows {
		by[r.document] = append(by[r.document], r.Look)
	}
	return by, err
}

func noteLook(ctx context.Context, tx *store.Tx, d Document, by access.Actor) error {
	_, err := tx.Exec(ctx, `
		insert into document_look (org_id, document_id, actor, name, support, seen_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (org_id, document_id, actor) do update set name = excluded.name, support = excluded.support, seen_at = excluded.seen_at`,
		d.Org, d.ID, by.ID(), by.Name, by.Support, tx.Now)
	return err
}

// dropDocument removes a document, who opened it, and its bytes.
func dropDocument(ctx context.Context, tx *store.Tx, d Document) error {
	if _, err := tx.Exec(ctx, `delete from document_look where org_id = $1 and document_id = $2`, d.Org, d.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from document where org_id = $1 and id = $2`, d.Org, d.ID); err != nil {
		return err
	}
	return blob.Delete(ctx, tx, d.Org, d.file)
}

// emptyDocument removes the bytes of a document, and says why; its row stays.
func emptyDocument(ctx context.Context, tx *store.Tx, d Document, state ScanState) error {
	_, err := tx.Exec(ctx, `update document set state = $3, file_id = null where org_id = $1 and id = $2`, d.Org, d.ID, state)
	if err != nil {
		return err
	}
	return blob.Delete(ctx, tx, d.Org, d.file)
}

func setScanState(ctx context.Context, tx *store.Tx, d Document, state ScanState) error {
	_, err := tx.Exec(ctx, `update document set state = $3 where org_id = $1 and id = $2`, d.Org, d.ID, state)
	return err
}

// setPurge says when what a file holds is purged. What has its day already keeps it.
func setPurge(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, at time.Time) error {
	_, err := tx.Exec(ctx, `
		update document set purge_at = $3 where org_id = $1 and member_id = $2 and file_id is not null and purge_at is null`, org, of, at)
	return err
}

// unsetPurge takes their day from what a file holds: it waits from now on.
func unsetPurge(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `
		update document set purge_at = null, reopened_at = $3
		where org_id = $1 and member_id = $2 and file_id is not null and purge_at is not null`, org, of, tx.Now)
	return err
}

// passDocuments hangs what a file holds on another membership: it waits from now on.
func passDocuments(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	_, err := tx.Exec(ctx, `
		update document set member_id = $3, purge_at = null, reopened_at = $4
		where org_id = $1 and member_id = $2`, org, from, to, tx.Now)
	return err
}

// documentRef says where a document is.
type documentRef struct {
	org    ident.Org
	member ident.Member
	id     ident.Document
}

func scanRef(s store.Scan) (documentRef, error) {
	var r documentRef
	return r, s(&r.org, &r.member, &r.id)
}

// dueDocuments are those of every organisation whose time is over.
func dueDocuments(ctx context.Context, tx *store.Tx, limit int) ([]documentRef, error) {
	return store.All(ctx, tx, scanRef, `
		select org_id, member_id, id from document
		where file_id is not null and (purge_at <= $1
			or (purge_at is null and added_at <= $2 and (reopened_at is null or reopened_at <= $2)))
		order by org_id, member_id, id limit $3`,
		tx.Now, tx.Now.Add(-KeptUndecided), limit)
}

// endedDocuments are those of every organisation whose person left, and that have no day yet; one
// of each file.
func endedDocuments(ctx context.Context, tx *store.Tx, limit int) ([]documentRef, error) {
	return store.All(ctx, tx, scanRef, `
		select d.org_id, d.member_id, min(d.id) from document d
		join member_state s on s.org_id = d.org_id and s.member_id = d.member_id and s.known_until is null and s.status = 'left'
		where d.file_id is not null and d.purge_at is null group by d.org_id, d.member_id order by d.org_id, d.member_id limit $1`, limit)
}

// unscannedDocuments are those of every organisation that the scanner has not judged.
func unscannedDocuments(ctx context.Context, tx *store.Tx, after ident.Document, limit int) ([]documentRef, error) {
	return store.All(ctx, tx, scanRef, `
		select org_id, member_id, id from document
		where file_id is not null and state in ('pending', 'unscanned') and id > $1 order by id limit $2`, after, limit)
}
