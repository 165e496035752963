package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/store"
)

// Dossiers is the register of the files of those who registered themselves (VER-1 to VER-4).
type Dossiers struct {
	Run    *action.Runner
	Source directory.Source
}

// Faults of files.
var (
	ErrFileNotFound = fault.New(fault.NotFound, "dossier.not_found")
	ErrOwnFile      = fault.New(fault.Forbidden, "dossier.own")
	ErrPersonOnly   = fault.New(fault.Forbidden, "dossier.person_only")
	ErrFileChanged  = fault.New(fault.Conflict, "dossier.changed")
	ErrCertified    = fault.New(fault.Conflict, "dossier.certified")
	ErrSecondPerson = fault.New(fault.Conflict, "dossier.second_person")
	ErrNotCertified = fault.New(fault.Conflict, "dossier.not_certified")
	ErrRuled        = fault.New(fault.Conflict, "dossier.ruled")
	ErrPapers       = fault.New(fault.Conflict, "dossier.papers_missing")
	ErrVerified     = fault.New(fault.Conflict, "dossier.verified")
)

// Bounds of files.
const (
	MaxFiles   = 500 // of one list; those who wait longest come first
	MaxRefresh = 100 // files of one «Rafraîchir»: the directory is asked about each
	MaxReason  = 500 // code points
)

// Check is what the last «Rafraîchir» found.
type Check struct {
	State   member.Verification
	Reasons []Reason
	At      time.Time
	By      string
	answer  directory.Answer
}

// File is somebody's file, as those who decide see it.
type File struct {
	ID            ident.Dossier
	Org           ident.Org
	OrgName       string // for support, who sees the files of all
	Member        member.Member
	Declared      Registration
	State         member.Verification
	Reasons       []Reason // of the last check; none before the first
	Objections    []Reason // what would stay wrong, whoever certifies
	Check         *Check
	Origin        directory.Origin // of what the directory says, and of what date
	AsOf          time.Time
	Published     Published
	Lines         []Line
	Documents     []Document
	Missing       []paper.Kind
	Certification *Certification
	Ruled         *Ruled
	Mailbox       *Mailbox // of the directory, that was proved
	MailboxWorth  MailboxStanding
	Bearer        *Bearer // of the declared number in this organisation, if whoever looks may know
	TwoPeople     bool    // what the organisation asks of the next certification
	Seen          string  // what a decision must name: all of the above that it rests on
	May           FileMay
}

// Bearer is another member who has the number: the file waits until somebody has looked which
// of them it belongs to.
type Bearer struct {
	Member ident.Member
	Name   string
}

// FileMay is what the one who looks may do with a file, so that no button leads to a refusal.
type FileMay struct{ Refresh, Certify, Revoke, Tell, Rule bool }

// known is everything stored that a file is made of.
type known struct {
	member        member.Member
	declared      Registration
	check         *Check
	documents     []Document
	missing       []paper.Kind
	certification *Certification
	ruled         *Ruled
	mailbox       *Mailbox
	two           bool        // the organisation asks for two people; read beside a mailbox only
	held          member.Hold // of the declared number, by somebody else
}

// read gathers what is known of a file. Errors: ErrFileNotFound.
func read(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (k known, err error) {
	if k.member, err = member.Find(ctx, tx, org, id); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = ErrFileNotFound
		}
		return k, err
	}
	var ok bool
	if k.declared, ok, err = RegistrationOf(ctx, tx, org, id); err != nil {
		return k, err
	}
	if !ok || k.member.Verification == member.NotNeeded {
		return k, ErrFileNotFound
	}
	if k.check, err = checkOf(ctx, tx, org, id); err != nil {
		return k, err
	}
	if k.documents, err = DocumentsOf(ctx, tx, org, id); err != nil {
		return k, err
	}
	list, err := ChecklistOf(ctx, tx, org, k.declared.ProfessionCode)
	if err != nil {
		return k, err
	}
	k.missing = MissingKinds(list, k.documents)
	if err := k.readMailbox(ctx, tx); err != nil {
		return k, err
	}
	if k.ruled, err = ruledOf(ctx, tx, org, id); err != nil {
		return k, err
	}
	if k.asksNumber() {
		if k.held, err = member.RPPSHeld(ctx, tx, org, k.declared.RPPS, k.member.Account); err != nil {
			return k, err
		}
	}
	if k.certification, err = certificationOf(ctx, tx, org, id); err != nil || k.certification == nil {
		return k, err
	}
	k.certification.Void, err = k.void(ctx, tx)
	return k, err
}

// asksNumber reports whether the number is still to be opened, so that it matters whose it is.
func (k *known) asksNumber() bool {
	return k.declared.RPPS != "" && (k.member.Verification != member.Verified || k.declared.RPPS != k.member.RPPS)
}

// bearsOther reports whether the member has another number than the one that is judged. One that
// somebody of the organisation gave them since they were verified without any closes nothing.
func (k *known) bearsOther() bool {
	since := k.declared.RPPS == "" && k.member.Verification == member.Verified
	return k.member.RPPS != "" && k.member.RPPS != k.declared.RPPS && !since
}

// facts are what Judge looks at. What somebody vouched for counts as long as nothing else
// was declared since (INV-16).
func (k *known) facts(a directory.Answer) Facts {
	r := k.declared
	f := Facts{
		Before: k.member.Verification, EmailProved: r.EmailProvedAt != nil, PhoneProved: r.PhoneProvedAt != nil || r.PhoneWaived,
		Complete: r.CompletedAt != nil,
		RPPS:     r.RPPS, NoRPPS: r.NoRPPS, Held: k.held, Other: k.bearsOther(), PapersMissing: k.missing,
	}
	f.Published, _ = publishedOf(r, a)
	f.Mailbox = k.mailboxStanding(a.Mailboxes)
	for i := range k.documents {
		if k.documents[i].State == DocumentPending {
			f.PapersWait = append(f.PapersWait, k.documents[i].Kind)
		}
	}
	if c := k.certification; k.stands() {
		f.Certified, f.HalfCertified = c.whole(), !c.whole()
	}
	if u := k.ruled; u != nil && u.version == r.Version && (u.Decision == Validated || !f.Certified || u.At.After(k.certification.last())) {
		f.Ruling = u.Decision
	}
	return f
}

// answer is what the directory said the last time it was asked about the number that is
// claimed; else what it said when it was typed.
func (k *known) answer() directory.Answer {
	about := func(a directory.Answer) bool {
		return len(a.Practitioners) == 1 && a.Practitioners[0].RPPS == k.declared.RPPS
	}
	if c := k.check; c != nil && c.answer.Origin != directory.NotChecked && (about(c.answer) || len(c.answer.Practitioners) == 0) {
		return c.answer
	}
	if k.declared.Found != nil {
		return k.declared.answerFound()
	}
	return directory.Answer{}
}

// ground digests what somebody has looked at who answers for the person: what they declared,
// who the member is, and the papers. What the directory says is judged anew each time.
func (k *known) ground() string {
	m := k.member
	return digest(k.declared.Version, m.Account, m.RPPS, m.Identity, m.GivenName, m.FamilyName, SeenDocuments(k.documents))
}

// seen digests what a decision rests on: whoever decides names it (rules.md 16, INV-16).
func (k *known) seen() string {
	parts := []any{k.ground(), k.member.Verification}
	if k.certification != nil {
		parts = append(parts, k.certification.id, k.certification.whole(), k.certification.Void)
	}
	if k.ruled != nil {
		parts = append(parts, k.ruled.id)
	}
	if k.mailbox.proves(k.declared.RPPS) {
		parts = append(parts, k.mailbox.Address, k.mailbox.EndedAt)
	}
	if k.held != member.NumberFree {
		parts = append(parts, k.held)
	}
	return digest(parts...)
}

func digest(parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// file lays out what is known.
func (k *known) file() File {
	a := k.answer()
	p, now := publishedOf(k.declared, a)
	f := File{
		ID: ident.DossierOf(k.member.ID), Org: k.member.Org, Member: k.member, Declared: k.declared, State: k.member.Verification, Check: k.check,
		Origin: a.Origin, AsOf: a.AsOf, Published: p, Lines: linesOf(k.declared, p, now), Documents: k.documents, Missing: k.missing,
		Certification: k.certification, Ruled: k.ruled, Seen: k.seen(),
	}
	if k.check != nil {
		f.Reasons = k.check.Reasons
	}
	vouched := k.facts(a)
	if f.MailboxWorth = vouched.Mailbox; f.MailboxWorth != MailboxNone {
		f.Mailbox = k.mailbox
	}
	vouched.Certified, vouched.HalfCertified, vouched.Ruling = true, false, ""
	_, f.Objections = Judge(vouched)
	return f
}

// StandingOf judges a file on what is stored now: the directory is not asked. For the pages
// on which the person sees what is missing. Errors: ErrFileNotFound.
func StandingOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (member.Verification, []Reason, error) {
	k, err := read(ctx, tx, org, id)
	if err != nil {
		return "", nil, err
	}
	state, reasons := Judge(k.facts(k.answer()))
	return state, reasons, nil
}

// warden is somebody of the organisation who looks after its files.
type warden struct {
	by   access.Actor
	eye  member.Eye
	rpps string // their own
}

// wardenOf reads what by may do, wherever that is. Errors: those of access.
func wardenOf(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (warden, error) {
	eye, err := member.LookAs(ctx, tx, by, org)
	if err == nil && !eye.Holds(access.DossiersCertify) {
		err = access.ErrForbidden.With("Permission", string(access.DossiersCertify))
	}
	w := warden{by: by, eye: eye}
	if err != nil || eye.Member().IsZero() {
		return w, err
	}
	self, err := member.Find(ctx, tx, org, eye.Member())
	w.rpps = self.RPPS
	return w, err
}

// over is nil for a member whose file by looks after. Errors: ErrFileNotFound,
// access.ErrForbidden, member.ErrMorePowerful.
func (w warden) over(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) error {
	err := w.eye.MayAct(ctx, tx, org, id, access.DossiersCertify)
	if fault.Is(err, fault.NotFound) {
		return ErrFileNotFound
	}
	return err
}

// may says what would succeed with a file.
func (w warden) may(k *known) FileMay {
	m := FileMay{Refresh: true, Tell: k.member.Verification != member.Verified, Revoke: k.certification != nil}
	m.Certify = w.mayCertify(k) == nil
	return m
}

// file lays out what is known for somebody of the organisation.
func (w warden) file(ctx context.Context, tx *store.Tx, k *known) (File, error) {
	f := k.file()
	f.May = w.may(k)
	var err error
	if f.TwoPeople, err = twoPeople(ctx, tx, f.Org); err != nil || k.held == member.NumberFree {
		return f, err
	}
	f.Bearer, err = w.bearer(ctx, tx, k)
	return f, err
}

// bearer is the other member who has the number; nil when there is none whom the warden sees.
func (w warden) bearer(ctx context.Context, tx *store.Tx, k *known) (*Bearer, error) {
	m, found, err := member.Bearer(ctx, tx, k.member.Org, k.declared.RPPS)
	if err != nil || !found || m.ID == k.member.ID {
		return nil, err
	}
	switch err := w.eye.MayAct(ctx, tx, m.Org, m.ID, access.MembersRead); {
	case err == nil, member.Refusal(err) && !fault.Is(err, fault.NotFound):
		return &Bearer{m.ID, m.Name()}, nil
	case member.Refusal(err):
		return nil, nil //nolint:nilnil // somebody whom they may not know of
	default:
		return nil, err
	}
}

// own reports whether a file is the actor's: their account, or their number.
func (w warden) own(k *known) bool {
	if w.by.Account.IsZero() {
		return false
	}
	return w.by.Account == k.member.Account || (w.rpps != "" && w.rpps == k.declared.RPPS)
}

// about resolves an act on one file: who may, and what is known of it.
func about(by access.Actor, org ident.Org, id ident.Member, w *warden, k *known) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *w, err = wardenOf(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if err := w.over(ctx, tx, org, id); err != nil {
			return nil, err
		}
		if *k, err = read(ctx, tx, org, id); err != nil {
			return nil, err
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// Get reads one file. It needs dossiers.certify over the member. Errors: ErrFileNotFound.
func (d Dossiers) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) (File, error) {
	var w warden
	var k known
	act := action.Act{Verb: "dossier.read", Orgs: []ident.Org{org}, Object: id.String(), Subject: id.String()}
	act.Resolve = about(by, org, id, &w, &k)
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (File, error) {
		return w.file(ctx, tx, &k)
	})
}

// Summary is one line of a list of files.
type Summary struct {
	ID          ident.Dossier
	Org         ident.Org
	OrgName     string // in support's queue
	Member      ident.Member
	Name        string
	Profession  string
	State       member.Verification
	Reasons     []Reason
	CheckedAt   *time.Time
	CompletedAt *time.Time
	CreatedAt   time.Time
	CertifiedBy string // by whom and when, where this organisation has certified
	CertifiedAt *time.Time

	MailboxProvedAt *time.Time // a mailbox of the directory, of the number that is claimed
}

// List gives the files of an organisation in one state, or in every state, those who wait
// longest first: of the members for whom the actor may decide. Errors: access.ErrForbidden.
func (d Dossiers) List(ctx context.Context, by access.Actor, org ident.Org, state member.Verification) ([]Summary, error) {
	var w warden
	act := action.Act{Verb: "dossier.list", Orgs: []ident.Org{org}}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		w, err = wardenOf(ctx, tx, by, org)
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) ([]Summary, error) {
		all, err := filesOf(ctx, tx, org, state)
		if err != nil {
			return nil, err
		}
		out := make([]Summary, 0, len(all))
		for i := range all {
			switch err := w.over(ctx, tx, org, all[i].Member); {
			case err == nil:
				out = append(out, all[i])
			case !member.Refusal(err):
				return nil, err
			}
		}
		return out, nil
	})
}
