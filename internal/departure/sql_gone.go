package departure

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// spot is where a page of «Partis» ended.
type spot struct {
	At time.Time       `json:"a"`
	ID ident.Departure `json:"i"`
}

// narrow keeps to those who left less than UndoFor ago, whom the finder may know of.
func (f *finder) narrow(args *store.Args, now time.Time) string {
	cond := ` and d.state = 'done' and not d.concluded and d.ends_at > ` + args.Add(now.Add(-UndoFor))
	for _, w := range f.words {
		cond += ` and exists (select 1 from member_state m where m.org_id = d.org_id and m.member_id = d.member_id and m.known_until is null
			and m.search like ` + args.Add(org.Pattern(w)) + ` escape '\')`
	}
	if !f.whole {
		cond += ` and exists (select 1 from member_site b where b.org_id = d.org_id and b.member_id = d.member_id and b.known_until = d.ends_at
			and b.site_id in ` + store.In(args, f.sites) + `)`
	}
	return cond
}

func countGone(ctx context.Context, tx *store.Tx, f *finder) (n int64, err error) {
	var args store.Args
	query := `select count(*) from departure d where d.org_id = ` + args.Add(f.org) + f.narrow(&args, tx.Now)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func findGone(ctx context.Context, tx *store.Tx, f *finder) ([]Departure, error) {
	var args store.Args
	args.Add(f.org)
	query := selectDeparture + f.narrow(&args, tx.Now)
	offset := (f.Page - 1) * f.Size
	if f.after != nil {
		query += ` and (d.ends_at, d.id) < (` + args.Add(f.after.At) + `, ` + args.Add(f.after.ID) + `)`
		offset = 0
	}
	query += ` order by d.ends_at desc, d.id desc limit ` + args.Add(f.Size+1) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scan, query, args.List()...)
}

// emailHeld reports whether another member of the organisation has an address.
func emailHeld(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, email string) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], `
		select s.member_id from member_state s
		where s.org_id = $1 and s.email = $2 and s.known_until is null and s.status <> 'left' and s.member_id <> $3 limit 1`, in, email, id)
	return found, err
}
