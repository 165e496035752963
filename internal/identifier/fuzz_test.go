package identifier_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/identifier"
)

// seeds are texts of every kind, right and wrong: each parser meets them all.
var seeds = []string{
	"", " ", "99700218896", "99 700 218 896", "10003461033", "770816478", "2A0000012", "732829320", "73282932000074", "35600000049837",
	"991823766", "012800736", "899700218896", "ANS20231122132732", "500000001815646/CPAT00045", "claire@medecin.mssante.fr",
	"10a@pro.mssante.fr", "018f2f0a-7b1c-7c3d-9e4f-0123456789ab", "06 12 34 56 78", "+33 (0)6 12 34 56 78", "0692123456", "+687 27 12 34",
	"\x00", "\xff\xfe", "٩٩٧", strings.Repeat("9", 5000), strings.Repeat("a", 64) + "@b.mssante.fr", "+" + strings.Repeat("1", 38),
}

// maxKept bounds, in bytes, whatever a parser accepts.
const maxKept = 256

func fuzz[T interface {
	~string
	Format() string
}](f *testing.F, parse func(string) (T, error)) {
	for _, s := range seeds {
		f.Add(s)
	}
	reads := judge(parse)
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := parse(s); reads(t, s) != refused && (err != nil || len(v) > maxKept || len(v.Format()) > 2*maxKept) {
			t.Errorf("%q: %q %v", s, v, err)
		}
	})
}

func FuzzParseRPPS(f *testing.F)       { fuzz(f, identifier.ParseRPPS) }
func FuzzParseADELI(f *testing.F)      { fuzz(f, identifier.ParseADELI) }
func FuzzParseAM(f *testing.F)         { fuzz(f, identifier.ParseAM) }
func FuzzParseFINESS(f *testing.F)     { fuzz(f, identifier.ParseFINESS) }
func FuzzParseSIREN(f *testing.F)      { fuzz(f, identifier.ParseSIREN) }
func FuzzParseSIRET(f *testing.F)      { fuzz(f, identifier.ParseSIRET) }
func FuzzParseNationalID(f *testing.F) { fuzz(f, identifier.ParseNationalID) }
func FuzzParseMSSante(f *testing.F)    { fuzz(f, identifier.ParseMSSante) }
func FuzzParsePhone(f *testing.F)      { fuzz(f, identifier.ParsePhone) }

// keyed gives the number made of these digits and their Luhn key, worked out from the
// definition: doubled from the right, digits of the products added.
func keyed(digits string) string {
	sum := 0
	for i, double := len(digits)-1, true; i >= 0; i, double = i-1, !double {
		d := int(digits[i] - '0')
		if double {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// Of every number of ten digits, exactly one key makes an RPPS; one wrong digit, and
// (but for 0 and 9) two neighbours in the wrong order, are refused.
func TestRPPSKeyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := keyed(rapid.StringMatching(`[1-9][0-9]{9}`).Draw(t, "digits"))
		at := rapid.IntRange(0, len(good)-1).Draw(t, "at")
		other := rapid.RuneFrom([]rune("0123456789")).Draw(t, "other")
		if r, err := identifier.ParseRPPS(good); err != nil || string(r) != good {
			t.Fatalf("%s: %q %v", good, r, err)
		}
		wrong := good[:at] + string(other) + good[at+1:]
		if _, err := identifier.ParseRPPS(wrong); (err == nil) != (wrong == good) {
			t.Fatalf("%s for %s: %v", wrong, good, err)
		}
		if at == 0 {
			return
		}
		a, b := good[at-1], good[at]
		swapped := good[:at-1] + string(b) + string(a) + good[at+1:]
		blind := a == b || a == '0' && b == '9' || a == '9' && b == '0'
		if _, err := identifier.ParseRPPS(swapped); (err == nil) != blind {
			t.Fatalf("%s for %s: %v", swapped, good, err)
		}
	})
}

// What people put between digits changes nothing.
func TestSeparatorsProperty(t *testing.T) {
	signs := rapid.SampledFrom([]string{"", " ", "\u00a0", "\u202f", ".", "-", "–", "‑", "\t"})
	rapid.Check(t, func(t *rapid.T) {
		siret := keyed(rapid.StringMatching(`[1-9][0-9]{12}`).Draw(t, "digits"))
		var typed strings.Builder
		for _, d := range siret {
			typed.WriteString(signs.Draw(t, "sign") + string(d))
		}
		if s, err := identifier.ParseSIRET(typed.String()); err != nil || string(s) != siret {
			t.Fatalf("%q: %q %v", typed.String(), s, err)
		}
	})
}
