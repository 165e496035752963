package audit

import (
	"context"

	"habilis/internal/store"
)

func entriesAfter(ctx context.Context, tx *store.Tx, chain string, after int64, most int) ([]Entry, error) {
	return store.All(ctx, tx, func(s store.Scan) (Entry, error) {
		var e Entry
		return e, s(&e.Seq, &e.Verb, &e.Actor, &e.OnBehalfOf, &e.Object, &e.Subject, &e.Body)
	}, `
		select e.seq, e.verb, e.actor, e.on_behalf_of, e.object, e.subject, p.payload from audit_payload p
		join audit_event e on e.chain = p.chain and e.seq = p.seq
		where p.chain = $1 and p.seq > $2 order by p.seq limit $3`, chain, after, most)
}

// removePayloads removes what events say, and that they mention somebody.
func removePayloads(ctx context.Context, tx *store.Tx, h Head, seqs []int64) error {
	var args store.Args
	query := `delete from audit_payload where chain = ` + args.Add(h.Chain) + ` and seq in ` + store.In(&args, seqs)
	if _, err := tx.Exec(ctx, query, args.List()...); err != nil {
		return err
	}
	args = store.Args{}
	query = `delete from audit_mention where chain_no = ` + args.Add(h.no) + ` and seq in ` + store.In(&args, seqs)
	_, err := tx.Exec(ctx, query, args.List()...)
	return err
}

// removeNames removes the names that no event mentions any more.
func removeNames(ctx context.Context, tx *store.Tx, h Head) error {
	_, err := tx.Exec(ctx, `
		delete from audit_name where chain_no = $1 and not exists (
			select 1 from audit_mention m where m.chain_no = audit_name.chain_no and m.name_no = audit_name.no)`, h.no)
	return err
}
