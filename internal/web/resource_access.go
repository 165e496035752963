package web

import (
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/journal"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// whoView is «Qui a accès» to one agenda, messaging profile or identity (RGT-10).
type whoView struct {
	Type    resource.Type
	Name    string
	Back    string
	Self    string // address of this page
	Lead    string
	Lines   []whoLine
	Change  string // the matrix, or the delegations, for whoever changes who has access
	Day     string // asked for; empty: now
	Past    string // says that what is shown is of that day
	Today   string // the latest day that may be asked
	Dated   bool   // a past day can be asked
	Columns []ui.Column
}

// whoLine is one person, in words.
type whoLine struct {
	Name, Href, Function string
	Levels               string // «Gestion»; for an identity, an act
	Source               string // «Titulaire», «Donné par Bruno Lacaze le 3 mars 2026»
	Dates                string
	Effect               ui.ChipProps
	Why                  string // address of «Pourquoi ?»; empty: none
}

func (v *visit) resourceAccess(t resource.Type) error {
	id, err := resource.ParseID(v.PathValue("resource"))
	if err != nil || id.Type() != t {
		return errPage
	}
	asked := journal.Day(v.FormValue("at"))
	ends, ok := eveningOf(asked)
	if !ok || t == resource.Identity {
		asked = ""
	}
	a, err := v.s.Grants.OfResourceAt(v.Context(), v.by, v.org.ID, id, ends)
	if err != nil {
		return err
	}
	view := whoView{
		Type: t, Name: a.Resource.Name, Back: v.at(resourcePaths[t], id.String()), Self: v.at(resourcePaths[t], id.String(), "access"),
		Lead: v.t.T(resourceKey("who_lead", t)), Day: string(asked), Today: v.thisDay(), Dated: t != resource.Identity,
	}
	if asked != "" && ends.Before(v.s.now()) {
		view.Past = v.t.T("resources.past", "Date", day(v.t, asked))
	}
	for i := range a.Entries {
		view.Lines = append(view.Lines, v.whoLine(t, a.Entries[i], a.At))
		view.Lines[i].Why = v.whyOfEntry(a, a.Entries[i], ends)
	}
	if err := v.fillWho(&view, a); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T(resourceKey("who_has", t), "Name", a.Resource.Name), atAgendas)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ResourceAccessPage(p, view))
}

// eveningOf is the last moment of a day; the zero time, now, for no day.
func eveningOf(d journal.Day) (time.Time, bool) {
	if d == "" {
		return time.Time{}, true
	}
	began, ok := d.At()
	if !ok {
		return time.Time{}, false
	}
	return began.Add(dayLong).Add(-time.Microsecond), true
}

// dayLong is a day as «Qui a accès» counts it: an hour more or less, twice a year, shows the
// same evening.
const dayLong = 24 * time.Hour

// fillWho adds the delegations of an identity, and where all of it is changed.
func (v *visit) fillWho(view *whoView, a grant.ResourceAccess) error {
	level := "resources.column.level"
	if view.Type == resource.Identity {
		level = "resources.column.act"
		if err := v.fillDelegates(view, a); err != nil {
			return err
		}
	} else if a.May {
		view.Change = v.levelsHref(a.Resource)
	}
	view.Columns = []ui.Column{
		{Label: v.t.T("resources.column.person")}, {Label: v.t.T(level)}, {Label: v.t.T("resources.column.source")},
		{Label: v.t.T("resources.column.dates")}, {Label: v.t.T("resources.column.effect"), Kind: ui.CellState},
	}
	return nil
}

// fillDelegates adds who acts in the name of an identity. Whoever reads the levels of
// the place reads its delegations too; to its holder alone the page shows the holder.
func (v *visit) fillDelegates(view *whoView, a grant.ResourceAccess) error {
	if v.held.HasAnywhere(access.DelegationsEdit) {
		view.Change = v.at(atDelegations)
	}
	q := grant.DelegationQuery{Identity: a.Resource.ID, Size: grant.MaxDelegations}
	list, err := v.s.Delegations.List(v.Context(), v.by, v.org.ID, q)
	if fault.Is(err, fault.Forbidden) {
		return nil
	}
	for i := range list.List {
		view.Lines = append(view.Lines, v.whoDelegate(list.List[i]))
	}
	return err
}

// thisDay is the day in France, as a field of a date has it.
func (v *visit) thisDay() string { return v.s.now().In(text.Zone).Format(time.DateOnly) }

func (v *visit) whoLine(t resource.Type, e grant.Access, at time.Time) whoLine {
	l := whoLine{Name: v.somebody(e.Name), Function: v.whoDoes(e.Function), Effect: v.whoEffect(e, at), Dates: v.whoWhen(e.From, e.Until, at)}
	if e.Seen && v.held.HasAnywhere(access.MembersRead) {
		l.Href = v.sheetPath(e.Member)
	}
	l.Levels, l.Source = v.whoLevel(t, e.Level), v.whoGave(e.GivenBy, e.GivenAt)
	if e.Source == grant.AsHolder {
		l.Source, l.Dates = v.t.T("level.holder"), v.t.T("resources.no_end")
		if t == resource.Identity {
			l.Levels = v.t.T("resources.own_name")
		}
	}
	return l
}

// whoDoes is a function in words; «Autre» says nothing.
func (v *visit) whoDoes(function string) string {
	if function == member.FunctionOther {
		return ""
	}
	return named(v.t, "function.", function)
}

// whoLevel is a level in words: «Gestion».
func (v *visit) whoLevel(t resource.Type, l grant.Level) string {
	word := string(l)
	if l == grant.None {
		word = grant.WordNone
	}
	return named(v.t, "level."+string(t)+".", word)
}

// whoGave says who gave something and when.
func (v *visit) whoGave(by string, at time.Time) string {
	if by == "" {
		return v.t.T("resources.given_on", "Date", v.t.Date(at))
	}
	return v.t.T("resources.given_by", "Name", v.somebody(by), "Date", v.t.Date(at))
}

// whoWhen says from when, if that is to come, and until when.
func (v *visit) whoWhen(from time.Time, until *time.Time, at time.Time) string {
	later := from.After(at)
	switch {
	case later && until != nil:
		return v.t.T("resources.from_until", "From", v.t.ShortDate(from), "Until", v.t.ShortDate(*until))
	case later:
		return v.t.T("resources.from", "From", v.t.ShortDate(from))
	case until != nil:
		return v.t.T("resources.until", "Until", v.t.ShortDate(*until))
	}
	return v.t.T("resources.no_end")
}

// whoEffect says whether it holds, and why not.
func (v *visit) whoEffect(e grant.Access, at time.Time) ui.ChipProps {
	switch {
	case e.From.After(at):
		return ui.ChipProps{Tone: ui.ToneInfo, Label: v.t.T("resources.effect.later"), Icon: ui.IconClockFill}
	case !e.Now:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("resources.effect.over")}
	case !e.InForce:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("resources.effect.idle")}
	}
	return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("resources.effect.now")}
}

func (v *visit) whoDelegate(d grant.Delegation) whoLine {
	l := whoLine{
		Name: v.somebody(d.Name), Function: v.whoDoes(d.Function), Levels: v.t.T("delegation.act." + string(d.Act)),
		Source: v.whoGave(d.GivenBy, d.GivenAt), Dates: v.whoWhen(d.From, d.Until, v.s.now()),
		Effect: ui.ChipProps{Tone: delegationTones[d.State], Label: v.t.T("delegation.state." + string(d.State))},
	}
	if d.State == grant.Proposed {
		l.Source = v.t.T("resources.proposed_by", "Name", v.somebody(d.GivenBy), "Date", v.t.Date(d.GivenAt))
	}
	if d.Idle != "" {
		l.Effect = ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("delegation.idle." + string(d.Idle))}
	}
	if v.held.HasAnywhere(access.MembersRead) {
		l.Href = v.sheetPath(d.Member)
	}
	return l
}

// delegationTones are the colours of the states of a delegation.
var delegationTones = map[grant.DelegationState]ui.Tone{
	grant.Proposed: ui.ToneWait, grant.Upcoming: ui.ToneInfo, grant.InForce: ui.ToneOK, grant.Ended: ui.ToneOff,
}
