package decision_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
)

// TestSources proves Must show 4 by mutation: removing one of several sources of a permit
// leaves it, removing all of them flips it, in whichever order they go.
func TestSources(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 3))
			w.d.PatchFrom(rapid.SampledFrom([]int{0, 1000}).Draw(r, "patched from"))
			w.begin()
			m := w.addMember(w.sites[0])
			q, sources := w.sourcesOf(m, rapid.IntRange(0, 4).Draw(r, "kind"), rapid.IntRange(1, 4).Draw(r, "sources"))
			if a := w.ask(q); a.Allowed {
				t.Fatalf("without a source: %+v", a)
			}
			for _, s := range sources {
				s.give()
			}
			w.rand.Shuffle(len(sources), func(i, j int) { sources[i], sources[j] = sources[j], sources[i] })
			for i, s := range sources {
				if a := w.ask(q); !a.Allowed {
					t.Fatalf("%+v with %d of %d sources: %+v", q, len(sources)-i, len(sources), a)
				}
				s.take()
			}
			if a := w.ask(q); a.Allowed {
				t.Fatalf("%+v after the last source: %+v", q, a)
			}
		})
	})
}

// source is one reason for a permit, given and taken.
type source struct{ give, take func() }

// sourcesOf makes a question, and n sources each of which permits it.
func (w *world) sourcesOf(m ident.Member, kind, n int) (decision.Question, []source) {
	switch kind {
	case 0: // a permission at a site, by roles there or for the whole, or alone
		return of(m, "members.read", "site", w.sites[0].String()), w.permissionSources(m, access.MembersRead, n)
	case 1: // the same at whichever scope
		return of(m, "share", "patient_document", "d"), w.permissionSources(m, access.DocumentsShare, n)
	case 2: // a record in several groups
		w.givePermission(m, access.RecordsRead, access.WholeOrganization, nil, w.always())
		var list []source
		for range n {
			g := w.addGroup()
			w.putRecord("r", g, true)
			list = append(list, source{func() { w.joinGroup(m, g, true, w.always()) }, func() { w.joinGroup(m, g, false, window{}) }})
		}
		return of(m, "read", "patient_record", "r"), list
	case 3: // a level: there is one source of it
		a := w.addResource("agenda", "")
		return of(m, "read", "agenda", a), []source{{func() { w.grant(m, a, "read", w.always()) }, func() { w.grant(m, a, "", window{}) }}}
	}
	other := w.addMember() // sites in common
	var list []source
	for range n {
		w.addSite()
		at := w.sites[len(w.sites)-1]
		w.moveTo(other, at)
		list = append(list, source{func() { w.moveTo(m, at) }, func() { w.leave(m, at) }})
	}
	return of(m, "converse", "member", other.String()), list
}

func (w *world) permissionSources(m ident.Member, p access.Permission, n int) []source {
	var list []source
	for i := range n {
		scope, site := access.WholeOrganization, any(nil)
		if w.rand.IntN(2) == 0 {
			scope, site = w.sites[0].String(), w.sites[0]
		}
		if i == 0 {
			list = append(list, source{func() { w.givePermission(m, p, scope, site, w.always()) }, func() { w.end("member_permission", m, "permission", string(p)) }})
			continue
		}
		r := w.addRole(p)
		list = append(list, source{func() { w.giveRole(m, r, scope, site, w.always()) }, func() { w.end("member_role", m, "role_id", r.String()) }})
	}
	return list
}

func (w *world) end(table string, m ident.Member, column, value string) {
	w.change(func(x *exec) {
		x.do(`update `+table+` set known_until = $4 where org_id = $1 and member_id = $2 and `+column+` = $3 and known_until is null`, w.org, m, value, x.tx.Now)
	})
}

func (w *world) leave(m ident.Member, at ident.Site) {
	w.change(func(x *exec) {
		x.do(`update member_site set known_until = $4 where org_id = $1 and member_id = $2 and site_id = $3 and known_until is null`, w.org, m, at, x.tx.Now)
	})
}

// TestUngroup proves the rest of Must show 4: taking a record out of one of its groups may
// take it from those who saw it by that group, as long as it is in another; out of its
// last one, it only widens who sees it. Removing a group does the same.
func TestUngroup(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 4))
			w.begin()
			for range 6 {
				m := w.addMember(w.sites[0])
				if w.rand.IntN(4) > 0 {
					w.givePermission(m, access.RecordsRead, access.WholeOrganization, nil, w.always())
				}
			}
			g, other := w.addGroup(), w.addGroup()
			for _, m := range w.members {
				w.joinGroup(m, pick(w, w.groups), w.rand.IntN(3) > 0, w.window())
			}
			w.putRecord("r", g, true)
			before := w.readers("r")
			if w.rand.IntN(2) == 0 {
				w.putRecord("r", g, false)
			} else {
				w.rev++
				w.change(func(x *exec) { x.groupState(w.org, g, 1000+w.rev, "removed") })
			}
			after := w.readers("r")
			for m := range before {
				if !after[m] {
					t.Fatalf("%s saw the record in a group, and not out of it", m)
				}
			}
			w.putRecord("r", other, true) // the converse: into a group it may only narrow
			for m := range w.readers("r") {
				if !after[m] {
					t.Fatalf("%s sees the record in a group, and did not before", m)
				}
			}
		})
	})
}

func (w *world) readers(record string) map[string]bool {
	w.Helper()
	q := decision.Question{Subject: decision.Entity{Type: "member"}, Action: "read", Resource: decision.Entity{Type: "patient_record", ID: record}}
	r, err := w.d.Subjects(context.Background(), w.org, q, decision.Page{})
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]bool{}
	for _, e := range r.Entities {
		out[e.ID] = true
	}
	return out
}
