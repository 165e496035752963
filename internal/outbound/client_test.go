package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func get(t *testing.T, c *Client, address string) (Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(r)
}

// server is a TLS server on this machine, and a client whose operator named it.
func server(t *testing.T, h http.HandlerFunc, o Options) (*Client, string) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.Operator = append(o.Operator, HostPort(u))
	o.Roots = x509.NewCertPool()
	o.Roots.AddCert(s.Certificate())
	return New(o), s.URL
}

// OUT-01: what is refused when it is typed, whatever it would resolve to.
func TestCheckURL(t *testing.T) {
	for address, want := range map[string]error{
		"http://example.org/":                     ErrScheme,
		"file:///etc/passwd":                      ErrScheme,
		"gopher://example.org/":                   ErrScheme,
		"ftp://example.org/":                      ErrScheme,
		"//example.org/":                          ErrScheme,
		"https:example.org":                       ErrHost,
		"https://user:pass@example.org/":          ErrHost,
		"https://example.org@127.0.0.1/":          ErrHost,
		"https:///":                               ErrHost,
		"https://exämple.org/":                    ErrHost,
		"https://①②⑦.⓪.⓪.①/":                      ErrHost,
		"https://127.1/":                          ErrHost,
		"https://2130706433/":                     ErrHost,
		"https://0x7f.0.0.0x1/":                   ErrHost,
		"https://[fe80::1%25eth0]/":               ErrHost,
		"https://example.org:5432/":               ErrPort,
		"https://example.org:80/":                 ErrPort,
		"https://127.0.0.1/":                      ErrPrivate,
		"https://localhost/":                      ErrPrivate,
		"https://LOCALHOST./":                     ErrPrivate,
		"https://intranet/":                       ErrPrivate,
		"https://db.internal/":                    ErrPrivate,
		"https://metadata.google.internal/":       ErrPrivate,
		"https://10.1.2.3/":                       ErrPrivate,
		"https://172.31.0.1/":                     ErrPrivate,
		"https://192.168.1.1/":                    ErrPrivate,
		"https://169.254.169.254/latest":          ErrPrivate,
		"https://100.64.0.1/":                     ErrPrivate,
		"https://100.100.100.200/":                ErrPrivate,
		"https://0.0.0.0/":                        ErrPrivate,
		"https://224.0.0.1/":                      ErrPrivate,
		"https://255.255.255.255/":                ErrPrivate,
		"https://[::1]/":                          ErrPrivate,
		"https://[::]/":                           ErrPrivate,
		"https://[::ffff:127.0.0.1]/":             ErrPrivate,
		"https://[::ffff:169.254.169.254]/":       ErrPrivate,
		"https://[::127.0.0.1]/":                  ErrPrivate,
		"https://[64:ff9b::7f00:1]/":              ErrPrivate,
		"https://[64:ff9b:1::a00:1]/":             ErrPrivate,
		"https://[2002:7f00:1::]/":                ErrPrivate,
		"https://[fd00::1]/":                      ErrPrivate,
		"https://[fe80::1]/":                      ErrPrivate,
		"https://[ff02::1]/":                      ErrPrivate,
		"https://example.org/":                    nil,
		"https://example.org:8443/x?y=z":          nil,
		"https://xn--exmple-cua.org/":             nil,
		"https://93.184.216.34/":                  nil,
		"https://[2606:2800:220:1::1]/":           nil,
		"https://gateway.api.esante.gouv.fr/fhir": nil,
	} {
		u, err := url.Parse(address)
		if err != nil {
			if want == nil {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		if err := CheckURL(u); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
}

// OUT-01, rules.md 17: a configured server may be inside, never where clouds keep their secrets.
func TestOperatorAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"10.0.0.1": true, "127.0.0.1": true, "::1": true, "fd12::1": true, "100.64.1.1": true,
		"169.254.169.254": false, "::ffff:169.254.169.254": false, "fd00:ec2::254": false, "fe80::1": false, "0.0.0.0": false, "::": false,
	} {
		if err := checkAddress(netip.MustParseAddr(address), true); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// OUT-01: a public name that resolves to this machine is refused when it is dialled.
func TestDialledAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := New(Options{})
	for _, host := range []string{"localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1"} {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		conn, err := c.dial(t.Context(), "tcp", host+":"+port)
		if err == nil {
			_ = conn.Close()
			t.Errorf("%s: dialled", host)
		} else if host == "localhost" && !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	c, address := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Error("a cookie came back")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		_, _ = io.WriteString(w, "bonjour")
	}, Options{})
	for range 2 {
		got, err := get(t, c, address)
		if err != nil || got.Status != http.StatusOK || string(got.Body) != "bonjour" {
			t.Errorf("%+v %v", got, err)
		}
	}
	if _, err := get(t, New(Options{}), address); !errors.Is(err, ErrPort) {
		t.Errorf("a server nobody configured: %v", err)
	}
	u, _ := url.Parse(address)
	if _, err := get(t, New(Options{Operator: []string{HostPort(u)}}), address); err == nil {
		t.Error("an unknown authority was believed")
	}
	if _, err := get(t, c, strings.Replace(address, "https:", "http:", 1)); !errors.Is(err, ErrScheme) {
		t.Errorf("http: %v", err)
	}
}

// OUT-03: what a hostile server does costs neither time nor memory.
func TestHostileServer(t *testing.T) {
	const unpacked = 200 << 20
	packed := bomb(unpacked)
	c, address := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "https://127.0.0.1/", http.StatusFound)
		case "/same":
			http.Redirect(w, r, "/", http.StatusPermanentRedirect)
		case "/large":
			block := make([]byte, 1<<20)
			for range unpacked >> 20 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		case "/silent":
			<-r.Context().Done()
		case "/drip":
			for range 100 {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}
	}, Options{Time: 2 * time.Second})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for path, want := range map[string]error{
		"/elsewhere": ErrRedirect, "/same": ErrRedirect, "/large": ErrTooLarge, "/bomb": ErrTooLarge,
		"/header": nil, "/silent": context.DeadlineExceeded, "/drip": context.DeadlineExceeded,
	} {
		began := time.Now()
		_, err := get(t, c, address+path)
		if err == nil || (want != nil && !errors.Is(err, want)) {
			t.Errorf("%s: %v", path, err)
		}
		if strings.Contains(err.Error(), address) {
			t.Errorf("%s: the error tells the URL: %v", path, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

func bomb(size int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	block := make([]byte, 1<<20)
	for range size >> 20 {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	return b.Bytes()
}

// rules.md 17: no proxy comes from the environment, and a configured one carries only
// configured servers.
func TestProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	c, address := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "direct") }, Options{})
	if got, err := get(t, c, address); err != nil || string(got.Body) != "direct" {
		t.Errorf("%+v %v", got, err)
	}
	proxy, _ := url.Parse("http://127.0.0.1:1")
	if _, err := get(t, New(Options{Proxy: proxy}), "https://example.org/"); !errors.Is(err, ErrOperator) {
		t.Errorf("%v", err)
	}
	// The proxy itself is no server that one may be sent to.
	for _, u := range []string{"https://127.0.0.1:3128/x", "https://proxy.example:8443/"} {
		itself, _ := url.Parse(u)
		through := New(Options{Proxy: &url.URL{Scheme: "http", Host: itself.Host}, Plain: true})
		if err := through.Check(itself); err == nil {
			t.Errorf("%s: the proxy may be asked for itself", u)
		}
	}
}

// rules.md 17: the proxy may stand in the operator's own network, and carries what is asked of
// configured servers.
func TestThroughProxy(t *testing.T) {
	asked := ""
	p := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Method + " " + r.Host }))
	defer p.Close()
	proxy, _ := url.Parse(p.URL)
	_, err := get(t, New(Options{Proxy: proxy, Operator: []string{"agenda.example:443"}}), "https://agenda.example/")
	if err == nil || asked != "CONNECT agenda.example:443" { // this proxy opens no tunnel
		t.Errorf("the proxy was asked %q: %v", asked, err)
	}
}

// rules.md 17: TLS 1.2 at least.
func TestOldTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.StartTLS()
	defer s.Close()
	u, _ := url.Parse(s.URL)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	if _, err := get(t, New(Options{Operator: []string{HostPort(u)}, Roots: roots}), s.URL); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
}

func TestBreaker(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	b := &Breaker{Now: func() time.Time { return now }}
	fail := func() {
		if err := b.Enter(); err != nil {
			t.Fatal(err)
		}
		b.Leave(Failed)
	}
	for range BreakAfter - 1 {
		fail()
	}
	_ = b.Enter()
	b.Leave(Answered) // an answer forgets the failures before it
	for range BreakAfter {
		fail()
	}
	if err := b.Enter(); !errors.Is(err, ErrBroken) || !b.Open() {
		t.Errorf("%v: it should be open", err)
	}
	now = now.Add(BreakFor)
	if err := b.Enter(); err != nil {
		t.Errorf("one may try again: %v", err)
	}
	if err := b.Enter(); !errors.Is(err, ErrBroken) {
		t.Errorf("a second one tries: %v", err)
	}
	b.Leave(Abandoned)
	fail() // the second try fails: it stays open
	if err := b.Enter(); !errors.Is(err, ErrBroken) {
		t.Errorf("%v", err)
	}
	now = now.Add(BreakFor)
	_ = b.Enter()
	b.Leave(Answered)
	if err := b.Enter(); err != nil || b.Open() {
		t.Errorf("closed again: %v", err)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{PerSecond: 17}
		began := time.Now()
		for range 35 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 2*time.Second-time.Millisecond*10 || took > 3*time.Second {
			t.Errorf("35 turns took %s", took)
		}
		for range 20 {
			go func() { _ = p.Wait(t.Context()) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.Wait(ctx); !errors.Is(err, ErrPace) {
			t.Errorf("%v: its turn comes too late", err)
		}
	})
}
