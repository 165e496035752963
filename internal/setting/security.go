package setting

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Security is an organisation's security policy (SEC-4). What was never set is as
// DefaultSecurity says.
type Security struct {
	// Factors are the kinds of second factor that let somebody in here. A printed
	// recovery code always does: it is the way back.
	Factors Factors
	// Required says who must have one. Administrators and support always must.
	Required Required
	// GraceDays is how long somebody of whom one becomes due may do without, counted from
	// RequiredSince, or from the day of their account when that is later. Administrators
	// have no grace.
	GraceDays int
	// RequiredSince is when the policy last asked for more; zero: it always asked this.
	RequiredSince time.Time

	// Networks is the allow-list: the addresses that are the organisation's own.
	Networks []netip.Prefix
	// NetworkFactor lets an address of the allow-list be the second factor of those to
	// whom this factor was given.
	NetworkFactor bool
	// NetworkOnly lets nobody in from another address.
	NetworkOnly bool

	IdleMinutes   int // how long a session may be left alone
	AbsoluteHours int // how long it lasts at most
	DeviceDays    int // how long a browser may be remembered; 0: never

	// EmailByAdministrators lets administrators correct some addresses (CHG-2).
	EmailByAdministrators bool
	// TemporaryPasswords allows the welcome letter that carries a temporary
	// password (MEM-12). Off by default.
	TemporaryPasswords bool
	// QuietAccess turns off the letters that tell holders and administrators who gained
	// and who lost access to agendas and mailboxes. What somebody gives themself is told
	// all the same (RGT-1).
	QuietAccess bool
	Rev         int64 // 0: never changed, the defaults hold
}

// Required says of whom an organisation asks a second factor.
type Required string

// Of whom.
const (
	Everybody      Required = "everybody"
	Administrators Required = "administrators"
)

// Factors are kinds of second factor, by their names in package credential.
type Factors struct{ Passkey, TOTP, SMS bool }

// AllFactors are all of them, the strongest first.
var AllFactors = []string{"passkey", "totp", "sms"}

// List gives their names, the strongest first.
func (f Factors) List() []string {
	var out []string
	for i, on := range []bool{f.Passkey, f.TOTP, f.SMS} {
		if on {
			out = append(out, AllFactors[i])
		}
	}
	return out
}

// Has reports whether the kind of this name is one of them.
func (f Factors) Has(kind string) bool { return slices.Contains(f.List(), kind) }

// ParseFactors reads the kinds of these names. The second value is false for another name.
func ParseFactors(names []string) (Factors, bool) {
	var f Factors
	for _, n := range names {
		switch n {
		case "passkey":
			f.Passkey = true
		case "totp":
			f.TOTP = true
		case "sms":
			f.SMS = true
		default:
			return f, false
		}
	}
	return f, true
}

// DefaultSecurity is the policy of an organisation that never set one: a second factor of
// everybody, of whatever kind, within two weeks; the sessions of rules.md 7.
func DefaultSecurity() Security {
	return Security{
		Factors: Factors{Passkey: true, TOTP: true, SMS: true}, Required: Everybody, GraceDays: DefaultGraceDays,
		IdleMinutes: MaxIdleMinutes, AbsoluteHours: MaxAbsoluteHours, DeviceDays: MaxDeviceDays,
	}
}

// Inside reports whether an address is in the allow-list. An IPv4 address written as IPv6
// equals it; what cannot be read is outside (rules.md 10).
func (s Security) Inside(address string) bool { return Inside(s.Networks, address) }

// Inside reports whether an address is in one of the networks.
func Inside(networks []netip.Prefix, address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Idle is how long a session may be left alone.
func (s Security) Idle() time.Duration { return time.Duration(s.IdleMinutes) * time.Minute }

// Absolute is how long a session lasts at most.
func (s Security) Absolute() time.Duration { return time.Duration(s.AbsoluteHours) * time.Hour }

// DeviceLife is how long a browser may be remembered.
func (s Security) DeviceLife() time.Duration { return time.Duration(s.DeviceDays) * 24 * time.Hour }

// Due is when somebody whose account was made at this moment must have a second factor,
// provided that one is asked of them and that they administer nothing.
func (s Security) Due(created time.Time) time.Time {
	from := s.RequiredSince
	if created.After(from) {
		from = created
	}
	return from.AddDate(0, 0, s.GraceDays)
}

// ReadSecurity reads the security policy of an organisation in the caller's
// transaction: the defaults, when it never set one.
func ReadSecurity(ctx context.Context, tx *store.Tx, org ident.Org) (Security, error) {
	value, rev, err := current(ctx, tx, org, securityName)
	if err != nil {
		return Security{}, err
	}
	return parseSecurity(org, value, rev)
}

// OfOrg is the policy of one organisation.
type OfOrg struct {
	Org      ident.Org
	Security Security
}

// SecurityOf reads the policies of the organisations in which an account has a membership
// in force.
func SecurityOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]OfOrg, error) {
	rows, err := securityOf(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	out := make([]OfOrg, len(rows))
	for i, r := range rows {
		out[i].Org = r.org
		if out[i].Security, err = parseSecurity(r.org, r.value, r.rev); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Security reads the security policy of org.
func (s Settings) Security(ctx context.Context, by access.Actor, org ident.Org) (Security, error) {
	act := action.Act{Verb: "security.read", Orgs: []ident.Org{org}, Object: org.String(), Resolve: readingPolicy(by, org)}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Security, error) { return ReadSecurity(ctx, tx, org) })
}

// SetSecurity changes the security policy; rev is the version that was read. An allow-list
// in which by's own address is not, or that is as wide as the Internet, is refused: it
// would lock its author out, or nobody (MFA-13). Errors: ErrStale, fields to correct.
func (s Settings) SetSecurity(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Security) (Security, error) {
	act := editAct("security.edit", access.SecurityEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Security, error) {
		next, old, err := Rehearse(ctx, tx.Tx, by, org, rev, v)
		if err != nil {
			return Security{}, err
		}
		if next.same(old) {
			return old, action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: "security.edit", Object: org.String(),
			Before: old.facts(), After: next.facts(),
		})
		return writeSecurity(ctx, tx.Tx, org, next)
	})
}

// Rehearse checks a change as SetSecurity would, and gives the policy that would hold and
// the one that holds. The rights are the caller's to check.
func Rehearse(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, rev int64, v Security) (next, old Security, err error) {
	if old, err = ReadSecurity(ctx, tx, org); err != nil {
		return v, old, err
	}
	if old.Rev != rev {
		return v, old, ErrStale
	}
	next = v
	next.Rev, next.RequiredSince = old.Rev, old.RequiredSince
	if next.asksMore(old) {
		next.RequiredSince = tx.Now
	}
	return next, old, next.check(by, old)
}
