package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/token"
)

// Client is one browser, or one program with a token.
type Client struct {
	HTTP   *http.Client
	Header http.Header // sent with every request

	t    *testing.T
	base string
}

// Answer is what came back.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
}

// JSON reads the body into v.
func (a Answer) JSON(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		t.Fatalf("%v in %.300s", err, a.Body)
	}
}

// Code is the code of a problem document.
func (a Answer) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.Body), &p)
	return p.Code
}

// Browser is a browser in which nobody is signed in. It does not follow redirects.
func (s *Server) Browser() *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &Client{t: s.t, base: s.URL, Header: http.Header{"Accept-Language": {"fr"}}, HTTP: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// SignIn is a browser in which somebody signed in with Password: one that was remembered,
// if a second factor is asked of them.
func (s *Server) SignIn(email string) *Client {
	s.t.Helper()
	c := s.Browser()
	if k := s.Remembered(email); k != nil {
		c.SetCookie(k)
	}
	a := c.Post("/login", url.Values{"email": {email}, "password": {Password}})
	if a.Status != http.StatusSeeOther || strings.HasPrefix(a.Location, "/login") {
		s.t.Fatalf("sign-in of %s: %d to %q\n%.800s", email, a.Status, a.Location, a.Body)
	}
	return c
}

// Cookie is the one of the session.
func (c *Client) Cookie() *http.Cookie {
	c.t.Helper()
	for _, k := range c.HTTP.Jar.Cookies(c.url()) {
		if strings.HasSuffix(k.Name, "-s") {
			return k
		}
	}
	c.t.Fatal("nobody is signed in")
	return nil
}

// SetCookie presents a cookie of another browser.
func (c *Client) SetCookie(k *http.Cookie) { c.HTTP.Jar.SetCookies(c.url(), []*http.Cookie{k}) }

func (c *Client) url() *url.URL {
	u, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

// Token is a program with a token of an organisation, which may do what its
// permissions say; all administration without any.
func (s *Server) Token(o Org, permissions ...access.Permission) *Client {
	s.t.Helper()
	return s.withToken(token.New{Kind: token.OfOrganization, Org: o.ID, Name: "essai", Permissions: permissions})
}

// PlatformToken is a program with a token of the platform.
func (s *Server) PlatformToken() *Client {
	s.t.Helper()
	return s.withToken(token.New{Kind: token.OfPlatform, Name: "essai"})
}

func (s *Server) withToken(n token.New) *Client {
	s.t.Helper()
	made, err := s.App.Tokens.Make(context.Background(), Operator, n)
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.Browser()
	c.Header.Set("Authorization", "Bearer "+made.Secret.Reveal())
	return c
}

// Get asks for a path.
func (c *Client) Get(path string) Answer {
	c.t.Helper()
	return c.Do(http.MethodGet, path, nil, nil)
}

// Post sends a form, as a page of ours does.
func (c *Client) Post(path string, form url.Values) Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, path, strings.NewReader(form.Encode()),
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {c.base}, "Sec-Fetch-Site": {"same-origin"}})
}

// Call sends a body as JSON, or none when it is nil. more are headers in pairs:
// "If-Match", `"3"`.
func (c *Client) Call(method, path string, body any, more ...string) Answer {
	c.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	if c.Header.Get("Authorization") == "" && method != http.MethodGet {
		h.Set("Origin", c.base)
		h.Set("Sec-Fetch-Site", "same-origin")
	}
	if body == nil {
		return c.Do(method, path, nil, h)
	}
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	h.Set("Content-Type", "application/json")
	return c.Do(method, path, bytes.NewReader(b), h)
}

// Do sends a request.
func (c *Client) Do(method, path string, body io.Reader, h http.Header) Answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, set := range []http.Header{c.Header, h} {
		for name, values := range set {
			r.Header[name] = values
		}
	}
	answer, err := c.HTTP.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return Answer{Status: answer.StatusCode, Header: answer.Header, Body: string(b), Location: answer.Header.Get("Location")}
}
