package login

import (
	"context"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// MaxReason bounds the reason of a reset, in characters.
const MaxReason = 300

// Refusals of a reset.
var (
	// ErrElsewhere: the account belongs to other organisations too, or to the platform:
	// only the platform resets its factors.
	ErrElsewhere = fault.New(fault.Conflict, "login.factors_elsewhere")
	// ErrNoFactors: there is nothing to reset.
	ErrNoFactors = fault.New(fault.Conflict, "login.no_factors")
	// ErrNobody: no account has this address.
	ErrNobody = fault.New(fault.NotFound, "login.nobody")
)

// ResetFactors takes every second factor and recovery code of a member who lost them: the
// next sign-in must make another (MFA-11). Every session and remembered browser of the
// person ends; they and the other administrators are told. The reason stands in the trail
// and in the letters. Errors: the field reason, ErrElsewhere, ErrNoFactors, and those of
// GiveAddress.
func (l Logins) ResetFactors(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, reason string) error {
	d := cared{verb: "member.reset_factors", org: org, id: id}
	return d.perform(ctx, l, by, func(tx *action.Tx, m member.Member) error {
		reason, err := why(reason)
		if err != nil {
			return err
		}
		alone, err := belongsAlone(ctx, tx.Tx, m.Account, org, member.StandingOrgs)
		if err != nil {
			return err
		}
		if !alone {
			return ErrElsewhere
		}
		n, err := reset(ctx, tx, m.Account)
		if err != nil {
			return err
		}
		tx.Record(audit.Event{
			Org: org, Verb: d.verb, Object: id.String(), Subject: id.String(), Names: named(m),
			After: map[string]any{"factors": n, "reason": reason},
		})
		CareLetter{Org: org, Account: m.Account, Change: CareReset, Reason: reason}.tell(tx, CarePerson, CareActor, CareOthers)
		return nil
	})
}

// why reads the reason of a reset. Errors: the field reason.
func why(typed string) (string, error) {
	if strings.TrimSpace(typed) == "" {
		return "", fault.OnField("reason", "login.reason_empty")
	}
	line, problem := text.Line(typed, MaxReason)
	if problem != text.Fine {
		return "", fault.OnField("reason", string(problem), "Max", MaxReason)
	}
	return line, nil
}

// belongsAlone reports whether, of the places of an account, this organisation is the only one,
// the platform included.
func belongsAlone(
	ctx context.Context, tx *store.Tx, of ident.Account, org ident.Org,
	places func(context.Context, *store.Tx, ident.Account) ([]ident.Org, error),
) (bool, error) {
	a, found, err := account.Get(ctx, tx, of)
	if err != nil || !found || a.PlatformRole != account.NoRole {
		return false, err
	}
	orgs, err := places(ctx, tx, of)
	return len(orgs) == 1 && orgs[0] == org, err
}

// reset takes the factors of an account, and ends all that they opened. Errors: ErrNoFactors.
func reset(ctx context.Context, tx *action.Tx, of ident.Account) (int64, error) {
	codes, err := credential.HasRecovery(ctx, tx.Tx, of)
	if err != nil {
		return 0, err
	}
	n, err := credential.ResetFactors(ctx, tx.Tx, of, tx.By.ID())
	if err != nil {
		return 0, err
	}
	if n == 0 && !codes {
		return 0, ErrNoFactors
	}
	return n, endEverywhere(ctx, tx, of)
}

// Found is somebody whom the platform finds by their address, to reset their factors.
type Found struct {
	Account ident.Account
	Name    string
	Email   string
	Orgs    int // memberships, whatever their state but left
	Factors int // proved
	Codes   bool
}

// FindAccount finds who has exactly this address, for the platform's people. It is a
// consultation of personal data: the platform has no list of people (ORG-7). Errors: the
// field email, ErrNobody.
func (l Logins) FindAccount(ctx context.Context, by access.Actor, email string) (Found, error) {
	act := action.Act{Verb: "account.find", Needs: []access.Need{access.OfPlatform(access.PlatformSupport)}}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Found, error) {
		a, orgs, err := reachable(ctx, tx, by, email)
		if err != nil {
			return Found{}, err
		}
		f := Found{Account: a.ID, Name: strings.TrimSpace(a.Name()), Email: a.Email.Address, Orgs: len(orgs)}
		factors, err := credential.Factors(ctx, tx, a.ID)
		if err != nil {
			return Found{}, err
		}
		f.Factors = len(slices.DeleteFunc(factors, func(f credential.Factor) bool { return f.ProvedAt.IsZero() }))
		f.Codes, err = credential.HasRecovery(ctx, tx, a.ID)
		return f, err
	})
}

func emailKey(typed string) (string, error) {
	e, code := account.ParseEmail(typed)
	if code != "" {
		return "", fault.OnField("email", code)
	}
	return e.Key, nil
}

// reachable finds the account of an address, and its organisations. Of the platform's own
// people only its administrators act, and nobody on themself. Errors: the field email.
func reachable(ctx context.Context, tx *store.Tx, by access.Actor, email string) (account.Account, []ident.Org, error) {
	key, err := emailKey(email)
	if err != nil {
		return account.Account{}, nil, err
	}
	a, found, err := account.ByEmail(ctx, tx, key)
	switch {
	case err != nil:
		return a, nil, err
	case !found:
		return a, nil, ErrNobody
	case a.ID == by.Account:
		return a, nil, ErrOwnFactors
	case a.PlatformRole != account.NoRole:
		if err := access.Check(ctx, tx, by, access.OfPlatform(access.PlatformAdminister)); err != nil {
			return a, nil, access.ErrForbidden
		}
	}
	orgs, err := member.OrgsOf(ctx, tx, a.ID)
	return a, orgs, err
}

const verbAccountReset = "account.reset_factors"

// ResetAccount is ResetFactors for somebody of several organisations, by the platform: the
// administrators of each that has let them in are told, and it stands in its trail. Errors: the fields
// email and reason, ErrNobody, ErrNoFactors, ErrOwnFactors, access.ErrForbidden.
func (l Logins) ResetAccount(ctx context.Context, by access.Actor, email, reason string) error {
	locked, err := l.orgsOfAddress(ctx, email)
	if err != nil {
		return err
	}
	act := action.Act{
		Verb: verbAccountReset, Orgs: locked, Accounts: true, StepUp: true, Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	_, err = action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		a, orgs, err := reachable(ctx, tx.Tx, by, email)
		if err != nil {
			return struct{}{}, err
		}
		reason, err := why(reason)
		if err != nil {
			return struct{}{}, err
		}
		if !slices.Equal(orgs, locked) { // joined or left one meanwhile
			return struct{}{}, store.ErrBusy
		}
		return struct{}{}, resetAccount(ctx, tx, a, reason)
	})
	return err
}

// orgsOfAddress are the organisations that a reset of an account must lock.
func (l Logins) orgsOfAddress(ctx context.Context, email string) (orgs []ident.Org, err error) {
	key, err := emailKey(email)
	if err != nil {
		return nil, nil //nolint:nilerr // the act says what is wrong, to whoever may act
	}
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) error {
		a, found, err := account.ByEmail(ctx, tx, key)
		if err != nil || !found {
			return err
		}
		orgs, err = member.OrgsOf(ctx, tx, a.ID)
		return err
	})
	return orgs, err
}

func resetAccount(ctx context.Context, tx *action.Tx, a account.Account, reason string) error {
	n, err := reset(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	after := map[string]any{"factors": n, "reason": reason}
	tx.Record(audit.Event{Verb: verbAccountReset, Object: a.ID.String(), After: after})
	letter := CareLetter{Account: a.ID, Change: CareReset, Reason: reason}
	letter.tell(tx, CarePerson, CareActor)
	orgs, err := member.StandingOrgs(ctx, tx.Tx, a.ID)
	if err != nil {
		return err
	}
	for _, o := range orgs {
		m, found, err := member.OfAccount(ctx, tx.Tx, o, a.ID)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		tx.Record(audit.Event{
			Org: o, Verb: "member.reset_factors", Object: m.ID.String(), Subject: m.ID.String(),
			Names: named(m), After: after,
		})
		letter.Org = o
		letter.tell(tx, CareOthers)
	}
	return nil
}
