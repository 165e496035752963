package decision

import (
	"context"
	"errors"
	"sync"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Decisions answers questions. New makes one; it is used by many at once.
type Decisions struct {
	run      *action.Runner
	places   places
	versions versions
	bearers  bearers

	maxMemory int64
	patchFrom int // members from which on a change is applied to what is there
	evicting  sync.Mutex
	reads     func(ident.Org) // of tests: called before an organisation is read
}

// patchFrom is how many members an organisation has when a change is applied to what is
// there; a smaller one is read anew in less time.
const patchFrom = 100

// New makes the index of decisions over the runner's database, and has the runner tell it
// of every change.
func New(run *action.Runner) *Decisions {
	d := &Decisions{run: run, maxMemory: MaxMemory, patchFrom: patchFrom}
	d.versions.ask = func(r *reading) { askVersions(run.DB, r) }
	run.Committed = d.committed
	return d
}

// Ask answers one question about org: the hot path, without the facts. Errors: faults of
// store and ErrUnavailable, on which nothing is permitted (AUZ-14); access.ErrNotFound for
// an organisation that does not exist.
func (d *Decisions) Ask(ctx context.Context, org ident.Org, q *Question) (Answer, error) {
	now := d.run.DB.NowMicro()
	if !q.At.IsZero() {
		e, err := d.explainPast(ctx, org, q)
		return e.Answer, err
	}
	s, err := d.current(ctx, org, now)
	if err != nil {
		return Answer{}, err
	}
	code, err := d.judge(ctx, s, q, now)
	if err != nil {
		return Answer{}, err
	}
	return code.answer(s.version), nil
}

// judge answers by a snapshot, and by the database for the one thing that an organisation
// does not know: whether a person has a place in others.
func (d *Decisions) judge(ctx context.Context, s *snapshot, q *Question, now int64) (Code, error) {
	if q.Subject.Type == TypeAccount && q.In.IsZero() && s.subject(q) != none {
		if several, err := d.several(ctx, q.Subject.ID); err != nil || several {
			return SeveralOrganizations, err
		}
	}
	return s.judge(q, now), nil
}

// several reports whether a person has a place in more than one organisation.
func (d *Decisions) several(ctx context.Context, account string) (several bool, err error) {
	err = d.run.DB.Read(ctx, func(tx *store.Tx) error {
		n, err := countPlaces(ctx, tx, account)
		several = n > 1
		return err
	})
	return several, unavailable(err)
}

// Evaluate answers each question, all from one version, but for those about the past.
// Errors: those of Ask.
func (d *Decisions) Evaluate(ctx context.Context, org ident.Org, qs []Question) ([]Answer, error) {
	return d.EvaluateInto(ctx, org, qs, make([]Answer, 0, len(qs)))
}

// EvaluateInto is Evaluate that appends to answers.
func (d *Decisions) EvaluateInto(ctx context.Context, org ident.Org, qs []Question, answers []Answer) ([]Answer, error) {
	now := d.run.DB.NowMicro()
	s, err := d.current(ctx, org, now)
	if err != nil {
		return answers, err
	}
	for i := range qs {
		q := &qs[i]
		if !q.At.IsZero() {
			e, err := d.explainPast(ctx, org, q)
			if err != nil {
				return answers, err
			}
			answers = append(answers, e.Answer)
			continue
		}
		code, err := d.judge(ctx, s, q, now)
		if err != nil {
			return answers, err
		}
		answers = append(answers, code.answer(s.version))
	}
	return answers, nil
}

// Decide answers each question with its facts, appended to answers, all from one version.
// A refusal carries its fix when reader, who may be nil, may know of it. Errors: those of
// Ask.
func (d *Decisions) Decide(ctx context.Context, org ident.Org, qs []Question, reader *access.Held, answers []Explained,
) ([]Explained, error) {
	s, err := d.current(ctx, org, d.run.DB.NowMicro())
	if err != nil {
		return answers, err
	}
	return d.decide(ctx, s, qs, reader, answers)
}

// DecideFor is Decide for a caller who was asked about after the questions had arrived:
// what made sure of the token made sure of the version.
func (d *Decisions) DecideFor(ctx context.Context, c Caller, qs []Question, answers []Explained) ([]Explained, error) {
	if c.snap == nil {
		return d.Decide(ctx, c.Org, qs, c.Held, answers)
	}
	return d.decide(ctx, c.snap, qs, c.Held, answers)
}

func (d *Decisions) decide(ctx context.Context, s *snapshot, qs []Question, reader *access.Held, answers []Explained) ([]Explained, error) {
	now := d.run.DB.NowMicro()
	for i := range qs {
		e, err := d.explain(ctx, s, &qs[i], now)
		if err != nil {
			return answers, err
		}
		if reader != nil && !e.Allowed && qs[i].At.IsZero() {
			e.Fix = s.fix(&qs[i], e.Code, reader, now)
		}
		answers = append(answers, e)
	}
	return answers, nil
}

func (d *Decisions) explain(ctx context.Context, s *snapshot, q *Question, now int64) (Explained, error) {
	if !q.At.IsZero() {
		return d.explainPast(ctx, s.org, q)
	}
	code, err := d.judge(ctx, s, q, now)
	if err != nil {
		return Explained{}, err
	}
	return Explained{Answer: code.answer(s.version), Facts: s.facts(q, code, now)}, nil
}

// Explain answers one question with its facts; a refusal carries its fix when reader, who
// may be nil, may know of it. Errors: those of Ask.
func (d *Decisions) Explain(ctx context.Context, org ident.Org, q Question, reader *access.Held) (Explained, error) {
	list, err := d.Decide(ctx, org, []Question{q}, reader, make([]Explained, 0, 1))
	if err != nil {
		return Explained{}, err
	}
	return list[0], nil
}

// explainPast answers about a past moment by the second evaluator.
func (d *Decisions) explainPast(ctx context.Context, org ident.Org, q *Question) (e Explained, err error) {
	err = d.run.DB.Read(ctx, func(tx *store.Tx) error {
		if q.At.After(tx.Now) {
			e = Explained{Answer: MomentFuture.answer(0)}
			return nil
		}
		e, err = past{ctx: ctx, tx: tx, org: org, at: q.At.UTC().Truncate(time.Microsecond)}.judge(*q)
		if errors.Is(err, access.ErrNotFound) { // it was not founded yet: nobody had a place there
			e, err = Explained{Answer: UnknownSubject.answer(0)}, nil
		}
		return err
	})
	return e, unavailable(err)
}
