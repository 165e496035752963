package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Bounds of one request (rules.md 17).
const (
	ConnectTime = 5 * time.Second
	TotalTime   = 10 * time.Second
	MaxBody     = 64 << 10 // bytes of an answer, unpacked, unless Options say more
	maxHeader   = 32 << 10 // bytes
	maxPerHost  = 8        // connections
	idleTime    = 30 * time.Second
)

// Errors of an exchange, beside those of the network.
var (
	ErrRedirect = errors.New("outbound: the server sends elsewhere")
	ErrTooLarge = errors.New("outbound: the answer is too large")
	ErrOperator = errors.New("outbound: through the proxy only configured servers are asked")
)

// Options are what the roof decides of a client.
type Options struct {
	// Operator are the servers that the configuration names, "host:port": they may stand in
	// the operator's own network.
	Operator []string
	// Plain lets those servers be spoken to over http: for development and tests only.
	Plain bool
	// Proxy is the operator's outgoing proxy; nil: none. What it dials cannot be checked,
	// so only Operator's servers are asked through it.
	Proxy *url.URL
	// Roots are the authorities believed instead of the system's; nil: the system's.
	Roots *x509.CertPool
	// MaxBody and Time take the place of the constants when they are more than zero.
	MaxBody int64
	Time    time.Duration
	// PerHost bounds the connections to one server; 0: as few as one server is usually asked at.
	PerHost int
}

// Client asks other servers. It is safe for concurrent use.
type Client struct {
	http     http.Client
	operator map[string]bool
	plain    bool
	proxy    string // host and port of the proxy: dialled, never asked for itself
	max      int64
}

// New makes a client.
func New(o Options) *Client {
	c := &Client{operator: map[string]bool{}, plain: o.Plain, max: MaxBody}
	for _, host := range o.Operator {
		c.operator[strings.ToLower(host)] = true
	}
	if o.MaxBody > 0 {
		c.max = o.MaxBody
	}
	total := TotalTime
	if o.Time > 0 {
		total = o.Time
	}
	conns := maxPerHost
	if o.PerHost > 0 {
		conns = o.PerHost
	}
	t := &http.Transport{
		DialContext: c.dial, TLSHandshakeTimeout: ConnectTime, ResponseHeaderTimeout: total, IdleConnTimeout: idleTime,
		MaxConnsPerHost: conns, MaxIdleConnsPerHost: maxPerHost, MaxResponseHeaderBytes: maxHeader, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
		c.proxy = hostPort(o.Proxy)
	}
	c.http = http.Client{Transport: t, Timeout: total, CheckRedirect: stay}
	return c
}

// stay follows no redirect: Do refuses the answer.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// HostPort is how Options.Operator names the server of a URL.
func HostPort(u *url.URL) string { return hostPort(u) }

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Check refuses, before anything is dialled, a URL that this client would not ask: CheckURL,
// but for the servers that the operator named.
func (c *Client) Check(u *url.URL) error {
	operator := c.operator[hostPort(u)]
	if err := checkURL(u, operator, operator && c.plain); err != nil {
		return err
	}
	if c.proxy != "" && !operator {
		return ErrOperator
	}
	return nil
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request and reads the answer. Errors: the refusals of the address,
// ErrRedirect for any answer that sends elsewhere, ErrTooLarge, and the network's.
func (c *Client) Do(r *http.Request) (Response, error) {
	if err := c.Check(r.URL); err != nil {
		return Response{}, err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return Response{}, bare(err)
	}
	defer func() { _ = answer.Body.Close() }() // nothing is left to learn from it
	if answer.StatusCode >= 300 && answer.StatusCode < 400 && answer.StatusCode != http.StatusNotModified {
		return Response{}, ErrRedirect
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.max+1))
	switch {
	case err != nil:
		return Response{}, bare(err)
	case int64(len(body)) > c.max:
		return Response{}, ErrTooLarge
	}
	return Response{Status: answer.StatusCode, Header: answer.Header, Body: body}, nil
}

// bare takes the URL out of an error: it may hold what somebody searched for, and the
// error goes to the log (rules.md 22).
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("outbound: %w", e.Err)
	}
	return fmt.Errorf("outbound: %w", err)
}

// dial connects to the first address of the host that may be dialled. The check is made
// on the address that the socket is about to connect to, after the name was resolved:
// a name that points elsewhere the second time gains nothing by it.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	address = strings.ToLower(address)
	operator := c.operator[address] || address == c.proxy
	d := net.Dialer{Timeout: ConnectTime, Control: func(_, resolved string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return ErrPrivate
		}
		return checkAddress(ap.Addr(), operator)
	}}
	return d.DialContext(ctx, network, address)
}
