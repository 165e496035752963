package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Document is one paper of a file, without its bytes.
type Document struct {
	ID           string         `json:"id"`
	Organization string         `json:"organization"`
	Dossier      string         `json:"dossier"`
	Member       string         `json:"member"`
	Kind         string         `json:"kind"` // card, order, diploma, identity, employer, replacement, insurance, other
	Name         string         `json:"name"`
	MediaType    string         `json:"media_type"`
	Bytes        int64          `json:"bytes"`
	SHA256       string         `json:"sha256"`
	Scan         string         `json:"scan"` // pending, clean, unscanned, infected, purged
	Own          bool           `json:"own"`  // the person gave it themself
	AddedBy      string         `json:"added_by"`
	AddedAt      time.Time      `json:"added_at"`
	PurgeAt      *time.Time     `json:"purge_at"` // nil before a decision
	Looks        []DocumentLook `json:"looks"`
}

// DocumentLook tells who opened a paper, the last time.
type DocumentLook struct {
	Name    string    `json:"name"`
	Support bool      `json:"support"`
	At      time.Time `json:"at"`
}

// DocumentAbout says what a paper proves, and what its sender calls it.
type DocumentAbout struct {
	Kind string `query:"kind"`
	Name string `query:"name"`
}

func documents(org, dossier string, more ...string) []string {
	return inOrg(org, append([]string{"dossiers", dossier, "documents"}, more...)...)
}

// ListDocuments gives a page of the papers of a file, the oldest first.
func (c *Client) ListDocuments(ctx context.Context, org, dossier string, p Paging) (List[Document], error) {
	return call[List[Document]](ctx, c, request{method: http.MethodGet, path: documents(org, dossier), query: p})
}

// AddDocument adds a paper to a file: a PDF, a JPEG or a PNG.
func (c *Client) AddDocument(ctx context.Context, org, dossier string, about DocumentAbout, data []byte) (Document, error) {
	return call[Document](ctx, c, request{method: http.MethodPost, path: documents(org, dossier), query: about, file: data})
}

// GetDocument reads the bytes of a paper as they arrive; the look is recorded. The caller
// closes it.
func (c *Client) GetDocument(ctx context.Context, org, dossier, document string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: documents(org, dossier, document), accept: "*/*"})
}

// RemoveDocument removes a paper from a file, with its bytes.
func (c *Client) RemoveDocument(ctx context.Context, org, dossier, document string) error {
	return act(ctx, c, request{method: http.MethodDelete, path: documents(org, dossier, document)})
}

// DocumentSettings is what an organisation asks of those who register, and how long it keeps
// what they give.
type DocumentSettings struct {
	KeepDays  int64               `json:"keep_days"` // after a file is verified, or its person left
	Checklist map[string][]string `json:"checklist"` // by code of profession, "regulated", "others"
	Version   int64               `json:"version"`
}

// DocumentSettingsChange is what to change of them; what is left out stays as it is.
type DocumentSettingsChange struct {
	KeepDays  *int64              `json:"keep_days,omitempty"`
	Checklist map[string][]string `json:"checklist,omitempty"`
}

// GetDocumentSettings reads which papers an organisation asks for.
func (c *Client) GetDocumentSettings(ctx context.Context, org string) (DocumentSettings, error) {
	return call[DocumentSettings](ctx, c, request{method: http.MethodGet, path: inOrg(org, "settings", "documents")})
}

// EditDocumentSettings changes them, from the version that was read.
func (c *Client) EditDocumentSettings(
	ctx context.Context, org string, version int64, change DocumentSettingsChange,
) (DocumentSettings, error) {
	return call[DocumentSettings](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "settings", "documents"), body: change, version: &version,
	})
}
