package resource

import (
	"context"
	"errors"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
)

// GiveBack makes a member, who comes back, the holder again of what was handed over or closed when
// they left, unless somebody changed it since that version, in the act of a caller who has checked
// the right. The code says why it stays as it is; empty: it came back.
func GiveBack(ctx context.Context, tx *action.Tx, in ident.Org, id ID, to ident.Member, version int64) (Resource, string, error) {
	v, err := get(ctx, tx.Tx, in, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return v, ErrNotFound.Code, nil
	case err != nil:
		return v, "", err
	case v.Version != version:
		return v, ErrChangedSince.Code, nil
	}
	verb := "resource.edit"
	next := v
	if v.Status == Closed {
		if err := mayReopen(ctx, tx.Tx, v); err != nil {
			return v, refusal(err), unlessRefusal(err)
		}
		verb, next.Status = "resource.reopen", Active
	}
	p, ok, err := findPerson(ctx, tx.Tx, in, to)
	if err != nil || !ok {
		return v, ErrReceiver.Code, err
	}
	next.Holder, next.HolderName = to, p.name
	next.Version++
	before, after := facts(v), facts(next)
	before[factStatus], after[factStatus] = v.Status, next.Status
	tx.Record(event(next, verb, before, after))
	return next, "", write(ctx, tx.Tx, next)
}

// refusal is the code of a refusal, and unlessRefusal what is none.
func refusal(err error) string {
	if unlessRefusal(err) != nil {
		return ""
	}
	return fault.Of(err).Code
}

func unlessRefusal(err error) error {
	if errors.Is(err, ErrNameTaken) || errors.Is(err, ErrTooMany) || errors.Is(err, org.ErrNoSuchSite) {
		return nil
	}
	return err
}
