package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/outbound"
	"habilis/internal/secret"
)

// BodyKind is how the body of a request to a gateway is written.
type BodyKind string

// The kinds of bodies.
const (
	JSONBody BodyKind = "json"
	FormBody BodyKind = "form"
)

// The bodies that are sent unless the operator writes another.
const (
	defaultJSON = `{"to":"{{.To}}","text":"{{.Text}}"}`
	defaultForm = `to={{.To}}&text={{.Text}}`
)

// The values of a template. To is the number in E.164, Digits the same without its plus,
// ID names the message, and Secret is the secret of the account at the gateway.
const (
	valueTo     = "To"
	valueDigits = "Digits"
	valueText   = "Text"
	valueID     = "ID"
	valueSecret = "Secret"
)

// GatewayConfig is the account at an HTTP gateway, as its operator describes it.
type GatewayConfig struct {
	URL     string   // its query may hold values, without the secret
	Method  string   // POST when empty
	Headers []string // "Name: value"
	Kind    BodyKind // JSONBody when empty
	Body    string
	Secret  secret.Text
}

// What an operator must correct in a GatewayConfig.
var (
	ErrGatewayURL    = errors.New("notify: the address of the gateway is not a whole one, or has a value outside its query")
	ErrGatewayMethod = errors.New("notify: a gateway is asked with GET, POST or PUT")
	ErrGatewayHeader = errors.New("notify: a header is written «Name: value»")
	ErrGatewayBody   = errors.New("notify: the body, once filled in, is not of the kind that was said")
	ErrGatewayBlind  = errors.New("notify: {{.Text}} and {{.To}} or {{.Digits}} must stand in the address or in the body")
	ErrGatewaySecret = errors.New("notify: {{.Secret}} stands somewhere, but there is no secret")
)

// HTTPGateway sends messages through somebody's HTTP service (SEC-7).
type HTTPGateway struct {
	client  *outbound.Client
	breaker outbound.Breaker
	method  string
	url     filled
	headers []header
	kind    BodyKind
	body    filled
	secret  secret.Text
}

type header struct {
	name  string
	value filled
}

// NewHTTPGateway checks the whole configuration. The client must hold the gateway's server
// among its operator's (outbound.Options).
func NewHTTPGateway(c GatewayConfig, client *outbound.Client) (*HTTPGateway, error) {
	g := &HTTPGateway{client: client, method: strings.ToUpper(c.Method), kind: c.Kind, secret: c.Secret}
	if g.method == "" {
		g.method = http.MethodPost
	}
	if g.kind == "" {
		g.kind = JSONBody
	}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, g.method) {
		return nil, ErrGatewayMethod
	}
	if err := g.readURL(c.URL); err != nil {
		return nil, err
	}
	if err := g.readHeaders(c.Headers); err != nil {
		return nil, err
	}
	if err := g.readBody(c.Body); err != nil {
		return nil, err
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	return g, nil
}

// ParseGatewayURL reads the address of a gateway, of which values may stand in the query
// alone: nobody's number chooses which server is asked.
func ParseGatewayURL(source string) (*url.URL, error) {
	address, _, _ := strings.Cut(source, "?")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(address, "{}") {
		return nil, ErrGatewayURL
	}
	return u, nil
}

func (g *HTTPGateway) readURL(source string) (err error) {
	if _, err := ParseGatewayURL(source); err != nil {
		return err
	}
	g.url, err = newFilled(source, inQuery, valueTo, valueDigits, valueText, valueID)
	return err
}

func (g *HTTPGateway) readHeaders(list []string) error {
	for _, h := range list {
		name, value, ok := strings.Cut(h, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || strings.ContainsAny(h, "\r\n\x00") || strings.ContainsAny(name, " \t{}") {
			return ErrGatewayHeader
		}
		t, err := newFilled(value, asIs, valueSecret, valueID)
		if err != nil {
			return err
		}
		g.headers = append(g.headers, header{name, t})
	}
	return nil
}

func (g *HTTPGateway) readBody(source string) (err error) {
	escape, standard := inJSON, defaultJSON
	if g.kind == FormBody {
		escape, standard = inQuery, defaultForm
	}
	switch {
	case g.method == http.MethodGet:
		source = ""
	case source == "":
		source = standard
	}
	g.body, err = newFilled(source, escape, valueTo, valueDigits, valueText, valueID, valueSecret)
	return err
}

// check fills everything in once, to refuse at the start what would fail at each message.
func (g *HTTPGateway) check() error {
	has := func(name string) bool { return g.url.has(name) || g.body.has(name) }
	if !has(valueText) || (!has(valueTo) && !has(valueDigits)) {
		return ErrGatewayBlind
	}
	secret := g.body.has(valueSecret) || slices.ContainsFunc(g.headers, func(h header) bool { return h.value.has(valueSecret) })
	if secret && g.secret.IsZero() {
		return ErrGatewaySecret
	}
	if g.method == http.MethodGet {
		return nil
	}
	sample := g.body.fill(map[string]string{
		valueTo: "+33612345678", valueDigits: "33612345678", valueText: "a \"b\"\n&c", valueID: "d", valueSecret: "e",
	})
	if g.kind == JSONBody && !json.Valid([]byte(sample)) {
		return ErrGatewayBody
	}
	if _, err := url.ParseQuery(sample); g.kind == FormBody && err != nil {
		return ErrGatewayBody
	}
	return nil
}

// Text sends one message. An answer of 2xx means that the gateway took it over. Errors name
// no number, and nothing of what the gateway answers (rules.md 22).
func (g *HTTPGateway) Text(ctx context.Context, m TextMessage) error {
	if err := g.breaker.Enter(); err != nil {
		return err
	}
	status, err := g.ask(ctx, m)
	switch {
	case ctx.Err() != nil:
		g.breaker.Leave(outbound.Abandoned)
	case err != nil || status >= http.StatusInternalServerError:
		g.breaker.Leave(outbound.Failed)
	default:
		g.breaker.Leave(outbound.Answered)
	}
	if err != nil {
		return err
	}
	return judged(status)
}

func (g *HTTPGateway) ask(ctx context.Context, m TextMessage) (status int, err error) {
	values := map[string]string{
		valueTo: m.To.Reveal(), valueDigits: strings.TrimPrefix(m.To.Reveal(), "+"), valueText: m.Text.Reveal(), valueID: m.ID,
		valueSecret: g.secret.Reveal(),
	}
	r, err := http.NewRequestWithContext(ctx, g.method, g.url.fill(values), strings.NewReader(g.body.fill(values)))
	if err != nil {
		return 0, &PermanentError{ErrGatewayURL} // without the cause: it would quote the number
	}
	if g.method != http.MethodGet {
		r.Header.Set("Content-Type", map[BodyKind]string{JSONBody: "application/json", FormBody: "application/x-www-form-urlencoded"}[g.kind])
	}
	for _, h := range g.headers {
		r.Header.Set(h.name, h.value.fill(values))
	}
	answer, err := g.client.Do(r)
	return answer.Status, err
}

// judged tells a message that may go through later from one that never will.
func judged(status int) error {
	if status >= http.StatusOK && status < http.StatusMultipleChoices {
		return nil
	}
	err := fmt.Errorf("notify: the gateway answered %d", status)
	later := []int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests}
	if status >= http.StatusInternalServerError || slices.Contains(later, status) {
		return err
	}
	return &PermanentError{err}
}
