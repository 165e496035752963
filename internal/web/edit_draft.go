package web

import (
	"encoding/json"
	"errors"

	"habilis/internal/draft"
	"habilis/internal/fault"
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

// loadDraft reads the draft that the address names into out. One of another kind or
// organisation does not exist.
func (v *visit) loadDraft(kind string, out any) (ident.Draft, error) {
	id, err := ident.ParseDraft(v.FormValue("draft"))
	if err != nil {
		return "", errPage
	}
	d, err := v.s.Drafts.Load(v.Context(), v.by, id)
	if err != nil {
		return "", err
	}
	if d.Org != v.org.ID || d.Kind != kind || json.Unmarshal([]byte(d.Body), out) != nil {
		return "", draft.ErrNotFound
	}
	return id, nil
}

// keepDraft keeps a form under its draft, or under a new one when that is gone.
func (v *visit) keepDraft(kind string, id ident.Draft, form any) (ident.Draft, error) {
	b, err := json.Marshal(form)
	if err != nil {
		return "", err
	}
	d := draft.Draft{ID: id, Org: v.org.ID, Kind: kind, Body: string(b)}
	kept, err := v.s.Drafts.Save(v.Context(), v.by, d)
	if f, is := errors.AsType[*fault.Error](err); is && f.Code == draft.ErrNotFound.Code && !id.IsZero() {
		d.ID = ""
		kept, err = v.s.Drafts.Save(v.Context(), v.by, d)
	}
	return kept.ID, err
}

// openDraftID is the draft that a form carries on with; none that can be read is none.
func (v *visit) openDraftID() ident.Draft {
	id, err := ident.ParseDraft(v.PostFormValue("draft"))
	if err != nil {
		return ""
	}
	return id
}
