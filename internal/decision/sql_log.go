package decision

import (
	"context"
	"time"

	"github.com/google/uuid"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func insertLog(ctx context.Context, tx *store.Tx, e LogEntry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into decision_log (org_id, id, at, caller, caller_name, subject_type, subject_id, action, resource_type, resource_id, allowed,
			code, version, asked_about, stands_for)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		e.Org, id.String(), e.At, e.Caller, e.CallerName, bounded(e.Subject.Type), bounded(e.Subject.ID), bounded(e.Action),
		bounded(e.Resource.Type), bounded(e.Resource.ID), e.Answer.Allowed, e.Answer.Code, e.Answer.Version, e.AskedAbout, e.StandsFor)
	return err
}

// maxLogged bounds, in characters, what is kept of a text that a caller made up.
const maxLogged = 200

func bounded(s string) string {
	n := 0
	for i := range s {
		if n == maxLogged {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func scanLog(s store.Scan) (LogEntry, error) {
	var e LogEntry
	err := s(&e.id, &e.At, &e.Caller, &e.CallerName, &e.Subject.Type, &e.Subject.ID, &e.SubjectName, &e.Action, &e.Resource.Type,
		&e.Resource.ID, &e.ResourceName, &e.Answer.Allowed, &e.Answer.Code, &e.Answer.Version, &e.AskedAbout, &e.StandsFor)
	return e, err
}

func listLog(ctx context.Context, tx *store.Tx, org ident.Org, q LogQuery, from logPlace, limit int) ([]LogEntry, error) {
	return store.All(ctx, tx, scanLog, `
		select l.id, l.at, l.caller, l.caller_name, l.subject_type, l.subject_id,
			coalesce(m.given_name || ' ' || m.family_name, ''), l.action,
			l.resource_type, l.resource_id, coalesce(r.name, ''), l.allowed, l.code, l.version, l.asked_about, l.stands_for
		from decision_log l
		left join member_state m on m.org_id = l.org_id and m.member_id = l.subject_id and m.known_until is null
		left join resource_state r on r.org_id = l.org_id and r.resource_id = l.resource_id and r.known_until is null
		where l.org_id = $1 and ($2 = '' or l.allowed = ($2 = 'permit')) and ($3 = '' or l.subject_id = $3) and ($4 = '' or l.resource_id = $4)
			and ($5 = '' or (l.at, l.id) < ($6, $5))
		order by l.at desc, l.id desc limit $7`, org, q.Outcome, q.Subject, q.Resource, from.ID, from.At, limit)
}

func countLog(ctx context.Context, tx *store.Tx, org ident.Org, q LogQuery) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from decision_log
		where org_id = $1 and ($2 = '' or allowed = ($2 = 'permit')) and ($3 = '' or subject_id = $3) and ($4 = '' or resource_id = $4)`,
		org, q.Outcome, q.Subject, q.Resource).Scan(&n)
	return n, err
}

// loggedOrgs are all organisations: each is swept on its own.
func loggedOrgs(ctx context.Context, tx *store.Tx) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `select id from org order by id`)
}

func removeLogBefore(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from decision_log where org_id = $1 and at < $2`, org, before)
	return err
}

func removeSomeLog(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return tx.Exec(ctx, `
		delete from decision_log where org_id = $1 and id in (
			select id from decision_log where org_id = $1 and at < $2 order by at, id limit $3)`, org, before, n)
}

// logBeyond finds the latest entry that an organisation has beyond most.
func logBeyond(ctx context.Context, tx *store.Tx, org ident.Org, most int) (logPlace, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (logPlace, error) {
		var p logPlace
		return p, s(&p.At, &p.ID)
	}, `select at, id from decision_log where org_id = $1 order by at desc, id desc limit 1 offset $2`, org, most)
}

func removeLogUpTo(ctx context.Context, tx *store.Tx, org ident.Org, last logPlace) error {
	_, err := tx.Exec(ctx, `delete from decision_log where org_id = $1 and (at, id) <= ($2, $3)`, org, last.At, last.ID)
	return err
}
