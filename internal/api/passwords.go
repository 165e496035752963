package api

import (
	"context"
	"net/http"

	"habilis/internal/secret"
)

type forgotInput struct {
	Caller

	Body forgotten
}

type forgotten struct {
	Email string `json:"email" example:"claire.morvan@tilleuls.example"`
}

type resetInput struct {
	Caller

	Body newPassword
}

type newPassword struct {
	Presented

	NewPassword secret.Text `json:"new_password" writeOnly:"true"`
}

func (s *Server) aboutPasswords(d *door) {
	gone := []int{http.StatusGone}
	add(d, route{
		id: "forgotPassword", method: http.MethodPost, path: "/password/forgot", tag: tagActivations, summary: "Forgotten password",
		about:  "Mails a link that sets a new password, if the address has an account. The answer is the same if it has none.",
		status: http.StatusAccepted, public: true,
	}, s.forgot)
	add(d, route{
		id: "checkReset", method: http.MethodPost, path: "/password/reset/check", tag: tagActivations, summary: "Read a reset link",
		about: "Whether the link may still be used, and for which address. It spends nothing.", errors: gone, public: true,
	}, s.checkReset)
	add(d, route{
		id: "resetPassword", method: http.MethodPost, path: "/password/reset", tag: tagActivations, summary: "Set a new password",
		about:  "Spends the link. Every session of the person ends, and none is opened.",
		status: http.StatusNoContent, errors: gone, public: true,
	}, s.reset)
}

func (s *Server) forgot(ctx context.Context, in *forgotInput) (*nothing, error) {
	return nil, s.Logins.Forgot(ctx, in.By, in.Body.Email)
}

// ResetOffer is whose password a link resets.
type ResetOffer struct {
	Email string `json:"email" example:"claire.morvan@tilleuls.example"`
}

func (s *Server) checkReset(ctx context.Context, in *letterInput) (*plainReply[ResetOffer], error) {
	email, err := s.Logins.CheckReset(ctx, in.By, in.Body.Token.Reveal())
	if err != nil {
		return nil, err
	}
	return replied(ResetOffer{email}), nil
}

func (s *Server) reset(ctx context.Context, in *resetInput) (*nothing, error) {
	return nil, s.Logins.Reset(ctx, in.By, in.Body.Token.Reveal(), in.Body.NewPassword)
}
