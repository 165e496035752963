package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// Refusals of an address. They are causes for the log; whoever shows one to a person
// words it in a fault of their own.
var (
	ErrScheme  = errors.New("outbound: only https is spoken")
	ErrHost    = errors.New("outbound: the host is not a plain name or address")
	ErrPort    = errors.New("outbound: this port is not one of the web")
	ErrPrivate = errors.New("outbound: the address is not a public one")
)

// ports are those of the web; a server that the operator named may have any.
var ports = map[string]bool{"": true, "443": true, "8443": true}

// never are the networks in which nobody is called, whoever configured it: link-local
// (the metadata of clouds), multicast, "this network" and what is reserved.
var never = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "fec0::/10", "ff00::/8",
	"fd00:ec2::/32", // the metadata of a cloud, inside the private range
)

// inside are the networks of an installation, and the ways to write or reach them in
// disguise: shared addresses, translation (NAT64), tunnels (6to4, Teredo), IPv4 in IPv6,
// and what is for documentation and measurement.
var inside = prefixes(
	"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
	"192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"::1/128", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7",
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// checkAddress refuses an address that must not be dialled. An IPv4 address written in
// IPv6 is the IPv4 address.
func checkAddress(a netip.Addr, operator bool) error {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || within(a, never) || (!operator && within(a, inside)) {
		return ErrPrivate
	}
	return nil
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// CheckURL refuses, before anything is dialled, a URL that cannot be one of a public web
// server: another scheme, another port, a user and password, a host in disguise or a
// private address. It is for the moment when somebody types the URL; the address is
// checked again each time it is dialled (OUT-01).
func CheckURL(u *url.URL) error { return checkURL(u, false, false) }

// checkURL: operator is set for a server that the configuration names, plain where that
// server may be spoken to without TLS, on this machine.
func checkURL(u *url.URL, operator, plain bool) error {
	switch {
	case u == nil || (u.Scheme != "https" && (u.Scheme != "http" || !plain)):
		return ErrScheme
	case u.User != nil || u.Opaque != "" || !plainHost(u.Hostname()):
		return ErrHost
	case !operator && !ports[u.Port()]:
		return ErrPort
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return checkAddress(a, operator)
	}
	if !operator && localName(u.Hostname()) {
		return ErrPrivate
	}
	return nil
}

// maxHost is the longest name of the domain name system.
const maxHost = 253

// plainHost reports whether the host is an address or a name in ASCII whose last label is
// no number: "127.1" and "0x7f000001" are addresses in disguise, and letters beyond ASCII
// can fold into one.
func plainHost(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Zone() == ""
	}
	if host == "" || len(host) > maxHost || !hostLetters(host) {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := strings.ToLower(labels[len(labels)-1])
	return last != "" && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

func hostLetters(host string) bool {
	for _, r := range host {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

// localName reports whether a name can only be one of this machine or of its network.
func localName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa", ".localdomain"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
