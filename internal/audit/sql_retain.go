package audit

import (
	"context"
	"strings"
	"time"

	"habilis/internal/store"
)

// judged is an event as retention sees it.
type judged struct {
	seq int64
	at  time.Time
	of  bool // of the class that is asked for
}

// inClass is the condition that an event is of a class.
func inClass(args *store.Args, c Class) string {
	parts := []string{`e.outcome = ` + args.Add(Refused)}
	for _, noun := range securityNouns {
		parts = append(parts, `e.verb like `+args.Add(noun+".%"))
	}
	security := `(` + strings.Join(parts, ` or `) + `)`
	if c == Rights {
		return `not ` + security
	}
	return security
}

// eventsBetween gives the next events of a chain, oldest first.
func eventsBetween(ctx context.Context, tx *store.Tx, chain string, c Class, after, upTo int64, n int) ([]judged, error) {
	var args store.Args
	args.Add(chain)
	query := `select e.seq, e.at, ` + inClass(&args, c) + ` from audit_event e where e.chain = $1 and e.seq > ` + args.Add(after) +
		` and e.seq <= ` + args.Add(upTo) + ` order by e.seq limit ` + args.Add(n)
	return store.All(ctx, tx, func(s store.Scan) (j judged, err error) {
		return j, s(&j.seq, &j.at, &j.of)
	}, query, args.List()...)
}

// countDetails counts the details that are there of the events of a class before a time.
func countDetails(ctx context.Context, tx *store.Tx, chain string, c Class, before time.Time) (n int64, oldest time.Time, err error) {
	var args store.Args
	args.Add(chain)
	from := ` from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq where e.chain = $1 and e.at < ` +
		args.Add(before) + ` and ` + inClass(&args, c)
	// Put together so that each statement that stands here is whole by itself.
	if err = tx.QueryRow(ctx, "select "+"count(*)"+from, args.List()...).Scan(&n); err != nil || n == 0 {
		return n, oldest, err
	}
	err = tx.QueryRow(ctx, "select "+"e.at"+from+" order by e.seq limit 1", args.List()...).Scan(&oldest)
	return n, oldest.UTC(), err
}

func hashAt(ctx context.Context, tx *store.Tx, chain string, seq int64) ([]byte, bool, error) {
	return store.One(ctx, tx, store.Value[[]byte], `select hash from audit_event where chain = $1 and seq = $2`, chain, seq)
}

func deletePayloads(ctx context.Context, tx *store.Tx, chain string, seqs []int64) (int64, error) {
	var args store.Args
	args.Add(chain)
	query := `delete from audit_payload where chain = $1 and seq in `
	query += store.In(&args, seqs)
	return tx.Exec(ctx, query, args.List()...)
}

func namesOf(ctx context.Context, tx *store.Tx, chainNo int64, seqs []int64) ([]int64, error) {
	var args store.Args
	args.Add(chainNo)
	query := `select distinct name_no from audit_mention where chain_no = $1 and seq in `
	query += store.In(&args, seqs)
	return store.All(ctx, tx, store.Value[int64], query, args.List()...)
}

func deleteMentions(ctx context.Context, tx *store.Tx, chainNo int64, seqs []int64) error {
	var args store.Args
	args.Add(chainNo)
	query := `delete from audit_mention where chain_no = $1 and seq in `
	query += store.In(&args, seqs)
	_, err := tx.Exec(ctx, query, args.List()...)
	return err
}

// dropUnmentioned removes those of some names that nothing mentions any more.
func dropUnmentioned(ctx context.Context, tx *store.Tx, chainNo int64, names []int64) error {
	var args store.Args
	args.Add(chainNo)
	query := `delete from audit_name where chain_no = $1
		and not exists (select 1 from audit_mention m where m.chain_no = audit_name.chain_no and m.name_no = audit_name.no) and no in `
	query += store.In(&args, names)
	_, err := tx.Exec(ctx, query, args.List()...)
	return err
}

// detailsOf gives some events of a chain whose details are there, oldest first, up to one.
func detailsOf(ctx context.Context, tx *store.Tx, chain string, upTo int64, n int) ([]int64, error) {
	return store.All(ctx, tx, store.Value[int64], `
		select seq from audit_payload where chain = $1 and seq <= $2 order by seq limit $3`, chain, upTo, n)
}

// detailsAbout gives some events of a chain about one object whose details are there.
func detailsAbout(ctx context.Context, tx *store.Tx, chain, object string, upTo int64, n int) ([]int64, error) {
	return store.All(ctx, tx, store.Value[int64], `
		select e.seq from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 and e.object = $2 and e.seq <= $3 order by e.seq limit $4`, chain, object, upTo, n)
}

// eachOf reads the rows of one chain in order.
func eachOf(ctx context.Context, tx *store.Tx, chain string, fn func(Line) error) error {
	return store.Each(ctx, tx, func(s store.Scan) error {
		var l Line
		if err := s(&l.Seq, &l.ID, &l.At, &l.Verb, &l.Outcome, &l.ActorKind, &l.Actor, &l.OnBehalfOf, &l.Object, &l.Subject, &l.Site, &l.Via,
			&l.Code, &l.PayloadHash, &l.PrevHash, &l.Hash, &l.Salt, &l.Payload); err != nil {
			return err
		}
		l.At = l.At.UTC()
		return fn(l)
	}, `
		select e.seq, e.id, e.at, e.verb, e.outcome, e.actor_kind, e.actor, e.on_behalf_of, e.object, e.subject, e.site, e.via, e.code,
			e.payload_hash, e.prev_hash, e.hash, p.salt, p.payload
		from audit_event e left join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 order by e.seq`, chain)
}

func deleteMarks(ctx context.Context, tx *store.Tx, chain string) error {
	if _, err := tx.Exec(ctx, `delete from retention_mark where chain = $1`, chain); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from audit_backlog where chain = $1`, chain)
	return err
}

func readMark(ctx context.Context, tx *store.Tx, chain string, c Class) (int64, error) {
	n, _, err := store.One(ctx, tx, store.Value[int64], `select seq from retention_mark where chain = $1 and class = $2`, chain, string(c))
	return n, err
}

func setMark(ctx context.Context, tx *store.Tx, chain string, c Class, seq int64) error {
	_, err := tx.Exec(ctx, `
		insert into retention_mark (chain, class, seq) values ($1, $2, $3)
		on conflict (chain, class) do update set seq = excluded.seq`, chain, string(c), seq)
	return err
}
