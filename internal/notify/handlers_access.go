package notify

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/resource"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// accessDigest tells the administrators of an organisation, and the holders of what it is
// about, who gained and who lost access in an hour: unless the organisation wants no such
// letters. Nobody is told what they did themself.
func accessDigest(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[grant.AccessLetter](j)
	if err != nil {
		return nil, err
	}
	policy, err := setting.ReadSecurity(ctx, tx, args.Org)
	if err != nil || policy.QuietAccess {
		return nil, err
	}
	moves, err := grant.Digest(ctx, tx, args.Org, args.From)
	if err != nil || len(moves) == 0 {
		return nil, err
	}
	administrators, err := member.Administrators(ctx, tx, access.OrgScope(args.Org))
	if err != nil {
		return nil, err
	}
	readers := map[ident.Member]bool{}
	for i := range administrators {
		readers[administrators[i].ID] = true
	}
	for _, m := range moves {
		if id := m.Resource.Holder; !id.IsZero() && !readers[id] {
			readers[id] = false
		}
	}
	t := matter{args.Org, setting.AlertAccess, preference.Told{What: preference.AccessChanged}}.tells()
	for _, id := range slices.Sorted(maps.Keys(readers)) {
		if err := t.digest(ctx, tx, id, readers[id], moves); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// digest tells one reader of what happened at the sites that they chose, unless it is nothing.
func (t *told) digest(ctx context.Context, tx *store.Tx, id ident.Member, administers bool, moves []grant.Move) error {
	wants, some, err := preference.Wants(ctx, tx, t.org, id, t.alert)
	if err != nil || !some {
		return err
	}
	who, err := addressed(ctx, tx, t.org, id)
	if err != nil {
		return unlessMoot(err)
	}
	facts, something := digestFor(who, administers, chosen(moves, wants))
	if !something {
		return nil
	}
	n := int64(len(facts.Gained) + len(facts.Lost) + len(facts.Changed))
	return t.tell(ctx, tx, wants, n, func(to addressee) (Letter, error) { return WriteAccessDigest(recipient(to.account), facts) })
}

// unlessMoot: whom nothing may be sent to any more is no failure.
func unlessMoot(err error) error {
	if errors.Is(err, errMoot) {
		return nil
	}
	return err
}

// chosen leaves out what is at sites that somebody did not choose.
func chosen(moves []grant.Move, by preference.Subscriber) []grant.Move {
	return slices.DeleteFunc(slices.Clone(moves), func(m grant.Move) bool { return !by.Follows(m.Resource.Site) })
}

// digestFor gathers what one person is told; the second value is false for nothing.
func digestFor(to addressee, administers bool, moves []grant.Move) (AccessDigestFacts, bool) {
	f := AccessDigestFacts{Org: to.org, Holder: !administers}
	own := []string{to.account.ID.String()}
	for _, m := range moves {
		if slices.Equal(m.By, own) || (!administers && m.Resource.Holder != to.member.ID) {
			continue
		}
		list := &f.Changed
		switch m.Turn {
		case grant.Gained:
			list = &f.Gained
		case grant.Lost:
			list = &f.Lost
		case grant.Changed:
		}
		name := strings.TrimSpace(m.MemberName)
		i := slices.IndexFunc(*list, func(a AccessMove) bool { return a.Name == name })
		if i < 0 {
			*list = append(*list, AccessMove{Name: name})
			i = len(*list) - 1
		}
		(*list)[i].Places = append((*list)[i].Places, m.Resource.Name)
	}
	return f, len(f.Gained)+len(f.Lost)+len(f.Changed) > 0
}

// selfLevels writes to the other administrators of the organisation and of the sites
// concerned, at once.
func selfLevels(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[grant.SelfLevelsLetter](j)
	if err != nil {
		return nil, err
	}
	giver, err := addressed(ctx, tx, args.Org, args.Member)
	if err != nil {
		return nil, err
	}
	things, err := resource.Load(ctx, tx, args.Org, args.Resources)
	if err != nil || len(things) == 0 {
		return nil, err
	}
	facts := SelfLevelsFacts{Org: giver.org, By: giver.member.Name(), At: j.Created}
	for _, r := range things {
		facts.Places = append(facts.Places, r.Name)
	}
	scopes := []access.Scope{access.OrgScope(args.Org)}
	for _, site := range args.Sites {
		scopes = append(scopes, access.SiteScope(args.Org, site))
	}
	letters := map[string]Letter{}
	for _, at := range scopes {
		if err := tellAdministrators(ctx, tx, at, args.Member, facts, letters); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// tellAdministrators adds the letters to the administrators of a scope but one.
func tellAdministrators(ctx context.Context, tx *store.Tx, at access.Scope, but ident.Member, facts SelfLevelsFacts,
	letters map[string]Letter,
) error {
	readers, err := member.Administrators(ctx, tx, at)
	if err != nil {
		return err
	}
	for i := range readers {
		to, err := addressed(ctx, tx, at.Org, readers[i].ID)
		if errors.Is(err, errMoot) || readers[i].ID == but {
			continue
		}
		if err != nil {
			return err
		}
		if letters[to.account.ID.String()], err = WriteSelfLevels(recipient(to.account), facts); err != nil {
			return err
		}
	}
	return nil
}
