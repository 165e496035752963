package journal_test

import (
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

	"habilis/internal/journal"
	"habilis/internal/text"
)

var verbShape = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// tellers are the functions that make the record of an act of the verb they are given.
var tellers = []string{"event", "Event", "SiteEvent", "administrationEvent", "record", "carryOut", "setStatus", "ownTry", "act", "editAct"}

// recordedVerbs gathers every verb that the tree can write into the trail: a literal
// given as Verb or verb, in a constant called verb…, to a function that makes a record,
// or answered by a method Verb. It gives where each was found.
func recordedVerbs(t *testing.T) map[string]string {
	t.Helper()
	verbs := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, e := range spoken(n) {
				if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if v, err := strconv.Unquote(lit.Value); err == nil && verbShape.MatchString(v) {
						verbs[v] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return verbs
}

// spoken gives the expressions of a node that may be a verb.
func spoken(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "verb") {
			return []ast.Expr{n.Value}
		}
	case *ast.ValueSpec:
		if strings.HasPrefix(strings.ToLower(n.Names[0].Name), "verb") {
			return n.Values
		}
	case *ast.FuncDecl:
		if n.Name.Name == "Verb" && n.Body != nil && len(n.Body.List) == 1 {
			if r, ok := n.Body.List[0].(*ast.ReturnStmt); ok {
				return r.Results
			}
		}
	case *ast.CallExpr:
		if slices.Contains(tellers, called(n.Fun)) {
			return n.Args
		}
	}
	return nil
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// consulted are the verbs that change nothing: the trail holds their refusals only.
var consulted = regexp.MustCompile(`\.(list|replay|read|mine|enter|find|preview|review_[a-z]+|preview_[a-z]+|grantable|request|page|helpers|check|open|search|state|status)$`)

// TestVerbsHaveSentences (AUD-1): whatever the tree can write into the trail is told in
// words, done or refused, in both languages.
func TestVerbsHaveSentences(t *testing.T) {
	verbs := recordedVerbs(t)
	if len(verbs) < 60 {
		t.Fatalf("found only %d verbs", len(verbs))
	}
	for _, lang := range text.All {
		p := text.For(lang)
		for v, where := range verbs {
			if !p.Has("journal.verb." + v + ".refused") {
				t.Errorf("%s: no sentence for a refused %s (%s)", lang, v, where)
			}
			if !consulted.MatchString(v) && !p.Has("journal.verb."+v) {
				t.Errorf("%s: no sentence for %s (%s)", lang, v, where)
			}
		}
	}
	for _, v := range journal.Verbs() {
		if _, used := verbs[v]; !used {
			t.Errorf("the catalogue has a sentence for %s, which nothing writes", v)
		}
	}
}
