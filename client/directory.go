package client

import (
	"context"
	"iter"
	"net/http"
)

// Function is what a member does.
type Function struct {
	Code  string `json:"code"`
	Label string `json:"label"` // in the caller's language
}

// ListFunctions gives a page of the functions of members.
func (c *Client) ListFunctions(ctx context.Context, p Paging) (List[Function], error) {
	return call[List[Function]](ctx, c, request{method: http.MethodGet, path: []string{"functions"}, query: p})
}

// Functions goes through the functions of members.
func (c *Client) Functions(ctx context.Context) iter.Seq2[Function, error] {
	return every(Paging{}, func(p Paging) (List[Function], error) { return c.ListFunctions(ctx, p) })
}
