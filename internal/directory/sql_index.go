package directory

import (
	"context"

	"habilis/internal/store"
)

// The index is four tables, in a side of SQLite or in PostgreSQL:
//   - line: one accepted line of the files each; person is their number (personKey), body
//     what is kept of it, hash what the difference of two loads is told by;
//   - term: the lines on which a folded word of a name, a town or a postal code stands, as
//     a list of numbers; a term has a row for each segment of the load;
//   - label: what a code of a nomenclature is called in the files;
//   - load: one row, what was loaded.
const (
	tableLine  = "directory_index_line"
	tableTerm  = "directory_index_term"
	tableLabel = "directory_index_label"
	tableLoad  = "directory_index_load"
)

// next ends the name of a table that is being filled in PostgreSQL.
const next = "_next"

// tablesSQLite makes the tables of a side.
var tablesSQLite = []string{
	`create table directory_index_line (id integer primary key, person integer not null, hash integer not null, body text not null)`,
	`create table directory_index_term (term text not null, segment integer not null, lines blob not null)`,
	`create table directory_index_label (kind text not null, code text not null, label text not null)`,
	`create table directory_index_load (about text not null)`,
}

// indexesSQLite are made once the rows are there.
var indexesSQLite = []string{
	`create index directory_index_line_person on directory_index_line (person, hash)`,
	`create index directory_index_term_term on directory_index_term (term, segment)`,
	`create index directory_index_label_code on directory_index_label (code, kind)`,
}

// tablesPostgres makes tables beside those in use; what a load that died left goes first.
var tablesPostgres = []string{
	dropNextPostgres,
	`create table directory_index_line_next (id bigint not null, person bigint not null, hash bigint not null, body text not null)`,
	`create table directory_index_term_next (term text collate "C" not null, segment bigint not null, lines bytea not null)`,
	`create table directory_index_label_next (kind text collate "C" not null, code text collate "C" not null, label text not null)`,
	`create table directory_index_load_next (about text not null)`,
}

var indexesPostgres = []string{
	`alter table directory_index_line_next add constraint directory_index_line_next_pkey primary key (id)`,
	`create index directory_index_line_next_person on directory_index_line_next (person, hash)`,
	`create index directory_index_term_next_term on directory_index_term_next (term, segment)`,
	`create index directory_index_label_next_code on directory_index_label_next (code, kind)`,
	`analyze directory_index_line_next`,
	`analyze directory_index_term_next`,
	`analyze directory_index_label_next`,
}

// swapPostgres puts the new tables in the place of the former ones. Whoever looks
// something up waits for it, and it waits for them: not longer than the first statement says.
var swapPostgres = []string{
	`set local lock_timeout = '40ms'`,
	`drop table directory_index_line, directory_index_term, directory_index_label, directory_index_load`,
	`alter table directory_index_line_next rename to directory_index_line`,
	`alter table directory_index_term_next rename to directory_index_term`,
	`alter table directory_index_label_next rename to directory_index_label`,
	`alter table directory_index_load_next rename to directory_index_load`,
	`alter index directory_index_line_next_pkey rename to directory_index_line_pkey`,
	`alter index directory_index_line_next_person rename to directory_index_line_person`,
	`alter index directory_index_term_next_term rename to directory_index_term_term`,
	`alter index directory_index_label_next_code rename to directory_index_label_code`,
}

// dropNextPostgres gives back what a load that was refused had filled.
const dropNextPostgres = `
	drop table if exists directory_index_line_next, directory_index_term_next, directory_index_label_next, directory_index_load_next`

// loaderKey is the lock of PostgreSQL that one load holds: the tables are made by one.
const loaderKey = 7_241_003

func lockLoadPostgres(ctx context.Context, b *store.Builder) (ours bool, err error) {
	err = b.QueryRow(ctx, `select pg_try_advisory_lock($1)`, int64(loaderKey)).Scan(&ours)
	return ours, err
}

// holdPostgres keeps the tables that stand now in place until the transaction ends: a swap
// between two of its statements would show it new tables without their rows. It takes no
// snapshot, so it comes first.
func holdPostgres(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `
		lock table directory_index_line, directory_index_term, directory_index_label, directory_index_load in access share mode`)
	return err
}

// readAbout reads what was loaded; false when nothing was.
func readAbout(ctx context.Context, tx *store.Tx) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `select about from directory_index_load`)
}

// indexed is a line as the index keeps it.
type indexed struct {
	person int64
	body   string
}

func readIndexed(s store.Scan) (l indexed, err error) {
	err = s(&l.person, &l.body)
	return l, err
}

// linesOf reads the lines of people, person by person.
func linesOf(ctx context.Context, tx *store.Tx, people []int64) ([]indexed, error) {
	var a store.Args
	query := `select person, body from directory_index_line where person in ` + store.In(&a, people) + ` order by person, id`
	return store.All(ctx, tx, readIndexed, query, a.List()...)
}

// peopleOn tells whose the lines are, in the order of the lines.
func peopleOn(ctx context.Context, tx *store.Tx, lines []int64) ([]int64, error) {
	var a store.Args
	query := `select person from directory_index_line where id in ` + store.In(&a, lines) + ` order by id`
	return store.All(ctx, tx, store.Value[int64], query, a.List()...)
}

// eachTerm gives the terms from the first to before the second, at most so many rows.
func eachTerm(ctx context.Context, tx *store.Tx, from, before string, most int, fn func(term string, lines []byte) error) error {
	return store.Each(ctx, tx, func(s store.Scan) error {
		var term string
		var lines []byte
		if err := s(&term, &lines); err != nil {
			return err
		}
		return fn(term, lines)
	}, `select term, lines from directory_index_term where term >= $1 and term < $2 order by term, segment limit $3`, from, before, most)
}

// labelsOf reads what codes are called, by kind and code.
func labelsOf(ctx context.Context, tx *store.Tx, codes []string) (map[labelKey]string, error) {
	var a store.Args
	query := `select kind, code, label from directory_index_label where code in ` + store.In(&a, codes)
	out := map[labelKey]string{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var k labelKey
		var label string
		if err := s(&k.kind, &k.code, &label); err != nil {
			return err
		}
		out[k] = label
		return nil
	}, query, a.List()...)
	return out, err
}

// Both sides of a difference, person by person.
const (
	hashes             = `select person, hash from directory_index_line order by person`
	hashesNextPostgres = `select person, hash from directory_index_line_next order by person`
)

func readHash(s store.Scan) (person, hash int64, err error) {
	err = s(&person, &hash)
	return person, hash, err
}
