package apptest

import (
	"context"
	"net/http"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Seed is that of the code application of everybody to whom a test gives one.
const Seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// Remembered is the cookie of a browser that somebody said to remember, so that a test
// about something else signs in with the password alone. Whoever must have a second factor
// and has none is given a code application first. It is nil for whoever needs none, and
// for an address without account.
func (s *Server) Remembered(email string) *http.Cookie {
	s.t.Helper()
	ctx := context.Background()
	var token secret.Text
	err := s.App.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		key, code := account.ParseEmail(email)
		if code != "" {
			return nil
		}
		a, found, err := account.ByEmail(ctx, tx, key.Key)
		if err != nil || !found {
			return err
		}
		due, err := s.secondDue(ctx, tx, a.ID)
		if err != nil || !due {
			return err
		}
		d, err := session.Remember(ctx, tx, session.Device{Account: a.ID}, session.DeviceLife)
		token = d.Token
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if token.IsZero() {
		return nil
	}
	return &http.Cookie{Name: "habilis-d", Value: token.Reveal(), Path: "/"}
}

// secondDue reports whether a second factor would be asked, and gives one to whoever could
// not come in otherwise.
func (s *Server) secondDue(ctx context.Context, tx *store.Tx, of ident.Account) (bool, error) {
	p, err := login.Effective(ctx, tx, of)
	if err != nil {
		return false, err
	}
	factors, err := credential.Factors(ctx, tx, of)
	if err != nil {
		return false, err
	}
	for _, f := range factors {
		if !f.ProvedAt.IsZero() {
			return true, nil
		}
	}
	if !p.Due(tx.Now) {
		return false, nil
	}
	_, err = credential.EnrolTOTP(ctx, tx, s.App.Runner.Ring, of, "essai", secret.NewText(Seed))
	return true, err
}
