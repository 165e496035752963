package directory

import (
	"context"
	"errors"
	"log/slog"

	"habilis/internal/outbound"
)

// Lookup asks several sources, the best first, and answers always: what nobody can say is
// "not checked", which is never an error, never a right gained or lost (DIR-1).
type Lookup struct {
	Sources []Source // the local index, then the API
	Log     *slog.Logger
}

// ByRPPS gives the practitioner of an RPPS number. A source that does not know the number
// leaves it to the next, which may be more recent. The error is always nil.
func (l Lookup) ByRPPS(ctx context.Context, rpps string) (Answer, error) {
	return l.first(ctx, func(s Source) (Answer, error) {
		a, err := s.ByRPPS(ctx, rpps)
		if err == nil && !about(a, rpps) {
			return Answer{}, ErrUnavailable.Because(errGarbage)
		}
		return a, err
	}), nil
}

// ByName finds practitioners by name and place. The error is always nil.
func (l Lookup) ByName(ctx context.Context, n Name) (Answer, error) {
	return l.first(ctx, func(s Source) (Answer, error) { return s.ByName(ctx, n) }), nil
}

// first is the first answer that knows somebody, or else the first that says that there is
// nobody: unless a better source was asked after it and could not say.
func (l Lookup) first(ctx context.Context, ask func(Source) (Answer, error)) Answer {
	var nobody Answer
	for _, s := range l.Sources {
		a, err := ask(s)
		switch {
		case err != nil:
			l.note(ctx, err)
			nobody = Answer{}
		case len(a.Practitioners) > 0:
			return a
		case nobody.Origin == NotChecked:
			nobody = a
		}
	}
	return nobody
}

// note logs a source that did not answer. One that was never set up is no news, nor one
// that is left alone because it failed before.
func (l Lookup) note(ctx context.Context, err error) {
	if l.Log == nil || ctx.Err() != nil || errors.Is(err, ErrNotLoaded) || errors.Is(err, outbound.ErrBroken) {
		return
	}
	l.Log.Warn("directory: not checked", "err", err)
}

// ErrNotLoaded is the cause inside ErrUnavailable of a source that was never given its
// data.
var ErrNotLoaded = errors.New("directory: nothing was loaded")

var errGarbage = errors.New("directory: the answer is about somebody else, or about several persons")

// about reports whether an answer is about one RPPS number and at most one person.
func about(a Answer, rpps string) bool {
	if len(a.Practitioners) > 1 {
		return false
	}
	for _, p := range a.Practitioners {
		if p.RPPS != rpps {
			return false
		}
	}
	return true
}
