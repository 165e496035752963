//go:build bench

package grant_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/storetest"
)

// Promises of issue 5, «Must show» 5, on a quiet machine:
//
//	go test -tags bench -run TestBenchLevels -v ./internal/grant
const (
	benchPeople  = 200
	benchAgendas = 60
	benchRuns    = 20

	benchPreview = 300 * time.Millisecond
	benchSave    = time.Second
	benchMatrix  = 100 * time.Millisecond
)

// A change of 500 cells is previewed and saved, and a matrix of 200 people by 60 agendas,
// four cells of ten filled, is read, within the limits: the slowest of benchRuns.
func TestBenchLevels(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			w := newLevels(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now, NoTwin: true}), clock)
			people, agendas := w.crowd()
			var filled []grant.Change
			for i, p := range people {
				for j, a := range agendas {
					if (i*7+j*3)%10 < 4 {
						filled = append(filled, grant.Change{Member: p, Resource: a, Level: grant.Read})
					}
				}
			}
			for part := range slices.Chunk(filled, grant.MaxChanges) {
				w.give("claire", part...)
			}
			w.benchEdit(people, agendas)
			w.benchMatrix(agendas)
		})
	}
}

func (w *levels) crowd() (people []ident.Member, agendas []resource.ID) {
	functions := []string{"secretary", "medical_assistant", "nurse", "manager"}
	for i := range benchPeople {
		name := fmt.Sprintf("personne%03d", i)
		w.join(w.a, name, functions[i%len(functions)], "", "", 0)
		people = append(people, w.member[name])
	}
	for i := range benchAgendas {
		name := fmt.Sprintf("salle%02d", i)
		w.agenda(name, w.a, 0, "")
		agendas = append(agendas, w.thing[name])
	}
	return people, agendas
}

func (w *levels) benchEdit(people []ident.Member, agendas []resource.ID) {
	var previews, saves []time.Duration
	for run := range benchRuns {
		l := []grant.Level{grant.Manage, grant.Availability}[run%2]
		var cells []grant.Change
		for i := range 50 {
			for j := range 10 {
				cells = append(cells, grant.Change{Member: people[i], Resource: agendas[j], Level: l})
			}
		}
		start := time.Now()
		set, err := w.grants.Preview(w.Context(), w.as("claire"), w.a, edit(cells...))
		previews = append(previews, time.Since(start))
		if err != nil || set.Changes != len(cells) {
			w.Fatal(set.Changes, err)
		}
		start = time.Now()
		if set, err = w.grants.Apply(w.Context(), w.as("claire"), w.a, edit(cells...)); err != nil || set.ID.IsZero() {
			w.Fatal(err)
		}
		saves = append(saves, time.Since(start))
	}
	w.within("preview of 500 cells", previews, benchPreview)
	w.within("save of 500 cells", saves, benchSave)
}

func (w *levels) benchMatrix(agendas []resource.ID) {
	var reads []time.Duration
	q := grant.MatrixQuery{Resources: agendas, Size: grant.MaxMatrixPeople, ResourceSite: w.sites[0]}
	for range benchRuns {
		start := time.Now()
		m, err := w.grants.Matrix(w.Context(), w.as("claire"), w.a, q)
		reads = append(reads, time.Since(start))
		if err != nil || len(m.Resources) != benchAgendas || m.People < benchPeople {
			w.Fatal(len(m.Resources), m.People, err)
		}
	}
	w.within("matrix of 200 × 60", reads, benchMatrix)
}

func (w *levels) within(what string, all []time.Duration, limit time.Duration) {
	slices.Sort(all)
	w.Logf("%s: median %v, slowest %v (limit %v)", what, all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond), limit)
	if worst := all[len(all)-1]; worst > limit {
		w.Errorf("%s: %v, over %v", what, worst, limit)
	}
}
