package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Parts of the paths of this file.
const (
	partRetention = "retention"
	partRegister  = "register"
	partExit      = "exit"
	partExport    = "full-export"
)

// Retention is how long an organisation keeps what.
type Retention struct {
	Kinds   []RetentionKind `json:"kinds"`
	Version int64           `json:"version"`
}

// RetentionKind is one thing that is kept, with its bounds.
type RetentionKind struct {
	Kind    string `json:"kind"`
	Value   int64  `json:"value"`
	Unit    string `json:"unit"` // days, months
	Minimum int64  `json:"minimum"`
	Maximum int64  `json:"maximum"`
	Default int64  `json:"default"`
}

// RetentionChange is the settings, and what changing them removes.
type RetentionChange struct {
	Retention

	DryRun bool             `json:"dry_run"`
	Goes   map[string]int64 `json:"goes"` // by kind: rows that are older
}

// RetentionValues are the kinds to change, each in its unit; what is left out stays as it is.
type RetentionValues struct {
	Values map[string]int64 `json:"values"`
}

// RegisterEntry is one kind of data that is kept, and why.
type RegisterEntry struct {
	Code    string     `json:"code"`
	Name    string     `json:"name"`
	Purpose string     `json:"purpose"`
	Ground  string     `json:"ground"` // contract, legal, interest
	Source  string     `json:"source"`
	Keeper  string     `json:"keeper"`  // organization, installation
	Setting string     `json:"setting"` // the kind of retention that decides; empty: it is fixed
	Keeps   int64      `json:"keeps"`   // 0: Kept says it
	Unit    string     `json:"unit"`
	Kept    string     `json:"kept"`
	Rows    *int64     `json:"rows"` // nil: not told
	Oldest  *time.Time `json:"oldest"`
}

// Exit is where the leaving of an organisation stands.
type Exit struct {
	OrganizationName string      `json:"organization_name"` // to be sent back, to ask
	Asked            *ExitAsked  `json:"asked"`             // nil: nobody asked
	Export           *FullExport `json:"export"`            // nil: there is none
	Papers           int64       `json:"papers"`
	PapersBytes      int64       `json:"papers_bytes"`
	MayExport        bool        `json:"may_export"`
	MayLeave         bool        `json:"may_leave"`
}

// ExitAsked is the deletion of an organisation that was asked for.
type ExitAsked struct {
	State   string    `json:"state"` // asked, under_way
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	ActsAt  time.Time `json:"acts_at"`
	Version int64     `json:"version"`
}

// ExitName is the exact name of an organisation that is to be deleted.
type ExitName struct {
	Name string `json:"name"`
}

// FullExport is one file that holds everything of an organisation.
type FullExport struct {
	ID        string     `json:"id"`
	State     string     `json:"state"` // ordered, ready, failed
	By        string     `json:"by"`
	AskedAt   time.Time  `json:"asked_at"`
	ReadyAt   *time.Time `json:"ready_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	Bytes     int64      `json:"bytes"`
	SHA256    string     `json:"sha256"`
}

// GetRetention reads how long an organisation keeps what.
func (c *Client) GetRetention(ctx context.Context, org string) (Retention, error) {
	return call[Retention](ctx, c, request{method: http.MethodGet, path: inOrg(org, partRetention)})
}

// EditRetention changes it, from the version read.
func (c *Client) EditRetention(ctx context.Context, org string, version int64, v RetentionValues) (RetentionChange, error) {
	return call[RetentionChange](ctx, c, request{method: http.MethodPatch, path: inOrg(org, partRetention), version: &version, body: v})
}

// PreviewRetention says what EditRetention would remove.
func (c *Client) PreviewRetention(ctx context.Context, org string, version int64, v RetentionValues) (RetentionChange, error) {
	return call[RetentionChange](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partRetention), version: &version, body: v, query: dryRun{true},
	})
}

// GetRegister reads what an organisation keeps, and why.
func (c *Client) GetRegister(ctx context.Context, org string) (List[RegisterEntry], error) {
	return call[List[RegisterEntry]](ctx, c, request{method: http.MethodGet, path: inOrg(org, partRegister)})
}

// GetPlatformRegister reads what the installation keeps, and why: for its administrators.
func (c *Client) GetPlatformRegister(ctx context.Context) (List[RegisterEntry], error) {
	return call[List[RegisterEntry]](ctx, c, request{method: http.MethodGet, path: []string{"platform", partRegister}})
}

// GetExit reads where the leaving of an organisation stands.
func (c *Client) GetExit(ctx context.Context, org string) (Exit, error) {
	return call[Exit](ctx, c, request{method: http.MethodGet, path: inOrg(org, partExit)})
}

// AskExit asks for the deletion of an organisation, 30 days from now.
func (c *Client) AskExit(ctx context.Context, org string, n ExitName) (ExitAsked, error) {
	return call[ExitAsked](ctx, c, request{method: http.MethodPost, path: inOrg(org, partExit), body: n})
}

// TakeExitBack takes it back.
func (c *Client) TakeExitBack(ctx context.Context, org string, version int64) error {
	return act(ctx, c, request{method: http.MethodDelete, path: inOrg(org, partExit), version: &version})
}

// OrderFullExport orders one file that holds everything of an organisation.
func (c *Client) OrderFullExport(ctx context.Context, org string) (FullExport, error) {
	return call[FullExport](ctx, c, request{method: http.MethodPost, path: inOrg(org, partExport)})
}

// GetFullExport reads the last one that is ready: a zip. The caller closes it.
func (c *Client) GetFullExport(ctx context.Context, org string) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: inOrg(org, partExport, "file"), accept: "*/*"})
}
