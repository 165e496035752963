package member

import (
	"context"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// overSite is the right to put a member at a site or to take them from it.
func overSite(site ident.Site) func(context.Context, *store.Tx, viewer, subject) error {
	return func(ctx context.Context, tx *store.Tx, v viewer, s subject) error {
		return v.overSite(ctx, tx, s, site, access.MembersEdit)
	}
}

// AddSite makes a member belong to a site too. version is the version that was read,
// 0 for "whatever it is". Errors: org.ErrNoSuchSite, ErrMorePowerful, ErrStale.
func (m Members) AddSite(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, site ident.Site, version int64,
) (Sheet, error) {
	d := deed{verb: "member.add_site", in: in, id: id, version: version, rights: overSite(site)}
	d.do = func(ctx context.Context, tx *action.Tx, _ viewer, s subject) error {
		if slices.Contains(s.sites, site) {
			return action.Nothing
		}
		var k ledger
		if err := k.addSite(ctx, tx, s, site); err != nil {
			return err
		}
		return k.keep(ctx, tx, s.Member, d.verb)
	}
	return perform(ctx, m.Run, by, d, m.sheet(by, in, id))
}

func (k *ledger) addSite(ctx context.Context, tx *action.Tx, s subject, site ident.Site) error {
	e, err := administrationEvent(ctx, tx.Tx, s.Member, "member.add_site", access.SiteScope(s.Org, site))
	if err != nil {
		return err
	}
	e.After = map[string]any{"site": site}
	k.note(e, siteLine(s.ID, site, changeset.State{}, held(changeset.State{From: tx.Now})))
	return insertSite(ctx, tx.Tx, s.Org, s.ID, site, giver(tx.By))
}

// NewSite is a site to create with its first members (ORG-4). Its only member
// becomes its administrator; with none, its creator joins and does. With several,
// one of them must administer the whole organisation, else the creator joins and
// becomes its administrator.
type NewSite struct {
	Org     ident.Org
	Details org.SiteDetails
	Members []ident.Member
}

// MaxFirstMembers bounds the members that a site is created with.
const MaxFirstMembers = 500

// CreateSite creates a site that has an administrator able to sign in from its
// first moment. Errors: fields to correct, ErrNoSignIn when its only member cannot
// sign in, ErrSiteNeedsMember when its creator cannot be its administrator.
func (m Members) CreateSite(ctx context.Context, by access.Actor, n NewSite) (org.Site, error) {
	act := action.Act{
		Verb: "site.create", Orgs: []ident.Org{n.Org},
		Needs: []access.Need{access.At(access.SitesEdit, access.OrgScope(n.Org))},
	}
	if len(n.Members) > 0 {
		act.Needs = append(act.Needs, access.At(access.MembersEdit, access.OrgScope(n.Org)))
	}
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (org.Site, error) {
		v, err := look(ctx, tx.Tx, by, n.Org)
		if err != nil {
			return org.Site{}, err
		}
		first, err := v.firstMembers(ctx, tx.Tx, n)
		if err != nil {
			return org.Site{}, err
		}
		site, err := org.InsertSite(ctx, tx.Tx, n.Org, n.Details)
		if err != nil {
			return org.Site{}, err
		}
		e := org.SiteEvent(site, act.Verb, nil, map[string]any{"name": site.Name, "members": n.Members})
		tx.Record(e)
		return site, people(ctx, tx, v, site, first)
	})
}

// firstMembers reads the members that a site is created with, each once.
func (v viewer) firstMembers(ctx context.Context, tx *store.Tx, n NewSite) ([]subject, error) {
	var f fault.Fields
	if len(n.Members) > MaxFirstMembers {
		f.Add("members", "site.too_many_members", "Max", MaxFirstMembers)
		return nil, f.Err()
	}
	var first []subject
	for i, id := range n.Members {
		if slices.Contains(n.Members[:i], id) {
			continue
		}
		s, ok, err := findSubject(ctx, tx, n.Org, id)
		if err != nil {
			return nil, err
		}
		switch at := "members[" + strconv.Itoa(i) + "]"; {
		case !ok || !v.sees(s):
			f.Add(at, ErrNotFound.Code)
		case v.within(s) != nil:
			f.Add(at, ErrMorePowerful.Code)
		case s.Status != Active && s.Status != Created:
			f.Add(at, ErrNotActive.Code)
		}
		first = append(first, s)
	}
	return first, f.Err()
}

// people puts the first members at a site, and sees to its administrator.
func people(ctx context.Context, tx *action.Tx, v viewer, site org.Site, first []subject) error {
	for _, s := range first {
		if err := join(ctx, tx, s, site); err != nil {
			return err
		}
	}
	var err error
	refusal := ErrSiteNeedsMember
	switch len(first) {
	case 0:
		err = creatorJoins(ctx, tx, v, site, first)
	case 1:
		refusal = ErrNoSignIn
		err = administer(ctx, tx, v, first[0], site)
	default:
		err = oneAdministers(ctx, tx, v, site, first)
	}
	if err != nil {
		return err
	}
	kept, err := isKept(ctx, tx.Tx, site)
	if err == nil && !kept {
		err = refusal
	}
	return err
}

// isKept reports whether the site has an administrator able to sign in.
func isKept(ctx context.Context, tx *store.Tx, site org.Site) (bool, error) {
	c, err := ReadCoverage(ctx, tx, site.Org)
	return c.grade(site.ID.String()) == able, err
}

// oneAdministers: of several, one administers the whole organisation, or the
// creator joins them.
func oneAdministers(ctx context.Context, tx *action.Tx, v viewer, site org.Site, first []subject) error {
	kept, err := isKept(ctx, tx.Tx, site)
	if err != nil || kept {
		return err
	}
	return creatorJoins(ctx, tx, v, site, first)
}

func join(ctx context.Context, tx *action.Tx, s subject, site org.Site) error {
	if err := insertSite(ctx, tx.Tx, site.Org, s.ID, site.ID, giver(tx.By)); err != nil {
		return err
	}
	return touch(ctx, tx.Tx, site.Org, s.ID)
}

func administer(ctx context.Context, tx *action.Tx, v viewer, s subject, site org.Site) error {
	at := access.SiteScope(site.Org, site.ID)
	s.sites = append(s.sites, site.ID)
	if err := mayBeAppointed(s, at); err != nil {
		return err
	}
	var k ledger // the creation of the site keeps the record of it
	if err := k.appoint(ctx, tx, v, s, at, grant{starts: tx.Now}); err != nil {
		return err
	}
	for _, e := range k.events {
		tx.Record(e)
	}
	return nil
}

// creatorJoins makes the creator a member of the site and its administrator.
func creatorJoins(ctx context.Context, tx *action.Tx, v viewer, site org.Site, first []subject) error {
	s, ok, err := findSubject(ctx, tx.Tx, site.Org, v.held.Member)
	if err != nil {
		return err
	}
	if !ok {
		return ErrSiteNeedsMember // a token or the operator is no member
	}
	if !slices.ContainsFunc(first, func(f subject) bool { return f.ID == s.ID }) {
		if err := join(ctx, tx, s, site); err != nil {
			return err
		}
	}
	return administer(ctx, tx, v, s, site)
}

// CloseSite closes a site whose members all belong to another one too: what they
// held there ends. An organisation keeps one open site, and no agenda stays at a closed
// one. Errors: org.ErrNoSuchSite, org.ErrSiteNotClosing, resource.ErrSiteInUse, ErrLastOpenSite, ErrLastAdministrator.
func (m Members) CloseSite(ctx context.Context, by access.Actor, in ident.Org, id ident.Site) error {
	act := action.Act{Verb: "site.close", Orgs: []ident.Org{in}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		v, err := look(ctx, tx, by, in)
		if err == nil {
			_, err = v.sight.Site(ctx, tx, in, id)
		}
		return []access.Need{access.At(access.SitesEdit, access.OrgScope(in))}, err
	}
	_, err := action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		return struct{}{}, Keeping(ctx, tx.Tx, in, func() error { return closeSite(ctx, tx, in, id, act.Verb) })
	})
	return err
}

func closeSite(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Site, verb string) error {
	all, err := activeSites(ctx, tx.Tx, in)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return ErrLastOpenSite
	}
	stranded, err := countStranded(ctx, tx.Tx, in, id)
	if err != nil {
		return err
	}
	if stranded > 0 {
		return org.ErrSiteNotClosing.With("Count", stranded)
	}
	if err := resource.NoneAt(ctx, tx.Tx, in, id); err != nil {
		return err
	}
	if err := touchSite(ctx, tx.Tx, in, id); err != nil {
		return err
	}
	ended, err := closeWholeSite(ctx, tx.Tx, in, id)
	if err != nil {
		return err
	}
	site, err := org.CloseSite(ctx, tx.Tx, in, id)
	if err != nil {
		return err
	}
	before := statusIs(org.Active)
	before["members"] = ended
	tx.Record(org.SiteEvent(site, verb, before, statusIs(org.Closed)))
	return nil
}
