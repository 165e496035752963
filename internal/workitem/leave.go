package workitem

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// What becomes of the items of somebody who leaves, and of the way back (OFF-3, OFF-6). Each of
// these works in the act of its caller, package departure, which has checked the right and
// records it; limit items at most at once, and says how many are left.

// Seal hides open items of a kind as if they were deleted.
func Seal(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, limit int) (done int, left int64, err error) {
	items, left, err := heldOf(ctx, tx, org, owner, k, limit)
	if err != nil || len(items) == 0 {
		return 0, 0, err
	}
	if err := seal(ctx, tx, items); err != nil {
		return 0, 0, err
	}
	return len(items), left, recount(ctx, tx, org, items, -1)
}

// recount notes that open items went, or came back.
func recount(ctx context.Context, tx *store.Tx, org ident.Org, items []Item, by int64) error {
	total, err := readTotal(ctx, tx, org)
	if err != nil {
		return err
	}
	total.items += by * int64(len(items))
	if err := writeTotal(ctx, tx, org, total); err != nil {
		return err
	}
	return recountOwners(ctx, tx, org, items, by)
}

func recountOwners(ctx context.Context, tx *store.Tx, org ident.Org, items []Item, by int64) error {
	counts := tally{}
	for _, i := range items {
		i.State = Open
		counts.add(i, by)
	}
	return counts.write(ctx, tx, org)
}

// heldOf reads what a member holds of one kind, limit at most, and how many more there are.
func heldOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind, limit int) ([]Item, int64, error) {
	items, err := listHeld(ctx, tx, org, owner, k, nil, limit+1, 0)
	if err != nil || len(items) <= limit {
		return items, 0, err
	}
	all, err := HeldBy(ctx, tx, org, owner)
	for _, h := range all {
		if h.Kind == k {
			return items[:limit], h.Items - int64(limit), err
		}
	}
	return items[:limit], 1, err
}

// Unseal gives hidden items to somebody, as a rule to whoever had them: one of which the
// application has made another meanwhile, by the same name, stays hidden; stuck counts those once
// nothing else is left. Errors: for another receiver, those of Reassign.
func Unseal(ctx context.Context, tx *store.Tx, org ident.Org, owner, to ident.Member, k Kind, limit int,
) (taken []Taken, left, stuck int64, err error) {
	items, err := sealedOf(ctx, tx, org, owner, k, limit)
	if err != nil {
		return nil, 0, 0, err
	}
	if to != owner {
		if err := mayTakeThese(ctx, tx, org, to, items); err != nil {
			return nil, 0, 0, err
		}
	}
	if len(items) > 0 {
		for i := range items {
			items[i].Owner, items[i].State = to, Open
		}
		if err := unseal(ctx, tx, org, items); err != nil {
			return nil, 0, 0, err
		}
		if err := recount(ctx, tx, org, items, 1); err != nil {
			return nil, 0, 0, err
		}
	}
	all, err := countSealed(ctx, tx, org, owner, k)
	if len(items) == limit {
		return takenOf(items), all, 0, err
	}
	return takenOf(items), 0, all, err
}

// mayTakeThese reports whether somebody may be given some items: a batch is judged, not all that
// it is a part of, which may be hundreds of thousands.
func mayTakeThese(ctx context.Context, tx *store.Tx, org ident.Org, to ident.Member, items []Item) error {
	p, err := receiver(ctx, tx, org, to)
	if err != nil {
		return err
	}
	return p.takes(demanded(items))
}

// mayTake reports whether somebody may be given all items of a kind that a member holds, hidden
// ones too.
func mayTake(ctx context.Context, tx *store.Tx, org ident.Org, owner, to ident.Member, k Kind) error {
	p, err := receiver(ctx, tx, org, to)
	if err != nil {
		return err
	}
	sites, err := sitesAsked(ctx, tx, org, owner, k)
	if err != nil {
		return err
	}
	return p.takes(demand{practitioner: rules[k].Practitioner, sites: sites})
}

// Sealed counts the hidden items of a member that can be given to somebody: those of which the
// application has made no other by the same name.
func Sealed(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, k Kind) (int64, error) {
	return countGivable(ctx, tx, org, owner, k)
}

// Forget deletes the hidden items of a member for good.
func Forget(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) error {
	return forgetSealed(ctx, tx, org, owner)
}

// ForgetSome is Forget of limit items at most; it says how many they were.
func ForgetSome(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, limit int) (int64, error) {
	return forgetSomeSealed(ctx, tx, org, owner, limit)
}

// Detach takes coming appointments out of their owner's agenda: they stay in the record.
func Detach(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, limit int) (done int, left int64, err error) {
	items, left, err := heldOf(ctx, tx, org, owner, Appointment, limit)
	if err != nil || len(items) == 0 {
		return 0, 0, err
	}
	if err := setDetached(ctx, tx, org, items); err != nil {
		return 0, 0, err
	}
	return len(items), left, recountOwners(ctx, tx, org, items, -1)
}

// Reattach gives detached appointments to somebody: to whoever had them all of them, to another
// those that are still to come. Errors: for another receiver, those of Reassign.
func Reattach(ctx context.Context, tx *store.Tx, org ident.Org, owner, to ident.Member, limit int) (taken []Taken, left int64, err error) {
	since := store.Never
	if to != owner {
		since = tx.Now
	}
	items, err := detachedOf(ctx, tx, org, owner, since, limit)
	if err != nil || len(items) == 0 {
		return nil, 0, err
	}
	if to != owner {
		if err := mayTakeThese(ctx, tx, org, to, items); err != nil {
			return nil, 0, err
		}
	}
	if err := attach(ctx, tx, org, to, items); err != nil {
		return nil, 0, err
	}
	for i := range items {
		items[i].Owner = to
	}
	if err := recountOwners(ctx, tx, org, items, 1); err != nil {
		return nil, 0, err
	}
	if left = 0; len(items) == limit {
		left, err = countDetached(ctx, tx, org, owner, since)
	}
	return takenOf(items), left, err
}

// Detachments counts the detached appointments of a member that are still to come.
func Detachments(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) (int64, error) {
	return countDetached(ctx, tx, org, owner, tx.Now)
}

// TakeBack gives items back to whoever had them: those that nobody changed since they were taken.
func TakeBack(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, taken []Taken) (back int, err error) {
	numbers, version := make([]int64, len(taken)), make(map[int64]int64, len(taken))
	for i, t := range taken {
		numbers[i], version[t.No] = t.No, t.Version
	}
	found, err := byNumber(ctx, tx, org, numbers)
	if err != nil {
		return 0, err
	}
	items := found[:0]
	counts := tally{}
	for _, i := range found {
		if i.Version != version[i.No] || i.State == Detached {
			continue
		}
		items = append(items, i)
		counts.add(i, -1)
		i.Owner = owner
		counts.add(i, 1)
	}
	if err := move(ctx, tx, org, owner, items); err != nil {
		return 0, err
	}
	return len(items), counts.write(ctx, tx, org)
}

// Wish is what is asked of those who may receive something from a member.
type Wish struct {
	From         member.Member
	Sites        []ident.Site // of the member: who is of one of them is near
	Kind         Kind         // items that they hold, or that are hidden; empty: none
	Practitioner bool
	At           []ident.Site // all of them; with those of the items
	Search       string
	Limit        int
}

// Near proposes receivers that held may know of, the likeliest first (OFF-1). Errors: fields to
// correct.
func Near(ctx context.Context, tx *store.Tx, held access.Held, w Wish) ([]Receiver, error) {
	words, err := searched(w.Search)
	if err != nil {
		return nil, err
	}
	var eye sight
	eye.sites, eye.whole = held.Sites(access.MembersRead)
	d := demand{practitioner: w.Practitioner || rules[w.Kind].Practitioner, sites: w.At}
	if w.Kind != "" {
		asked, err := sitesAsked(ctx, tx, w.From.Org, w.From.ID, w.Kind)
		if err != nil {
			return nil, err
		}
		d.sites = append(d.sites, asked...)
	}
	return proposed(ctx, tx, eye, w.From, w.Sites, d, words, w.Limit)
}

// Takes reports whether somebody may be given what a member holds, or what is hidden, of a kind.
// Errors: those of Reassign.
func Takes(ctx context.Context, tx *store.Tx, org ident.Org, owner, to ident.Member, k Kind) error {
	if owner == to {
		return ErrSelf
	}
	return mayTake(ctx, tx, org, owner, to, k)
}
