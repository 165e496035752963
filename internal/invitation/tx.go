package invitation

import (
	"context"
	"time"

	"habilis/internal/account"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Batch is what the invitations written together have in common.
type Batch struct {
	Org      ident.Org
	By       Inviter
	ByName   string
	Language text.Lang
	Function string // empty: the person chooses
	Welcome  Welcome
	Roles    []role.Given
	Sites    []ident.Site // one at least
	Levels   []grant.Given
	To       []To
}

// To is one address to invite.
type To struct {
	Email     account.Email
	Member    ident.Member // the member who waits for an account, if there is one
	Temporary secret.Text  // the temporary password of ByTemporaryPassword
	Hash      string       // its hash, made before the transaction
}

// Sent is an invitation just written or sent again, with the secret of its
// letter: the token of the link, or the temporary password.
type Sent struct {
	ID      ident.Invitation
	Version int64
	Secret  secret.Text
}

// firstVersion is that of an invitation just written.
const firstVersion int64 = 1

// Insert writes the invitations of a batch, in its order: at most Chunk of them. The caller holds the
// organisation's lock, has checked the rights and that no invitation of these
// addresses is pending.
func Insert(ctx context.Context, tx *store.Tx, b Batch) ([]Sent, error) {
	sent, list := make([]Sent, len(b.To)), make([]written, len(b.To))
	for n, to := range b.To {
		list[n] = written{ident.NewInvitation(), to, fresh(tx.Now, b.Welcome, to)}
		sent[n] = Sent{ID: list[n].id, Version: firstVersion, Secret: list[n].secret}
	}
	if err := insert(ctx, tx, b, list); err != nil {
		return nil, err
	}
	for _, g := range b.Roles {
		if err := insertRole(ctx, tx, b.Org, list, g); err != nil {
			return nil, err
		}
	}
	for _, s := range b.Sites {
		if err := insertSite(ctx, tx, b.Org, list, s); err != nil {
			return nil, err
		}
	}
	for _, l := range b.Levels {
		if err := insertLevel(ctx, tx, b.Org, list, l); err != nil {
			return nil, err
		}
	}
	return sent, nil
}

// renewal is what sending an invitation, the first time or again, gives it: the
// one new secret and how long it lives.
type renewal struct {
	welcome        Welcome
	secret         secret.Text
	tokenHash      any // nil with a temporary password: there is no link
	tokenUntil     time.Time
	temporaryHash  string
	temporaryUntil time.Time
	expires        time.Time
}

func fresh(now time.Time, w Welcome, to To) renewal {
	r := renewal{welcome: w, tokenUntil: store.Never, temporaryUntil: store.Never, expires: now.Add(Life)}
	if w == ByTemporaryPassword {
		r.secret, r.temporaryHash, r.temporaryUntil = to.Temporary, to.Hash, now.Add(TemporaryLife)
		return r
	}
	token, hash := secret.NewToken(secret.Invitation)
	r.secret, r.tokenHash, r.tokenUntil = token, hash, r.expires
	return r
}

// ParseLink gives the hash of a presented token: that of a link, or the one that a
// spent temporary password was exchanged for. False for what cannot be either.
func ParseLink(presented string) (secret.Hash, bool) {
	if h, ok := secret.HashToken(secret.Invitation, presented); ok {
		return h, true
	}
	return secret.HashToken(secret.Temporary, presented)
}

// ByToken reads the invitation that a token opens now. Status, both dates and the
// state of the organisation are part of the statement (INV-04, INV-07). It does
// not read the authority behind it: see Stands.
func ByToken(ctx context.Context, tx *store.Tx, h secret.Hash) (Invitation, bool, error) {
	i, ok, err := openedBy(ctx, tx, h)
	if err != nil || !ok {
		return Invitation{}, false, err
	}
	return one(ctx, tx, i)
}

// Place says where a token leads, whatever became of it: for the lock of an act
// and the record of a replay, never to let anybody in.
type Place struct {
	Org    ident.Org
	ID     ident.Invitation
	Status Status
}

// PlaceOf finds the invitation that ever had this token, unless it was sent again
// since. False for a token that never was.
func PlaceOf(ctx context.Context, tx *store.Tx, h secret.Hash) (Place, bool, error) {
	return byToken(ctx, tx, h)
}

// Accept spends the invitation that the token opens, once: the statement checks
// again what ByToken checked (INV-04, INV-06). Nothing of a temporary password is
// left (PWD-04). Errors: ErrGone.
func Accept(ctx context.Context, tx *store.Tx, i Invitation, h secret.Hash, m ident.Member, a ident.Account) error {
	n, err := accept(ctx, tx, i, h, m, a)
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrGone
	}
	return nil
}

// PendingKeys gives, of these e-mail keys, those with a pending invitation in org,
// expired ones included.
func PendingKeys(ctx context.Context, tx *store.Tx, org ident.Org, keys []string) (map[string]ident.Invitation, error) {
	found := make(map[string]ident.Invitation)
	err := pendingKeys(ctx, tx, org, keys, func(key string, id ident.Invitation) { found[key] = id })
	return found, err
}

// Read gives a pending invitation, expired or not: for its letter.
func Read(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Invitation) (Invitation, bool, error) {
	i, ok, err := pending(ctx, tx, org, id)
	if err != nil || !ok {
		return Invitation{}, false, err
	}
	return one(ctx, tx, i)
}

// one completes an invitation with its roles, sites and levels.
func one(ctx context.Context, tx *store.Tx, i Invitation) (Invitation, bool, error) {
	list := []Invitation{i}
	err := complete(ctx, tx, i.Org, list)
	return list[0], err == nil, err
}

// complete reads the roles, sites and levels of invitations of one organisation.
func complete(ctx context.Context, tx *store.Tx, org ident.Org, list []Invitation) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[ident.Invitation]*Invitation, len(list))
	ids := make([]ident.Invitation, len(list))
	for n := range list {
		ids[n] = list[n].ID
		at[ids[n]] = &list[n]
	}
	if err := eachSite(ctx, tx, org, ids, func(id ident.Invitation, s ident.Site, name string) {
		at[id].Sites = append(at[id].Sites, s)
		at[id].SiteNames = append(at[id].SiteNames, name)
	}); err != nil {
		return err
	}
	if err := eachLevel(ctx, tx, org, ids, func(id ident.Invitation, l grant.Given) {
		at[id].Levels = append(at[id].Levels, l)
	}); err != nil {
		return err
	}
	return eachRole(ctx, tx, org, ids, func(id ident.Invitation, g role.Given, l Label) {
		at[id].Roles = append(at[id].Roles, g)
		at[id].RoleLabels = append(at[id].RoleLabels, l)
	})
}
