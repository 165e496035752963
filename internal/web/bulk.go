package web

import (
	"net/url"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// bulkView is the review of an act on several members (DESIGN.md 12, level 3): who,
// what will change, and who is skipped and why.
type bulkView struct {
	Base    string // address of the member list
	Lines   []bulkLine
	Skipped []bulkLine
	Proof   *ui.StepUpProps

	told
}

// bulkLine is one person of the selection, in words.
type bulkLine struct {
	ID      string
	Name    string
	Detail  string // function, or why the person is skipped
	Profile ui.Profile
	Marks   string // initials
}

// bulkForm: the review is the answer to a selection; without one, there is the list.
func (v *visit) bulkForm() error { return v.to(v.at("members")) }

// The acts of the bar under the list.
const (
	actDeactivate = "deactivate"
	actRefresh    = "refresh"
	actMessage    = "message"
)

// bulk reviews the deactivation of the ticked members, then does it, all or nothing
// (rules.md 13); or refreshes their files at once (VER-2); or begins an e-mail to them (LST-3).
func (v *visit) bulk() error {
	if one := v.PostFormValue(fieldRefresh); one != "" {
		return v.refreshLine(one)
	}
	ids, err := v.selection()
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		v.flash(ui.ToneInfo, v.t.T("members.bulk_none"))
		return v.to(v.at("members"))
	}
	switch v.PostFormValue("act") {
	case actRefresh:
		return v.refresh(ids, v.listPath())
	case actMessage:
		return v.writeTo(ids)
	case actDeactivate:
		if v.PostFormValue("confirm") == "" {
			return v.reviewBulk(ids, nil)
		}
		return v.deactivateAll(ids)
	}
	return errForm
}

func (v *visit) deactivateAll(ids []ident.Member) error {
	err := v.prove()
	var done []member.Member
	if err == nil {
		done, err = v.s.Members.DeactivateAll(v.Context(), v.by, v.org.ID, ids)
	}
	if err != nil {
		return v.reviewBulk(ids, err)
	}
	v.flash(ui.ToneOK, v.t.T("members.bulk_done", "Count", len(done)))
	return v.to(v.at("members"))
}

// refreshLine refreshes the file of one line of the list (VER-2).
func (v *visit) refreshLine(line string) error {
	id, err := ident.ParseMember(line)
	if err != nil {
		return errForm
	}
	return v.refresh([]ident.Member{id}, v.listPath())
}

// selection is the ticked members, or every member of the filter when that was
// asked for.
func (v *visit) selection() ([]ident.Member, error) {
	if v.PostFormValue("everyone") != "" {
		return v.everyone()
	}
	var ids []ident.Member
	for _, s := range v.PostForm["member"] {
		id, err := ident.ParseMember(s)
		if err != nil {
			return nil, errForm
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// everyone is every member of the list that the form was sent from, up to what one
// act may touch.
func (v *visit) everyone() ([]ident.Member, error) {
	state, err := v.sentFrom()
	if err != nil {
		return nil, err
	}
	state.Page, state.Size = 1, member.MaxPageSize
	list, err := v.s.Members.List(v.Context(), v.by, v.org.ID, state.query())
	if err != nil {
		return nil, err
	}
	var ids []ident.Member
	for i := range list.Rows {
		ids = append(ids, list.Rows[i].ID)
	}
	return ids, nil
}

// sentFrom is the state of the list that a form was sent from.
func (v *visit) sentFrom() (listState, error) {
	q, err := url.ParseQuery(v.PostFormValue("list"))
	if err != nil {
		return listState{}, errForm
	}
	return readListState(q.Get), nil
}

// listPath leads back to the list, as it was.
func (v *visit) listPath() string {
	state, err := v.sentFrom()
	if err != nil {
		return v.at(atMembers)
	}
	return inState(v.at(atMembers), state.values())
}

// reviewBulk shows the selection as it stands now; after a refusal, with why.
func (v *visit) reviewBulk(ids []ident.Member, refusal error) error {
	list, err := v.s.Members.ReviewDeactivation(v.Context(), v.by, v.org.ID, ids)
	if err != nil {
		return err
	}
	view := bulkView{Base: v.at("members")}
	for i := range list {
		if line := v.bulkLine(list[i]); list[i].Refused == nil {
			view.Lines = append(view.Lines, line)
		} else {
			view.Skipped = append(view.Skipped, line)
		}
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	view.Proof = v.proof(v.t.T("member.deactivate.proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("members.bulk_title", "Count", len(view.Lines)), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, BulkPage(p, view))
}

// bulkLine words one person; whoever may not be seen has no name.
func (v *visit) bulkLine(l member.Reviewed) bulkLine {
	m := l.Member
	line := bulkLine{
		ID: m.ID.String(), Name: called(m), Profile: profile(m.ProfileType), Marks: initials(m.GivenName, m.FamilyName),
	}
	if l.Refused == nil {
		line.Detail = v.occupation(m)
		return line
	}
	if line.Name == "" {
		line.Name = v.t.T("members.skip.unknown")
	}
	key := "members.skip." + l.Refused.Code
	if !v.t.Has(key) {
		key = "members.skip.other"
	}
	line.Detail = v.t.TMap(key, l.Refused.Args)
	return line
}
