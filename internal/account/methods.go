package account

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Accounts is the register of people who sign in.
type Accounts struct{ Run *action.Runner }

// Me reads the actor's own account.
func (a Accounts) Me(ctx context.Context, by access.Actor) (Account, error) {
	act := action.Act{Verb: "account.read", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, a.Run, by, act, func(tx *store.Tx) (Account, error) { return mine(ctx, tx, by) })
}

// Change is what a person may change about themselves; nil is left as it is.
type Change struct {
	Names    *Names
	Language *text.Lang
}

// EditMe changes the actor's own account; rev is the version that was read, or 0
// when only the language changes. Errors: fields to correct, ErrStale.
func (a Accounts) EditMe(ctx context.Context, by access.Actor, rev int64, c Change) (Account, error) {
	act := action.Act{Verb: "account.edit", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.Run(ctx, a.Run, by, act, func(tx *action.Tx) (Account, error) {
		c, err := c.clean()
		if err != nil {
			return Account{}, err
		}
		old, err := mine(ctx, tx.Tx, by)
		switch {
		case err != nil:
			return Account{}, err
		case old.Rev != rev && (rev != 0 || c.Names != nil):
			return Account{}, ErrStale
		}
		next := c.apply(old)
		if next == old {
			return old, action.Nothing
		}
		if next, err = Set(ctx, tx.Tx, next); err != nil {
			return Account{}, err
		}
		before, after := differences(old, next)
		tx.Record(audit.Event{
			Verb: act.Verb, Object: act.Object, Names: map[string]string{"account": next.Name()}, Before: before, After: after,
		})
		return next, nil
	})
}

// mine reads the actor's account. Whoever is signed in has one.
func mine(ctx context.Context, tx *store.Tx, by access.Actor) (Account, error) {
	a, found, err := Get(ctx, tx, by.Account)
	if err == nil && !found {
		err = ErrNotFound
	}
	return a, err
}

func (c Change) clean() (Change, error) {
	var f fault.Fields
	if c.Names != nil {
		n := c.Names.Clean(&f)
		c.Names = &n
	}
	if c.Language != nil && !slices.Contains(text.All, *c.Language) {
		f.Add("language", "account.language_unknown")
	}
	return c, f.Err()
}

func (c Change) apply(a Account) Account {
	if c.Names != nil {
		a.Title, a.GivenName, a.FamilyName = c.Names.Title, c.Names.GivenName, c.Names.FamilyName
	}
	if c.Language != nil {
		a.Language = *c.Language
	}
	return a
}

// differences gives what changed, for the trail.
func differences(old, next Account) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	note := func(name string, from, to any) {
		if from != to {
			before[name], after[name] = from, to
		}
	}
	note("title", old.Title, next.Title)
	note("given_name", old.GivenName, next.GivenName)
	note("family_name", old.FamilyName, next.FamilyName)
	note("language", string(old.Language), string(next.Language))
	return before, after
}
