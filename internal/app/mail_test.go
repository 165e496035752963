package app_test

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/store"
)

// postOffice is a mail server on this machine.
type postOffice struct{ letters chan string }

//nolint:ireturn // the interface of the library
func (p postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{office: p}, nil }

type delivery struct {
	office postOffice
	to     string
}

func (*delivery) Mail(string, *smtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	d.office.letters <- d.to + "\n" + string(b)
	return err
}

func (*delivery) Reset()        {}
func (*delivery) Logout() error { return nil }

// TestLettersLeave: with a mail server configured, letters leave by it, from the
// configured address, with links to the configured base URL (INV-05).
func TestLettersLeave(t *testing.T) {
	office := postOffice{letters: make(chan string, 10)}
	server := smtp.NewServer(office)
	server.Domain = "poste.example"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	number, _ := strconv.Atoi(port)
	s := apptest.Start(t, apptest.Options{Engine: store.SQLite, Config: func(c *app.Config) {
		c.Dev, c.BaseURL = false, "https://habilis.example.fr"
		c.Mail = app.Mail{Host: "127.0.0.1", Port: number, TLS: "none", From: "ne-pas-repondre@habilis.example"}
	}})
	found(t, s.App, "Cabinet des Lilas", "zoe.martin@lilas.example")
	select {
	case letter := <-office.letters:
		text := strings.ReplaceAll(letter, "=\r\n", "")
		if !strings.HasPrefix(letter, "zoe.martin@lilas.example\n") || !strings.Contains(text, "ne-pas-repondre@habilis.example") ||
			!strings.Contains(text, "https://habilis.example.fr/activate/hi_") {
			t.Errorf("the letter:\n%s", text)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("no letter left:\n%s", s.Log.Text())
	}
}
