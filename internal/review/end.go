package review

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// Preview says what would follow of the end of a campaign, by the rights of whoever looks. Errors:
// ErrNotFound.
func (r Reviews) Preview(ctx context.Context, by access.Actor, in ident.Org, id ident.Review) (Ending, error) {
	var e eye
	return action.View(ctx, r.Run, by, e.act(verbRead, by, in, id), func(tx *store.Tx) (Ending, error) {
		var out Ending
		var err error
		if out.Campaign, err = e.told(ctx, tx); err != nil {
			return out, err
		}
		o, err := org.Get(ctx, tx, in)
		if err != nil {
			return out, err
		}
		out.OrgName = o.Name
		err = e.foresee(ctx, tx, &out)
		return out, err
	})
}

// foresee fills what would follow.
func (e *eye) foresee(ctx context.Context, tx *store.Tx, out *Ending) error {
	s, err := e.standing(ctx, tx)
	if err != nil {
		return err
	}
	out.Kept, out.Version = s.kept, s.version
	for _, part := range []struct {
		from []row
		to   *[]Effect
		more *int64
	}{{s.changes, &out.People, &out.More}, {s.open, &out.Undecided, &out.MoreUndecided}} {
		shown := part.from[:min(maxListed, len(part.from))]
		*part.more = int64(len(part.from) - len(shown))
		if *part.to, err = e.effects(ctx, tx, shown, s.now); err != nil {
			return err
		}
	}
	return nil
}

// standing is where a campaign stands: who is kept, of whom something becomes, who is undecided.
type standing struct {
	now     map[ident.Member]rights
	kept    int64
	changes []row
	open    []row // undecided, or changed since
	version int64 // of all of it
}

// endVersion numbers what would follow of an end: whoever ends a campaign has read this, and nothing else.
func (e *eye) endVersion(rows []row, now map[ident.Member]rights) int64 {
	h := fnv.New64a()
	fmt.Fprintln(h, e.campaign.Version)
	for i := range rows {
		p := &rows[i]
		fmt.Fprintln(h, p.member, p.version, p.choice, p.gone, p.outdated(now[p.member]))
	}
	return int64(h.Sum64()>>versionShift) | 1 // never 0
}

// versionShift keeps such a number within what JSON readers take exactly.
const versionShift = 12

func (e *eye) standing(ctx context.Context, tx *store.Tx) (standing, error) {
	var s standing
	rows, err := rowsOf(ctx, tx, e.campaign)
	if err != nil {
		return s, err
	}
	if s.now, err = rightsOf(ctx, tx, e.campaign.Org, e.campaign.Site, everybody); err != nil {
		return s, err
	}
	s.version = e.endVersion(rows, s.now)
	for _, p := range rows {
		switch {
		case e.campaign.State != Open && p.outcome == NotReviewed:
			s.open = append(s.open, p)
		case p.gone && p.outcome == Pending:
		case p.choice == Undecided, e.campaign.State == Open && p.outdated(s.now[p.member]):
			s.open = append(s.open, p)
		case p.choice == Keep:
			s.kept++
		default:
			s.changes = append(s.changes, p)
		}
	}
	slices.SortStableFunc(s.changes, func(a, b row) int { return order(a.choice) - order(b.choice) })
	return s, nil
}

func order(c Choice) int { return slices.Index([]Choice{Reduce, Remove}, c) }

// framed is rows with their photographs.
func (e *eye) framed(ctx context.Context, tx *store.Tx, rows []row) ([]row, error) {
	ids := make([]ident.Member, len(rows))
	for i, p := range rows {
		ids[i] = p.member
	}
	framed, err := framedOf(ctx, tx, e.campaign, ids)
	if err != nil {
		return nil, err
	}
	photographs := make(map[ident.Member]rights, len(framed))
	for _, p := range framed {
		photographs[p.member] = p.photograph
	}
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].photograph = photographs[rows[i].member]
	}
	return rows, nil
}

// effects are what would become of people, or became.
func (e *eye) effects(ctx context.Context, tx *store.Tx, rows []row, now map[ident.Member]rights) ([]Effect, error) {
	list := make([]Effect, 0, len(rows))
	if len(rows) == 0 {
		return list, nil
	}
	s := sight{eye: e}
	rows, err := e.framed(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	if err := s.read(ctx, tx, rows); err != nil {
		return nil, err
	}
	s.now = now
	for i := range rows {
		p := &rows[i]
		v := Effect{Member: p.member, Name: s.crowd.refs[p.member].Name(), Choice: p.choice, Outcome: p.outcome, Code: p.code}
		if p.choice == Remove || p.choice == Reduce {
			for _, l := range s.lines(p, now[p.member]) {
				if l.Dropped && l.Change != Gone {
					v.Lines = append(v.Lines, l)
				}
			}
		}
		if e.campaign.State == Open {
			if err := s.foretell(ctx, tx, p, &v); err != nil {
				return nil, err
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// foretell says why something will be left to do, as it looks now.
func (s *sight) foretell(ctx context.Context, tx *store.Tx, p *row, v *Effect) error {
	switch {
	case p.choice != Undecided && p.outdated(s.now[p.member]):
		v.Code = ErrChanged.Code
	case p.choice == Undecided && len(s.crowd.reviewers(p.member)) == 0:
		v.Code = codeNobody
	case p.choice == Remove:
		return s.foretellRemoval(ctx, tx, p, v)
	case p.choice == Reduce:
		for _, r := range p.falls(s.now[p.member]) {
			if !s.held.Has(access.RightsEdit, access.Scope{Org: s.campaign.Org, Site: r.Site}) {
				v.Code = access.ErrForbidden.Code
			}
		}
	}
	return nil
}

// codeNobody is written of whom nobody may review.
const codeNobody = "review.nobody"

func (s *sight) foretellRemoval(ctx context.Context, tx *store.Tx, p *row, v *Effect) error {
	m, c := s.crowd.refs[p.member], s.campaign
	v.Leaves = p.leaves == LeaveOrganization
	if !v.Leaves {
		v.Holds = len(s.now[p.member].holdings())
		switch {
		case v.Holds > 0:
			v.Code = departure.ErrHolds.Code
		case !s.held.Has(access.MembersEdit, c.scope()):
			v.Code = access.ErrForbidden.Code
		}
		return nil
	}
	var err error
	if v.Holds, err = departure.HoldingsOf(ctx, tx, m); err != nil {
		return err
	}
	if v.Holds > 0 {
		v.Code = departure.ErrHolding.Code
	}
	if _, err := member.OverAs(ctx, tx, s.held, p.member, access.MembersDelete); err != nil {
		if !member.Refusal(err) {
			return err
		}
		v.Code = fault.Of(err).Code
	}
	return nil
}

func (l rights) holdings() (held rights) {
	for _, r := range l {
		if r.Domain == Holds {
			held = append(held, r)
		}
	}
	return held
}

// WorkOrder is the job that does what follows of the end of a campaign.
type WorkOrder struct {
	Org    ident.Org
	Review ident.Review
}

// Kind names the job.
func (WorkOrder) Kind() string { return "review.work" }

// End ends a campaign: from now on nobody decides, and what was decided is done, step by step, by the
// right of whoever ends it, as it is at each step. Errors: ErrVersion, ErrStale, ErrNotOpen,
// ErrUndecided with how many while people are undecided and nothing is typed, the field «org_name»,
// access.ErrStepUp.
func (r Reviews) End(ctx context.Context, by access.Actor, in ident.Org, id ident.Review, o EndOrder) (Campaign, error) {
	var e eye
	act := e.act(verbEnd, by, in, id)
	act.StepUp = true
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (Campaign, error) {
		c := &e.campaign
		switch {
		case o.Version == 0:
			return Campaign{}, ErrVersion
		case c.State != Open:
			return Campaign{}, ErrNotOpen
		}
		s, err := e.standing(ctx, tx.Tx)
		if err == nil && o.Version != s.version {
			err = ErrStale
		}
		if err != nil {
			return Campaign{}, err
		}
		if err := o.mayEnd(ctx, tx.Tx, in, len(s.open)); err != nil {
			return Campaign{}, err
		}
		if err := e.leaveOut(ctx, tx, s); err != nil {
			return Campaign{}, err
		}
		c.State, c.EndedAt, c.Forced = Closing, tx.Now, len(s.open) > 0
		c.endedBy = invitation.InviterOf(by, in, false).String()
		if err := update(ctx, tx.Tx, c); err != nil {
			return Campaign{}, err
		}
		tx.Record(c.event(verbEnd, s.facts()))
		tx.After(job.Order{Args: WorkOrder{Org: in, Review: id}, Priority: job.Normal})
		return e.told(ctx, tx.Tx)
	})
}

// facts are how many the decisions are of each sort.
func (s *standing) facts() map[string]any {
	n := map[Choice]int{}
	for _, p := range s.changes {
		n[p.choice]++
	}
	return map[string]any{"review_kept": s.kept, "review_reduced": n[Reduce], "review_removed": n[Remove], "review_left_out": len(s.open)}
}

// mayEnd asks for the name of the organisation while somebody is undecided.
func (o EndOrder) mayEnd(ctx context.Context, tx *store.Tx, in ident.Org, undecided int) error {
	if undecided == 0 {
		return nil
	}
	if o.OrgName == "" {
		return ErrUndecided.With("Count", undecided)
	}
	v, err := org.Get(ctx, tx, in)
	if err != nil {
		return err
	}
	if len(o.OrgName) > MaxTyped || !departure.SameName(v.Name, o.OrgName) {
		return fault.OnField("org_name", "review.org_name", "Name", v.Name)
	}
	return nil
}

// leaveOut writes those who are undecided as not reviewed, and why.
func (e *eye) leaveOut(ctx context.Context, tx *action.Tx, s standing) error {
	if len(s.open) == 0 {
		return nil
	}
	ids := make([]ident.Member, len(s.open))
	for i, p := range s.open {
		ids[i] = p.member
	}
	g, err := e.campaign.gather(ctx, tx.Tx, ids)
	if err != nil {
		return err
	}
	for _, p := range s.open {
		p.outcome, p.doneAt = NotReviewed, tx.Now
		switch {
		case p.choice != Undecided:
			p.code = ErrChanged.Code
		case len(g.reviewers(p.member)) == 0:
			p.code = codeNobody
		}
		if err := updateRow(ctx, tx.Tx, e.campaign, p); err != nil {
			return err
		}
	}
	return nil
}
