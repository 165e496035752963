package token

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Make makes a token. Errors: fields to correct, ErrNotHeld for a permission that
// the maker does not hold for the whole organisation (RGT-1), ErrTooMany.
func (t Tokens) Make(ctx context.Context, by access.Actor, n New) (Made, error) {
	id := ident.NewToken()
	plain, hash := secret.NewToken(secret.API)
	act := n.owner().act("token.create")
	act.StepUp, act.Object = true, id.String()
	made, err := action.Run(ctx, t.Run, by, act, func(tx *action.Tx) (Made, error) {
		v, err := n.build(ctx, tx, id)
		if err != nil {
			return Made{}, err
		}
		if err := insert(ctx, tx.Tx, v, hash); err != nil {
			return Made{}, err
		}
		tx.Record(audit.Event{
			Org: n.Org, Verb: act.Verb, Object: id.String(), Names: map[string]string{"token": v.Name},
			After: v.told(),
		})
		return Made{Token: v}, nil
	})
	if err == nil && made.Token.ID == id { // else it was made by the request before
		made.Secret = plain
	}
	return made, err
}

// told is what the trail says of a new token.
func (v Token) told() map[string]any {
	m := map[string]any{"kind": string(v.Kind), "permissions": v.Permissions, "expires_at": v.ExpiresAt}
	if v.Trusted {
		m["trusted"] = true
	}
	return m
}

func (n New) owner() Owner { return Owner{Kind: n.Kind, Org: n.Org, Account: n.Account} }

// act begins an act on the owner's tokens: what it asks for, and what it locks.
func (o Owner) act(verb string) action.Act {
	a := action.Act{Verb: verb}
	switch o.Kind {
	case OfOrganization:
		a.Orgs, a.Needs = []ident.Org{o.Org}, []access.Need{access.At(access.TokensEdit, access.OrgScope(o.Org))}
	case OfPerson:
		a.Needs = []access.Need{access.Myself(o.Account)}
	case OfPlatform:
		a.Needs = []access.Need{access.OfPlatform(access.PlatformAdminister)}
	default:
		a.Needs = []access.Need{access.OfPlatform(access.PlatformAdminister)} // no kind of ours: the check of New says so
	}
	return a
}

// build checks what was asked and gives the token to keep.
func (n New) build(ctx context.Context, tx *action.Tx, id ident.Token) (Token, error) {
	name, err := n.check()
	if err != nil {
		return Token{}, err
	}
	v := Token{
		ID: id, Kind: n.Kind, Org: n.Org, Account: n.Account, Name: name, CreatedBy: tx.By.Account, CreatedAt: tx.Now, LastUsedAt: store.Never,
		Trusted: n.Trusted,
	}
	if v.ExpiresAt, err = n.expiry(ctx, tx); err != nil {
		return Token{}, err
	}
	if n.Kind == OfOrganization {
		if v.Permissions, err = n.permissions(ctx, tx); err != nil {
			return Token{}, err
		}
	}
	kept, err := countInForce(ctx, tx.Tx, n.owner())
	if err == nil && kept >= MaxPerOwner {
		err = ErrTooMany
	}
	return v, err
}

// check looks at what can be judged without the database.
func (n New) check() (name string, err error) {
	var f fault.Fields
	name, problem := text.Line(n.Name, MaxName)
	f.Check("name", string(problem), "Max", MaxName)
	if n.Life < 0 || n.Life > MaxLife {
		f.Add("life", "token.life", "Max", MaxLifeDays)
	}
	for _, p := range n.Permissions {
		if n.Kind != OfOrganization || !access.Known(p) {
			f.Add("permissions", "token.permission_unknown")
			break
		}
	}
	if n.Trusted && (n.Kind != OfOrganization || len(n.Permissions) > 0 && !slices.Contains(n.Permissions, access.DecisionsAsk)) {
		f.Add("trusted", "token.trusted")
	}
	if owned := (n.Kind == OfOrganization) == !n.Org.IsZero() && (n.Kind == OfPerson) == !n.Account.IsZero(); !owned ||
		!slices.Contains([]Kind{OfOrganization, OfPlatform, OfPerson}, n.Kind) {
		f.Add("kind", "token.kind")
	}
	return name, f.Err()
}

// expiry: what a token makes does not outlive it.
func (n New) expiry(ctx context.Context, tx *action.Tx) (time.Time, error) {
	life := n.Life
	if life == 0 {
		life = DefaultLife
	}
	until := tx.Now.Add(life)
	if tx.By.Token.IsZero() {
		return until, nil
	}
	own, found, err := expiresAt(ctx, tx.Tx, tx.By.Token)
	switch {
	case err != nil:
		return time.Time{}, err
	case !found:
		return time.Time{}, access.ErrUnauthenticated
	case own.Before(until):
		return own, nil
	}
	return until, nil
}

// permissions are those asked for, each held by the maker for the whole
// organisation; all administration permissions of the maker when none is named.
func (n New) permissions(ctx context.Context, tx *action.Tx) ([]access.Permission, error) {
	if found, err := orgExists(ctx, tx.Tx, n.Org); err != nil || !found {
		return nil, firstError(err, access.ErrNotFound)
	}
	held, err := access.HeldBy(ctx, tx.Tx, tx.By, n.Org)
	if err != nil {
		return nil, err
	}
	whole := access.OrgScope(n.Org)
	asked := n.Permissions
	if len(asked) == 0 {
		asked = slices.DeleteFunc(slices.Clone(access.Administration), func(p access.Permission) bool { return !held.Has(p, whole) })
	}
	needed := asked
	if n.Trusted {
		needed = append(slices.Clone(asked), access.DecisionsAsk, access.SecurityEdit)
	}
	for _, p := range needed {
		if !held.Has(p, whole) {
			return nil, ErrNotHeld.With("Permission", string(p))
		}
	}
	return slices.DeleteFunc(access.Catalogue(), func(p access.Permission) bool { return !slices.Contains(asked, p) }), nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
