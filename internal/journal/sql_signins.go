package journal

import (
	"context"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// signInsOf is answered by the index on the object (003.sql): it reads the events of one
// account from the newest on, and stops when there are enough.
func signInsOf(ctx context.Context, tx *store.Tx, of ident.Account, most int) ([]line, error) {
	var args store.Args
	query := signInsQuery(&args, of, most)
	return store.All(ctx, tx, scanLine, query, args.List()...)
}

func signInsQuery(args *store.Args, of ident.Account, most int) string {
	args.Add(audit.Installation)
	args.Add(of)
	return lines + ` and e.object = $2 and e.verb || '' in ` + store.In(args, signInVerbs) +
		` order by e.at desc, e.seq desc limit ` + args.Add(most)
}
