package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parts of paths that several files name.
const (
	partFactors       = "factors"
	partOrganizations = "organizations"
	partPlatform      = "platform"
	partTokens        = "tokens"
)

// request is one operation being asked for.
type request struct {
	method  string
	path    []string
	query   any    // a struct with query tags, or nil
	body    any    // nil: none
	file    []byte // a body that is the bytes of a file
	version *int64 // for If-Match
	accept  string // application/json when empty

	registration string // the key of a registration
}

// from names the version that a change was made from; 0 where whichever is there will do.
func from(version int64) *int64 {
	if version == 0 {
		return nil
	}
	return &version
}

// call asks for a document.
func call[T any](ctx context.Context, c *Client, r request) (T, error) {
	var v T
	answer, err := c.send(ctx, r)
	if err != nil {
		return v, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, MaxDocument+1))
	switch {
	case err != nil:
		return v, err
	case len(b) > MaxDocument:
		return v, ErrTooLarge
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("client: the answer to %s /%s: %w", r.method, strings.Join(r.path, "/"), err)
	}
	return v, nil
}

// act asks for something that answers no document.
func act(ctx context.Context, c *Client, r request) error {
	answer, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// stream asks for something that is read as it arrives. The caller closes it.
func stream(ctx context.Context, c *Client, r request) (io.ReadCloser, error) {
	answer, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// send sends a request until it is answered, or refused for good.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	address, err := c.address(r)
	if err != nil {
		return nil, err
	}
	body := r.file
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
	}
	header := c.header(r)
	for tried := 0; ; tried++ {
		again, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		again.Header = header
		answer, err := c.http.Do(again)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode < http.StatusMultipleChoices {
			return answer, nil
		}
		refusal := problemOf(answer)
		if tried >= c.retries || !c.worthWaiting(refusal) {
			return nil, refusal
		}
		if err := pause(ctx, refusal.RetryAfter); err != nil {
			return nil, errors.Join(err, refusal)
		}
	}
}

// address writes the path and the query. An empty identifier would name another route.
func (c *Client) address(r request) (string, error) {
	var b strings.Builder
	b.WriteString(c.base)
	for _, part := range r.path {
		if part == "" {
			return "", ErrEmpty
		}
		b.WriteString("/" + escaped(part))
	}
	if q := queryOf(r.query); len(q) > 0 {
		b.WriteString("?" + q.Encode())
	}
	return b.String(), nil
}

// escaped writes one part of a path. One of dots alone would be taken for a way up.
func escaped(part string) string {
	if part == "." || part == ".." {
		return strings.ReplaceAll(part, ".", "%2E")
	}
	return url.PathEscape(part)
}

func (c *Client) header(r request) http.Header {
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {"habilis-go/1"}}
	if r.accept != "" {
		h.Set("Accept", r.accept+", application/problem+json")
	}
	c.bearer(h)
	if c.language != "" {
		h.Set("Accept-Language", c.language)
	}
	switch {
	case r.body != nil:
		h.Set("Content-Type", "application/json")
	case r.file != nil:
		h.Set("Content-Type", "application/octet-stream")
	}
	if r.version != nil {
		h.Set("If-Match", `"`+strconv.FormatInt(*r.version, 10)+`"`)
	}
	if r.registration != "" {
		h.Set("Registration-Key", r.registration)
	}
	if r.method != http.MethodGet {
		h.Set("Idempotency-Key", c.key())
	}
	return h
}

// key is the one that the caller chose, or one for this call alone.
func (c *Client) key() string {
	if c.once != "" {
		return c.once
	}
	return rand.Text()
}

// worthWaiting: the server said when to come back, and that is soon. What is sent again
// has no effect twice: it reads, or it carries a key.
func (c *Client) worthWaiting(p *Problem) bool {
	later := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
	return slices.Contains(later, p.Status) && p.RetryAfter > 0 && p.RetryAfter <= c.maxWait
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
