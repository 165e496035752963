package departure

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// step is one recorded part of the work.
type step struct {
	stage  Stage
	what   What
	object string
	to     ident.Member
	items  int64
	left   int64
	code   string
}

// taken is a work item that was given to somebody.
type taken = workitem.Taken

// Do does the work of a WorkOrder. It may run twice, or stop anywhere: what was done is written
// with it, and the next part begins where the last one ended.
func (d Departures) Do(ctx context.Context, j job.Job) error {
	var o WorkOrder
	if err := j.Decode(&o); err != nil {
		return err
	}
	return d.carry(ctx, key{o.Org, o.Departure})
}

// dueAtOnce bounds what Sweep reads at once; what cannot be done yet keeps nothing behind it waiting.
const dueAtOnce = 100

// Sweep carries out the plans whose day is over, goes on with work that stopped, and erases what
// can no longer be undone: the timetable calls it, so that nothing of it depends on letters that
// leave. One departure that fails keeps no other from being carried on.
func (d Departures) Sweep(ctx context.Context) error {
	var last dueKey
	var failed []error
	for {
		var some []dueKey
		err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			some, err = due(ctx, tx, last, dueAtOnce)
			return err
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, k := range some {
			failed = append(failed, d.carry(ctx, k.key))
		}
		if len(some) < dueAtOnce {
			return errors.Join(failed...)
		}
		last = some[len(some)-1]
	}
}

// carry does all that is to be done of one departure now.
func (d Departures) carry(ctx context.Context, k key) error {
	for {
		v, now, err := d.read(ctx, k)
		if err != nil {
			return err
		}
		stage := v.stage
		switch {
		case v.due(now):
			var waits bool
			stage = StageAccess
			if waits, err = d.execute(ctx, v); waits {
				return err
			}
		case v.underWay():
			err = d.next(ctx, k)
		case v.State == Done && !v.UndoTill.After(now):
			err = d.erase(ctx, v)
		default:
			return nil
		}
		if err == nil && d.between != nil {
			err = d.between(stage)
		}
		if err != nil {
			return err
		}
	}
}

// due reports whether a plan is to be carried out: its day is over, and it waits for nobody.
func (d *Departure) due(now time.Time) bool {
	return d.State == Planned && d.Refused == "" && !d.EndsAt.After(now)
}

// underWay reports whether work is left to do.
func (d *Departure) underWay() bool { return d.stage != "" && !d.Finished }

// read reads a departure, with the time; of one that is not there, nothing is to be done.
func (d Departures) read(ctx context.Context, k key) (v Departure, now time.Time, err error) {
	err = d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		v, _, err = get(ctx, tx, k.org, k.id)
		return err
	})
	return v, now, err
}

// byItself is an act of the server itself.
func byItself(org ident.Org, verb string, id ident.Departure) action.Act {
	return action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: id.String(), Needs: []access.Need{access.Everybody()}}
}

// next does the next part of the work, in one transaction.
func (d Departures) next(ctx context.Context, k key) error {
	_, err := action.Run(ctx, d.Run, access.Operator("job"), byItself(k.org, verbStep, k.id), func(tx *action.Tx) (struct{}, error) {
		v, found, err := get(ctx, tx.Tx, k.org, k.id)
		if err != nil || !found || !v.underWay() {
			return struct{}{}, firstError(err, action.Nothing) // another node did it meanwhile
		}
		w := working{d: &v}
		if w.things, err = choicesOf(ctx, tx.Tx, v); err != nil {
			return struct{}{}, err
		}
		if err := w.run(ctx, tx); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, advance(ctx, tx.Tx, v)
	})
	return err
}

// working is the work that follows, with what is to be given.
type working struct {
	d      *Departure
	things []choice
}

// run does one part, or finds that there is none left.
func (w *working) run(ctx context.Context, tx *action.Tx) error {
	switch w.d.stage {
	case StageWork, StageResources, StageManagers:
		return w.give(ctx, tx)
	case StageRemains:
		return w.remain(ctx, tx)
	case StagePass:
		return w.pass(ctx, tx)
	case StageBackWork:
		return w.back(ctx, tx)
	case StageAccess, StageFinished, StageBack, StageRestored, StageErase:
	}
	return nil
}

// giving are the stages in which chosen receivers get their things, and what they get.
var giving = []struct {
	stage Stage
	what  What
}{{StageWork, Work}, {StageResources, Resource}, {StageManagers, Management}}

// give gives the next thing to its receiver, in the order of the stages; when all are given, what
// stays without a receiver is next.
func (w *working) give(ctx context.Context, tx *action.Tx) error {
	for _, g := range giving {
		for i := range w.things {
			if c := &w.things[i]; c.What == g.what && c.state == Chosen {
				w.d.stage = g.stage
				return w.giveOne(ctx, tx, c)
			}
		}
	}
	w.d.stage = StageRemains
	return w.remain(ctx, tx)
}

// giveOne gives one thing, or a part of it. Whoever can no longer receive gets nothing, and nothing
// is lost: it waits.
func (w *working) giveOne(ctx context.Context, tx *action.Tx, c *choice) error {
	s := step{stage: w.d.stage, what: c.What, object: c.Object, to: c.To}
	err := w.receives(ctx, tx, *c)
	if err == nil {
		switch c.What {
		case Work:
			err = w.giveWork(ctx, tx, c, &s)
		case Resource:
			err = w.giveResource(ctx, tx, c)
		case Management:
			err = grant.Entrust(ctx, tx, c.giver(tx.By, w.d.Org), w.d.Org, resource.ID(c.Object), c.To)
		case Administration, Webhook:
		}
	}
	if err != nil {
		code, refused := refusalOf(err)
		if !refused {
			return err
		}
		c.state, c.why, s.code = Waits, code, code
	} else if s.left == 0 {
		c.state, c.why = Given, ""
		if c.What != Work {
			c.moved, s.items = 1, 1
		}
	}
	return w.done(ctx, tx, *c, s)
}

// done writes what was done of a thing.
func (w *working) done(ctx context.Context, tx *action.Tx, c choice, s step) error {
	if err := updateChoice(ctx, tx.Tx, *w.d, c); err != nil {
		return err
	}
	w.tell(tx, s)
	return insertStep(ctx, tx.Tx, *w.d, s)
}

// tell records a part of the work.
func (w *working) tell(tx *action.Tx, s step) {
	e := w.d.event(verbStep)
	e.After = map[string]any{"stage": string(s.stage), "count": s.items}
	if s.what != "" {
		e.After["what"] = string(s.what)
	}
	if !s.to.IsZero() {
		e.After["receiver"] = s.to.String()
	}
	if s.code != "" {
		e.After["refused_because"] = s.code
	}
	tx.Record(e)
}

// receives reports whether a receiver can still receive, before anything is written. Errors: the
// refusal.
func (w *working) receives(ctx context.Context, tx *action.Tx, c choice) error {
	to, err := member.Find(ctx, tx.Tx, w.d.Org, c.To)
	if err != nil {
		return err
	}
	if c.What == Work && c.moved > 0 && here(to, tx.Tx) {
		return nil // all of it was judged when it began, or was handed over: each batch is judged when it is taken
	}
	if c.What == Resource || c.What == Management {
		found, err := resource.Load(ctx, tx.Tx, w.d.Org, []resource.ID{resource.ID(c.Object)})
		if err != nil || len(found) == 0 {
			return firstError(err, resource.ErrNotFound)
		}
		c.at = found[0].Site
		if c.What == Management && found[0].Status == resource.Closed {
			return resource.ErrClosed
		}
	}
	return takes(ctx, tx.Tx, member.Member{Org: w.d.Org, ID: w.d.Member}, c, to, access.Held{})
}

// giveWork gives a batch of work items: what is held, then what was hidden or detached.
func (w *working) giveWork(ctx context.Context, tx *action.Tx, c *choice, s *step) error {
	org, k := w.d.Org, c.kindOf()
	moved, list, err := workitem.Take(ctx, tx, org, workitem.Handover{From: w.d.Member, To: c.To, Kind: k}, atOnce)
	left := moved.Left
	if errors.Is(err, workitem.ErrNothing) {
		switch k {
		case workitem.Task:
			list, left, _, err = workitem.Unseal(ctx, tx.Tx, org, w.d.Member, c.To, k, atOnce)
		case workitem.Appointment:
			list, left, err = workitem.Reattach(ctx, tx.Tx, org, w.d.Member, c.To, atOnce)
		case workitem.Letter, workitem.Invoice, workitem.Patient, workitem.Setting:
			err = nil
		}
	} else if err == nil && left == 0 {
		left, err = hiddenOf(ctx, tx.Tx, *w.d, k) // the next part takes them up
	}
	if err != nil {
		return err
	}
	c.moved += int64(len(list))
	s.items, s.left = int64(len(list)), left
	return insertTaken(ctx, tx.Tx, *w.d, list)
}

// giveResource makes the receiver the holder: of what is open, or was closed when nobody took it.
func (w *working) giveResource(ctx context.Context, tx *action.Tx, c *choice) error {
	found, err := resource.Load(ctx, tx.Tx, w.d.Org, []resource.ID{resource.ID(c.Object)})
	if err != nil || len(found) == 0 {
		return firstError(err, resource.ErrNotFound)
	}
	v := found[0]
	switch {
	case v.Holder != w.d.Member:
		return ErrNotHeld
	case v.Status == resource.Closed:
		next, code, err := resource.GiveBack(ctx, tx, w.d.Org, v.ID, c.To, c.version)
		if err != nil || code != "" {
			return firstError(err, fault.New(fault.Conflict, code))
		}
		v = next
	default:
		if v, err = resource.HandOver(ctx, tx, v, c.To); err != nil {
			return err
		}
	}
	c.version = v.Version
	return grant.HolderNamed(ctx, tx, v)
}

// remain gives the next thing that nobody took its fate; when all have theirs, the work is done.
func (w *working) remain(ctx context.Context, tx *action.Tx) error {
	for i := range w.things {
		c := &w.things[i]
		if c.state != NotChosen {
			continue
		}
		if f := c.fate(); f != Deleted && f != Detached && f != Closed { // nothing becomes of it
			c.state = LeftOver
			if err := updateChoice(ctx, tx.Tx, *w.d, *c); err != nil {
				return err
			}
			continue
		}
		s := step{stage: StageRemains, what: c.What, object: c.Object}
		if err := w.leave(ctx, tx, c, &s); err != nil {
			return err
		}
		if s.left == 0 {
			c.state = LeftOver
		}
		return w.done(ctx, tx, *c, s)
	}
	return w.finish(ctx, tx)
}

// leave leaves a thing, or a part of it, to its fate (OFF-3).
func (w *working) leave(ctx context.Context, tx *action.Tx, c *choice, s *step) error {
	var n int
	var err error
	switch c.fate() {
	case Deleted:
		n, s.left, err = workitem.Seal(ctx, tx.Tx, w.d.Org, w.d.Member, c.kindOf(), atOnce)
	case Detached:
		n, s.left, err = workitem.Detach(ctx, tx.Tx, w.d.Org, w.d.Member, atOnce)
	case Closed:
		n, err = w.close(ctx, tx, c)
	case Kept, Unmanaged, Stopped, Required:
	}
	s.items = int64(n)
	return err
}

// close closes what is left without its holder.
func (w *working) close(ctx context.Context, tx *action.Tx, c *choice) (int, error) {
	found, err := resource.Load(ctx, tx.Tx, w.d.Org, []resource.ID{resource.ID(c.Object)})
	if err != nil || len(found) == 0 || found[0].Holder != w.d.Member || found[0].Status != resource.Active {
		return 0, err
	}
	c.version = found[0].Version + 1
	return 1, resource.CloseLeft(ctx, tx, found[0])
}

// finish ends the work. What waits is told to the administrators.
func (w *working) finish(ctx context.Context, tx *action.Tx) error {
	w.d.stage = StageFinished
	waiting := int64(0)
	for _, c := range w.things {
		if c.state == Waits {
			waiting++
		}
	}
	e := w.d.event(verbFinish)
	e.After = map[string]any{"waiting": waiting}
	tx.Record(e)
	if waiting > 0 {
		f, err := member.FormerOf(ctx, tx.Tx, w.d.Org, w.d.Member, w.d.EndsAt)
		if err != nil {
			return err
		}
		tx.After(job.Order{Priority: job.Normal, Args: WaitingLetter{
			Org: w.d.Org, Member: w.d.Member, Sites: f.Sites, Name: w.d.Name, Count: waiting, Until: w.d.EndsAt.Add(UndoFor),
		}})
	}
	return insertStep(ctx, tx.Tx, *w.d, step{stage: StageFinished, left: waiting})
}

// hiddenOf counts what is hidden, or detached, of the items of somebody who left.
func hiddenOf(ctx context.Context, tx *store.Tx, d Departure, k workitem.Kind) (int64, error) {
	switch k {
	case workitem.Task:
		return workitem.Sealed(ctx, tx, d.Org, d.Member, k)
	case workitem.Appointment:
		return workitem.Detachments(ctx, tx, d.Org, d.Member)
	case workitem.Letter, workitem.Invoice, workitem.Patient, workitem.Setting:
	}
	return 0, nil
}
