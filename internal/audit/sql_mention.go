package audit

import (
	"context"

	"habilis/internal/store"
)

func (m *mentions) write(ctx context.Context, tx *store.Tx) error {
	err := store.InsertAll(ctx, tx, m.names, `insert into audit_name (chain_no, no, actor, folded) values ($1, $2, $3, $4)`,
		` on conflict do nothing`, func(n *numbered) []any { return []any{m.chain, n.number, n.actor, n.folded} })
	if err != nil {
		return err
	}
	return store.InsertAll(ctx, tx, m.list, `insert into audit_mention (chain_no, seq, name_no) values ($1, $2, $3)`,
		` on conflict do nothing`, func(x *mention) []any { return []any{m.chain, x.seq, x.name} })
}

func firstBacklog(ctx context.Context, tx *store.Tx) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `select chain from audit_backlog order by chain limit 1`)
}

func readBacklog(ctx context.Context, tx *store.Tx, chain string) (next, last int64, found bool, err error) {
	_, found, err = store.One(ctx, tx, func(s store.Scan) (struct{}, error) {
		return struct{}{}, s(&next, &last)
	}, `select next_seq, last_seq from audit_backlog where chain = $1`, chain)
	return next, last, found, err
}

// setBacklog says where to go on, or that nothing is left.
func setBacklog(ctx context.Context, tx *store.Tx, chain string, next, last int64) error {
	if next > last {
		_, err := tx.Exec(ctx, `delete from audit_backlog where chain = $1`, chain)
		return err
	}
	_, err := tx.Exec(ctx, `update audit_backlog set next_seq = $2 where chain = $1`, chain, next)
	return err
}

// eachPayload reads what the events from one number to another say, and who acted.
func eachPayload(ctx context.Context, tx *store.Tx, chain string, from, until int64, fn func(seq int64, who Who, body string) error) error {
	return store.Each(ctx, tx, func(s store.Scan) error {
		var seq int64
		var who Who
		var body string
		if err := s(&seq, &who.Kind, &who.ID, &body); err != nil {
			return err
		}
		return fn(seq, who, body)
	}, `
		select e.seq, e.actor_kind, e.actor, p.payload from audit_event e
		join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 and e.seq between $2 and $3 order by e.seq`, chain, from, until)
}
