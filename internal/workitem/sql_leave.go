package workitem

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// eachBlock calls fn for a block of items at once, with the list of their numbers after the first
// arguments.
func eachBlock(items []Item, fn func(args *store.Args, in string) error, first ...any) error {
	for start := 0; start < len(items); start += blockFind {
		block := items[start:min(start+blockFind, len(items))]
		var args store.Args
		for _, v := range first {
			args.Add(v)
		}
		numbers := make([]int64, len(block))
		for i := range block {
			numbers[i] = block[i].No
		}
		if err := fn(&args, store.In(&args, numbers)); err != nil {
			return err
		}
	}
	return nil
}

func seal(ctx context.Context, tx *store.Tx, items []Item) error {
	err := store.InsertAll(ctx, tx, items, `
		insert into work_item_sealed (org_id, no, source, external_id, kind, title, owner_id, site_id, due_at, version, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, "", func(v *Item) []any {
		return []any{v.Org, v.No, v.Source, v.External, v.Kind, v.Title, v.Owner, siteOrNone(v.Site), dueOf(v.Due), v.Version, v.CreatedAt}
	})
	if err != nil {
		return err
	}
	return eachBlock(items, func(args *store.Args, in string) error {
		_, err := tx.Exec(ctx, `delete from work_item where org_id = $1 and no in `+in, args.List()...)
		return err
	}, items[0].Org)
}

// unseal writes hidden items back, one version later.
func unseal(ctx context.Context, tx *store.Tx, org ident.Org, items []Item) error {
	again := make([]Item, len(items))
	for i, v := range items {
		v.Version, v.ChangedAt = v.Version+1, tx.Now
		again[i] = v
	}
	if err := insert(ctx, tx, again); err != nil {
		return err
	}
	return eachBlock(items, func(args *store.Args, in string) error {
		_, err := tx.Exec(ctx, `delete from work_item_sealed where org_id = $1 and no in `+in, args.List()...)
		return err
	}, org)
}

// sealedOf reads hidden items of a kind whose names nobody took meanwhile.
func sealedOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, limit int) ([]Item, error) {
	return store.All(ctx, tx, func(s store.Scan) (Item, error) {
		i := Item{Org: org}
		var due time.Time
		err := s(&i.No, &i.Source, &i.External, &i.Kind, &i.Title, &i.Owner, &i.Site, &due, &i.Version, &i.CreatedAt)
		if due.Before(dateless) {
			i.Due = &due
		}
		return i, err
	}, `
		select h.no, h.source, h.external_id, h.kind, h.title, h.owner_id, coalesce(h.site_id, ''), h.due_at, h.version, h.created_at
		from work_item_sealed h
		where h.org_id = $1 and h.owner_id = $2 and h.kind = $3 and not exists (
			select 1 from work_item i where i.org_id = h.org_id and i.source = h.source and i.external_id = h.external_id)
		order by h.no limit $4`, org, owner, k, limit)
}

func countSealed(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*) from work_item_sealed where org_id = $1 and owner_id = $2 and kind = $3`, org, owner, k).Scan(&n)
	return n, err
}

func countGivable(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from work_item_sealed h where h.org_id = $1 and h.owner_id = $2 and h.kind = $3 and not exists (
			select 1 from work_item i where i.org_id = h.org_id and i.source = h.source and i.external_id = h.external_id)`,
		org, owner, k).Scan(&n)
	return n, err
}

func forgetSomeSealed(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, limit int) (int64, error) {
	return tx.Exec(ctx, `
		delete from work_item_sealed where org_id = $1 and no in (
			select h.no from work_item_sealed h where h.org_id = $1 and h.owner_id = $2 order by h.kind, h.no limit $3)`, org, owner, limit)
}

func forgetSealed(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) error {
	_, err := tx.Exec(ctx, `delete from work_item_sealed where org_id = $1 and owner_id = $2`, org, owner)
	return err
}

// sitesAsked are the sites of the items of a kind that a member holds, hidden and detached ones too.
func sitesAsked(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select i.site_id from work_item i
		where i.org_id = $1 and i.owner_id = $2 and i.kind = $3 and i.due_at >= $4 and i.state = 'open' and i.site_id is not null
		union
		select h.site_id from work_item_sealed h where h.org_id = $1 and h.owner_id = $2 and h.kind = $3 and h.site_id is not null
		order by 1`, org, owner, k, k.since(tx.Now))
}

func setDetached(ctx context.Context, tx *store.Tx, org ident.Org, items []Item) error {
	return eachBlock(items, func(args *store.Args, in string) error {
		_, err := tx.Exec(ctx, `
			update work_item set detached_at = $2, version = version + 1, changed_at = $2 where org_id = $1 and no in `+in, args.List()...)
		return err
	}, org, tx.Now)
}

func attach(ctx context.Context, tx *store.Tx, org ident.Org, to ident.Member, items []Item) error {
	return eachBlock(items, func(args *store.Args, in string) error {
		_, err := tx.Exec(ctx, `
			update work_item set detached_at = null, owner_id = $2, version = version + 1, changed_at = $3
			where org_id = $1 and no in `+in, args.List()...)
		return err
	}, org, to, tx.Now)
}

func detachedOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, since time.Time, limit int) ([]Item, error) {
	return store.All(ctx, tx, scanItem(org), selectItem+` and i.owner_id = $2 and i.kind = 'appointment' and i.due_at >= $3
		and i.state = 'open' and i.detached_at is not null order by i.due_at, i.no limit $4`, org, owner, since, limit)
}

func countDetached(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, since time.Time) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from work_item where org_id = $1 and owner_id = $2 and kind = 'appointment' and due_at >= $3 and state = 'open'
			and detached_at is not null`, org, owner, since).Scan(&n)
	return n, err
}
