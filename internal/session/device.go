package session

import (
	"time"

	"habilis/internal/ident"
)

// DeviceLife is how long a browser may be remembered; organisations may say less.
const DeviceLife = 30 * 24 * time.Hour

// Device is a browser that its person said to remember: the second factor is not asked
// there. It is worth nothing for somebody else, and dies when a password is reset.
type Device struct {
	ID        ident.Device
	Account   ident.Account
	CreatedAt time.Time
	UsedAt    time.Time
	ExpiresAt time.Time
	Address   string
	UserAgent string
	Current   bool // the browser that asks
}
