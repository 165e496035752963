package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
)

type factorsInput struct {
	Caller
	Paged
}

// InFactor is the input of a route of one of the caller's second factors.
type InFactor struct {
	Caller

	Factor string `path:"fct" doc:"The factor's ID." example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
}

type renameFactorInput struct {
	InFactor

	Body factorName
}

type factorName struct {
	Name string `json:"name" maxLength:"60" doc:"Empty: it is called by its kind." example:"Téléphone du cabinet"`
}

type confirmTOTPInput struct {
	InFactor

	Body totpProof
}

type totpProof struct {
	Code secret.Text `json:"code" writeOnly:"true" doc:"Six digits that the application shows now."`
	Name string      `json:"name,omitempty" maxLength:"60" doc:"To recognise it." example:"Téléphone du cabinet"`
}

// Factor is one second factor of the caller, without its secret.
type Factor struct {
	ID          string    `json:"id" example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Kind        string    `json:"kind" enum:"passkey,totp,sms,address"`
	Name        string    `json:"name,omitempty" doc:"What its person calls it."`
	Hint        string    `json:"hint,omitempty" doc:"The end of a number."`
	CreatedAt   time.Time `json:"created_at"`
	ProvedAt    time.Time `json:"proved_at,omitzero" doc:"Absent: not proved yet, worth nothing."`
	LastUsedAt  time.Time `json:"last_used_at,omitzero"`
	LockedUntil time.Time `json:"locked_until,omitzero" doc:"It rests after too many wrong codes."`
	RemovedAt   time.Time `json:"removed_at,omitzero" doc:"It will be, unless its person says no."`
}

// BegunTOTP is an application of codes being added: its secret is in no answer after the
// proof.
type BegunTOTP struct {
	Factor    string    `json:"factor" example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Secret    string    `json:"secret" doc:"In base32, for whoever types it." example:"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"`
	Address   string    `json:"address" doc:"What a QR code says to the application." example:"otpauth://totp/Habilis:c.morvan@tilleuls.example?…"` //nolint:lll // a tag is one literal
	ExpiresAt time.Time `json:"expires_at" doc:"Until when it can be proved."`
}

// AddedFactor is a factor just added.
type AddedFactor struct {
	Factor string `json:"factor" example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
}

// Removal is a removal that waits for its day.
type Removal struct {
	RemovedAt time.Time `json:"removed_at" doc:"When the factor will be removed, unless its person says no."`
}

// RecoveryCodes says what recovery codes the caller has; the codes are in the answer that
// made them alone.
type RecoveryCodes struct {
	Left        int       `json:"left" doc:"Codes not used yet."`
	MadeAt      time.Time `json:"made_at,omitzero" doc:"Absent: there are none."`
	LockedUntil time.Time `json:"locked_until,omitzero" doc:"They rest after too many wrong codes."`
}

// MadeRecoveryCodes are codes just made.
type MadeRecoveryCodes struct {
	Codes []string `json:"codes" doc:"Each stands in for the second factor, once. They are shown this once." example:"[\"3f9a-0c2e-88b1-7d4f\"]"` //nolint:lll // a tag is one literal
}

func (s *Server) aboutMyFactors(d *door) {
	const path = "/me/factors"
	const strong = "A person needs a fresh proof, and a session that proved a second factor at least as strong; " +
		"a token proves none, and does this for whoever has none yet. "
	add(d, route{
		id: "listMyFactors", method: http.MethodGet, path: path, tag: tagMe, summary: "My second factors",
		about: "The strongest kind first, those not proved yet included; never their secrets.",
	}, s.listMyFactors)
	add(d, route{
		id: "beginMyTOTP", method: http.MethodPost, path: path + "/totp", tag: tagMe, summary: "Begin to add a code application",
		about: strong + "The secret waits ten minutes for its proof, in this session or by this token; " +
			"begun again, the one before is forgotten.",
		status: http.StatusCreated, errors: []int{http.StatusConflict, http.StatusGone},
	}, s.beginTOTP)
	add(d, route{
		id: "confirmMyTOTP", method: http.MethodPost, path: path + "/totp/{fct}/proof", tag: tagMe, summary: "Prove the code application",
		about:  "It is a second factor from then on. Every other session ends; the current one goes on under a new cookie. " + strong,
		errors: []int{http.StatusConflict, http.StatusGone},
	}, s.confirmTOTP)
	s.aboutMyFactor(d, path+"/{fct}", strong)
	s.aboutMyLoss(d, path+"/loss")
	s.aboutMyRecovery(d)
}

func (s *Server) aboutMyFactor(d *door, path, strong string) {
	add(d, route{
		id: "renameMyFactor", method: http.MethodPost, path: path + "/name", tag: tagMe, summary: "Rename one of my second factors",
		about: "A person needs a fresh proof.", errors: []int{http.StatusNotFound},
	}, s.renameFactor)
	add(d, route{
		id: "removeMyFactor", method: http.MethodDelete, path: path, tag: tagMe, summary: "Remove one of my second factors",
		about: "At once; every other session ends. Never the last one where the rules want one: add another first. " + strong +
			"Without it: askMyFactorRemoval.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.removeFactor)
	add(d, route{
		id: "askMyFactorRemoval", method: http.MethodPost, path: path + "/removal", tag: tagMe,
		summary: "Ask to remove a second factor that is lost",
		about: "It happens after 72 hours; the person is told at once, with a link that stops it, and using the factor stops it too. " +
			"Asked again, it happens on the day first told. A person needs a fresh proof.",
		status: http.StatusAccepted, errors: []int{http.StatusNotFound},
	}, s.askRemoval)
	add(d, route{
		id: "keepMyFactor", method: http.MethodDelete, path: path + "/removal", tag: tagMe, summary: "Stop the removal of a second factor",
		about: "It takes nothing away: no proof is needed.", errors: []int{http.StatusGone},
	}, s.keepFactor)
}

func (s *Server) aboutMyRecovery(d *door) {
	const path = "/me/recovery-codes"
	add(d, route{
		id: "getMyRecoveryCodes", method: http.MethodGet, path: path, tag: tagMe, summary: "How many recovery codes I have left",
		about: "Never the codes.",
	}, s.recoveryCodes)
	add(d, route{
		id: "makeMyRecoveryCodes", method: http.MethodPost, path: path, tag: tagMe, summary: "Make ten recovery codes",
		about: "Those before are worth nothing, and every other session ends. " +
			"A person needs a fresh proof, and a session that proved a second factor. " +
			"They are shown once: asked again under the same Idempotency-Key, the answer is 409 `factor.codes_shown`.",
		status: http.StatusCreated, errors: []int{http.StatusConflict},
	}, s.makeRecoveryCodes)
}

func (s *Server) listMyFactors(ctx context.Context, in *factorsInput) (*plainReply[List[Factor]], error) {
	own, err := s.Logins.Factors(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return cut[login.OwnFactor, Factor]{
		ring: s.Run.Ring, name: "factors|" + in.By.ID(), page: in.Paged,
		id:       func(f login.OwnFactor) string { return f.ID.String() },
		document: factorOf,
	}.of(own.Factors)
}

func factorOf(f login.OwnFactor) Factor {
	return Factor{
		ID: f.ID.String(), Kind: string(f.Kind), Name: f.Name, Hint: f.Hint, CreatedAt: f.CreatedAt.UTC(), ProvedAt: utc(f.ProvedAt),
		LastUsedAt: utc(f.LastUsedAt), LockedUntil: utc(f.LockedUntil), RemovedAt: utc(f.RemovedAt),
	}
}

func (s *Server) beginTOTP(ctx context.Context, in *meInput) (*plainReply[BegunTOTP], error) {
	b, err := s.Logins.BeginTOTP(ctx, in.By)
	if err != nil {
		return nil, err
	}
	me, err := s.Accounts.Me(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return replied(BegunTOTP{
		Factor: b.Factor.String(), Secret: b.Seed.Reveal(), ExpiresAt: b.ExpiresAt.UTC(),
		Address: credential.TOTPAddress(b.Seed, credential.Issuer, me.Email.Address).Reveal(),
	}), nil
}

func (s *Server) confirmTOTP(ctx context.Context, in *confirmTOTPInput) (*plainReply[AddedFactor], error) {
	added, err := s.Logins.ConfirmTOTP(ctx, in.By, known(ident.ParseFactor, in.Factor), in.Body.Name, in.Body.Code, in.client())
	if err != nil {
		return nil, err
	}
	s.renewed(in.call, added.Session)
	return replied(AddedFactor{added.Factor.String()}), nil
}

func (s *Server) renameFactor(ctx context.Context, in *renameFactorInput) (*nothing, error) {
	return nil, s.Logins.RenameFactor(ctx, in.By, known(ident.ParseFactor, in.Factor), in.Body.Name)
}

func (s *Server) removeFactor(ctx context.Context, in *InFactor) (*nothing, error) {
	return nil, s.Logins.RemoveFactor(ctx, in.By, known(ident.ParseFactor, in.Factor), in.client())
}

func (s *Server) askRemoval(ctx context.Context, in *InFactor) (*plainReply[Removal], error) {
	at, err := s.Logins.AskRemoval(ctx, in.By, known(ident.ParseFactor, in.Factor), in.client())
	return replied(Removal{utc(at)}), err
}

func (s *Server) keepFactor(ctx context.Context, in *InFactor) (*nothing, error) {
	return nil, s.Logins.KeepFactor(ctx, in.By, known(ident.ParseFactor, in.Factor), in.client())
}

func (s *Server) recoveryCodes(ctx context.Context, in *meInput) (*plainReply[RecoveryCodes], error) {
	own, err := s.Logins.Factors(ctx, in.By)
	r := own.Recovery
	return replied(RecoveryCodes{Left: r.Left, MadeAt: utc(r.MadeAt), LockedUntil: utc(r.LockedUntil)}), err
}

func (s *Server) makeRecoveryCodes(ctx context.Context, in *meInput) (*plainReply[MadeRecoveryCodes], error) {
	made, err := s.Logins.MakeRecovery(ctx, in.By, in.client())
	if err != nil {
		return nil, err
	}
	out := MadeRecoveryCodes{Codes: make([]string, 0, len(made.Codes))}
	for _, c := range made.Codes {
		out.Codes = append(out.Codes, c.Reveal())
	}
	return replied(out), nil
}

// client is what is known of the program or the browser that asks.
func (c *Caller) client() login.Client { return login.Client{UserAgent: c.call.r.UserAgent()} }

// renewed gives a browser the cookie of its session under another token; a token has none.
func (s *Server) renewed(c *call, opened session.Opened) {
	if c.cookie && s.Renewed != nil && !opened.Token.IsZero() {
		s.Renewed(c.w, c.r, opened)
	}
}
