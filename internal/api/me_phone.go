package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
)

type phoneInput struct {
	Caller

	Body newPhone
}

type newPhone struct {
	Number string `json:"number" maxLength:"40" writeOnly:"true" doc:"A mobile number of the prefixes that the installation writes to." example:"06 39 98 00 12"` //nolint:lll // a tag is one literal
}

type phoneProofInput struct {
	InFactor

	Body phoneProof
}

type phoneProof struct {
	Code secret.Text `json:"code" writeOnly:"true" doc:"Six digits, from the message."`
}

// SentCode says where a code was sent by SMS; the code is in the message alone.
type SentCode struct {
	Factor    string    `json:"factor" example:"fct_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Hint      string    `json:"hint" doc:"The end of the number." example:"06 •• •• •• 12"`
	ExpiresAt time.Time `json:"expires_at" doc:"Until when the code can be used."`
}

func (s *Server) aboutMyPhone(d *door) {
	const path = "/me/factors/sms"
	const where = "The code is good for five minutes, for the browser or the token that asked, and tried five times at most. " +
		"Three are sent in an hour."
	add(d, route{
		id: "beginMyPhone", method: http.MethodPost, path: path, tag: tagMe, summary: "Add or change the number of my codes",
		about:  "Sends a code to the number; nothing changes before it is proved. A person needs a fresh proof. " + where,
		status: http.StatusAccepted, errors: []int{http.StatusConflict},
	}, s.beginPhone)
	add(d, route{
		id: "sendMyPhoneCode", method: http.MethodPost, path: path + "/{fct}/code", tag: tagMe, summary: "Send the code that proves my number",
		about:  "Again, or to a number that an administrator gave. A person needs a fresh proof. " + where,
		status: http.StatusAccepted, errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusGone},
	}, s.sendPhoneCode)
	add(d, route{
		id: "proveMyPhone", method: http.MethodPost, path: path + "/{fct}/proof", tag: tagMe, summary: "Prove my number",
		about:  "The number before it is removed, and told; every other session ends, and the current one goes on under a new cookie.",
		errors: []int{http.StatusConflict, http.StatusGone},
	}, s.provePhone)
}

func (s *Server) beginPhone(ctx context.Context, in *phoneInput) (*plainReply[SentCode], error) {
	return sentCode(s.Logins.BeginPhone(ctx, in.By, session.Half{}, in.Body.Number))
}

func (s *Server) sendPhoneCode(ctx context.Context, in *InFactor) (*plainReply[SentCode], error) {
	return sentCode(s.Logins.SendPhoneProof(ctx, in.By, session.Half{}, known(ident.ParseFactor, in.Factor)))
}

func sentCode(c login.SentCode, err error) (*plainReply[SentCode], error) {
	if err != nil {
		return nil, err
	}
	return replied(SentCode{Factor: c.Factor.String(), Hint: c.Hint, ExpiresAt: c.Until.UTC()}), nil
}

func (s *Server) provePhone(ctx context.Context, in *phoneProofInput) (*plainReply[AddedFactor], error) {
	added, err := s.Logins.ProvePhone(ctx, in.By, known(ident.ParseFactor, in.Factor), in.Body.Code, in.client())
	if err != nil {
		return nil, err
	}
	s.renewed(in.call, added.Session)
	return replied(AddedFactor{added.Factor.String()}), nil
}
