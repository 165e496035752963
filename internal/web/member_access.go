package web

import (
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
)

// memberAccessView is all that a member may do, each right with its source, at a moment
// (RGT-10).
type memberAccessView struct {
	Name    string
	Path    string // of the page
	Back    string
	Date    string
	Moment  string
	Away    string // why nothing of it holds
	Errors  map[string]string
	Summary []ui.FieldError
	Blocks  []accessBlock
	Why     string
}

// accessBlock is one kind of rights.
type accessBlock struct {
	ID, Title, None string
	Lines           []accessLine
}

// accessLine is one right.
type accessLine struct {
	What   string
	Detail string
	Level  string
	Source string
	Note   string // why it opens nothing now
	Acts   []string
	Why    string // address of the question about it; empty: none
}

func (v *visit) memberAccess() error {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return errPage
	}
	view := memberAccessView{Date: v.FormValue("at"), Path: v.at("members", id.String(), "access"), Back: v.at("members", id.String())}
	at, err := whyMoment(view.Date, "", v.s.now())
	status := http.StatusOK
	if err != nil {
		status, at = http.StatusUnprocessableEntity, time.Time{}
		view.Errors, view.Summary = v.fieldErrors(fault.OnField("at", fault.Of(err).Fields[0].Code), map[string]spot{"at": {"at", "why.date"}})
	}
	r, err := v.s.Insight.Rights(v.Context(), v.by, v.org.ID, id, at)
	if err != nil {
		return err
	}
	v.fillAccess(&view, r, at)
	p, err := v.orgFrame(v.t.T("why.access_title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, MemberAccessPage(p, view))
}

func (v *visit) fillAccess(view *memberAccessView, r decision.Rights, at time.Time) {
	view.Name, view.Moment = v.somebody(r.Name), v.t.DateTime(r.At)
	view.Why = v.at(atWhy) + "?member=" + r.Member.String()
	if r.Away != "" {
		view.Away = v.t.T("decision." + string(r.Away))
	}
	on := func(typ string, act func(decision.Right) string) func(decision.Right) string {
		return func(one decision.Right) string {
			return v.whyPath(r.Member.String(), typ, one.Resource.ID, act(one), at)
		}
	}
	own := func(one decision.Right) string {
		if one.Kind == decision.FactHolder {
			return "send"
		}
		return one.Level
	}
	none := func(decision.Right) string { return "" }
	view.Blocks = []accessBlock{
		v.accessBlock("roles", r.Roles, none),
		v.accessBlock("permissions", r.Permissions, none),
		v.accessBlock("agendas", r.Agendas, on(decision.TypeAgenda, levelAct)),
		v.accessBlock("messaging", r.Messaging, on(decision.TypeMessagingProfile, levelAct)),
		v.accessBlock("identities", r.Identities, on(decision.TypeIdentity, own)),
		v.accessBlock("groups", r.Groups, none),
	}
}

// levelAct is what a level lets do.
func levelAct(one decision.Right) string {
	if one.Level == "availability" {
		return "view_availability"
	}
	return one.Level
}

func (v *visit) accessBlock(id string, list []decision.Right, why func(decision.Right) string) accessBlock {
	b := accessBlock{ID: id, Title: v.t.T("why.block." + id), None: v.t.T("why.none." + id)}
	for _, one := range list {
		b.Lines = append(b.Lines, v.accessLine(one, why(one)))
	}
	return b
}

func (v *visit) accessLine(one decision.Right, why string) accessLine {
	l := accessLine{What: one.Name, Detail: one.Detail, Why: why}
	l.Source = v.given(access.Scope{}, "", one.GivenName, one.GivenAt, one.Until).Line
	switch one.Kind {
	case decision.FactRole:
		l.What, l.Level = roleSaid(v.t, one.Name), v.accessWhere(one)
		for _, act := range one.Acts {
			l.Acts = append(l.Acts, named(v.t, "permission.", act))
		}
	case decision.FactPermission:
		l.What, l.Level = named(v.t, "permission.", one.Level), v.accessWhere(one)
	case decision.FactHolder:
		l.Level, l.Source = v.t.T("level.holder"), v.t.T("why.held_since", "Date", v.t.ShortDate(one.GivenAt))
	case decision.FactDelegation:
		l.Level = v.t.T("why.act.identity." + one.Level)
	case decision.FactGroup:
		l.Level = v.t.T("why.group_reach")
	case decision.FactGrant:
		l.Level = named(v.t, "level."+one.Resource.Type+".", one.Level)
	default:
	}
	switch {
	case one.Unused == decision.LevelNotStarted:
		l.Note = v.t.T("why.starts", "Date", v.t.ShortDate(one.StartsAt))
	case one.Unused != "":
		l.Note = v.t.T("decision." + string(one.Unused))
	}
	return l
}

func (v *visit) accessWhere(one decision.Right) string {
	if one.Scope == access.WholeOrganization || one.ScopeName == "" {
		return v.t.T("scope.organization")
	}
	return one.ScopeName
}
