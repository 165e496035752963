package privacy

import (
	"context"
	"slices"

	"habilis/internal/store"
)

// preview counts what there is.
func (w *looking) preview(ctx context.Context, tx *store.Tx, v *Preview) (err error) {
	if err := w.prepare(ctx, tx); err != nil {
		return err
	}
	v.Namesake = w.namesake
	for _, t := range within(!w.org.IsZero()) {
		n, err := t.Count(ctx, tx, w.org.String(), w.ids)
		if err != nil {
			return err
		}
		v.Rows += n
	}
	if v.Trail, err = payloadsOf(ctx, tx, chainOf(w.org), w.ids); err != nil || w.org.IsZero() {
		return err
	}
	return w.named(ctx, tx, v)
}

// namedTables are those of things that people know by their name.
var namedTables = []string{"resource_state", "record_group_state", "role_state"}

// named lists the things whose name is to change.
func (w *looking) named(ctx context.Context, tx *store.Tx, v *Preview) error {
	for _, t := range within(true) {
		if !slices.Contains(namedTables, t.Table) {
			continue
		}
		i := slices.Index(t.Words, "name")
		var after []any
		for {
			last, _, err := t.Look(ctx, tx, w.org.String(), w.ids, after, rowsAtOnce, func(r store.Worded) ([]string, bool) {
				if out, differ := w.redact(t, r); differ && out[i] != r.Words[i] {
					v.add(Named{t.Table, r.Words[i], out[i]})
				}
				return nil, false
			})
			if err != nil {
				return err
			}
			if after = last; last == nil {
				break
			}
		}
	}
	return nil
}

func (v *Preview) add(n Named) {
	if len(v.Named) < MaxNamed && !slices.Contains(v.Named, n) {
		v.Named = append(v.Named, n)
	}
}
