package decision

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// manyAtOnce is how many members one round of statements asks about.
const manyAtOnce = 100

// RightsOf reads what members may do at a moment (the zero time is now), each right with its
// source, in a number of statements that does not grow with what they hold. It leaves nothing
// out: what a reader may not know of is for the caller to hide. Who was no member then has no
// entry.
func RightsOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) (map[ident.Member]*Rights, error) {
	p := past{ctx: ctx, tx: tx, org: org, at: askedAt(at, tx.Now)}
	status, _, err := pastOrg(ctx, tx, org, p.at)
	all := make(map[ident.Member]*Rights, len(members))
	for part := range slices.Chunk(members, manyAtOnce) {
		if err != nil {
			return nil, err
		}
		m := newMany(p, part)
		err = m.read(status == "suspended")
		for id, r := range m.of {
			if r.there {
				all[id] = r
			}
		}
	}
	return all, err
}

// many reads the rights of some members.
type many struct {
	past

	members []ident.Member
	of      map[ident.Member]*Rights
}

func newMany(p past, members []ident.Member) *many {
	m := &many{past: p, members: members, of: make(map[ident.Member]*Rights, len(members))}
	for _, id := range members {
		m.of[id] = &Rights{Member: id, At: p.at}
	}
	return m
}

func (m *many) read(suspended bool) error {
	for _, step := range []func() error{m.people, m.roles, m.singles, m.levels, m.delegations, m.groups, m.names} {
		if err := step(); err != nil {
			return err
		}
	}
	if suspended {
		for _, r := range m.of {
			r.Away = OrgSuspended
		}
	}
	return nil
}

// people are the members themselves, and their sites.
func (m *many) people() error {
	list, err := pastMembersByID(m.ctx, m.tx, m.org, m.members, m.at)
	if err != nil {
		return err
	}
	for _, one := range list {
		r := m.of[one.id]
		r.there, r.Away, r.Function = true, m.away(one), one.function
	}
	sites, err := pastSitesOf(m.ctx, m.tx, m.org, m.members, m.at)
	for _, s := range sites {
		m.of[s.member].Sites = append(m.of[s.member].Sites, s.site)
	}
	return err
}

// each adds what lasts of a list to that of its member.
func (m *many) each(list []rightOf, to func(*Rights, Right) *[]Right) {
	for _, one := range list {
		for _, kept := range m.lasting([]Right{one.Right}) {
			of := to(m.of[one.of], kept)
			*of = append(*of, kept)
		}
	}
}

// roles reads roles, with their permissions.
func (m *many) roles() error {
	list, err := pastRoles(m.ctx, m.tx, m.org, m.members, m.at)
	if err != nil || len(list) == 0 {
		return err
	}
	acts, err := pastRoleActs(m.ctx, m.tx, m.org, m.at)
	for i := range list {
		list[i].Acts = acts[list[i].ID]
	}
	m.each(list, func(r *Rights, _ Right) *[]Right { return &r.Roles })
	return err
}

func (m *many) singles() error {
	list, err := pastSingle(m.ctx, m.tx, m.org, m.members, m.at)
	m.each(list, func(r *Rights, _ Right) *[]Right { return &r.Permissions })
	return err
}

// levels reads what is held, then the levels given.
func (m *many) levels() error {
	held, err := pastHoldings(m.ctx, m.tx, m.org, m.members, m.at)
	if err != nil {
		return err
	}
	levels, err := pastLevels(m.ctx, m.tx, m.org, m.members, m.at)
	m.each(append(held, levels...), func(r *Rights, one Right) *[]Right {
		switch one.Resource.Type {
		case TypeAgenda:
			return &r.Agendas
		case TypeMessagingProfile:
			return &r.Messaging
		}
		return &r.Identities
	})
	return err
}

func (m *many) delegations() error {
	list, err := pastDelegations(m.ctx, m.tx, m.org, m.members, m.at)
	plain := make([]rightOf, len(list))
	for i := range list {
		list[i].Unused = m.opens(&list[i])
		plain[i] = list[i].rightOf
	}
	m.each(plain, func(r *Rights, _ Right) *[]Right { return &r.Identities })
	return err
}

// opens says why a delegation opens nothing; empty when it does (past.identity says the same of
// one).
func (m *many) opens(d *delegationOf) Code {
	switch {
	case d.Unused != "" || d.holder.id == d.of:
		return d.Unused
	case d.state == "proposed":
		return DelegationProposed
	case d.holder.id.IsZero():
		return ""
	case d.holder.away(m.at) != "":
		return DelegationHolderGone
	case d.Level == wordDraft && d.GivenBy != d.holder.account:
		return DelegationHolderNew
	}
	return ""
}

func (m *many) groups() error {
	list, err := pastGroupsOf(m.ctx, m.tx, m.org, m.members, m.at)
	m.each(list, func(r *Rights, _ Right) *[]Right { return &r.Groups })
	return err
}

func (m *many) names() error {
	var ids []string
	for _, r := range m.of {
		ids = append(ids, r.named()...)
	}
	slices.Sort(ids)
	names, err := namesOf(m.ctx, m.tx, m.org, slices.Compact(ids))
	for _, r := range m.of {
		r.call(names)
	}
	return err
}

// lists are all the rights, in the order in which they are shown.
func (r *Rights) lists() [][]Right {
	return [][]Right{r.Roles, r.Permissions, r.Agendas, r.Messaging, r.Identities, r.Groups}
}

// All is every right, in the order in which they are shown.
func (r *Rights) All() []Right { return slices.Concat(r.lists()...) }

// named are the IDs whose names the rights are shown with.
func (r *Rights) named() []string {
	ids := []string{r.Member.String()}
	for _, list := range r.lists() {
		for _, one := range list {
			ids = append(ids, one.GivenBy, one.Scope)
		}
	}
	return ids
}

// call says who gave each right, and where it holds.
func (r *Rights) call(names map[string]string) {
	r.Name = names[r.Member.String()]
	for _, list := range r.lists() {
		for i := range list {
			list[i].GivenName, list[i].ScopeName = names[list[i].GivenBy], names[list[i].Scope]
		}
	}
}

// ActsOn lists what may be done with a type of resource, in the order of what it takes; nil for a
// type that is not known.
func ActsOn(typ string) []string { return actions(typeOf(typ)) }

// Permits reports whether a right on an agenda, a messaging profile or an identity lets do
// something with it, while it opens anything.
func (r Right) Permits(act string) bool {
	t := typeOf(r.Resource.Type)
	n, known := actOf(t, act)
	switch {
	case !known:
		return false
	case r.Kind == FactHolder:
		return true
	case r.Kind == FactDelegation:
		return r.Level == act
	case r.Kind == FactGrant && t != kindIdentity:
		return levelOf(t, r.Level) >= uint32(n)
	}
	return false
}
