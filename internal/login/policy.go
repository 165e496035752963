package login

import (
	"context"
	"slices"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Policy is what the organisations of a person, and the platform, ask of them together:
// of each rule the strictest (SEC-4). What one organisation asks of those who enter it,
// Entry holds.
type Policy struct {
	// Allowed are the kinds with which every organisation of the person lets them in, the
	// strongest first: those to offer to somebody who has none. Where no kind pleases all
	// of them, the kinds that please one. At sign-in every proved factor is asked, allowed
	// or not: a person who has one never comes in with less.
	Allowed []credential.FactorKind
	// Required says that a second factor is asked of the person; DueAt is from when: at
	// once, or at the end of the grace.
	Required bool
	DueAt    time.Time
	// Administers: holds an administration permission in force, or a platform role.
	Administers bool

	Remember       time.Duration // how long a browser may be remembered; 0: never
	Idle, Absolute time.Duration // of sessions; never longer than rules.md 7 says

	networks []setting.OfOrg // the organisations whose network may be a factor
}

// Due reports whether a second factor must be there at the moment now.
func (p Policy) Due(now time.Time) bool { return p.Required && !now.Before(p.DueAt) }

// Allows reports whether a kind lets the person in everywhere; of a network, whether an
// organisation of theirs makes it a factor.
func (p Policy) Allows(kind credential.FactorKind) bool {
	if kind == credential.Address {
		return len(p.networks) > 0
	}
	return slices.Contains(p.Allowed, kind)
}

// ByAddress finds the factor that an address is: a proved one of kind Address, of an
// organisation that wants it, whose allow-list holds the address decided by the
// trusted-proxy rule (MFA-12).
func (p Policy) ByAddress(now time.Time, factors []credential.Factor, address string) (ident.Factor, bool) {
	for _, f := range factors {
		if f.Kind == credential.Address && f.Usable(now) && p.isOf(f.Network, address) {
			return f.ID, true
		}
	}
	return "", false
}

// OffersAddress are the organisations whose network the person may make a factor, where
// they are now.
func (p Policy) OffersAddress(address string) []ident.Org {
	var out []ident.Org
	for _, o := range p.networks {
		if o.Security.Inside(address) {
			out = append(out, o.Org)
		}
	}
	return out
}

func (p Policy) isOf(org ident.Org, address string) bool {
	return slices.Contains(p.OffersAddress(address), org)
}

// Effective reads what is asked of an account, in the caller's transaction: the strictest
// over its memberships in force.
func Effective(ctx context.Context, tx *store.Tx, of ident.Account) (Policy, error) {
	a, found, err := account.Get(ctx, tx, of)
	if err != nil {
		return Policy{}, err
	}
	if !found {
		return Policy{}, account.ErrNotFound
	}
	p := Policy{Remember: session.DeviceLife, Idle: session.Idle, Absolute: session.Absolute}
	if p.Administers, err = administers(ctx, tx, a); err != nil {
		return Policy{}, err
	}
	all, err := setting.SecurityOf(ctx, tx, of)
	if err == nil {
		all, err = preference.ShortenedAll(ctx, tx, of, all)
	}
	if err != nil {
		return Policy{}, err
	}
	from, err := graceFrom(ctx, tx, a)
	if err != nil {
		return Policy{}, err
	}
	for _, o := range all {
		p = p.with(o, from)
	}
	p.Allowed = allowedBy(all)
	if p.Administers {
		p.Required, p.DueAt, p.Idle = true, time.Time{}, min(p.Idle, session.IdleAdmin)
		return p, nil
	}
	taken, err := credential.WereReset(ctx, tx, of)
	if taken { // never «no factor» (MFA-11)
		p.Required, p.DueAt = true, time.Time{}
	}
	return p, err
}

func administers(ctx context.Context, tx *store.Tx, a account.Account) (bool, error) {
	if a.PlatformRole != account.NoRole {
		return true, nil
	}
	return session.Administers(ctx, tx, a.ID)
}

// with is the policy and what one more organisation asks.
func (p Policy) with(o setting.OfOrg, created time.Time) Policy {
	s := o.Security
	p.Remember, p.Idle, p.Absolute = min(p.Remember, s.DeviceLife()), min(p.Idle, s.Idle()), min(p.Absolute, s.Absolute())
	if s.NetworkFactor {
		p.networks = append(p.networks, o)
	}
	if s.Required != setting.Everybody {
		return p
	}
	if due := s.Due(created); !p.Required || due.Before(p.DueAt) {
		p.Required, p.DueAt = true, due
	}
	return p
}

// kinds are the kinds that an organisation may allow, the strongest first.
var kinds = []credential.FactorKind{credential.Passkey, credential.TOTP, credential.SMS}

// allowedBy are the kinds that please every organisation, or, where there is none, those
// that please one.
func allowedBy(all []setting.OfOrg) []credential.FactorKind {
	var every, some []credential.FactorKind
	for _, kind := range kinds {
		likes := func(o setting.OfOrg) bool { return o.Security.Factors.Has(string(kind)) }
		dislikes := func(o setting.OfOrg) bool { return !likes(o) }
		if !slices.ContainsFunc(all, dislikes) {
			every = append(every, kind)
		}
		if slices.ContainsFunc(all, likes) {
			some = append(some, kind)
		}
	}
	if len(every) == 0 {
		return some
	}
	return every
}
