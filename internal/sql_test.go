package internal_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// statement is a text of SQL in the tree, and where it stands.
type statement struct{ file, fn, text string }

// begins a complete statement; fragments that are put together begin otherwise.
var begins = regexp.MustCompile(`(?is)^\s*(select|insert|update|delete|with|truncate|create|alter|drop)\s`)

// statements reads every literal of the tree that is SQL.
func statements(t *testing.T) []statement {
	t.Helper()
	var out []statement
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		out = append(out, inFile(t, path)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func inFile(t *testing.T, path string) []statement {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []statement
	for _, decl := range f.Decls {
		name := declName(decl)
		ast.Inspect(decl, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err == nil && begins.MatchString(text) && looksLikeSQL(text) {
				out = append(out, statement{path, name, text})
			}
			return true
		})
	}
	return out
}

func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && len(v.Names) > 0 {
				return v.Names[0].Name
			}
		}
	}
	return ""
}

// looksLikeSQL tells a statement from an English sentence that begins with the
// same word.
func looksLikeSQL(s string) bool {
	low := strings.ToLower(s)
	for _, w := range []string{" from ", "\n", " into ", " set ", " values", "select 1", "$1", "table ", "pg_advisory"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// atStore are the files of package store and of its tests' helper that speak to
// the engine itself, not to our tables.
func atStore(file string) bool {
	return strings.HasPrefix(file, "store/") || strings.HasPrefix(file, "storetest/")
}

// TestSQLPlace: SQL lives only in a noun's sql.go (architecture.md, rule 2).
func TestSQLPlace(t *testing.T) {
	for _, s := range statements(t) {
		base := filepath.Base(s.file)
		if !atStore(s.file) && base != "sql.go" && !strings.HasPrefix(base, "sql_") {
			t.Errorf("%s, %s: SQL outside sql.go: %.80s", s.file, s.fn, s.text)
		}
	}
}

// orgTables are the tables that belong to an organisation: those with an org_id
// that may not be null.
func orgTables(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("store/migrations/[0-9][0-9][0-9].sql")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	var ddl []byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		ddl = append(ddl, text...)
	}
	var tables []string
	for _, m := range regexp.MustCompile(`(?s)create table (\w+) \((.*?)\n\);`).FindAllStringSubmatch(string(ddl), -1) {
		if strings.Contains(m[2], "org_id text not null") {
			tables = append(tables, m[1])
		}
	}
	if len(tables) < 10 {
		t.Fatalf("found only %d tables of organisations", len(tables))
	}
	return append(tables, "standing")
}

// withoutOrg are the statements on an organisation's table that name no
// organisation, each with its reason. "package.function".
var withoutOrg = map[string]string{
	"invitation.byToken":            "a link is found by the hash of its token, which names no organisation",
	"session.administers":           "asks about one account, to bound the idle time of its session",
	"member.placesOf":               "the organisations of one account: what is asked is which they are",
	"member.orgsOf":                 "the organisations of one account: what is asked is which they are",
	"member.everOf":                 "the memberships of one account: what is asked is which they are, and were",
	"merge.movedIn":                 "the memberships of one person that went from an account to another, wherever they are",
	"member.createdOrgs":            "the organisations of one account: what is asked is which they are",
	"member.usable":                 "whether an account has a place anywhere: its state is the same in every organisation (INV-15)",
	"member.belongs":                "the memberships of one account: what is asked is whether it has any",
	"dossier.selectRegistration":    "the beginning of several: a key names its registration alone, a chore asks everywhere, the others add the organisation",
	"dossier.sweepRegistrationKeys": "a chore of the installation: keys that open nothing any more, of every organisation",
	"member.setLastSignIn":          "the memberships of one account, all of them",
	"dossier.orgOf":                 "support names a file by its ID alone: what is asked is whose it is",
	"message.sweep":                 "a chore of the installation: messages that are too old, of every organisation",
	"review.underWay":               "a chore of the installation: reviews whose end is being carried out, of every organisation",
	"departure.due":                 "a chore of the installation: departures to carry out, to go on with and to erase, of every organisation",
	"privacy.orderedExports":        "a chore of the installation: full exports to make, of every organisation",
	"org.countOrgs":                 "the platform counts the organisations",
	"exchange.before":               "the chore that forgets old imports asks for those of every organisation",
	"decision.countPlaces":          "the organisations of one account: what is asked is how many they are",
	"decision.pastPlaces":           "the organisations of one account: what is asked is how many they were",
	"decision.removeUsesBefore":     "a chore of the installation: uses of rights that are too old, of every organisation",
	"decision.removeUsesBeyond":     "a chore of the installation: who has too many uses of rights, in every organisation",
	"decision.orgsOfAccount":        "the organisations of one account: what is asked is which one it means",
	"dossier.dueDocuments":          "a chore of the installation: in which organisations documents are to purge",
	"dossier.unscannedDocuments":    "a chore of the installation: in which organisations documents are to scan",
	"preference.sweepNotices":       "a chore of the installation: notices that are over, of every organisation",
	"event.placesOf":                "the organisations of one account: what is asked is which they are",
	"event.waitingOrgs":             "a chore of the installation: in which organisations events wait for their place",
	"event.older":                   "a chore of the installation: of which organisations events are no longer kept",
	"webhook.StopEverything":        "a restored backup: the endpoints of every organisation are stopped",
	"webhook.forgetFormer":          "former secrets that are good no longer are forgotten, whoever’s they were",
	"webhook.orgsOfOwner":           "a password was lost: where its person answers for endpoints",
	"webhook.sealedRows":            "the keys of the installation change: every secret is sealed again",
	"directory.orgsOf":              "the organisations of one account: what is asked is in which it may search",
	"privacy.underWay":              "a chore of the installation: erasures to go on with, of every organisation",
	"privacy.dueCopies":             "a chore of the installation: exports to make or to drop, of every organisation",
	"privacy.placesOf":              "the memberships of one account: what is asked is which they are, and were",
	"dossier.unfinished":            "whoever erases their account: what their address began and did not finish, wherever it was",
}

// TestOrgScope: every statement on an organisation's table says which one
// (security/rules.md 12).
func TestOrgScope(t *testing.T) {
	tables := orgTables(t)
	named := regexp.MustCompile(`(?i)\borg_id\s*(=|in\b)|\borg_id\)?\s*=|insert into`)
	used := map[string]bool{}
	for _, s := range statements(t) {
		if atStore(s.file) {
			continue
		}
		for _, table := range tables {
			if !regexp.MustCompile(`(?i)\b(from|join|update|into)\s+` + table + `\b`).MatchString(s.text) {
				continue
			}
			if named.MatchString(s.text) {
				break
			}
			key := filepath.Dir(s.file) + "." + s.fn
			if withoutOrg[key] == "" {
				t.Errorf("%s: %s without org_id: %.120s", key, table, strings.Join(strings.Fields(s.text), " "))
			}
			used[key] = true
			break
		}
	}
	for key, reason := range withoutOrg {
		if reason != "" && !used[key] {
			t.Errorf("%s is excused, and needs no excuse", key)
		}
	}
}

// TestStatementsPrepare: every statement is valid on both engines.
func TestStatementsPrepare(t *testing.T) {
	list := statements(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, s := range list {
			if atStore(s.file) || onlyOn(s, db.Engine) || inSide(s, db.Engine) {
				continue
			}
			if err := db.Prepare(context.Background(), completed(s.text)); err != nil {
				t.Errorf("%s, %s: %v\n%s", s.file, s.fn, err, s.text)
			}
		}
	})
}

// completed ends the base of a statement that is put together: what comes next is
// one value, or a list of them, then the grouping by the column that is counted by.
func completed(text string) string {
	t := strings.TrimRight(text, " \t\n")
	switch {
	case strings.HasSuffix(t, "="):
		t += " $1"
	case strings.HasSuffix(t, " in"):
		t += " (null)"
	}
	if by := countedBy.FindStringSubmatch(t); by != nil && !strings.Contains(t, "group by") {
		t += " group by " + by[1]
	}
	return t
}

var countedBy = regexp.MustCompile(`^\s*select (\w+\.\w+), count\(`)

// onlyOn reports whether the statement is for the other engine: its constant's
// name says for which it is.
func onlyOn(s statement, e store.Engine) bool {
	return strings.HasSuffix(s.fn, "Postgres") && e != store.PostgreSQL || strings.HasSuffix(s.fn, "SQLite") && e != store.SQLite
}

// inSide reports whether the statement is about the index of the national directory where
// no migration made it: SQLite has it in a file of its own, and a load fills tables named
// _next. The tests of package directory run all of these.
func inSide(s statement, e store.Engine) bool {
	return strings.HasPrefix(filepath.Base(s.file), "sql_index") && (e == store.SQLite || strings.Contains(s.text, "_next"))
}

// TestTableOwner: a table is written by one package (architecture.md, rule 2).
func TestTableOwner(t *testing.T) {
	writes := regexp.MustCompile(`(?i)\b(?:insert into|update|delete from)\s+([a-z_]+)`)
	writers := map[string][]string{}
	for _, s := range statements(t) {
		if atStore(s.file) {
			continue
		}
		for _, m := range writes.FindAllStringSubmatch(s.text, -1) {
			pkg := filepath.Dir(s.file)
			if m[1] != "set" && !slices.Contains(writers[m[1]], pkg) {
				writers[m[1]] = append(writers[m[1]], pkg)
			}
		}
	}
	for table, by := range writers {
		if len(by) > 1 {
			t.Errorf("table %s is written by %v", table, by)
		}
	}
}
