package journal

import (
	"bufio"
	"context"
	"io"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Format is how an export is written.
type Format string

// The formats.
const (
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// ErrFormat is the refusal of a format that there is not.
var ErrFormat = fault.New(fault.Invalid, "journal.format")

// exportChunk is how many events are read at a time: each time in a consultation of its
// own, so that an export of any length holds up nobody, and fills no memory.
const exportChunk = 500

// Export is an export that was allowed and recorded, ready to be written.
type Export struct {
	Format Format
	Events int64 // how many

	journal Journal
	finder  *finder
	bound   int64 // the last event that there was when it was asked for
}

// Export prepares the export of what a query finds, whole, and records that it was made,
// with its filters and its number of events: what leaves is known before it leaves.
// Errors: ErrFormat, those of List, access.ErrStepUp.
func (j Journal) Export(ctx context.Context, by access.Actor, in ident.Org, q Query, format Format) (*Export, error) {
	if format != CSV && format != JSONL {
		return nil, fault.OnField("format", ErrFormat.Code)
	}
	q.After, q.Size = "", MaxPageSize
	act := action.Act{Verb: "audit.export", Orgs: []ident.Org{in}, Object: in.String(), StepUp: true}
	var r reader
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		r, _, err = look(ctx, tx, by, in, access.AuditExport)
		return []access.Need{r.need(access.AuditExport), r.need(access.AuditRead)}, err
	}
	// Counting may take long: not while the organisation is locked.
	x, err := action.ViewLong(ctx, j.Run, by, act, func(tx *store.Tx) (*Export, error) {
		f, err := newFinder(j.Run.Ring, r, q)
		if err != nil {
			return nil, err
		}
		x := &Export{Format: format, journal: j, finder: f}
		err = x.count(ctx, tx)
		return x, err
	})
	if err != nil {
		return nil, err
	}
	_, err = action.Run(ctx, j.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{
			Org: in, Verb: act.Verb, Object: act.Object,
			After: map[string]any{"format": format, "events": x.Events, "filter": q.facts()},
		})
		return struct{}{}, action.TakeExport(ctx, tx)
	})
	return x, err
}

// facts are the filters of a query, as the record keeps them.
func (q Query) facts() map[string]any {
	facts := map[string]any{}
	for name, value := range map[string]string{
		"actor": q.Actor, "person": q.Person.String(), "subject": q.Subject.String(), "object": q.Object, "kind": string(q.Kind),
		"site": q.Site.String(), "outcome": q.Outcome, "from": string(q.From), "until": string(q.Until), "search": q.Search,
	} {
		if value != "" {
			facts[name] = value
		}
	}
	if len(q.Verbs) > 0 {
		facts["verbs"] = q.Verbs
	}
	return facts
}

// count finds where the export ends and how many events it holds.
func (x *Export) count(ctx context.Context, tx *store.Tx) error {
	f := x.finder
	var err error
	if x.bound, err = lastSeq(ctx, tx, f.org); err != nil {
		return err
	}
	f.bound = x.bound
	if err := f.prepare(ctx, tx); err != nil || f.nothing {
		return err
	}
	if f.numbered() {
		all, err := f.chosen(ctx, tx)
		x.Events = int64(len(all))
		return err
	}
	for _, b := range f.branches() {
		_, n, err := countOf(ctx, tx, f, b, false, maxExported)
		if err != nil {
			return err
		}
		x.Events += n
	}
	return nil
}

// maxExported is more than any journal holds.
const maxExported = 1 << 40

// Write writes the export to w, a part at a time; flush is called after each.
func (x *Export) Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error {
	out := bufio.NewWriter(w)
	write := jsonLine
	if x.Format == CSV {
		write = csvLine
		if err := csvHead(out, t); err != nil {
			return err
		}
	}
	x.finder.size = exportChunk
	for x.Events > 0 {
		events, more, err := x.next(ctx)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := write(out, t, e); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
		if flush != nil {
			if err := flush(); err != nil {
				return err
			}
		}
		if !more {
			break
		}
	}
	return out.Flush()
}

// next reads the next events, and moves on.
func (x *Export) next(ctx context.Context) (events []Event, more bool, err error) {
	f := x.finder
	err = x.journal.Run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		var list []spot
		if f.numbered() {
			list, _, err = f.among(ctx, tx)
		} else {
			list, err = f.merged(ctx, tx, f.size)
		}
		if err != nil || len(list) == 0 {
			return err
		}
		list = list[:min(len(list), f.size)]
		last := list[len(list)-1]
		f.at.At, f.at.Seq, more = last.at, last.seq, len(list) == f.size
		events, err = f.events(ctx, tx, list)
		return err
	})
	return events, more, err
}

// Name is what the file is called.
func (x *Export) Name(now time.Time) string {
	return "journal-" + now.In(text.Zone).Format(time.DateOnly) + "." + string(x.Format)
}

// ContentType is the type of the file.
func (x *Export) ContentType() string {
	if x.Format == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/x-ndjson"
}
