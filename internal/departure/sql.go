package departure

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const selectDeparture = `
	select d.org_id, d.id, d.member_id, d.name, d.kind, d.state, d.stage, d.version, d.day, d.ends_at, d.decided_by, d.decided_name,
		d.decided_at, d.refused, d.change_set_id, d.undone_name, d.undone_at, d.into_member, d.concluded, (
			select count(*) from departure_choice c where c.org_id = d.org_id and c.departure_id = d.id and c.state = 'waiting')
	from departure d where d.org_id = $1`

func scan(s store.Scan) (Departure, error) {
	var d Departure
	var undone *time.Time
	err := s(&d.Org, &d.ID, &d.Member, &d.Name, &d.Kind, &d.State, &d.stage, &d.Version, &d.Day, &d.EndsAt, &d.decidedBy, &d.By,
		&d.At, &d.Refused, &d.changeSet, &d.UndoneBy, &undone, &d.Into, &d.concluded, &d.Waiting)
	if undone != nil {
		d.UndoneAt = *undone
	}
	d.settle()
	return d, err
}

func get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Departure) (Departure, bool, error) {
	return store.One(ctx, tx, scan, selectDeparture+` and d.id = $2`, org, id)
}

// inForce reads the departure of a member that is planned, or done.
func inForce(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (Departure, bool, error) {
	return store.One(ctx, tx, scan, selectDeparture+` and d.member_id = $2 and d.state in ('planned', 'done')`, org, of)
}

// returning reports whether a member has not all that is theirs yet: the way back from a departure
// that was undone is not done, or what another membership of theirs held is still under way.
func returning(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (bool, error) {
	_, found, err := store.One(ctx, tx, scanKey, `
		select d.org_id, d.id from departure d
		where d.org_id = $1 and ((d.member_id = $2 and d.state = 'undone' and d.stage <> 'restored')
			or (d.into_member = $2 and d.state = 'done' and d.stage = 'pass')) limit 1`, org, of)
	return found, err
}

// latest reads the last departure of a member that was not cancelled.
func latest(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (Departure, bool, error) {
	return store.One(ctx, tx, scan, selectDeparture+` and d.member_id = $2 and d.state <> 'cancelled'
		order by d.decided_at desc, d.id desc limit 1`, org, of)
}

func insert(ctx context.Context, tx *store.Tx, d Departure) error {
	_, err := tx.Exec(ctx, `
		insert into departure (org_id, id, member_id, name, kind, state, stage, version, day, ends_at, decided_by, decided_name, decided_at,
			refused, change_set_id, undone_name, undone_at, into_member)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		d.Org, d.ID, d.Member, d.Name, d.Kind, d.State, d.stage, d.Version, d.Day, d.EndsAt, d.decidedBy, d.By, d.At, d.Refused,
		d.changeSet, d.UndoneBy, undoneAt(d), d.Into)
	return err
}

// update writes the next version.
func update(ctx context.Context, tx *store.Tx, d *Departure) error {
	d.Version++
	d.settle()
	_, err := tx.Exec(ctx, `
		update departure set kind = $3, state = $4, stage = $5, version = $6, day = $7, ends_at = $8, decided_by = $9, decided_name = $10,
			decided_at = $11, refused = $12, change_set_id = $13, undone_name = $14, undone_at = $15, name = $16
		where org_id = $1 and id = $2`,
		d.Org, d.ID, d.Kind, d.State, d.stage, d.Version, d.Day, d.EndsAt, d.decidedBy, d.By, d.At, d.Refused, d.changeSet, d.UndoneBy,
		undoneAt(*d), d.Name)
	return err
}

// advance writes how far the work is: what somebody read of the departure is not stale by it.
func advance(ctx context.Context, tx *store.Tx, d Departure) error {
	_, err := tx.Exec(ctx, `update departure set stage = $3 where org_id = $1 and id = $2`, d.Org, d.ID, d.stage)
	return err
}

func undoneAt(d Departure) any {
	if d.UndoneAt.IsZero() {
		return nil
	}
	return d.UndoneAt
}

// key names a departure.
type key struct {
	org ident.Org
	id  ident.Departure
}

// dueKey is a departure of which something is to be done, and since when.
type dueKey struct {
	key
	since time.Time
}

func scanKey(s store.Scan) (key, error) {
	var k key
	return k, s(&k.org, &k.id)
}

// due are the plans whose day is over and that wait for nobody, the work that is not finished, and
// what can no longer be undone: the oldest first, after the one that was named last.
func due(ctx context.Context, tx *store.Tx, after dueKey, limit int) ([]dueKey, error) {
	return store.All(ctx, tx, func(s store.Scan) (dueKey, error) {
		var k dueKey
		return k, s(&k.org, &k.id, &k.since)
	}, `
		select org_id, id, ends_at from (
			select d.org_id, d.id, d.ends_at from departure d where d.state = 'planned' and d.ends_at <= $1 and d.refused = ''
			union
			select d.org_id, d.id, d.ends_at from departure d where d.stage not in ('', 'finished', 'restored')
			union
			select d.org_id, d.id, d.ends_at from departure d where d.state = 'done' and d.ends_at <= $2
			union
			select d.org_id, d.id, d.ends_at from departure d where d.state = 'done' and d.concluded
		) waiting where (ends_at, id) > ($3, $4) order by ends_at, id limit $5`,
		tx.Now, tx.Now.Add(-UndoFor), after.since, after.id, limit)
}

// Choices ---------------------------------------------------------------------------

func choicesOf(ctx context.Context, tx *store.Tx, d Departure) ([]choice, error) {
	return store.All(ctx, tx, func(s store.Scan) (choice, error) {
		var c choice
		return c, s(&c.What, &c.Object, &c.name, &c.To, &c.state, &c.why, &c.items, &c.moved, &c.version, &c.by)
	}, `
		select what, object, name, coalesce(to_member, ''), state, why, items, moved, version, chosen_by from departure_choice
		where org_id = $1 and departure_id = $2 order by what, object`, d.Org, d.ID)
}

func insertChoices(ctx context.Context, tx *store.Tx, d Departure, list []choice) error {
	return store.InsertAll(ctx, tx, list, `
		insert into departure_choice (org_id, departure_id, what, object, name, to_member, state, why, items, moved, version, chosen_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, "", func(c *choice) []any {
		return []any{d.Org, d.ID, c.What, c.Object, c.name, store.Null(c.To), c.state, c.why, c.items, c.moved, c.version, c.by}
	})
}

func removeChoices(ctx context.Context, tx *store.Tx, d Departure) error {
	_, err := tx.Exec(ctx, `delete from departure_choice where org_id = $1 and departure_id = $2`, d.Org, d.ID)
	return err
}

func updateChoice(ctx context.Context, tx *store.Tx, d Departure, c choice) error {
	_, err := tx.Exec(ctx, `
		update departure_choice set to_member = $5, state = $6, why = $7, moved = $8, version = $9, chosen_by = $10
		where org_id = $1 and departure_id = $2 and what = $3 and object = $4`,
		d.Org, d.ID, c.What, c.Object, store.Null(c.To), c.state, c.why, c.moved, c.version, c.by)
	return err
}

// Steps -----------------------------------------------------------------------------

func insertStep(ctx context.Context, tx *store.Tx, d Departure, s step) error {
	_, err := tx.Exec(ctx, `
		insert into departure_step (org_id, departure_id, no, stage, what, object, to_member, items, left_over, code, at)
		select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10 from departure_step where org_id = $1 and departure_id = $2`,
		d.Org, d.ID, s.stage, s.what, s.object, store.Null(s.to), s.items, s.left, s.code, tx.Now)
	return err
}

// itemsOfStage sums what the steps of a stage did.
func itemsOfStage(ctx context.Context, tx *store.Tx, d Departure, of Stage) (n int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce(sum(items), 0) from departure_step where org_id = $1 and departure_id = $2 and stage = $3`,
		d.Org, d.ID, of).Scan(&n)
	return n, err
}

func stepsOf(ctx context.Context, tx *store.Tx, d Departure, limit int) ([]Step, error) {
	return store.All(ctx, tx, func(s store.Scan) (Step, error) {
		var v Step
		return v, s(&v.No, &v.Stage, &v.What, &v.Object, &v.to, &v.ToName, &v.Items, &v.Left, &v.Code, &v.At)
	}, `
		select s.no, s.stage, s.what, s.object, coalesce(s.to_member, ''),
			trim(coalesce(m.given_name || ' ' || m.family_name, '')), s.items, s.left_over, s.code, s.at
		from departure_step s
		left join member_state m on m.org_id = s.org_id and m.member_id = s.to_member and m.known_until is null
		where s.org_id = $1 and s.departure_id = $2 order by s.no desc limit $3`, d.Org, d.ID, limit)
}

// Items that were given -------------------------------------------------------------

func insertTaken(ctx context.Context, tx *store.Tx, d Departure, list []taken) error {
	return store.InsertAll(ctx, tx, list, `insert into departure_item (org_id, departure_id, no, version) values ($1, $2, $3, $4)`,
		` on conflict (org_id, departure_id, no) do update set version = excluded.version`,
		func(t *taken) []any { return []any{d.Org, d.ID, t.No, t.Version} })
}

func takenOf(ctx context.Context, tx *store.Tx, d Departure, limit int) ([]taken, error) {
	return store.All(ctx, tx, func(s store.Scan) (taken, error) {
		var t taken
		return t, s(&t.No, &t.Version)
	}, `select no, version from departure_item where org_id = $1 and departure_id = $2 order by no limit $3`, d.Org, d.ID, limit)
}

// removeTaken forgets the items up to a number.
func removeTaken(ctx context.Context, tx *store.Tx, d Departure, upTo int64) error {
	_, err := tx.Exec(ctx, `delete from departure_item where org_id = $1 and departure_id = $2 and no <= $3`, d.Org, d.ID, upTo)
	return err
}

// What an undoing left --------------------------------------------------------------

func insertStay(ctx context.Context, tx *store.Tx, d Departure, s Stay) error {
	_, err := tx.Exec(ctx, `
		insert into departure_stay (org_id, departure_id, no, what, name, code, items)
		select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6 from departure_stay where org_id = $1 and departure_id = $2`,
		d.Org, d.ID, s.What, s.Name, s.Code, s.N)
	return err
}

func staysOf(ctx context.Context, tx *store.Tx, d Departure) ([]Stay, error) {
	return store.All(ctx, tx, func(s store.Scan) (Stay, error) {
		var v Stay
		return v, s(&v.What, &v.Name, &v.Code, &v.N)
	}, `select what, name, code, items from departure_stay where org_id = $1 and departure_id = $2 order by no`, d.Org, d.ID)
}

// passedInto reads the last departure of a membership whose place another took.
func passedInto(ctx context.Context, tx *store.Tx, org ident.Org, into ident.Member) (Departure, bool, error) {
	return store.One(ctx, tx, scan, selectDeparture+` and d.into_member = $2 and d.into_member <> '' and d.state in ('done', 'erased')
		order by d.decided_at desc, d.id desc limit 1`, org, into)
}

// conclude notes that nobody will undo a departure.
// replacedWith are the memberships that took the place of one, or whose place it took.
func replacedWith(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) ([]ident.Member, error) {
	return store.All(ctx, tx, store.Value[ident.Member], `
		select into_member from departure where org_id = $1 and member_id = $2 and into_member <> ''
		union select member_id from departure where org_id = $1 and into_member = $2`, org, of)
}

func conclude(ctx context.Context, tx *store.Tx, d Departure) error {
	_, err := tx.Exec(ctx, `update departure set concluded = true, version = version + 1 where org_id = $1 and id = $2`, d.Org, d.ID)
	return err
}
