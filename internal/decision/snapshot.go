package decision

import (
	"math"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// snapshot is one organisation as its decisions see it, at one version. It never changes:
// a change of the organisation makes another, which shares what did not change. Members,
// resources and sites are numbered in the order of their IDs.
type snapshot struct {
	org     ident.Org
	version int64

	suspended      bool
	policy         setting.Decisions
	asksConnection bool // the policy asks something
	unlistedClosed bool

	sites     table
	members   table
	accounts  table    // of the members that have not left and have an account
	accountOf []uint32 // the member of each
	blocks    []*block
	resources table
	things    []thing
	roles     []roleFact
	groups    []groupFact // by their number in the organisation
	records   records
	sets      [][]uint32 // of group numbers
	tokens    []*tokenFact

	// What many rights share. These only grow from one snapshot to the next.
	sources []source
	givers  []string
	labels  []string

	patched int // how many changes were applied since everything was read
}

// source says when a right holds, and who gave it when.
type source struct {
	from, until, givenAt int64 // microseconds; never: math.MaxInt64
	by                   uint32
}

func (s *source) holds(now int64) bool { return s.from <= now && now < s.until }

const never = math.MaxInt64

// micro is a time that may be null, as the index keeps it.
func micro(t *time.Time, null int64) int64 {
	if t == nil {
		return null
	}
	return t.UnixMicro()
}

// moment gives a time back.
func moment(us int64) time.Time { return time.UnixMicro(us).UTC() }

func (s *source) end() *time.Time {
	if s.until == never {
		return nil
	}
	t := moment(s.until)
	return &t
}

// thing is an agenda, a messaging profile or an identity.
type thing struct {
	kind   kind
	closed bool
	site   uint32 // none: of the organisation
	holder uint32 // none: a room's or a service's
}

// kind is the type of a thing.
type kind uint8

const (
	kindAgenda kind = iota + 1
	kindMessaging
	kindIdentity
)

// person is a member. state says why they are not in force, whatever the time is.
type person struct {
	starts, ends int64
	account      key
	state        state
	other        bool // the function «Autre» (MEM-7)
	everyone     bool // the reach (MEM-8)
}

// state is the status of a member and that of their account together.
type state uint8

const (
	stateLeft state = iota
	statePending
	stateUnverified
	stateDeactivated
	stateCreated
	stateActive
	stateCreatedAlone // without an account
	stateActiveAlone
	stateCreatedBlocked // with a blocked one
	stateActiveBlocked
)

// states gives the status of each state, and why it refuses.
var states = [...]struct {
	status string
	away   Code
}{
	stateLeft:           {"left", MemberLeft},
	statePending:        {"pending_approval", MemberPending},
	stateUnverified:     {statusUnverified, MemberUnverified},
	stateDeactivated:    {"deactivated", MemberNotActive},
	stateCreated:        {statusCreated, ""},
	stateActive:         {statusActive, ""},
	stateCreatedAlone:   {statusCreated, MemberNoAccount},
	stateActiveAlone:    {statusActive, MemberNoAccount},
	stateCreatedBlocked: {statusCreated, AccountBlocked},
	stateActiveBlocked:  {statusActive, AccountBlocked},
}

// stateOf puts the two together. What is not understood is not in force.
func stateOf(status string, account, blocked bool) state {
	n := state(0)
	switch {
	case !account:
		n = stateCreatedAlone - stateCreated
	case blocked:
		n = stateCreatedBlocked - stateCreated
	}
	switch status {
	case "left":
		return stateLeft
	case "pending_approval":
		return statePending
	case statusUnverified:
		return stateUnverified
	case statusCreated:
		return stateCreated + n
	case statusActive:
		return stateActive + n
	}
	return stateDeactivated
}

// absent says why a person is not in force at a moment; empty when they are.
func (p *person) absent(now int64) Code {
	switch {
	case states[p.state].away != "":
		return states[p.state].away
	case p.starts > now:
		return MemberNotStarted
	case p.ends <= now:
		return MemberEnded
	}
	return ""
}

// blockSize is how many members share a block: what a change copies.
const blockSize = 32

// block is what is known of blockSize members.
type block struct {
	people      [blockSize]person
	sites       runs[uint32]
	held        runs[held]
	grants      runs[level]
	delegations runs[delegated]
	groups      runs[shared]
}

// runs are the rows of each member of a block, one after the other.
type runs[T any] struct {
	ends [blockSize]uint32
	rows []T
}

func (r *runs[T]) of(slot uint32) []T {
	from := uint32(0)
	if slot > 0 {
		from = r.ends[slot-1]
	}
	return r.rows[from:r.ends[slot]]
}

// with gives the runs with other rows for one member.
func (r *runs[T]) with(slot uint32, rows []T) runs[T] {
	old := r.of(slot)
	out := runs[T]{ends: r.ends, rows: make([]T, 0, len(r.rows)-len(old)+len(rows))}
	begin := r.ends[slot] - uint32(len(old)) //nolint:gosec // a run is short
	out.rows = append(append(append(out.rows, r.rows[:begin]...), rows...), r.rows[r.ends[slot]:]...)
	for i := slot; i < blockSize; i++ {
		out.ends[i] = r.ends[i] - uint32(len(old)) + uint32(len(rows)) //nolint:gosec // a run is short
	}
	return out
}

// held is a role, or a single permission, at a scope.
type held struct {
	role   uint32 // below firstRole: the single permission of that number
	site   uint32 // none: the whole organisation
	source uint32
	label  uint32 // of a single permission: its ID
}

// level is a grant. what is the number of the thing, then three bits of the level.
type level struct {
	id     key
	what   uint32
	source uint32
}

// delegated is a delegation. what is the number of the identity, then two bits of the act.
type delegated struct {
	id       key
	what     uint32
	source   uint32
	proposed bool
}

// shared is a place in an access group.
type shared struct{ group, source uint32 }

const (
	levelBits = 3
	actBits   = 2
)

// firstRole is the number of the first role: those below stand for single permissions.
const firstRole = 64

// roleFact is a role, and what it allows.
type roleFact struct {
	id, name string
	mask     uint64 // of the permissions, by their number in the catalogue
}

// groupFact is an access group.
type groupFact struct {
	id, name string
	active   bool
}

// catalogue numbers the permissions.
var catalogue = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, p := range access.Catalogue() {
		m[string(p)] = uint8(i)
	}
	return m
}()

// person gives a member by number.
func (s *snapshot) person(m uint32) *person {
	return &s.blocks[m/blockSize].people[m%blockSize]
}

// bytes is about how much memory the snapshot takes.
func (s *snapshot) bytes() int {
	n := s.sites.bytes() + s.members.bytes() + s.accounts.bytes() + numberBytes*len(s.accountOf) + s.resources.bytes() +
		thingBytes*len(s.things) + s.records.bytes() + sourceBytes*len(s.sources) + snapshotBytes
	for _, b := range s.blocks {
		n += b.bytes()
	}
	for _, set := range s.sets {
		n += sliceBytes + numberBytes*len(set)
	}
	for _, l := range [][]string{s.givers, s.labels} {
		for _, t := range l {
			n += stringBytes + len(t)
		}
	}
	for i := range s.roles {
		n += roleBytes + len(s.roles[i].id) + len(s.roles[i].name)
	}
	for i := range s.groups {
		n += roleBytes + len(s.groups[i].id) + len(s.groups[i].name)
	}
	return n + tokenBytes*len(s.tokens)
}

// bytes is about how much memory the block takes.
func (b *block) bytes() int {
	return blockBytes + numberBytes*len(b.sites.rows) + heldBytes*len(b.held.rows) + levelBytes*len(b.grants.rows) +
		delegatedBytes*len(b.delegations.rows) + sharedBytes*len(b.groups.rows)
}

// Sizes, in bytes.
const (
	numberBytes    = 4
	stringBytes    = 16
	sliceBytes     = 24
	thingBytes     = 12
	sourceBytes    = 32
	heldBytes      = 16
	levelBytes     = 24
	delegatedBytes = 32
	sharedBytes    = 8
	personBytes    = 40
	runsOfBlock    = 5
	snapshotBytes  = 600
	blockBytes     = blockSize*personBytes + runsOfBlock*(numberBytes*blockSize+sliceBytes)
	roleBytes      = 40
	tokenBytes     = 400
)
