package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// partDeparture is a part of the paths of this file.
const partDeparture = "departure"

// Departure is one departure of a member.
type Departure struct {
	ID        string     `json:"id"`
	Member    string     `json:"member"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind"`  // decided, self
	State     string     `json:"state"` // planned, cancelled, done, undone, erased
	Day       string     `json:"day"`   // the last day of a planned one; empty: it was at once
	EndsAt    time.Time  `json:"ends_at"`
	DecidedBy string     `json:"decided_by"`
	DecidedAt time.Time  `json:"decided_at"`
	HeldBy    string     `json:"held_by"`  // the rule that refused a plan on its day; empty: none did
	Finished  bool       `json:"finished"` // the work that follows is done
	Waiting   int64      `json:"waiting"`  // things that wait for another receiver
	UndoUntil *time.Time `json:"undo_until"`
	UndoneBy  string     `json:"undone_by"`
	UndoneAt  *time.Time `json:"undone_at"`
	Into      string     `json:"into"` // the member who took the place; empty: nobody did
	Version   int64      `json:"version"`
}

// PlannedDeparture is the second fact of a member whose departure is planned.
type PlannedDeparture struct {
	Day       string `json:"day"`
	ToConfirm bool   `json:"to_confirm"` // the day is over, and a rule refused it
}

// DepartureView is everything about a departure.
type DepartureView struct {
	Member      string             `json:"member"`
	FullName    string             `json:"full_name"` // to be sent back, to start
	Departure   *Departure         `json:"departure"` // nil: none
	Holds       []DepartureHolding `json:"holds"`
	Ends        DepartureEnds      `json:"ends"`
	Steps       []DepartureStep    `json:"steps"`
	Stays       []DepartureStay    `json:"stays"`
	May         DepartureMay       `json:"may"`
	RefusedBy   string             `json:"refused_by"`
	NotUndoable string             `json:"not_undoable"`
}

// DepartureHolding is something that the member holds, and that another may take over.
type DepartureHolding struct {
	What      string          `json:"what"` // administration, work, resource, management, webhook
	Object    string          `json:"object"`
	Name      string          `json:"name"`
	Site      string          `json:"site"`
	Items     int64           `json:"items"`
	Late      int64           `json:"late"`
	Without   string          `json:"without"` // deleted, detached, kept, closed, unmanaged, stopped, required
	May       bool            `json:"may"`
	WhoMay    []string        `json:"who_may"`
	Receivers []NamedReceiver `json:"receivers"`
	To        string          `json:"to"`
	State     string          `json:"state"` // chosen, given, waiting, left; empty: nothing was chosen
	Why       string          `json:"why"`
	Moved     int64           `json:"moved"`
}

// DepartureEnds counts what ends with a membership.
type DepartureEnds struct {
	Roles       int64 `json:"roles"`
	Levels      int64 `json:"levels"`
	Groups      int64 `json:"access_groups"`
	Given       int64 `json:"delegations_given"`
	Received    int64 `json:"delegations_received"`
	Tokens      int64 `json:"tokens"`
	Invitations int64 `json:"invitations"`
	Drafts      int64 `json:"drafts"`
}

// DepartureStep is one recorded part of the work.
type DepartureStep struct {
	No     int64     `json:"no"`
	Stage  string    `json:"stage"` // access, work, resources, managers, remains, finished; undone: back, back_work, restored; erase
	What   string    `json:"what"`
	Object string    `json:"object"`
	ToName string    `json:"to_name"`
	Items  int64     `json:"items"`
	Left   int64     `json:"left"`
	Code   string    `json:"code"`
	At     time.Time `json:"at"`
}

// DepartureStay is something that an undoing left as it was.
type DepartureStay struct {
	What  string `json:"what"`
	Name  string `json:"name"`
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// DepartureMay is what the caller may do.
type DepartureMay struct {
	Start    bool `json:"start"`
	Cancel   bool `json:"cancel"`
	HandOver bool `json:"hand_over"`
	Undo     bool `json:"undo"`
}

// DepartureChoice gives one thing to somebody.
type DepartureChoice struct {
	What   string `json:"what"`
	Object string `json:"object"`
	To     string `json:"to"`
}

// DepartureOrder is what is asked of a departure.
type DepartureOrder struct {
	FullName      string            `json:"full_name"`
	Day           string            `json:"day,omitempty"` // empty: now
	Reassignments []DepartureChoice `json:"reassignments,omitempty"`
}

// LateHandover gives what waits, or what is hidden.
type LateHandover struct {
	Reassignments []DepartureChoice `json:"reassignments"`
}

// GoneMember is somebody who left in the last 30 days.
type GoneMember struct {
	Departure

	Function string   `json:"function"`
	Sites    []string `json:"sites"`
	MayOpen  bool     `json:"may_open"`
}

// GoneQuery chooses among them.
type GoneQuery struct {
	Paging

	Search string `query:"q"`
}

// GetDeparture says what a departure ends, and what became of it.
func (c *Client) GetDeparture(ctx context.Context, org, member string) (DepartureView, error) {
	return call[DepartureView](ctx, c, request{method: http.MethodGet, path: members(org, member, partDeparture)})
}

// StartDeparture deletes a member, now or on a day; version is that of the plan that it replaces, 0
// when there is none.
func (c *Client) StartDeparture(ctx context.Context, org, member string, version int64, o DepartureOrder) (Departure, error) {
	return call[Departure](ctx, c, request{
		method: http.MethodPost, path: members(org, member, partDeparture), version: from(version), body: o,
	})
}

// EndDeparture cancels a planned departure, or undoes one that is done; version 0: whichever plan it is. An undoing
// names its version.
func (c *Client) EndDeparture(ctx context.Context, org, member string, version int64) (Departure, error) {
	return call[Departure](ctx, c, request{method: http.MethodDelete, path: members(org, member, partDeparture), version: from(version)})
}

// HandOverLate gives what waits for a receiver, or what is hidden, of somebody who left.
func (c *Client) HandOverLate(ctx context.Context, org, member string, h LateHandover) (Departure, error) {
	return call[Departure](ctx, c, request{method: http.MethodPost, path: members(org, member, partDeparture, "reassignments"), body: h})
}

// ListDepartures gives a page of those who left in the last 30 days, the latest first.
func (c *Client) ListDepartures(ctx context.Context, org string, q GoneQuery) (List[GoneMember], error) {
	return call[List[GoneMember]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "departures"), query: q})
}

// Departures goes through them.
func (c *Client) Departures(ctx context.Context, org string, q GoneQuery) iter.Seq2[GoneMember, error] {
	return every(q.Paging, func(p Paging) (List[GoneMember], error) { q.Paging = p; return c.ListDepartures(ctx, org, q) })
}
