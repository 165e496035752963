package api

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/action"
)

var schemaRef = regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`)

// What serves requests keeps every schema by which one is checked, and none of the answers.
func TestPrune(t *testing.T) {
	doc := (&Server{Run: &action.Runner{}, Log: slog.New(slog.DiscardHandler)}).registered().api.OpenAPI()
	all := len(doc.Components.Schemas.Map())
	var sent []*huma.Schema
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			for _, p := range op.Parameters {
				sent = append(sent, p.Schema)
			}
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Content {
					sent = append(sent, media.Schema)
				}
			}
		}
	}
	prune(doc)
	kept := doc.Components.Schemas.Map()
	for _, s := range kept {
		sent = append(sent, s)
	}
	b, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	refs := schemaRef.FindAllSubmatch(b, -1)
	for _, ref := range refs {
		if kept[string(ref[1])] == nil {
			t.Errorf("%s is gone, and something sent is made of it", ref[1])
		}
	}
	if _, answer := kept["MemberSheet"]; answer || len(refs) < 50 || len(kept)*2 > all || len(doc.Paths) > 0 {
		t.Errorf("%d of %d schemas are kept, %d are named", len(kept), all, len(refs))
	}
}

// The description is made once for all who ask within passingFor, and not kept beyond it.
func TestPassing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := 0
		p := passing{make: func() []byte { made++; return []byte("x") }}
		for _, want := range []int{1, 1, 2, 2} {
			if p.get(); made != want {
				t.Errorf("made %d times, want %d", made, want)
			}
			time.Sleep(passingFor/2 + time.Second)
			synctest.Wait()
		}
		if p.made != nil {
			t.Error("it is kept")
		}
	})
}
