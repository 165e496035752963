package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Many members are written at once for an import (MEM-14): the same rules as for one, with
// few statements for all of them, so that the writer is not held.

// Checked is what is known of one of several people to insert.
type Checked struct {
	Member Member // as they would be
	Doubts []string
	Err    error // what Insert would refuse; nil: nothing

	n New
}

// CheckMany is New.Check for several people of one organisation; whoever calls it sees to it
// that no two of them have one RPPS number.
func CheckMany(ctx context.Context, tx *store.Tx, in ident.Org, list []New) ([]Checked, error) {
	out, editions := make([]Checked, len(list)), make([]*edition, len(list))
	var numbers []string
	for i, n := range list {
		e, err := n.settled(ctx, tx)
		if err != nil {
			return nil, err
		}
		editions[i] = e
		if e.RPPS != "" {
			numbers = append(numbers, e.RPPS)
		}
	}
	holders, err := HoldersOf(ctx, tx, in, numbers)
	for i, e := range editions {
		if _, taken := holders[e.RPPS]; taken {
			e.wrong.Add("rpps", codeTaken)
		}
		out[i] = Checked{Member: e.Member, Doubts: e.doubts, Err: e.verdict(), n: list[i]}
	}
	return out, err
}

// HoldersOf gives the members of an organisation who have these RPPS numbers, by number.
func HoldersOf(ctx context.Context, tx *store.Tx, in ident.Org, numbers []string) (map[string]ident.Member, error) {
	out := map[string]ident.Member{}
	for part := range slices.Chunk(numbers, maxIn) {
		if err := holdersOf(ctx, tx, in, part, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// OfAccounts gives the members of an organisation who have these accounts, whatever their
// status but left.
func OfAccounts(ctx context.Context, tx *store.Tx, in ident.Org, accounts []ident.Account) (map[ident.Account]ident.Member, error) {
	out := map[ident.Account]ident.Member{}
	for part := range slices.Chunk(accounts, maxIn) {
		if err := membersOf(ctx, tx, in, part, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Joins gives somebody who was checked the account that has their address.
func (c *Checked) Joins(id ident.Account, email string, s Status) {
	c.Member.Account, c.Member.Email, c.Member.Status = id, email, s
}

// InsertMany writes people whom CheckMany found right, with their sites and roles, in the
// caller's transaction. Whoever calls it has checked who may, and that those sites and roles
// are of the organisation, and records it. Errors: ErrAlreadyMember.
func InsertMany(ctx context.Context, tx *store.Tx, list []Checked) error {
	for part := range slices.Chunk(list, maxIn) { // what is written of all of them is never in memory together
		if err := insertPart(ctx, tx, part); err != nil {
			return err
		}
	}
	return nil
}

func insertPart(ctx context.Context, tx *store.Tx, list []Checked) error {
	members, states := make([]Member, len(list)), make([]stateRow, len(list))
	var sites []newSite
	var roles []newRole
	for i := range list {
		c := &list[i]
		members[i] = c.Member
		row, err := rowOf(c.Member, 1)
		if err != nil {
			return err
		}
		states[i] = row
		for _, s := range c.n.Sites {
			sites = append(sites, newSite{c.Member.Org, c.Member.ID, s, c.n.GivenBy})
		}
		for _, r := range c.n.Roles {
			roles = append(roles, newRole{c.Member.ID, r, c.n.GivenBy})
		}
	}
	if err := insertMembers(ctx, tx, members); err != nil {
		return err
	}
	if err := writeStates(ctx, tx, states); err != nil {
		return err
	}
	if err := insertSites(ctx, tx, sites); err != nil {
		return err
	}
	return insertRoles(ctx, tx, roles)
}

// writeStates writes present states of several members.
func writeStates(ctx context.Context, tx *store.Tx, states []stateRow) error {
	return stateError(insertStates(ctx, tx, states))
}

// newSite and newRole are a site and a role that a member is given.
type (
	newSite struct {
		org    ident.Org
		member ident.Member
		site   ident.Site
		by     string
	}
	newRole struct {
		member ident.Member
		given  role.Given
		by     string
	}
)

func rowOf(m Member, rev int64) (stateRow, error) {
	c := folded(m)
	var err error
	c.body, err = m.Identity.body()
	return stateRow{m, rev, c}, err
}

// stateError puts the refusal of the database in words.
func stateError(err error) error {
	switch {
	case store.Unique(err, "member_state_org_id_account_id_uq"):
		return ErrAlreadyMember
	case store.Unique(err, "member_state_org_id_rpps_uq"):
		return fault.OnField("rpps", codeTaken)
	}
	return err
}

// EditedOne is what an edition of one of several members would do, or what refuses it.
type EditedOne struct {
	Edited

	Err error // what Edit would refuse; nil: nothing

	rev int64
}

// Placed is a member with their sites.
type Placed struct {
	Member

	Sites []ident.Site
}

// EditMany says what Edit would do with several members, under the rights of by, each changed
// as change says of them; nothing is written. A change of the replaced practitioner is none of
// it: dates touch who administers.
func EditMany(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, ids []ident.Member, change func(int, Placed) Change,
) ([]EditedOne, error) {
	v, found, err := lookAt(ctx, tx, by, in, ids)
	if err != nil {
		return nil, err
	}
	out := make([]EditedOne, len(ids))
	for i, id := range ids {
		s, ok := found[id]
		if !ok || !v.sees(s) {
			out[i].Err = ErrNotFound
			continue
		}
		c := change(i, Placed{s.Member, s.sites})
		if out[i], err = v.editOne(ctx, tx, s, &c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// editOne is the edition of one of them. What fails for another reason than a refusal ends it all.
func (v viewer) editOne(ctx context.Context, tx *store.Tx, s subject, c *Change) (EditedOne, error) {
	out := EditedOne{Edited: Edited{Before: s.Member, After: s.Member}, rev: s.rev}
	c.Locum = nil
	e, err := v.edit(ctx, tx, s, c)
	if err == nil {
		out.Edited = Edited{Before: s.Member, After: e.Member, Fields: e.changes(), Warnings: e.doubts}
	}
	if err == nil && len(out.Fields) > 0 {
		err = v.overWhole(s, access.MembersEdit)
	}
	if err != nil && fault.Of(err).Kind == fault.Internal {
		return out, err
	}
	out.Err = err
	return out, nil
}

// WriteEdits writes editions that EditMany found right in the same transaction, and records
// each: in details alone, so that who administers stays as it was (ORG-4).
func WriteEdits(ctx context.Context, tx *action.Tx, in ident.Org, list []EditedOne) error {
	for part := range slices.Chunk(list, maxIn) {
		ids, rows := make([]ident.Member, len(part)), make([]stateRow, len(part))
		for i := range part {
			record := event(part[i].After, "member.edit")
			record.Before, record.After = facts(part[i].Fields)
			tx.Record(record)
			var err error
			if rows[i], err = rowOf(part[i].After, part[i].rev+1); err != nil {
				return err
			}
			ids[i] = rows[i].ID
		}
		if err := closeStates(ctx, tx.Tx, in, ids); err != nil {
			return err
		}
		if err := touchAll(ctx, tx.Tx, in, ids); err != nil {
			return err
		}
		if err := writeStates(ctx, tx.Tx, rows); err != nil {
			return err
		}
	}
	return nil
}

// facts are fields before and after, as the record keeps them.
func facts(fields []Field) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for _, f := range fields {
		before[f.Name], after[f.Name] = f.Before, f.After
	}
	return before, after
}

// lookAt reads who looks, and the members looked at, seen or not.
func lookAt(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, ids []ident.Member,
) (viewer, map[ident.Member]subject, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return v, nil, err
	}
	found, err := subjects(ctx, tx, in, ids)
	return v, found, err
}

// SitesOf gives the sites of several members, in the order of their IDs.
func SitesOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (map[ident.Member][]ident.Site, error) {
	sites := map[ident.Member][]ident.Site{}
	for part := range slices.Chunk(ids, maxIn) {
		belongs, err := belongings(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		for _, b := range belongs {
			sites[b.member] = append(sites[b.member], b.site)
		}
	}
	return sites, nil
}

// FormerSites gives the sites that several members belonged to after a moment, and no longer do.
func FormerSites(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, since time.Time,
) (map[ident.Member][]ident.Site, error) {
	sites := map[ident.Member][]ident.Site{}
	for part := range slices.Chunk(ids, maxIn) {
		left, err := formerBelongings(ctx, tx, in, part, since)
		if err != nil {
			return nil, err
		}
		for _, b := range left {
			sites[b.member] = append(sites[b.member], b.site)
		}
	}
	return sites, nil
}

// subjects reads several members with what decides who may act on them.
func subjects(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (map[ident.Member]subject, error) {
	out := make(map[ident.Member]subject, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		found, err := statesOf(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		sites, err := SitesOf(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		given, err := access.AdministrationOf(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			s.sites, s.given = sites[s.ID], given[s.ID]
			out[s.ID] = s
		}
	}
	return out, nil
}
