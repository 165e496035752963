package invitation

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// written is an invitation to write: to whom, and the secret of its letter.
type written struct {
	id ident.Invitation
	to To
	renewal
}

func insert(ctx context.Context, tx *store.Tx, b Batch, list []written) error {
	by := b.By.String()
	return store.InsertAll(ctx, tx, list, `
		insert into invitation (org_id, id, member_id, email_key, email, language, function, welcome, status,
			token_hash, token_until, temporary_hash, temporary_until, invited_by, invited_by_name, sent_at, expires_at, version, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, "", func(w *written) []any {
		return []any{
			b.Org, w.id, store.Null(w.to.Member), w.to.Email.Key, w.to.Email.Address, b.Language, b.Function, w.welcome, Pending,
			w.tokenHash, w.tokenUntil, w.temporaryHash, w.temporaryUntil, by, b.ByName, tx.Now, w.expires, firstVersion, tx.Now,
		}
	})
}

// insertRole gives a role with each of some invitations. The database refuses one of another
// organisation; so it does a site, and a resource.
func insertRole(ctx context.Context, tx *store.Tx, org ident.Org, list []written, g role.Given) error {
	return store.InsertAll(ctx, tx, list, `
		insert into invitation_role (org_id, invitation_id, role_id, scope, site_id) values ($1, $2, $3, $4, $5)`, "",
		func(w *written) []any { return []any{org, w.id, g.Role, g.Scope.Code(), store.Null(g.Scope.Site)} })
}

func insertSite(ctx context.Context, tx *store.Tx, org ident.Org, list []written, s ident.Site) error {
	return store.InsertAll(ctx, tx, list, `insert into invitation_site (org_id, invitation_id, site_id) values ($1, $2, $3)`, "",
		func(w *written) []any { return []any{org, w.id, s} })
}

func insertLevel(ctx context.Context, tx *store.Tx, org ident.Org, list []written, l grant.Given) error {
	return store.InsertAll(ctx, tx, list, `
		insert into invitation_level (org_id, invitation_id, resource_id, level, starts_at, ends_at) values ($1, $2, $3, $4, $5, $6)`, "",
		func(w *written) []any { return []any{org, w.id, l.Resource, l.Level, l.From, l.Until} })
}

func argsOf(values ...any) (a store.Args) {
	for _, v := range values {
		a.Add(v)
	}
	return a
}

// renew sends a pending invitation again, also an expired one: whatever secret
// was sent before is dead (INV-07).
func renew(ctx context.Context, tx *store.Tx, i Invitation, by Inviter, byName string, r renewal) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set welcome = $3, token_hash = $4, token_until = $5, temporary_hash = $6, temporary_until = $7,
			temporary_used_at = null, invited_by = $8, invited_by_name = $9, sent_at = $10, expires_at = $11, version = version + 1
		where org_id = $1 and id = $2 and status = 'pending'`,
		i.Org, i.ID, r.welcome, r.tokenHash, r.tokenUntil, r.temporaryHash, r.temporaryUntil, by.String(), byName, tx.Now, r.expires)
}

func markDeleted(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Invitation) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set status = 'deleted', temporary_hash = '', version = version + 1
		where org_id = $1 and id = $2 and status = 'pending'`, org, id)
}

func accept(ctx context.Context, tx *store.Tx, i Invitation, h secret.Hash, m ident.Member, a ident.Account) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set status = 'accepted', accepted_at = $4, accepted_by = $5, member_id = $6, temporary_hash = '', version = version + 1
		where org_id = $1 and id = $2 and token_hash = $3 and status = 'pending' and token_until > $4 and expires_at > $4
			and exists (select 1 from org_state o where o.org_id = invitation.org_id and o.known_until is null and o.status = 'active')`,
		i.Org, i.ID, h, tx.Now, a, m)
}

func spendTemporary(ctx context.Context, tx *store.Tx, t TemporaryPassword, h secret.Hash, until time.Time) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set temporary_used_at = $4, token_hash = $5, token_until = $6
		where org_id = $1 and id = $2 and temporary_hash = $3 and temporary_hash <> '' and temporary_used_at is null
			and status = 'pending' and temporary_until > $4 and expires_at > $4`,
		t.Org, t.Invitation, t.Hash, tx.Now, h, until)
}

func temporaryHash(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Invitation) (string, error) {
	hash, _, err := store.One(ctx, tx, store.Value[string], `select temporary_hash from invitation where org_id = $1 and id = $2`, org, id)
	return hash, err
}

// temporaries looks by address, in every organisation: a person who signs in does
// not say which one invited them.
func temporaries(ctx context.Context, tx *store.Tx, emailKey string) ([]TemporaryPassword, error) {
	return store.All(ctx, tx, func(s store.Scan) (TemporaryPassword, error) {
		var t TemporaryPassword
		return t, s(&t.Org, &t.Invitation, &t.Hash)
	}, `
		select i.org_id, i.id, i.temporary_hash from invitation i
		join org_state o on o.org_id = i.org_id and o.known_until is null and o.status = 'active'
		where i.email_key = $1 and i.status = 'pending' and i.temporary_hash <> '' and i.temporary_used_at is null
			and i.temporary_until > $2 and i.expires_at > $2
			and not exists (
				select 1 from account_state a where a.email_key = i.email_key and a.known_until is null and a.status <> 'pending')
		order by i.sent_at desc, i.id desc`, emailKey, tx.Now)
}

// scan reads an invitation without its roles and sites.
func scan(s store.Scan) (Invitation, error) {
	var i Invitation
	var member *ident.Member
	var by string
	err := s(&i.Org, &i.ID, &member, &i.Email.Key, &i.Email.Address, &i.Language, &i.Function, &i.Welcome, &i.Status,
		&by, &i.InvitedBy, &i.SentAt, &i.ExpiresAt, &i.Version, &i.CreatedAt)
	if member != nil {
		i.Member = *member
	}
	i.Inviter = parseInviter(by, i.Org)
	return i, err
}

// openedBy looks a token up by its hash: whoever holds it says no organisation.
func openedBy(ctx context.Context, tx *store.Tx, h secret.Hash) (Invitation, bool, error) {
	return store.One(ctx, tx, scan, `
		select i.org_id, i.id, i.member_id, i.email_key, i.email, i.language, i.function, i.welcome, i.status,
			i.invited_by, i.invited_by_name, i.sent_at, i.expires_at, i.version, i.created_at
		from invitation i
		join org_state o on o.org_id = i.org_id and o.known_until is null and o.status = 'active'
		where i.token_hash = $1 and i.status = 'pending' and i.token_until > $2 and i.expires_at > $2`, h, tx.Now)
}

// byToken looks a token up by its hash, as openedBy, whatever became of it.
func byToken(ctx context.Context, tx *store.Tx, h secret.Hash) (Place, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (Place, error) {
		var p Place
		return p, s(&p.Org, &p.ID, &p.Status)
	}, `select org_id, id, status from invitation where token_hash = $1`, h)
}

// selectPending is the base of every reading of pending invitations: of one, and
// of the list.
const selectPending = `
		select i.org_id, i.id, i.member_id, i.email_key, i.email, i.language, i.function, i.welcome, i.status,
			i.invited_by, i.invited_by_name, i.sent_at, i.expires_at, i.version, i.created_at
		from invitation i
		where i.org_id = $1 and i.status = 'pending'`

func pending(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Invitation) (Invitation, bool, error) {
	return store.One(ctx, tx, scan, selectPending+` and i.id = $2`, org, id)
}

// narrow adds what a filter asks to a statement on pending invitations.
func narrow(args *store.Args, f filter) string {
	query := ""
	if f.search != "" {
		query += " and i.email_key like " + args.Add(pattern(f.search)) + ` escape '\'`
	}
	if !f.whole {
		query += ` and exists (
				select 1 from invitation_site x
				join site_state t on t.org_id = x.org_id and t.site_id = x.site_id and t.known_until is null and t.status = 'active'
				where x.org_id = i.org_id and x.invitation_id = i.id)
			and not exists (
				select 1 from invitation_site x
				join site_state t on t.org_id = x.org_id and t.site_id = x.site_id and t.known_until is null and t.status = 'active'
				where x.org_id = i.org_id and x.invitation_id = i.id and x.site_id not in ` + store.In(args, f.sites) + `)`
	}
	return query
}

func countPending(ctx context.Context, tx *store.Tx, f filter) (n int64, err error) {
	args := argsOf(f.org)
	query := `select count(*) from invitation i where i.org_id = $1 and i.status = 'pending'` + narrow(&args, f)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func listPending(ctx context.Context, tx *store.Tx, f filter, limit, offset int) ([]Invitation, error) {
	args := argsOf(f.org)
	query := selectPending + narrow(&args, f)
	if !f.after.ID.IsZero() {
		query += " and (i.created_at, i.id) < (" + args.Add(f.after.Created) + ", " + args.Add(f.after.ID) + ")"
	}
	query += " order by i.created_at desc, i.id desc limit " + args.Add(limit) + " offset " + args.Add(offset)
	return store.All(ctx, tx, scan, query, args.List()...)
}

func pendingKeys(ctx context.Context, tx *store.Tx, org ident.Org, keys []string, fn func(string, ident.Invitation)) error {
	args := argsOf(org)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var key string
		var id ident.Invitation
		if err := s(&key, &id); err != nil {
			return err
		}
		fn(key, id)
		return nil
	}, `select i.email_key, i.id from invitation i where i.org_id = $1 and i.status = 'pending'`+
		` and i.email_key in `+store.In(&args, keys), args.List()...)
}

// eachSite reads the sites of invitations that are still open.
func eachSite(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Invitation,
	fn func(ident.Invitation, ident.Site, string),
) error {
	args := argsOf(org)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Invitation
		var site ident.Site
		var name string
		if err := s(&id, &site, &name); err != nil {
			return err
		}
		fn(id, site, name)
		return nil
	}, `
		select x.invitation_id, x.site_id, t.name from invitation_site x
		join site_state t on t.org_id = x.org_id and t.site_id = x.site_id and t.known_until is null and t.status = 'active'
		where x.org_id = $1`+` and x.invitation_id in `+store.In(&args, ids)+` order by t.sort_key, x.site_id`, args.List()...)
}

// eachRole reads the roles of invitations, but those at a site that was closed.
func eachRole(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Invitation,
	fn func(ident.Invitation, role.Given, Label),
) error {
	args := argsOf(org)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Invitation
		var l Label
		var site, siteName *string
		g := role.Given{Scope: access.OrgScope(org)}
		if err := s(&id, &g.Role, &site, &l.BuiltIn, &l.Name, &siteName); err != nil {
			return err
		}
		if site != nil {
			g.Scope.Site, l.SiteName = ident.Site(*site), *siteName
		}
		fn(id, g, l)
		return nil
	}, `
		select x.invitation_id, x.role_id, x.site_id, r.builtin, n.name, t.name
		from invitation_role x
		join role r on r.org_id = x.org_id and r.id = x.role_id
		join role_state n on n.org_id = x.org_id and n.role_id = x.role_id and n.known_until is null
		left join site_state t on t.org_id = x.org_id and t.site_id = x.site_id and t.known_until is null and t.status = 'active'
		where x.org_id = $1 and (x.site_id is null or t.site_id is not null)`+
		` and x.invitation_id in `+store.In(&args, ids)+` order by r.created_at, r.id, x.scope`, args.List()...)
}

// tokenInForce says whether an API token, of whatever kind, still opens anything.
func tokenInForce(ctx context.Context, tx *store.Tx, id ident.Token) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64],
		`select 1 from token where id = $1 and revoked_at is null and expires_at > $2`, id, tx.Now)
	return found, err
}

// eachLevel reads the levels of invitations, but those on what was closed since.
func eachLevel(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Invitation, fn func(ident.Invitation, grant.Given)) error {
	args := argsOf(org)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Invitation
		var l grant.Given
		if err := s(&id, &l.Resource, &l.Level, &l.From, &l.Until); err != nil {
			return err
		}
		fn(id, l)
		return nil
	}, `
		select x.invitation_id, x.resource_id, x.level, x.starts_at, x.ends_at
		from invitation_level x
		join resource_state t on t.org_id = x.org_id and t.resource_id = x.resource_id and t.known_until is null and t.status = 'active'
		where x.org_id = $1`+` and x.invitation_id in `+store.In(&args, ids)+` order by t.sort_key, x.resource_id`, args.List()...)
}

func countSentBy(ctx context.Context, tx *store.Tx, org ident.Org, by ident.Account) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from invitation
		where org_id = $1 and status = 'pending' and expires_at > $2 and (invited_by = $3 or invited_by like $4 or invited_by like $5)`,
		org, tx.Now, by, by.String()+"/tok%", "tok%/"+by.String()).Scan(&n)
	return n, err
}

func deleteFor(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set status = 'deleted', temporary_hash = '', version = version + 1
		where org_id = $1 and member_id = $2 and status = 'pending'`, org, m)
}

func passPending(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	_, err := tx.Exec(ctx, `
		update invitation set member_id = $3, version = version + 1
		where org_id = $1 and member_id = $2 and status = 'pending'`, org, from, to)
	return err
}

func passSent(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account, upTo time.Time) error {
	_, err := tx.Exec(ctx, `
		update invitation set invited_by = $3
		where org_id = $1 and invited_by = $2 and status = 'pending' and sent_at <= $4`, org, from, to, upTo)
	return err
}
