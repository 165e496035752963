package web

import (
	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
)

// verbPage is the act in the trail of a page refused before any act of a noun began.
const verbPage = "web.page"

// lacks refuses a page of the organisation for want of a permission, and puts the
// refusal into the trail as an act would have (AUD-01). When it cannot, the refusal
// stands: nothing was done that would be unknown to the trail.
func (v *visit) lacks(p access.Permission) error {
	refusal := access.ErrForbidden.With("Permission", string(p))
	act := action.Act{Verb: verbPage, Orgs: []ident.Org{v.org.ID}, Object: v.Pattern}
	if err := v.s.Run.RecordRefusal(v.Context(), v.by, act, refusal.Code); err != nil {
		v.s.Log.Error("recording a refusal", "request", v.by.Request, "err", err)
	}
	return refusal
}
