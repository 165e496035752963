package departure

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Undo lets somebody be a member again as they were, within UndoFor: at once with the rights that
// came to an end, and what was handed over and nobody touched; work items follow. What was changed
// since stays, and is listed; whoever was appointed stays appointed. Sessions, tokens and stopped
// endpoints do not come back. Whoever does it may decide of the departure, and holds every
// administration permission that comes back. Errors: ErrNotFound, ErrStale, ErrTooLate, ErrThemself,
// ErrReturned, ErrAddress, ErrNoAccount, member.ErrNoSiteLeft, member.ErrMorePowerful, access.ErrStepUp.
func (d Departures) Undo(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, version int64) (Departure, error) {
	return d.undo(ctx, by, org, of, version, true)
}

// undo is Undo; unnamed says whether it may name no version.
func (d Departures) undo(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, version int64, unnamed bool,
) (Departure, error) {
	var a after
	return action.Run(ctx, d.Run, by, a.act(by, org, of, verbUndo), func(tx *action.Tx) (Departure, error) {
		if version == AnyVersion && !unnamed {
			return Departure{}, ErrVersion
		}
		if version != AnyVersion && version != a.d.Version {
			return Departure{}, ErrStale
		}
		if err := mayUndo(ctx, tx.Tx, a.d, a.former); err != nil {
			return Departure{}, err
		}
		u := undoing{d: &a.d, former: a.former}
		if err := u.run(ctx, tx); err != nil {
			return Departure{}, err
		}
		a.d.State, a.d.stage, a.d.UndoneBy, a.d.UndoneAt = Undone, StageBackWork, by.Name, tx.Now
		e := a.d.event(verbUndo)
		e.After = map[string]any{"stays": len(u.stays)}
		tx.Record(e)
		tx.After(a.d.order(time.Time{}))
		if !a.former.Account.IsZero() {
			tx.After(job.Order{Args: UndoneLetter{Org: org, Member: of, By: by.Name}, Priority: job.Normal})
		}
		for _, s := range u.stays {
			if err := insertStay(ctx, tx.Tx, a.d, s); err != nil {
				return Departure{}, err
			}
		}
		if err := insertStep(ctx, tx.Tx, a.d, step{stage: StageBack, items: u.back, left: int64(len(u.stays))}); err != nil {
			return Departure{}, err
		}
		err := update(ctx, tx.Tx, &a.d)
		return a.d, err
	})
}

// mayUndo says why a departure cannot be undone.
func mayUndo(ctx context.Context, tx *store.Tx, d Departure, f member.Former) error {
	switch {
	case !d.UndoTill.After(tx.Now):
		return ErrTooLate
	case !d.Into.IsZero():
		return ErrReplaced
	case d.Kind == Self: // nobody is made a member again without being asked
		return ErrThemself
	}
	back, err := member.BackOtherwise(ctx, tx, f)
	switch {
	case err != nil:
		return err
	case back:
		return ErrReturned
	}
	if err := addressFree(ctx, tx, f); err != nil {
		return err
	}
	if f.Account.IsZero() {
		return nil
	}
	a, found, err := account.Get(ctx, tx, f.Account)
	if err == nil && (!found || a.Status != account.Active) {
		err = ErrNoAccount
	}
	return err
}

// addressFree refuses an address that somebody else has here, or that was invited meanwhile.
func addressFree(ctx context.Context, tx *store.Tx, f member.Former) error {
	if f.Email == "" {
		return nil
	}
	taken, err := emailHeld(ctx, tx, f.Org, f.ID, f.Email)
	if err == nil && !taken {
		taken, err = invitation.Waits(ctx, tx, f.Org, f.Email)
	}
	if err == nil && taken {
		err = ErrAddress
	}
	return err
}

// undoing is the way back, at its beginning.
type undoing struct {
	d      *Departure
	former member.Former
	stays  []Stay
	back   int64
}

func (u *undoing) run(ctx context.Context, tx *action.Tx) error {
	lost, err := member.Return(ctx, tx, u.former, verbReturn)
	if err != nil {
		return err
	}
	for _, l := range lost {
		u.stays = append(u.stays, Stay{What: string(l.Domain), Name: l.Name, Code: string(l.Why), N: 1})
	}
	if err := dossier.DocumentsReturned(ctx, tx, u.former.Member); err != nil {
		return err
	}
	things, err := choicesOf(ctx, tx.Tx, *u.d)
	if err != nil {
		return err
	}
	for i := range things {
		if err := u.giveBack(ctx, tx, &things[i]); err != nil {
			return err
		}
	}
	return u.rights(ctx, tx)
}

// giveBack gives back a thing: what was only to be given simply stays.
func (u *undoing) giveBack(ctx context.Context, tx *action.Tx, c *choice) error {
	var code string
	var err error
	switch {
	case c.What == Resource && (c.state == Given || c.state == LeftOver):
		code, err = u.resource(ctx, tx, c)
	case c.What == Webhook && c.state == Given:
		code, err = u.webhook(ctx, tx, c)
	case c.What == Webhook:
		code = stayStopped
	case c.state == Given && (c.What == Administration || c.What == Management):
		code = stayAppointed
	case c.state == Chosen, c.state == Waits:
		c.state = NotChosen
		err = updateChoice(ctx, tx.Tx, *u.d, *c)
	}
	if err != nil {
		return err
	}
	if code != "" {
		u.stays = append(u.stays, Stay{What: string(c.What), Name: c.name, Code: code, N: 1})
	}
	return nil
}

// Why something stays, beside the reasons of package changeset.
const (
	stayChanged   = "changed"
	stayStopped   = "stopped"   // an endpoint: somebody starts it again
	stayAppointed = "appointed" // whoever took it over has it still
	stayReceiver  = "receiver"  // a level that whoever had taken it over held before
)

func (u *undoing) resource(ctx context.Context, tx *action.Tx, c *choice) (string, error) {
	v, code, err := resource.GiveBack(ctx, tx, u.d.Org, resource.ID(c.Object), u.former.ID, c.version)
	if err != nil || code != "" {
		return stayOf(code), err
	}
	u.back++
	lost, err := grant.LostByHolding(ctx, tx.Tx, u.d.Org, v.ID, c.To)
	if err != nil {
		return "", err
	}
	if lost {
		u.stays = append(u.stays, Stay{What: string(changeset.Level), Name: v.Name, Code: stayReceiver, N: 1})
	}
	return "", grant.HolderNamed(ctx, tx, v)
}

func stayOf(code string) string {
	if code == resource.ErrNameTaken.Code {
		return "name_taken"
	}
	if code == "" {
		return ""
	}
	return stayChanged
}

func (u *undoing) webhook(ctx context.Context, tx *action.Tx, c *choice) (string, error) {
	names, err := member.Refs(ctx, tx.Tx, u.d.Org, []ident.Member{c.To})
	if err != nil {
		return "", err
	}
	may, err := webhook.MayAnswer(ctx, tx.Tx, u.d.Org, u.former.Account)
	if err != nil || !may {
		return stayChanged, err
	}
	back, err := webhook.HandOver(ctx, tx, u.d.Org, ident.Webhook(c.Object), names[c.To].Account, u.former.Account, u.former.Name())
	if err != nil || !back {
		return stayChanged, err
	}
	u.back++
	return "", nil
}

// rights gives back levels, delegations and access groups, once they hold their identities again.
func (u *undoing) rights(ctx context.Context, tx *action.Tx) error {
	if u.d.changeSet.IsZero() {
		return nil
	}
	stays, err := grant.TakeBack(ctx, tx, u.d.Org, u.d.changeSet)
	for _, s := range stays {
		u.stays = append(u.stays, Stay{What: string(s.Domain), Name: s.ObjectName, Code: string(s.Why), N: 1})
	}
	return err
}

// back gives work items back: those that were given and that nobody changed, then those that were
// hidden, then appointments. Whoever is no member any more gets nothing back: the departure that
// came since decides of what is left.
func (w *working) back(ctx context.Context, tx *action.Tx) error {
	if _, err := member.Find(ctx, tx.Tx, w.d.Org, w.d.Member); fault.Is(err, fault.NotFound) {
		w.d.stage = StageRestored
		w.tell(tx, step{stage: StageRestored, code: ErrNotFound.Code})
		return insertStep(ctx, tx.Tx, *w.d, step{stage: StageRestored, code: ErrNotFound.Code})
	} else if err != nil {
		return err
	}
	s := step{stage: StageBackWork, what: Work}
	list, err := takenOf(ctx, tx.Tx, *w.d, atOnce)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return w.backTaken(ctx, tx, list, s)
	}
	items, left, stuck, err := workitem.Unseal(ctx, tx.Tx, w.d.Org, w.d.Member, w.d.Member, workitem.Task, atOnce)
	if err != nil {
		return err
	}
	s.object = string(workitem.Task)
	if len(items) == 0 {
		s.object = string(workitem.Appointment)
		if items, left, err = workitem.Reattach(ctx, tx.Tx, w.d.Org, w.d.Member, w.d.Member, atOnce); err != nil {
			return err
		}
	}
	if len(items) == 0 {
		return w.restored(ctx, tx, stuck)
	}
	s.items, s.left = int64(len(items)), left
	w.tell(tx, s)
	return insertStep(ctx, tx.Tx, *w.d, s)
}

// backTaken gives a batch of items back, and notes how many stay.
func (w *working) backTaken(ctx context.Context, tx *action.Tx, list []taken, s step) error {
	n, err := workitem.TakeBack(ctx, tx.Tx, w.d.Org, w.d.Member, list)
	if err != nil {
		return err
	}
	s.items = int64(n)
	if rest := len(list) - n; rest > 0 {
		if err := insertStay(ctx, tx.Tx, *w.d, Stay{What: string(Work), Code: stayChanged, N: int64(rest)}); err != nil {
			return err
		}
	}
	if err := removeTaken(ctx, tx.Tx, *w.d, list[len(list)-1].No); err != nil {
		return err
	}
	w.tell(tx, s)
	return insertStep(ctx, tx.Tx, *w.d, s)
}

// restored ends the way back. Hidden items of which the application made others meanwhile are
// deleted.
func (w *working) restored(ctx context.Context, tx *action.Tx, stuck int64) error {
	if stuck > 0 {
		if err := insertStay(ctx, tx.Tx, *w.d, Stay{What: string(Work), Code: "made_again", N: stuck}); err != nil {
			return err
		}
		if err := workitem.Forget(ctx, tx.Tx, w.d.Org, w.d.Member); err != nil {
			return err
		}
	}
	w.d.stage = StageRestored
	w.tell(tx, step{stage: StageRestored})
	return insertStep(ctx, tx.Tx, *w.d, step{stage: StageRestored, left: stuck})
}

// End gives a plan up, or takes a departure back: whichever there is. A departure is taken back by
// whoever names its version: giving a plan up that is done meanwhile is no undoing. Errors: those of
// Cancel and Undo, ErrVersion.
func (d Departures) End(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, version int64) (Departure, error) {
	var v Departure
	var found bool
	err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		v, found, err = inForce(ctx, tx, org, of)
		return err
	})
	switch {
	case err != nil:
		return Departure{}, err
	case found && v.State == Done:
		out, err := d.undo(ctx, by, org, of, version, false)
		if errors.Is(err, ErrNotFound) { // to who may know of neither, who left is as who never was
			err = member.ErrNotFound
		}
		return out, err
	case !found && by.Once.Key != "":
		if out, err := d.undoneBefore(ctx, by, org, of); !errors.Is(err, errNotBefore) {
			return out, err
		}
	}
	return d.Cancel(ctx, by, org, of, version)
}

var errNotBefore = errors.New("departure: this request undid nothing")

// undoneBefore gives the answer of an undoing again to who asks for it again under the same key
// (rest.md): by then there is nothing that tells it from giving a plan up. Errors: errNotBefore, those
// of member.Over.
func (d Departures) undoneBefore(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (Departure, error) {
	var m member.Member
	return action.Run(ctx, d.Run, by, deciding(verbUndo, by, org, of, &m), func(*action.Tx) (Departure, error) {
		return Departure{}, errNotBefore
	})
}
