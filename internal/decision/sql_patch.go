package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// touchedAt names what was written at one time: a letter for the kind, and an ID. Rows are
// found by equality with the time that their transaction gave them, which org_version.recent
// told: no clock is trusted.
const touchedAt = `
	select 'm', member_id from member_state where org_id = $1 and known_from = $2
	union all select 'm', member_id from member_state where org_id = $1 and known_until = $2
	union all select 'p', member_id from member_site where org_id = $1 and known_from = $2
	union all select 'p', member_id from member_site where org_id = $1 and known_until = $2
	union all select 'h', member_id from member_role where org_id = $1 and known_from = $2
	union all select 'h', member_id from member_role where org_id = $1 and known_until = $2
	union all select 'h', member_id from member_permission where org_id = $1 and known_from = $2
	union all select 'h', member_id from member_permission where org_id = $1 and known_until = $2
	union all select 'g', member_id from access_grant where org_id = $1 and known_from = $2
	union all select 'g', member_id from access_grant where org_id = $1 and known_until = $2
	union all select 'd', member_id from delegation where org_id = $1 and known_from = $2
	union all select 'd', member_id from delegation where org_id = $1 and known_until = $2
	union all select 's', member_id from record_group_member where org_id = $1 and known_from = $2
	union all select 's', member_id from record_group_member where org_id = $1 and known_until = $2
	union all select 'x', record from record_group_record where org_id = $1 and known_from = $2
	union all select 'x', record from record_group_record where org_id = $1 and known_until = $2
	union all select 'r', resource_id from resource_state where org_id = $1 and known_from = $2
	union all select 'r', resource_id from resource_state where org_id = $1 and known_until = $2
	union all select 'R', role_id from role_state where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 'R', role_id from role_permission where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 'G', group_id from record_group_state where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 'S', site_id from site_state where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 'o', name from org_setting where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 'o', '' from org_state where org_id = $1 and (known_from = $2 or known_until = $2)
	union all select 't', id from token where org_id = $1 and (created_at = $2 or revoked_at = $2)`

// touched is what was written, by kind.
type touched map[string]map[string]bool

func readTouched(ctx context.Context, tx *store.Tx, org ident.Org, times []time.Time) (touched, error) {
	out := touched{}
	for _, at := range times {
		err := store.Each(ctx, tx, func(s store.Scan) error {
			var kind, id string
			if err := s(&kind, &id); err != nil {
				return err
			}
			if out[kind] == nil {
				out[kind] = map[string]bool{}
			}
			out[kind][id] = true
			return nil
		}, touchedAt, org, at)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// someResources reads the resources named.
func (r *reader) someResources(ids []string) {
	var args store.Args
	args.Add(r.b.s.org)
	query := selectResources + ` and s.resource_id in ` + store.In(&args, ids)
	r.each(func(s store.Scan) error {
		var v resourceRow
		err := s(&v.id, &v.typ, &v.site, &v.holder, &v.status)
		r.b.resource(v)
		return err
	}, query, args.List()...)
}

// someRecords reads the groups of the records named.
func (r *reader) someRecords(names []string) {
	var args store.Args
	args.Add(r.b.s.org)
	query := selectRecords + ` and record in ` + store.In(&args, names) + ` order by record`
	r.each(r.record, query, args.List()...)
}

const selectRecords = `select record, group_no from record_group_record where org_id = $1 and known_until is null`
