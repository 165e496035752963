package client

import (
	"context"
	"net/http"
	"time"
)

// NewPhone is a mobile number to which one's codes shall go.
type NewPhone struct {
	Number string `json:"number"`
}

// PhoneProof is the code that a number received.
type PhoneProof struct {
	Code string `json:"code"`
}

// SentCode says where a code was sent by SMS.
type SentCode struct {
	Factor    string    `json:"factor"`
	Hint      string    `json:"hint"` // the end of the number
	ExpiresAt time.Time `json:"expires_at"`
}

// BeginMyPhone sends a code to a number: nothing changes before ProveMyPhone.
func (c *Client) BeginMyPhone(ctx context.Context, phone NewPhone) (SentCode, error) {
	return call[SentCode](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, "sms"}, body: phone})
}

// SendMyPhoneCode sends the code that proves a number again, or for the first time for one
// that an administrator gave.
func (c *Client) SendMyPhoneCode(ctx context.Context, factor string) (SentCode, error) {
	return call[SentCode](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, "sms", factor, "code"}})
}

// ProveMyPhone makes the number the one to which codes go, in the place of the one before.
func (c *Client) ProveMyPhone(ctx context.Context, factor string, proof PhoneProof) (AddedFactor, error) {
	return call[AddedFactor](ctx, c, request{method: http.MethodPost, path: []string{"me", partFactors, "sms", factor, "proof"}, body: proof})
}
