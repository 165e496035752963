package client

import (
	"context"
	"net/http"
	"time"
)

// AccountErasure is the erasure of an account that its person asked for in writing, and that waits.
type AccountErasure struct {
	ID       string    `json:"id"`
	Account  string    `json:"account"`
	FullName string    `json:"full_name"`
	Email    string    `json:"email"`
	AskedAt  time.Time `json:"asked_at"`
	ActsAt   time.Time `json:"acts_at"`
}

// AskedErasure asks for the erasure of an account. The ground says where the written request is kept, and
// names nobody.
type AskedErasure struct {
	Email    string `json:"email"`
	FullName string `json:"full_name"`
	Ground   string `json:"ground"`
}

const partErasures = "erasures"

// ListAccountErasures gives those that wait; for administrators of the platform.
func (c *Client) ListAccountErasures(ctx context.Context) (List[AccountErasure], error) {
	return call[List[AccountErasure]](ctx, c, request{method: http.MethodGet, path: []string{partPlatform, partErasures}})
}

// AskAccountErasure asks to erase an account on its person's written request: it begins after 7 days.
func (c *Client) AskAccountErasure(ctx context.Context, ask AskedErasure) (AccountErasure, error) {
	return call[AccountErasure](ctx, c, request{method: http.MethodPost, path: []string{partPlatform, partErasures}, body: ask})
}

// StopAccountErasure takes such a request back.
func (c *Client) StopAccountErasure(ctx context.Context, id string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{partPlatform, partErasures, id}})
}
