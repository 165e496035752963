package recordgroup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Query chooses a page of a list: by number on a page, by cursor for a program.
type Query struct {
	Search  string // words of a group's name or description, or of a member's name
	Member  ident.Member
	Members []ident.Member // of a group's members: only these
	Record  string         // of groups: those that hold it; of records: that one
	Page    int            // from 1
	Size    int
	After   string // cursor; Page is then ignored

	words   []string
	nothing bool // a search such as "%%%", which nothing can match (INJ-07)
	after   *place
}

// place is where a page ended.
type place struct {
	Key string `json:"k"`
	ID  string `json:"i,omitempty"`
}

// List is one page, with the exact total.
type List[T any] struct {
	Items []T
	Total int64
	Next  string // cursor, empty at the end
}

func (q Query) clean() (Query, error) {
	if q.Size == 0 {
		q.Size = DefaultPageSize
	}
	if q.Page == 0 {
		q.Page = 1
	}
	if q.Size < 1 || q.Size > MaxPageSize || len(q.Members) > MaxPageSize || q.Page < 1 || q.Page > MaxPage {
		return q, ErrQuery
	}
	var f fault.Fields
	if utf8.RuneCountInString(q.Search) > MaxQuery {
		f.Add("q", string(text.TooLong), "Max", MaxQuery)
		return q, f.Err()
	}
	q.words = text.FoldWords(q.Search)
	slices.Sort(q.words)
	q.words = slices.Compact(q.words)
	if len(q.words) > MaxWords {
		f.Add("q", "member.too_many_words", "Max", MaxWords)
	}
	if q.Record != "" {
		f.Check("record", RecordCode(q.Record), "Max", MaxRecord)
	}
	q.nothing = len(q.words) == 0 && strings.TrimSpace(q.Search) != ""
	return q, f.Err()
}

// list reads one page: count and rows are told where it begins and how many are wanted.
func list[T any](g Groups, name string, q Query, count func(Query) (int64, error), rows func(q Query, limit, offset int) ([]T, error),
	at func(T) place,
) (List[T], error) {
	name = fmt.Sprintf("%s|%q|%s|%s|%q", name, q.words, q.Member, q.Members, q.Record)
	if q.After != "" {
		q.after = &place{}
		if err := g.Run.Ring.OpenCursor(name, q.After, q.after); err != nil {
			return List[T]{}, err
		}
		q.Page = 1
	}
	if q.nothing {
		return List[T]{}, nil
	}
	total, err := count(q)
	if err != nil {
		return List[T]{}, err
	}
	l := List[T]{Total: total}
	if l.Items, err = rows(q, q.Size+1, (q.Page-1)*q.Size); err != nil {
		return List[T]{}, err
	}
	if len(l.Items) > q.Size {
		l.Items = l.Items[:q.Size]
		l.Next, err = g.Run.Ring.Cursor(name, at(l.Items[q.Size-1]))
	}
	return l, err
}

// List lists the groups of an organisation, by name. Errors: ErrQuery, fields to correct,
// secret.ErrCursor.
func (g Groups) List(ctx context.Context, by access.Actor, org ident.Org, q Query) (List[Group], error) {
	return consult(ctx, g, by, org, verbList, org.String(), func(tx *store.Tx, eye sight) (List[Group], error) {
		q, err := q.clean()
		if err != nil {
			return List[Group]{}, err
		}
		if q.Member != "" {
			known, err := knows(ctx, tx, eye, org, q.Member)
			if err != nil || !known {
				return List[Group]{}, err // somebody they may not know of has no groups for them (AUZ-06)
			}
		}
		return list(g, "groups|"+org.String(), q,
			func(q Query) (int64, error) { return countFound(ctx, tx, org, q) },
			func(q Query, limit, offset int) ([]Group, error) {
				return listGroups(ctx, tx, eye, org, q, limit, offset)
			},
			func(v Group) place { return place{text.SortKey(v.Name), v.ID.String()} })
	})
}

// Members lists the members of a group whom the actor may know of, by name. Errors:
// ErrNotFound, and those of List.
func (g Groups) Members(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, q Query) (List[Membership], error) {
	return consult(ctx, g, by, org, verbList, id.String(), func(tx *store.Tx, eye sight) (List[Membership], error) {
		v, err := find(ctx, tx, eye, org, id)
		if err != nil {
			return List[Membership]{}, err
		}
		if q, err = q.clean(); err != nil {
			return List[Membership]{}, err
		}
		l, err := list(g, "group members|"+id.String(), q,
			func(q Query) (int64, error) { return countMembers(ctx, tx, eye, v, q) },
			func(q Query, limit, offset int) ([]Membership, error) {
				return listMembers(ctx, tx, eye, v, q, limit, offset)
			},
			func(m Membership) place { return place{m.sortKey, m.Member.String()} })
		if err != nil {
			return l, err
		}
		return l, nameGivers(ctx, tx, l.Items)
	})
}

// Membership reads one member of a group. The second value is false for a member who is
// not in it. Errors: ErrNotFound; member.ErrNotFound.
func (g Groups) Membership(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, m ident.Member) (Membership, bool, error) {
	type found struct {
		Membership
		in bool
	}
	v, err := consult(ctx, g, by, org, verbRead, id.String(), func(tx *store.Tx, eye sight) (found, error) {
		v, err := find(ctx, tx, eye, org, id)
		if err != nil {
			return found{}, err
		}
		people, err := chosen(ctx, tx, eye, v, []ident.Member{m})
		if err != nil {
			return found{}, err
		}
		p := people[m]
		if p.held == nil {
			return found{p.Membership, false}, nil
		}
		one := []Membership{*p.held}
		return found{one[0], true}, nameGivers(ctx, tx, one)
	})
	return v.Membership, v.in, err
}

// OfMember lists the groups of a member whom the actor may know of, by name, ended ones
// last. Errors: access.ErrForbidden.
func (g Groups) OfMember(ctx context.Context, by access.Actor, org ident.Org, m ident.Member) ([]Membership, error) {
	return consult(ctx, g, by, org, verbList, m.String(), func(tx *store.Tx, eye sight) ([]Membership, error) {
		known, err := knows(ctx, tx, eye, org, m)
		if err != nil || !known {
			return nil, err
		}
		return OfMember(ctx, tx, org, m)
	})
}

// OfMember lists the groups of a member, by name, ended ones last. Whoever calls it has
// checked that they may be told.
func OfMember(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]Membership, error) {
	all, err := groupsOf(ctx, tx, org, m)
	if err != nil {
		return nil, err
	}
	return all, nameGivers(ctx, tx, all)
}

// Records lists the records of a group, in the order of their names. Errors: ErrNotFound,
// and those of List.
func (g Groups) Records(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, q Query) (List[Record], error) {
	return consult(ctx, g, by, org, verbList, id.String(), func(tx *store.Tx, eye sight) (List[Record], error) {
		v, err := find(ctx, tx, eye, org, id)
		if err != nil {
			return List[Record]{}, err
		}
		if q, err = q.clean(); err != nil {
			return List[Record]{}, err
		}
		return list(g, "group records|"+id.String(), q,
			func(q Query) (int64, error) {
				if q.Record == "" {
					return v.Records, nil
				}
				here, err := findRecords(ctx, tx, v, []string{q.Record})
				return int64(len(here)), err
			},
			func(q Query, limit, offset int) ([]Record, error) { return listRecords(ctx, tx, v, q, limit, offset) },
			func(r Record) place { return place{Key: r.Name} })
	})
}
