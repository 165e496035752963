package account

import (
	"strings"
	"testing"
	"unicode"
)

// rules.md 11: one canonical key an address; what the eye confuses is refused.
func TestParseEmail(t *testing.T) {
	for typed, want := range map[string]string{
		"julie@tilleuls.example":                         "julie@tilleuls.example",
		"  Julie.Delmas@Tilleuls.EXAMPLE ":               "julie.delmas@tilleuls.example",
		"\u00a0julie@tilleuls.example\n":                 "julie@tilleuls.example",
		"j+rdv@a-b.fr":                                   "j+rdv@a-b.fr",
		"RENÉ@exemple.fr":                                "rené@exemple.fr",
		"contact@clinique-épée.fr":                       "contact@xn--clinique-pe-jbbb.fr",
		"contact@XN--CLINIQUE-PE-JBBB.fr":                "contact@xn--clinique-pe-jbbb.fr",
		"info@bücher.example":                            "info@xn--bcher-kva.example",
		"a@straße.example":                               "a@xn--strae-oqa.example",
		"o'neil@exemple.fr":                              "o'neil@exemple.fr",
		"почта@exemple.fr":                               CodeEmailLookalike,
		"info@почта.example":                             "info@xn--80a1acny.example",
		"":                                               CodeEmailEmpty,
		" \t\n ":                                         CodeEmailEmpty,
		"julie":                                          CodeEmailMalformed,
		"julie@":                                         CodeEmailMalformed,
		"@tilleuls.example":                              CodeEmailMalformed,
		"a@b@c.fr":                                       CodeEmailMalformed,
		"julie@localhost":                                CodeEmailMalformed,
		"julie@[192.0.2.1]":                              CodeEmailMalformed,
		"julie@192.0.2.1":                                CodeEmailMalformed,
		"julie@tilleuls.example.":                        CodeEmailMalformed,
		"julie@tilleuls..example":                        CodeEmailMalformed,
		"julie@-tilleuls.example":                        CodeEmailMalformed,
		"julie@til_leuls.example":                        CodeEmailMalformed,
		".julie@tilleuls.example":                        CodeEmailMalformed,
		"ju..lie@tilleuls.example":                       CodeEmailMalformed,
		`"ju lie"@tilleuls.example`:                      CodeEmailMalformed,
		"ju lie@tilleuls.example":                        CodeEmailMalformed,
		"Julie <julie@tilleuls.example>":                 CodeEmailMalformed,
		"julie@tilleuls.example, a@b.fr":                 CodeEmailMalformed,
		"julie@tilleuls.example\r\nBcc: a":               CodeEmailMalformed, // INJ-02
		"julie\x00@tilleuls.example":                     CodeEmailMalformed,
		"julie@tilleuls.example\xff":                     CodeEmailMalformed,
		"ju\u00a0lie@tilleuls.example":                   CodeEmailMalformed,
		"julіe@tilleuls.example":                         CodeEmailLookalike, // Cyrillic і
		"julie@tіlleuls.example":                         CodeEmailLookalike,
		"julie@аррӏе.example":                            CodeEmailLookalike, // every letter a Cyrillic twin
		"julie@xn--80ak6aa92e.example":                   CodeEmailLookalike, // the same, written in ASCII
		"julie@tilleulɑ.example":                         CodeEmailLookalike, // Latin alpha
		"julıe@tilleuls.example":                         CodeEmailLookalike, // dotless i
		"ｊulie@tilleuls.example":                         CodeEmailLookalike, // full width: NFKC changes it
		"rene\u0301@exemple.fr":                          CodeEmailLookalike, // NFD
		"ju\u200dlie@tilleuls.example":                   CodeEmailLookalike,
		"ju\u202elie@tilleuls.example":                   CodeEmailLookalike,
		strings.Repeat("a", 64) + "@b.fr":                strings.Repeat("a", 64) + "@b.fr",
		strings.Repeat("a", 65) + "@b.fr":                CodeEmailTooLong,
		"a@" + strings.Repeat("b.", 126) + "fr":          CodeEmailTooLong,
		"a@" + strings.Repeat("b", 64) + ".fr":           CodeEmailMalformed,
		strings.Repeat("x", 10000) + "@tilleuls.example": CodeEmailTooLong,
	} {
		e, code := ParseEmail(typed)
		if got := e.Key + code; got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		if code == "" && e.Address != strings.TrimSpace(typed) {
			t.Errorf("%q: mail would go to %q", typed, e.Address)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"julie@tilleuls.example", "RENÉ@Cabinet.fr", "a@xn--bcher-kva.example", "a@b\r\n.fr", "a@аррӏе.example", "a@ß.fr", "a@b。fr"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		e, code := ParseEmail(typed)
		if (code == "") == (e == Email{}) {
			t.Fatalf("%q: %+v and %q", typed, e, code)
		}
		if code != "" {
			return
		}
		for _, s := range []string{e.Key, e.Address} {
			if len(s) > MaxEmail || strings.Count(s, "@") != 1 || strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsFunc(s, unicode.IsSpace) {
				t.Fatalf("%q: %q", typed, s)
			}
		}
		if _, domain, _ := strings.Cut(e.Key, "@"); strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" || !strings.Contains(domain, ".") {
			t.Fatalf("%q: domain of %q", typed, e.Key)
		}
		for _, variant := range []string{e.Key, strings.ToUpper(e.Key), " " + e.Address + "\n"} {
			if again, code := ParseEmail(variant); code != "" || again.Key != e.Key {
				t.Fatalf("%q: %q becomes %q (%s)", typed, variant, again.Key, code)
			}
		}
	})
}
