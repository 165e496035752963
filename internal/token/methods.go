package token

import (
	"context"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// List gives the tokens of an owner, the latest first: those in force, then those
// that ended less than KeptListed ago.
func (t Tokens) List(ctx context.Context, by access.Actor, of Owner) ([]Token, error) {
	return action.View(ctx, t.Run, by, of.act("token.list"), func(tx *store.Tx) ([]Token, error) {
		list, err := inForce(ctx, tx, of)
		if err != nil {
			return nil, err
		}
		over, err := ended(ctx, tx, of)
		if err != nil {
			return nil, err
		}
		return named(ctx, tx, append(list, over...))
	})
}

// named completes tokens with their permissions and the names of their makers.
func named(ctx context.Context, tx *store.Tx, list []Token) (_ []Token, err error) {
	names := map[ident.Account]string{"": ""}
	for i := range list {
		v := &list[i]
		if v.Kind == OfOrganization {
			if v.Permissions, err = permissionsOf(ctx, tx, v.Org, v.ID); err != nil {
				return nil, err
			}
		}
		name, known := names[v.CreatedBy]
		if !known {
			if name, err = nameOf(ctx, tx, v.CreatedBy); err != nil {
				return nil, err
			}
			names[v.CreatedBy] = name
		}
		v.MadeBy = name
	}
	return list, nil
}

// nameOf is how an account is called; by its address before it has a name.
func nameOf(ctx context.Context, tx *store.Tx, id ident.Account) (string, error) {
	a, found, err := account.Get(ctx, tx, id)
	if err != nil || !found {
		return "", err
	}
	if name := strings.TrimSpace(a.Name()); name != "" {
		return name, nil
	}
	return a.Email.Address, nil
}

// Revoke ends a token of an owner at once. Errors: ErrNotFound for one of another
// owner, or already over.
func (t Tokens) Revoke(ctx context.Context, by access.Actor, of Owner, id ident.Token) error {
	act := of.act("token.revoke")
	act.StepUp, act.Object = true, id.String()
	_, err := action.Run(ctx, t.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		name, found, err := revoke(ctx, tx.Tx, of, id, by.ID())
		switch {
		case err != nil:
			return struct{}{}, err
		case !found:
			return struct{}{}, ErrNotFound
		}
		tx.Record(audit.Event{
			Org: of.Org, Verb: act.Verb, Object: act.Object, Names: map[string]string{"token": name},
			Before: map[string]any{"kind": string(of.Kind)},
		})
		return struct{}{}, nil
	})
	return err
}

// RevokeOf ends every token of a person, in the caller's transaction, and says how
// many: their password was reset, or their account was blocked (rules.md 7).
func RevokeOf(ctx context.Context, tx *store.Tx, owner ident.Account, by string) (int64, error) {
	return revokeOf(ctx, tx, owner, by)
}

// RevokeMadeBy ends every token that somebody made for an organisation, in the
// caller's transaction, and says how many: they were shut out of it, or left
// (rules.md 7).
func RevokeMadeBy(ctx context.Context, tx *store.Tx, org ident.Org, maker ident.Account, by string) (int64, error) {
	return revokeMadeBy(ctx, tx, org, maker, by)
}

// PassMade has one account of a person answer for the tokens in force that another account of theirs
// made for an organisation, in the caller's transaction: they end when that person is shut out.
func PassMade(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account) error {
	return passMade(ctx, tx, org, from, to)
}

// CountOf counts the tokens in force of an owner.
func CountOf(ctx context.Context, tx *store.Tx, of Owner) (int64, error) {
	return countInForce(ctx, tx, of)
}

// CountMadeBy counts the tokens in force that somebody made for an organisation.
func CountMadeBy(ctx context.Context, tx *store.Tx, org ident.Org, maker ident.Account) (int64, error) {
	return countMadeBy(ctx, tx, org, maker)
}

// OrgsOfMaker are the organisations for which somebody made tokens in force.
func OrgsOfMaker(ctx context.Context, tx *store.Tx, maker ident.Account) ([]ident.Org, error) {
	return orgsOfMaker(ctx, tx, maker)
}

// Authenticate gives the actor that a presented bearer token stands for; the
// second value is false for a token that is worth nothing. The caller adds where
// the request comes from. Errors: ErrExpired for one whose time is over.
func (t Tokens) Authenticate(ctx context.Context, presented string) (access.Actor, bool, error) {
	hash, ok := secret.HashToken(secret.API, presented)
	if !ok {
		return access.Actor{}, false, nil
	}
	var by access.Actor
	var stale bool
	err := t.Run.DB.Read(ctx, func(tx *store.Tx) error {
		v, found, err := byHash(ctx, tx, hash)
		if ok = found; err != nil || !ok {
			return err
		}
		if v.State(tx.Now) == Expired {
			return ErrExpired
		}
		stale = tx.Now.Sub(v.LastUsedAt) >= TouchEvery
		by, ok, err = v.actor(ctx, tx)
		return err
	})
	if err != nil || !ok {
		return access.Actor{}, false, err
	}
	if stale {
		t.touch(ctx, by.Token)
	}
	return by, true, nil
}

// actor is whom the token speaks for, if they still may. What an organisation's
// token may do is read when it is used (access.HeldBy).
func (v Token) actor(ctx context.Context, tx *store.Tx) (access.Actor, bool, error) {
	by := access.Actor{Token: v.ID, Name: v.Name, Via: "api"}
	switch v.Kind {
	case OfOrganization:
		by.Kind, by.Org, by.Account = access.OrgToken, v.Org, v.CreatedBy
		return by, true, nil
	case OfPlatform:
		by.Kind, by.Account = access.PlatformToken, v.CreatedBy
		if v.CreatedBy.IsZero() {
			return by, true, nil
		}
		maker, found, err := account.Get(ctx, tx, v.CreatedBy)
		return by, found && maker.Status == account.Active && maker.PlatformRole == account.Administrator, err
	case OfPerson:
	}
	p, found, err := account.Get(ctx, tx, v.Account)
	by.Kind, by.Account, by.Name = access.Person, v.Account, p.Name()
	return by, found && p.Status == account.Active, err
}

// touch notes the last use. The request is served even when it cannot be written.
func (t Tokens) touch(ctx context.Context, id ident.Token) {
	err := t.Run.DB.Write(ctx, []store.Lock{store.Lock("token " + id)}, func(tx *store.Tx) error { return touch(ctx, tx, id) })
	if err != nil && t.Run.Log != nil {
		t.Run.Log.Warn("token: last use not noted", "token", id, "err", err)
	}
}

// Used notes that a token was used now; at most once in TouchEvery is enough. Whoever
// answers from memory calls it (package decision).
func (t Tokens) Used(ctx context.Context, id ident.Token) { t.touch(ctx, id) }
