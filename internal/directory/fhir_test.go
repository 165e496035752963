package directory

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/outbound"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// The person of the published examples; the number is fictive and has no valid key.
const (
	saucier   = "10003461033"
	testKey   = "cle-de-l-annuaire-7f3a"
	personTwo = "10101201234"
)

// published is the text of an example of health/data/fhir.
func published(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "fhir", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The two answers about one person.
const (
	personFile = "constructed_Bundle-practitioner-by-rpps_revinclude-roles.json"
	rolesFile  = "constructed_Bundle-practitionerrole-by-practitioner_include-organization.json"
	emptyFile  = "constructed_Bundle-empty.json"
)

// api is a server on this machine that speaks as the Annuaire Santé does.
type api struct {
	*httptest.Server
	asked atomic.Int64
	logs  bytes.Buffer
}

func serve(t testing.TB, h http.HandlerFunc) *api {
	t.Helper()
	a := &api{}
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		w.Header().Set("Content-Type", "application/fhir+json;charset=UTF-8")
		h(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

// client is a client of the API, made as the roof makes it.
func (a *api) client(t testing.TB, db *store.DB) *FHIR {
	t.Helper()
	base, err := url.Parse(a.URL + "/fhir/v2")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	return NewFHIR(FHIROptions{
		Base: base, Key: secret.NewText(testKey), DB: db, Log: slog.New(slog.NewTextHandler(&a.logs, nil)),
		Client: outbound.New(outbound.Options{Operator: []string{outbound.HostPort(base)}, Roots: roots, MaxBody: MaxAnswer}),
	})
}

// annuaire answers with the published examples.
func annuaire(t testing.TB) http.HandlerFunc {
	t.Helper()
	person, roles, empty := published(t, personFile), published(t, rolesFile), published(t, emptyFile)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("ESANTE-API-KEY") != testKey {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "Unauthorized")
			return
		}
		q := r.URL.Query()
		switch {
		case r.URL.Path == "/fhir/v2/Practitioner" && q.Get("identifier") == systemRPPS+"|"+saucier:
			_, _ = io.WriteString(w, person)
		case r.URL.Path == "/fhir/v2/Practitioner" && strings.EqualFold(q.Get("name:contains"), "saucier") && q.Get("active") == "true":
			_, _ = io.WriteString(w, person)
		case r.URL.Path == "/fhir/v2/PractitionerRole" && q.Get("practitioner") == "334081" && q.Get("_include") == "PractitionerRole:organization":
			_, _ = io.WriteString(w, roles)
		default:
			_, _ = io.WriteString(w, empty)
		}
	}
}

// DIR-1: the two-call look-up reads the published examples whole.
func TestByRPPS(t *testing.T) {
	a := serve(t, annuaire(t))
	got, err := a.client(t, nil).ByRPPS(t.Context(), saucier)
	if err != nil || got.Origin != FromFHIR || len(got.Practitioners) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	p := got.Practitioners[0]
	want := Practitioner{
		RPPS: saucier, NationalID: "8" + saucier, Active: true, Civility: "M", FamilyName: "Saucier", GivenName: "Arthur",
		MSSante: []string{"jeromebonnet@pro.mssante.fr"},
	}
	if p.Activities == nil || p.FamilyName != want.FamilyName || p.GivenName != want.GivenName || p.Civility != want.Civility ||
		p.NationalID != want.NationalID || !p.Active || len(p.MSSante) != 1 || p.MSSante[0] != want.MSSante[0] {
		t.Errorf("%+v", p)
	}
	if len(p.Activities) != 2 {
		t.Fatalf("%d activities", len(p.Activities))
	}
	first, second := p.Activities[0], p.Activities[1]
	if first.ID != "1010399870" || first.Mode.Code != "L" || first.Profession.Code != "10" || first.Category.Code != "C" || first.Genre.Code != "GENR01" ||
		first.Role.Code != "FON-AU" || first.Sector.Code != "SA08" || first.Structure.Name != "CABINET SAINT ANTOINE" || first.Structure.ID != "R10005531586003" {
		t.Errorf("%+v", first)
	}
	if first.Profession.Label != "Médecin" || first.Mode.Label == "" || first.Sector.Label == "" || first.Genre.Label == "" || first.Role.Label == "" {
		t.Errorf("labels come from the nomenclatures: %+v", first)
	}
	if s := second.Structure; s.FINESS != "754567860" || s.ID != "F754567860" || s.City != "PARIS" || s.PostalCode != "75014" || s.Phone != "0450636363" || s.Street != "96 R DIDOT" {
		t.Errorf("the line of the address is absent, its parts are not: %+v", s)
	}
	if n := a.asked.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
	if got, err := a.client(t, nil).ByRPPS(t.Context(), "99700000000"); err != nil || got.Origin != FromFHIR || len(got.Practitioners) != 0 {
		t.Errorf("nobody has this number, and that is an answer: %+v %v", got, err)
	}
}

// DIR-1: of somebody who is no longer active little more than the numbers is left, and
// that is an answer too.
func TestDeactivated(t *testing.T) {
	person := published(t, "constructed_Practitioner-deactivated.json")
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","entry":[{"resource":%s}]}`, person)
	})
	got, err := a.client(t, nil).ByRPPS(t.Context(), saucier)
	if err != nil || len(got.Practitioners) != 1 || got.Practitioners[0].Active || got.Practitioners[0].RPPS != saucier || a.asked.Load() != 1 {
		t.Errorf("%+v %v, %d requests", got, err, a.asked.Load())
	}
}

// DIR-1: what published answers write now as a text, now as a number, is read either way.
func TestTolerance(t *testing.T) {
	for name, change := range map[string][2]string{
		"a number for a version": {`"versionId": "1"`, `"versionId": 2`},
		"no meta":                {`"language": "fr",`, ``},
		"given names as a text":  {"\"given\": [\n              \"Arthur\"\n            ]", `"given": "Arthur"`},
		"a null among them":      {`"Arthur"`, `null, "Arthur", null`},
		"the number as a number": {`"value": "` + saucier + `"`, `"value": ` + saucier},
		"active as a text":       {`"active": true`, `"active": "true"`},
		"a null list":            {`"qualification": [`, `"contained": null, "qualification": [`},
		"an unknown resource":    {`"entry": [`, `"entry": [{"resource":{"resourceType":"OperationOutcome","issue":[]}},{},`},
		"the same person twice":  {`"entry": [`, `"entry": [` + entry(t) + `,`},
	} {
		person, roles := published(t, personFile), published(t, rolesFile)
		changed := strings.Replace(person, change[0], change[1], 1)
		if changed == person {
			t.Fatalf("%s: nothing was changed", name)
		}
		a := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "Role") {
				_, _ = io.WriteString(w, roles)
				return
			}
			_, _ = io.WriteString(w, changed)
		})
		got, err := a.client(t, nil).ByRPPS(t.Context(), saucier)
		if err != nil || len(got.Practitioners) != 1 || got.Practitioners[0].GivenName != "Arthur" || len(got.Practitioners[0].Activities) != 2 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// entry is the person of the examples, as one entry of a bundle.
func entry(t testing.TB) string {
	t.Helper()
	var b struct {
		Entry []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal([]byte(published(t, personFile)), &b); err != nil {
		t.Fatal(err)
	}
	return string(b.Entry[0])
}

// Every published example of a resource is read without complaint.
func TestPublishedExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/fhir/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var all resources
		if !bytes.Contains(body, []byte(`"Bundle"`)) {
			body = fmt.Appendf(nil, `{"resourceType":"Bundle","entry":[{"resource":%s}]}`, body)
		}
		if _, err := all.add(body); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		for _, p := range all.practitioners {
			v := p.read()
			v.Activities = p.activities(all)
			if v.FamilyName == "" && v.Active {
				t.Logf("%s: %+v", f, v)
			}
		}
	}
	var sophie fhirPractitioner
	if err := decode([]byte(published(t, "pdsm-3.1.1_Practitioner-with-smartcard.json")), &sophie); err != nil {
		t.Fatal(err)
	}
	v := sophie.read()
	if v.RPPS != personTwo || v.Title != "DR" || v.Civility != "MME" || v.FamilyName != "Leclerc" || v.MSSante[0] != "sophie.leclerc@mssante.fr" {
		t.Errorf("%+v", v)
	}
	if a := sophie.activities(resources{}); len(a) != 1 || a[0].Profession.Code != "70" || a[0].Category.Code != "C" {
		t.Errorf("a profession without a place: %+v", a)
	}
}

// DIR-1: name and town; the town is looked for where people work.
func TestByName(t *testing.T) {
	a := serve(t, annuaire(t))
	c := a.client(t, nil)
	for _, n := range []Name{{Words: "Saucier"}, {Words: "SAUCIER", City: "paris"}, {Words: "saucier", City: "75014"}} {
		got, err := c.ByName(t.Context(), n)
		if err != nil || len(got.Practitioners) != 1 || len(got.Practitioners[0].Activities) != 2 || got.More {
			t.Errorf("%+v: %+v %v", n, got, err)
		}
	}
	for _, n := range []Name{{Words: "Saucier", City: "Brest"}, {Words: "Boucher"}, {Words: " "}} {
		got, err := c.ByName(t.Context(), n)
		if err != nil || got.Origin != FromFHIR || len(got.Practitioners) != 0 {
			t.Errorf("%+v: %+v %v", n, got, err)
		}
	}
}

// DIR-1: pages follow link[next], on the API's own server only, and not for ever.
func TestPages(t *testing.T) {
	person := entry(t)
	var a *api
	a = serve(t, func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("id")
		next := map[string]string{
			"": "", "one": a.URL + "/fhir/v2/_page?id=last", "away": "https://annuaire.example/fhir/v2/_page?id=x", "up": a.URL + "/admin",
			"plain": strings.Replace(a.URL, "https", "http", 1) + "/fhir/v2/_page?id=x", "user": strings.Replace(a.URL, "://", "://x@", 1) + "/fhir/v2/_page",
			"dots": a.URL + "/fhir/v2/../admin", "loop": a.URL + "/fhir/v2/_page?id=loop",
		}
		switch {
		case strings.HasSuffix(r.URL.Path, "Role"):
			_, _ = io.WriteString(w, `{"resourceType":"Bundle"}`)
		case id == "last":
			_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","entry":[{"resource":%s}]}`, resourceOf(t, person))
		case id == "loop":
			_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","link":[{"relation":"next","url":%q}]}`, next["loop"])
		default:
			kind := strings.TrimPrefix(r.URL.Query().Get("name:contains"), "saucier")
			_, _ = fmt.Fprintf(w, `{"resourceType":"Bundle","link":[{"relation":"self","url":"x"},{"relation":"next","url":%q}]}`, next[kind])
		}
	})
	for kind, want := range map[string]int{"": 0, "one": 1} {
		got, err := a.client(t, nil).ByName(t.Context(), Name{Words: "saucier" + kind})
		if err != nil || (kind == "" && len(got.Practitioners) != want) {
			t.Errorf("%q: %+v %v", kind, got, err)
		}
	}
	for _, kind := range []string{"away", "up", "plain", "user", "dots"} {
		if _, err := a.client(t, nil).ByName(t.Context(), Name{Words: "saucier" + kind}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	before := a.asked.Load()
	got, err := a.client(t, nil).ByName(t.Context(), Name{Words: "saucierloop"})
	if n := a.asked.Load() - before; err != nil || !got.More || n != maxPages {
		t.Errorf("a loop of pages: %+v %v, %d requests", got, err, n)
	}
}

func resourceOf(t testing.TB, entry string) string {
	t.Helper()
	var e struct {
		Resource json.RawMessage `json:"resource"`
	}
	if err := json.Unmarshal([]byte(entry), &e); err != nil {
		t.Fatal(err)
	}
	return string(e.Resource)
}

// DIR-1, OUT-01, OUT-03: down, slow or garbage is "not checked", quickly, in little
// memory, and nobody is told anything wrong. (issue 4, must show 1)
func TestMisbehaving(t *testing.T) {
	person, roles := published(t, personFile), published(t, rolesFile)
	other := strings.ReplaceAll(person, saucier, personTwo)
	twice := strings.Replace(person, `"entry": [`, `"entry": [`+strings.ReplaceAll(entry(t), "334081", "334082")+`,`, 1)
	var elsewhere atomic.Int64
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer inside.Close()
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	second := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "Role") {
				h(w, r)
				return
			}
			_, _ = io.WriteString(w, person)
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"500":                    say(500, "Internal Server Error"),
		"500 with outcome":       say(500, published(t, "doc-v2_OperationOutcome-unknown-resource.json")),
		"200 with outcome":       say(200, published(t, "doc-v2_OperationOutcome-unknown-resource.json")),
		"401 of the gateway":     say(401, `{"message":"Unauthorized","http_status_code":401}`),
		"403 of unknown form":    say(403, `<html>Forbidden</html>`),
		"404":                    say(404, ""),
		"429":                    say(429, "slow down"),
		"304 out of nowhere":     say(304, ""),
		"HTML":                   say(200, "<!doctype html><title>Maintenance</title>"),
		"nothing":                say(200, ""),
		"null":                   say(200, "null"),
		"a list":                 say(200, "[]"),
		"truncated":              say(200, person[:len(person)/2]),
		"truncated, second call": second(say(200, roles[:len(roles)/2])),
		"500, second call":       second(say(500, "")),
		"HTML, second call":      second(say(200, "<html>")),
		"another's activities":   second(say(200, strings.ReplaceAll(roles, "Practitioner/334081", "Practitioner/1"))),
		"silence":                func(_ http.ResponseWriter, r *http.Request) { waitFor(r, time.Minute) },
		"silence, second call":   second(func(_ http.ResponseWriter, r *http.Request) { waitFor(r, time.Minute) }),
		"to this machine":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, http.StatusFound) },
		"to the metadata": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusTemporaryRedirect)
		},
		"200 MB": large,
		"drip":   drip,
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = io.WriteString(w, person[:99])
		},
		"the wrong person":        say(200, other),
		"two persons, one number": say(200, twice),
		"two numbers, one person": say(200, strings.Replace(person, `"identifier": [`, `"identifier": [{"system":"https://rpps.esante.gouv.fr","value":"10101201234"},`, 1)),
		"no number":               say(200, strings.ReplaceAll(person, systemRPPS, "https://other.example")),
		"not said to be active":   say(200, strings.ReplaceAll(person, `"active": true`, `"active": null`)),
		"an id that is a path":    say(200, strings.ReplaceAll(person, `"id": "334081"`, `"id": "../admin?x="`)),
		"deep":                    say(200, `{"resourceType":"Bundle","entry":`+strings.Repeat("[", 100_000)),
		"a list for a name":       say(200, strings.Replace(person, `"name": [`, `"name": [[1],`, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, h)
			l := Lookup{Sources: []Source{a.client(t, nil)}, Log: slog.New(slog.NewTextHandler(&a.logs, nil))}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			got, err := l.ByRPPS(t.Context(), saucier)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if err != nil || got.Origin != NotChecked || len(got.Practitioners) != 0 {
				t.Errorf("it should not be checked: %+v %v", got, err)
			}
			if took > LookupTime+3*time.Second {
				t.Errorf("took %s", took)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
				t.Errorf("%d MiB were allocated", grown>>20)
			}
			if log := a.logs.String(); strings.Contains(log, testKey) || strings.Contains(log, "Maintenance") || strings.Contains(log, "Saucier") || !strings.Contains(log, "not checked") {
				t.Errorf("the log tells too much, or nothing: %s", log)
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("a redirect was followed to this machine")
	}
}

// waitFor is silence, until the client leaves.
func waitFor(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

func large(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"resourceType":"Bundle","entry":[`)
	block := []byte(strings.Repeat(`{"resource":{"resourceType":"Practitioner"}},`, 20_000))
	for range 220 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}
