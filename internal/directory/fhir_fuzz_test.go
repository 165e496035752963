package directory

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// No answer makes the decoder panic, or keep more than its bounds (issue 4, must show 4).
func FuzzBundle(f *testing.F) {
	files, err := filepath.Glob("testdata/fhir/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
		if !strings.Contains(name, "Bundle") {
			f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":` + string(body) + `}]}`))
		}
	}
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Practitioner","name":[null,{"family":1e999,"given":[[]]}]}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var all resources
		_, _ = all.add(body)
		for _, p := range all.practitioners {
			v := p.read()
			v.Activities = p.activities(all)
			bounded(t, v)
		}
		runtime.ReadMemStats(&after)
		// An answer has at most MaxAnswer bytes; each costs so many at most.
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20+uint64(len(body))*2000 {
			t.Errorf("%d bytes made it allocate %d", len(body), grown)
		}
	})
}

func bounded(t *testing.T, p Practitioner) {
	t.Helper()
	if len(p.Activities) > maxActivities || len(p.MSSante) > maxAddresses {
		t.Errorf("%d activities, %d addresses", len(p.Activities), len(p.MSSante))
	}
	list := append([]string{p.RPPS, p.NationalID, p.FamilyName, p.GivenName, p.Civility, p.Title}, p.MSSante...)
	for _, a := range p.Activities {
		s := a.Structure
		list = append(list, a.ID, a.Profession.Code, a.Role.Code, a.Sector.Label, s.ID, s.Name, s.Street, s.City, s.PostalCode, s.Phone, s.SIRET, s.FINESS)
		if len(a.Specialties) > maxSpecialty {
			t.Errorf("%d specialties", len(a.Specialties))
		}
	}
	for _, v := range list {
		if utf8.RuneCountInString(v) > maxMail || !utf8.ValidString(v) || strings.ContainsAny(v, "\r\n\x00\u202e\u200b") {
			t.Errorf("%q", v)
		}
	}
}

// Cleaning twice changes nothing, and never lengthens.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", " a  b ", "a\u202eb\r\nc", strings.Repeat("é", 300), "\xff\xfe", "'’\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := clean(s, maxText)
		if clean(once, maxText) != once || utf8.RuneCountInString(once) > maxText || !utf8.ValidString(once) {
			t.Errorf("%q", once)
		}
	})
}
