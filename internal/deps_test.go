// Package internal_test keeps the shape of the tree (architecture.md): the order
// of packages, and where SQL may stand.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// order lists the packages from the floor to the roof. A package imports only
// what stands on a line above its own; those of one line are strangers.
var order = [][]string{
	{"fault"},
	{"ident", "text/typeset", "secret"},
	{"text"},
	{"text/typography"},
	{"identifier", "nomenclature", "sheet"},
	{"store"},
	{"storetest", "passkeytest", "papertest"},
	{"limit", "blob", "paper", "outbound", "audit", "job"},
	{"event"},
	{"access"},
	{"action"},
	{"draft", "setting", "org", "account", "directory"},
	{"credential/genlist"},
	{"credential", "session", "token", "role", "resource", "webhook"},
	{"changeset"},
	{"member"},
	{"recordgroup", "workitem", "preference"},
	{"grant"},
	{"invitation"},
	{"enrolment"},
	{"dossier", "approval", "journal", "decision", "message", "dated"},
	{"departure"},
	{"exchange", "merge", "report", "review"},
	{"login"},
	{"privacy"}, // its letters are written by notify, as those of every noun
	{"notify"},
	{"web/assets"},
	{"web/ui"},
	{"web", "api", "authzen"}, // the doors do not know each other
	{"app"},
	{"demo"},
	{"apptest"},
	{"cmd/habilis"},
}

// doors hold no rule and no SQL.
var doors = []string{"web", "api", "authzen"}

const module = "habilis/"

func place(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "internal/")
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func levels() map[string]int {
	level := map[string]int{}
	for i, line := range order {
		for _, p := range line {
			level[p] = i
		}
	}
	return level
}

func TestPackageOrder(t *testing.T) {
	level := levels()
	for _, p := range packages(t) {
		name := place(p.ImportPath)
		if p.ImportPath == module+"internal" || strings.HasPrefix(name, "bench") || strings.HasPrefix(name, "client") {
			continue
		}
		mine, known := level[name]
		if !known {
			t.Errorf("%s has no line in order", name)
			continue
		}
		for _, imp := range p.Imports {
			checkImport(t, name, mine, imp, level)
		}
	}
}

// The public client depends on the standard library only: whoever uses it takes
// nothing of the server with it.
func TestClientStandsAlone(t *testing.T) {
	found := false
	for _, p := range packages(t) {
		if p.ImportPath != module+"client" {
			continue
		}
		found = true
		for _, imp := range p.Imports {
			if first, _, _ := strings.Cut(imp, "/"); strings.Contains(first, ".") || strings.HasPrefix(imp, module) {
				t.Errorf("client imports %s", imp)
			}
		}
	}
	if !found {
		t.Error("there is no client")
	}
}

func checkImport(t *testing.T, name string, mine int, imp string, level map[string]int) {
	t.Helper()
	if slices.Contains(doors, name) && (imp == "database/sql" || imp == module+"internal/store") {
		t.Errorf("%s imports %s: doors hold no SQL and do not speak to the database", name, imp)
	}
	if isDriver(imp) && name != "store" && name != "storetest" {
		t.Errorf("%s imports the driver %s: only store does", name, imp)
	}
	if strings.HasPrefix(imp, module) && level[place(imp)] >= mine {
		t.Errorf("%s imports %s, which does not stand below it", name, place(imp))
	}
}

func isDriver(imp string) bool {
	return strings.HasPrefix(imp, "github.com/jackc/pgx") || strings.HasPrefix(imp, "modernc.org/sqlite")
}
