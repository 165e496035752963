package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// inviteView is the form «Inviter par e-mail».
type inviteView struct {
	Draft   string
	Form    invite
	Choices inviteChoices
	Base    string // address of the invitations
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
}

func (v *visit) inviteForm() error {
	if err := v.mayInvite(); err != nil {
		return err
	}
	if v.FormValue("draft") == "" {
		return v.showInvite(http.StatusOK, inviteView{Form: invite{Welcome: string(invitation.ByLink), Language: string(text.All[0])}})
	}
	id, f, err := v.inviteDraft()
	if err != nil {
		return err
	}
	if f.Report != nil {
		return v.to(v.sentPath(id))
	}
	return v.showInvite(http.StatusOK, inviteView{Draft: id.String(), Form: f})
}

func (v *visit) showInvite(status int, view inviteView) error {
	p, err := v.orgFrame(v.t.T("invitation.new"), atInvitations)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	if view.Choices, err = v.inviteChoices(); err != nil {
		return err
	}
	view.Base = v.at("invitations")
	return v.show(status, InvitePage(p, view))
}

// keepInvite keeps what was typed as a draft and leads to its review. Without
// script, «Ajouter un autre» comes here too, and has one field more for an answer.
func (v *visit) keepInvite() error {
	if err := v.mayInvite(); err != nil {
		return err
	}
	f, err := v.readInvite()
	if err != nil {
		return err
	}
	id, err := v.openDraft()
	if err != nil {
		return err
	}
	view := inviteView{Draft: id.String(), Form: f}
	if v.PostFormValue("add") != "" {
		view.Form.Emails = append(view.Form.Emails, "")
		return v.showInvite(http.StatusOK, view)
	}
	if err := v.checkInvite(f); err != nil {
		return v.inviteAgain(view, err)
	}
	if id, err = v.saveInvite(id, f); err != nil {
		return v.inviteAgain(view, err)
	}
	return v.to(v.reviewPath(id))
}

// readInvite reads the form. With one site to choose from there is no choice.
func (v *visit) readInvite() (invite, error) {
	f := invite{
		Pasted: v.PostFormValue("pasted"), Sites: v.PostForm["site"], Function: v.PostFormValue(fieldFunction),
		Welcome: v.PostFormValue("welcome"), Language: v.PostFormValue("language"), Alike: v.PostFormValue("alike"),
		Days: levelDays{v.PostFormValue(fieldAlikeFrom), v.PostFormValue(fieldAlikeUntil)},
	}
	for _, e := range v.PostForm[fieldEmail] {
		if e = strings.TrimSpace(e); e != "" && len(f.Emails) < maxEmailFields {
			f.Emails = append(f.Emails, e)
		}
	}
	c, err := v.inviteChoices()
	if err != nil {
		return f, err
	}
	if len(c.Sites) == 1 {
		f.Sites = []string{c.Sites[0].ID.String()}
	}
	f.Roles = v.pickedRoles(c)
	return f, nil
}

// pickedRoles are the roles of a form, each with its scope.
func (v *visit) pickedRoles(c inviteChoices) []pickedRole {
	var list []pickedRole
	for _, id := range v.PostForm["role"] {
		scope := v.PostFormValue("scope_" + id)
		if scope == "" {
			scope = c.usualScope()
		}
		list = append(list, pickedRole{Role: id, Scope: scope})
	}
	return list
}

// usualScope is the smallest scope that serves: the chosen sites, or the only one.
func (c inviteChoices) usualScope() string {
	if len(c.Sites) == 1 {
		return c.Sites[0].ID.String()
	}
	return scopeChosen
}

// checkInvite asks whether the form could be sent as it stands, for everything but
// the proof of the person, which the review asks for.
func (v *visit) checkInvite(f invite) error {
	var wrong fault.Fields
	if n := len(f.addresses()); n > maxAddresses {
		wrong.Add("pasted", "enrolment.too_many_addresses", "Max", maxAddresses)
	}
	if len(f.Roles) == 0 {
		wrong.Add(fieldRoles, "web.role_required")
	}
	if f.Alike != "" {
		v.wrongDays(&wrong, f.Days, fieldAlikeFrom, fieldAlikeUntil)
	}
	if wrong.Has("pasted") || wrong.Has(fieldAlikeFrom) || wrong.Has(fieldAlikeUntil) {
		return wrong.Err()
	}
	_, err := v.s.Enrolments.Preview(v.Context(), v.by, v.command(f))
	if known := fault.Of(err); err != nil && len(known.Fields) == 0 {
		return err
	} else if err != nil {
		more := *known
		if wrong.Has(fieldRoles) {
			more.Fields = append(slices.Clone(known.Fields), fault.Of(wrong.Err()).Fields...)
		}
		return &more
	}
	return wrong.Err()
}

// inviteAgain shows the form with what must be corrected, and what was typed.
func (v *visit) inviteAgain(view inviteView, refusal error) error {
	f := fault.Of(refusal)
	switch {
	case f.Code == draft.ErrTooLarge.Code:
		f = fault.OnField("pasted", f.Code, "Max", f.Args["Max"])
	case len(f.Fields) == 0 && !staysOnPage(f) && f.Kind != fault.Forbidden:
		return refusal
	case len(f.Fields) == 0:
		view.Failure = v.sentence(f)
	}
	view.Errors, view.Summary = v.inviteErrors(f)
	return v.showInvite(statusOf(f), view)
}

// inviteOrder is the order of the fields in the page: that of the summary.
var inviteOrder = []string{
	"email-1", "pasted", fieldSite, "role", "alike", fieldAlikeFrom, fieldAlikeUntil, fieldFunction, "welcome", fieldLanguage,
}

// inviteErrors says at which field of the page each point stands: "roles[2]" is one
// line of the roles. What is refused twice in one group is said once.
func (v *visit) inviteErrors(f *fault.Error) (map[string]string, []ui.FieldError) {
	errors := map[string]string{}
	for _, x := range f.Fields {
		name, _, _ := strings.Cut(x.Location, "[")
		switch name {
		case "emails":
			name = "email-1"
		case "rights.clone.from", "rights.clone.to", "rights.changes", "rights":
			name = "alike"
		case "rights.clone.until":
			name = fieldAlikeUntil
		case fieldSites, fieldRoles:
			name = strings.TrimSuffix(name, "s")
		}
		if errors[name] == "" {
			errors[name] = v.say(x.Code, x.Args, nil)
		}
	}
	var summary []ui.FieldError
	for _, name := range inviteOrder {
		if errors[name] != "" {
			summary = append(summary, ui.FieldError{ID: name, Text: errors[name]})
		}
	}
	return errors, summary
}

func (v *visit) reviewPath(id ident.Draft) string {
	return v.at("invitations", "new", "review") + "?draft=" + id.String()
}

func (v *visit) sentPath(id ident.Draft) string {
	return v.at("invitations", "sent") + "?draft=" + id.String()
}

// emailFields are the fields «Adresse 1», «Adresse 2»…
func (w inviteView) emailFields(t *text.Printer) ui.MultiFieldProps {
	return ui.MultiFieldProps{
		Name: fieldEmail, Legend: t.T("invitation.emails"), Hint: t.T("invitation.emails_hint"), Label: t.T("invitation.email_n"),
		Values: w.Form.Emails, Errors: []string{w.Errors["email-1"]}, Type: typeEmail, Max: maxEmailFields,
		Add: ui.ButtonProps{Label: t.T("invitation.add"), Name: "add", Value: "1"},
	}
}

func (w inviteView) siteChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: fieldSite, Legend: t.T("invitation.sites"), Hint: t.T("invitation.sites_hint"), Error: w.Errors["site"]}
	for i := range w.Choices.Sites {
		s := &w.Choices.Sites[i]
		id := s.ID.String()
		g.Choices = append(g.Choices, ui.Choice{Value: id, Label: s.Name, Hint: s.City, Chosen: slices.Contains(w.Form.Sites, id)})
	}
	return g
}

// roleChoices offers what this person may give, each role with its scopes (INV-08).
func (w inviteView) roleChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: "role", Legend: t.T("invitation.roles"), Hint: t.T("invitation.roles_hint"), Error: w.Errors["role"]}
	for n := range w.Choices.Roles {
		r := w.Choices.Roles[n]
		id := r.Role.ID.String()
		c := ui.Choice{Value: id, Label: roleName(t, r.Role)}
		if r.Role.BuiltIn != "" {
			c.Hint = t.T("role_hint." + r.Role.BuiltIn)
		}
		picked := w.Choices.usualScope()
		if i := slices.IndexFunc(w.Form.Roles, func(p pickedRole) bool { return p.Role == id }); i >= 0 {
			c.Chosen, picked = true, w.Form.Roles[i].Scope
		}
		if options := w.Choices.scopes(t, r); len(options) > 1 {
			c.Scope = &ui.ScopeProps{Name: "scope_" + id, Label: t.T("invitation.scope_of", "Role", c.Label), Value: picked, Options: options}
		}
		g.Choices = append(g.Choices, c)
	}
	return g
}

// scopes are where a role may be given here: the chosen sites, the whole
// organisation, one site.
func (c inviteChoices) scopes(t *text.Printer, r role.Grantable) []ui.Option {
	var list []ui.Option
	if len(c.Sites) > 1 {
		list = append(list, ui.Option{Value: scopeChosen, Label: t.T("invitation.chosen_sites")})
	}
	for _, at := range r.Scopes {
		name := t.T("scope.organization")
		if !at.Site.IsZero() {
			i := slices.IndexFunc(c.Sites, func(s org.Site) bool { return s.ID == at.Site })
			if i < 0 {
				continue
			}
			name = c.Sites[i].Name
		}
		list = append(list, ui.Option{Value: at.Code(), Label: name})
	}
	return list
}

func (w inviteView) alikeOptions(t *text.Printer) []ui.Option {
	return append([]ui.Option{{Label: t.T("invitation.alike_nobody")}}, w.Choices.Alike...)
}

func (w inviteView) functionOptions(t *text.Printer) []ui.Option {
	return append([]ui.Option{{Label: t.T("invitation.function_later")}}, functions(t, false)...)
}

func (w inviteView) welcomeChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: "welcome", Legend: t.T("invitation.welcome"), Error: w.Errors["welcome"], Joined: true}
	for _, way := range []invitation.Welcome{invitation.ByLink, invitation.ByTemporaryPassword} {
		g.Choices = append(g.Choices, ui.Choice{
			Value: string(way), Label: t.T("welcome." + string(way)), Hint: t.T("welcome." + string(way) + ".hint"),
			Chosen: string(way) == w.Form.Welcome || (w.Form.Welcome == "" && way == invitation.ByLink),
		})
	}
	return g
}
