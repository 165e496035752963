package api_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type operation struct {
	ID         string `json:"operationId"` //nolint:tagliatelle // as OpenAPI writes it
	Summary    string
	Tags       []string
	Security   []map[string][]string
	Parameters []struct {
		Ref      string `json:"$ref"`
		Name, In string
		Required bool
	}
	RequestBody *struct{ Required bool }
	Responses   map[string]struct{ Description string }

	method, path string
}

// operations reads the description as a client does.
func operations(t *testing.T) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	send(t, bare(t), "GET", "/api/openapi.json", "").is(200).into(&doc)
	var list []operation
	for path, item := range doc.Paths {
		for method, raw := range item {
			op := operation{method: method, path: path}
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatal(err)
			}
			list = append(list, op)
		}
	}
	return list
}

// rest.md: the routes of this issue are there.
func TestRoutes(t *testing.T) {
	var got []string
	for _, op := range operations(t) {
		got = append(got, strings.ToUpper(op.method)+" "+op.path)
	}
	const o, m = "/organizations/{org}", "/organizations/{org}/members/{mbr}"
	for _, want := range []string{
		"GET /me", "PATCH /me", "GET /me/organizations", "DELETE /me/organizations/{org}", "POST /me/password",
		"GET /me/sessions", "DELETE /me/sessions/{ses}",
		"GET /organizations", "POST /organizations", "GET " + o, "PATCH " + o, "POST " + o + "/suspend", "POST " + o + "/resume",
		"GET " + o + "/security-policy", "PATCH " + o + "/security-policy",
		"GET " + o + "/sites", "POST " + o + "/sites", "GET " + o + "/sites/{ste}", "PATCH " + o + "/sites/{ste}", "DELETE " + o + "/sites/{ste}",
		"GET " + o + "/members", "GET " + m, "POST " + m + "/deactivate", "POST " + m + "/reactivate",
		"PUT " + m + "/administration", "DELETE " + m + "/administration", "PUT " + m + "/sites/{ste}", "DELETE " + m + "/sites/{ste}",
		"GET " + o + "/invitations", "POST " + o + "/invitations", "GET " + o + "/invitations/{inv}",
		"POST " + o + "/invitations/{inv}/resend", "DELETE " + o + "/invitations/{inv}",
		"GET /permissions", "GET " + o + "/roles", "GET " + o + "/roles/{rol}", "GET /functions",
		"GET " + o + "/tokens", "POST " + o + "/tokens", "DELETE " + o + "/tokens/{tok}",
		"GET /me/tokens", "POST /me/tokens", "DELETE /me/tokens/{tok}",
		"GET /platform/tokens", "POST /platform/tokens", "DELETE /platform/tokens/{tok}",
		"POST /password/forgot", "POST /password/reset", "POST /activations",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// rest.md, "Conventions": changes name their version, unsafe methods take a key,
// refusals are described, and a name is said once.
func TestOperationsKeepTheConventions(t *testing.T) {
	ids := map[string]bool{}
	for _, op := range operations(t) {
		name := op.method + " " + op.path
		if op.ID == "" || ids[op.ID] || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s: operationId %q, summary %q, tags %v", name, op.ID, op.Summary, op.Tags)
		}
		ids[op.ID] = true
		version, key := false, false
		for _, p := range op.Parameters {
			version = version || (p.Name == "If-Match" && p.Required)
			key = key || strings.HasSuffix(p.Ref, "/IdempotencyKey")
		}
		if change := op.method == "patch" || op.method == "put"; version != change {
			t.Errorf("%s: If-Match required: %t", name, version)
		}
		if key == (op.method == "get") {
			t.Errorf("%s: Idempotency-Key: %t", name, key)
		}
		public := len(op.Security) == 1 && len(op.Security[0]) == 0
		if _, tells := op.Responses["401"]; tells == public {
			t.Errorf("%s: 401 described: %t, public: %t", name, tells, public)
		}
		for _, code := range []string{"400", "403", "422", "429", "500", "503"} {
			if _, ok := op.Responses[code]; !ok {
				t.Errorf("%s does not describe %s", name, code)
			}
		}
	}
}

// Every route but the steps before an account refuses strangers, whatever they send.
func TestStrangersAreRefused(t *testing.T) {
	srv := bareWithRefusals(t)
	place := regexp.MustCompile(`\{[^}]+\}`)
	public := []string{
		"POST /activations", "POST /activations/open", "POST /password/forgot", "POST /password/reset", "POST /password/reset/check", "GET /functions",
		// A key of the registration, which no session has, opens each step (rest.md, INV-15).
		"POST /registrations/{org}", "GET /registrations/{org}/file", "POST /registrations/{org}/email", "POST /registrations/{org}/password",
		"POST /registrations/{org}/person", "POST /registrations/{org}/documents", "DELETE /registrations/{org}/documents/{doc}",
		"POST /registrations/{org}/mailbox", "POST /registrations/{org}/mailbox/proof",
		"POST /registrations/{org}/phone", "POST /registrations/{org}/phone/proof", "POST /registrations/{org}/consents",
	}
	var open []string
	for _, op := range operations(t) {
		method := strings.ToUpper(op.method)
		path := "/api/v1" + place.ReplaceAllString(op.path, "x")
		if len(op.Security) == 1 {
			open = append(open, method+" "+op.path)
			continue
		}
		a := send(t, srv, method, path, "not json")
		a.refused(401, "access.unauthenticated")
		if got := a.header.Get("WWW-Authenticate"); got != `Bearer realm="habilis"` {
			t.Errorf("%s %s: WWW-Authenticate: %q", method, path, got)
		}
	}
	slices.Sort(open)
	slices.Sort(public)
	if !slices.Equal(open, public) {
		t.Errorf("open to strangers: %v", open)
	}
}

// The readable description is served whole, without a script or anything from
// elsewhere, and explains the codes that problems point to.
func TestDocs(t *testing.T) {
	srv := bare(t)
	a := send(t, srv, "GET", "/api/docs", "").is(200)
	page := string(a.body)
	for _, want := range []string{
		`id="inviteMembers"`, `id="member.`, `<html lang="en">`, `id="document-Problem"`, "/api/v1/organizations/{org}/invitations", `lang="fr"`,
		`id="authentication"`, `id="idempotency"`, `id="errors"`, `id="versions"`, "habilis token create", "token.shown_once", "curl -X POST &#39;" + baseURL,
		`-H &#34;Idempotency-Key: $(uuidgen)&#34;`, `If-Match: &#34;3&#34;`,
	} {
		if want == `id="inviteMembers"` {
			want = `id="invite"`
		}
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if operations := len(operations(t)); strings.Count(page, "<h4>Example</h4>") != operations {
		t.Errorf("%d operations, %d examples", operations, strings.Count(page, "<h4>Example</h4>"))
	}
	for _, never := range []string{"<script", "http://", "https://unpkg", "https://cdn", "style=", "onclick", "⟦", "{{."} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %s", never)
		}
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self'") {
		t.Errorf("policy %q", csp)
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+link[1]+`"`) {
			t.Errorf("the link #%s leads nowhere", link[1])
		}
	}
	look := send(t, srv, "GET", "/api/docs/docs.css", "").is(200)
	if ct := look.header.Get("Content-Type"); ct != "text/css; charset=utf-8" || len(look.body) == 0 {
		t.Errorf("the look: %s", ct)
	}
}

// INJ-08 and redocly: no pattern is described by a keyword that OpenAPI lacks, and
// no schema says $schema.
func TestDescriptionIsPlain(t *testing.T) {
	a := send(t, bare(t), "GET", "/api/openapi.json", "").is(200)
	for _, never := range []string{"patternDescription", "$schema", "⟦"} {
		if strings.Contains(string(a.body), never) {
			t.Errorf("it holds %s", never)
		}
	}
	if ct := a.header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("content type %q", ct)
	}
}
