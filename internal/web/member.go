package web

import (
	"net/http"

	"github.com/a-h/templ"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// memberView is what the sheet of a member shows, in words.
type memberView struct {
	Sheet  member.Sheet
	Name   string
	Above  string // profession or function
	Below  string // RPPS number, sites
	Status ui.StatusProps
	Enamel ui.Enamel
	Crumb  string // where «←» leads: the list, for whoever may open it
	Back   string
	Base   string // address of the sheet
	Resend string // address of «Renvoyer l’e-mail d’invitation»; empty: no button
	File   string // address of the person's file; empty: none
	Edit   string // addresses of «Modifier» and «Inviter»; empty: no link
	Rights string
	Invite string
	LastOf string // the place whose last administrator this is (ORG-4)
	Given  []ui.Fact
	Who    []ui.Fact // who the person is, and what they do
	Reach  []ui.Fact // how to reach them
	Own    []ui.Fact // their settings, and whose they are
	Tabs   ui.TabsProps
	Access []ui.Fact // how they sign in
	Secure []ui.Fact // their second factors and sessions, for who administers them
	Admin  string    // where they administer
	Sites  []siteLine
	Groups *groupsCard // of access; nil for whoever may not read them

	Examine string // address of «Examiner» of whoever waits for an authorisation; empty: no link

	Data   string              // address of «Données personnelles»; empty: no link
	Depart *ui.LinkButtonProps // «Supprimer le membre», or the departure that is planned; nil: no link

	Delegations delegationsCard
	Work        workCard

	History []ui.LogEntry // the last acts, for whoever may read them
	Journal string        // address of all of them
}

// sheet reads the member that the address names. One of another organisation, or
// beyond what this person may see, does not exist.
func (v *visit) sheet() (member.Sheet, error) {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return member.Sheet{}, errPage
	}
	return v.s.Members.Get(v.Context(), v.by, v.org.ID, id)
}

// member shows the sheet.
func (v *visit) member() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	view, err := v.memberView(s)
	if err != nil {
		return err
	}
	p, err := v.orgFrame(view.Name, atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, MemberPage(p, view))
}

func (v *visit) memberView(s member.Sheet) (memberView, error) {
	sites, err := v.siteNames()
	if err != nil {
		return memberView{}, err
	}
	view := memberView{
		Sheet: s, Name: called(s.Member), Above: v.occupation(s.Member), Below: v.below(s),
		Status: v.withDeparture(v.withPlan(v.status(s.Member, s.Invitation), s.Planned), s.Departure),
		Enamel: ui.Enamel(v.org.Enamel), Crumb: v.t.T("web.home"), Back: v.at(atHome), Base: v.sheetPath(s.ID), Admin: v.administers(s, sites),
	}
	if v.held.HasAnywhere(access.MembersRead) {
		view.Crumb, view.Back = v.t.T("members.title"), v.at(atMembers)
	}
	if s.May.Resend && s.Invitation != nil {
		view.Resend = v.at("invitations", s.Invitation.ID.String(), "resend")
	}
	if s.Status == member.PendingApproval && v.mayExamine(s.Sites) {
		view.Examine = v.at("approvals", s.ID.String())
	}
	if s.Verification != member.NotNeeded && v.mayVerify() {
		view.File = v.dossierPath(ident.DossierOf(s.ID))
	}
	view.Depart = v.departLink(s)
	if s.May.Edit {
		view.Edit, view.Data = view.Base+"/edit", v.dataPath(s.ID)
	}
	if s.May.EditRights {
		view.Rights = view.Base + "/rights"
	}
	if s.May.Invite {
		view.Invite = view.Base + "/invite"
	}
	view.LastOf = v.lastOf(s, sites)
	view.Given = v.rightFacts(s, view.Admin)
	view.Reach = v.reachFacts(s)
	if view.Who, err = v.numberFacts(s, v.whoFacts(s)); err != nil {
		return memberView{}, err
	}
	view.Sites, view.Tabs = v.sheetSites(s), v.sheetTabs(s, "")
	if view.Own, err = v.preferencesCard(s); err != nil {
		return memberView{}, err
	}
	if err := v.history(&view); err != nil {
		return memberView{}, err
	}
	if err := v.groupsOfMember(&view); err != nil {
		return memberView{}, err
	}
	view.Access = v.accessFacts(s, view.Status)
	if view.Secure, err = v.careFacts(s); err != nil {
		return memberView{}, err
	}
	if view.Work, err = v.workOf(s.ID); err != nil {
		return memberView{}, err
	}
	view.Delegations, err = v.delegationsOf(s.ID)
	return view, err
}

func (v *visit) sheetPath(id ident.Member) string { return v.at("members", id.String()) }

// occupation is what the person does: the profession, else the function.
func (v *visit) occupation(m member.Member) string {
	if m.Profession != "" {
		return m.Profession
	}
	return named(v.t, "function.", m.Function)
}

// below is the third line of the plaque: «RPPS 99 700 012 042 · Saint-Aubin».
func (v *visit) below(s member.Sheet) string {
	line := v.t.List(siteRefs(s.Sites))
	if s.RPPS != "" {
		line = v.t.T("member.rpps", "Number", grouped(s.RPPS)) + " · " + line
	}
	return line
}

func siteRefs(sites []member.SiteRef) []string {
	names := make([]string, 0, len(sites))
	for _, s := range sites {
		names = append(names, s.Name)
	}
	return names
}

// administers says where the member administers, «Non» when nowhere.
func (v *visit) administers(s member.Sheet, sites map[ident.Site]string) string {
	names := make([]string, 0, len(s.Administration))
	for _, scope := range s.Administration {
		names = append(names, v.scopeName(scope, sites))
	}
	if len(names) == 0 {
		return v.t.T("common.no")
	}
	return v.t.List(names)
}

// rightFacts are the roles and permissions with their scope, who gave them, when
// (RGT-8), and where the member administers.
func (v *visit) rightFacts(s member.Sheet, administers string) []ui.Fact {
	var roles, admin []given
	singles := make([]given, 0, len(s.Permissions))
	for i := range s.Roles {
		r := &s.Roles[i]
		g := v.given(r.Scope, r.SiteName, r.GivenBy, r.GivenAt, r.EndsAt)
		if r.BuiltIn == role.Administrator {
			g.What = ""
			admin = append(admin, g)
			continue
		}
		g.What = r.Name
		if r.BuiltIn != "" {
			g.What = v.t.T("role." + r.BuiltIn)
		}
		roles = append(roles, g)
	}
	for _, p := range s.Permissions {
		g := v.given(p.Scope, p.SiteName, p.GivenBy, p.GivenAt, p.EndsAt)
		g.What = v.t.T("permission." + string(p.Permission))
		singles = append(singles, g)
	}
	facts := []ui.Fact{v.givenFact("member.roles", len(roles), roles)}
	if len(singles) > 0 {
		facts = append(facts, v.givenFact("member.permissions", len(singles), singles))
	}
	f := ui.Fact{Term: v.t.T("member.administers"), Value: administers}
	if len(admin) > 0 {
		f = ui.Fact{Term: f.Term, Content: Grants(admin)}
	}
	return append(facts, f)
}

func (v *visit) givenFact(key string, n int, list []given) ui.Fact {
	f := ui.Fact{Term: v.t.T(key, "Count", max(n, 1))}
	if n == 0 {
		f.Value = v.t.T("member.no_role")
		return f
	}
	f.Content = Grants(list)
	return f
}

// sheetSites are the sites of the member; a site leads to its page.
func (v *visit) sheetSites(s member.Sheet) []siteLine {
	list := make([]siteLine, 0, len(s.Sites))
	for _, site := range s.Sites {
		line := siteLine{Name: site.Name, Href: v.at("sites", site.ID.String())}
		if v.mayRemoveFrom(s, site.ID) {
			line.Remove = v.siteRemovalPath(s.ID, site.ID)
		}
		list = append(list, line)
	}
	return list
}

// accessFacts are the status, the last sign-in and what waits for the person.
func (v *visit) accessFacts(s member.Sheet, status ui.StatusProps) []ui.Fact {
	facts := []ui.Fact{{Term: v.t.T("members.column.status"), Content: statusContent(status)}}
	if s.Account.IsZero() && s.Email == "" {
		facts = append(facts, ui.Fact{Term: v.t.T("member.email"), Value: v.t.T("member.no_email")})
	}
	seen := ui.Fact{Term: v.t.T("members.column.seen"), Value: v.seen(s.Member)}
	if !s.NeverSignedIn() {
		seen = ui.Fact{Term: seen.Term, Content: ui.Time(s.LastSignInAt, v.seen(s.Member))}
	}
	facts = append(facts, seen)
	if s.Locked && status.Chip.Icon != ui.IconLockFill { // another fact hides it
		facts = append(facts, ui.Fact{Term: v.t.T("status.locked"), Value: v.t.T("members.locked_detail")})
	}
	if s.Invitation != nil {
		key := "member.invitation_until"
		if !v.s.now().Before(s.Invitation.ExpiresAt) {
			key = "member.invitation_ended"
		}
		facts = append(facts, ui.Fact{Term: v.t.T("member.invitation"), Value: v.t.T(key, "Date", v.t.DateTime(s.Invitation.ExpiresAt))})
	}
	if s.Planned != nil {
		facts = append(facts, v.planFact(s))
	}
	if s.EndsAt != nil && s.Locum == nil { // a replacement says its own dates
		facts = append(facts, ui.Fact{Term: v.t.T("member.ends"), Value: v.t.Date(lastDay(*s.EndsAt))})
	}
	return append(facts, ui.Fact{Term: v.t.T("member.since"), Value: v.t.Date(s.CreatedAt)})
}

func statusContent(s ui.StatusProps) templ.Component {
	if s.Detail == "" {
		return ui.Chip(s.Chip)
	}
	return ui.Status(s)
}

// scopes are the places that a form about administration offers.
func (v *visit) scopes(offered []access.Scope, chosen, key string) (*ui.GroupProps, error) {
	sites, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	g := &ui.GroupProps{Name: fieldScope, Legend: v.t.T(key + ".where"), Joined: true}
	for _, s := range offered {
		hint := key + ".site_text"
		if s.Site.IsZero() {
			hint = key + ".organization_text"
		}
		g.Choices = append(g.Choices, ui.Choice{
			Value: s.Code(), Label: v.scopeName(s, sites), Hint: v.t.T(hint), Chosen: s.Code() == chosen || len(offered) == 1,
		})
	}
	return g, nil
}
