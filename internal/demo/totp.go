package demo

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/app"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/session"
)

// totpFile keeps the secret of the administrators' code application, so that a restart
// prints the same.
const totpFile = "demo-totp"

// totpBytes is the length of that secret.
const totpBytes = 20

// totpName is what the administrators' code application is called.
const totpName = "Démonstration"

// chooseTOTP takes the secret of the command line, or the one kept, or a new one. changed
// says that it is not the one the accounts have.
func chooseTOTP(c app.Config) (_ secret.Text, changed bool, err error) {
	b, err := os.ReadFile(filepath.Join(c.Data, totpFile))
	kept := secret.NewText(strings.TrimSpace(string(b)))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return kept, false, err
	case !c.DemoTOTP.IsZero():
		return c.DemoTOTP, !c.DemoTOTP.Equal(kept), nil
	case !kept.IsZero():
		return kept, false, nil
	}
	return drawTOTP(), true, nil
}

// keepFile keeps a secret of the demonstration beside its data.
func keepFile(data, name string, s secret.Text) error {
	path := filepath.Join(data, name)
	if err := os.WriteFile(path, []byte(s.Reveal()+"\n"), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return os.Chmod(path, 0o600)
}

// drawTOTP draws a secret.
func drawTOTP() secret.Text {
	var b [totpBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime stops the program instead
	return secret.NewText(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

// administers reports whether an account cannot come in without a second factor.
func (l *loader) administers(tx *action.Tx, a account.Account) (bool, error) {
	if a.PlatformRole != account.NoRole {
		return true, nil
	}
	return session.Administers(l.ctx, tx.Tx, a.ID)
}

// newTOTP gives every administrator the code application of the command line, in place of
// the one that they were given before.
func (l *loader) newTOTP() error {
	return l.act(nil, "demo.totp", l.now, func(tx *action.Tx) error {
		tx.Record(audit.Event{Verb: "demo.totp"})
		for _, address := range addresses() {
			a, found, err := account.ByEmail(l.ctx, tx.Tx, email(address).Key)
			if err != nil {
				return err
			}
			if !found {
				continue // the visitor changed it
			}
			if administers, err := l.administers(tx, a); err != nil || !administers {
				if err != nil {
					return err
				}
				continue
			}
			if err := l.replaceTOTP(tx, a.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// replaceTOTP removes the code application that the demonstration gave, if it is there,
// and gives the new one. What the visitor added stays.
func (l *loader) replaceTOTP(tx *action.Tx, of ident.Account) error {
	list, err := credential.Factors(l.ctx, tx.Tx, of)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Kind != credential.TOTP || f.Name != totpName {
			continue
		}
		if err := credential.RemoveFactor(l.ctx, tx.Tx, of, f.ID, ""); err != nil {
			return err
		}
	}
	_, err = credential.EnrolTOTP(l.ctx, tx.Tx, tx.Ring, of, totpName, l.totp)
	return err
}
