package grant

import (
	"context"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// AccessLetter tells holders and administrators who gained and who lost access in the
// job.GatherEvery that begins with From: Digest reads what it says.
type AccessLetter struct {
	Org  ident.Org
	From time.Time
}

// Kind names the job.
func (AccessLetter) Kind() string { return "letter.access" }

// SelfLevelsLetter tells the other administrators that somebody gave themself levels
// (RGT-1), at once.
type SelfLevelsLetter struct {
	Org       ident.Org
	Member    ident.Member
	Sites     []ident.Site // where the resources are; none: the whole organisation
	Resources []resource.ID
}

// Kind names the job.
func (SelfLevelsLetter) Kind() string { return "letter.self_levels" }

// tell orders the letters of a change set.
func (d *draft) tell(tx *action.Tx, c ChangeSet) {
	org := d.scene.held.Org
	tx.After(job.Gather(tx.Now, org.String(), func(from time.Time) job.Args { return AccessLetter{Org: org, From: from} }))
	self := SelfLevelsLetter{Org: d.scene.held.Org}
	for _, l := range c.Lines {
		if !l.gains() || !d.scene.isSelf(d.scene.people[l.Member]) {
			continue
		}
		self.Member = l.Member
		self.Resources = append(self.Resources, l.Resource.ID)
		if s := l.Resource.Site; !s.IsZero() && !slices.Contains(self.Sites, s) {
			self.Sites = append(self.Sites, s)
		}
	}
	if len(self.Resources) > 0 {
		tx.After(job.Order{Args: self, Priority: job.Normal})
	}
}

// Turn is what an hour did to the access of a member to a resource.
type Turn string

// The turns.
const (
	Gained  Turn = "gained"
	Lost    Turn = "lost"
	Changed Turn = "changed" // from a level to another
)

// Move is one member's access to one resource, before an hour and after it.
type Move struct {
	Member     ident.Member
	MemberName string
	Resource   resource.Resource
	Turn       Turn
	By         []string // accounts and tokens that made it
}

// Digest reads what became, in the job.GatherEvery that begins with from, of who has access to
// what: not what was given and taken back within it. Names and resources are today's;
// of a resource that is closed since, nothing is told.
func Digest(ctx context.Context, tx *store.Tx, in ident.Org, from time.Time) ([]Move, error) {
	made, err := changeset.LevelsBetween(ctx, tx, in, from, from.Add(job.GatherEvery))
	if err != nil {
		return nil, err
	}
	var order []cell
	net := map[cell]madeLine{}
	for _, m := range made {
		l := madeLine{storedLevel(m.Line), []string{m.By}}
		first, met := net[l.cell]
		if !met {
			order = append(order, l.cell)
			first = l
			first.by = nil
		}
		first.after, first.by = l.after, append(first.by, l.by...)
		net[l.cell] = first
	}
	stored := make([]storedLine, 0, len(order))
	for _, c := range order {
		stored = append(stored, net[c].storedLine)
	}
	s, err := sceneOf(ctx, tx, editor{}.of(in), stored)
	if err != nil {
		return nil, err
	}
	var out []Move
	for _, c := range order {
		l := net[c]
		p, there := s.people[c.member]
		r := s.things[c.resource]
		turn, turned := turnOf(l.storedLine)
		if !turned || !there || r.Status != resource.Active {
			continue
		}
		slices.Sort(l.by)
		out = append(out, Move{Member: p.ID, MemberName: p.name(), Resource: r, Turn: turn, By: slices.Compact(l.by)})
	}
	return out, nil
}

// storedLine is one line about a level as it is kept.
type storedLine struct {
	cell

	before, after State
}

// storedLevel reads a line about a level.
func storedLevel(l changeset.Line) storedLine {
	return storedLine{cell{l.Member, resource.ID(l.Object)}, levelState(l.Before), levelState(l.After)}
}

func levelState(s changeset.State) State {
	return State{Level: Level(s.Value), From: s.From, Until: s.Until}
}

// madeLine is a line with who made it.
type madeLine struct {
	storedLine

	by []string
}

func turnOf(l storedLine) (Turn, bool) {
	switch {
	case l.before.Level == l.after.Level:
		return "", false
	case l.before.Level == None:
		return Gained, true
	case l.after.Level == None:
		return Lost, true
	}
	return Changed, true
}

// of is an editor who stands for nobody, in an organisation.
func (e editor) of(in ident.Org) editor {
	e.held.Org = in
	return e
}
