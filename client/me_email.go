package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// NewEmail is another address for one's own account.
type NewEmail struct {
	Email    string `json:"email"`
	Password string `json:"password,omitempty"` // the present one; a token always gives it
}

// CorrectedEmail is the address that is right for a member's account.
type CorrectedEmail struct {
	Email string `json:"email"`
}

// EmailChange is an address that was asked for an account, and is not proved yet.
type EmailChange struct {
	Email     string    `json:"email"`
	AskedAt   time.Time `json:"asked_at"`
	ExpiresAt time.Time `json:"expires_at"` // of the link that was sent to it
}

// Device is a browser that its person said to remember: the second factor is not asked there.
type Device struct {
	ID        string    `json:"id"`
	Current   bool      `json:"current"` // the session that asks was opened in it
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
}

// SignIn is one sign-in to the account, or one refusal.
type SignIn struct {
	At        time.Time `json:"at"`
	Verb      string    `json:"verb"`
	Outcome   string    `json:"outcome"` // "done" or "refused"
	Code      string    `json:"code"`    // of a refusal
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
}

// AskEmail asks for another address: a link goes to it, and nothing changes before it is used.
func (c *Client) AskEmail(ctx context.Context, next NewEmail) (EmailChange, error) {
	return call[EmailChange](ctx, c, request{method: http.MethodPost, path: []string{"me", "email"}, body: next})
}

// GetEmailChange reads the address that waits for its proof.
func (c *Client) GetEmailChange(ctx context.Context) (EmailChange, error) {
	return call[EmailChange](ctx, c, request{method: http.MethodGet, path: []string{"me", "email"}})
}

// CancelEmailChange gives up the address that was asked.
func (c *Client) CancelEmailChange(ctx context.Context) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", "email"}})
}

// CorrectMemberEmail asks for another address for the account of a member, where the
// organisation lets administrators.
func (c *Client) CorrectMemberEmail(ctx context.Context, org, member string, email CorrectedEmail) (EmailChange, error) {
	return call[EmailChange](ctx, c, request{method: http.MethodPost, path: members(org, member, "email"), body: email})
}

// ListMyDevices gives a page of the remembered devices.
func (c *Client) ListMyDevices(ctx context.Context, p Paging) (List[Device], error) {
	return call[List[Device]](ctx, c, request{method: http.MethodGet, path: []string{"me", "devices"}, query: p})
}

// MyDevices goes through the remembered devices.
func (c *Client) MyDevices(ctx context.Context) iter.Seq2[Device, error] {
	return every(Paging{}, func(p Paging) (List[Device], error) { return c.ListMyDevices(ctx, p) })
}

// ForgetMyDevice has the second factor asked again on one device.
func (c *Client) ForgetMyDevice(ctx context.Context, device string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", "devices", device}})
}

// ListMySignIns gives a page of the last sign-ins and refusals.
func (c *Client) ListMySignIns(ctx context.Context, p Paging) (List[SignIn], error) {
	return call[List[SignIn]](ctx, c, request{method: http.MethodGet, path: []string{"me", "sign-ins"}, query: p})
}

// MySignIns goes through the last sign-ins and refusals.
func (c *Client) MySignIns(ctx context.Context) iter.Seq2[SignIn, error] {
	return every(Paging{}, func(p Paging) (List[SignIn], error) { return c.ListMySignIns(ctx, p) })
}
