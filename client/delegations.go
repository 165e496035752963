package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

const partDelegations = "delegations"

// Delegation is one act that a member may do in the name of an identity.
type Delegation struct {
	ID        string     `json:"id"`
	Version   int64      `json:"version"`
	Act       string     `json:"act"`      // send, receive, draft_consultation
	State     string     `json:"state"`    // proposed, upcoming, in_force, ended
	Idle      string     `json:"idle"`     // why it has no effect for now; empty when it has
	Member    NamedRef   `json:"member"`   // who may act
	Identity  NamedRef   `json:"identity"` // in whose name
	Holder    *NamedRef  `json:"holder"`   // the practitioner whose identity it is; nil for a service's
	Site      *string    `json:"site"`     // of the identity; nil for the whole organisation
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until"`    // nil: without an end
	EndedAt   *time.Time `json:"ended_at"` // of an ended one
	GivenBy   string     `json:"given_by"`
	GivenAt   time.Time  `json:"given_at"`
	MayEdit   bool       `json:"may_edit"`
	MayEnd    bool       `json:"may_end"`
	MayAnswer bool       `json:"may_answer"` // confirm or refuse it: its holder alone
}

// MyDelegation is a delegation that concerns the caller.
type MyDelegation struct {
	Delegation

	Mine string `json:"mine"` // holder: in my name; delegate: by me, in another's
}

// NamedRef is something by its ID and its name.
type NamedRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// GivenDelegations is what one request gave: one for each act on each identity.
type GivenDelegations struct {
	Items []Delegation `json:"items"`
}

// DelegationQuery chooses delegations.
type DelegationQuery struct {
	Paging

	Search   string `query:"q"`        // words of the delegate's name or of the identity's
	Member   string `query:"member"`   // ID of the delegate
	Identity string `query:"identity"` // its ID
	Holder   string `query:"holder"`   // ID of the member in whose name
	Act      string `query:"act"`
	State    string `query:"state"` // all but the ended ones when empty
}

// NewDelegations gives one member some acts in the names of some identities.
type NewDelegations struct {
	Identities []string   `json:"identities"`
	Member     string     `json:"member"`
	Acts       []string   `json:"acts"`
	From       *time.Time `json:"from,omitempty"`  // now when nil
	Until      *time.Time `json:"until,omitempty"` // without an end when nil
}

// DelegationDates changes when a delegation holds; what is left out stays as it is.
type DelegationDates struct {
	From       *time.Time `json:"from,omitempty"`
	Until      *time.Time `json:"until,omitempty"`
	WithoutEnd bool       `json:"without_end,omitempty"` // takes the end away
}

// MyDelegationQuery chooses the organisation in which one's delegations are meant.
type MyDelegationQuery struct {
	Paging

	Organization string `query:"organization"` // ID or slug
}

// MyPlace names the organisation in which something of one's own is meant.
type MyPlace struct {
	Organization string `query:"organization"` // ID or slug
}

// NewOwnDelegations lets somebody draft consultations in one's own name.
type NewOwnDelegations struct {
	Organization string     `json:"organization"` // ID or slug
	Member       string     `json:"member"`
	Identities   []string   `json:"identities,omitempty"` // all that one holds there when empty
	From         *time.Time `json:"from,omitempty"`
	Until        *time.Time `json:"until,omitempty"`
}

// ListDelegations gives a page of the delegations of an organisation.
func (c *Client) ListDelegations(ctx context.Context, org string, q DelegationQuery) (List[Delegation], error) {
	return call[List[Delegation]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partDelegations), query: q})
}

// Delegations goes through the delegations of an organisation.
func (c *Client) Delegations(ctx context.Context, org string, q DelegationQuery) iter.Seq2[Delegation, error] {
	return every(q.Paging, func(p Paging) (List[Delegation], error) {
		q.Paging = p
		return c.ListDelegations(ctx, org, q)
	})
}

// GiveDelegations gives delegations, all of them or none; to draft consultations is
// proposed to the holder of each identity, who confirms it.
func (c *Client) GiveDelegations(ctx context.Context, org string, n NewDelegations) (GivenDelegations, error) {
	return call[GivenDelegations](ctx, c, request{method: http.MethodPost, path: inOrg(org, partDelegations), body: n})
}

// GetDelegation reads one delegation.
func (c *Client) GetDelegation(ctx context.Context, org, delegation string) (Delegation, error) {
	return call[Delegation](ctx, c, request{method: http.MethodGet, path: inOrg(org, partDelegations, delegation)})
}

// EditDelegation changes the dates of the version that was read.
func (c *Client) EditDelegation(ctx context.Context, org, delegation string, version int64, d DelegationDates) (Delegation, error) {
	return call[Delegation](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partDelegations, delegation), body: d, version: &version,
	})
}

// EndDelegation ends a delegation at once.
func (c *Client) EndDelegation(ctx context.Context, org, delegation string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, partDelegations, delegation)})
}

// ConfirmDelegation confirms a proposal, as the holder of the identity; version 0:
// whatever its dates are.
func (c *Client) ConfirmDelegation(ctx context.Context, org, delegation string, version int64) (Delegation, error) {
	return call[Delegation](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, partDelegations, delegation, "confirm"), version: from(version),
	})
}

// RefuseDelegation refuses a proposal, as the holder of the identity.
func (c *Client) RefuseDelegation(ctx context.Context, org, delegation string) error {
	return act(ctx, c, request{method: http.MethodPost, path: inOrg(org, partDelegations, delegation, "refuse")})
}

// ListMyDelegations gives a page of what concerns the caller in an organisation: the
// proposals that wait for them first.
func (c *Client) ListMyDelegations(ctx context.Context, q MyDelegationQuery) (List[MyDelegation], error) {
	return call[List[MyDelegation]](ctx, c, request{method: http.MethodGet, path: []string{"me", partDelegations}, query: q})
}

// MyDelegations goes through them.
func (c *Client) MyDelegations(ctx context.Context, q MyDelegationQuery) iter.Seq2[MyDelegation, error] {
	return every(q.Paging, func(p Paging) (List[MyDelegation], error) {
		q.Paging = p
		return c.ListMyDelegations(ctx, q)
	})
}

// GiveMyDelegations lets somebody draft consultations in one's own name.
func (c *Client) GiveMyDelegations(ctx context.Context, n NewOwnDelegations) (GivenDelegations, error) {
	return call[GivenDelegations](ctx, c, request{method: http.MethodPost, path: []string{"me", partDelegations}, body: n})
}

// EndMyDelegation ends one in one's own name, or one by which one acts in another's.
func (c *Client) EndMyDelegation(ctx context.Context, delegation string, in MyPlace) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partDelegations, delegation}, query: in})
}
