package web

import (
	"net/http"
	"strings"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var approvalRoutes = []route{
	{"GET /o/{org}/approvals", within, (*visit).approvals},
	{"GET /o/{org}/approvals/{member}", within, (*visit).approval},
	{"POST /o/{org}/approvals/{member}", within, (*visit).decideApproval},
}

// approvalsView is what waits for a decision of the organisation, and what was decided.
type approvalsView struct {
	Groups  []approvalGroup
	Decided []approvalLine
}

// approvalGroup is what waits for one reason; one without lines is not shown.
type approvalGroup struct {
	ID, Title string
	Lines     []approvalLine
}

// approvalLine is one account, in words.
type approvalLine struct {
	Name, Href, Initials, Detail string
	Chip                         ui.ChipProps
	Act                          string // what is done next of who waits; empty: nothing
}

// approvals is «À valider»: what waits first, then what became of the rest (APP-1).
func (v *visit) approvals() error {
	waiting, err := v.s.Approvals.List(v.Context(), v.by, v.org.ID, approval.Waiting)
	if err != nil {
		return err
	}
	made := approvalGroup{ID: "support", Title: v.t.T("approvals.support")}
	for i := range waiting {
		made.Lines = append(made.Lines, v.approvalLine(&waiting[i]))
	}
	registered, err := v.waitingRegistrations()
	if err != nil {
		return err
	}
	view := approvalsView{Groups: []approvalGroup{registered, made}}
	for _, s := range []approval.Status{approval.Authorized, approval.Refused, approval.Expired} {
		settled, err := v.s.Approvals.List(v.Context(), v.by, v.org.ID, s)
		if err != nil {
			return err
		}
		for i := range settled {
			view.Decided = append(view.Decided, v.approvalLine(&settled[i]))
		}
	}
	p, err := v.orgFrame(v.t.T("approvals.title"), atApprovals)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ApprovalsPage(p, view))
}

// waits reports whether the view shows something to decide of.
func (w approvalsView) waits() bool {
	for _, g := range w.Groups {
		if len(g.Lines) > 0 {
			return true
		}
	}
	return false
}

func (v *visit) approvalLine(a *approval.Approval) approvalLine {
	given, family, _ := strings.Cut(a.Name, " ")
	l := approvalLine{
		Name: v.somebody(a.Name), Initials: initials(given, family), Href: v.at("approvals", a.Member.String()), Chip: v.approvalChip(a.Status),
		Detail: v.becameOf(a),
	}
	if a.Status == approval.Waiting {
		l.Detail, l.Act = v.madeBy(a), v.t.T("approval.examine")
	}
	return l
}

// waitingRegistrations are the files that were sent to the organisation and are not green
// yet, for whoever looks after files (VER-3).
func (v *visit) waitingRegistrations() (approvalGroup, error) {
	g := approvalGroup{ID: "registrations", Title: v.t.T("approvals.registrations")}
	if !v.mayVerify() {
		return g, nil
	}
	for _, state := range []member.Verification{member.Unchecked, member.Incomplete} {
		files, err := v.s.Dossiers.List(v.Context(), v.by, v.org.ID, state)
		if err != nil {
			return g, err
		}
		for i := range files {
			f := &files[i]
			if f.CompletedAt == nil { // the person has not sent it
				continue
			}
			given, family, _ := strings.Cut(f.Name, " ")
			g.Lines = append(g.Lines, approvalLine{
				Name: f.Name, Initials: initials(given, family), Href: v.dossierPath(f.ID), Chip: v.verificationChip(state),
				Detail: f.Profession + " · " + v.t.Ago(*f.CompletedAt, v.s.now()), Act: v.t.T("approvals.see"),
			})
		}
	}
	return g, nil
}

// approvalChip is where a proposed account stands.
func (v *visit) approvalChip(s approval.Status) ui.ChipProps {
	switch s {
	case approval.Waiting:
		return ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("status.pending_approval")}
	case approval.Authorized:
		return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("approval.status.authorized")}
	case approval.Refused, approval.Expired:
	}
	return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("approval.status." + string(s))}
}

// madeBy says who of the support made an account, and when.
func (v *visit) madeBy(a *approval.Approval) string {
	return v.t.T("approvals.made_by", "Name", v.somebody(a.CreatedBy), "Ago", v.t.Ago(a.CreatedAt, v.s.now()))
}

// becameOf says who decided, and when.
func (v *visit) becameOf(a *approval.Approval) string {
	date := v.t.Date(a.DecidedAt)
	if a.Status == approval.Expired {
		return v.t.T("approvals.expired_on", "Date", date)
	}
	return v.t.T("approvals.decided_by", "Name", v.somebody(a.DecidedBy), "Date", date)
}

// countApprovals is how much waits for this person, in the navigation and above the list of
// members.
func (v *visit) countApprovals() (int, error) {
	if !v.held.HasAnywhere(access.ApprovalsDecide) {
		return 0, nil
	}
	return v.s.Approvals.Count(v.Context(), v.by, v.org.ID)
}

// mayExamine reports whether this person decides of those who belong to these sites.
func (v *visit) mayExamine(sites []member.SiteRef) bool {
	if v.held.Has(access.ApprovalsDecide, access.OrgScope(v.org.ID)) {
		return true
	}
	for _, s := range sites {
		if !v.held.Has(access.ApprovalsDecide, access.SiteScope(v.org.ID, s.ID)) {
			return false
		}
	}
	return len(sites) > 0
}
