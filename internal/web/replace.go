package web

import (
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// «Remplacer ce membre»: whoever has a wrong RPPS becomes a new member with the right one (MEM-3).
var replaceRoutes = []route{
	{"GET /o/{org}/members/{member}/replacement", within, (*visit).replacement},
	{"POST /o/{org}/members/{member}/replacement", within, (*visit).replaceMember},
	{"POST /o/{org}/members/{member}/replacement/undo", within, (*visit).undoReplacement},
}

const (
	atReplacement = "/replacement" // of the sheet of a member
	fieldActivity = "activity"
	fieldChecked  = "checked" // the number, as it was looked at: what is confirmed is what was read
)

// replaceForm is what was typed.
type replaceForm struct {
	RPPS, Activity, Given, Family, FullName, Checked string
	Version                                          int64
}

// replaceView is the form, with what it would do once a number was looked at.
type replaceView struct {
	Name, Typed string
	Back, Path  string
	Plate       ui.PlaqueProps
	Form        replaceForm
	Activities  *ui.GroupProps // of a practitioner who has several
	ByHand      bool           // the directory does not know the number: names may be typed
	Lines       []compared     // what would differ; none: nothing was looked at yet
	Passes      []ui.ItemProps
	Notes       []ui.NoteProps
	Proof       *ui.StepUpProps
	NamesAsk    [2]ui.FieldProps

	told
}

// replacedView is a replacement that was made.
type replacedView struct {
	Crumb, Back string
	Chip        ui.ChipProps
	Notes       []ui.NoteProps
	Facts       []ui.Fact
	Undo        *departUndo

	told
}

// replacement reads the sheet that the address names, or the replacement of whoever is no member any
// more.
func (v *visit) replacement() error {
	s, err := v.sheet()
	if fault.Is(err, fault.NotFound) {
		return v.showReplaced(nil)
	}
	if err != nil {
		return err
	}
	return v.askReplacement(s, replaceForm{Version: s.Version}, nil)
}

func (v *visit) typedReplacement() replaceForm {
	return replaceForm{
		RPPS: v.PostFormValue(fieldRPPS), Activity: v.PostFormValue(fieldActivity), Given: v.PostFormValue(fieldGiven),
		Family: v.PostFormValue(fieldFamily), FullName: v.PostFormValue(fieldFullName), Checked: v.PostFormValue(fieldChecked),
		Version: parseVersion(v.PostFormValue(fieldVersion)),
	}
}

// replaceMember shows what it would do, or does it: never for another number than the one that was
// looked at.
func (v *visit) replaceMember() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	f := v.typedReplacement()
	if v.PostFormValue(fieldDo) != doReplace || f.Checked != f.seen() {
		return v.askReplacement(s, f, nil)
	}
	as, err := v.renumbered(f)
	if err == nil {
		err = v.prove()
	}
	if err == nil {
		var r merge.Replacement
		o := merge.Order{Renumbered: as, FullName: f.FullName, Version: f.Version}
		r, err = v.s.Replacements.Replace(v.Context(), v.by, v.org.ID, s.ID, o)
		if err == nil {
			v.flash(ui.ToneOK, v.t.T("replace.done", "Name", r.NewName, "Count", departure.UndoDays))
			return v.to(v.sheetPath(r.New))
		}
	}
	return v.askReplacement(s, f, err)
}

const doReplace = "replace"

// seen is all of what a preview rests on.
func (f replaceForm) seen() string { return f.RPPS + "|" + f.Activity + "|" + f.Given + "|" + f.Family }

// renumbered looks the number up; one that is no number, or that nobody could look up, is typed.
func (v *visit) renumbered(f replaceForm) (member.Renumbered, error) {
	as := member.Renumbered{RPPS: f.RPPS, GivenName: f.Given, FamilyName: f.Family}
	rpps, wrong := identifier.ParseRPPS(f.RPPS)
	if wrong != nil || !v.mayFind() {
		return as, nil //nolint:nilerr // the act says it at its field
	}
	as.RPPS = string(rpps)
	found, err := v.lookUp(as.RPPS, "")
	if fault.Is(err, fault.Unavailable) || err == nil && len(found.Practitioners) == 0 {
		return as, nil // not checked: manual entry goes on (DIR-1)
	}
	if err != nil {
		return as, err
	}
	p := found.Practitioners[0]
	as.Import = &directory.Import{Origin: found.Origin, AsOf: found.AsOf, Practitioner: p, Activity: f.Activity}
	if len(p.Activities) == 1 {
		as.Import.Activity = p.Activities[0].ID
	}
	known := slices.ContainsFunc(p.Activities, func(a directory.Activity) bool { return a.ID == as.Import.Activity })
	if len(p.Activities) > 1 && !known {
		return as, fault.OnField(fieldActivity, "member.activity_required")
	}
	return as, nil
}

// askReplacement shows the form; with a number, what it would do; after a refusal, what to do about it.
func (v *visit) askReplacement(s member.Sheet, f replaceForm, refusal error) error {
	if !s.May.Edit || !s.May.Depart || s.RPPS == "" {
		return v.whyNoReplacement(s)
	}
	view := replaceView{
		Name: called(s.Member), Typed: s.Name(), Back: v.sheetPath(s.ID), Path: v.replacementPath(s.ID), Form: f,
		Plate: ui.PlaqueProps{
			Above: v.occupation(s.Member), Name: called(s.Member), Enamel: ui.Enamel(v.org.Enamel),
			Below: []string{v.t.T("member.rpps", "Number", identifier.RPPS(s.RPPS).Format()), v.t.List(siteRefs(s.Sites))},
		},
	}
	if f.RPPS != "" {
		if err := v.foreseeReplacement(s, &view); refusal == nil {
			refusal = err
		}
	}
	if fault.Is(refusal, fault.Stale) { // somebody else changed the member: read again, what was typed stays
		refusal = fault.New(fault.Conflict, "replace.stale")
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	if len(said.Summary) > 0 {
		said.Errors, said.Summary = v.fieldErrors(refusal, personSpots)
	}
	view.told = said
	if view.Form.Version = s.Version; len(view.Lines) > 0 {
		view.Proof = v.proof(v.t.T("replace.proof"), view.Errors)
	}
	if view.Activities != nil {
		view.Activities.Error = view.Errors[fieldActivity]
	}
	view.NamesAsk = namesAsk(v.t, view)
	p, err := v.orgFrame(v.t.T("replace.title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, ReplacePage(p, view))
}

func namesAsk(t *text.Printer, view replaceView) [2]ui.FieldProps {
	name := func(field, label, value string) ui.FieldProps {
		return ui.FieldProps{
			Name: field, Label: t.T(label), Hint: t.T("replace.keep_name"), Value: value, Error: view.Errors[field], Optional: true,
		}
	}
	return [2]ui.FieldProps{
		name(fieldFamily, "account.family_name", view.Form.Family), name(fieldGiven, "account.given_name", view.Form.Given),
	}
}

// whyNoReplacement is the rule that refuses the act, or what this person lacks.
func (v *visit) whyNoReplacement(s member.Sheet) error {
	if s.RPPS == "" {
		return merge.ErrNoNumber
	}
	if _, err := v.s.Replacements.Preview(v.Context(), v.by, v.org.ID, s.ID, merge.Order{}); err != nil && len(fault.Of(err).Fields) == 0 {
		return err
	}
	return v.lacks(access.MembersDelete)
}

// foreseeReplacement says what would differ, and what would pass. Errors: what refuses it.
func (v *visit) foreseeReplacement(s member.Sheet, view *replaceView) error {
	as, err := v.renumbered(view.Form)
	if as.Import != nil && len(as.Import.Practitioner.Activities) > 1 {
		g := createView{Form: newMember{Import: as.Import}}.activityChoices(v.t)
		view.Activities = &g
	}
	if err != nil {
		return err
	}
	view.ByHand = as.Import == nil
	f, err := v.s.Replacements.Preview(v.Context(), v.by, v.org.ID, s.ID, merge.Order{Renumbered: as})
	if err != nil {
		return err
	}
	view.Lines = v.compare(editValues(f.Before), editValues(f.After))
	if view.Activities == nil {
		view.Form.Activity = "" // what the page does not ask is no part of what is confirmed
	}
	if !view.ByHand {
		view.Form.Given, view.Form.Family = "", ""
	}
	view.Form.Checked = view.Form.seen()
	for _, w := range f.Warnings {
		view.Notes = append(view.Notes, ui.NoteProps{Tone: ui.ToneWait, Text: v.t.T(w)})
	}
	if f.Verifies {
		view.Notes = append(view.Notes, ui.NoteProps{Tone: ui.ToneWait, Text: v.t.T("replace.verifies")})
	}
	view.Passes = v.passes(f.Passes)
	return nil
}

// passes lists what the new member would have, and how much of it.
func (v *visit) passes(p merge.Passed) (list []ui.ItemProps) {
	for _, x := range []struct {
		key  string
		icon ui.IconName
		n    int
	}{
		{"sites", ui.IconBuildings, p.Sites}, {"roles", ui.IconKey, p.Rights}, {"resources", ui.IconCalendarDots, p.Resources},
		{"levels", ui.IconKey, p.Levels}, {"delegations", ui.IconPaperPlaneTilt, p.Delegations}, {"groups", ui.IconUsersThree, p.Groups},
		{"items", ui.IconListChecks, int(p.Items)},
	} {
		if x.n > 0 {
			list = append(list, ui.ItemProps{Icon: x.icon, Title: v.t.T("replace.passes."+x.key, "Count", x.n)})
		}
	}
	return list
}

// lookKind: once a number was looked at, the first thing to do is another.
func (view replaceView) lookKind() ui.Kind {
	if len(view.Lines) > 0 {
		return ui.Secondary
	}
	return ui.Primary
}

// showReplaced shows the replacement of whoever is no member any more; after a refusal, with what to
// do about it.
func (v *visit) showReplaced(refusal error) error {
	id, err := v.memberOf()
	if err != nil {
		return err
	}
	r, err := v.s.Replacements.Get(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	r.OldName, r.NewName = v.somebody(r.OldName), v.somebody(r.NewName)
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := replacedView{
		Crumb: r.NewName, Back: v.sheetPath(r.New), told: said, Chip: ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("replace.chip")},
		Facts: []ui.Fact{
			{Term: v.t.T("replace.new"), Content: LinkThenLine(r.NewName, v.sheetPath(r.New), v.t.T("member.rpps", "Number", grouped(r.NewRPPS)))},
			{Term: v.t.T("replace.by"), Value: v.t.T("depart.fact.by_at", "Name", v.somebody(r.By), "When", v.t.DateTime(r.At))},
		},
	}
	if r.OldRPPS != "" {
		old := ui.Fact{Term: v.t.T("replace.old_number"), Value: grouped(r.OldRPPS)}
		view.Facts = append([]ui.Fact{old}, view.Facts...)
	}
	if !r.Finished {
		view.Notes = append(view.Notes, ui.NoteProps{Tone: ui.ToneInfo, Text: v.t.T("replace.running")})
	}
	switch {
	case r.MayUndo:
		view.Undo = &departUndo{
			Action: v.replacementPath(r.Old) + "/undo", Version: version(r.Version), Text: v.t.T("replace.undo_text", "Date", v.t.Date(r.UndoTill)),
			Proof: v.proof(v.t.T("replace.undo_proof"), view.Errors),
		}
	case r.NoUndo != "":
		view.Undo = &departUndo{Refused: v.because(r.NoUndo)}
	}
	p, err := v.orgFrame(v.t.T("replace.title_done", "Name", r.OldName), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, ReplacedPage(p, view))
}

// undoReplacement gives the old member their place back.
func (v *visit) undoReplacement() error {
	id, err := v.memberOf()
	if err != nil {
		return err
	}
	var r merge.Replacement
	if err = v.prove(); err == nil {
		r, err = v.s.Replacements.Undo(v.Context(), v.by, v.org.ID, id, parseVersion(v.PostFormValue(fieldVersion)))
	}
	if err != nil {
		return v.showReplaced(err)
	}
	v.flash(ui.ToneOK, v.t.T("replace.undone", "Name", r.OldName))
	return v.to(v.sheetPath(r.Old))
}

// numberFacts puts beside the number what leads to its correction, for whoever decides it, and whose
// place the member took.
func (v *visit) numberFacts(s member.Sheet, facts []ui.Fact) ([]ui.Fact, error) {
	at := slices.IndexFunc(facts, func(f ui.Fact) bool { return f.Term == v.t.T("edit.field.rpps") })
	if at < 0 {
		return facts, nil
	}
	if v.mayReplace(s) {
		facts[at].Content = WrongNumber(facts[at].Content, v.t.T("replace.link"), v.replacementPath(s.ID))
	}
	r, err := v.s.Replacements.Get(v.Context(), v.by, v.org.ID, s.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		return facts, nil
	}
	if err != nil {
		return facts, err
	}
	since := v.t.T("replace.since", "Date", v.t.Date(r.At), "By", v.somebody(r.By))
	before := ui.Fact{Term: v.t.T("replace.replaces"), Value: v.somebody(r.OldName), Content: SmallLine(since)}
	if r.MayOpen {
		before.Value, before.Content = "", LinkThenLine(before.Value, v.replacementPath(r.Old), since)
	}
	return slices.Insert(facts, at+1, before), nil
}

// mayReplace reports whether whoever looks may put the number of a member right.
func (v *visit) mayReplace(s member.Sheet) bool {
	return s.RPPS != "" && s.May.Edit && s.May.Depart && s.Departure == nil && s.Planned == nil &&
		(s.Status == member.Active || s.Status == member.Created)
}

func (v *visit) replacementPath(id ident.Member) string { return v.sheetPath(id) + atReplacement }
