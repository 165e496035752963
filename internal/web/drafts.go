package web

import (
	"encoding/json"
	"errors"

	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// draftOf reads a draft as it was written. One of another kind or organisation does not
// exist.
func (v *visit) draftOf(kind, named string) (ident.Draft, string, error) {
	id, err := ident.ParseDraft(named)
	if err != nil {
		return "", "", errPage
	}
	d, err := v.s.Drafts.Load(v.Context(), v.by, id)
	if err != nil {
		return "", "", err
	}
	if d.Org != v.org.ID || d.Kind != kind {
		return "", "", draft.ErrNotFound
	}
	return id, d.Body, nil
}

// loadDraft reads the draft that the form or the query names into out.
func (v *visit) loadDraft(kind string, out any) (ident.Draft, error) {
	id, body, err := v.draftOf(kind, v.FormValue("draft"))
	if err == nil && json.Unmarshal([]byte(body), out) != nil {
		return "", draft.ErrNotFound
	}
	return id, err
}

// saveDraft keeps a form: under its draft, or a new one.
func (v *visit) saveDraft(kind string, id ident.Draft, form any) (ident.Draft, error) {
	b, err := json.Marshal(form)
	if err != nil {
		return "", err
	}
	d, err := v.s.Drafts.Save(v.Context(), v.by, draft.Draft{ID: id, Org: v.org.ID, Kind: kind, Body: string(b)})
	return d.ID, err
}

// keepDraft keeps a form under its draft, or under a new one when that is gone.
func (v *visit) keepDraft(kind string, id ident.Draft, form any) (ident.Draft, error) {
	kept, err := v.saveDraft(kind, id, form)
	if f, is := errors.AsType[*fault.Error](err); is && f.Code == draft.ErrNotFound.Code && !id.IsZero() {
		return v.saveDraft(kind, "", form)
	}
	return kept, err
}
