package dossier

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/blob"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/store"
)

// Documents is the register of the papers of files, for whoever has a right of their own:
// the person, whoever certifies in the organisation, and support while the file awaits it.
type Documents struct {
	Run     *action.Runner
	Scanner paper.Scanner // the zero value: this installation has none
}

// NewDocument is what somebody gives.
type NewDocument struct {
	Kind paper.Kind
	Name string // as their machine calls it
	Data []byte
}

// prepare judges what is given, makes it harmless and has it scanned, before and outside any
// transaction: it may take ScanTime. What the scanner knows is refused, which the trail of
// the organisation tells; nothing of it is kept. Errors: those of package paper, a field to
// correct.
func (d Documents) prepare(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, n NewDocument) (Prepared, error) {
	if !paper.Known(n.Kind) {
		return Prepared{}, fault.OnField("kind", "document.kind")
	}
	clean, err := paper.Clean(ctx, n.Data)
	if err != nil {
		return Prepared{}, err
	}
	p := Prepared{
		kind: n.Kind, name: paper.Name(n.Name, clean.Type, unnamed), paper: clean, state: DocumentUnscanned, sum: blob.SumOf(clean.Data),
	}
	if !d.Scanner.Set() {
		return p, nil
	}
	p.state = DocumentClean
	switch err := d.Scanner.Scan(ctx, n.Data); {
	case errors.Is(err, paper.ErrUnscanned) && ctx.Err() == nil:
		d.Run.Log.Warn("virus scanner", "err", err)
		p.state = DocumentPending
	case errors.Is(err, paper.ErrInfected):
		act := action.Act{Verb: verbAddDocument, Orgs: []ident.Org{org}, Subject: of.String()}
		return Prepared{}, errors.Join(err, d.Run.RecordRefusal(ctx, by, act, paper.ErrInfected.Code))
	case err != nil:
		return Prepared{}, err
	}
	return p, nil
}

// The acts on documents.
const (
	verbAddDocument    = "document.add"
	verbLookDocument   = "document.look"
	verbRemoveDocument = "document.remove"
	verbListDocuments  = "document.list"
	verbPurgeDocument  = "document.purge"
	verbScanDocument   = "document.scan"
)

// quality is in which somebody comes to a file.
type quality uint8

const (
	asOwner quality = iota
	asCertifier
	asSupport
)

// comes is an act on the documents of one file.
func comes(verb string, by access.Actor, org ident.Org, of ident.Member, as *quality) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		need, q, err := reach(ctx, tx, by, org, of)
		*as = q
		return []access.Need{need}, err
	}
	return act
}

// reach says in which quality somebody comes to the documents of a file, and what they must
// hold for it. Whoever has none is refused as if there were no file, unless they may see the
// member (FIL-03).
func reach(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member) (access.Need, quality, error) {
	m, err := member.Find(ctx, tx, org, of)
	if err != nil {
		return access.Need{}, 0, err
	}
	if m.Verification == member.NotNeeded {
		return access.Need{}, 0, member.ErrNotFound
	}
	if by.Kind == access.Person && !m.Account.IsZero() && by.Account == m.Account {
		return access.Myself(m.Account), asOwner, nil
	}
	_, refusal := member.Over(ctx, tx, by, org, of, access.DossiersCertify)
	if refusal == nil {
		return access.MemberOf(org), asCertifier, nil
	}
	support := access.OfPlatform(access.PlatformSupport)
	if m.Verification != member.Verified && access.Check(ctx, tx, by, support) == nil {
		return support, asSupport, nil
	}
	return access.Need{}, 0, refusal
}

// Add keeps a paper of a file: the person's own, or one that whoever certifies adds to it.
// Errors: those of prepare and AddDocument, access.ErrForbidden, member.ErrNotFound.
func (d Documents) Add(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, n NewDocument) (Document, error) {
	var as quality
	act := comes(verbAddDocument, by, org, of, &as)
	act.Accounts = true
	// Whoever may not add is refused before their file is judged, which takes long.
	_, err := action.View(ctx, d.Run, by, act, func(*store.Tx) (bool, error) { return true, as.writes() })
	if err != nil {
		return Document{}, err
	}
	p, err := d.prepare(ctx, by, org, of, n)
	if err != nil {
		return Document{}, err
	}
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (Document, error) {
		if err := as.writes(); err != nil {
			return Document{}, err
		}
		return AddDocument(ctx, tx, org, of, as == asOwner, p)
	})
}

// writes refuses support, which looks and decides, and changes nothing of a file.
func (q quality) writes() error {
	if q == asSupport {
		return access.ErrForbidden.With("Permission", string(access.DossiersCertify))
	}
	return nil
}

// DocumentList is what a file holds, and what is asked of its person.
type DocumentList struct {
	Member    member.Member
	Documents []Document
	Asked     []paper.Kind // of their profession
	MayWrite  bool         // may add and remove
}

// List gives the documents of a file, the oldest first.
func (d Documents) List(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (DocumentList, error) {
	var as quality
	act := comes(verbListDocuments, by, org, of, &as)
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (DocumentList, error) {
		m, err := member.Find(ctx, tx, org, of)
		if err != nil {
			return DocumentList{}, err
		}
		l := DocumentList{Member: m, MayWrite: as != asSupport}
		if l.Documents, err = DocumentsOf(ctx, tx, org, of); err != nil {
			return DocumentList{}, err
		}
		l.Asked, err = askedOf(ctx, tx, m)
		return l, err
	})
}

// askedOf is what is asked of a member: by the profession that they declared.
func askedOf(ctx context.Context, tx *store.Tx, m member.Member) ([]paper.Kind, error) {
	profession := m.ProfessionCode
	r, registered, err := RegistrationOf(ctx, tx, m.Org, m.ID)
	if err != nil {
		return nil, err
	}
	if registered {
		profession = r.ProfessionCode
	}
	return ChecklistOf(ctx, tx, m.Org, profession)
}

// Look opens a document, and records who did; Content gives its bytes. Support proves itself
// first (rules.md 6). Errors: those of LookAt, access.ErrStepUp.
func (d Documents) Look(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, id ident.Document) (Document, error) {
	var as quality
	act := comes(verbLookDocument, by, org, of, &as)
	act.Object = id.String()
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (Document, error) {
		if tx.By.Support = as == asSupport; tx.By.Support && !by.Proven(tx.Now) {
			return Document{}, access.ErrStepUp
		}
		return LookAt(ctx, tx, org, of, id)
	})
}

// Remove removes a document and its bytes. Errors: those of RemoveDocument.
func (d Documents) Remove(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, id ident.Document) (Document, error) {
	var as quality
	act := comes(verbRemoveDocument, by, org, of, &as)
	act.Object = id.String()
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (Document, error) {
		if err := as.writes(); err != nil {
			return Document{}, err
		}
		return RemoveDocument(ctx, tx, org, of, id, as == asOwner)
	})
}
