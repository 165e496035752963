package action_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// world is an installation with two organisations and a few people, written
// directly: the nouns stand above this package. Its acts are entries in
// installation_fact.
type world struct {
	*testing.T

	db     *store.DB
	run    *action.Runner
	clock  *storetest.Clock
	woken  int
	org, b ident.Org
	boss   access.Actor // holds members.edit in org
	nurse  access.Actor // a member of org who holds nothing
	other  access.Actor // holds members.edit in b
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) { fn(newWorld(t, db, clock)) })
}

func newWorld(t *testing.T, db *store.DB, clock *storetest.Clock) *world {
	t.Helper()
	w := &world{T: t, db: db, clock: clock}
	w.run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler), Wake: func() { w.woken++ }}
	w.org, w.b = w.newOrg(), w.newOrg()
	w.boss, w.nurse, w.other = w.person(w.org, access.MembersEdit), w.person(w.org, ""), w.person(w.b, access.MembersEdit)
	return w
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	ctx := context.Background()
	if err := w.db.Write(ctx, []store.Lock{"world"}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) newOrg() ident.Org {
	id, now := ident.NewOrg(), w.db.Now()
	w.exec(`insert into org (id, slug, created_at) values ($1, $1, $2)`, id, now)
	w.exec(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'Cabinet', 'practice', 'active', 'blue', $2)`, id, now)
	return id
}

// person is a member of org who has just proved who they are.
func (w *world) person(org ident.Org, p access.Permission) access.Actor {
	a, m, now := ident.NewAccount(), ident.NewMember(), w.db.Now()
	w.exec(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $3)`, a, store.Never, now)
	w.exec(`
		insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, 1, $1, $1, '', 'Julie', 'Delmas', 'fr', 'active', '', $2)`, a, now)
	w.exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $4)`, org, m, store.Never, now)
	w.exec(`
		insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
			profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'non_practitioner', '', 'Julie', 'Delmas', '', '', '', '', '', '', 'site', '', '', '', $4)`,
		org, m, a, now)
	if p != "" {
		w.exec(`
			insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
			values ($1, $2, $3, $4, 'organization', $5, '', $6)`, org, ident.NewEvent(), m, p, store.Never, now)
	}
	return access.Actor{Kind: access.Person, Account: a, Name: "Julie Delmas", Via: "web", Address: "192.0.2.1", StepUp: w.clock.Now()}
}

// work is the job that the test's acts order.
type work struct{ Name string }

func (work) Kind() string { return "test.work" }

// made is the answer of the test's act: one part of it is shown once.
type made struct {
	Name   string
	N      int
	Secret string `json:"-"`
}

// edit is an act of the organisation that needs members.edit.
func (w *world) edit() action.Act {
	return action.Act{
		Verb: "test.edit", Orgs: []ident.Org{w.org}, Needs: []access.Need{access.At(access.MembersEdit, access.OrgScope(w.org))},
		Object: "the object", Subject: "the subject",
	}
}

// does is the whole of an act: a change, its record, a job.
func (w *world) does(name string) func(*action.Tx) (made, error) {
	return func(tx *action.Tx) (made, error) {
		ctx := context.Background()
		n, err := count(ctx, tx.Tx)
		if err != nil {
			return made{}, err
		}
		if err := store.SetFact(ctx, tx.Tx, fmt.Sprint(name, " ", n), "changed"); err != nil {
			return made{}, err
		}
		tx.Record(audit.Event{Org: w.org, Verb: "test.edit", Object: name, Names: map[string]string{"thing": name}})
		tx.After(job.Order{Args: work{name}, Secret: secret.NewText("a link")})
		return made{Name: name, N: n, Secret: "shown once"}, nil
	}
}

func count(ctx context.Context, tx *store.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from installation_fact`).Scan(&n)
	return n, err
}

func (w *world) do(by access.Actor, act action.Act, fn func(*action.Tx) (made, error)) (made, error) {
	return action.Run(context.Background(), w.run, by, act, fn)
}

// mustDo runs the whole act.
func (w *world) mustDo(by access.Actor, act action.Act, name string) made {
	w.Helper()
	m, err := w.do(by, act, w.does(name))
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// refused wants an act to be refused with the code, and gives the error.
func (w *world) refused(code string, by access.Actor, act action.Act) error {
	w.Helper()
	m, err := w.do(by, act, w.does("refused"))
	w.code(err, code)
	if m != (made{}) {
		w.Errorf("a refused act answers %+v", m)
	}
	return err
}

func (w *world) code(err error, code string) {
	w.Helper()
	if err == nil || fault.Of(err).Code != code {
		w.Errorf("told %v, want %s", err, code)
	}
}

func (w *world) read(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	ctx := context.Background()
	if err := w.db.Read(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		w.Fatal(err)
	}
}

func (w *world) number(query string, args ...any) (n int) {
	w.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

func (w *world) facts() int { w.Helper(); return w.number(`select count(*) from installation_fact`) }
func (w *world) jobs() int  { w.Helper(); return w.number(`select count(*) from job`) }

func (w *world) version(org ident.Org) int {
	w.Helper()
	return w.number(`select coalesce(sum(version), 0) from org_version where org_id = $1`, org)
}

// line is a row of the trail.
type line struct{ Verb, Outcome, Kind, Actor, Object, Subject, Code string }

func (w *world) trail(chain string) (lines []line) {
	w.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		lines, err = store.All(ctx, tx, func(s store.Scan) (l line, err error) {
			return l, s(&l.Verb, &l.Outcome, &l.Kind, &l.Actor, &l.Object, &l.Subject, &l.Code)
		}, `select verb, outcome, actor_kind, actor, object, subject, code from audit_event where chain = $1 order by seq`, chain)
		return err
	})
	return lines
}

// dump is the whole database, each table as its rows in order.
func (w *world) dump() map[string][]string {
	w.Helper()
	all := map[string][]string{}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		tables, err := store.All(ctx, tx, store.Value[string], map[store.Engine]string{
			store.SQLite:     `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'goose%'`,
			store.PostgreSQL: `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'goose%'`,
		}[tx.Engine])
		if err != nil {
			return err
		}
		for _, t := range tables {
			rows, err := store.All(ctx, tx, store.Value[string], w.rowsOf(ctx, tx, t))
			if err != nil {
				return err
			}
			slices.Sort(rows)
			all[t] = rows
		}
		return nil
	})
	if len(all) < 20 {
		w.Fatalf("dumped %d tables only", len(all))
	}
	return all
}

func (w *world) rowsOf(ctx context.Context, tx *store.Tx, table string) string {
	w.Helper()
	if tx.Engine == store.PostgreSQL {
		return `select cast(x as text) from ` + table + ` x`
	}
	columns, err := store.All(ctx, tx, store.Value[string], `select 'quote(' || name || ')' from pragma_table_info($1)`, table)
	if err != nil {
		w.Fatal(err)
	}
	return `select ` + strings.Join(columns, ` || ',' || `) + ` from ` + table
}

// changed names the tables whose rows differ between two dumps.
func changed(before, after map[string][]string) string {
	var names []string
	for _, t := range slices.Sorted(maps.Keys(after)) {
		if !slices.Equal(before[t], after[t]) && t != "audit_name" && t != "audit_mention" { // they follow audit_event
			names = append(names, t)
		}
	}
	return strings.Join(names, " ")
}

// verified wants the whole trail to hold.
func (w *world) verified() {
	w.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) error {
		report, err := audit.Verify(ctx, tx, nil)
		if err == nil && len(report.Problems) > 0 {
			err = fmt.Errorf("the trail does not hold: %v", report.Problems)
		}
		return err
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
