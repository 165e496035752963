package demo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/text"
)

type orgID = ident.Org

// place is an organisation being loaded: what people are given in it.
type place struct {
	organization
	id      orgID
	siteIDs []ident.Site
	roleIDs map[string]ident.Role   // built-in codes and own names
	founder string                  // who gave the others their rights
	members map[string]ident.Member // by name
	now     time.Time
	serial  int // of the RPPS numbers given so far
}

// batch is how many people one transaction makes.
const batch = 100

// organization writes one organisation, its people as if they had come in over
// the years, then their sign-ins.
func (l *loader) organization(o organization) error {
	p := &place{organization: o, id: ident.NewOrg(), now: l.now, roleIDs: map[string]ident.Role{}, members: map[string]ident.Member{}}
	began := l.now.AddDate(0, 0, -o.founded)
	if err := l.act([]orgID{p.id}, "org.create", began, func(tx *action.Tx) error { return l.found(tx, p) }); err != nil {
		return fmt.Errorf("demo: %s: %w", o.slug, err)
	}
	people := slices.Collect(slices.Chunk(o.people, batch))
	for i, list := range people {
		// spread over the years, and before anybody's last sign-in
		at := began.Add(time.Duration(i) * day)
		if err := l.act([]orgID{p.id}, "member.create", at, func(tx *action.Tx) error { return l.people(tx, p, list) }); err != nil {
			return fmt.Errorf("demo: %s: %w", o.slug, err)
		}
	}
	if err := l.resources(p, began.Add(time.Duration(len(people))*day)); err != nil {
		return fmt.Errorf("demo: %s: %w", o.slug, err)
	}
	if err := l.rights(p); err != nil {
		return fmt.Errorf("demo: %s: rights: %w", o.slug, err)
	}
	if err := l.act([]orgID{p.id}, "invitation.create", l.now, func(tx *action.Tx) error { return l.guests(tx, p) }); err != nil {
		return err
	}
	if err := l.approvals(p); err != nil {
		return fmt.Errorf("demo: %s: approvals: %w", o.slug, err)
	}
	return l.registrations(p)
}

// found writes the organisation, its sites and its roles.
func (l *loader) found(tx *action.Tx, p *place) error {
	o, err := org.Insert(l.ctx, tx.Tx, org.New{ID: p.id, Slug: p.slug, Details: p.details})
	if err != nil {
		return err
	}
	p.siteIDs = nil
	for _, d := range p.sites {
		s, err := org.InsertSite(l.ctx, tx.Tx, p.id, d)
		if err != nil {
			return err
		}
		p.siteIDs = append(p.siteIDs, s.ID)
	}
	tx.Record(audit.Event{
		Org: p.id, Verb: "org.create", Object: p.id.String(), Names: map[string]string{"organization": o.Name},
		After: map[string]any{"kind": o.Kind, "slug": o.Slug},
	})
	return l.ownRoles(tx, p)
}

func (l *loader) ownRoles(tx *action.Tx, p *place) error {
	if err := role.Seed(l.ctx, tx.Tx, p.id); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(p.roles)) {
		if _, err := role.InsertCustom(l.ctx, tx.Tx, p.id, name, p.roles[name]); err != nil {
			return err
		}
	}
	all, err := role.All(l.ctx, tx.Tx, p.id)
	for _, r := range all {
		p.roleIDs[r.BuiltIn+r.Name] = r.ID
	}
	return err
}

// people makes members, with their accounts and their last sign-in.
func (l *loader) people(tx *action.Tx, p *place, list []person) error {
	joined := tx.Now
	defer func() { tx.Now = joined }()
	for _, who := range list {
		tx.Now = joined
		m, err := l.member(tx, p, who)
		if err != nil {
			return fmt.Errorf("%s %s: %w", who.given, who.family, err)
		}
		p.members[who.name()] = m.ID
		tx.Record(audit.Event{
			Org: p.id, Verb: "member.join", Object: m.ID.String(), Subject: m.ID.String(), Names: map[string]string{"member": m.Name()},
		})
	}
	return nil
}

func (l *loader) member(tx *action.Tx, p *place, who person) (member.Member, error) {
	address := email(who.address(p.domain))
	n := member.New{
		Org: p.id, Status: member.Active, ProfileType: who.job.profile, Title: who.title, GivenName: who.given, FamilyName: who.family,
		Email: address.Address, Function: who.job.function, Profession: who.job.profession, Specialty: who.job.specialty,
		RPPS: who.rpps, Sites: p.sitesOf(who.sites), Roles: p.rolesOf(who), GivenBy: p.founder,
	}
	if n.RPPS == "" && who.job.rpps {
		n.RPPS = p.nextRPPS()
	}
	if who.state == invited {
		return l.invitedMember(tx, p, n, who)
	}
	a, err := l.accountOf(tx, who, address)
	if err != nil {
		return member.Member{}, err
	}
	n.Account = a.ID
	if n.GivenBy == "" {
		p.founder = a.ID.String()
		n.GivenBy = p.founder
	}
	switch who.state {
	case unused:
		n.Status = member.Created
	case deactivated:
		n.Status = member.Deactivated
	case active, locked, invited:
	}
	if who.ends != nil {
		ends := who.ends(l.now).UTC()
		n.EndsAt = &ends
	}
	if who.seen != nil {
		n.LastSignInAt = l.seen(who)
	}
	m, err := member.Insert(l.ctx, tx.Tx, n)
	if err != nil {
		return m, err
	}
	return m, l.signIn(tx, a.ID, who)
}

// accountOf makes the account of a person, or finds it: one person may be in two
// organisations.
func (l *loader) accountOf(tx *action.Tx, who person, address account.Email) (account.Account, error) {
	if a, ok := l.accounts[address.Key]; ok {
		return a, nil
	}
	return l.account(tx, account.New{
		Email: address, Names: account.Names{Title: who.title, GivenName: who.given, FamilyName: who.family}, Language: text.FR,
	}, time.Time{})
}

// account makes an account with the one password.
func (l *loader) account(tx *action.Tx, n account.New, seen time.Time) (account.Account, error) {
	a, err := account.Insert(l.ctx, tx.Tx, n)
	if err != nil {
		return a, err
	}
	if err := credential.SetPassword(l.ctx, tx.Tx, a.ID, l.hash); err != nil {
		return a, err
	}
	l.accounts[n.Email.Key] = a
	tx.Record(audit.Event{Verb: "account.create", Object: a.ID.String(), Names: map[string]string{"account": a.Name()}})
	if seen.IsZero() {
		return a, nil
	}
	joined := tx.Now
	tx.Now = seen
	err = account.TouchSignIn(l.ctx, tx.Tx, a.ID)
	tx.Now = joined
	return a, err
}

// seen is when a person signed in last.
func (l *loader) seen(who person) time.Time { return who.seen(l.now).UTC().Truncate(time.Microsecond) }

// signIn notes the last sign-in of an account, and the failed ones of a locked one.
func (l *loader) signIn(tx *action.Tx, a ident.Account, who person) error {
	if who.seen == nil {
		return nil
	}
	tx.Now = l.seen(who)
	if err := account.TouchSignIn(l.ctx, tx.Tx, a); err != nil {
		return err
	}
	if who.state != locked {
		return nil
	}
	return l.lock(tx, a)
}

// lock tries a wrong password until it opens nothing any more (rules.md 4).
func (l *loader) lock(tx *action.Tx, a ident.Account) error {
	tx.Now = tx.Now.Add(2 * day)
	for range 2 * credential.LockAt {
		try, err := credential.Begin(l.ctx, tx.Tx, credential.Subject{Account: a})
		if err != nil || try.Locks {
			return err
		}
		tx.Now = tx.Now.Add(try.Wait + time.Minute)
	}
	return fmt.Errorf("demo: %s is not locked after %d tries", a, 2*credential.LockAt)
}

// invitedMember makes a member without account, whose invitation waits.
func (l *loader) invitedMember(tx *action.Tx, p *place, n member.New, who person) (member.Member, error) {
	n.Status = member.Created
	m, err := member.Insert(l.ctx, tx.Tx, n)
	if err != nil {
		return m, err
	}
	return m, l.invite(tx, p, invitation.To{Email: email(n.Email), Member: m.ID}, who.ends(l.now), n.Function, n.Roles, n.Sites)
}

// invite writes an invitation as it was sent: so long before it expires.
func (l *loader) invite(tx *action.Tx, p *place, to invitation.To, expires time.Time, function string, roles []role.Given, sites []ident.Site) error {
	tx.Now = expires.Add(-invitation.Life).UTC().Truncate(time.Microsecond)
	sent, err := invitation.Insert(l.ctx, tx.Tx, invitation.Batch{
		Org: p.id, By: invitation.InviterOf(l.by, p.id, false), ByName: p.people[0].given + " " + p.people[0].family, Language: text.FR,
		Function: function, Welcome: invitation.ByLink, Roles: roles, Sites: sites, To: []invitation.To{to},
	})
	if err != nil {
		return err
	}
	tx.Record(audit.Event{Org: p.id, Verb: "invitation.create", Object: sent[0].ID.String(), Subject: to.Member.String()})
	return nil
}

// guests writes the invitations of people who are nobody yet.
func (l *loader) guests(tx *action.Tx, p *place) error {
	now := tx.Now
	defer func() { tx.Now = now }()
	for _, g := range p.invitations {
		roles := p.given(g.roles, access.OrgScope(p.id))
		if err := l.invite(tx, p, invitation.To{Email: email(g.email)}, inviteEnds(g.days)(l.now), "", roles, p.sitesOf(g.sites)); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) sitesOf(list []int) []ident.Site {
	out := make([]ident.Site, len(list))
	for i, n := range list {
		out[i] = p.siteIDs[n]
	}
	return out
}

// rolesOf are the roles of a person: at the organisation for its administrators,
// else at each of their sites.
func (p *place) rolesOf(who person) []role.Given {
	roles := p.given(who.roles, access.OrgScope(p.id))
	switch who.admin {
	case everywhere:
		roles = append(roles, p.given([]string{role.Administrator}, access.OrgScope(p.id))...)
	case here:
		roles = append(roles, p.given([]string{role.Administrator}, access.SiteScope(p.id, p.siteIDs[who.sites[0]]))...)
	case nowhere:
	}
	return roles
}

func (p *place) given(codes []string, at access.Scope) []role.Given {
	out := make([]role.Given, len(codes))
	for i, c := range codes {
		out[i] = role.Given{Role: p.roleIDs[c], Scope: at}
	}
	return out
}

// newPasswords gives every demonstration account the password of the command line.
func (l *loader) newPasswords() error {
	return l.act(nil, "demo.passwords", l.now, func(tx *action.Tx) error {
		tx.Record(audit.Event{Verb: "demo.passwords"})
		for _, address := range addresses() {
			a, found, err := account.ByEmail(l.ctx, tx.Tx, email(address).Key)
			if err != nil {
				return err
			}
			if !found {
				continue // the visitor changed it
			}
			if err := credential.SetPassword(l.ctx, tx.Tx, a.ID, l.hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// addresses are those of every demonstration account.
func addresses() []string {
	list := []string{adminEmail, supportEmail}
	for _, o := range organizations {
		for _, p := range o.people {
			if p.state != invited {
				list = append(list, p.address(o.domain))
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
