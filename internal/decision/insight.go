package decision

import (
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Insight explains decisions to people: why, what somebody may do, who sees a record
// (RGT-9, RGT-10), now and at a past moment. Whoever reads rights is answered about the
// members and the resources of their sites; everybody, about themselves.
type Insight struct {
	Run       *action.Runner
	Decisions *Decisions
}

// ErrMember is the refusal of a member whom the organisation does not have, or of whom
// the onlooker may not know.
var ErrMember = fault.New(fault.NotFound, "member.not_found")

// onlooker is who reads, and what they may know of.
type onlooker struct {
	held  access.Held
	sight resource.Sight
}

// rightsReaders let read the rights of others.
var rightsReaders = []access.Permission{access.RightsRead, access.RightsEdit}

// about lets by read about a member: themself, or one of the sites where by reads rights.
func (i Insight) about(by access.Actor, org ident.Org, verb string, member ident.Member) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: member.String(), Subject: member.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if held.Member == member && !member.IsZero() {
			return []access.Need{access.MemberOf(org)}, nil
		}
		sites, found, err := memberSites(ctx, tx, org, member)
		if err != nil {
			return nil, err
		}
		for _, p := range rightsReaders {
			at, whole := held.Sites(p)
			if whole && found || shareSite(at, sites) {
				return []access.Need{access.MemberOf(org)}, nil
			}
			if whole {
				return nil, ErrMember
			}
		}
		if held.HasAnywhere(access.RightsRead) || held.HasAnywhere(access.RightsEdit) {
			return nil, ErrMember // of another site: there is nobody of that name here (AUZ-06)
		}
		return []access.Need{access.At(access.RightsRead, access.OrgScope(org))}, nil
	}
	return act
}

func shareSite(a, b []ident.Site) bool {
	return slices.ContainsFunc(a, func(s ident.Site) bool { return slices.Contains(b, s) })
}

func onlookerOf(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (onlooker, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	return onlooker{held, resource.See(held)}, err
}

// Reasoned is the answer to «Pourquoi ?»: the answer, its facts, and the names of all that
// they speak of, by ID.
type Reasoned struct {
	Explained

	Question Question
	At       time.Time // the moment that it is about
	Names    map[string]string
}

// Why explains what a member may do, now or at q.At. Errors: ErrMember, and
// resource.ErrNotFound for what the onlooker may not know of.
func (i Insight) Why(ctx context.Context, by access.Actor, org ident.Org, q Question) (Reasoned, error) {
	q.Subject.Type = TypeMember
	act := i.about(by, org, "decision.read", ident.Member(q.Subject.ID))
	w := Reasoned{Question: q, At: q.At}
	who, err := action.View(ctx, i.Run, by, act, func(tx *store.Tx) (onlooker, error) {
		if w.At.IsZero() {
			w.At = tx.Now
		}
		who, err := onlookerOf(ctx, tx, by, org)
		if err == nil && who.held.Member.String() != q.Subject.ID {
			err = who.knows(ctx, tx, org, q.Resource)
		}
		return who, err
	})
	if err != nil {
		return Reasoned{}, err
	}
	if w.Explained, err = i.Decisions.Explain(ctx, org, q, &who.held); err != nil {
		return Reasoned{}, err
	}
	err = i.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		w.Names, err = namesOf(ctx, tx, org, w.ids())
		return err
	})
	return w, err
}

// knows refuses what the onlooker may not know of: agendas and the like of other sites, and
// members of other sites. What is no such thing is asked about freely.
func (r onlooker) knows(ctx context.Context, tx *store.Tx, org ident.Org, e Entity) error {
	switch e.Type {
	case TypeAgenda, TypeMessagingProfile, TypeIdentity:
		list, err := resource.Load(ctx, tx, org, []resource.ID{resource.ID(e.ID)})
		if err == nil && (len(list) == 0 || !r.sight.Of(list[0])) {
			err = resource.ErrNotFound
		}
		return err
	case TypeMember:
		sites, found, err := memberSites(ctx, tx, org, ident.Member(e.ID))
		at, whole := r.held.Sites(access.MembersRead)
		if err == nil && (!found || !whole && !shareSite(at, sites)) {
			err = ErrMember
		}
		return err
	}
	return nil
}

// ids are all that the answer speaks of.
func (w Reasoned) ids() []string {
	ids := []string{w.Question.Subject.ID, w.Question.Resource.ID}
	for _, f := range w.Facts {
		ids = append(ids, f.ID, f.Scope, f.GivenBy)
	}
	if w.Fix != nil {
		ids = append(ids, w.Fix.ID, w.Fix.Scope)
	}
	return ids
}

// Right is one right of a member, with its source.
type Right struct {
	Fact

	Resource   Entity     // what a level, a delegation or a holder bears on
	Site       ident.Site // where that stood at the moment; zero: of the whole organisation
	Detail     string     // the line under the name of the resource
	StartsAt   time.Time
	Acts       []string // the permissions of a role
	Unused     Code     // why it opens nothing now: a closed agenda, a beginning to come; empty when it holds
	GivenName  string   // who gave it, by name
	ScopeName  string   // the site; empty for the whole organisation
	HolderName string   // of an identity
}

// Rights is what a member may do at a moment, and why.
type Rights struct {
	Member      ident.Member
	Name        string
	At          time.Time
	Away        Code // why nothing of it holds: empty while the person is in force
	Roles       []Right
	Permissions []Right
	Agendas     []Right
	Messaging   []Right
	Identities  []Right
	Groups      []Right

	// Read by RightsOf alone.
	Function string
	Sites    []ident.Site

	there bool
}

// Rights reads what a member may do at a moment (the zero time is now), each right with
// its source. Errors: ErrMember.
func (i Insight) Rights(ctx context.Context, by access.Actor, org ident.Org, member ident.Member, at time.Time) (Rights, error) {
	act := i.about(by, org, "decision.read", member)
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Rights, error) {
		who, err := onlookerOf(ctx, tx, by, org)
		if err != nil {
			return Rights{}, err
		}
		p := past{ctx: ctx, tx: tx, org: org, at: askedAt(at, tx.Now)}
		return p.rights(who, member)
	})
}

// askedAt is the time asked about, no later than now: of the future nothing is known.
func askedAt(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at.UTC().Truncate(time.Microsecond)
}

func (p past) rights(who onlooker, id ident.Member) (Rights, error) {
	r := Rights{Member: id, At: p.at}
	m, found, err := pastMemberByID(p.ctx, p.tx, p.org, id.String(), p.at)
	if err != nil {
		return r, err
	}
	if r.Away = MemberNotStarted; found {
		r.Away = p.away(m)
	}
	if status, known, err := pastOrg(p.ctx, p.tx, p.org, p.at); err != nil {
		return r, err
	} else if known && status == "suspended" {
		r.Away = OrgSuspended
	}
	for _, read := range []func(*Rights, onlooker) error{p.rightsByRole, p.rightsByLevel, p.rightsByIdentity, p.rightsByGroup} {
		if err := read(&r, who); err != nil {
			return r, err
		}
	}
	err = p.name(&r)
	return r, err
}

// rightsByRole reads roles, with their permissions, and single permissions.
func (p past) rightsByRole(r *Rights, _ onlooker) (err error) {
	m := newMany(p, []ident.Member{r.Member})
	err = errors.Join(m.roles(), m.singles())
	r.Roles, r.Permissions = m.of[r.Member].Roles, m.of[r.Member].Permissions
	return err
}

// rightsByLevel reads what is held, and the levels given, of what the onlooker may know.
func (p past) rightsByLevel(r *Rights, who onlooker) error {
	m := newMany(p, []ident.Member{r.Member})
	if err := m.levels(); err != nil {
		return err
	}
	all := m.of[r.Member]
	for _, list := range []struct{ from, to *[]Right }{
		{&all.Agendas, &r.Agendas}, {&all.Messaging, &r.Messaging}, {&all.Identities, &r.Identities},
	} {
		known, err := who.known(p, *list.from, r.Member)
		if err != nil {
			return err
		}
		*list.to = append(*list.to, known...)
	}
	return nil
}

func (p past) rightsByIdentity(r *Rights, who onlooker) error {
	found, err := pastDelegations(p.ctx, p.tx, p.org, []ident.Member{r.Member}, p.at)
	if err != nil {
		return err
	}
	list := make([]Right, len(found))
	for i := range found {
		list[i] = found[i].Right
	}
	known, err := who.known(p, list, r.Member)
	if err != nil {
		return err
	}
	for i := range known {
		q := Question{
			Subject: Entity{TypeMember, r.Member.String()}, Action: known[i].Level, Resource: Entity{TypeIdentity, known[i].Resource.ID},
		}
		e, err := p.judge(q)
		if err != nil {
			return err
		}
		if !e.Allowed {
			known[i].Unused = e.Code
		}
	}
	r.Identities = append(r.Identities, p.lasting(known)...)
	return nil
}

func (p past) rightsByGroup(r *Rights, _ onlooker) error {
	m := newMany(p, []ident.Member{r.Member})
	err := m.groups()
	r.Groups = m.of[r.Member].Groups
	return err
}

// lasting leaves out what has ended, and marks what has not begun.
func (p past) lasting(list []Right) []Right {
	kept := list[:0]
	for _, r := range list {
		if r.Until != nil && !r.Until.After(p.at) {
			continue
		}
		if r.StartsAt.After(p.at) {
			r.Unused = LevelNotStarted
		}
		kept = append(kept, r)
	}
	return kept
}

// known leaves out what stands at sites that the onlooker may not know of.
func (r onlooker) known(p past, list []Right, member ident.Member) ([]Right, error) {
	if r.sight.Whole || r.held.Member == member {
		return list, nil
	}
	var ids []resource.ID
	for _, one := range list {
		ids = append(ids, resource.ID(one.Resource.ID))
	}
	found, err := resource.Load(p.ctx, p.tx, p.org, ids)
	seen := map[string]bool{}
	for _, v := range found {
		seen[v.ID.String()] = r.sight.Of(v)
	}
	kept := list[:0]
	for _, one := range list {
		if seen[one.Resource.ID] {
			kept = append(kept, one)
		}
	}
	return kept, err
}

// name says who gave each right, and where it holds.
func (p past) name(r *Rights) error {
	names, err := namesOf(p.ctx, p.tx, p.org, r.named())
	r.call(names)
	return err
}
