package decision

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Bounds of the log of decisions. It is a sample that helps to understand what an
// application was told; the proof of what was done is the audit trail.
const (
	// Of each organisation and minute the first answers are kept, then one of so many:
	// refusals are looked for more often than permissions.
	FirstPermits, EachPermit   = 10, 1000
	FirstRefusals, EachRefusal = 50, 100

	LogQueue = 4096 // entries that wait to be written; beyond it they are dropped
	LogBatch = 200  // entries of one transaction
	LogEvery = time.Second

	LogKeep    = setting.MaxDecisionDays * 24 * time.Hour // an organisation may ask for less (AUD-4)
	LogMaxRows = 50_000                                   // of one organisation

	DefaultLogPage, MaxLogPage = 20, 100
)

// LogEntry is one answer that was kept.
type LogEntry struct {
	Org                ident.Org
	At                 time.Time
	Caller, CallerName string // the ID of the token, its name then
	Subject            Entity
	SubjectName        string // of a member, today; empty when unknown
	Action             string
	Resource           Entity
	ResourceName       string // of an agenda, a mailbox or an identity, today
	Answer             Answer
	AskedAbout         *time.Time // a past moment; nil: it was about its own time
	StandsFor          int64      // like answers that the entry represents

	id string
}

// Log keeps a sample of the answers, beside the way of those who wait for them.
type Log struct {
	run     *action.Runner
	queue   chan *LogEntry // pointers: an empty queue takes no room
	dropped atomic.Int64

	mu     sync.Mutex
	minute time.Time
	count  map[ident.Org]*tally
}

// tally counts the answers of one organisation in the minute that runs.
type tally struct{ permits, refusals int64 }

// NewLog makes the log; Keep writes what it is told.
func NewLog(run *action.Runner) *Log {
	return &Log{run: run, queue: make(chan *LogEntry, LogQueue), count: map[ident.Org]*tally{}}
}

// Note tells the log of an answer. It never waits: what finds no room is dropped, and
// counted.
func (l *Log) Note(org ident.Org, caller, name string, q *Question, a Answer) {
	now := l.run.DB.Now()
	weight := l.sample(org, now, a.Allowed)
	if weight == 0 {
		return
	}
	e := LogEntry{
		Org: org, At: now, Caller: caller, CallerName: name, Subject: q.Subject, Action: q.Action, Resource: q.Resource, Answer: a,
		StandsFor: weight,
	}
	if !q.At.IsZero() {
		at := q.At.UTC()
		e.AskedAbout = &at
	}
	select {
	case l.queue <- &e:
	default:
		l.dropped.Add(1)
	}
}

// Dropped is how many entries found no room.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// sample says how many answers an answer stands for; 0: it is not kept.
func (l *Log) sample(org ident.Org, now time.Time, allowed bool) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if age := now.Sub(l.minute); age < 0 || age >= time.Minute {
		l.minute = now
		clear(l.count)
	}
	t := l.count[org]
	if t == nil {
		t = &tally{}
		l.count[org] = t
	}
	n, first, each := &t.refusals, int64(FirstRefusals), int64(EachRefusal)
	if allowed {
		n, first, each = &t.permits, FirstPermits, EachPermit
	}
	*n++
	switch {
	case *n <= first:
		return 1
	case (*n-first)%each == 0:
		return each
	}
	return 0
}

// Keep writes what waits, until ctx ends.
func (l *Log) Keep(ctx context.Context) {
	tick := time.NewTicker(LogEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := l.Flush(ctx); err != nil && ctx.Err() == nil {
			l.run.Log.Warn("decisions: the log was not written", "err", err)
		}
	}
}

// Flush writes what waits now. What a database that fails did not take is dropped.
func (l *Log) Flush(ctx context.Context) error {
	for {
		batch := l.take()
		if len(batch) == 0 {
			return nil
		}
		err := l.run.DB.Write(ctx, []store.Lock{"decision log"}, func(tx *store.Tx) error {
			for _, e := range batch {
				if err := insertLog(ctx, tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			l.dropped.Add(int64(len(batch)))
			return err
		}
	}
}

func (l *Log) take() []LogEntry {
	var batch []LogEntry
	for len(batch) < LogBatch {
		select {
		case e := <-l.queue:
			batch = append(batch, *e)
		default:
			return batch
		}
	}
	return batch
}

// SweepLog removes what is older than LogKeep, and the oldest of what an organisation
// has beyond LogMaxRows.
func SweepLog(ctx context.Context, db *store.DB) error {
	var orgs []ident.Org
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		orgs, err = loggedOrgs(ctx, tx)
		return err
	})
	for _, org := range orgs {
		if err != nil {
			return err
		}
		err = db.Write(ctx, []store.Lock{"decision log"}, func(tx *store.Tx) error {
			if err := removeLogBefore(ctx, tx, org, tx.Now.Add(-LogKeep)); err != nil {
				return err
			}
			oldest, found, err := logBeyond(ctx, tx, org, LogMaxRows)
			if err != nil || !found {
				return err
			}
			return removeLogUpTo(ctx, tx, org, oldest)
		})
	}
	return err
}

// SweepLogIn removes the oldest entries of an organisation from before a time, n at most, and says
// how many.
func SweepLogIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return removeSomeLog(ctx, tx, org, before, n)
}

// LogQuery says which entries are wanted, the latest first.
type LogQuery struct {
	Outcome  string // "permit" or "refusal"; empty: both
	Subject  string // ID
	Resource string // ID
	After    string // cursor
	Size     int    // 0: DefaultLogPage
}

// LogPage is one page of entries.
type LogPage struct {
	Entries []LogEntry
	Next    string // cursor of the page after; empty when there is none
	Total   int64
}

// logPlace is where a page ended.
type logPlace struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// List reads the log of an organisation, for whoever reads its whole trail. Errors:
// secret.ErrCursor.
func (l *Log) List(ctx context.Context, by access.Actor, org ident.Org, q LogQuery) (LogPage, error) {
	act := action.Act{
		Verb: "decision.list", Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.AuditRead, access.OrgScope(org))},
	}
	return action.View(ctx, l.run, by, act, func(tx *store.Tx) (LogPage, error) { return l.page(ctx, tx, org, q) })
}

func (l *Log) page(ctx context.Context, tx *store.Tx, org ident.Org, q LogQuery) (p LogPage, err error) {
	name := "decisions|" + org.String() + "|" + q.Outcome + "|" + q.Subject + "|" + q.Resource
	var from logPlace
	if q.After != "" {
		if err := l.run.Ring.OpenCursor(name, q.After, &from); err != nil {
			return p, err
		}
	}
	size := min(max(q.Size, 0), MaxLogPage)
	if size == 0 {
		size = DefaultLogPage
	}
	if p.Entries, err = listLog(ctx, tx, org, q, from, size+1); err != nil {
		return p, err
	}
	if len(p.Entries) > size {
		p.Entries = slices.Clip(p.Entries[:size])
		last := p.Entries[size-1]
		if p.Next, err = l.run.Ring.Cursor(name, logPlace{last.At, last.id}); err != nil {
			return p, err
		}
	}
	p.Total, err = countLog(ctx, tx, org, q)
	return p, err
}
