package client

import (
	"context"
	"net/http"
	"time"
)

// Presented is the token that a letter carried.
type Presented struct {
	Token string `json:"token"`
}

// Offer is what an invitation opens.
type Offer struct {
	Organization string      `json:"organization"`
	Email        string      `json:"email"`       // masked
	HasAccount   bool        `json:"has_account"` // the person signs in and joins
	InvitedBy    string      `json:"invited_by"`
	Roles        []OfferRole `json:"roles"`
	Sites        []string    `json:"sites"`    // names
	Function     string      `json:"function"` // empty: the person chooses
	Language     string      `json:"language"`
	ExpiresAt    time.Time   `json:"expires_at"`
}

// OfferRole is a role that is offered.
type OfferRole struct {
	Name     string `json:"name"`
	SiteName string `json:"site_name"` // empty for the whole organisation
}

// Activation finishes an account.
type Activation struct {
	Presented

	Title       string `json:"title,omitempty"`
	GivenName   string `json:"given_name"`
	FamilyName  string `json:"family_name"`
	Function    string `json:"function,omitempty"`
	NewPassword string `json:"new_password"`
	Language    string `json:"language,omitempty"`
}

// Activated is a membership begun.
type Activated struct {
	Account      string `json:"account"`
	Organization string `json:"organization"`
	Slug         string `json:"slug"`
	Member       string `json:"member"`
	Email        string `json:"email"` // to sign in with
}

// Forgotten is the address whose password is forgotten.
type Forgotten struct {
	Email string `json:"email"`
}

// NewPassword spends a reset link.
type NewPassword struct {
	Presented

	NewPassword string `json:"new_password"`
}

// ResetOffer is whose password a link resets.
type ResetOffer struct {
	Email string `json:"email"`
}

// OpenActivation reads what an invitation opens; it spends nothing.
func (c *Client) OpenActivation(ctx context.Context, letter Presented) (Offer, error) {
	return call[Offer](ctx, c, request{method: http.MethodPost, path: []string{"activations", "open"}, body: letter})
}

// FinishActivation makes the account of an invited person.
func (c *Client) FinishActivation(ctx context.Context, a Activation) (Activated, error) {
	return call[Activated](ctx, c, request{method: http.MethodPost, path: []string{"activations"}, body: a})
}

// JoinActivation spends an invitation for the person whose token it is.
func (c *Client) JoinActivation(ctx context.Context, letter Presented) (Activated, error) {
	return call[Activated](ctx, c, request{method: http.MethodPost, path: []string{"activations", "join"}, body: letter})
}

// ForgotPassword mails a link that sets a new password, if the address has an account.
func (c *Client) ForgotPassword(ctx context.Context, f Forgotten) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{"password", "forgot"}, body: f})
}

// CheckReset reads whose password a link resets; it spends nothing.
func (c *Client) CheckReset(ctx context.Context, letter Presented) (ResetOffer, error) {
	return call[ResetOffer](ctx, c, request{method: http.MethodPost, path: []string{"password", "reset", "check"}, body: letter})
}

// ResetPassword sets a new password and spends the link.
func (c *Client) ResetPassword(ctx context.Context, p NewPassword) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{"password", "reset"}, body: p})
}
