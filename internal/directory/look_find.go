package directory

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/limit"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Bounds of a search by a person or a program.
const (
	FindPerMinute = 60 // searches of one caller (rules.md 4)
	MinWords      = 2  // letters of a name
	MaxWords      = 200
)

// Faults of a search.
var (
	ErrCriteria = fault.New(fault.Malformed, "directory.criteria")
	codeShort   = "directory.name_too_short"
	codeLong    = "text.too_long"
)

// finds counts the searches of one caller.
var finds = limit.Counter{Name: "directory", Window: time.Minute, Max: FindPerMinute}

// Directory is the register of practitioners. As a Source it answers the other packages;
// people and programs search it with Find, which asks who they are.
type Directory struct {
	Source

	Run *action.Runner
}

// Search is what somebody looks for: an RPPS number, or a name and perhaps a town.
type Search struct {
	RPPS string // as typed
	Name string
	City string // a town or a postal code
}

// Find looks somebody up. It is for those who may create or edit members somewhere. An
// answer whose origin is NotChecked is no error: nobody could say. Errors: fields to
// correct, ErrCriteria, access.ErrForbidden, limit.ErrExceeded.
func (d Directory) Find(ctx context.Context, by access.Actor, s Search) (Answer, error) {
	act := action.Act{Verb: "directory.search", Resolve: func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		return mayFind(ctx, tx, by)
	}}
	if _, err := action.View(ctx, d.Run, by, act, func(*store.Tx) (bool, error) { return true, nil }); err != nil {
		return Answer{}, err
	}
	s, err := s.checked()
	if err != nil {
		return Answer{}, err
	}
	if err := finds.Take(ctx, d.Run.DB, by.ID()); err != nil {
		return Answer{}, err
	}
	if s.RPPS != "" {
		return d.ByRPPS(ctx, s.RPPS)
	}
	return d.ByName(ctx, Name{Words: s.Name, City: s.City})
}

// checked reads what was typed.
func (s Search) checked() (Search, error) {
	s.Name, s.City, s.RPPS = strings.TrimSpace(s.Name), strings.TrimSpace(s.City), strings.TrimSpace(s.RPPS)
	if (s.RPPS == "") == (s.Name == "") || (s.RPPS != "" && s.City != "") {
		return s, ErrCriteria
	}
	var f fault.Fields
	if s.RPPS != "" {
		s.RPPS = string(identifier.Check(&f, "rpps", s.RPPS, identifier.ParseRPPS))
		return s, f.Err()
	}
	if utf8.RuneCountInString(text.Fold(s.Name)) < MinWords {
		f.Add("name", codeShort, "Min", MinWords)
	}
	for at, v := range map[string]string{"name": s.Name, "city": s.City} {
		if utf8.RuneCountInString(v) > MaxWords {
			f.Add(at, codeLong, "Max", MaxWords)
		}
	}
	return s, f.Err()
}

// mayFind: whoever may create or edit members, in whatever organisation.
func mayFind(ctx context.Context, tx *store.Tx, by access.Actor) ([]access.Need, error) {
	yes := []access.Need{access.Everybody()}
	var orgs []ident.Org
	switch by.Kind {
	case access.System:
		return yes, nil
	case access.Anonymous:
		return nil, access.ErrUnauthenticated
	case access.OrgToken:
		orgs = []ident.Org{by.Org}
	case access.Person, access.PlatformToken:
		var err error
		if orgs, err = orgsOf(ctx, tx, by.Account); err != nil {
			return nil, err
		}
	}
	for _, org := range orgs {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err == nil && (held.HasAnywhere(access.MembersInvite) || held.HasAnywhere(access.MembersEdit)) {
			return yes, nil
		}
		if fault.Of(err).Kind == fault.Internal && err != nil {
			return nil, err
		}
	}
	return nil, access.ErrForbidden.With("Permission", string(access.MembersInvite))
}
