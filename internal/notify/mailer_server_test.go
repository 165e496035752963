package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// received is one message as the test server got it.
type received struct {
	from string
	to   []string
	data string
	user string
	tls  bool
}

// server is a real SMTP server in this process.
type server struct {
	t    *testing.T
	port int

	mu       sync.Mutex
	messages []received
	rcpt     error // answer to RCPT
	mail     error // answer to MAIL
	data     error // answer after DATA
	needUser bool
	slow     time.Duration // before the answer to DATA
}

//nolint:ireturn // the interface of the library
func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, isTLS := c.TLSConnectionState()
	return &session{server: s, current: received{tls: isTLS}}, nil
}

func (s *server) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.messages...)
}

type session struct {
	*server
	current received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

//nolint:ireturn // the interface of the library
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "habilis" || password != "mot-de-la-poste" {
			return smtp.ErrAuthFailed
		}
		s.current.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.needUser && s.current.user == "" {
		return smtp.ErrAuthRequired
	}
	s.current.from = from
	return s.mail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.current.to = append(s.current.to, to)
	return s.rcpt
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data != nil {
		return s.data
	}
	s.current.data = string(b)
	s.messages = append(s.messages, s.current)
	return nil
}

func (s *session) Reset()        { s.current.to = nil }
func (s *session) Logout() error { return nil }

// authority makes certificates, so that TLS is verified for real.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), pool: x509.NewCertPool()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Essai"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes the certificate of a host.
func (a *authority) issue(t *testing.T, host string) *tls.Config {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// start listens; a nil config is a server without TLS.
func start(t *testing.T, config *tls.Config, mode TLSMode) *server {
	t.Helper()
	s := &server{t: t}
	inner := smtp.NewServer(s)
	inner.TLSConfig, inner.Domain, inner.ErrorLog = config, "poste.exemple.fr", slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	inner.AllowInsecureAuth = config == nil // a careless server: ours must not be
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if mode == TLS {
		l = tls.NewListener(l, config)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = inner.Serve(l) }()
	t.Cleanup(func() { _ = inner.Close(); <-done })
	return s
}

// scripted is a server that cuts after DATA, with or without its answer.
func scripted(t *testing.T, answer bool) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "220 poste\r\n")
		buffer, inData := make([]byte, 1<<16), ""
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			switch in := string(buffer[:n]); {
			case inData != "" || strings.HasPrefix(in, "DATA"):
				if inData == "" {
					_, _ = io.WriteString(conn, "354 go on\r\n")
				}
				if inData += in; strings.HasSuffix(inData, "\r\n.\r\n") {
					if answer {
						_, _ = io.WriteString(conn, "250 taken\r\n")
					}
					return
				}
			default:
				_, _ = io.WriteString(conn, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}
