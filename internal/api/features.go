package api

import (
	"context"
	"net/http"

	"habilis/internal/org"
)

type editFeaturesInput struct {
	InOrg
	Versioned

	Body featuresChange
}

type featuresChange struct {
	Administration *bool `json:"administration,omitempty" doc:"The administration space. Closed, members work on, and administrators are answered 403 feature.off."` //nolint:lll // a tag is one literal
}

func (s *Server) aboutFeatures(d *door) {
	const path = "/organizations/{org}/features"
	add(d, route{
		id: "getFeatures", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "What is open to an organisation",
		about: "For its members, its tokens and the platform's support.", errors: []int{http.StatusNotFound},
	}, s.getFeatures)
	add(d, route{
		id: "editFeatures", method: http.MethodPatch, path: path, tag: tagOrganizations, summary: "Open or close parts of the product",
		about: "For the platform's support. What is left out stays as it is.", errors: []int{http.StatusNotFound},
	}, s.editFeatures)
}

// Features are the parts of the product that the platform's support opens to an organisation.
type Features struct {
	Administration bool  `json:"administration" doc:"The administration space."`
	Version        int64 `json:"version" doc:"The number in the ETag: that of the organisation."`
}

func featuresReply(o org.Org, err error) (*reply[Features], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Features]{ETag: etag(o.Rev), Body: Features{Administration: o.Features.Administration, Version: o.Rev}}, nil
}

func (s *Server) getFeatures(ctx context.Context, in *InOrg) (*reply[Features], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return featuresReply(s.Orgs.Get(ctx, in.By, id))
}

func (s *Server) editFeatures(ctx context.Context, in *editFeaturesInput) (*reply[Features], error) {
	id, rev, old, err := presented(ctx, s, in.InOrg, in.Versioned, s.Orgs.Get)
	if err != nil {
		return nil, err
	}
	f := old.Features
	if in.Body.Administration != nil {
		f.Administration = *in.Body.Administration
	}
	return featuresReply(s.Orgs.SetFeatures(ctx, in.By, id, rev, f))
}
