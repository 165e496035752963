package recordgroup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/recordgroup"
	"habilis/internal/secret"
)

// RGT-7: a group is made, changed, found and removed; each act stands in the trail.
func TestGroup(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v, err := w.groups.Create(ctx, claire, w.a, recordgroup.Details{Name: "  Pédiatrie  ", Description: "Enfants suivis"})
		if err != nil || v.Name != "Pédiatrie" || v.Version != 1 || v.Members != 0 || v.Records != 0 {
			t.Fatalf("%+v %v", v, err)
		}
		got := w.get(v)
		if got.Details != v.Details || got.Version != 1 || got.CreatedAt.IsZero() {
			t.Errorf("read %+v", got)
		}
		edited, err := w.groups.Edit(ctx, claire, w.a, v.ID, 1, recordgroup.Details{Name: "Pédiatrie et PMI"})
		if err != nil || edited.Version != 2 || edited.Name != "Pédiatrie et PMI" || edited.Description != "" {
			t.Errorf("%+v %v", edited, err)
		}
		again, err := w.groups.Edit(ctx, claire, w.a, v.ID, 2, edited.Details)
		if err != nil || again.Version != 2 {
			t.Errorf("the same again: %+v %v", again, err)
		}
		_, err = w.groups.Edit(ctx, claire, w.a, v.ID, 1, recordgroup.Details{Name: "Autre"})
		w.Want("RAC-07: stale", err, recordgroup.ErrStale)
		if _, err := w.groups.Remove(ctx, claire, w.a, v.ID, 2, nil); err != nil {
			t.Fatal(err)
		}
		_, err = w.groups.Get(ctx, claire, w.a, v.ID)
		w.Want("removed", err, recordgroup.ErrNotFound)
		for verb, n := range map[string]int{"group.create": 1, "group.edit": 1, "group.remove": 1} {
			if got := w.Count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = 'done'`, w.a.String(), verb); got != n {
				t.Errorf("%d records of %s, want %d", got, verb, n)
			}
		}
		w.group("Pédiatrie et PMI") // the name is free again
	})
}

func TestGroupDetails(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v := w.group("Oncologie")
		for what, c := range map[string]struct {
			d              recordgroup.Details
			location, code string
		}{
			"no name":            {recordgroup.Details{Name: "  "}, "name", "text.empty"},
			"a long name":        {recordgroup.Details{Name: strings.Repeat("a", recordgroup.MaxName+1)}, "name", "text.too_long"},
			"a long description": {recordgroup.Details{Name: "x", Description: strings.Repeat("a", recordgroup.MaxDescription+1)}, "description", "text.too_long"},
			"a name that is taken": {
				recordgroup.Details{Name: "ONCOLOGIE"}, "name", "recordgroup.name_taken",
			},
		} {
			_, err := w.groups.Create(ctx, claire, w.a, c.d)
			w.wrong(what, err, c.location, c.code)
		}
		if _, err := w.groups.Edit(ctx, claire, w.a, v.ID, 1, recordgroup.Details{Name: "oncologie"}); err != nil {
			t.Errorf("its own name: %v", err)
		}
		if _, err := w.groups.Create(ctx, w.as("odile"), w.b, recordgroup.Details{Name: "Oncologie"}); err != nil {
			t.Errorf("the name of another organisation's: %v", err)
		}
	})
}

// The number of groups is bounded (recordgroup.too_many).
func TestTooManyGroups(t *testing.T) {
	eachWorld(t, func(w *world) {
		for i := range recordgroup.MaxGroups {
			id := ident.NewGroup()
			if i%100 == 0 && t.Failed() {
				return
			}
			w.Exec(`insert into record_group (org_id, id, no, version, created_at) values ($1, $2, $3, 1, $4)`, w.a, id, i+1, w.DB.Now())
			w.Exec(`insert into record_group_state (org_id, group_id, rev, name, description, status, sort_key, search, known_from)
				values ($1, $2, 1, $3, '', 'active', $4, '', $5)`, w.a, id, fmt.Sprintf("g%04d", i), fmt.Sprintf("g%04d", i), w.DB.Now())
		}
		_, err := w.groups.Create(w.Context(), w.as("claire"), w.a, recordgroup.Details{Name: "de trop"})
		w.Want("one more", err, recordgroup.ErrTooManyGroups)
		l, err := w.groups.List(w.Context(), w.as("claire"), w.a, recordgroup.Query{Search: "g0042"})
		if err != nil || l.Total != 0 { // the search column of these rows is empty
			t.Errorf("%+v %v", l, err)
		}
		l, err = w.groups.List(w.Context(), w.as("claire"), w.a, recordgroup.Query{Page: 50})
		if err != nil || l.Total != recordgroup.MaxGroups || len(l.Items) != 20 || l.Items[19].Name != "g0999" || l.Next != "" {
			t.Errorf("last page: %d %d %v", l.Total, len(l.Items), err)
		}
	})
}

// Groups are listed by name, in pages, by search, by member and by exact record.
func TestListGroups(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		byName := map[string]recordgroup.Group{}
		for _, n := range []string{"Éducation thérapeutique", "Accueil", "Dépistage", "Gériatrie"} {
			byName[n] = w.group(n)
		}
		w.change(byName["Accueil"], recordgroup.Change{Add: []string{"D-1", "D-2"}})
		w.change(byName["Gériatrie"], recordgroup.Change{Add: []string{"D-2", "d-1"}})
		w.put(byName["Dépistage"], recordgroup.Dates{}, "julie", "paul")
		names := func(q recordgroup.Query) string {
			t.Helper()
			l, err := w.groups.List(ctx, claire, w.a, q)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, v := range l.Items {
				out = append(out, v.Name)
			}
			if q.After == "" && l.Total != int64(len(out)) && l.Next == "" {
				t.Errorf("%+v: total %d of %v", q, l.Total, out)
			}
			return strings.Join(out, ", ")
		}
		for want, q := range map[string]recordgroup.Query{
			"Accueil, Dépistage, Éducation thérapeutique, Gériatrie": {},
			"Éducation thérapeutique":                                {Search: "EDUC thera"},
			"Dépistage":                                              {Member: w.id["julie"]},
			"Accueil, Gériatrie":                                     {Record: "D-2"},
			"Accueil":                                                {Record: "D-1"}, // compared byte for byte
			"":                                                       {Search: "%%%"}, // INJ-07
		} {
			if got := names(q); got != want {
				t.Errorf("%+v: %s", q, got)
			}
		}
		first, err := w.groups.List(ctx, claire, w.a, recordgroup.Query{Size: 3})
		if err != nil || len(first.Items) != 3 || first.Total != 4 || first.Next == "" {
			t.Fatalf("%+v %v", first, err)
		}
		if got := names(recordgroup.Query{Size: 3, After: first.Next}); got != "Gériatrie" {
			t.Errorf("second page: %s", got)
		}
		_, err = w.groups.List(ctx, claire, w.a, recordgroup.Query{Search: "x", After: first.Next})
		w.Want("a cursor of another list", err, secret.ErrCursor)
		_, err = w.groups.List(ctx, claire, w.a, recordgroup.Query{Size: recordgroup.MaxPageSize + 1})
		w.Want("a page too large", err, recordgroup.ErrQuery)
	})
}

// INJ-07: wildcards are letters, and what is looked for is bounded.
func TestSearchBounds(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v := w.group("Taux de 50 %")
		w.group("Autre")
		for search, want := range map[string]int64{"50": 1, "%": 0, "_": 0, strings.Repeat("%_", 100): 0, `\`: 0, "5_x": 0} {
			l, err := w.groups.List(ctx, claire, w.a, recordgroup.Query{Search: search})
			if err != nil || l.Total != want {
				t.Errorf("%q: %d %v", search, l.Total, err)
			}
		}
		many := strings.TrimSpace(strings.Repeat("ab cd ef gh ij kl mn op qr st uv wx yz ", 1))
		_, err := w.groups.List(ctx, claire, w.a, recordgroup.Query{Search: many})
		w.wrong("thirteen words", err, "q", "member.too_many_words")
		_, err = w.groups.Members(ctx, claire, w.a, v.ID, recordgroup.Query{Search: strings.Repeat("a", recordgroup.MaxQuery+1)})
		w.wrong("a long search", err, "q", "text.too_long")
		_, err = w.groups.Records(ctx, claire, w.a, v.ID, recordgroup.Query{Record: "a\x00b"})
		w.wrong("a record that cannot be", err, "record", "recordgroup.record_unprintable")
	})
}

// everyAct are the acts on one group of A, with its current version.
func (w *world) everyAct(by access.Actor, in ident.Org, id ident.Group, m ident.Member, version int64) map[string]error {
	ctx := w.Context()
	out := map[string]error{}
	_, out["get"] = w.groups.Get(ctx, by, in, id)
	_, out["members"] = w.groups.Members(ctx, by, in, id, recordgroup.Query{})
	_, _, out["membership"] = w.groups.Membership(ctx, by, in, id, m)
	_, out["records"] = w.groups.Records(ctx, by, in, id, recordgroup.Query{})
	_, out["edit"] = w.groups.Edit(ctx, by, in, id, version, recordgroup.Details{Name: "pris"})
	_, out["preview remove"] = w.groups.PreviewRemove(ctx, by, in, id)
	_, out["remove"] = w.groups.Remove(ctx, by, in, id, version, nil)
	_, out["set member"] = w.groups.SetMembers(ctx, by, in, id, version, []ident.Member{m}, recordgroup.Dates{})
	_, out["remove member"] = w.groups.RemoveMember(ctx, by, in, id, version, m)
	_, out["preview records"] = w.groups.PreviewRecords(ctx, by, in, id, recordgroup.Change{Add: []string{"x"}})
	_, out["change records"] = w.groups.ChangeRecords(ctx, by, in, id, version, recordgroup.Change{Add: []string{"x"}, Remove: []string{"D-1"}}, nil)
	return out
}

// readings are those that rights.read allows too.
var readings = []string{"get", "members", "membership", "records"}

// AUZ-01, AUZ-02: a group of B is nobody's in A, whichever organisation the path names,
// and answers like one that does not exist; nothing of B changes.
func TestOtherOrganisation(t *testing.T) {
	eachWorld(t, func(w *world) {
		theirs, err := w.groups.Create(w.Context(), w.as("odile"), w.b, recordgroup.Details{Name: "À eux"})
		if err != nil {
			t.Fatal(err)
		}
		before := w.dump()
		unknown := w.everyAct(w.as("claire"), w.a, ident.NewGroup(), w.id["julie"], 1)
		for act, err := range w.everyAct(w.as("claire"), w.a, theirs.ID, w.id["julie"], 1) {
			w.Want("AUZ-02 "+act, err, recordgroup.ErrNotFound)
			w.Want("unknown "+act, unknown[act], recordgroup.ErrNotFound)
		}
		for act, err := range w.everyAct(w.as("claire"), w.b, theirs.ID, w.id["marc"], 1) {
			w.Want("AUZ-01 "+act, err, access.ErrNotFound)
		}
		if after := w.dump(); !slices.Equal(before, after) {
			t.Errorf("changed: %v, then %v", before, after)
		}
		mine := w.group("À nous")
		_, err = w.groups.SetMembers(w.Context(), w.as("claire"), w.a, mine.ID, 1, []ident.Member{w.id["marc"]}, recordgroup.Dates{})
		if err == nil || w.get(mine).Members != 0 {
			t.Errorf("AUZ-02: a member of B in a group of A: %v", err)
		}
	})
}

// AUZ-06: who administers a site only, or holds nothing, neither reads nor changes
// groups, whether they exist or not; who reads rights changes none.
func TestWhoMay(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Pédiatrie")
		w.change(v, recordgroup.Change{Add: []string{"D-1"}})
		before := w.dump()
		for _, who := range []string{"nadege", "julie"} {
			for _, id := range []ident.Group{v.ID, ident.NewGroup()} {
				for act, err := range w.everyAct(w.as(who), w.a, id, w.id["julie"], 1) {
					w.Want(who+" "+act, err, access.ErrForbidden)
				}
			}
			_, err := w.groups.List(w.Context(), w.as(who), w.a, recordgroup.Query{})
			w.Want(who+" lists", err, access.ErrForbidden)
			_, err = w.groups.OfMember(w.Context(), w.as(who), w.a, w.id["julie"])
			w.Want(who+" of member", err, access.ErrForbidden)
			_, err = w.groups.Create(w.Context(), w.as(who), w.a, recordgroup.Details{Name: "x"})
			w.Want(who+" creates", err, access.ErrForbidden)
		}
		for act, err := range w.everyAct(w.as("rita"), w.a, v.ID, w.id["rita"], 1) {
			if slices.Contains(readings, act) {
				w.Want("rita "+act, err, nil)
			} else {
				w.Want("rita "+act, err, access.ErrForbidden)
			}
		}
		if after := w.dump(); !slices.Equal(before, after) {
			t.Errorf("changed: %v, then %v", before, after)
		}
	})
}
