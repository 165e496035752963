package invitation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Bounds of the list, those of every list of the product (LST-1).
const (
	DefaultPageSize = 20
	MaxPageSize     = 500
	MaxSearch       = 200 // code points
	anywhere        = 3   // a shorter search looks at the beginning of addresses only
)

// Query is the state of the list.
type Query struct {
	Search string // part of an address
	After  string // cursor, for the API; Page is then ignored
	Page   int    // from 1, for the web
	Size   int
}

// List gives the pending invitations that the actor may see, the latest first,
// expired ones included until they are deleted (MEM-11). Errors: fields to correct,
// secret.ErrCursor.
func (i Invitations) List(ctx context.Context, by access.Actor, org ident.Org, q Query) (List, error) {
	act := action.Act{Verb: "invitation.list", Orgs: []ident.Org{org}, Needs: []access.Need{access.MemberOf(org)}}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (List, error) {
		h, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return List{}, err
		}
		if !h.HasAnywhere(access.MembersInvite) {
			return List{}, access.ErrForbidden.With("Permission", string(access.MembersInvite))
		}
		return i.page(ctx, tx, by, h, q)
	})
}

func (i Invitations) page(ctx context.Context, tx *store.Tx, by access.Actor, h access.Held, q Query) (List, error) {
	q, err := q.clean()
	if err != nil {
		return List{}, err
	}
	sites, whole := h.Sites(access.MembersInvite)
	f := filter{org: h.Org, search: q.Search, sites: sites, whole: whole}
	if f.total, err = countPending(ctx, tx, f); err != nil {
		return List{}, err
	}
	name := fmt.Sprintf("invitations|%s|%q", h.Org, q.Search)
	if q.After != "" {
		if err := i.Run.Ring.OpenCursor(name, q.After, &f.after); err != nil {
			return List{}, err
		}
		q.Page = 1
	}
	items, err := listPending(ctx, tx, f, q.Size+1, (q.Page-1)*q.Size)
	if err != nil {
		return List{}, err
	}
	l := List{Items: items, Total: f.total}
	if len(items) > q.Size {
		l.Items = items[:q.Size]
		last := l.Items[q.Size-1]
		if l.Next, err = i.Run.Ring.Cursor(name, place{last.CreatedAt, last.ID}); err != nil {
			return List{}, err
		}
	}
	if err := complete(ctx, tx, h.Org, l.Items); err != nil {
		return List{}, err
	}
	return l, mark(ctx, tx, by, l.Items)
}

// mark says of each invitation whether by may resend it. Invitations sent together
// have the same answer: it is looked up once.
func mark(ctx context.Context, tx *store.Tx, by access.Actor, list []Invitation) error {
	known := map[string]bool{}
	for n := range list {
		key := fmt.Sprint(list[n].Roles, list[n].Sites, list[n].things(), list[n].Inviter.Platform)
		may, ok := known[key]
		if !ok {
			err := powers(ctx, tx, by, list[n])
			if err != nil && !errors.Is(err, ErrMorePowerful) {
				return err
			}
			may = err == nil
			known[key] = may
		}
		list[n].MayResend = may
	}
	return nil
}

// things are the resources on which the invitation gives a level.
func (i Invitation) things() []resource.ID {
	ids := make([]resource.ID, 0, len(i.Levels))
	for _, l := range i.Levels {
		ids = append(ids, l.Resource)
	}
	return ids
}

func (q Query) clean() (Query, error) {
	q.Search = strings.ToLower(strings.TrimSpace(q.Search))
	if utf8.RuneCountInString(q.Search) > MaxSearch {
		return q, fault.OnField("q", "text.too_long", "Max", MaxSearch)
	}
	if q.Size <= 0 {
		q.Size = DefaultPageSize
	}
	q.Size = min(q.Size, MaxPageSize)
	q.Page = max(q.Page, 1)
	return q, nil
}

// pattern finds the search in an e-mail key: one or two letters at its beginning
// only (rules.md 4).
func pattern(search string) string {
	p := store.Like(search)
	if utf8.RuneCountInString(search) < anywhere {
		p = p[1:]
	}
	return p
}

// place is where a page ended: the order of the list is by these two.
type place struct {
	Created time.Time        `json:"t"`
	ID      ident.Invitation `json:"i"`
}

// filter is what narrows the list: the organisation, the search, and the sites
// beyond which the viewer sees nothing.
type filter struct {
	org    ident.Org
	search string
	sites  []ident.Site
	whole  bool
	after  place
	total  int64
}
