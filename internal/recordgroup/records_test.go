package recordgroup_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/recordgroup"
	"habilis/internal/setting"
)

func (w *world) recordsOf(g recordgroup.Group) string {
	w.Helper()
	l, err := w.groups.Records(w.Context(), w.as("claire"), w.a, g.ID, recordgroup.Query{Size: 100})
	if err != nil || l.Total != int64(len(l.Items)) {
		w.Fatalf("%d of %d, %v", len(l.Items), l.Total, err)
	}
	var out []string
	for _, r := range l.Items {
		out = append(out, r.Name)
	}
	slices.Sort(out)
	return strings.Join(out, "|")
}

// RGT-7: records go in and out of groups; asked again nothing changes; what leaves its
// last group is counted before and after.
func TestRecords(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		one, two := w.group("Un"), w.group("Deux")
		got := w.change(one, recordgroup.Change{Add: []string{"a", "b", "a", "c"}, Remove: []string{"z"}})
		if got != (recordgroup.Changed{Added: 3, NotIn: 1, Grouped: 3}) {
			t.Errorf("%+v", got)
		}
		if got = w.change(two, recordgroup.Change{Add: []string{"b", "d"}}); got != (recordgroup.Changed{Added: 2, Grouped: 1}) {
			t.Errorf("%+v", got)
		}
		version := w.Count(`select version from org_version where org_id = $1`, w.a)
		if got = w.change(one, recordgroup.Change{Add: []string{"a", "b"}}); got != (recordgroup.Changed{AlreadyIn: 2}) {
			t.Errorf("again: %+v", got)
		}
		if now := w.Count(`select version from org_version where org_id = $1`, w.a); now != version {
			t.Error("nothing changed, and the organisation's version grew")
		}
		c := recordgroup.Change{Add: []string{"e", "d"}, Remove: []string{"a", "b", "y"}}
		want := recordgroup.Changed{Added: 2, Removed: 2, NotIn: 1, Grouped: 1, Ungrouped: 1}
		before := w.dump()
		seen, err := w.groups.PreviewRecords(ctx, claire, w.a, one.ID, c)
		if err != nil || seen != want || !slices.Equal(before, w.dump()) {
			t.Errorf("preview: %+v %v", seen, err)
		}
		other := int64(7)
		_, err = w.groups.ChangeRecords(ctx, claire, w.a, one.ID, recordgroup.AnyVersion, c, &other)
		w.Want("agreed to something else", err, recordgroup.ErrEffect)
		if got, err = w.groups.ChangeRecords(ctx, claire, w.a, one.ID, recordgroup.AnyVersion, c, &want.Ungrouped); err != nil || got != want {
			t.Errorf("%+v %v", got, err)
		}
		if w.recordsOf(one) != "c|d|e" || w.recordsOf(two) != "b|d" || w.get(one).Records != 3 || w.get(one).Version != 1 {
			t.Errorf("%s and %s, %+v", w.recordsOf(one), w.recordsOf(two), w.get(one))
		}
		if got = w.change(one, recordgroup.Change{Add: []string{"a"}}); got.Added != 1 || w.recordsOf(one) != "a|c|d|e" {
			t.Errorf("in again: %+v %s", got, w.recordsOf(one))
		}
		w.counted()
	})
}

// A record taken out and put in again within one tick of the clock is in.
func TestSameMoment(t *testing.T) {
	eachWorld(t, func(w *world) {
		one := w.group("Un")
		at := w.DB.Now()
		w.Exec(`insert into record_group_record (org_id, group_no, record, known_from) values ($1, 1, 'a', $2)`, w.a, at)
		w.Exec(`update record_group_record set known_until = $2 where org_id = $1`, w.a, at)
		w.clock.Add(at.Sub(w.DB.Now())) // about the same moment again
		w.change(one, recordgroup.Change{Add: []string{"a"}})
		if w.recordsOf(one) != "a" {
			t.Errorf("%s", w.recordsOf(one))
		}
	})
}

// The name of a record is kept exactly and compared byte for byte.
func TestRecordNames(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Un")
		exact := []string{
			"a", "A", "é", "e\u0301", " a", "a ", "../..", ".", "..", "a/b", "a%2Fb", "100%", "a'b\"c", "<script>", "ᚠᛇ", "🙂", `\`, "null",
			strings.Repeat("é", recordgroup.MaxRecord),
		}
		if got := w.change(v, recordgroup.Change{Add: exact}); got.Added != int64(len(exact)) {
			t.Errorf("%+v", got)
		}
		sorted := slices.Sorted(slices.Values(exact))
		if got := w.recordsOf(v); got != strings.Join(sorted, "|") {
			t.Errorf("%q", got)
		}
		for _, name := range exact {
			l, err := w.groups.Records(w.Context(), w.as("claire"), w.a, v.ID, recordgroup.Query{Record: name})
			if err != nil || l.Total != 1 || len(l.Items) != 1 || l.Items[0].Name != name {
				t.Errorf("%q: %+v %v", name, l, err)
			}
		}
		for name, code := range map[string]string{
			"":                        "recordgroup.record_empty",
			"  ":                      "recordgroup.record_empty",
			strings.Repeat("a", 201):  "recordgroup.record_too_long",
			"a\nb":                    "recordgroup.record_unprintable",
			"a\x00":                   "recordgroup.record_unprintable",
			"a\u202eb":                "recordgroup.record_unprintable",
			"a\u00a0b":                "recordgroup.record_unprintable",
			"\xff":                    "recordgroup.record_unprintable",
			"255081416802538":         "recordgroup.record_nir",
			"2 55 08 14 168 025 38":   "recordgroup.record_nir",
			"2-55-08-14-168-025 / 38": "recordgroup.record_nir",
			"180032a123456" + nirKey("1800319123456"): "recordgroup.record_nir",
			"180032B123456" + nirKey("1800318123456"): "recordgroup.record_nir",
		} {
			_, err := w.groups.ChangeRecords(w.Context(), w.as("claire"), w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"good", name}}, nil)
			w.wrong(fmt.Sprintf("%q", name), err, "add[1]", code)
		}
		for _, name := range []string{"255081416802539", "955081416802538", "25508141680253", "DOS-2026-000123"} {
			if code := recordgroup.RecordCode(name); code != "" {
				t.Errorf("%q is refused: %s", name, code)
			}
		}
		if w.get(v).Records != int64(len(exact)) {
			t.Error("a refused change wrote a part")
		}
	})
}

func nirKey(number string) string {
	var n uint64
	for _, c := range number {
		n = n*10 + uint64(c-'0')
	}
	return fmt.Sprintf("%02d", 97-n%97)
}

// A request of many records is bounded, and done whole or not at all.
func TestManyRecords(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v := w.group("Un")
		many := make([]string, recordgroup.MaxChange)
		for i := range many {
			many[i] = fmt.Sprintf("DOS-%06d", i)
		}
		began := time.Now()
		if got := w.change(v, recordgroup.Change{Add: many}); got.Added != recordgroup.MaxChange {
			t.Errorf("%+v", got)
		}
		took := time.Since(began)
		t.Logf("%d records in %s (each write runs twice here)", len(many), took)
		_, err := w.groups.ChangeRecords(ctx, claire, w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: many, Remove: []string{"x"}}, nil)
		w.wrong("one too many", err, "add", "recordgroup.too_many_records")
		_, err = w.groups.ChangeRecords(ctx, claire, w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{}, nil)
		w.wrong("nothing asked", err, "add", "recordgroup.record_empty")
		_, err = w.groups.ChangeRecords(ctx, claire, w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"x", "y"}, Remove: []string{"y"}}, nil)
		w.wrong("both ways", err, "remove[0]", "recordgroup.record_both")
		if n := w.Count(`select count(*) from audit_event where chain = $1 and verb = 'group.change_records' and outcome = 'done'`, w.a.String()); n != 1 {
			t.Errorf("%d records in the trail, want one", n)
		}
		l, err := w.groups.Records(ctx, claire, w.a, v.ID, recordgroup.Query{Size: 500})
		total := len(l.Items)
		for err == nil && l.Next != "" {
			l, err = w.groups.Records(ctx, claire, w.a, v.ID, recordgroup.Query{Size: 500, After: l.Next})
			total += len(l.Items)
		}
		if err != nil || total != recordgroup.MaxChange {
			t.Errorf("the pages hold %d, %v", total, err)
		}
		if got := w.change(v, recordgroup.Change{Remove: many}); got.Removed != recordgroup.MaxChange || got.Ungrouped != recordgroup.MaxChange {
			t.Errorf("%+v", got)
		}
		w.counted()
	})
}

// What the groups of an organisation hold is bounded (recordgroup.records_full).
func TestFull(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Un")
		w.Exec(`update record_group set records = $2 where org_id = $1`, w.a, recordgroup.MaxRecords-1)
		w.change(v, recordgroup.Change{Add: []string{"a"}})
		_, err := w.groups.ChangeRecords(w.Context(), w.as("claire"), w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"b"}}, nil)
		w.Want("one more", err, recordgroup.ErrFull)
		w.change(v, recordgroup.Change{Add: []string{"b"}, Remove: []string{"a"}})
	})
}

// The trail keeps of many records how many and a digest, by which the list can be proved.
func TestDigest(t *testing.T) {
	a, b := recordgroup.Digest([]string{"a", "bc"}), recordgroup.Digest([]string{"bc", "a"})
	if a != b || a == recordgroup.Digest([]string{"ab", "c"}) || len(a) != 64 {
		t.Error(a, b)
	}
	eachWorld(t, func(w *world) {
		w.change(w.group("Un"), recordgroup.Change{Add: []string{"bc", "a"}})
		if n := w.Count(`
			select count(*) from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
			where e.verb = 'group.change_records' and p.payload like $1`, "%"+a+"%"); n != 1 {
			t.Error("the digest is not in the trail")
		}
	})
}

// Removing a group takes out all that it holds, and says how many records are in no group
// any more; it is refused when that is not what was agreed to.
func TestRemoveGroup(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		one, two := w.group("Un"), w.group("Deux")
		w.change(one, recordgroup.Change{Add: []string{"a", "b", "c"}})
		w.change(two, recordgroup.Change{Add: []string{"c"}})
		one = w.put(one, recordgroup.Dates{}, "julie", "paul")
		want := recordgroup.Effect{Ungrouped: 2, Members: 2, Records: 3}
		got, err := w.groups.PreviewRemove(ctx, claire, w.a, one.ID)
		if err != nil || got != want {
			t.Errorf("%+v %v", got, err)
		}
		if small, err := w.groups.PreviewRemove(ctx, claire, w.a, two.ID); err != nil || small != (recordgroup.Effect{Records: 1}) {
			t.Errorf("the smaller one: %+v %v", small, err)
		}
		if _, err := w.sets.SetRecords(ctx, claire, w.a, 0, setting.Records{UnlistedClosed: true}); err != nil {
			t.Fatal(err)
		}
		if got, err = w.groups.PreviewRemove(ctx, claire, w.a, one.ID); err != nil || !got.Closed {
			t.Errorf("%+v %v", got, err)
		}
		w.change(one, recordgroup.Change{Add: []string{"d"}})
		_, err = w.groups.Remove(ctx, claire, w.a, one.ID, one.Version, &got.Ungrouped)
		w.Want("three by now", err, recordgroup.ErrEffect)
		_, err = w.groups.Remove(ctx, claire, w.a, one.ID, 1, nil)
		w.Want("RAC-07: stale", err, recordgroup.ErrStale)
		three := int64(3)
		if got, err = w.groups.Remove(ctx, claire, w.a, one.ID, one.Version, &three); err != nil || got.Ungrouped != 3 {
			t.Fatalf("%+v %v", got, err)
		}
		if n := w.Count(`select count(*) from record_group_member where known_until is null`); n != 0 || w.open() != 1 {
			t.Errorf("%d members and %d records are still in", n, w.open())
		}
		if l, err := w.groups.List(ctx, claire, w.a, recordgroup.Query{Record: "a"}); err != nil || l.Total != 0 {
			t.Errorf("%+v %v", l, err)
		}
		if seen, err := w.groups.PreviewRemove(ctx, claire, w.a, two.ID); err != nil || seen.Ungrouped != 1 {
			t.Errorf("a removed group still counts: %+v %v", seen, err)
		}
		if got := w.change(two, recordgroup.Change{Add: []string{"a"}}); got.Grouped != 1 {
			t.Errorf("a removed group still counts: %+v", got)
		}
		if n := w.Count(`select count(*) from audit_event where subject = $1 and verb = 'group.remove_member'`, w.id["julie"].String()); n != 1 {
			t.Error("AUD-2: nothing tells julie")
		}
		w.counted()
	})
}

// A record that is added while its group is removed is either taken out with it or refused:
// none is left in a group that is gone.
func TestAddWhileRemoved(t *testing.T) {
	eachWorld(t, func(w *world) {
		for round := range 5 {
			v := w.group(fmt.Sprint("Groupe ", round))
			w.change(v, recordgroup.Change{Add: []string{"x"}})
			var wg sync.WaitGroup
			var added, removed error
			claire := w.as("claire")
			wg.Go(func() {
				_, added = w.groups.ChangeRecords(context.Background(), claire, w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"a", "b"}}, nil)
			})
			wg.Go(func() {
				_, removed = w.groups.Remove(context.Background(), claire, w.a, v.ID, recordgroup.AnyVersion, nil)
			})
			wg.Wait()
			if removed != nil || added != nil && !errors.Is(added, recordgroup.ErrNotFound) {
				t.Fatalf("added: %v; removed: %v", added, removed)
			}
			if n := w.open(); n != 0 {
				t.Fatalf("%d records stay in a group that is gone", n)
			}
			w.counted()
		}
	})
}

// RAC-07, of one another: the same records added by two at once are in once.
func TestAddedTogether(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Un")
		var wg sync.WaitGroup
		var mu sync.Mutex
		total := int64(0)
		claire := w.as("claire")
		for range 4 {
			wg.Go(func() {
				got, err := w.groups.ChangeRecords(context.Background(), claire, w.a, v.ID, recordgroup.AnyVersion, recordgroup.Change{Add: []string{"a", "b", "c"}}, nil)
				mu.Lock()
				defer mu.Unlock()
				total += got.Added
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if total != 3 || w.get(v).Records != 3 {
			t.Errorf("%d added, %d there", total, w.get(v).Records)
		}
		w.counted()
	})
}
