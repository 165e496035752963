package setting

import (
	"net/netip"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/fault"
)

// Bounds of a security policy. None lets a session live longer than rules.md 7 says.
const (
	DefaultGraceDays = 14
	MaxGraceDays     = 90
	MinIdleMinutes   = 5
	MaxIdleMinutes   = 30
	MinAbsoluteHours = 1
	MaxAbsoluteHours = 12
	MaxDeviceDays    = 30
	// MinBits4 and MinBits6 are how narrow a network of an allow-list is at least: a wider
	// one names half of the Internet, not an organisation (MFA-13).
	MinBits4 = 8
	MinBits6 = 20
)

// asksMore reports whether a policy asks for a factor of somebody of whom the one before
// did not: their grace begins when it does.
func (s Security) asksMore(old Security) bool {
	if s.Required == Everybody && old.Required != Everybody {
		return true
	}
	for _, kind := range old.Factors.List() {
		if !s.Factors.Has(kind) {
			return true
		}
	}
	return old.NetworkFactor && !s.NetworkFactor
}

// check tells what must be corrected in a policy that by wants.
func (s Security) check(by access.Actor, old Security) error {
	var f fault.Fields
	if !s.Factors.Passkey && !s.Factors.TOTP {
		f.Add("factors", "setting.factors_none") // the SMS alone depend on a gateway
	}
	if s.Required != Everybody && s.Required != Administrators {
		f.Add("required", "setting.required_unknown")
	}
	bounded(&f, "grace_days", s.GraceDays, 0, MaxGraceDays)
	bounded(&f, "idle_minutes", s.IdleMinutes, MinIdleMinutes, MaxIdleMinutes)
	bounded(&f, "absolute_hours", s.AbsoluteHours, MinAbsoluteHours, MaxAbsoluteHours)
	bounded(&f, "device_days", s.DeviceDays, 0, MaxDeviceDays)
	s.checkNetworks(&f, by, old)
	return f.Err()
}

func bounded(f *fault.Fields, at string, n, low, high int) {
	if n < low || n > high {
		f.Add(at, "setting.out_of_bounds", "Min", low, "Max", high)
	}
}

func (s Security) checkNetworks(f *fault.Fields, by access.Actor, old Security) {
	if len(s.Networks) > MaxNetworks {
		f.Add("networks", "setting.too_many_networks", "Max", MaxNetworks)
		return
	}
	for i, n := range s.Networks {
		if tooWide(n) {
			f.Add("networks["+strconv.Itoa(i)+"]", "setting.network_wide", "Network", n.String())
		}
	}
	if len(s.Networks) == 0 && (s.NetworkFactor || s.NetworkOnly) {
		f.Add("networks", "setting.networks_empty")
	}
	same := s.facts()["networks"] == old.facts()["networks"] && s.NetworkOnly == old.NetworkOnly
	if len(s.Networks) > 0 && !same && by.Kind != access.System && !s.Inside(by.Address) {
		f.Add("networks", "setting.networks_without_yours", "Address", by.Address)
	}
}

func tooWide(n netip.Prefix) bool {
	if n.Addr().Is4() {
		return n.Bits() < MinBits4
	}
	return n.Bits() < MinBits6
}
