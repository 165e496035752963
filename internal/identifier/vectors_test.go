package identifier_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"habilis/internal/identifier"
)

// verdict is what a kind of identifier says of a text: accepted without a word,
// accepted with a doubt, or refused.
type verdict string

const (
	fine    verdict = "fine"
	doubted verdict = "doubted"
	refused verdict = "refused"
)

// judge reads a text, and proves on the way that what is shown reads back the same.
func judge[T interface {
	~string
	Format() string
}](parse func(string) (T, error)) func(t *testing.T, s string) verdict {
	return func(t *testing.T, s string) verdict {
		t.Helper()
		v, err := parse(s)
		if err != nil {
			if v != "" {
				t.Errorf("%q is refused but gives %q", s, v)
			}
			return refused
		}
		if again, err := parse(v.Format()); err != nil || again != v {
			t.Errorf("%q shown as %q reads %q, %v", s, v.Format(), again, err)
		}
		if again, err := parse(string(v)); err != nil || again != v {
			t.Errorf("%q kept as %q reads %q, %v", s, string(v), again, err)
		}
		if d, ok := any(v).(interface{ Doubt() string }); ok && d.Doubt() != "" {
			return doubted
		}
		return fine
	}
}

var judges = map[string]func(*testing.T, string) verdict{
	"RPPS": judge(identifier.ParseRPPS), "FINESS": judge(identifier.ParseFINESS), "SIREN": judge(identifier.ParseSIREN),
	"SIRET": judge(identifier.ParseSIRET), "ADELI": judge(identifier.ParseADELI), "AM": judge(identifier.ParseAM),
	"NationalID": judge(identifier.ParseNationalID), "MSSante": judge(identifier.ParseMSSante), "Phone": judge(identifier.ParsePhone),
}

// expected says what the vectors' column «luhn» means for each kind.
func expected(kind, value string, luhn bool) verdict {
	switch {
	case kind == "SIRET" && strings.HasPrefix(value, "356000000"):
		return fine // La Poste: by either rule
	case kind == "RPPS" && luhn && strings.HasPrefix(value, "997"):
		return doubted // an identity for tests
	case luhn:
		return fine
	case kind == "AM" || kind == "ADELI":
		return doubted // the rule is not published
	}
	return refused
}

// Issue 3 (professional identity): every vector of health/data/identifiers-test-vectors.csv.
func TestVectors(t *testing.T) {
	f, err := os.Open("testdata/vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 35 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, l := range lines[1:] {
		kind, value, luhn := l[0], l[1], l[2] == "true"
		if got, want := judges[kind](t, value), expected(kind, value, luhn); got != want {
			t.Errorf("%s %s (%s): %s, want %s", kind, value, l[3], got, want)
		}
	}
}
