package dossier

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// ErasePapers removes the papers of somebody, with their bytes, and says how many they were.
func ErasePapers(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (int64, error) {
	all, err := documentsOf(ctx, tx, org, of)
	for _, d := range all {
		if err != nil {
			break
		}
		if d.file.IsZero() {
			err = dropEmptied(ctx, tx, d)
		} else {
			err = dropDocument(ctx, tx, d)
		}
	}
	return int64(len(all)), err
}

// dropEmptied removes a document whose bytes are gone already.
func dropEmptied(ctx context.Context, tx *store.Tx, d Document) error {
	if _, err := tx.Exec(ctx, `delete from document_look where org_id = $1 and document_id = $2`, d.Org, d.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from document where org_id = $1 and id = $2`, d.Org, d.ID)
	return err
}

// Paper is a paper of somebody, to be given to them.
type Paper struct {
	Document

	File ident.Blob
}

// PapersOf are those of which the bytes are there.
func PapersOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) ([]Paper, error) {
	all, err := documentsOf(ctx, tx, org, of)
	var out []Paper
	for _, d := range all {
		if !d.file.IsZero() && d.Readable() {
			out = append(out, Paper{d, d.file})
		}
	}
	return out, err
}

// ForgetRegistrations removes the registrations that nobody finished and that one of these
// addresses began while it was theirs who are erased, in every organisation: what was begun with it
// later is whoever has it now.
func ForgetRegistrations(ctx context.Context, tx *store.Tx, proved []account.Proved) error {
	for _, p := range proved {
		ids, err := store.All(ctx, tx, func(s store.Scan) (Registration, error) {
			var r Registration
			return r, s(&r.Org, &r.ID)
		}, unfinished, p.Key, p.Until)
		if err != nil {
			return err
		}
		for _, r := range ids {
			if err := dropUnfinished(ctx, tx, r.Org, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

const unfinished = `
	select org_id, id from registration where email_key = $1 and created_at <= $2 and member_id is null and completed_at is null`

func dropUnfinished(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Registration) error {
	for _, query := range []string{
		`delete from registration_key where org_id = $1 and registration_id = $2`,
		`delete from registration_consent where org_id = $1 and registration_id = $2`,
		`delete from registration_mailbox where org_id = $1 and registration_id = $2`,
		`delete from registration where org_id = $1 and id = $2`,
	} {
		if _, err := tx.Exec(ctx, query, org, id); err != nil {
			return err
		}
	}
	return nil
}
