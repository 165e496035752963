package api

import (
	"context"
	"net/http"

	"habilis/internal/setting"
)

// OrganizationSettings is what an organisation has decided for all its members.
type OrganizationSettings struct {
	RecordsUnlistedClosed bool  `json:"records_unlisted_closed" doc:"Records of no access group are closed to everybody, not open as usual."`
	Version               int64 `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

// SettingsPreview is the settings, and what changing them would bear on.
type SettingsPreview struct {
	OrganizationSettings

	DryRun           bool  `json:"dry_run" doc:"Nothing was done."`
	AccessGroups     int64 `json:"access_groups"`
	MembersInNoGroup int64 `json:"members_in_no_group" doc:"Where records of no group are closed, they see none."`
}

type editSettingsInput struct {
	InOrg
	Versioned

	DryRun bool `query:"dry_run" doc:"Say what it would bear on, and do nothing."`
	Body   settingsChange
}

type settingsChange struct {
	RecordsUnlistedClosed *bool `json:"records_unlisted_closed,omitempty"`
}

// forItsOwn says who reads what an organisation has set.
const forItsOwn = "For its members and its tokens."

func (s *Server) aboutSettings(d *door) {
	const path = "/organizations/{org}/settings"
	add(d, route{
		id: "getSettings", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "Settings of an organisation",
		about: forItsOwn, errors: []int{http.StatusNotFound},
	}, s.getSettings)
	add(d, route{
		id: "editSettings", method: http.MethodPatch, path: path, tag: tagOrganizations, summary: "Change the settings of an organisation",
		about: "What is left out stays as it is. The answer says what the change bears on; dry_run says it before. " +
			"Needs settings.edit, with a fresh proof from a person.",
		errors: []int{http.StatusNotFound},
	}, s.editSettings)
}

func settingsOf(v setting.Records) OrganizationSettings {
	return OrganizationSettings{v.UnlistedClosed, v.Rev}
}

func (s *Server) getSettings(ctx context.Context, in *InOrg) (*reply[OrganizationSettings], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	v, err := s.Settings.Records(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	return &reply[OrganizationSettings]{ETag: etag(v.Rev), Body: settingsOf(v)}, nil
}

func (s *Server) editSettings(ctx context.Context, in *editSettingsInput) (*reply[SettingsPreview], error) {
	id, rev, u, err := presented(ctx, s, in.InOrg, in.Versioned, s.Groups.Unlisted)
	if err != nil {
		return nil, err
	}
	v := u.Records
	if in.Body.RecordsUnlistedClosed != nil {
		v.UnlistedClosed = *in.Body.RecordsUnlistedClosed
	}
	switch {
	case !in.DryRun:
		if v, err = s.Settings.SetRecords(ctx, in.By, id, rev, v); err != nil {
			return nil, err
		}
	case v.Rev != rev:
		return nil, setting.ErrStale
	}
	return &reply[SettingsPreview]{
		ETag: etag(v.Rev), Body: SettingsPreview{settingsOf(v), in.DryRun, u.Groups, u.Without},
	}, nil
}
