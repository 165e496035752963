package review

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// finish makes the file of a campaign of which everything is done, and signs it.
func (r Reviews) finish(ctx context.Context, w work) error {
	c := w.campaign
	act := byItself(c.Org, verbFinish, c.ID.String())
	_, err := action.Run(ctx, r.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		c, found, err := get(ctx, tx.Tx, c.Org, c.ID)
		if err != nil || !found || c.State != Closing {
			return struct{}{}, firstError(err, action.Nothing) // another node did it meanwhile
		}
		c.State, c.finishedAt = Ended, tx.Now
		m := making{campaign: &c, parts: map[string]part{}, doc: document{Core: core{Installation: r.Installation}}}
		if err := m.run(ctx, tx.Tx); err != nil {
			return struct{}{}, err
		}
		if err := update(ctx, tx.Tx, &c); err != nil {
			return struct{}{}, err
		}
		signed := canonical(m.doc.Core)
		if err := insertFile(ctx, tx.Tx, c, signed, tx.Ring.SignatureFile(secret.UseReview, signed, tx.Now), m.doc.Parts); err != nil {
			return struct{}{}, err
		}
		counts, err := countsOf(ctx, tx.Tx, c.Org, []ident.Review{c.ID}, "")
		n := counts[c.ID]
		tx.Record(c.event(verbFinish, map[string]any{
			"review_people": n.People, "review_to_do": n.ToDo, "sha256": hex.EncodeToString(sumOf(signed)),
		}))
		return struct{}{}, err
	})
	return err
}

// making is a file that is being made.
type making struct {
	campaign *Campaign
	rows     []row
	sight    sight
	doc      document
	parts    map[string]part
}

func (m *making) run(ctx context.Context, tx *store.Tx) error {
	c := m.campaign
	var err error
	if m.rows, err = framedOf(ctx, tx, *c, nil); err != nil {
		return err
	}
	m.sight = sight{eye: &eye{campaign: *c}}
	if err := m.sight.read(ctx, tx, m.rows); err != nil {
		return err
	}
	head, err := audit.HeadOf(ctx, tx, c.Org.String())
	if err != nil {
		return err
	}
	o := &m.doc.Core
	o.Format, o.Organization, o.Review, o.Site, o.Function = fileFormat, c.Org, c.ID, c.Site, c.Function
	o.OpenedAt, o.OpenedBy, o.Deadline = utc(c.OpenedAt), who(c.openedBy), utc(c.Deadline)
	o.EndedAt, o.EndedBy = utc(c.EndedAt), who(c.endedBy)
	o.FinishedAt, o.Forced, o.UsesSince = utc(c.finishedAt), c.Forced, utc(m.sight.used.Since)
	o.Audit = coreHead{Chain: head.Chain, Seq: head.Seq, Hash: hex.EncodeToString(head.Hash)}
	o.Reviewers, o.People, o.Parts, m.doc.Parts = []ident.Member{}, []corePerson{}, []coreParts{}, []part{}
	for i := range m.rows {
		m.person(&m.rows[i])
	}
	return m.names(ctx, tx)
}

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func moment(t time.Time) *time.Time {
	if t.IsZero() || t.Equal(store.Never) {
		return nil
	}
	t = utc(t)
	return &t
}

// person writes one person, by IDs.
func (m *making) person(p *row) {
	o, ref := &m.doc.Core, m.sight.crowd.refs[p.member]
	held := p.photograph
	if p.choice != Undecided {
		held = p.judged
	}
	last, wide := m.sight.lastUse(p)
	v := corePerson{
		Member: p.member, LastSignIn: moment(ref.LastSignInAt), LastUse: moment(last), UseWide: wide, Rights: []coreRight{},
		Reviewer: p.reviewer, Decision: p.choice, Drops: p.drops, Leaves: p.leaves, DecidedBy: p.decidedBy, DecidedAt: moment(p.decidedAt),
		Outcome: p.outcome, Code: p.code, ChangeSet: p.changeSet, DoneAt: moment(p.doneAt),
	}
	for _, r := range held {
		used, wide := m.sight.lastUseOf(p.member, r)
		r.At, r.From = utc(r.At), utc(r.From)
		if r.Until != nil {
			r.Until = moment(*r.Until)
		}
		v.Rights = append(v.Rights, coreRight{right: r, Key: r.key(), LastUse: moment(used), UseWide: wide})
		m.object(r)
	}
	o.People = append(o.People, v)
	if !p.reviewer.IsZero() && !slices.Contains(o.Reviewers, p.reviewer) {
		o.Reviewers = append(o.Reviewers, p.reviewer)
		m.add(p.reviewer.String(), m.sight.crowd.refs[p.reviewer].Name(), m.sight.crowd.refs[p.reviewer].Email)
	}
	m.add(p.member.String(), ref.Name(), ref.Email)
	m.add(p.member.String()+commentOf, p.comment, "")
	m.add(p.decidedBy, m.sight.givers[p.decidedBy], "")
}

// object names what a right is about, where it holds, and who gave it.
func (m *making) object(r right) {
	s := &m.sight
	m.add(r.By, s.givers[r.By], "")
	m.add(r.Site.String(), s.siteNames[r.Site], "")
	switch r.Domain {
	case changeset.Role:
		if v := s.roles[ident.Role(r.Object)]; v.BuiltIn == "" {
			m.add(r.Object, v.Name, "")
		} else {
			m.add(r.Object, "role."+v.BuiltIn, "")
		}
	case changeset.GroupMember:
		m.add(r.Object, s.groups[r.Object], "")
	case changeset.Level, changeset.Delegation, Holds:
		m.add(r.Object, s.things[resource.ID(r.Object)].Name, "")
	case changeset.Permission, changeset.Site, changeset.GroupRecord:
	}
}

// saltBytes is how much of chance a part holds: nobody finds a name again from its hash.
const saltBytes = 16

func (m *making) add(id, said, email string) {
	if said = strings.TrimSpace(said); id == "" || said == "" {
		return
	}
	if _, there := m.parts[id]; there {
		return
	}
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails: the runtime stops the program instead
	m.parts[id] = part{Part: id, Salt: hex.EncodeToString(salt[:]), Text: said, Email: email}
}

// names adds those of the organisation, the site, and those who opened and ended the campaign, and puts
// the parts in their order.
func (m *making) names(ctx context.Context, tx *store.Tx) error {
	c := m.campaign
	v, err := org.Get(ctx, tx, c.Org)
	if err != nil {
		return err
	}
	names, err := member.GiverNames(ctx, tx, []string{who(c.openedBy), who(c.endedBy)})
	if err != nil {
		return err
	}
	m.add(c.Org.String(), v.Name, "")
	m.add(c.Site.String(), m.sight.siteNames[c.Site], "")
	for id, name := range names {
		m.add(id, name, "")
	}
	for _, p := range m.parts {
		m.doc.Parts = append(m.doc.Parts, p)
	}
	slices.SortFunc(m.doc.Parts, func(a, b part) int { return strings.Compare(a.Part, b.Part) })
	for _, p := range m.doc.Parts {
		m.doc.Core.Parts = append(m.doc.Core.Parts, coreParts{Part: p.Part, SHA256: p.hash()})
	}
	return nil
}

// File reads the file of a campaign that is ended, as a zip: the signed file, the same to be printed in
// each language, the signatures, and the public keys. It is recorded. Errors: ErrNotFound,
// ErrNoFile, access.ErrStepUp.
func (r Reviews) File(ctx context.Context, by access.Actor, in ident.Org, id ident.Review) (File, error) {
	var e eye
	act := e.act(verbFile, by, in, id)
	act.StepUp = true
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (File, error) {
		d, signature, err := readFile(ctx, tx.Tx, e.campaign)
		if err != nil {
			return File{}, err
		}
		if err := d.genuine(signature, tx.Ring); err != nil {
			return File{}, fmt.Errorf("review: the kept file of %s: %w", id, err)
		}
		tx.Record(e.campaign.event(verbFile, map[string]any{"review_erased": d.erased()}))
		b, err := r.pack(d, signature, tx.Ring)
		day := d.Core.EndedAt.In(text.Zone).Format(time.DateOnly)
		return File{Name: "revue-" + day + ".zip", Bytes: b}, err
	})
}

// Fingerprints are those of the keys of this installation: whoever receives a file compares them.
func (r Reviews) Fingerprints() []string {
	keys := r.Run.Ring.PublicKeys()
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Fingerprint()
	}
	return list
}

// readFile reads the document as it is now. Errors: ErrNoFile.
func readFile(ctx context.Context, tx *store.Tx, c Campaign) (document, []byte, error) {
	signed, signature, found, err := fileOf(ctx, tx, c)
	if err != nil || !found {
		return document{}, nil, firstError(err, ErrNoFile)
	}
	d := document{Parts: []part{}}
	if err := json.Unmarshal(signed, &d.Core); err != nil {
		return d, nil, fmt.Errorf("review: the file of %s: %w", c.ID, err)
	}
	parts, err := partsOf(ctx, tx, c)
	d.Parts = append(d.Parts, parts...)
	slices.SortFunc(d.Parts, func(a, b part) int { return strings.Compare(a.Part, b.Part) })
	return d, signature, err
}

// genuine refuses to sign pages of what is not what was signed: a core or a part that was written by
// somebody else in the database.
func (d *document) genuine(signature []byte, ring *secret.Ring) error {
	if _, err := parse(canonical(d)); err != nil {
		return err
	}
	s, err := secret.ReadSignatureFile(signature)
	if err != nil {
		return err
	}
	if s.Use != secret.UseReview {
		return errShape
	}
	return s.Verify(canonical(d.Core), ring.PublicKeys())
}

// The names of what is in the zip.
const (
	nameFile   = "revue.json"
	nameKeys   = "cles-publiques.json"
	nameReadme = "LISEZMOI.txt"
	signedName = ".signature"
)

// pack makes the zip: of the same document and keys, the same bytes.
func (r Reviews) pack(d document, signature []byte, ring *secret.Ring) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, data []byte) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.Core.FinishedAt})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	files := []struct {
		name string
		data []byte
	}{
		{nameFile, canonical(d)}, {nameFile + signedName, signature}, {nameKeys, ring.PublicFile(r.Installation)},
		{nameReadme, []byte(text.For(text.FR).T("review.file.readme", "File", nameFile, "Keys", nameKeys) + "\n")},
	}
	for _, lang := range []text.Lang{text.FR, text.EN} {
		page := d.page(text.For(lang))
		name := "revue." + string(lang) + ".html"
		files = append(files, struct {
			name string
			data []byte
		}{name, page}, struct {
			name string
			data []byte
		}{name + signedName, ring.SignatureFile(secret.UseReviewPage, page, d.Core.FinishedAt)})
	}
	for _, f := range files {
		if err := add(f.name, f.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil { // it writes the list of what is inside
		return nil, err
	}
	return b.Bytes(), nil
}
