package api

import (
	"fmt"
	"net/http"
	"strings"

	"habilis/internal/token"
)

// chapter is a part of the guide that stands before the operations.
type chapter struct {
	ID, Title string
	Text      [][]span
	Code      string // an example
	Table     [][3]string
	Heads     [3]string
}

// guide tells what every operation has in common: how to authenticate, to page, to
// change, to ask again, and what a refusal says.
func guide(base string) []chapter {
	list := []chapter{
		{
			ID: "start", Title: "First request",
			Text: paragraphs("Make a token on the page «Jetons d’API» of the organisation, or on the server with `habilis token create`. " +
				"Its secret is shown once: put it into `HABILIS_TOKEN`, then ask for what the token may see."),
			Code: "export HABILIS_TOKEN=hat_…\ncurl -H \"Authorization: Bearer $HABILIS_TOKEN\" '" + base + Prefix + "/organizations'",
		},
		authentication(), lists(), changes(), idempotency(), refusals(base), limits(),
		{
			ID: "versions", Title: "Versions",
			Text: paragraphs("Everything under `" + Prefix + "` stays: no operation and no field is taken away or changes its meaning. " +
				"Operations, optional parameters and fields of answers are added: ignore those that you do not know. " +
				"Codes of refusals stay too; the sentences beside them may be written better.\n\n" +
				"Times are RFC 3339 in UTC, dates ISO 8601, phones E.164, languages BCP 47. An identifier says what it names (`mbr_…` a member) " +
				"and is never given again."),
		},
		{
			ID: "go", Title: "Go client",
			Text: paragraphs("The package `habilis/client` of the sources has a method for every operation here, under the " +
				"same name; it needs nothing " +
				"but the standard library. It sets the keys and versions, waits when it is told to, and goes through lists of any length."),
			Code: "c, err := client.New(client.Config{BaseURL: \"" + base + "\", Token: os.Getenv(\"HABILIS_TOKEN\")})\n" +
				"for m, err := range c.Members(ctx, \"tilleuls\", client.MemberQuery{Status: []string{\"active\"}}) {\n\t…\n}",
		},
	}
	return list
}

func authentication() chapter {
	return chapter{
		ID: "authentication", Title: "Authentication",
		Text: paragraphs("`Authorization: Bearer <token>`. A token is made by a person who has just given their password, for " +
			fmt.Sprintf("%d days at most (%d by default). ", token.MaxLifeDays, int(token.DefaultLife/day)) +
			"Who it speaks for says what it may do; a signed-in browser may also call, from our own pages only.\n\n" +
			"401 `api.token_invalid`: no such token, or it was revoked. 401 `token.expired`: it has had its time. " +
			"Something of another organisation is 404, as if it were not there."),
		Heads: [3]string{"Token of", "It may", "It ends with"},
		Table: [][3]string{
			{"an organisation", "the permissions it was given, in that organisation alone", "the rights, or the membership, of whoever made it"},
			{"a person", "what the person may, in all their organisations", "the account; a reset password"},
			{"the platform", "found, suspend and resume organisations", "the office of whoever made it"},
		},
	}
}

func lists() chapter {
	return chapter{
		ID: "lists", Title: "Lists",
		Text: paragraphs("A list answers `items`, `total` and `next_cursor`: ask again with `cursor` until it is null. " +
			"`limit` is 20 by default and " +
			"100 at most. `sort` takes the name of an order, turned round by a minus sign. Filters are parameters; several values are " +
			"separated by commas. An unknown parameter is refused, and so is a cursor of another list."),
		Code: "curl -H \"Authorization: Bearer $HABILIS_TOKEN\" '…/organizations/tilleuls/members?status=active&sort=-last_sign_in&limit=100'",
	}
}

func changes() chapter {
	return chapter{
		ID: "changes", Title: "Changes and versions of objects",
		Text: paragraphs("An object comes with an `ETag`, and its number as `version`. PATCH and PUT ask for it back in `If-Match`: " +
			"428 `api.version_missing` without it, 412 `api.version_stale` when somebody changed the object in between: read it again. " +
			"What a PATCH leaves out stays as it is; a field that does not exist is refused with 422, never ignored."),
		Code: "curl -X PATCH '…/organizations/tilleuls' -H 'If-Match: \"3\"' -H 'Content-Type: application/json' \\\n" +
			"  -H \"Authorization: Bearer $HABILIS_TOKEN\" -d '{\"name\": \"Maison de santé des Tilleuls\"}'",
	}
}

func idempotency() chapter {
	return chapter{
		ID: "idempotency", Title: "Asking twice",
		Text: paragraphs("Give each change an `Idempotency-Key` of your own: the same request under the same key has one " +
			"effect and the same answer, for " +
			"24 hours, however often it is sent. So an answer that was lost is asked for again without fear. Another request under a key " +
			"that was used is refused. A secret is not in the answer that is kept: a token asked for again is 409 `token.shown_once`."),
	}
}

func refusals(base string) chapter {
	p := &Problem{
		Type: base + pathDocs + "#invalid", Title: "Corrections needed", Status: http.StatusUnprocessableEntity, Code: "invalid",
		Detail: "Correct what “errors” lists, then send the request again. Nothing was saved", RequestID: "7F3K22QM",
		Errors: []FieldProblem{{
			Location: "body.emails[3]", Code: "account.email_malformed", Detail: "Type a whole e-mail address, for example prenom.nom@exemple.fr",
		}},
	}
	return chapter{
		ID: "errors", Title: "Errors",
		Text: paragraphs("A refusal is a problem document (RFC 9457, `application/problem+json`). Programs read `code`, " +
			"which is stable; people read `detail`, " +
			"in the language of `Accept-Language` or of the account. `errors` says what to correct, and where. `request_id` is " +
			"what support asks for."),
		Code:  inJSON(p),
		Heads: [3]string{"Status", "Means", "Do"},
		Table: [][3]string{
			{"400", "malformed: no JSON, a parameter twice", "mend the program"},
			{"401", "no token, or one that is worth nothing", "make another token"},
			{"403", "not allowed, or the password must be given again", "ask an administrator"},
			{"404", "not there, or not yours", "check the identifier"},
			{"409", "a rule of the field, or the same thing twice", "read `code`"},
			{"410", "a link that is spent or expired", "ask for another"},
			{"412 · 428", "the version is old, or missing", "read the object again"},
			{"413 · 415 · 422", "too large, no JSON, something to correct", "read `errors`"},
			{"429 · 503", "too often, or busy", "wait for `Retry-After`, send again"},
			{"500 · 507", "our fault, or no room", "give `request_id` to support"},
		},
	}
}

func limits() chapter {
	return chapter{
		ID: "limits", Title: "Limits",
		Text: paragraphs(fmt.Sprintf("%d requests a minute for one token or session, %d of them previews (`dry_run`), %d "+
			"for one address without a token; "+
			"`X-RateLimit-Remaining` tells how many are left. A body has %d KiB and %d levels at most. Past a limit the answer is 429 with "+
			"`Retry-After`, in seconds.", PerMinute, PreviewsPerMinute, PerMinuteAnonymous, MaxBody>>10, MaxDepth)),
	}
}

func paragraphs(s string) (list [][]span) {
	for p := range strings.SplitSeq(s, "\n\n") {
		list = append(list, spans(p))
	}
	return list
}
