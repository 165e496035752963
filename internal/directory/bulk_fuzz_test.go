package directory

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	gen "habilis/bench/annuaire"
)

// seeds are whole files: the fixtures, and a generated one with every trap.
func seeds(f *testing.F) {
	paths, err := filepath.Glob("testdata/bulk/*")
	if err != nil || len(paths) < 5 {
		f.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	var b bytes.Buffer
	if _, err := gen.Write(&b, gen.Options{Lines: 8}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00"))
	f.Add([]byte(gen.Header + "\n" + strings.Repeat("|", 200) + "\n"))
}

// FuzzBulkFile ("Must show" 4): whatever the file, no panic; whatever is accepted is text,
// bounded, and can be read back; every line is accepted or refused.
func FuzzBulkFile(f *testing.F) {
	seeds(f)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "Personne_activite.txt")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := unpack(path)
		for _, s := range list {
			if err := s.inspect(); err != nil {
				continue
			}
			var report FileReport
			p := &parser{layout: &s.layout, latin: s.latin, file: &report, seen: map[labelKey]bool{}, folded: map[string][]string{}}
			err := s.each(func(c chunk) error {
				checkBatch(t, p.parse(c))
				return nil
			})
			if err != nil && !errors.Is(err, ErrUnreadable) {
				t.Errorf("%v", err)
			}
		}
		if err != nil && !errors.Is(err, ErrUnreadable) {
			t.Errorf("%v", err)
		}
	})
}

func checkBatch(t *testing.T, b *batch) {
	t.Helper()
	if b.read != int64(len(b.lines)+len(b.rejects)) {
		t.Errorf("%d lines read, %d accepted, %d refused", b.read, len(b.lines), len(b.rejects))
	}
	for _, r := range b.rejects {
		if !slices.Contains(Reasons, r.Reason) || r.Line < 2 {
			t.Errorf("%+v", r)
		}
	}
	text, at := string(b.text), 0
	for _, l := range b.lines {
		body := text[l.body.from:l.body.to]
		if !utf8.ValidString(body) || len(body) > 4*MaxLineBytes || strings.ContainsAny(body, "\n\x00") {
			t.Errorf("kept %q", body)
		}
		if key, ok := personKey(typeRPPS, strconv.FormatInt(l.person, 10)); hasRPPS(l.person) && (!ok || key != l.person || key < 1e9) {
			t.Errorf("person %d is not a number of RPPS", l.person)
		}
		if !hasRPPS(l.person) && l.terms > 0 {
			t.Errorf("person %d is found, without RPPS", l.person)
		}
		fields := strings.Split(body, separator)
		if want := map[string]int{lineActivity: activityFields, lineKnowHow: knowHowFields, lineDiploma: diplomaFields}[fields[0]]; len(fields) != want {
			t.Errorf("%d fields in %q", len(fields), body)
		}
		assemble(l.person, [][]string{fields}, nil)
		for _, s := range b.terms[at : at+l.terms] {
			if term := text[s.from:s.to]; term == "" || len(term) > maxTermLen+1 || !utf8.ValidString(term) {
				t.Errorf("term %q", term)
			}
		}
		at += l.terms
	}
}

// FuzzBulkHeader: whatever the header, each field is a column of it, once.
func FuzzBulkHeader(f *testing.F) {
	f.Add(gen.Header)
	f.Add("Type d'identifiant PP|Identifiant PP|Code profession|Code savoir-faire")
	f.Add(strings.Repeat("Code rôle|", 130))
	f.Fuzz(func(t *testing.T, header string) {
		l, err := readLayout(header)
		if err != nil {
			return
		}
		used := map[int8]bool{}
		for _, at := range l.at {
			if int(at) >= l.columns || (at >= 0 && used[at]) {
				t.Errorf("column %d of %d", at, l.columns)
			}
			used[at] = true
		}
	})
}

// FuzzLines: a list of lines that is damaged is an error, never a panic nor memory.
func FuzzLines(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint16(100))
	f.Add(bytes.Repeat([]byte{0xff}, 20), uint16(7))
	f.Fuzz(func(_ *testing.T, list []byte, most uint16) {
		s := newLineSet(int64(most))
		if s.addAll(list) == nil {
			s.list(int(most))
		}
	})
}

// TestChunks: however the reader gives it, a file is cut at ends of lines, no line is lost,
// and one that is too long is told with its number.
func TestChunks(t *testing.T) {
	long := strings.Repeat("z", 3*chunkBytes)
	var file strings.Builder
	want := map[int64]bool{}
	for n := int64(1); n <= 30_000; n++ {
		if n == 77 || n == 20_000 || n == 30_000 {
			file.WriteString(long + "\n")
			want[n] = true
			continue
		}
		file.WriteString(strings.Repeat("x", int(n%60)) + "\n")
	}
	next := int64(1)
	err := chunks(&slow{strings.NewReader(file.String())}, 1, func(c chunk) error {
		if c.first != next {
			t.Fatalf("line %d instead of %d", c.first, next)
		}
		if c.tooLong {
			if !want[c.first] {
				t.Errorf("line %d is not long", c.first)
			}
			delete(want, c.first)
			next++
			return nil
		}
		for line := range bytes.Lines(c.data) {
			if len(line) != int(next%60)+1 {
				t.Fatalf("line %d has %d bytes", next, len(line))
			}
			next++
		}
		return nil
	})
	if err != nil || next != 30_001 || len(want) > 0 {
		t.Errorf("%v, %d lines, long ones left: %v", err, next-1, want)
	}
}

// slow gives few bytes at a time.
type slow struct{ r *strings.Reader }

func (s *slow) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 7919)]) }
