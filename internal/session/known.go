package session

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// KnownFor is how long a browser and its network are known after somebody's last sign-in
// from there: later, they are told of it again. What becomes of the session itself, which is
// swept long before, changes nothing, but for the ends that forget.
const KnownFor = 90 * 24 * time.Hour

// forgetting are the ends of sessions that put somebody out who may have no business there:
// where they came in from is new again. A sign-out, an idle hour, a policy, a factor more do
// not: the person would be told of their own desk.
var forgetting = []Reason{Ended, PasswordChanged, EmailChanged, FactorsReset, ByAdministrator}

// How much of an address is its network, in bits: providers move their customers within it,
// and a letter a day would be read by nobody.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// Meet notes that an account signs in from this browser and address now, and reports
// whether it has not from their like for KnownFor. The first sign-in that is noted is none
// to tell of: there is nothing to compare it with. Of two at once from the same place one
// is new: the caller holds the installation's lock.
func Meet(ctx context.Context, tx *store.Tx, account ident.Account, agent, address string) (bool, error) {
	here := place{familyOf(agent), networkOf(address)}
	met, seen, err := knows(ctx, tx, account, here, tx.Now.Add(-KnownFor))
	if err != nil {
		return false, err
	}
	return met > 0 && seen == 0, meet(ctx, tx, account, here, tx.Now)
}

// forgetBut makes all that is known of an account new again, but the browser and network of
// one of its sessions, which goes on; without one, all.
func forgetBut(ctx context.Context, tx *store.Tx, account ident.Account, but ident.Session, why Reason) error {
	if !slices.Contains(forgetting, why) {
		return nil
	}
	kept, _, err := placeOf(ctx, tx, account, but)
	if err != nil {
		return err
	}
	n, err := forgetOthers(ctx, tx, account, kept)
	return marked(ctx, tx, account, n, err)
}

// forgetOne makes the browser and network of an ended session new again, unless the one that
// ended it is opened from their like.
func forgetOne(ctx context.Context, tx *store.Tx, account ident.Account, ended, by ident.Session) error {
	gone, found, err := placeOf(ctx, tx, account, ended)
	if err != nil || !found {
		return err
	}
	here, _, err := placeOf(ctx, tx, account, by)
	if err != nil || here == gone {
		return err
	}
	n, err := forget(ctx, tx, account, gone)
	return marked(ctx, tx, account, n, err)
}

// marked leaves, where something was forgotten, that the account has been met: its next
// sign-in is not the first ever.
func marked(ctx context.Context, tx *store.Tx, account ident.Account, forgotten int64, err error) error {
	if err != nil || forgotten == 0 {
		return err
	}
	return meet(ctx, tx, account, place{}, tx.Now.Add(-KnownFor))
}

// place is a browser family and the network it was used in; the zero place is none.
type place struct{ browser, network string }

// familyOf is what the next version of the same browser on the same system shares with it.
func familyOf(agent string) string {
	browser, system := text.BrowserOf(agent)
	return strings.TrimSpace(browser + " " + system)
}

// networkOf is the network of an address; what is no address stands for itself.
func networkOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return clip(address, MaxAddress)
	}
	a = a.Unmap().WithZone("")
	bits := networkBits6
	if a.Is4() {
		bits = networkBits4
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}
