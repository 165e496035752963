package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/workitem"
)

// InWorkItem is the input of a route of one work item.
type InWorkItem struct {
	InOrg

	Source     string `path:"source" doc:"The application's own name: small letters, digits, dots, hyphens." example:"agenda"`
	ExternalID string `path:"external_id" doc:"The application's own ID of the item, percent-encoded." example:"T-2026-000123"`
}

func (in InWorkItem) ref() workitem.Ref {
	return workitem.Ref{Source: in.Source, External: in.ExternalID}
}

type putWorkItemInput struct {
	InWorkItem
	Versioned

	Body WorkItemDetails
}

type removeWorkItemInput struct {
	InWorkItem
	Versioned
}

type workItemsInput struct {
	InOrg
	Paged

	Owner string `query:"owner" required:"true" doc:"Whose: the member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Kind  string `query:"kind" enum:"task,appointment,letter,invoice,patient,setting" doc:"Only those of this kind."`
}

// WorkItemDetails is what an application registers of an item.
type WorkItemDetails struct {
	Kind  string     `json:"kind" enum:"task,appointment,letter,invoice,patient,setting"`
	Title string     `json:"title,omitempty" doc:"What it is, in a few words. It may name no patient." example:"Renouveler la convention"`
	Owner string     `json:"owner" doc:"Who holds it: a member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Site  string     `json:"site,omitempty" doc:"Where: one of the owner's sites."`
	DueAt *time.Time `json:"due_at,omitempty" doc:"By when; of an appointment, which needs it, when it takes place."`
	State string     `json:"state,omitempty" enum:"open,done,cancelled,detached" default:"open" doc:"detached is said by a departure alone: of an appointment whose practitioner left. Opened again, it has an owner who is a member."` //nolint:lll // a tag is one literal
}

type registerWorkItemsInput struct {
	InOrg

	Body newWorkItems
}

type newWorkItems struct {
	Items []newWorkItem `json:"items" minItems:"1" maxItems:"1000"`
}

type newWorkItem struct {
	WorkItemDetails

	Source     string `json:"source" example:"agenda"`
	ExternalID string `json:"external_id" example:"T-2026-000123"`
	Version    int64  `json:"version,omitempty" minimum:"0" doc:"That was read, to change an item; left out for a new one."`
}

type reassignWorkItemsInput struct {
	InMember

	Body workItemHandover
}

type workItemHandover struct {
	To    string        `json:"to" doc:"Who receives: a member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Kind  string        `json:"kind,omitempty" enum:"task,appointment,letter,invoice,patient,setting" doc:"Only those of this kind."`
	Items []workItemRef `json:"items,omitempty" maxItems:"500" doc:"Only these; all that the member holds when it is left out."`
}

type workItemRef struct {
	Source     string `json:"source" example:"agenda"`
	ExternalID string `json:"external_id" example:"T-2026-000123"`
}

const (
	workItemsPath = "/organizations/{org}/work-items"
	workItemPath  = workItemsPath + "/{source}/{external_id}"

	// needsWorkItems ends what is said of the routes of applications, readsWorkItems of those about a member.
	needsWorkItems = " Needs workitems.edit in the organisation, which is that of the items of every source: a token that registers those " +
		"of one application reads, changes and removes those of the others too."
	readsWorkItems = " Needs workitems.edit in the organisation, or at every site of the member"
	neverPatients  = " No patient is named here: an item is known by the application's own ID, and a French social security number is refused."
)

func (s *Server) aboutWorkItems(d *door) {
	add(d, route{
		id: "listWorkItems", method: http.MethodGet, path: workItemsPath, tag: tagWorkItems, summary: "What a member holds",
		about: "Open items, by kind, then by date; an appointment whose time has passed is held no longer." + readsWorkItems +
			"; every member reads their own. What somebody who has left still holds is read with workitems.edit in the organisation.",
		errors: []int{http.StatusNotFound},
	}, s.listWorkItems)
	add(d, route{
		id: "registerWorkItems", method: http.MethodPost, path: workItemsPath, tag: tagWorkItems, summary: "Register many work items",
		about: "Whole or not at all, 1,000 at most. What is so already is left as it is; what is otherwise is changed from the version " +
			"named on its line, and refused without it." + neverPatients + needsWorkItems,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.registerWorkItems)
	add(d, route{
		id: "getWorkItem", method: http.MethodGet, path: workItemPath, tag: tagWorkItems, summary: "One work item",
		about:  "As its application registered it, or as it was reassigned since." + readsWorkItems + " who holds it.",
		errors: []int{http.StatusNotFound},
	}, s.getWorkItem)
	add(d, route{
		id: "putWorkItem", method: http.MethodPut, path: workItemPath, tag: tagWorkItems, summary: "Register a work item",
		about: "Without If-Match it makes the item, and leaves one that is so already as it is. To change one, If-Match names the version that " +
			"was read: what somebody reassigned meanwhile is never lost. What somebody who has left still holds may be closed, changed or given " +
			"to a member. An organisation has 1,000,000 items at most." +
			neverPatients + needsWorkItems,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.putWorkItem)
	add(d, route{
		id: "removeWorkItem", method: http.MethodDelete, path: workItemPath, tag: tagWorkItems, summary: "Remove a work item",
		about: "With If-Match, only that version." + needsWorkItems, errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, s.removeWorkItem)
	add(d, route{
		id: "reassignWorkItems", method: http.MethodPost, path: "/organizations/{org}/members/{mbr}/work-items/reassignment", tag: tagWorkItems,
		summary: "Reassign what a member holds",
		about: "To a member in force, of the site of every item; appointments and patients to somebody who receives patients. 5,000 items at " +
			"most: the answer says how many are left. Versions grow." + readsWorkItems + ", and at one site of who receives.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.reassignWorkItems)
}

// WorkItem is something that a member holds in a connected application.
type WorkItem struct {
	Source     string     `json:"source" example:"agenda"`
	ExternalID string     `json:"external_id" example:"T-2026-000123"`
	Kind       string     `json:"kind" enum:"task,appointment,letter,invoice,patient,setting"`
	Title      string     `json:"title"`
	Owner      string     `json:"owner" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Site       string     `json:"site" doc:"Empty for none, and for one that the caller may not know of."`
	DueAt      *time.Time `json:"due_at" doc:"Null for no date."`
	State      string     `json:"state" enum:"open,done,cancelled,detached" doc:"detached: an appointment whose practitioner left."`
	Held       bool       `json:"held" doc:"It is open, and not an appointment whose time has passed."`
	Late       bool       `json:"late" doc:"It is open, and its date has passed."`
	OnLeaving  string     `json:"on_leaving" enum:"deleted,detached,kept" doc:"What becomes of it if its owner leaves and still holds it."`
	CreatedAt  time.Time  `json:"created_at"`
	ChangedAt  time.Time  `json:"changed_at"`
	Version    int64      `json:"version" doc:"The number in the ETag."`
}

func (s *Server) workItem(i workitem.Item) WorkItem {
	now := s.Run.DB.Now()
	rule, _ := i.Kind.Rule()
	return WorkItem{
		Source: i.Source, ExternalID: i.External, Kind: string(i.Kind), Title: i.Title, Owner: i.Owner.String(), Site: i.Site.String(),
		DueAt: end(i.Due), State: string(i.State), Held: i.Held(now), Late: i.Late(now), OnLeaving: string(rule.Leaving),
		CreatedAt: i.CreatedAt.UTC(), ChangedAt: i.ChangedAt.UTC(), Version: i.Version,
	}
}

func (s *Server) listWorkItems(ctx context.Context, in *workItemsInput) (*plainReply[List[WorkItem]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.WorkItems.List(ctx, in.By, org, known(ident.ParseMember, in.Owner),
		workitem.Query{Kind: workitem.Kind(in.Kind), Size: in.Limit, After: in.Cursor})
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Items, l.Next, l.Total, s.workItem)), nil
}

func (s *Server) getWorkItem(ctx context.Context, in *InWorkItem) (*reply[WorkItem], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	i, err := s.WorkItems.Get(ctx, in.By, org, in.ref())
	if err != nil {
		return nil, err
	}
	return &reply[WorkItem]{ETag: etag(i.Version), Body: s.workItem(i)}, nil
}

func (d WorkItemDetails) details() workitem.Details {
	of := workitem.Details{
		Kind: workitem.Kind(d.Kind), Title: d.Title, Owner: known(ident.ParseMember, d.Owner), Due: d.DueAt, State: workitem.State(d.State),
	}
	if d.Site != "" {
		of.Site = known(ident.ParseSite, d.Site)
	}
	return of
}

func (s *Server) putWorkItem(ctx context.Context, in *putWorkItemInput) (*reply[WorkItem], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	r, err := s.WorkItems.Register(ctx, in.By, org, workitem.Line{Ref: in.ref(), Details: in.Body.details(), Version: version})
	if err != nil {
		return nil, renamed(err, workItemPlace)
	}
	return &reply[WorkItem]{ETag: etag(r.Version), Body: s.workItem(r.Item)}, nil
}

// workItemPlace says where the caller wrote what a rule refuses.
func workItemPlace(field string) string {
	switch field {
	case "source", "external_id":
		return "path." + field
	}
	return "body." + field
}

func (s *Server) removeWorkItem(ctx context.Context, in *removeWorkItemInput) (*nothing, error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.WorkItems.Remove(ctx, in.By, org, in.ref(), version)
}

// WorkItemsReport says what became of many.
type WorkItemsReport struct {
	Made      int `json:"made"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged" doc:"They were so already."`
}

func (s *Server) registerWorkItems(ctx context.Context, in *registerWorkItemsInput) (*plainReply[WorkItemsReport], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	lines := make([]workitem.Line, len(in.Body.Items))
	for i, l := range in.Body.Items {
		lines[i] = workitem.Line{Ref: workitem.Ref{Source: l.Source, External: l.ExternalID}, Details: l.details(), Version: l.Version}
	}
	r, err := s.WorkItems.RegisterMany(ctx, in.By, org, lines)
	if err != nil {
		return nil, err
	}
	return replied(WorkItemsReport(r)), nil
}

// WorkItemReassignment says what went to whom.
type WorkItemReassignment struct {
	To    string `json:"to" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Items int    `json:"items" doc:"How many were reassigned."`
	Left  int64  `json:"left" doc:"How many are left of what was asked: ask again."`
}

func (s *Server) reassignWorkItems(ctx context.Context, in *reassignWorkItemsInput) (*plainReply[WorkItemReassignment], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	h := workitem.Handover{
		From: known(ident.ParseMember, in.Member), To: known(ident.ParseMember, in.Body.To), Kind: workitem.Kind(in.Body.Kind),
	}
	for _, r := range in.Body.Items {
		h.Refs = append(h.Refs, workitem.Ref{Source: r.Source, External: r.ExternalID})
	}
	m, err := s.WorkItems.Reassign(ctx, in.By, org, h)
	if err != nil {
		return nil, err
	}
	return replied(WorkItemReassignment{To: h.To.String(), Items: m.Items, Left: m.Left}), nil
}
