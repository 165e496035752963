package login

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Effect is what a change of the security policy would do to people, told before it is
// saved (SEC-4).
type Effect struct {
	Before, After setting.Security
	Enrol         []Affected // must make a second factor, by then
	Prove         []Affected // are signed in with a factor that is no longer enough
	Outside       []Affected // are signed in from an address that is no longer let in
	Ending        []Affected // are signed in for longer than will be allowed
}

// Affected is somebody whom the change touches.
type Affected struct {
	Member                ident.Member
	GivenName, FamilyName string
	Due                   time.Time // of Enrol; zero: at the next page
}

// Name is "Prénom Nom".
func (a Affected) Name() string { return a.GivenName + " " + a.FamilyName }

// Nobody reports whether the change touches nobody now.
func (e Effect) Nobody() bool { return len(e.Enrol)+len(e.Prove)+len(e.Outside)+len(e.Ending) == 0 }

// PolicyEffect says what SetSecurity would do; it refuses what SetSecurity would refuse,
// but for the fresh proof.
func (l Logins) PolicyEffect(ctx context.Context, by access.Actor, org ident.Org, rev int64, next setting.Security) (Effect, error) {
	act := action.Act{
		Verb: "security.edit", Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.SecurityEdit, access.OrgScope(org))},
	}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (Effect, error) {
		after, before, err := setting.Rehearse(ctx, tx, by, org, rev, next)
		if err != nil {
			return Effect{}, err
		}
		return Effect{Before: before, After: after}.of(ctx, tx, org)
	})
}

// measured is one member, with what they have proved and their open sessions.
type measured struct {
	member.PersonOf

	org   ident.Org
	kinds []credential.ProvedKind
	open  []session.Session
}

// of fills the lists with the people of an organisation.
func (e Effect) of(ctx context.Context, tx *store.Tx, org ident.Org) (Effect, error) {
	people, err := member.People(ctx, tx, org)
	if err != nil {
		return e, err
	}
	accounts := make([]ident.Account, len(people))
	for i := range people {
		accounts[i] = people[i].Account
	}
	kinds, err := credential.ProvedKinds(ctx, tx, accounts)
	if err != nil {
		return e, err
	}
	sessions, err := session.OpenOfAll(ctx, tx, accounts)
	if err != nil {
		return e, err
	}
	open := map[ident.Account][]session.Session{}
	for i := range sessions {
		open[sessions[i].Account] = append(open[sessions[i].Account], sessions[i])
	}
	asked, err := graceFrom(ctx, tx, account.Account{}) // the installation's
	if err != nil {
		return e, err
	}
	for i := range people {
		if people[i].AccountSince.Before(asked) {
			people[i].AccountSince = asked
		}
		e = e.touch(tx.Now, measured{people[i], org, kinds[people[i].Account], open[people[i].Account]})
	}
	return e, nil
}

// touch adds one person to the lists where they belong.
func (e Effect) touch(now time.Time, p measured) Effect {
	who := Affected{Member: p.Member, GivenName: p.GivenName, FamilyName: p.FamilyName}
	due, missing := p.lacks(e.After)
	if was, did := p.lacks(e.Before); missing && (!did || due.Before(was)) {
		who.Due = due
		if !now.Before(due) {
			who.Due = time.Time{}
		}
		e.Enrol = append(e.Enrol, who)
	}
	who.Due = time.Time{}
	for list, matters := range map[*[]Affected]func(session.Session) bool{
		&e.Outside: func(s session.Session) bool { return e.After.NetworkOnly && !e.After.Inside(s.Address) },
		&e.Ending:  func(s session.Session) bool { return lasted(now, s.CreatedAt, e.After.Absolute()) },
		&e.Prove: func(s session.Session) bool {
			return !missing && s.Second != "" && enough(e.Before, s) && !enough(e.After, s) && p.mustHave(e.After)
		},
	} {
		if slices.ContainsFunc(p.open, matters) {
			*list = append(*list, who)
		}
	}
	return e
}

// mustHave reports whether a policy asks for a factor of somebody.
func (p measured) mustHave(s setting.Security) bool {
	return p.Administers || p.Platform || s.Required == setting.Everybody
}

// lacks reports whether somebody has no factor that a policy accepts, though it asks for
// one, and from when.
func (p measured) lacks(s setting.Security) (time.Time, bool) {
	if !p.mustHave(s) || slices.ContainsFunc(p.kinds, p.accepted(s)) {
		return time.Time{}, false
	}
	if p.Administers || p.Platform {
		return time.Time{}, true
	}
	return s.Due(p.AccountSince), true
}

func (p measured) accepted(s setting.Security) func(credential.ProvedKind) bool {
	return func(k credential.ProvedKind) bool {
		if k.Kind == credential.Address {
			return s.NetworkFactor && k.Network == p.org
		}
		return s.Factors.Has(string(k.Kind))
	}
}

// enough reports whether the second factor of a session is one that a policy takes, as far
// as can be told without its person.
func enough(s setting.Security, of session.Session) bool {
	switch credential.FactorKind(of.Second) {
	case credential.Address:
		return s.NetworkFactor && s.Inside(of.Address)
	case session.ByDevice:
		return s.DeviceDays > 0
	case credential.Recovery:
		return true
	case credential.Passkey, credential.TOTP, credential.SMS:
	}
	return s.Factors.Has(of.Second)
}
