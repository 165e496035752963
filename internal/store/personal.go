package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Personal says what one table holds about people, so that it can be erased and given to them
// (AUD-4). Each noun says it of its own tables; package privacy goes through all of them, and a
// test finds the column that nobody spoke of. Names of tables and columns are ours, never typed.
type Personal struct {
	Table string
	Key   []string // the primary key
	// Everywhere: the table has no organisation, or is gone through in all of them.
	Everywhere bool

	Of     []string            // columns with the ID of a member or an account: the row is about them
	Within *Within             // or the row belongs to one that is
	Gone   bool                // rows about somebody are deleted
	Empty  []string            // or these columns of theirs are emptied
	Names  map[string][]string // a column that tells who did something, and the names beside it
	Words  []string            // columns where anything may be written: what names somebody is taken out
	Export []string            // what of rows about somebody is given to them
}

// Within ties the rows of a table to those of another of the same organisation.
type Within struct{ Column, Table, Key, Of string }

// Moving reports whether there is anything in the table to erase.
func (p Personal) Moving() bool { return p.Gone || len(p.Empty) > 0 || len(p.Names) > 0 }

// rows begins with the organisation, and says which rows are about somebody.
func (p Personal) rows(args *Args, org string, ids []string) string {
	where := p.place(args, org)
	var either []string
	for _, c := range p.Of {
		either = append(either, quote(c)+" in "+In(args, ids))
	}
	if w := p.Within; w != nil {
		inner := "select " + quote(w.Key) + " from " + quote(w.Table) + " where " + quote(w.Of) + " in " + In(args, ids)
		if !p.Everywhere {
			inner += " and org_id = " + args.Add(org)
		}
		either = append(either, quote(w.Column)+" in ("+inner+")")
	}
	return where + " and (" + strings.Join(either, " or ") + ")"
}

func (p Personal) place(args *Args, org string) string {
	if p.Everywhere {
		return "1 = 1"
	}
	return "org_id = " + args.Add(org)
}

// Erase deletes or empties what the table holds about somebody, by their IDs, and says of how many
// rows. org is the organisation; ids are those of the member and the account.
func (p Personal) Erase(ctx context.Context, tx *Tx, org string, ids []string) (n int64, err error) {
	about := len(p.Of) > 0 || p.Within != nil
	switch {
	case about && p.Gone:
		var args Args
		where := p.rows(&args, org, ids)
		return tx.Exec(ctx, "delete from "+quote(p.Table)+" where "+where, args.List()...)
	case about && len(p.Empty) > 0:
		var args Args
		where := p.rows(&args, org, ids)
		if n, err = p.empty(ctx, tx, &args, where, p.Empty); err != nil {
			return n, err
		}
	}
	for _, who := range sortedKeys(p.Names) {
		var args Args
		where := p.place(&args, org)
		var either []string
		for _, id := range ids {
			either = append(either, quote(who)+" like "+args.Add(Like(id))+` escape '\'`)
		}
		more, err := p.empty(ctx, tx, &args, where+" and ("+strings.Join(either, " or ")+")", p.Names[who])
		if err != nil {
			return n, err
		}
		n += more
	}
	return n, nil
}

// empty empties columns of text where they are not.
func (p Personal) empty(ctx context.Context, tx *Tx, args *Args, where string, columns []string) (int64, error) {
	var set, full []string
	for _, c := range columns {
		set = append(set, quote(c)+" = ''")
		full = append(full, quote(c)+" <> ''")
	}
	return tx.Exec(ctx, "update "+quote(p.Table)+" set "+strings.Join(set, ", ")+" where "+where+" and ("+
		strings.Join(full, " or ")+")", args.List()...)
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Worded is a row in which words are looked through.
type Worded struct {
	About bool // the row is about somebody, or done by them
	Words []string
}

// Look reads up to most rows after a place, in the order of the key, and rewrites those that
// change says: it gives the words as they are to be, or false. It gives the place of the last row,
// nil when none is left, and how many were changed.
func (p Personal) Look(ctx context.Context, tx *Tx, org string, ids []string, after []any, most int,
	change func(Worded) ([]string, bool),
) (last []any, changed int, err error) {
	var args Args
	query := p.lookQuery(&args, org, after, most)
	rows, err := All(ctx, tx, p.scanLook(ids), query, args.List()...)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		words, differ := change(r.Worded)
		if !differ {
			continue
		}
		changed++
		if err := p.rewrite(ctx, tx, r, words); err != nil {
			return nil, changed, err
		}
	}
	if len(rows) < most {
		return nil, changed, nil
	}
	return rows[len(rows)-1].key, changed, nil
}

func (p Personal) lookQuery(args *Args, org string, after []any, most int) string {
	query := "select " + strings.Join(quoted(slices.Concat(p.Key, p.Words, p.signs())), ", ") + " from " + quote(p.Table) +
		" where " + p.place(args, org)
	if len(after) > 0 {
		places := make([]string, len(after))
		for i, v := range after {
			places[i] = args.Add(v)
		}
		query += " and (" + strings.Join(quoted(p.Key), ", ") + ") > (" + strings.Join(places, ", ") + ")"
	}
	return query + " order by " + strings.Join(quoted(p.Key), ", ") + " limit " + strconv.Itoa(most)
}

// signs are the columns that tell whose a row is.
func (p Personal) signs() []string { return slices.Concat(p.Of, sortedKeys(p.Names)) }

type lookRow struct {
	Worded

	key []any
}

func (p Personal) scanLook(ids []string) func(Scan) (lookRow, error) {
	return func(s Scan) (lookRow, error) {
		r := lookRow{key: make([]any, len(p.Key))}
		words, signs := make([]*string, len(p.Words)), make([]*string, len(p.signs()))
		places := make([]any, 0, len(p.Key)+len(words)+len(signs))
		for i := range r.key {
			places = append(places, &r.key[i])
		}
		for i := range words {
			places = append(places, &words[i])
		}
		for i := range signs {
			places = append(places, &signs[i])
		}
		if err := s(places...); err != nil {
			return r, err
		}
		for _, w := range words {
			r.Words = append(r.Words, or(w))
		}
		r.About = slices.ContainsFunc(signs, func(s *string) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(or(s), id) })
		})
		return r, nil
	}
}

func or(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// rewrite writes the words of one row.
func (p Personal) rewrite(ctx context.Context, tx *Tx, r lookRow, words []string) error {
	var args Args
	var set, where []string
	for i, c := range p.Words {
		if words[i] != r.Words[i] { // null stays null
			set = append(set, quote(c)+" = "+args.Add(words[i]))
		}
	}
	for i, c := range p.Key {
		where = append(where, quote(c)+" = "+args.Add(r.key[i]))
	}
	_, err := tx.Exec(ctx, "update "+quote(p.Table)+" set "+strings.Join(set, ", ")+" where "+strings.Join(where, " and "), args.List()...)
	return err
}

// Rows reads what a table gives somebody of what it holds about them, up to most rows, each by
// the names of its columns.
func (p Personal) Rows(ctx context.Context, tx *Tx, org string, ids []string, most int) ([]map[string]any, error) {
	var args Args
	where := p.rows(&args, org, ids)
	query := "select " + strings.Join(quoted(p.Export), ", ") + " from " + quote(p.Table) + " where " + where +
		" order by " + strings.Join(quoted(p.Key), ", ") + " limit " + strconv.Itoa(most)
	return All(ctx, tx, func(s Scan) (map[string]any, error) {
		values, places := make([]any, len(p.Export)), make([]any, len(p.Export))
		for i := range values {
			places[i] = &values[i]
		}
		if err := s(places...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, c := range p.Export {
			if b, ok := values[i].([]byte); ok {
				values[i] = string(b)
			}
			row[c] = values[i]
		}
		return row, nil
	}, query, args.List()...)
}

// Count counts the rows about somebody.
func (p Personal) Count(ctx context.Context, tx *Tx, org string, ids []string) (n int64, err error) {
	if len(p.Of) == 0 && p.Within == nil {
		return 0, nil
	}
	var args Args
	where := p.rows(&args, org, ids)
	err = tx.QueryRow(ctx, "select count(*) from "+quote(p.Table)+" where "+where, args.List()...).Scan(&n)
	return n, err
}
