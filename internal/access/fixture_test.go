package access_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// world writes the rows that access reads: it stands below the nouns that own
// them. Its clock moves.
type world struct {
	*testing.T

	db    *store.DB
	clock *storetest.Clock
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		fn(&world{T: t, db: db, clock: clock})
	})
}

func (w *world) write(query string, args ...any) {
	w.Helper()
	ctx := context.Background()
	err := w.db.Write(ctx, []store.Lock{"world"}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) org(status string) ident.Org {
	id := ident.NewOrg()
	w.write(`insert into org (id, slug, created_at) values ($1, $1, $2)`, id, w.db.Now())
	w.write(`
		insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'Cabinet', 'practice', $2, 'blue', $3)`,
		id, status, w.db.Now())
	return id
}

func (w *world) setOrg(org ident.Org, status string) {
	w.write(`update org_state set status = $2 where org_id = $1`, org, status)
}

func (w *world) site(org ident.Org) ident.Site {
	id := ident.NewSite()
	w.write(`insert into site (org_id, id, created_at) values ($1, $2, $3)`, org, id, w.db.Now())
	return id
}

func (w *world) account(status, platformRole string) ident.Account {
	id := ident.NewAccount()
	w.write(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $3)`, id, store.Never, w.db.Now())
	w.write(`
		insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, 1, $1, $1, '', 'Julie', 'Delmas', 'fr', $2, $3, $4)`, id, status, platformRole, w.db.Now())
	return id
}

func (w *world) setAccount(id ident.Account, status, platformRole string) {
	w.write(`update account_state set status = $2, platform_role = $3 where account_id = $1`, id, status, platformRole)
}

// member makes account a member of org; ends may be nil.
func (w *world) member(org ident.Org, account ident.Account, status string, ends *time.Time) ident.Member {
	id := ident.NewMember()
	w.write(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $4)`, org, id, store.Never, w.db.Now())
	w.write(`
		insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
			profession, specialty, rpps, phone, mssante, messaging_reach, ends_at, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', $4, 'non_practitioner', '', 'Julie', 'Delmas', '', '', '', '', '', '', 'site', $5, '', '', '', $6)`,
		org, id, store.Null(account), status, ends, w.db.Now())
	return id
}

func (w *world) setMember(org ident.Org, m ident.Member, status string) {
	w.write(`update member_state set status = $3 where org_id = $1 and member_id = $2`, org, m, status)
}

// span is when a grant holds: from the world's beginning when starts is nil, for
// ever when ends is.
type span struct{ starts, ends *time.Time }

func (w *world) at(d time.Duration) *time.Time {
	t := w.db.Now().Add(d)
	return &t
}

func (s span) from() time.Time {
	if s.starts == nil {
		return store.Never
	}
	return *s.starts
}

func siteOf(s access.Scope) any { return store.Null(s.Site) }

// give gives a permission outright.
func (w *world) give(m ident.Member, p access.Permission, s access.Scope, when span) {
	w.write(`
		insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9)`,
		s.Org, ident.NewEvent(), m, p, s.Code(), siteOf(s), when.from(), when.ends, w.db.Now())
}

// giveRole gives a role of these permissions.
func (w *world) giveRole(m ident.Member, s access.Scope, when span, permissions ...access.Permission) ident.Role {
	id := ident.NewRole()
	w.write(`insert into role (org_id, id, builtin, created_at) values ($1, $2, '', $3)`, s.Org, id, w.db.Now())
	for _, p := range permissions {
		w.write(`insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, $3, $4)`, s.Org, id, p, w.db.Now())
	}
	w.write(`
		insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9)`, s.Org, ident.NewEvent(), m, id, s.Code(), siteOf(s), when.from(), when.ends, w.db.Now())
	return id
}

// token makes a token; org is zero for one of the platform, maker for one made on
// the machine.
func (w *world) token(org ident.Org, maker ident.Account, permissions ...access.Permission) access.Actor {
	by := access.Actor{Kind: access.OrgToken, Token: ident.NewToken(), Org: org, Account: maker}
	kind := "organization"
	if org.IsZero() {
		by.Kind, kind = access.PlatformToken, "platform"
	}
	w.write(`
		insert into token (id, kind, org_id, name, token_hash, created_by, created_at, expires_at, last_used_at)
		values ($1, $2, $3, 'script', $4, $5, $6, $7, $8)`,
		by.Token, kind, store.Null(org), []byte(by.Token), store.Null(maker), w.db.Now(), w.db.Now().Add(time.Hour), store.Never)
	for _, p := range permissions {
		w.write(`insert into token_permission (token_id, permission) values ($1, $2)`, by.Token, p)
	}
	return by
}

func (w *world) revoke(by access.Actor) {
	w.write(`update token set revoked_at = $2 where id = $1`, by.Token, w.db.Now())
}

func person(a ident.Account) access.Actor { return access.Actor{Kind: access.Person, Account: a} }

// check asks access.Check in a transaction of its own.
func (w *world) check(by access.Actor, needs ...access.Need) error {
	ctx := context.Background()
	return w.db.Read(ctx, func(tx *store.Tx) error { return access.Check(ctx, tx, by, needs...) })
}

// want compares what Check says with the code of a fault; "" is "allowed".
func (w *world) want(code, what string, by access.Actor, needs ...access.Need) {
	w.Helper()
	got := ""
	if err := w.check(by, needs...); err != nil {
		got = fault.Of(err).Code
	}
	if got != code {
		w.Errorf("%s: %q, want %q", what, got, code)
	}
}

func (w *world) held(by access.Actor, org ident.Org) (h access.Held, err error) {
	ctx := context.Background()
	err = w.db.Read(ctx, func(tx *store.Tx) (err error) {
		h, err = access.HeldBy(ctx, tx, by, org)
		return err
	})
	return h, err
}

func (w *world) given(org ident.Org, m ident.Member) (h access.Held) {
	w.Helper()
	ctx := context.Background()
	if err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
		h, err = access.GivenTo(ctx, tx, org, m)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return h
}
