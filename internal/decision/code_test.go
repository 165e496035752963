package decision_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/text"
)

// scene is an organisation in which every reason can be met.
type scene struct {
	*world

	me, colleague, holder     ident.Member
	agenda, own, box, service string
	identity                  string
	group, closedGroup        ident.Group
	got                       map[decision.Code]bool
}

func newScene(w *world) *scene {
	w.begin()
	s := &scene{world: w, got: map[decision.Code]bool{}}
	s.me, s.colleague, s.holder = w.addMember(w.sites[0]), w.addMember(w.sites[1]), w.addMember(w.sites[0])
	s.agenda, s.own = w.addResource("agenda", s.holder), w.addResource("agenda", s.me)
	s.box, s.service = w.addResource("messaging_profile", ""), w.addResource("identity", "")
	s.identity = w.addResource("identity", s.holder)
	s.group, s.closedGroup = w.addGroup(), w.addGroup()
	return s
}

// says asks both evaluators, which must give the code.
func (s *scene) says(what string, want decision.Code, q decision.Question) {
	s.Helper()
	got, err := s.d.Explain(context.Background(), s.org, q, nil)
	if err != nil {
		s.Fatal(err)
	}
	same, err := decision.Judge(context.Background(), s.db, s.org, q, s.db.Now())
	if err != nil {
		s.Fatal(err)
	}
	if got.Code != want || got.Allowed != want.Allows() {
		s.Errorf("%s: %v %s, want %s", what, got.Allowed, got.Code, want)
	}
	if d := difference(got, same); d != "" {
		s.Errorf("%s: %s", what, d)
	}
	s.got[want] = true
}

// TestCodes meets every reason once, with both evaluators (rest.md, Decisions; RGT-2,
// RGT-3, RGT-6, RGT-7, MEM-7, MEM-8, OFF-3).
func TestCodes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s := newScene(w)
		s.unknown()
		s.levels()
		s.delegations()
		s.permissions()
		s.groupsAndRecords()
		s.reach()
		s.policies()
		s.members()
		s.moments()
		for _, c := range slices.Concat(decision.Permissions, decision.Refusals) {
			if !s.got[c] {
				t.Errorf("%s was not met", c)
			}
		}
	})
}

func (s *scene) unknown() {
	read := of(s.me, "read", "agenda", s.agenda)
	q := read
	q.Subject.ID = ident.NewMember().String()
	s.says("nobody", decision.UnknownSubject, q)
	q.Subject = decision.Entity{Type: "user", ID: s.me.String()}
	s.says("a type of subjects that is none", decision.UnknownSubject, q)
	s.says("an act that is none", decision.UnknownAction, of(s.me, "delete", "agenda", s.agenda))
	s.says("the act of another type", decision.UnknownAction, of(s.me, "reply", "agenda", s.agenda))
	s.says("no agenda", decision.UnknownResource, of(s.me, "read", "agenda", ident.NewAgenda().String()))
	s.says("a mailbox as an agenda", decision.UnknownResource, of(s.me, "read", "agenda", s.box))
	s.says("a type that is none", decision.UnknownResource, of(s.me, "read", "calendar", s.agenda))
	s.says("another organisation", decision.UnknownResource, of(s.me, "members.read", "organization", ident.NewOrg().String()))
	s.says("a pseudo-permission", decision.UnknownAction, of(s.me, "self", "organization", s.org.String()))
	s.says("a record without a name", decision.UnknownResource, of(s.me, "read", "patient_record", ""))
}

func (s *scene) levels() {
	now, later, before := s.db.Now(), s.db.Now().Add(time.Hour), s.db.Now().Add(-time.Minute)
	past := window{from: now.Add(-time.Hour), until: &before}
	for _, c := range []struct {
		typ, id, low, lowAct, high string
		permit                     decision.Code
	}{
		{"agenda", s.agenda, "availability", "view_availability", "manage", decision.GrantAgenda},
		{"messaging_profile", s.box, "read", "read", "manage", decision.GrantMessaging},
	} {
		s.says("no level", decision.LevelNone, of(s.me, c.lowAct, c.typ, c.id))
		s.grant(s.me, c.id, c.low, s.always())
		s.says("a level", c.permit, of(s.me, c.lowAct, c.typ, c.id))
		s.says("AUZ-07: a low level", decision.LevelTooLow, of(s.me, c.high, c.typ, c.id))
		s.grant(s.me, c.id, "manage", s.always())
		s.says("the highest", c.permit, of(s.me, c.high, c.typ, c.id))
		s.grant(s.me, c.id, "manage", window{from: later})
		s.says("to come", decision.LevelNotStarted, of(s.me, c.lowAct, c.typ, c.id))
		s.grant(s.me, c.id, "manage", past)
		s.says("over", decision.LevelEnded, of(s.me, c.lowAct, c.typ, c.id))
		s.grant(s.me, c.id, "", past)
	}
	s.says("one's own", decision.HolderAgenda, of(s.me, "manage", "agenda", s.own))
	mine := s.addResource("messaging_profile", s.me)
	s.says("one's own box", decision.HolderMessaging, of(s.me, "manage", "messaging_profile", mine))
	s.setResource(mine, s.me, "closed")
	s.says("a closed box", decision.MessagingClosed, of(s.me, "read", "messaging_profile", mine))
	s.setResource(s.own, s.me, "closed")
	s.says("a closed agenda", decision.AgendaClosed, of(s.me, "manage", "agenda", s.own))
	gone := s.addMember(s.sites[0])
	orphan := s.addResource("agenda", gone)
	s.grant(s.me, orphan, "manage", s.always())
	s.says("with its holder", decision.GrantAgenda, of(s.me, "manage", "agenda", orphan))
	s.setMember(gone, memberState{status: "left", function: "nurse", reach: "site", account: s.accounts[gone]})
	s.says("OFF-3: left without its holder", decision.AgendaClosed, of(s.me, "manage", "agenda", orphan))
	s.says("who left", decision.MemberLeft, of(gone, "manage", "agenda", orphan))
}

func (s *scene) delegations() {
	before := s.db.Now().Add(-time.Minute)
	byHolder := s.accounts[s.holder].String()
	s.says("one's own", decision.IdentityOwn, of(s.holder, "draft_consultation", "identity", s.identity))
	s.says("none", decision.DelegationNone, of(s.me, "send", "identity", s.identity))
	s.delegate(s.me, s.identity, "send", "active", "system", s.always())
	s.says("given", decision.DelegationGiven, of(s.me, "send", "identity", s.identity))
	s.says("AUZ-09: another act", decision.DelegationNone, of(s.me, "receive", "identity", s.identity))
	s.delegate(s.me, s.service, "receive", "active", "system", s.always())
	s.says("of a service", decision.DelegationGiven, of(s.me, "receive", "identity", s.service))
	s.delegate(s.me, s.identity, "draft_consultation", "proposed", "system", s.always())
	s.says("proposed", decision.DelegationProposed, of(s.me, "draft_consultation", "identity", s.identity))
	s.delegate(s.me, s.identity, "draft_consultation", "active", byHolder, s.always())
	s.says("given by the holder", decision.DelegationGiven, of(s.me, "draft_consultation", "identity", s.identity))
	s.delegate(s.me, s.identity, "draft_consultation", "active", s.accounts[s.colleague].String(), s.always())
	s.says("RGT-6: given by somebody else", decision.DelegationHolderNew, of(s.me, "draft_consultation", "identity", s.identity))
	s.delegate(s.me, s.identity, "send", "active", "system", window{from: s.db.Now().Add(time.Hour)})
	s.says("to come", decision.DelegationNotStarted, of(s.me, "send", "identity", s.identity))
	s.delegate(s.me, s.identity, "send", "active", "system", window{from: s.db.Now().Add(-time.Hour), until: &before})
	s.says("AUZ-09: over", decision.DelegationEnded, of(s.me, "send", "identity", s.identity))
	s.delegate(s.me, s.identity, "send", "active", "system", s.always())
	s.setMember(s.holder, memberState{status: "deactivated", function: "nurse", reach: "site", account: s.accounts[s.holder]})
	s.says("the holder is away", decision.DelegationHolderGone, of(s.me, "send", "identity", s.identity))
	s.setMember(s.holder, memberState{status: "active", function: "nurse", reach: "site", account: s.accounts[s.holder]})
	s.setResource(s.service, "", "closed")
	s.says("closed", decision.IdentityClosed, of(s.me, "receive", "identity", s.service))
}

func (s *scene) permissions() {
	at := s.sites[0]
	site, org := of(s.me, "members.read", "site", at.String()), of(s.me, "members.read", "organization", s.org.String())
	s.says("no role", decision.PermissionMissing, site)
	r := s.addRole(access.MembersRead)
	s.giveRole(s.me, r, at.String(), at, s.always())
	s.says("there", decision.PermissionHeld, site)
	s.says("AUZ-06: elsewhere", decision.PermissionMissing, of(s.me, "members.read", "site", s.sites[1].String()))
	s.says("in the organisation", decision.PermissionMissing, org)
	s.givePermission(s.me, access.MembersRead, access.WholeOrganization, nil, s.always())
	s.says("in the organisation", decision.PermissionHeld, org)
	s.says("which covers its sites", decision.PermissionHeld, of(s.me, "members.read", "site", s.sites[1].String()))
	s.says("no role", decision.PermissionMissing, of(s.me, "share", "patient_document", "d"))
	s.givePermission(s.me, access.DocumentsShare, at.String(), at, s.always())
	s.says("a role at a site is enough", decision.PermissionHeld, of(s.me, "share", "patient_document", "d"))
	s.setMember(s.me, memberState{status: "active", function: "other", reach: "site", account: s.accounts[s.me]})
	s.says("MEM-7: whatever the role", decision.FunctionOther, of(s.me, "share", "patient_document", "d"))
	s.setMember(s.me, memberState{status: "active", function: "nurse", reach: "site", account: s.accounts[s.me]})
}

func (s *scene) groupsAndRecords() {
	read := of(s.me, "read", "patient_record", "r1")
	s.says("no permission", decision.PermissionMissing, read)
	s.givePermission(s.me, access.RecordsRead, s.sites[0].String(), s.sites[0], s.always())
	s.says("in no group", decision.RecordUnlisted, read)
	s.says("to write is another permission", decision.PermissionMissing, of(s.me, "write", "patient_record", "r1"))
	s.closeUnlisted(true)
	s.says("closed", decision.RecordUnlistedClosed, read)
	s.closeUnlisted(false)
	s.putRecord("r1", s.group, true)
	s.says("in another's group", decision.GroupNoneShared, read)
	s.joinGroup(s.me, s.group, true, window{from: s.db.Now().Add(time.Hour)})
	s.says("in a group to come", decision.GroupNoneShared, read)
	s.joinGroup(s.me, s.group, true, s.always())
	s.says("in one's group", decision.GroupShared, read)
	s.rev++
	s.change(func(x *exec) { x.groupState(s.org, s.group, 1000+s.rev, "removed") })
	s.says("whose group was removed", decision.RecordUnlisted, read)
}

func (s *scene) reach() {
	talk := of(s.me, "converse", "member", s.colleague.String())
	s.says("MEM-8: no site in common", decision.ReachNoSharedSite, talk)
	s.moveTo(s.me, s.sites[1])
	s.says("a site in common", decision.ReachSite, talk)
	s.setMember(s.me, memberState{status: "active", function: "nurse", reach: "everyone", account: s.accounts[s.me]})
	s.says("everyone", decision.ReachEveryone, of(s.me, "converse", "member", s.holder.String()))
	s.setMember(s.colleague, memberState{status: "deactivated", function: "nurse", reach: "site", account: s.accounts[s.colleague]})
	s.says("who is away", decision.ReachOtherNotActive, talk)
	s.says("deactivated", decision.MemberNotActive, of(s.colleague, "converse", "member", s.me.String()))
}

func (w *world) moveTo(m ident.Member, site ident.Site) {
	w.change(func(x *exec) {
		x.do(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, '', $4)`, w.org, m, site, x.tx.Now)
	})
}

func (s *scene) policies() {
	agenda := s.addResource("agenda", s.me)
	q := of(s.me, "read", "agenda", agenda)
	s.policy(setting.Decisions{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	s.says("without an address", decision.AddressNotAllowed, q)
	q.Address = netip.MustParseAddr("192.0.2.1")
	s.says("from elsewhere", decision.AddressNotAllowed, q)
	q.Address = netip.MustParseAddr("::ffff:10.1.2.3") // rules.md 10: IPv4-mapped equals IPv4
	s.says("from inside", decision.HolderAgenda, q)
	s.policy(setting.Decisions{SecondFactor: true})
	s.says("nothing said of a second factor", decision.SecondFactorRequired, q)
	for _, yes := range []bool{false, true} {
		q.SecondFactor = &yes
		want := decision.SecondFactorRequired
		if yes {
			want = decision.HolderAgenda
		}
		s.says("with a second factor or not", want, q)
	}
	s.policy(setting.Decisions{})
}

func (s *scene) members() {
	m := s.addMember(s.sites[0])
	agenda := s.addResource("agenda", m)
	q := of(m, "read", "agenda", agenda)
	state := func(status string, account ident.Account, starts, ends *time.Time) {
		s.setMember(m, memberState{status: status, function: "nurse", reach: "site", account: account, starts: starts, ends: ends})
	}
	a := s.accounts[m]
	before, later := s.db.Now().Add(-time.Minute), s.db.Now().Add(time.Hour)
	state("pending_approval", a, nil, nil)
	s.says("APP-1: waits", decision.MemberPending, q)
	s.setMember(m, memberState{status: "created", function: "nurse", reach: "site", account: a, verification: "unchecked"})
	s.says("VER-1, INV-15: registered, and not verified", decision.MemberUnverified, q)
	state("created", "", nil, nil)
	s.says("without an account", decision.MemberNoAccount, q)
	state("active", a, &later, nil)
	s.says("to come", decision.MemberNotStarted, q)
	state("active", a, nil, &before)
	s.says("MEM-4: over", decision.MemberEnded, q)
	state("created", a, nil, nil)
	s.says("created", decision.HolderAgenda, q)
	s.block(a, "blocked")
	s.says("a blocked account", decision.AccountBlocked, q)
	s.block(a, "active")
	s.says("let in again", decision.HolderAgenda, q)
	byAccount := q
	byAccount.Subject = decision.Entity{Type: "account", ID: a.String()}
	s.says("by the account", decision.HolderAgenda, byAccount)
	s.elsewhere(a, "unchecked")
	s.says("INV-15: who waits elsewhere has no place there", decision.HolderAgenda, byAccount)
	s.listed("who waits elsewhere", true, byAccount)
	s.bound("who waits elsewhere", s.org, a)
	s.elsewhere(a, "")
	s.listed("of several organisations", false, byAccount)
	s.bound("of several organisations", "", a)
	s.says("of several organisations", decision.SeveralOrganizations, byAccount)
	byAccount.In = s.org
	s.says("one of which is said", decision.HolderAgenda, byAccount)
	byAccount.In = ident.NewOrg()
	s.says("another is said", decision.UnknownSubject, byAccount)
	s.suspend("suspended")
	s.says("a suspended organisation", decision.OrgSuspended, q)
	s.suspend("active")
}

// listed searches for the subject of q by their account, now and in the past.
func (s *scene) listed(what string, want bool, q decision.Question) {
	s.Helper()
	then := q
	then.At = s.db.Now()
	for _, q := range []decision.Question{q, then} {
		r, err := s.d.Subjects(context.Background(), s.org, q, decision.Page{})
		if err != nil {
			s.Fatal(err)
		}
		if slices.ContainsFunc(r.Entities, func(e decision.Entity) bool { return e.ID == q.Subject.ID }) != want {
			s.Errorf("%s at %v: %+v", what, q.At, r.Entities)
		}
	}
}

// bound says of which organisation a person's own token asks when it states none; none of them
// may ask it here.
func (s *scene) bound(what string, want ident.Org, a ident.Account) {
	s.Helper()
	c, _, err := s.d.Bind(context.Background(), access.Actor{Kind: access.Person, Account: a, Via: "api"}, "")
	if c.Org != want || (want != "") != errors.Is(err, access.ErrForbidden) {
		s.Errorf("%s: of %q, %v", what, c.Org, err)
	}
}

// elsewhere gives an account a place in another organisation too, with that verification.
func (s *scene) elsewhere(a ident.Account, verification string) {
	here := s.org
	defer func() { s.org = here }()
	s.org = ident.NewOrg()
	m := ident.NewMember()
	s.change(func(x *exec) {
		x.do(`insert into org (id, slug, created_at) values ($1, $1, $2)`, s.org, x.tx.Now)
		x.do(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'x', 'other', 'active', '', $2)`, s.org, x.tx.Now)
		x.do(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, s.org, m, x.tx.Now)
		x.memberState(s.org, m, 1, memberState{status: "active", function: "nurse", reach: "site", account: a, verification: verification})
	})
}

// moments asks about the past through the front door.
func (s *scene) moments() {
	agenda := s.addResource("agenda", "")
	s.clock.Add(time.Minute)
	none := s.db.Now()
	s.clock.Add(time.Minute)
	s.grant(s.me, agenda, "manage", window{from: none.Add(-time.Hour)})
	s.clock.Add(time.Minute)
	given := s.db.Now()
	s.clock.Add(time.Minute)
	s.grant(s.me, agenda, "", window{})
	q := of(s.me, "manage", "agenda", agenda)
	for what, c := range map[string]struct {
		at   time.Time
		want decision.Code
	}{
		"before": {none, decision.LevelNone}, "meanwhile": {given, decision.GrantAgenda}, "now": {time.Time{}, decision.LevelNone},
		"to come": {s.db.Now().Add(time.Hour), decision.MomentFuture}, "before it was founded": {none.Add(-24 * time.Hour), decision.UnknownSubject},
	} {
		q.At = c.at
		e, err := s.d.Explain(context.Background(), s.org, q, nil)
		if err != nil || e.Code != c.want || e.Allowed != c.want.Allows() {
			s.Errorf("RGT-10: %s: %+v %v, want %s", what, e, err, c.want)
		}
		s.got[c.want] = true
	}
}

// TestWords: every code has its sentence in both languages, and so has every fix.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range text.All {
		p := text.For(lang)
		for _, c := range slices.Concat(decision.Permissions, decision.Refusals, []decision.Code{decision.BreakGlass}) {
			s := p.T("decision." + string(c))
			if seen[s] || !strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q", c, s)
			}
			seen[s] = true
		}
		for _, c := range decision.Fixes {
			if s := p.T("decision.fix." + c); seen[s] || !strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q", c, s)
			}
		}
	}
	if decision.BreakGlass.Allows() || slices.Contains(decision.Permissions, decision.BreakGlass) {
		t.Error("the reserved code permits")
	}
}
