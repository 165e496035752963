package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"habilis/internal/api"
)

// withoutRoutes are the packages below the nouns, the doors and the roof: their
// functions are not acts of the field.
var withoutRoutes = []string{"access", "action", "api", "web", "app", "demo", "storetest", "apptest", "notify"}

// actsOfSources finds every exported method that takes an access.Actor.
func actsOfSources(t *testing.T) []string {
	t.Helper()
	dirs, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, d := range dirs {
		if !d.IsDir() || slices.Contains(withoutRoutes, d.Name()) {
			continue
		}
		files, err := filepath.Glob(filepath.Join("..", d.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				found = append(found, actsOfFile(t, file)...)
			}
		}
	}
	return found
}

func actsOfFile(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || !fn.Name.IsExported() || !takesActor(fn) {
			continue
		}
		found = append(found, f.Name.Name+"."+receiver(fn)+"."+fn.Name.Name)
	}
	return found
}

func takesActor(fn *ast.FuncDecl) bool {
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		s, ok := p.Type.(*ast.SelectorExpr)
		if !ok || s.Sel.Name != "Actor" {
			return false
		}
		pkg, ok := s.X.(*ast.Ident)
		return ok && pkg.Name == "access"
	})
}

func receiver(fn *ast.FuncDecl) string {
	switch r := fn.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		return r.X.(*ast.Ident).Name
	case *ast.Ident:
		return r.Name
	}
	return "?"
}

// product.md 8: everything the web can do, the API can do, or says why not.
func TestEveryActHasARouteOrAReason(t *testing.T) {
	operations := operationIDs(t)
	found := actsOfSources(t)
	if len(found) < 40 {
		t.Fatalf("only %d acts found: the search is broken", len(found))
	}
	for _, name := range found {
		act, ok := api.Acts[name]
		if !ok {
			t.Errorf("%s has no route in api.Acts, nor a reason", name)
			continue
		}
		if (len(act.Operations) == 0) == (act.Reason == "") {
			t.Errorf("%s: give either operations or a reason", name)
		}
		for _, id := range act.Operations {
			if !slices.Contains(operations, id) {
				t.Errorf("%s: there is no operation %s", name, id)
			}
		}
	}
	for name := range api.Acts {
		if !slices.Contains(found, name) {
			t.Errorf("api.Acts names %s, which is no act", name)
		}
	}
}

// withoutActs are the operations that read what is written in the program.
var withoutActs = []string{"listPermissions", "listFunctions", "listNomenclatures", "getNomenclature"}

// No route does what no noun does: a door holds no rule.
func TestEveryOperationIsAnAct(t *testing.T) {
	var used []string
	for act := range maps.Values(api.Acts) {
		used = append(used, act.Operations...)
	}
	for _, id := range operationIDs(t) {
		if !slices.Contains(used, id) && !slices.Contains(withoutActs, id) {
			t.Errorf("the operation %s is the route of no act", id)
		}
	}
}
