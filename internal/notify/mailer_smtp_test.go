package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"habilis/internal/secret"
	"habilis/internal/text"
)

var habilis = From{"habilis@exemple.fr"}

func sender(t *testing.T, c SMTPConfig) *SMTP {
	t.Helper()
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	s, err := NewSMTP(habilis, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func invitation(t *testing.T) Message {
	t.Helper()
	_, m := mustMessage(t, samples(text.FR)["invitation"])
	return m
}

// Real SMTP with STARTTLS, TLS, and authentication under either.
func TestSMTPDelivers(t *testing.T) {
	ca := newAuthority(t)
	for _, mode := range []TLSMode{StartTLS, TLS} {
		for _, user := range []string{"", "habilis"} {
			t.Run(string(mode)+" "+user, func(t *testing.T) {
				s := start(t, ca.issue(t, "127.0.0.1"), mode)
				s.needUser = user != ""
				c := SMTPConfig{Port: s.port, Mode: mode, Roots: ca.pool, User: user}
				if user != "" {
					c.Password = secret.NewText("mot-de-la-poste")
				}
				if err := sender(t, c).Send(t.Context(), invitation(t)); err != nil {
					t.Fatal(err)
				}
				got := s.got()
				if len(got) != 1 || got[0].user != user || !got[0].tls || got[0].from != "habilis@exemple.fr" || len(got[0].to) != 1 || got[0].to[0] != "aicha.diallo@exemple.fr" {
					t.Fatalf("received: %+v", got)
				}
				checkWire(t, got[0].data, invitation(t))
			})
		}
	}
	t.Run("none", func(t *testing.T) {
		s := start(t, nil, NoTLS)
		if err := sender(t, SMTPConfig{Port: s.port, Mode: NoTLS}).Send(t.Context(), invitation(t)); err != nil || len(s.got()) != 1 {
			t.Fatal(err)
		}
	})
}

// checkWire reads what went over the wire.
func checkWire(t *testing.T, data string, m Message) {
	t.Helper()
	k, err := parseLetter(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if k.Subject != m.Subject || k.Text != m.Text.Reveal() || k.HTML != m.HTML.Reveal() || !k.Date.Equal(m.Date) || k.MessageID != "job_01@exemple.fr" || k.From != "Maison de santé des Tilleuls (Habilis) <habilis@exemple.fr>" {
		t.Errorf("read back: %+v", k)
	}
	header, _, _ := strings.Cut(data, "\r\n\r\n")
	if !strings.Contains(header, "\r\nAuto-Submitted: auto-generated") && !strings.HasPrefix(header, "Auto-Submitted: auto-generated") {
		t.Errorf("no Auto-Submitted in\n%s", header)
	}
	for _, banned := range []string{"User-Agent", "X-Mailer", "X-Entity", "go-mail", "Bcc", "\nCc"} {
		if strings.Contains(header, banned) {
			t.Errorf("the header has %s:\n%s", banned, header)
		}
	}
	for line := range strings.SplitSeq(data, "\r\n") {
		if len(line) > 100 || strings.ContainsFunc(line, notASCII) {
			t.Errorf("a line of %d bytes or beyond ASCII: %s", len(line), line)
		}
	}
}

// 451 is tried again, 550 is not; a refused sender, a wrong password, a dead or
// untrusted server may be repaired. No error carries an address (rules.md 22).
func TestSMTPRefusals(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	answer := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "refused <aicha.diallo@exemple.fr>"}
	}
	good := ca.issue(t, "127.0.0.1")
	for _, c := range []struct {
		name      string
		set       func(s *server, c *SMTPConfig)
		permanent bool
		want      string
	}{
		{"550 at RCPT", func(s *server, _ *SMTPConfig) { s.rcpt = answer(550) }, true, "550"},
		{"553 at RCPT", func(s *server, _ *SMTPConfig) { s.rcpt = answer(553) }, true, "553"},
		{"451 at RCPT", func(s *server, _ *SMTPConfig) { s.rcpt = answer(451) }, false, "451"},
		{"421 at RCPT", func(s *server, _ *SMTPConfig) { s.rcpt = answer(421) }, false, "421"},
		{"452 at DATA", func(s *server, _ *SMTPConfig) { s.data = answer(452) }, false, "452"},
		{"554 at DATA", func(s *server, _ *SMTPConfig) { s.data = answer(554) }, true, "554"},
		{"550 at MAIL", func(s *server, _ *SMTPConfig) { s.mail = answer(550) }, false, "550"},
		{"authentication needed", func(s *server, _ *SMTPConfig) { s.needUser = true }, false, "502"},
		{"wrong password", func(_ *server, c *SMTPConfig) { c.User, c.Password = "habilis", secret.NewText("canari-faux") }, false, "535"},
		{"unknown authority", func(_ *server, c *SMTPConfig) { c.Roots = other.pool }, false, "certificate"},
		{"nobody listens", func(_ *server, c *SMTPConfig) { c.Port = closedPort(t) }, false, "refused"},
		{"server hangs", func(s *server, c *SMTPConfig) { s.slow, c.Timeout = 2*time.Second, 300*time.Millisecond }, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, good, StartTLS)
			config := SMTPConfig{Port: s.port, Mode: StartTLS, Roots: ca.pool}
			c.set(s, &config)
			begin := time.Now()
			err := sender(t, config).Send(t.Context(), invitation(t))
			if err == nil || Permanent(err) != c.permanent || !strings.Contains(err.Error(), c.want) {
				t.Errorf("permanent is %v: %v", Permanent(err), err)
			}
			if err != nil && (strings.Contains(err.Error(), "aicha") || strings.Contains(err.Error(), "canari")) {
				t.Errorf("the error says too much: %v", err)
			}
			if len(s.got()) != 0 && c.name != "server hangs" {
				t.Error("the message was taken all the same")
			}
			if spent := time.Since(begin); spent > 2*time.Second {
				t.Errorf("it took %v", spent)
			}
		})
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// F8: no plain-text fallback. A server, or somebody between, that hides STARTTLS
// gets neither the letter nor the password; nor does a wrong certificate.
func TestSMTPRefusesDowngrade(t *testing.T) {
	ca := newAuthority(t)
	hidden := start(t, nil, NoTLS)
	wrongName := start(t, ca.issue(t, "autre.exemple.fr"), StartTLS)
	wrongNameTLS := start(t, ca.issue(t, "autre.exemple.fr"), TLS)
	plainForTLS := start(t, nil, NoTLS)
	old := ca.issue(t, "127.0.0.1")
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	oldVersion := start(t, old, StartTLS)
	for name, c := range map[string]struct {
		*server
		mode TLSMode
	}{"STARTTLS hidden": {hidden, StartTLS}, "certificate of another host": {wrongName, StartTLS}, "certificate of another host, TLS": {wrongNameTLS, TLS}, "plain server for TLS": {plainForTLS, TLS}, "TLS 1.1": {oldVersion, StartTLS}} {
		err := sender(t, SMTPConfig{Port: c.port, Mode: c.mode, Roots: ca.pool, User: "habilis", Password: secret.NewText("mot-de-la-poste"), Timeout: time.Second}).Send(t.Context(), invitation(t))
		if err == nil || Permanent(err) || len(c.got()) != 0 {
			t.Errorf("%s: %v, %d messages", name, err, len(c.got()))
		}
	}
}

func TestSMTPConfigRefused(t *testing.T) {
	good := SMTPConfig{Host: "poste.exemple.fr", Mode: StartTLS}
	for name, change := range map[string]func(c *SMTPConfig){
		"no mode": func(c *SMTPConfig) { c.Mode = "" }, "unknown mode": func(c *SMTPConfig) { c.Mode = "opportunistic" }, "no host": func(c *SMTPConfig) { c.Host = "" }, "port": func(c *SMTPConfig) { c.Port = 70_000 },
		"plain text elsewhere": func(c *SMTPConfig) { c.Mode = NoTLS }, "plain text to a look-alike": func(c *SMTPConfig) { c.Mode, c.Host = NoTLS, "127.0.0.1.exemple.fr" },
		"password in plain text": func(c *SMTPConfig) {
			c.Mode, c.Host, c.User, c.Password = NoTLS, "127.0.0.1", "habilis", secret.NewText("x")
		},
		"user alone": func(c *SMTPConfig) { c.User = "habilis" }, "password alone": func(c *SMTPConfig) { c.Password = secret.NewText("x") }, "timeout": func(c *SMTPConfig) { c.Timeout = time.Hour }, "negative timeout": func(c *SMTPConfig) { c.Timeout = -1 },
	} {
		c := good
		change(&c)
		if _, err := NewSMTP(habilis, c); !errors.Is(err, ErrSMTPConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSMTP(From{}, good); !errors.Is(err, ErrSMTPConfig) {
		t.Errorf("no sending address: %v", err)
	}
	if s, err := NewSMTP(habilis, good); err != nil || s.config.Port != 587 || s.config.Hello != "exemple.fr" {
		t.Errorf("the defaults: %v", err)
	}
}

// A message sent again after a cut is the same to the byte: mailboxes see one.
func TestSMTPSendsTheSameAgain(t *testing.T) {
	s := start(t, nil, NoTLS)
	mailer := sender(t, SMTPConfig{Port: s.port, Mode: NoTLS})
	for range 2 {
		if err := mailer.Send(t.Context(), invitation(t)); err != nil {
			t.Fatal(err)
		}
	}
	got := s.got()
	if len(got) != 2 || got[0].data != got[1].data {
		t.Error("two attempts differ")
	}
}

// The message is delivered once the server took it, even when the connection is
// cut right after: saying otherwise would send it twice. Cut before the answer, it
// is not known to be delivered.
func TestSMTPCut(t *testing.T) {
	for answered, wantErr := range map[bool]bool{true: false, false: true} {
		port := scripted(t, answered)
		err := sender(t, SMTPConfig{Port: port, Mode: NoTLS, Timeout: 2 * time.Second}).Send(t.Context(), invitation(t))
		if (err != nil) != wantErr || Permanent(err) {
			t.Errorf("answered %v: %v", answered, err)
		}
	}
}

// A server stop ends a message under way at once, instead of the timeout.
func TestSMTPEndsWithItsContext(t *testing.T) {
	s := start(t, nil, NoTLS)
	s.slow = 3 * time.Second
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begin := time.Now()
	err := sender(t, SMTPConfig{Port: s.port, Mode: NoTLS}).Send(ctx, invitation(t))
	if err == nil || Permanent(err) || time.Since(begin) > 2*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

// INJ-02, once more at the door of the mailer: one recipient, no extra header,
// whoever made the message.
func TestMailerRefusesUnsafeMessages(t *testing.T) {
	s := start(t, nil, NoTLS)
	outbox, err := NewOutbox(habilis, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, mailer := range []Mailer{sender(t, SMTPConfig{Port: s.port, Mode: NoTLS}), outbox} {
		for name, bad := range breaks {
			for where, m := range map[string]Message{"subject": {Subject: bad}, "sender": {SenderName: bad}, "recipient": {To: Recipient{Name: bad}}} {
				if where == "recipient" && strings.TrimSpace(bad) == "" {
					continue
				}
				m = complete(invitation(t), m)
				if err := mailer.Send(t.Context(), m); !errors.Is(err, ErrUnsafe) || !Permanent(err) {
					t.Errorf("%s as %s: %v", name, where, err)
				}
			}
		}
		for _, bad := range badAddresses {
			m := invitation(t)
			m.To.Email = bad
			if err := mailer.Send(t.Context(), m); !errors.Is(err, ErrUnsafe) || !Permanent(err) {
				t.Errorf("%q as an address: %v", bad, err)
			}
		}
		for _, bad := range []string{"", "../../x", "a\r\nBcc: x"} {
			m := invitation(t)
			m.ID = bad
			if err := mailer.Send(t.Context(), m); !errors.Is(err, ErrUnsafe) {
				t.Errorf("%q as an id: %v", bad, err)
			}
		}
	}
	if n := len(s.got()); n != 0 {
		t.Errorf("%d unsafe messages left", n)
	}
}

// complete fills what m leaves empty from a good message.
func complete(good, m Message) Message {
	if m.Subject != "" {
		good.Subject = m.Subject
	}
	if m.SenderName != "" {
		good.SenderName = m.SenderName
	}
	if m.To.Name != "" {
		good.To.Name = m.To.Name
	}
	return good
}

// Names that are hard to write in a header arrive as they are, to one recipient.
func TestHardNamesArrive(t *testing.T) {
	s := start(t, nil, NoTLS)
	mailer := sender(t, SMTPConfig{Port: s.port, Mode: NoTLS})
	for _, name := range []string{
		"N’Guyen-de La Tour du Pin Marie\u2011Ségolène", "A", "عائشة ديالو", `O"Neil, <x@y.fr>`, "a@b>,<c@d", "Société \\ & fils; (Lyon): \"Les Tilleuls\"", strings.Repeat("é", 250), strings.Repeat("long nom ", 30), "{{.}}", "Ωμέγα 🌿",
	} {
		name = strings.TrimSpace(name)
		l, err := WriteDeactivated(Recipient{Name: name, Email: "a@b.fr", Lang: text.FR}, AccessFacts{Org: Org{Name: string([]rune(name)[:min(60, utf8.RuneCountInString(name))])}, By: "Bruno", At: now})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		m, err := l.Message("job_2", now)
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.got())
		if err := mailer.Send(t.Context(), m); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		got := s.got()[before]
		k, err := parseLetter(strings.NewReader(got.data))
		if err != nil || len(got.to) != 1 || got.to[0] != "a@b.fr" || k.To != "a@b.fr" || k.Subject != m.Subject || k.From != m.SenderName+" <habilis@exemple.fr>" {
			t.Errorf("%q arrives as %v, %+v, %v", name, got.to, k, err)
		}
	}
}
