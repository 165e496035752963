package dossier

import (
	"context"

	"habilis/internal/store"
)

// mailboxOf reads the mailbox to which a code of a registration was sent; nil: none.
func mailboxOf(ctx context.Context, tx *store.Tx, r Registration) (*Mailbox, error) {
	b, ok, err := store.One(ctx, tx, func(s store.Scan) (*Mailbox, error) {
		b := new(Mailbox)
		return b, s(&b.RPPS, &b.Address, &b.ProvedAt, &b.EndedAt, &b.alone, &b.Waits)
	}, `
		select rpps, address, proved_at, ended_at, alone,
			case when code_tag is not null and code_until > $3 and code_tries < $4 then true else false end
		from registration_mailbox where org_id = $1 and registration_id = $2`, r.Org, r.ID, tx.Now, RegistrationTries)
	if !ok {
		return nil, err
	}
	return b, err
}

// setMailboxCode keeps the code that goes to an address; one that waited is worth nothing.
func setMailboxCode(ctx context.Context, tx *store.Tx, r Registration, address string, tag []byte) error {
	_, err := tx.Exec(ctx, `
		insert into registration_mailbox (org_id, registration_id, rpps, address, code_tag, code_until) values ($1, $2, $3, $4, $5, $6)
		on conflict (org_id, registration_id) do update set rpps = excluded.rpps, address = excluded.address, code_tag = excluded.code_tag,
			code_tries = 0, code_until = excluded.code_until, proved_at = null, alone = false, ended_at = null`,
		r.Org, r.ID, r.RPPS, address, tag, tx.Now.Add(RegistrationCodeLife))
	return err
}

// tryMailboxCode counts a try before the code is looked at (rules.md 4).
func tryMailboxCode(ctx context.Context, tx *store.Tx, r Registration) (registrationCode, bool, error) {
	n, err := tx.Exec(ctx, `
		update registration_mailbox set code_tries = code_tries + 1
		where org_id = $1 and registration_id = $2 and rpps = $3 and code_tag is not null and code_until > $4 and code_tries < $5`,
		r.Org, r.ID, r.RPPS, tx.Now, RegistrationTries)
	if err != nil || n == 0 {
		return registrationCode{}, false, err
	}
	return store.One(ctx, tx, func(s store.Scan) (registrationCode, error) {
		var c registrationCode
		return c, s(&c.tag, &c.tries)
	}, `select code_tag, code_tries from registration_mailbox where org_id = $1 and registration_id = $2`, r.Org, r.ID)
}

// proveMailbox notes that its code came back.
func proveMailbox(ctx context.Context, tx *store.Tx, r Registration, alone bool) error {
	_, err := tx.Exec(ctx, `
		update registration_mailbox set code_tag = null, code_until = null, proved_at = $3, alone = $4
		where org_id = $1 and registration_id = $2`, r.Org, r.ID, tx.Now, alone)
	return err
}

func endMailbox(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `
		update registration_mailbox set ended_at = $3 where org_id = $1 and registration_id = $2`, r.Org, r.ID, tx.Now)
	return err
}

func deleteMailbox(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `delete from registration_mailbox where org_id = $1 and registration_id = $2`, r.Org, r.ID)
	return err
}
