package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/ident"
	"habilis/internal/journal"
)

// exportTime is how long one part of an export may take to be taken by the client.
const exportTime = time.Minute

// AuditFilters is the part of an input that narrows the journal.
type AuditFilters struct {
	Search  string       `query:"q" maxLength:"200" doc:"Words of the names and addresses that events mention; or an ID."`
	Actor   string       `query:"actor" maxLength:"60" doc:"Who did it: the ID of an account or of a token."`
	Person  memberID     `query:"member" doc:"The member who did it, or whom it is about."`
	Subject memberID     `query:"subject" doc:"The member whom it is about."`
	Object  string       `query:"object" maxLength:"60" doc:"The ID of what was acted upon."`
	Verb    []string     `query:"verb" doc:"Only these acts, separated by commas." example:"member.deactivate"`
	Kind    auditKind    `query:"kind" doc:"A family of acts."`
	Site    siteID       `query:"site" doc:"Only what happened at this site."`
	Outcome auditOutcome `query:"outcome" doc:"Done, or refused."`
	From    string       `query:"from" maxLength:"10" doc:"The first day, in France." example:"2026-11-01"`
	Until   string       `query:"until" maxLength:"10" doc:"The last day, in France." example:"2026-11-22"`
}

func (f AuditFilters) query() journal.Query {
	return journal.Query{
		Search: f.Search, Actor: f.Actor, Person: ident.Member(f.Person), Subject: ident.Member(f.Subject), Object: f.Object, Verbs: f.Verb,
		Kind: journal.Kind(f.Kind), Site: ident.Site(f.Site), Outcome: string(f.Outcome),
		From: journal.Day(f.From), Until: journal.Day(f.Until),
	}
}

type auditEventsInput struct {
	InOrg
	Paged
	AuditFilters
}

func (in *auditEventsInput) query() journal.Query {
	q := in.AuditFilters.query()
	q.Size, q.After = in.Limit, in.Cursor
	return q
}

type historyInput struct {
	InMember
	Paged
	AuditFilters
}

type auditEventInput struct {
	InOrg

	Event string `path:"aud" doc:"The event's ID." example:"aud_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

type auditExportInput struct {
	InOrg
	AuditFilters

	Format auditFormat `query:"format" default:"jsonl" doc:"csv for a spreadsheet, jsonl for a program."`
}

func (s *Server) aboutJournal(d *door) {
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "listAuditEvents", method: http.MethodGet, path: "/organizations/{org}/audit-events", tag: tagJournal, summary: "The journal",
		about: "Everything done or refused, newest first; of the sites where audit.read is held, or of the whole organisation. " +
			"'total' is exact up to 10,000; beyond it 'total_is_minimum' is true.",
		errors: missing,
	}, s.listAuditEvents)
	add(d, route{
		id: "getAuditEvent", method: http.MethodGet, path: "/organizations/{org}/audit-events/{aud}", tag: tagJournal, summary: "One event",
		about: "With audit.read, or for the member whom it concerns.", errors: missing,
	}, s.getAuditEvent)
	add(d, route{
		id: "exportAuditEvents", method: http.MethodGet, path: "/organizations/{org}/audit-events/export", tag: tagJournal,
		summary: "Export the journal",
		about: "Every event that the filters keep, newest first, as it goes. Needs audit.export and a fresh proof; the export is itself an " +
			"event. In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe.",
		errors: missing,
	}, s.exportAuditEvents)
	add(d, route{
		id: "listMemberHistory", method: http.MethodGet, path: "/organizations/{org}/members/{mbr}/history", tag: tagJournal,
		summary: "What was done to a member", about: "Newest first. Needs audit.read where the member is.", errors: missing,
	}, s.listMemberHistory)
	add(d, route{
		id: "listMyAuditEvents", method: http.MethodGet, path: "/organizations/{org}/me/audit-events", tag: tagJournal,
		summary: "What concerns me", about: "What was done to the caller's own membership, and what they did. For every member.", errors: missing,
	}, s.listMyAuditEvents)
}

// AuditEvents is one page of the journal.
type AuditEvents struct {
	List[journal.Record]

	TotalIsMinimum bool `json:"total_is_minimum" doc:"There are more events than the total says: counting them all would take too long."`
}

func (c *call) auditEvents(ctx context.Context, l journal.List, err error) (*plainReply[AuditEvents], error) {
	if err != nil {
		return nil, err
	}
	t := c.words(ctx)
	return replied(AuditEvents{
		List:           listed(l.Events, l.Next, l.Total, func(e journal.Event) journal.Record { return journal.RecordOf(t, e) }),
		TotalIsMinimum: l.More,
	}), nil
}

func (s *Server) listAuditEvents(ctx context.Context, in *auditEventsInput) (*plainReply[AuditEvents], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Journal.List(ctx, in.By, id, in.query())
	return in.call.auditEvents(ctx, l, err)
}

func (s *Server) listMemberHistory(ctx context.Context, in *historyInput) (*plainReply[AuditEvents], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Size, q.After = in.Limit, in.Cursor
	l, err := s.Journal.OfMember(ctx, in.By, id, known(ident.ParseMember, in.Member), q)
	return in.call.auditEvents(ctx, l, err)
}

func (s *Server) listMyAuditEvents(ctx context.Context, in *auditEventsInput) (*plainReply[AuditEvents], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Journal.Mine(ctx, in.By, id, in.query())
	return in.call.auditEvents(ctx, l, err)
}

func (s *Server) getAuditEvent(ctx context.Context, in *auditEventInput) (*plainReply[journal.Record], error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	e, err := s.Journal.Get(ctx, in.By, id, known(ident.ParseEvent, in.Event))
	if err != nil {
		return nil, err
	}
	return replied(journal.RecordOf(in.call.words(ctx), e)), nil
}

// auditExport is an answer that is written as it is read.
type auditExport struct {
	Body func(huma.Context) `contentType:"application/x-ndjson"`
}

func (s *Server) exportAuditEvents(ctx context.Context, in *auditExportInput) (*auditExport, error) {
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Journal.Export(ctx, in.By, id, in.query(), journal.Format(in.Format))
	if err != nil {
		return nil, err
	}
	return &auditExport{Body: s.fileBody(ctx, in.call, x)}, nil
}
