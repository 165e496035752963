package journal

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// List gives one page of the organisation's journal, newest first: all of it, or of the
// sites at which the actor holds audit.read (AUD-1, AUD-2, AUZ-06). Errors: ErrQuery for
// what no list offers, secret.ErrCursor.
func (j Journal) List(ctx context.Context, by access.Actor, in ident.Org, q Query) (List, error) {
	return j.read(ctx, by, in, action.Act{Verb: "audit.list", Object: in.String()}, q)
}

// OfMember gives what was done to a member, newest first, for whoever holds audit.read
// where the member is. Errors: ErrNotFound, also for a member that the actor may not
// see; those of List.
func (j Journal) OfMember(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, q Query) (List, error) {
	q.Subject = id
	return j.read(ctx, by, in, action.Act{Verb: "audit.list", Object: id.String(), Subject: id.String()}, q)
}

func (j Journal) read(ctx context.Context, by access.Actor, in ident.Org, act action.Act, q Query) (List, error) {
	var r reader
	act.Orgs = []ident.Org{in}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		r, _, err = look(ctx, tx, by, in, access.AuditRead)
		return []access.Need{r.need(access.AuditRead)}, err
	}
	return action.View(ctx, j.Run, by, act, func(tx *store.Tx) (List, error) {
		f, err := newFinder(j.Run.Ring, r, q)
		if err != nil {
			return List{}, err
		}
		if act.Subject != "" {
			if err := r.mayKnow(ctx, tx, act.Subject); err != nil {
				return List{}, err
			}
		}
		return f.page(ctx, tx)
	})
}

// mayKnow refuses a member that is not there, or not where one reads.
func (r reader) mayKnow(ctx context.Context, tx *store.Tx, member string) error {
	_, found, err := accountOf(ctx, tx, r.org, ident.Member(member))
	if err == nil && found && !r.whole {
		found, err = oneAt(ctx, tx, r.org, member, r.sites)
	}
	if err == nil && !found {
		err = ErrNotFound
	}
	return err
}

// Mine gives what was done to the actor in the organisation, and what they did there:
// every member may know it (AUD-2).
func (j Journal) Mine(ctx context.Context, by access.Actor, in ident.Org, q Query) (List, error) {
	act := action.Act{Verb: "audit.mine", Orgs: []ident.Org{in}, Object: in.String(), Needs: []access.Need{access.MemberOf(in)}}
	return action.View(ctx, j.Run, by, act, func(tx *store.Tx) (List, error) {
		r, err := ownReader(ctx, tx, by, in)
		if err != nil {
			return List{}, err
		}
		f, err := newFinder(j.Run.Ring, r, q)
		if err != nil {
			return List{}, err
		}
		f.nothing = f.nothing || (r.self.IsZero() && r.account.IsZero())
		return f.page(ctx, tx)
	})
}

func ownReader(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (reader, error) {
	held, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return reader{}, err
	}
	sight, err := org.See(ctx, tx, held)
	return own(held, by, sight), err
}

// Get gives one event: for whoever may read it in the list, and for whom it concerns.
// Errors: ErrNotFound, whether there is none or it may not be read.
func (j Journal) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Event) (Event, error) {
	act := action.Act{Verb: "audit.read", Orgs: []ident.Org{in}, Object: id.String(), Needs: []access.Need{access.MemberOf(in)}}
	return action.View(ctx, j.Run, by, act, func(tx *store.Tx) (Event, error) {
		l, found, err := lineByID(ctx, tx, in, id)
		if err != nil || !found {
			return Event{}, orNotFound(err)
		}
		r, held, err := look(ctx, tx, by, in, access.AuditRead)
		if err != nil {
			return Event{}, err
		}
		mine := own(held, by, r.sight)
		if mine.concerns(l) {
			r = mine
		} else if ok, err := r.sees(ctx, tx, l); err != nil {
			return Event{}, err
		} else if !ok {
			if among, err := mine.includes(ctx, tx, l); err != nil || !among {
				return Event{}, orNotFound(err)
			}
			r = mine
		}
		f := &finder{reader: r, ring: j.Run.Ring}
		events, err := f.told(ctx, tx, []line{l})
		if err != nil {
			return Event{}, err
		}
		return events[0], nil
	})
}

func orNotFound(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

// concerns reports whether somebody did it, or it was done to them.
func (r reader) concerns(l line) bool {
	return (!r.self.IsZero() && l.Subject == r.self) || (!r.account.IsZero() && l.actor == r.account.String())
}

// sees is bySight for one event.
func (r reader) sees(ctx context.Context, tx *store.Tx, l line) (bool, error) {
	if r.whole {
		return true, nil
	}
	if !l.Site.IsZero() {
		return slices.Contains(r.sites, l.Site), nil
	}
	if l.Subject.IsZero() || len(r.sites) == 0 {
		return false, nil
	}
	return oneAt(ctx, tx, r.org, l.Subject.String(), r.sites)
}

// Choices are the people and the sites by which a reader may filter.
type Choices struct {
	People []Choice
	Sites  []Choice
}

// Choice is one value of a filter.
type Choice struct{ ID, Name string }

// MaxChoices bounds the people of the filter: those who administer. Others are
// found by the search.
const MaxChoices = 100

// Choices lists what the filters offer; also, when it is not zero, is one of the people.
func (j Journal) Choices(ctx context.Context, by access.Actor, in ident.Org, also ident.Member) (Choices, error) {
	act := action.Act{Verb: "audit.list", Orgs: []ident.Org{in}, Object: in.String()}
	var r reader
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		r, _, err = look(ctx, tx, by, in, access.AuditRead)
		return []access.Need{r.need(access.AuditRead)}, err
	}
	return action.View(ctx, j.Run, by, act, func(tx *store.Tx) (Choices, error) {
		var c Choices
		sites, err := siteLabels(ctx, tx, in)
		if err != nil {
			return c, err
		}
		for _, s := range sites {
			if r.sight.Of(ident.Site(s.id)) {
				c.Sites = append(c.Sites, Choice{s.id, s.name})
			}
		}
		people, err := r.people(ctx, tx, also)
		for _, p := range people {
			c.People = append(c.People, Choice{p.member.String(), p.name})
		}
		return c, err
	})
}

// people are those who administer where one reads, and one more.
func (r reader) people(ctx context.Context, tx *store.Tx, also ident.Member) ([]person, error) {
	list, err := actorsOf(ctx, tx, r, MaxChoices)
	if _, e := ident.ParseMember(also.String()); e != nil {
		return list, err // none, or none that there can be
	}
	if err != nil || slices.ContainsFunc(list, func(p person) bool { return p.member == also }) {
		return list, err
	}
	if err := r.mayKnow(ctx, tx, also.String()); err != nil {
		return list, nothingMissing(err)
	}
	one, err := peopleOf(ctx, tx, r.org, []string{also.String()}, nil)
	return append(list, one...), err
}

// nothingMissing lets a member that is not there be no choice, instead of an error.
func nothingMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
