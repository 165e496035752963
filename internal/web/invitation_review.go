package web

import (
	"net/http"
	"slices"

	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// reportView is the review before sending, or the report afterwards.
type reportView struct {
	Draft  string
	Lines  []fateLine
	Counts string    // «3 à inviter, 1 déjà membre»
	ToSend int       // addresses that would be sent a letter
	Sent   int       // those that were
	Facts  []ui.Fact // what each person gets
	Admin  bool      // a role gives administration: say so, and ask for the password
	Proof  *ui.StepUpProps
	Change string // address of the form
	Base   string // address of the invitations

	told
}

// fateLine is one address and what becomes of it.
type fateLine struct {
	Email  string
	Status ui.StatusProps
	Href   string // the invitation to send again, or the member's sheet
	Label  string
	Rest   string // words that finish the label for screen readers
}

func (v *visit) reviewInvite() error {
	id, f, err := v.unsent()
	if err != nil || id == "" {
		return err
	}
	return v.showReview(id, f, nil)
}

// unsent loads the form of a review. One that was sent already leads to its report:
// the draft is then empty.
func (v *visit) unsent() (ident.Draft, invite, error) {
	if err := v.mayInvite(); err != nil {
		return "", invite{}, err
	}
	id, f, err := v.inviteDraft()
	if err == nil && f.Report != nil {
		return "", f, v.to(v.sentPath(id))
	}
	return id, f, err
}

// showReview says of each address what would become of it (DESIGN.md 12, level 3).
// What can no longer be asked for leads back to the form.
func (v *visit) showReview(id ident.Draft, f invite, refusal error) error {
	in := v.command(f)
	report, err := v.s.Enrolments.Preview(v.Context(), v.by, in)
	if err != nil {
		return v.inviteAgain(inviteView{Draft: id.String(), Form: f}, err)
	}
	view := reportView{Draft: id.String(), Base: v.at("invitations"), Change: v.at("invitations", "new") + "?draft=" + id.String()}
	if view.Facts, err = v.inviteFacts(in); err != nil {
		return err
	}
	view.Facts = append(view.Facts, v.alikeFacts(report.Levels)...)
	if view.Admin, err = v.administersAny(in.Roles); err != nil {
		return err
	}
	view.Lines, view.Counts = v.fates(sentLines(report), "preview")
	view.ToSend = count(sentLines(report), enrolment.Invited)
	return v.showReport(view, refusal)
}

func (v *visit) showReport(view reportView, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	if view.Admin {
		view.Proof = v.proof(v.t.T("invitation.proof"), view.Errors)
	}
	p, err := v.orgFrame(v.t.T("invitation.review"), atInvitations)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, InviteReviewPage(p, view))
}

// sendInvite sends what was reviewed, once however often the form arrives, and
// keeps the report with the draft.
func (v *visit) sendInvite() error {
	id, f, err := v.unsent()
	if err != nil || id == "" {
		return err
	}
	in := v.command(f)
	administers, err := v.administersAny(in.Roles)
	if err != nil {
		return err
	}
	if administers {
		if err := v.prove(); err != nil {
			return v.showReview(id, f, err)
		}
	}
	by, err := v.once(id, f)
	if err != nil {
		return err
	}
	report, err := v.s.Enrolments.Invite(v.Context(), by, in)
	if err != nil {
		return v.notSent(id, f, err)
	}
	f.Report = sentLines(report)
	if _, err := v.saveInvite(id, f); err != nil {
		return err
	}
	return v.to(v.sentPath(id))
}

// notSent goes back to the review, or to the form for what must be changed there.
func (v *visit) notSent(id ident.Draft, f invite, refusal error) error {
	if len(fault.Of(refusal).Fields) > 0 {
		return v.inviteAgain(inviteView{Draft: id.String(), Form: f}, refusal)
	}
	return v.showReview(id, f, refusal)
}

// sentInvite shows what became of each address; a reload shows it again.
func (v *visit) sentInvite() error {
	id, f, err := v.inviteDraft()
	if err != nil {
		return err
	}
	if f.Report == nil {
		return v.to(v.reviewPath(id))
	}
	view := reportView{Base: v.at("invitations"), Sent: count(f.Report, enrolment.Invited) + count(f.Report, enrolment.Joined)}
	view.Lines, view.Counts = v.fates(f.Report, "sent")
	p, err := v.orgFrame(v.t.T("invitation.sent"), atInvitations)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, InviteSentPage(p, view))
}

func count(lines []sentLine, fate enrolment.Fate) int {
	n := 0
	for _, l := range lines {
		if l.Fate == fate {
			n++
		}
	}
	return n
}

// fateTones are the colours of the fates, before and after sending: orange where
// somebody must do something.
var fateTones = map[string]map[enrolment.Fate]ui.Tone{
	"preview": {
		enrolment.Invited: ui.ToneInfo, enrolment.Joined: ui.ToneInfo, enrolment.AlreadyInvited: ui.ToneOff,
		enrolment.AlreadyMember: ui.ToneOff, enrolment.Throttled: ui.ToneWait, enrolment.Invalid: ui.ToneWait,
	},
	"sent": {
		enrolment.Invited: ui.ToneOK, enrolment.Joined: ui.ToneOK, enrolment.AlreadyInvited: ui.ToneOff,
		enrolment.AlreadyMember: ui.ToneOff, enrolment.Throttled: ui.ToneWait, enrolment.Invalid: ui.ToneWait,
	},
}

// fateOrder is the order in which a summary counts.
var fateOrder = []enrolment.Fate{
	enrolment.Invited, enrolment.Joined, enrolment.AlreadyInvited, enrolment.AlreadyMember, enrolment.Throttled, enrolment.Invalid,
}

// fates words the lines of a report: its texts are those of "fate.<moment>".
func (v *visit) fates(report []sentLine, moment string) ([]fateLine, string) {
	lines := make([]fateLine, 0, len(report))
	for _, r := range report {
		key := "fate." + moment + "." + string(r.Fate)
		l := fateLine{Email: r.Email, Status: ui.StatusProps{
			Chip: ui.ChipProps{Tone: fateTones[moment][r.Fate], Label: v.t.T(key)}, Detail: v.t.T(key + ".text"),
		}}
		switch {
		case r.Fate == enrolment.Invalid:
			l.Status.Detail = v.say(r.Code, nil, nil)
		case r.Fate == enrolment.AlreadyInvited && !r.Invitation.IsZero():
			l.Label, l.Rest = v.t.T("invitation.resend_short"), v.t.T("invitation.to", "Name", r.Email)
			l.Href = v.at("invitations", r.Invitation.String(), "resend")
		case !r.Member.IsZero():
			l.Label, l.Rest, l.Href = v.t.T("invitation.see_sheet"), r.Email, v.sheetPath(r.Member)
		}
		lines = append(lines, l)
	}
	var counts []string
	for _, fate := range fateOrder {
		if n := count(report, fate); n > 0 {
			counts = append(counts, v.t.T("fate."+moment+"."+string(fate)+".count", "Count", n))
		}
	}
	return lines, v.t.List(counts)
}

// alikeFacts say which levels each invited person gets.
func (v *visit) alikeFacts(set grant.ChangeSet) []ui.Fact {
	var facts []ui.Fact
	for _, d := range []domain{agendas, mailboxes} {
		for _, f := range v.levelFacts(d.Type, set) {
			f.Term = v.t.T("web.at_field", "Field", v.t.T(d.key("many")), "Text", f.Term)
			facts = append(facts, f)
		}
	}
	return facts
}

// inviteFacts says in words what each invited person gets.
func (v *visit) inviteFacts(in enrolment.Invite) ([]ui.Fact, error) {
	sites, err := v.siteNames()
	if err != nil {
		return nil, err
	}
	roles, err := v.s.Roles.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return nil, err
	}
	var places, given []string
	for _, s := range in.Sites {
		places = append(places, sites[s])
	}
	for _, g := range in.Roles {
		if i := slices.IndexFunc(roles, func(r role.Role) bool { return r.ID == g.Role }); i >= 0 {
			given = append(given, v.t.T("web.role_at", "Role", roleName(v.t, roles[i]), "Site", v.scopeName(g.Scope, sites)))
		}
	}
	function := v.t.T("invitation.function_later")
	if in.Function != "" {
		function = named(v.t, "function.", in.Function)
	}
	welcome := in.Welcome
	if welcome == "" {
		welcome = invitation.ByLink
	}
	return []ui.Fact{
		{Term: v.t.T("member.sites", "Count", max(len(places), 1)), Value: v.t.List(places)},
		{Term: v.t.T("member.roles", "Count", max(len(given), 1)), Value: v.t.List(given)},
		{Term: v.t.T("member.function"), Value: function},
		{Term: v.t.T("invitation.welcome"), Value: named(v.t, "welcome.", string(welcome))},
		{Term: v.t.T("invitation.language"), Value: named(v.t, "language.", string(in.Language))},
	}, nil
}
