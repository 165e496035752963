package web

import (
	"strings"
	"time"

	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/org"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// fieldTicket is why the support makes an account.
const fieldTicket = "ticket"

// proposeView is the form of an account that the support makes for an organisation.
type proposeView struct {
	Org     org.Org
	Path    string // of the organisation's page
	Form    proposal
	Choices inviteChoices
	Proof   *ui.StepUpProps

	told
}

// proposal is the form as it was typed.
type proposal struct {
	Ticket, Type, Title, GivenName, FamilyName, Function string
	RPPS, Profession, Specialty, Email, Phone, Until     string
	Language                                             string
	Sites                                                []string
	Roles                                                []pickedRole
}

// proposedOrg reads the organisation that the address names.
func (v *visit) proposedOrg() (org.Org, error) {
	id, err := ident.ParseOrg(v.PathValue("id"))
	if err != nil {
		return org.Org{}, errPage
	}
	return v.s.Orgs.Get(v.Context(), v.by, id)
}

func (v *visit) proposeForm() error {
	o, err := v.proposedOrg()
	if err != nil {
		return v.offPlatform(err)
	}
	return v.showPropose(o, proposal{Type: string(member.NonPractitioner), Language: string(text.All[0])}, nil)
}

// showPropose shows the form; after a refusal, with what to do.
func (v *visit) showPropose(o org.Org, f proposal, refusal error) error {
	p, err := v.platformFrame(v.t.T("platform.propose"))
	if err != nil {
		return err
	}
	said, status, err := v.tellAt(atBoxes(refusal), proposeSpots)
	if err != nil {
		return err
	}
	view := proposeView{Org: o, Path: pathPlatform + "/" + o.ID.String(), Form: f, told: said}
	if view.Choices, err = v.proposeChoices(o.ID); err != nil {
		return err
	}
	view.Proof = v.proof(v.t.T("platform.propose_proof"), said.Errors)
	p.Error = refusal != nil
	return v.show(status, ProposePage(p, view))
}

// proposeSpots are the fields whose refusals do not name them.
var proposeSpots = map[string]spot{
	fieldTicket: {fieldTicket, "approval.ticket"}, fieldEmail: {fieldEmail, "member.email"},
	fieldSpecialty: {fieldSpecialty, "edit.field.specialty"}, fieldUntil: {fieldUntil, "platform.until"},
}

func (v *visit) proposeChoices(in ident.Org) (inviteChoices, error) {
	c, err := v.s.Approvals.Choices(v.Context(), v.by, in)
	return inviteChoices{Roles: c.Roles, Sites: c.Sites}, err
}

// atBoxes says a refusal at the groups of boxes that its lines belong to: "sites[2]" is at
// the sites, "roles[0]" at the roles.
func atBoxes(refusal error) error {
	f := fault.Of(refusal)
	if refusal == nil || len(f.Fields) == 0 {
		return refusal
	}
	told := *f
	told.Fields = nil
	for _, x := range f.Fields {
		switch name, _, _ := strings.Cut(x.Location, "["); name {
		case fieldSites:
			x.Location = fieldSite
		case fieldRoles:
			x.Location = fieldRole
		case "profile_type":
			x.Location = fieldType
		case "profession_code":
			x.Location = fieldProfession
		case "specialty_code":
			x.Location = fieldSpecialty
		}
		told.Fields = append(told.Fields, x)
	}
	return &told
}

// propose makes an account that waits for the organisation's decision (APP-1).
func (v *visit) propose() error {
	o, err := v.proposedOrg()
	if err != nil {
		return v.offPlatform(err)
	}
	choices, err := v.proposeChoices(o.ID)
	if err != nil {
		return v.offPlatform(err)
	}
	f := v.readProposal(choices)
	ask, err := f.ask(o.ID)
	var made approval.Asked
	if err == nil {
		err = v.provePlatform()
	}
	if err == nil {
		made, err = v.s.Approvals.Ask(v.Context(), v.by, ask)
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		return v.showPropose(o, f, err)
	}
	if err != nil {
		return v.offPlatform(err)
	}
	v.flash(ui.ToneOK, v.t.T("platform.proposed", "Name", made.Name, "Org", o.Name))
	return v.to(pathPlatform + "/" + o.ID.String())
}

func (v *visit) readProposal(c inviteChoices) proposal {
	f := proposal{
		Ticket: v.PostFormValue(fieldTicket), Type: v.PostFormValue(fieldType), Title: v.PostFormValue(fieldTitle),
		GivenName: v.PostFormValue(fieldGiven), FamilyName: v.PostFormValue(fieldFamily), Function: v.PostFormValue(fieldFunction),
		RPPS: v.PostFormValue(fieldRPPS), Profession: v.PostFormValue(fieldProfession), Specialty: v.PostFormValue(fieldSpecialty),
		Email: v.PostFormValue(fieldEmail), Phone: v.PostFormValue(fieldPhone), Until: v.PostFormValue(fieldUntil),
		Language: v.PostFormValue(fieldLanguage), Sites: v.PostForm[fieldSite], Roles: v.pickedRoles(c),
	}
	if len(c.Sites) == 1 {
		f.Sites = []string{c.Sites[0].ID.String()}
	}
	return f
}

// ask is what the form asks for. Errors: a field to correct.
func (f proposal) ask(in ident.Org) (approval.Ask, error) {
	lang, _ := text.ParseLang(f.Language)
	ask := approval.Ask{Ticket: f.Ticket, Create: enrolment.Create{
		Org: in, ProfileType: member.ProfileType(f.Type), Title: f.Title, GivenName: f.GivenName, FamilyName: f.FamilyName,
		Function: f.Function, Phone: f.Phone, Email: f.Email, Language: lang,
	}}
	switch ask.ProfileType {
	case member.Regulated:
		p, _ := nomenclature.Profession(f.Profession)
		ask.RPPS, ask.ProfessionCode, ask.Profession = f.RPPS, p.Code, p.Label
	case member.Unregulated:
		ask.Specialty = f.Specialty
	case member.NonPractitioner:
	}
	for _, s := range f.Sites {
		ask.Sites = append(ask.Sites, ident.Site(s))
	}
	for _, p := range f.Roles {
		ask.Roles = append(ask.Roles, p.given(in, ask.Sites)...)
	}
	if f.Until != "" {
		day, err := parseDay(f.Until)
		if err != nil {
			return ask, fault.OnField(fieldUntil, "member.date_malformed")
		}
		end := day.In(text.Zone).AddDate(0, 0, 1).UTC() // the last day is a whole one
		ask.Until = &end
	}
	return ask, nil
}

// madeLine is one account that the support made, as the support sees it.
func (v *visit) madeLine(a *approval.Approval) approvalLine {
	l := v.approvalLine(a)
	l.Href = ""
	if l.Detail = a.Ticket; a.Reason != "" {
		l.Detail += " · " + a.Reason
	}
	l.Detail += " · " + v.t.Date(latest(a.CreatedAt, a.DecidedAt))
	return l
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (w proposeView) sites(t *text.Printer) ui.GroupProps {
	g := w.groups().siteChoices(t)
	g.Hint = t.T("platform.sites_hint")
	return g
}

func (w proposeView) roles(t *text.Printer) ui.GroupProps {
	g := w.groups().roleChoices(t)
	g.Hint = t.T("platform.roles_hint")
	return g
}

// groups are the boxes of sites and roles, as an invitation has them.
func (w proposeView) groups() inviteView {
	return inviteView{Form: invite{Sites: w.Form.Sites, Roles: w.Form.Roles}, Choices: w.Choices, Errors: w.Errors}
}
