package decision

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// What is known of the last uses of rights (AUD-3): of each member, right and day one note,
// whatever was done that day. Notes wait in memory for the timetable, so that no answer and no
// act waits for them; what a crash loses is a minute. They prove nothing: the trail does.

// Bounds of the notes.
const (
	useShards = 16

	UseSeen  = 65_536 // notes of a day that are remembered, so as not to be made again
	UseQueue = 16_384 // notes that wait to be written; beyond it they are dropped, and counted
	UseBatch = 500    // notes of one transaction

	// UseEvery is how often what waits is written.
	UseEvery = time.Minute
	// UseKeep is how long the last use of a right is known (rules.md 20: rights, up to 36 months).
	UseKeep = 36 * 30 * 24 * time.Hour
	// UsesOfMember is how many rights of one member have a known last use: the latest.
	UsesOfMember = 2000
)

// Types of used rights beside those of things.
const (
	usedPermission = "permission"
	usedGroup      = "group"
)

// Uses notes which rights are used.
type Uses struct {
	run     *action.Runner
	seed    maphash.Seed
	shards  [useShards]useShard
	dropped atomic.Int64
	writing sync.Mutex
}

// useShard holds a part of the notes.
type useShard struct {
	mu       sync.Mutex
	from, to int64 // the day that runs, in microseconds
	seen     map[uint64]struct{}
	wait     []used
}

// used is one note. The subject is a member or an account, by ID.
type used struct {
	org          ident.Org
	subject      string
	typ, on, act string
	day          int64 // its beginning, in microseconds
	unless       ident.Member
}

// NewUses makes the notes, and has the runner tell them of every act.
func NewUses(run *action.Runner) *Uses {
	u := &Uses{run: run, seed: maphash.MakeSeed()}
	run.Used = u.noteAct
	return u
}

// Dropped is how many notes found no room, or were not written.
func (u *Uses) Dropped() int64 { return u.dropped.Load() }

// Note notes an answer that was given to a connected application. It never waits for the
// database. Refusals and answers about the past are no use of a right.
func (u *Uses) Note(org ident.Org, q *Question, a Answer) {
	if !a.Allowed || !q.At.IsZero() {
		return
	}
	n := used{org: org, subject: q.Subject.ID, typ: q.Resource.Type, on: q.Resource.ID, act: q.Action}
	switch n.typ {
	case TypeAgenda, TypeMessagingProfile, TypeIdentity:
	case TypePatientRecord: // of which nobody keeps the name
		n.typ, n.on, n.act = usedPermission, "", recordActs[n.act]
		if a.Code == GroupShared {
			n.typ = usedGroup
		}
	case TypePatientDocument:
		n.typ, n.on, n.act = usedPermission, "", documentActs[n.act]
	case TypeOrganization:
		n.typ, n.on = usedPermission, access.WholeOrganization
	case TypeSite:
		n.typ = usedPermission
	default:
		return // to converse is nobody's right to take away
	}
	u.note(n)
}

// note keeps a note once a day. What it keeps is copied: the texts of questions are used again.
func (u *Uses) note(n used) {
	var h maphash.Hash
	h.SetSeed(u.seed)
	for _, s := range [...]string{string(n.org), n.subject, n.typ, n.on, n.act, string(n.unless)} {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
	sum := h.Sum64()
	s := &u.shards[sum%useShards]
	now := u.run.DB.NowMicro()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now >= s.to || now < s.from {
		s.turn(now)
	}
	if _, again := s.seen[sum]; again {
		return
	}
	if len(s.wait) >= UseQueue/useShards {
		u.dropped.Add(1)
		return
	}
	if s.seen == nil || len(s.seen) >= UseSeen/useShards {
		s.seen = map[uint64]struct{}{}
	}
	s.seen[sum] = struct{}{}
	s.wait = append(s.wait, used{
		org: ident.Org(strings.Clone(string(n.org))), subject: strings.Clone(n.subject), typ: strings.Clone(n.typ), on: strings.Clone(n.on),
		act: strings.Clone(n.act), day: s.from, unless: n.unless,
	})
}

// turn begins the day of now, in metropolitan France.
func (s *useShard) turn(now int64) {
	t := moment(now).In(text.Zone)
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, text.Zone)
	s.from, s.to = day.UnixMicro(), day.AddDate(0, 0, 1).UnixMicro()
	s.seen = nil
}

// Flush writes what waits. What the database did not take is noted again when it is used again.
func (u *Uses) Flush(ctx context.Context) error {
	u.writing.Lock()
	defer u.writing.Unlock()
	var err error
	for i := range u.shards {
		list := u.shards[i].take()
		for len(list) > 0 && err == nil {
			n := min(len(list), UseBatch)
			if err = u.write(ctx, list[:n]); err == nil {
				list = list[n:]
			}
		}
		if len(list) > 0 {
			u.dropped.Add(int64(len(list)))
			u.shards[i].forget()
		}
	}
	return err
}

func (s *useShard) take() []used {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.wait
	s.wait = nil
	return list
}

func (s *useShard) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

// usesLock lets one node at a time write the notes: rows are written in any order.
const usesLock store.Lock = "uses of rights"

func (u *Uses) write(ctx context.Context, list []used) error {
	return u.run.DB.Write(ctx, []store.Lock{usesLock}, func(tx *store.Tx) error {
		byOrg := map[ident.Org][]used{}
		for _, n := range list {
			byOrg[n.org] = append(byOrg[n.org], n)
		}
		for org, notes := range byOrg {
			rows, err := useRows(ctx, tx, org, notes)
			if err != nil {
				return err
			}
			if err := upsertUses(ctx, tx, rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// useRow is one row of the table.
type useRow struct {
	org    ident.Org
	member ident.Member
	typ    string
	on     string
	act    string
	day    time.Time
}

// useRows finds the members of notes: none for whoever has no place in the organisation, such
// as the platform's support, or has it no longer. What somebody did to their own sheet used no
// right.
func useRows(ctx context.Context, tx *store.Tx, org ident.Org, notes []used) ([]useRow, error) {
	members, err := membersNamed(ctx, tx, org, notes)
	latest := map[useRow]time.Time{}
	for _, n := range notes {
		m, found := members[n.subject]
		if !found || m == n.unless {
			continue
		}
		key, day := useRow{org: org, member: m, typ: n.typ, on: n.on, act: n.act}, moment(n.day)
		if day.After(latest[key]) {
			latest[key] = day
		}
	}
	rows := make([]useRow, 0, len(latest))
	for row, day := range latest {
		row.day = day
		rows = append(rows, row)
	}
	return rows, err
}

// SweepUses removes the uses that are older than UseKeep, those of whoever has left, and the oldest
// of whoever has more than UsesOfMember.
func SweepUses(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{usesLock}, func(tx *store.Tx) error {
		return errors.Join(removeUsesBefore(ctx, tx, tx.Now.Add(-UseKeep)), removeUsesOfLeavers(ctx, tx), removeUsesBeyond(ctx, tx, UsesOfMember))
	})
}

// ForgetUses removes all that is known of what a member used (AUD-4).
func ForgetUses(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	return removeUsesOf(ctx, tx, org, m)
}
