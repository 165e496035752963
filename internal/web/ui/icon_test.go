package ui

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"habilis/internal/web/assets"
)

// iconConstants reads every constant typed IconName, so that a new one is tested too.
func iconConstants(t *testing.T) []IconName {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "icon.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []IconName
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		name, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, IconName(name))
		return true
	})
	return list
}

func TestTheSpriteHoldsEveryIcon(t *testing.T) {
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, assets.Path("icons.svg"), nil))
	sprite := w.Body.String()
	icons := iconConstants(t)
	if len(icons) < 50 {
		t.Fatalf("only %d icons read", len(icons))
	}
	for _, name := range icons {
		if !strings.Contains(sprite, `<symbol id="`+string(name)+`" `) {
			t.Errorf("the sprite has no %s: run tools/icons.mjs", name)
		}
	}
	if got := strings.Count(sprite, "<symbol "); got != len(icons) {
		t.Errorf("the sprite holds %d drawings, %d are named", got, len(icons))
	}
}

func TestAnIconIsHiddenFromScreenReaders(t *testing.T) {
	want := `<svg class="i" aria-hidden="true" focusable="false"><use href="` + assets.Path("icons.svg") + `#key"></use></svg>`
	if got := render(t, context.Background(), Icon(IconKey)); got != want {
		t.Errorf("got %s", got)
	}
}
