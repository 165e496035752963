package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"habilis/internal/text"
)

// INJ-01, INJ-02 and «names that hurt» (DESIGN.md 19).
func TestPersonName(t *testing.T) {
	tests := []struct {
		in, want string
		problem  text.Problem
	}{
		{"Hélène", "Hélène", text.Fine},
		{"He\u0301le\u0300ne", "Hélène", text.Fine},
		{"  Le \u00a0 Goff ", "Le Goff", text.Fine},
		{"N’Guyen-de La Tour du Pin", "N’Guyen-de La Tour du Pin", text.Fine},
		{"Marie‑Ségolène", "Marie‑Ségolène", text.Fine},
		{"O'Brien", "O'Brien", text.Fine},
		{"J.-P.", "J.-P.", text.Fine},
		{"Y", "Y", text.Fine},
		{"محمد", "محمد", text.Fine},
		{"\u962e", "\u962e", text.Fine}, // Nguyễn in Chinese
		{"Louis 2", "Louis 2", text.Fine},
		{strings.Repeat("é", 80), strings.Repeat("é", 80), text.Fine},
		{strings.Repeat("e\u0301", 80), strings.Repeat("é", 80), text.Fine},

		{"", "", text.Empty},
		{" \u00a0\u3000 ", "", text.Empty},
		{strings.Repeat("é", 81), "", text.TooLong},
		{strings.Repeat("a", 10_000), "", text.TooLong},
		{"Anne\r\nBcc: x@y.example", "", text.Control},
		{"Anne\n", "", text.Control},
		{"Anne\tMarie", "", text.Control},
		{"Anne\x00", "", text.Control},
		{"Anne\x1b[31m", "", text.Control},
		{"Anne\u2028Marie", "", text.Control},
		{"Anne\u2029", "", text.Control},
		{"\u202eeirraM", "", text.Control},
		{"\u2066Anne\u2069", "", text.Control},
		{"An\u200bne", "", text.Control},
		{"An\u00adne", "", text.Control},
		{"\ufeffAnne", "", text.Control},
		{"\u3164", "", text.Control},
		{"An\u034fne", "", text.Control},
		{"\ue000", "", text.Control},
		{"Anne\xff", "", text.Control},
		{"<script>alert(1)</script>", "", text.Symbol},
		{"=?utf-8?q?Anne?=", "", text.Symbol}, // INJ-02
		{"Anne 😀", "", text.Symbol},
		{"Anne ❤\ufe0f", "", text.Symbol},
		{"Anne 👩🏽", "", text.Symbol},
		{"1\u20e3 Anne", "", text.Symbol},
		{"=cmd|' /C calc'!A0", "", text.Symbol},
		{"@SUM(A1)", "", text.Symbol},
		{"{{.Name}}", "", text.Symbol},
		{"Anne https://evil.example", "", text.Symbol},
		{"Anne °", "", text.Symbol},
		{"Z" + strings.Repeat("\u0335", 9), "", text.Symbol},
		{"123", "", text.NoLetter},
		{"-", "", text.NoLetter},
	}
	for _, tt := range tests {
		got, problem := text.PersonName(tt.in)
		if got != tt.want || problem != tt.problem {
			t.Errorf("PersonName(%.40q) = %q, %q; want %q, %q", tt.in, got, problem, tt.want, tt.problem)
		}
	}
}

// What a line may hold and a person's name may not.
func TestLine(t *testing.T) {
	tests := []struct {
		in, want string
		limit    int
		problem  text.Problem
	}{
		{"Cabinet n° 4, « Les Tilleuls » (A+B) & Cie", "Cabinet n° 4, « Les Tilleuls » (A+B) & Cie", 60, text.Fine},
		{"2026", "2026", 4, text.Fine},
		{"abcde", "", 4, text.TooLong},
		{"a  b", "a b", 3, text.Fine},
		{"<b>", "", 60, text.Symbol},
		{"Clinique 🏥", "", 60, text.Symbol},
		{"a\rb", "", 60, text.Control},
	}
	for _, tt := range tests {
		got, problem := text.Line(tt.in, tt.limit)
		if got != tt.want || problem != tt.problem {
			t.Errorf("Line(%q, %d) = %q, %q; want %q, %q", tt.in, tt.limit, got, problem, tt.want, tt.problem)
		}
	}
}

// Each problem has its sentence, in both languages.
func TestProblemsHaveASentence(t *testing.T) {
	for _, problem := range []text.Problem{text.Empty, text.TooLong, text.Control, text.Symbol, text.NoLetter} {
		for _, lang := range text.All {
			if key := "fault." + string(problem); !text.For(lang).Has(key) {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}

func TestLineOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkLine(t, anyText(t)) })
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"Hélène", " a  b ", "\u1100\u1161", "a\u0301\u0327", "\xff", "<script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkLine(t, s) })
}

// checkLine: a refused text comes back empty; an accepted one is clean, and
// cleaning it again changes nothing.
func checkLine(t fataler, s string) {
	for name, clean := range map[string]func(string) (string, text.Problem){
		"Line":       func(s string) (string, text.Problem) { return text.Line(s, text.MaxPersonName) },
		"PersonName": text.PersonName,
	} {
		once, problem := clean(s)
		if problem != text.Fine {
			if once != "" {
				t.Fatalf("%s(%q) is refused and answers %q", name, s, once)
			}
			continue
		}
		if twice, again := clean(once); twice != once || again != text.Fine {
			t.Fatalf("%s(%q) = %q, cleaned again %q, %q", name, s, once, twice, again)
		}
		if utf8.RuneCountInString(once) > text.MaxPersonName || !norm.NFC.IsNormalString(once) ||
			strings.ContainsAny(once, "\r\n\t\x00<>\u2028\u2029\u202e") || once != strings.TrimSpace(once) {
			t.Fatalf("%s(%q) = %q is not clean", name, s, once)
		}
	}
}
