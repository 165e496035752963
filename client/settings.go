package client

import (
	"context"
	"net/http"
)

// OrganizationSettings is what an organisation has decided for all its members.
type OrganizationSettings struct {
	RecordsUnlistedClosed bool  `json:"records_unlisted_closed"` // patient records of no access group are closed to everybody
	Version               int64 `json:"version"`
}

// SettingsPreview is the settings, and what changing them bears on.
type SettingsPreview struct {
	OrganizationSettings

	DryRun           bool  `json:"dry_run"`
	AccessGroups     int64 `json:"access_groups"`
	MembersInNoGroup int64 `json:"members_in_no_group"` // while records of no group are closed, they see no record
}

// SettingsChange changes settings; what is nil stays as it is.
type SettingsChange struct {
	RecordsUnlistedClosed *bool `json:"records_unlisted_closed,omitempty"`
}

// GetSettings reads the settings of an organisation.
func (c *Client) GetSettings(ctx context.Context, org string) (OrganizationSettings, error) {
	return call[OrganizationSettings](ctx, c, request{method: http.MethodGet, path: inOrg(org, partSettings)})
}

// EditSettings changes them, from the version read.
func (c *Client) EditSettings(ctx context.Context, org string, version int64, change SettingsChange) (SettingsPreview, error) {
	return call[SettingsPreview](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partSettings), version: &version, body: change,
	})
}

// PreviewSettings says what EditSettings would bear on.
func (c *Client) PreviewSettings(ctx context.Context, org string, version int64, change SettingsChange) (SettingsPreview, error) {
	return call[SettingsPreview](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partSettings), version: &version, body: change, query: dryRun{true},
	})
}
