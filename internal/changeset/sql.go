package changeset

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// atOnce is how many lines one statement writes.
const atOnce = 200

// recordSep stands between the names of records of a line: no name holds it, for it is not
// printable (package recordgroup).
const recordSep = "\n"

const selectSets = `
	select c.id, c.kind, c.part_of, c.reason, c.made_by, c.made_by_name, c.made_at, coalesce(c.undoes_id, ''), coalesce(c.undone_by_id, '')
	from change_set c where c.org_id = $1`

func scanSet(s store.Scan) (Set, error) {
	var c Set
	return c, s(&c.ID, &c.Kind, &c.PartOf, &c.Reason, &c.By, &c.MadeBy, &c.MadeAt, &c.Undoes, &c.UndoneBy)
}

func findSet(ctx context.Context, tx *store.Tx, in ident.Org, id ident.ChangeSet) (Set, bool, error) {
	return store.One(ctx, tx, scanSet, selectSets+` and c.id = $2`, in, id)
}

func insertSet(ctx context.Context, tx *store.Tx, in ident.Org, c Set) error {
	_, err := tx.Exec(ctx, `
		insert into change_set (org_id, id, kind, part_of, reason, made_by, made_by_name, made_at, undoes_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, in, c.ID, c.Kind, c.PartOf, c.Reason, c.By, c.MadeBy, c.MadeAt, store.Null(c.Undoes))
	return err
}

func markUndone(ctx context.Context, tx *store.Tx, in ident.Org, id, by ident.ChangeSet) error {
	_, err := tx.Exec(ctx, `update change_set set undone_by_id = $3 where org_id = $1 and id = $2`, in, id, by)
	return err
}

func insertLines(ctx context.Context, tx *store.Tx, in ident.Org, set ident.ChangeSet, lines []Line) error {
	n := 0
	for part := range slices.Chunk(lines, atOnce) {
		var args store.Args
		for _, l := range part {
			n++
			for _, v := range columnsOf(in, set, n, l) {
				args.Add(v)
			}
		}
		_, err := tx.Exec(ctx, `
			insert into change_line (org_id, change_set_id, n, domain, member_id, object, detail, site_id, before_value, before_starts_at,
				before_ends_at, after_value, after_starts_at, after_ends_at, count, records)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`+others(&args, len(part)), args.List()...)
		if err != nil {
			return err
		}
	}
	return nil
}

func columnsOf(in ident.Org, set ident.ChangeSet, n int, l Line) []any {
	var records any
	count := 1
	if l.Domain == GroupRecord {
		records, count = strings.Join(l.Records, recordSep), len(l.Records)
	}
	return []any{
		in, set, n, l.Domain, store.Null(l.Member), l.Object, l.Detail, store.Null(l.Site), l.Before.Value, began(l.Before), l.Before.Until,
		l.After.Value, began(l.After), l.After.Until, count, records,
	}
}

// began is when a state begins; of nothing, never.
func began(s State) any {
	if s.None() {
		return nil
	}
	return s.From
}

// others writes the rows after the first of n, which the statement writes itself.
func others(args *store.Args, n int) string {
	width := len(args.List()) / n
	return strings.TrimPrefix(store.Rows(n, width), store.Rows(1, width))
}

const lineColumns = `l.domain, coalesce(l.member_id, ''), l.object, l.detail, coalesce(l.site_id, ''), l.before_value, l.before_starts_at,
		l.before_ends_at, l.after_value, l.after_starts_at, l.after_ends_at, l.count, coalesce(l.records, '')`

func scanLine(s store.Scan) (Line, error) {
	var l Line
	var was, is *time.Time
	var records string
	err := s(&l.Domain, &l.Member, &l.Object, &l.Detail, &l.Site, &l.Before.Value, &was, &l.Before.Until, &l.After.Value, &is, &l.After.Until,
		&l.Count, &records)
	if was != nil {
		l.Before.From = *was
	}
	if is != nil {
		l.After.From = *is
	}
	if records != "" {
		l.Records = strings.Split(records, recordSep)
	}
	return l, err
}

func linesOf(ctx context.Context, tx *store.Tx, in ident.Org, set ident.ChangeSet) ([]Line, error) {
	return store.All(ctx, tx, scanLine, `select `+lineColumns+`
		from change_line l where l.org_id = $1 and l.change_set_id = $2 order by l.n`, in, set)
}

// Made is a line with who made it.
type Made struct {
	Line

	By string // an account, a token
}

// LevelsBetween reads the lines about levels of an organisation of a stretch of time, in order.
func LevelsBetween(ctx context.Context, tx *store.Tx, in ident.Org, from, until time.Time) ([]Made, error) {
	return store.All(ctx, tx, func(s store.Scan) (Made, error) {
		var by string
		l, err := scanLine(func(dest ...any) error { return s(append(dest, &by)...) })
		return Made{l, by}, err
	}, `select `+lineColumns+`, c.made_by
		from change_set c join change_line l on l.org_id = c.org_id and l.change_set_id = c.id
		where c.org_id = $1 and c.made_at >= $2 and c.made_at < $3 and l.domain = 'level' order by c.made_at, c.id, l.n`, in, from, until)
}

// forget removes the names of records from lines of change sets made before a moment.
func forget(ctx context.Context, tx *store.Tx, before time.Time, most int) (int64, error) {
	return tx.Exec(ctx, `
		update change_line set records = null where records is not null and (org_id, change_set_id, n) in (
			select l.org_id, l.change_set_id, l.n from change_line l
			join change_set c on c.org_id = l.org_id and c.id = l.change_set_id
			where l.records is not null and c.made_at < $1 limit $2)`, before, most)
}
