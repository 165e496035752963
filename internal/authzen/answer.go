package authzen

import (
	"cmp"

	"habilis/internal/decision"
	"habilis/internal/text"
)

// evaluation answers one question.
func (c *call) evaluation() error {
	q := &c.request
	if place := cmp.Or(q.badBody, q.lacking(all)); place != "" {
		return errField.With("Place", place)
	}
	asked, place := q.question(c.by.Trusted)
	if place != "" {
		return errField.With("Place", place)
	}
	c.questions = append(c.questions, asked)
	if err := c.decide(); err != nil {
		return err
	}
	c.out = c.said(c.out, 0, &q.evaluation)
	return nil
}

// decide asks all questions at once: their answers are of one version.
func (c *call) decide() (err error) {
	c.answers, err = c.Decider.Decide(c.r.Context(), &c.by, c.questions, c.answers)
	if err == nil && len(c.answers) != len(c.questions) {
		err = errAnswers
	}
	return err
}

// said writes the answer to question i, and notes that it was given.
func (c *call) said(b []byte, i int, v *evaluation) []byte {
	if c.Answered != nil {
		c.Answered(c.by, &c.questions[i].Question, &c.answers[i])
	}
	return appendAnswer(b, &c.answers[i], v.ignored(c.by.Trusted))
}

// The semantics of a batch.
const (
	executeAll          = "execute_all"
	denyOnFirstDeny     = "deny_on_first_deny"
	permitOnFirstPermit = "permit_on_first_permit"
)

// evaluations answers a batch; without any item, the one question of its top.
func (c *call) evaluations() error {
	q := &c.request
	switch q.semantic {
	case "", executeAll, denyOnFirstDeny, permitOnFirstPermit:
	default:
		q.badOptions = "options.evaluations_semantic"
	}
	switch place := cmp.Or(q.badBody, q.badItems, q.badOptions); {
	case place != "":
		return errField.With("Place", place)
	case q.tooMany:
		return errItems.With("Max", MaxItems)
	case !q.many:
		return c.evaluation()
	case q.bad != "":
		return errField.With("Place", q.bad)
	}
	if err := c.askItems(); err != nil {
		return err
	}
	c.writeItems()
	return nil
}

// askItems gathers the questions of the items that can be read.
func (c *call) askItems() error {
	for i := range c.request.items {
		v := &c.request.items[i]
		v.inherit(&c.request.evaluation)
		if v.bad = v.lacking(all); v.bad != "" {
			continue
		}
		var asked Question
		if asked, v.bad = v.question(c.by.Trusted); v.bad == "" {
			c.questions = append(c.questions, asked)
		}
	}
	if len(c.questions) == 0 {
		return nil
	}
	return c.decide()
}

// writeItems writes the answers in the order of the items, up to the one that decides.
func (c *call) writeItems() {
	c.out = append(c.out, `{"evaluations":[`...)
	asked := 0
	for i := range c.request.items {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		v, allowed := &c.request.items[i], false
		if v.bad != "" {
			c.out = c.wrongItem(c.out, v.bad)
		} else {
			allowed = c.answers[asked].Allowed
			c.out = c.said(c.out, asked, v)
			asked++
		}
		if allowed && c.request.semantic == permitOnFirstPermit || !allowed && c.request.semantic == denyOnFirstDeny {
			break
		}
	}
	c.out = append(c.out, `]}`...)
}

// wrongItem is the answer to an item that says too little: a denial, with its error.
func (c *call) wrongItem(b []byte, place string) []byte {
	b = append(b, `{"decision":false,"context":{"code":"`+codeField+`","error":{"status":400,"message":`...)
	b = appendString(b, text.For(c.lang()).T("fault."+codeField, "Place", place))
	return append(b, `}}}`...)
}

// searchFor is the answer of the search for one dimension.
func searchFor(what Dimension) func(*call) error {
	return func(c *call) error { return c.search(what) }
}

func (c *call) search(what Dimension) error {
	q := &c.request
	must := needs{subjectID: what != Subjects, action: what != Actions, resourceID: what != Resources}
	place := cmp.Or(q.badBody, q.badPage, q.lacking(must))
	var asked Question
	if place == "" {
		asked, place = q.question(c.by.Trusted)
	}
	if place != "" {
		return errField.With("Place", place)
	}
	switch what { // an id in the place of what is searched is ignored
	case Subjects:
		asked.Subject.ID = ""
	case Resources:
		asked.Resource.ID = ""
	case Actions:
		asked.Action = ""
	}
	page := Page{Token: q.page.Token, Limit: min(q.page.Limit, MaxPage)}
	if page.Limit == 0 {
		page.Limit = DefaultPage
	}
	found, err := c.Decider.Search(c.r.Context(), c.by, what, asked, page)
	if err == nil {
		c.out = appendFound(c.out, what, found)
	}
	return err
}

// lang is the language of what is said to the one who calls.
func (c *call) lang() text.Lang { return text.Match("", c.r.Header.Get("Accept-Language")) }

func appendFound(b []byte, what Dimension, f Found) []byte {
	b = append(b, `{"results":[`...)
	if what == Actions {
		b = appendActions(b, f.Actions)
	} else {
		b = appendEntities(b, f.Entities)
	}
	b = append(b, `],"page":{"next_token":`...)
	b = appendString(b, f.Next)
	return append(b, `}}`...)
}

func appendActions(b []byte, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendString(b, name)
		b = append(b, '}')
	}
	return b
}

func appendEntities(b []byte, list []decision.Entity) []byte {
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"type":`...)
		b = appendString(b, e.Type)
		b = append(b, `,"id":`...)
		b = appendString(b, e.ID)
		b = append(b, '}')
	}
	return b
}
