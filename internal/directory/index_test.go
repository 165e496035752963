package directory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"habilis/bench/annuaire"
	"habilis/internal/directory"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// each runs a test on an empty index of each engine.
func each(t *testing.T, fn func(t *testing.T, p directory.Place)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, directory.Place{DB: db, Folder: t.TempDir()}) })
}

func fixture(name string) string { return filepath.Join("testdata", "bulk", name) }

// The three files built from the published headers (health/data/bulk).
var constructed = []string{
	fixture("constructed_PS_LibreAcces_Personne_activite_sample.txt"),
	fixture("constructed_PS_LibreAcces_SavoirFaire_sample.txt"),
	fixture("constructed_PS_LibreAcces_Dipl_AutExerc_sample.txt"),
}

func load(t *testing.T, p directory.Place, paths ...string) directory.Load {
	t.Helper()
	l, err := directory.Loader{Place: p}.Load(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func open(t *testing.T, p directory.Place) *directory.Index {
	t.Helper()
	x, err := directory.OpenIndex(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func byName(t *testing.T, x *directory.Index, words, city string) []string {
	t.Helper()
	a, err := x.ByName(t.Context(), directory.Name{Words: words, City: city})
	if err != nil || a.Origin != directory.FromIndex {
		t.Fatalf("%s, %s: %+v %v", words, city, a, err)
	}
	var out []string
	for _, p := range a.Practitioners {
		out = append(out, p.GivenName+" "+p.FamilyName)
	}
	return out
}

// TestConstructedFiles (DIR-1): the traps of the constructed fixtures: two activities, a
// person without any, quotes and apostrophes as they are, profession 99, skills and
// diplomas joined by the national identifier.
func TestConstructedFiles(t *testing.T) {
	each(t, func(t *testing.T, p directory.Place) {
		l := load(t, p, constructed...)
		if l.Practitioners != 5 || l.Lines != 9 || l.Added != 5 || l.Changed+l.Removed != 0 {
			t.Errorf("loaded %+v", l)
		}
		for _, f := range l.Files {
			if f.Rejected != 0 {
				t.Errorf("%s: %d lines refused: %v", f.Name, f.Rejected, f.Reasons)
			}
		}
		x := open(t, p)
		a, err := x.ByRPPS(t.Context(), "99700000013")
		if err != nil || len(a.Practitioners) != 1 || a.Origin != directory.FromIndex || !a.AsOf.Equal(l.AsOf) {
			t.Fatalf("%+v %v", a, err)
		}
		care := directory.Code{Code: "GENR01", Label: "Activité de soin et de pharmacie"}
		doctor := directory.Code{Code: "10", Label: "Médecin"}
		civil := directory.Code{Code: "C", Label: "Civil"}
		skills := []directory.Code{{Code: "SM54", Label: "Médecine générale"}, {Code: "CAPA06", Label: "Gérontologie"}}
		want := directory.Practitioner{
			RPPS: "99700000013", NationalID: "899700000013", Active: true, Civility: "MME", Title: "DR",
			FamilyName: "EXEMPLE-DURAND", GivenName: "Zoé", Activities: []directory.Activity{
				{
					ID: "10.L.R10000000990001", Profession: doctor, Category: civil, Specialties: skills,
					Mode:   directory.Code{Code: "L", Label: "Libéral, indépendant, artisan, commerçant"},
					Sector: directory.Code{Code: "SA08", Label: "Cabinet de groupe"}, Genre: care,
					Structure: directory.Structure{
						ID: "R10000000990001", Name: "CABINET DU DR EXEMPLE", Street: "12 B Rue DE L'EXEMPLE",
						PostalCode: "75014", City: "Paris 14e Arrondissement", Phone: "0199000001",
					},
				}, {
					ID: "10.S.F990000010", Profession: doctor, Category: civil, Specialties: skills,
					Mode:   directory.Code{Code: "S", Label: "Salarié"},
					Sector: directory.Code{Code: "SA01", Label: "Etablissement public de santé"}, Genre: care,
					Structure: directory.Structure{
						ID: "F990000010", Name: "CENTRE HOSPITALIER EXEMPLE", FINESS: "990000010", Street: "96 Rue DIDOT",
						PostalCode: "75014", City: "Paris 14e Arrondissement", Phone: "0450636363",
					},
				},
			},
			Diplomas: []directory.Code{{Code: "DE05", Label: "Diplôme d'Etat de docteur en médecine"}},
		}
		if d := cmp.Diff(want, a.Practitioners[0]); d != "" {
			t.Errorf("want (-), got (+):\n%s", d)
		}
		a, err = x.ByRPPS(t.Context(), "99700000039")
		if err != nil || len(a.Practitioners) != 1 || a.Practitioners[0].Active || len(a.Practitioners[0].Activities) != 1 ||
			a.Practitioners[0].Activities[0].Profession.Label != "Psychologue" {
			t.Errorf("without activity: %+v %v", a, err)
		}
		a, err = x.ByRPPS(t.Context(), "99700000054")
		if err != nil || a.Practitioners[0].Activities[0].Role != (directory.Code{Code: "331", Label: "Secrétaire assistante médico-administrative"}) {
			t.Errorf("profession 99: %+v %v", a, err)
		}
		a, err = x.ByRPPS(t.Context(), "99700000005")
		if err != nil || len(a.Practitioners) != 0 || a.Origin != directory.FromIndex {
			t.Errorf("nobody: %+v %v", a, err)
		}
	})
}

// TestByName: accents, case and hyphens do not count; words are found by their beginning,
// whole ones first; a town is found by its name or postal code, or as the last words.
func TestByName(t *testing.T) {
	each(t, func(t *testing.T, p directory.Place) {
		load(t, p, constructed...)
		x := open(t, p)
		for _, c := range []struct{ words, city, want string }{
			{"exemple", "", "Zoé EXEMPLE-DURAND"},
			{"durand zoe", "Paris", "Zoé EXEMPLE-DURAND"},
			{"EXEMPLEDURAND", "75014", "Zoé EXEMPLE-DURAND"},
			{"dur", "75", "Zoé EXEMPLE-DURAND"},
			{"d’exemple", "paris 14", "Jean-Noël D'EXEMPLE"},
			{"Jean Noel", "", "Jean-Noël D'EXEMPLE"},
			{"appareillage", "Doubs", "Paul APPAREILLAGE"},
			{"appareillage doubs", "", "Paul APPAREILLAGE"},
			{"sansactivite", "", "Aïcha SANSACTIVITE"},
			{"durand", "Doubs", ""},
			{"du", "", ""}, // two letters are a whole word
			{"sansactivite", "Paris", ""},
			{"%", "", ""},
			{"", "Paris", ""},
			{strings.Repeat("mot ", 5000), "", ""},
		} {
			if got := strings.Join(byName(t, x, c.words, c.city), ", "); got != c.want {
				t.Errorf("%.30s, %s: %q instead of %q", c.words, c.city, got, c.want)
			}
		}
	})
}

// TestNotLoaded: without a load the index does not know, which is not "nobody".
func TestNotLoaded(t *testing.T) {
	each(t, func(t *testing.T, p directory.Place) {
		x := open(t, p)
		for _, ask := range []func() (directory.Answer, error){
			func() (directory.Answer, error) { return x.ByRPPS(t.Context(), "99700000013") },
			func() (directory.Answer, error) { return x.ByName(t.Context(), directory.Name{Words: "exemple"}) },
		} {
			if _, err := ask(); !errors.Is(err, directory.ErrUnavailable) || !errors.Is(err, directory.ErrNotLoaded) {
				t.Errorf("%v", err)
			}
		}
		load(t, p, constructed...)
		if got := byName(t, x, "exemple", ""); len(got) != 1 {
			t.Errorf("the same Source, once loaded: %v", got)
		}
	})
}

// generated writes a file of so many lines, and says what it holds.
func generated(t testing.TB, o annuaire.Options) (string, annuaire.Counts) {
	t.Helper()
	path := filepath.Join(t.TempDir(), fmt.Sprintf("PS_LibreAcces_Personne_activite_2026112%d0300.txt", o.Generation))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := annuaire.Write(f, o)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path, counts
}

// TestReload: 50,000 lines with every trap; every refused one is counted by its reason. A
// later extraction is told by its difference, and while it loads nobody sees half of it:
// each answer is of one load, and no other writer waits.
func TestReload(t *testing.T) {
	first, counts := generated(t, annuaire.Options{Lines: 50_000})
	second, _ := generated(t, annuaire.Options{Lines: 50_000, Generation: 1})
	each(t, func(t *testing.T, p directory.Place) {
		began := time.Now()
		l := load(t, p, first)
		t.Logf("%.0f lines/s", 50_000/time.Since(began).Seconds())
		f := l.Files[0]
		if d := cmp.Diff(counts.Rejected, f.Reasons); d != "" || f.Lines != 50_000 || f.Loaded+f.Rejected != f.Lines || l.Practitioners != l.Added {
			t.Fatalf("%+v, refused want (-), got (+):\n%s", l, d)
		}
		x := open(t, p)
		stop := make(chan struct{})
		var asking sync.WaitGroup
		for i := range 2 {
			asking.Go(func() { whole(t, x, i, stop) })
		}
		again := load(t, p, second)
		close(stop)
		asking.Wait()
		if again.Changed == 0 || again.Removed == 0 || again.Changed > again.Practitioners/20 ||
			again.Practitioners != l.Practitioners+again.Added-again.Removed {
			t.Errorf("the difference: %+v, of %d", again, l.Practitioners)
		}
		if now, err := x.Loaded(t.Context()); err != nil || !now.LoadedAt.Equal(again.LoadedAt) || !now.AsOf.Equal(again.AsOf) {
			t.Errorf("%+v %v", now, err)
		}
		if same := load(t, p, second); same.Added+same.Changed+same.Removed != 0 {
			t.Errorf("the same again: %+v", same)
		}
	})
}

// whole asks until it is stopped: everybody who is in both extractions is always there.
func whole(t *testing.T, x *directory.Index, i int, stop <-chan struct{}) {
	for n := i + 3; ; n += 11 {
		select {
		case <-stop:
			return
		default:
		}
		who := 3 + n%20_000
		if who%1000 == 1 || who%400 == 0 {
			continue
		}
		a, err := x.ByRPPS(context.Background(), annuaire.RPPS(who))
		if err != nil {
			t.Errorf("while it loads: %v", err)
			return
		}
		if len(a.Practitioners) == 1 && a.Practitioners[0].FamilyName != annuaire.Family(who) {
			t.Errorf("%d: %+v", who, a)
		}
		b, err := x.ByName(context.Background(), directory.Name{Words: annuaire.Family(who), City: ""})
		if err != nil || len(b.Practitioners) == 0 && len(a.Practitioners) > 0 {
			t.Errorf("%s while it loads: %d found, %v", annuaire.Family(who), len(b.Practitioners), err)
			return
		}
	}
}

// TestSmaller: an extraction cut short does not replace a whole one, unless it is meant.
func TestSmaller(t *testing.T) {
	whole, _ := generated(t, annuaire.Options{Lines: 300})
	each(t, func(t *testing.T, p directory.Place) {
		load(t, p, whole)
		_, err := directory.Loader{Place: p}.Load(t.Context(), constructed)
		if !errors.Is(err, directory.ErrSmaller) {
			t.Fatalf("%v", err)
		}
		if l, err := open(t, p).Loaded(t.Context()); err != nil || l.Practitioners < 100 {
			t.Errorf("the former one: %+v %v", l, err)
		}
		l, err := directory.Loader{Place: p, Smaller: true}.Load(t.Context(), constructed)
		if err != nil || l.Practitioners != 5 || l.Removed < 100 {
			t.Errorf("%+v %v", l, err)
		}
	})
}

// TestOneLoadAtATime: a second load is refused while one runs, and may see how far it is;
// one that is given up leaves the former index, and nothing else.
func TestOneLoadAtATime(t *testing.T) {
	path, _ := generated(t, annuaire.Options{Lines: 30_000})
	each(t, func(t *testing.T, p directory.Place) {
		load(t, p, constructed...)
		if _, under := p.Underway(); under {
			t.Error("no load is under way")
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var once sync.Once
		first := directory.Loader{Place: p, Progress: func(directory.Progress) {
			once.Do(func() {
				if _, err := (directory.Loader{Place: p}).Load(t.Context(), constructed); !errors.Is(err, directory.ErrLoading) {
					t.Errorf("a second load: %v", err)
				}
				if x, under := p.Underway(); !under || x.Phase == "" {
					t.Errorf("its progress: %+v %t", x, under)
				}
				cancel()
			})
		}}
		if _, err := first.Load(ctx, []string{path}); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		if got := byName(t, open(t, p), "exemple durand", ""); len(got) != 1 {
			t.Errorf("the former index: %v", got)
		}
		if left, _ := filepath.Glob(filepath.Join(p.Folder, "*load*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		if l := load(t, p, constructed...); l.Changed+l.Added+l.Removed != 0 {
			t.Errorf("after it: %+v", l)
		}
	})
}

// TestSample: the demonstration directory loads whole, has what the demonstration shows,
// and does not replace another.
func TestSample(t *testing.T) {
	p := directory.Place{Folder: t.TempDir()}
	if err := directory.LoadSample(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	x := open(t, p)
	l, err := x.Loaded(t.Context())
	if err != nil || l.Practitioners < 200 {
		t.Fatalf("%+v %v", l, err)
	}
	for _, f := range l.Files {
		if f.Rejected > 0 {
			t.Errorf("%+v", f)
		}
	}
	if got := byName(t, x, "Diallo Saint-Aubin", ""); !slices.Contains(got, "Boubacar Diallo") || !slices.Contains(got, "Aïcha Diallo") {
		t.Errorf("the search of member-new.html: %v", got)
	}
	a, err := x.ByRPPS(t.Context(), "99700004122")
	if err != nil || a.Practitioners[0].Activities[0].Profession.Label != "Sage-Femme" || !a.Practitioners[0].Active {
		t.Errorf("%+v %v", a, err)
	}
	entries, err := os.ReadDir(p.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			t.Errorf("left behind: %s", e.Name())
		}
	}
	q := directory.Place{Folder: t.TempDir()}
	load(t, q, constructed...)
	if err := directory.LoadSample(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if l, err := open(t, q).Loaded(t.Context()); err != nil || l.Practitioners != 5 {
		t.Errorf("it replaced another: %+v %v", l, err)
	}
}
