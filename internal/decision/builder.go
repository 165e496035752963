package decision

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// builder makes a snapshot of rows, or the part of one that a change needs. Rows come in
// the order of the methods: whatever names another thing comes after it.
type builder struct {
	s *snapshot

	siteKeys   []key
	memberRows []memberRow
	memberKeys []key
	things     []resourceRow

	roleNumber map[string]uint32
	sourceOf   map[source]uint32
	giverOf    map[string]uint32
	setOf      map[string]uint32
	tokenOf    map[string]*tokenFact

	// The rows of members, to be put into their blocks.
	sites       []rowOf[uint32]
	heldRows    []rowOf[held]
	grants      []rowOf[level]
	delegations []rowOf[delegated]
	groups      []rowOf[shared]

	recordPrints []recordSet
	lastRecord   string
	lastSet      []uint32

	exists bool
	lost   bool // a row named something that is not there
	own    map[int]bool
}

type rowOf[T any] struct {
	m uint32
	v T
}

type recordSet struct {
	p   fingerprint
	set uint32
}

type memberRow struct {
	id, status, account, accountStatus, function, reach string
	starts, ends                                        *time.Time
}

type resourceRow struct{ id, typ, site, holder, status string }

func newBuilder(org ident.Org) *builder {
	b := &builder{
		s:          &snapshot{org: org, sets: make([][]uint32, noGroup+1), labels: []string{""}},
		roleNumber: map[string]uint32{}, sourceOf: map[source]uint32{}, giverOf: map[string]uint32{}, setOf: map[string]uint32{"": noGroup},
		tokenOf: map[string]*tokenFact{},
	}
	return b
}

func (b *builder) organization(status string) { b.exists, b.s.suspended = true, status != statusActive }

// setting reads a setting. One that cannot be read is an error, never a default: nothing
// is permitted on it.
func (b *builder) setting(name, value string) error {
	switch name {
	case setting.DecisionsName:
		v, err := setting.ParseDecisions(value)
		b.s.policy, b.s.asksConnection = v, v.SecondFactor || len(v.Networks) > 0
		return err
	case recordsName:
		var row struct {
			UnlistedClosed bool `json:"records_unlisted_closed"`
		}
		err := json.Unmarshal([]byte(value), &row)
		b.s.unlistedClosed = row.UnlistedClosed
		if err != nil {
			return fmt.Errorf("decision: setting %s: %w", name, err)
		}
	}
	return nil
}

func (b *builder) site(id string) {
	if k, ok := parseKey(prefixSite, id); ok {
		b.siteKeys = append(b.siteKeys, k)
	}
}

// endSites numbers the sites.
func (b *builder) endSites() {
	slices.SortFunc(b.siteKeys, key.compare)
	b.s.sites = newTable(b.siteKeys)
}

func (b *builder) member(m memberRow) {
	if k, ok := parseKey(prefixMember, m.id); ok {
		b.memberRows, b.memberKeys = append(b.memberRows, m), append(b.memberKeys, k)
	}
}

// endMembers numbers the members and makes their blocks.
func (b *builder) endMembers() {
	keys := slices.Clone(b.memberKeys)
	slices.SortFunc(keys, key.compare)
	b.s.members = newTable(keys)
	b.s.blocks = make([]*block, (len(keys)+blockSize-1)/blockSize)
	for i := range b.s.blocks {
		b.s.blocks[i] = &block{}
	}
	for i, m := range b.memberRows {
		*b.s.person(b.s.members.find(b.memberKeys[i])) = m.person()
	}
	b.s.numberAccounts()
}

func (m memberRow) person() person {
	account, _ := parseKey(prefixAccount, m.account)
	return person{
		starts: micro(m.starts, -never), ends: micro(m.ends, never), account: account,
		state: stateOf(m.status, m.account != "", m.accountStatus != statusActive),
		other: m.function == "other", everyone: m.reach == "everyone",
	}
}

// numberAccounts makes the table of accounts anew.
func (s *snapshot) numberAccounts() {
	var keys []key
	s.accountOf = nil
	for i := range s.members.keys {
		if p := s.person(uint32(i)); p.state != stateLeft && p.account != (key{}) {
			keys, s.accountOf = append(keys, p.account), append(s.accountOf, uint32(i))
		}
	}
	s.accounts = newTable(keys)
}

func (b *builder) place(m, site string) {
	n, ok := b.memberNumber(m)
	at := b.siteNumber(site)
	if ok && at != none {
		b.sites = append(b.sites, rowOf[uint32]{n, at})
	} else {
		b.lost = true
	}
}

func (b *builder) memberNumber(id string) (uint32, bool) {
	k, ok := parseKey(prefixMember, id)
	n := b.s.members.find(k)
	return n, ok && n != none
}

func (b *builder) siteNumber(id string) uint32 {
	k, _ := parseKey(prefixSite, id)
	return b.s.sites.find(k)
}

func (b *builder) role(id, name string) {
	if n, known := b.roleNumber[id]; known {
		b.s.roles[n-firstRole].name = name
		return
	}
	b.roleNumber[id] = firstRole + uint32(len(b.s.roles)) //nolint:gosec // an organisation has few roles
	b.s.roles = append(b.s.roles, roleFact{id: id, name: name})
}

// allow notes what a role allows. A permission that is not in the catalogue allows
// nothing: nobody asks for it.
func (b *builder) allow(role, permission string) {
	n, known := catalogue[permission]
	if i, ok := b.roleNumber[role]; ok && known {
		b.s.roles[i-firstRole].mask |= 1 << n
	}
}

func (b *builder) heldRole(m, role, scope string, t rightRow) {
	if i, ok := b.roleNumber[role]; ok {
		b.held(m, scope, held{role: i, source: b.source(t)})
	} else {
		b.lost = true
	}
}

func (b *builder) heldPermission(m, id, permission, scope string, t rightRow) {
	n, known := catalogue[permission]
	if !known {
		return
	}
	b.s.labels = append(b.s.labels, id)
	b.held(m, scope, held{role: uint32(n), source: b.source(t), label: uint32(len(b.s.labels) - 1)}) //nolint:gosec // few
}

func (b *builder) held(m, scope string, h held) {
	n, ok := b.memberNumber(m)
	h.site = none
	if scope != access.WholeOrganization {
		h.site = b.siteNumber(scope)
		ok = ok && h.site != none
	}
	if ok {
		b.heldRows = append(b.heldRows, rowOf[held]{n, h})
	} else {
		b.lost = true
	}
}

// source gives the number of what many rights share.
func (b *builder) source(t rightRow) uint32 {
	by, ok := b.giverOf[t.by]
	if !ok {
		by = uint32(len(b.s.givers)) //nolint:gosec // few
		b.giverOf[t.by] = by
		b.s.givers = append(b.s.givers, t.by)
	}
	v := source{from: t.starts.UnixMicro(), until: micro(t.ends, never), givenAt: t.givenAt.UnixMicro(), by: by}
	n, ok := b.sourceOf[v]
	if !ok {
		n = uint32(len(b.s.sources)) //nolint:gosec // few
		b.sourceOf[v] = n
		b.s.sources = append(b.s.sources, v)
	}
	return n
}

func (b *builder) resource(r resourceRow) { b.things = append(b.things, r) }

// endResources numbers the resources.
func (b *builder) endResources() {
	keys := make([]key, 0, len(b.things))
	for _, r := range b.things {
		if k, ok := parseThing(r.typ, r.id); ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, key.compare)
	b.s.resources = newTable(keys)
	b.s.things = make([]thing, len(keys))
	for _, r := range b.things {
		if k, ok := parseThing(r.typ, r.id); ok {
			b.s.things[b.s.resources.find(k)] = b.thing(r)
		}
	}
}

func (b *builder) thing(r resourceRow) thing {
	t := thing{kind: typeOf(r.typ), closed: r.status != statusActive, site: b.siteNumber(r.site), holder: none}
	if n, ok := b.memberNumber(r.holder); ok {
		t.holder = n
	}
	return t
}

// parseThing reads the ID of a resource of a type.
func parseThing(typ, id string) (key, bool) {
	switch typeOf(typ) { //nolint:exhaustive // the others are no things
	case kindAgenda:
		return parseKey(prefixAgenda, id)
	case kindMessaging:
		return parseKey(prefixMessaging, id)
	case kindIdentity:
		return parseKey(prefixIdentity, id)
	}
	return key{}, false
}

// thingNumber gives the number of a resource by its ID.
func (b *builder) thingNumber(id string) uint32 {
	for _, p := range []string{prefixAgenda, prefixMessaging, prefixIdentity} {
		if k, ok := parseKey(p, id); ok {
			return b.s.resources.find(k)
		}
	}
	return none
}

func (b *builder) grant(m, id, resource, name string, t rightRow) {
	n, ok := b.memberNumber(m)
	r := b.thingNumber(resource)
	if !ok || r == none {
		b.lost = true
		return
	}
	k, _ := parseKey(prefixGrant, id)
	v := level{id: k, what: r<<levelBits | levelOf(b.s.things[r].kind, name), source: b.source(t)}
	b.grants = append(b.grants, rowOf[level]{n, v})
}

func (b *builder) delegation(m, id, identity, act, state string, t rightRow) {
	n, ok := b.memberNumber(m)
	r := b.thingNumber(identity)
	a, known := actOf(kindIdentity, act)
	if !ok || r == none || !known {
		b.lost = true
		return
	}
	k, _ := parseKey(prefixDelegation, id)
	v := delegated{id: k, what: r<<actBits | uint32(a), source: b.source(t), proposed: state != statusActive}
	b.delegations = append(b.delegations, rowOf[delegated]{n, v})
}

func (b *builder) group(no int64, g groupFact) {
	for int64(len(b.s.groups)) <= no {
		b.s.groups = append(b.s.groups, groupFact{})
	}
	b.s.groups[no] = g
}

func (b *builder) sharedGroup(m string, no int64, t rightRow) {
	if n, ok := b.memberNumber(m); ok && no < int64(len(b.s.groups)) {
		b.groups = append(b.groups, rowOf[shared]{n, shared{uint32(no), b.source(t)}}) //nolint:gosec // a short number
	} else {
		b.lost = true
	}
}

// record notes one group of a record. All those of a record come one after the other.
func (b *builder) record(name string, no int64) {
	if name != b.lastRecord {
		b.endRecord()
		b.lastRecord = strings.Clone(name)
	}
	if no < int64(len(b.s.groups)) {
		b.lastSet = append(b.lastSet, uint32(no)) //nolint:gosec // a short number
	} else {
		b.lost = true
	}
}

func (b *builder) endRecord() {
	if len(b.lastSet) > 0 {
		b.recordPrints = append(b.recordPrints, recordSet{printOf(b.lastRecord), b.set(b.lastSet)})
	}
	b.lastSet = b.lastSet[:0]
}

// set gives the number of a set of groups.
func (b *builder) set(groups []uint32) uint32 {
	slices.Sort(groups)
	name := setName(groups)
	n, ok := b.setOf[name]
	if !ok {
		n = uint32(len(b.s.sets)) //nolint:gosec // few
		b.setOf[name] = n
		b.s.sets = append(b.s.sets, slices.Clone(groups))
	}
	return n
}

// setName makes one text of one set.
func setName(groups []uint32) string {
	var name []byte
	for _, g := range groups {
		name = binary.LittleEndian.AppendUint32(name, g)
	}
	return string(name)
}

func (b *builder) endRecords() {
	b.endRecord()
	b.s.records = newRecords(len(b.recordPrints))
	for _, r := range b.recordPrints {
		b.s.records.put(r.p, r.set)
	}
}

// The order of the rows of one member, by which they are looked for.
func orderHeld(v, w held) int {
	return compareMany(compare(v.role, w.role), compare(v.site, w.site), compare(v.label, w.label))
}
func orderLevels(v, w level) int            { return compare(v.what, w.what) }
func orderDelegated(v, w delegated) int     { return compare(v.what, w.what) }
func orderShared(v, w shared) int           { return compare(v.group, w.group) }
func inSites(k *block) *runs[uint32]        { return &k.sites }
func inHeld(k *block) *runs[held]           { return &k.held }
func inLevels(k *block) *runs[level]        { return &k.grants }
func inDelegated(k *block) *runs[delegated] { return &k.delegations }
func inShared(k *block) *runs[shared]       { return &k.groups }

// end puts the rows of members into their blocks.
func (b *builder) end() *snapshot {
	fill(b.s, b.sites, compare, inSites)
	fill(b.s, b.heldRows, orderHeld, inHeld)
	fill(b.s, b.grants, orderLevels, inLevels)
	fill(b.s, b.delegations, orderDelegated, inDelegated)
	fill(b.s, b.groups, orderShared, inShared)
	s := b.s
	s.sets, s.sources, s.givers, s.labels = slices.Clip(s.sets), slices.Clip(s.sources), slices.Clip(s.givers), slices.Clip(s.labels)
	s.roles, s.groups = slices.Clip(s.roles), slices.Clip(s.groups)
	return s
}

func compare(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareMany(each ...int) int {
	for _, c := range each {
		if c != 0 {
			return c
		}
	}
	return 0
}

// fill sorts rows by member, and puts them into the blocks.
func fill[T any](s *snapshot, rows []rowOf[T], order func(T, T) int, in func(*block) *runs[T]) {
	sortRows(rows, order)
	for i := range s.blocks {
		first := uint32(i) * blockSize
		n := 0
		for n < len(rows) && rows[n].m < first+blockSize {
			n++
		}
		r := in(s.blocks[i])
		r.rows = make([]T, n)
		for j, row := range rows[:n] {
			r.rows[j] = row.v
			r.ends[row.m-first] = uint32(j) + 1
		}
		for j := 1; j < blockSize; j++ {
			r.ends[j] = max(r.ends[j], r.ends[j-1])
		}
		rows = rows[n:]
	}
}

func sortRows[T any](rows []rowOf[T], order func(T, T) int) {
	slices.SortFunc(rows, func(a, b rowOf[T]) int {
		if a.m != b.m {
			return compare(a.m, b.m)
		}
		return order(a.v, b.v)
	})
}
