package preference

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// ErrQuery is the refusal of a page that cannot be read.
var ErrQuery = fault.New(fault.Malformed, "preference.query")

// Told is a notice to write.
type Told struct {
	To      ident.Member
	Alert   setting.Alert
	What    What
	Count   int64
	Subject ident.Member // zero: nobody
	Day     time.Time    // zero: none
}

// Tell leaves notices: at most one of a source, such as a job, for each member. It joins the
// caller's transaction.
func Tell(ctx context.Context, tx *store.Tx, org ident.Org, source string, list []Told) error {
	for _, n := range list {
		if err := insertNotice(ctx, tx, org, source, n); err != nil {
			return err
		}
	}
	return nil
}

// spot is where a page of notices ended.
type spot struct {
	At time.Time    `json:"at"`
	ID ident.Notice `json:"id"`
}

// Notices gives the actor's own notices in an organisation, the latest first. Errors:
// ErrNotMember, ErrQuery, secret.ErrCursor.
func (p Preferences) Notices(ctx context.Context, by access.Actor, org ident.Org, q NoticeQuery) (NoticePage, error) {
	if q.Size == 0 {
		q.Size = DefaultNotices
	}
	if q.Size < 1 || q.Size > MaxNotices {
		return NoticePage{}, ErrQuery
	}
	return viewOwn(ctx, p, by, org, func(tx *store.Tx, held access.Held) (NoticePage, error) {
		page, err := p.page(ctx, tx, held, q)
		if err != nil {
			return page, err
		}
		return page, nameSubjects(ctx, tx, held, page.Notices)
	})
}

// page reads a page of the notices of whoever holds held, nobody named.
func (p Preferences) page(ctx context.Context, tx *store.Tx, held access.Held, q NoticeQuery) (page NoticePage, err error) {
	name := "notices|" + held.Org.String() + "|" + held.Member.String()
	var after *spot
	if q.After != "" {
		after = &spot{}
		if err := p.Run.Ring.OpenCursor(name, q.After, after); err != nil {
			return page, err
		}
	}
	if page.Unread, err = countUnread(ctx, tx, held.Org, held.Member); err != nil {
		return page, err
	}
	if page.Total = page.Unread; !q.Unread {
		if page.Total, err = countNotices(ctx, tx, held.Org, held.Member); err != nil {
			return page, err
		}
	}
	page.Notices, err = listNotices(ctx, tx, held.Org, held.Member, q.Unread, after, q.Size+1)
	if err != nil || len(page.Notices) <= q.Size {
		return page, err
	}
	page.Notices = page.Notices[:q.Size]
	last := page.Notices[q.Size-1]
	page.Next, err = p.Run.Ring.Cursor(name, spot{last.At, last.ID})
	return page, err
}

// Unread is how many notices of the actor's are not read.
func (p Preferences) Unread(ctx context.Context, by access.Actor, org ident.Org) (int64, error) {
	return viewOwn(ctx, p, by, org, func(tx *store.Tx, held access.Held) (int64, error) {
		return countUnread(ctx, tx, org, held.Member)
	})
}

// viewOwn reads something of the actor's own membership. Errors: ErrNotMember for a token.
func viewOwn[T any](ctx context.Context, p Preferences, by access.Actor, org ident.Org, read func(*store.Tx, access.Held) (T, error),
) (T, error) {
	act := action.Act{Verb: "notice.read", Orgs: []ident.Org{org}, Needs: []access.Need{access.MemberOf(org)}}
	return action.View(ctx, p.Run, by, act, func(tx *store.Tx) (T, error) {
		held, err := myself(ctx, tx, by, org)
		if err != nil {
			var zero T
			return zero, err
		}
		return read(tx, held)
	})
}

func myself(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (access.Held, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	if err == nil && held.Member.IsZero() {
		err = ErrNotMember
	}
	return held, err
}

// MarkRead marks notices of the actor's as read: these, or all of them when ids is nil. What is
// none of theirs is left alone. Errors: ErrNotMember, ErrQuery for more than MaxNotices.
func (p Preferences) MarkRead(ctx context.Context, by access.Actor, org ident.Org, ids []ident.Notice) error {
	if len(ids) > MaxNotices {
		return ErrQuery
	}
	return p.Run.DB.Write(ctx, []store.Lock{store.Lock("notices " + org.String() + " " + by.Account.String())}, func(tx *store.Tx) error {
		held, err := myself(ctx, tx, by, org)
		if err != nil {
			return err
		}
		return markRead(ctx, tx, org, held.Member, ids)
	})
}

// nameSubjects names whom notices are about, as far as their reader may know of them, and takes
// the others off.
func nameSubjects(ctx context.Context, tx *store.Tx, held access.Held, list []Notice) error {
	var ids []ident.Member
	for i := range list {
		if s := list[i].Subject; !s.IsZero() && !slices.Contains(ids, s) {
			ids = append(ids, s)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	people, err := member.Refs(ctx, tx, held.Org, ids)
	if err != nil {
		return err
	}
	sites, err := member.SitesOf(ctx, tx, held.Org, ids)
	if err != nil {
		return err
	}
	for i := range list {
		n := &list[i]
		who, there := people[n.Subject]
		if !there || !knows(held, n.Subject, sites[n.Subject]) {
			n.Subject = ""
			continue
		}
		n.Name = who.Name()
	}
	return nil
}

// knows reports whether somebody may know of a member, by the rule of package member.
func knows(held access.Held, of ident.Member, sites []ident.Site) bool {
	at := func(s ident.Site) bool { return held.Has(access.MembersRead, access.SiteScope(held.Org, s)) }
	return held.Member == of || held.Has(access.MembersRead, access.OrgScope(held.Org)) || slices.ContainsFunc(sites, at)
}

// Sweep removes the notices that are over; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"notices"}, func(tx *store.Tx) error { return sweepNotices(ctx, tx, tx.Now.Add(-NoticeLife)) })
}

// SweepIn removes the oldest notices of an organisation from before a time, n at most, and says how
// many.
func SweepIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	return sweepNoticesIn(ctx, tx, org, before, n)
}
