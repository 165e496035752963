package notify

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// left tells a person that they have left an organisation (SEC-5).
func left(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[member.LeftLetter](j)
	if err != nil {
		return Letter{}, err
	}
	to, o, err := reached(ctx, tx, args.Account, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteLeft(to, AccessFacts{Org: o, At: j.Created})
}

// leaver tells every administrator of the organisation who has left it.
func leaver(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[member.LeaverLetter](j)
	if err != nil {
		return nil, err
	}
	return toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		return WriteLeaver(recipient(to.account), AccessFacts{Org: to.org, By: args.Name, At: j.Created})
	})
}
