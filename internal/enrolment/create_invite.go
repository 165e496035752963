package enrolment

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// InviteMember sends an invitation to a member without account («Inviter» on the sheet),
// to the address that their sheet has; an address that has an account joins at once. With
// administration a fresh proof is asked. Errors: member.ErrNotFound, ErrMorePowerful,
// ErrNotActive for who does not wait; ErrNoEmail, ErrInvited, ErrEmailMember,
// ErrNoTemporary, ErrCannotGive, org.ErrNoSuchSite, access.ErrStepUp, limit.ErrExceeded.
func (e Enrolments) InviteMember(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, w Welcome) (Created, error) {
	act := action.Act{
		Verb: "invitation.send", Orgs: []ident.Org{in}, Object: id.String(), Subject: id.String(),
		Resolve: func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
			_, err := member.ToInvite(ctx, tx, by, in, id)
			return []access.Need{access.MemberOf(in)}, err
		},
	}
	var to invitation.To
	if w == WelcomeTemporary {
		var err error
		if to, err = e.draw(ctx, by, act); err != nil {
			return Created{}, err
		}
	}
	return action.Run(ctx, e.Run, by, act, func(tx *action.Tx) (Created, error) {
		m, err := member.ToInvite(ctx, tx.Tx, by, in, id)
		if err != nil {
			return Created{}, err
		}
		p, err := planFor(ctx, tx.Tx, by, m, w)
		if err != nil {
			return Created{}, err
		}
		return e.welcome(ctx, tx, p, m, to)
	})
}

// planFor is what the invitation of a member who waits gives: what they have.
func planFor(ctx context.Context, tx *store.Tx, by access.Actor, m member.Invitable, w Welcome) (plan, error) {
	h, err := access.HeldBy(ctx, tx, by, m.Org)
	if err != nil {
		return plan{}, err
	}
	p := plan{
		org: m.Org, roles: m.Roles, sites: m.Sites, function: m.Function, welcome: invitation.Welcome(w), held: h,
		by: invitation.InviterOf(by, m.Org, false),
	}
	p.defaults()
	var f findings
	f.words(p)
	switch {
	case !m.Waiting():
		return p, member.ErrNotActive
	case m.Email == "":
		return p, ErrNoEmail
	case len(m.Sites) == 0:
		return p, org.ErrNoSuchSite
	case f.Err() != nil:
		return p, f.Err()
	}
	if err := role.CheckGrant(ctx, tx, by, m.Org, m.Roles); err != nil {
		return p, ofGrant(err)
	}
	if err := p.checkRules(ctx, tx); err != nil {
		return p, err
	}
	if m.Administers && !by.Proven(tx.Now) {
		return p, access.ErrStepUp
	}
	return p, nil
}

// welcome invites a member who waits, or gives them the account that has their address.
func (e Enrolments) welcome(ctx context.Context, tx *action.Tx, p plan, m member.Invitable, to invitation.To) (Created, error) {
	email, code := account.ParseEmail(m.Email)
	if code != "" {
		return Created{}, ErrNoEmail
	}
	all, err := lookUp(ctx, tx.Tx, p.held, []entry{{email: email}})
	if err != nil {
		return Created{}, err
	}
	k := all[email.Key]
	switch {
	case k.isMember:
		return Created{}, ErrEmailMember
	case !k.invitation.IsZero():
		return Created{}, ErrInvited
	}
	if err := e.Limits.Take(ctx, tx.Tx, p.org, email.Key); err != nil {
		return Created{}, err
	}
	k.waiting, to.Email, to.Member = m.ID, email, m.ID
	s := sending{plan: p, priority: job.Normal, fates: make([]Line, 1)}
	if err := s.place(ctx, tx, 0, k, to); err != nil {
		return Created{}, err
	}
	err = s.invite(ctx, tx)
	return Created{Member: m.ID, Name: m.Name(), Fate: s.fates[0].Fate, Invitation: s.fates[0].Invitation}, err
}

// ofGrant makes of a refusal to give what a member has one of touching them.
func ofGrant(err error) error {
	if errors.Is(err, role.ErrNotGrantable) {
		return member.ErrMorePowerful
	}
	return err
}
