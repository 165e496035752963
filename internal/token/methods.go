package token

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// List gives the tokens in force of an organisation, the latest first.
func (t Tokens) List(ctx context.Context, by access.Actor, org ident.Org) ([]Token, error) {
	act := action.Act{Verb: "token.list", Orgs: []ident.Org{org}, Needs: []access.Need{access.At(access.TokensEdit, access.OrgScope(org))}}
	return action.View(ctx, t.Run, by, act, func(tx *store.Tx) ([]Token, error) { return inForce(ctx, tx, org) })
}

// Revoke ends a token of an organisation at once. Errors: ErrNotFound for one of
// another organisation, or already over.
func (t Tokens) Revoke(ctx context.Context, by access.Actor, org ident.Org, id ident.Token) error {
	act := action.Act{
		Verb: "token.revoke", Orgs: []ident.Org{org}, StepUp: true, Object: id.String(),
		Needs: []access.Need{access.At(access.TokensEdit, access.OrgScope(org))},
	}
	_, err := action.Run(ctx, t.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		name, found, err := revoke(ctx, tx.Tx, org, id, by.ID())
		switch {
		case err != nil:
			return struct{}{}, err
		case !found:
			return struct{}{}, ErrNotFound
		}
		tx.Record(audit.Event{Org: org, Verb: act.Verb, Object: act.Object, Names: map[string]string{"token": name}})
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

// OrgsOfMaker are the organisations for which somebody made tokens in force.
func OrgsOfMaker(ctx context.Context, tx *store.Tx, maker ident.Account) ([]ident.Org, error) {
	return orgsOfMaker(ctx, tx, maker)
}

// Authenticate gives the actor that a presented bearer token stands for; the
// second value is false for a token that is worth nothing. The caller adds where
// the request comes from.
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
