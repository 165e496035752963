package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"habilis/internal/text"
)

// LST-1: a search ignores accents and case.
func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Hélène", "helene"},
		{"He\u0301le\u0300ne", "helene"},
		{"Œhm", "oehm"},
		{"Æbelø", "aebelo"},
		{"N’Guyen", "nguyen"},
		{"N'Guyen", "nguyen"},
		{"N´Guyen", "nguyen"},
		{"Łukasz", "lukasz"},
		{"Straße", "strasse"},
		{"STRAẞE", "strasse"},
		{"Đặng Thị", "dang thi"},
		{"İstanbul", "istanbul"},
		{"Ilgın", "ilgin"},
		{"N’Guyen-de La Tour du Pin Marie‑Ségolène", "nguyen de la tour du pin marie segolene"},
		{"  Le   Goff,\tMaëlle\n", "le goff maelle"},
		{"bruno.lacaze@tilleuls.example", "bruno lacaze tilleuls example"},
		{"99 700 004 122", "99 700 004 122"},
		{"co\u00adop\u200bération", "cooperation"},
		{"ＦＵＬＬ ﬁn ²", "full fin 2"},
		{"Ὀδυσσεύς", "οδυσσευσ"},
		{"محمد", "محمد"},
		{"%_%", ""},
		{"", ""},
		{"\xff\xfe", ""},
	}
	for _, tt := range tests {
		if got := text.Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := text.FoldWords(" Dr Élise  Jourdan "); !slices.Equal(got, []string{"dr", "elise", "jourdan"}) {
		t.Errorf("FoldWords = %q", got)
	}
}

func TestSortKeyOrdersNames(t *testing.T) {
	names := []string{"Zidane", "Éluard", "Petit", "d’Arc", "Œhm", "Eluard A", "Ohm"}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(text.SortKey(a), text.SortKey(b)) })
	want := []string{"d’Arc", "Éluard", "Eluard A", "Œhm", "Ohm", "Petit", "Zidane"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// Whatever comes in, a folded text is letters, digits and single spaces, and
// folding it again changes nothing.
func TestFoldOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkFold(t, anyText(t)) })
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Hélène", "N´Guyen", "İ", "ŉ", "\xff", "ﷺ", "ϓ", strings.Repeat("0", 157) + "\xf2Ă"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func checkFold(t fataler, s string) {
	once := text.Fold(s)
	if twice := text.Fold(once); twice != once {
		t.Fatalf("Fold(%q) = %q, folded again %q", s, once, twice)
	}
	if once != strings.Join(strings.Fields(once), " ") {
		t.Fatalf("Fold(%q) = %q has stray spaces", s, once)
	}
	for _, r := range once {
		if r != ' ' && !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			t.Fatalf("Fold(%q) = %q holds %U", s, once, r)
		}
	}
}

// anyText draws bytes, ordinary text, and what hurts: accents, marks, hidden signs.
func anyText(t *rapid.T) string {
	hard := []rune("aéÉœßłđøİıſςΣ ’'´`ʼŉ\u0301\u0345\u00ad\u200d\u202e\u2028\u00a0\r\n\t<>😀①ﷺ가\u1100\u1161\u3164")
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom(hard), 0, 30, -1),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	).Draw(t, "s")
}
