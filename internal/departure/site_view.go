package departure

import (
	"context"
	"slices"
	"strconv"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// SiteView is what a removal would do, before it does.
type SiteView struct {
	Member   member.Sheet
	Site     ident.Site
	SiteName string
	// Last: it is their only site. To go from it is a departure, and the rest is not told.
	Last        bool
	Administers bool // they administer it
	// NeedsStepUp: a fresh proof is asked, because they administer it, or because what they hold
	// there is closed, or may be handed over by whoever looks.
	NeedsStepUp bool
	Blocked     *fault.Error           // why it would be refused (ORG-4, RGT-1); nil: it would not
	Roles       []member.RoleRef       // that end
	Permissions []member.PermissionRef // that end
	// What ends, and is told one by one to whoever may read it: counted for others.
	Levels, Received, Given int
	LevelLines              []grant.Line
	Delegations             []grant.Delegation
	Unmanaged               []resource.Resource // that nobody would manage any more
	Holdings                []Holding           // what another may take over: of sort Resource, or Work
}

// Preview says what Remove would do. Errors: member.ErrNotOfSite, member.ErrMorePowerful,
// member.ErrNotFound, org.ErrNoSuchSite, access.ErrForbidden.
func (s Sites) Preview(ctx context.Context, by access.Actor, in ident.Org, of ident.Member, site ident.Site) (SiteView, error) {
	var found member.SiteRemoval
	act := action.Act{Verb: "member.remove_site", Orgs: []ident.Org{in}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		found, err = member.MayRemoveSite(ctx, tx, by, in, of, site)
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, s.Members.Run, by, act, func(tx *store.Tx) (SiteView, error) {
		place, err := org.GetSite(ctx, tx, in, site)
		if err != nil {
			return SiteView{}, err
		}
		v := SiteView{Member: found.Member, Site: site, SiteName: place.Name, Last: found.Last, Administers: found.NeedsStepUp}
		if found.Unkept != nil {
			v.Blocked = fault.Of(found.Unkept)
		}
		if v.Last {
			return v, nil
		}
		held, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return v, err
		}
		v.rights()
		if err := v.ends(ctx, tx, held); err != nil {
			return v, err
		}
		err = v.holdings(ctx, tx, held)
		v.may(held)
		return v, err
	})
}

// may says beforehand what Remove asks of whoever closes or hands over.
func (v *SiteView) may(held access.Held) {
	things := 0
	for i := range v.Holdings {
		if v.Holdings[i].What == Resource {
			things++
		}
	}
	v.NeedsStepUp = v.Administers || len(v.Holdings) > 0
	if v.Blocked == nil && things > 0 && !held.Has(access.RightsEdit, access.SiteScope(v.Member.Org, v.Site)) {
		v.Blocked = ErrRights.With("Count", things)
	}
}

// rights are the roles and permissions held at the site itself.
func (v *SiteView) rights() {
	for _, r := range v.Member.Roles {
		if r.Scope.Site == v.Site {
			v.Roles = append(v.Roles, r)
		}
	}
	for _, p := range v.Member.Permissions {
		if p.Scope.Site == v.Site {
			v.Permissions = append(v.Permissions, p)
		}
	}
}

// ends reads levels and delegations: each for whoever may read rights there (AUZ-06).
func (v *SiteView) ends(ctx context.Context, tx *store.Tx, held access.Held) error {
	at := access.SiteScope(v.Member.Org, v.Site)
	e, err := grant.HeldAtSite(ctx, tx, v.Member.Org, v.Member.ID, v.Site)
	v.Levels, v.Received, v.Given = len(e.Levels), len(e.Received), len(e.Given)
	v.Unmanaged = e.Unmanaged
	if reads := held.Has(access.RightsRead, at) || held.Has(access.RightsEdit, at); reads {
		v.LevelLines = e.Levels
		v.Delegations = slices.Concat(e.Received, e.Given)
	}
	return err
}

// holdings are what another may take over, each with who may.
func (v *SiteView) holdings(ctx context.Context, tx *store.Tx, held access.Held) error {
	m := v.Member.Member
	at := access.SiteScope(m.Org, v.Site)
	list, err := resource.HeldAt(ctx, tx, m.Org, m.ID, v.Site)
	if err != nil {
		return err
	}
	for _, r := range list {
		h := Holding{
			What: Resource, Object: r.ID.String(), Name: r.Name, Type: r.Type, SiteName: r.SiteName, Fate: Closed,
			May: held.Has(access.RightsEdit, at),
		}
		if err := v.propose(ctx, tx, held, &h, true); err != nil {
			return err
		}
		v.Holdings = append(v.Holdings, h)
	}
	if !held.Has(access.WorkitemsEdit, at) {
		return nil // what they hold is not told to whoever may not reassign it; it stays theirs
	}
	work, err := workitem.HeldAt(ctx, tx, m.Org, m.ID, v.Site)
	if err != nil {
		return err
	}
	for _, k := range work {
		rule, _ := k.Kind.Rule()
		h := Holding{What: Work, Object: string(k.Kind), Items: k.Items, Fate: Kept, May: true}
		if err := v.propose(ctx, tx, held, &h, rule.Practitioner); err != nil {
			return err
		}
		v.Holdings = append(v.Holdings, h)
	}
	return nil
}

// propose says who of the site may take something over.
func (v *SiteView) propose(ctx context.Context, tx *store.Tx, held access.Held, h *Holding, practitioner bool) error {
	at := access.SiteScope(v.Member.Org, v.Site)
	if !h.May || !held.Has(access.MembersRead, at) {
		return nil
	}
	sites := []ident.Site{v.Site}
	list, err := workitem.Near(ctx, tx, held, workitem.Wish{
		From: v.Member.Member, Sites: sites, At: sites, Practitioner: practitioner, Limit: MaxProposed + 1,
	})
	if len(list) > MaxProposed {
		list, h.More = list[:MaxProposed], true
	}
	for _, r := range list {
		h.People = append(h.People, Receiver{
			Member: r.ID, Title: r.Title, Name: r.Name(), Email: r.Email, Function: r.Function, SameFunction: r.SameFunction, SameSite: true,
		})
	}
	return err
}

// field is where a choice stands in what was asked.
func field(i int, part string) string { return "reassignments[" + strconv.Itoa(i) + "]." + part }

// inTime reports whether a membership is within its dates.
func inTime(m member.Member, now time.Time) bool {
	return (m.StartsAt == nil || !m.StartsAt.After(now)) && (m.EndsAt == nil || m.EndsAt.After(now))
}
