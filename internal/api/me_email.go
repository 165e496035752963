package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
)

type emailInput struct {
	Caller

	Body newEmail
}

type newEmail struct {
	Email    string      `json:"email" maxLength:"400" doc:"The new address. A link goes to it; nothing changes before it is used." example:"claire.morvan@port.example"`   //nolint:lll // a tag is one literal
	Password secret.Text `json:"password,omitzero" writeOnly:"true" doc:"The present password. A browser that has just proved its person may leave it out; a token never."` //nolint:lll // a tag is one literal
}

type memberEmailInput struct {
	InMember

	Body correctedEmail
}

type correctedEmail struct {
	Email string `json:"email" maxLength:"400" doc:"The address that is right. A link goes to it; nothing changes before it is used." example:"julie.delmas@tilleuls.example"` //nolint:lll // a tag is one literal
}

// EmailChange is an address that was asked for an account, and is not proved yet.
type EmailChange struct {
	Email     string    `json:"email" example:"claire.morvan@port.example"`
	AskedAt   time.Time `json:"asked_at"`
	ExpiresAt time.Time `json:"expires_at" doc:"Until when the link that was sent to it works."`
}

func (s *Server) aboutMyEmail(d *door) {
	const path = "/me/email"
	add(d, route{
		id: "askEmail", method: http.MethodPost, path: path, tag: tagMe, summary: "Ask for another e-mail address",
		about: "A link goes to the new address and a notice to the present one. " +
			"The answer is the same when the address has an account already. " +
			"Once the link is used only the new address signs in, every other session ends, and the old address can undo it for 72 hours.",
		status: http.StatusAccepted,
	}, s.askEmail)
	add(d, route{
		id: "getEmailChange", method: http.MethodGet, path: path, tag: tagMe, summary: "The address that waits for its proof",
		about: "Not found when none was asked, or when the link has been used or has expired.", errors: []int{http.StatusNotFound},
	}, s.getEmailChange)
	add(d, route{
		id: "cancelEmailChange", method: http.MethodDelete, path: path, tag: tagMe, summary: "Give up the address that was asked",
		about: "The link that was sent is worth nothing. None asked is no error.",
	}, s.cancelEmail)
	add(d, route{
		id: "correctMemberEmail", method: http.MethodPost, path: "/organizations/{org}/members/{mbr}/email", tag: tagMembers,
		summary: "Correct the e-mail address of a member's account",
		about: "Only where the security policy lets administrators, and only of an account that belongs to this organisation alone. " +
			"Both addresses are told, and the new one must confirm; its person then chooses a password. " +
			"Needs members.edit and security.edit over the whole member. A person needs a fresh proof.",
		status: http.StatusAccepted, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.correctMemberEmail)
}

func emailChangeOf(c account.EmailChange, err error) (*plainReply[EmailChange], error) {
	if err != nil {
		return nil, err
	}
	return replied(EmailChange{Email: c.New.Address, AskedAt: c.CreatedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC()}), nil
}

// askEmail: a program has no fingers to slip: it gives the address once.
func (s *Server) askEmail(ctx context.Context, in *emailInput) (*plainReply[EmailChange], error) {
	typed := login.NewEmail{Email: in.Body.Email, Again: in.Body.Email}
	return emailChangeOf(s.Logins.AskEmail(ctx, in.By, typed, in.Body.Password, login.Client{UserAgent: in.call.r.UserAgent()}))
}

func (s *Server) getEmailChange(ctx context.Context, in *meInput) (*plainReply[EmailChange], error) {
	c, found, err := s.Logins.AskedEmail(ctx, in.By)
	if err == nil && !found {
		err = login.ErrNoEmailAsked
	}
	return emailChangeOf(c, err)
}

func (s *Server) cancelEmail(ctx context.Context, in *meInput) (*nothing, error) {
	return nil, s.Logins.CancelEmail(ctx, in.By)
}

func (s *Server) correctMemberEmail(ctx context.Context, in *memberEmailInput) (*plainReply[EmailChange], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	typed := login.NewEmail{Email: in.Body.Email, Again: in.Body.Email}
	c, err := s.Logins.CorrectEmail(ctx, in.By, id, known(ident.ParseMember, in.Member), typed, login.Client{UserAgent: in.call.r.UserAgent()})
	return emailChangeOf(c, err)
}
