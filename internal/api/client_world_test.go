package api_test

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	rest "habilis/client"
)

// rest is the public Go client in the name of the caller: what the tests ask of the
// API, other programs ask in the same way.
func (c caller) rest() *rest.Client {
	c.w.Helper()
	config := rest.Config{BaseURL: c.w.srv.URL, Retries: -1}
	for _, h := range c.header {
		if cookie, browser := strings.CutPrefix(h, "Cookie: "); browser {
			config.HTTP = &http.Client{Transport: inBrowser(cookie)}
		} else {
			config.Token += strings.TrimPrefix(h, "Authorization: Bearer ")
		}
	}
	v, err := rest.New(config)
	if err != nil {
		c.w.Fatal(err)
	}
	return v
}

// inBrowser sends what a client asks as a page of ours does, signed by the cookie of a session.
type inBrowser string

func (b inBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	r.Header.Set("Cookie", string(b))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return http.DefaultTransport.RoundTrip(r)
}

// good fails the test when a call was refused.
func (w *world) good(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refusedBy fails the test unless a call was refused with this status and code, for
// exactly these points to correct.
func (w *world) refusedBy(err error, status int, code string, points ...string) {
	w.Helper()
	p, ok := errors.AsType[*rest.Problem](err)
	if !ok || p.Status != status || p.Code != code {
		w.Fatalf("%v, want %d %s", err, status, code)
	}
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Location+" "+f.Code)
	}
	if !slices.Equal(got, points) {
		w.Errorf("points %q, want %q", got, points)
	}
}

// collect goes through a list to its end.
func collect[T any](w *world, list iter.Seq2[T, error]) (all []T) {
	w.Helper()
	for v, err := range list {
		w.good(err)
		all = append(all, v)
	}
	return all
}

func to[T any](v T) *T { return &v }
