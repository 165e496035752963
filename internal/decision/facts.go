package decision

import (
	"slices"

	"habilis/internal/access"
)

// usualFacts is how long a chain mostly is.
const usualFacts = 3

// facts gives the chain that led to a code: what the evaluator looked at, in its order.
func (s *snapshot) facts(q *Question, code Code, now int64) []Fact {
	m := s.subject(q)
	switch code { //nolint:exhaustive // the others have no more to tell
	case UnknownSubject, UnknownAction, UnknownResource, SeveralOrganizations, MomentFuture, OrgSuspended:
		return nil
	}
	facts := append(make([]Fact, 0, usualFacts), s.membership(m))
	switch code { //nolint:exhaustive // the others have no more to tell
	case AddressNotAllowed, SecondFactorRequired:
		return append(facts, Fact{Kind: FactSetting, ID: "decisions"})
	case MemberPending, MemberUnverified, MemberNotActive, MemberLeft, MemberNoAccount, MemberNotStarted, MemberEnded, AccountBlocked:
		return facts
	}
	t := typeOf(q.Resource.Type)
	act, _ := actOf(t, q.Action)
	r, _ := s.resource(t, q.Resource.ID)
	switch t {
	case kindAgenda, kindMessaging:
		return s.levelFacts(facts, m, r, q, code)
	case kindIdentity:
		return s.identityFacts(facts, m, act, r, q, code)
	case kindRecord:
		return s.recordFacts(facts, m, act, q.Resource.ID, code, now)
	case kindMember:
		if code == ReachSite {
			return append(facts, Fact{Kind: FactSite, ID: s.siteID(s.sharedSite(m, r))})
		}
	case kindDocument:
		if code != FunctionOther {
			return s.permissionFacts(facts, m, documentNeeds[act], anywhere, now)
		}
	case kindOrganization:
		return s.permissionFacts(facts, m, act, none, now)
	case kindSite:
		return s.permissionFacts(facts, m, act, r, now)
	}
	return facts
}

func (s *snapshot) membership(m uint32) Fact {
	p := s.person(m)
	f := Fact{Kind: FactMembership, ID: s.members.keys[m].text(prefixMember), Level: states[p.state].status}
	if p.ends != never {
		t := moment(p.ends)
		f.Until = &t
	}
	return f
}

// given completes a fact with who gave it, when, and until when.
func (s *snapshot) given(f Fact, from uint32) Fact {
	v := &s.sources[from]
	f.GivenBy, f.GivenAt, f.Until = s.givers[v.by], moment(v.givenAt), v.end()
	return f
}

// holderFact says whose a thing is, and whether it is closed.
func (s *snapshot) holderFact(r uint32, id string) Fact {
	t := &s.things[r]
	f := Fact{Kind: FactHolder, Level: statusActive, Scope: id}
	if t.closed {
		f.Level = statusClosed
	}
	if t.holder != none {
		f.ID = s.members.keys[t.holder].text(prefixMember)
	}
	return f
}

func (s *snapshot) levelFacts(facts []Fact, m, r uint32, q *Question, code Code) []Fact {
	switch code { //nolint:exhaustive // the others have no more to tell
	case AgendaClosed, MessagingClosed, HolderAgenda, HolderMessaging:
		return append(facts, s.holderFact(r, q.Resource.ID))
	}
	if g := s.grant(m, r); g != nil {
		facts = append(facts, s.given(Fact{
			Kind: FactGrant, ID: g.id.text(prefixGrant), Level: levelNames[s.things[r].kind][g.what&(1<<levelBits-1)],
		}, g.source))
	}
	return facts
}

func (s *snapshot) identityFacts(facts []Fact, m uint32, act uint8, r uint32, q *Question, code Code) []Fact {
	if code == IdentityClosed || code == IdentityOwn {
		return append(facts, s.holderFact(r, q.Resource.ID))
	}
	if d := s.delegation(m, act, r); d != nil {
		facts = append(facts, s.given(Fact{Kind: FactDelegation, ID: d.id.text(prefixDelegation), Level: q.Action}, d.source))
	}
	if code == DelegationHolderGone || code == DelegationHolderNew {
		facts = append(facts, s.holderFact(r, q.Resource.ID))
	}
	return facts
}

// permissionFacts lists every source of a permission at a scope.
func (s *snapshot) permissionFacts(facts []Fact, m uint32, permission uint8, site uint32, now int64) []Fact {
	rows := s.blocks[m/blockSize].held.of(m % blockSize)
	for i := range rows {
		h := &rows[i]
		if !s.gives(h, permission, site, now) {
			continue
		}
		f := Fact{Kind: FactPermission, ID: s.labels[h.label], Level: permissionNames[permission], Scope: access.WholeOrganization}
		if h.role >= firstRole {
			role := &s.roles[h.role-firstRole]
			f.Kind, f.ID, f.Name = FactRole, role.id, role.name
		}
		if h.site != none {
			f.Scope = s.siteID(h.site)
		}
		facts = append(facts, s.given(f, h.source))
	}
	return facts
}

var permissionNames = func() []string {
	var names []string
	for _, p := range access.Catalogue() {
		names = append(names, string(p))
	}
	return names
}()

func (s *snapshot) siteID(n uint32) string { return s.sites.keys[n].text(prefixSite) }

func (s *snapshot) recordFacts(facts []Fact, m uint32, act uint8, id string, code Code, now int64) []Fact {
	facts = s.permissionFacts(facts, m, recordNeeds[act], anywhere, now)
	switch code { //nolint:exhaustive // the others have no more to tell
	case RecordUnlistedClosed:
		return append(facts, Fact{Kind: FactSetting, ID: recordsName})
	case GroupShared:
		set := s.sets[s.records.find(printOf(id))]
		for _, g := range s.blocks[m/blockSize].groups.of(m % blockSize) {
			if slices.Contains(set, g.group) && s.groups[g.group].active && s.sources[g.source].holds(now) {
				facts = append(facts, s.given(Fact{Kind: FactGroup, ID: s.groups[g.group].id, Name: s.groups[g.group].name}, g.source))
			}
		}
	}
	return facts
}
