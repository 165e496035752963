package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/httprate"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/token"
)

// bodyTime is how long a body may take to arrive (INJ-08, INJ-09).
const bodyTime = 30 * time.Second

// admit settles, in this order, who asks, how often, from which page, whether their browser
// may come into the organisation, and whether the request can be read at all. A stranger's body is not read.
func (c *call) admit() error {
	for _, step := range []func() error{c.identify, c.throttle, c.authenticated, c.sameSite, c.enter, c.query, c.body} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// identify finds the actor: a bearer token or the browser's session. A token that
// is worth nothing never falls back on the cookie.
func (c *call) identify() error {
	c.by = access.Actor{Kind: access.Anonymous}
	defer func() {
		c.by.Address, c.by.Request, c.by.Via = c.door.Address(c.r), c.door.RequestID(c.r), "api"
	}()
	if header := c.r.Header.Values("Authorization"); len(header) > 0 {
		return c.identifyToken(header)
	}
	if c.door.Browser == nil {
		return nil
	}
	by, lang, ok, err := c.door.Browser(c.r)
	if err != nil || !ok {
		return err
	}
	c.by, c.lang, c.cookie = by, lang, true
	return nil
}

func (c *call) identifyToken(header []string) error {
	scheme, presented, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return c.strange(errToken)
	}
	by, ok, err := c.door.Tokens.Authenticate(c.r.Context(), presented)
	if errors.Is(err, token.ErrExpired) {
		return c.strange(token.ErrExpired)
	}
	if err != nil {
		return err
	}
	if !ok {
		return c.strange(errToken)
	}
	c.by = by
	return nil
}

// strange refuses what was presented as a token.
func (c *call) strange(refusal *fault.Error) error {
	c.by.Address, c.by.Request, c.by.Via = c.door.Address(c.r), c.door.RequestID(c.r), "api"
	if err := c.throttle(); err != nil {
		return err
	}
	c.note(refusal.Code)
	return refusal
}

// throttle counts the request: by token or session, or by address for what nobody
// signs. IPv6 counts by the network of a home or an office.
func (c *call) throttle() error {
	limiter, key := c.door.known, c.by.ID()
	switch {
	case c.by.Kind == access.Anonymous:
		limiter, key = c.door.anonymous, httprate.CanonicalizeIP(c.by.Address)
	case !c.by.Token.IsZero():
		key = c.by.Token.String()
	}
	if limiter.OnLimit(c.w, c.r, key) {
		return errLimited.After(limitWindow)
	}
	if c.foresees() && c.door.previews.OnLimit(c.w, c.r, key) {
		return errLimited.After(limitWindow)
	}
	return nil
}

// foresees reports whether the request asks what would become of addresses, and does
// nothing: who is known must not be asked by thousands.
func (c *call) foresees() bool {
	return slices.Contains(previews, c.op.OperationID) && c.r.URL.Query().Get("dry_run") != ""
}

// previews are the operations that tell, before anything is done, which addresses are known.
var previews = []string{"invite", "createMember"}

// authenticated refuses a stranger, but for the steps that are for strangers.
func (c *call) authenticated() error {
	if c.by.Kind != access.Anonymous || public(c.op) {
		return nil
	}
	c.note(access.ErrUnauthenticated.Code)
	return access.ErrUnauthenticated
}

// sameSite refuses a change that another site's page may have sent (rules.md 9,
// WEB-01): one that the browser's cookie signs must say that it comes from our own
// pages, one that nobody signs must not say the contrary. A bearer token is never
// sent by itself.
func (c *call) sameSite() error {
	ours := true
	switch {
	case !unsafeMethod(c.r.Method):
	case c.cookie:
		ours = c.fromOurPages()
	case c.by.Kind == access.Anonymous:
		ours = http.NewCrossOriginProtection().Check(c.r) == nil
	}
	if ours {
		return nil
	}
	c.note(errCrossSite.Code)
	return errCrossSite
}

// enter lets a browser into the organisation of the path by the policy of this very
// request, as on its pages (SEC-4). Whoever may not come in may leave all the same.
func (c *call) enter() error {
	named := c.r.PathValue("org")
	if !c.cookie || named == "" || c.op.OperationID == leaving {
		return nil
	}
	return c.door.entry(c.r.Context(), InOrg{Caller: Caller{By: c.by, call: c}, Org: named})
}

// leaving is the operation of a member who leaves.
const leaving = "leaveOrganization"

// entry asks whether a browser may come into the organisation that is named.
func (s *Server) entry(ctx context.Context, in InOrg) error {
	id, err := s.named(ctx, in)
	if err != nil {
		return err
	}
	return s.Logins.Entry(ctx, in.By, id)
}

func (c *call) fromOurPages() bool {
	if site := c.r.Header.Values("Sec-Fetch-Site"); len(site) > 0 {
		return len(site) == 1 && site[0] == "same-origin"
	}
	origin := c.r.Header.Values("Origin")
	return len(origin) == 1 && origin[0] == c.door.BaseURL
}

func unsafeMethod(method string) bool {
	return method != http.MethodGet && method != http.MethodHead
}

// query refuses parameters that could be read in two ways, and writes the rest in
// the one way that everybody reads alike.
func (c *call) query() error {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return errMalformed.Because(err)
	}
	var f fault.Fields
	for name, list := range values {
		where := "query." + clip(strings.ToValidUTF8(name, "\uFFFD"))
		if len(list) > 1 {
			f.Add(where, "api.duplicate_parameter")
		}
		if !readable(name) || !readable(list[0]) {
			return malformedAt(where, "api.damaged_text")
		}
	}
	c.r.URL.RawQuery = values.Encode()
	return f.Err()
}

// readable refuses bytes that are no UTF-8, and control characters.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
}

// body reads the whole body, refuses what is no strict JSON, and gives it back for
// huma to decode. With it goes the idempotency key of the request.
func (c *call) body() error {
	if takesFile(c.op) {
		return c.receive()
	}
	b, err := c.readBody()
	if err != nil {
		return err
	}
	if err := c.checkBody(b); err != nil {
		return err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(b))
	return c.once(b)
}

func (c *call) readBody() ([]byte, error) {
	if c.r.ContentLength > MaxBody {
		return nil, errTooLarge
	}
	ctl := http.NewResponseController(c.w)
	// Without a deadline of its own, a connection still has the server's.
	limited := ctl.SetReadDeadline(time.Now().Add(bodyTime)) == nil //nolint:forbidigo // a deadline of the network, not of the field
	b, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, MaxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	if limited {
		err = ctl.SetReadDeadline(time.Time{})
	}
	return b, err
}

// checkBody wants JSON where the operation has a body, and nothing where it has
// none: what is sent and not read would be ignored in silence (AUZ-03).
func (c *call) checkBody(b []byte) error {
	if len(b) == 0 {
		if c.op.RequestBody != nil && c.op.RequestBody.Required {
			return malformedAt("body", "api.required")
		}
		return nil
	}
	if !c.isJSON() {
		return errMediaType
	}
	if err := scan(b, c.mayBeNull); err != nil {
		return err
	}
	if c.op.RequestBody == nil && !bytes.Equal(bytes.Join(bytes.Fields(b), nil), []byte("{}")) {
		fields := []fault.Field{{Location: "body", Code: "api.unknown_field"}}
		c.noteUnknown(fields)
		return &fault.Error{Kind: fault.Invalid, Code: fault.CodeInvalid, Fields: fields}
	}
	return nil
}

func (c *call) isJSON() bool {
	header := c.r.Header.Values("Content-Type")
	if len(header) != 1 || c.r.Header.Get("Content-Encoding") != "" {
		return false
	}
	kind, params, err := mime.ParseMediaType(header[0])
	charset := params["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// once takes the idempotency key of a change, with a hash of all that was asked.
func (c *call) once(body []byte) error {
	keys := c.r.Header.Values("Idempotency-Key")
	if len(keys) == 0 || !unsafeMethod(c.r.Method) {
		return nil
	}
	if len(keys) > 1 || !visible(keys[0]) {
		return malformedAt("header.Idempotency-Key", "api.idempotency_key")
	}
	h := sha256.New()
	for _, part := range []string{c.r.Method, c.r.URL.Path, c.r.URL.RawQuery} {
		h.Write([]byte(part + "\n"))
	}
	h.Write(body)
	c.by.Once = access.Once{Key: keys[0], Body: [sha256.Size]byte(h.Sum(nil))}
	return nil
}

// visible reports whether a key is printable ASCII of a bounded length.
func visible(key string) bool {
	return key != "" && len(key) <= action.MaxKeyLength &&
		!strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// mayBeNull reports whether null says something of a field of the body: that what it
// names ends, where leaving it out would let it stay.
func (c *call) mayBeNull(field string) bool {
	body := jsonBody(c.op)
	if body == nil {
		return false
	}
	if body.Ref != "" {
		body = c.door.api.OpenAPI().Components.Schemas.SchemaFromRef(body.Ref)
	}
	p := body.Properties[field]
	return p != nil && p.Nullable
}
