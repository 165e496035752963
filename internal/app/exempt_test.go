package app

import (
	"io"
	"net/netip"
	"slices"
	"testing"
)

// rules.md 4: the networks that the operator lists are those that the limit of failed
// sign-ins leaves alone; both forms of an address are one (rules.md 10).
func TestExemptNetworksReachTheLimit(t *testing.T) {
	c := Config{Place: Place{Data: t.TempDir()}, ExemptNetworks: []string{"198.51.100.0/24", "::ffff:192.0.2.7"}}
	b, err := open(t.Context(), c, io.Discard, toServe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	want := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("192.0.2.7/32")}
	if !slices.Equal(b.Logins.Exempt, want) {
		t.Errorf("exempt: %v", b.Logins.Exempt)
	}
}
