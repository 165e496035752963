package authzen

import (
	"net/netip"
	"strconv"
	"time"

	"habilis/internal/decision"
)

// entity is a subject, a resource or an action as it was written.
type entity struct {
	given      bool
	typ        string
	id         string // of an action: its name
	hasType    bool
	hasID      bool
	properties []byte
}

// surroundings are what we know to read of a context.
type surroundings struct {
	given     bool
	at        string
	address   string
	factor    bool
	hasAt     bool
	hasIP     bool
	hasFactor bool
	odd       string // a field of the wrong type: where it stands
}

// evaluation is one question as it was written.
type evaluation struct {
	subject, action, resource entity
	context                   surroundings
	bad                       string // what is wrong with it, as a place: "subject.id"
}

// request is a whole body.
type request struct {
	evaluation

	items    []evaluation
	many     bool   // the field evaluations is there and holds something
	semantic string // empty: execute_all
	page     Page
	tooMany  bool

	// What is wrong outside of the evaluations, as places.
	badBody, badItems, badOptions, badPage string
}

// reset makes the request ready for another body; it keeps its memory.
func (q *request) reset() { *q = request{items: q.items[:0]} }

// decode reads a body of any of the five operations: each takes what it needs.
func (q *request) decode(r *reader) error {
	if r.peek() != '{' {
		q.badBody = "body"
		_, err := r.skip()
		return err
	}
	return r.each(func(name []byte) error {
		switch string(name) {
		case "evaluations":
			return q.decodeItems(r)
		case "options":
			return q.decodeOptions(r)
		case "page":
			return q.decodePage(r)
		}
		return q.field(r, name)
	})
}

// field reads one of the four fields of a question, or skips another.
func (v *evaluation) field(r *reader, name []byte) error {
	switch string(name) {
	case "subject":
		return v.subject.decode(r, v, "subject", "id")
	case "action":
		return v.action.decode(r, v, "action", "name")
	case "resource":
		return v.resource.decode(r, v, "resource", "id")
	case "context":
		return v.context.decode(r, v)
	}
	_, err := r.skip()
	return err
}

// wrong notes what is wrong first.
func (v *evaluation) wrong(place string) {
	if v.bad == "" {
		v.bad = place
	}
}

// decode reads an entity; the field called idName is what tells it from others.
func (e *entity) decode(r *reader, v *evaluation, place, idName string) error {
	e.given = true
	if r.peek() != '{' {
		v.wrong(place)
		_, err := r.skip()
		return err
	}
	return r.each(func(name []byte) (err error) {
		switch string(name) {
		case "type":
			e.typ, e.hasType, err = r.text(v, place, "type")
		case idName:
			e.id, e.hasID, err = r.text(v, place, idName)
		case "properties":
			if r.peek() != '{' {
				v.wrong(place + ".properties")
			}
			e.properties, err = r.skip()
		default:
			_, err = r.skip()
		}
		return err
	})
}

// text reads a string that is kept.
func (r *reader) text(v *evaluation, place, name string) (string, bool, error) {
	if r.peek() != '"' {
		v.wrong(place + "." + name)
		_, err := r.skip()
		return "", false, err
	}
	b, err := r.str()
	return intern(b), err == nil, err
}

// intern copies a text, unless it is one of those that nearly every request has.
func intern(b []byte) string {
	if s, ok := usual[string(b)]; ok {
		return s
	}
	return string(b)
}

var usual = func() map[string]string {
	m := map[string]string{}
	for _, s := range []string{
		decision.TypeMember, decision.TypeAccount, decision.TypeAgenda, decision.TypeMessagingProfile, decision.TypeIdentity,
		decision.TypePatientRecord, decision.TypePatientDocument, decision.TypeOrganization, decision.TypeSite,
		"view_availability", "read", "reply", "manage", "write", "send", "receive", "draft_consultation", "converse", "share", "consult",
	} {
		m[s] = s
	}
	return m
}()

// decode reads what we know of a context, and skips the rest.
func (c *surroundings) decode(r *reader, v *evaluation) error {
	c.given = true
	if r.peek() != '{' {
		v.wrong("context")
		_, err := r.skip()
		return err
	}
	return r.each(func(name []byte) (err error) {
		switch string(name) {
		case "at":
			c.hasAt = true
			c.at, err = c.text(r, "context.at")
		case "ip":
			c.hasIP = true
			c.address, err = c.text(r, "context.ip")
		case "second_factor":
			c.hasFactor = true
			err = c.readFactor(r)
		default:
			_, err = r.skip()
		}
		return err
	})
}

// text reads a string of the context. Whether another type matters is known once it is
// known who asks.
func (c *surroundings) text(r *reader, place string) (string, error) {
	if r.peek() != '"' {
		if c.odd == "" {
			c.odd = place
		}
		_, err := r.skip()
		return "", err
	}
	b, err := r.str()
	return string(b), err
}

func (c *surroundings) readFactor(r *reader) error {
	b, err := r.skip()
	c.factor = string(b) == "true"
	if !c.factor && string(b) != "false" && c.odd == "" {
		c.odd = "context.second_factor"
	}
	return err
}

func (q *request) decodeItems(r *reader) error {
	if r.peek() != '[' {
		q.badItems = "evaluations"
		_, err := r.skip()
		return err
	}
	err := r.open('[')
	for n := 0; err == nil; n++ {
		var more bool
		if more, err = r.item(n); err != nil || !more {
			q.many = n > 0
			return err
		}
		if n >= MaxItems {
			q.tooMany = true
			_, err = r.skip()
			continue
		}
		q.items = append(q.items, evaluation{})
		err = q.items[n].decode(r)
	}
	return err
}

// decode reads one item of a batch.
func (v *evaluation) decode(r *reader) error {
	if r.peek() != '{' {
		v.wrong("evaluation")
		_, err := r.skip()
		return err
	}
	return r.each(func(name []byte) error { return v.field(r, name) })
}

func (q *request) decodeOptions(r *reader) error {
	return r.fields(&q.badOptions, "options", func(name []byte) (err error) {
		if string(name) != "evaluations_semantic" {
			_, err = r.skip()
			return err
		}
		if r.peek() != '"' {
			q.badOptions = "options.evaluations_semantic"
			_, err = r.skip()
			return err
		}
		b, err := r.str()
		if q.semantic = string(b); q.semantic == "" {
			q.badOptions = "options.evaluations_semantic"
		}
		return err
	})
}

func (q *request) decodePage(r *reader) error {
	return r.fields(&q.badPage, "page", func(name []byte) error {
		switch {
		case string(name) == "limit":
			b, err := r.skip()
			n, wrong := strconv.Atoi(string(b))
			if q.page.Limit = n; wrong != nil || n < 1 {
				q.badPage = "page.limit"
			}
			return err
		case string(name) == "token" && r.peek() == '"':
			b, err := r.str()
			q.page.Token = string(b)
			return err
		case string(name) == "token":
			q.badPage = "page.token"
		}
		_, err := r.skip()
		return err
	})
}

// fields reads the object at a place outside of the evaluations.
func (r *reader) fields(bad *string, place string, field func(name []byte) error) error {
	if r.peek() != '{' {
		*bad = place
		_, err := r.skip()
		return err
	}
	return r.each(field)
}

// each reads the object that is next, field by field; field reads or skips the value. The
// name is worth nothing once more was read.
func (r *reader) each(field func(name []byte) error) error {
	first, err := r.object()
	for err == nil {
		var name []byte
		var more bool
		if name, more, err = r.field(first); err != nil || !more {
			return err
		}
		err = field(name)
	}
	return err
}

// inherit fills in, from the top of a batch, what an item leaves out: a whole field, or
// the type, id or name of one that it gives (certification scenario, 3.2.7).
func (v *evaluation) inherit(top *evaluation) {
	v.subject.inherit(top.subject)
	v.action.inherit(top.action)
	v.resource.inherit(top.resource)
	if !v.context.given {
		v.context = top.context
	}
}

func (e *entity) inherit(top entity) {
	if !e.given {
		*e = top
		return
	}
	if !e.hasType {
		e.typ, e.hasType = top.typ, top.hasType
	}
	if !e.hasID {
		e.id, e.hasID = top.id, top.hasID
	}
}

// needs says what an evaluation must have: each of the three, and its id.
type needs struct{ subjectID, action, resourceID bool }

var all = needs{true, true, true}

// lacking gives the place of what is missing or wrong; empty when all is there.
func (v *evaluation) lacking(n needs) string {
	switch {
	case v.bad != "":
		return v.bad
	case !v.subject.given:
		return "subject"
	case !v.subject.hasType:
		return "subject.type"
	case n.subjectID && !v.subject.hasID:
		return "subject.id"
	case n.action && !v.action.given:
		return "action"
	case n.action && !v.action.hasID:
		return "action.name"
	case !v.resource.given:
		return "resource"
	case !v.resource.hasType:
		return "resource.type"
	case n.resourceID && !v.resource.hasID:
		return "resource.id"
	}
	return ""
}

// question is the evaluation for whoever asks: what they may not say of the connection
// is left out. Its second value is the place of what cannot be read.
func (v *evaluation) question(trusted bool) (Question, string) {
	q := Question{
		SubjectProperties: v.subject.properties, ActionProperties: v.action.properties, ResourceProperties: v.resource.properties,
	}
	q.Subject = decision.Entity{Type: v.subject.typ, ID: v.subject.id}
	q.Resource = decision.Entity{Type: v.resource.typ, ID: v.resource.id}
	q.Action = v.action.id
	c := &v.context
	if !c.given {
		return q, ""
	}
	if c.odd != "" && (trusted || c.odd == "context.at") {
		return q, c.odd
	}
	var err error
	if c.hasAt {
		if q.At, err = time.Parse(time.RFC3339, c.at); err != nil || q.At.IsZero() {
			return q, "context.at"
		}
	}
	if !trusted {
		return q, ""
	}
	if c.hasFactor {
		q.SecondFactor = &c.factor
	}
	if c.hasIP {
		if q.Address, err = netip.ParseAddr(c.address); err != nil || q.Address.Zone() != "" {
			return q, "context.ip"
		}
	}
	return q, ""
}

// ignored names what was said and not used.
func (v *evaluation) ignored(trusted bool) []string {
	if trusted || !v.context.hasIP && !v.context.hasFactor {
		return nil
	}
	var names []string
	if v.context.hasIP {
		names = append(names, "ip")
	}
	if v.context.hasFactor {
		names = append(names, "second_factor")
	}
	return names
}
