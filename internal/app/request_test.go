package app

import (
	"net/http"
	"testing"
)

// TestClientAddress (rules.md 10): the peer, or behind trusted proxies the
// right-most hop that is none of them; what cannot be read is refused.
func TestClientAddress(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.2", "10.1.0.0/16", "::ffff:192.168.7.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string // empty: refused
	}{
		{"no proxy", "203.0.113.9:4000", nil, "203.0.113.9"},
		{"a stranger cannot choose", "203.0.113.9:4000", []string{"198.51.100.1"}, "203.0.113.9"},
		{"a stranger cannot break it either", "203.0.113.9:4000", []string{"nonsense"}, "203.0.113.9"},
		{"one proxy", "10.0.0.2:4000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"the client's own claim is not believed", "10.0.0.2:4000", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.2:4000", []string{"1.1.1.1, 198.51.100.1, 10.1.2.3"}, "198.51.100.1"},
		{"several lines", "10.0.0.2:4000", []string{"1.1.1.1", "198.51.100.1", "10.1.2.3"}, "198.51.100.1"},
		{"only proxies", "10.0.0.2:4000", []string{"10.1.2.3"}, "10.1.2.3"},
		{"a proxy that says nothing", "10.0.0.2:4000", nil, "10.0.0.2"},
		{"a proxy that writes nonsense", "10.0.0.2:4000", []string{"198.51.100.1, unknown"}, ""},
		{"an empty hop", "10.0.0.2:4000", []string{""}, ""},
		{"nonsense beyond what is believed", "10.0.0.2:4000", []string{"nonsense, 198.51.100.1"}, "198.51.100.1"},
		{"a port", "10.0.0.2:4000", []string{"198.51.100.1:5123"}, "198.51.100.1"},
		{"IPv6", "10.0.0.2:4000", []string{"[2001:db8::1]:5123"}, "2001:db8::1"},
		{"IPv6 with a zone", "10.0.0.2:4000", []string{"fe80::1%eth0"}, "fe80::1"},
		{"mapped peer equals IPv4", "[::ffff:10.0.0.2]:4000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"mapped in the configuration", "192.168.7.1:4000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"IPv6 proxy", "[fd00::7]:4000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"no peer", "@", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
			got, ok := clientAddress(r, trusted)
			if ok != (c.want != "") || (ok && got.String() != c.want) {
				t.Errorf("%v, %v", got, ok)
			}
		})
	}
}
