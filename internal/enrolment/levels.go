package enrolment

import (
	"context"
	"errors"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/store"
)

// atLevels begins the name of each field about levels: "rights.changes[2].level",
// "rights.clone.from".
const atLevels = "rights"

// checkLevels keeps the levels that the actor may give, by the rules that hold for giving
// them later (RGT-1).
func (p *plan) checkLevels(ctx context.Context, tx *store.Tx, by access.Actor, who grant.Newcomer, w grant.Welcome, f *findings) error {
	var err error
	p.levels, err = grant.Foresee(ctx, tx, by, p.org, who, w)
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	switch refusal.Kind {
	case fault.Forbidden, fault.NotFound, fault.Conflict, fault.Invalid:
	default:
		return err
	}
	if len(refusal.Fields) == 0 {
		f.addField(fault.Field{Location: atLevels, Code: refusal.Code, Args: refusal.Args})
	}
	for _, x := range refusal.Fields {
		x.Location = atLevels + "." + x.Location
		if refusal.Kind == fault.Invalid {
			f.addField(x)
			continue
		}
		f.refused = append(f.refused, x)
	}
	return nil
}

// levelsOf reads the levels of a creation.
func (c *creation) levelsOf(ctx context.Context, tx *store.Tx, by access.Actor) error {
	who := grant.Newcomer{
		Name: strings.TrimSpace(c.in.GivenName + " " + c.in.FamilyName), Sites: c.sites, EndsAt: c.in.Locum.Ends(),
	}
	return c.checkLevels(ctx, tx, by, who, c.in.Levels, &c.findings)
}

// giveLevels gives a member who was just created their levels, as a change set of its own.
func (c *creation) giveLevels(ctx context.Context, tx *action.Tx, m member.Member) error {
	return grant.Welcomed(ctx, tx, tx.By, c.org, m.ID, c.levels.Lasting(tx.Now))
}
