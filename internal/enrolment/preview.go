package enrolment

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/limit"
	"habilis/internal/store"
)

// Preview says what Invite would do, without doing it: «à inviter», «déjà membre»,
// «invitation en cours», «adresse à corriger» (DESIGN.md 16). An address that would
// join at once is Invited like one that would wait: whoever only looks does not
// learn who has an account, since nobody would be told that they looked (ENU-02).
// Errors: as Invite, but for the proof of the person: looking needs none.
func (e Enrolments) Preview(ctx context.Context, by access.Actor, in Invite) (Report, error) {
	act := action.Act{
		Verb: "invitation.preview", Orgs: []ident.Org{in.Org}, Needs: []access.Need{access.MemberOf(in.Org)},
	}
	view := action.View[Report]
	if len(in.Emails) > invitation.Chunk {
		view = action.ViewLong[Report] // 10,000 addresses take longer than a page may
	}
	return view(ctx, e.Run, by, act, func(tx *store.Tx) (Report, error) {
		p, err := check(ctx, tx, by, in)
		if err != nil {
			return Report{}, err
		}
		r := read(in.Emails)
		letters := int64(0)
		for chunk := range slices.Chunk(r.entries, invitation.Chunk) {
			fates, err := e.foresee(ctx, tx, p, chunk, &letters)
			if err != nil {
				return Report{}, err
			}
			r.put(chunk, fates)
		}
		out := r.close()
		out.Levels = p.levels
		return out, nil
	})
}

func (e Enrolments) foresee(ctx context.Context, tx *store.Tx, p plan, chunk []entry, letters *int64) ([]Line, error) {
	known, err := lookUp(ctx, tx, p.held, chunk)
	if err != nil {
		return nil, err
	}
	fates := make([]Line, len(chunk))
	for n, x := range chunk {
		fate, settled := known[x.email.Key].settled(p.held)
		if settled {
			fates[n] = fate
			continue
		}
		switch err := e.Limits.Foresee(ctx, tx, p.org, x.email.Key, *letters); {
		case errors.Is(err, limit.ErrExceeded):
			fates[n].Fate = Throttled
		case err != nil:
			return nil, err
		default:
			fates[n].Fate = Invited
			*letters++
		}
	}
	return fates, nil
}
