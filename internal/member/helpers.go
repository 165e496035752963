package member

import (
	"context"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// maxHelpers bounds the names that a refusal gives: enough to find one of them today.
const maxHelpers = 3

// Helpers names a few administrators of the organisation who can sign in, by name: every
// member in force may know whom to ask for a right that they lack (DESIGN.md 4, 10). The
// actor is not among them.
func (m Members) Helpers(ctx context.Context, by access.Actor, in ident.Org) ([]string, error) {
	act := action.Act{Verb: "member.helpers", Orgs: []ident.Org{in}, Object: in.String(), Needs: []access.Need{access.MemberOf(in)}}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) ([]string, error) {
		return HelpersOf(ctx, tx, in, by.Account)
	})
}

// HelpersOf names them in the caller's transaction, to somebody who is not among them.
func HelpersOf(ctx context.Context, tx *store.Tx, in ident.Org, to ident.Account) (names []string, err error) {
	all, err := Administrators(ctx, tx, access.OrgScope(in))
	for i := range all {
		name := strings.TrimSpace(all[i].Name())
		if all[i].Account != to && name != "" && len(names) < maxHelpers {
			names = append(names, name)
		}
	}
	return names, err
}
