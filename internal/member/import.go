package member

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Watched reads the members of an organisation whose RPPS number the directory may be
// asked about, by their IDs, after one of them; what was imported comes with them (VER-5).
func Watched(ctx context.Context, tx *store.Tx, in ident.Org, after ident.Member, limit int) ([]Member, error) {
	found, err := watched(ctx, tx, in, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Member, 0, len(found))
	for _, w := range found {
		if w.Identity.Source == FromDirectory {
			if w.Identity.Import, err = openImport(w.body); err != nil {
				return nil, err
			}
		}
		out = append(out, w.Member)
	}
	return out, nil
}

// WatchedOrgs are the organisations that have members to watch.
func WatchedOrgs(ctx context.Context, tx *store.Tx) ([]ident.Org, error) { return watchedOrgs(ctx, tx) }

// ApplyImport gives a member the identity that the directory publishes now: names,
// profession, specialty (VER-5). A name that is the same but for its capitals stays as it is
// written. Whoever calls it has checked who may, and records it. Errors:
// ErrNotFound, fields to correct when the directory's names cannot be names here.
func ApplyImport(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, i *directory.Import) (Edited, error) {
	s, ok, err := findState(ctx, tx, in, id)
	switch {
	case err != nil:
		return Edited{}, err
	case !ok:
		return Edited{}, ErrNotFound
	}
	e := &edition{Member: s.Member, was: s.Member, now: tx.Now}
	e.adopt(i)
	e.GivenName, e.FamilyName = written(s.GivenName, e.GivenName), written(s.FamilyName, e.FamilyName)
	e.consistent()
	if err := e.verdict(); err != nil {
		return Edited{}, err
	}
	out := Edited{Before: s.Member, After: e.Member, Fields: e.changes(), Warnings: e.doubts}
	if err := touch(ctx, tx, in, id); err != nil {
		return out, err
	}
	out.After.Version++
	return out, writeState(ctx, tx, e.Member, s.rev+1)
}

// written is a name of the directory as it is written here: as it is published, but for a
// name in capitals, which stays as it was written when it is the same, and else loses them.
func written(before, published string) string {
	switch {
	case published != strings.ToUpper(published):
		return published
	case text.Fold(before) == text.Fold(published):
		return before
	}
	var b strings.Builder
	first := true
	for _, r := range strings.ToLower(published) {
		if first {
			r = unicode.ToTitle(r)
		}
		b.WriteRune(r)
		first = r == ' ' || r == '-' || r == '\'' || r == '’'
	}
	if !utf8.ValidString(b.String()) {
		return published
	}
	return b.String()
}

// Eye is what somebody may see and change of the members of one organisation.
type Eye struct{ v viewer }

// LookAs reads what by may see in an organisation. Errors: those of access.
func LookAs(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (Eye, error) {
	v, err := look(ctx, tx, by, in)
	return Eye{v}, err
}

// See reads a member whom the eye's owner may see. Errors: ErrNotFound, access.ErrForbidden for
// whoever may see nobody.
func (e Eye) See(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Member, error) {
	s, err := e.v.subject(ctx, tx, in, id)
	return s.Member, err
}

// Sight is which sites the eye's owner may know of.
func (e Eye) Sight() org.Sight { return e.v.sight }

// EditsAnybody reports whether there may be a member whom the eye's owner may edit.
func (e Eye) EditsAnybody() bool { return e.v.held.HasAnywhere(access.MembersEdit) }

// MayEdit is nil when the eye's owner may edit a member as a whole. Errors: ErrNotFound for
// one they may not see, access.ErrForbidden, ErrMorePowerful.
func (e Eye) MayEdit(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	return e.MayAct(ctx, tx, in, id, access.MembersEdit)
}

// MayAct is nil when the eye's owner holds p over a member as a whole. Errors: those of
// MayEdit.
func (e Eye) MayAct(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, p access.Permission) error {
	s, err := e.v.subject(ctx, tx, in, id)
	if err != nil {
		return err
	}
	return e.v.overWhole(s, p)
}

// Holds reports whether the eye's owner holds p, wherever.
func (e Eye) Holds(p access.Permission) bool { return e.v.held.HasAnywhere(p) }

// Member is who the eye's owner is in the organisation; zero for a token.
func (e Eye) Member() ident.Member { return e.v.held.Member }

// Refusal reports whether err says no, rather than that something failed.
func Refusal(err error) bool {
	return fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict)
}
