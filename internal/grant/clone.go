package grant

import (
	"context"
	"slices"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Domains are the types that can be cloned, in the order of the screens.
var Domains = []resource.Type{resource.Agenda, resource.MessagingProfile}

// cloned makes of a clone the wishes that give its members the levels of From (RGT-4): on
// every open resource of the domains where the editor gives rights, but those that From
// or the member holds. skipped counts the levels of From that the editor sees, and may
// not give.
func cloned(ctx context.Context, tx *store.Tx, e editor, c *Clone, newcomer ident.Member) (wishes []wish, skipped int, err error) {
	if c == nil {
		return nil, 0, nil
	}
	if err := checkClone(ctx, tx, e, c, newcomer); err != nil {
		return nil, 0, err
	}
	all := slices.Concat([]ident.Member{c.From}, c.To)
	for _, domain := range Domains {
		if !slices.Contains(c.Domains, domain) {
			continue
		}
		things, err := resource.All(ctx, tx, e.held.Org, domain, resource.Sight{Whole: true})
		if err != nil {
			return nil, 0, err
		}
		rows, err := grantsOf(ctx, tx, e.held.Org, all)
		if err != nil {
			return nil, 0, err
		}
		s := &scene{editor: e, now: tx.Now, rows: map[cell]row{}}
		for _, r := range rows {
			s.rows[r.cell] = r
		}
		more, beyond := s.copied(c, things)
		wishes, skipped = append(wishes, more...), skipped+beyond
	}
	return wishes, skipped, nil
}

func checkClone(ctx context.Context, tx *store.Tx, e editor, c *Clone, newcomer ident.Member) error {
	var wrong fault.Fields
	if len(c.To) == 0 {
		wrong.Add("clone.to", "grant.clone_nobody")
	}
	if slices.Contains(c.To, c.From) {
		wrong.Add("clone.to", "grant.clone_self")
	}
	if len(c.Domains) == 0 || slices.ContainsFunc(c.Domains, func(t resource.Type) bool { return !slices.Contains(Domains, t) }) {
		wrong.Add("clone.domains", "grant.clone_domain")
	}
	people, err := readPeople(ctx, tx, e.held.Org, slices.Concat([]ident.Member{c.From}, c.To), false)
	if err != nil {
		return err
	}
	var no refusals
	for i, id := range slices.Concat([]ident.Member{c.From}, c.To) {
		p, there := people[id]
		if id == newcomer || (there && e.sees(p)) {
			continue
		}
		at := "clone.to"
		if i == 0 {
			at = "clone.from"
		}
		no.unknown.Add(at, member.ErrNotFound.Code)
	}
	if err := no.err(); err != nil {
		return err
	}
	return wrong.Err()
}

// copied are the wishes of a clone on things of one domain.
func (s *scene) copied(c *Clone, things []resource.Resource) (wishes []wish, skipped int) {
	for _, to := range c.To {
		for _, t := range things {
			model := s.state(cell{c.From, t.ID})
			switch {
			case t.Holder == c.From || t.Holder == to || !s.knows(t):
				continue
			case s.edits(t):
				wishes = append(wishes, s.copyOf(model, to, t.ID))
			case model.Level != None && s.reads(t):
				skipped++
			}
		}
	}
	return wishes, skipped
}

// copyOf asks for the level of the model, until the same day; what the model has from a
// later day begins with it.
func (s *scene) copyOf(model State, to ident.Member, id resource.ID) wish {
	w := wish{at: "clone", Change: Change{Member: to, Resource: id, Level: model.Level, Until: model.Until}}
	if model.Level != None && model.From.After(s.now) {
		from := model.From
		w.From = &from
	}
	return w
}
