package text_test

import (
	"strings"
	"testing"

	"habilis/internal/text"
)

func TestParseLang(t *testing.T) {
	tests := map[string]text.Lang{
		"fr": text.FR, "fr-FR": text.FR, "fr-CA": text.FR, "FR": text.FR, "fr_FR": text.FR,
		"en": text.EN, "en-GB": text.EN, "en-US": text.EN,
		"de": "", "": "", "und": "", "x-fr": "", "français": "", "fr\r\nX: y": "", "*": "",
		strings.Repeat("fr-", 1000): "",
	}
	for tag, want := range tests {
		got, ok := text.ParseLang(tag)
		if got != want || ok != (want != "") {
			t.Errorf("ParseLang(%.20q) = %q, %v; want %q", tag, got, ok, want)
		}
	}
}

// The person's choice, then the browser's, then French.
func TestMatch(t *testing.T) {
	tests := []struct {
		preferred, header string
		want              text.Lang
	}{
		{"", "", text.FR},
		{"en", "fr-FR", text.EN},
		{"fr-FR", "en", text.FR},
		{"de", "en-GB,en;q=0.9", text.EN},
		{"", "en-US,en;q=0.9", text.EN},
		{"", "fr-CA,en;q=0.5", text.FR},
		{"", "de,en;q=0.5", text.EN},
		{"", "en;q=0.3,fr;q=0.8", text.FR},
		{"", "ja", text.FR},
		{"", "*", text.FR},
		{"", "nonsense;;q=", text.FR},
		{"", strings.Repeat("en,", 5000), text.FR},
	}
	for _, tt := range tests {
		if got := text.Match(tt.preferred, tt.header); got != tt.want {
			t.Errorf("Match(%q, %.30q) = %s, want %s", tt.preferred, tt.header, got, tt.want)
		}
	}
}
