package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// partGroups is a part of the paths of this file.
const partGroups = "access-groups"

// AccessGroup says which patient records its members may see.
type AccessGroup struct {
	ID           string    `json:"id"`
	Organization string    `json:"organization"`
	Name         string    `json:"name"`
	Description  string    `json:"description"`
	Members      int64     `json:"members"` // those whom the caller may know of
	Records      int64     `json:"records"`
	CreatedAt    time.Time `json:"created_at"`
	Version      int64     `json:"version"` // grows with details and members; records come and go without it
}

// AccessGroupQuery chooses access groups.
type AccessGroupQuery struct {
	Paging

	Search string `query:"q"`      // words of the name or of the description
	Member string `query:"member"` // those of this member
	Record string `query:"record"` // those that hold this record: its exact name
}

// NewAccessGroup is a group to create.
type NewAccessGroup struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// AccessGroupChange changes a group; what is nil stays as it is.
type AccessGroupChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// AccessGroupRemoval says what removing a group does.
type AccessGroupRemoval struct {
	DryRun         bool  `json:"dry_run"`
	Members        int64 `json:"members"`
	Records        int64 `json:"records"`
	Ungrouped      int64 `json:"ungrouped"`       // records that are in no group now
	UnlistedClosed bool  `json:"unlisted_closed"` // those are closed to everybody; else open to whoever holds the permission
}

// AccessGroupMember is a member in a group.
type AccessGroupMember struct {
	Member     string     `json:"member"`
	Title      string     `json:"title"`
	GivenName  string     `json:"given_name"`
	FamilyName string     `json:"family_name"`
	Function   string     `json:"function"`
	Status     string     `json:"status"`
	From       time.Time  `json:"from"`
	Until      *time.Time `json:"until"` // nil: without an end
	GivenBy    string     `json:"given_by"`
	GivenAt    time.Time  `json:"given_at"`
}

// AccessGroupMemberQuery chooses members of a group.
type AccessGroupMemberQuery struct {
	Paging

	Search string `query:"q"` // words of the name or of the e-mail address
	Member string `query:"member"`
}

// AccessGroupPeriod says since when and until when a member is in a group.
type AccessGroupPeriod struct {
	From  *time.Time `json:"from,omitempty"`  // nil: at once; a membership in force keeps its own
	Until *time.Time `json:"until,omitempty"` // nil: without an end
}

// AccessGroupRecord is a patient record in a group.
type AccessGroupRecord struct {
	Record string    `json:"record"` // the application's own name of it
	Since  time.Time `json:"since"`
}

// AccessGroupRecordQuery chooses records of a group.
type AccessGroupRecordQuery struct {
	Paging

	Record string `query:"record"` // its exact name
}

// AccessGroupRecords are records to put in a group and to take out of it: 10,000 at most.
type AccessGroupRecords struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// AccessGroupRecordsReport says what became of records.
type AccessGroupRecordsReport struct {
	DryRun         bool  `json:"dry_run"`
	Added          int64 `json:"added"`
	AlreadyIn      int64 `json:"already_in"`
	Removed        int64 `json:"removed"`
	NotIn          int64 `json:"not_in"`
	Grouped        int64 `json:"grouped"`         // of those added, those that were in no group
	Ungrouped      int64 `json:"ungrouped"`       // of those removed, those that are in no group now
	UnlistedClosed bool  `json:"unlisted_closed"` // those are closed to everybody; else open to whoever holds the permission
}

// ListAccessGroups gives a page of the groups of an organisation, by name.
func (c *Client) ListAccessGroups(ctx context.Context, org string, q AccessGroupQuery) (List[AccessGroup], error) {
	return call[List[AccessGroup]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partGroups), query: q})
}

// AccessGroups goes through the groups of an organisation, by name.
func (c *Client) AccessGroups(ctx context.Context, org string, q AccessGroupQuery) iter.Seq2[AccessGroup, error] {
	return every(q.Paging, func(p Paging) (List[AccessGroup], error) { q.Paging = p; return c.ListAccessGroups(ctx, org, q) })
}

// CreateAccessGroup makes an empty group.
func (c *Client) CreateAccessGroup(ctx context.Context, org string, n NewAccessGroup) (AccessGroup, error) {
	return call[AccessGroup](ctx, c, request{method: http.MethodPost, path: inOrg(org, partGroups), body: n})
}

// GetAccessGroup reads one.
func (c *Client) GetAccessGroup(ctx context.Context, org, group string) (AccessGroup, error) {
	return call[AccessGroup](ctx, c, request{method: http.MethodGet, path: inOrg(org, partGroups, group)})
}

// EditAccessGroup changes one, from the version read.
func (c *Client) EditAccessGroup(ctx context.Context, org, group string, version int64, change AccessGroupChange) (AccessGroup, error) {
	return call[AccessGroup](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partGroups, group), version: &version, body: change,
	})
}

// RemoveAccessGroup removes one with all that it holds; version 0: whichever is there.
func (c *Client) RemoveAccessGroup(ctx context.Context, org, group string, version int64) (AccessGroupRemoval, error) {
	return call[AccessGroupRemoval](ctx, c, request{method: http.MethodDelete, path: inOrg(org, partGroups, group), version: from(version)})
}

// PreviewRemoveAccessGroup says what removing one would do.
func (c *Client) PreviewRemoveAccessGroup(ctx context.Context, org, group string) (AccessGroupRemoval, error) {
	return call[AccessGroupRemoval](ctx, c, request{
		method: http.MethodDelete, path: inOrg(org, partGroups, group), query: dryRun{true},
	})
}

// ListAccessGroupMembers gives a page of the members of a group whom the caller may know of.
func (c *Client) ListAccessGroupMembers(ctx context.Context, org, group string, q AccessGroupMemberQuery) (List[AccessGroupMember], error) {
	return call[List[AccessGroupMember]](ctx, c, request{
		method: http.MethodGet, path: inOrg(org, partGroups, group, "members"), query: q,
	})
}

// AccessGroupMembers goes through the members of a group whom the caller may know of.
func (c *Client) AccessGroupMembers(ctx context.Context, org, group string, q AccessGroupMemberQuery) iter.Seq2[AccessGroupMember, error] {
	return every(q.Paging, func(p Paging) (List[AccessGroupMember], error) {
		q.Paging = p
		return c.ListAccessGroupMembers(ctx, org, group, q)
	})
}

// SetAccessGroupMember puts a member in a group, or changes since when and until when they
// are in it, from the version of the group.
func (c *Client) SetAccessGroupMember(ctx context.Context, org, group, member string, version int64, p AccessGroupPeriod,
) (AccessGroup, error) {
	return call[AccessGroup](ctx, c, request{
		method: http.MethodPut, path: inOrg(org, partGroups, group, "members", member), version: &version, body: p,
	})
}

// RemoveAccessGroupMember takes a member out of a group; version 0: whichever is there.
func (c *Client) RemoveAccessGroupMember(ctx context.Context, org, group, member string, version int64) (AccessGroup, error) {
	return call[AccessGroup](ctx, c, request{
		method: http.MethodDelete, path: inOrg(org, partGroups, group, "members", member), version: from(version),
	})
}

// ListAccessGroupRecords gives a page of the records of a group.
func (c *Client) ListAccessGroupRecords(ctx context.Context, org, group string, q AccessGroupRecordQuery) (List[AccessGroupRecord], error) {
	return call[List[AccessGroupRecord]](ctx, c, request{
		method: http.MethodGet, path: inOrg(org, partGroups, group, "records"), query: q,
	})
}

// AccessGroupRecords goes through the records of a group.
func (c *Client) AccessGroupRecords(ctx context.Context, org, group string, q AccessGroupRecordQuery) iter.Seq2[AccessGroupRecord, error] {
	return every(q.Paging, func(p Paging) (List[AccessGroupRecord], error) {
		q.Paging = p
		return c.ListAccessGroupRecords(ctx, org, group, q)
	})
}

// ChangeAccessGroupRecords puts records in a group and takes others out, whole or not at all.
func (c *Client) ChangeAccessGroupRecords(ctx context.Context, org, group string, r AccessGroupRecords) (AccessGroupRecordsReport, error) {
	return call[AccessGroupRecordsReport](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, partGroups, group, "records"), body: r,
	})
}

// PreviewAccessGroupRecords says what ChangeAccessGroupRecords would do.
func (c *Client) PreviewAccessGroupRecords(ctx context.Context, org, group string, r AccessGroupRecords) (AccessGroupRecordsReport, error) {
	return call[AccessGroupRecordsReport](ctx, c, request{
		method: http.MethodPost, path: inOrg(org, partGroups, group, "records"), body: r, query: dryRun{true},
	})
}

// AddAccessGroupRecord puts one record in a group, from the version of the group.
func (c *Client) AddAccessGroupRecord(ctx context.Context, org, group, record string, version int64) (AccessGroupRecordsReport, error) {
	return call[AccessGroupRecordsReport](ctx, c, request{
		method: http.MethodPut, path: inOrg(org, partGroups, group, "records", record), version: &version,
	})
}

// RemoveAccessGroupRecord takes one record out of a group; version 0: whichever is there.
func (c *Client) RemoveAccessGroupRecord(ctx context.Context, org, group, record string, version int64) (AccessGroupRecordsReport, error) {
	return call[AccessGroupRecordsReport](ctx, c, request{
		method: http.MethodDelete, path: inOrg(org, partGroups, group, "records", record), version: from(version),
	})
}
