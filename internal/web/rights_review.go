package web

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// rightsReviewView is «Avant et après» of a member's rights.
type rightsReviewView struct {
	Name    string
	Draft   string
	Version int64
	Lines   []compared
	Gained  []ui.Fact // what the person could then do, by place
	Lost    []ui.Fact
	// Warnings are what is worth reading before saving, but for administration, which Admin says.
	Warnings []string
	Admin    bool
	Proof    *ui.StepUpProps
	Author   string     // who changed rights meanwhile; empty: nobody
	Theirs   []compared // what they changed
	Path     string
	Change   string

	told
}

// unsavedRights loads the change that is reviewed, and the member as they are now.
func (v *visit) unsavedRights() (ident.Draft, reform, member.Sheet, error) {
	s, err := v.reformable()
	if err != nil {
		return "", reform{}, s, err
	}
	id, f, err := v.reform(s.ID)
	return id, f, s, err
}

func (v *visit) reviewRights() error {
	id, f, s, err := v.unsavedRights()
	switch {
	case err != nil:
		return err
	case f.Saved:
		return v.to(v.sheetPath(s.ID))
	}
	return v.showRightsReview(http.StatusOK, id, f, s, nil)
}

func (v *visit) showRightsReview(status int, id ident.Draft, f reform, s member.Sheet, refusal error) error {
	c, err := v.reformChange(f, s)
	if err != nil {
		return err
	}
	preview, err := v.s.Members.PreviewRights(v.Context(), v.by, v.org.ID, s.ID, c, 0)
	if err != nil {
		return v.rightsAgain(rightsView{Sheet: s, Draft: id.String(), Form: f}, err)
	}
	choices, err := v.rightsChoices()
	if err != nil {
		return err
	}
	words := rightsView{Choices: choices}
	view := rightsReviewView{
		Name: called(s.Member), Draft: id.String(), Version: s.Version, Path: v.sheetPath(s.ID), Admin: preview.NeedsStepUp,
		Lines:  words.compare(v.t, holdings(preview.Before), holdings(preview.After)),
		Gained: v.effects(preview.Gained, choices.Names), Lost: v.effects(preview.Lost, choices.Names),
	}
	for _, w := range preview.Warnings {
		if w.Code != "administers" {
			view.Warnings = append(view.Warnings, ended(v.t.T("warning."+w.Code, w.Args...)))
		}
	}
	view.Change = view.Path + "/rights?draft=" + id.String()
	if f.overtaken(s) {
		view.Theirs = words.compare(v.t, f.Base, holdings(s))
		if view.Author, err = v.lastEditor(s); err != nil {
			return err
		}
	}
	return v.showRightsPage(status, view, refusal)
}

func (v *visit) showRightsPage(status int, view rightsReviewView, refusal error) error {
	if f := fault.Of(refusal); fault.Is(refusal, fault.Stale) { // said in the lines
		status = statusOf(f)
	} else if refusal != nil {
		var err error
		if view.told, status, err = v.tell(refusal); err != nil {
			return err
		}
	}
	if view.Admin {
		view.Proof = v.proof(v.t.T("rights.proof"), view.Errors)
	}
	p, err := v.orgFrame(v.t.T("rights.review"), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, RightsReviewPage(p, view))
}

// compare has one line for each right that differs.
func (w rightsView) compare(t *text.Printer, before, after []string) []compared {
	var lines []compared
	yes, no := t.T("common.yes"), t.T("common.no")
	for _, held := range beyond(before, after) {
		lines = append(lines, compared{w.line(t, held), yes, no})
	}
	for _, held := range beyond(after, before) {
		lines = append(lines, compared{w.line(t, held), no, yes})
	}
	slices.SortStableFunc(lines, func(a, b compared) int { return strings.Compare(text.SortKey(a.Name), text.SortKey(b.Name)) })
	return lines
}

// line says one right with its kind: «Rôle Secrétariat, Saint-Aubin».
func (w rightsView) line(t *text.Printer, held string) string {
	kind, rest, _ := strings.Cut(held, ":")
	if kind == rightSite {
		return t.T("rights.line.site", "Name", or(w.Choices.Names[ident.Site(rest)], t.T("scope.site")))
	}
	what, where := w.words(t, held)
	return t.T("rights.line."+kind, "Name", what, "Scope", where)
}

// effects say permissions in words, by the place at which they hold.
func (v *visit) effects(list []member.GivenPermission, sites map[ident.Site]string) []ui.Fact {
	var scopes []access.Scope
	said := map[access.Scope][]string{}
	for _, p := range list {
		if !slices.Contains(scopes, p.Scope) {
			scopes = append(scopes, p.Scope)
		}
		said[p.Scope] = append(said[p.Scope], lowered(v.t.T("permission."+string(p.Permission))))
	}
	facts := make([]ui.Fact, 0, len(scopes))
	for _, at := range scopes {
		facts = append(facts, ui.Fact{Term: v.scopeName(at, sites), Value: v.t.List(said[at])})
	}
	return facts
}

// lowered begins a sentence's part with a small letter.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// saveRights saves what was reviewed, on the version that the review showed: whoever
// changed rights in between is told about (CHG-1). Administration asks for the password.
func (v *visit) saveRights() error {
	id, f, s, err := v.unsavedRights()
	switch {
	case err != nil:
		return err
	case f.Saved:
		return v.to(v.sheetPath(s.ID))
	case parseVersion(v.PostFormValue(fieldVersion)) != s.Version:
		return v.showRightsReview(http.StatusPreconditionFailed, id, f, s, member.ErrStale)
	}
	var after member.Sheet
	if err = v.proveReform(f, s); err == nil {
		after, err = v.changeRights(f, s)
	}
	if fault.Is(err, fault.Stale) {
		if _, f, s, err = v.unsavedRights(); err != nil {
			return err
		}
		return v.showRightsReview(http.StatusPreconditionFailed, id, f, s, member.ErrStale)
	}
	if f := fault.Of(err); err != nil && f.Code == role.ErrNotGrantable.Code {
		return v.rightsAgain(rightsView{Sheet: s, Draft: id.String(), Form: newReform(s)}, err)
	}
	if err != nil {
		return v.showRightsReview(http.StatusOK, id, f, s, err)
	}
	if _, err := v.keepDraft(draftRights, id, reform{Member: s.ID, Saved: true}); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("edit.saved", "Count", differences(holdings(s), holdings(after)), "Name", called(s.Member)))
	if _, err := v.sheet(); fault.Is(err, fault.NotFound) { // they left the last site that this person sees
		return v.to(v.at(atMembers))
	}
	return v.to(v.sheetPath(s.ID))
}

// proveReform asks for the password when administration is given or taken.
func (v *visit) proveReform(f reform, s member.Sheet) error {
	if !v.mustProve() {
		return nil
	}
	c, err := v.reformChange(f, s)
	if err != nil {
		return err
	}
	preview, err := v.s.Members.PreviewRights(v.Context(), v.by, v.org.ID, s.ID, c, s.Version)
	if err != nil || !preview.NeedsStepUp {
		return err
	}
	return v.prove()
}

func (v *visit) changeRights(f reform, s member.Sheet) (member.Sheet, error) {
	c, err := v.reformChange(f, s)
	if err != nil {
		return s, err
	}
	return v.s.Members.ChangeRights(v.Context(), v.by, v.org.ID, s.ID, c, s.Version)
}
