package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/web/ui"
)

var matrixRoutes = []route{
	{"GET /o/{org}/access/agendas", within, func(v *visit) error { return v.levels(agendas) }},
	{"POST /o/{org}/access/agendas", within, func(v *visit) error { return v.actLevels(agendas) }},
	{"GET /o/{org}/access/messaging-profiles", within, func(v *visit) error { return v.levels(mailboxes) }},
	{"POST /o/{org}/access/messaging-profiles", within, func(v *visit) error { return v.actLevels(mailboxes) }},
	{"GET /o/{org}/access/patient-records", within, func(v *visit) error { return v.realm(records) }},
	{"POST /o/{org}/access/patient-records", within, func(v *visit) error { return v.actRealm(records) }},
	{"GET /o/{org}/access/administration", within, func(v *visit) error { return v.realm(administration) }},
	{"POST /o/{org}/access/administration", within, func(v *visit) error { return v.actRealm(administration) }},
	{"GET /o/{org}/access/export", within, (*visit).accessExportForm},
	{"POST /o/{org}/access/export", within, (*visit).accessExport},
	{"GET /o/{org}/access/review-changes", within, (*visit).reviewLevels},
	{"POST /o/{org}/access/review-changes", within, (*visit).actReview},
	{"GET /o/{org}/access/changes", within, (*visit).changeSets},
	{"GET /o/{org}/access/changes/{set}", within, (*visit).changeSet},
	{"GET /o/{org}/access/changes/{set}/undo", within, (*visit).undoForm},
	{"POST /o/{org}/access/changes/{set}/undo", within, (*visit).undo},
	{"GET /o/{org}/members/{member}/levels", within, (*visit).memberLevels},
	{"POST /o/{org}/members/{member}/levels", within, (*visit).actMemberLevels},
}

// maxMatrixFields bounds a form of levels (rules.md 14): at most 12 columns × 40 people, or
// the lines of one member with their dates.
const maxMatrixFields = 2_000

// What the buttons of the pages of levels ask for.
const (
	doKeep     = "keep"     // by script: the changes are kept, and told in words
	doStay     = "stay"     // the same without script
	doFilter   = "filter"   // show what the filters say
	doUnfilter = "unfilter" // show everything
	doClone    = "clone"    // «Copier»
	doLevel    = "level"    // «Appliquer», to the people ticked
	doColumns  = "columns"  // «Appliquer», on the columns ticked
	doReset    = "reset"    // «Tout annuler»
	doReview   = "review"   // «Vérifier et enregistrer»
	doKeepAll  = "keep_all" // «Garder tous mes changements»
	doSave     = "save"     // «Enregistrer 7 changements»
)

// levels shows a matrix, with what is typed and not saved.
func (v *visit) levels(d domain) error {
	p, err := v.pending()
	if err != nil {
		return err
	}
	return v.showLevels(d, readMatrixState(v.URL.Query().Get), &p, nil)
}

func (v *visit) showLevels(d domain, s matrixState, p *pending, refusal error) error {
	m, err := v.matrix(d, s)
	var wrong map[string]string
	if err != nil && fault.Of(err).Code == grant.ErrQuery.Code { // what was typed stays in its field
		wrong, refusal = v.searchTooLong(), errSearchTooLong
		plain := s
		plain.Search, plain.Name = "", ""
		m, err = v.matrix(d, plain)
	}
	if err != nil {
		return err
	}
	view, err := v.matrixView(d, s, m, p)
	if err != nil {
		return err
	}
	view.Wrong = wrong
	return v.showMatrix(view, refusal)
}

// showMatrix shows the page of a matrix; after a refusal, with what to do about it.
func (v *visit) showMatrix(view matrixView, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) {
			return refusal
		}
		status, view.Failure = statusOf(f), ended(v.sentence(f))
	}
	return v.showAccess(status, view.title(v.t), func(page ui.Page) (err error) {
		if page.Nav, err = v.nav(atAccess); err != nil {
			return err
		}
		page.Scripts = []string{"matrix.js"}
		return v.show(status, MatrixPage(page, view))
	})
}

// searchTooLong is what to correct in both searches of a matrix.
func (v *visit) searchTooLong() map[string]string {
	sentence := v.say("text.too_long", map[string]any{"Max": grant.MaxMatrixSearch}, nil)
	return map[string]string{"q": sentence, fieldName: sentence}
}

var errSearchTooLong = fault.New(fault.Invalid, "text.too_long").With("Max", grant.MaxMatrixSearch)

// actLevels keeps what was typed in the cells, does what the button says, and comes back
// (303). Nothing of it is saved: it is pending.
func (v *visit) actLevels(d domain) error {
	if err := v.mayEditLevels(); err != nil {
		return err
	}
	s := readMatrixState(v.URL.Query().Get)
	m, err := v.matrix(d, s)
	if err != nil {
		return err
	}
	p, err := v.pending()
	if err != nil {
		return err
	}
	g := gridOf(m)
	if err := v.readCells(d, g, &p); err != nil {
		return err
	}
	if err := v.readTicks(&p); err != nil {
		return err
	}
	refusal := v.actOn(d, g, &p)
	if err := v.keepPending(&p); err != nil { // too many: those kept before stay
		if refusal = err; !staysOnPage(fault.Of(err)) {
			return err
		}
		if p, err = v.pending(); err != nil {
			return err
		}
	}
	switch {
	case refusal != nil:
		return v.showLevels(d, s, &p, refusal)
	case v.PostFormValue("do") == doKeep:
		return v.showKept(s.origin(d), g, &p)
	}
	return v.afterwards(d, s)
}

// actOn is what the buttons do to the pending changes.
func (v *visit) actOn(d domain, g grid, p *pending) error {
	switch v.PostFormValue("do") {
	case doClone:
		return v.cloneLevels(d, p)
	case doLevel:
		return v.levelForPeople(d, g, p)
	case doColumns:
		return v.levelOnColumns(d, g, p)
	case doReset:
		p.People, p.Columns = nil, nil
	}
	return v.mend(p)
}

// afterwards is the page to look at next.
func (v *visit) afterwards(d domain, s matrixState) error {
	base := v.at(d.At)
	switch v.PostFormValue("do") {
	case doReview:
		return v.to(v.levelsReviewPath(s.origin(d)))
	case doFilter:
		s = readMatrixState(v.PostFormValue)
		s.Page, s.Part = 1, 1
	case doUnfilter:
		s = matrixState{}
	case "":
		s.Page = number(v.PostFormValue(fieldPage), s.Page, maxPage)
		s.Part = number(v.PostFormValue("part"), s.Part, maxPage)
	}
	return v.to(s.href(base))
}

// showKept answers the script: what is pending now.
func (v *visit) showKept(origin url.Values, g grid, p *pending) error {
	view, err := v.pendingView(p, g.selects(), shownPending)
	if err != nil {
		return err
	}
	view.Review = v.levelsReviewPath(origin)
	return v.show(http.StatusOK, PendingFragment(v.t, view))
}

// cloneLevels is «Utiliser les mêmes droits que»: what the noun would copy becomes pending
// (RGT-4).
func (v *visit) cloneLevels(d domain, p *pending) error {
	from, err := ident.ParseMember(v.PostFormValue("clone"))
	to := slices.DeleteFunc(slices.Clone(p.People), func(m ident.Member) bool { return m == from })
	switch {
	case len(p.People) == 0:
		return errNobodyTicked
	case err != nil || len(to) == 0:
		return errNobodyChosen
	}
	set, err := v.s.Grants.Preview(v.Context(), v.by, v.org.ID, grant.Wanted{
		Clone: &grant.Clone{From: from, To: to, Domains: []resource.Type{d.Type}},
	})
	if err != nil {
		return err
	}
	of := func(w wish) bool { return w.Resource.Type() == d.Type && slices.Contains(to, w.Member) }
	p.Wishes = slices.DeleteFunc(p.Wishes, of) // a clone takes the place of what was pending for them
	for _, l := range set.Lines {
		p.put(wishOf(cellID{l.Member, l.Resource.ID}, l.Before, l.After))
	}
	v.flash(ui.ToneInfo, v.t.T("matrix.cloned", "Count", len(set.Lines)))
	if w := v.warningsOf(set, "clone_partial"); len(w) > 0 {
		v.flash(ui.ToneWait, strings.Join(w, " "))
	}
	return nil
}

// warningsOf are the warnings of one code, in words.
func (v *visit) warningsOf(set grant.ChangeSet, code string) []string {
	set.Warnings = slices.DeleteFunc(slices.Clone(set.Warnings), func(w grant.Warning) bool { return w.Code != code })
	return v.warnings(set)
}

// wishOf wants the state after, where before was seen.
func wishOf(id cellID, before, after grant.State) wish {
	w := wish{cellID: id, Level: after.Level, Was: before.Level, Until: after.Until}
	if !after.From.IsZero() && !after.From.Equal(before.From) {
		from := after.From
		w.From = &from
	}
	return w
}

// What the tool box needs before it can do anything.
var (
	errNobodyTicked = fault.New(fault.Invalid, "matrix.nobody_ticked")
	errNobodyChosen = fault.New(fault.Invalid, "matrix.nobody_chosen")
	errNoColumn     = fault.New(fault.Invalid, "matrix.no_column_ticked")
)

// mayChange reports whether this person gives levels anywhere.
func (v *visit) mayChange() bool { return v.held.HasAnywhere(access.RightsEdit) }
