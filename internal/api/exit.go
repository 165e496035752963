package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/privacy"
)

// Exit is where the leaving of an organisation stands.
type Exit struct {
	OrganizationName string      `json:"organization_name" doc:"To be sent back exactly, to ask." example:"Maison de santé des Tilleuls"`
	Asked            *ExitAsked  `json:"asked" doc:"null: nobody asked."`
	Export           *FullExport `json:"export" doc:"The latest full export; null: there is none."`
	Papers           int64       `json:"papers" doc:"How many papers are kept."`
	PapersBytes      int64       `json:"papers_bytes"`
	MayExport        bool        `json:"may_export"`
	MayLeave         bool        `json:"may_leave"`
}

// ExitAsked is the deletion of an organisation that was asked for.
type ExitAsked struct {
	State   string    `json:"state" enum:"asked,under_way" doc:"under_way: it can no longer be taken back."`
	By      string    `json:"by" doc:"Name of who asked."`
	At      time.Time `json:"at"`
	ActsAt  time.Time `json:"acts_at" doc:"When the organisation is deleted."`
	Version int64     `json:"version" doc:"The number in the ETag."`
}

// FullExport is one file that holds everything of an organisation.
type FullExport struct {
	ID        string     `json:"id" example:"oex_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	State     string     `json:"state" enum:"ordered,ready,failed"`
	By        string     `json:"by"`
	AskedAt   time.Time  `json:"asked_at"`
	ReadyAt   *time.Time `json:"ready_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"From then on it is gone."`
	Bytes     int64      `json:"bytes"`
	SHA256    string     `json:"sha256" doc:"Empty until it is ready."`
}

type exitInput struct {
	InOrg

	Body struct {
		Name string `json:"name" maxLength:"200" doc:"The exact name of the organisation." example:"Maison de santé des Tilleuls"`
	}
}

type takeBackInput struct {
	InOrg
	Versioned
}

type fullExportReply struct {
	Body func(huma.Context) `contentType:"application/zip"`
}

const ofWholePerson = " For a person, in their own name, with a fresh proof: a token may not, not even their own."

func (s *Server) aboutExit(d *door) {
	const path = "/organizations/{org}/exit"
	const needs = "Needs settings.edit, security.edit and members.delete in the whole organisation." + ofWholePerson
	const takes = "Needs settings.edit, security.edit, members.read, audit.export and dossiers.certify " +
		"in the whole organisation." + ofWholePerson
	add(d, route{
		id: "getExit", method: http.MethodGet, path: path, tag: tagPrivacy, summary: "Where the leaving of an organisation stands",
		about: "Needs settings.edit in the whole organisation.", errors: []int{http.StatusNotFound},
	}, s.getExit)
	add(d, route{
		id: "askExit", method: http.MethodPost, path: path, tag: tagPrivacy, summary: "Ask for the deletion of an organisation",
		about: "Every administrator is told. 30 days later every row of it is deleted, and its papers; until then it is used as before, " +
			"and it can " +
			"be taken back. The trail keeps its lines without their details. " + needs,
		status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.askExit)
	add(d, route{
		id: "takeExitBack", method: http.MethodDelete, path: path, tag: tagPrivacy, summary: "Take the deletion back",
		about: "Until it has begun. " + needs, status: http.StatusNoContent,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, s.takeExitBack)
	add(d, route{
		id: "orderFullExport", method: http.MethodPost, path: "/organizations/{org}/full-export", tag: tagPrivacy,
		summary: "Order a full export of an organisation",
		about: "One zip: lines of JSON for each table with what they mean, the papers, the trail, and a signed manifest with the SHA-256 " +
			"of each " +
			"file. A letter tells when it is ready; it is kept for 7 days. It holds no secret. " + takes,
		status: http.StatusAccepted, errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.orderFullExport)
	add(d, route{
		id: "getFullExport", method: http.MethodGet, path: "/organizations/{org}/full-export/file", tag: tagPrivacy,
		summary: "Download the full export of an organisation", about: "The last one that is ready. " + takes, errors: []int{http.StatusNotFound},
	}, s.getFullExport)
}

func exitAskedOf(x privacy.Exit) ExitAsked {
	return ExitAsked{State: string(x.State), By: x.AskedBy, At: x.AskedAt.UTC(), ActsAt: x.ActsAt.UTC(), Version: x.Version}
}

func fullExportOf(x privacy.OrgExport) FullExport {
	e := FullExport{
		ID: x.ID.String(), State: string(x.State), By: x.By, AskedAt: x.AskedAt.UTC(), ReadyAt: moment(x.ReadyAt), ExpiresAt: moment(x.ExpiresAt),
		Bytes: x.Bytes,
	}
	if x.State == privacy.ExportReady {
		e.SHA256 = x.Sum.String()
	}
	return e
}

func (s *Server) getExit(ctx context.Context, in *InOrg) (*reply[Exit], error) {
	org, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	v, err := s.Exits.Get(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	out := &reply[Exit]{ETag: etag(0), Body: Exit{
		OrganizationName: v.Org.Name, Papers: v.Files, PapersBytes: v.Bytes, MayExport: v.MayExport, MayLeave: v.MayLeave,
	}}
	if v.Exit != nil {
		asked := exitAskedOf(*v.Exit)
		out.Body.Asked, out.ETag = &asked, etag(asked.Version)
	}
	if v.Export != nil {
		export := fullExportOf(*v.Export)
		out.Body.Export = &export
	}
	return out, nil
}

func (s *Server) askExit(ctx context.Context, in *exitInput) (*reply[ExitAsked], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Exits.Ask(ctx, in.By, org, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &reply[ExitAsked]{ETag: etag(x.Version), Body: exitAskedOf(x)}, nil
}

func (s *Server) takeExitBack(ctx context.Context, in *takeBackInput) (*nothing, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return nil, s.Exits.TakeBack(ctx, in.By, org, version)
}

func (s *Server) orderFullExport(ctx context.Context, in *InOrg) (*plainReply[FullExport], error) {
	org, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	x, err := s.Exits.OrderExport(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	return replied(fullExportOf(x)), nil
}

func (s *Server) getFullExport(ctx context.Context, in *InOrg) (*fullExportReply, error) {
	org, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	x, err := s.Exits.Download(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	return &fullExportReply{Body: s.fileBody(ctx, in.call, x)}, nil
}
