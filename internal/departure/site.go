package departure

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// Sites lets members go from one site, and stay in the organisation (OFF-4).
type Sites struct{ Members member.Members }

// SiteOrder is what is asked of a removal: what is handed over to whom. What nobody takes over
// has its fate: what the member holds there is closed, work items stay theirs.
type SiteOrder struct {
	Choices []Choice // of sort Resource or Work
	Version int64    // of the member, that was read; 0: whatever it is
}

// ErrHolds is the refusal of a removal that does not say what becomes of what the member holds
// there.
var ErrHolds = fault.New(fault.Conflict, "site_removal.holds")

// ErrRights is the refusal of a removal that would close or hand over what the member holds there,
// by who could not do so on the thing's own page (RGT-1).
var ErrRights = fault.New(fault.Forbidden, "site_removal.rights")

// codeNotHeld is the refusal of a choice about what the member does not hold at the site.
const codeNotHeld = "site_removal.not_held"

// SiteLetter tells somebody that they were removed from a site.
type SiteLetter struct {
	Org    ident.Org
	Member ident.Member
	Site   ident.Site
	By     string // name of whoever did it
}

// Kind names the job.
func (SiteLetter) Kind() string { return "letter.site_removed" }

// Remove ends a member's belonging to a site, in one act, with everything that they have there:
// roles, permissions and administration, levels, delegations given and received, what they
// chose for it. What they hold there is handed over as o says, or closed: by who may change
// rights there, with a fresh proof. Errors: those of member.RemoveSite; ErrRights,
// access.ErrStepUp; fields «reassignments[i].what» and «.to».
func (s Sites) Remove(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, site ident.Site, o SiteOrder,
) (member.Sheet, error) {
	return member.RemoveSite(ctx, s.Members, by, org, of, site, o.Version, o.end)
}

// AtSite ends what goes with a site in an act that says nothing of it: where an agenda, a
// mailbox or an identity would be left without its holder, it is refused with ErrHolds, and
// Remove does it. Work items stay in the member's hands. It is member.Members.AtSite.
func AtSite(ctx context.Context, tx *action.Tx, m member.Member, site ident.Site) ([]changeset.Line, error) {
	held, err := resource.HeldAt(ctx, tx.Tx, m.Org, m.ID, site)
	if err != nil {
		return nil, err
	}
	if len(held) > 0 {
		return nil, ErrHolds.With("Count", len(held)).With("Name", held[0].Name)
	}
	return endAtSite(ctx, tx, m, site)
}

// endAtSite ends what nobody takes over.
func endAtSite(ctx context.Context, tx *action.Tx, m member.Member, site ident.Site) ([]changeset.Line, error) {
	lines, err := grant.EndAtSite(ctx, tx, m.Org, m.ID, site)
	if err != nil {
		return nil, err
	}
	if !m.Account.IsZero() && m.Account != tx.By.Account {
		tx.After(job.Order{Args: SiteLetter{Org: m.Org, Member: m.ID, Site: site, By: tx.By.Name}, Priority: job.Normal})
	}
	return lines, preference.EraseAtSite(ctx, tx.Tx, m.Org, m.ID, site)
}

// end ends what a member has at a site, and hands over what o says.
func (o SiteOrder) end(ctx context.Context, tx *action.Tx, m member.Member, site ident.Site) ([]changeset.Line, error) {
	if len(o.Choices) > MaxChoices {
		return nil, fault.OnField("reassignments", "departure.too_many", "Max", MaxChoices)
	}
	lines, err := endAtSite(ctx, tx, m, site) // first what others do in their name: whoever takes over chooses anew
	if err != nil {
		return nil, err
	}
	held, err := access.HeldBy(ctx, tx.Tx, tx.By, m.Org)
	if err != nil {
		return nil, err
	}
	h := siteHandover{held: held, of: m, at: access.SiteScope(m.Org, site), seen: map[Choice]bool{}}
	if h.resources, err = resource.HeldAt(ctx, tx.Tx, m.Org, m.ID, site); err != nil {
		return nil, err
	}
	holds := len(h.resources)
	for i, c := range o.Choices {
		if c.To.IsZero() {
			continue
		}
		if err := h.hand(ctx, tx, i, c); err != nil {
			return nil, err
		}
	}
	if err := h.refused.Err(); err != nil {
		return nil, err
	}
	if err := h.may(holds, tx.By.Proven(tx.Now)); err != nil {
		return nil, err
	}
	for _, r := range h.resources {
		if err := resource.CloseLeft(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// siteHandover is the handing over of what somebody holds at a site.
type siteHandover struct {
	held      access.Held // of whoever acts
	of        member.Member
	at        access.Scope
	resources []resource.Resource // that nobody has taken over yet
	seen      map[Choice]bool
	refused   fault.Fields
}

// may refuses to whoever could not close or hand over what is held there, and without a fresh proof
// (rules.md 6): nobody closes by a removal what they may not close.
func (h *siteHandover) may(holds int, proven bool) error {
	switch {
	case holds > 0 && !h.held.Has(access.RightsEdit, h.at):
		return ErrRights.With("Count", holds)
	case holds+len(h.seen) > 0 && !proven:
		return access.ErrStepUp
	}
	return nil
}

// hand gives one thing to somebody, or notes why not.
func (h *siteHandover) hand(ctx context.Context, tx *action.Tx, i int, c Choice) error {
	key := Choice{What: c.What, Object: c.Object}
	if h.seen[key] {
		h.refused.Add(field(i, "what"), codeNotHeld)
		return nil
	}
	h.seen[key] = true
	to, err := h.receiver(ctx, tx.Tx, c.To)
	if err != nil {
		return h.note(i, "to", err)
	}
	switch c.What {
	case Resource:
		return h.handResource(ctx, tx, i, c.Object, to)
	case Work:
		return h.handWork(ctx, tx, i, workitem.Kind(c.Object), to)
	case Management, Administration, Webhook: // nothing of these is held at a site
	}
	h.refused.Add(field(i, "what"), codeNotHeld)
	return nil
}

// receiver reads who takes something over: somebody in force whom the actor may know of at the site.
func (h *siteHandover) receiver(ctx context.Context, tx *store.Tx, id ident.Member) (ident.Member, error) {
	if !h.held.Has(access.MembersRead, h.at) {
		return "", resource.ErrReceiver
	}
	m, err := member.Find(ctx, tx, h.of.Org, id)
	if err != nil && !member.Refusal(err) {
		return "", err
	}
	if err != nil || !m.InForce() || !inTime(m, tx.Now) {
		return "", resource.ErrReceiver
	}
	return id, nil
}

func (h *siteHandover) handResource(ctx context.Context, tx *action.Tx, i int, object string, to ident.Member) error {
	n := slices.IndexFunc(h.resources, func(r resource.Resource) bool { return r.ID.String() == object })
	switch {
	case n < 0:
		h.refused.Add(field(i, "what"), codeNotHeld)
		return nil
	case !h.held.Has(access.RightsEdit, h.at):
		h.refused.Add(field(i, "to"), "role.above_yours", "Permission", string(access.RightsEdit))
		return nil
	}
	next, err := resource.HandOver(ctx, tx, h.resources[n], to)
	if err != nil {
		return h.note(i, "to", err)
	}
	h.resources = slices.Delete(h.resources, n, n+1)
	return grant.HolderNamed(ctx, tx, next)
}

func (h *siteHandover) handWork(ctx context.Context, tx *action.Tx, i int, k workitem.Kind, to ident.Member) error {
	if _, known := k.Rule(); !known {
		h.refused.Add(field(i, "what"), codeNotHeld)
		return nil
	}
	if !h.held.Has(access.WorkitemsEdit, h.at) {
		h.refused.Add(field(i, "to"), "role.above_yours", "Permission", string(access.WorkitemsEdit))
		return nil
	}
	for { // nothing of a kind that was handed over stays behind: the removal is one act
		of := workitem.Handover{From: h.of.ID, To: to, Kind: k, Site: h.at.Site}
		moved, err := workitem.Reassign(ctx, tx, h.of.Org, of, workitem.MaxMoved)
		if err != nil || moved.Left == 0 || moved.Items == 0 {
			return h.note(i, "to", err)
		}
	}
}

// note keeps a refusal for its field; what failed is given back.
func (h *siteHandover) note(i int, part string, err error) error {
	if err == nil || !member.Refusal(err) {
		return err
	}
	h.refused.Add(field(i, part), fault.Of(err).Code)
	return nil
}

// Belongs reports whether a member belongs to a site.
func Belongs(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, site ident.Site) (bool, error) {
	sites, err := member.SitesOf(ctx, tx, org, []ident.Member{of})
	return slices.Contains(sites[of], site), err
}
