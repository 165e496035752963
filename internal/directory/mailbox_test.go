package directory

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// telecom is what the directory publishes as one mailbox; kind is its type, empty where it is
// left out, as public answers do.
func telecom(address, kind string) string {
	const nos = "https://mos.esante.gouv.fr/NOS/"
	extensions := `{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type",
		"valueCoding":{"system":"` + nos + `TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie","code":"MSSANTE"}}`
	if kind != "" {
		extensions += `,{"url":"https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata","extension":[
			{"url":"type","valueCodeableConcept":{"coding":[{"system":"` + nos + `TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL","code":"` + kind + `"}]}},
			{"url":"digitization","valueBoolean":false}]}`
	}
	return `{"system":"email","value":"` + address + `","extension":[` + extensions + `]}`
}

// mailed serves the published example with other mailboxes: of the person, and of the first of
// their activities.
func mailed(t *testing.T, own, atWork []string, active bool) http.HandlerFunc {
	t.Helper()
	set := func(file, kind string, list []string) string {
		var bundle struct {
			ResourceType string           `json:"resourceType"` //nolint:tagliatelle // as FHIR writes it
			Entry        []map[string]any `json:"entry"`
		}
		if err := json.Unmarshal([]byte(published(t, file)), &bundle); err != nil {
			t.Fatal(err)
		}
		for _, e := range bundle.Entry {
			r, _ := e["resource"].(map[string]any)
			if r["resourceType"] == kind {
				r["telecom"] = json.RawMessage("[" + strings.Join(list, ",") + "]")
				r["active"] = active || kind != "Practitioner"
				break
			}
		}
		b, err := json.Marshal(bundle)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	person, roles := set(personFile, "Practitioner", own), set(rolesFile, "PractitionerRole", atWork)
	return func(w http.ResponseWriter, r *http.Request) {
		body := published(t, emptyFile)
		switch {
		case strings.HasSuffix(r.URL.Path, "/PractitionerRole"):
			body = roles
		case r.URL.Query().Get("identifier") == systemRPPS+"|"+saucier:
			body = person
		}
		_, _ = io.WriteString(w, body)
	}
}

// VER-2: whose a mailbox is decides who comes in. Personal ones are the practitioner's, on themself
// and on their activities, each once; not those of a cabinet, an organisation or a program, nor, on
// an activity, one of which nobody says whose it is, and none outside the space of MSSanté, whatever
// it is marked as.
func TestMailboxes(t *testing.T) {
	a := serve(t, mailed(t, []string{
		telecom("Rosa.Vidal@pro.mssante.fr", "PER"), telecom("sans.type@medecin.mssante.fr", ""), telecom("accueil@ch.mssante.fr", "ORG"),
		telecom("robot@ch.mssante.fr", "APP"), telecom("rosa@example.fr", "PER"), telecom("rosa@mssante.fr.example.fr", "PER"),
		telecom("rosa@notmssante.fr", "PER"), telecom("deux@x.mssante.fr@example.fr", "PER"), telecom("deux@medecin.mssante.fr", "CAB"),
	}, []string{
		telecom("cabinet@medecin.mssante.fr", "CAB"), telecom("de-qui@medecin.mssante.fr", ""), telecom("rosa.vidal@pro.mssante.fr", "PER"),
		telecom("rosa.vidal@ch.mssante.fr", "PER"),
	}, true))
	got := MailboxesOf(t.Context(), Lookup{Sources: []Source{silentIndex{}, a.client(t, nil)}}, saucier)
	want := []string{"rosa.vidal@pro.mssante.fr", "sans.type@medecin.mssante.fr", "rosa.vidal@ch.mssante.fr"}
	if !got.Asked || !slices.Equal(got.Addresses, want) {
		t.Errorf("%+v", got)
	}
	got = MailboxesOf(t.Context(), Directory{Source: Lookup{Sources: []Source{a.client(t, nil)}}}, "10003461041")
	if got.Asked || got.Addresses != nil { // a rebuilt API answers so of people whom the index publishes
		t.Errorf("DIR-1, of whom it does not find it says nothing: %+v", got)
	}
}

// silentIndex stands first, as the local index does: it answers about people, and knows no mailbox.
type silentIndex struct{}

func (silentIndex) ByRPPS(_ context.Context, rpps string) (Answer, error) {
	return Answer{Origin: FromIndex, Practitioners: []Practitioner{{RPPS: rpps}}}, nil
}
func (silentIndex) ByName(context.Context, Name) (Answer, error) { return Answer{}, nil }

// VER-2: somebody who does not practise any more has no mailbox that proves anything.
func TestMailboxesOfInactive(t *testing.T) {
	a := serve(t, mailed(t, []string{telecom("rosa.vidal@pro.mssante.fr", "PER")}, nil, false))
	if got := MailboxesOf(t.Context(), a.client(t, nil), saucier); !got.Asked || got.Addresses != nil {
		t.Errorf("%+v", got)
	}
}

// DIR-1: an API that fails, an answer about somebody else, or no API at all says nothing of any mailbox.
func TestMailboxesUnasked(t *testing.T) {
	down := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	wrong := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, published(t, personFile)) })
	for name, s := range map[string]Source{
		"down": Lookup{Sources: []Source{down.client(t, nil)}}, "alone, down": down.client(t, nil), "somebody else": wrong.client(t, nil),
		"no API": Lookup{Sources: []Source{silentIndex{}}}, "no source of mailboxes": silentIndex{},
	} {
		if got := MailboxesOf(t.Context(), s, "10101201234"); got.Asked || got.Addresses != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
