package workitem

import (
	"context"
	"errors"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// Pass gives a membership what another one of the same person holds, limit items at most, in the act
// of package departure, which has checked the right: the receiver is who had them, so that nothing is
// asked of them, and nobody is told that they got something. It says what it took, and how many are
// left.
func Pass(ctx context.Context, tx *action.Tx, org ident.Org, from, to ident.Member, limit int) ([]Taken, int64, error) {
	h := Handover{From: from, To: to}
	items, left, err := h.items(ctx, tx.Tx, org, limit)
	if errors.Is(err, ErrNothing) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	names, err := member.Refs(ctx, tx.Tx, org, []ident.Member{from, to})
	if err != nil {
		return nil, 0, err
	}
	return takenOf(items), left, h.give(ctx, tx, org, items, names[from].Name(), names[to].Name())
}
