package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/web/ui"
)

// confirmation is a page that asks before an act, on one object (DESIGN.md 12).
type confirmation struct {
	At    string // the page of the side column
	Title string // of the document
	Crumb string // where «←» leads, and its words
	Back  string
	Ask   ui.ConfirmProps
	Why   string         // asks for the password, and says why; empty: not asked
	Group *ui.GroupProps // a choice to make, before the buttons
	Facts []ui.Fact      // what is known of the object, before the buttons

	Failure string // why the act was refused
	Summary []ui.FieldError
}

// confirm shows the page; after a refusal, with what to do about it.
func (v *visit) confirm(c confirmation, refusal error) error {
	status := http.StatusOK
	var wrong map[string]string
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) {
			return refusal
		}
		status = statusOf(f)
		wrong, c.Summary = v.fieldErrors(refusal)
		if len(c.Summary) == 0 {
			c.Failure = v.sentence(f)
		}
	}
	if c.Why != "" {
		c.Ask.StepUp = v.proof(c.Why, wrong)
	}
	if c.Group != nil {
		c.Group.Error = wrong[c.Group.Name]
	}
	c.Ask.Back = c.Back
	p, err := v.orgFrame(c.Title, c.At)
	if err != nil {
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
