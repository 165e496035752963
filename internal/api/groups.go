package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/recordgroup"
)

type groupsInput struct {
	InOrg
	Paged

	Search string `query:"q" maxLength:"200" doc:"Words of the name or of the description."`
	Member string `query:"member" doc:"Those of this member, neither ended nor of somebody the caller may not know of."`
	Record string `query:"record" doc:"Those that hold this record: its exact name."`
}

// InGroup is the input of a route of one access group.
type InGroup struct {
	InOrg

	Group string `path:"grp" doc:"The access group's ID." example:"grp_019aa0f8-1d2e-7c3f-9a4b-5c6d7e8f9012"`
}

type createGroupInput struct {
	InOrg

	Body newGroup
}

type newGroup struct {
	Name        string `json:"name" example:"Pédiatrie"`
	Description string `json:"description,omitempty" doc:"What it is for."`
}

type editGroupInput struct {
	InGroup
	Versioned

	Body groupChange
}

type groupChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

type removeGroupInput struct {
	InGroup
	Versioned

	DryRun bool `query:"dry_run" doc:"Say what it would do, and do nothing."`
}

const (
	groupsPath = "/organizations/{org}/access-groups"
	groupPath  = groupsPath + "/{grp}"

	// needsGroups ends what is said of the routes that read or change groups.
	readsGroups = " Needs groups.edit or rights.read in the organisation."
	needsGroups = " Needs groups.edit in the organisation."
)

func (s *Server) aboutGroups(d *door) {
	add(d, route{
		id: "listAccessGroups", method: http.MethodGet, path: groupsPath, tag: tagGroups, summary: "Access groups",
		about: "By name. A member sees a patient record when it is in a group of theirs, or in no group at all (unless the organisation " +
			"closes those); a group gives no other right." + readsGroups,
		errors: []int{http.StatusNotFound},
	}, s.listGroups)
	add(d, route{
		id: "createAccessGroup", method: http.MethodPost, path: groupsPath, tag: tagGroups, summary: "Create an access group",
		about: "Empty." + needsGroups, status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createGroup)
	add(d, route{
		id: "getAccessGroup", method: http.MethodGet, path: groupPath, tag: tagGroups, summary: "One access group",
		about:  "Its version grows with its details and its members; records come and go without it." + readsGroups,
		errors: []int{http.StatusNotFound},
	}, s.getGroup)
	add(d, route{
		id: "editAccessGroup", method: http.MethodPatch, path: groupPath, tag: tagGroups, summary: "Change an access group",
		about: "What is left out stays as it is." + needsGroups, errors: []int{http.StatusNotFound},
	}, s.editGroup)
	add(d, route{
		id: "removeAccessGroup", method: http.MethodDelete, path: groupPath, tag: tagGroups, summary: "Remove an access group",
		about: "With all that it holds. Records that are then in no group are open to whoever holds the permission, or closed to everybody " +
			"where the organisation says so: the answer counts them, and dry_run tells it before. With If-Match, only that version." + needsGroups,
		errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, s.removeGroup)
	s.aboutGroupMembers(d)
	s.aboutGroupRecords(d)
}

// AccessGroup says which patient records its members may see.
type AccessGroup struct {
	ID           string    `json:"id" example:"grp_019aa0f8-1d2e-7c3f-9a4b-5c6d7e8f9012"`
	Organization string    `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Name         string    `json:"name" example:"Pédiatrie"`
	Description  string    `json:"description"`
	Members      int64     `json:"members" doc:"How many the caller may know of."`
	Records      int64     `json:"records"`
	CreatedAt    time.Time `json:"created_at"`
	Version      int64     `json:"version" doc:"The number in the ETag."`
}

func groupOf(v recordgroup.Group) AccessGroup {
	return AccessGroup{
		ID: v.ID.String(), Organization: v.Org.String(), Name: v.Name, Description: v.Description, Members: v.Members, Records: v.Records,
		CreatedAt: v.CreatedAt.UTC(), Version: v.Version,
	}
}

func groupReply(v recordgroup.Group, err error) (*reply[AccessGroup], error) {
	if err != nil {
		return nil, err
	}
	return &reply[AccessGroup]{ETag: etag(v.Version), Body: groupOf(v)}, nil
}

func (s *Server) listGroups(ctx context.Context, in *groupsInput) (*plainReply[List[AccessGroup]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := recordgroup.Query{Search: in.Search, Record: in.Record, Size: in.Limit, After: in.Cursor}
	if in.Member != "" {
		q.Member = known(ident.ParseMember, in.Member)
	}
	l, err := s.Groups.List(ctx, in.By, org, q)
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Items, l.Next, l.Total, groupOf)), nil
}

func (s *Server) createGroup(ctx context.Context, in *createGroupInput) (*reply[AccessGroup], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Groups.Create(ctx, in.By, org, recordgroup.Details(in.Body))
	if err != nil {
		return nil, err
	}
	return &reply[AccessGroup]{
		ETag: etag(v.Version), Location: s.at("organizations", org.String(), "access-groups", v.ID.String()), Body: groupOf(v),
	}, nil
}

func (s *Server) getGroup(ctx context.Context, in *InGroup) (*reply[AccessGroup], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return groupReply(s.Groups.Get(ctx, in.By, org, in.id()))
}

func (in InGroup) id() ident.Group { return known(ident.ParseGroup, in.Group) }

func (s *Server) editGroup(ctx context.Context, in *editGroupInput) (*reply[AccessGroup], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	old, err := s.Groups.Get(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return groupReply(s.Groups.Edit(ctx, in.By, org, in.id(), version, recordgroup.Details{
		Name: or(in.Body.Name, old.Name), Description: or(in.Body.Description, old.Description),
	}))
}

// AccessGroupRemoval says what removing a group does.
type AccessGroupRemoval struct {
	DryRun         bool  `json:"dry_run" doc:"Nothing was done."`
	Members        int64 `json:"members" doc:"How many, of those the caller may know of, no longer have it."`
	Records        int64 `json:"records" doc:"How many it held."`
	Ungrouped      int64 `json:"ungrouped" doc:"Of these, those that are in no group now."`
	UnlistedClosed bool  `json:"unlisted_closed" doc:"Records of no group are closed to everybody; else open to who has the permission."`
}

func (s *Server) removeGroup(ctx context.Context, in *removeGroupInput) (*plainReply[AccessGroupRemoval], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	var e recordgroup.Effect
	if in.DryRun {
		e, err = s.Groups.PreviewRemove(ctx, in.By, org, in.id())
	} else {
		e, err = s.Groups.Remove(ctx, in.By, org, in.id(), version, nil)
	}
	if err != nil {
		return nil, err
	}
	return replied(AccessGroupRemoval{in.DryRun, e.Members, e.Records, e.Ungrouped, e.Closed}), nil
}
