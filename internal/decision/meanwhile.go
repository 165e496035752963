package decision

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Meanwhile is what became of what a member held here, between their deactivation and their
// reactivation (CHG-4): reactivation gives rights back as they stand, not as they stood.
type Meanwhile struct {
	Member ident.Member
	Name   string
	Since  time.Time // of the deactivation
	Until  time.Time // of the reactivation; zero: they are still deactivated, and it is told as of now
	Moved  []Moved

	// Withheld says that levels, delegations and access groups are left out: whoever looks
	// reads nobody's rights.
	Withheld bool
	// What the deactivation ended for good: tokens that they made, and receivers of events
	// that are still stopped for it.
	Tokens, Webhooks int64
}

// Moved is one thing that a member would hold otherwise than before.
type Moved struct {
	Kind      MovedKind
	ID        string // role, permission, resource, group, site, setting; of the membership, why it opens nothing
	Name      string
	Act       string // of a delegation
	Scope     string // of a role or a permission: "organization", or the ID of a site
	ScopeName string
	// Before and After are Held, Holder, a level, or a code of the kind; empty: nothing.
	Before, After string
	Gained, Lost  []string // permissions of a role that was edited
	Why           Why
}

// MovedKind is what moved. Text key "meanwhile.kind.<kind>".
type MovedKind string

// The kinds, in the order in which they are told.
const (
	MovedMembership MovedKind = "membership"
	MovedFunction   MovedKind = "function"
	MovedReach      MovedKind = "reach"
	MovedSite       MovedKind = "site"
	MovedRole       MovedKind = "role"
	MovedPermission MovedKind = "permission"
	MovedAgenda     MovedKind = TypeAgenda
	MovedMessaging  MovedKind = TypeMessagingProfile
	MovedIdentity   MovedKind = TypeIdentity
	MovedDelegation MovedKind = "delegation"
	MovedGroup      MovedKind = "group"
	MovedSetting    MovedKind = "setting"
)

// MovedKinds are all of them.
var MovedKinds = []MovedKind{
	MovedMembership, MovedFunction, MovedReach, MovedSite, MovedRole, MovedPermission, MovedAgenda, MovedMessaging, MovedIdentity,
	MovedDelegation, MovedGroup, MovedSetting,
}

// What is held, where it has no level.
const (
	Held   = "held"
	Holder = "holder"
)

// Why says how something moved: one of these, or the code by which a decision refuses it now.
// Text key "meanwhile.why.<why>".
type Why string

// The ways.
const (
	Taken      Why = "taken"
	Given      Why = "given"
	Altered    Why = "altered"
	Over       Why = "over"        // its end date has passed
	Redated    Why = "redated"     // it ends on another day
	HandedOver Why = "handed_over" // it has another holder
	GroupGone  Why = "group_gone"
	SiteClosed Why = "site_closed"
	Usable     Why = "usable" // what was closed, or had not begun, is open
)

// Whys are all of them.
var Whys = []Why{
	Taken, Given, Altered, Over, Redated, HandedOver, GroupGone, SiteClosed, Usable,
	Why(AgendaClosed), Why(MessagingClosed), Why(IdentityClosed), Why(LevelNotStarted), Why(DelegationNotStarted),
	Why(DelegationProposed), Why(DelegationHolderGone), Why(DelegationHolderNew), Why(DelegationEnded),
	Why(MemberUnverified), Why(MemberNoAccount), Why(MemberNotStarted), Why(MemberEnded), Why(AccountBlocked),
}

// Meanwhile compares what a member held when they were deactivated with what they hold since
// they were reactivated, or would hold if they were now. Whoever may deactivate them reads it,
// as far as they may know of it. Errors: member.ErrNotFound, member.ErrNotDeactivated for who
// never was.
func (i Insight) Meanwhile(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) (Meanwhile, error) {
	out := Meanwhile{Member: id}
	act := action.Act{Verb: "member.review_reactivation", Orgs: []ident.Org{org}, Object: id.String(), Subject: id.String()}
	var of member.Member
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		of, err = member.Over(ctx, tx, by, org, id, access.MembersDeactivate)
		return []access.Need{access.MemberOf(org)}, err
	}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (Meanwhile, error) {
		out.Name = of.Name()
		var found bool
		var err error
		if out.Since, out.Until, found, err = deactivated(ctx, tx, org, id); err != nil || !found {
			return out, firstError(err, member.ErrNotDeactivated)
		}
		who, err := onlookerOf(ctx, tx, by, org)
		if err != nil {
			return out, err
		}
		if out.Tokens, out.Webhooks, err = endedWith(ctx, tx, org, of.Account, out.Since); err != nil {
			return out, err
		}
		err = out.compare(ctx, tx, org, who)
		return out, err
	})
}

// deactivated gives the last stretch of time during which a member was deactivated. A departure that
// began in it and was undone is part of it: they could do nothing in between.
func deactivated(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member) (since, until time.Time, found bool, err error) {
	states, err := pastStatuses(ctx, tx, org, id)
	leaving := false // what ended the stretch so far is a departure
	for _, s := range states {
		switch away := s.status == statusDeactivated; {
		case away && leaving:
			until, leaving = time.Time{}, false
		case away && (!found || !until.IsZero()):
			since, until, found = s.from, time.Time{}, true
		case !away && found && until.IsZero():
			until, leaving = s.from, s.status == statusLeft
		case !away:
			leaving = leaving && s.status == statusLeft
		}
	}
	return since, until, found, err
}

// compare fills what moved.
func (m *Meanwhile) compare(ctx context.Context, tx *store.Tx, org ident.Org, who onlooker) error {
	then := past{ctx: ctx, tx: tx, org: org, at: m.Since, back: m.Member}
	now := past{ctx: ctx, tx: tx, org: org, at: tx.Now, back: m.Member}
	if !m.Until.IsZero() {
		now.at = m.Until
	}
	m.Withheld = !slices.ContainsFunc(rightsReaders, who.held.HasAnywhere)
	was, err := then.possessions(who, m.Member)
	if err != nil {
		return err
	}
	is, err := now.possessions(who, m.Member)
	if err != nil {
		return err
	}
	for _, b := range was {
		n := slices.IndexFunc(is, b.same)
		a := possession{Moved: b.Moved}
		if n >= 0 {
			a = is[n]
			is = slices.Delete(is, n, n+1)
		}
		if err := m.note(now, b, a, n >= 0); err != nil {
			return err
		}
	}
	for _, a := range is {
		if a.value() != "" {
			a.After, a.Why = a.value(), Given
			m.add(a.Moved)
		}
	}
	slices.SortStableFunc(m.Moved, func(a, b Moved) int { return slices.Index(MovedKinds, a.Kind) - slices.Index(MovedKinds, b.Kind) })
	if m.Withheld {
		m.Moved = slices.DeleteFunc(m.Moved, func(v Moved) bool { return slices.Contains(ofRights, v.Kind) })
	}
	return nil
}

// ofRights is what only those who read rights are told.
var ofRights = []MovedKind{MovedAgenda, MovedMessaging, MovedIdentity, MovedDelegation, MovedGroup}

func (m *Meanwhile) add(v Moved) { m.Moved = append(m.Moved, v) }

// note tells of one thing that was held, if it is held otherwise: b before, a now. there says
// that something of it is left.
func (m *Meanwhile) note(now past, b, a possession, there bool) error {
	v := a.Moved
	if v.Name == "" {
		v.Name = b.Name
	}
	v.Before, v.After = b.value(), a.value()
	switch {
	case v.Before != v.After:
		var err error
		if v.Why, err = m.why(now, b, a, there); err != nil {
			return err
		}
	case v.Before == "":
		return nil
	case !slices.Equal(b.acts, a.acts):
		v.Why, v.Gained, v.Lost = Altered, without(a.acts, b.acts), without(b.acts, a.acts)
	case !sameEnd(b.until, a.until):
		v.Why = Redated
	default:
		return nil
	}
	if v.Kind == MovedSetting {
		v.Before, v.After = "", ""
	}
	m.add(v)
	return nil
}

func without(list, less []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(less, s) })
}

func sameEnd(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// why says how what was held became what it is.
func (m *Meanwhile) why(now past, b, a possession, there bool) (Why, error) {
	switch {
	case b.value() == "":
		return Usable, nil
	case a.value() == "" && there:
		return Why(a.unused), nil
	case a.value() == "" && b.until != nil && !b.until.After(now.at):
		return Over, nil
	case b.level == Holder:
		return now.whyNotHolder(b)
	case a.value() != "":
		return Altered, nil
	case b.Kind == MovedGroup:
		return now.unless(pastGroupActive, b.ID, GroupGone)
	case b.Scope != "" && b.Scope != access.WholeOrganization:
		return now.unless(pastSiteActive, b.Scope, SiteClosed)
	}
	return Taken, nil
}

// unless says that something was taken, or that what it belonged to is no more.
func (p past) unless(active func(context.Context, *store.Tx, ident.Org, string, time.Time) (bool, error), id string, gone Why,
) (Why, error) {
	there, err := active(p.ctx, p.tx, p.org, id, p.at)
	if there {
		return Taken, err
	}
	return gone, err
}

// whyNotHolder says what became of a resource whose holder the member was.
func (p past) whyNotHolder(b possession) (Why, error) {
	r, found, err := pastResourceByID(p.ctx, p.tx, p.org, b.ID, p.at)
	switch {
	case err != nil:
		return "", err
	case found && r.status == statusClosed:
		return Why(closedCodes[r.typ]), nil
	case found && r.holder != "":
		return HandedOver, nil
	}
	return Taken, nil
}

// possession is one thing that a member holds at a moment.
type possession struct {
	Moved

	level  string // Held, Holder, a level, a code
	unused Code   // why it opens nothing then
	until  *time.Time
	acts   []string
}

// value is what it is worth then; empty: nothing.
func (v possession) value() string {
	if v.unused != "" {
		return ""
	}
	return v.level
}

func (v possession) same(o possession) bool {
	return v.Kind == o.Kind && v.ID == o.ID && v.Act == o.Act && v.Scope == o.Scope
}

// possessions are what a member holds at a moment, of what the onlooker may know.
func (p past) possessions(who onlooker, id ident.Member) ([]possession, error) {
	list, err := p.belonging(who, id)
	if err != nil {
		return nil, err
	}
	r, err := p.rights(who, id)
	if err != nil {
		return nil, err
	}
	list = append(list, possession{Moved: Moved{Kind: MovedMembership}, level: Held, unused: r.Away})
	for _, one := range slices.Concat(r.Roles, r.Permissions, r.Agendas, r.Messaging, r.Identities, r.Groups) {
		v := possessed(one)
		if v.unused == r.Away { // of the membership, which tells it once
			v.unused = ""
		}
		if who.tells(p.org, v.Scope) {
			list = append(list, v)
		}
	}
	policy, err := p.settings()
	return append(list, policy...), err
}

// possessed is a right as what it bears on.
func possessed(r Right) possession {
	v := possession{level: Held, unused: r.Unused, until: r.Until, acts: r.Acts}
	if v.unused == AddressNotAllowed || v.unused == SecondFactorRequired { // of a connection: there is none
		v.unused = ""
	}
	v.ID, v.Name, v.Scope, v.ScopeName = r.ID, r.Name, r.Scope, r.ScopeName
	switch r.Kind {
	case FactRole:
		v.Kind = MovedRole
	case FactPermission:
		v.Kind, v.ID, v.Name = MovedPermission, r.Level, ""
	case FactGroup:
		v.Kind = MovedGroup
	case FactDelegation:
		v.Kind, v.ID, v.Act = MovedDelegation, r.Resource.ID, r.Level
	case FactHolder:
		v.Kind, v.ID, v.level = MovedKind(r.Resource.Type), r.Resource.ID, Holder
	default:
		v.Kind, v.ID, v.level = MovedKind(r.Resource.Type), r.Resource.ID, r.Level
	}
	return v
}

// tells reports whether whoever looks may know of what holds at a scope (AUZ-06).
func (r onlooker) tells(org ident.Org, scope string) bool {
	return scope == "" || scope == access.WholeOrganization ||
		r.held.Has(access.MembersRead, access.SiteScope(org, ident.Site(scope)))
}

// belonging is what a member is at a moment: function, reach, sites.
func (p past) belonging(who onlooker, id ident.Member) ([]possession, error) {
	m, _, err := pastMemberByID(p.ctx, p.tx, p.org, id.String(), p.at)
	if err != nil {
		return nil, err
	}
	list := []possession{{Moved: Moved{Kind: MovedFunction}, level: m.function}, {Moved: Moved{Kind: MovedReach}, level: m.reach}}
	sites, err := pastSites(p.ctx, p.tx, p.org, id, p.at)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(p.ctx, p.tx, p.org, sites)
	for _, s := range sites {
		if who.tells(p.org, s) {
			list = append(list, possession{Moved: Moved{Kind: MovedSite, ID: s, Name: names[s], Scope: s, ScopeName: names[s]}, level: Held})
		}
	}
	return list, err
}

// policies are the settings of an organisation that say what its members may do, or how they
// come in.
var policies = []string{"security", setting.DecisionsName, recordsName}

// unset stands for the value of a setting that was never set.
const unset = "-"

// settings are the policy of the organisation at a moment: its values are compared, never told.
func (p past) settings() ([]possession, error) {
	var list []possession
	for _, name := range policies {
		value, found, err := pastSetting(p.ctx, p.tx, p.org, name, p.at)
		if err != nil {
			return nil, err
		}
		if !found {
			value = unset
		}
		list = append(list, possession{Moved: Moved{Kind: MovedSetting, ID: name}, level: value})
	}
	return list, nil
}

// Said names what moved, in words: a role that the product has, a permission and a setting have
// theirs in each language.
func (v Moved) Said(t *text.Printer) string {
	code, builtIn := strings.CutPrefix(v.Name, BuiltIn)
	switch {
	case v.Kind == MovedPermission:
		return t.T("permission." + v.ID)
	case v.Kind == MovedSetting:
		return t.T("meanwhile.setting." + v.ID)
	case v.Kind == MovedRole && builtIn:
		return t.T("role." + code)
	}
	return v.Name
}
