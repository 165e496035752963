package recordgroup

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Unlisted is what closing or opening the records of no group bears on.
type Unlisted struct {
	setting.Records
	Groups  int64
	Without int64 // members, waiting or active, who are in no group: closed, they see no record
}

// Unlisted reads the organisation's setting with what it bears on, for whoever may change
// it: settings.edit in the organisation.
func (g Groups) Unlisted(ctx context.Context, by access.Actor, org ident.Org) (Unlisted, error) {
	act := action.Act{
		Verb: verbPreview, Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))},
	}
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (u Unlisted, err error) {
		if u.Records, err = setting.ReadRecords(ctx, tx, org); err != nil {
			return u, err
		}
		if u.Groups, err = countGroups(ctx, tx, org); err != nil {
			return u, err
		}
		u.Without, err = countWithout(ctx, tx, org)
		return u, err
	})
}
