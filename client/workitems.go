package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// partWorkItems is a part of the paths of this file.
const partWorkItems = "work-items"

// WorkItem is something that a member holds in a connected application.
type WorkItem struct {
	Source     string     `json:"source"`
	ExternalID string     `json:"external_id"`
	Kind       string     `json:"kind"` // task, appointment, letter, invoice, patient, setting
	Title      string     `json:"title"`
	Owner      string     `json:"owner"`
	Site       string     `json:"site"`
	DueAt      *time.Time `json:"due_at"` // nil: no date
	State      string     `json:"state"`  // open, done, cancelled, detached
	Held       bool       `json:"held"`   // open, and not an appointment whose time has passed
	Late       bool       `json:"late"`
	OnLeaving  string     `json:"on_leaving"` // deleted, detached, kept: if its owner leaves and still holds it
	CreatedAt  time.Time  `json:"created_at"`
	ChangedAt  time.Time  `json:"changed_at"`
	Version    int64      `json:"version"`
}

// WorkItemDetails is what an application registers of an item; the title may name no patient.
type WorkItemDetails struct {
	Kind  string     `json:"kind"`
	Title string     `json:"title,omitempty"`
	Owner string     `json:"owner"`
	Site  string     `json:"site,omitempty"`   // one of the owner's
	DueAt *time.Time `json:"due_at,omitempty"` // an appointment needs it
	State string     `json:"state,omitempty"`  // open when it is left out
}

// NewWorkItem is one item of many.
type NewWorkItem struct {
	WorkItemDetails

	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
	Version    int64  `json:"version,omitempty"` // that was read; 0 for a new one, or one that is so already
}

// NewWorkItems are items to register, 1,000 at most.
type NewWorkItems struct {
	Items []NewWorkItem `json:"items"`
}

// WorkItemsReport says what became of many.
type WorkItemsReport struct {
	Made      int `json:"made"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// WorkItemQuery chooses what a member holds.
type WorkItemQuery struct {
	Paging

	Owner string `query:"owner"`
	Kind  string `query:"kind"`
}

// WorkItemRef is an application's own name of an item.
type WorkItemRef struct {
	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
}

// WorkItemHandover says what goes to whom: the items named, else those of a kind, else all.
type WorkItemHandover struct {
	To    string        `json:"to"`
	Kind  string        `json:"kind,omitempty"`
	Items []WorkItemRef `json:"items,omitempty"`
}

// WorkItemReassignment says what went to whom.
type WorkItemReassignment struct {
	To    string `json:"to"`
	Items int    `json:"items"`
	Left  int64  `json:"left"` // of what was asked: ask again
}

// ListWorkItems gives a page of what a member holds, by kind, then by date.
func (c *Client) ListWorkItems(ctx context.Context, org string, q WorkItemQuery) (List[WorkItem], error) {
	return call[List[WorkItem]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partWorkItems), query: q})
}

// WorkItems goes through what a member holds.
func (c *Client) WorkItems(ctx context.Context, org string, q WorkItemQuery) iter.Seq2[WorkItem, error] {
	return every(q.Paging, func(p Paging) (List[WorkItem], error) { q.Paging = p; return c.ListWorkItems(ctx, org, q) })
}

// RegisterWorkItems registers many, whole or not at all.
func (c *Client) RegisterWorkItems(ctx context.Context, org string, n NewWorkItems) (WorkItemsReport, error) {
	return call[WorkItemsReport](ctx, c, request{method: http.MethodPost, path: inOrg(org, partWorkItems), body: n})
}

// GetWorkItem reads one.
func (c *Client) GetWorkItem(ctx context.Context, org, source, externalID string) (WorkItem, error) {
	return call[WorkItem](ctx, c, request{method: http.MethodGet, path: inOrg(org, partWorkItems, source, externalID)})
}

// PutWorkItem makes one, or changes it from the version read; version 0 changes nothing that
// is there.
func (c *Client) PutWorkItem(ctx context.Context, org, source, externalID string, version int64, d WorkItemDetails) (WorkItem, error) {
	return call[WorkItem](ctx, c, request{
		method: http.MethodPut, path: inOrg(org, partWorkItems, source, externalID), version: from(version), body: d,
	})
}

// RemoveWorkItem takes one out; version 0: whichever is there.
func (c *Client) RemoveWorkItem(ctx context.Context, org, source, externalID string, version int64) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, partWorkItems, source, externalID), version: from(version)})
}

// ReassignWorkItems gives what a member holds to another.
func (c *Client) ReassignWorkItems(ctx context.Context, org, member string, h WorkItemHandover) (WorkItemReassignment, error) {
	return call[WorkItemReassignment](ctx, c, request{
		method: http.MethodPost, path: members(org, member, partWorkItems, "reassignment"), body: h,
	})
}
