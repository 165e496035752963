package merge

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// undoing is the way back of somebody who was replaced.
type undoing struct {
	by     access.Actor
	held   access.Held
	d      departure.Departure
	former member.Former
	now    member.Member // who took their place
}

// resolve finds the replacement of a member, for whoever may know of them: members.edit and
// members.delete over the whole of both.
func (u *undoing) resolve(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (_ []access.Need, err error) {
	if u.held, err = access.HeldBy(ctx, tx, u.by, org); err != nil {
		return nil, err
	}
	var found bool
	if u.d, found, err = departure.PassedOf(ctx, tx, org, of); err != nil || !found {
		return nil, missing(u.held, err)
	}
	if u.former, err = member.FormerOf(ctx, tx, org, of, u.d.EndsAt); err != nil || !u.former.SeenBy(u.held) {
		return nil, missing(u.held, unlessMissing(err))
	}
	for _, p := range []access.Permission{access.MembersEdit, access.MembersDelete} {
		if err := u.former.Over(u.held, p); err != nil {
			return nil, err
		}
	}
	u.now, err = overBoth(ctx, tx, u.by, org, u.d.Into)
	if fault.Is(err, fault.NotFound) {
		err = ErrSuccessorGone
	}
	return []access.Need{access.MemberOf(org)}, err
}

// missing is the refusal of what whoever looks may not know of, unless err.
func missing(held access.Held, err error) error {
	switch {
	case err != nil:
		return err
	case !held.HasAnywhere(access.MembersRead):
		return access.ErrForbidden.With("Permission", string(access.MembersRead))
	}
	return ErrNotFound
}

// Undo lets a member who was replaced take their place back, within departure.UndoFor: they have what
// the other one has by then, with their own number, as it was verified. version is that of the
// replacement. Errors: ErrNotFound, ErrStale, departure.ErrVersion, departure.ErrTooLate,
// ErrSuccessorGone, ErrPlanned, departure.ErrPlanned, departure.ErrReturning, member.ErrYourself,
// enrolment.ErrRPPSHeld, a field for a number that somebody else has, member.ErrLastAdministrator,
// those of member.Over, access.ErrStepUp.
func (m Replacements) Undo(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, version int64) (Replacement, error) {
	u := undoing{by: by}
	act := action.Act{
		Verb: verbReturn, Orgs: []ident.Org{org}, Accounts: true, StepUp: true, Object: of.String(), Subject: of.String(),
		Resolve: func(ctx context.Context, tx *store.Tx) ([]access.Need, error) { return u.resolve(ctx, tx, org, of) },
	}
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (Replacement, error) {
		switch {
		case version == AnyVersion:
			return Replacement{}, departure.ErrVersion
		case version != u.d.Version:
			return Replacement{}, ErrStale
		}
		if err := u.mayUndo(ctx, tx.Tx); err != nil {
			return Replacement{}, err
		}
		return u.run(ctx, tx)
	})
}

// mayUndo says why it cannot be undone.
func (u *undoing) mayUndo(ctx context.Context, tx *store.Tx) error {
	switch {
	case !u.d.UndoTill.After(tx.Now):
		return departure.ErrTooLate
	case isSelf(u.by, u.held, u.now):
		return member.ErrYourself
	}
	plan, err := member.PlannedFor(ctx, tx, u.now.Org, u.now.ID)
	if err == nil && plan != nil {
		err = ErrPlanned
	}
	if err != nil {
		return err
	}
	held, err := member.RPPSHeld(ctx, tx, u.now.Org, u.former.RPPS, u.now.Account)
	if err == nil && held == member.NumberHeld {
		err = enrolment.ErrRPPSHeld
	}
	return err
}

// run gives the place back: what passes is what the other one has now.
func (u *undoing) run(ctx context.Context, tx *action.Tx) (Replacement, error) {
	p := passing{from: u.now}
	var err error
	if u.d, err = departure.Unpass(ctx, tx, u.d); err != nil {
		return Replacement{}, err
	}
	if err := departure.MayPass(ctx, tx.Tx, u.now); err != nil {
		return Replacement{}, err
	}
	err = member.Keeping(ctx, tx.Tx, u.now.Org, func() error {
		if err := p.begin(ctx, tx); err != nil {
			return err
		}
		if p.to, err = member.Resume(ctx, tx.Tx, u.now.Org, u.former.ID, p.from); err != nil {
			return err
		}
		if _, err := p.follow(ctx, tx); err != nil {
			return err
		}
		return p.asVerified(ctx, tx)
	})
	if err != nil {
		return Replacement{}, err
	}
	p.record(tx, verbReturn, verbResume)
	p.tell(tx)
	return replacementOf(u.d, p.to, p.from), nil
}

// asVerified gives the file back as it was judged, and opens the account that waited for it.
func (p *passing) asVerified(ctx context.Context, tx *action.Tx) error {
	if p.to.Verification == member.NotNeeded {
		return nil
	}
	if err := dossier.Revert(ctx, tx.Tx, p.from.Org, p.from.ID, p.to.ID, p.to.RPPS, p.to.Identity.Import); err != nil {
		return err
	}
	if p.to.Account.IsZero() || !p.to.Verification.Opens() {
		return nil
	}
	return enrolment.OpenAccount(ctx, tx, p.to.Org, p.to.Account)
}

// Get reads the replacement that a member is the old or the new one of: of the old one by who may
// decide of it, of the new one by whoever sees them, who learns who it took the place of as far as
// they may know (AUZ-06). Errors: ErrNotFound, member.ErrNotFound, access.ErrForbidden.
func (m Replacements) Get(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (Replacement, error) {
	u := undoing{by: by}
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		return []access.Need{access.MemberOf(org)}, u.look(ctx, tx, org, of)
	}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (Replacement, error) {
		v := replacementOf(u.d, u.former.Member, u.now)
		if u.d.State != departure.Done {
			return v, nil
		}
		_, err := u.resolve(ctx, tx, org, u.d.Member)
		v.MayOpen = err == nil
		if err == nil {
			err = u.mayUndo(ctx, tx)
		}
		if v.MayUndo = err == nil; err == nil || fault.Is(err, fault.Forbidden) {
			return v, nil
		}
		if !member.Refusal(err) {
			return v, err
		}
		v.NoUndo = fault.Of(err).Code
		return v, nil
	})
}

// look finds a replacement by either of the two.
func (u *undoing) look(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (err error) {
	if u.held, err = access.HeldBy(ctx, tx, u.by, org); err != nil {
		return err
	}
	var found bool
	if _, err = member.SeenAs(ctx, tx, u.held, of); err == nil {
		u.d, found, err = departure.PassedInto(ctx, tx, org, of)
	} else if fault.Is(err, fault.NotFound) {
		u.d, found, err = departure.PassedOf(ctx, tx, org, of)
	}
	if err != nil || !found {
		return missing(u.held, err)
	}
	if u.former, err = member.FormerOf(ctx, tx, org, u.d.Member, u.d.EndsAt); err != nil || !u.former.SeenBy(u.held) {
		return missing(u.held, unlessMissing(err))
	}
	refs, err := member.Refs(ctx, tx, org, []ident.Member{u.d.Into})
	u.now = refs[u.d.Into]
	return err
}
