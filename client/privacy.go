package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Parts of the paths of this file.
const (
	partDataExport  = "data-export"
	partDataErasure = "data-erasure"
	partFile        = "file"
)

// DataExport is what is kept about somebody, prepared to be taken.
type DataExport struct {
	ID           string     `json:"id"`
	Organization string     `json:"organization"` // empty: all of the installation
	Member       string     `json:"member"`       // empty: oneself
	State        string     `json:"state"`        // making, ready, failed
	Bytes        int64      `json:"bytes"`
	AskedAt      time.Time  `json:"asked_at"`
	ReadyAt      *time.Time `json:"ready_at"`
	Until        *time.Time `json:"until"`
}

// DataErasure is an erasure: what it would do, or how far it is.
type DataErasure struct {
	FullName  string      `json:"full_name"`  // to be sent back
	RefusedBy string      `json:"refused_by"` // code of what stands in the way
	UndoUntil *time.Time  `json:"undo_until"`
	Rows      int64       `json:"rows"`
	Events    int64       `json:"events"`
	Namesake  bool        `json:"namesake"`
	Forgotten bool        `json:"forgotten"` // telephone and numbers went before: texts with them alone stay
	Named     []NamedData `json:"named"`
	State     string      `json:"state"` // empty, under_way, done, stopped
	Stage     string      `json:"stage"` // departure, rows, words, trail
	Erased    int64       `json:"erased"`
	AskedAt   *time.Time  `json:"asked_at"`
	DoneAt    *time.Time  `json:"done_at"`
}

// NamedData is a thing with a person's name in its own.
type NamedData struct {
	What  string `json:"what"` // agenda, access_group, role
	Name  string `json:"name"`
	After string `json:"after"`
}

// TypedName is a name, typed to confirm.
type TypedName struct {
	FullName string `json:"full_name"`
}

// ExportMyData asks for all that the installation keeps about the person.
func (c *Client) ExportMyData(ctx context.Context) (DataExport, error) {
	return call[DataExport](ctx, c, request{method: http.MethodPost, path: []string{"me", partDataExport}})
}

// ListMyDataExports gives the exports that are being made or kept.
func (c *Client) ListMyDataExports(ctx context.Context) (List[DataExport], error) {
	return call[List[DataExport]](ctx, c, request{method: http.MethodGet, path: []string{"me", partDataExport}})
}

// DownloadMyData reads an export. The caller closes it.
func (c *Client) DownloadMyData(ctx context.Context, export string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: []string{"me", partDataExport, export, partFile}, accept: "*/*"})
}

// GetMyDataErasure says what erasing the account would do.
func (c *Client) GetMyDataErasure(ctx context.Context) (DataErasure, error) {
	return call[DataErasure](ctx, c, request{method: http.MethodGet, path: []string{"me", partDataErasure}})
}

// EraseMyData erases the account, for good.
func (c *Client) EraseMyData(ctx context.Context, name TypedName) (DataErasure, error) {
	return call[DataErasure](ctx, c, request{method: http.MethodPost, path: []string{"me", partDataErasure}, body: name})
}

// ExportMemberData asks for what an organisation keeps about somebody who is a member, or was.
func (c *Client) ExportMemberData(ctx context.Context, org, member string) (DataExport, error) {
	return call[DataExport](ctx, c, request{method: http.MethodPost, path: members(org, member, partDataExport)})
}

// ListMemberDataExports gives those that the caller asked for.
func (c *Client) ListMemberDataExports(ctx context.Context, org, member string) (List[DataExport], error) {
	return call[List[DataExport]](ctx, c, request{method: http.MethodGet, path: members(org, member, partDataExport)})
}

// DownloadMemberData reads one. The caller closes it.
func (c *Client) DownloadMemberData(ctx context.Context, org, member, export string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: members(org, member, partDataExport, export, partFile), accept: "*/*"})
}

// GetMemberDataErasure says what erasing somebody who left would do, or how far it is.
func (c *Client) GetMemberDataErasure(ctx context.Context, org, member string) (DataErasure, error) {
	return call[DataErasure](ctx, c, request{method: http.MethodGet, path: members(org, member, partDataErasure)})
}

// EraseMemberData erases somebody who left, for good; name is their full name, as the preview has it.
func (c *Client) EraseMemberData(ctx context.Context, org, member string, name TypedName) (DataErasure, error) {
	return call[DataErasure](ctx, c, request{method: http.MethodPost, path: members(org, member, partDataErasure), body: name})
}
