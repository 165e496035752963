package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
	"habilis/internal/workitem"
)

// reassignView is the choice of who takes over.
type reassignView struct {
	Name    string
	Back    string // the list
	Action  string
	State   url.Values // what is to be reassigned
	Facts   []ui.Fact
	Search  string
	Choices []ui.Choice
	More    bool

	told
}

// handover reads what the address, or the form, says is to be reassigned.
func (v *visit) handover(from ident.Member) (workitem.Handover, url.Values, error) {
	h := workitem.Handover{From: from, Kind: workitem.Kind(v.FormValue(fieldKind))}
	state := url.Values{}
	if h.Kind != "" {
		state.Set(fieldKind, string(h.Kind))
	}
	for _, s := range v.Form[fieldItem] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return h, state, errForm
		}
		h.Numbers = append(h.Numbers, n)
		state.Add(fieldItem, s)
	}
	return h, state, nil
}

func (v *visit) reassignForm() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	return v.askReceiver(s, "", nil)
}

// askReceiver shows who may take over; after a refusal, with what to do about it.
func (v *visit) askReceiver(s member.Sheet, chosen string, refusal error) error {
	h, state, err := v.handover(s.ID)
	if err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	base := v.sheetPath(s.ID) + atWorkItems
	view := reassignView{
		Name: called(s.Member), Back: base, Action: base + "/reassign", State: state, Search: strings.TrimSpace(v.FormValue("q")), told: said,
	}
	p, err := v.s.WorkItems.Propose(v.Context(), v.by, v.org.ID, h, view.Search)
	switch {
	case fault.Is(err, fault.Conflict): // nothing is left, or another has it: the list tells
		v.flash(ui.ToneInfo, ended(v.sentence(fault.Of(err))))
		return v.to(base)
	case fault.Is(err, fault.Invalid):
		if view.told, status, err = v.tell(err); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	view.Facts, view.More = v.handoverFacts(h, p), p.More
	for i, r := range p.Receivers {
		c := v.receiverChoice(r)
		c.Chosen = c.Value == chosen || (chosen == "" && i == 0 && view.Search == "" && r.SameFunction && r.SameSite)
		view.Choices = append(view.Choices, c)
	}
	page, err := v.orgFrame(v.t.T("workitems.reassign_of", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	page.Error = status != http.StatusOK
	return v.show(status, ReassignPage(page, view))
}

func (v *visit) receiverChoice(r workitem.Receiver) ui.Choice {
	function := named(v.t, "function.", r.Function)
	hint := function
	switch {
	case r.SameFunction && r.SameSite:
		hint = v.t.T("workitems.same_both", "Function", function)
	case r.SameFunction:
		hint = v.t.T("workitems.same_function", "Function", function)
	case r.SameSite:
		hint = v.t.T("workitems.same_site", "Function", function)
	}
	return ui.Choice{Value: r.ID.String(), Label: called(r.Member), Hint: hint}
}

// handoverFacts says what is to be reassigned.
func (v *visit) handoverFacts(h workitem.Handover, p workitem.Proposal) []ui.Fact {
	what := v.t.T("workitems.what_items", "Count", int(p.Items))
	if h.Kind != "" {
		what = v.t.T("workitems.what_kind", "Kind", v.t.T("workitem.kind."+string(h.Kind)), "Items", what)
	}
	f := ui.Fact{Term: v.t.T("workitems.what"), Value: what}
	if p.Items > workitem.MaxMoved {
		f.Content = SmallLine(v.t.T("workitems.most", "Max", workitem.MaxMoved))
	}
	return []ui.Fact{f}
}

func (v *visit) reassign() error {
	s, err := v.sheet()
	if err != nil {
		return err
	}
	h, _, err := v.handover(s.ID)
	if err != nil {
		return err
	}
	chosen := v.PostFormValue(fieldMember)
	if chosen == "" {
		return v.askReceiver(s, "", fault.OnField(fieldMember, "workitem.receiver_missing"))
	}
	if h.To, err = ident.ParseMember(chosen); err != nil {
		return errForm
	}
	moved, err := v.s.WorkItems.Reassign(v.Context(), v.by, v.org.ID, h)
	if err != nil {
		return v.askReceiver(s, chosen, err)
	}
	said := v.t.T("workitems.done", "Count", moved.Items, "Name", moved.To)
	if moved.Left > 0 {
		said += " " + v.t.T("workitems.left", "Count", int(moved.Left))
	}
	v.flash(ui.ToneOK, said)
	return v.to(v.sheetPath(s.ID) + atWorkItems)
}
