package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/privacy"
)

// AccountErasure is the erasure of an account that its person asked for in writing, and that waits.
type AccountErasure struct {
	ID       string    `json:"id" example:"crd_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Account  string    `json:"account" example:"acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"`
	FullName string    `json:"full_name" example:"Paul Garnier"`
	Email    string    `json:"email" example:"paul.garnier@exemple.fr"`
	AskedAt  time.Time `json:"asked_at"`
	ActsAt   time.Time `json:"acts_at" doc:"When it begins, unless it is stopped."`
}

type askErasureInput struct {
	Caller

	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254" doc:"The exact address of the account." example:"paul.garnier@exemple.fr"`
		FullName string `json:"full_name" maxLength:"400" doc:"The name of the account, exactly." example:"Paul Garnier"`
		Ground   string `json:"ground" maxLength:"500" doc:"Where the written request is kept: a reference, 10 characters at least, and no name. It stays in the trail of the installation." example:"Courrier 2026-118, dossier RGPD"` //nolint:lll // a tag is one literal
	}
}

type inErasure struct {
	Caller

	ID string `path:"crd" doc:"The erasure's ID." example:"crd_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

func (s *Server) aboutPlatformErasures(d *door) {
	const path = "/platform/erasures"
	const needs = " For administrators of the platform."
	add(d, route{
		id: "listAccountErasures", method: http.MethodGet, path: path, tag: tagPrivacy, summary: "Erasures of accounts that wait",
		about:  "Asked for in writing by people who cannot sign in any more, or never could; the first one to begin first." + needs,
		errors: []int{http.StatusNotFound},
	}, s.listAccountErasures)
	add(d, route{
		id: "askAccountErasure", method: http.MethodPost, path: path, tag: tagPrivacy,
		summary: "Erase an account on its person's written request",
		about: "It begins after 7 days, as if the person had asked (eraseMyData), and is refused for the same reasons, then too. " +
			"The person is told at once, with a link that stops it; signing in stops it as well, and their open sessions end. " +
			"Refused on oneself. Needs a fresh proof, in person: a token may not." + needs,
		status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.askAccountErasure)
	add(d, route{
		id: "stopAccountErasure", method: http.MethodDelete, path: path + "/{crd}", tag: tagPrivacy, summary: "Take such a request back",
		about:  "Until it begins. It takes nothing away: no proof is needed. The person is told." + needs,
		status: http.StatusNoContent, errors: []int{http.StatusNotFound},
	}, s.stopAccountErasure)
}

func accountErasureOf(x privacy.AskedErasure) AccountErasure {
	return AccountErasure{
		ID: x.ID, Account: x.Account.String(), FullName: x.FullName, Email: x.Email, AskedAt: x.AskedAt.UTC(), ActsAt: x.ActsAt.UTC(),
	}
}

func (s *Server) listAccountErasures(ctx context.Context, in *Caller) (*plainReply[List[AccountErasure]], error) {
	all, err := s.People.AskedErasures(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return replied(listed(all, "", int64(len(all)), accountErasureOf)), nil
}

func (s *Server) askAccountErasure(ctx context.Context, in *askErasureInput) (*plainReply[AccountErasure], error) {
	x, err := s.People.AskErasure(ctx, in.By, in.Body.Email, in.Body.FullName, in.Body.Ground)
	if err != nil {
		return nil, err
	}
	return replied(accountErasureOf(x)), nil
}

func (s *Server) stopAccountErasure(ctx context.Context, in *inErasure) (*nothing, error) {
	return nil, s.People.TakeBack(ctx, in.By, in.ID)
}
