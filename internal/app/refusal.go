package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"go4.org/netipx"

	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/setting"
)

// SettingError is a setting with which the server does not start (rules.md 23, CFG-02).
type SettingError struct {
	Setting string // the flag, as it is typed
	Why     string // what is wrong, and what to do
}

func (r *SettingError) Error() string { return r.Setting + ": " + r.Why }

func refuse(setting, why string, args ...any) error {
	return &SettingError{Setting: setting, Why: fmt.Sprintf(why, args...)}
}

// Check refuses unsafe settings, all at once, before anything is opened or
// written. What depends on what is stored is checked by New.
func (c Config) Check() error {
	c = c.completed()
	return errors.Join(
		c.checkDatabase(), c.checkListen(), c.checkBaseURL(), c.checkMetrics(), c.checkProxies(), c.checkExempt(), c.checkDemo(), c.checkMail(),
		c.checkInvitations(), c.checkDecisions(), c.checkRetention(), c.checkDirectory(), c.checkSMS(), c.checkOutward(),
	)
}

func (c Config) checkListen() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return refuse("--listen", "write an address and a port, for example 127.0.0.1:8080")
	}
	if c.Dev && !c.Demo && !loopbackHost(host) {
		return refuse("--dev", "development is for this machine only: listen on 127.0.0.1, or leave --dev out")
	}
	return nil
}

// checkBaseURL: an address that others open is https; links in letters and the
// cookie's protection depend on it.
func (c Config) checkBaseURL() error {
	if c.BaseURL == "" {
		if host, _, err := net.SplitHostPort(c.Listen); err == nil && !loopbackHost(host) {
			return refuse("--base-url", "say which address people open, for example https://habilis.example.fr")
		}
		return nil
	}
	_, err := c.parseBaseURL()
	return err
}

func (p Place) parseBaseURL() (*url.URL, error) {
	u, err := url.Parse(p.BaseURL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, refuse("--base-url", "write a whole address, for example https://habilis.example.fr")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, refuse("--base-url", "write scheme and host only, for example https://habilis.example.fr")
	case u.Scheme == "http" && !loopbackURL(u):
		return nil, refuse("--base-url", "use https:// — over http anybody on the way reads passwords; http is accepted for this machine alone")
	case p.Dev && !loopbackURL(u):
		return nil, refuse("--dev", "development is for this machine only: %s is not", u.Host)
	}
	u.Path = ""
	return u, nil
}

// checkDatabase wants the server of the database to be proved by its certificate,
// unless it is on this machine.
func (p Place) checkDatabase() error {
	if !p.Postgres() {
		return nil
	}
	u, err := url.Parse(p.DatabaseURL.Reveal())
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return refuse("--database-url", "write it as postgres://user:password@host/name?sslmode=verify-full")
	}
	for _, host := range databaseHosts(u) {
		local := host == "" || strings.HasPrefix(host, "/") || loopbackHost(host)
		if !local && u.Query().Get("sslmode") != "verify-full" {
			return refuse("--database-url", "add sslmode=verify-full: without it anybody between here and %s can read and change the data", host)
		}
	}
	return nil
}

// databaseHosts are the servers of a URL, as PostgreSQL reads it: a parameter
// "host" wins, a list is separated by commas, and no host is PGHOST.
func databaseHosts(u *url.URL) []string {
	list := u.Host
	if q := u.Query().Get("host"); q != "" {
		list = q
	}
	if list == "" {
		list = os.Getenv("PGHOST")
	}
	var hosts []string
	for h := range strings.SplitSeq(list, ",") {
		if name, _, err := net.SplitHostPort(h); err == nil {
			h = name
		}
		hosts = append(hosts, strings.Trim(h, "[]"))
	}
	return hosts
}

// checkMetrics: figures are for those who run the machine.
func (c Config) checkMetrics() error {
	if c.MetricsListen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.MetricsListen)
	if err != nil {
		return refuse("--metrics-listen", "write an address and a port, for example 127.0.0.1:9090")
	}
	a, err := netip.ParseAddr(host)
	inside := loopbackHost(host) || (err == nil && a.Unmap().IsPrivate())
	if !inside {
		return refuse("--metrics-listen", "use 127.0.0.1 or a private address: the figures are not for the public")
	}
	return nil
}

// checkProxies: to trust everybody is to let everybody choose their address.
func (c Config) checkProxies() error {
	_, err := parseProxies(c.TrustedProxies)
	return err
}

// checkExempt: a network that is exempt is named; all of them would end the limit.
func (c Config) checkExempt() error {
	networks, err := parseNetworks("--exempt-networks", c.ExemptNetworks)
	for _, p := range networks {
		if p.Bits() == 0 {
			return refuse("--exempt-networks", "name the networks: if every address is exempt, nobody is counted")
		}
	}
	return err
}

// parseNetworks reads addresses and networks; an address is a network of one.
func parseNetworks(flag string, list []string) ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			a, err := netip.ParseAddr(strings.TrimSpace(s))
			if err != nil {
				return nil, refuse(flag, "%q is neither an address nor a network such as 10.0.0.0/8", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		networks = append(networks, unmapped(p))
	}
	return networks, nil
}

// parseProxies reads addresses and networks.
func parseProxies(list []string) (*netipx.IPSet, error) {
	var b netipx.IPSetBuilder
	networks, err := parseNetworks("--trusted-proxies", list)
	if err != nil {
		return nil, err
	}
	for _, p := range networks {
		b.AddPrefix(p)
	}
	set, err := b.IPSet()
	if err != nil {
		return nil, refuse("--trusted-proxies", "%s", err)
	}
	for _, everything := range []string{"0.0.0.0/0", "::/0"} {
		if set.ContainsPrefix(netip.MustParsePrefix(everything)) {
			return nil, refuse("--trusted-proxies", "name the proxies: if every address is trusted, anybody chooses the one that is recorded")
		}
	}
	return set, nil
}

// mappedBits is the length of the prefix ::ffff:0:0/96, under which IPv6 writes
// IPv4 addresses: both forms are one address (rules.md 10).
const mappedBits = 96

func unmapped(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= mappedBits {
		return netip.PrefixFrom(a.Unmap(), p.Bits()-mappedBits).Masked()
	}
	return p.Masked()
}

func (c Config) checkDemo() error {
	if !c.Demo {
		if !c.DemoPassword.IsZero() {
			return refuse("--demo-password", "it goes with --demo only")
		}
		if !c.DemoTOTP.IsZero() {
			return refuse("--demo-totp", "it goes with --demo only")
		}
		return nil
	}
	if _, err := credential.TOTPCode(c.DemoTOTP, time.Unix(0, 0)); err != nil && !c.DemoTOTP.IsZero() {
		return refuse("--demo-totp", "write the secret in base32: letters from A to Z and digits from 2 to 7")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	switch {
	case err == nil && !loopbackHost(host):
		return refuse("--demo", "its passwords are printed and known: listen on 127.0.0.1")
	case c.Postgres():
		return refuse("--demo", "it loads its organisations into SQLite only: leave --database-url out")
	}
	return nil
}

// checkMail: a server that others use must be able to write to them.
func (c Config) checkMail() error {
	if c.Host != "" {
		if c.From == "" {
			return refuse("--mail-from", "say from which address letters are sent")
		}
		return c.checkPassword()
	}
	if c.Dev || c.BaseURL == "" {
		return nil
	}
	if u, err := url.Parse(c.BaseURL); err == nil && loopbackURL(u) {
		return nil
	}
	return refuse("--smtp-host", "name a mail server: invitations and new passwords travel by letter")
}

// checkPassword: whoever reads the file can write letters in our name.
func (m Mail) checkPassword() error {
	if m.PasswordFile == "" {
		return nil
	}
	info, err := os.Stat(m.PasswordFile)
	switch {
	case err != nil:
		return refuse("--smtp-password-file", "it cannot be read: %s", err)
	case info.Mode().Perm()&0o077 != 0:
		return refuse("--smtp-password-file", "only its owner may read it: chmod 600 %s", m.PasswordFile)
	}
	return nil
}

func (c Config) checkInvitations() error {
	if c.InvitationsPerDay < 1 || c.InvitationsPerDay > MaxInvitationsPerDay {
		return refuse("--invitations-per-day", "choose a number from 1 to %d", MaxInvitationsPerDay)
	}
	return nil
}

func (c Config) checkDecisions() error {
	if c.DecisionsPerMinute < 1 || c.DecisionsPerMinute > MaxDecisionsPerMinute {
		return refuse("--decisions-per-minute", "choose a number from 1 to %d", MaxDecisionsPerMinute)
	}
	return nil
}

func (c Config) checkRetention() error {
	for _, f := range []struct {
		flag string
		kind setting.RetentionKind
	}{{"--security-log-months", setting.KeepSecurityLog}, {"--audit-months", setting.KeepRightsAudit}} {
		b, _ := setting.BoundsOf(f.kind)
		if v := c.retention().Of(f.kind); v < b.Min || v > b.Max {
			return refuse(f.flag, "choose a number of months from %d to %d", b.Min, b.Max)
		}
	}
	return nil
}

// refuseKeys explains why the key file was refused.
func refuseKeys(path string, err error) error {
	if errors.Is(err, secret.ErrKeyFileMode) {
		return refuse("--key-file", "only its owner may read it: chmod 600 %s", path)
	}
	if errors.Is(err, secret.ErrKeyFileShape) {
		return refuse("--key-file", "%s is damaged, or is not a key file: put back the copy you keep", path)
	}
	return err
}
