package web

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// draftLevels is the kind of the draft of levels: one a person and organisation, whatever
// page they were typed on.
const draftLevels = "access.levels"

// levelsKept is how long changes that were typed and not saved wait (DESIGN.md 14).
const levelsKept = 24 * time.Hour

// errPending refuses more pending changes than one change set may have.
var errPending = fault.New(fault.Invalid, "matrix.too_many").With("Max", grant.MaxChanges)

// cellID is one cell of the matrix.
type cellID struct {
	Member   ident.Member
	Resource resource.ID
}

// wish is a cell as it is wanted, and the level that was recorded when it was typed.
type wish struct {
	cellID
	Level, Was  grant.Level
	From, Until *time.Time
}

// change is what the noun is asked for.
func (w wish) change() grant.Change {
	was := w.Was
	return grant.Change{Member: w.Member, Resource: w.Resource, Level: w.Level, From: w.From, Until: w.Until, Was: &was}
}

// pending is what somebody typed and has not saved, with what they ticked.
type pending struct {
	ID      ident.Draft
	Wishes  []wish
	People  []ident.Member // ticked
	Columns []resource.ID  // ticked
}

// find is the place of a cell, -1 when nothing is wanted of it.
func (p *pending) find(id cellID) int {
	return slices.IndexFunc(p.Wishes, func(w wish) bool { return w.cellID == id })
}

func (p *pending) drop(id cellID) {
	p.Wishes = slices.DeleteFunc(p.Wishes, func(w wish) bool { return w.cellID == id })
}

// put wants a cell; a later wish takes the place of the former.
func (p *pending) put(w wish) {
	if n := p.find(w.cellID); n >= 0 {
		p.Wishes[n] = w
		return
	}
	p.Wishes = append(p.Wishes, w)
}

func (p *pending) changes() []grant.Change {
	list := make([]grant.Change, 0, len(p.Wishes))
	for _, w := range p.Wishes {
		list = append(list, w.change())
	}
	return list
}

// keptPending is a pending as its draft holds it: IDs once each, since a draft is bounded.
// A wish is "member.resource.level.was.from.until".
type keptPending struct {
	Members   []ident.Member `json:"m"`
	Resources []resource.ID  `json:"r"`
	Wishes    []string       `json:"w"`
	People    []ident.Member `json:"p,omitempty"`
	Columns   []resource.ID  `json:"c,omitempty"`
}

// wishParts is how many parts a kept wish has.
const wishParts = 6

func (p *pending) write() keptPending {
	k := keptPending{People: p.People, Columns: p.Columns}
	members, resources := map[ident.Member]int{}, map[resource.ID]int{}
	for _, w := range p.Wishes {
		m, known := members[w.Member]
		if !known {
			m = len(k.Members)
			members[w.Member], k.Members = m, append(k.Members, w.Member)
		}
		r, known := resources[w.Resource]
		if !known {
			r = len(k.Resources)
			resources[w.Resource], k.Resources = r, append(k.Resources, w.Resource)
		}
		k.Wishes = append(k.Wishes, strings.Join([]string{
			strconv.Itoa(m), strconv.Itoa(r), string(w.Level), string(w.Was), unix(w.From), unix(w.Until),
		}, "."))
	}
	return k
}

// read gives back what write wrote; ok is false for what it did not.
func (k keptPending) read(id ident.Draft) (p pending, ok bool) {
	p = pending{ID: id, People: k.People, Columns: k.Columns}
	for _, s := range k.Wishes {
		part := strings.Split(s, ".")
		if len(part) != wishParts {
			return p, false
		}
		m, err := strconv.Atoi(part[0])
		r, err2 := strconv.Atoi(part[1])
		if err != nil || err2 != nil || m < 0 || r < 0 || m >= len(k.Members) || r >= len(k.Resources) {
			return p, false
		}
		p.Wishes = append(p.Wishes, wish{
			cellID: cellID{k.Members[m], k.Resources[r]}, Level: grant.Level(part[2]), Was: grant.Level(part[3]),
			From: fromUnix(part[4]), Until: fromUnix(part[5]),
		})
	}
	return p, true
}

// unix writes a time to the microsecond, which is what the store keeps.
func unix(t *time.Time) string {
	if t == nil {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

func fromUnix(s string) *time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil
	}
	t := time.UnixMicro(n).UTC()
	return &t
}

// pending reads what this person typed in this organisation and did not save.
func (v *visit) pending() (pending, error) {
	list, err := v.s.Drafts.List(v.Context(), v.by, v.org.ID, draftLevels)
	if err != nil || len(list) == 0 || v.s.now().Sub(list[0].UpdatedAt) >= levelsKept {
		return pending{}, err
	}
	var k keptPending
	readable := json.Unmarshal([]byte(list[0].Body), &k) == nil
	if p, ok := k.read(list[0].ID); ok && readable {
		return p, nil
	}
	return pending{}, nil // of another version: it can no longer be read
}

// keepPending keeps it, or forgets the draft when nothing is left.
func (v *visit) keepPending(p *pending) error {
	if len(p.Wishes) > grant.MaxChanges {
		return errPending
	}
	if len(p.Wishes)+len(p.People)+len(p.Columns) == 0 {
		return v.forgetPending(p.ID)
	}
	id, err := v.keepDraft(draftLevels, p.ID, p.write())
	if err == nil {
		p.ID = id
	}
	return err
}

// forgetPending removes the draft; one that is gone already is as it should be.
func (v *visit) forgetPending(id ident.Draft) error {
	if id.IsZero() {
		return nil
	}
	err := v.s.Drafts.Delete(v.Context(), v.by, id)
	if f, is := errors.AsType[*fault.Error](err); is && f.Kind == fault.NotFound {
		return nil
	}
	return err
}
