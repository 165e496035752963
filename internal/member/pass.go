package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/role"
	"habilis/internal/store"
)

// What package merge needs of memberships: one ends, and another of the same person has all that it
// had. Each of these works in the act of its caller, which has checked the right, records it, and
// runs inside Keeping.

// Estate is what a member has of sites, roles and single permissions, over or not, as it is kept.
type Estate struct {
	of          ident.Member
	in          ident.Org
	sites       []heldSite
	roles       []leftRole
	permissions []leftPermission
}

// heldSite is a belonging, with who gave it and since when.
type heldSite struct {
	id    ident.Site
	by    string
	since time.Time
}

// EstateOf reads it.
func EstateOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Estate, error) {
	e := Estate{of: id, in: in}
	var err error
	if e.sites, err = heldSites(ctx, tx, in, id); err != nil {
		return e, err
	}
	if e.roles, err = rolesHeld(ctx, tx, in, id); err != nil {
		return e, err
	}
	e.permissions, err = permissionsHeld(ctx, tx, in, id)
	return e, err
}

// GiveWay ends a membership whose place another takes: nothing of what its person made for the
// organisation ends with it, since they stay. Errors: ErrNotFound.
func GiveWay(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) (Member, error) {
	s, ok, err := findSubject(ctx, tx.Tx, in, id)
	if err != nil || !ok {
		return Member{}, notFound(err)
	}
	if err := closeAll(ctx, tx.Tx, in, id); err != nil {
		return Member{}, err
	}
	if err := touch(ctx, tx.Tx, in, id); err != nil {
		return Member{}, err
	}
	m := s.Member
	m.Status = Left
	return m, writeState(ctx, tx.Tx, m, s.rev+1)
}

// Pass gives the whole estate, with its dates and by whom it was given, to a member who has nothing
// yet. It gives the lines of both, for the change set of the act.
func (e Estate) Pass(ctx context.Context, tx *store.Tx, to ident.Member) ([]changeset.Line, error) {
	var lines []changeset.Line
	both := func(line func(ident.Member, changeset.State, changeset.State) changeset.Line, has changeset.State) {
		if !has.Over(tx.Now) {
			lines = append(lines, line(e.of, has, changeset.State{}), line(to, changeset.State{}, has))
		}
	}
	for _, s := range e.sites {
		if err := insertSite(ctx, tx, e.in, to, s.id, s.by); err != nil {
			return nil, err
		}
		both(func(id ident.Member, before, after changeset.State) changeset.Line {
			return siteLine(id, s.id, before, after)
		},
			held(changeset.State{From: s.since}))
	}
	for _, r := range e.roles {
		given := role.Given{Role: r.role, Scope: r.at}
		if err := insertGrant(ctx, tx, to, given, r.grant, r.by); err != nil {
			return nil, err
		}
		both(func(id ident.Member, before, after changeset.State) changeset.Line {
			return roleLine(id, given, before, after)
		}, r.state())
	}
	for _, p := range e.permissions {
		given := GivenPermission{p.permission, p.at}
		if err := insertPermission(ctx, tx, to, given, p.grant, p.by); err != nil {
			return nil, err
		}
		both(func(id ident.Member, before, after changeset.State) changeset.Line {
			return permissionLine(id, given, before, after)
		}, p.state())
	}
	return lines, nil
}

// Renumbered is somebody as a new member with the right number.
type Renumbered struct {
	RPPS   string
	Import *directory.Import // what the directory says of it; nil: typed, to be verified
	// GivenName and FamilyName are for a number that is only typed; empty: as they are.
	GivenName, FamilyName string
}

// Renumber makes, of somebody whose membership has given way, another one with the right number and
// no right yet: how they are reached and what they do stays, who they are is what the new number
// says. What was verified was so of the other number: it begins anew. It gives the text keys of what
// is only plausible. Errors: fields to correct.
func Renumber(ctx context.Context, tx *store.Tx, was Member, status Status, as Renumbered) (Member, []string, error) {
	n := New{
		Org: was.Org, Account: was.Account, Status: status, ProfileType: Regulated, Verification: Unchecked, Title: was.Title,
		GivenName: or(as.GivenName, was.GivenName), FamilyName: or(as.FamilyName, was.FamilyName), Email: was.Email, Function: was.Function,
		RPPS: as.RPPS, Import: as.Import, SIRET: was.SIRET, AMNumber: was.AMNumber, Phone: was.Phone, MSSante: was.ownMailbox(),
		Reach: was.Reach, EndsAt: was.EndsAt, LastSignInAt: was.LastSignInAt,
	}
	if was.Verification == NotNeeded {
		n.Verification = NotNeeded
	}
	var err error
	if n.Locum, err = was.Locum.standing(ctx, tx, was.Org); err != nil {
		return Member{}, nil, err
	}
	if i := as.Import; i != nil {
		n.GivenName, n.FamilyName = written(was.GivenName, i.Practitioner.GivenName), written(was.FamilyName, i.Practitioner.FamilyName)
	} else if was.Identity.Source != FromDirectory { // what was imported for the wrong number is somebody else's
		n.ProfessionCode, n.Profession, n.SpecialtyCode, n.Specialty = was.ProfessionCode, was.Profession, was.SpecialtyCode, was.Specialty
	}
	m, doubts, err := n.check(ctx, tx)
	if err != nil {
		return m, doubts, err
	}
	if err := insertMembers(ctx, tx, []Member{m}); err != nil {
		return m, doubts, err
	}
	return m, doubts, writeState(ctx, tx, m, 1)
}

// standing is a replacement as it can be written today: of somebody who left, the name stays.
func (l *Locum) standing(ctx context.Context, tx *store.Tx, in ident.Org) (*Locum, error) {
	if l == nil || l.For.IsZero() {
		return l, nil
	}
	there, err := replacedBy(ctx, tx, in, l.For, nil)
	if err != nil || there != nil {
		return l, err
	}
	named := *l
	named.For = ""
	return &named, nil
}

// ownMailbox is the MSSanté address but one that came with the identity of the wrong number.
func (m Member) ownMailbox() string {
	if m.Identity.Import == nil {
		return m.MSSante
	}
	p := m.Identity.Import.Practitioner
	a, _ := p.Activity(m.Identity.Import.Activity)
	for _, s := range slices.Concat(a.MSSante, p.MSSante) {
		if address, err := identifier.ParseMSSante(s); err == nil && string(address) == m.MSSante {
			return ""
		}
	}
	return m.MSSante
}

// Resume lets a membership that gave way to another be one again, without any right: with its own
// number and what was known of it, and with what became of the other since. Errors: ErrNotFound, a
// field for a number that somebody else has, ErrAlreadyMember.
func Resume(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, after Member) (Member, error) {
	s, ok, err := findLeft(ctx, tx, in, id)
	if err != nil || !ok {
		return Member{}, notFound(err)
	}
	m := after
	m.ID, m.Version, m.LastSignInAt, m.CreatedAt = s.ID, s.Version+1, after.LastSignInAt, s.CreatedAt
	m.RPPS, m.Identity, m.Verification = s.RPPS, s.Identity, s.Verification
	if s.Identity.Source == FromDirectory || after.Identity.Source == FromDirectory {
		m.GivenName, m.FamilyName, m.MSSante = s.GivenName, s.FamilyName, s.MSSante
		m.ProfessionCode, m.Profession, m.SpecialtyCode, m.Specialty = s.ProfessionCode, s.Profession, s.SpecialtyCode, s.Specialty
	}
	taken, err := rppsTaken(ctx, tx, m)
	if err == nil && taken {
		err = fault.OnField("rpps", codeTaken)
	}
	if err != nil {
		return m, err
	}
	if err := touch(ctx, tx, in, id); err != nil {
		return m, err
	}
	return m, writeState(ctx, tx, m, s.rev+1)
}

// Differences are the fields in which two memberships of one person differ, by their names in the API.
func Differences(was, is Member) []Field {
	e := &edition{Member: is, was: was}
	return e.changes()
}
