package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// maxDelegationFields bounds the form: one box an identity.
const maxDelegationFields = grant.MaxDelegated + MaxFormFields

// The names of the fields of the form, and of what its buttons ask for.
const (
	fieldMember     = "member"
	fieldIdentities = "identities"
	fieldActs       = "acts"
	fieldDo         = "do"

	doCheck = "check"
	doGive  = "give"
	doFind  = "find"
)

// delegationForm is what is typed of new delegations.
type delegationForm struct {
	Own                         bool // in one's own name
	Member                      string
	Identities, Acts            []string
	From, Until                 string
	FindMember, FindIdentity    string
	Errors                      map[string]string
	Summary                     []ui.FieldError
	Failure                     string
	Base, Back, Crumb           string
	People                      []ui.Option
	Boxes                       ui.GroupProps   // of the identities, all together
	Groups                      []ui.GroupProps // the same, by site
	MoreMembers, MoreIdentities bool
	NoIdentity, Nobody          bool
}

func (v *visit) newDelegation() error {
	if !v.held.HasAnywhere(access.DelegationsEdit) {
		return v.lacks(access.DelegationsEdit)
	}
	f := v.delegationForm(false)
	f.Member = v.FormValue(fieldMember)
	if i := v.FormValue("identity"); i != "" {
		f.Identities = []string{i}
	}
	return v.showDelegationForm(f, nil)
}

func (v *visit) newOwnDelegation() error { return v.showDelegationForm(v.delegationForm(true), nil) }

func (v *visit) giveDelegation() error    { return v.giveWhat(false) }
func (v *visit) giveOwnDelegation() error { return v.giveWhat(true) }

// delegationForm is the form as it was sent, if it was.
func (v *visit) delegationForm(own bool) delegationForm {
	f := delegationForm{
		Own: own, Member: v.PostFormValue(fieldMember), Identities: v.PostForm[fieldIdentities], Acts: v.PostForm[fieldActs],
		From: v.PostFormValue(fieldFrom), Until: v.PostFormValue(fieldUntil),
		FindMember: v.PostFormValue("find_member"), FindIdentity: v.PostFormValue("find_identity"),
		Base: v.at(atDelegations), Crumb: v.t.T("delegations.title"),
	}
	if own {
		f.Base, f.Crumb, f.Acts = v.at(atOwnNames), v.t.T("own_delegations.title"), []string{string(grant.Draft)}
	}
	f.Back = f.Base
	return f
}

// wanted is what the form asks for; what is no day is refused at its field.
func (f delegationForm) wanted() (grant.NewDelegations, error) {
	n := grant.NewDelegations{Member: ident.Member(f.Member), InMyName: f.Own}
	for _, i := range f.Identities {
		n.Identities = append(n.Identities, resource.ID(i))
	}
	for _, a := range f.Acts {
		n.Acts = append(n.Acts, grant.Act(a))
	}
	var wrong fault.Fields
	n.From, n.Until = grant.Days(&wrong, f.From, f.Until)
	return n, wrong.Err()
}

// giveWhat reviews what the form asks for, or gives it once it was reviewed.
func (v *visit) giveWhat(own bool) error {
	f := v.delegationForm(own)
	do := v.PostFormValue(fieldDo)
	if do == doFind || (do != doCheck && do != doGive) {
		return v.showDelegationForm(f, nil)
	}
	n, err := f.wanted()
	if err != nil {
		return v.showDelegationForm(f, err)
	}
	list, err := v.s.Delegations.Review(v.Context(), v.by, v.org.ID, n)
	if f.corrects(err) {
		return v.showDelegationForm(f, err)
	}
	if err != nil {
		return err
	}
	if do != doGive {
		return v.reviewDelegations(f, list, nil)
	}
	if err := v.prove(); err != nil {
		return v.reviewDelegations(f, list, err)
	}
	list, err = v.s.Delegations.Give(v.Context(), v.by, v.org.ID, n)
	if f.corrects(err) {
		return v.showDelegationForm(f, err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.wasGiven(list))
	return v.to(f.Base)
}

// corrects: what can be mended in the form.
func (f delegationForm) corrects(err error) bool {
	return err != nil && (fault.Is(err, fault.Invalid) || fault.Of(err).Code == grant.ErrNotDelegable.Code)
}

func (v *visit) wasGiven(list []grant.Delegation) string {
	proposed := 0
	for _, d := range list {
		if d.State == grant.Proposed {
			proposed++
		}
	}
	said := ""
	if given := len(list) - proposed; given > 0 {
		said = v.t.T("delegations.was_given", "Count", given, "Member", list[0].Name)
	}
	if proposed > 0 {
		if said != "" {
			said += " "
		}
		said += v.t.T("delegations.was_proposed", "Count", proposed)
	}
	return said
}

// showDelegationForm shows the form; after a refusal, with each line to correct.
func (v *visit) showDelegationForm(f delegationForm, refusal error) error {
	c, err := v.s.Delegations.Choices(v.Context(), v.by, v.org.ID, f.choose())
	if fault.Is(err, fault.Invalid) { // a search too long
		refusal, f.FindMember, f.FindIdentity = err, "", ""
		c, err = v.s.Delegations.Choices(v.Context(), v.by, v.org.ID, f.choose())
	}
	if err != nil {
		return err
	}
	v.offerChoices(&f, c)
	title, at := v.t.T("delegations.new"), atDelegations
	if f.Own {
		title, at = v.t.T("own_delegations.new"), atOwnNames
	}
	p, err := v.orgFrame(title, at)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refusal != nil {
		v.blame(&f, refusal)
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, DelegationNewPage(p, f))
}

func (f delegationForm) choose() grant.Choose {
	w := grant.Choose{Own: f.Own, Members: f.FindMember, Identities: f.FindIdentity}
	if id, err := ident.ParseMember(f.Member); err == nil {
		w.Member = id
	}
	for _, i := range f.Identities {
		w.Chosen = append(w.Chosen, resource.ID(i))
	}
	return w
}

// offerChoices fills the lists of the form.
func (v *visit) offerChoices(f *delegationForm, c grant.DelegationChoices) {
	f.MoreMembers, f.MoreIdentities = c.MoreMembers || f.FindMember != "", c.MoreIdentities || f.FindIdentity != ""
	f.NoIdentity = len(c.Identities) == 0 && f.FindIdentity == ""
	f.Nobody = len(c.Members) == 0 && f.FindMember == ""
	f.People = []ui.Option{{Label: v.t.T("delegations.pick")}}
	for _, m := range c.Members {
		label := m.Name
		if m.Function != "" {
			label += " · " + named(v.t, "function.", m.Function)
		}
		f.People = append(f.People, ui.Option{Value: m.ID.String(), Label: label})
	}
	f.Boxes = ui.GroupProps{Name: fieldIdentities, Legend: v.t.T("delegations.identities"), Hint: v.t.T("delegations.identities_hint")}
	key := func(i grant.Identity) string { return i.Site.String() }
	if len(c.Identities) > 0 && !slices.ContainsFunc(c.Identities, func(i grant.Identity) bool { return i.Site != c.Identities[0].Site }) {
		key = func(i grant.Identity) string { return string(i.Kind) } // of one site: practitioners apart from services
	}
	at := map[string]int{}
	for _, i := range c.Identities {
		n, ok := at[key(i)]
		if !ok {
			n = len(f.Groups)
			at[key(i)] = n
			f.Groups = append(f.Groups, ui.GroupProps{
				Name: fieldIdentities, ID: fieldIdentities + "-" + strconv.Itoa(n+1), Legend: v.groupName(i, key(i)),
			})
		}
		box := ui.Choice{Value: i.ID.String(), Label: i.Name, Hint: v.identityKind(i), Chosen: f.chose(i) || (f.Own && len(c.Identities) == 1)}
		f.Groups[n].Choices = append(f.Groups[n].Choices, box)
		f.Boxes.Choices = append(f.Boxes.Choices, box)
	}
}

func (f delegationForm) chose(i grant.Identity) bool {
	return slices.Contains(f.Identities, i.ID.String())
}

// groupName is the title of the boxes that have a site, or a kind, in common.
func (v *visit) groupName(i grant.Identity, key string) string {
	switch {
	case key == string(i.Kind):
		return v.t.T("delegations.kind." + key)
	case i.SiteName == "":
		return v.t.T("delegations.whole")
	}
	return i.SiteName
}

// blame puts each point to correct at its field: of identities, each by its name, at the
// one list of boxes.
func (v *visit) blame(f *delegationForm, refusal error) {
	spots := map[string]spot{
		fieldFrom: {fieldFrom, "delegations.from"}, fieldUntil: {fieldUntil, "delegations.until"},
	}
	for n := range fault.Of(refusal).Fields {
		at := fault.Of(refusal).Fields[n].Location
		for _, list := range []string{fieldIdentities, fieldActs} {
			if len(at) > len(list) && at[:len(list)] == list {
				spots[at] = spot{Name: list}
			}
		}
	}
	f.Errors, f.Summary = v.fieldErrors(refusal, spots)
	var wrong []string // of the boxes, which have one place for what is wrong with them
	for _, e := range f.Summary {
		if e.ID == fieldIdentities {
			wrong = append(wrong, e.Text)
		}
	}
	f.Boxes.Error = strings.Join(wrong, ". ")
	if len(f.Summary) == 0 {
		f.Failure = v.sentence(fault.Of(refusal))
	}
}

// actBoxes are the acts to tick.
func (f delegationForm) actBoxes(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: fieldActs, Legend: t.T("delegations.acts"), Error: f.Errors[fieldActs]}
	for _, a := range grant.Acts {
		g.Choices = append(g.Choices, ui.Choice{
			Value: string(a), Label: t.T("delegation.act." + string(a)), Hint: t.T("delegation.act_hint." + string(a)),
			Chosen: slices.Contains(f.Acts, string(a)),
		})
	}
	return g
}

// delegationReview is what would be given, before it is.
type delegationReview struct {
	Form     delegationForm
	Member   string
	Lines    []delegationLine
	Told     string // who gets an e-mail; empty: nobody
	Proposes bool
	All      bool // all of it is but proposed
	Proof    *ui.StepUpProps

	told
}

// reviewDelegations shows it, line by line (DESIGN.md 12, levels 3 and 4).
func (v *visit) reviewDelegations(f delegationForm, list []grant.Delegation, refusal error) error {
	view := delegationReview{Form: f, Member: list[0].Name, All: true}
	var told []string
	for _, d := range list {
		l := v.delegationLine(d, f.Base)
		l.Period = v.effect(d)
		view.Lines = append(view.Lines, l)
		proposed := d.State == grant.Proposed
		view.Proposes, view.All = view.Proposes || proposed, view.All && proposed
		if h := d.Identity.HolderName; h != "" && d.Identity.Holder != v.held.Member && !slices.Contains(told, h) {
			told = append(told, h)
		}
	}
	if !view.All {
		told = append(told, view.Member)
	}
	view.Told = v.t.T("delegations.told", "Count", len(told), "Names", v.t.List(told))
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	view.Proof = v.proof(v.t.T("delegations.proof"), view.Errors)
	at := atDelegations
	if f.Own {
		at = atOwnNames
	}
	p, err := v.orgFrame(v.t.T("delegations.review"), at)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DelegationReviewPage(p, view))
}

// effect says from when and until when what is not given yet would hold.
func (v *visit) effect(d grant.Delegation) string {
	switch {
	case d.State == grant.Proposed || d.State == grant.Upcoming:
		return v.period(d)
	case d.Until != nil:
		return v.t.T("delegation.now_until", "Until", v.lastDay(d))
	}
	return v.t.T("delegation.now")
}

// give is what the button that gives says.
func (r delegationReview) give(t *text.Printer) string {
	if r.All {
		return t.T("delegations.propose", "Count", len(r.Lines))
	}
	return t.T("delegations.give", "Count", len(r.Lines))
}
