package text_test

import (
	"testing"

	"habilis/internal/text"
)

// AUD-4: somebody is found in a text however they are written there, and nobody else is.
func TestRedact(t *testing.T) {
	r := text.NewRedactor(text.Person{
		Names:  [][2]string{{"Zéphyrine", "Quatrefages-Noël"}},
		Emails: []string{"zephyrine.q@lilas.example"}, Phones: []string{"+33612345678"}, Numbers: []string{"10101234567"}, Alone: true,
	})
	for in, want := range map[string]string{
		"Agenda de Zéphyrine Quatrefages-Noël":   "Agenda de —",
		"agenda de zephyrine quatrefages noel":   "agenda de —",
		"QUATREFAGES-NOËL Zéphyrine, médecin":    "—, médecin",
		"Vu avec Dr Quatrefages-Noël ce matin":   "Vu avec — ce matin",
		"Mme Quatrefages-Noel part":              "— part",
		"Z. Quatrefages-Noël":                    "—",
		`{"email":"Zephyrine.Q@lilas.example"}`:  `{"email":"—"}`,
		`["06 12 34 56 78","+33 6 12 34 56 78"]`: `["—","—"]`,
		"RPPS 1010 1234 567.":                    "RPPS —.",
		" zephyrine quatrefages noel medecin":    " — medecin",
		"Zéphyrine Quatrefages-Noëlle":           "Zéphyrine Quatrefages-Noëlle",
		"Zéphyrine Martin":                       "Zéphyrine Martin",
		"110101234567":                           "110101234567",
		"Rue Quatrefages":                        "Rue Quatrefages",
		"xzephyrine.q@lilas.example":             "xzephyrine.q@lilas.example",
		"Quatrefages-Noël":                       "—",
		"":                                       "",
	} {
		got, found := r.Redact(in)
		if got != want || found != (in != want) || r.Finds(in) != found {
			t.Errorf("%q: %q %v, not %q", in, got, found, want)
		}
	}
	if got, found := (text.Redactor{}).Redact("Zéphyrine"); found || got != "Zéphyrine" {
		t.Error("nobody was found")
	}
	if r := text.NewRedactor(text.Person{Names: [][2]string{{"N’Guyen", "Lœil"}}, Alone: true}); !r.Finds("nguyen loeil") || !r.Finds("N'GUYEN LŒIL") {
		t.Error("apostrophes and ligatures are not seen through")
	}
}
