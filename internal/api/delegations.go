package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

type delegationsInput struct {
	InOrg
	Paged

	Search   string `query:"q" maxLength:"200" doc:"Words of the delegate's name or of the identity's."`
	Member   string `query:"member" doc:"Only what this member may do: their ID."`
	Identity string `query:"identity" doc:"Only in the name of this identity: its ID."`
	Holder   string `query:"holder" doc:"Only in the name of this member: their ID."`
	Act      string `query:"act" enum:"send,receive,draft_consultation"`
	State    string `query:"state" enum:"proposed,upcoming,in_force,ended" doc:"All but the ended ones by default."`
}

type giveDelegationsInput struct {
	InOrg

	Body newDelegations
}

type newDelegations struct {
	Identities []identityID    `json:"identities" minItems:"1" maxItems:"200" doc:"In whose names."`
	Member     memberID        `json:"member" doc:"Who may act."`
	Acts       []delegationAct `json:"acts" minItems:"1" doc:"To draft consultations waits for the holder to confirm."`
	From       *time.Time      `json:"from,omitempty" doc:"Now by default; an earlier hour of today is now."`
	Until      *time.Time      `json:"until,omitempty" doc:"Without an end by default."`
}

func (b newDelegations) wanted() grant.NewDelegations {
	n := grant.NewDelegations{Member: ident.Member(b.Member), From: b.From, Until: b.Until}
	for _, i := range b.Identities {
		n.Identities = append(n.Identities, resource.ID(i))
	}
	for _, a := range b.Acts {
		n.Acts = append(n.Acts, grant.Act(a))
	}
	return n
}

// InDelegation is the input of a route of one delegation.
type InDelegation struct {
	InOrg

	Delegation string `path:"dlg" doc:"The delegation's ID." example:"dlg_019aa0f5-60d1-7c3e-8a52-4f90b7d1e623"`
}

type editDelegationInput struct {
	InDelegation
	Versioned

	Body delegationDates
}

type delegationDates struct {
	From       *time.Time `json:"from,omitempty" doc:"Of what has not begun."`
	Until      *time.Time `json:"until,omitempty"`
	WithoutEnd bool       `json:"without_end,omitempty" doc:"Takes the end away."`
}

// over completes what is left out with what is there.
func (b delegationDates) over(old grant.Delegation) grant.Dates {
	d := grant.Dates{From: b.From, Until: b.Until}
	if b.Until == nil && !b.WithoutEnd {
		d.Until = old.Until
	}
	return d
}

type answerDelegationInput struct {
	InDelegation
	Versioned
}

// Delegation is one act that a member may do in the name of an identity.
type Delegation struct {
	ID        string     `json:"id" example:"dlg_019aa0f5-60d1-7c3e-8a52-4f90b7d1e623"`
	Version   int64      `json:"version" example:"1"`
	Act       string     `json:"act" enum:"send,receive,draft_consultation"`
	State     string     `json:"state" enum:"proposed,upcoming,in_force,ended"`
	Idle      string     `json:"idle" enum:",identity_closed,holder_away,delegate_away,holder_changed" doc:"Why it has no effect now, if so."`
	Member    NamedRef   `json:"member" doc:"Who may act."`
	Identity  NamedRef   `json:"identity" doc:"In whose name."`
	Holder    *NamedRef  `json:"holder" doc:"The practitioner whose identity it is; null for a service's."`
	Site      *string    `json:"site" doc:"Null for the whole organisation." example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until" doc:"Null: without an end."`
	EndedAt   *time.Time `json:"ended_at" doc:"Of an ended one."`
	GivenBy   string     `json:"given_by" doc:"Name of who gave it, or proposed it." example:"Bruno Lacaze"`
	GivenAt   time.Time  `json:"given_at"`
	MayEdit   bool       `json:"may_edit"`
	MayEnd    bool       `json:"may_end"`
	MayAnswer bool       `json:"may_answer" doc:"Confirm or refuse it: its holder alone."`
}

// NamedRef is something by its ID and its name.
type NamedRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func delegationOf(d grant.Delegation) Delegation {
	v := Delegation{
		ID: d.ID.String(), Version: d.Rev, Act: string(d.Act), State: string(d.State), Idle: string(d.Idle),
		Member: NamedRef{d.Member.String(), d.Name}, Identity: NamedRef{d.Identity.ID.String(), d.Identity.Name},
		Site: optionalID(d.Identity.Site),
		From: d.From.UTC(), Until: end(d.Until), EndedAt: end(d.EndedAt), GivenBy: d.GivenBy, GivenAt: d.GivenAt.UTC(),
		MayEdit: d.May.Edit, MayEnd: d.May.End, MayAnswer: d.May.Refuse,
	}
	if !d.Identity.Holder.IsZero() {
		v.Holder = &NamedRef{d.Identity.Holder.String(), d.Identity.HolderName}
	}
	return v
}

// Given is what one request gave.
type Given struct {
	Items []Delegation `json:"items" doc:"One for each act on each identity."`
}

func givenOf(list []grant.Delegation) *plainReply[Given] {
	g := Given{Items: make([]Delegation, 0, len(list))}
	for _, d := range list {
		g.Items = append(g.Items, delegationOf(d))
	}
	return replied(g)
}

func delegationReply(d grant.Delegation, err error) (*reply[Delegation], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Delegation]{ETag: etag(d.Rev), Body: delegationOf(d)}, nil
}

func (s *Server) aboutDelegations(d *door) {
	const path, one = "/organizations/{org}/delegations", "/organizations/{org}/delegations/{dlg}"
	missing, conflict := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "listDelegations", method: http.MethodGet, path: path, tag: tagDelegations, summary: "Delegations", errors: missing,
		about: "What members may do in the name of identities, by the member's name, where the caller holds delegations.edit or rights.read.",
	}, s.listDelegations)
	add(d, route{
		id: "giveDelegations", method: http.MethodPost, path: path, tag: tagDelegations, summary: "Give delegations", status: http.StatusCreated,
		about: "All of it or nothing. To send and to receive need delegations.edit where each identity is. To draft consultations is given by " +
			"the holder of the identity; from anybody else it is a proposal, which starts when the holder confirms it.", errors: missing,
	}, s.giveDelegations)
	add(d, route{
		id: "getDelegation", method: http.MethodGet, path: one, tag: tagDelegations, summary: "One delegation",
		about: "Also for its holder and for its delegate.", errors: missing,
	}, s.getDelegation)
	add(d, route{
		id: "editDelegation", method: http.MethodPatch, path: one, tag: tagDelegations, summary: "Change the dates of a delegation",
		about:  "What is left out stays as it is. For whoever could give it: of drafting that was agreed to, its holder alone.",
		errors: conflict,
	}, s.editDelegation)
	add(d, route{
		id: "endDelegation", method: http.MethodDelete, path: one, tag: tagDelegations, summary: "End a delegation",
		about: "At once. For whoever administers it, its holder, and its delegate.", errors: conflict,
	}, s.endDelegation)
	add(d, route{
		id: "confirmDelegation", method: http.MethodPost, path: one + "/confirm", tag: tagDelegations, summary: "Confirm a proposal",
		about:  "Its holder alone, in person: nobody confirms in another's name. With If-Match, only the dates that were read.",
		errors: append([]int{http.StatusPreconditionFailed}, conflict...),
	}, s.confirmDelegation)
	add(d, route{
		id: "refuseDelegation", method: http.MethodPost, path: one + "/refuse", tag: tagDelegations, summary: "Refuse a proposal",
		about: "Its holder alone.", status: http.StatusNoContent, errors: conflict,
	}, s.refuseDelegation)
	s.aboutMyDelegations(d)
}

func (s *Server) listDelegations(ctx context.Context, in *delegationsInput) (*plainReply[List[Delegation]], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	p, err := s.Delegations.List(ctx, in.By, id, grant.DelegationQuery{
		Search: in.Search, Member: ident.Member(in.Member), Identity: resource.ID(in.Identity), Holder: ident.Member(in.Holder),
		Act: grant.Act(in.Act), State: grant.DelegationState(in.State), Size: in.Limit, After: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return replied(listed(p.List, p.Next, p.Total, delegationOf)), nil
}

func (s *Server) giveDelegations(ctx context.Context, in *giveDelegationsInput) (*plainReply[Given], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	list, err := s.Delegations.Give(ctx, in.By, id, in.Body.wanted())
	if err != nil {
		return nil, err
	}
	return givenOf(list), nil
}

// ref finds the organisation and the delegation that a path names.
func (s *Server) delegation(ctx context.Context, in InDelegation) (ident.Org, ident.Delegation, error) {
	id, err := s.org(ctx, in.InOrg)
	return id, known(ident.ParseDelegation, in.Delegation), err
}

func (s *Server) getDelegation(ctx context.Context, in *InDelegation) (*reply[Delegation], error) {
	org, id, err := s.delegation(ctx, *in)
	if err != nil {
		return nil, err
	}
	return delegationReply(s.Delegations.Get(ctx, in.By, org, id))
}

func (s *Server) editDelegation(ctx context.Context, in *editDelegationInput) (*reply[Delegation], error) {
	rev, err := in.version()
	if err != nil {
		return nil, err
	}
	org, id, err := s.delegation(ctx, in.InDelegation)
	if err != nil {
		return nil, err
	}
	old, err := s.Delegations.Get(ctx, in.By, org, id)
	if err != nil {
		return nil, err
	}
	return delegationReply(s.Delegations.Edit(ctx, in.By, org, id, rev, in.Body.over(old)))
}

func (s *Server) endDelegation(ctx context.Context, in *InDelegation) (*nothing, error) {
	org, id, err := s.delegation(ctx, *in)
	if err != nil {
		return nil, err
	}
	return nil, s.Delegations.End(ctx, in.By, org, id)
}

func (s *Server) confirmDelegation(ctx context.Context, in *answerDelegationInput) (*reply[Delegation], error) {
	rev, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, id, err := s.delegation(ctx, in.InDelegation)
	if err != nil {
		return nil, err
	}
	return delegationReply(s.Delegations.Confirm(ctx, in.By, org, id, rev))
}

func (s *Server) refuseDelegation(ctx context.Context, in *InDelegation) (*nothing, error) {
	org, id, err := s.delegation(ctx, *in)
	if err != nil {
		return nil, err
	}
	return nil, s.Delegations.Refuse(ctx, in.By, org, id)
}
