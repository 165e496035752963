package approval

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Which state of the member is read with a request.
const (
	asked = ` and s.rev = 1`             // what the support entered, which is its first
	known = ` and s.known_until is null` // the last one: who was refused has left
)

const selectApproval = `
	select a.org_id, a.member_id, a.status, a.ticket, a.language, a.sites, a.created_by, a.created_account, a.created_name, a.created_at,
		a.expires_at, a.decided_by, a.decided_name, a.decided_at, a.reason, s.given_name || ' ' || s.family_name, s.email, s.ends_at, m.version
	from approval a
	join member m on m.org_id = a.org_id and m.id = a.member_id
	join member_state s on s.org_id = a.org_id and s.member_id = a.member_id`

func scan(s store.Scan) (Approval, error) {
	var v Approval
	var sites string
	err := s(&v.Org, &v.Member, &v.Status, &v.Ticket, &v.Language, &sites, &v.creatorRef, &v.creator, &v.CreatedBy, &v.CreatedAt,
		&v.ExpiresAt, &v.deciderRef, &v.DecidedBy, &v.DecidedAt, &v.Reason, &v.Name, &v.Email, &v.EndsAt, &v.Version)
	v.Sites = splitSites(sites)
	return v, err
}

func find(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (Approval, bool, error) {
	return store.One(ctx, tx, scan, selectApproval+known+` where a.org_id = $1 and a.member_id = $2`, org, id)
}

// listed gives those in one status, or all of them when it is empty, the latest first, with
// one state of their members.
func listed(ctx context.Context, tx *store.Tx, org ident.Org, status Status, state string) ([]Approval, error) {
	return store.All(ctx, tx, scan, selectApproval+state+`
		where a.org_id = $1 and (a.status = $2 or $2 = '') order by a.created_at desc, a.member_id desc limit $3`, org, status, MaxListed)
}

// overdue gives some that wait after their time, in every organisation.
func overdue(ctx context.Context, tx *store.Tx, n int) ([]Approval, error) {
	return store.All(ctx, tx, scan, selectApproval+known+`
		where a.status = 'waiting' and a.expires_at <= $1 order by a.expires_at limit $2`, tx.Now, n)
}

func insert(ctx context.Context, tx *store.Tx, v Approval) error {
	_, err := tx.Exec(ctx, `
		insert into approval (org_id, member_id, status, ticket, language, sites, created_by, created_account, created_name, created_at,
			expires_at, decided_by, decided_name, decided_at, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, '')`,
		v.Org, v.Member, v.Status, v.Ticket, v.Language, joinSites(v.Sites), v.creatorRef, v.creator, v.CreatedBy, v.CreatedAt,
		v.ExpiresAt, v.DecidedAt)
	return err
}

func passAsked(ctx context.Context, tx *store.Tx, in ident.Org, from, to ident.Account) error {
	_, err := tx.Exec(ctx, `
		update approval set created_account = $3 where org_id = $1 and created_account = $2 and status = 'waiting'`, in, from, to)
	return err
}

// settled writes what became of one that waited.
func settled(ctx context.Context, tx *store.Tx, v Approval) error {
	n, err := tx.Exec(ctx, `
		update approval set status = $3, decided_by = $4, decided_name = $5, decided_at = $6, reason = $7
		where org_id = $1 and member_id = $2 and status = 'waiting'`,
		v.Org, v.Member, v.Status, v.deciderRef, v.DecidedBy, v.DecidedAt, v.Reason)
	if err == nil && n != 1 {
		err = ErrDecided
	}
	return err
}
