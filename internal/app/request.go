package app

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

// requestKey finds what the front wrote about a request in its context. It is not
// the actor: that is a parameter, never a value in a context.
type requestKey struct{}

// about is what the front decided about a request, once, for every door.
type about struct {
	id      string
	address string
}

// Address is where a request comes from, by the rule of the trusted proxies: one
// address for decision, throttle and audit (rules.md 10).
func Address(r *http.Request) string { return aboutOf(r).address }

// RequestID is the number of a request: in its answer, in the log, in the trail.
func RequestID(r *http.Request) string { return aboutOf(r).id }

func aboutOf(r *http.Request) about {
	v, ok := r.Context().Value(requestKey{}).(about)
	if !ok {
		panic("app: a request that did not come through the front")
	}
	return v
}

func withAbout(r *http.Request, v about) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, v))
}

// newRequestID draws a number; what the client sends as one is never used.
func newRequestID() string { return rand.Text() }

// clientAddress decides where a request comes from: its peer, unless the peer is
// a trusted proxy, and then the right-most hop that is not one. The second value
// is false when what a trusted proxy wrote cannot be read: the request is refused
// (rules.md 10).
func clientAddress(r *http.Request, trusted *netipx.IPSet) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	addr := peer.Addr().Unmap().WithZone("")
	hops := forwardedFor(r.Header)
	for i := len(hops) - 1; i >= 0 && trusted.Contains(addr); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			return netip.Addr{}, false
		}
		addr = hop
	}
	return addr, true
}

// forwardedFor lists the hops of every X-Forwarded-For line, the nearest last.
func forwardedFor(h http.Header) []string {
	var hops []string
	for _, line := range h.Values("X-Forwarded-For") {
		hops = append(hops, strings.Split(line, ",")...)
	}
	return hops
}

// parseHop reads an address, with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}
