package login

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// SetUp is what the first platform administrator types (CFG-01).
type SetUp struct {
	Email                        string // read only when the link names no address
	Title, GivenName, FamilyName string
	Password                     secret.Text
	Language                     text.Lang
}

const (
	verbNewSetUp = "login.new_setup_link"
	verbSetUp    = "login.finish_setup"
)

// NewSetUpLink makes the single-use link of a platform administrator, good for
// credential.SetUpLife; only the operator's command line may (rules.md 23). The
// link makes a new account, of that address or, when email is empty, of the one
// that its holder types. Errors: a malformed e-mail, account.ErrTaken.
func (l Logins) NewSetUpLink(ctx context.Context, by access.Actor, email string) (secret.Text, error) {
	by = withoutKey(by)
	act := action.Act{Verb: verbNewSetUp, Needs: []access.Need{access.OfPlatform(console)}}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (secret.Text, error) {
		var e account.Email
		if email != "" {
			var code string
			if e, code = account.ParseEmail(email); code != "" {
				return secret.Text{}, fault.OnField("email", code)
			}
			if err := free(ctx, tx.Tx, e); err != nil {
				return secret.Text{}, err
			}
		}
		tx.Record(audit.Event{Verb: act.Verb, After: map[string]any{trailEmail: e.Key}})
		return credential.NewSetUp(ctx, tx.Tx, credential.PlatformAdministrator, e.Key)
	})
}

// free refuses an address that has an account: a link from the console makes
// accounts, it does not raise those that others hold.
func free(ctx context.Context, tx *store.Tx, e account.Email) error {
	_, taken, err := account.Holder(ctx, tx, e.Key)
	if err == nil && taken {
		err = account.ErrTaken
	}
	return err
}

// CheckSetUp gives the address of a set-up link, or nothing when it names none; it
// spends nothing. Errors: ErrGone.
func (l Logins) CheckSetUp(ctx context.Context, by access.Actor, presented string) (string, error) {
	act := action.Act{Verb: verbSetUp, Needs: []access.Need{access.Everybody()}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (string, error) {
		email, found, err := credential.SetUpEmail(ctx, tx, credential.PlatformAdministrator, presented)
		if err == nil && !found {
			err = ErrGone
		}
		return email, err
	})
}

// FinishSetUp spends the link and makes the platform administrator's account. It
// opens no session. Errors: ErrGone, account.ErrTaken; fields to correct, which
// spend nothing.
func (l Logins) FinishSetUp(ctx context.Context, by access.Actor, presented string, s SetUp) (ident.Account, error) {
	by = withoutKey(by)
	email, err := l.CheckSetUp(ctx, by, presented)
	if err != nil {
		return "", err
	}
	if email == "" {
		email = s.Email
	}
	names, err := s.clean(email)
	if err != nil {
		return "", err
	}
	hash, err := l.Hasher.Hash(ctx, s.Password)
	if err != nil {
		return "", err
	}
	act := action.Act{Verb: verbSetUp, Needs: []access.Need{access.Everybody()}}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (ident.Account, error) {
		_, found, err := credential.SpendSetUp(ctx, tx.Tx, credential.PlatformAdministrator, presented)
		switch {
		case err != nil:
			return "", err
		case !found:
			return "", ErrGone
		}
		return makeAdministrator(ctx, tx, email, names, s.Language, hash)
	})
}

func makeAdministrator(
	ctx context.Context, tx *action.Tx, email string, n account.Names, lang text.Lang, hash string,
) (ident.Account, error) {
	e, code := account.ParseEmail(email)
	if code != "" {
		return "", ErrGone
	}
	a, err := account.Insert(ctx, tx.Tx, account.New{Email: e, Names: n, Language: lang, PlatformRole: account.Administrator})
	if err != nil {
		return "", err
	}
	tx.Record(audit.Event{
		Verb: verbSetUp, Object: a.ID.String(), Names: map[string]string{"account": a.Name()},
		After: map[string]any{"platform_role": string(a.PlatformRole)},
	})
	return a.ID, credential.SetPassword(ctx, tx.Tx, a.ID, hash)
}

// clean reads what was typed for the account of that address.
func (s SetUp) clean(email string) (account.Names, error) {
	var f fault.Fields
	n := account.Names{Title: s.Title, GivenName: s.GivenName, FamilyName: s.FamilyName}.Clean(&f)
	if !slices.Contains(text.All, s.Language) {
		f.Add("language", "account.language_unknown")
	}
	if _, code := account.ParseEmail(email); code != "" {
		f.Add("email", code)
	}
	checkNew(&f, s.Password, s.GivenName, s.FamilyName, email)
	return n, f.Err()
}
