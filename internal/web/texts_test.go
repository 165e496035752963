package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"habilis/internal/text"
)

// speaking are the functions whose literal argument is the key of a text.
var speaking = map[string]bool{"T": true, "TMap": true, "word": true, "Has": true}

// keysOf finds the keys that a file asks for: whole ones, and the beginning of those
// that are put together ("member." + act).
func keysOf(t *testing.T, path string) (whole, begun []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || !speaking[called(call)] {
			return true
		}
		for _, arg := range call.Args[:min(2, len(call.Args))] {
			if key, ok := literal(arg); ok && strings.Contains(key, ".") {
				whole = append(whole, key)
			}
			if sum, ok := arg.(*ast.BinaryExpr); ok {
				if key, ok := literal(leftmost(sum)); ok {
					begun = append(begun, key)
				}
			}
		}
		return true
	})
	return whole, begun
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

func leftmost(e ast.Expr) ast.Expr {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok {
			return e
		}
		e = sum.X
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// Every text that a page or a component asks for exists, in both languages.
func TestTextsExist(t *testing.T) {
	var files []string
	for _, dir := range []string{".", "ui"} {
		list, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	asked := 0
	for _, lang := range text.All {
		known := text.Keys(lang)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			whole, begun := keysOf(t, file)
			asked += len(whole)
			for _, key := range whole {
				if !slices.Contains(known, key) {
					t.Errorf("%s asks for %q, which %s does not have", file, key, lang)
				}
			}
			for _, key := range begun {
				if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, key) }) {
					t.Errorf("%s asks for %q…, which begins nothing in %s", file, key, lang)
				}
			}
		}
	}
	if asked < 400 {
		t.Errorf("only %d keys were found: this test no longer reads the calls", asked)
	}
}
