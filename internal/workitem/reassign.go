package workitem

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Handover is what goes from one member to another: the items named, else all of a kind,
// else all.
type Handover struct {
	From, To ident.Member
	Kind     Kind    // empty: all of them
	Numbers  []int64 // items by their numbers …
	Refs     []Ref   // … or by their names

	Site ident.Site // only those of this site; zero: whatever it is
}

// named reports whether the items are chosen one by one.
func (h Handover) named() bool { return len(h.Numbers)+len(h.Refs) > 0 }

// Moved says what became of a handover.
type Moved struct {
	To    string // name of who received
	Items int
	Left  int64 // of what was asked, beyond MaxMoved
}

// Taken is one item that was moved, with its version since.
type Taken struct{ No, Version int64 }

// Receiver is somebody who may be given items, with what they share with the owner.
type Receiver struct {
	member.Member

	SameFunction, SameSite bool
}

// Proposal is what is to be handed over, and who may receive it, the likeliest first.
type Proposal struct {
	Items     int64
	Receivers []Receiver
	More      bool // others may too: a search finds them
}

// Propose says who may receive what is to be handed over: same function and site first
// (OFF-1). search is words of their name. Errors: ErrNothing, ErrNotHeld, member.ErrNotFound.
func (w Items) Propose(ctx context.Context, by access.Actor, org ident.Org, h Handover, search string) (Proposal, error) {
	return action.View(ctx, w.Run, by, onMember(by, org, verbList, h.From, false), func(tx *store.Tx) (Proposal, error) {
		words, err := searched(search)
		if err != nil {
			return Proposal{}, err
		}
		items, left, err := h.items(ctx, tx, org, MaxMoved)
		if err != nil {
			return Proposal{}, err
		}
		p := Proposal{Items: int64(len(items)) + left}
		from, err := member.Find(ctx, tx, org, h.From)
		if err != nil {
			return Proposal{}, err
		}
		eye, err := look(ctx, tx, by, org)
		if err != nil {
			return Proposal{}, err
		}
		near, err := member.SitesOf(ctx, tx, org, []ident.Member{h.From})
		if err != nil {
			return Proposal{}, err
		}
		p.Receivers, err = proposed(ctx, tx, eye, from, near[h.From], demanded(items), words, MaxProposed+1)
		if len(p.Receivers) > MaxProposed {
			p.Receivers, p.More = p.Receivers[:MaxProposed], true
		}
		return p, err
	})
}

func searched(typed string) ([]string, error) {
	if utf8.RuneCountInString(typed) > MaxQuery {
		return nil, fault.OnField("q", string(text.TooLong), "Max", MaxQuery)
	}
	words := text.FoldWords(typed)
	if len(words) > MaxWords {
		return nil, fault.OnField("q", "member.too_many_words", "Max", MaxWords)
	}
	if len(words) == 0 && strings.TrimSpace(typed) != "" {
		words = []string{strings.TrimSpace(typed)} // "%%%" is in nobody's name (INJ-07)
	}
	return words, nil
}

// demanded is what items ask together of their receiver.
func demanded(items []Item) (d demand) {
	for i := range items {
		d.practitioner = d.practitioner || rules[items[i].Kind].Practitioner
		if s := items[i].Site; !s.IsZero() && !slices.Contains(d.sites, s) {
			d.sites = append(d.sites, s)
		}
	}
	slices.Sort(d.sites)
	return d
}

// Reassign hands over what a member holds (OFF-1). Errors: those of the function Reassign;
// member.ErrNotFound, access.ErrForbidden for either of the two.
func (w Items) Reassign(ctx context.Context, by access.Actor, org ident.Org, h Handover) (Moved, error) {
	act := onMember(by, org, verbReassign, h.From, false)
	from := act.Resolve
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		needs, err := from(ctx, tx)
		if err != nil {
			return nil, err
		}
		sites, ok, err := sitesOf(ctx, tx, org, h.To)
		if err == nil && !ok {
			err = member.ErrNotFound
		}
		return append(needs, access.AtOneOf(access.WorkitemsEdit, append(scopes(org, sites), access.OrgScope(org))...)), err
	}
	return action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (Moved, error) { return Reassign(ctx, tx, org, h, MaxMoved) })
}

// Reassign hands over what a member holds in the transaction of the caller, who has checked
// the right: limit items at most, and says how many are left. Errors: ErrNothing, ErrNotHeld,
// ErrSelf, ErrReceiver, ErrPractitioner, ErrSite, ErrQuery, member.ErrNotFound.
func Reassign(ctx context.Context, tx *action.Tx, org ident.Org, h Handover, limit int) (Moved, error) {
	moved, _, err := Take(ctx, tx, org, h, limit)
	return moved, err
}

// Take is Reassign that says what it took, for whoever may give it back (TakeBack).
func Take(ctx context.Context, tx *action.Tx, org ident.Org, h Handover, limit int) (Moved, []Taken, error) {
	from, to, err := h.people(ctx, tx.Tx, org)
	if err != nil {
		return Moved{}, nil, err
	}
	items, left, err := h.items(ctx, tx.Tx, org, limit)
	if err != nil {
		return Moved{}, nil, err
	}
	if err := to.takes(demanded(items)); err != nil {
		return Moved{}, nil, err
	}
	announce(tx, org, h.To)
	return Moved{To: to.name, Items: len(items), Left: left}, takenOf(items), h.give(ctx, tx, org, items, from, to.name)
}

// give makes items somebody else's, and records it.
func (h Handover) give(ctx context.Context, tx *action.Tx, org ident.Org, items []Item, from, to string) error {
	h.record(tx, org, items, from, to)
	if err := move(ctx, tx.Tx, org, h.To, items); err != nil {
		return err
	}
	counts := tally{}
	for _, i := range items {
		counts.add(i, -1)
		i.Owner = h.To
		counts.add(i, 1)
	}
	return counts.write(ctx, tx.Tx, org)
}

// people reads from whom, who may have left, and to whom, who is in force.
func (h Handover) people(ctx context.Context, tx *store.Tx, org ident.Org) (from string, to person, err error) {
	refs, err := member.Refs(ctx, tx, org, []ident.Member{h.From})
	if err != nil {
		return "", to, err
	}
	to, err = receiver(ctx, tx, org, h.To)
	switch _, ok := refs[h.From]; {
	case !ok:
		err = member.ErrNotFound
	case h.From == h.To:
		err = ErrSelf
	}
	return refs[h.From].Name(), to, err
}

// receiver reads who may be given something. Errors: member.ErrNotFound, ErrReceiver.
func receiver(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (person, error) {
	people, err := peopleByID(ctx, tx, org, []ident.Member{id})
	if err != nil {
		return person{}, err
	}
	to, known := people[id]
	switch {
	case !known:
		return to, member.ErrNotFound
	case !to.inForce:
		return to, ErrReceiver
	}
	return to, nil
}

// takenOf are the items as they are once moved.
func takenOf(items []Item) []Taken {
	list := make([]Taken, len(items))
	for i := range items {
		list[i] = Taken{No: items[i].No, Version: items[i].Version + 1}
	}
	return list
}

func (p person) takes(d demand) error {
	switch {
	case d.practitioner && !p.practitioner:
		return ErrPractitioner
	case slices.ContainsFunc(d.sites, func(s ident.Site) bool { return !slices.Contains(p.sites, s) }):
		return ErrSite
	}
	return nil
}

// items reads what is to be handed over, limit at most, and how many more there are.
func (h Handover) items(ctx context.Context, tx *store.Tx, org ident.Org, limit int) (items []Item, left int64, err error) {
	if _, known := h.Kind.Rule(); h.Kind != "" && !known {
		return nil, 0, ErrQuery
	}
	if h.named() {
		items, err = h.chosen(ctx, tx, org)
		return items, 0, err
	}
	if !h.Site.IsZero() {
		return h.ofSite(ctx, tx, org, limit)
	}
	held, err := HeldBy(ctx, tx, org, h.From)
	if err != nil {
		return nil, 0, err
	}
	for _, k := range held {
		if h.Kind != "" && h.Kind != k.Kind {
			continue
		}
		left += k.Items
		some, err := listHeld(ctx, tx, org, h.From, k.Kind, nil, limit-len(items), 0)
		if err != nil {
			return nil, 0, err
		}
		items = append(items, some...)
	}
	if len(items) == 0 {
		return nil, 0, ErrNothing
	}
	return items, left - int64(len(items)), nil
}

// chosen reads the items named, all of which the member holds.
func (h Handover) chosen(ctx context.Context, tx *store.Tx, org ident.Org) ([]Item, error) {
	if len(h.Numbers)+len(h.Refs) > MaxChosen {
		return nil, fault.OnField("items", "workitem.together", "Max", MaxChosen)
	}
	numbers := slices.Compact(slices.Sorted(slices.Values(h.Numbers)))
	items, err := byNumber(ctx, tx, org, numbers)
	if err != nil {
		return nil, err
	}
	found, err := findAll(ctx, tx, org, h.Refs)
	if err != nil {
		return nil, err
	}
	wanted := len(numbers)
	for i, r := range h.Refs {
		if slices.Contains(h.Refs[:i], r) {
			continue
		}
		wanted++
		if v, ok := found[r]; ok {
			items = append(items, v)
		}
	}
	other := func(i Item) bool {
		return i.Owner != h.From || !i.Held(tx.Now) || (h.Kind != "" && i.Kind != h.Kind)
	}
	if len(items) != wanted || slices.ContainsFunc(items, other) {
		return nil, ErrNotHeld
	}
	return items, nil
}

// record writes what was handed over, for each of the two people: each sees what was done
// to them (AUD-2). The object is the other: applications are told of both by their IDs.
func (h Handover) record(tx *action.Tx, org ident.Org, items []Item, from, to string) {
	facts := map[string]any{"items": len(items)}
	if len(items) == 1 {
		facts["item"], facts["item_kind"] = items[0].String(), string(items[0].Kind)
	} else if h.Kind != "" {
		facts["item_kind"] = string(h.Kind)
	}
	tx.Record(audit.Event{
		Org: org, Verb: verbReassign, Object: h.To.String(), Subject: h.From.String(), Names: map[string]string{"member": from, "subject": to},
		Before: map[string]any{"owner": h.From.String()}, After: with(facts, "owner", h.To.String()),
	})
	tx.Record(audit.Event{
		Org: org, Verb: verbReceive, Object: h.From.String(), Subject: h.To.String(), Names: map[string]string{"member": to, "subject": from},
		After: facts,
	})
}

func with(facts map[string]any, key string, v any) map[string]any {
	out := maps.Clone(facts)
	out[key] = v
	return out
}
