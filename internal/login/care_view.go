package login

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Consultations of what is a member's own.
const (
	verbReadFactors  = "factor.read"
	verbReadSessions = "session.read"
)

// MemberSecurity is what an administrator sees of how a member proves who they are: never
// a secret, nor a whole number.
type MemberSecurity struct {
	Factors  []MemberFactor
	Codes    bool // has recovery codes in force
	Sessions int
	// LostAt is when all of it is taken, as somebody who knows the password asked (AskLoss);
	// zero: it stays.
	LostAt time.Time
	// Required and DueAt say what is asked of the person (Policy).
	Policy Policy

	MayGiveAddress bool // the organisation makes its network a factor, and the member has it not
	MayGivePhone   bool
	Alone          bool // the account belongs to this organisation alone: its administrators may reset
	Self           bool // the member is the actor
}

// MemberFactor is one factor of a member.
type MemberFactor struct {
	credential.Factor

	Takeable bool // an administrator may remove it
}

// MemberSecurity reads it, for whoever may act on it. Errors: member.ErrNotFound,
// member.ErrNoSignIn, member.ErrNotActive, member.ErrMorePowerful, access.ErrForbidden.
func (l Logins) MemberSecurity(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) (MemberSecurity, error) {
	return viewMember(ctx, l, by, verbReadFactors, org, id, func(tx *store.Tx, m member.Member) (MemberSecurity, error) {
		out := MemberSecurity{Self: m.Account == by.Account}
		factors, err := credential.Factors(ctx, tx, m.Account)
		if err != nil {
			return out, err
		}
		held := map[credential.FactorKind]bool{}
		for _, f := range factors {
			if f.Kind == credential.Address && f.Network != org {
				continue // another organisation's own business
			}
			held[f.Kind] = true
			out.Factors = append(out.Factors, MemberFactor{f, takeable(f, org)})
		}
		if err := out.fill(ctx, tx, m); err != nil {
			return out, err
		}
		s, err := setting.ReadSecurity(ctx, tx, org)
		out.MayGiveAddress = s.NetworkFactor && !held[credential.Address]
		out.MayGivePhone = s.Factors.SMS && l.SMS.On && !held[credential.SMS]
		return out, err
	})
}

func (s *MemberSecurity) fill(ctx context.Context, tx *store.Tx, m member.Member) error {
	var err error
	if s.Codes, err = credential.HasRecovery(ctx, tx, m.Account); err != nil {
		return err
	}
	loss, _, err := waitingLoss(ctx, tx, m.Account)
	if err != nil {
		return err
	}
	s.LostAt = loss.ActsAt
	open, err := session.OpenOf(ctx, tx, m.Account)
	if err != nil {
		return err
	}
	s.Sessions = len(open)
	if s.Policy, err = Effective(ctx, tx, m.Account); err != nil {
		return err
	}
	s.Alone, err = belongsAlone(ctx, tx, m.Account, m.Org, member.StandingOrgs)
	return err
}

// MemberSessions are the sessions that a member has open, the one used last first. The
// network addresses are left out: they say where somebody is, in other organisations too.
func (l Logins) MemberSessions(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) ([]session.Session, error) {
	return viewMember(ctx, l, by, verbReadSessions, org, id, func(tx *store.Tx, m member.Member) ([]session.Session, error) {
		list, err := session.OpenOf(ctx, tx, m.Account)
		for i := range list {
			list[i].Address = ""
			list[i].Current = list[i].ID == by.Session
		}
		return list, err
	})
}

func viewMember[T any](
	ctx context.Context, l Logins, by access.Actor, verb string, org ident.Org, id ident.Member,
	read func(*store.Tx, member.Member) (T, error),
) (T, error) {
	var m member.Member
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: id.String(), Subject: id.String(), Resolve: overMember(by, org, id, &m)}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (T, error) {
		var none T
		switch {
		case m.Account.IsZero():
			return none, member.ErrNoSignIn
		case !m.Verification.Opens(): // how they prove who they are is not this organisation's yet (INV-15)
			return none, member.ErrNotActive
		}
		return read(tx, m)
	})
}
