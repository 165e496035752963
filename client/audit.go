package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"
)

// Record is one event of the journal: something done, or refused.
type Record struct {
	ID        string         `json:"id"`
	At        time.Time      `json:"at"`
	Sentence  string         `json:"sentence"` // in the caller's language
	Verb      string         `json:"verb"`     // member.deactivate
	Outcome   string         `json:"outcome"`  // done, refused
	Code      string         `json:"code"`     // of a refusal
	Reason    string         `json:"reason"`
	Actor     RecordActor    `json:"actor"`
	Object    string         `json:"object"`
	Member    string         `json:"member"` // whom it is about
	Site      string         `json:"site"`
	Names     map[string]any `json:"names"`
	Before    map[string]any `json:"before"`
	After     map[string]any `json:"after"`
	Address   string         `json:"address"`
	Via       string         `json:"via"` // web, api, cli, job
	RequestID string         `json:"request_id"`
	Erased    bool           `json:"erased"` // what named a person was erased since
}

// RecordActor is who did it.
type RecordActor struct {
	Kind       string `json:"kind"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	Member     string `json:"member"`
	OnBehalfOf string `json:"on_behalf_of"`
	Support    bool   `json:"support"` // of the platform
	Outside    bool   `json:"outside"` // no member of the organisation
}

// AuditFilter chooses events; what is empty lets all through.
type AuditFilter struct {
	Search  string   `query:"q"`       // words of names and addresses, or an ID
	Actor   string   `query:"actor"`   // ID of an account or a token
	Person  string   `query:"member"`  // who did it, or whom it is about
	Subject string   `query:"subject"` // whom it is about
	Object  string   `query:"object"`  // ID of what was acted upon
	Verb    []string `query:"verb"`
	Kind    string   `query:"kind"`    // a family of acts
	Site    string   `query:"site"`    // ID of a site
	Outcome string   `query:"outcome"` // done, refused
	From    string   `query:"from"`    // first day, in France: 2026-11-01
	Until   string   `query:"until"`   // last day
}

// AuditQuery chooses a page of events.
type AuditQuery struct {
	Paging
	AuditFilter
}

// AuditEvents is one page of the journal, the newest first.
type AuditEvents struct {
	List[Record]

	TotalIsMinimum bool `json:"total_is_minimum"` // there are more than Total says
}

func audit(org string, rest ...string) []string {
	return append(inOrg(org, "audit-events"), rest...)
}

// ListAuditEvents gives a page of the journal.
func (c *Client) ListAuditEvents(ctx context.Context, org string, q AuditQuery) (AuditEvents, error) {
	return call[AuditEvents](ctx, c, request{method: http.MethodGet, path: audit(org), query: q})
}

// AuditEvents goes through the journal, a page at a time. ExportAuditEvents is faster
// for all of it.
func (c *Client) AuditEvents(ctx context.Context, org string, f AuditFilter) iter.Seq2[Record, error] {
	return every(Paging{}, func(p Paging) (List[Record], error) {
		l, err := c.ListAuditEvents(ctx, org, AuditQuery{p, f})
		return l.List, err
	})
}

// GetAuditEvent reads one event.
func (c *Client) GetAuditEvent(ctx context.Context, org, event string) (Record, error) {
	return call[Record](ctx, c, request{method: http.MethodGet, path: audit(org, event)})
}

// ListMemberHistory gives a page of what was done to a member.
func (c *Client) ListMemberHistory(ctx context.Context, org, member string, q AuditQuery) (AuditEvents, error) {
	return call[AuditEvents](ctx, c, request{method: http.MethodGet, path: members(org, member, "history"), query: q})
}

// ListMyAuditEvents gives a page of what concerns the caller in an organisation.
func (c *Client) ListMyAuditEvents(ctx context.Context, org string, q AuditQuery) (AuditEvents, error) {
	return call[AuditEvents](ctx, c, request{method: http.MethodGet, path: inOrg(org, "me", "audit-events"), query: q})
}

// The formats of an export.
const (
	FormatJSONL = "jsonl" // one Record a line: ReadRecords reads it
	FormatCSV   = "csv"
)

type inFormat struct {
	AuditFilter

	Format string `query:"format"`
}

// ExportAuditEvents gives the journal as the server writes it, in one of the formats;
// it is read as it arrives, whatever its length. The caller closes it.
func (c *Client) ExportAuditEvents(ctx context.Context, org, format string, f AuditFilter) (io.ReadCloser, error) {
	return stream(ctx, c, request{method: http.MethodGet, path: audit(org, "export"), query: inFormat{f, format}, accept: "*/*"})
}

// ReadRecords reads an export in FormatJSONL, one event in memory at a time. It ends
// at the first error: an export that was cut off is one.
func ReadRecords(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for dec := json.NewDecoder(bufio.NewReader(r)); ; {
			var v Record
			err := dec.Decode(&v)
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}
