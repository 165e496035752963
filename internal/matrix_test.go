package internal_test

import (
	"context"
	"fmt"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/approval"
	"habilis/internal/credential"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/journal"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// outcome of an act for an actor.
type outcome string

const (
	allowed   outcome = "allowed"
	forbidden outcome = "forbidden"
	hidden    outcome = "not found"
	refused   outcome = "refused" // one of the two: who learns what is AUZ-06's test
)

func outcomeOf(err error) outcome {
	switch {
	case fault.Is(err, fault.Forbidden):
		return forbidden
	case fault.Is(err, fault.NotFound):
		return hidden
	}
	return allowed // what the rules of the field then say is another matter
}

// where an act needs its permission.
type where uint8

const (
	atSite      where = iota // at the first site, or for the organisation
	atWhole                  // for the organisation
	seenAtSite               // at the first site, with members.read there
	anywhere                 // at any scope
	fullAtSite               // every administration permission at the first site: what is given must be held
	fullAtWhole              // every administration permission for the organisation
	anyReader                // one of those by which roles are read, at any scope
	membersOnly              // every member may
)

// cell is one act of the matrix and the permission it needs.
type cell struct {
	name  string
	need  access.Permission
	where where
	do    func(m *matrix, by access.Actor) error
}

// matrix is an organisation of two sites, with one member at each, one that is
// deactivated, and its invitations.
type matrix struct {
	*world
	first, second         ident.Site
	atFirst, outOfUse     ident.Member
	proposed              ident.Member // by the support, for the first site
	reader, admin, custom ident.Role
	agenda                resource.ID
	item                  workitem.Ref
	n                     int
}

var cells = []cell{
	{"list members", access.MembersRead, anywhere, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.List(context.Background(), by, m.org, member.Query{})
		return err
	}},
	{"read a member", access.MembersRead, atSite, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.Get(context.Background(), by, m.org, m.atFirst)
		return err
	}},
	{"read the directory alerts", access.MembersEdit, anywhere, func(m *matrix, by access.Actor) error {
		_, err := dossier.Alerts{Run: m.run}.List(context.Background(), by, m.org, dossier.Open)
		return err
	}},
	{"list the accounts to approve", access.ApprovalsDecide, anywhere, func(m *matrix, by access.Actor) error {
		_, err := m.approvals().List(context.Background(), by, m.org, approval.Waiting)
		return err
	}},
	{"read an account to approve", access.ApprovalsDecide, atSite, func(m *matrix, by access.Actor) error {
		_, err := m.approvals().Get(context.Background(), by, m.org, m.proposed)
		return err
	}},
	{"decide of an account to approve", access.ApprovalsDecide, seenAtSite, func(m *matrix, by access.Actor) error {
		_, err := m.approvals().Decide(context.Background(), by, m.org, m.proposed, approval.Verdict{Decision: approval.Authorize, Version: 1 << 40})
		return err
	}},
	{"make an account to approve", access.PlatformSupport, atWhole, func(m *matrix, by access.Actor) error {
		_, err := m.approvals().Ask(context.Background(), by, approval.Ask{Create: enrolment.Create{Org: m.org}})
		return err
	}},
	{"close the administration space", access.PlatformSupport, atWhole, func(m *matrix, by access.Actor) error {
		_, err := org.Orgs{Run: m.run}.SetFeatures(context.Background(), by, m.org, 1<<40, org.Features{})
		return err
	}},
	{"read the journal", access.AuditRead, anywhere, func(m *matrix, by access.Actor) error {
		_, err := journal.Journal{Run: m.run}.List(context.Background(), by, m.org, journal.Query{})
		return err
	}},
	{"read the history of a member", access.AuditRead, atSite, func(m *matrix, by access.Actor) error {
		_, err := journal.Journal{Run: m.run}.OfMember(context.Background(), by, m.org, m.atFirst, journal.Query{})
		return err
	}},
	{"read one's own journal", "", membersOnly, func(m *matrix, by access.Actor) error {
		_, err := journal.Journal{Run: m.run}.Mine(context.Background(), by, m.org, journal.Query{})
		return err
	}},
	// Whoever acts on a member must be able to see that member: members.read too.
	{"deactivate a member", access.MembersDeactivate, seenAtSite, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.Deactivate(context.Background(), by, m.org, m.atFirst, 1<<40)
		return err
	}},
	{"reactivate a member", access.MembersDeactivate, seenAtSite, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.Reactivate(context.Background(), by, m.org, m.outOfUse, 1<<40)
		return err
	}},
	{"name an administrator of a site", access.RightsEdit, fullAtSite, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.Appoint(context.Background(), by, m.outOfUse, access.SiteScope(m.org, m.first), 0)
		return err
	}},
	{"preview an invitation", access.MembersInvite, atSite, func(m *matrix, by access.Actor) error {
		_, err := m.enrolments().Preview(context.Background(), by, m.invite("apercu@essais.example"))
		return err
	}},
	{"invite", access.MembersInvite, atSite, func(m *matrix, by access.Actor) error {
		m.n++
		_, err := m.enrolments().Invite(context.Background(), by, m.invite(fmt.Sprintf("p%d@essais.example", m.n)))
		return err
	}},
	{"read an invitation", access.MembersInvite, atSite, func(m *matrix, by access.Actor) error {
		_, err := invitation.Invitations{Run: m.run}.Get(context.Background(), by, m.org, m.pending())
		return err
	}},
	{"resend an invitation", access.MembersInvite, atSite, func(m *matrix, by access.Actor) error {
		_, err := invitation.Invitations{Run: m.run, Limits: invitation.Limits{PerDayOrg: 100_000}}.Resend(context.Background(), by, m.org, m.pending())
		return err
	}},
	{"delete an invitation", access.MembersInvite, atSite, func(m *matrix, by access.Actor) error {
		return invitation.Invitations{Run: m.run}.Delete(context.Background(), by, m.org, m.pending())
	}},
	{"read the sites", "", membersOnly, func(m *matrix, by access.Actor) error {
		_, err := org.Orgs{Run: m.run}.Sites(context.Background(), by, m.org, "")
		return err
	}},
	{"change a site", access.SitesEdit, atSite, func(m *matrix, by access.Actor) error {
		_, err := org.Orgs{Run: m.run}.EditSite(context.Background(), by, m.org, m.first, 1<<40, org.SiteDetails{Name: "Centre"})
		return err
	}},
	{"make an agenda", access.RightsEdit, atSite, func(m *matrix, by access.Actor) error {
		m.n++
		d := resource.Details{Site: m.first, Kind: resource.OfRoom, Name: fmt.Sprint("Salle ", m.n)}
		_, err := resource.Resources{Run: m.run}.Create(context.Background(), by, m.org, resource.Agenda, d)
		return err
	}},
	{"make an identity of the organisation", access.RightsEdit, atWhole, func(m *matrix, by access.Actor) error {
		m.n++
		d := resource.Details{Kind: resource.OfService, Name: fmt.Sprint("Service ", m.n)}
		_, err := resource.Resources{Run: m.run}.Create(context.Background(), by, m.org, resource.Identity, d)
		return err
	}},
	{"change a level", access.RightsEdit, seenAtSite, func(m *matrix, by access.Actor) error {
		m.n++
		l := []grant.Level{grant.Availability, grant.Manage}[m.n%2]
		_, err := grant.Grants{Run: m.run}.Apply(context.Background(), by, m.org, grant.Wanted{Changes: []grant.Change{
			{Member: m.atFirst, Resource: m.agenda, Level: l},
		}})
		return err
	}},
	{"close a site", access.SitesEdit, atWhole, func(m *matrix, by access.Actor) error {
		return member.Members{Run: m.run}.CloseSite(context.Background(), by, m.org, m.first)
	}},
	{"change the organisation", access.SettingsEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := org.Orgs{Run: m.run}.Edit(context.Background(), by, m.org, 1<<40, org.Details{Name: "Cabinet", Kind: org.Practice, Enamel: org.Enamels[0]})
		return err
	}},
	{"change the security policy", access.SecurityEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := setting.Settings{Run: m.run}.SetSecurity(context.Background(), by, m.org, 1<<40, setting.DefaultSecurity())
		return err
	}},
	{"create an access group", access.GroupsEdit, atWhole, func(m *matrix, by access.Actor) error {
		m.n++
		_, err := recordgroup.Groups{Run: m.run}.Create(context.Background(), by, m.org, recordgroup.Details{Name: fmt.Sprint("Groupe ", m.n)})
		return err
	}},
	{"list webhooks", access.WebhooksEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := webhook.Webhooks{Run: m.run}.List(context.Background(), by, m.org)
		return err
	}},
	{"make a webhook", access.WebhooksEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := webhook.Webhooks{Run: m.run}.Make(context.Background(), by, m.org, webhook.Details{
			Name: "essai", URL: "https://agenda.example.fr/", Kinds: event.Kinds(),
		})
		return err
	}},
	{"read the feed of events", access.WebhooksEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := webhook.Webhooks{Run: m.run}.Feed(context.Background(), by, m.org, webhook.FeedQuery{})
		return err
	}},
	{"register a work item", access.WorkitemsEdit, atWhole, func(m *matrix, by access.Actor) error {
		m.n++
		_, err := workitem.Items{Run: m.run}.Register(context.Background(), by, m.org, workitem.Line{
			Ref:     workitem.Ref{Source: "agenda", External: fmt.Sprint("T-", m.n)},
			Details: workitem.Details{Kind: workitem.Task, Owner: m.atFirst, State: workitem.Open},
		})
		return err
	}},
	{"register many work items", access.WorkitemsEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := workitem.Items{Run: m.run}.RegisterMany(context.Background(), by, m.org, nil)
		return err
	}},
	{"remove a work item", access.WorkitemsEdit, atWhole, func(m *matrix, by access.Actor) error {
		return workitem.Items{Run: m.run}.Remove(context.Background(), by, m.org, m.item, 1<<40)
	}},
	{"read a work item", access.WorkitemsEdit, atSite, func(m *matrix, by access.Actor) error {
		_, err := workitem.Items{Run: m.run}.Get(context.Background(), by, m.org, m.item)
		return err
	}},
	{"list the work items of a member", access.WorkitemsEdit, atSite, func(m *matrix, by access.Actor) error {
		_, err := workitem.Items{Run: m.run}.List(context.Background(), by, m.org, m.atFirst, workitem.Query{})
		return err
	}},
	{"reassign the work items of a member", access.WorkitemsEdit, atSite, func(m *matrix, by access.Actor) error {
		_, err := workitem.Items{Run: m.run}.Reassign(context.Background(), by, m.org, workitem.Handover{From: m.atFirst, To: m.outOfUse})
		return err
	}},
	{"propose who takes work items over", access.WorkitemsEdit, atSite, func(m *matrix, by access.Actor) error {
		_, err := workitem.Items{Run: m.run}.Propose(context.Background(), by, m.org, workitem.Handover{From: m.atFirst}, "")
		return err
	}},
	{"close the records of no group", access.SettingsEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := setting.Settings{Run: m.run}.SetRecords(context.Background(), by, m.org, 1<<40, setting.Records{})
		return err
	}},
	{"list tokens", access.TokensEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := token.Tokens{Run: m.run}.List(context.Background(), by, token.Of(m.org))
		return err
	}},
	{"make a token", access.TokensEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := token.Tokens{Run: m.run}.Make(context.Background(), by, token.New{
			Kind: token.OfOrganization, Org: m.org, Name: "essai", Permissions: []access.Permission{access.TokensEdit},
		})
		return err
	}},
	{"read the roles", access.RolesEdit, anyReader, func(m *matrix, by access.Actor) error {
		_, err := role.Roles{Run: m.run}.List(context.Background(), by, m.org)
		return err
	}},
	{"make a role of care", access.RolesEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := role.Roles{Run: m.run}.PreviewCreate(context.Background(), by, m.org, role.Details{Name: "Soins du soir", Permissions: access.Care})
		return err
	}},
	{"duplicate the administration", access.RolesEdit, fullAtWhole, func(m *matrix, by access.Actor) error {
		m.n++
		_, err := role.Roles{Run: m.run}.Duplicate(context.Background(), by, m.org, m.admin, role.Details{Name: fmt.Sprintf("Administration %d", m.n)})
		return err
	}},
	{"edit a role of care", access.RolesEdit, atWhole, func(m *matrix, by access.Actor) error {
		_, err := member.Members{Run: m.run}.EditRole(context.Background(), by, m.org, m.custom, 1<<40, role.Details{Name: "Essai", Permissions: access.Care})
		return err
	}},
	{"remove a role", access.RolesEdit, atWhole, func(m *matrix, by access.Actor) error {
		return role.Roles{Run: m.run}.Remove(context.Background(), by, m.org, m.custom, 1<<40)
	}},
	{"suspend the organisation", access.PlatformSupport, atWhole, func(m *matrix, by access.Actor) error {
		_, err := org.Orgs{Run: m.run}.Suspend(context.Background(), by, m.org, "essai")
		return err
	}},
}

func (m *matrix) invite(email string) enrolment.Invite {
	return enrolment.Invite{
		Org: m.org, Emails: []string{email}, Roles: []role.Given{{Role: m.reader, Scope: access.SiteScope(m.org, m.first)}},
		Sites: []ident.Site{m.first}, Function: "nurse", Language: text.FR,
	}
}

// enrolments sends more letters a day than an organisation usually may.
func (m *matrix) enrolments() enrolment.Enrolments {
	return enrolment.Enrolments{Run: m.run, Hasher: m.hasher, Limits: invitation.Limits{PerDayOrg: 100_000}}
}

// pending is a fresh invitation to the first site.
func (m *matrix) pending() ident.Invitation {
	m.n++
	r, err := m.enrolments().Invite(context.Background(), access.Operator("cli"), m.invite(fmt.Sprintf("attente%d@essais.example", m.n)))
	if err != nil || r.Lines[0].Fate != enrolment.Invited {
		panic(fmt.Sprint(err, r))
	}
	return r.Lines[0].Invitation
}

func newMatrix(t *testing.T, db *store.DB) *matrix {
	t.Helper()
	m := &matrix{world: newWorld(t, db)}
	m.first = m.site
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Lock(m.org), store.Installation}, func(tx *store.Tx) error {
		s, err := org.InsertSite(ctx, tx, m.org, org.SiteDetails{Name: "Annexe"})
		if err != nil {
			return err
		}
		m.second = s.ID
		r, err := role.BuiltIn(ctx, tx, m.org, role.Reader)
		if err != nil {
			return err
		}
		m.reader, m.admin = r.ID, m.builtIn(ctx, tx, role.Administrator)
		if r, err = role.InsertCustom(ctx, tx, m.org, "Suivi", []access.Permission{access.TasksRead}); err != nil {
			return err
		}
		m.custom = r.ID
		if _, err := m.person(ctx, tx, "garde", []role.Given{{Role: m.builtIn(ctx, tx, role.Administrator), Scope: access.OrgScope(m.org)}}, nil, m.first, m.second); err != nil {
			return err
		}
		a, err := m.person(ctx, tx, "premier", nil, nil, m.first)
		if err != nil {
			return err
		}
		m.atFirst = a.ID
		b, err := m.person(ctx, tx, "ancien", nil, nil, m.first)
		if err != nil {
			return err
		}
		m.outOfUse = b.ID
		held, err := access.HeldBy(ctx, tx, access.Operator("cli"), m.org)
		if err != nil {
			return err
		}
		room, err := resource.Insert(ctx, tx, held, resource.Agenda, resource.Details{Site: m.first, Kind: resource.OfRoom, Name: "Salle de soins"})
		m.agenda = room.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (member.Members{Run: m.run}).Deactivate(ctx, access.Operator("cli"), m.org, m.outOfUse, 0); err != nil {
		t.Fatal(err)
	}
	made, err := m.approvals().Ask(ctx, access.Operator("cli"), approval.Ask{Ticket: "Essai", Create: enrolment.Create{
		Org: m.org, Sites: []ident.Site{m.first}, ProfileType: member.NonPractitioner, GivenName: "Pro", FamilyName: "Posé", Function: "secretary",
		Email: "propose@essais.example",
	}})
	if err != nil {
		t.Fatal(err, fault.Of(err).Fields)
	}
	m.proposed = made.Member
	l := workitem.Line{Ref: workitem.Ref{Source: "agenda", External: "T"}, Details: workitem.Details{Kind: workitem.Task, Owner: m.atFirst}}
	if _, err := (workitem.Items{Run: m.run}).Register(ctx, access.Operator("cli"), m.org, l); err != nil {
		t.Fatal(err, fault.Of(err).Fields)
	}
	m.item = l.Ref
	return m
}

func (m *matrix) approvals() approval.Approvals {
	return approval.Approvals{Run: m.run, Enrol: m.enrolments()}
}

func (m *matrix) builtIn(ctx context.Context, tx *store.Tx, code string) ident.Role {
	r, err := role.BuiltIn(ctx, tx, m.org, code)
	if err != nil {
		panic(err)
	}
	return r.ID
}

// person is a member with an account that can sign in.
func (m *matrix) person(ctx context.Context, tx *store.Tx, name string, roles []role.Given, single []member.GivenPermission, sites ...ident.Site) (member.Member, error) {
	email, _ := account.ParseEmail(name + "@essais.example")
	a, err := account.Insert(ctx, tx, account.New{Email: email, Names: account.Names{GivenName: "Dominique", FamilyName: "Essai"}, Language: text.FR})
	if err != nil {
		return member.Member{}, err
	}
	if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"); err != nil {
		return member.Member{}, err
	}
	p, err := member.Insert(ctx, tx, member.New{
		Org: m.org, Account: a.ID, Status: member.Active, ProfileType: member.NonPractitioner, GivenName: "Dominique", FamilyName: "Essai",
		Email: email.Address, Function: "nurse", Reach: member.ReachSite, Sites: sites, Roles: roles, GivenBy: "test",
	})
	if err != nil || len(single) == 0 {
		return p, err
	}
	return p, member.Give(ctx, tx, member.Gift{Org: m.org, Member: p.ID, Permissions: single, By: "test"})
}

// TestMatrix: every permission and every role, at every scope, against every act
// (ORG-3, RGT-1, INV-08, AUZ-04, AUZ-06).
func TestMatrix(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		m := newMatrix(t, db)
		seen := map[outcome]int{}
		for _, h := range m.holders(t) {
			for _, c := range cells {
				got := outcomeOf(c.do(m, h.by))
				seen[got]++
				want := h.want(c, m.first)
				if got != want && (want != refused || got == allowed) {
					t.Errorf("%s: %s: %s, want %s", h.name, c.name, got, want)
				}
			}
		}
		if seen[allowed] < 50 || seen[forbidden] < 200 || seen[hidden] < 50 {
			t.Errorf("the matrix met %v: it no longer tells outcomes apart", seen)
		}
	})
}

// TestSiteAdministratorSeesNothingElsewhere: an administrator of the second site
// is told that what belongs to the first does not exist (AUZ-06).
func TestSiteAdministratorSeesNothingElsewhere(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		m := newMatrix(t, db)
		for _, h := range m.holders(t) {
			if h.name != "administrator, second site" {
				continue
			}
			for _, c := range cells {
				if (c.where != atSite && c.where != seenAtSite) || c.name == "preview an invitation" || c.name == "invite" {
					continue
				}
				if got := outcomeOf(c.do(m, h.by)); got != hidden {
					t.Errorf("%s: %s, want not found", c.name, got)
				}
			}
		}
	})
}
