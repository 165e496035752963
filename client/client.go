package client

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// What holds where Config says nothing.
const (
	DefaultRetries = 3                // times that a request refused for a while is sent again
	DefaultMaxWait = 30 * time.Second // longest wait before such a request
	MaxDocument    = 32 << 20         // bytes of one answer; exports have no bound
)

// prefix is where the routes of this version begin.
const prefix = "/api/v1"

// Config says where the server is and who speaks.
type Config struct {
	BaseURL  string        // address that people open: "https://habilis.example.fr"
	Token    string        // API token; empty for the steps that are for strangers
	Language string        // BCP 47, of names and sentences: "fr", "en"; empty leaves it to the server
	HTTP     *http.Client  // how requests travel; its redirection policy and cookies are not used
	Retries  int           // DefaultRetries when zero; negative: none
	MaxWait  time.Duration // DefaultMaxWait when zero; a longer Retry-After is given back to the caller
}

// Client speaks to one server in the name of one token.
type Client struct {
	base     string
	bearer   func(http.Header) // a function, so that printing a Client shows no token
	http     *http.Client
	language string
	retries  int
	maxWait  time.Duration
	once     string
}

// Errors of New and of calls that cannot be made.
var (
	ErrAddress  = errors.New("client: the address must be https://…, or http:// on this machine")
	ErrEmpty    = errors.New("client: an identifier is empty")
	ErrTooLarge = errors.New("client: the answer is larger than MaxDocument")
)

// New makes a client. Errors: ErrAddress.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !sealed(u) {
		return nil, ErrAddress
	}
	v := &Client{
		base: strings.TrimSuffix(u.String(), "/") + prefix, http: courier(c.HTTP), language: c.Language, retries: c.Retries, maxWait: c.MaxWait,
		bearer: func(http.Header) {},
	}
	if token := c.Token; token != "" {
		v.bearer = func(h http.Header) { h.Set("Authorization", "Bearer "+token) }
	}
	if v.retries == 0 {
		v.retries = DefaultRetries
	}
	if v.maxWait == 0 {
		v.maxWait = DefaultMaxWait
	}
	return v, nil
}

// sealed reports whether nobody on the way can read what is sent.
func sealed(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	a, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || (err == nil && a.Unmap().IsLoopback()))
}

// courier follows no redirection and keeps no cookie: a token is for one address.
func courier(given *http.Client) *http.Client {
	c := http.Client{}
	if given != nil {
		c = *given
	}
	c.Jar = nil
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// Once is the same client, whose changes carry this idempotency key: for a
// program that keeps the key with its own data, and asks again after a crash. One key
// is for one change.
func (c *Client) Once(key string) *Client {
	d := *c
	d.once = key
	return &d
}

// In is the same client, answered in this language (BCP 47).
func (c *Client) In(language string) *Client {
	d := *c
	d.language = language
	return &d
}
