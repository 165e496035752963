package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Refusals of what an administrator does to the factors of a member.
var (
	// ErrOwnFactors: one's own are managed in «Sécurité du compte», with their rules.
	ErrOwnFactors = fault.New(fault.Conflict, "login.own_factors")
	// ErrNoNetworkFactor: the organisation makes its network no factor.
	ErrNoNetworkFactor = fault.New(fault.Conflict, "login.no_network_factor")
	// ErrNoSMSFactor: the organisation takes no codes sent by SMS.
	ErrNoSMSFactor = fault.New(fault.Conflict, "login.no_sms_factor")
	// ErrNotGiven: an administrator removes only what an administrator gave.
	ErrNotGiven = fault.New(fault.Conflict, "login.factor_not_given")
)

// cared is a deed of an administrator on the factors of a member's account.
type cared struct {
	verb  string
	org   ident.Org
	id    ident.Member
	plain bool // no fresh proof is asked
}

// perform runs a deed: by holds security.edit over the member and administers no less than
// they do, and has just proved who they are unless the deed is plain (rules.md 5, 6; MFA-11).
func (d cared) perform(ctx context.Context, l Logins, by access.Actor, do func(*action.Tx, member.Member) error) error {
	var m member.Member
	act := action.Act{
		Verb: d.verb, Orgs: []ident.Org{d.org}, Accounts: true, StepUp: !d.plain, Object: d.id.String(), Subject: d.id.String(),
	}
	act.Resolve = overMember(by, d.org, d.id, &m)
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		switch {
		case m.Account.IsZero():
			return struct{}{}, member.ErrNoSignIn
		case m.Account == by.Account:
			return struct{}{}, ErrOwnFactors
		case !m.InForce():
			return struct{}{}, member.ErrNotActive
		}
		return struct{}{}, do(tx, m)
	})
	return err
}

func overMember(by access.Actor, org ident.Org, id ident.Member, m *member.Member) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		*m, err = member.Over(ctx, tx, by, org, id, access.SecurityEdit)
		return []access.Need{access.MemberOf(org)}, err
	}
}

// record notes the deed in the organisation's trail.
func (d cared) record(tx *action.Tx, m member.Member, f credential.Factor) {
	tx.Record(audit.Event{
		Org: d.org, Verb: d.verb, Object: d.id.String(), Subject: d.id.String(), Names: named(m),
		After: map[string]any{trailFactor: f.ID.String(), trailKind: string(f.Kind)},
	})
}

// named is whom an event is about, as its sentence calls them.
func named(m member.Member) map[string]string { return map[string]string{"member": m.Name()} }

// tell orders the letters: to the person, and to whoever acted.
func (l CareLetter) tell(tx *action.Tx, readers ...CareReader) {
	l.At, l.By = tx.Now, tx.By.Name
	if tx.By.Kind == access.Person {
		l.Actor = tx.By.Account
	}
	for _, to := range readers {
		if to == CareActor && l.Actor.IsZero() {
			continue
		}
		l.To = to
		tx.After(job.Order{Args: l, Priority: job.Normal})
	}
}

// GiveAddress makes the organisation's network a second factor of a member, once they
// confirm it from there (SEC-2). Errors: ErrNoNetworkFactor, credential.ErrAddressSame,
// ErrOwnFactors, member.ErrNoSignIn, member.ErrNotActive, member.ErrMorePowerful.
func (l Logins) GiveAddress(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) error {
	d := cared{verb: "member.give_factor", org: org, id: id}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		s, err := setting.ReadSecurity(ctx, tx.Tx, org)
		if err != nil {
			return err
		}
		if !s.NetworkFactor {
			return ErrNoNetworkFactor
		}
		f, err := credential.AddAddress(ctx, tx.Tx, m.Account, org, by.ID())
		if err != nil {
			return err
		}
		d.given(tx, m, f)
		return nil
	})
}

// GivePhone gives a member a number to which codes are sent, once they prove it is theirs.
// Errors: the field number, ErrNoTexting, ErrNoSMSFactor, and those of GiveAddress.
func (l Logins) GivePhone(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, number string) error {
	d := cared{verb: "member.give_factor", org: org, id: id}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		phone, err := l.SMS.Phone(number)
		if err != nil {
			return err
		}
		s, err := setting.ReadSecurity(ctx, tx.Tx, org)
		if err != nil {
			return err
		}
		if !s.Factors.SMS {
			return ErrNoSMSFactor
		}
		f := credential.Factor{Kind: credential.SMS}
		if f.ID, err = credential.AddSMS(ctx, tx.Tx, tx.Ring, m.Account, phone, by.ID()); err != nil {
			return err
		}
		d.given(tx, m, f)
		return nil
	})
}

func (d cared) given(tx *action.Tx, m member.Member, f credential.Factor) {
	d.record(tx, m, f)
	CareLetter{Org: d.org, Account: m.Account, Change: CareGiven, Of: f.Kind}.tell(tx, CarePerson, CareActor)
}

// TakeFactor removes what an administrator gave to a member: the organisation's network,
// or a number that was not proved yet. The last factor of somebody who must have one stays;
// ResetFactors is for that. The sessions and remembered browsers that it opened end.
// Errors: credential.ErrFactorNotFound, ErrNotGiven, ErrLastFactor, and those of GiveAddress.
func (l Logins) TakeFactor(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, factor ident.Factor) error {
	d := cared{verb: "member.take_factor", org: org, id: id}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		f, err := credential.FactorOf(ctx, tx.Tx, m.Account, factor)
		if err != nil {
			return err
		}
		if !takeable(f, org) {
			return ErrNotGiven
		}
		if !f.ProvedAt.IsZero() {
			last, err := lastWanted(ctx, tx.Tx, f)
			if err != nil {
				return err
			}
			if last {
				return ErrLastFactor
			}
			if err := endEverywhere(ctx, tx, m.Account); err != nil {
				return err
			}
		}
		d.record(tx, m, f)
		CareLetter{Org: org, Account: m.Account, Change: CareRemoved, Of: f.Kind}.tell(tx, CarePerson, CareActor)
		return credential.RemoveFactor(ctx, tx.Tx, m.Account, f.ID, by.Account)
	})
}

// takeable reports whether administrators of org may remove a factor.
func takeable(f credential.Factor, org ident.Org) bool {
	switch f.Kind {
	case credential.Address:
		return f.Network == org
	case credential.SMS:
		return f.GivenBy != "" && f.ProvedAt.IsZero()
	case credential.Passkey, credential.TOTP, credential.Recovery:
	}
	return false
}

// endEverywhere ends all that a person's factors opened (SES-02).
func endEverywhere(ctx context.Context, tx *action.Tx, of ident.Account) error {
	_, _, err := endOpened(ctx, tx.Tx, of, session.FactorsReset)
	return err
}
