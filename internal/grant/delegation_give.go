package grant

import (
	"context"
	"slices"
	"strconv"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Give gives one member some acts on some identities, or proposes them to the holder;
// all of it or nothing (RGT-6, MEM-6). Errors: fields to correct, ErrNotDelegable with
// the lines that the actor may not give, access.ErrForbidden for who may give none.
func (x Delegations) Give(ctx context.Context, by access.Actor, in ident.Org, n NewDelegations) ([]Delegation, error) {
	return x.give(ctx, by, in, n, false)
}

// Review says what Give would do, and keeps nothing of it: no proof is asked.
func (x Delegations) Review(ctx context.Context, by access.Actor, in ident.Org, n NewDelegations) ([]Delegation, error) {
	return x.give(ctx, by, in, n, true)
}

func (x Delegations) give(ctx context.Context, by access.Actor, in ident.Org, n NewDelegations, rehearsal bool) ([]Delegation, error) {
	verb := verbDelegationGive
	if rehearsal {
		verb = verbDelegationPreview
	}
	act := action.Act{Verb: verb, Orgs: []ident.Org{in}, StepUp: !rehearsal, Object: in.String(), Subject: n.Member.String()}
	var v delegationViewer
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = delegationView(ctx, tx, by, in); err != nil {
			return nil, err
		}
		return v.mayGive(ctx, tx, n)
	}
	if rehearsal {
		return action.View(ctx, x.Run, by, act, func(tx *store.Tx) ([]Delegation, error) {
			g, err := v.giving(ctx, tx, n)
			return g.given(), err
		})
	}
	return action.Run(ctx, x.Run, by, act, func(tx *action.Tx) ([]Delegation, error) {
		g, err := v.giving(ctx, tx.Tx, n)
		if err != nil {
			return nil, err
		}
		if err := g.write(ctx, tx); err != nil {
			return nil, err
		}
		v.letters(tx, g.lines)
		found, err := delegationsByID(ctx, tx.Tx, in, g.ids())
		if err != nil {
			return nil, err
		}
		return v.told(ctx, tx.Tx, found)
	})
}

// mayGive: who administers delegations somewhere, or holds an identity. In one's own
// name, whoever holds none is told at the field.
func (v delegationViewer) mayGive(ctx context.Context, tx *store.Tx, n NewDelegations) ([]access.Need, error) {
	if n.InMyName {
		if v.held.Member.IsZero() {
			return nil, ErrNotHolder // a program has no name of its own
		}
		return []access.Need{access.MemberOf(v.held.Org)}, nil
	}
	if v.held.HasAnywhere(access.DelegationsEdit) {
		return []access.Need{access.MemberOf(v.held.Org)}, nil
	}
	if !v.held.Member.IsZero() {
		own, err := identitiesHeld(ctx, tx, v.held.Org, v.held.Member)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(own, func(i Identity) bool { return slices.Contains(n.Identities, i.ID) }) {
			return []access.Need{access.MemberOf(v.held.Org)}, nil
		}
	}
	return []access.Need{access.At(access.DelegationsEdit, access.OrgScope(v.held.Org))}, nil
}

// giving is what is asked for, as it is checked.
type giving struct {
	NewDelegations
	v       delegationViewer
	to      Delegate
	wrong   fault.Fields // to correct
	beyond  fault.Fields // more than the actor may give
	found   []Identity   // in the order of Identities
	lines   []Delegation // to write
	instead []Delegation // rows that the lines take the place of
}

// giving checks what is asked for, and gives the lines to write.
func (v delegationViewer) giving(ctx context.Context, tx *store.Tx, n NewDelegations) (*giving, error) {
	g := &giving{NewDelegations: n, v: v}
	g.shape()
	from := g.dates(tx.Now)
	if err := g.delegate(ctx, tx); err != nil {
		return g, err
	}
	if err := g.identities(ctx, tx); err != nil {
		return g, err
	}
	for i := range g.found {
		g.mayOn(i)
	}
	if err := g.standing(ctx, tx, from, tx.Now); err != nil {
		return g, err
	}
	if err := g.wrong.Err(); err != nil {
		return g, err
	}
	if err := g.beyond.Err(); err != nil {
		refusal := *ErrNotDelegable
		refusal.Fields = fault.Of(err).Fields
		return g, &refusal
	}
	return g, nil
}

// shape looks at what can be judged without the database.
func (g *giving) shape() {
	if len(g.Identities) == 0 {
		g.wrong.Add("identities", "delegation.no_identity")
	}
	if len(g.Identities) > MaxDelegated {
		g.wrong.Add("identities", "delegation.too_many", "Max", MaxDelegated)
		g.Identities = g.Identities[:MaxDelegated]
	}
	if len(g.Acts) == 0 {
		g.wrong.Add("acts", "delegation.no_act")
	}
	var known []Act
	for i, a := range g.Acts {
		switch {
		case !slices.Contains(Acts, a), g.InMyName && a != Draft:
			g.wrong.Add("acts["+strconv.Itoa(i)+"]", "delegation.act_unknown")
		case !slices.Contains(known, a):
			known = append(known, a)
		}
	}
	g.Acts = known
}

// dates gives when it begins: now, or later.
func (g *giving) dates(now time.Time) time.Time {
	return settleDates(&g.wrong, g.From, &g.Until, now)
}

// settleDates checks the dates of a delegation that begins and gives its beginning. A day
// that has begun begins now.
func settleDates(wrong *fault.Fields, from *time.Time, until **time.Time, now time.Time) time.Time {
	start, latest := now, now.AddDate(maxDelegation, 0, 0)
	if from != nil {
		y, m, d := now.In(text.Zone).Date()
		switch {
		case from.Before(time.Date(y, m, d, 0, 0, 0, 0, text.Zone)):
			wrong.Add("from", "delegation.from_past")
		case from.After(latest):
			wrong.Add("from", "delegation.far", "Years", maxDelegation)
		case from.After(now):
			start = from.UTC().Truncate(time.Microsecond)
		}
	}
	if *until == nil {
		return start
	}
	end := (*until).UTC().Truncate(time.Microsecond)
	*until = &end
	switch {
	case !end.After(start):
		wrong.Add("until", "delegation.until_before")
	case end.After(latest):
		wrong.Add("until", "delegation.far", "Years", maxDelegation)
	}
	return start
}

// delegate finds the member to whom it is given: one whom the actor may see, and who has
// not left. Who gives in their own name chooses among those with whom they may converse
// (MEM-8).
func (g *giving) delegate(ctx context.Context, tx *store.Tx) error {
	if g.Member.IsZero() {
		g.wrong.Add("member", "delegation.no_member")
		return nil
	}
	if g.Member == g.v.held.Member {
		g.wrong.Add("member", "delegation.yourself")
		return nil
	}
	sites, whole, err := g.v.among(ctx, tx, g.ownOnly())
	if err != nil {
		return err
	}
	var ok bool
	g.to, ok, err = delegateAt(ctx, tx, g.v.held.Org, g.Member, sites, whole)
	switch {
	case err != nil:
		return err
	case !ok:
		g.wrong.Add("member", member.ErrNotFound.Code)
	case g.to.waits:
		g.wrong.Add("member", member.ErrNotActive.Code)
	}
	return nil
}

// ownOnly reports whether nothing but the actor's own name is at stake.
func (g *giving) ownOnly() bool { return g.InMyName || !g.v.held.HasAnywhere(access.DelegationsEdit) }

// among says where the members are among whom v may choose.
func (v delegationViewer) among(ctx context.Context, tx *store.Tx, own bool) (sites []ident.Site, whole bool, err error) {
	sites, whole = v.held.Sites(access.MembersRead)
	if whole || !own || v.held.Member.IsZero() {
		return sites, whole, nil
	}
	everyone, mine, err := reachOf(ctx, tx, v.held.Org, v.held.Member)
	return append(sites, mine...), everyone, err
}

// identities finds those that are asked for, each once, in their order.
func (g *giving) identities(ctx context.Context, tx *store.Tx) error {
	found, err := identitiesByID(ctx, tx, g.v.held.Org, g.Identities)
	if err != nil {
		return err
	}
	g.found = make([]Identity, len(g.Identities))
	for n, id := range g.Identities {
		at := "identities[" + strconv.Itoa(n) + "]"
		i := slices.IndexFunc(found, func(i Identity) bool { return i.ID == id })
		switch {
		case i < 0 || !g.v.knows(found[i]):
			g.wrong.Add(at, "delegation.identity_unknown")
		case slices.Contains(g.Identities[:n], id): // said twice: done once
		case found[i].Closed:
			g.wrong.Add(at, ErrNoIdentity.Code, "Name", found[i].Name)
		default:
			g.found[n] = found[i]
		}
	}
	return nil
}

// knows: an identity of a site that v may not know of is like none (AUZ-06).
func (v delegationViewer) knows(i Identity) bool {
	return v.holds(i) || resource.See(v.held).Of(resource.Resource{Site: i.Site})
}

// mayOn asks, of one identity, whether the actor may give each act on it.
func (g *giving) mayOn(n int) {
	i, at := g.found[n], "identities["+strconv.Itoa(n)+"]"
	switch {
	case i.ID == "" || g.wrong.Has(at):
	case i.Holder == g.Member && !g.Member.IsZero():
		g.wrong.Add(at, "delegation.holder", "Name", i.Name)
	case slices.Contains(g.Acts, Draft) && i.Holder.IsZero():
		g.wrong.Add(at, "delegation.no_holder", "Name", i.Name)
	case g.InMyName && !g.v.holds(i):
		g.beyond.Add(at, ErrNotHolder.Code, "Name", i.Name)
	case !g.v.administers(i) && (!g.v.holds(i) || slices.ContainsFunc(g.Acts, func(a Act) bool { return a != Draft })):
		g.beyond.Add(at, "delegation.not_here", "Name", i.Name)
	}
}

// standing makes the lines, beside what the member has already.
func (g *giving) standing(ctx context.Context, tx *store.Tx, from, now time.Time) error {
	has, err := standingOn(ctx, tx, g.v.held.Org, g.Member, g.Identities)
	if err != nil {
		return err
	}
	for n, i := range g.found {
		if at := "identities[" + strconv.Itoa(n) + "]"; i.ID != "" && !g.wrong.Has(at) {
			g.linesOf(i, at, has, from, now)
		}
	}
	return nil
}

func (g *giving) linesOf(i Identity, at string, has []Delegation, from, now time.Time) {
	for _, a := range g.Acts {
		line := Delegation{
			Org: g.v.held.Org, ID: ident.NewDelegation(), Rev: 1, Act: a, Member: g.to.ID, Name: g.to.Name, Function: g.to.Function,
			Identity: i, From: from, Until: g.Until, GivenAt: now, giver: giverOf(g.v.by), offered: a == Draft && !g.v.holds(i),
		}
		line.State = line.seenAs(now)
		old := slices.IndexFunc(has, func(d Delegation) bool { return d.Identity.ID == i.ID && d.Act == a })
		switch {
		case old < 0:
		case has[old].State == Ended, has[old].offered && !line.offered: // the holder's word replaces the proposal
			g.instead = append(g.instead, has[old])
		case !g.wrong.Has(at):
			g.wrong.Add(at, "delegation.already", "Name", i.Name)
		}
		g.lines = append(g.lines, line)
	}
}

func (d *Delegation) seenAs(now time.Time) DelegationState {
	switch {
	case d.offered:
		return Proposed
	case d.From.After(now):
		return Upcoming
	}
	return InForce
}

// kept is the state as the table has it.
func (d *Delegation) kept() DelegationState {
	if d.offered {
		return Proposed
	}
	return active
}

func (g *giving) given() []Delegation { return g.lines }

func (g *giving) ids() []ident.Delegation {
	ids := make([]ident.Delegation, len(g.lines))
	for i := range g.lines {
		ids[i] = g.lines[i].ID
	}
	return ids
}

func (g *giving) write(ctx context.Context, tx *action.Tx) error {
	for _, d := range g.instead {
		if _, err := closeDelegation(ctx, tx.Tx, d); err != nil {
			return err
		}
	}
	var lines []changeset.Line
	var events []audit.Event
	for i := range g.lines {
		d := &g.lines[i]
		if err := insertDelegation(ctx, tx.Tx, *d, d.kept()); err != nil {
			return err
		}
		verb := verbDelegationGive
		if d.offered {
			verb = verbDelegationPropose
		}
		lines, events = append(lines, delegationLine(g.replaced(*d), d)), append(events, delegationEvent(*d, verb, nil, d.facts()))
	}
	return keepDelegations(ctx, tx, lines, events)
}

// replaced is what a line takes the place of; nil when there is none.
func (g *giving) replaced(d Delegation) *Delegation {
	i := slices.IndexFunc(g.instead, func(o Delegation) bool { return o.Identity.ID == d.Identity.ID && o.Act == d.Act })
	if i < 0 {
		return nil
	}
	return &g.instead[i]
}

// giverOf names the actor in what they give: their account, or the organisation's token.
func giverOf(by access.Actor) string {
	if by.Kind == access.System {
		return string(by.Kind)
	}
	return by.ID()
}
