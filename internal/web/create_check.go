package web

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"habilis/internal/access"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// createCard is what one step will record, to be read again before it is.
type createCard struct {
	ID, Title, Rest, Href string
	Facts                 []ui.Fact
}

// checkStep shows everything before anything is done (DESIGN.md 12, level 3).
func (v *visit) checkStep() error {
	id, f, err := v.memberDraft()
	if err != nil {
		return err
	}
	if f.Passed < stepCheck {
		return v.to(v.stepPath(id, f.Passed))
	}
	return v.showCheck(http.StatusOK, createView{Draft: id, At: stepCheck, Form: f})
}

// showCheck says what the account will be and what it opens. What can no longer be
// asked for leads back to the step that asks for it.
func (v *visit) showCheck(status int, view createView) error {
	in, err := v.memberCommand(view.Form)
	if err != nil {
		return err
	}
	seen, err := v.s.Enrolments.CheckCreate(v.Context(), v.by, in, enrolment.StepComplete)
	if err != nil && view.Failure == "" && len(view.Summary) == 0 {
		if v.stepOf(view, fault.Of(err)) == stepCheck {
			return err
		}
		return v.stepAgain(view, err)
	}
	view.Warnings = append(v.doubts(view.Form, seen.Doubts), v.warnings(seen.Levels)...)
	if err := v.fillStep(&view); err != nil {
		return err
	}
	if view.Cards, err = v.createCards(view, in, seen.Levels); err != nil {
		return err
	}
	if view.Effects, err = v.createEffects(view.Form, in); err != nil {
		return err
	}
	view.Proof = v.proof(v.t.T("create.proof"), view.Errors)
	p, err := v.orgFrame(v.stepTitle(stepCheck), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, CreateCheckPage(p, view))
}

// doubts are what deserves a second look: what is only plausible, what is to be
// verified, what the function does not allow. They refuse nothing.
func (v *visit) doubts(f newMember, plausible []string) (list []string) {
	for _, key := range plausible {
		if v.t.Has(key) {
			list = append(list, ended(v.t.T(key)))
		}
	}
	if f.regulated() && f.imported() == nil {
		list = append(list, v.t.T("create.manual_warning"))
	}
	if label := f.notRegulated(); label != "" {
		list = append(list, v.t.T("create.not_regulated", "Profession", label))
	}
	if c := f.withRPPS(); c.Label != "" {
		list = append(list, v.t.T("create.has_rpps", "Profession", c.Label))
	}
	if f.Function == member.FunctionOther {
		list = append(list, v.t.T("create.other_warning"))
	}
	return list
}

// createMember makes what was reviewed, once however often the form arrives: the draft
// is the key of the act, and goes away with it (RAC-08).
func (v *visit) createMember() error {
	id, f, err := v.memberDraft()
	if err != nil {
		return err
	}
	if f.Passed < stepCheck {
		return v.to(v.stepPath(id, f.Passed))
	}
	view := createView{Draft: id, At: stepCheck, Form: f}
	if v.PostFormValue("do") == doBack {
		return v.to(v.stepPath(id, stepSettings))
	}
	if err := v.prove(); err != nil {
		return v.stepAgain(view, err)
	}
	in, err := v.memberCommand(f)
	if err != nil {
		return err
	}
	by := v.by
	by.Once = access.Once{Key: draftMember + " " + id.String(), Body: sha256.Sum256([]byte(id))}
	done, err := v.s.Enrolments.Create(v.Context(), by, in)
	if err != nil {
		return v.stepAgain(view, err)
	}
	if err := v.s.Drafts.Delete(v.Context(), v.by, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.flashLike(v.createdText(done, in), done.Member)
	return v.to(v.sheetPath(done.Member))
}

// createdText says what was done, and what is still to be done.
func (v *visit) createdText(done enrolment.Created, in enrolment.Create) string {
	key := "create.done_later"
	switch done.Fate {
	case enrolment.Invited:
		key = "create.done_" + string(in.Welcome)
	case enrolment.Joined:
		key = "create.done_joined"
	case enrolment.AlreadyInvited, enrolment.AlreadyMember, enrolment.Throttled, enrolment.Invalid:
	}
	if in.Email != "" && key == "create.done_later" {
		key = "create.done_unsent"
	}
	return v.t.T(key, "Name", done.Name, "Email", in.Email)
}

// createCards are one summary a step, with the way back to it.
func (v *visit) createCards(view createView, in enrolment.Create, levels grant.ChangeSet) ([]createCard, error) {
	rights, err := v.rightsFacts(view, in)
	if err != nil {
		return nil, err
	}
	var cards []createCard
	for at, facts := range [][]ui.Fact{
		v.profileFacts(view, in), rights, v.contactFacts(view.Form), v.levelCard(agendas, levels), v.levelCard(mailboxes, levels),
		v.settingFacts(view, in),
	} {
		cards = append(cards, createCard{
			ID: "check-" + steps[at], Title: v.t.T("create.step." + steps[at]), Rest: v.t.T("create.edit." + steps[at]),
			Href: v.stepPath(view.Draft, step(at)), Facts: facts,
		})
	}
	return cards, nil
}

// factList gathers what is known; what is empty is left out.
type factList struct {
	v    *visit
	list []ui.Fact
}

func (l *factList) add(key, value string) {
	if value != "" {
		l.list = append(l.list, ui.Fact{Term: l.v.t.T(key), Value: value})
	}
}

// profileFacts are who the person is.
func (v *visit) profileFacts(view createView, in enrolment.Create) []ui.Fact {
	places, kind := view.siteNames(), "profile."+string(in.ProfileType)
	name := strings.TrimSpace(in.Title + noBreak + in.GivenName + " " + in.FamilyName)
	l := factList{v: v, list: []ui.Fact{
		{Term: v.t.T("member.sites", "Count", max(len(places), 1)), Value: v.t.List(places)},
		{Term: v.t.T("member.profile"), Value: v.t.T(kind), Content: SmallLine(v.t.T(kind + ".hint"))},
		{Term: v.t.T("create.name"), Value: name, Aside: v.sourceTag(view.Form)},
	}}
	if in.RPPS != "" {
		l.list = append(l.list, ui.Fact{Term: v.t.T("create.rpps"), Value: grouped(digits(in.RPPS)), Aside: v.sourceTag(view.Form)})
	}
	l.add("member.profession", in.Profession)
	l.add("member.specialty", in.Specialty)
	if a, ok := activity(in.Import); ok {
		l.add("create.place", a.Structure.Line())
	}
	l.add("member.function", named(v.t, "function.", in.Function))
	l.add("member.phone", phoneNumber(in.Phone))
	l.add("member.mssante", in.MSSante)
	l.add("create.siret", in.SIRET)
	l.add("create.am_number", in.AMNumber)
	if in.Locum != nil {
		l.add("create.locum", v.t.T("create.locum_line", "Name", in.Locum.Name, "From", v.day(in.Locum.From), "Until", v.day(in.Locum.Until)))
	}
	return l.list
}

// sourceTag says where an identity comes from: the directory, or «à vérifier».
func (v *visit) sourceTag(f newMember) templ.Component {
	switch {
	case f.imported() != nil:
		return ui.Tag(ui.TagProps{Label: v.t.T("create.source"), Icon: ui.IconLink, Neutral: true})
	case f.regulated():
		return ui.Chip(ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("create.to_verify")})
	}
	return nil
}

// rightsFacts are what the person may do, and where.
func (v *visit) rightsFacts(view createView, in enrolment.Create) ([]ui.Fact, error) {
	sites, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	where := v.t.T("common.no")
	if len(in.Administers) > 0 {
		var names []string
		for _, s := range in.Administers {
			names = append(names, v.scopeName(s, sites))
		}
		where = v.t.List(names)
	}
	var given []string
	for _, g := range in.Roles {
		if i := slices.IndexFunc(view.Choices.Roles, func(r role.Grantable) bool { return r.Role.ID == g.Role }); i >= 0 {
			given = append(given, v.t.T("web.role_at", "Role", roleName(v.t, view.Choices.Roles[i].Role), "Site", v.scopeName(g.Scope, sites)))
		}
	}
	if len(given) == 0 {
		given = []string{v.t.T("member.no_role")}
	}
	return []ui.Fact{
		{Term: v.t.T("member.administers"), Value: where},
		{Term: v.t.T("member.roles", "Count", len(given)), Value: v.t.List(given)},
	}, nil
}

// contactFacts are how the person is reached, and told.
func (v *visit) contactFacts(f newMember) []ui.Fact {
	l := factList{v: v}
	l.add("create.reach", named(v.t, "reach.", f.Reach))
	if f.Later {
		l.add("member.email", v.t.T("create.later"))
		return l.list
	}
	l.add("member.email", f.Email)
	l.add("invitation.welcome", named(v.t, "welcome.", f.Welcome))
	l.add("invitation.language", named(v.t, "language.", f.Language))
	return l.list
}

// createEffects say in sentences what the account will open, and what will happen.
func (v *visit) createEffects(f newMember, in enrolment.Create) ([]ui.ItemProps, error) {
	var list []ui.ItemProps
	say := func(icon ui.IconName, key string, kv ...any) {
		list = append(list, ui.ItemProps{Icon: icon, Title: v.t.T(key, kv...)})
	}
	roles, err := v.s.Roles.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range f.Roles {
		i := slices.IndexFunc(roles, func(r role.Role) bool { return r.ID == ident.Role(p.Role) })
		if i >= 0 && roles[i].BuiltIn != "" {
			hint := v.t.T("role_hint." + roles[i].BuiltIn)
			list = append(list, ui.ItemProps{Icon: ui.IconIdentificationBadge, Title: roleName(v.t, roles[i]), Detail: hint})
		}
	}
	if len(in.Administers) > 0 {
		say(ui.IconShieldCheck, "create.effect_"+breadth(in.Administers))
	}
	if in.Reach == member.ReachEveryone {
		say(ui.IconChatCircleText, "create.effect_everyone")
	} else {
		say(ui.IconChatCircleText, "create.effect_site")
	}
	if in.Locum != nil {
		say(ui.IconCalendarDots, "create.effect_locum", "From", v.day(in.Locum.From), "Until", v.day(in.Locum.Until))
	}
	if f.Later {
		say(ui.IconEnvelopeSimple, "create.effect_later")
	} else {
		say(ui.IconEnvelopeSimple, "create.effect_"+f.Welcome, "Email", f.Email)
	}
	say(ui.IconClockCounterClockwise, "create.effect_journal")
	return list, nil
}

// breadth is how far somebody administers: the keys of the sentences that say so.
func breadth(at []access.Scope) string {
	if slices.ContainsFunc(at, func(s access.Scope) bool { return s.Site.IsZero() }) {
		return "admin_organization"
	}
	return "admin_site"
}
