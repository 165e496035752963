package approval

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// turnAway ends the membership of whoever waits, and every right that was written for them.
func turnAway(ctx context.Context, tx *action.Tx, v Approval) error {
	if _, _, err := grant.EndAll(ctx, tx, v.Org, v.Member, ""); err != nil {
		return err
	}
	return member.TurnAway(ctx, tx.Tx, v.Org, v.Member)
}

// expiredAtOnce bounds one round of Expire; the next one does what is left.
const expiredAtOnce = 200

// Expire ends what nobody decided of in time: the timetable calls it. Whether it came by or
// not, nothing is authorised after its time.
func (a Approvals) Expire(ctx context.Context) error {
	var due []Approval
	err := a.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = overdue(ctx, tx, expiredAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range due {
		if err := a.expire(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

func (a Approvals) expire(ctx context.Context, v Approval) error {
	act := action.Act{Verb: "approval.expire", Orgs: []ident.Org{v.Org}, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, a.Run, access.Operator("job"), act, func(tx *action.Tx) (bool, error) {
		now, ok, err := find(ctx, tx.Tx, v.Org, v.Member)
		if err != nil {
			return false, err
		}
		if !ok || !now.over(tx.Now) { // decided meanwhile, or by another node
			return false, action.Nothing
		}
		if err := turnAway(ctx, tx, now); err != nil {
			return false, err
		}
		now.Status, now.DecidedAt = Expired, tx.Now
		tx.Record(now.event(act.Verb))
		return true, settled(ctx, tx.Tx, now)
	})
	return err
}
