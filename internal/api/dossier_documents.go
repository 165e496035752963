package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/paper"
)

// InDossier is the input of a route of one file.
type InDossier struct {
	InOrg

	Dossier string `path:"dos" doc:"The file's ID." example:"dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

func (in InDossier) member() ident.Member {
	return ident.MemberOf(known(ident.ParseDossier, in.Dossier))
}

type documentInput struct {
	InDossier

	Document string `path:"doc" doc:"The document's ID." example:"doc_019aa0f2-6b1c-7d3e-8f40-5a6b7c8d9e0f"`
}

type addDocumentInput struct {
	InDossier

	Kind paperKind `query:"kind" required:"true" doc:"What it proves." example:"card"`
	Name string    `query:"name" maxLength:"300" doc:"What its sender calls it; the name that is kept is made of it." example:"carte CPS.pdf"`
}

type paperKind string

// Schema lists the kinds of papers.
func (paperKind) Schema(huma.Registry) *huma.Schema { return oneOf(paper.Kinds) }

func (s *Server) aboutDocuments(d *door) {
	const path = "/organizations/{org}/dossiers/{dos}/documents"
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "listDocuments", method: http.MethodGet, path: path, tag: tagDossiers, summary: "Papers of a file",
		about: "The oldest first, with who opened each. For the person themself, for dossiers.certify, and for support while the file awaits " +
			"a decision.",
		errors: missing,
	}, s.listDocuments)
	add(d, route{
		id: "addDocument", method: http.MethodPost, path: path, tag: tagDossiers, summary: "Add a paper to a file",
		status: http.StatusCreated, file: true,
		about: "A PDF, a JPEG or a PNG by its content, " + strconv.Itoa(paper.MaxBytes>>20) + " MB at most; " +
			strconv.Itoa(dossier.MaxDocuments) + " of a file. An image is written anew, without what came with it. " +
			"Needs dossiers.certify, or is the person's own.",
		errors: append(missing, http.StatusConflict),
	}, s.addDocument)
	add(d, route{
		id: "getDocument", method: http.MethodGet, path: path + "/{doc}", tag: tagDossiers, summary: "The bytes of a paper",
		about:  "As an attachment. Each look is recorded, and shown to whoever sees the file. From support, with a fresh proof from a person.",
		errors: append(missing, http.StatusConflict, http.StatusGone),
	}, s.getDocument)
	add(d, route{
		id: "removeDocument", method: http.MethodDelete, path: path + "/{doc}", tag: tagDossiers, summary: "Remove a paper from a file",
		about:  "With its bytes, before any decision; afterwards they go by themselves.",
		status: http.StatusNoContent, errors: append(missing, http.StatusConflict),
	}, s.removeDocument)
}

// Document is one paper of a file, without its bytes.
type Document struct {
	ID           string         `json:"id" example:"doc_019aa0f2-6b1c-7d3e-8f40-5a6b7c8d9e0f"`
	Organization string         `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Dossier      string         `json:"dossier" example:"dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Member       string         `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Kind         string         `json:"kind" enum:"card,order,diploma,identity,employer,replacement,insurance,other"`
	Name         string         `json:"name" example:"carte CPS.pdf"`
	MediaType    string         `json:"media_type" enum:"application/pdf,image/jpeg,image/png"`
	Bytes        int64          `json:"bytes" example:"421888"`
	SHA256       string         `json:"sha256" doc:"Of the bytes that are kept."`
	Scan         string         `json:"scan" enum:"pending,clean,unscanned,infected,purged" doc:"pending: not to be opened yet; infected and purged: its bytes are gone."` //nolint:lll // a tag is one literal
	Own          bool           `json:"own" doc:"The person gave it themself."`
	AddedBy      string         `json:"added_by" example:"Linh Nguyen"`
	AddedAt      time.Time      `json:"added_at"`
	PurgeAt      *time.Time     `json:"purge_at" doc:"When its bytes go; null before a decision."`
	Looks        []DocumentLook `json:"looks" doc:"Who opened it, the last time of each."`
}

// DocumentLook tells who opened a paper.
type DocumentLook struct {
	Name    string    `json:"name" example:"Claire Morvan"`
	Support bool      `json:"support"`
	At      time.Time `json:"at"`
}

func documentOf(d dossier.Document) Document {
	v := Document{
		ID: d.ID.String(), Organization: d.Org.String(), Dossier: ident.DossierOf(d.Member).String(), Member: d.Member.String(),
		Kind: string(d.Kind), Name: d.Name, MediaType: string(d.Type), Bytes: d.Bytes, SHA256: d.Sum.String(), Scan: string(d.State),
		Own: d.Own, AddedBy: d.AddedBy, AddedAt: d.AddedAt.UTC(), PurgeAt: end(d.PurgeAt), Looks: make([]DocumentLook, 0, len(d.Looks)),
	}
	for _, l := range d.Looks {
		v.Looks = append(v.Looks, DocumentLook{l.Name, l.Support, l.At.UTC()})
	}
	return v
}

type documentsInput struct {
	InDossier
	Paged
}

func (s *Server) listDocuments(ctx context.Context, in *documentsInput) (*plainReply[List[Document]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Documents.List(ctx, in.By, org, in.member())
	if err != nil {
		return nil, err
	}
	return cut[dossier.Document, Document]{
		ring: s.Run.Ring, name: "documents " + org.String() + " " + in.Dossier, page: in.Paged,
		id: func(d dossier.Document) string { return d.ID.String() }, document: documentOf,
	}.of(l.Documents)
}

func (s *Server) addDocument(ctx context.Context, in *addDocumentInput) (*madeReply[Document], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	n := dossier.NewDocument{Kind: paper.Kind(in.Kind), Name: in.Name, Data: in.call.file}
	d, err := s.Documents.Add(ctx, in.By, org, in.member(), n)
	if err != nil {
		return nil, err
	}
	v := documentOf(d)
	return &madeReply[Document]{Location: s.at("organizations", v.Organization, "dossiers", v.Dossier, "documents", v.ID), Body: v}, nil
}

// bytesReply is an answer of bytes, written as they are read.
type bytesReply struct {
	Body func(huma.Context) `contentType:"application/octet-stream"`
}

func (s *Server) getDocument(ctx context.Context, in *documentInput) (*bytesReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	d, err := s.Documents.Look(ctx, in.By, org, in.member(), known(ident.ParseDocument, in.Document))
	if err != nil {
		return nil, err
	}
	return &bytesReply{Body: func(hc huma.Context) {
		for name, value := range paper.Headers(d.Type, d.Name, d.Bytes) {
			hc.SetHeader(name, value)
		}
		hc.SetStatus(http.StatusOK)
		if _, err := io.Copy(in.call.w, s.Documents.Content(ctx, d)); err != nil {
			s.Log.Warn("api: a document was cut off", "request", in.By.Request, "err", err)
			panic(http.ErrAbortHandler) // a half file must not look whole
		}
	}}, nil
}

func (s *Server) removeDocument(ctx context.Context, in *documentInput) (*nothing, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	_, err = s.Documents.Remove(ctx, in.By, org, in.member(), known(ident.ParseDocument, in.Document))
	return nil, err
}
