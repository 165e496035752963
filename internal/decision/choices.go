package decision

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// MaxChoices bounds what a form offers to choose from; beyond it, a search narrows.
const MaxChoices = 500

// Choice is a person or a thing that may be asked about.
type Choice struct{ ID, Name, Detail string }

// Choices are whom and what somebody may ask about.
type Choices struct {
	People []Choice
	Things []Choice // of the type asked for
	More   bool     // there are more people than MaxChoices
}

// Choices offers the members and the things of a type that by may ask about: those of the
// sites where by reads rights; for others, themself and what they have a right on.
// People are narrowed by the words of q.
func (i Insight) Choices(ctx context.Context, by access.Actor, org ident.Org, of, q string) (Choices, error) {
	act := action.Act{Verb: "decision.search", Orgs: []ident.Org{org}, Needs: []access.Need{access.MemberOf(org)}}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Choices, error) {
		who, err := onlookerOf(ctx, tx, by, org)
		if err != nil {
			return Choices{}, err
		}
		var c Choices
		if c.People, err = who.people(ctx, tx, org, q); err != nil {
			return c, err
		}
		if c.More = len(c.People) > MaxChoices; c.More {
			c.People = c.People[:MaxChoices]
		}
		c.Things, err = who.things(ctx, tx, org, of)
		return c, err
	})
}

// people are the members whose rights the onlooker reads, by name.
func (r onlooker) people(ctx context.Context, tx *store.Tx, org ident.Org, q string) ([]Choice, error) {
	var sites []ident.Site
	for _, p := range rightsReaders {
		at, whole := r.held.Sites(p)
		if whole {
			return peopleOf(ctx, tx, org, q, nil, r.held.Member)
		}
		sites = append(sites, at...)
	}
	if sites == nil {
		sites = []ident.Site{}
	}
	return peopleOf(ctx, tx, org, q, sites, r.held.Member)
}

func (r onlooker) things(ctx context.Context, tx *store.Tx, org ident.Org, of string) ([]Choice, error) {
	switch of {
	case TypeAgenda, TypeMessagingProfile, TypeIdentity:
		return r.resources(ctx, tx, org, resource.Type(of))
	case TypeMember:
		return r.people(ctx, tx, org, "")
	}
	return nil, nil
}

func (r onlooker) resources(ctx context.Context, tx *store.Tx, org ident.Org, t resource.Type) ([]Choice, error) {
	if !r.sight.Some() {
		return r.own(ctx, tx, org, t)
	}
	list, err := resource.All(ctx, tx, org, t, r.sight)
	choices := make([]Choice, 0, len(list))
	for _, v := range list {
		choices = append(choices, Choice{v.ID.String(), v.Name, v.Detail})
	}
	return choices, err
}

// own are the things of a type that the onlooker has, or had, a right on.
func (r onlooker) own(ctx context.Context, tx *store.Tx, org ident.Org, t resource.Type) ([]Choice, error) {
	p := past{ctx: ctx, tx: tx, org: org, at: tx.Now}
	mine, err := p.rights(r, r.held.Member)
	lists := map[resource.Type][]Right{
		resource.Agenda: mine.Agendas, resource.MessagingProfile: mine.Messaging, resource.Identity: mine.Identities,
	}
	var choices []Choice
	seen := map[string]bool{}
	for _, one := range lists[t] {
		if !seen[one.Resource.ID] {
			seen[one.Resource.ID] = true
			choices = append(choices, Choice{one.Resource.ID, one.Name, one.Detail})
		}
	}
	return choices, err
}
