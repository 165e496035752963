package notify

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"habilis/internal/credential"
	"habilis/internal/outbound"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// asked is one request that a gateway received.
type asked struct {
	method, path, query, body string
	header                    http.Header
}

// gateway is somebody's HTTP service, with a certificate of its own.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []asked
	answer func(n int) int // the status of the nth request
}

func startGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{answer: func(int) int { return http.StatusAccepted }}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		g.asked = append(g.asked, asked{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header})
		n := len(g.asked)
		g.mu.Unlock()
		w.WriteHeader(g.answer(n))
		_, _ = io.WriteString(w, "echo "+string(body))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) got() []asked {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// client trusts the gateway's certificate and may reach this machine, as the roof says.
func (g *gateway) client(t *testing.T) *outbound.Client {
	t.Helper()
	u, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(g.Certificate())
	return outbound.New(outbound.Options{Operator: []string{outbound.HostPort(u)}, Roots: roots})
}

func (g *gateway) with(t *testing.T, c GatewayConfig) *HTTPGateway {
	t.Helper()
	c.URL = g.URL + c.URL
	h, err := NewHTTPGateway(c, g.client(t))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var texted = TextMessage{ID: "job_1", To: secret.NewText("+33612345678"), Text: secret.NewText("Habilis : «123456»\n\n@h.fr #123456"), Date: now}

// SEC-7: the request is the one that the operator described, and no value leaves its place.
func TestHTTPGateway(t *testing.T) {
	g := startGateway(t)
	standard := g.with(t, GatewayConfig{
		URL: "/v1/messages", Headers: []string{"Authorization: Bearer {{.Secret}}", "X-Reference: {{ .ID }}"}, Secret: secret.NewText("s3cret"),
	})
	if err := standard.Text(ctx, texted); err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	r := g.got()[0]
	if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["to"] != "+33612345678" || body["text"] != texted.Text.Reveal() {
		t.Errorf("%s %v", r.body, err)
	}
	if r.method != http.MethodPost || r.path != "/v1/messages" || r.header.Get("Content-Type") != "application/json" ||
		r.header.Get("Authorization") != "Bearer s3cret" || r.header.Get("X-Reference") != "job_1" {
		t.Errorf("%+v", r)
	}
	form := g.with(t, GatewayConfig{
		URL: "/send", Kind: FormBody, Body: "key={{.Secret}}&dest={{.Digits}}&msg={{.Text}}", Secret: secret.NewText("a&b=c"),
	})
	if err := form.Text(ctx, texted); err != nil {
		t.Fatal(err)
	}
	r = g.got()[1]
	values, err := url.ParseQuery(r.body)
	if err != nil || values.Get("key") != "a&b=c" || values.Get("dest") != "33612345678" || values.Get("msg") != texted.Text.Reveal() || len(values) != 3 {
		t.Errorf("%s %v", r.body, err)
	}
	get := g.with(t, GatewayConfig{URL: "/http?to={{.To}}&text={{.Text}}&ref={{.ID}}", Method: "get"})
	if err := get.Text(ctx, texted); err != nil {
		t.Fatal(err)
	}
	r = g.got()[2]
	values, err = url.ParseQuery(r.query)
	if err != nil || r.method != http.MethodGet || r.body != "" || values.Get("to") != "+33612345678" || values.Get("text") != texted.Text.Reveal() || len(values) != 3 {
		t.Errorf("%+v %v", r, err)
	}
}

// What a gateway answers decides whether trying again is of use; an error names neither the
// number nor the text (rules.md 22).
func TestGatewayAnswers(t *testing.T) {
	g := startGateway(t)
	for status, want := range map[int]struct{ ok, final bool }{
		200: {ok: true}, 201: {ok: true}, 204: {ok: true}, 400: {final: true}, 401: {final: true}, 404: {final: true}, 422: {final: true},
		408: {}, 425: {}, 429: {}, 500: {}, 502: {}, 503: {}, 301: {},
	} {
		g.answer = func(int) int { return status }
		err := g.with(t, GatewayConfig{}).Text(ctx, texted)
		if (err == nil) != want.ok || Permanent(err) != want.final {
			t.Errorf("%d: %v", status, err)
		}
		if err != nil && (strings.Contains(err.Error(), "3361") || strings.Contains(err.Error(), "123456")) {
			t.Errorf("rules.md 22: %v", err)
		}
	}
	g.answer = func(int) int { return http.StatusBadGateway }
	broken := g.with(t, GatewayConfig{URL: "?to={{.To}}&text={{.Text}}", Method: "GET"})
	before := len(g.got())
	var last error
	for range outbound.BreakAfter + 3 {
		last = broken.Text(ctx, texted)
	}
	if !errors.Is(last, outbound.ErrBroken) || len(g.got())-before != outbound.BreakAfter {
		t.Errorf("a gateway that fails is left alone: %v after %d", last, len(g.got())-before)
	}
	g.Close()
	gone := g.with(t, GatewayConfig{URL: "/?to={{.To}}&text={{.Text}}"})
	if err := gone.Text(ctx, texted); err == nil || Permanent(err) || strings.Contains(err.Error(), "3361") {
		t.Errorf("no gateway there: %v", err)
	}
}

// OUT-01: a gateway that the operator did not name as theirs is not asked on a private
// address, and without the right certificate none is.
func TestGatewayIsGuarded(t *testing.T) {
	g := startGateway(t)
	stranger, err := NewHTTPGateway(GatewayConfig{URL: g.URL}, outbound.New(outbound.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Text(ctx, texted); err == nil {
		t.Error("a private address was asked")
	}
	u, _ := url.Parse(g.URL)
	unproved, err := NewHTTPGateway(GatewayConfig{URL: g.URL}, outbound.New(outbound.Options{Operator: []string{outbound.HostPort(u)}}))
	if err != nil {
		t.Fatal(err)
	}
	if err := unproved.Text(ctx, texted); err == nil {
		t.Error("a certificate of nobody was believed")
	}
	if len(g.got()) != 0 {
		t.Errorf("it was asked %d times", len(g.got()))
	}
}

// What cannot work is refused at the start.
func TestGatewayConfigIsChecked(t *testing.T) {
	key := secret.NewText("k")
	for name, c := range map[string]struct {
		config GatewayConfig
		want   error
	}{
		"no address":              {GatewayConfig{URL: "sms.example.fr"}, ErrGatewayURL},
		"a host from a page":      {GatewayConfig{URL: "https://{{.To}}.example.fr/"}, ErrGatewayURL},
		"a path of values":        {GatewayConfig{URL: "https://sms.example.fr/{{.To}}?text={{.Text}}"}, ErrGatewayURL},
		"a password":              {GatewayConfig{URL: "https://u:p@sms.example.fr/"}, ErrGatewayURL},
		"a secret in the address": {GatewayConfig{URL: "https://sms.example.fr/?k={{.Secret}}", Secret: key}, ErrTemplate},
		"an unknown value":        {GatewayConfig{Body: `{"a":"{{.Name}}"}`}, ErrTemplate},
		"half a value":            {GatewayConfig{Body: `{"a":"{{To}}"}`}, ErrTemplate},
		"a function":              {GatewayConfig{Body: `{"a":"{{printf .To}}"}`}, ErrTemplate},
		"no text":                 {GatewayConfig{Body: `{"to":"{{.To}}"}`}, ErrGatewayBlind},
		"no number":               {GatewayConfig{Body: `{"text":"{{.Text}}"}`}, ErrGatewayBlind},
		"GET without values":      {GatewayConfig{Method: "GET"}, ErrGatewayBlind},
		"no JSON":                 {GatewayConfig{Body: `{"to":{{.To}},"text":"{{.Text}}"}`}, ErrGatewayBody},
		"no form":                 {GatewayConfig{Kind: FormBody, Body: `to={{.To}}&text={{.Text}}&x=%zz`}, ErrGatewayBody},
		"a header":                {GatewayConfig{Headers: []string{"Authorization"}}, ErrGatewayHeader},
		"two headers in one":      {GatewayConfig{Headers: []string{"A: b\r\nC: d"}}, ErrGatewayHeader},
		"a number in a header":    {GatewayConfig{Headers: []string{"A: {{.To}}"}}, ErrTemplate},
		"no secret":               {GatewayConfig{Headers: []string{"A: {{.Secret}}"}}, ErrGatewaySecret},
		"another method":          {GatewayConfig{Method: "DELETE"}, ErrGatewayMethod},
	} {
		if c.config.URL == "" {
			c.config.URL = "https://sms.example.fr/"
		}
		if _, err := NewHTTPGateway(c.config, outbound.New(outbound.Options{})); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A message is one message, in letters that cost no more than one, and its last line ties
// the code to our host alone.
func TestCodeText(t *testing.T) {
	for _, lang := range text.All {
		for _, what := range []credential.CodeFor{credential.CodeEnrol, credential.CodeSignIn, credential.CodeProve} {
			for _, host := range []string{"habilis.example.fr", "acces.maison-de-sante-des-tilleuls.example.fr", strings.Repeat("tres-long.", 10) + "example.fr"} {
				s := codeText(lang, string(what), "042137", host, credential.CodeLife).Reveal()
				lines := strings.Split(s, "\n")
				if utf8.RuneCountInString(s) > MaxSMS || strings.Contains(s, "?") || lines[len(lines)-1] != "@"+host+" #042137" || strings.Count(s, "042137") != 2 {
					t.Errorf("%s, %s, %d characters: %q", lang, what, utf8.RuneCountInString(s), s)
				}
				for _, r := range s {
					if !strings.ContainsRune(gsm, r) {
						t.Errorf("%s, %s: %q is no letter of a message", lang, what, r)
					}
				}
			}
			a, b := codeText(lang, string(what), "042137", "h.fr", time.Minute).Reveal(), codeText(lang, "sign_in", "042137", "h.fr", time.Minute).Reveal()
			if what != credential.CodeSignIn && a == b {
				t.Errorf("%s: a code for %s reads like one to sign in (MFA-07)", lang, what)
			}
		}
		if s := replacedText(lang).Reveal(); utf8.RuneCountInString(s) > MaxSMS || strings.ContainsAny(s, "?’\u00a0") {
			t.Errorf("%s: %q", lang, s)
		}
	}
	if s := inGSM("« L’été… » à 5\u00a0h – où\u202f? Œuf, façade, NOËL ☎"); s != `"L'été..." à 5 h - où ? OEuf, facade, NO?L ?` {
		t.Errorf("%q", s)
	}
}

// SEC-7: in development a message is a file that its owner alone reads.
func TestSMSOutbox(t *testing.T) {
	dir := t.TempDir()
	if list, err := ReadSMSOutbox(dir); list != nil || err != nil {
		t.Errorf("before: %v %v", list, err)
	}
	o, err := NewSMSOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	later := texted
	later.ID, later.Date = "job_2", now.Add(time.Hour)
	for _, m := range []TextMessage{texted, later, texted} {
		if err := o.Text(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	list, err := ReadSMSOutbox(dir)
	if err != nil || len(list) != 2 || !list[0].Date.Equal(later.Date) || list[1].To != "+33612345678" || list[1].Text != texted.Text.Reveal() {
		t.Errorf("%+v %v", list, err)
	}
	bad := texted
	bad.ID = "../x"
	if err := o.Text(ctx, bad); !Permanent(err) {
		t.Errorf("a name that leaves the folder: %v", err)
	}
	if letters, err := ReadOutbox(dir); len(letters) != 0 || err != nil {
		t.Errorf("the letters: %v %v", letters, err)
	}
}
