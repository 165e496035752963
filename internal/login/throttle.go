package login

import (
	"context"
	"encoding/hex"
	"net/netip"
	"slices"
	"time"

	"habilis/internal/limit"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Limits of one network address (rules.md 4).
const (
	FailureWindow    = 5 * time.Minute
	FailuresAddress  = 20 // failures of one address in FailureWindow …
	AccountsAddress  = 5  // … over so many accounts: the next try waits for the window's end
	ForgotPerAccount = 3  // reset letters of one account in an hour
	ForgotPerAddress = 20 // forgotten passwords asked from one address in an hour
	ProofWindow      = 5 * time.Minute
	ProofsPerSession = session.HalfFailures // second factors tried in one open session in ProofWindow
)

var (
	failuresFrom = limit.Counter{Name: "sign_in.address", Window: FailureWindow, Max: FailuresAddress}
	accountsFrom = limit.Counter{Name: "sign_in.accounts", Window: FailureWindow, Max: AccountsAddress}
	pairFrom     = limit.Counter{Name: "sign_in.pair", Window: FailureWindow}
	forgotOf     = limit.Counter{Name: "forgot.account", Window: time.Hour, Max: ForgotPerAccount}
	proofsOf     = limit.Counter{Name: "second.session", Window: ProofWindow, Max: ProofsPerSession}
	forgotFrom   = limit.Counter{Name: "forgot.address", Window: time.Hour, Max: ForgotPerAddress}
)

// source is the network address of a try and the account it is for, as counters
// name them. The zero value is not counted.
type source struct{ network, pair string }

// sixtyFour is how much of an IPv6 address its user does not choose.
const sixtyFour = 64

// Network gives what is counted of an address: all of IPv4, the network of IPv6. Nothing is
// exempt from it: it is for what strangers do, in the waiting room of an exempt hospital too.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, sixtyFour).Masked().String()
}

// networkOf is Network, but empty for an exempt one: of those who have an account (rules.md 4).
func (l Logins) networkOf(address string) string {
	if a, err := netip.ParseAddr(address); err == nil {
		a = a.Unmap().WithZone("")
		if slices.ContainsFunc(l.Exempt, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return ""
		}
	}
	return Network(address)
}

// take counts one failure of the source, before it is one, and reports whether
// there were too many already.
func (s source) take(ctx context.Context, tx *store.Tx) (exceeded bool, err error) {
	if s.network == "" {
		return false, nil
	}
	failures, err := failuresFrom.Add(ctx, tx, s.network)
	if err != nil {
		return false, err
	}
	times, err := pairFrom.Add(ctx, tx, s.pair)
	if err != nil {
		return false, err
	}
	over := accountsFrom.Count
	if times == 1 {
		over = accountsFrom.Add
	}
	accounts, err := over(ctx, tx, s.network)
	return failures > failuresFrom.Max && accounts >= accountsFrom.Max, err
}

// giveBack uncounts what was no failure.
func (s source) giveBack(ctx context.Context, tx *store.Tx) error {
	if s.network == "" {
		return nil
	}
	if _, err := failuresFrom.AddN(ctx, tx, s.network, -1); err != nil {
		return err
	}
	times, err := pairFrom.AddN(ctx, tx, s.pair, -1)
	if err == nil && times == 0 {
		_, err = accountsFrom.AddN(ctx, tx, s.network, -1)
	}
	return err
}

// digest names an address in counters without keeping it: people type passwords
// where an address is asked.
func (l Logins) digest(key string) (string, error) {
	ring := l.Run.Ring
	b, err := ring.Digest(ring.Current(), secret.UseIndex, []byte("sign-in "+key))
	return hex.EncodeToString(b), err
}
