package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/store"
)

// EndMemberSessions signs a member out of every browser, on the next request of every node,
// and forgets those that were remembered: the next sign-in asks for everything. A session
// belongs to its person, not to an organisation, so those of elsewhere end too; nothing is
// lost by it. It is for an emergency and gives nothing, so no fresh proof is asked
// (rules.md 6). The person and whoever acts are told; where nothing was open, nobody is.
// Several times a day at most, and never of the platform's people: who works elsewhere too is
// not kept out by one organisation. Errors: ErrElsewhere, limit.ErrExceeded, ErrOwnFactors,
// member.ErrNoSignIn, member.ErrNotActive, member.ErrMorePowerful.
func (l Logins) EndMemberSessions(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) error {
	d := cared{verb: "member.end_sessions", org: org, id: id, plain: true}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		if err := mayEnd(ctx, tx, m.Account); err != nil {
			return err
		}
		sessions, all, err := endOpened(ctx, tx.Tx, m.Account, session.ByAdministrator)
		switch {
		case err != nil:
			return err
		case all == 0:
			return action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: d.verb, Object: id.String(), Subject: id.String(), Names: named(m),
			After: map[string]any{trailSessionsEnded: sessions},
		})
		CareLetter{Org: org, Account: m.Account, Change: CareSignedOut}.tell(tx, CarePerson, CareActor)
		return nil
	})
}

// EndsPerAccount is how often a day the administrators of all organisations together end the
// sessions of one person.
const EndsPerAccount = 5

var endsOf = limit.Counter{Name: "care.sessions", Window: day, Max: EndsPerAccount}

func mayEnd(ctx context.Context, tx *action.Tx, of ident.Account) error {
	a, found, err := account.Get(ctx, tx.Tx, of)
	if err != nil {
		return err
	}
	if found && a.PlatformRole != account.NoRole {
		return ErrElsewhere
	}
	return endsOf.Within(ctx, tx.Tx, of.String())
}

// endOpened ends all that is open to a person without their proving anything more: sessions,
// which it counts, half-signed and remembered browsers, which all counts too.
func endOpened(ctx context.Context, tx *store.Tx, of ident.Account, why session.Reason) (sessions, all int64, err error) {
	halves, err := session.EndHalves(ctx, tx, of, why)
	if err != nil {
		return 0, 0, err
	}
	devices, err := session.EndDevices(ctx, tx, of, why)
	if err != nil {
		return 0, 0, err
	}
	sessions, err = session.EndAll(ctx, tx, of, why)
	return sessions, sessions + halves + devices, err
}
