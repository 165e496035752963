package web

import (
	"strings"

	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// fieldDecision is what somebody decides.
const fieldDecision = "decision"

// approvalView is one account made by the support, with what it would give.
type approvalView struct {
	Name    string
	Back    string
	Action  string
	Chip    ui.ChipProps
	Request []ui.Fact // why, by whom, until when
	Who     []ui.Fact // of an account that waits
	Rights  []ui.Fact
	Admin   bool // administration is among them
	Outcome []ui.Fact

	Waits, MayDecide bool
	Choice           ui.GroupProps
	Reason, Version  string
	Proof            *ui.StepUpProps

	told
}

// approvalOf reads the account that the address names.
func (v *visit) approvalOf() (approval.Approval, error) {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return approval.Approval{}, errPage
	}
	return v.s.Approvals.Get(v.Context(), v.by, v.org.ID, id)
}

func (v *visit) approval() error {
	a, err := v.approvalOf()
	if err != nil {
		return err
	}
	return v.showApproval(&a, nil)
}

// showApproval shows an account to whoever decides; after a refusal, with what to do.
func (v *visit) showApproval(a *approval.Approval, refusal error) error {
	said, status, err := v.tellAt(refusal, map[string]spot{fieldReason: {fieldReason, "approval.message"}})
	if err != nil {
		return err
	}
	view := approvalView{
		Name: a.Name, Back: v.at("approvals"), Action: v.at("approvals", a.Member.String()), Chip: v.approvalChip(a.Status), told: said,
		Request: v.requestFacts(a), Waits: a.Status == approval.Waiting, MayDecide: a.MayDecide, Version: version(a.Version),
		Reason: v.PostFormValue(fieldReason),
	}
	if view.Waits {
		err = v.fillApproval(&view, a)
	} else {
		view.Outcome = v.outcomeFacts(a)
	}
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("approval.title", "Name", a.Name), atApprovals)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ApprovalPage(p, view))
}

// tellAt is tell on a page that calls some fields by their labels.
func (v *visit) tellAt(refusal error, spots map[string]spot) (told, int, error) {
	said, status, err := v.tell(refusal)
	if err == nil && len(said.Summary) > 0 {
		said.Errors, said.Summary = v.fieldErrors(refusal, spots)
	}
	return said, status, err
}

// fillApproval says who the person is and what they would have.
func (v *visit) fillApproval(view *approvalView, a *approval.Approval) error {
	s, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, a.Member)
	if err != nil {
		return err
	}
	names, err := v.siteNames()
	if err != nil {
		return err
	}
	view.Who = append([]ui.Fact{{Term: v.t.T("member.email"), Content: mailTo(s.Email)}}, v.whoFacts(s)...)
	view.Rights = append(v.rightFacts(s, v.administers(s, names)),
		ui.Fact{Term: v.t.T("member.sites", "Count", max(len(s.Sites), 1)), Value: v.t.List(siteRefs(s.Sites))},
		ui.Fact{Term: v.t.T("approval.duration"), Value: v.accessEnds(s.Member)})
	view.Admin = len(s.Administration) > 0
	view.Choice = v.decisionChoice(view.Errors[fieldDecision])
	view.Proof = v.proof(v.t.T("approval.proof"), view.Errors)
	return nil
}

// accessEnds says how long the access lasts.
func (v *visit) accessEnds(m member.Member) string {
	if m.EndsAt == nil {
		return v.t.T("approval.endless")
	}
	return v.t.T("approval.until", "Date", v.t.DateTime(*m.EndsAt))
}

// decisionChoice is «Autoriser / Refuser»: neither is chosen beforehand.
func (v *visit) decisionChoice(wrong string) ui.GroupProps {
	g := ui.GroupProps{Name: fieldDecision, Legend: v.t.T("approval.choose"), Joined: true, Error: wrong}
	for _, d := range approval.Decisions {
		code := string(d)
		g.Choices = append(g.Choices, explained(v.t, "approval.decision.", code, code == v.PostFormValue(fieldDecision)))
	}
	return g
}

func (v *visit) requestFacts(a *approval.Approval) []ui.Fact {
	facts := []ui.Fact{
		{Term: v.t.T("approval.ticket"), Value: a.Ticket},
		{
			Term: v.t.T("approval.made_by"), Value: a.CreatedBy, Content: SmallLine(v.t.DateTime(a.CreatedAt)),
			Aside: ui.Tag(ui.TagProps{Label: v.t.T("journal.support")}),
		},
	}
	if a.Status == approval.Waiting {
		facts = append(facts, ui.Fact{Term: v.t.T("approval.expires"), Value: v.t.DateTime(a.ExpiresAt)})
	}
	return facts
}

func (v *visit) outcomeFacts(a *approval.Approval) []ui.Fact {
	facts := []ui.Fact{{Term: v.t.T("approval.outcome"), Value: v.approvalChip(a.Status).Label, Content: SmallLine(v.becameOf(a))}}
	return v.addFacts(facts, [][2]string{{"approval.message", a.Reason}})
}

// decideApproval is «Confirmation»: the account is authorised, or refused (APP-1).
func (v *visit) decideApproval() error {
	a, err := v.approvalOf()
	if err != nil {
		return err
	}
	var done approval.Decided
	if err = v.prove(); err == nil {
		done, err = v.s.Approvals.Decide(v.Context(), v.by, v.org.ID, a.Member, approval.Verdict{
			Decision: approval.Decision(v.PostFormValue(fieldDecision)), Version: parseVersion(v.PostFormValue(fieldVersion)),
			Reason: strings.Join(strings.Fields(v.PostFormValue(fieldReason)), " "), // a line break in a message is a space
		})
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		if again, e := v.approvalOf(); e == nil { // what was decided meanwhile is shown as it is now
			a = again
		}
		return v.showApproval(&a, err)
	}
	if err != nil {
		return err
	}
	said := "approval.was_refused"
	switch done.Fate {
	case enrolment.Joined:
		said = "approval.was_joined"
	case enrolment.Invited:
		said = "approval.was_invited"
	case "", enrolment.AlreadyInvited, enrolment.AlreadyMember, enrolment.Throttled, enrolment.Invalid:
	}
	v.flash(ui.ToneOK, v.t.T(said, "Name", done.Name, "Email", done.Email))
	return v.to(v.at("approvals"))
}
