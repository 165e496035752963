package draft

import (
	"context"
	"regexp"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Bounds.
const (
	Life       = 7 * 24 * time.Hour // after the last saving
	MaxPerKind = 20                 // drafts of one person and kind
	MaxBody    = 64 << 10           // bytes
)

// kindShape is what a kind of form is called: "member.new".
var kindShape = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,39}$`)

// Draft is a form that is not sent yet.
type Draft struct {
	ID        ident.Draft // empty for a new one
	Org       ident.Org   // empty for a form of no organisation
	Kind      string      // which form: "member.new"
	Body      string      // what was typed, as the form writes it
	CreatedAt time.Time
	UpdatedAt time.Time
	ExpiresAt time.Time
}

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "draft.not_found")
	ErrTooLarge = fault.New(fault.TooLarge, "draft.too_large").With("Max", MaxBody>>10)
	errKind     = fault.New(fault.Malformed, "api.malformed")
)

// Drafts is the register of drafts.
type Drafts struct{ Run *action.Runner }

// Save keeps a draft for Life: a new one without an ID, else the one of that ID,
// whose organisation and kind stay. Errors: ErrNotFound for a draft that is not
// the actor's, access.ErrNotFound outside their organisations, ErrTooLarge.
func (d Drafts) Save(ctx context.Context, by access.Actor, in Draft) (Draft, error) {
	switch {
	case len(in.Body) > MaxBody:
		return Draft{}, ErrTooLarge
	case !kindShape.MatchString(in.Kind):
		return Draft{}, errKind
	}
	fresh := ident.NewDraft()
	var out Draft
	err := d.write(ctx, by, func(tx *store.Tx) error {
		if err := mayKeep(ctx, tx, by, in.Org); err != nil {
			return err
		}
		out = in
		out.UpdatedAt, out.ExpiresAt = tx.Now, tx.Now.Add(Life)
		if in.ID.IsZero() {
			out.ID, out.CreatedAt = fresh, tx.Now
			return add(ctx, tx, by.Account, out)
		}
		old, err := mine(ctx, tx, by, in.ID)
		switch {
		case err != nil:
			return err
		case old.Org != in.Org || old.Kind != in.Kind:
			return ErrNotFound
		}
		out.CreatedAt = old.CreatedAt
		return update(ctx, tx, by.Account, out)
	})
	if err != nil {
		return Draft{}, err
	}
	return out, nil
}

// add inserts a draft; the oldest of its kind makes room for it.
func add(ctx context.Context, tx *store.Tx, owner ident.Account, d Draft) error {
	if err := insert(ctx, tx, owner, d); err != nil {
		return err
	}
	kept, err := oldestFirst(ctx, tx, owner, d.Kind)
	if err != nil {
		return err
	}
	for len(kept) > MaxPerKind {
		if err := remove(ctx, tx, owner, kept[0]); err != nil {
			return err
		}
		kept = kept[1:]
	}
	return nil
}

// Load reads one of the actor's drafts. Errors: ErrNotFound.
func (d Drafts) Load(ctx context.Context, by access.Actor, id ident.Draft) (out Draft, err error) {
	err = d.read(ctx, by, func(tx *store.Tx) error {
		out, err = mine(ctx, tx, by, id)
		return err
	})
	return out, err
}

// List gives the actor's drafts of one kind in org, the latest first.
func (d Drafts) List(ctx context.Context, by access.Actor, org ident.Org, kind string) (list []Draft, err error) {
	err = d.read(ctx, by, func(tx *store.Tx) error {
		if err := mayKeep(ctx, tx, by, org); err != nil {
			return err
		}
		list, err = find(ctx, tx, by.Account, org, kind)
		return err
	})
	return list, err
}

// Delete forgets one of the actor's drafts: the form was sent, or given up.
// Errors: ErrNotFound.
func (d Drafts) Delete(ctx context.Context, by access.Actor, id ident.Draft) error {
	return d.write(ctx, by, func(tx *store.Tx) error {
		if _, err := mine(ctx, tx, by, id); err != nil {
			return err
		}
		return remove(ctx, tx, by.Account, id)
	})
}

// CountOf counts the drafts of somebody in an organisation.
func CountOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) (int64, error) {
	return countOf(ctx, tx, org, owner)
}

// Forget forgets the drafts of somebody in an organisation, which they leave.
func Forget(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) error {
	return removeAll(ctx, tx, org, owner)
}

// SweepDrafts removes those that expired; the timetable calls it.
func SweepDrafts(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"drafts"}, func(tx *store.Tx) error { return sweep(ctx, tx) })
}

// mine reads a draft of the actor that is in force, and whose organisation the
// actor still belongs to.
func mine(ctx context.Context, tx *store.Tx, by access.Actor, id ident.Draft) (Draft, error) {
	out, found, err := get(ctx, tx, by.Account, id)
	switch {
	case err != nil:
		return Draft{}, err
	case !found:
		return Draft{}, ErrNotFound
	}
	return out, mayKeep(ctx, tx, by, out.Org)
}

// mayKeep: a draft of an organisation is kept by its members only.
func mayKeep(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) error {
	if org.IsZero() {
		return nil
	}
	return access.Check(ctx, tx, by, access.MemberOf(org))
}

func (d Drafts) write(ctx context.Context, by access.Actor, fn func(*store.Tx) error) error {
	if err := owner(by); err != nil {
		return err
	}
	return d.Run.DB.Write(ctx, []store.Lock{store.Lock("drafts " + by.Account)}, fn)
}

func (d Drafts) read(ctx context.Context, by access.Actor, fn func(*store.Tx) error) error {
	if err := owner(by); err != nil {
		return err
	}
	return d.Run.DB.Read(ctx, fn)
}

// owner: only a person has forms to fill in.
func owner(by access.Actor) error {
	switch {
	case by.Kind == access.Anonymous:
		return access.ErrUnauthenticated
	case by.Kind != access.Person || by.Account.IsZero():
		return access.ErrForbidden
	}
	return nil
}
