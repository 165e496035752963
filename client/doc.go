// Package client speaks to the REST API of Habilis (version 1): one method for each
// operation, under the name that the description gives it ("listMembers" is
// ListMembers), with the documents as Go types.
//
// It depends on the standard library only and knows nothing of the server's code.
//
//	c, err := client.New(client.Config{BaseURL: "https://habilis.example.fr", Token: os.Getenv("HABILIS_TOKEN")})
//	if err != nil {
//		return err
//	}
//	for m, err := range c.Members(ctx, "tilleuls", client.MemberQuery{Status: []string{"active"}}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(m.FamilyName, m.GivenName)
//	}
//
// Its rules:
//   - A refusal is a *Problem, with the code that programs read and what is to be
//     corrected; CodeOf tells the code of any error.
//   - A change names the version it was made from: every document has a Version, and
//     a change from an older one is refused (code "api.version_stale").
//   - Every change carries an idempotency key, drawn for the call unless Client.Once
//     gave one: sent again, it has one effect and one answer for 24 hours.
//   - A request refused for a while (429, 503) with a Retry-After is sent again, a few
//     times, within Config.MaxWait. Nothing else is: whoever calls decides.
//   - A token never travels in the clear: https, or this very machine. Redirections
//     are not followed.
//   - Lists come a page at a time (ListMembers), or one item after the other whatever
//     their number (Members). Exports are read as they arrive, never held whole.
//
// A Client may be used by several goroutines at once; there is no global state.
package client
