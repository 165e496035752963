package api

import (
	"context"
	"net/http"

	"habilis/internal/setting"
)

// RegistrationSettings says whether people may register by themselves, and what they accept.
type RegistrationSettings struct {
	Open      bool                  `json:"open" doc:"By default for a CPTS only."`
	Consents  []RegistrationConsent `json:"consents" doc:"Empty: the text that Habilis proposes."`
	TwoPeople bool                  `json:"certification_two_people" doc:"Two different people certify each account."`
	Version   int64                 `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

type registrationSettingsInput struct {
	InOrg
	Versioned

	Body registrationSettingsChange
}

type registrationSettingsChange struct {
	Open      *bool                  `json:"open,omitempty"`
	Consents  *[]RegistrationConsent `json:"consents,omitempty"`
	TwoPeople *bool                  `json:"certification_two_people,omitempty"`
}

func (s *Server) aboutRegistrationSettings(d *door) {
	const path = "/organizations/{org}/settings/registration"
	add(d, route{
		id: "getRegistrationSettings", method: http.MethodGet, path: path, tag: tagOrganizations,
		summary: "Whether people may register by themselves",
		about:   forItsOwn, errors: []int{http.StatusNotFound},
	}, s.getRegistrationSettings)
	add(d, route{
		id: "editRegistrationSettings", method: http.MethodPatch, path: path, tag: tagOrganizations, summary: "Open or close registrations",
		about: "What is left out stays as it is; what was accepted before stays what it was. Needs settings.edit, with a fresh proof from " +
			"a person.",
		errors: []int{http.StatusNotFound},
	}, s.editRegistrationSettings)
}

func registrationSettingsOf(r setting.Registration) *reply[RegistrationSettings] {
	v := RegistrationSettings{Open: r.Open, TwoPeople: r.TwoPeople, Consents: make([]RegistrationConsent, 0, len(r.Consents)), Version: r.Rev}
	for _, c := range r.Consents {
		v.Consents = append(v.Consents, RegistrationConsent{c.Title, c.Body})
	}
	return &reply[RegistrationSettings]{ETag: etag(r.Rev), Body: v}
}

func (s *Server) getRegistrationSettings(ctx context.Context, in *InOrg) (*reply[RegistrationSettings], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	r, err := s.Settings.Registration(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	return registrationSettingsOf(r), nil
}

func (s *Server) editRegistrationSettings(ctx context.Context, in *registrationSettingsInput) (*reply[RegistrationSettings], error) {
	id, rev, r, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Registration)
	if err != nil {
		return nil, err
	}
	if in.Body.Open != nil {
		r.Open = *in.Body.Open
	}
	if in.Body.TwoPeople != nil {
		r.TwoPeople = *in.Body.TwoPeople
	}
	if in.Body.Consents != nil {
		r.Consents = nil
		for _, c := range *in.Body.Consents {
			r.Consents = append(r.Consents, setting.Consent{Title: c.Title, Body: c.Body})
		}
	}
	if r, err = s.Settings.SetRegistration(ctx, in.By, id, rev, r); err != nil {
		return nil, err
	}
	return registrationSettingsOf(r), nil
}
