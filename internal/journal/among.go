package journal

import (
	"context"
	"strings"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Whoever is one of several in a change set sees what was done to them, and nothing of the
// others (AUD-2).

// isAmong reports whether the reader of their own history is at best one of several whom
// the event is about: it was done neither to them alone nor by them.
func (f *finder) isAmong(l line) bool {
	own := !f.self.IsZero() || !f.reader.account.IsZero()
	return own && l.Subject != f.self && (f.reader.account.IsZero() || l.actor != f.reader.account.String())
}

// factSite is how events call the name of where something happened.
const factSite = "site"

// ownLines leaves of an event the lines that are about the reader.
func (f *finder) ownLines(e *Event, names map[string]string) {
	e.Before, e.After = ownFacts(e.Before, f.self), ownFacts(e.After, f.self)
	told := map[string]string{"member": names[f.self.String()]}
	for _, key := range []string{"group", factSite} {
		if v, ok := e.Names[key]; ok {
			told[key] = v
		}
	}
	e.Names = told
}

// ownFacts are the facts of lists that name the member.
func ownFacts(facts map[string]any, self ident.Member) map[string]any {
	out := map[string]any{}
	for key, v := range facts {
		list, isList := v.([]any)
		if !isList {
			continue
		}
		var kept []any
		for _, x := range list {
			if m, ok := x.(map[string]any); ok && m["member"] == self.String() {
				kept = append(kept, x)
			}
		}
		if len(kept) > 0 {
			out[key] = kept
		}
	}
	return out
}

// includes reports whether the event is a change set with a line about the reader.
func (r reader) includes(ctx context.Context, tx *store.Tx, l line) (bool, error) {
	if r.self.IsZero() || l.Refused || !l.Subject.IsZero() || !strings.HasPrefix(l.Object, "cst_") {
		return false, nil
	}
	return hasLine(ctx, tx, r.org, l.Object, r.self)
}
