package decision

import (
	"habilis/internal/access"
)

// The evaluator of the index. Everything it reads is in the snapshot; it allocates
// nothing.

// judge answers q at the time now, in microseconds. A person of several organisations who
// is asked about by their account is the caller's to look for.
func (s *snapshot) judge(q *Question, now int64) Code {
	m := s.subject(q)
	if m == none {
		return UnknownSubject
	}
	t := typeOf(q.Resource.Type)
	if t == 0 {
		return UnknownResource
	}
	act, known := actOf(t, q.Action)
	if !known {
		return UnknownAction
	}
	r, known := s.resource(t, q.Resource.ID)
	if !known {
		return UnknownResource
	}
	if s.suspended {
		return OrgSuspended
	}
	if away := s.person(m).absent(now); away != "" {
		return away
	}
	if s.asksConnection {
		if refusal := s.connection(q); refusal != "" {
			return refusal
		}
	}
	return s.rule(m, t, act, r, q, now)
}

// subject gives the number of the member whom the question is about.
func (s *snapshot) subject(q *Question) uint32 {
	if !q.In.IsZero() && q.In != s.org {
		return none
	}
	switch q.Subject.Type {
	case TypeMember:
		if k, ok := parseKey(prefixMember, q.Subject.ID); ok {
			return s.members.find(k)
		}
	case TypeAccount:
		if k, ok := parseKey(prefixAccount, q.Subject.ID); ok {
			if n := s.accounts.find(k); n != none {
				return s.accountOf[n]
			}
		}
	}
	return none
}

// resource gives the number of what the question is about, when it is known by one.
func (s *snapshot) resource(t kind, id string) (uint32, bool) {
	switch t {
	case kindAgenda:
		return s.thing(t, prefixAgenda, id)
	case kindMessaging:
		return s.thing(t, prefixMessaging, id)
	case kindIdentity:
		return s.thing(t, prefixIdentity, id)
	case kindMember:
		k, ok := parseKey(prefixMember, id)
		n := s.members.find(k)
		return n, ok && n != none
	case kindSite:
		k, ok := parseKey(prefixSite, id)
		n := s.sites.find(k)
		return n, ok && n != none
	case kindOrganization:
		return none, id == string(s.org)
	case kindRecord, kindDocument:
		return none, id != ""
	}
	return none, false
}

func (s *snapshot) thing(t kind, prefix, id string) (uint32, bool) {
	k, ok := parseKey(prefix, id)
	if !ok {
		return none, false
	}
	n := s.resources.find(k)
	return n, n != none && s.things[n].kind == t
}

// rule applies the line of rest.md's table. m is in force.
func (s *snapshot) rule(m uint32, t kind, act uint8, r uint32, q *Question, now int64) Code {
	switch t {
	case kindAgenda:
		return s.agenda(m, act, r, now)
	case kindMessaging:
		return s.messaging(m, act, r, now)
	case kindIdentity:
		return s.identity(m, act, r, now)
	case kindRecord:
		return s.record(m, act, q.Resource.ID, now)
	case kindMember:
		return s.converse(m, r, now)
	case kindDocument:
		if s.person(m).other { // MEM-7: whatever role or grant says
			return FunctionOther
		}
		return s.holds(m, documentNeeds[act], anywhere, now)
	case kindOrganization:
		return s.holds(m, act, none, now)
	case kindSite:
		return s.holds(m, act, r, now)
	}
	return UnknownResource
}

// agenda: RGT-2. One left without its holder is closed (OFF-3).
func (s *snapshot) agenda(m uint32, act uint8, r uint32, now int64) Code {
	t := &s.things[r]
	switch {
	case t.closed, t.holder != none && s.person(t.holder).state == stateLeft:
		return AgendaClosed
	case t.holder == m:
		return HolderAgenda
	}
	return s.level(m, act, r, now, GrantAgenda)
}

// messaging: RGT-3.
func (s *snapshot) messaging(m uint32, act uint8, r uint32, now int64) Code {
	t := &s.things[r]
	switch {
	case t.closed:
		return MessagingClosed
	case t.holder == m:
		return HolderMessaging
	}
	return s.level(m, act, r, now, GrantMessaging)
}

// level compares the grant with what is wanted: the level of the same number as the act.
func (s *snapshot) level(m uint32, wanted uint8, r uint32, now int64, permit Code) Code {
	g := s.grant(m, r)
	if g == nil {
		return LevelNone
	}
	from := &s.sources[g.source]
	switch {
	case from.from > now:
		return LevelNotStarted
	case from.until <= now:
		return LevelEnded
	case g.what&(1<<levelBits-1) < uint32(wanted):
		return LevelTooLow
	}
	return permit
}

// grant finds the grant of a member on a thing; nil when there is none.
func (s *snapshot) grant(m, r uint32) *level {
	b := s.blocks[m/blockSize]
	rows := b.grants.of(m % blockSize)
	low, high := 0, len(rows)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if rows[mid].what>>levelBits < r {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(rows) && rows[low].what>>levelBits == r {
		return &rows[low]
	}
	return nil
}

// identity: RGT-6.
func (s *snapshot) identity(m uint32, act uint8, r uint32, now int64) Code {
	t := &s.things[r]
	switch {
	case t.closed:
		return IdentityClosed
	case t.holder == m:
		return IdentityOwn
	}
	d := s.delegation(m, act, r)
	if d == nil {
		return DelegationNone
	}
	from := &s.sources[d.source]
	switch {
	case d.proposed:
		return DelegationProposed
	case from.from > now:
		return DelegationNotStarted
	case from.until <= now:
		return DelegationEnded
	case t.holder == none:
		return DelegationGiven
	case s.person(t.holder).absent(now) != "":
		return DelegationHolderGone
	case act == actDraft && !s.gave(from.by, t.holder):
		return DelegationHolderNew
	}
	return DelegationGiven
}

// gave reports whether a giver is the account of a member.
func (s *snapshot) gave(by, holder uint32) bool {
	k, ok := parseKey(prefixAccount, s.givers[by])
	return ok && k == s.person(holder).account
}

func (s *snapshot) delegation(m uint32, act uint8, r uint32) *delegated {
	rows := s.blocks[m/blockSize].delegations.of(m % blockSize)
	for i := range rows {
		if rows[i].what == r<<actBits|uint32(act) {
			return &rows[i]
		}
	}
	return nil
}

// anywhere asks for a permission at whichever scope: records and documents have no site.
const anywhere = none - 1

// holds: a permission by a role or alone, at that site or for the whole organisation
// (none); the organisation's covers its sites.
func (s *snapshot) holds(m uint32, permission uint8, site uint32, now int64) Code {
	if s.holding(m, permission, site, now) != nil {
		return PermissionHeld
	}
	return PermissionMissing
}

func (s *snapshot) holding(m uint32, permission uint8, site uint32, now int64) *held {
	rows := s.blocks[m/blockSize].held.of(m % blockSize)
	for i := range rows {
		if h := &rows[i]; s.gives(h, permission, site, now) {
			return h
		}
	}
	return nil
}

// mask is what a role allows; a number below firstRole is one permission.
func (s *snapshot) mask(role uint32) uint64 {
	if role < firstRole {
		return 1 << role
	}
	return s.roles[role-firstRole].mask
}

// gives reports whether h gives the permission at that scope, now.
func (s *snapshot) gives(h *held, permission uint8, site uint32, now int64) bool {
	return s.mask(h.role)>>permission&1 != 0 && (h.site == none || h.site == site || site == anywhere) && s.sources[h.source].holds(now)
}

// record: RGT-7.
func (s *snapshot) record(m uint32, act uint8, id string, now int64) Code {
	if s.holding(m, recordNeeds[act], anywhere, now) == nil {
		return PermissionMissing
	}
	listed := false
	mine := s.blocks[m/blockSize].groups.of(m % blockSize)
	for _, g := range s.sets[s.records.find(printOf(id))] {
		if !s.groups[g].active {
			continue
		}
		listed = true
		for i := range mine {
			if mine[i].group == g && s.sources[mine[i].source].holds(now) {
				return GroupShared
			}
		}
	}
	switch {
	case listed:
		return GroupNoneShared
	case s.unlistedClosed:
		return RecordUnlistedClosed
	}
	return RecordUnlisted
}

// converse: MEM-8.
func (s *snapshot) converse(m, other uint32, now int64) Code {
	switch {
	case s.person(other).absent(now) != "":
		return ReachOtherNotActive
	case s.person(m).everyone:
		return ReachEveryone
	case s.sharedSite(m, other) != none:
		return ReachSite
	}
	return ReachNoSharedSite
}

// sharedSite gives the first site to which both belong, or none.
func (s *snapshot) sharedSite(m, other uint32) uint32 {
	mine, theirs := s.blocks[m/blockSize].sites.of(m%blockSize), s.blocks[other/blockSize].sites.of(other%blockSize)
	for len(mine) > 0 && len(theirs) > 0 {
		switch {
		case mine[0] == theirs[0]:
			return mine[0]
		case mine[0] < theirs[0]:
			mine = mine[1:]
		default:
			theirs = theirs[1:]
		}
	}
	return none
}

// connection asks what the organisation's policy asks of the connection.
func (s *snapshot) connection(q *Question) Code {
	if len(s.policy.Networks) > 0 && !s.inside(q) {
		return AddressNotAllowed
	}
	if s.policy.SecondFactor && (q.SecondFactor == nil || !*q.SecondFactor) {
		return SecondFactorRequired
	}
	return ""
}

func (s *snapshot) inside(q *Question) bool {
	if !q.Address.IsValid() {
		return false
	}
	a := q.Address.Unmap()
	for _, n := range s.policy.Networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// The permissions that acts on records and documents need, by the number of the act.
var (
	recordNeeds   = [...]uint8{number(access.RecordsRead), number(access.RecordsWrite)}
	documentNeeds = [...]uint8{number(access.DocumentsShare), number(access.DocumentsConsult)}
)

func number(p access.Permission) uint8 { return catalogue[string(p)] }
