package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/blob"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Bounds of what is given (rules.md 16). The size of one, and its pixels, are paper's.
const (
	MaxDocuments   = 5        // of a file
	MaxPersonBytes = 50 << 20 // of a person, in all their files together
	// KeptUndecided is how long what nobody decided on is kept, since it was given, or since the
	// decision on it fell (FIL-07).
	KeptUndecided = 365 * day

	day      = 24 * time.Hour
	megabyte = 1 << 20
)

// ScanState says what is known of the bytes of a document.
type ScanState string

// The states. The bytes of the last two are gone; their hash stays.
const (
	DocumentPending   ScanState = "pending"   // the virus scanner does not answer: shown to nobody yet
	DocumentClean     ScanState = "clean"     // scanned
	DocumentUnscanned ScanState = "unscanned" // this installation has no scanner
	DocumentInfected  ScanState = "infected"  // found so later
	DocumentPurged    ScanState = "purged"    // kept as long as the organisation keeps them
)

// Faults about documents.
var (
	ErrDocumentNotFound = fault.New(fault.NotFound, "document.not_found")
	ErrDocumentTwice    = fault.New(fault.Conflict, "document.twice")
	ErrTooManyDocuments = fault.New(fault.Conflict, "document.too_many").With("Max", MaxDocuments)
	ErrPersonFull       = fault.New(fault.Conflict, "document.person_full").With("Megabytes", MaxPersonBytes/megabyte)
	ErrDocumentPending  = fault.New(fault.Conflict, "document.pending")
	ErrDocumentGone     = fault.New(fault.Gone, "document.gone")
	ErrDocumentDecided  = fault.New(fault.Conflict, "document.decided")
	ErrDocumentOthers   = fault.New(fault.Forbidden, "document.others")
)

// Document is one paper of a file, without its bytes.
type Document struct {
	ID      ident.Document
	Org     ident.Org
	Member  ident.Member
	Kind    paper.Kind
	Name    string // made by us of what was typed (FIL-02)
	Type    paper.Type
	Bytes   int64
	Sum     blob.Sum
	State   ScanState
	Own     bool // given by the person themself
	AddedBy string
	AddedAt time.Time
	PurgeAt *time.Time // nil: nothing was decided yet
	Looks   []Look     // who opened it, the last time of each

	file ident.Blob // zero: its bytes are gone
}

// Look tells who opened a document, the last time.
type Look struct {
	Name    string
	Support bool
	At      time.Time
}

// Counts reports whether the document is there: its bytes are kept.
func (d Document) Counts() bool { return d.State != DocumentInfected && d.State != DocumentPurged }

// Readable reports whether it may be opened.
func (d Document) Readable() bool { return d.State == DocumentClean || d.State == DocumentUnscanned }

// KindsGiven are the kinds of the documents that are there.
func KindsGiven(docs []Document) []paper.Kind {
	var kinds []paper.Kind
	for _, d := range docs {
		if d.Counts() {
			kinds = append(kinds, d.Kind)
		}
	}
	return kinds
}

// MissingKinds is what is asked and not there, in the order in which it is asked.
func MissingKinds(asked []paper.Kind, docs []Document) []paper.Kind {
	return paper.Missing(asked, KindsGiven(docs))
}

// ChecklistOf is what an organisation asks of a profession; an empty code is none.
func ChecklistOf(ctx context.Context, tx *store.Tx, org ident.Org, professionCode string) ([]paper.Kind, error) {
	p, err := setting.ReadPapers(ctx, tx, org)
	return p.Checklist.For(professionCode), err
}

// SeenDocuments names exactly the documents that are there: whoever decides sends back what
// they saw, and a file that changed meanwhile is seen (rules.md 16).
func SeenDocuments(docs []Document) string {
	h := sha256.New()
	for _, d := range docs {
		if d.Counts() {
			fmt.Fprintf(h, "%s %s\n", d.ID, d.Sum)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:seenDigits]
}

const seenDigits = 32

// Prepared is a paper that was judged, and may be kept.
type Prepared struct {
	kind  paper.Kind
	name  string
	paper paper.Paper
	state ScanState
	sum   blob.Sum
}

// unnamed is the name of a document whose sender gave none that can be kept.
const unnamed = "document"

// AddDocument keeps a paper and its bytes, in the caller's transaction: both or neither. own
// says that the person themself gives it. The act must name the organisation and have
// Accounts set: the room of a person is counted over all their files. Errors:
// ErrDocumentTwice, ErrTooManyDocuments, ErrPersonFull, member.ErrNotFound.
func AddDocument(ctx context.Context, tx *action.Tx, org ident.Org, id ident.Member, own bool, p Prepared) (Document, error) {
	m, err := member.Find(ctx, tx.Tx, org, id)
	if err != nil {
		return Document{}, err
	}
	all, err := DocumentsOf(ctx, tx.Tx, org, id)
	if err != nil {
		return Document{}, err
	}
	if err := room(ctx, tx.Tx, m, all, p); err != nil {
		return Document{}, err
	}
	b, err := blob.Put(ctx, tx.Tx, tx.Ring, org, string(p.paper.Type), p.paper.Data)
	if err != nil {
		return Document{}, err
	}
	d := Document{
		ID: ident.NewDocument(), Org: org, Member: id, Kind: p.kind, Name: p.name, Type: p.paper.Type, Bytes: b.Bytes, Sum: b.Sum,
		State: p.state, Own: own, AddedBy: tx.By.Name, AddedAt: tx.Now, file: b.ID,
	}
	if own {
		d.AddedBy = m.Name()
	}
	tx.Record(d.event(verbAddDocument, m))
	return d, insertDocument(ctx, tx.Tx, d, tx.By.ID())
}

// room refuses what the file has already, and what it has no room for.
func room(ctx context.Context, tx *store.Tx, m member.Member, all []Document, p Prepared) error {
	there := 0
	for _, d := range all {
		switch {
		case !d.Counts():
		case d.Sum == p.sum:
			return ErrDocumentTwice.With("Name", d.Name)
		default:
			there++
		}
	}
	if there >= MaxDocuments {
		return ErrTooManyDocuments
	}
	used, err := bytesOfPerson(ctx, tx, m)
	if err == nil && used+int64(len(p.paper.Data)) > MaxPersonBytes {
		err = ErrPersonFull
	}
	return err
}

// DocumentsOf gives the documents of a file, the oldest first, with who opened them.
func DocumentsOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) ([]Document, error) {
	all, err := documentsOf(ctx, tx, org, id)
	if err != nil || len(all) == 0 {
		return all, err
	}
	looks, err := looksOf(ctx, tx, org, id)
	for i := range all {
		all[i].Looks = looks[all[i].ID]
	}
	return all, err
}

// documentOf finds one document of a file. Errors: ErrDocumentNotFound.
func documentOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, id ident.Document) (Document, error) {
	all, err := DocumentsOf(ctx, tx, org, of)
	if err != nil {
		return Document{}, err
	}
	i := slices.IndexFunc(all, func(d Document) bool { return d.ID == id })
	if i < 0 {
		return Document{}, ErrDocumentNotFound
	}
	return all[i], nil
}

// LookAt opens a document in the caller's transaction, and notes who did; its bytes come
// from Content, afterwards. Errors: ErrDocumentNotFound, ErrDocumentPending, ErrDocumentGone.
func LookAt(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member, id ident.Document) (Document, error) {
	d, err := documentOf(ctx, tx.Tx, org, of, id)
	switch {
	case err != nil:
		return Document{}, err
	case !d.Counts():
		return Document{}, ErrDocumentGone
	case !d.Readable():
		return Document{}, ErrDocumentPending
	}
	m, err := member.Find(ctx, tx.Tx, org, of)
	if err != nil {
		return Document{}, err
	}
	tx.Record(d.event(verbLookDocument, m))
	return d, noteLook(ctx, tx.Tx, d, tx.By)
}

// RemoveDocument removes a document and its bytes, in the caller's transaction. own says that
// the person themself does, who removes what they gave only. Errors: ErrDocumentNotFound,
// ErrDocumentDecided, ErrDocumentOthers.
func RemoveDocument(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member, id ident.Document, own bool) (Document, error) {
	d, err := documentOf(ctx, tx.Tx, org, of, id)
	switch {
	case err != nil:
		return Document{}, err
	case own && !d.Own:
		return Document{}, ErrDocumentOthers
	case d.PurgeAt != nil && d.Counts():
		return Document{}, ErrDocumentDecided
	}
	m, err := member.Find(ctx, tx.Tx, org, of)
	if err != nil {
		return Document{}, err
	}
	tx.Record(d.event(verbRemoveDocument, m))
	return d, dropDocument(ctx, tx.Tx, d)
}

// DropDocuments removes every document of a file, in the transaction of the act that ends
// the file, which records it.
func DropDocuments(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	all, err := documentsOf(ctx, tx.Tx, org, of)
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := dropDocument(ctx, tx.Tx, d); err != nil {
			return err
		}
	}
	return nil
}

// DocumentsDecided is called when a file is decided for good, which is when it is verified:
// what it holds is purged as many days later as the organisation keeps it.
func DocumentsDecided(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	return decided(ctx, tx.Tx, org, of)
}

func decided(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	p, err := setting.ReadPapers(ctx, tx, org)
	if err != nil {
		return err
	}
	return setPurge(ctx, tx, org, of, tx.Now.Add(time.Duration(p.KeepDays)*day))
}

// DocumentsReopened is called when a file waits for a decision, whatever was said of it so far:
// what it still holds stays, KeptUndecided from the day on which it began to wait again.
func DocumentsReopened(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	return unsetPurge(ctx, tx.Tx, org, of)
}

// DocumentsReturned is called when whoever had left is a member again: papers that nobody decided on
// had been given their day because they left, and wait again, as DocumentsReopened says (OFF-6).
func DocumentsReturned(ctx context.Context, tx *action.Tx, m member.Member) error {
	if m.Verification.Opens() { // decided: their day stands
		return nil
	}
	return unsetPurge(ctx, tx.Tx, m.Org, m.ID)
}

// Content reads the bytes of a document that LookAt gave, outside of any transaction.
func (d Documents) Content(ctx context.Context, doc Document) io.Reader {
	return blob.NewReader(ctx, d.Run.DB, d.Run.Ring, blob.Blob{
		ID: doc.file, Org: doc.Org, MediaType: string(doc.Type), Bytes: doc.Bytes, Sum: doc.Sum, CreatedAt: doc.AddedAt,
	})
}

// event is the record of what happened to a document. The hash tells which bytes it was.
func (d Document) event(verb string, m member.Member) audit.Event {
	facts := map[string]any{"paper": string(d.Kind), "file": d.Name, "sha256": d.Sum.String()}
	e := audit.Event{
		Org: d.Org, Verb: verb, Object: d.ID.String(), Subject: d.Member.String(),
		Names: map[string]string{"member": m.Name(), "document": d.Name},
	}
	if e.After = facts; verb == verbRemoveDocument || verb == verbPurgeDocument {
		e.Before, e.After = facts, nil
	}
	return e
}
