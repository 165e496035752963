package journal

import (
	"time"

	"habilis/internal/audit"
	"habilis/internal/text"
)

// Record is an event as programs read it, in the REST API and in an export.
type Record struct {
	ID       string         `json:"id" example:"aud_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	At       time.Time      `json:"at"`
	Verb     string         `json:"verb" example:"member.deactivate"`
	Outcome  string         `json:"outcome" enum:"done,refused"`
	Code     string         `json:"code" doc:"Of a refusal: the rule that refused, as problem documents name it."`
	Reason   string         `json:"reason" doc:"Of a refusal: the rule in words."`
	Sentence string         `json:"sentence" doc:"The event in words, in the caller's language." example:"Bruno Lacaze deactivated Léa Roy"`
	Actor    RecordActor    `json:"actor"`
	Object   string         `json:"object" doc:"ID of what was acted upon; may be empty."`
	Member   string         `json:"member" doc:"ID of the member it is about; may be empty."`
	Site     string         `json:"site" doc:"ID of the site where it happened; empty for the whole organisation."`
	Via      string         `json:"via" enum:"web,api,cli,job"`
	Address  string         `json:"address" doc:"Network address of the actor."`
	Request  string         `json:"request_id"`
	Names    map[string]any `json:"names" doc:"What was acted upon, as it was called then."`
	Before   map[string]any `json:"before" doc:"What changed, as it was."`
	After    map[string]any `json:"after" doc:"What changed, as it became."`
	Erased   bool           `json:"erased" doc:"Names and details were erased; the event itself stays proven."`
}

// RecordActor is who acted.
type RecordActor struct {
	Kind       string `json:"kind" enum:"person,token,platform_token,system,anonymous"`
	ID         string `json:"id" doc:"The account or the token; empty for somebody outside the organisation."`
	Name       string `json:"name"`
	Member     string `json:"member" doc:"ID of the actor's membership; may be empty."`
	OnBehalfOf string `json:"on_behalf_of" doc:"The account that a token stands for."`
	Support    bool   `json:"support" doc:"The platform's support."`
	Outside    bool   `json:"outside" doc:"Nobody of this organisation: not named."`
}

// RecordOf writes an event as programs read it, with its words in the language of t.
func RecordOf(t *text.Printer, e Event) Record {
	r := Record{
		ID: e.ID.String(), At: e.At.UTC(), Verb: e.Verb, Outcome: audit.Done, Code: e.Code, Reason: Reason(t, e), Sentence: Sentence(t, e),
		Actor: RecordActor{
			Kind: e.Actor.Kind, ID: e.Actor.ID, Name: e.Actor.Name, Member: e.Actor.Member.String(), OnBehalfOf: e.Actor.OnBehalfOf,
			Support: e.Actor.Support, Outside: e.Actor.Outside,
		},
		Object: e.Object, Member: e.Subject.String(), Site: e.Site.String(), Via: e.Via, Address: e.Address, Request: e.Request,
		Names: map[string]any{}, Before: e.Before, After: e.After, Erased: e.Erased,
	}
	if e.Refused {
		r.Outcome = audit.Refused
	}
	for k, v := range e.Names {
		r.Names[k] = v
	}
	return r
}
