package dossier

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/org"
	"habilis/internal/paper"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Registration is what somebody who came by themself has declared and proved so far (VER-1).
type Registration struct {
	Org      ident.Org
	ID       ident.Registration
	Member   ident.Member  // the zero value: it has no person yet
	Account  ident.Account // the zero value: none yet
	Email    account.Email
	Language text.Lang

	Names                      account.Names
	Function                   string
	ProfessionCode, Profession string
	Site                       ident.Site
	RPPS, NoRPPS               string            // claimed, or the reason for none
	Found                      *directory.Import // what the directory said then; nil: nothing, or it was not asked

	EmailProvedAt, PhoneProvedAt *time.Time
	Phone                        string     // masked
	PhoneWaived                  bool       // no code could be sent when the file was sent
	CompletedAt                  *time.Time // the texts were accepted, and the file sent
	Consents                     []GivenConsent
	Version                      int64 // grows with each change of what is declared (INV-16)
	CreatedAt, ExpiresAt         time.Time

	passwordHash string
	opened       secret.Hash // the key that it was read with, when it was
}

// GivenConsent is a text that was accepted, word for word.
type GivenConsent struct {
	setting.Consent

	Rev int64 // of the organisation's setting
	At  time.Time
}

// Bounds of a registration (rules.md 4).
const (
	RegistrationsPerAddress = 5   // begun from one network address in an hour
	RegistrationsPerAccount = 10  // begun, or opened again, by one account in a day, wherever
	RegistrationLetters     = 5   // letters to one mailbox in a day
	RegistrationTries       = 5   // of one code
	RegistrationActs        = 60  // steps of one in a day, whatever becomes of them
	RegistrationClaims      = 5   // numbers of others that one claims in a day, then none is looked at
	ClaimsPerAddress        = 20  // numbers of others claimed from one network address in a day, in all its registrations
	RegistrationBrowsers    = 5   // in which one is open: one more ends the oldest
	MaxNoRPPS               = 300 // code points of the reason for no number

	RegistrationCodeLife = 15 * time.Minute
	RegistrationKeyLife  = 24 * time.Hour      // of a browser
	RegistrationLinkLife = 14 * 24 * time.Hour // of a mailed link
	RegistrationBegun    = 24 * time.Hour      // then one without a person is removed
	RegistrationLife     = 30 * 24 * time.Hour // then one that was never sent is removed, since its last step
)

// Refusals of a registration.
var (
	// ErrRegistrationClosed is told of an organisation that is not there as of one that is closed (INV-13).
	ErrRegistrationClosed = fault.New(fault.NotFound, "registration.closed")
	ErrRegistrationGone   = fault.New(fault.Gone, "registration.gone")
	ErrRegistrationCode   = fault.New(fault.Gone, "registration.code_gone")
	ErrRegistrationOrder  = fault.New(fault.Conflict, "registration.order") // an earlier step comes first
	ErrRegistrationHas    = fault.New(fault.Conflict, "registration.has_account")
	ErrRegistrationDone   = fault.New(fault.Conflict, "registration.verified") // nothing changes any more
	ErrRegistrationRPPS   = fault.New(fault.Invalid, "registration.rpps_held")
)

// Step is a page of a registration.
type Step string

// The steps, in their order.
const (
	StepCode      Step = "code"
	StepPassword  Step = "password"
	StepPerson    Step = "person"
	StepDocuments Step = "documents"
	StepMailbox   Step = "mailbox" // for whom the directory publishes one; may be passed over
	StepPhone     Step = "phone"
	StepConsents  Step = "consents"
	StepDone      Step = "done"
)

// RegistrationSteps are all of them.
var RegistrationSteps = []Step{StepCode, StepPassword, StepPerson, StepDocuments, StepMailbox, StepPhone, StepConsents, StepDone}

// Next is the first step that is still to be done. Documents may be left for later.
func (r Registration) Next() Step {
	switch {
	case r.EmailProvedAt == nil:
		return StepCode
	case r.Account.IsZero() && r.passwordHash == "":
		return StepPassword
	case r.Member.IsZero():
		return StepPerson
	case r.CompletedAt != nil:
		return StepDone
	}
	return StepDocuments
}

// Texts says whether messages may be sent to telephones, and counts each (package login knows).
type Texts struct {
	On       bool
	Prefixes credential.Prefixes
	Take     func(ctx context.Context, tx *action.Tx, subject string, to credential.Phone) error
	Refused  func() // called when a message was refused, to count it; may be nil
}

// Registrations is the public door of an organisation that opens it. Whoever comes has no
// session: a key opens their registration, and nothing else (INV-15).
type Registrations struct {
	Run       *action.Runner
	Hasher    *credential.Hasher
	Source    directory.Source
	Documents Documents
	Texts     Texts
	Network   func(address string) string // what is counted of a network address, of which none is exempt
}

// Entrance is what the first page says of an organisation.
type Entrance struct {
	Org   org.Org
	Sites []org.Site
}

// Entrance reads the organisation of a public address. Errors: ErrRegistrationClosed.
func (r Registrations) Entrance(ctx context.Context, by access.Actor, slug string) (Entrance, error) {
	act := action.Act{Verb: verbRegistrationOpen, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (Entrance, error) {
		o, err := org.BySlug(ctx, tx, slug)
		if fault.Is(err, fault.NotFound) {
			return Entrance{}, ErrRegistrationClosed
		}
		if err != nil {
			return Entrance{}, err
		}
		if err := registrationOpen(ctx, tx, o); err != nil {
			return Entrance{}, err
		}
		sites, err := org.ActiveSites(ctx, tx, o.ID)
		return Entrance{o, sites}, err
	})
}

// registrationOpen refuses where nobody may register. Errors: ErrRegistrationClosed.
func registrationOpen(ctx context.Context, tx *store.Tx, o org.Org) error {
	s, err := setting.ReadRegistration(ctx, tx, o.ID)
	if err == nil && (!s.Open || o.Status != org.Active) {
		err = ErrRegistrationClosed
	}
	return err
}

// RegistrationOf reads the registration of a member; the second value is false when they did
// not come by themself.
func RegistrationOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Registration, bool, error) {
	r, ok, err := findRegistrationOf(ctx, tx, in, id)
	if err == nil && ok {
		r.Consents, err = consentsOf(ctx, tx, in, r.ID)
	}
	return r, ok, err
}

// RegistrationFile is what somebody sees of their own registration.
type RegistrationFile struct {
	Registration

	Slug         string
	Organization org.Org
	Sites        []org.Site
	Documents    []Document
	Missing      []paper.Kind
	Verification member.Verification // member.Unchecked before there is a person
	Mailbox      *Mailbox            // of the directory, to which a code was sent; nil: none
	Asked        setting.Registration
	Texts        bool // codes can be sent to telephones

	refused bool // by support: people decide
}

// Open reads the registration that a key opens. Errors: ErrRegistrationGone.
func (r Registrations) Open(ctx context.Context, by access.Actor, slug, key string) (RegistrationFile, error) {
	act := action.Act{Verb: verbRegistrationOpen, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (RegistrationFile, error) {
		return r.open(ctx, tx, slug, key)
	})
}

func (r Registrations) open(ctx context.Context, tx *store.Tx, slug, key string) (RegistrationFile, error) {
	f := RegistrationFile{Slug: slug, Verification: member.Unchecked, Texts: r.Texts.On}
	var err error
	if f.Registration, err = keyed(ctx, tx, key); err != nil {
		return f, err
	}
	if f.Organization, err = org.Get(ctx, tx, f.Org); err != nil {
		return f, err
	}
	if f.Organization.Slug != slug {
		return f, ErrRegistrationGone
	}
	if err := f.findAccount(ctx, tx); err != nil {
		return f, err
	}
	if err := registrationOpen(ctx, tx, f.Organization); err != nil {
		return f, err
	}
	if f.Asked, err = setting.ReadRegistration(ctx, tx, f.Org); err != nil {
		return f, err
	}
	if f.Sites, err = org.ActiveSites(ctx, tx, f.Org); err != nil {
		return f, err
	}
	err = f.papers(ctx, tx)
	return f, err
}

// findAccount forgets the account that a registration without a person was begun with, once it is
// gone with what it was made for elsewhere: its mailbox stays proved, and a password is chosen anew.
func (f *RegistrationFile) findAccount(ctx context.Context, tx *store.Tx) error {
	if f.Account.IsZero() || !f.Member.IsZero() {
		return nil
	}
	_, found, err := account.Get(ctx, tx, f.Account)
	if err == nil && !found {
		f.Account = ""
	}
	return err
}

// papers reads what was given, and what is asked.
func (f *RegistrationFile) papers(ctx context.Context, tx *store.Tx) error {
	asked, err := ChecklistOf(ctx, tx, f.Org, f.ProfessionCode)
	if err != nil {
		return err
	}
	if !f.Member.IsZero() {
		m, err := member.Find(ctx, tx, f.Org, f.Member)
		if fault.Is(err, fault.NotFound) {
			return ErrRegistrationGone // they left, or were removed
		}
		if err != nil {
			return err
		}
		f.Verification = m.Verification
		if err := f.readMailbox(ctx, tx); err != nil {
			return err
		}
		if f.Documents, err = DocumentsOf(ctx, tx, f.Org, f.Member); err != nil {
			return err
		}
	}
	f.Missing = MissingKinds(asked, f.Documents)
	return nil
}

// keyed finds the registration of a key. Errors: ErrRegistrationGone.
func keyed(ctx context.Context, tx *store.Tx, key string) (Registration, error) {
	hash, ok := secret.HashToken(secret.Registration, key)
	if !ok {
		return Registration{}, ErrRegistrationGone
	}
	r, ok, err := findRegistration(ctx, tx, hash)
	if err == nil && !ok {
		err = ErrRegistrationGone
	}
	if err != nil {
		return r, err
	}
	r.opened = hash
	r.Consents, err = consentsOf(ctx, tx, r.Org, r.ID)
	return r, err
}

// professionOf is the name of a profession's code.
func professionOf(code string) string {
	p, _ := nomenclature.Profession(code)
	return p.Label
}
