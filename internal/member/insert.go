package member

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// MaxText bounds the profession and the specialty, in code points.
const MaxText = 120

// New is a membership to insert. What is left empty has a default: the status
// Created, the profile NonPractitioner (Regulated with an RPPS), the function «Autre», the reach ReachSite.
type New struct {
	Org         ident.Org
	Account     ident.Account // the zero value: no account yet
	Status      Status
	ProfileType ProfileType

	Verification Verification // NotNeeded by default

	Title      string
	GivenName  string
	FamilyName string
	Email      string // as package account wrote it
	Function   string

	ProfessionCode, Profession string // a national code, or free text when the code is empty
	SpecialtyCode, Specialty   string
	RPPS                       string
	Import                     *directory.Import // the identity found for RPPS; nil: declared
	SIRET, AMNumber            string
	Phone                      string
	MSSante                    string
	Reach                      Reach

	Locum  *Locum     // whose dates begin and end the membership
	EndsAt *time.Time // of a membership that ends without replacing anybody
	// LastSignInAt is never by default; only the demonstration knows better.
	LastSignInAt time.Time
	Sites        []ident.Site
	Roles        []role.Given
	Permissions  []GivenPermission
	GivenBy      string // the account or token that gives the sites and rights
}

// Insert writes a new membership with its sites and rights, in the caller's
// transaction. Whoever calls it has checked who may, and records it. Errors:
// fields to correct, ErrAlreadyMember, org.ErrNoSuchSite, role.ErrNotFound,
// ErrNotOfSite.
func Insert(ctx context.Context, tx *store.Tx, n New) (Member, error) {
	m, _, err := n.check(ctx, tx)
	if err != nil {
		return Member{}, err
	}
	if err := insertMembers(ctx, tx, []Member{m}); err != nil {
		return Member{}, err
	}
	if err := writeState(ctx, tx, m, 1); err != nil {
		return Member{}, err
	}
	return m, Give(ctx, tx, Gift{
		Org: n.Org, Member: m.ID, Sites: n.Sites, Roles: n.Roles, Permissions: n.Permissions, By: n.GivenBy,
	})
}

// Check says what Insert would refuse of the member's details, each field under the
// name that the API gives it, and gives the text keys of what is only plausible.
// Errors: fields to correct, ErrImported for another name than the imported one.
func (n New) Check(ctx context.Context, tx *store.Tx) (doubts []string, err error) {
	_, doubts, err = n.check(ctx, tx)
	return doubts, err
}

// check makes the member that n describes: an edition of nobody, by the rules that
// every later edition obeys.
func (n New) check(ctx context.Context, tx *store.Tx) (Member, []string, error) {
	e, err := n.settled(ctx, tx)
	if err != nil {
		return Member{}, nil, err
	}
	if err := e.alone(ctx, tx); err != nil {
		return Member{}, nil, err
	}
	return e.Member, e.doubts, e.verdict()
}

// settled is everything about n but whether somebody has the RPPS already.
func (n New) settled(ctx context.Context, tx *store.Tx) (*edition, error) {
	e := &edition{now: tx.Now, Member: Member{
		Org: n.Org, ID: ident.NewMember(), Account: n.Account, Version: 1, Status: or(n.Status, Created), Email: n.Email,
		EndsAt: n.EndsAt, LastSignInAt: or(n.LastSignInAt, store.Never), CreatedAt: tx.Now,
		Verification: or(n.Verification, NotNeeded),
	}}
	var err error
	if n.Locum != nil && !n.Locum.For.IsZero() {
		if e.replaced, err = replacedBy(ctx, tx, n.Org, n.Locum.For, nil); err != nil {
			return nil, err
		}
	}
	e.settle(n.change())
	return e, nil
}

// change is n as a change of somebody of whom nothing is known yet.
func (n New) change() *Change {
	profile, function, reach := n.ProfileType, or(n.Function, FunctionOther), or(n.Reach, ReachSite)
	if profile == "" && n.RPPS == "" {
		profile = NonPractitioner
	}
	c := Change{
		Title: given(n.Title), GivenName: &n.GivenName, FamilyName: &n.FamilyName, Function: &function, ProfileType: given(profile),
		Reach: &reach, RPPS: &n.RPPS, Import: n.Import, ProfessionCode: given(n.ProfessionCode), Profession: given(n.Profession),
		SpecialtyCode: given(n.SpecialtyCode), Specialty: given(n.Specialty), Phone: &n.Phone, MSSante: given(n.MSSante),
		SIRET: &n.SIRET, AMNumber: &n.AMNumber,
	}
	if n.Import != nil { // what it says need not be typed
		c.GivenName, c.FamilyName = given(n.GivenName), given(n.FamilyName)
	}
	if n.Locum != nil {
		c.Locum = &n.Locum
	}
	return &c
}

// given is nil for a field that was left empty.
func given[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func personName(f *fault.Fields, at, s string) string {
	clean, problem := text.PersonName(s)
	f.Check(at, string(problem), "Max", text.MaxPersonName)
	return clean
}

func optional(f *fault.Fields, at, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	clean, problem := text.Line(s, MaxText)
	f.Check(at, string(problem), "Max", MaxText)
	return clean
}

// Gift is sites, roles and permissions given to a member by an account or token.
type Gift struct {
	Org         ident.Org
	Member      ident.Member
	Sites       []ident.Site
	Roles       []role.Given
	Permissions []GivenPermission
	By          string
}

// GivenPermission is a single permission at a scope.
type GivenPermission struct {
	Permission access.Permission
	Scope      access.Scope
}

// Give writes what a member is given; what they have already stays as it is.
// Whoever calls it has checked who may (role.CheckGrant), and records it. Errors:
// org.ErrNoSuchSite, role.ErrNotFound, ErrNotOfSite for a right at a site to which
// the member does not belong.
func Give(ctx context.Context, tx *store.Tx, g Gift) error {
	had, err := sitesOf(ctx, tx, g.Org, g.Member)
	if err != nil {
		return err
	}
	for _, site := range g.Sites {
		if slices.Contains(had, site) {
			continue
		}
		if _, err := org.GetSite(ctx, tx, g.Org, site); err != nil {
			return err
		}
		if err := insertSite(ctx, tx, g.Org, g.Member, site, g.By); err != nil {
			return err
		}
		had = append(had, site)
	}
	if err := g.giveRoles(ctx, tx, had); err != nil {
		return err
	}
	return g.givePermissions(ctx, tx, had)
}

func (g Gift) giveRoles(ctx context.Context, tx *store.Tx, sites []ident.Site) error {
	ids := make([]ident.Role, len(g.Roles))
	for i, r := range g.Roles {
		ids[i] = r.Role
	}
	if _, err := role.Load(ctx, tx, g.Org, ids); err != nil {
		return err
	}
	for _, r := range g.Roles {
		if err := g.scoped(r.Scope, sites); err != nil {
			return err
		}
		if _, found, err := findGrant(ctx, tx, r.Scope, g.Member, r.Role); err != nil || found {
			if err != nil {
				return err
			}
			continue
		}
		if err := insertGrant(ctx, tx, g.Member, r, grant{starts: tx.Now}, g.By); err != nil {
			return err
		}
	}
	return nil
}

func (g Gift) givePermissions(ctx context.Context, tx *store.Tx, sites []ident.Site) error {
	for _, p := range g.Permissions {
		if err := g.scoped(p.Scope, sites); err != nil {
			return err
		}
		if !access.Known(p.Permission) {
			return fault.OnField("permissions", "role.permission_unknown", "Permission", string(p.Permission))
		}
		if err := insertPermission(ctx, tx, g.Member, p, grant{starts: tx.Now}, g.By); err != nil {
			return err
		}
	}
	return nil
}

// scoped refuses a right of another organisation, or at a site to which the
// member does not belong.
func (g Gift) scoped(at access.Scope, sites []ident.Site) error {
	switch {
	case at.Org != g.Org:
		return org.ErrNoSuchSite
	case !at.Site.IsZero() && !slices.Contains(sites, at.Site):
		return ErrNotOfSite
	}
	return nil
}

// codeTaken refuses the RPPS of another member of the organisation.
const codeTaken = "member.rpps_taken"

// writeState writes a member's state as revision rev, and closes the one before.
func writeState(ctx context.Context, tx *store.Tx, m Member, rev int64) error {
	row, err := rowOf(m, rev)
	if err != nil {
		return err
	}
	return stateError(insertState(ctx, tx, row))
}

// columns are a member in other words: what lists search and sort by, where each text
// begins with a space so that the start of a word can be told (LST-1); what was
// imported; and whom a locum replaces.
type columns struct {
	sortKey, search, keywords, body string
	locum                           Locum
}

func folded(m Member) columns {
	keywords := []string{m.Profession, m.Specialty, m.RPPS}
	for _, lang := range text.All {
		keywords = append(keywords, text.For(lang).T("function."+m.Function))
	}
	c := columns{
		sortKey:  sortKey(m),
		search:   " " + text.Fold(strings.Join([]string{m.GivenName, m.FamilyName, m.Email}, " ")),
		keywords: " " + text.Fold(strings.Join(keywords, " ")),
	}
	if m.Locum != nil {
		c.locum = *m.Locum
	}
	return c
}

// Find reads a member who has not left. Errors: ErrNotFound, also for a member of
// another organisation (AUZ-02).
func Find(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Member, error) {
	s, ok, err := findState(ctx, tx, in, id)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return s.Member, err
}

// ByAccount reads the membership of an account in an organisation, whatever its
// status but left. The second value is false when there is none.
func ByAccount(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account) (Member, bool, error) {
	s, ok, err := findByAccount(ctx, tx, in, account)
	return s.Member, ok, err
}

// Refs reads members by their IDs, those who left too, for letters and lists that
// name them. What is not of this organisation is not in the answer.
func Refs(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (map[ident.Member]Member, error) {
	refs := make(map[ident.Member]Member, len(ids))
	for chunk := range slices.Chunk(ids, maxIn) {
		found, err := chosen(ctx, tx, in, chunk, true)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			refs[m.ID] = m
		}
	}
	return refs, nil
}

// membersByID reads members who have not left, by name within each maxIn of them.
func membersByID(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]Member, error) {
	var out []Member
	for chunk := range slices.Chunk(ids, maxIn) {
		found, err := chosen(ctx, tx, in, chunk, false)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// maxIn bounds the values of one "in (…)".
const maxIn = 500

// newGrant names one row of a right given; no door shows it.
func newGrant() string { return "gnt_" + uuid.Must(uuid.NewV7()).String() }
