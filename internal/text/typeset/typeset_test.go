package typeset_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/text/typeset"
)

// In these tests ~ stands for U+00A0 and _ for U+202F.
var (
	shown  = strings.NewReplacer("\u00a0", "~", "\u202f", "_")
	hidden = strings.NewReplacer("~", "\u00a0", "_", "\u202f")
)

// DESIGN.md 9, line by line.
func TestFrench(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Erreur : deux", "Erreur~: deux"},
		{"Erreur: deux", "Erreur~: deux"},
		{"Erreur_: deux", "Erreur~: deux"},
		{"Le réactiver ?", "Le réactiver_?"},
		{"Le réactiver?", "Le réactiver_?"},
		{"oui~; non", "oui_; non"},
		{"Retirer « Paul Garnier » ?", "Retirer «~Paul Garnier~»_?"},
		{"«Paul»", "«~Paul~»"},
		{`"Paul"`, "«~Paul~»"},
		{"Saisissez l'adresse", "Saisissez l’adresse"},
		{"Désactiver ...", "Désactiver…"},
		{"Désactiver …", "Désactiver…"},
		{"« … »", "«~…~»"},
		{"RPPS 99 700 004 122", "RPPS 99~700~004~122"},
		{"06 12 34 56 78", "06~12~34~56~78"},
		{"1 2 3 4 5", "1~2~3~4~5"},
		{"à 18:42", "à 18~h~42"},
		{"à 18 h 42, ou 9 h", "à 18~h~42, ou 9~h"},
		{"Valable 7 jours.", "Valable 7~jours."},
		{"15 caractères, 2 Mo, 50 %, 50%", "15~caractères, 2~Mo, 50~%, 50~%"},
		{"le 20 novembre 2026", "le 20~novembre 2026"},
		{"le 1er décembre", "le 1er~décembre"},
		{"Dr Morvan, Mme Roussel, n° 4", "Dr~Morvan, Mme~Roussel, n°~4"},
		{"Dr {{.Name}}", "Dr~{{.Name}}"},
		{"{{.Count}} invitations", "{{.Count}}~invitations"},
		{"{{.Count}} sur {{.Total}}", "{{.Count}} sur {{.Total}}"},
		{"{{.Max}} caractères", "{{.Max}}~caractères"},
		{"{{.Title}} : suite", "{{.Title}}~: suite"},
		{"« {{.Name}} »", "«~{{.Name}}~»"},
		{"Etat : A valider", "État~: À valider"},
		{"Voir  la page , puis sortir .", "Voir la page, puis sortir."},
		{" Voir ", "Voir"},

		// Untouched.
		{"{{ .Name }}", "{{ .Name }}"},
		{"Ouvrez https://annuaire.sante.fr/?a=1:2;b, puis revenez", "Ouvrez https://annuaire.sante.fr/?a=1:2;b, puis revenez"},
		{"Ouvrez https://sante.fr.", "Ouvrez https://sante.fr."},
		{"commençant par https://", "commençant par https://"},
		{"comme nom@cabinet.fr", "comme nom@cabinet.fr"},
		{"A. Martin", "A. Martin"},
		{"Étape 2 sur 4", "Étape 2 sur 4"},
		{"(facultatif)", "(facultatif)"},
		{"Créé · invitation envoyée", "Créé · invitation envoyée"},
		{"Entrée, Espace", "Entrée, Espace"},
		{"un fichier .csv", "un fichier .csv"},
		{"Bonjour,\n\nVotre compte", "Bonjour,\n\nVotre compte"},
		{"", ""},
	}
	for _, tt := range tests {
		in, want := hidden.Replace(tt.in), hidden.Replace(tt.want)
		if got := typeset.French(in); got != want {
			t.Errorf("French(%s) = %s, want %s", tt.in, shown.Replace(got), tt.want)
		}
		if found := typeset.Check(want); len(found) > 0 {
			t.Errorf("Check(%s) = %v", tt.want, found)
		}
		if found := typeset.Check(in); (len(found) == 0) != (in == want) {
			t.Errorf("Check(%s) = %v", tt.in, found)
		}
	}
}

// What only an author can correct is told, and left.
func TestRefusals(t *testing.T) {
	tests := []struct{ in, rule string }{
		{"Bravo_!", "no exclamation mark"},
		{`5" de`, "straight quotation mark left alone"},
		{"administrateur·rice", "no median point inside a word"},
		{"invité(e)", "no brackets inside a word"},
		{"oui — non", "no long dash"},
		{"Fait ✅", "no emoji"},
		{"un\u2009espace", "no unusual space"},
		{"Oups, une erreur", "no Oups"},
		{"Votre token", "a word of DESIGN.md 9 instead"},
	}
	for _, tt := range tests {
		in := hidden.Replace(tt.in)
		if got := typeset.French(in); got != in {
			t.Errorf("French(%s) = %s", tt.in, shown.Replace(got))
		}
		found := typeset.Check(in)
		if len(found) != 1 || found[0].Rule != tt.rule || found[0].Fixed != "" {
			t.Errorf("Check(%s) = %v, want %s", tt.in, found, tt.rule)
		}
	}
}

// A misprint tells the rule, the place and what should stand there.
func TestMisprint(t *testing.T) {
	found := typeset.Check("Référence {{.Ref}} : notez-la")
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	want := "U+00A0 before a colon, at character 18: «nce {{.Ref}} : notez-la» should be «nce {{.Ref}}[U+00A0]: notez-la»"
	if got := found[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// anySentence draws words, figures and addresses with the spaces and signs that
// authors put around them, right or wrong.
func anySentence() *rapid.Generator[string] {
	words := []string{"mot", "A", "valider", "Etat", "l'un", "Dr", "n°", "M.", "1er", "mai", "20", "1", "18:42", "h", "42", "jours", "50 %",
		"{{.Count}}", "{{.Name}}", "https://a.fr/?b", "a@b.fr", "« mot »", "«mot»", `"mot"`, "(mot)", "mot..."}
	spaces := []string{"", " ", "  ", "\u00a0", "\u202f"}
	signs := []string{"", "", "", ",", ".", ":", ";", "?", "…", "..."}
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "words") {
			b.WriteString(rapid.SampledFrom(words).Draw(t, "word"))
			b.WriteString(rapid.SampledFrom(spaces).Draw(t, "before"))
			b.WriteString(rapid.SampledFrom(signs).Draw(t, "sign"))
			b.WriteString(rapid.SampledFrom(spaces).Draw(t, "after"))
		}
		return b.String()
	})
}

// A set text is right, and setting it again changes nothing.
func TestFrenchOfAnything(t *testing.T) {
	sentences := anySentence()
	rapid.Check(t, func(t *rapid.T) {
		s := sentences.Draw(t, "sentence")
		once := typeset.French(s)
		if twice := typeset.French(once); twice != once {
			t.Fatalf("French(%q) = %q, set again %q", s, once, twice)
		}
		for _, misprint := range typeset.Check(once) {
			if misprint.Fixed != "" {
				t.Fatalf("French(%q) = %q still breaks: %s", s, once, misprint)
			}
		}
	})
}

// The file keeps its keys, their order and its layout.
func TestCatalogue(t *testing.T) {
	src := "{\n  \"z.key : x\": \"Erreur : l'un\",\n\n\t\"a.key\" : {\"one\":\"{{.Count}} jour\", \"other\":\"{{.Count}} jours\\n\\u00e9 <b>\"},\n  \"b.key\": \"d\\u00e9j\\u00e0 bon\"\n}\n"
	want := "{\n  \"z.key : x\": \"Erreur~: l’un\",\n\n\t\"a.key\" : {\"one\":\"{{.Count}}~jour\", \"other\":\"{{.Count}}~jours\\né <b>\"},\n  \"b.key\": \"d\\u00e9j\\u00e0 bon\"\n}\n"
	got, err := typeset.Catalogue([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if shown.Replace(string(got)) != want {
		t.Errorf("got  %s\nwant %s", shown.Replace(string(got)), want)
	}
	if _, err := typeset.Catalogue([]byte(`{"a": "b"`)); err == nil {
		t.Error("a broken file is accepted")
	}
}
