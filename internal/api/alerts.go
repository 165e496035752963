package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/ident"
)

type alertsInput struct {
	InOrg
	Paged

	Status alertStatus `query:"status" default:"open" doc:"Open ones by default."`
}

type decisionInput struct {
	InOrg

	Alert string `path:"alr" doc:"The alert's ID." example:"alr_019aa0f7-2b1c-7d3e-8f40-5a6b7c8d9e0f"`
	Body  struct {
		Decision alertDecision `json:"decision" doc:"accept gives the member what the directory publishes."`
	}
}

type (
	alertStatus   string
	alertDecision string
)

// Schema lists the statuses of alerts.
func (alertStatus) Schema(huma.Registry) *huma.Schema {
	return oneOf([]dossier.Status{dossier.Open, dossier.Accepted, dossier.Dismissed, dossier.Withdrawn})
}

// Schema lists the decisions.
func (alertDecision) Schema(huma.Registry) *huma.Schema { return oneOf(dossier.Decisions) }

func (s *Server) aboutAlerts(d *door) {
	const path = "/organizations/{org}/directory-alerts"
	add(d, route{
		id: "listDirectoryAlerts", method: http.MethodGet, path: path, tag: tagDirectory,
		summary: "What the directory says differently of members",
		about: "Each night members are compared with the Annuaire Santé; nothing changes by itself. " +
			"The oldest first, about the members whom the caller may see. Needs members.edit.",
		errors: []int{http.StatusNotFound},
	}, s.listAlerts)
	add(d, route{
		id: "decideDirectoryAlert", method: http.MethodPost, path: path + "/{alr}/decision", tag: tagDirectory,
		summary: "Accept or dismiss an alert",
		about: "Of a file that the directory has closed, accepting only notes that it was seen. The same difference is not raised again. " +
			"Needs members.edit at every site of the member.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.decideAlert)
}

// DirectoryAlert tells that the directory says something else of a member.
type DirectoryAlert struct {
	ID           string            `json:"id" example:"alr_019aa0f7-2b1c-7d3e-8f40-5a6b7c8d9e0f"`
	Organization string            `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Member       string            `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	MemberName   string            `json:"member_name" example:"Aïcha Diallo"`
	Kind         string            `json:"kind" enum:"closed,found,renamed,profession,place" doc:"The gravest difference."`
	Status       string            `json:"status" enum:"open,accepted,dismissed,withdrawn" doc:"withdrawn: no difference now."`
	Changes      []DirectoryChange `json:"changes"`
	Origin       *string           `json:"origin" enum:"index,fhir" doc:"Where the directory was read."`
	AsOf         *time.Time        `json:"as_of" doc:"Date of what the directory says."`
	RaisedAt     time.Time         `json:"raised_at"`
	DecidedAt    *time.Time        `json:"decided_at"`
	DecidedBy    string            `json:"decided_by" doc:"Who decided, or empty."`
	MayDecide    bool              `json:"may_decide" doc:"The caller may decide this one."`
	Version      int64             `json:"version"`
}

// DirectoryChange is one field that differs.
type DirectoryChange struct {
	Field  string `json:"field" enum:"status,given_name,family_name,profession,specialty,place"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func alertOf(a dossier.Alert) DirectoryAlert {
	v := DirectoryAlert{
		ID: a.ID.String(), Organization: a.Org.String(), Member: a.Member.String(), MemberName: a.Name,
		Kind: string(a.Kind), Status: string(a.Status),
		Changes: make([]DirectoryChange, 0, len(a.Changes)), AsOf: moment(a.AsOf), RaisedAt: a.RaisedAt.UTC(), DecidedAt: moment(a.DecidedAt),
		DecidedBy: a.DecidedBy, MayDecide: a.MayDecide, Version: a.Version,
	}
	if a.Origin != directory.NotChecked {
		origin := string(a.Origin)
		v.Origin = &origin
	}
	for _, c := range a.Changes {
		v.Changes = append(v.Changes, DirectoryChange(c))
	}
	return v
}

func (s *Server) listAlerts(ctx context.Context, in *alertsInput) (*plainReply[List[DirectoryAlert]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Alerts.List(ctx, in.By, org, dossier.Status(in.Status))
	if err != nil {
		return nil, err
	}
	return cut[dossier.Alert, DirectoryAlert]{
		ring: s.Run.Ring, name: "directory-alerts " + org.String() + " " + string(in.Status), page: in.Paged,
		id: func(a dossier.Alert) string { return a.ID.String() }, document: alertOf,
	}.of(all)
}

func (s *Server) decideAlert(ctx context.Context, in *decisionInput) (*reply[DirectoryAlert], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	a, err := s.Alerts.Decide(ctx, in.By, org, known(ident.ParseAlert, in.Alert), dossier.Decision(in.Body.Decision))
	if err != nil {
		return nil, err
	}
	return &reply[DirectoryAlert]{ETag: etag(a.Version), Body: alertOf(a)}, nil
}
