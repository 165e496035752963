package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Factor is one of one's second factors, without its secret.
type Factor struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind"` // passkey, totp, sms, address
	Name        string    `json:"name,omitempty"`
	Hint        string    `json:"hint,omitempty"` // the end of a number
	CreatedAt   time.Time `json:"created_at"`
	ProvedAt    time.Time `json:"proved_at,omitzero"` // zero: worth nothing yet
	LastUsedAt  time.Time `json:"last_used_at,omitzero"`
	LockedUntil time.Time `json:"locked_until,omitzero"` // rests after too many wrong codes
	RemovedAt   time.Time `json:"removed_at,omitzero"`   // it will be, unless its person says no
}

// BegunTOTP is an application of codes being added.
type BegunTOTP struct {
	Factor    string    `json:"factor"`
	Secret    string    `json:"secret"`  // base32
	Address   string    `json:"address"` // otpauth://…
	ExpiresAt time.Time `json:"expires_at"`
}

// TOTPProof is what an application shows, and how its person calls it.
type TOTPProof struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// AddedFactor is a factor just added.
type AddedFactor struct {
	Factor string `json:"factor"`
}

// FactorName is what one calls a factor; empty, it is called by its kind.
type FactorName struct {
	Name string `json:"name"`
}

// Removal is a removal that waits for its day.
type Removal struct {
	RemovedAt time.Time `json:"removed_at"`
}

// FactorLoss is a request to take all of one's second factors, which waits for its day.
type FactorLoss struct {
	LostAt time.Time `json:"lost_at,omitzero"` // zero: nobody asked
}

// RecoveryCodes says what recovery codes one has.
type RecoveryCodes struct {
	Left        int       `json:"left"`
	MadeAt      time.Time `json:"made_at,omitzero"` // zero: there are none
	LockedUntil time.Time `json:"locked_until,omitzero"`
}

// MadeRecoveryCodes are codes just made, in no later answer.
type MadeRecoveryCodes struct {
	Codes []string `json:"codes"`
}

// ListMyFactors gives a page of one's second factors, the strongest kind first.
func (c *Client) ListMyFactors(ctx context.Context, p Paging) (List[Factor], error) {
	return call[List[Factor]](ctx, c, request{method: http.MethodGet, path: []string{"me", partFactors}, query: p})
}

// MyFactors goes through one's second factors.
func (c *Client) MyFactors(ctx context.Context) iter.Seq2[Factor, error] {
	return every(Paging{}, func(p Paging) (List[Factor], error) { return c.ListMyFactors(ctx, p) })
}

// BeginMyTOTP begins to add an application of codes; ConfirmMyTOTP proves it.
func (c *Client) BeginMyTOTP(ctx context.Context) (BegunTOTP, error) {
	return call[BegunTOTP](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, "totp"}})
}

// ConfirmMyTOTP makes the application a second factor.
func (c *Client) ConfirmMyTOTP(ctx context.Context, factor string, proof TOTPProof) (AddedFactor, error) {
	return call[AddedFactor](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, "totp", factor, "proof"}, body: proof})
}

// RenameMyFactor changes what one calls a factor.
func (c *Client) RenameMyFactor(ctx context.Context, factor string, name FactorName) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, factor, "name"}, body: name})
}

// RemoveMyFactor removes a factor at once.
func (c *Client) RemoveMyFactor(ctx context.Context, factor string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partFactors, factor}})
}

// AskMyFactorRemoval asks to remove a factor that is lost: it happens later.
func (c *Client) AskMyFactorRemoval(ctx context.Context, factor string) (Removal, error) {
	return call[Removal](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, factor, "removal"}})
}

// GetMyFactorLoss says whether somebody who knows one's password asked, between the two
// proofs of a sign-in, to take all of one's second factors.
func (c *Client) GetMyFactorLoss(ctx context.Context) (FactorLoss, error) {
	return call[FactorLoss](ctx, c, request{method: http.MethodGet, path: []string{"me", partFactors, "loss"}})
}

// StopMyFactorLoss keeps all of one's second factors.
func (c *Client) StopMyFactorLoss(ctx context.Context) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partFactors, "loss"}})
}

// KeepMyFactor stops the removal of a factor.
func (c *Client) KeepMyFactor(ctx context.Context, factor string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: []string{"me", partFactors, factor, "removal"}})
}

// GetMyRecoveryCodes says how many recovery codes are left.
func (c *Client) GetMyRecoveryCodes(ctx context.Context) (RecoveryCodes, error) {
	return call[RecoveryCodes](ctx, c, request{method: http.MethodGet, path: []string{"me", "recovery-codes"}})
}

// MakeMyRecoveryCodes makes ten recovery codes; those before are worth nothing.
func (c *Client) MakeMyRecoveryCodes(ctx context.Context) (MadeRecoveryCodes, error) {
	return call[MadeRecoveryCodes](ctx, c, request{method: http.MethodPost, path: []string{"me", "recovery-codes"}})
}
