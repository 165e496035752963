package session

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// KnownFor is how long a browser and its network are known after somebody's last sign-in
// from there: later, they are told of it again.
const KnownFor = 90 * 24 * time.Hour

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
	family, network := familyOf(agent), networkOf(address)
	met, here, err := knows(ctx, tx, account, family, network, tx.Now.Add(-KnownFor))
	if err != nil {
		return false, err
	}
	return met > 0 && here == 0, meet(ctx, tx, account, family, network)
}

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
