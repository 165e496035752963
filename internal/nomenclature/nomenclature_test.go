package nomenclature_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/nomenclature"
	"habilis/internal/text"
)

// sizes are the counts of health/facts.md 4, and of data/nos where it gives none.
var sizes = map[string]int{
	"J106": 29, "G15": 23, "R94": 1, "R95": 4, "R291": 1, "J106-2020": 18, "R38": 106, "R39": 43, "R40": 4, "R42": 41, "R43": 16,
	"R44": 1, "R45": 5, "R97": 24, "R359": 27, "G13": 2, "R394": 1, "R04": 12, "R21": 45, "R85": 74, "R96": 3, "R02": 68, "R22": 14,
	"R23": 3, "R09": 1, "R11": 6, "R81": 3, "R257": 4, "G08": 11,
}

// Issue 3: every nomenclature is there, whole, with codes, labels, system and version.
func TestSets(t *testing.T) {
	if len(nomenclature.Names()) != len(sizes) {
		t.Errorf("%d sets, want %d", len(nomenclature.Names()), len(sizes))
	}
	for _, name := range nomenclature.Names() {
		s, ok := nomenclature.Get(name)
		if !ok || s.Name != name || s.Version == "" || s.Title == "" || len(s.Codes) != sizes[name] {
			t.Errorf("%s: %q %q %q, %d codes, want %d", name, s.Name, s.Title, s.Version, len(s.Codes), sizes[name])
		}
		if one := name != "J106" && name != "J106-2020"; (s.System != "") != one {
			t.Errorf("%s: system %q", name, s.System)
		}
		seen := map[string]bool{}
		for _, c := range s.Codes {
			if got, ok := s.Find(c.Code); !ok || got != c || seen[c.Code] || c.Label == "" || !strings.HasPrefix(c.System, "https://") {
				t.Errorf("%s: %+v, found %+v", name, c, got)
			}
			seen[c.Code] = true
		}
	}
}

// Every line of every file that is embedded is in a set: no file is forgotten.
func TestEveryLine(t *testing.T) {
	files, err := filepath.Glob("data/*.csv")
	if err != nil || len(files) != 24 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	all := map[nomenclature.Code]bool{}
	for _, name := range nomenclature.Names() {
		s, _ := nomenclature.Get(name)
		for _, c := range s.Codes {
			all[c] = true
		}
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(f)
		r.Comma = ';'
		lines, err := r.ReadAll()
		if err != nil || len(lines) < 2 || !slices.Equal(lines[0], []string{"code", "label", "system"}) {
			t.Fatalf("%s: %v", file, err)
		}
		for _, l := range lines[1:] {
			if !all[nomenclature.Code{Code: l[0], Label: l[1], System: l[2]}] {
				t.Errorf("%s: %q is in no set", file, l)
			}
		}
		_ = f.Close()
	}
}

// health/facts.md 3.1: an RPPS alone does not make a regulated professional; psychologues
// and diététiciens have one now; what was a profession in 2020 is not one any more.
func TestRegulated(t *testing.T) {
	for code, want := range map[string]bool{
		"10": true, "21": true, "40": true, "50": true, "60": true, "70": true, "93": true, "95": true, "41": true, "71": true,
		"99": false, "35": false, "53": false, "": false, "1": false, "010": false, "SM26": false,
	} {
		if nomenclature.Regulated(code) != want || nomenclature.HasRPPS(code) != want {
			t.Errorf("%q: regulated %t, has an RPPS %t", code, nomenclature.Regulated(code), nomenclature.HasRPPS(code))
		}
	}
	if c, ok := nomenclature.Profession("99"); !ok || c.System == "" {
		t.Error("99 is in the register all the same")
	}
}

func TestLookUps(t *testing.T) {
	for code, want := range map[string]string{"10": "Médecin", "93": "Psychologue", "95": "Diététicien", "41": "Assistant de service social", "35": ""} {
		if c, ok := nomenclature.Profession(code); c.Label != want || ok != (want != "") {
			t.Errorf("%s: %+v", code, c)
		}
	}
	for code, system := range map[string]string{"SM26": "R38", "SI06": "R38", "C07": "R39", "CAPA01": "R43", "CEX22": "R40", "DSM200": "R42", "PAC00": "R44"} {
		if c, ok := nomenclature.Specialty(code); !ok || !strings.Contains(c.System, system) {
			t.Errorf("%s: %+v", code, c)
		}
	}
	if _, ok := nomenclature.Specialty("10"); ok {
		t.Error("a profession is no specialty")
	}
	for name, want := range map[string]string{
		"R38": "R38", "r38": "R38", "TRE_R38-SpecialiteOrdinale": "R38", "J106": "J106", "JDV_J106-EnsembleProfession-RASS": "J106",
		"J106-2020": "J106-2020", "": "", "R9": "", "../../etc/passwd": "", "R38\t": "",
	} {
		if s, ok := nomenclature.Get(name); s.Name != want || ok != (want != "") {
			t.Errorf("%q: %q", name, s.Name)
		}
	}
}

// What screens list is ordered as people look for it, and a caller cannot spoil it.
func TestLists(t *testing.T) {
	for name, list := range map[string]func() []nomenclature.Code{"J106": nomenclature.Professions, "R38": nomenclature.Specialties} {
		got := list()
		if len(got) != sizes[name] || !slices.IsSortedFunc(got, func(a, b nomenclature.Code) int {
			return strings.Compare(text.SortKey(a.Label), text.SortKey(b.Label))
		}) {
			t.Errorf("%s is not in order", name)
		}
		got[0].Label = "x"
		if list()[0].Label == "x" {
			t.Errorf("%s can be spoiled", name)
		}
	}
}

// LST-1: accents and case ignored, each word a beginning.
func TestSearch(t *testing.T) {
	r38, _ := nomenclature.Get("R38")
	j106, _ := nomenclature.Get("J106")
	for q, want := range map[string][]string{
		"psycho": {"Psychomotricien", "Psychothérapeute", "Psychologue"}, "DIÉT": {"Diététicien"}, "dentiste chir": {"Chirurgien-Dentiste"},
		"ologue": nil, "<b>": nil,
	} {
		var labels []string
		for _, c := range j106.Search(q) {
			labels = append(labels, c.Label)
		}
		slices.Sort(labels)
		slices.Sort(want)
		if !slices.Equal(labels, want) {
			t.Errorf("%q: %q, want %q", q, labels, want)
		}
	}
	if len(r38.Search("  ")) != len(r38.Codes) {
		t.Error("no word finds all")
	}
	if c, ok := j106.Named(" PSYCHOLOGUE "); !ok || c.Code != "93" {
		t.Errorf("%+v", c)
	}
	if _, ok := j106.Named("psycho"); ok {
		t.Error("half a label is no label")
	}
}

// Whatever is searched for, what is found holds a word beginning with each word of it;
// and each label finds itself.
func TestSearchProperty(t *testing.T) {
	names := nomenclature.Names()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := nomenclature.Get(rapid.SampledFrom(names).Draw(t, "name"))
		c := rapid.SampledFrom(s.Codes).Draw(t, "code")
		if !slices.Contains(s.Search(c.Label), c) {
			t.Fatalf("%q does not find itself", c.Label)
		}
		q := rapid.String().Draw(t, "q")
		for _, found := range s.Search(q) {
			have := text.FoldWords(found.Label)
			for _, w := range text.FoldWords(q) {
				if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
					t.Fatalf("%q finds %q", q, found.Label)
				}
			}
		}
	})
}
