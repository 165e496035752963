package enrolment

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// The last block of a creation (MEM-1, MEM-6): what the member has of their own, and who is
// proposed to draft in their name.

// atDrafting begins the name of each field about drafting: "drafting[1]".
const atDrafting = "drafting"

// MaxDrafting bounds those who are proposed to draft in somebody's name on creation.
const MaxDrafting = 20

// settings reads the last block.
func (c *creation) settings(ctx context.Context, tx *store.Tx, by access.Actor) error {
	if err := c.note(preference.Foresee(ctx, tx, c.org, c.in.Settings)); err != nil {
		return err
	}
	return c.drafting(ctx, tx, by)
}

// note keeps the fields that another package refused; another error is the caller's.
func (c *creation) note(err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	for _, x := range refusal.Fields {
		c.findings.addField(x)
	}
	return nil
}

// drafting: an identity is made for the member, in whose name others are proposed to draft. It
// needs what making an identity and giving delegations needs, where the identity is to be.
func (c *creation) drafting(ctx context.Context, tx *store.Tx, by access.Actor) error {
	list := c.in.Drafting
	switch {
	case len(list) == 0:
		return nil
	case c.in.ProfileType == member.NonPractitioner:
		c.findings.Add(atDrafting, "enrolment.drafting_practitioner")
		return nil
	case len(list) > MaxDrafting:
		c.findings.Add(atDrafting, "enrolment.drafting_many", "Max", MaxDrafting)
		return nil
	}
	at := access.Scope{Org: c.org, Site: c.identitySite()}
	for _, p := range []access.Permission{access.RightsEdit, access.DelegationsEdit} {
		if !c.held.Has(p, at) {
			c.findings.refused = append(c.findings.refused, fault.Field{
				Location: atDrafting, Code: "enrolment.drafting_right", Args: map[string]any{"Permission": string(p)},
			})
			return nil
		}
	}
	for i, m := range list {
		sees, err := member.Sees(ctx, tx, by, c.org, m)
		if err != nil {
			return err
		}
		if !sees || slices.Contains(list[:i], m) {
			c.findings.Add(atDrafting+"["+strconv.Itoa(i)+"]", member.ErrNotFound.Code)
		}
	}
	return nil
}

// identitySite is where the member's identity is to be: their only site, or the organisation.
func (c *creation) identitySite() ident.Site {
	if len(c.sites) == 1 {
		return c.sites[0]
	}
	return ""
}

// propose makes the identity of a member who was just created, and proposes who drafts in its
// name: they alone confirm it (AUZ-10).
func (c *creation) propose(ctx context.Context, tx *action.Tx, m member.Member) error {
	if len(c.in.Drafting) == 0 {
		return nil
	}
	name := strings.TrimSpace(m.Title + " " + m.Name())
	held, err := access.HeldBy(ctx, tx.Tx, tx.By, c.org)
	if err != nil {
		return err
	}
	own, err := resource.Insert(ctx, tx.Tx, held, resource.Identity, resource.Details{
		Site: c.identitySite(), Kind: resource.OfPractitioner, Name: clipped(name, resource.MaxName), Holder: m.ID,
	})
	if err != nil {
		return atField(err)
	}
	tx.Record(resource.Created(own))
	return atField(grant.ProposeDrafting(ctx, tx, c.org, own.ID, c.in.Drafting))
}

// atField says at the field of drafting what another package refused of it.
func atField(err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	moved := *refusal
	moved.Fields = slices.Clone(refusal.Fields)
	for i := range moved.Fields {
		moved.Fields[i].Location = atDrafting
	}
	return &moved
}

func clipped(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit]))
	}
	return s
}
