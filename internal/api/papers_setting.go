package api

import (
	"context"
	"maps"
	"net/http"

	"habilis/internal/paper"
	"habilis/internal/setting"
)

// DocumentSettings is what an organisation asks of those who register, and how long it keeps
// what they give.
type DocumentSettings struct {
	KeepDays  int64                  `json:"keep_days" doc:"Days after a file is verified, or its person left; then the bytes go, and the hash stays. Those of a file that still waits go after 365 days." example:"90"` //nolint:lll // a tag is one literal
	Checklist map[string][]paperKind `json:"checklist" doc:"By code of profession; 'regulated' is every other profession of the register, 'others' whoever has none."`                                                   //nolint:lll // a tag is one literal
	Version   int64                  `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

type documentSettingsInput struct {
	InOrg
	Versioned

	Body documentSettingsChange
}

type documentSettingsChange struct {
	KeepDays  *int64                 `json:"keep_days,omitempty" minimum:"1" maximum:"730" example:"90"`
	Checklist map[string][]paperKind `json:"checklist,omitempty" doc:"The lines to change; an empty list asks for nothing."`
}

func (s *Server) aboutDocumentSettings(d *door) {
	const path = "/organizations/{org}/settings/documents"
	add(d, route{
		id: "getDocumentSettings", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "Which papers an organisation asks for",
		about: forItsOwn, errors: []int{http.StatusNotFound},
	}, s.getDocumentSettings)
	add(d, route{
		id: "editDocumentSettings", method: http.MethodPatch, path: path, tag: tagOrganizations,
		summary: "Change which papers an organisation asks for",
		about: "What is left out stays as it is. What was verified before keeps its day. Needs settings.edit, with a fresh proof from a " +
			"person.",
		errors: []int{http.StatusNotFound},
	}, s.editDocumentSettings)
}

func documentSettingsOf(p setting.Papers) *reply[DocumentSettings] {
	v := DocumentSettings{KeepDays: p.KeepDays, Checklist: map[string][]paperKind{}, Version: p.Rev}
	for line, kinds := range p.Checklist {
		v.Checklist[line] = make([]paperKind, len(kinds))
		for i, k := range kinds {
			v.Checklist[line][i] = paperKind(k)
		}
	}
	return &reply[DocumentSettings]{ETag: etag(p.Rev), Body: v}
}

func (s *Server) getDocumentSettings(ctx context.Context, in *InOrg) (*reply[DocumentSettings], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	p, err := s.Settings.Papers(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	return documentSettingsOf(p), nil
}

func (s *Server) editDocumentSettings(ctx context.Context, in *documentSettingsInput) (*reply[DocumentSettings], error) {
	id, rev, p, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Papers)
	if err != nil {
		return nil, err
	}
	p.Checklist = maps.Clone(p.Checklist)
	for line, kinds := range in.Body.Checklist {
		p.Checklist[line] = make([]paper.Kind, len(kinds))
		for i, k := range kinds {
			p.Checklist[line][i] = paper.Kind(k)
		}
	}
	if in.Body.KeepDays != nil {
		p.KeepDays = *in.Body.KeepDays
	}
	if p, err = s.Settings.SetPapers(ctx, in.By, id, rev, p); err != nil {
		return nil, err
	}
	return documentSettingsOf(p), nil
}
