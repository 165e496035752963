package invitation

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Invitations is the register of invitations.
type Invitations struct {
	Run    *action.Runner
	Hasher *credential.Hasher // of the temporary passwords that are sent again
	Limits Limits
}

// Get reads one pending invitation, expired or not. Errors: ErrNotFound, also for
// one that the actor may not see (AUZ-06, INV-11).
func (i Invitations) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Invitation) (Invitation, error) {
	act := action.Act{Verb: "invitation.read", Orgs: []ident.Org{org}, Resolve: needs(by, org, id), Object: id.String()}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Invitation, error) {
		return shown(ctx, tx, by, org, id)
	})
}

// Resend writes again: 30 days from now, the older link is dead (MEM-11). From
// then on the invitation stands on the authority of by, who must be able to give
// all that it gives; with an administration role a fresh proof is asked (rules.md
// 6). A person who has an account by now, or whose organisation no longer allows
// temporary passwords, gets a link. Errors: ErrNotFound, ErrMorePowerful,
// ErrNoSite, access.ErrStepUp, access.ErrFeatureOff, limit.ErrExceeded.
func (i Invitations) Resend(ctx context.Context, by access.Actor, org ident.Org, id ident.Invitation) (Invitation, error) {
	to, err := i.draw(ctx, by, org, id)
	if err != nil {
		return Invitation{}, err
	}
	act := action.Act{Verb: "invitation.resend", Orgs: []ident.Org{org}, Resolve: needs(by, org, id), Object: id.String()}
	return action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (Invitation, error) {
		old, err := shown(ctx, tx.Tx, by, org, id)
		if err != nil {
			return Invitation{}, err
		}
		if err := i.mayResend(ctx, tx, old); err != nil {
			return Invitation{}, err
		}
		return resend(ctx, tx, old, to)
	})
}

// draw makes a new temporary password for the invitations that carry one, and
// hashes it: there is no time for that inside a write.
func (i Invitations) draw(ctx context.Context, by access.Actor, org ident.Org, id ident.Invitation) (To, error) {
	act := action.Act{Verb: "invitation.resend", Orgs: []ident.Org{org}, Resolve: needs(by, org, id), Object: id.String()}
	old, err := action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Invitation, error) {
		return shown(ctx, tx, by, org, id)
	})
	if err != nil || old.Welcome != ByTemporaryPassword {
		return To{}, err
	}
	to := To{Temporary: credential.NewTemporaryPassword()}
	to.Hash, err = i.Hasher.Hash(ctx, to.Temporary)
	return to, err
}

func (i Invitations) mayResend(ctx context.Context, tx *action.Tx, old Invitation) error {
	if len(old.Sites) == 0 {
		return ErrNoSite
	}
	if closed, err := old.Closed(ctx, tx.Tx); err != nil || closed {
		return firstError(err, access.ErrFeatureOff) // its letter would not go
	}
	if err := powers(ctx, tx.Tx, tx.By, old); err != nil {
		return err
	}
	administers, err := Administers(ctx, tx.Tx, old.Org, old.Roles)
	if err != nil {
		return err
	}
	if administers && !tx.By.Proven(tx.Now) {
		return access.ErrStepUp
	}
	return i.Limits.Take(ctx, tx.Tx, old.Org, old.Email.Key)
}

func resend(ctx context.Context, tx *action.Tx, old Invitation, to To) (Invitation, error) {
	welcome, err := welcomeAgain(ctx, tx.Tx, old, to)
	if err != nil {
		return Invitation{}, err
	}
	r := fresh(tx.Now, welcome, to)
	by := InviterOf(tx.By, old.Org, old.Inviter.Platform && asPlatform(ctx, tx.Tx, tx.By, old))
	if n, err := renew(ctx, tx.Tx, old, by, tx.By.Name, r); err != nil || n != 1 {
		return Invitation{}, firstError(err, ErrNotFound)
	}
	tx.Record(event(old, "invitation.resend",
		map[string]any{"expires_at": old.ExpiresAt, "welcome": old.Welcome},
		map[string]any{"expires_at": r.expires, "welcome": r.welcome}))
	tx.After(job.Order{
		Args:     Letter{Org: old.Org, Invitation: old.ID, Version: old.Version + 1},
		Priority: job.Normal, Secret: r.secret,
	})
	return shown(ctx, tx.Tx, tx.By, old.Org, old.ID)
}

// welcomeAgain says how the person comes in this time: policy and account are
// read again.
func welcomeAgain(ctx context.Context, tx *store.Tx, old Invitation, to To) (Welcome, error) {
	if old.Welcome != ByTemporaryPassword || to.Hash == "" {
		return ByLink, nil
	}
	policy, err := setting.ReadSecurity(ctx, tx, old.Org)
	if err != nil || !policy.TemporaryPasswords {
		return ByLink, err
	}
	has, err := account.Owned(ctx, tx, old.Email.Key)
	if err != nil || has {
		return ByLink, err
	}
	return ByTemporaryPassword, nil
}

// Delete withdraws an invitation: its link is dead. Errors: ErrNotFound,
// ErrMorePowerful.
func (i Invitations) Delete(ctx context.Context, by access.Actor, org ident.Org, id ident.Invitation) error {
	act := action.Act{Verb: "invitation.delete", Orgs: []ident.Org{org}, Resolve: needs(by, org, id), Object: id.String()}
	_, err := action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		old, err := shown(ctx, tx.Tx, by, org, id)
		if err != nil {
			return struct{}{}, err
		}
		if err := powers(ctx, tx.Tx, by, old); err != nil {
			return struct{}{}, err
		}
		if n, err := markDeleted(ctx, tx.Tx, org, id); err != nil || n != 1 {
			return struct{}{}, firstError(err, ErrNotFound)
		}
		tx.Record(event(old, "invitation.delete", map[string]any{"status": Pending}, map[string]any{"status": Deleted}))
		return struct{}{}, nil
	})
	return err
}

// event is the record of what was done to an invitation.
func event(i Invitation, verb string, before, after map[string]any) audit.Event {
	e := audit.Event{
		Org: i.Org, Verb: verb, Object: i.ID.String(), Subject: i.Member.String(),
		Names: map[string]string{"email": i.Email.Address}, Before: before, After: after,
	}
	if len(i.Sites) == 1 {
		e.Site = i.Sites[0]
	}
	return e
}

// needs gives what an act on one invitation asks of by. Whoever may not see it is
// told that it does not exist; whoever may invite nowhere, that a right lacks.
func needs(by access.Actor, org ident.Org, id ident.Invitation) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		i, ok, err := Read(ctx, tx, org, id)
		if err != nil {
			return nil, err
		}
		if ok && asPlatform(ctx, tx, by, i) {
			return []access.Need{access.OfPlatform(access.PlatformSupport)}, nil
		}
		h, err := access.HeldBy(ctx, tx, by, org)
		switch {
		case err != nil:
			return nil, err
		case !h.HasAnywhere(access.MembersInvite):
			return []access.Need{access.At(access.MembersInvite, access.OrgScope(org))}, nil
		case !ok || !sees(h, i):
			return nil, ErrNotFound
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// asPlatform reports whether by may act on an invitation that the platform made:
// somebody must be able to send the first administrator's again (ORG-7).
func asPlatform(ctx context.Context, tx *store.Tx, by access.Actor, i Invitation) bool {
	return i.Inviter.Platform && access.Check(ctx, tx, by, access.OfPlatform(access.PlatformSupport)) == nil
}

// sees reports whether members.invite is held at every site of the invitation, or
// for the organisation. Of one whose sites were all closed, only the latter.
func sees(h access.Held, i Invitation) bool {
	if h.Has(access.MembersInvite, access.OrgScope(i.Org)) {
		return true
	}
	for _, s := range i.Sites {
		if !h.Has(access.MembersInvite, access.SiteScope(i.Org, s)) {
			return false
		}
	}
	return len(i.Sites) > 0
}

// shown reads an invitation as by sees it.
func shown(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, id ident.Invitation) (Invitation, error) {
	i, ok, err := Read(ctx, tx, org, id)
	if err != nil {
		return Invitation{}, err
	}
	if !ok {
		return Invitation{}, ErrNotFound
	}
	switch err := powers(ctx, tx, by, i); {
	case err == nil:
		i.MayResend = true
	case !errors.Is(err, ErrMorePowerful):
		return Invitation{}, err
	}
	return i, nil
}

// powers returns ErrMorePowerful when by could not give all that the invitation
// gives (INV-08).
func powers(ctx context.Context, tx *store.Tx, by access.Actor, i Invitation) error {
	platform := asPlatform(ctx, tx, by, i)
	err := i.grantable(ctx, tx, InviterOf(by, i.Org, platform))
	if denied(err) {
		return ErrMorePowerful
	}
	return err
}
