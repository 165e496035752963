package decision

import (
	"context"
	"maps"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// A large organisation is not read anew for each change: what changed is read, and put
// into a copy that shares the rest. In doubt everything is read.

const (
	// maxPatches is after how many changes everything is read anew: what nobody uses any
	// more goes away.
	maxPatches = 10_000
	// maxTouched bounds the members, resources or records that one patch reads again.
	maxTouched = 1000
	// namesAtOnce is how many names one statement has.
	namesAtOnce = 100
)

// patch gives the snapshot after the changes of some times; nil when everything must be
// read anew.
func (s *snapshot) patch(ctx context.Context, tx *store.Tx, version int64, times []time.Time) (*snapshot, error) {
	if s.patched >= maxPatches {
		return nil, nil //nolint:nilnil // it must be read anew
	}
	slices.SortFunc(times, time.Time.Compare)
	t, err := readTouched(ctx, tx, s.org, slices.Compact(times))
	if err != nil || t.tooMuch() {
		return nil, err
	}
	b := s.successor(version)
	r := &reader{ctx: ctx, tx: tx, b: b}
	if !r.changed(t) || b.lost || r.err != nil {
		return nil, r.err
	}
	return b.s, nil
}

// tooMuch reports whether reading everything costs less, or whether sites changed, on
// whose numbers everything rests.
func (t touched) tooMuch() bool {
	for _, ids := range t {
		if len(ids) > maxTouched {
			return true
		}
	}
	return len(t["S"]) > 0
}

// successor begins the next snapshot: all that s is, until something is replaced.
func (s *snapshot) successor(version int64) *builder {
	next := *s
	next.version, next.patched, next.blocks = version, s.patched+1, slices.Clone(s.blocks)
	b := newBuilder(s.org)
	b.s, b.own = &next, map[int]bool{}
	for i, by := range s.givers {
		b.giverOf[by] = uint32(i)
	}
	for i := range s.roles {
		b.roleNumber[s.roles[i].id] = firstRole + uint32(i)
	}
	return b
}

// changed reads what was touched; false when it does not fit into what is there.
func (r *reader) changed(t touched) bool {
	b := r.b
	if len(t["o"]) > 0 {
		b.resetOrganization()
		r.organization()
	}
	if ids := members(t["m"]); len(ids) > 0 {
		r.inParts(ids, r.members)
		if r.err != nil || !b.mergeMembers() {
			return false
		}
	}
	if len(t["R"]) > 0 {
		b.resetRoles()
		r.roles()
	}
	if ids := slices.Sorted(maps.Keys(t["r"])); len(ids) > 0 {
		for part := range slices.Chunk(ids, namesAtOnce) {
			r.someResources(part)
		}
		if r.err != nil || !b.mergeResources() {
			return false
		}
	}
	if len(t["G"]) > 0 {
		b.s.groups = nil
		r.groups()
	}
	return r.ofMembers(t) && r.ofRecords(t) && r.ofTokens(t)
}

// inParts reads the rows of some members, few in each statement.
func (r *reader) inParts(ids []ident.Member, read func([]ident.Member)) {
	for part := range slices.Chunk(ids, namesAtOnce) {
		read(part)
	}
}

func members(ids map[string]bool) []ident.Member {
	out := make([]ident.Member, 0, len(ids))
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		out = append(out, ident.Member(id))
	}
	return out
}

// ofMembers reads the rights of the members whose rights were touched.
func (r *reader) ofMembers(t touched) bool {
	b := r.b
	for kind, read := range map[string]func([]ident.Member){
		"p": r.places, "h": r.held, "g": r.grants, "d": r.delegations, "s": r.shared,
	} {
		if ids := members(t[kind]); len(ids) > 0 {
			r.inParts(ids, read)
		}
	}
	return r.err == nil &&
		replace(b, t["p"], b.sites, compare, inSites) && replace(b, t["h"], b.heldRows, orderHeld, inHeld) &&
		replace(b, t["g"], b.grants, orderLevels, inLevels) && replace(b, t["d"], b.delegations, orderDelegated, inDelegated) &&
		replace(b, t["s"], b.groups, orderShared, inShared)
}

// replace puts other rows in the place of those of some members.
func replace[T any](b *builder, ids map[string]bool, rows []rowOf[T], order func(T, T) int, in func(*block) *runs[T]) bool {
	sortRows(rows, order)
	for id := range ids {
		m, ok := b.memberNumber(id)
		if !ok {
			return false
		}
		first, _ := slices.BinarySearchFunc(rows, m, func(r rowOf[T], m uint32) int { return compare(r.m, m) })
		var mine []T
		for _, r := range rows[first:] {
			if r.m != m {
				break
			}
			mine = append(mine, r.v)
		}
		run := in(b.block(m))
		*run = run.with(m%blockSize, mine)
	}
	return true
}

// block gives the block of a member, to be written: a copy of what was there.
func (b *builder) block(m uint32) *block {
	i := int(m / blockSize)
	if !b.own[i] {
		c := *b.s.blocks[i]
		b.s.blocks[i], b.own[i] = &c, true
	}
	return b.s.blocks[i]
}

func (b *builder) resetOrganization() {
	s := b.s
	s.policy.SecondFactor, s.policy.Networks, s.asksConnection, s.unlistedClosed, s.suspended = false, nil, false, false, false
}

// resetRoles takes every permission from the roles: those that they have come again.
func (b *builder) resetRoles() {
	b.s.roles = slices.Clone(b.s.roles)
	for i := range b.s.roles {
		b.s.roles[i].mask = 0
	}
}

// mergeMembers puts the members read into the blocks. New ones come after those that are
// there; false when their IDs say otherwise.
func (b *builder) mergeMembers() bool {
	keys, ok := merged(b.s.members, b.memberKeys)
	if !ok {
		return false
	}
	recount := len(keys) > len(b.s.members.keys)
	if recount {
		b.s.members = newTable(keys)
	}
	for len(b.s.blocks)*blockSize < len(keys) {
		b.own[len(b.s.blocks)] = true
		next := &block{}
		b.s.blocks = append(b.s.blocks, next)
	}
	for i, row := range b.memberRows {
		m, p := b.s.members.find(b.memberKeys[i]), row.person()
		at := &b.block(m).people[m%blockSize]
		recount = recount || at.account != p.account || (at.state == stateLeft) != (p.state == stateLeft)
		*at = p
	}
	if recount {
		b.s.numberAccounts()
	}
	return true
}

// merged gives the keys of a table with those that are new, which must all come last.
func merged(t table, keys []key) ([]key, bool) {
	var fresh []key
	for _, k := range keys {
		if t.find(k) == none {
			fresh = append(fresh, k)
		}
	}
	slices.SortFunc(fresh, key.compare)
	if len(fresh) > 0 && len(t.keys) > 0 && !t.keys[len(t.keys)-1].less(fresh[0]) {
		return nil, false
	}
	return append(slices.Clone(t.keys), fresh...), true
}

// mergeResources puts the resources read among the others.
func (b *builder) mergeResources() bool {
	var keys []key
	for _, r := range b.things {
		if k, ok := parseThing(r.typ, r.id); ok {
			keys = append(keys, k)
		}
	}
	all, ok := merged(b.s.resources, keys)
	if !ok {
		return false
	}
	if len(all) > len(b.s.resources.keys) {
		b.s.resources = newTable(all)
	}
	things := make([]thing, len(all))
	copy(things, b.s.things)
	b.s.things = things
	for _, r := range b.things {
		if k, ok := parseThing(r.typ, r.id); ok {
			b.s.things[b.s.resources.find(k)] = b.thing(r)
		}
	}
	return true
}

// ofRecords reads the groups of the records that were touched.
func (r *reader) ofRecords(t touched) bool {
	names := slices.Sorted(maps.Keys(t["x"]))
	if len(names) == 0 {
		return true
	}
	b := r.b
	for i, set := range b.s.sets[noGroup+1:] {
		b.setOf[setName(set)] = uint32(i + noGroup + 1)
	}
	for part := range slices.Chunk(names, namesAtOnce) {
		r.someRecords(part)
	}
	b.endRecord()
	sets := map[fingerprint]uint32{}
	for _, name := range names {
		sets[printOf(name)] = noGroup
	}
	for _, v := range b.recordPrints {
		sets[v.p] = v.set
	}
	b.s.records = b.s.records.with(sets)
	return r.err == nil
}

// ofTokens reads the tokens again; what is known of their use stays.
func (r *reader) ofTokens(t touched) bool {
	if len(t["t"]) == 0 {
		return r.err == nil
	}
	old := r.b.s.tokens
	r.b.s.tokens = nil
	r.tokens()
	for _, v := range r.b.s.tokens {
		for _, o := range old {
			if o.id == v.id {
				v.used.Store(o.used.Load())
			}
		}
	}
	return r.err == nil
}
