package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/role"
	"habilis/internal/store"
)

// overAdministration is the right to give or take administration at a scope, whose
// site the actor must know of.
func overAdministration(at access.Scope) func(context.Context, *store.Tx, viewer, subject) error {
	return func(ctx context.Context, tx *store.Tx, v viewer, s subject) error {
		if !at.Site.IsZero() {
			if _, err := v.sight.Site(ctx, tx, at.Org, at.Site); err != nil {
				return err
			}
		}
		return v.overAdministration(s, at)
	}
}

// Appoint names a member administrator at a scope, at once and without an end
// («Nommer admin», ORG-5). Who is one already stays one. version is the version that
// was read, 0 for "whatever it is". Errors: ErrNotActive, ErrNoSignIn, ErrNotOfSite,
// ErrMorePowerful, ErrStale, org.ErrNoSuchSite.
func (m Members) Appoint(ctx context.Context, by access.Actor, id ident.Member, at access.Scope, version int64) (Sheet, error) {
	d := deed{verb: "member.appoint", in: at.Org, id: id, version: version, stepUp: true, rights: overAdministration(at)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		if err := mayBeAppointed(s, at); err != nil {
			return err
		}
		old, found, err := findGrant(ctx, tx.Tx, at, id, v.admin.ID)
		if err != nil {
			return err
		}
		if found && old.endless(tx.Now) {
			return action.Nothing
		}
		var k ledger
		if err := k.appoint(ctx, tx, v, s, at, grant{starts: tx.Now}); err != nil {
			return err
		}
		return k.keep(ctx, tx, s.Member, d.verb)
	}
	return perform(ctx, m.Run, by, d, m.sheet(by, at.Org, id))
}

// appoint gives the administrator role, instead of one with an end if there is one.
func (k *ledger) appoint(ctx context.Context, tx *action.Tx, v viewer, s subject, at access.Scope, when grant) error {
	g := role.Given{Role: v.admin.ID, Scope: at}
	before, err := roleState(ctx, tx.Tx, s.ID, g)
	if err != nil {
		return err
	}
	if err := closeGrant(ctx, tx.Tx, at, s.ID, v.admin.ID); err != nil {
		return err
	}
	if err := insertGrant(ctx, tx.Tx, s.ID, g, when, giver(tx.By)); err != nil {
		return err
	}
	e, err := administrationEvent(ctx, tx.Tx, s.Member, "member.appoint", at)
	if err != nil {
		return err
	}
	e.After = map[string]any{"administration": at.Code()}
	k.note(e, roleLine(s.ID, g, before, when.state()))
	if v.isSelf(s) {
		tx.After(job.Order{Args: SelfGrantLetter{Org: at.Org, Member: s.ID, Scope: at.Code()}, Priority: job.Normal})
	} else {
		write(tx, s.Member, AppointedLetter{Org: at.Org, Member: s.ID, Scope: at.Code(), By: tx.By.Name})
	}
	return nil
}

// Withdraw takes administrator rights at a scope («Révoquer les droits
// administrateurs», ORG-5), from oneself too. version as for Appoint. Errors:
// ErrNotAdministrator, ErrLastAdministrator, ErrMorePowerful, ErrStale,
// org.ErrNoSuchSite.
func (m Members) Withdraw(ctx context.Context, by access.Actor, id ident.Member, at access.Scope, version int64) (Sheet, error) {
	d := deed{verb: "member.withdraw", in: at.Org, id: id, version: version, stepUp: true, rights: overAdministration(at)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		old, found, err := findGrant(ctx, tx.Tx, at, id, v.admin.ID)
		if err != nil {
			return err
		}
		if !found || old.over(tx.Now) {
			return ErrNotAdministrator
		}
		if err := closeGrant(ctx, tx.Tx, at, id, v.admin.ID); err != nil {
			return err
		}
		var k ledger
		line := roleLine(id, role.Given{Role: v.admin.ID, Scope: at}, old.state(), changeset.State{})
		if err := k.withdrawn(ctx, tx, v, s, at, line); err != nil {
			return err
		}
		return k.keep(ctx, tx, s.Member, d.verb)
	}
	return perform(ctx, m.Run, by, d, m.sheet(by, at.Org, id))
}

// withdrawn notes and tells that a member no longer administers a scope.
func (k *ledger) withdrawn(ctx context.Context, tx *action.Tx, v viewer, s subject, at access.Scope, lines ...changeset.Line) error {
	e, err := administrationEvent(ctx, tx.Tx, s.Member, "member.withdraw", at)
	if err != nil {
		return err
	}
	e.Before = map[string]any{"administration": at.Code()}
	k.note(e, lines...)
	if !v.isSelf(s) {
		write(tx, s.Member, WithdrawnLetter{Org: at.Org, Member: s.ID, Scope: at.Code(), By: tx.By.Name})
	}
	return nil
}

func administrationEvent(ctx context.Context, tx *store.Tx, m Member, verb string, at access.Scope) (audit.Event, error) {
	e := event(m, verb)
	e.Site = at.Site
	if at.Site.IsZero() {
		return e, nil
	}
	names, err := SiteNames(ctx, tx, at.Org)
	e.Names["site"] = names[at.Site]
	return e, err
}
