package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"habilis/internal/outbound"
)

// The parts of FHIR that are read; all else is passed over. Decoding is tolerant where
// published answers differ from one another (health/facts.md, 1.3) and strict where a
// value decides who somebody is.

// loose is a text that some answers write as a number or a boolean.
type loose string

// UnmarshalJSON takes what can be read as a text; of anything else it is empty.
func (l *loose) UnmarshalJSON(b []byte) error {
	*l = ""
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = loose(s)
	case len(b) > 0 && b[0] != '{' && b[0] != '[' && !bytes.Equal(b, []byte("null")):
		*l = loose(b)
	}
	return nil
}

// many is a list that some answers write as its only element.
type many[T any] []T

// UnmarshalJSON takes a list, one element, or null. Null elements stand for values whose
// extensions alone are known ("_line").
func (m *many[T]) UnmarshalJSON(b []byte) error {
	*m = nil
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && b[0] == '[' {
		var list []T
		err := json.Unmarshal(b, &list)
		*m = list
		return err
	}
	var one T
	err := json.Unmarshal(b, &one)
	*m = many[T]{one}
	return err
}

// flag is a boolean that is absent, and so unknown, in some answers.
type flag struct{ known, value bool }

// UnmarshalJSON takes a boolean, or one that is written as a text.
func (f *flag) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(strings.Trim(string(b), `"`))
	*f = flag{known: err == nil, value: v}
	return nil
}

type coding struct {
	System  loose `json:"system"`
	Code    loose `json:"code"`
	Display loose `json:"display"`
}

type concept struct {
	Coding    many[coding]    `json:"coding"`
	Extension many[extension] `json:"extension"`
}

type extension struct {
	URL                  loose  `json:"url"`
	ValueString          loose  `json:"valueString"` //nolint:tagliatelle // as FHIR writes it
	ValueCode            loose  `json:"valueCode"`   //nolint:tagliatelle // as FHIR writes it
	ValueCoding          coding `json:"valueCoding"` //nolint:tagliatelle // as FHIR writes it
	ValueCodeableConcept struct {
		Coding many[coding] `json:"coding"`
	} `json:"valueCodeableConcept"` //nolint:tagliatelle // as FHIR writes it

	Extension many[extension] `json:"extension"` // the parts of one that has several
}

type fhirIdentifier struct {
	System loose   `json:"system"`
	Value  loose   `json:"value"`
	Type   concept `json:"type"`
}

type reference struct {
	Reference loose `json:"reference"`
}

type contact struct {
	System    loose           `json:"system"`
	Value     loose           `json:"value"`
	Extension many[extension] `json:"extension"`
}

type humanName struct {
	Use    loose       `json:"use"`
	Family loose       `json:"family"`
	Given  many[loose] `json:"given"`
	Prefix many[loose] `json:"prefix"`
	Suffix many[loose] `json:"suffix"`
}

type fhirPractitioner struct {
	ID            loose                `json:"id"`
	Identifier    many[fhirIdentifier] `json:"identifier"`
	Active        flag                 `json:"active"`
	Name          many[humanName]      `json:"name"`
	Telecom       many[contact]        `json:"telecom"`
	Qualification many[qualification]  `json:"qualification"`
}

type qualification struct {
	Code concept `json:"code"`
}

type fhirRole struct {
	ID           loose                `json:"id"`
	Identifier   many[fhirIdentifier] `json:"identifier"`
	Active       flag                 `json:"active"`
	Practitioner reference            `json:"practitioner"`
	Organization reference            `json:"organization"`
	Code         many[concept]        `json:"code"`
	Telecom      many[contact]        `json:"telecom"`
}

type fhirOrganization struct {
	ID         loose                `json:"id"`
	Identifier many[fhirIdentifier] `json:"identifier"`
	Type       many[concept]        `json:"type"`
	Name       loose                `json:"name"`
	Telecom    many[contact]        `json:"telecom"`
	Address    many[address]        `json:"address"`
}

type address struct {
	Line       many[loose]   `json:"line"`
	Parts      many[partial] `json:"_line"` //nolint:tagliatelle // as FHIR writes it
	City       loose         `json:"city"`
	PostalCode loose         `json:"postalCode"` //nolint:tagliatelle // as FHIR writes it
}

type partial struct {
	Extension many[extension] `json:"extension"`
}

// bundle is one page of a search.
type bundle struct {
	ResourceType loose `json:"resourceType"` //nolint:tagliatelle // as FHIR writes it
	Entry        []struct {
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
	Link many[struct {
		Relation loose `json:"relation"`
		URL      loose `json:"url"`
	}] `json:"link"`
}

// maxResources bounds what one look-up reads.
const maxResources = 2000

// resources are what the pages of a search held, by their id: a resource that stands
// twice counts once.
type resources struct {
	practitioners []fhirPractitioner
	roles         []fhirRole
	organizations map[string]fhirOrganization
	seen          map[string]bool
}

// add decodes one page and gives the address of the next, empty on the last.
func (all *resources) add(body []byte) (next string, err error) {
	var b bundle
	if err := decode(body, &b); err != nil {
		return "", err
	}
	if b.ResourceType != "Bundle" {
		return "", errShape
	}
	if all.seen == nil {
		all.seen, all.organizations = map[string]bool{}, map[string]fhirOrganization{}
	}
	for _, e := range b.Entry {
		if err := all.take(e.Resource); err != nil {
			return "", err
		}
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			return string(l.URL), nil
		}
	}
	return "", nil
}

// take decodes one resource. Kinds that were not asked for, such as an OperationOutcome
// that warns, are passed over.
func (all *resources) take(raw json.RawMessage) error {
	var head struct {
		ResourceType loose `json:"resourceType"` //nolint:tagliatelle // as FHIR writes it
		ID           loose `json:"id"`
	}
	if len(raw) == 0 {
		return nil
	}
	if err := decode(raw, &head); err != nil {
		return err
	}
	key := string(head.ResourceType + "/" + head.ID)
	if all.seen[key] && head.ID != "" {
		return nil
	}
	all.seen[key] = true
	if len(all.seen) > maxResources {
		return errPages
	}
	switch head.ResourceType {
	case "Practitioner":
		return appendDecoded(&all.practitioners, raw)
	case "PractitionerRole":
		return appendDecoded(&all.roles, raw)
	case "Organization":
		var o fhirOrganization
		err := decode(raw, &o)
		all.organizations[string(head.ID)] = o
		return err
	}
	return nil
}

func appendDecoded[T any](list *[]T, raw []byte) error {
	var v T
	err := decode(raw, &v)
	*list = append(*list, v)
	return err
}

// decode reads JSON. What it was is not told: bodies stay out of the log (rules.md 22).
func decode(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%w: %T", errShape, err)
	}
	return nil
}

// statusError says what an answer that refuses says of itself: its status and, of an
// OperationOutcome, the codes of its issues.
func statusError(r outbound.Response) error {
	var o struct {
		ResourceType loose `json:"resourceType"` //nolint:tagliatelle // as FHIR writes it
		Issue        many[struct {
			Severity loose `json:"severity"`
			Code     loose `json:"code"`
		}] `json:"issue"`
	}
	what := "status " + strconv.Itoa(r.Status)
	if json.Unmarshal(r.Body, &o) == nil && o.ResourceType == "OperationOutcome" && len(o.Issue) > 0 {
		what += ", " + clean(string(o.Issue[0].Severity), maxCode) + " " + clean(string(o.Issue[0].Code), maxCode)
	}
	return errors.New(what)
}
