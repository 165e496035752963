package exchange

import (
	"context"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const selectImport = `
	select org_id, id, state, format, file_name, columns, ignored, latin, invites, language, total, progress, round, code, made_by,
		checked_by, made_by_name, done_by_name, created_at, checked_at, done_at from member_import where org_id = $1`

func scanImport(s store.Scan) (Import, error) {
	var i Import
	var columns, ignored, checked string
	err := s(&i.Org, &i.ID, &i.State, &i.Format, &i.FileName, &columns, &ignored, &i.Latin, &i.Invites, &i.Language, &i.Total,
		&i.Progress, &i.round, &i.Code, &i.madeBy, &checked, &i.MadeBy, &i.DoneBy, &i.CreatedAt, &i.CheckedAt, &i.DoneAt)
	for _, c := range fieldsOf(columns) {
		i.Columns = append(i.Columns, Column(c))
	}
	i.Ignored = fieldsOf(ignored)
	i.checkedBy, i.saw, _ = strings.Cut(checked, " ")
	return i, err
}

func fieldsOf(lines string) []string {
	return strings.FieldsFunc(lines, func(r rune) bool { return r == '\n' })
}

func get(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Import) (Import, bool, error) {
	return store.One(ctx, tx, scanImport, selectImport+` and id = $2`, in, id)
}

// recent gives the last imports; those of one maker, unless it is empty.
func recent(ctx context.Context, tx *store.Tx, in ident.Org, maker string, most int) ([]Import, error) {
	return store.All(ctx, tx, scanImport, selectImport+` and ($2 = '' or made_by = $2)
		order by created_at desc, id desc limit $3`, in, maker, most)
}

func insertImport(ctx context.Context, tx *store.Tx, i Import) error {
	_, err := tx.Exec(ctx, `
		insert into member_import (org_id, id, state, format, file_name, columns, ignored, latin, invites, language, total, progress, round,
			code, made_by, checked_by, made_by_name, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 1, '', $12, $12, $13, $14)`,
		i.Org, i.ID, i.State, i.Format, i.FileName, strings.Join(codesOf(i.Columns), "\n"), strings.Join(i.Ignored, "\n"), i.Latin, i.Invites,
		i.Language, i.Total, i.madeBy, i.MadeBy, tx.Now)
	return err
}

// begin makes another round of the check.
func begin(ctx context.Context, tx *store.Tx, i Import) error {
	_, err := tx.Exec(ctx, `
		update member_import set state = 'checking', progress = 0, round = round + 1, code = '', checked_by = $3 where org_id = $1 and id = $2`,
		i.Org, i.ID, i.checkedBy)
	return err
}

// advance notes how far a round is, and reports false when it is no longer the last one.
func advance(ctx context.Context, tx *store.Tx, i Import, progress int64) (bool, error) {
	n, err := tx.Exec(ctx, `
		update member_import set progress = $4 where org_id = $1 and id = $2 and state = 'checking' and round = $3`,
		i.Org, i.ID, i.round, progress)
	return n == 1, err
}

// end ends a round, and notes where it looked beside who made it.
func end(ctx context.Context, tx *store.Tx, i Import, to State, code string) error {
	_, err := tx.Exec(ctx, `
		update member_import set state = $4, code = $5, progress = 100, checked_at = $6, checked_by = $7
		where org_id = $1 and id = $2 and state = 'checking' and round = $3`,
		i.Org, i.ID, i.round, to, code, tx.Now, strings.TrimSpace(i.checkedBy+" "+i.saw))
	return err
}

// done says that everything was done, by whom; false when it is not ready, or another round
// of the check was made.
func done(ctx context.Context, tx *store.Tx, i Import, name string) (bool, error) {
	n, err := tx.Exec(ctx, `
		update member_import set state = 'done', done_at = $4, done_by_name = $5
		where org_id = $1 and id = $2 and state = 'ready' and round = $3`,
		i.Org, i.ID, i.round, tx.Now, name)
	return n == 1, err
}

// kept is a line as it is kept.
type kept struct {
	no        int
	cells     string
	choice    string
	fate      Fate
	undecided bool
	letter    letter
	verdict   string
	result    Result
	member    ident.Member
}

// writeLines writes lines, and what was found of them; what was there before is replaced.
func writeLines(ctx context.Context, tx *store.Tx, i Import, list []kept) error {
	return store.InsertAll(ctx, tx, list, `
		insert into member_import_line (org_id, import_id, no, cells, choice, fate, undecided, letter, verdict)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, `
		on conflict (org_id, import_id, no) do update set fate = excluded.fate, undecided = excluded.undecided, letter = excluded.letter,
			verdict = excluded.verdict`, func(l *kept) []any {
		return []any{i.Org, i.ID, int64(l.no), l.cells, l.choice, l.fate, l.undecided, l.letter, l.verdict}
	})
}

// decide notes what a person decided of a line; false when there is no such line.
func decide(ctx context.Context, tx *store.Tx, i Import, no int64, choice string) (bool, error) {
	n, err := tx.Exec(ctx, `update member_import_line set choice = $4 where org_id = $1 and import_id = $2 and no = $3`,
		i.Org, i.ID, no, choice)
	return n == 1, err
}

func writeResults(ctx context.Context, tx *store.Tx, i Import, list []kept) error {
	return store.InsertAll(ctx, tx, list, `
		insert into member_import_result (org_id, import_id, no, result, member_id) values ($1, $2, $3, $4, $5)`, "",
		func(l *kept) []any { return []any{i.Org, i.ID, int64(l.no), l.result, store.Null(l.member)} })
}

const selectLine = `
	select l.no, l.cells, l.choice, l.fate, l.undecided, l.letter, l.verdict, coalesce(r.result, ''), coalesce(r.member_id, '')
	from member_import_line l
	left join member_import_result r on r.org_id = l.org_id and r.import_id = l.import_id and r.no = l.no
	where l.org_id = $1 and l.import_id = $2`

func scanLine(s store.Scan) (kept, error) {
	var k kept
	var no int64
	err := s(&no, &k.cells, &k.choice, &k.fate, &k.undecided, &k.letter, &k.verdict, &k.result, &k.member)
	k.no = int(no)
	return k, err
}

// linesAfter reads lines in their order, after one of them: those of a fate, unless it is empty,
// and those to decide if undecided says so.
func linesAfter(ctx context.Context, tx *store.Tx, i Import, f Filter, after, most int) ([]kept, error) {
	var args store.Args
	args.Add(i.Org)
	args.Add(i.ID)
	query := selectLine + ` and l.no > ` + args.Add(int64(after))
	switch {
	case f.Undecided:
		query += ` and l.undecided = ` + args.Add(true)
	case f.Fate != "":
		query += ` and l.fate = ` + args.Add(f.Fate)
	}
	return store.All(ctx, tx, scanLine, query+` order by l.no limit `+args.Add(most), args.List()...)
}

// tally counts the lines by what would happen, and by what did.
func tally(ctx context.Context, tx *store.Tx, i *Import) error {
	i.Counts, i.Results = map[Fate]int64{}, map[Result]int64{}
	return store.Each(ctx, tx, func(s store.Scan) error {
		var fate Fate
		var undecided bool
		var l letter
		var result Result
		var n int64
		if err := s(&fate, &undecided, &l, &result, &n); err != nil {
			return err
		}
		i.Counts[fate] += n
		if undecided {
			i.Undecided += n
		}
		switch l {
		case letterGoes:
			i.Letters += n
		case letterWithheld:
			i.Withheld += n
		case letterNone:
		}
		if result != "" {
			i.Results[result] += n
		}
		return nil
	}, `select l.fate, l.undecided, l.letter, coalesce(r.result, ''), count(*)
		from member_import_line l
		left join member_import_result r on r.org_id = l.org_id and r.import_id = l.import_id and r.no = l.no
		where l.org_id = $1 and l.import_id = $2 group by l.fate, l.undecided, l.letter, coalesce(r.result, '')`, i.Org, i.ID)
}

// people reads every member who has not left, as a roster needs them.
func people(ctx context.Context, tx *store.Tx, in ident.Org) ([]someone, error) {
	return store.All(ctx, tx, func(s store.Scan) (someone, error) {
		var p someone
		return p, s(&p.id, &p.given, &p.family, &p.email, &p.rpps, &p.phone, &p.mssante, &p.function, &p.status)
	}, `select member_id, given_name, family_name, email, rpps, phone, mssante, function, status from member_state
		where org_id = $1 and known_until is null and status <> 'left' order by member_id`, in)
}

// belonging gives the members of some sites.
func belonging(ctx context.Context, tx *store.Tx, in ident.Org, sites []ident.Site) (map[ident.Member]bool, error) {
	var args store.Args
	args.Add(in)
	at := map[ident.Member]bool{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Member
		err := s(&id)
		at[id] = true
		return err
	}, `select distinct member_id from member_site where org_id = $1 and known_until is null and site_id in `+store.In(&args, sites),
		args.List()...)
	return at, err
}

// old is an import past its time, in whatever organisation.
type old struct {
	org ident.Org
	id  ident.Import
}

// before gives imports made before a moment: the chore that forgets them asks for all.
func before(ctx context.Context, tx *store.Tx, at time.Time, most int) ([]old, error) {
	return store.All(ctx, tx, func(s store.Scan) (old, error) {
		var o old
		return o, s(&o.org, &o.id)
	}, `select org_id, id from member_import where created_at < $1 order by created_at limit $2`, at, most)
}

func beforeIn(ctx context.Context, tx *store.Tx, in ident.Org, at time.Time, most int) ([]old, error) {
	return store.All(ctx, tx, func(s store.Scan) (old, error) {
		o := old{org: in}
		return o, s(&o.id)
	}, `select id from member_import where org_id = $1 and created_at < $2 order by created_at limit $3`, in, at, most)
}

func forget(ctx context.Context, tx *store.Tx, o old) error {
	for _, statement := range []string{
		`delete from member_import_result where org_id = $1 and import_id = $2`,
		`delete from member_import_line where org_id = $1 and import_id = $2`,
		`delete from member_import where org_id = $1 and id = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, o.org, o.id); err != nil {
			return err
		}
	}
	return nil
}
