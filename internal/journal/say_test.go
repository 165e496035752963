package journal_test

import (
	"strings"
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/text"
)

// TestEverySentenceIsWhole (AUD-1): every sentence of both languages says who did it, and
// nothing that it names is missing, even of an event that names nothing.
func TestEverySentenceIsWhole(t *testing.T) {
	for _, lang := range text.All {
		p := text.For(lang)
		for _, verb := range journal.Verbs() {
			for _, refused := range []bool{false, true} {
				for _, e := range []journal.Event{
					{Verb: verb, Refused: refused, Actor: journal.Party{Kind: "person", Name: "Bruno Lacaze"}},
					{Verb: verb, Refused: refused, Erased: true, Actor: journal.Party{Kind: "person"}, Subject: ident.NewMember(), Site: ident.NewSite()},
				} {
					s := journal.Sentence(p, e)
					if s == "" || strings.Contains(s, "no value") || strings.Contains(s, "{{") || !strings.HasPrefix(s, journal.Who(p, e)) {
						t.Errorf("%s, %s: %q", lang, verb, s)
					}
					if got := journal.Predicate(p, e); journal.Who(p, e)+" "+got != s && !strings.Contains(s, verb) {
						t.Errorf("%s, %s: %q does not end %q", lang, verb, got, s)
					}
				}
			}
		}
	}
}

// TestWords (AUD-1): names, codes and IDs are said in words.
func TestWords(t *testing.T) {
	site, role, m := ident.NewSite(), ident.NewRole(), ident.NewMember()
	e := journal.Event{
		Verb: "member.role_give", Actor: journal.Party{Kind: "person", Name: "Bruno Lacaze"}, Subject: m, Site: site,
		Names:  map[string]string{"member": "Julie Delmas", "site": "Grand-Pré"},
		Before: map[string]any{"status": "created", "temporary_passwords": true, "function": "nurse", "unknown_field": "x"},
		After: map[string]any{
			"role": role.String(), "built_in": "reader", "scope": site.String(), "status": "active", "temporary_passwords": false, "tokens_revoked": 2.0, "webhooks_stopped": 1.0,
			"expires_at": "2026-11-22T17:42:00Z", "sites": []any{}, "permissions": []any{"members.read"},
			"roles": []any{map[string]any{"role": role.String(), "scope": "organization"}},
		},
		Labels: map[string]string{role.String(): "role.reader", site.String(): "Grand-Pré"},
	}
	fr, en := text.For(text.FR), text.For(text.EN)
	nbsp := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	if got := nbsp.Replace(journal.Sentence(fr, e)); got != "Bruno Lacaze a donné le rôle « Lecture seule » à Julie Delmas (Grand-Pré)" {
		t.Errorf("%q", got)
	}
	if got := journal.Sentence(en, e); got != "Bruno Lacaze gave the role “Read only” to Julie Delmas (Grand-Pré)" {
		t.Errorf("%q", got)
	}
	want := map[string]string{
		"status": "Créé · invitation envoyée → Actif", "temporary_passwords": "oui → non", "role": " → Lecture seule", "scope": " → Grand-Pré",
		"tokens_revoked": " → 2", "webhooks_stopped": " → 1", "expires_at": " → 22 novembre 2026 à 18 h 42", "sites": " → aucun", "permissions": " → Voir les membres",
		"roles": " → Lecture seule (toute l’organisation)", "function": "Soins infirmiers → ", "unknown_field": "x → ",
	}
	for _, c := range journal.Changes(fr, e) {
		if got := nbsp.Replace(c.Before + " → " + c.After); got != want[c.Field] {
			t.Errorf("%s: %q, want %q", c.Field, got, want[c.Field])
		}
		delete(want, c.Field)
	}
	if len(want) > 0 {
		t.Errorf("nothing said of %v", want)
	}
}

// TestWho: an actor is named as far as the reader may know.
func TestWho(t *testing.T) {
	p := text.For(text.EN)
	for want, a := range map[string]journal.Party{
		"(person erased)":                       {Kind: "person"},
		"Someone outside the organisation":      {Kind: "person", Outside: true},
		"A token from outside the organisation": {Kind: "token", Outside: true},
		"Someone not signed in":                 {Kind: "anonymous"},
		"The server’s operator":                 {Kind: "system", Name: "habilis"},
		"The token “Payroll”":                   {Kind: "token", Name: "Payroll"},
	} {
		if got := journal.Who(p, journal.Event{At: time.Now(), Actor: a}); got != want {
			t.Errorf("%+v is %q, want %q", a, got, want)
		}
	}
}
