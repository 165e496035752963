package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// planOf is the plan of one member, as plansOf reads them.
type planOf struct {
	member ident.Member
	Planned
}

func scanPlan(s store.Scan) (planOf, error) {
	var p planOf
	return p, s(&p.member, &p.Day, &p.At, &p.by, &p.By, &p.Since, &p.Held)
}

// plansOf reads the plans of some members.
func plansOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]planOf, error) {
	var args store.Args
	query := `
		select p.member_id, p.day, p.acts_at, p.planned_by, p.planned_name, p.planned_at, p.held from deactivation_plan p
		where p.org_id = ` + args.Add(in) + ` and p.member_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, scanPlan, query, args.List()...)
}

func writePlan(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, p Planned) error {
	_, err := tx.Exec(ctx, `
		insert into deactivation_plan (org_id, member_id, day, acts_at, planned_by, planned_name, planned_at, held)
		values ($1, $2, $3, $4, $5, $6, $7, '')
		on conflict (org_id, member_id) do update set day = excluded.day, acts_at = excluded.acts_at, planned_by = excluded.planned_by,
			planned_name = excluded.planned_name, planned_at = excluded.planned_at, held = ''`,
		in, id, p.Day, p.At, p.by, p.By, p.Since)
	return err
}

func holdPlan(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, code string) error {
	_, err := tx.Exec(ctx, `update deactivation_plan set held = $3 where org_id = $1 and member_id = $2`, in, id, code)
	return err
}

func endPlan(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	_, err := tx.Exec(ctx, `delete from deactivation_plan where org_id = $1 and member_id = $2`, in, id)
	return err
}

// duePlan is a member whose day has ended.
type duePlan struct {
	org    ident.Org
	member ident.Member
}

// duePlans finds plans whose day has ended, the oldest first, in every organisation that is
// not suspended: there nobody has access now, and the plan waits.
func duePlans(ctx context.Context, tx *store.Tx, most int) ([]duePlan, error) {
	return store.All(ctx, tx, func(s store.Scan) (duePlan, error) {
		var d duePlan
		return d, s(&d.org, &d.member)
	}, `
		select p.org_id, p.member_id from deactivation_plan p
		join org_state o on o.org_id = p.org_id and o.known_until is null and o.status = 'active'
		join member_state s on s.org_id = p.org_id and s.member_id = p.member_id and s.known_until is null and s.status in ('created', 'active')
		where p.held = '' and p.acts_at <= $1 order by p.acts_at, p.org_id, p.member_id limit $2`, tx.Now, most)
}
