package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"habilis/internal/account"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

const selectRegistration = `
	select r.org_id, r.id, coalesce(r.member_id, ''), coalesce(r.account_id, ''), r.email_key, r.email, r.language, r.title, r.given_name,
		r.family_name, r.function, r.profession_code, r.site_id, r.rpps, r.no_rpps, r.directory_body, r.email_proved_at, r.phone_proved_at,
		r.phone_hint, r.completed_at, r.version, r.created_at, r.expires_at, r.password_hash, r.phone_waived
	from registration r`

func scanRegistration(s store.Scan) (Registration, error) {
	var r Registration
	var body string
	n := &r.Names
	err := s(&r.Org, &r.ID, &r.Member, &r.Account, &r.Email.Key, &r.Email.Address, &r.Language, &n.Title, &n.GivenName, &n.FamilyName,
		&r.Function, &r.ProfessionCode, &r.Site, &r.RPPS, &r.NoRPPS, &body, &r.EmailProvedAt, &r.PhoneProvedAt, &r.Phone, &r.CompletedAt,
		&r.Version, &r.CreatedAt, &r.ExpiresAt, &r.passwordHash, &r.PhoneWaived)
	if err != nil {
		return r, err
	}
	r.Profession = professionOf(r.ProfessionCode)
	if body == "" {
		return r, nil
	}
	r.Found = new(directory.Import)
	if err := json.Unmarshal([]byte(body), r.Found); err != nil {
		return r, fmt.Errorf("dossier: what the directory said of a registration: %w", err)
	}
	return r, nil
}

// findRegistration reads the registration that a key opens now.
func findRegistration(ctx context.Context, tx *store.Tx, hash secret.Hash) (Registration, bool, error) {
	return store.One(ctx, tx, scanRegistration, selectRegistration+`
		join registration_key k on k.org_id = r.org_id and k.registration_id = r.id
		where k.token_hash = $1 and k.expires_at > $2 and (r.expires_at > $2 or r.completed_at is not null)`, hash, tx.Now)
}

func findRegistrationOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Registration, bool, error) {
	return store.One(ctx, tx, scanRegistration, selectRegistration+` where r.org_id = $1 and r.member_id = $2`, in, id)
}

func findRegistrationByID(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Registration) (Registration, bool, error) {
	return store.One(ctx, tx, scanRegistration, selectRegistration+` where r.org_id = $1 and r.id = $2`, in, id)
}

// findRegistrationBegun reads the one that an account has begun in an organisation, and that has no person yet.
func findRegistrationBegun(ctx context.Context, tx *store.Tx, in ident.Org, a account.Account) (Registration, bool, error) {
	return store.One(ctx, tx, scanRegistration, selectRegistration+`
		where r.org_id = $1 and r.email_key = $2 and r.account_id = $3 and r.member_id is null and r.email_proved_at is not null
			and r.expires_at > $4
		order by r.created_at desc, r.id desc limit 1`, in, a.Email.Key, a.ID, tx.Now)
}

// overdueRegistrations asks about every organisation: the chore removes what was abandoned.
func overdueRegistrations(ctx context.Context, tx *store.Tx, limit int) ([]Registration, error) {
	return store.All(ctx, tx, scanRegistration, selectRegistration+`
		where r.completed_at is null and r.expires_at <= $1 order by r.expires_at limit $2`, tx.Now, limit)
}

func insertRegistration(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `
		insert into registration (org_id, id, language, email_key, email, account_id, email_proved_at, version, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)`,
		r.Org, r.ID, r.Language, r.Email.Key, r.Email.Address, store.Null(r.Account), r.EmailProvedAt, tx.Now, r.ExpiresAt)
	return err
}

// writeRegistration writes what is declared and proved; the version grows.
func writeRegistration(ctx context.Context, tx *store.Tx, r Registration) error {
	body, err := foundBody(r)
	if err != nil {
		return err
	}
	n := r.Names
	_, err = tx.Exec(ctx, `
		update registration set member_id = $3, account_id = $4, password_hash = $5, title = $6, given_name = $7, family_name = $8,
			function = $9, profession_code = $10, site_id = $11, rpps = $12, no_rpps = $13, directory_body = $14, directory_at = $15,
			email_proved_at = $16, phone_proved_at = $17, phone_hint = $18, completed_at = $19, expires_at = $20, phone_waived = $21,
			version = version + 1
		where org_id = $1 and id = $2`,
		r.Org, r.ID, store.Null(r.Member), store.Null(r.Account), r.passwordHash, n.Title, n.GivenName, n.FamilyName, r.Function,
		r.ProfessionCode, r.Site, r.RPPS, r.NoRPPS, body, tx.Now, r.EmailProvedAt, r.PhoneProvedAt, r.Phone, r.CompletedAt, r.ExpiresAt,
		r.PhoneWaived)
	return err
}

// writeFound writes what the directory says; the version stays, since nothing was declared.
func writeFound(ctx context.Context, tx *store.Tx, r Registration) error {
	body, err := foundBody(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update registration set directory_body = $3, directory_at = $4 where org_id = $1 and id = $2`,
		r.Org, r.ID, body, tx.Now)
	return err
}

// asJudged gives what is declared of a member the version that was judged of it last, when it was
// renumbered and given back since, and nothing else was declared.
func asJudged(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) error {
	_, err := tx.Exec(ctx, `
		update registration set version = version - 2
		where org_id = $1 and member_id = $2 and version - 2 = (
			select max(j.version) from (
				select c.version from dossier_certification c where c.org_id = $1 and c.member_id = $2 and c.revoked_at is null
				union all
				select u.version from dossier_ruling u where u.org_id = $1 and u.member_id = $2 and u.ended_at is null) j)`, org, of)
	return err
}

// foundBody is what the directory said, as it is kept.
func foundBody(r Registration) (string, error) {
	if r.Found == nil {
		return "", nil
	}
	b, err := json.Marshal(r.Found)
	return string(b), err
}

// Keys ---------------------------------------------------------------------------------

func insertRegistrationKey(ctx context.Context, tx *store.Tx, r Registration, hash secret.Hash, mailed bool, until time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into registration_key (token_hash, org_id, registration_id, mailed, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
		hash, r.Org, r.ID, mailed, tx.Now, until)
	return err
}

// endMailedKeys makes the links mailed so far worth nothing.
func endMailedKeys(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `delete from registration_key where org_id = $1 and registration_id = $2 and mailed`, r.Org, r.ID)
	return err
}

// endOldKeys makes room for the key of one more browser: of many, the oldest go.
func endOldKeys(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `
		delete from registration_key where org_id = $1 and registration_id = $2 and not mailed and token_hash not in (
			select token_hash from registration_key where org_id = $1 and registration_id = $2 and not mailed
			order by expires_at desc, token_hash limit $3)`, r.Org, r.ID, RegistrationBrowsers-1)
	return err
}

// keepInBrowser makes of the link that was opened the key of the browser that it was opened
// in: it goes on there, and no newer link ends it.
func keepInBrowser(ctx context.Context, tx *store.Tx, r Registration, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		update registration_key set mailed = false, expires_at = $4
		where org_id = $1 and registration_id = $2 and token_hash = $3 and mailed`, r.Org, r.ID, hash, tx.Now.Add(RegistrationKeyLife))
	return err
}

// sweepRegistrationKeys removes the keys that open nothing any more, at most so many; it asks about
// every organisation.
func sweepRegistrationKeys(ctx context.Context, tx *store.Tx, limit int64) (int64, error) {
	return tx.Exec(ctx, `
		delete from registration_key where token_hash in (
			select token_hash from registration_key where expires_at <= $1 limit $2)`, tx.Now, limit)
}

// Codes --------------------------------------------------------------------------------

// registrationCode is the code that waits.
type registrationCode struct {
	tag   []byte
	tries int64
	seal  []byte // the number that a message goes to
}

func setCode(ctx context.Context, tx *store.Tx, r Registration, what string, tag, phone []byte) error {
	_, err := tx.Exec(ctx, `
		update registration set code_for = $3, code_tag = $4, code_tries = 0, code_until = $5, phone_sealed = $6 where org_id = $1 and id = $2`,
		r.Org, r.ID, what, tag, tx.Now.Add(RegistrationCodeLife), phone)
	return err
}

// tryRegistrationCode counts a try before the code is looked at (rules.md 4).
func tryRegistrationCode(ctx context.Context, tx *store.Tx, r Registration, what string) (registrationCode, bool, error) {
	n, err := tx.Exec(ctx, `
		update registration set code_tries = code_tries + 1
		where org_id = $1 and id = $2 and code_for = $3 and code_until > $4 and code_tries < $5`, r.Org, r.ID, what, tx.Now, RegistrationTries)
	if err != nil || n == 0 {
		return registrationCode{}, false, err
	}
	return store.One(ctx, tx, scanCode, `
		select code_tag, code_tries, phone_sealed from registration where org_id = $1 and id = $2`, r.Org, r.ID)
}

func scanCode(s store.Scan) (registrationCode, error) {
	var c registrationCode
	return c, s(&c.tag, &c.tries, &c.seal)
}

// waitingCode reads the code that still waits for something, for the message that carries it.
func waitingCode(ctx context.Context, tx *store.Tx, r Registration, what string) (registrationCode, bool, error) {
	return store.One(ctx, tx, scanCode, `
		select code_tag, code_tries, phone_sealed from registration
		where org_id = $1 and id = $2 and code_for = $3 and code_until > $4 and code_tries < $5`, r.Org, r.ID, what, tx.Now, RegistrationTries)
}

// endCode removes the code that waits, and the number that it went to.
func endCode(ctx context.Context, tx *store.Tx, r Registration) error {
	_, err := tx.Exec(ctx, `
		update registration set code_for = '', code_tag = null, code_until = null, phone_sealed = null where org_id = $1 and id = $2`,
		r.Org, r.ID)
	return err
}

// Consents -----------------------------------------------------------------------------

func insertConsent(ctx context.Context, tx *store.Tx, r Registration, n int, c GivenConsent) error {
	_, err := tx.Exec(ctx, `
		insert into registration_consent (org_id, registration_id, setting_rev, n, title, body, accepted_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (org_id, registration_id, setting_rev, n) do nothing`, r.Org, r.ID, c.Rev, n, c.Title, c.Body, tx.Now)
	return err
}

func consentsOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Registration) ([]GivenConsent, error) {
	return store.All(ctx, tx, func(s store.Scan) (GivenConsent, error) {
		var c GivenConsent
		return c, s(&c.Title, &c.Body, &c.Rev, &c.At)
	}, `
		select title, body, setting_rev, accepted_at from registration_consent
		where org_id = $1 and registration_id = $2 order by setting_rev, n`, in, id)
}

// deleteRegistration removes one that was abandoned, with everything that hangs on it.
func deleteRegistration(ctx context.Context, tx *store.Tx, r Registration) error {
	for _, statement := range []string{
		`delete from registration_consent where org_id = $1 and registration_id = $2`,
		`delete from registration_key where org_id = $1 and registration_id = $2`,
		`delete from registration_mailbox where org_id = $1 and registration_id = $2`,
		`delete from registration where org_id = $1 and id = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, r.Org, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// arrivedIn are the members whose files were sent in that time, and wait.
func arrivedIn(ctx context.Context, tx *store.Tx, org ident.Org, from, until time.Time) ([]ident.Member, error) {
	return store.All(ctx, tx, store.Value[ident.Member], `
		select r.member_id from registration r
		join member_state s on s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null and s.status <> 'left'
		where r.org_id = $1 and r.completed_at >= $2 and r.completed_at < $3 and s.verification in ('unchecked', 'incomplete')
		order by r.member_id`, org, from, until)
}
