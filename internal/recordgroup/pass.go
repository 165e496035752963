package recordgroup

import (
	"context"

	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Pass puts a member, who is in no group yet, into every group of another membership of theirs, with
// the same dates and by whom, in the act of package merge, which has checked the right. It gives the
// lines of both, for the change set of that act.
func Pass(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) ([]changeset.Line, error) {
	held, err := groupsOf(ctx, tx, org, from)
	if err != nil {
		return nil, err
	}
	var lines []changeset.Line
	for _, h := range held {
		v := Group{Org: org, ID: h.Group, Details: Details{Name: h.GroupName}}
		if err := closeMember(ctx, tx, v, from); err != nil {
			return nil, err
		}
		if err := bump(ctx, tx, v); err != nil {
			return nil, err
		}
		if h.Over(tx.Now) {
			continue
		}
		h.Member = to
		if err := insertMember(ctx, tx, v, h, h.GivenBy); err != nil {
			return nil, err
		}
		lines = append(lines, memberLine(v, from, &h.Period, nil), memberLine(v, to, nil, &h.Period))
	}
	return lines, nil
}
