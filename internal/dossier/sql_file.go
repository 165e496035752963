package dossier

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Checks --------------------------------------------------------------------------

func checkOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (*Check, error) {
	c, ok, err := store.One(ctx, tx, func(s store.Scan) (*Check, error) {
		c := new(Check)
		var reasons, answer string
		if err := s(&c.State, &reasons, &answer, &c.At, &c.By); err != nil {
			return c, err
		}
		if err := json.Unmarshal([]byte(reasons), &c.Reasons); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(answer), &c.answer)
	}, `select state, reasons, answer, checked_at, checked_by from dossier_check where org_id = $1 and member_id = $2`, org, id)
	if !ok {
		return nil, err
	}
	return c, err
}

func writeCheck(ctx context.Context, tx *store.Tx, m member.Member, r Refreshed, a directory.Answer, by string) error {
	reasons, err := json.Marshal(append([]Reason{}, r.Reasons...))
	if err != nil {
		return err
	}
	answer, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into dossier_check (org_id, member_id, state, reasons, answer, checked_at, checked_by) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (org_id, member_id) do update set state = excluded.state, reasons = excluded.reasons, answer = excluded.answer,
			checked_at = excluded.checked_at, checked_by = excluded.checked_by`,
		m.Org, m.ID, r.State, string(reasons), string(answer), tx.Now, by)
	return err
}

// Certifications ------------------------------------------------------------------

func certificationOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (*Certification, error) {
	c, ok, err := store.One(ctx, tx, func(s store.Scan) (*Certification, error) {
		c := new(Certification)
		return c, s(&c.id, &c.version, &c.ground, &c.People, &c.At, &c.by, &c.By, &c.ConfirmedAt, &c.ConfirmedBy)
	}, `
		select id, version, ground, people, certified_at, certified_by, certified_name, confirmed_at, confirmed_name from dossier_certification
		where org_id = $1 and member_id = $2 and revoked_at is null`, org, id)
	if !ok {
		return nil, err
	}
	return c, err
}

// newRow names a certification or a ruling: nobody else does.
func newRow() string { return uuid.Must(uuid.NewV7()).String() }

// replaceCertification writes the first name of a certification; one of what was declared
// before is over.
func replaceCertification(ctx context.Context, tx *store.Tx, k *known, people int64, by access.Actor) error {
	if k.certification != nil {
		if err := endCertification(ctx, tx, k.member.Org, k.certification.id, by, ""); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		insert into dossier_certification (org_id, id, member_id, version, ground, people, certified_at, certified_by, certified_name)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		k.member.Org, newRow(), k.member.ID, k.declared.Version, k.ground(), people, tx.Now, by.Account, by.Name)
	return err
}

func confirmCertification(ctx context.Context, tx *store.Tx, org ident.Org, id string, by access.Actor) error {
	_, err := tx.Exec(ctx, `
		update dossier_certification set confirmed_at = $3, confirmed_by = $4, confirmed_name = $5
		where org_id = $1 and id = $2 and confirmed_at is null and revoked_at is null`, org, id, tx.Now, by.Account, by.Name)
	return err
}

func endCertification(ctx context.Context, tx *store.Tx, org ident.Org, id string, by access.Actor, reason string) error {
	_, err := tx.Exec(ctx, `
		update dossier_certification set revoked_at = $3, revoked_by = $4, revoked_name = $5, reason = $6
		where org_id = $1 and id = $2 and revoked_at is null`, org, id, tx.Now, by.ID(), by.Name, reason)
	return err
}

// Rulings -------------------------------------------------------------------------

func ruledOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (*Ruled, error) {
	u, ok, err := store.One(ctx, tx, func(s store.Scan) (*Ruled, error) {
		u := new(Ruled)
		return u, s(&u.id, &u.version, &u.Decision, &u.Reason, &u.At, &u.By)
	}, `
		select id, version, decision, reason, decided_at, decided_name from dossier_ruling
		where org_id = $1 and member_id = $2 and ended_at is null`, org, id)
	if !ok {
		return nil, err
	}
	return u, err
}

func replaceRuling(ctx context.Context, tx *store.Tx, k *known, r Rule, by access.Actor) error {
	if _, err := tx.Exec(ctx, `
		update dossier_ruling set ended_at = $3 where org_id = $1 and member_id = $2 and ended_at is null`,
		k.member.Org, k.member.ID, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into dossier_ruling (org_id, id, member_id, version, decision, reason, decided_at, decided_by, decided_name)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		k.member.Org, newRow(), k.member.ID, k.declared.Version, r.Decision, r.Reason, tx.Now, by.ID(), by.Name)
	return err
}

// Lists ---------------------------------------------------------------------------

const selectFile = `
	select s.org_id, o.name, s.member_id, s.given_name, s.family_name, r.profession_code, s.verification, coalesce(k.reasons, '[]'),
		k.checked_at, r.completed_at, r.created_at, coalesce(c.certified_name, ''), c.certified_at, b.proved_at
	from member_state s
	join registration r on r.org_id = s.org_id and r.member_id = s.member_id
	join org_state o on o.org_id = s.org_id and o.known_until is null
	left join dossier_check k on k.org_id = s.org_id and k.member_id = s.member_id
	left join dossier_certification c on c.org_id = s.org_id and c.member_id = s.member_id and c.revoked_at is null
	left join registration_mailbox b on b.org_id = r.org_id and b.registration_id = r.id and b.rpps = r.rpps and b.ended_at is null
	where s.known_until is null and s.status in ('created', 'active') and s.verification <> 'not_needed'`

func scanSummary(s store.Scan) (Summary, error) {
	var v Summary
	var given, family, reasons string
	err := s(&v.Org, &v.OrgName, &v.Member, &given, &family, &v.Profession, &v.State, &reasons, &v.CheckedAt, &v.CompletedAt, &v.CreatedAt,
		&v.CertifiedBy, &v.CertifiedAt, &v.MailboxProvedAt)
	if err != nil {
		return v, err
	}
	v.ID, v.Name = ident.DossierOf(v.Member), given+" "+family
	return v, json.Unmarshal([]byte(reasons), &v.Reasons)
}

const longestFirst = ` order by coalesce(r.completed_at, r.created_at), s.member_id limit `

func filesOf(ctx context.Context, tx *store.Tx, org ident.Org, state member.Verification) ([]Summary, error) {
	var args store.Args
	query := selectFile + ` and s.org_id = ` + args.Add(org)
	if state != "" {
		query += ` and s.verification = ` + args.Add(state)
	}
	return store.All(ctx, tx, scanSummary, query+longestFirst+args.Add(MaxFiles), args.List()...)
}

func queue(ctx context.Context, tx *store.Tx) ([]Summary, error) {
	var args store.Args
	query := selectFile + ` and s.verification in ('unchecked', 'incomplete') and r.completed_at is not null and o.status = 'active'
		and not exists (select 1 from dossier_ruling u where u.org_id = s.org_id and u.member_id = s.member_id and u.ended_at is null
			and u.version = r.version and not exists (select 1 from document d where d.org_id = u.org_id and d.member_id = u.member_id
				and d.file_id is not null and d.added_at > u.decided_at))`
	return store.All(ctx, tx, scanSummary, query+longestFirst+args.Add(MaxFiles), args.List()...)
}

func orgOf(ctx context.Context, tx *store.Tx, id ident.Member) (ident.Org, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Org], `select org_id from registration where member_id = $1`, id)
}
