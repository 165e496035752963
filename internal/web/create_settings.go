package web

import (
	"slices"

	"habilis/internal/access"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// The last, optional block of «Nouvel utilisateur»: agenda, notifications, drafting (MEM-1, MEM-6).
var createSettingRoutes = []route{
	{"GET /o/{org}/members/new/{draft}/settings", within, (*visit).settingsStep},
	{"POST /o/{org}/members/new/{draft}/settings", within, (*visit).keepSettingsStep},
}

// maxDrafters bounds the colleagues whom the step shows; the others are chosen afterwards.
const maxDrafters = 60

const fieldDrafters = "drafters"

// settingParts are those that the step asks for; the others are the person's own to choose.
var settingParts = []setting.Part{setting.PartCalendar, setting.PartNotifications}

func (v *visit) settingsStep() error { return v.openStep(stepSettings) }

func (v *visit) keepSettingsStep() error {
	return v.keepStep(stepSettings, func(f *newMember) error {
		typed := typedPreferences(v.PostForm)
		f.Settings, f.Drafters = &typed, v.PostForm[fieldDrafters]
		return nil
	})
}

// settingStep is what the step lets choose.
type settingStep struct {
	Fields   preferenceFields
	Drafters ui.GroupProps // none to choose from: not shown
	Left     int           // colleagues beyond maxDrafters
}

func (v *visit) fillSettings(view *createView) error {
	d, err := v.s.Settings.Defaults(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	form := ownFormOf(v.t, preference.Own{}, d.Personal)
	if view.Form.Settings != nil {
		form = *view.Form.Settings
	}
	view.Settings.Fields = preferenceFields{Form: form, Personal: true, Inherited: d.Personal, Parts: settingParts, Errors: view.Errors}
	alerts, err := v.givenAlerts(*view)
	if err != nil {
		return err
	}
	for _, a := range alerts {
		one := alertField{Alert: string(a)}
		for i := range view.Choices.Sites {
			if s := &view.Choices.Sites[i]; a != setting.AlertWork && slices.Contains(view.Form.Sites, s.ID.String()) {
				one.Sites = append(one.Sites, preference.SiteRef{ID: s.ID, Name: s.Name})
			}
		}
		view.Settings.Fields.Alerts = append(view.Settings.Fields.Alerts, one)
	}
	return v.fillDrafters(view)
}

// givenAlerts are the alerts that the chosen roles let the person have.
func (v *visit) givenAlerts(view createView) ([]setting.Alert, error) {
	roles, err := v.s.Roles.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return nil, err
	}
	may := map[access.Permission]bool{}
	for _, r := range roles {
		if view.Form.gives(r.ID.String(), r.BuiltIn) {
			for _, p := range r.Permissions {
				may[p] = true
			}
		}
	}
	var list []setting.Alert
	for _, a := range setting.Alerts {
		if p, asks := preference.Needs(a); !asks || may[p] {
			list = append(list, a)
		}
	}
	return list, nil
}

// mayDraft reports whether drafting may be proposed: to whoever practises, by whoever may make
// their identity and give delegations where it is to be.
func (v *visit) mayDraft(f *newMember) bool {
	at := access.OrgScope(v.org.ID)
	if len(f.Sites) == 1 {
		at = access.SiteScope(v.org.ID, ident.Site(f.Sites[0]))
	}
	return f.practises() && v.held.Has(access.RightsEdit, at) && v.held.Has(access.DelegationsEdit, at)
}

// fillDrafters offers the colleagues of the chosen sites.
func (v *visit) fillDrafters(view *createView) error {
	if !v.mayDraft(&view.Form) {
		return nil
	}
	g := ui.GroupProps{
		Name: fieldDrafters, Legend: v.t.T("create.drafters"), Error: view.Errors[fieldDrafters],
	}
	for _, site := range view.Form.Sites {
		q := member.Query{Site: ident.Site(site), Statuses: []member.Status{member.Active}, Sort: member.ByName, Page: 1}
		q.Size = member.MaxPageSize
		list, err := v.s.Members.List(v.Context(), v.by, v.org.ID, q)
		if err != nil {
			return err
		}
		for i := range list.Rows {
			r := &list.Rows[i]
			id := r.ID.String()
			if slices.ContainsFunc(g.Choices, func(c ui.Choice) bool { return c.Value == id }) {
				continue
			}
			g.Choices = append(g.Choices, ui.Choice{
				Value: id, Label: r.Name(), Hint: v.occupation(r.Member), Chosen: slices.Contains(view.Form.Drafters, id),
			})
		}
	}
	view.Settings.Left = max(len(g.Choices)-maxDrafters, 0)
	g.Choices = g.Choices[:min(len(g.Choices), maxDrafters)]
	view.Settings.Drafters = g
	return nil
}

// commandSettings asks for what the step chose: only what is the person's own.
func (v *visit) commandSettings(in *enrolment.Create, f *newMember) error {
	if v.mayDraft(f) {
		for _, id := range f.Drafters {
			in.Drafting = append(in.Drafting, ident.Member(id))
		}
	}
	if f.Settings == nil {
		return nil
	}
	d, err := v.s.Settings.Defaults(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	own, err := f.Settings.at(f.Sites).own(preference.Own{}, d.Personal)
	if err != nil {
		return err
	}
	parts, err := ownDiffering(own, preference.Own{})
	in.Settings = editTo(own, parts)
	return err
}

// at leaves out the sites that were unticked since.
func (f preferenceForm) at(sites []string) preferenceForm {
	alerts := make(map[string]alertForm, len(f.Alerts))
	for name, a := range f.Alerts {
		kept := slices.DeleteFunc(slices.Clone(a.Sites), func(s string) bool { return !slices.Contains(sites, s) })
		if len(a.Sites) > 0 && len(kept) == 0 {
			a.Some = false
		}
		a.Sites = kept
		alerts[name] = a
	}
	f.Alerts = alerts
	return f
}

// settingFacts are what the check page says of the step.
func (v *visit) settingFacts(view createView, in enrolment.Create) []ui.Fact {
	own := preference.Own{Calendar: in.Settings.Calendar.To}
	l := factList{v: v, list: []ui.Fact{{
		Term: partName(v.t, string(setting.PartCalendar)), Value: v.t.T("preference.as_organization"), Aside: v.ownTag(own.Calendar != nil),
	}}}
	if own.Calendar != nil {
		said := calendarWords(v.t, *own.Calendar)
		l.list[0].Value, l.list[0].Content = "", PreferenceWords(preferenceWords{Lines: said[:1], Small: said[1:]})
	}
	n := len(in.Settings.Notifications)
	alerts := ui.Fact{Term: v.t.T("preference.card." + cardAlerts), Value: v.t.T("preference.as_organization"), Aside: v.ownTag(n > 0)}
	if n > 0 {
		alerts.Value, alerts.Content = "", PreferenceWords(preferenceWords{Lines: v.alertLines(in.Settings)})
	}
	l.list = append(l.list, alerts)
	var names []string
	for _, c := range view.Settings.Drafters.Choices {
		if c.Chosen {
			names = append(names, c.Label)
		}
	}
	if len(names) > 0 {
		proposed := SmallLine(v.t.T("create.drafting_proposed"))
		l.list = append(l.list, ui.Fact{Term: v.t.T("create.drafting"), Value: v.t.List(names), Content: proposed})
	}
	return l.list
}

// alertLines say the alerts that are the person's own, a line each.
func (v *visit) alertLines(e preference.Edit) (lines []string) {
	for _, a := range setting.Alerts {
		if c, own := e.Notifications[a]; own && c.To != nil {
			by := v.t.T("preference.by." + wayOf(c.To.Channels))
			lines = append(lines, v.t.T("preference.alert_line", "Alert", partName(v.t, alertPart+string(a)), "By", by))
		}
	}
	return lines
}

// gives reports whether the form gives a role.
func (f *newMember) gives(id, builtIn string) bool {
	return f.Admin && builtIn == role.Administrator || slices.ContainsFunc(f.Roles, func(p pickedRole) bool { return p.Role == id })
}
