package decision_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/secret"
)

// TestSearch: a search finds what the second evaluator permits one by one, in the order of
// the IDs, whatever the size of its pages; of the past too (RGT-9, RGT-10).
func TestSearch(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 2))
			w.d.PatchFrom(0)
			w.begin()
			w.populate()
			for range 10 {
				w.give()
			}
			limit := rapid.IntRange(1, 4).Draw(r, "limit")
			for range 6 {
				w.sameSearch(limit)
			}
		})
	})
}

func (w *world) sameSearch(limit int) {
	w.Helper()
	q := w.question()
	if q.Resource.Type == decision.TypePatientDocument {
		return // documents are known to their application alone
	}
	if w.rand.IntN(3) == 0 {
		q.At = w.db.Now()
	}
	var subjects []string
	for _, m := range w.members {
		one := q
		one.Subject.ID = m.String()
		if q.Subject.Type == decision.TypeAccount {
			one.Subject.ID = w.accounts[m].String()
		}
		if w.permits(one) {
			subjects = append(subjects, one.Subject.ID)
		}
	}
	if q.Subject.Type == decision.TypeMember || q.Subject.Type == decision.TypeAccount {
		w.pages("subjects", subjects, q, limit, w.d.Subjects)
	}
	var resources []string
	for _, id := range w.things(q.Resource.Type) {
		one := q
		one.Resource.ID = id
		if w.permits(one) {
			resources = append(resources, id)
		}
	}
	if q.Resource.Type == decision.TypePatientRecord {
		resources = w.listed(q, resources)
	}
	w.pages("resources", resources, q, limit, w.d.Resources)
	w.sameActions(q)
}

// listed keeps the records that are in a group: the others nobody here knows by name.
func (w *world) listed(q decision.Question, records []string) []string {
	return slices.DeleteFunc(records, func(r string) bool {
		q.Resource.ID = r
		e, err := decision.Judge(context.Background(), w.db, w.org, q, w.db.Now())
		if err != nil {
			w.Fatal(err)
		}
		return e.Code != decision.GroupShared
	})
}

func (w *world) permits(q decision.Question) bool {
	w.Helper()
	at := q.At
	if at.IsZero() {
		at = w.db.Now()
	}
	e, err := decision.Judge(context.Background(), w.db, w.org, q, at)
	if err != nil {
		w.Fatal(err)
	}
	return e.Allowed
}

func (w *world) things(typ string) []string {
	switch typ {
	case "agenda":
		return w.agendas
	case "messaging_profile":
		return w.boxes
	case "identity":
		return w.persons
	case "patient_record":
		return slices.Compact(slices.Sorted(slices.Values(w.records)))
	case "member":
		return texts(w.members)
	case "site":
		return texts(w.sites)
	case "organization":
		return []string{w.org.String()}
	}
	return nil
}

func texts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	slices.Sort(out)
	return out
}

type search func(context.Context, ident.Org, decision.Question, decision.Page) (decision.Results, error)

// pages reads a search to its end, and holds it against what is wanted.
func (w *world) pages(what string, want []string, q decision.Question, limit int, find search) {
	w.Helper()
	var got []string
	for token := ""; ; {
		r, err := find(context.Background(), w.org, q, decision.Page{Token: token, Limit: limit})
		if err != nil {
			w.Fatal(err)
		}
		for _, e := range r.Entities {
			got = append(got, e.ID)
		}
		if len(r.Entities) > limit {
			w.Fatalf("%d results on a page of %d", len(r.Entities), limit)
		}
		if token = r.Next; token == "" {
			break
		}
	}
	if q.Resource.Type == decision.TypePatientRecord && what == "resources" || q.Subject.Type == decision.TypeAccount && what == "subjects" {
		slices.Sort(got) // in the order of the groups; of the members
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Fatalf("%s of %+v:\n%q, want\n%q", what, q, got, want)
	}
}

func (w *world) sameActions(q decision.Question) {
	w.Helper()
	r, err := w.d.Actions(context.Background(), w.org, q, decision.Page{})
	if err != nil {
		w.Fatal(err)
	}
	names := map[string][]string{
		"agenda": {"view_availability", "read", "manage"}, "messaging_profile": {"read", "reply", "manage"},
		"identity": {"send", "receive", "draft_consultation"}, "patient_record": {"read", "write"}, "member": {"converse"},
	}[q.Resource.Type]
	if q.Resource.Type == "organization" || q.Resource.Type == "site" {
		for _, p := range access.Catalogue() {
			names = append(names, string(p))
		}
	}
	var want []string
	for _, name := range names {
		one := q
		one.Action = name
		if w.permits(one) {
			want = append(want, name)
		}
	}
	if !slices.Equal(r.Actions, want) {
		w.Fatalf("actions of %+v: %q, want %q", q, r.Actions, want)
	}
}

// TestSearchTokens: a token opens the search that gave it, and no other; pages have bounds.
func TestSearchTokens(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		m := w.addMember(w.sites[0])
		for range 5 {
			w.addResource("agenda", m)
		}
		q := of(m, "read", "agenda", "")
		first, err := w.d.Resources(t.Context(), w.org, q, decision.Page{Limit: 2})
		if err != nil || len(first.Entities) != 2 || first.Next == "" || first.Version == 0 {
			t.Fatal(first, err)
		}
		q.Action = "manage"
		if _, err := w.d.Resources(t.Context(), w.org, q, decision.Page{Limit: 2, Token: first.Next}); !errors.Is(err, secret.ErrCursor) {
			t.Errorf("another search: %v", err)
		}
		for _, limit := range []int{-1, decision.MaxPage + 1} {
			if _, err := w.d.Resources(t.Context(), w.org, q, decision.Page{Limit: limit}); !errors.Is(err, decision.ErrPage) {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
		q = decision.Question{Subject: decision.Entity{Type: "robot"}, Action: "read", Resource: decision.Entity{Type: "agenda", ID: w.agendas[0]}}
		if r, err := w.d.Subjects(t.Context(), w.org, q, decision.Page{}); err != nil || len(r.Entities) > 0 {
			t.Errorf("a type that is none: %+v %v", r, err)
		}
		other := newScene(w)
		q = of(other.me, "read", "agenda", "")
		if r, err := w.d.Resources(t.Context(), w.org, q, decision.Page{}); err != nil || slices.ContainsFunc(r.Entities, func(e decision.Entity) bool { return e.ID == w.agendas[0] && e.ID != other.own && e.ID != other.agenda }) {
			t.Errorf("AUZ-13: %+v %v", r, err)
		}
	})
}
