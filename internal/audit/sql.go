package audit

import (
	"context"
	"crypto/sha256"

	"habilis/internal/store"
)

// genesis is the hash before the first row of a chain.
var genesis = make([]byte, sha256.Size)

func readHead(ctx context.Context, tx *store.Tx, chain string) (Head, error) {
	h, ok, err := store.One(ctx, tx, func(s store.Scan) (Head, error) {
		h := Head{Chain: chain}
		return h, s(&h.Seq, &h.Hash, &h.no)
	}, `select seq, hash, no from audit_head where chain = $1`, chain)
	if err == nil && !ok {
		h = Head{Chain: chain, Hash: genesis}
	}
	return h, err
}

// insertRows writes events, and then what each says.
func insertRows(ctx context.Context, tx *store.Tx, rows []row) error {
	err := store.InsertAll(ctx, tx, rows, `
		insert into audit_event (chain, seq, id, at, verb, outcome, actor_kind, actor, on_behalf_of, object, subject, site, via, code,
			payload_hash, prev_hash, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, "",
		func(r *row) []any {
			return []any{
				r.Chain, r.Seq, r.ID, r.At, r.Verb, r.Outcome, r.ActorKind, r.Actor, r.OnBehalfOf, r.Object, r.Subject, r.Site, r.Via, r.Code,
				r.PayloadHash, r.PrevHash, r.Hash,
			}
		})
	if err != nil {
		return err
	}
	return store.InsertAll(ctx, tx, rows, `insert into audit_payload (chain, seq, salt, payload) values ($1, $2, $3, $4)`, "",
		func(r *row) []any { return []any{r.Chain, r.Seq, r.salt, r.body} })
}

func setHead(ctx context.Context, tx *store.Tx, h Head) error {
	_, err := tx.Exec(ctx, `
		insert into audit_head (chain, seq, hash, no) values ($1, $2, $3, $4)
		on conflict (chain) do update set seq = excluded.seq, hash = excluded.hash`, h.Chain, h.Seq, h.Hash, h.no)
	return err
}

func heads(ctx context.Context, tx *store.Tx) ([]Head, error) {
	return store.All(ctx, tx, func(s store.Scan) (Head, error) {
		var h Head
		return h, s(&h.Chain, &h.Seq, &h.Hash)
	}, `select chain, seq, hash from audit_head order by chain`)
}

// eachRow reads every row with its payload, chain by chain, in order. salt is
// nil where the payload was removed.
func eachRow(ctx context.Context, tx *store.Tx, fn func(r row, salt []byte, body *string) error) error {
	return store.Each(ctx, tx, func(s store.Scan) error {
		var r row
		var salt []byte
		var body *string
		if err := s(&r.Chain, &r.Seq, &r.ID, &r.At, &r.Verb, &r.Outcome, &r.ActorKind, &r.Actor, &r.OnBehalfOf, &r.Object,
			&r.Subject, &r.Site, &r.Via, &r.Code, &r.PayloadHash, &r.PrevHash, &r.Hash, &salt, &body); err != nil {
			return err
		}
		return fn(r, salt, body)
	}, `
		select e.chain, e.seq, e.id, e.at, e.verb, e.outcome, e.actor_kind, e.actor, e.on_behalf_of, e.object,
			e.subject, e.site, e.via, e.code, e.payload_hash, e.prev_hash, e.hash, p.salt, p.payload
		from audit_event e
		left join audit_payload p on p.chain = e.chain and p.seq = e.seq
		order by e.chain, e.seq`)
}

// CountRefused counts the refusals of the whole trail.
func CountRefused(ctx context.Context, tx *store.Tx) (int64, error) {
	return store.Value[int64](tx.QueryRow(ctx, `select count(*) from audit_event where outcome = 'refused'`).Scan)
}
