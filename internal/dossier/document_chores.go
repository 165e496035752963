package dossier

import (
	"context"
	"errors"
	"io"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/store"
)

// choreBatch is how many documents a chore reads about at once.
const choreBatch = 100

// Purge removes the bytes of what was kept long enough; rows stay, with their hash (FIL-07).
// The timetable calls it.
func (d Documents) Purge(ctx context.Context) error {
	if err := d.ended(ctx); err != nil {
		return err
	}
	for {
		var refs []documentRef
		err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			refs, err = dueDocuments(ctx, tx, choreBatch)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range refs {
			if err := d.settle(ctx, r, verbPurgeDocument, DocumentPurged); err != nil {
				return err
			}
		}
		if len(refs) < choreBatch {
			return nil
		}
	}
}

// ended gives their day to the papers of those who left without a decision: nobody will make one.
func (d Documents) ended(ctx context.Context) error {
	for {
		var refs []documentRef
		err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			refs, err = endedDocuments(ctx, tx, choreBatch)
			return err
		})
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, r := range refs {
			err := d.Run.DB.Write(ctx, []store.Lock{store.Lock(r.org)}, func(tx *store.Tx) error { return decided(ctx, tx, r.org, r.member) })
			if err != nil {
				return err
			}
		}
	}
}

// Scan asks the scanner about what it could not judge when it came, and about what came
// before there was one. What it knows is removed. The timetable calls it; it stops for this
// turn when the scanner does not answer.
func (d Documents) Scan(ctx context.Context) error {
	var after ident.Document
	for d.Scanner.Set() {
		var refs []documentRef
		err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			refs, err = unscannedDocuments(ctx, tx, after, choreBatch)
			return err
		})
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, r := range refs {
			err := d.scan(ctx, r)
			if errors.Is(err, paper.ErrUnscanned) || ctx.Err() != nil {
				return err
			}
			if err != nil { // of this one: the others are not to wait for it
				d.Run.Log.Error("scanning a document", "document", r.id, "err", err)
			}
		}
		after = refs[len(refs)-1].id
	}
	return nil
}

func (d Documents) scan(ctx context.Context, r documentRef) error {
	var doc Document
	err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		doc, err = documentOf(ctx, tx, r.org, r.member, r.id)
		return err
	})
	if errors.Is(err, ErrDocumentNotFound) || err == nil && !doc.Counts() {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	data, err := io.ReadAll(d.Content(ctx, doc))
	if err != nil {
		return err
	}
	state := DocumentClean
	switch err := d.Scanner.Scan(ctx, data); {
	case errors.Is(err, paper.ErrInfected):
		state = DocumentInfected
	case err != nil:
		return err
	}
	return d.settle(ctx, r, verbScanDocument, state)
}

// settle writes the new state of one document, unless somebody removed it meanwhile.
func (d Documents) settle(ctx context.Context, r documentRef, verb string, state ScanState) error {
	act := action.Act{Verb: verb, Orgs: []ident.Org{r.org}, Needs: []access.Need{access.Everybody()}, Object: r.id.String()}
	_, err := action.Run(ctx, d.Run, access.Operator("job"), act, func(tx *action.Tx) (bool, error) {
		doc, err := documentOf(ctx, tx.Tx, r.org, r.member, r.id)
		if errors.Is(err, ErrDocumentNotFound) || err == nil && !doc.Counts() {
			return false, action.Nothing
		}
		if err != nil {
			return false, err
		}
		refs, err := member.Refs(ctx, tx.Tx, r.org, []ident.Member{r.member})
		if err != nil {
			return false, err
		}
		e := doc.event(verb, refs[r.member])
		if verb == verbScanDocument {
			e.Before, e.After = map[string]any{"scan": string(doc.State)}, map[string]any{"scan": string(state)}
		}
		tx.Record(e)
		if state == DocumentClean {
			if err := setScanState(ctx, tx.Tx, doc, state); err != nil {
				return true, err
			}
			return true, rejudgeScanned(ctx, tx, r.org, r.member)
		}
		if err := emptyDocument(ctx, tx.Tx, doc, state); err != nil || state != DocumentInfected {
			return true, err
		}
		return true, tellInfected(ctx, tx, r)
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// tellInfected writes to whoever registered that a paper of theirs is to be given again, with the
// way back to their file.
func tellInfected(ctx context.Context, tx *action.Tx, r documentRef) error {
	m, err := member.Find(ctx, tx.Tx, r.org, r.member)
	if err != nil || m.Verification == member.Verified {
		return err
	}
	tell(tx, OutcomeLetter{Org: r.org, Member: r.member, Outcome: Lacking})
	return RegistrationLink(ctx, tx, r.org, r.member)
}
