package recordgroup

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// namesOf reads the names of groups, by ID.
func namesOf(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Group) (map[string]string, error) {
	var args store.Args
	query := `select s.group_id, s.name from record_group_state s where s.org_id = ` + args.Add(org) +
		` and s.known_until is null and s.group_id in ` + store.In(&args, ids)
	names := map[string]string{}
	return names, store.Each(ctx, tx, func(s store.Scan) error {
		var id, name string
		err := s(&id, &name)
		names[id] = name
		return err
	}, query, args.List()...)
}
