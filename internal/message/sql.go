package message

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func insert(ctx context.Context, tx *store.Tx, m Message) error {
	_, err := tx.Exec(ctx, `
		insert into message (org_id, id, sender_id, sender_name, subject, body, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		m.Org, m.ID, m.Sender, m.By, m.Subject, m.Text, m.At)
	return err
}

// rowsAtOnce is how many letters one statement writes.
const rowsAtOnce = 100

func insertDeliveries(ctx context.Context, tx *store.Tx, m Message) error {
	for part := range slices.Chunk(m.Delivery, rowsAtOnce) {
		args := new(store.Args)
		for _, d := range part {
			for _, v := range []any{m.Org, m.ID, d.Member, d.Name, d.Email, d.State} {
				args.Add(v)
			}
		}
		query := `insert into message_delivery (org_id, message_id, member_id, name, email, state) values ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.Exec(ctx, query+store.MoreRows(args, len(part)), args.List()...); err != nil {
			return err
		}
	}
	return nil
}

const selectMessage = `select org_id, id, sender_id, sender_name, subject, body, created_at from message where org_id = $1`

func scan(s store.Scan) (Message, error) {
	var m Message
	return m, s(&m.Org, &m.ID, &m.Sender, &m.By, &m.Subject, &m.Text, &m.At)
}

// get reads a message; of one sender, unless it is empty.
func get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Message, sender ident.Account) (Message, bool, error) {
	return store.One(ctx, tx, scan, selectMessage+` and id = $2 and ($3 = '' or sender_id = $3)`, org, id, sender)
}

// listed reads one more than a page.
func listed(ctx context.Context, tx *store.Tx, org ident.Org, sender ident.Account, p Page) ([]Message, error) {
	return store.All(ctx, tx, scan, selectMessage+` and ($2 = '' or sender_id = $2)
		and ($3 = '' or (created_at, id) < (select created_at, id from message where org_id = $1 and id = $3))
		order by created_at desc, id desc limit $4`, org, sender, p.Before, p.Size+1)
}

func total(ctx context.Context, tx *store.Tx, org ident.Org, sender ident.Account) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*) from message where org_id = $1 and ($2 = '' or sender_id = $2)`, org, sender).Scan(&n)
	return n, err
}

// tally counts the letters of a message.
func tally(ctx context.Context, tx *store.Tx, m *Message) error {
	m.Letters = map[State]int64{}
	return store.Each(ctx, tx, func(s store.Scan) error {
		var state State
		var n int64
		err := s(&state, &n)
		m.Letters[state] = n
		return err
	}, `select state, count(*) from message_delivery where org_id = $1 and message_id = $2 group by state`, m.Org, m.ID)
}

func deliveries(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Message) ([]Delivery, error) {
	return store.All(ctx, tx, func(s store.Scan) (Delivery, error) {
		var d Delivery
		var done *time.Time
		err := s(&d.Member, &d.Name, &d.Email, &d.State, &done)
		if done != nil {
			d.DoneAt = *done
		}
		return d, err
	}, `select member_id, name, email, state, done_at from message_delivery
		where org_id = $1 and message_id = $2 order by name, member_id`, org, id)
}

func settle(ctx context.Context, tx *store.Tx, l Letter, s State) error {
	_, err := tx.Exec(ctx, `
		update message_delivery set state = $4, done_at = $5 where org_id = $1 and message_id = $2 and member_id = $3 and state = 'queued'`,
		l.Org, l.Message, l.Member, s, tx.Now)
	return err
}

func sweep(ctx context.Context, tx *store.Tx, before time.Time, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from message where (org_id, id) in (select org_id, id from message where created_at < $1 order by created_at limit $2)`, before, n)
}

func sweepIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from message where org_id = $1 and id in (
			select id from message where org_id = $1 and created_at < $2 order by created_at limit $3)`,
		org, before, n)
}
