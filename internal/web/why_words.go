package web

import (
	"strings"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// whyWords says an answer: the question again, the verdict, its reason, the chain of
// facts, and for a refusal what would change it.
func (v *visit) whyWords(a whyAsked, w decision.Reasoned) *whyAnswer {
	name := w.Names[a.Member]
	answer := &whyAnswer{
		Allowed: w.Allowed, Verdict: v.t.T("why.no"), Reason: v.t.T("decision." + string(w.Code)), Moment: v.t.DateTime(w.At),
		Question: v.t.T("why.question", "Name", v.somebody(name), "Act", lowerFirst(v.whyAct(a.Type, a.Act)), "On", v.whyOn(a, w)),
		Rights:   v.at("members", a.Member, "access"),
	}
	if w.Allowed {
		answer.Verdict = v.t.T("why.yes")
	}
	for _, f := range w.Facts {
		answer.Facts = append(answer.Facts, v.whyFact(w, f))
	}
	if w.Fix != nil {
		answer.Fix = v.t.T("decision.fix." + w.Fix.Code)
		answer.FixLabel, answer.FixHref = v.whyFix(a, w)
	}
	return answer
}

func lowerFirst(s string) string {
	for i, r := range s {
		return strings.ToLower(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// whyOn names what the question is about.
func (v *visit) whyOn(a whyAsked, w decision.Reasoned) string {
	name := w.Names[a.On]
	switch {
	case a.Type == decision.TypePatientRecord:
		return v.t.T("why.the_record", "Record", a.On)
	case a.Type == decision.TypePatientDocument:
		return v.t.T("why.the_document")
	case a.On == v.org.ID.String():
		return v.t.T("scope.organization")
	case name == "":
		return v.t.T("why.unnamed")
	}
	return name
}

// whyFact is one link of the chain.
func (v *visit) whyFact(w decision.Reasoned, f decision.Fact) ui.LogEntry {
	on := w.Names[w.Question.Resource.ID]
	kind := string(f.Kind)
	e := ui.LogEntry{Detail: v.whyGiven(w, f)}
	switch f.Kind {
	case decision.FactMembership:
		e.Text = v.t.T("why.fact.membership", "Name", v.somebody(w.Names[f.ID]), "Status", lowerFirst(named(v.t, "status.", f.Level)))
	case decision.FactRole:
		said := roleSaid(v.t, orName(w.Names[f.ID], f.Name))
		e.Text = v.t.T("why.fact.role", "Role", said, "Permission", named(v.t, "permission.", f.Level), "Where", v.whyWhere(w, f.Scope))
	case decision.FactPermission:
		e.Text = v.t.T("why.fact.permission", "Permission", named(v.t, "permission.", f.Level), "Where", v.whyWhere(w, f.Scope))
	case decision.FactGrant:
		e.Text = v.t.T("why.fact.grant", "Level", named(v.t, "level."+w.Question.Resource.Type+".", f.Level), "Name", on)
	case decision.FactDelegation:
		e.Text = v.t.T("why.fact.delegation", "Act", named(v.t, "why.act.identity.", f.Level), "Name", on)
	case decision.FactHolder:
		return v.whyHolder(w, f)
	case decision.FactGroup:
		e.Text = v.t.T("why.fact.group", "Name", orName(f.Name, w.Names[f.ID]))
	case decision.FactSite:
		e.Text = v.t.T("why.fact.site", "Name", orName(f.Name, orName(w.Names[f.ID], w.Names[f.Scope])))
	default:
		e.Text = v.t.T("why.fact." + kind)
	}
	return e
}

// whyHolder says whose a resource is, or that it is closed.
func (v *visit) whyHolder(w decision.Reasoned, f decision.Fact) ui.LogEntry {
	name := orName(f.Name, w.Names[w.Question.Resource.ID])
	switch holder := w.Names[f.ID]; {
	case f.Level == "closed":
		return ui.LogEntry{Text: v.t.T("why.fact.closed", "Name", name)}
	case holder == "":
		return ui.LogEntry{Text: v.t.T("why.fact.held_by_nobody", "Name", name)}
	default:
		return ui.LogEntry{Text: v.t.T("why.fact.holder", "Name", name, "Holder", v.somebody(holder))}
	}
}

func orName(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (v *visit) whyWhere(w decision.Reasoned, scope string) string {
	if name := w.Names[scope]; scope != access.WholeOrganization && name != "" {
		return name
	}
	return v.t.T("scope.organization")
}

// whyGiven says who gave something, when, and until when.
func (v *visit) whyGiven(w decision.Reasoned, f decision.Fact) string {
	if f.GivenAt.IsZero() || f.Kind == decision.FactMembership {
		return ""
	}
	return v.given(access.Scope{}, "", w.Names[f.GivenBy], f.GivenAt, f.Until).Line
}

// whyFix is where the smallest change is made, for whoever may make it: the address, and
// what the link says.
func (v *visit) whyFix(a whyAsked, w decision.Reasoned) (label, href string) {
	label = v.t.T("why.fix_link")
	may := v.held.HasAnywhere
	typ := w.Question.Resource.Type
	switch code := w.Fix.Code; {
	case strings.HasPrefix(code, "member") || strings.HasPrefix(code, "account") || strings.HasPrefix(code, "reach"):
		return label, v.at("members", orName(onlyPrefix(w.Fix.ID, "mbr_"), a.Member))
	case strings.Contains(code, "group") || strings.Contains(code, "record"):
		if may(access.GroupsEdit) {
			return label, v.at(atGroups)
		}
	case strings.Contains(code, "permission") || strings.Contains(code, "role"):
		if may(access.RightsEdit) {
			return label, v.at("members", a.Member, "rights")
		}
	case typ == decision.TypeAgenda && may(access.RightsEdit):
		return label, v.at(atAccess) + "?q=" + urlQuery(w.Names[a.Member])
	case typ == decision.TypeMessagingProfile && may(access.RightsEdit):
		return label, v.at("access", "messaging-profiles") + "?q=" + urlQuery(w.Names[a.Member])
	case typ == decision.TypeIdentity && may(access.DelegationsEdit):
		return label, v.at(atDelegations)
	}
	return "", ""
}

func onlyPrefix(id, prefix string) string {
	if strings.HasPrefix(id, prefix) {
		return id
	}
	return ""
}

// roleSaid names a role; those of the product have a name in each language.
func roleSaid(t *text.Printer, name string) string {
	if code, ok := strings.CutPrefix(name, decision.BuiltIn); ok && t.Has("role."+code) {
		return t.T("role." + code)
	}
	return name
}

// viewerReason says why somebody sees a record.
func viewerReason(t *text.Printer, m decision.Viewer) string {
	var words []string
	for _, f := range m.Facts {
		switch f.Kind {
		case decision.FactRole:
			words = append(words, t.T("why.by_role", "Role", roleSaid(t, f.Name)))
		case decision.FactPermission:
			words = append(words, t.T("why.by_permission"))
		case decision.FactGroup:
			words = append(words, t.T("why.by_group", "Name", f.Name))
		default:
		}
	}
	return strings.Join(words, " · ")
}
