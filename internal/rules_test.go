package internal_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"habilis/internal/text"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

// codeShape is what the code of a rule looks like: "member.last_administrator".
var codeShape = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)

// declaring are the calls whose literal argument is the code of a refusal.
var declaring = map[string]bool{"New": true, "OnField": true, "Add": true, "Check": true}

// codes are the codes that the tree declares, with the package of each.
func codes(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	eachGoFile(t, func(path string, f *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !declaring[sel.Sel.Name] {
				return true
			}
			if recv, ok := sel.X.(*ast.Ident); sel.Sel.Name == "New" && (!ok || recv.Name != "fault") {
				return true
			}
			for _, arg := range call.Args[min(1, len(call.Args)):] {
				if code := literal(arg); codeShape.MatchString(code) {
					found[code] = filepath.Dir(path)
				}
			}
			return true
		})
	})
	return found
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

func eachGoFile(t *testing.T, fn func(path string, f *ast.File)) {
	t.Helper()
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err == nil {
				fn(path, f)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// TestEveryRefusalIsSaid: a refusal has its sentence in both languages.
func TestEveryRefusalIsSaid(t *testing.T) {
	all := codes(t)
	if len(all) < 40 {
		t.Fatalf("found only %d codes", len(all))
	}
	for code, pkg := range all {
		for _, lang := range text.All {
			if !text.For(lang).Has("fault." + code) {
				t.Errorf("%s (%s) has no sentence in %s", code, pkg, lang)
			}
		}
	}
}

// TestNoDeadSentence: a sentence of a refusal stands for a rule that exists.
func TestNoDeadSentence(t *testing.T) {
	source := everything(t, func(p string) bool { return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") })
	for _, key := range text.Keys(text.FR) {
		if code, ok := strings.CutPrefix(key, "fault."); ok && !strings.Contains(source, `"`+code+`"`) {
			t.Errorf("%s: no rule has this code", key)
		}
	}
}

// TestEveryRefusalIsTested: the code of a rule stands in a test, by its name or
// by the name of its variable.
func TestEveryRefusalIsTested(t *testing.T) {
	tests := everything(t, func(p string) bool {
		return strings.HasSuffix(p, "_test.go") || strings.HasSuffix(p, ".test.mjs") || strings.HasSuffix(p, ".txtar")
	})
	names := variables(t)
	for code := range codes(t) {
		if strings.Contains(tests, code) || (names[code] != "" && strings.Contains(tests, names[code])) {
			continue
		}
		t.Errorf("%s stands in no test", code)
	}
}

// variables maps the code of a fault to the name of the variable that holds it.
func variables(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	eachGoFile(t, func(_ string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Err") {
				return true
			}
			ast.Inspect(spec.Values[0], func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					if code := literal(e); codeShape.MatchString(code) {
						out[code] = spec.Names[0].Name
					}
				}
				return true
			})
			return true
		})
	})
	return out
}

// everything is the text of the tree's files that keep accepts.
func everything(t *testing.T, keep func(string) bool) string {
	t.Helper()
	var b strings.Builder
	for _, root := range []string{".", "../cmd", "../e2e"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || !keep(path) || filepath.Base(path) == "rules_test.go" {
				return err
			}
			text, err := os.ReadFile(path)
			b.Write(text)
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestRulesDocument keeps docs/rules.md: every rule that can refuse, and what it
// says, made from the code and the catalogues (go test ./internal -run Rules -update).
func TestRulesDocument(t *testing.T) {
	const path = "../docs/rules.md"
	want := rulesDocument(codes(t))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/rules.md is out of date: go test ./internal -run TestRulesDocument -update")
	}
}

func rulesDocument(all map[string]string) string {
	var b strings.Builder
	b.WriteString("# The rules that can refuse\n\nMade by `go test ./internal -run TestRulesDocument -update`; do not edit. The code of a refusal is the address of\n" +
		"its rule: it is shown in the API's problem documents (`code`), and `grep` finds it in the tree.\n\n| code | package | in French | in English |\n|---|---|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(all)) {
		b.WriteString("| `" + code + "` | " + all[code] + " | " + sentence(text.FR, code) + " | " + sentence(text.EN, code) + " |\n")
	}
	return b.String()
}

func sentence(lang text.Lang, code string) string {
	m, _ := text.Raw(lang, "fault."+code)
	return strings.ReplaceAll(m.Other, "|", "/")
}
