package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// anOpenRoute takes a body from strangers: {"token": text}.
const anOpenRoute = "/api/v1/activations/open"

// INJ-08, rules.md 14: what encoding/json would read with indulgence is refused
// before anything looks at it.
func TestBodiesThatAreNoStrictJSON(t *testing.T) {
	srv := bare(t)
	deep := func(n int) string { return `{"token":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, `,"f%d":1`, i)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
		at     []string
	}{
		"INJ-08 100,000 nested arrays": {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), 400, "api.malformed", nil},
		"INJ-08 33 levels":             {deep(32), 400, "api.malformed", nil},
		"INJ-08 1e400":                 {`{"token":1e400}`, 400, "api.malformed", []string{"body.token api.number"}},
		"INJ-08 -1e400 in a list":      {`{"token":[0,-1e400]}`, 400, "api.malformed", []string{"body.token[1] api.number"}},
		"INJ-08 duplicate keys":        {`{"token":"a","token":"b"}`, 400, "api.malformed", []string{"body.token api.duplicate_field"}},
		"duplicate key, escaped":       {`{"token":"a","\u0074oken":"b"}`, 400, "api.malformed", []string{"body.token api.duplicate_field"}},
		"duplicate key, deeper":        {`{"token":[{"a":1,"b":{"c":1,"c":2}}]}`, 400, "api.malformed", []string{"body.token[0].b.c api.duplicate_field"}},
		"201 fields":                   {`{"token":"a"` + many.String() + `}`, 413, "api.too_large", nil},
		"trailing data":                {`{"token":"a"} {"token":"b"}`, 400, "api.malformed", nil},
		"trailing comma":               {`{"token":"a",}`, 400, "api.malformed", nil},
		"cut":                          {`{"token":"a`, 400, "api.malformed", nil},
		"no UTF-8":                     {"{\"token\":\"\xff\"}", 400, "api.malformed", nil},
		"half a surrogate pair":        {`{"token":"\ud83d"}`, 400, "api.malformed", []string{"body.token api.damaged_text"}},
		"U+0000":                       {`{"token":"a\u0000b"}`, 400, "api.malformed", []string{"body.token api.damaged_text"}},
		"U+0000 in a name":             {`{"token":"a","\u0000":1}`, 400, "api.malformed", []string{"body.\x00 api.damaged_text"}},
		"empty":                        {``, 400, "api.malformed", []string{"body api.required"}},
		"not JSON":                     {`token=a`, 400, "api.malformed", nil},
		"null":                         {`{"token":null}`, 422, "invalid", []string{"body.token api.null"}},
		"a list":                       {`[]`, 422, "invalid", []string{"body api.object"}},
		"a number for a text":          {`{"token":1}`, 422, "invalid", []string{"body.token api.text"}},
		"missing":                      {`{}`, 422, "invalid", []string{"body.token api.required"}},
		"unknown field":                {`{"token":"a","role":"administrator"}`, 422, "invalid", []string{"body.role api.unknown_field"}},
		"AUZ-03 wrongly cased field":   {`{"Token":"a"}`, 422, "invalid", []string{"body.Token api.unknown_field", "body.token api.required"}},
	} {
		t.Run(name, func(t *testing.T) {
			send(t, srv, "POST", anOpenRoute, c.body, asJSON).refused(c.status, c.code).at(t, c.at...)
		})
	}
}

// INJ-08: 32 levels are read, and then refused by the schema alone.
func TestDepthThatIsAllowed(t *testing.T) {
	body := `{"token":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`
	send(t, bare(t), "POST", anOpenRoute, body, asJSON).refused(422, "invalid").at(t, "body.token api.text")
}

// INJ-08: 50 MB are refused by their announced length, and by what arrives when no
// length is announced, without being kept in memory.
func TestLargeBodies(t *testing.T) {
	srv := bare(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	send(t, srv, "POST", anOpenRoute, `{"token":"`+strings.Repeat("a", 1<<20)+`"}`, asJSON).refused(413, "api.too_large")
	announced := newRequest(t, srv, "POST", anOpenRoute, &zeros{left: 50 << 20}, asJSON, "Expect: 100-continue")
	announced.ContentLength = 50 << 20
	do(t, announced).refused(413, "api.too_large")
	chunked := newRequest(t, srv, "POST", anOpenRoute, &zeros{left: 50 << 20}, asJSON)
	if resp, err := client.Do(chunked); err == nil { // the server may close before the client has sent all
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 20<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

// zeros is a body made as it is read.
type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), z.left)
	z.left -= n
	clear(p[:n])
	return n, nil
}

// INJ-08: a body that trickles in does not hold a request for ever: the deadline of
// the body is set on the connection.
func TestSlowBody(t *testing.T) {
	t.Parallel() // it waits for the deadline
	srv := bare(t)
	body := &trickle{stop: make(chan struct{})}
	t.Cleanup(func() { close(body.stop) })
	r := newRequest(t, srv, "POST", anOpenRoute, body, asJSON)
	began := time.Now()
	resp, err := client.Do(r)
	if err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
	if took := time.Since(began); took > 45*time.Second {
		t.Errorf("the request was held for %s", took)
	}
}

type trickle struct {
	sent bool
	stop chan struct{}
}

func (b *trickle) Read(p []byte) (int, error) {
	if !b.sent {
		b.sent = true
		return copy(p, `{"token":"`), nil
	}
	<-b.stop
	return 0, io.ErrUnexpectedEOF
}

// rules.md 9 and 14: JSON routes take application/json in UTF-8, uncompressed.
func TestMediaTypes(t *testing.T) {
	srv := bare(t)
	for _, header := range [][]string{
		{"Content-Type: text/plain"}, {"Content-Type: application/x-www-form-urlencoded"}, {"Content-Type: application/jsonp"}, {},
		{"Content-Type: application/json; charset=latin1"}, {"Content-Type: application/json", "Content-Type: text/plain"},
		{asJSON, "Content-Encoding: gzip"}, {"Content-Type: application/json;;"},
	} {
		r := newRequest(t, srv, "POST", anOpenRoute, strings.NewReader(`{"x":1}`), header...)
		if len(header) == 0 {
			r.Header["Content-Type"] = nil
		}
		do(t, r).refused(415, "api.media_type")
	}
	send(t, srv, "POST", anOpenRoute, `{"x":1}`, "Content-Type: application/json; charset=UTF-8").is(422)
}

// rules.md 14, INJ-04: parameters are known, given once, and readable.
func TestQueries(t *testing.T) {
	srv := bare(t)
	for query, want := range map[string]struct {
		status int
		code   string
		at     []string
	}{
		"?x=1":                        {422, "invalid", []string{"query.x api.unknown_parameter"}},
		"?Limit=1":                    {422, "invalid", []string{"query.Limit api.unknown_parameter"}},
		"?limit=1&limit=2":            {422, "invalid", []string{"query.limit api.duplicate_parameter"}},
		"?limit=0":                    {422, "invalid", []string{"query.limit api.too_low"}},
		"?limit=101":                  {422, "invalid", []string{"query.limit api.too_high"}},
		"?limit=1e2":                  {422, "invalid", []string{"query.limit api.integer"}},
		"?limit=99999999999999999999": {422, "invalid", []string{"query.limit api.integer"}},
		"?cursor=%00":                 {400, "api.malformed", []string{"query.cursor api.damaged_text"}},
		"?cursor=%ff":                 {400, "api.malformed", []string{"query.cursor api.damaged_text"}},
		"?cursor=%zz":                 {400, "api.malformed", nil},
		"?a;b":                        {400, "api.malformed", nil},
	} {
		t.Run(query, func(t *testing.T) {
			send(t, srv, "GET", "/api/v1/functions"+query, "").refused(want.status, want.code).at(t, want.at...)
		})
	}
}

// The idempotency key is one visible word of a bounded length.
func TestIdempotencyKeys(t *testing.T) {
	srv := bare(t)
	for _, header := range [][]string{
		{"Idempotency-Key: "}, {"Idempotency-Key: a b"}, {"Idempotency-Key: clé"}, {"Idempotency-Key: a", "Idempotency-Key: b"},
		{"Idempotency-Key: " + strings.Repeat("k", 201)},
	} {
		p := send(t, srv, "POST", anOpenRoute, `{"token":"x"}`, append(header, asJSON)...).refused(400, "api.malformed")
		p.at(t, "header.Idempotency-Key api.idempotency_key")
	}
}

// A name that the caller made up is repeated, but shortened.
func TestLongNamesAreNotRepeated(t *testing.T) {
	name := strings.Repeat("é", 5000)
	a := send(t, bare(t), "POST", anOpenRoute, `{"token":"x","`+name+`":1}`, asJSON)
	a.refused(422, "invalid")
	if len(a.body) > 2000 || bytes.Contains(a.body, []byte(name)) {
		t.Errorf("%d bytes", len(a.body))
	}
}
