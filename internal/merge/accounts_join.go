package merge

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// run has the one give way to the other: of two who do it with one half, one does.
func (j *joining) run(ctx context.Context, tx *action.Tx) (AccountMerge, error) {
	open, err := session.EndHalf(ctx, tx.Tx, j.half.ID, session.Completed)
	if err != nil {
		return AccountMerge{}, err
	}
	if !open {
		return AccountMerge{}, session.ErrHalfGone
	}
	m := AccountMerge{
		ID: ident.NewAccountMerge(), Kept: j.kept.ID, Gone: j.gone.ID, State: AccountsMerged, At: tx.Now, UndoTill: tx.Now.Add(AccountsUndoFor),
		Version: 1,
	}
	link, hash := secret.NewToken(secret.Unmerge)
	if err := insertMerge(ctx, tx.Tx, m, j.half.ID, hash); err != nil {
		return m, err
	}
	for _, was := range j.moving {
		if err := insertMoved(ctx, tx.Tx, m.ID, was.Org, was.ID); err != nil {
			return m, err
		}
		err := member.Keeping(ctx, tx.Tx, was.Org, func() error { return move(ctx, tx, m, was, j.gone, j.kept, false) })
		if err != nil {
			return m, err
		}
	}
	places, err := member.OrgsOf(ctx, tx.Tx, j.kept.ID)
	if err == nil {
		err = passAsked(ctx, tx.Tx, places, j.gone.ID, j.kept.ID)
	}
	if err != nil {
		return m, err
	}
	ended, err := shut(ctx, tx, j.gone.ID)
	if err != nil {
		return m, err
	}
	tx.Record(audit.Event{
		Verb: verbJoin, Object: j.gone.ID.String(), Subject: j.kept.ID.String(),
		Names:  map[string]string{"account": j.gone.Name(), "subject": j.kept.Name()},
		Before: map[string]any{trailEmail: j.gone.Email.Masked()},
		After: map[string]any{
			trailEmail: j.kept.Email.Masked(), trailMerge: m.ID.String(), "memberships": len(j.moving), event.SessionsEnded: ended,
		},
	})
	told := MergedLetter{Merge: m.ID, At: tx.Now, Address: tx.By.Address, Browser: j.half.UserAgent}
	tx.After(job.Order{Args: told, Priority: job.Normal})
	told.ToGone = true
	tx.After(job.Order{Args: told, Priority: job.Urgent, Secret: link})
	return filled(ctx, tx.Tx, m)
}

// Facts of a merging in the trail.
const (
	trailEmail   = "email"
	trailAccount = "account"
	trailMerge   = "merge"
)

// move gives a membership with what its person made for the organisation to the other account, tells it
// in the trail of the organisation, and to its administrators. Invitations go with it that were sent
// before the merging: what was sent since ends with it, whoever did.
func move(ctx context.Context, tx *action.Tx, of AccountMerge, was member.Member, from, to account.Account, back bool) error {
	now, err := member.Move(ctx, tx, was.Org, was.ID, to)
	if err != nil {
		return err
	}
	if err := passMade(ctx, tx.Tx, was.Org, from.ID, to.ID); err != nil {
		return err
	}
	if was.Status != member.Left { // else they stood on nothing
		if err := invitation.PassSent(ctx, tx.Tx, was.Org, from.ID, to.ID, of.At); err != nil {
			return err
		}
	}
	e := about(now, verbMoved)
	if back {
		e.Verb = verbMovedBack
	}
	e.Before = map[string]any{trailAccount: from.ID.String(), trailEmail: from.Email.Masked()}
	e.After = map[string]any{trailAccount: to.ID.String(), trailEmail: to.Email.Masked()}
	tx.Record(e)
	if was.Status != member.Left {
		tx.After(job.Order{Args: MovedLetter{Org: was.Org, Member: was.ID, Merge: of.ID, Back: back, At: tx.Now}, Priority: job.Normal})
	}
	return nil
}

// passMade has the other account answer for what one made for the organisation, unless that one still
// has a membership there: then it was made by that.
func passMade(ctx context.Context, tx *store.Tx, in ident.Org, from, to ident.Account) error {
	_, still, err := member.OfAccount(ctx, tx, in, from)
	if err != nil || still {
		return err
	}
	if err := token.PassMade(ctx, tx, in, from, to); err != nil {
		return err
	}
	return webhook.PassOwned(ctx, tx, in, from, to)
}

// passAsked has what the one asked for, as support once, be decided by somebody else than the other.
func passAsked(ctx context.Context, tx *store.Tx, in []ident.Org, from, to ident.Account) error {
	for _, o := range in {
		if err := approval.PassAsked(ctx, tx, o, from, to); err != nil {
			return err
		}
	}
	return nil
}

// shut closes an account with everything that is open of it, and says how many browsers were. Its
// password and its factors stay as they are, and open nothing.
func shut(ctx context.Context, tx *action.Tx, id ident.Account) (ended int64, err error) {
	if err := account.Close(ctx, tx, id); err != nil {
		return 0, err
	}
	if ended, err = endBrowsers(ctx, tx.Tx, id); err != nil {
		return 0, err
	}
	if _, err := token.RevokeOf(ctx, tx.Tx, id, verbJoin); err != nil {
		return 0, err
	}
	if err := credential.EndResets(ctx, tx.Tx, id); err != nil {
		return 0, err
	}
	if _, err := account.EndEmailAsks(ctx, tx.Tx, id); err != nil {
		return 0, err
	}
	return ended, credential.StopAllDelayed(ctx, tx.Tx, id)
}

// endBrowsers ends what browsers have of an account.
func endBrowsers(ctx context.Context, tx *store.Tx, id ident.Account) (int64, error) {
	ended, err := session.EndAll(ctx, tx, id, session.Merged)
	if err != nil {
		return 0, err
	}
	if _, err := session.EndHalves(ctx, tx, id, session.Merged); err != nil {
		return 0, err
	}
	_, err = session.EndDevices(ctx, tx, id, session.Merged)
	return ended, err
}
