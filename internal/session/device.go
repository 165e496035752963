package session

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
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

// MaxDevices bounds the remembered browsers of one person: the oldest makes room.
const MaxDevices = 20

// ErrDeviceNotFound is the refusal of a browser that is not the actor's, or is no longer
// remembered.
var ErrDeviceNotFound = fault.New(fault.NotFound, "session.device_not_found")

// OpenedDevice is a browser just remembered: its token goes into the cookie, nowhere else.
type OpenedDevice struct {
	Device Device
	Token  secret.Text `json:"-"`
}

// Remember remembers a browser of the account for as long as life, DeviceLife at most.
func Remember(ctx context.Context, tx *store.Tx, d Device, life time.Duration) (OpenedDevice, error) {
	token, hash := secret.NewToken(secret.Device)
	d.ID, d.CreatedAt, d.UsedAt, d.ExpiresAt = ident.NewDevice(), tx.Now, tx.Now, tx.Now.Add(min(life, DeviceLife))
	d.Address, d.UserAgent = clip(d.Address, MaxAddress), clip(d.UserAgent, MaxUserAgent)
	if err := makeDeviceRoom(ctx, tx, d.Account); err != nil {
		return OpenedDevice{}, err
	}
	return OpenedDevice{Device: d, Token: token}, insertDevice(ctx, tx, d, hash)
}

func makeDeviceRoom(ctx context.Context, tx *store.Tx, account ident.Account) error {
	all, err := devices(ctx, tx, account)
	if err != nil {
		return err
	}
	for len(all) >= MaxDevices { // the one used longest ago
		if _, err := endDevice(ctx, tx, account, all[len(all)-1].ID, TooMany); err != nil {
			return err
		}
		all = all[:len(all)-1]
	}
	return nil
}

// Recognise finds the remembered browser of a presented token, and notes its use. It
// is worth nothing for another person than the one who said so (MFA-04), nor beyond the
// longest that the policy in force allows: that bounds those of before it, too.
func Recognise(ctx context.Context, tx *store.Tx, account ident.Account, presented string, life time.Duration) (Device, bool, error) {
	hash, ok := secret.HashToken(secret.Device, presented)
	if !ok || life <= 0 {
		return Device{}, false, nil
	}
	return useDevice(ctx, tx, account, hash, tx.Now.Add(-life))
}

// EndDevices forgets every remembered browser of an account: its password was reset,
// or its factors changed (rules.md 7).
func EndDevices(ctx context.Context, tx *store.Tx, account ident.Account, why Reason) (int64, error) {
	return endDevices(ctx, tx, account, why)
}

// EndOtherDevices forgets the remembered browsers of an account but the one that a session
// was opened in; without a session, all of them.
func EndOtherDevices(ctx context.Context, tx *store.Tx, account ident.Account, but ident.Session, why Reason) error {
	here, err := deviceOf(ctx, tx, account, but)
	if err != nil {
		return err
	}
	return endOtherDevices(ctx, tx, account, here, why)
}

// Devices gives the actor's own remembered browsers, the one used last first. The one
// that the session was opened in is Current.
func (s Sessions) Devices(ctx context.Context, by access.Actor) ([]Device, error) {
	act := action.Act{Verb: "device.list", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) ([]Device, error) {
		all, err := devices(ctx, tx, by.Account)
		if err != nil {
			return nil, err
		}
		here, err := deviceOf(ctx, tx, by.Account, by.Session)
		for i := range all {
			all[i].Current = !here.IsZero() && all[i].ID == here
		}
		return all, err
	})
}

// EndDevice forgets one of the actor's own remembered browsers: the second factor is
// asked there again. Errors: ErrDeviceNotFound for any other.
func (s Sessions) EndDevice(ctx context.Context, by access.Actor, id ident.Device) error {
	act := action.Act{Verb: "device.end", Needs: []access.Need{access.Myself(by.Account)}, Object: id.String()}
	_, err := action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		n, err := endDevice(ctx, tx.Tx, by.Account, id, Ended)
		switch {
		case err != nil:
			return struct{}{}, err
		case n == 0:
			return struct{}{}, ErrDeviceNotFound
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return struct{}{}, nil
	})
	return err
}

// DeviceMade is when the browser that a session was opened in was remembered; the second
// value is false when it is no longer.
func DeviceMade(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Session) (time.Time, bool, error) {
	return deviceMade(ctx, tx, account, id)
}
