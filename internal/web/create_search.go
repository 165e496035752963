package web

import (
	"slices"
	"strings"
	"time"

	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// maxFound is how many people one search shows: beyond, it must be narrowed.
const maxFound = 10

// searches reports whether a button, or the Enter key, asks for the search: the key
// does when what is searched for has changed.
func (v *visit) searches(do string, before, f newMember) bool {
	if !v.mayFind() || !f.regulated() || f.Manual {
		return false
	}
	changed := f.Query != "" && (f.Query != before.Query || f.City != before.City)
	return do == doSearch || (do == doEnter && f.Import == nil && changed)
}

// picks reports whether «Continuer» means to import the person who was chosen.
func (v *visit) picks(do string, f newMember) bool {
	waits := f.regulated() && !f.Manual && f.Import == nil && v.mayFind()
	return waits && (do == doNext || do == doEnter) && v.PostFormValue("practitioner") != ""
}

// mayFind: there is a directory to search.
func (v *visit) mayFind() bool { return v.s.Directory.Source != nil }

// search keeps what is searched for; the page that it leads to shows who was found.
func (v *visit) search(view createView) error {
	if view.Form.Query == "" {
		return v.stepAgain(view, fault.OnField("q", "web.create_query"))
	}
	if _, err := v.lookUp(view.Form.Query, view.Form.City); err != nil && !fault.Is(err, fault.Unavailable) {
		return v.stepAgain(view, searchFault(err))
	}
	view.Form.Import = nil
	view.Form.Passed = min(view.Form.Passed, stepProfile)
	if _, err := v.saveMember(view.Draft, view.Form); err != nil {
		return v.stepAgain(view, err)
	}
	return v.to(v.stepPath(view.Draft, stepProfile) + "#found")
}

// lookUp asks the directory for a number, or for a name and perhaps a town.
func (v *visit) lookUp(q, city string) (directory.Answer, error) {
	s := directory.Search{Name: q, City: city}
	if isNumber(q) {
		s = directory.Search{RPPS: q}
	}
	return v.s.Directory.Find(v.Context(), v.by, s)
}

// searchFault puts what the directory refuses at the fields of the search.
func searchFault(err error) error {
	f := *fault.Of(err)
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		if f.Fields[i].Location != fieldCity {
			f.Fields[i].Location = "q"
		}
	}
	return &f
}

// isNumber tells an RPPS number, however it is spaced, from a name.
func isNumber(q string) bool {
	return strings.ContainsAny(q, "0123456789") && strings.Trim(q, "0123456789 .-\u00a0\u202f") == ""
}

// changeProfile does what another button of the step «Profil» says.
func (v *visit) changeProfile(view createView, do string) error {
	f := &view.Form
	f.Passed = min(f.Passed, stepProfile)
	anchor := ""
	switch kind, over := strings.CutPrefix(do, doType); {
	case over && slices.Contains(member.ProfileTypes, member.ProfileType(kind)):
		f.becomes(kind)
	case do == doManual:
		f.byHand()
		anchor = "#identity"
	case do == doAgain:
		f.Manual, f.Import = false, nil
	case do == doPick:
		if err := v.pick(f); fault.Is(err, fault.Unavailable) {
			v.flash(ui.ToneWait, v.t.T("create.down"))
		} else if err != nil {
			return v.stepAgain(view, err)
		}
		anchor = "#identity"
	default:
		return errForm
	}
	if _, err := v.saveMember(view.Draft, *f); err != nil {
		return v.stepAgain(view, err)
	}
	return v.to(v.stepPath(view.Draft, stepProfile) + anchor)
}

// byHand goes over to typing the identity, with what was searched for.
func (f *newMember) byHand() {
	f.Manual, f.Import = true, nil
	if f.RPPS == "" && isNumber(f.Query) {
		f.RPPS = f.Query
	}
}

// pick imports the person who was chosen: asked again of the directory, nothing of a
// professional identity comes from the form.
func (v *visit) pick(f *newMember) error {
	chosen := v.PostFormValue("practitioner")
	if chosen == "" {
		return fault.OnField("practitioner", "web.create_pick")
	}
	if !v.mayFind() || !isNumber(chosen) {
		return fault.OnField("practitioner", "web.create_pick")
	}
	answer, err := v.lookUp(chosen, "")
	switch {
	case len(fault.Of(err).Fields) > 0:
		return fault.OnField("practitioner", "web.create_pick")
	case err != nil:
		return err
	case answer.Origin == directory.NotChecked:
		return directory.ErrUnavailable
	}
	n := slices.IndexFunc(answer.Practitioners, func(p directory.Practitioner) bool { return p.RPPS == chosen })
	if n < 0 { // forged, or gone since it was shown
		return fault.OnField("practitioner", "web.create_pick")
	}
	f.take(directory.Import{Origin: answer.Origin, AsOf: answer.AsOf, Practitioner: answer.Practitioners[n]})
	return nil
}

// take keeps what was imported, and proposes what the directory knows besides.
func (f *newMember) take(i directory.Import) {
	p := i.Practitioner
	if len(p.Activities) == 1 {
		i.Activity = p.Activities[0].ID
	}
	f.Import, f.Manual = &i, false
	f.Title = titleOf(p)
	if addresses := publishedMailboxes(i); f.MSSante == "" && len(addresses) > 0 {
		f.MSSante = addresses[0]
	}
}

// titlesOf are the forms of address of the directory's codes (R11, R81).
var titlesOf = map[string]string{"DR": "Dr", "PR": "Pr", "ME": "Me", "M": "M.", "MME": "Mme", "MLLE": "Mme"}

func titleOf(p directory.Practitioner) string {
	for _, code := range []string{p.Title, p.Civility} {
		if t := titlesOf[strings.ToUpper(code)]; t != "" {
			return t
		}
	}
	return ""
}

// publishedMailboxes are the MSSanté addresses of an import: of the chosen activity first.
func publishedMailboxes(i directory.Import) []string {
	var list []string
	if a, ok := activity(&i); ok {
		list = append(list, a.MSSante...)
	}
	for _, address := range i.Practitioner.MSSante {
		if !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	return list
}

// found is the answer of the directory to the search of the form.
type found struct {
	Asked   bool   // something was searched for
	Down    bool   // nobody could answer: manual entry goes on
	Failure string // why it was not asked
	AsOf    time.Time
	People  []directory.Practitioner
	More    bool
}

// find asks the directory. Down, slow or garbage is "not checked", never an error page
// (DIR-1).
func (v *visit) find(f newMember) found {
	if !v.mayFind() || !f.regulated() || f.Manual || f.Import != nil || f.Query == "" {
		return found{}
	}
	answer, err := v.lookUp(f.Query, f.City)
	switch known := fault.Of(err); {
	case err == nil && answer.Origin == directory.NotChecked, err != nil && known.Kind == fault.Unavailable:
		return found{Asked: true, Down: true}
	case err != nil && known.Kind == fault.Internal:
		v.s.Log.Error("the directory", "request", v.by.Request, "err", err)
		return found{Asked: true, Down: true}
	case err != nil:
		return found{Asked: true, Failure: ended(v.sentence(known))}
	}
	out := found{Asked: true, AsOf: answer.AsOf, People: answer.Practitioners, More: answer.More}
	if len(out.People) > maxFound {
		out.People, out.More = out.People[:maxFound], true
	}
	return out
}
