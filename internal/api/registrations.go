package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/account"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/paper"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// InRegistrations is the input of a route of an organisation's public door.
type InRegistrations struct {
	Caller

	Slug string `path:"org" doc:"The organisation's name in addresses." example:"deux-rives"`
}

// Registering is the input of a step: the key stands in a header, since an address is logged.
type Registering struct {
	InRegistrations

	Key string `header:"Registration-Key" required:"true" doc:"The key that beginning gave, or that a letter carried."`
}

type beginRegistrationInput struct {
	InRegistrations

	Body struct {
		Email    string       `json:"email" example:"rosa.vidal@example.fr"`
		Language languageCode `json:"language,omitempty" doc:"Of the letters; French by default."`
	}
}

type registrationCodeInput struct {
	Registering

	Body struct {
		Code secret.Text `json:"code" writeOnly:"true" doc:"The six digits that were sent." example:"123456"`
	}
}

type registrationPasswordInput struct {
	Registering

	Body struct {
		NewPassword secret.Text `json:"new_password" writeOnly:"true"`
	}
}

type registrationPersonInput struct {
	Registering

	Body registrationPerson
}

type registrationPerson struct {
	Title      titleText    `json:"title,omitempty"`
	GivenName  string       `json:"given_name" example:"Rosa"`
	FamilyName string       `json:"family_name" example:"Vidal"`
	Function   functionCode `json:"function"`
	Profession string       `json:"profession,omitempty" doc:"Code of the national register; empty for none of them." example:"60"`
	Site       string       `json:"site,omitempty" doc:"The first of the organisation by default." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"` //nolint:lll // a tag is one literal
	RPPS       string       `json:"rpps,omitempty" doc:"The number that the person claims; or no_rpps."`
	NoRPPS     string       `json:"no_rpps,omitempty" doc:"The reason for none." example:"secrétaire"`
}

type registrationPhoneInput struct {
	Registering

	Body struct {
		Number string `json:"number" doc:"A mobile number." example:"+33612345678"`
	}
}

type registrationMailboxInput struct {
	Registering

	Body struct {
		Address string `json:"address" doc:"One of the registration's mailboxes." example:"rosa.vidal@pro.mssante.fr"`
	}
}

type registrationConsentsInput struct {
	Registering

	Body struct {
		Version  int64 `json:"version" doc:"Of the texts that were shown: consents_version."`
		Accepted []int `json:"accepted" doc:"The places of the texts that are accepted, from 0: all of them."`
	}
}

type registrationPaperInput struct {
	Registering

	Kind paperKind `query:"kind" required:"true" doc:"What it proves." example:"card"`
	Name string    `query:"name" maxLength:"300" doc:"What its sender calls it." example:"carte CPS.pdf"`
}

type removeRegistrationPaperInput struct {
	Registering

	Document string `path:"doc" doc:"The document's ID." example:"doc_019aa0f2-6b1c-7d3e-8f40-5a6b7c8d9e0f"`
}

func (s *Server) aboutRegistrations(d *door) {
	const path = "/registrations/{org}"
	begins := []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "beginRegistration", method: http.MethodPost, path: path, tag: tagActivations, summary: "Begin a registration", public: true,
		about: "Sends a code to the address, or, if it has an account, a letter that says to sign in: the answer is the same.",
		// the key is shown once: a repeated request begins another registration
		status: http.StatusCreated, errors: begins,
	}, s.beginRegistration)
	add(d, route{
		id: "beginMyRegistration", method: http.MethodPost, path: path + "/mine", tag: tagActivations,
		summary: "Begin a registration with my account",
		about:   "Only the membership of this organisation will wait.", status: http.StatusCreated, errors: begins,
	}, s.beginMyRegistration)
	add(d, route{
		id: "getRegistration", method: http.MethodGet, path: path + "/file", tag: tagActivations, summary: "Read a registration", public: true,
		about: "What was declared and proved, the next step, and what is missing.", errors: stepErrors,
	}, s.getRegistration)
	s.aboutRegistrationSteps(d, path)
}

// stepErrors are the refusals of every step.
var stepErrors = []int{http.StatusNotFound, http.StatusConflict, http.StatusGone}

func (s *Server) aboutRegistrationSteps(d *door, path string) {
	step := func(id, below, summary, about string) route {
		return route{
			id: id, method: http.MethodPost, path: path + below, tag: tagActivations, summary: summary, about: about, status: http.StatusOK,
			errors: stepErrors, public: true,
		}
	}
	add(d, step("proveRegistrationEmail", "/email", "Prove the mailbox", "Takes the code of the letter; five tries, 15 minutes."),
		s.proveRegistrationEmail)
	add(d, step("chooseRegistrationPassword", "/password", "Choose the password", "Of the account to come; whoever has one skips this step."),
		s.chooseRegistrationPassword)
	add(d, step("declareRegistration", "/person", "Say who one is",
		"Makes the member, in force in nothing until verified; again, corrects what was declared."), s.declareRegistration)
	paper := step("addRegistrationDocument", "/documents", "Give a paper", "A PDF, a JPEG or a PNG by its content.")
	paper.file = true
	add(d, paper, s.addRegistrationDocument)
	remove := step("removeRegistrationDocument", "/documents/{doc}", "Take a paper back", "With its bytes, before any decision.")
	remove.method = http.MethodDelete
	add(d, remove, s.removeRegistrationDocument)
	add(d, step("sendRegistrationCode", "/phone", "Have a code sent to a telephone", "By text message, within the limits of messages."),
		s.sendRegistrationCode)
	add(d, step("proveRegistrationPhone", "/phone/proof", "Prove the telephone", "Takes the code of the message."), s.proveRegistrationPhone)
	add(d, step("sendRegistrationMailboxCode", "/mailbox", "Have a code sent to an MSSanté mailbox",
		"To one that the national directory publishes as that of the claimed number: asked again, unless its last answer is less than six "+
			"hours old. `mailboxes` is what it said, also after a refusal. Five letters a day, two of them to one address from one network."),
		s.sendRegistrationMailboxCode)
	add(d, step("proveRegistrationMailbox", "/mailbox/proof", "Prove the MSSanté mailbox",
		"Takes the code of the letter; five tries, 15 minutes. It replaces the decision of a person: once all else is there, the file is "+
			"verified by itself, unless support refused it."), s.proveRegistrationMailbox)
	add(d, step("completeRegistration", "/consents", "Accept the texts and send the file", "Which text was accepted is kept, word for word."),
		s.completeRegistration)
}

// RegistrationKey opens a registration.
type RegistrationKey struct {
	Key string `json:"key" doc:"Shown once; for the header Registration-Key." example:"hg_Jx2v"`
}

// Registration is the file of somebody who comes by themself, as they see it.
type Registration struct {
	ID              string                `json:"id" example:"reg_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization    string                `json:"organization" doc:"Its name." example:"CPTS des Deux-Rives"`
	Member          *string               `json:"member" doc:"Null before there is a person." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`        //nolint:lll // a tag is one literal
	Next            string                `json:"next" enum:"code,password,person,documents,phone,consents,done" doc:"The first step still to be done."` //nolint:lll // a tag is one literal
	Verification    string                `json:"verification" enum:"unchecked,incomplete,verified"`
	Email           string                `json:"email" example:"rosa.vidal@example.fr"`
	EmailProved     bool                  `json:"email_proved"`
	GivenName       string                `json:"given_name" example:"Rosa"`
	FamilyName      string                `json:"family_name" example:"Vidal"`
	Function        string                `json:"function" example:"nurse"`
	Profession      Coded                 `json:"profession"`
	RPPS            string                `json:"rpps" example:"10002345675"`
	NoRPPS          string                `json:"no_rpps"`
	InDirectory     bool                  `json:"in_directory" doc:"The national directory knew the number."`
	Phone           string                `json:"phone" doc:"Masked." example:"06 •• •• •• 78"`
	PhoneProved     bool                  `json:"phone_proved"`
	Mailboxes       []string              `json:"mailboxes" doc:"MSSanté mailboxes of the claimed number, of which one may be proved. None where people decide: two certify, or support refused."` //nolint:lll // a tag is one literal
	Mailbox         *RegistrationMailbox  `json:"mailbox" doc:"To which a code was sent; null: none."`
	Documents       []Document            `json:"documents"`
	Missing         []string              `json:"missing" doc:"Kinds of papers that are asked of the profession and not there."`
	Consents        []RegistrationConsent `json:"consents" doc:"The texts to accept."`
	ConsentsVersion int64                 `json:"consents_version"`
	CompletedAt     *time.Time            `json:"completed_at" doc:"When the file was sent."`
	ExpiresAt       time.Time             `json:"expires_at" doc:"When it is removed, unless it is sent."`
}

// RegistrationMailbox is an MSSanté mailbox to which a code was sent.
type RegistrationMailbox struct {
	Address  string     `json:"address" example:"rosa.vidal@pro.mssante.fr"`
	Waits    bool       `json:"waits" doc:"Its code may still be given."`
	ProvedAt *time.Time `json:"proved_at" doc:"When its code came back."`
	EndedAt  *time.Time `json:"ended_at" doc:"When the directory did not publish it any more as theirs: it proves nothing."`
}

// RegistrationConsent is a text that whoever registers accepts.
type RegistrationConsent struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

func registrationOf(f dossier.RegistrationFile) Registration {
	v := Registration{
		ID: f.ID.String(), Organization: f.Organization.Name, Member: optionalID(f.Member), Next: string(f.Next()),
		Verification: string(f.Verification), Email: f.Email.Address, EmailProved: f.EmailProvedAt != nil,
		GivenName: f.Names.GivenName, FamilyName: f.Names.FamilyName, Function: f.Function,
		Profession: Coded{Code: f.ProfessionCode, Label: f.Profession}, RPPS: f.RPPS, NoRPPS: f.NoRPPS, InDirectory: f.Found != nil,
		Phone: f.Phone, PhoneProved: f.PhoneProvedAt != nil, Documents: make([]Document, 0, len(f.Documents)),
		Missing: make([]string, 0, len(f.Missing)), ConsentsVersion: f.Asked.Rev, CompletedAt: end(f.CompletedAt), ExpiresAt: f.ExpiresAt.UTC(),
	}
	v.Mailboxes = append([]string{}, f.Mailboxes()...)
	if b := f.Mailbox; b != nil {
		v.Mailbox = &RegistrationMailbox{b.Address, b.Waits, end(b.ProvedAt), end(b.EndedAt)}
	}
	for _, d := range f.Documents {
		v.Documents = append(v.Documents, documentOf(d))
	}
	for _, k := range f.Missing {
		v.Missing = append(v.Missing, string(k))
	}
	for _, c := range f.Asked.Accepted(text.For(f.Language)) {
		v.Consents = append(v.Consents, RegistrationConsent{c.Title, c.Body})
	}
	return v
}

func registered(f dossier.RegistrationFile, err error) (*plainReply[Registration], error) {
	if err != nil {
		return nil, err
	}
	return replied(registrationOf(f)), nil
}

func begun(key secret.Text, err error) (*plainReply[RegistrationKey], error) {
	if err != nil {
		return nil, err
	}
	return replied(RegistrationKey{key.Reveal()}), nil
}

func (s *Server) beginRegistration(ctx context.Context, in *beginRegistrationInput) (*plainReply[RegistrationKey], error) {
	lang := text.Lang(in.Body.Language)
	if lang == "" {
		lang = text.All[0]
	}
	return begun(s.Registrations.Begin(ctx, in.By, in.Slug, in.Body.Email, lang))
}

func (s *Server) beginMyRegistration(ctx context.Context, in *InRegistrations) (*plainReply[RegistrationKey], error) {
	return begun(s.Registrations.BeginSignedIn(ctx, in.By, in.Slug))
}

func (s *Server) getRegistration(ctx context.Context, in *Registering) (*plainReply[Registration], error) {
	return registered(s.Registrations.Open(ctx, in.By, in.Slug, in.Key))
}

func (s *Server) proveRegistrationEmail(ctx context.Context, in *registrationCodeInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.ProveEmail(ctx, in.By, in.Slug, in.Key, in.Body.Code.Reveal()))
}

func (s *Server) chooseRegistrationPassword(ctx context.Context, in *registrationPasswordInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.ChoosePassword(ctx, in.By, in.Slug, in.Key, in.Body.NewPassword))
}

func (s *Server) declareRegistration(ctx context.Context, in *registrationPersonInput) (*plainReply[Registration], error) {
	b := in.Body
	return registered(s.Registrations.Declare(ctx, in.By, in.Slug, in.Key, dossier.Person{
		Names: account.Names{Title: string(b.Title), GivenName: b.GivenName, FamilyName: b.FamilyName}, Function: string(b.Function),
		ProfessionCode: b.Profession, Site: ident.Site(b.Site), RPPS: b.RPPS, NoRPPS: b.NoRPPS,
	}))
}

func (s *Server) addRegistrationDocument(ctx context.Context, in *registrationPaperInput) (*plainReply[Registration], error) {
	n := dossier.NewDocument{Kind: paper.Kind(in.Kind), Name: in.Name, Data: in.call.file}
	return registered(s.Registrations.AddDocument(ctx, in.By, in.Slug, in.Key, n))
}

func (s *Server) removeRegistrationDocument(ctx context.Context, in *removeRegistrationPaperInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.RemoveDocument(ctx, in.By, in.Slug, in.Key, known(ident.ParseDocument, in.Document)))
}

func (s *Server) sendRegistrationCode(ctx context.Context, in *registrationPhoneInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.SendCode(ctx, in.By, in.Slug, in.Key, in.Body.Number))
}

func (s *Server) proveRegistrationPhone(ctx context.Context, in *registrationCodeInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.ProvePhone(ctx, in.By, in.Slug, in.Key, in.Body.Code.Reveal()))
}

func (s *Server) sendRegistrationMailboxCode(ctx context.Context, in *registrationMailboxInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.SendMailboxCode(ctx, in.By, in.Slug, in.Key, in.Body.Address))
}

func (s *Server) proveRegistrationMailbox(ctx context.Context, in *registrationCodeInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.ProveMailbox(ctx, in.By, in.Slug, in.Key, in.Body.Code.Reveal()))
}

func (s *Server) completeRegistration(ctx context.Context, in *registrationConsentsInput) (*plainReply[Registration], error) {
	return registered(s.Registrations.Complete(ctx, in.By, in.Slug, in.Key, in.Body.Version, in.Body.Accepted))
}
