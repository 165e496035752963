package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Decision is what a person says of a line.
type Decision struct {
	Line   int
	Choice string // ChoiceNew, ChoiceSkip, the ID of a member, or empty: nothing is decided any more
}

// MaxDecisions bounds the decisions of one act.
const MaxDecisions = MaxRows

// Decide notes what a person decided of some lines, and has the check made again under their
// rights. Of no line at all it only makes the check again. Errors: ErrNotFound, ErrDone,
// fields to correct.
func (i Imports) Decide(ctx context.Context, by access.Actor, in ident.Org, id ident.Import, list []Decision) (Import, error) {
	act := action.Act{Verb: verbCheck, Orgs: []ident.Org{in}, Object: id.String(), Resolve: running(by, in)}
	return action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (Import, error) {
		m, err := find(ctx, tx.Tx, by, in, id)
		if err != nil {
			return m, err
		}
		if m.State == Done {
			return m, ErrDone
		}
		if err := m.decided(ctx, tx.Tx, list); err != nil {
			return m, err
		}
		m.checkedBy = invitation.InviterOf(by, in, false).String()
		if err := begin(ctx, tx.Tx, m); err != nil {
			return m, err
		}
		m.State, m.Progress, m.round = Checking, 0, m.round+1
		tx.Record(m.event(verbCheck, map[string]any{"decisions": len(list)}))
		tx.After(m.order())
		return m, nil
	})
}

func (m *Import) decided(ctx context.Context, tx *store.Tx, list []Decision) error {
	var wrong fault.Fields
	for n, d := range list[:min(len(list), MaxDecisions)] {
		_, bad := ident.ParseMember(d.Choice)
		if bad != nil && d.Choice != ChoiceNew && d.Choice != ChoiceSkip && d.Choice != "" {
			wrong.Add(fmt.Sprintf("decisions[%d].choice", n), ErrChoice.Code)
			continue
		}
		ok, err := decide(ctx, tx, *m, int64(d.Line), d.Choice)
		if err != nil {
			return err
		}
		if !ok {
			wrong.Add(fmt.Sprintf("decisions[%d].line", n), "exchange.line_unknown", "Line", d.Line)
		}
	}
	return wrong.Err()
}

// Commit does all that the check showed, in one transaction: every line or none (FIL-08). It
// asks for a fresh proof. When anything would be other than what was shown, nothing is done,
// the check is made again and ErrChanged told. Errors also: ErrNotFound, ErrChecking, ErrDone,
// ErrFailed, ErrChecked, ErrErrors, ErrUndecided, ErrIdle, access.ErrStepUp.
func (i Imports) Commit(ctx context.Context, by access.Actor, in ident.Org, id ident.Import) (Import, error) {
	act := action.Act{Verb: verbCommit, Orgs: []ident.Org{in}, Object: id.String(), Resolve: running(by, in), StepUp: true}
	plan, err := i.prepare(ctx, by, act, in, id)
	if err != nil {
		return Import{}, err
	}
	m, err := action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (Import, error) { return plan.carryOut(ctx, tx, i) })
	if errors.Is(err, ErrChanged) {
		if _, again := i.Decide(ctx, by, in, id, nil); again != nil {
			return m, again
		}
	}
	if err == nil && m.Total >= manyLines {
		i.analyse(ctx)
	}
	return m, err
}

// manyLines is from how many lines on the database counts its members anew.
const manyLines = 500

// analyse has the database count the members anew, once they are written and nobody waits.
// What fails here the database does by itself, a minute later.
func (i Imports) analyse(ctx context.Context) {
	err := i.Run.DB.Write(ctx, []store.Lock{"analyse members"}, func(tx *store.Tx) error { return member.Analyse(ctx, tx) })
	if err != nil {
		i.Run.Log.WarnContext(ctx, "members are not counted anew after an import", "err", err)
	}
}

// prepared is an import whose lines were read and understood before the transaction.
type prepared struct {
	Import

	lines    []kept
	verdicts []Verdict
	people   []*person
	of       []target
}

// prepare reads all that the transaction needs. Whether it may be committed is asked there
// too: a repeated request must find its answer.
func (i Imports) prepare(ctx context.Context, by access.Actor, act action.Act, in ident.Org, id ident.Import) (*prepared, error) {
	p, err := action.ViewLong(ctx, i.Run, by, act, func(tx *store.Tx) (*prepared, error) {
		m, err := find(ctx, tx, by, in, id)
		p := &prepared{Import: m}
		if err != nil || m.State != Ready {
			return p, err
		}
		p.lines, err = linesAfter(ctx, tx, m, Filter{}, 0, MaxRows)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	m := p.Import
	m.checkedBy = invitation.InviterOf(by, in, false).String() // the words of whoever commits
	if p.people, err = i.readPeople(ctx, m, p.lines); err != nil {
		return nil, err
	}
	p.verdicts, p.of = make([]Verdict, len(p.lines)), make([]target, len(p.lines))
	for n, k := range p.lines {
		if p.verdicts[n], err = openVerdict(k.verdict); err != nil {
			return nil, err
		}
		v := &p.verdicts[n]
		p.of[n] = target{member: v.Member, skip: k.choice == ChoiceSkip, aside: v.Aside}
	}
	return p, nil
}

// may says why an import cannot be committed as it stands.
func (m *Import) may() error {
	switch {
	case m.State == Checking:
		return ErrChecking
	case m.State == Done:
		return ErrDone
	case m.veiled:
		return ErrChecked
	case m.State == Failed:
		return ErrFailed
	case m.Counts[Wrong] > 0:
		return ErrErrors.With("Count", m.Counts[Wrong])
	case m.Undecided > 0:
		return ErrUndecided.With("Count", m.Undecided)
	case m.Counts[Create]+m.Counts[Update] == 0:
		return ErrIdle
	}
	return nil
}

// carryOut judges everything again in the transaction and does it.
func (p *prepared) carryOut(ctx context.Context, tx *action.Tx, i Imports) (Import, error) {
	m, err := find(ctx, tx.Tx, tx.By, p.Org, p.ID)
	if err != nil {
		return m, err
	}
	if err := tally(ctx, tx.Tx, &m); err != nil {
		return m, err
	}
	if err := m.may(); err != nil {
		return m, err
	}
	if m.round != p.round {
		return m, ErrChecking
	}
	now, err := i.judge(ctx, tx.Tx, tx.By, p.Org, copies(p.people), p.of)
	if err != nil {
		return m, err
	}
	for n := range now.verdicts {
		if same, err := now.verdicts[n].same(&p.verdicts[n]); err != nil || !same {
			return m, firstError(err, ErrChanged)
		}
	}
	results, err := now.do(ctx, tx, p.Org, p.lines)
	if err != nil {
		return m, err
	}
	return p.close(ctx, tx, m, results)
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// do creates and changes everybody, and gives what happened to each line.
func (j *judged) do(ctx context.Context, tx *action.Tx, in ident.Org, lines []kept) ([]kept, error) {
	results := slices.Clone(lines)
	for n := range results {
		results[n].result, results[n].member = Unchanged, j.verdicts[n].Member
	}
	made, err := j.several.CreateMany(ctx, tx)
	if err != nil {
		return nil, err
	}
	for k, n := range j.created {
		results[n].result, results[n].member = resultOf(made[k].Fate), made[k].Member
	}
	var edits []member.EditedOne
	for k, n := range j.edited {
		if j.verdicts[n].Fate == Update {
			results[n].result = Updated
			edits = append(edits, j.edits[k])
		}
	}
	return results, member.WriteEdits(ctx, tx, in, edits)
}

func resultOf(f enrolment.Fate) Result {
	switch f {
	case enrolment.Invited:
		return Invited
	case enrolment.Joined:
		return Joined
	case enrolment.AlreadyInvited, enrolment.AlreadyMember, enrolment.Throttled, enrolment.Invalid:
	}
	return Created
}

// close writes what happened with what was done.
func (p *prepared) close(ctx context.Context, tx *action.Tx, m Import, results []kept) (Import, error) {
	if err := writeResults(ctx, tx.Tx, m, results); err != nil {
		return m, err
	}
	ok, err := done(ctx, tx.Tx, m, tx.By.Name)
	if err != nil || !ok {
		return m, firstError(err, ErrChecking)
	}
	counts := map[string]any{"lines": m.Total}
	for _, k := range results {
		m.Results[k.result]++
	}
	for result, n := range m.Results {
		counts[string(result)] = n
	}
	now := tx.Now
	m.State, m.DoneAt, m.DoneBy = Done, &now, tx.By.Name
	tx.Record(m.event(verbCommit, counts))
	return m, nil
}
