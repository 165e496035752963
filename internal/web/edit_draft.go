package web

import (
	"encoding/json"

	"habilis/internal/draft"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// draftEdit is the kind of the drafts of an edition.
const draftEdit = "member.edit"

// edition is the form of a member's details: what it held when it was opened, and what
// was typed. Base is what lets a change of somebody else be seen field by field (CHG-1).
type edition struct {
	Member  ident.Member      `json:"member"`
	Version int64             `json:"version"` // of Base
	Base    map[string]string `json:"base"`
	Typed   map[string]string `json:"typed"`
	Saved   bool              `json:"saved,omitempty"`
}

// newEdition opens the form on a member as they are.
func newEdition(s member.Sheet) edition {
	return edition{Member: s.ID, Version: s.Version, Base: editValues(s.Member), Typed: editValues(s.Member)}
}

// base writes what the form was opened on into the form.
func (e edition) base() (string, error) {
	b, err := json.Marshal(e.Base)
	return string(b), err
}

// readEdition reads the form. What it did not show stays as it was.
func (v *visit) readEdition(s member.Sheet) (edition, error) {
	e := edition{Member: s.ID, Version: parseVersion(v.PostFormValue(fieldVersion)), Typed: map[string]string{}}
	if json.Unmarshal([]byte(v.PostFormValue("base")), &e.Base) != nil || e.Base == nil {
		return e, errForm
	}
	for _, g := range editGroups {
		for _, f := range g.Fields {
			e.Typed[f] = e.Base[f]
			if v.PostForm.Has(f) {
				e.Typed[f] = v.PostFormValue(f)
			}
		}
	}
	if v.PostForm.Has(fieldLocumName) && !v.PostForm.Has(fieldLocum) { // an unticked box sends nothing
		e.Typed[fieldLocum] = ""
	}
	for f := range e.Base {
		if _, known := e.Typed[f]; !known {
			delete(e.Base, f)
		}
	}
	return e, nil
}

// edition loads the form that the address names, of the member that it names.
func (v *visit) edition(of ident.Member) (ident.Draft, edition, error) {
	var e edition
	id, err := v.loadDraft(draftEdit, &e)
	if err == nil && e.Member != of {
		return "", edition{}, draft.ErrNotFound
	}
	return id, e, err
}

// openDraftID is the draft that a form carries on with; none that can be read is none.
func (v *visit) openDraftID() ident.Draft {
	id, err := ident.ParseDraft(v.PostFormValue("draft"))
	if err != nil {
		return ""
	}
	return id
}
