package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/action"
)

// The tags of the description, in the order of the screens.
const (
	tagMe            = "Me"
	tagOrganizations = "Organisations"
	tagSites         = "Sites"
	tagMembers       = "Members"
	tagInvitations   = "Invitations"
	tagImports       = "Imports and exports"
	tagResources     = "Resources"
	tagGroups        = "Access groups"
	tagWorkItems     = "Work items"
	tagRoles         = "Roles"
	tagRights        = "Rights"
	tagDelegations   = "Delegations"
	tagTokens        = "Tokens"
	tagEvents        = "Events"
	tagJournal       = "Journal"
	tagReports       = "Reports"
	tagPrivacy       = "Personal data"
	tagReviews       = "Access reviews"
	tagDirectory     = "Directory"
	tagDossiers      = "Dossiers"
	tagActivations   = "Activation and password"
)

// The security schemes of the description.
const (
	schemeToken   = "token"
	schemeSession = "session"
)

// aboutAPI is the introduction; a ' stands for a back quote, which Go's raw strings lack.
var aboutAPI = strings.ReplaceAll(`Who belongs to a care organisation, who they really are, and what they may do.

**Authentication.** 'Authorization: Bearer <token>': tokens belong to an organisation, to the platform or to a person.
A signed-in browser may also call, from our own pages only.

**Lists** answer 'items', 'next_cursor' and 'total'; 'limit' is 20 by default and 100 at most. Unknown parameters and
fields are refused; answers may one day hold more fields than they do now.

**Changes.** 'ETag' on objects; 'If-Match' is required on PATCH and PUT. 'Idempotency-Key' is honoured on every unsafe
method for 24 hours.

**Refusals** are problem documents (RFC 9457): 'code' is for programs and stable, 'detail' is for people, in the language
of 'Accept-Language' or of the account.`, "'", "`")

// config is the description as it stands before any operation.
func (d *door) config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Habilis", Version: "1", Description: aboutAPI,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: d.BaseURL + Prefix, Description: "This installation"}},
			Tags:    tags(),
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					schemeToken: {Type: "http", Scheme: "bearer", Description: "An API token, shown once when it is made."},
					schemeSession: {
						Type: "apiKey", In: "cookie", Name: "__Host-s",
						Description: "The session of a signed-in browser. Changes must come from our own pages (Sec-Fetch-Site or Origin).",
					},
				},
				Parameters: map[string]*huma.Param{paramOnce: onceParam()},
			},
			Security: []map[string][]string{{schemeToken: {}}, {schemeSession: {}}},
		},
		Formats:                      map[string]huma.Format{jsonType: huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                jsonType,
		RejectUnknownQueryParameters: true,
	}
}

const jsonType = "application/json"

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: tagMe, Description: "The signed-in person."},
		{Name: tagOrganizations, Description: "Organisations: the customers of the installation."},
		{Name: tagSites, Description: "Sites: the places inside an organisation."},
		{Name: tagMembers, Description: "Members: people in an organisation."},
		{Name: tagInvitations, Description: "Invitations: people who are awaited."},
		{Name: tagImports, Description: "Files for spreadsheets: members in and out."},
		{Name: tagResources, Description: "Resources: agendas, messaging profiles, and identities that documents are sent and received for."},
		{Name: tagGroups, Description: "Access groups: which patient records a member may see."},
		{Name: tagWorkItems, Description: "Work items: what members hold in connected applications, and who takes it over."},
		{Name: tagRoles, Description: "Roles and permissions."},
		{Name: tagRights, Description: "Rights: levels on agendas and messaging profiles, and the change sets by which they are edited."},
		{Name: tagDelegations, Description: "Delegations: what members may do in the name of identities."},
		{Name: tagTokens, Description: "API tokens."},
		{Name: tagEvents, Description: "Events: what other systems are told, by webhooks and in a feed."},
		{Name: tagJournal, Description: "What was done or refused in an organisation."},
		{Name: tagReports, Description: "Who has access to what, who left, whose account has no second factor, which rights nobody uses."},
		{Name: tagReviews, Description: "Access reviews: from time to time somebody keeps, reduces or takes away what each person may do."},
		{Name: tagPrivacy, Description: "Personal data: what is kept, why and for how long, and how an organisation leaves with everything."},
		{Name: tagDossiers, Description: "Files of those who register themselves: what proves who they are."},
		{Name: tagDirectory, Description: "The national directory of health professionals, and what changed in it about members."},
		{Name: tagActivations, Description: "The steps of a person who has no session yet."},
	}
}

// paramOnce names the shared parameter of every unsafe method.
const paramOnce = "IdempotencyKey"

func onceParam() *huma.Param {
	one, most := 1, action.MaxKeyLength
	return &huma.Param{
		Name: "Idempotency-Key", In: "header",
		Description: "Chosen by the caller: the same request under the same key has one effect and one answer, for 24 hours.",
		Schema: &huma.Schema{
			Type: huma.TypeString, MinLength: &one, MaxLength: &most, Pattern: "^[!-~]+$",
			Examples: []any{"6f1c9e0e-7a5d-4f0b-9d0a-2f4be8a1c7d3"},
		},
	}
}

// describe serves the description. Each answer is made when it is asked for, from operations that are
// registered for it alone: what serves requests keeps what they are checked by, and nothing else.
func (d *door) describe() {
	prune(d.api.OpenAPI())
	document, page := passing{make: d.document}, passing{make: d.docsPage}
	d.mux.HandleFunc("GET "+pathOpenAPI, func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, "application/json", document.get()) })
	d.mux.HandleFunc("GET "+pathDocs, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		d.serve(w, r, "text/html; charset=utf-8", page.get())
	})
	d.mux.HandleFunc("GET "+pathDocsLook, func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, "text/css; charset=utf-8", docsLook) })
}

// prune drops from a description what no request is checked by: the answers, and of what they are made.
func prune(doc *huma.OpenAPI) {
	sent := sentIn(doc)
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			op.Responses, op.Parameters = nil, nil
		}
	}
	maps.DeleteFunc(doc.Components.Schemas.Map(), func(name string, _ *huma.Schema) bool { return !sent[name] })
	doc.Paths = nil
}

// described is the whole description, completed with what holds for all operations. What huma itself
// checks is not touched.
func (s *Server) described() *huma.OpenAPI {
	doc := s.registered().api.OpenAPI()
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			complete(op)
		}
	}
	loosen(doc)
	return doc
}

// document is the description as programs read it.
func (s *Server) document() []byte {
	b, err := json.Marshal(s.described())
	if err != nil {
		panic("api: the description: " + err.Error()) // of our own types: a test reads it
	}
	return b
}

// passing is a text that is made when it is asked for, and kept for passingFor: however many ask, it is
// made no more often.
type passing struct {
	make func() []byte

	mu   sync.Mutex
	made []byte
}

const passingFor = 5 * time.Minute

func (p *passing) get() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil {
		p.made = p.make()
		time.AfterFunc(passingFor, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.made = nil
		})
	}
	return p.made
}

// loosen lets the documents of answers grow: only what is sent to us is refused for
// a field that we do not know.
func loosen(doc *huma.OpenAPI) {
	sent := sentIn(doc)
	for name, s := range doc.Components.Schemas.Map() {
		if !sent[name] {
			s.AdditionalProperties = nil
		}
	}
}

// sentIn names the schemas of what is sent to us.
func sentIn(doc *huma.OpenAPI) map[string]bool {
	sent := map[string]bool{}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			for _, p := range op.Parameters {
				follow(doc, p.Schema, sent)
			}
			if op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Content {
				follow(doc, media.Schema, sent)
			}
		}
	}
	return sent
}

// follow notes the schemas that s is made of.
func follow(doc *huma.OpenAPI, s *huma.Schema, seen map[string]bool) {
	if s == nil {
		return
	}
	if s.Ref != "" {
		name := lastPart(s.Ref)
		if seen[name] {
			return
		}
		seen[name] = true
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	more, _ := s.AdditionalProperties.(*huma.Schema) // else a bool
	fields := slices.Collect(maps.Values(s.Properties))
	for _, part := range slices.Concat([]*huma.Schema{s.Items, s.Not, more}, s.OneOf, s.AnyOf, s.AllOf, fields) {
		follow(doc, part, seen)
	}
}

func operationsOf(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// complete writes down what the door asks besides huma: the version of a change,
// and the key of an unsafe request.
func complete(op *huma.Operation) {
	for _, p := range op.Parameters {
		if p.Name == "If-Match" && (op.Method == http.MethodPatch || op.Method == http.MethodPut) {
			p.Required = true
		}
	}
	if unsafeMethod(op.Method) {
		op.Parameters = append(op.Parameters, &huma.Param{Ref: "#/components/parameters/" + paramOnce})
	}
	for code, r := range op.Responses {
		if n, err := strconv.Atoi(code); err == nil && n < http.StatusBadRequest {
			trimHeaders(op, r)
		}
	}
}

// trimHeaders leaves Location to what is made, and ETag to what has a version.
func trimHeaders(op *huma.Operation, r *huma.Response) {
	if _, made := op.Responses[strconv.Itoa(http.StatusCreated)]; !made {
		delete(r.Headers, "Location")
	}
	if slices.Contains([]string{"createToken", "createMyToken", "createPlatformToken", "finishActivation", "joinActivation"}, op.OperationID) {
		delete(r.Headers, "ETag")
	}
}

// methodOrder is the order of the methods of one path, in the readable description.
var methodOrder = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// byTag lists the operations of a tag: by path, then by method.
func byTag(doc *huma.OpenAPI, tag string) []*huma.Operation {
	var list []*huma.Operation
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			if slices.Contains(op.Tags, tag) {
				list = append(list, op)
			}
		}
	}
	slices.SortFunc(list, func(a, b *huma.Operation) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return slices.Index(methodOrder, a.Method) - slices.Index(methodOrder, b.Method)
	})
	return list
}
