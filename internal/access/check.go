package access

import (
	"context"
	"maps"
	"slices"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Faults of this package.
var (
	ErrForbidden       = fault.New(fault.Forbidden, "access.forbidden")
	ErrNotFound        = fault.New(fault.NotFound, "access.not_found")
	ErrUnauthenticated = fault.New(fault.Unauthenticated, "access.unauthenticated")
	// ErrOutlived: a person's token from before they were deactivated and let in again.
	ErrOutlived   = fault.New(fault.Unauthenticated, "access.token_outlived")
	ErrStepUp     = fault.New(fault.Forbidden, "access.step_up_required")
	ErrSuspended  = fault.New(fault.Forbidden, "org.suspended")
	ErrFeatureOff = fault.New(fault.Forbidden, "feature.off") // ORG-6
)

// Check returns nil when by holds every need. Errors: ErrUnauthenticated,
// ErrForbidden with the permission that lacks, ErrNotFound for what by may not
// know of, ErrSuspended.
func Check(ctx context.Context, tx *store.Tx, by Actor, needs ...Need) error {
	if len(needs) == 0 {
		return ErrForbidden
	}
	for _, n := range needs {
		if err := check(ctx, tx, by, n); err != nil {
			return err
		}
	}
	return nil
}

func check(ctx context.Context, tx *store.Tx, by Actor, n Need) error {
	if by.Kind == System || n.Permission == Anyone {
		return nil
	}
	if by.Kind == Anonymous {
		return ErrUnauthenticated
	}
	switch n.Permission {
	case Self:
		if by.Kind != Person || by.Account.IsZero() || by.Account != n.Account {
			return ErrForbidden
		}
		return nil
	case PlatformSupport, PlatformAdminister:
		return checkPlatform(ctx, tx, by, n.Permission)
	default:
		return checkScopes(ctx, tx, by, n)
	}
}

// checkPlatform: to others the platform's pages do not exist. A token of the
// platform lasts as long as its maker's office (rules.md 13).
func checkPlatform(ctx context.Context, tx *store.Tx, by Actor, p Permission) error {
	account, ok := by.Account, by.Kind == Person
	if by.Kind == PlatformToken {
		var err error
		if account, ok, err = tokenMaker(ctx, tx, by.Token, ""); err != nil {
			return err
		}
		if ok && account.IsZero() {
			return nil // made on the machine itself
		}
		p = PlatformAdminister // what its maker must be, whatever it is used for
	}
	if !ok {
		return ErrNotFound
	}
	role, err := platformRole(ctx, tx, account)
	switch {
	case err != nil:
		return err
	case role == "administrator", role == "support" && p == PlatformSupport:
		return nil
	}
	return ErrNotFound
}

// checkScopes: a need speaks of one organisation; an act on several has a need of
// each.
func checkScopes(ctx context.Context, tx *store.Tx, by Actor, n Need) error {
	scopes := n.scopes()
	if len(scopes) == 0 {
		return ErrForbidden.With("Permission", string(n.Permission))
	}
	for _, s := range scopes {
		if s.Org != scopes[0].Org {
			return ErrNotFound
		}
	}
	h, err := HeldBy(ctx, tx, by, scopes[0].Org)
	if err != nil {
		return err
	}
	if n.Permission == Membership || h.meets(n) {
		return nil
	}
	if h.elsewhere(n) {
		return ErrNotFound // a site administrator learns nothing of other sites (AUZ-06)
	}
	return ErrForbidden.With("Permission", string(n.Permission))
}

// Held is what one actor may do in one organisation.
type Held struct {
	Org    ident.Org
	Member ident.Member // of a person
	at     map[Permission]map[string]bool
	closed bool // administration permissions are held, and withheld (ORG-6)
}

// HeldBy reads what by may do in org: nothing of its administration while the platform's
// support has closed that space (ORG-6). Errors: ErrNotFound when by has no place in
// it, ErrSuspended when the organisation is suspended, ErrUnauthenticated for a
// session and ErrOutlived for a token from before the person was deactivated and let in again.
func HeldBy(ctx context.Context, tx *store.Tx, by Actor, org ident.Org) (Held, error) {
	switch by.Kind {
	case System:
		return all(org), nil
	case OrgToken:
		return heldByToken(ctx, tx, by, org)
	case Person:
		h, place, err := heldByPerson(ctx, tx, by, org)
		return h.within(place), err
	case Anonymous, PlatformToken:
	}
	return Held{}, ErrNotFound
}

// HeldByAccount reads what an account may do in org, in force at tx.Now, whether or not
// the administration space is open.
func HeldByAccount(ctx context.Context, tx *store.Tx, account ident.Account, org ident.Org) (Held, error) {
	h, _, err := heldByPerson(ctx, tx, Actor{Kind: Person, Account: account}, org)
	return h, err
}

// heldByPerson: reactivation gives back the rights, neither the sessions nor the tokens of
// the person (CHG-4): one from before goes on elsewhere, and here its person signs in again,
// or makes another.
func heldByPerson(ctx context.Context, tx *store.Tx, by Actor, org ident.Org) (Held, place, error) {
	at, ok, err := membership(ctx, tx, by, org)
	switch {
	case err != nil:
		return Held{}, at, err
	case !ok:
		return Held{}, at, ErrNotFound
	case at.suspended:
		return Held{}, at, ErrSuspended
	case at.outlived && !by.Token.IsZero():
		return Held{}, at, ErrOutlived
	case at.outlived:
		return Held{}, at, ErrUnauthenticated
	}
	rows, err := standing(ctx, tx, by.Account, org)
	return newHeld(org, at.member, rows), at, err
}

// heldByToken: a token has what it was given; a token that a person made has no
// more than that person has now (rules.md 13).
func heldByToken(ctx context.Context, tx *store.Tx, by Actor, org ident.Org) (Held, error) {
	if by.Org != org || org.IsZero() {
		return Held{}, ErrNotFound
	}
	made, ok, err := tokenMaker(ctx, tx, by.Token, org)
	if err != nil || !ok {
		return Held{}, firstError(err, ErrNotFound)
	}
	at, ok, err := orgPlace(ctx, tx, org)
	switch {
	case err != nil:
		return Held{}, err
	case !ok:
		return Held{}, ErrNotFound
	case at.suspended:
		return Held{}, ErrSuspended
	}
	rows, err := tokenPermissions(ctx, tx, by.Token)
	if err != nil || made.IsZero() { // no maker: made on the machine itself
		return newHeld(org, "", rows).within(at), err
	}
	maker, err := HeldByAccount(ctx, tx, made, org)
	if err != nil {
		return Held{}, err
	}
	kept := rows[:0]
	for _, r := range rows {
		if maker.Has(r.permission, OrgScope(org)) {
			kept = append(kept, r)
		}
	}
	return newHeld(org, "", kept).within(at), nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

type grant struct {
	permission Permission
	scope      string
}

// HeldAt makes what somebody may do in org out of permissions held for the whole of it:
// package decision keeps the permissions of tokens in memory.
func HeldAt(org ident.Org, whole []Permission) Held {
	rows := make([]grant, len(whole))
	for i, p := range whole {
		rows[i] = grant{p, WholeOrganization}
	}
	return newHeld(org, "", rows)
}

func newHeld(org ident.Org, m ident.Member, rows []grant) Held {
	h := Held{Org: org, Member: m, at: map[Permission]map[string]bool{}}
	for _, r := range rows {
		if h.at[r.permission] == nil {
			h.at[r.permission] = map[string]bool{}
		}
		h.at[r.permission][r.scope] = true
	}
	return h
}

func all(org ident.Org) Held {
	var rows []grant
	for _, p := range Catalogue() {
		rows = append(rows, grant{p, WholeOrganization})
	}
	return newHeld(org, "", rows)
}

// Has reports whether p is held at s: there, or for the whole organisation.
func (h Held) Has(p Permission, s Scope) bool {
	return s.Org == h.Org && (h.at[p][WholeOrganization] || h.at[p][s.Code()])
}

// HasAnywhere reports whether p is held at any scope of the organisation.
func (h Held) HasAnywhere(p Permission) bool { return len(h.at[p]) > 0 }

// Sites are the sites at which p is held; the second value is true when it is
// held for the whole organisation, and then the list is empty.
func (h Held) Sites(p Permission) (sites []ident.Site, whole bool) {
	if h.at[p][WholeOrganization] {
		return nil, true
	}
	for _, s := range slices.Sorted(maps.Keys(h.at[p])) {
		sites = append(sites, ident.Site(s))
	}
	return sites, false
}

// Covers reports whether h holds, at the same scopes, every administration
// permission that other holds: who may touch whom (RGT-1, rules.md 13).
func (h Held) Covers(other Held) bool {
	if h.Org != other.Org {
		return false
	}
	for _, p := range Administration {
		for scope := range other.at[p] {
			if !h.at[p][WholeOrganization] && !h.at[p][scope] {
				return false
			}
		}
	}
	return true
}

func (h Held) meets(n Need) bool {
	for _, s := range n.All {
		if !h.Has(n.Permission, s) {
			return false
		}
	}
	for _, s := range n.AnyOf {
		if h.Has(n.Permission, s) {
			return true
		}
	}
	return len(n.AnyOf) == 0
}

// elsewhere reports whether the permission is held, but at sites that the need
// does not speak of. That it may also be held for the whole organisation (AnyOf)
// tells nothing of the site; that it must be (All) is asked of everybody.
func (h Held) elsewhere(n Need) bool {
	if !h.HasAnywhere(n.Permission) {
		return false
	}
	for _, s := range n.All {
		if s.Site.IsZero() {
			return false
		}
	}
	return !slices.ContainsFunc(n.scopes(), func(s Scope) bool { return h.Has(n.Permission, s) })
}

// GivenTo reads what a member was given in org, in force or not: whoever acts on
// that member must cover it.
func GivenTo(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) (Held, error) {
	rows, err := memberGrants(ctx, tx, org, member)
	return newHeld(org, member, rows), err
}

// GivenUntil reads what a member had in org until the moment when their membership ended, by their
// roles as they are now: what they would hold again if it were taken back.
func GivenUntil(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, until time.Time) (Held, error) {
	rows, err := formerGrants(ctx, tx, org, member, until)
	return newHeld(org, member, rows), err
}
