package changeset_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"habilis/internal/changeset"
	"habilis/internal/ident"
)

// One act makes one line about a thing: from before the first to after the last, and none of
// what ended as it began.
func TestMerged(t *testing.T) {
	now := time.Now()
	m := ident.NewMember()
	key := func(object string) changeset.Key {
		return changeset.Key{Domain: changeset.Role, Member: m, Object: object, Detail: "organization"}
	}
	held := changeset.State{Value: changeset.Held, From: now}
	again := changeset.State{Value: changeset.Held, From: now.Add(time.Hour)}
	site := changeset.Key{Domain: changeset.Site, Member: m, Object: "s"}
	records := changeset.Line{Key: changeset.Key{Domain: changeset.GroupRecord, Object: "g"}, After: held, Records: []string{"a"}, Count: 1}
	got := changeset.Merged([]changeset.Line{
		{Key: key("a"), Before: held}, {Key: key("b"), After: held}, {Key: key("a"), After: again}, {Key: key("b"), Before: held},
		{Key: site, Before: held}, {Key: site, After: again}, // since when one belongs to a site is no part of it
		records, {Key: records.Key, Before: held, Records: []string{"b"}, Count: 1},
	})
	if len(got) != 3 || got[0].Object != "a" || !got[0].Before.Same(held) || !got[0].After.Same(again) || got[1].Records[0] != "a" || got[2].Records[0] != "b" {
		t.Errorf("%+v", got)
	}
}

// A warning that is kept for a repeated request says the same again: its numbers choose the
// plural.
func TestWarningIsKept(t *testing.T) {
	w := changeset.Warning{Code: "records_to_all", Args: []any{"Count", 2, "Group", "Pédiatrie"}}
	b, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	var again changeset.Warning
	if err := json.Unmarshal(b, &again); err != nil || again.Code != w.Code || again.Args[1] != 2 || again.Args[3] != "Pédiatrie" {
		t.Errorf("%+v %v", again, err)
	}
	if err := json.Unmarshal([]byte(`{"code":"x","args":[{}]}`), &again); err == nil {
		t.Error("neither a number nor a text")
	}
}

// This package alone writes change sets: whoever edits rights goes by it.
func TestOnlyWriter(t *testing.T) {
	writes := regexp.MustCompile(`(?i)\b(insert into|update|delete from)\s+change_(set|line)\b`)
	found := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if writes.Match(src) {
			found[filepath.Base(filepath.Dir(path))] = true
		}
		return err
	})
	if err != nil || len(found) != 1 || !found[".."] && !found["changeset"] {
		t.Errorf("written by %v, %v", found, err)
	}
}
