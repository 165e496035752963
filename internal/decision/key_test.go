package decision

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/ident"
)

// TestKey: an ID is read as package ident reads it, and written again the same (AUZ-13).
func TestKey(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := []byte(ident.NewMember().String())
		for range rapid.IntRange(0, 2).Draw(r, "spoiled") {
			b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] = rapid.SampledFrom([]byte("0123456789abcdefABCDEF-_/:`g@G\x00\x7f\x80\xb0\xe1\xff ")).Draw(r, "with")
		}
		s := string(b)
		_, err := ident.ParseMember(s)
		k, ok := parseKey(prefixMember, s)
		if ok != (err == nil) {
			t.Fatalf("%q: %v, ident says %v", s, ok, err)
		}
		if ok && k.text(prefixMember) != s {
			t.Fatalf("%q is written %q", s, k.text(prefixMember))
		}
	})
	for _, s := range []string{"", "mbr_", "mbr", strings.Repeat("0", idLength), "acc" + ident.NewMember().String()[3:], ident.NewMember().String() + "0"} {
		if _, ok := parseKey(prefixMember, s); ok {
			t.Errorf("%q was read", s)
		}
	}
}

// TestTable: each key has its number, in the order of the texts; others have none.
func TestTable(t *testing.T) {
	var ids []string
	for range 1000 {
		ids = append(ids, ident.NewMember().String())
	}
	r := rand.New(rand.NewPCG(1, 1))
	r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var keys []key
	for _, id := range ids {
		k, _ := parseKey(prefixMember, id)
		keys = append(keys, k)
	}
	slices.Sort(ids)
	slices.SortFunc(keys, key.compare)
	tab := newTable(keys)
	for i, id := range ids {
		k, _ := parseKey(prefixMember, id)
		if n := tab.find(k); n != uint32(i) {
			t.Fatalf("%s has number %d, want %d", id, n, i)
		}
		if n := tab.after(prefixMember, id); n != uint32(i)+1 {
			t.Fatalf("after %s comes %d", id, n)
		}
	}
	k, _ := parseKey(prefixMember, ident.NewMember().String())
	if tab.find(k) != none || (table{}).find(k) != none || newTable(nil).find(k) != none {
		t.Error("a key was found that is not there")
	}
}

// TestRecords: a record has the set that was put last, through the changes beside the
// table and the table made anew.
func TestRecords(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := map[string]uint32{}
		n := rapid.IntRange(0, 600).Draw(r, "records")
		recs := newRecords(n)
		name := rapid.StringMatching(`[a-z]{1,3}`)
		for range n {
			s := name.Draw(r, "name")
			want[s] = uint32(rapid.IntRange(noGroup+1, 9).Draw(r, "set"))
			recs.put(printOf(s), want[s])
		}
		for range rapid.IntRange(0, 8).Draw(r, "changes") {
			sets := map[fingerprint]uint32{}
			for range rapid.IntRange(0, 200).Draw(r, "changed") {
				s := name.Draw(r, "name")
				want[s] = uint32(rapid.IntRange(noGroup, 9).Draw(r, "set"))
				sets[printOf(s)] = want[s]
			}
			recs = recs.with(sets)
		}
		for s, set := range want {
			if got := recs.find(printOf(s)); got != set {
				t.Fatalf("%q has set %d, want %d", s, got, set)
			}
		}
		if recs.find(printOf("not there")) != noGroup {
			t.Fatal("an unknown record is in a group")
		}
	})
}
