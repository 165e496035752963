package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"habilis/internal/secret"
)

// TLSMode is how the connection to the mail server is protected. There is no
// mode that falls back to plain text.
type TLSMode string

// The modes.
const (
	StartTLS TLSMode = "starttls" // plain greeting, then TLS or nothing (port 587)
	TLS      TLSMode = "tls"      // TLS from the first byte (port 465)
	NoTLS    TLSMode = "none"     // plain text, to this very machine only
)

const (
	defaultSMTPTimeout = 20 * time.Second
	maxSMTPTimeout     = 5 * time.Minute
)

// SMTPConfig says how to reach the mail server.
type SMTPConfig struct {
	Host     string
	Port     int // 587 for StartTLS, 465 for TLS and 25 for NoTLS when it is 0
	Mode     TLSMode
	User     string // empty for no authentication
	Password secret.Text
	Roots    *x509.CertPool // authorities to trust; nil for the system's
	Hello    string         // name given in EHLO; the domain of From when empty
	Timeout  time.Duration  // of a whole message; 20 s when it is 0
}

// ErrSMTPConfig means that the configuration of the mail server is refused; its
// text says why and carries no secret.
var ErrSMTPConfig = errors.New("notify: smtp configuration")

// SMTP sends by a mail server, one connection per message. It is safe for
// concurrent use.
type SMTP struct {
	from    From
	config  SMTPConfig
	options []mail.Option
}

// NewSMTP checks the configuration and returns a sender. It does not connect.
func NewSMTP(from From, c SMTPConfig) (*SMTP, error) {
	c, err := c.complete(from)
	if err != nil {
		return nil, err
	}
	s := &SMTP{from: from, config: c, options: []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(c.Timeout), mail.WithHELO(c.Hello)}}
	switch c.Mode {
	case StartTLS:
		s.options = append(s.options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(c.tls()))
	case TLS:
		s.options = append(s.options, mail.WithSSL())
	case NoTLS:
		s.options = append(s.options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if c.User != "" {
		s.options = append(s.options, mail.WithUsername(c.User), mail.WithPassword(c.Password.Reveal()),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return s, nil
}

// complete fills the defaults and refuses what would send in the clear.
func (c SMTPConfig) complete(from From) (SMTPConfig, error) {
	ports := map[TLSMode]int{StartTLS: mail.DefaultPortTLS, TLS: mail.DefaultPortSSL, NoTLS: mail.DefaultPort}
	port, known := ports[c.Mode]
	switch {
	case !known:
		return c, fmt.Errorf("%w: the mode is starttls, tls or none", ErrSMTPConfig)
	case from.address == "":
		return c, fmt.Errorf("%w: the sending address is missing", ErrSMTPConfig)
	case c.Host == "":
		return c, fmt.Errorf("%w: the host is missing", ErrSMTPConfig)
	case c.Port < 0 || c.Port > 65535:
		return c, fmt.Errorf("%w: the port is from 1 to 65535", ErrSMTPConfig)
	case c.Mode == NoTLS && !isLoopback(c.Host):
		return c, fmt.Errorf("%w: mode none is for 127.0.0.1, ::1 and localhost only", ErrSMTPConfig)
	case c.Mode == NoTLS && c.User != "":
		return c, fmt.Errorf("%w: no password is sent without TLS", ErrSMTPConfig)
	case (c.User == "") != c.Password.IsZero():
		return c, fmt.Errorf("%w: give both user and password, or neither", ErrSMTPConfig)
	case c.Timeout < 0 || c.Timeout > maxSMTPTimeout:
		return c, fmt.Errorf("%w: the timeout is at most %v", ErrSMTPConfig, maxSMTPTimeout)
	}
	if c.Port == 0 {
		c.Port = port
	}
	if c.Timeout == 0 {
		c.Timeout = defaultSMTPTimeout
	}
	if c.Hello == "" {
		c.Hello = from.domain()
	}
	return c, nil
}

func (c SMTPConfig) tls() *tls.Config {
	return &tls.Config{ServerName: c.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
}

// Send delivers one message. The whole of it, connection included, takes at most
// the timeout, and ends with ctx. The error is permanent when the server refused
// this recipient or this content with a 5xx; everything else, a wrong password or
// a lost certificate included, may be repaired and is temporary.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.from.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	// A client is made for each message: its choice of authentication is kept in
	// it without a lock.
	client, err := mail.NewClient(s.config.Host, append([]mail.Option{mail.WithDialContextFunc(s.dial(ctx))}, s.options...)...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSMTPConfig, err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		return nil // a failure of RSET or QUIT after the server took the message
	}
	return refused(err)
}

// dial opens the connection and closes it when ctx ends: the library looks at
// the context while it connects, not while it talks.
func (s *SMTP) dial(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, _ string) (net.Conn, error) {
		var d interface {
			DialContext(ctx context.Context, network, address string) (net.Conn, error)
		} = &net.Dialer{}
		if s.config.Mode == TLS {
			d = &tls.Dialer{Config: s.config.tls()}
		}
		conn, err := d.DialContext(dialing, network, net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port)))
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		return conn, nil
	}
}

// refused turns the library's error into ours. The server's own words are left
// out: they often repeat the address (rules.md 22).
func refused(err error) error {
	sent, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return unsent(err)
	}
	code := sent.ErrorCode()
	if code == 0 {
		return fmt.Errorf("notify: smtp: connection lost: %s", sent.Reason)
	}
	ours := fmt.Errorf("notify: smtp: %s: answer %d %s", sent.Reason, code, sent.EnhancedStatusCode())
	if code >= 500 && sent.Reason != mail.ErrSMTPMailFrom { // a refused sender is our configuration, not this letter
		return &PermanentError{ours}
	}
	return ours
}

// unsent is a failure of the connection, of TLS or of authentication. Some servers
// repeat there the user, or worse: of an answer only its number is told.
func unsent(err error) error {
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("notify: smtp: not admitted: answer %d", said.Code)
	}
	return fmt.Errorf("notify: smtp: %w", err)
}
