package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/web/ui"
)

// confirmation is a page that asks before an act, on one object (DESIGN.md 12).
type confirmation struct {
	At    string // the page of the side column
	Own   bool   // beside «Sécurité du compte»: in no organisation
	Title string // of the document
	Crumb string // where «←» leads, and its words
	Back  string
	Ask   ui.ConfirmProps
	Why   string         // asks for the password, and says why; empty: not asked
	Group *ui.GroupProps // a choice to make, before the buttons
	Facts []ui.Fact      // what is known of the object, before the buttons

	told
}

// told is what a page says of a refusal: at its fields and in a summary, or in one sentence.
type told struct {
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
}

// tell says a refusal on the page where its person can mend it, and gives the status of that
// page; the refusal itself comes back when that page cannot show it.
func (v *visit) tell(refusal error) (told, int, error) {
	if refusal == nil {
		return told{}, http.StatusOK, nil
	}
	f := fault.Of(refusal)
	if !staysOnPage(f) {
		return told{}, 0, refusal
	}
	return v.words(refusal), statusOf(f), nil
}

// words says a refusal, whatever its kind.
func (v *visit) words(refusal error) told {
	var t told
	if t.Errors, t.Summary = v.fieldErrors(refusal); len(t.Summary) == 0 {
		t.Failure = ended(v.sentence(fault.Of(refusal)))
	}
	return t
}

// confirm shows the page; after a refusal, with what to do about it.
func (v *visit) confirm(c confirmation, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	c.told = said
	if c.Why != "" {
		c.Ask.StepUp = v.proof(c.Why, c.Errors)
	}
	if c.Group != nil {
		c.Group.Error = c.Errors[c.Group.Name]
	}
	c.Ask.Back = c.Back
	var p ui.Page
	if c.Own {
		p = v.ownFrame(c.Title)
	} else if p, err = v.orgFrame(c.Title, c.At); err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ConfirmPage(p, c))
}

// staysOnPage: what the person can mend where they are, or must read there.
func staysOnPage(f *fault.Error) bool {
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.Limited, fault.Unavailable:
		return true
	case fault.Internal, fault.Malformed, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Gone, fault.Stale,
		fault.TooLarge, fault.Misdirected, fault.NoVersion, fault.Full:
	}
	return false
}
