package privacy

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// About is what a page on the data of somebody shows: who they are, and what whoever looks may do.
type About struct {
	Title     string
	Name      string // empty once they are erased
	Left      bool   // they are a member no more
	MayExport bool
	MayErase  bool         // they left, and whoever looks may erase them
	Exports   []DataExport // those that whoever looks asked for, newest first
	Erasure   *Erasure     // nil: nobody asked for it, or whoever looks may not know
}

// AboutMember says what a page shows of the data of somebody who is a member, or was. It is for
// whoever may ask for an export of it, or erase who left. Errors: member.ErrNotFound,
// access.ErrForbidden, member.ErrMorePowerful.
func (p People) AboutMember(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (About, error) {
	var a About
	act := action.Act{Verb: verbCopyList, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		a, err = aboutOf(ctx, tx, by, org, of)
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.View(ctx, p.Run, by, act, func(tx *store.Tx) (_ About, err error) {
		if a.MayExport {
			if a.Exports, err = copiesFor(ctx, tx, org, of, by.Account); err != nil {
				return a, err
			}
		}
		if a.MayErase {
			e, found, err := erasureOf(ctx, tx, org, of.String())
			if err != nil {
				return a, err
			}
			if found {
				a.Erasure = &e
			}
		}
		return a, nil
	})
}

// aboutOf finds who somebody is, and what whoever looks may do with their data.
func aboutOf(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, of ident.Member) (a About, err error) {
	m, cannot := anyOf(ctx, tx, by, org, of, access.MembersEdit, access.MembersRead)
	if cannot != nil && !fault.Is(cannot, fault.Forbidden) {
		return a, cannot
	}
	a.MayExport = cannot == nil && inPerson(by)
	l, err := reach(ctx, tx, by, org, of, access.MembersDelete, access.MembersRead)
	switch {
	case err == nil:
		a.MayErase, m = true, l.Member
	case cannot != nil:
		return a, cannot
	case fault.Of(err).Code != ErrStillMember.Code && !fault.Is(err, fault.Forbidden):
		return a, err
	}
	a.Title, a.Name = m.Title, m.Name()
	_, err = member.LeftAt(ctx, tx, org, of)
	a.Left = err == nil
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return a, err
}
