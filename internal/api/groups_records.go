package api

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"habilis/internal/recordgroup"
)

type groupRecordsInput struct {
	InGroup
	Paged

	Record string `query:"record" doc:"Only this record: its exact name."`
}

type changeGroupRecordsInput struct {
	InGroup

	DryRun bool `query:"dry_run" doc:"Say what it would do, and do nothing."`
	Body   groupRecords
}

type groupRecords struct {
	Add    []string `json:"add,omitempty" maxItems:"10000" doc:"The application's own names of the records."`
	Remove []string `json:"remove,omitempty" maxItems:"10000"`
}

type groupRecordInput struct {
	InGroup
	Versioned

	Record string `path:"record" doc:"The application's own name of the record, percent-encoded." example:"DOS-2026-000123"`
	DryRun bool   `query:"dry_run" doc:"Say what it would do, and do nothing."`
}

func (s *Server) aboutGroupRecords(d *door) {
	const path, one = groupPath + "/records", groupPath + "/records/{record}"
	const encoded = " In the path the name is percent-encoded; one with a slash, or of dots alone, may not pass: " +
		"the route of many takes any."
	add(d, route{
		id: "listAccessGroupRecords", method: http.MethodGet, path: path, tag: tagGroups, summary: "Records of an access group",
		about: "In the order of their names." + readsGroups, errors: []int{http.StatusNotFound},
	}, s.listGroupRecords)
	add(d, route{
		id: "changeAccessGroupRecords", method: http.MethodPost, path: path, tag: tagGroups, summary: "Put many records in, take many out",
		about: "Whole or not at all, 10,000 names at most, each of 1 to 200 printable characters, kept and compared byte for byte. " +
			"What is already as asked is no error. No patient's number is kept here: a French social security number is refused." + needsGroups,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.changeGroupRecords)
	add(d, route{
		id: "addAccessGroupRecord", method: http.MethodPut, path: one, tag: tagGroups, summary: "Put a record in an access group",
		about: "If-Match names the version of the group." + encoded + needsGroups, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.addGroupRecord)
	add(d, route{
		id: "removeAccessGroupRecord", method: http.MethodDelete, path: one, tag: tagGroups, summary: "Take a record out of an access group",
		about:  "With If-Match, only that version of the group." + encoded + needsGroups,
		errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, s.removeGroupRecord)
}

// AccessGroupRecord is a patient record in a group.
type AccessGroupRecord struct {
	Record string    `json:"record" doc:"The application's own name of it." example:"DOS-2026-000123"`
	Since  time.Time `json:"since"`
}

// AccessGroupRecordsReport says what became of records.
type AccessGroupRecordsReport struct {
	DryRun         bool  `json:"dry_run" doc:"Nothing was done."`
	Added          int64 `json:"added"`
	AlreadyIn      int64 `json:"already_in"`
	Removed        int64 `json:"removed"`
	NotIn          int64 `json:"not_in" doc:"To be taken out, and not in the group."`
	Grouped        int64 `json:"grouped" doc:"Of those added, those that were in no group: only members of their groups see them now."`
	Ungrouped      int64 `json:"ungrouped" doc:"Of those taken out, those that are in no group now."`
	UnlistedClosed bool  `json:"unlisted_closed" doc:"Records of no group are closed to everybody; else open to who has the permission."`
}

func (s *Server) listGroupRecords(ctx context.Context, in *groupRecordsInput) (*plainReply[List[AccessGroupRecord]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Groups.Records(ctx, in.By, org, in.id(), recordgroup.Query{Record: in.Record, Size: in.Limit, After: in.Cursor})
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Items, l.Next, l.Total, func(r recordgroup.Record) AccessGroupRecord {
		return AccessGroupRecord{r.Name, r.Since.UTC()}
	})), nil
}

func (s *Server) changeGroupRecords(ctx context.Context, in *changeGroupRecordsInput) (*plainReply[AccessGroupRecordsReport], error) {
	return s.records(ctx, in.InGroup, recordgroup.AnyVersion, recordgroup.Change(in.Body), in.DryRun)
}

func (s *Server) addGroupRecord(ctx context.Context, in *groupRecordInput) (*plainReply[AccessGroupRecordsReport], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	r, err := s.records(ctx, in.InGroup, version, recordgroup.Change{Add: []string{in.Record}}, in.DryRun)
	return r, renamed(err, recordPlace)
}

func (s *Server) removeGroupRecord(ctx context.Context, in *groupRecordInput) (*plainReply[AccessGroupRecordsReport], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	r, err := s.records(ctx, in.InGroup, version, recordgroup.Change{Remove: []string{in.Record}}, in.DryRun)
	return r, renamed(err, recordPlace)
}

// recordPlace says where the caller wrote the only record of the change.
func recordPlace(string) string { return "path.record" }

func (s *Server) records(ctx context.Context, in InGroup, version int64, c recordgroup.Change, dryRun bool,
) (*plainReply[AccessGroupRecordsReport], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	var r recordgroup.Changed
	if dryRun {
		r, err = s.Groups.PreviewRecords(ctx, in.By, org, in.id(), c)
	} else {
		r, err = s.Groups.ChangeRecords(ctx, in.By, org, in.id(), version, c, nil)
	}
	if err != nil {
		return nil, err
	}
	return replied(AccessGroupRecordsReport{
		DryRun: dryRun, Added: r.Added, AlreadyIn: r.AlreadyIn, Removed: r.Removed, NotIn: r.NotIn, Grouped: r.Grouped,
		Ungrouped: r.Ungrouped, UnlistedClosed: r.Closed,
	}), nil
}

// recordPath are the paths that end with an application's name of a record or of a work item,
// the one part of any path that is not ours to choose: it may be escaped (WEB-04 forbids it
// elsewhere).
var recordPath = regexp.MustCompile(`^(` + Prefix + `/organizations/[^/%]+/(?:access-groups/[^/%]+/records|work-items/[^/%]+)/)([^/\\]+)$`)

// unnamed is a path as routes are written: the name of a record in it stands for any.
func unnamed(path string) string {
	parts := recordPath.FindStringSubmatch(path)
	if parts == nil {
		return path
	}
	if name, err := url.PathUnescape(parts[2]); err != nil || name == parts[2] {
		return path
	}
	return parts[1] + "x"
}
