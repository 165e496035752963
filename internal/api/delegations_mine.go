package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// The types of this file write the closed lists of delegations into the schemas.
type (
	identityID    string
	delegationAct string
)

const exampleIdentity = "idn_019aa0f5-5e02-7a91-b6c4-1d3f8e70a254"

// Schema tells the shape of an identity's identifier.
func (identityID) Schema(huma.Registry) *huma.Schema { return idSchema("idn", exampleIdentity) }

// Schema lists what can be delegated.
func (delegationAct) Schema(huma.Registry) *huma.Schema { return oneOf(grant.Acts) }

// InMyName is the input of a route of my own name: a person may have one in several organisations.
type InMyName struct {
	Caller

	Organization string `query:"organization" required:"true" doc:"The organisation: its ID or its slug." example:"tilleuls"`
}

func (in InMyName) where() InOrg { return InOrg{Caller: in.Caller, Org: in.Organization} }

type myDelegationsInput struct {
	InMyName
	Paged
}

type giveMineInput struct {
	Caller

	Body newOwnDelegations
}

type newOwnDelegations struct {
	Organization string       `json:"organization" doc:"The organisation: its ID or its slug." example:"tilleuls"`
	Member       memberID     `json:"member" doc:"Who may draft."`
	Identities   []identityID `json:"identities,omitempty" maxItems:"200" doc:"Mine; all that I hold there by default."`
	From         *time.Time   `json:"from,omitempty" doc:"Now by default."`
	Until        *time.Time   `json:"until,omitempty" doc:"Without an end by default."`
}

type inMyDelegation struct {
	InMyName

	Delegation string `path:"dlg" doc:"The delegation's ID." example:"dlg_019aa0f5-60d1-7c3e-8a52-4f90b7d1e623"`
}

// MyDelegation is a delegation that concerns the caller.
type MyDelegation struct {
	Delegation

	Mine string `json:"mine" enum:"holder,delegate" doc:"Whether it is done in my name, or by me in another's."`
}

func (s *Server) aboutMyDelegations(d *door) {
	const path = "/me/delegations"
	add(d, route{
		id: "listMyDelegations", method: http.MethodGet, path: path, tag: tagDelegations, summary: "My delegations",
		about:  "In one organisation: the proposals that wait for me, what others may do in my name, and what I may do in others' names.",
		errors: []int{http.StatusNotFound},
	}, s.listMyDelegations)
	add(d, route{
		id: "giveMyDelegations", method: http.MethodPost, path: path, tag: tagDelegations, summary: "Let somebody draft in my name",
		status: http.StatusCreated, errors: []int{http.StatusNotFound},
		about: "To draft consultations, in the name of the identities that I hold.",
	}, s.giveMyDelegations)
	add(d, route{
		id: "endMyDelegation", method: http.MethodDelete, path: path + "/{dlg}", tag: tagDelegations, summary: "End a delegation of mine",
		about: "One in my name, or one by which I act in another's.", errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.endMyDelegation)
}

func (s *Server) listMyDelegations(ctx context.Context, in *myDelegationsInput) (*plainReply[List[MyDelegation]], error) {
	id, err := s.org(ctx, in.where())
	if err != nil {
		return nil, err
	}
	own, err := s.Delegations.Mine(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	all := append(append(own.Proposals, own.InMyName...), own.InTheirs...)
	return cut[grant.Delegation, MyDelegation]{
		ring: s.Run.Ring, name: fmt.Sprintf("my delegations|%s|%s", id, own.Member), page: in.Paged,
		id: func(d grant.Delegation) string { return d.ID.String() },
		document: func(d grant.Delegation) MyDelegation {
			if d.Identity.Holder == own.Member {
				return MyDelegation{delegationOf(d), "holder"}
			}
			return MyDelegation{delegationOf(d), "delegate"}
		},
	}.of(all)
}

// giveMyDelegations gives in the name of the caller alone: to draft.
func (s *Server) giveMyDelegations(ctx context.Context, in *giveMineInput) (*plainReply[Given], error) {
	id, err := s.org(ctx, InOrg{Caller: in.Caller, Org: in.Body.Organization})
	if err != nil {
		return nil, err
	}
	n := grant.NewDelegations{
		Member: ident.Member(in.Body.Member), Acts: []grant.Act{grant.Draft}, From: in.Body.From, Until: in.Body.Until, InMyName: true,
	}
	for _, i := range in.Body.Identities {
		n.Identities = append(n.Identities, resource.ID(i))
	}
	if len(n.Identities) == 0 {
		own, err := s.Delegations.Mine(ctx, in.By, id)
		if err != nil {
			return nil, err
		}
		for _, i := range own.Identities {
			n.Identities = append(n.Identities, i.ID)
		}
	}
	list, err := s.Delegations.Give(ctx, in.By, id, n)
	if err != nil {
		return nil, err
	}
	return givenOf(list), nil
}

func (s *Server) endMyDelegation(ctx context.Context, in *inMyDelegation) (*nothing, error) {
	id, err := s.org(ctx, in.where())
	if err != nil {
		return nil, err
	}
	return nil, s.Delegations.EndMine(ctx, in.By, id, known(ident.ParseDelegation, in.Delegation))
}
