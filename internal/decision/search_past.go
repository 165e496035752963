package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// searchPast searches a past moment: everything that there was is asked about, one by one.
func (d *Decisions) searchPast(ctx context.Context, org ident.Org, q *Question, g *pager,
	search func(past, *Question, *pager) error,
) (Results, error) {
	err := d.run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		if q.At.After(tx.Now) {
			return nil
		}
		return search(past{ctx: ctx, tx: tx, org: org, at: q.At.UTC().Truncate(time.Microsecond)}, q, g)
	})
	if err != nil {
		return Results{}, unavailable(err)
	}
	return g.end(d.run.Ring)
}

func (p past) subjects(q *Question, g *pager) error {
	list, err := pastMembersAfter(p.ctx, p.tx, p.org, g.after, p.at)
	if q.Subject.Type == TypeAccount {
		list, err = pastAccountsAfter(p.ctx, p.tx, p.org, g.after, p.at)
	}
	if err != nil {
		return err
	}
	one := *q
	for _, id := range list {
		one.Subject.ID = id
		if done, err := p.try(&one, g, one.Subject); done || err != nil {
			return err
		}
	}
	return nil
}

func (p past) resources(q *Question, g *pager) error {
	list, err := p.candidates(q, g.after)
	if err != nil {
		return err
	}
	one := *q
	for _, id := range list {
		one.Resource.ID = id
		if done, err := p.try(&one, g, one.Resource); done || err != nil {
			return err
		}
	}
	return nil
}

// candidates are what there was of a type, after a place.
func (p past) candidates(q *Question, after string) ([]string, error) {
	switch q.Resource.Type {
	case TypeAgenda, TypeMessagingProfile, TypeIdentity:
		return pastResourcesAfter(p.ctx, p.tx, p.org, q.Resource.Type, after, p.at)
	case TypeMember:
		return pastMembersAfter(p.ctx, p.tx, p.org, after, p.at)
	case TypeSite:
		return pastSitesAfter(p.ctx, p.tx, p.org, after, p.at)
	case TypeOrganization:
		if after == "" {
			return []string{p.org.String()}, nil
		}
	case TypePatientRecord:
		m, refusal, err := p.subject(*q)
		if err != nil || refusal != "" {
			return nil, err
		}
		return pastRecordsAfter(p.ctx, p.tx, p.org, m.id, after, p.at)
	}
	return nil, nil
}

// try asks about one candidate; done when the page is full.
func (p past) try(q *Question, g *pager, found Entity) (done bool, err error) {
	e, err := p.judge(*q)
	if err != nil || !e.Allowed {
		return false, err
	}
	return !g.add(found.Type, found.ID), nil
}

func (d *Decisions) actionsPast(ctx context.Context, org ident.Org, q *Question, g *pager, names []string) (Results, error) {
	for _, name := range names {
		q.Action = name
		e, err := d.explainPast(ctx, org, q)
		if err != nil {
			return Results{}, err
		}
		g.addAction(name, e.Code)
	}
	return g.end(d.run.Ring)
}
