package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"habilis/internal/ident"
)

// Installation is the chain of acts without an organisation.
const Installation = "installation"

// Outcomes of an act.
const (
	Done    = "done"
	Refused = "refused"
)

// Who acted, and from where.
type Who struct {
	Kind       string `json:"-"` // person, token, system, anonymous
	ID         string `json:"-"` // the account or the token
	OnBehalfOf string `json:"-"` // the account that a token or a support agent stands for
	Via        string `json:"-"` // web, api, cli, job
	Name       string `json:"name,omitempty"`
	Address    string `json:"address,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	Support    bool   `json:"support,omitempty"` // the platform's support, shown as such (AUD-2)
}

// Event is one thing that was done or refused. Verb is "noun.verb"; Object is
// what was acted upon; Subject the member it is about, so that a person sees
// what was done to them (AUD-2).
type Event struct {
	Org     ident.Org // the zero value: the chain of the installation
	Verb    string
	Object  string
	Subject string
	Site    ident.Site
	// About are the members it is about where they are several: package event tells of each. The
	// trail does not keep them apart.
	About []string
	Code  string // of a refusal: the rule that refused
	// Names tells the objects by name at that moment: "member": "Julie Delmas".
	Names map[string]string
	// Before and After hold what changed, never a secret.
	Before, After map[string]any
}

// payload is what may be erased: everything that names a person.
type payload struct {
	Actor  Who               `json:"actor"`
	Names  map[string]string `json:"names,omitempty"`
	Before map[string]any    `json:"before,omitempty"`
	After  map[string]any    `json:"after,omitempty"`
}

// Chain is the chain an event belongs to.
func (e Event) Chain() string {
	if e.Org.IsZero() {
		return Installation
	}
	return e.Org.String()
}

// Head is the last row of a chain.
type Head struct {
	Chain string
	Seq   int64
	Hash  []byte

	no int64 // the chain's short number, in what it is searched by
}

// row is one line of the trail as it is kept.
type row struct {
	Chain       string
	Seq         int64
	ID          ident.Event
	At          time.Time
	Verb        string
	Outcome     string
	ActorKind   string
	Actor       string
	OnBehalfOf  string
	Object      string
	Subject     string
	Site        string
	Via         string
	Code        string
	PayloadHash []byte
	PrevHash    []byte
	Hash        []byte

	salt []byte
	body string // the payload
}

// compute gives the hash of the row: each part preceded by its length, so that
// no two rows can be written the same way.
func (r row) compute() []byte {
	h := sha256.New()
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	var seq [8]byte
	binary.BigEndian.PutUint64(seq[:], uint64(r.Seq)) //nolint:gosec // a sequence is never negative
	part(r.PrevHash)
	part(seq[:])
	part([]byte(r.At.UTC().Format(time.RFC3339Nano)))
	for _, s := range []string{
		r.Chain, r.ID.String(), r.Verb, r.Outcome, r.ActorKind, r.Actor, r.OnBehalfOf, r.Object, r.Subject, r.Site, r.Via, r.Code,
	} {
		part([]byte(s))
	}
	part(r.PayloadHash)
	return h.Sum(nil)
}

func hashPayload(salt, body []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(body)
	return h.Sum(nil)
}
