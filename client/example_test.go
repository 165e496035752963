package client_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"habilis/client"
)

// answering is a server that knows these documents, by method and path.
func answering(documents map[string]string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, ok := documents[r.Method+" "+r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusPreconditionFailed)
			document = `{"status":412,"code":"api.version_stale","detail":"Relisez l’objet","request_id":"R1"}`
		}
		fmt.Fprint(w, document)
	}))
}

func Example() {
	server := answering(map[string]string{
		"GET /api/v1/organizations/tilleuls/members": `{"items":[{"given_name":"Claire","family_name":"Morvan"}],"next_cursor":null,"total":1}`,
	})
	defer server.Close()

	c, err := client.New(client.Config{BaseURL: server.URL, Token: "hat_…", Language: "fr"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for m, err := range c.Members(context.Background(), "tilleuls", client.MemberQuery{Status: []string{"active"}, Sort: "name"}) {
		if err != nil {
			fmt.Println(client.CodeOf(err), err)
			return
		}
		fmt.Println(m.FamilyName, m.GivenName)
	}
	// Output: Morvan Claire
}

// A change is made from the version that was read; somebody else's change in between
// is never lost.
func ExampleClient_EditSite() {
	server := answering(map[string]string{
		"GET /api/v1/organizations/tilleuls/sites/ste_1": `{"id":"ste_1","name":"Tilleuls Centre","version":3}`,
	})
	defer server.Close()

	c, err := client.New(client.Config{BaseURL: server.URL, Token: "hat_…"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, city := context.Background(), "Rennes"
	site, err := c.GetSite(ctx, "tilleuls", "ste_1")
	if err == nil {
		_, err = c.EditSite(ctx, "tilleuls", site.ID, site.Version, client.SiteChange{City: &city})
	}
	if client.CodeOf(err) == "api.version_stale" {
		fmt.Println("somebody changed it: read it again")
	}
	// Output: somebody changed it: read it again
}
