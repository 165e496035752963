package web

import (
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// attrList is the attribute that ties a field to what it proposes.
const attrList = "list"

func (w createView) path(at step) string { return w.Base + "/" + steps[at] }

// stepper shows the way; the steps done can be gone back to.
func (w createView) stepper(t *text.Printer) ui.StepperProps {
	p := ui.StepperProps{Label: t.T("create.steps")}
	for n, name := range steps {
		at := step(n)
		s := ui.Step{Label: t.T("create.step." + name), Current: at == w.At, Done: at < w.Form.Passed && at != w.At}
		if at <= w.Form.Passed {
			s.Href = w.path(at)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// nextLabel names the next place.
func (w createView) nextLabel() string {
	switch {
	case w.searching():
		return "common.continue"
	case w.Form.after(w.At) == stepCheck:
		return "create.to_check"
	}
	return "create.to_" + steps[w.At+1]
}

// searching: a type A is looked for in the directory before anything else is asked.
func (w createView) searching() bool {
	return w.Directory && w.Form.regulated() && !w.Form.Manual && w.Form.Import == nil
}

// explained is a choice with the plain sentence of its second line.
func explained(t *text.Printer, prefix, code string, chosen bool) ui.Choice {
	return ui.Choice{Value: code, Label: t.T(prefix + code), Hint: t.T(prefix + code + ".hint"), Chosen: chosen}
}

func typeChoices(t *text.Printer, chosen, wrong string) ui.GroupProps {
	g := ui.GroupProps{Name: fieldType, Legend: t.T("create.type"), Heading: true, Joined: true, Error: wrong}
	for _, kind := range member.ProfileTypes {
		code := string(kind)
		g.Choices = append(g.Choices, explained(t, "profile.", code, code == chosen))
	}
	return g
}

func (w createView) siteChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: rightSite, Legend: t.T("create.sites"), Heading: true, Error: w.Errors[rightSite]}
	for i := range w.Choices.Sites {
		s := &w.Choices.Sites[i]
		id := s.ID.String()
		g.Choices = append(g.Choices, ui.Choice{Value: id, Label: s.Name, Hint: s.City, Chosen: slices.Contains(w.Form.Sites, id)})
	}
	return g
}

func (w createView) foundLine(t *text.Printer) string {
	line := t.T("create.found", "Count", len(w.Found.People), "Date", t.Date(w.Found.AsOf))
	if w.Found.More {
		line += " " + t.T("create.found_more")
	}
	return line
}

// foundChoices are the people found, one card each.
func (w createView) foundChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: "practitioner", Legend: t.T("create.results"), Error: w.Errors["practitioner"]}
	for i := range w.Found.People {
		p := &w.Found.People[i]
		c := ui.Choice{
			Value: p.RPPS, Label: strings.TrimSpace(p.GivenName + " " + p.FamilyName), Avatar: initials(p.GivenName, p.FamilyName),
			Profile: ui.Regulated, Chosen: len(w.Found.People) == 1, Hint: t.T("member.rpps", "Number", grouped(p.RPPS)),
		}
		if len(p.Activities) > 0 {
			c.Detail = p.Activities[0].Profession.Label
			if place := p.Activities[0].Structure.Line(); place != "" {
				c.Hint += " · " + place
			}
		}
		if more := len(p.Activities) - 1; more > 0 {
			c.Hint += " · " + t.T("create.more_activities", "Count", more)
		}
		if !p.Active {
			c.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: t.T("create.inactive")}
		}
		g.Choices = append(g.Choices, c)
	}
	return g
}

// activityChoices are the activities of whoever has several (MEM-2).
func (w createView) activityChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{
		Name: "activity", Legend: t.T("create.activity"), Hint: t.T("create.activity_hint"), Error: w.Errors["activity"], Joined: true,
	}
	for i := range w.Form.Import.Practitioner.Activities {
		a := &w.Form.Import.Practitioner.Activities[i]
		c := ui.Choice{Value: a.ID, Label: a.Profession.Label, Chosen: a.ID == w.Form.Import.Activity, Detail: labels(a.Specialties)}
		for _, part := range []string{a.Mode.Label, a.Structure.Line()} {
			if part != "" && c.Hint != "" {
				c.Hint += " · "
			}
			c.Hint += part
		}
		g.Choices = append(g.Choices, c)
	}
	return g
}

func labels(list []directory.Code) string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, c.Label)
	}
	return strings.Join(out, ", ")
}

// importLine says from where the identity comes, and of what date.
func (w createView) importLine(t *text.Printer) string {
	return t.T("create.import_line", "Date", t.Date(w.Form.Import.AsOf))
}

// importedFields are what the directory says: read, never typed (MEM-2).
func (w createView) importedFields(t *text.Printer) []ui.FieldProps {
	profession, specialty := w.Form.occupation()
	p := w.Form.Import.Practitioner
	var list []ui.FieldProps
	for _, f := range []ui.FieldProps{
		{Name: fieldFamily, Label: t.T("account.family_name"), Value: p.FamilyName},
		{Name: fieldGiven, Label: t.T("account.given_name"), Value: p.GivenName},
		{Name: fieldRPPS, Label: t.T("create.rpps"), Value: grouped(p.RPPS), Digits: true},
		{Name: "regulated", Label: t.T("create.profession"), Value: profession.Label},
		{Name: fieldSpecialty, Label: t.T("create.specialty"), Value: specialty.Label},
	} {
		if f.Value == "" && w.Errors[f.Name] == "" {
			continue
		}
		f.ReadOnly, f.Source, f.Error = true, t.T("create.source"), w.Errors[f.Name]
		list = append(list, f)
	}
	return list
}

// practice is where the imported activity is practised.
func (w createView) practice() string {
	a, _ := activity(w.Form.Import)
	return a.Structure.Line()
}

// regulatedProfessions are the choices of a type A typed by hand.
func regulatedProfessions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("web.choose")}}
	for _, c := range nomenclature.Professions() {
		if nomenclature.Regulated(c.Code) && nomenclature.HasRPPS(c.Code) {
			list = append(list, ui.Option{Value: c.Code, Label: c.Label})
		}
	}
	return list
}

// professionLabels and specialtyLabels are what the fields of a type B propose; anything
// else may be typed (MEM-4).
var (
	professionLabels = sync.OnceValue(func() []string { return labelsOf(nomenclature.Professions()) })
	specialtyLabels  = sync.OnceValue(func() []string { return labelsOf(nomenclature.Specialties()) })
)

func labelsOf(codes []nomenclature.Code) []string {
	list := make([]string, 0, len(codes))
	for _, c := range codes {
		list = append(list, c.Label)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// mailboxes are the addresses that the directory proposes (MEM-2).
func (w createView) mailboxes() []string {
	if i := w.Form.imported(); i != nil {
		return publishedMailboxes(*i)
	}
	return nil
}

func (w createView) mailboxList() templ.Attributes {
	if len(w.mailboxes()) == 0 {
		return nil
	}
	return templ.Attributes{attrList: "mailboxes"}
}

func (w createView) colleagueLabels() []string {
	list := make([]string, 0, len(w.Colleagues))
	for _, c := range w.Colleagues {
		list = append(list, c.Label)
	}
	return list
}

func (w createView) adminChoices(t *text.Printer) ui.GroupProps {
	return ui.GroupProps{
		Name: "admin", Legend: t.T("create.admin"), Hint: t.T("create.admin_hint"), Error: w.Errors["admin"],
		Choices: []ui.Choice{
			{Value: "no", Label: t.T("create.admin_no"), Chosen: !w.Form.Admin},
			{Value: "yes", Label: t.T("create.admin_yes"), Chosen: w.Form.Admin},
		},
	}
}

func (w createView) adminScope() string {
	if w.Form.AdminScope == "" {
		return w.Choices.usualScope()
	}
	return w.Form.AdminScope
}

// roleChoices offers what this person may give but administration, which is asked for
// by itself.
func (w createView) roleChoices(t *text.Printer) ui.GroupProps {
	choices := w.Choices
	choices.Roles = slices.DeleteFunc(slices.Clone(choices.Roles), func(r role.Grantable) bool { return r.Role.BuiltIn == role.Administrator })
	g := inviteView{Form: invite{Roles: w.Form.Roles}, Choices: choices, Errors: w.Errors}.roleChoices(t)
	g.Legend, g.Hint = t.T("create.roles"), t.T("create.roles_hint")
	return g
}

func (w createView) reachChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: "reach", Legend: t.T("create.reach"), Heading: true, Error: w.Errors["reach"], Joined: true}
	for _, reach := range []member.Reach{member.ReachSite, member.ReachEveryone} {
		code := string(reach)
		g.Choices = append(g.Choices, explained(t, "reach.", code, code == w.Form.Reach))
	}
	return g
}

func (w createView) whenChoices(t *text.Printer) ui.GroupProps {
	return ui.GroupProps{
		Name: "when", Legend: t.T("create.when"), Heading: true, Choices: []ui.Choice{
			{Value: "yes", Label: t.T("create.now"), Hint: t.T("create.now_hint"), Chosen: !w.Form.Later},
			{Value: "later", Label: t.T("create.later"), Hint: t.T("create.later_hint"), Chosen: w.Form.Later},
		},
	}
}

func (w createView) welcomeChoices(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: fieldWelcome, Legend: t.T("invitation.welcome"), Error: w.Errors[fieldWelcome], Joined: true}
	for _, way := range []enrolment.Welcome{enrolment.WelcomeInvitation, enrolment.WelcomeTemporary} {
		code := string(way)
		g.Choices = append(g.Choices, explained(t, "welcome.", code, code == w.Form.Welcome))
	}
	return g
}
