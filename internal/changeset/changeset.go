package changeset

import (
	"encoding/json"
	"time"

	"habilis/internal/ident"
)

// UndoFor is how long a change set can be undone.
const UndoFor = 30 * 24 * time.Hour

// Kind tells where a change set comes from.
type Kind string

// The kinds.
const (
	Edit     Kind = "edit"
	Cloned   Kind = "clone"
	Creation Kind = "creation" // with a new member
	Undo     Kind = "undo"
)

// Whole is the act that a change set is a part of, and with which alone it is undone.
type Whole string

// The acts that change sets are a part of.
const (
	OfDeparture   Whole = "departure"   // a member's departure
	OfReplacement Whole = "replacement" // one membership took the place of another
)

// Domain is what sort of right a line is about.
type Domain string

// The domains.
const (
	Level       Domain = "level"
	Role        Domain = "role"
	Permission  Domain = "permission"
	Site        Domain = "site" // the belonging to it: with a site go the rights held there
	Delegation  Domain = "delegation"
	GroupMember Domain = "group_member"
	GroupRecord Domain = "group_record"
)

// Domains lists them, in the order of the screens.
var Domains = []Domain{Site, Role, Permission, Level, Delegation, GroupMember, GroupRecord}

// Key is what a line is about; a change set has one line about it.
type Key struct {
	Domain Domain
	Member ident.Member // whose right it is; zero for records of a group
	Object string       // the ID of the resource, role, site or group; the code of a permission
	Detail string       // of a role or permission: its scope; of a delegation: the act
}

// Held is the value of what is simply held or not: a role, a permission, a site, a group.
const Held = "held"

// State is what there is at a moment. The zero value is nothing.
type State struct {
	Value string // a level, a state of a delegation, Held; empty: nothing
	From  time.Time
	Until *time.Time // nil: without an end
}

// None reports whether there is nothing.
func (s State) None() bool { return s.Value == "" }

// Over reports whether it has ended by itself.
func (s State) Over(now time.Time) bool { return s.Until != nil && !s.Until.After(now) }

// Same compares what is held, and when.
func (s State) Same(o State) bool {
	if s.None() || o.None() {
		return s.Value == o.Value
	}
	return s.Value == o.Value && s.From.Equal(o.From) && sameTime(s.Until, o.Until)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Line is one right before and after.
type Line struct {
	Key
	Before, After State
	Site          ident.Site // where it holds; zero: the whole organisation
	Records       []string   // of GroupRecord: their names, as long as they are kept
	Count         int        // of GroupRecord: how many they are; 1 of the others
}

// Same compares two states of what a line is about. Since when somebody belongs to a site, or
// a record to a group, is no part of it.
func (k Key) Same(a, b State) bool {
	if k.Domain == Site || k.Domain == GroupRecord {
		return a.Value == b.Value
	}
	return a.Same(b)
}

// Set is one change set.
type Set struct {
	ID       ident.ChangeSet
	Kind     Kind
	PartOf   Whole // empty: it is undone by itself
	Reason   string
	By       string // the ID of who made it: an account, a token
	MadeBy   string // their name
	MadeAt   time.Time
	Undoes   ident.ChangeSet
	UndoneBy ident.ChangeSet
}

// UndoTill is until when it can be undone.
func (s Set) UndoTill() time.Time { return s.MadeAt.Add(UndoFor) }

// Warning is a consequence worth reading before saving: text key "warning.<Code>" with
// Args, pairs of a name and a text or an integer.
type Warning struct {
	Code string `json:"code"`
	Args []any  `json:"args"`
}

// UnmarshalJSON reads a warning that was kept for a repeated request: its numbers are
// integers again, as the texts want them.
func (w *Warning) UnmarshalJSON(b []byte) error {
	var kept struct {
		Code string            `json:"code"`
		Args []json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(b, &kept); err != nil {
		return err
	}
	w.Code, w.Args = kept.Code, nil
	for _, raw := range kept.Args {
		var n int
		if json.Unmarshal(raw, &n) == nil {
			w.Args = append(w.Args, n)
			continue
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		w.Args = append(w.Args, s)
	}
	return nil
}
