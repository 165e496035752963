package web

import (
	"slices"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/privacy"
	"habilis/internal/web/ui"
)

// dataExportForm says what an export holds, and asks for the password (rules.md 6).
func (v *visit) dataExportForm(d dataOf) error { return v.askDataExport(d, nil) }

func (v *visit) askDataExport(d dataOf, refusal error) error {
	return v.askOnData(d, confirmation{
		Title: v.t.T("data.order.title"), Why: v.t.T("data.why"),
		Ask: ui.ConfirmProps{
			Title: v.t.T(d.key("order"), "Name", d.called), Text: v.t.T(d.key("order_text"), "Org", v.org.Name), Action: d.base + "/export",
			Button: ui.ButtonProps{Label: v.t.T("data.order.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

// askOnData asks before an act on the data of somebody.
func (v *visit) askOnData(d dataOf, c confirmation, refusal error) error {
	c.At, c.Own, c.Back, c.Crumb = atMembers, d.own, d.base, v.t.T("mydata.title")
	if !d.own {
		c.Crumb = v.t.T("theirdata.title", "Name", d.called)
	}
	c.Ask.Keep = v.t.T("common.cancel")
	return v.confirm(c, refusal)
}

func (v *visit) orderDataExport(d dataOf) error {
	err := v.prove()
	if err == nil {
		if d.own {
			_, err = v.s.People.ExportMine(v.Context(), v.by)
		} else {
			_, err = v.s.People.ExportMember(v.Context(), v.by, v.org.ID, d.member)
		}
	}
	if err != nil {
		return v.askDataExport(d, err)
	}
	v.flash(ui.ToneOK, v.t.T("data.ordered"))
	return v.to(d.base)
}

// exportAsked finds the export that the address names, among those of this person.
func (v *visit) exportAsked(d dataOf) (privacy.DataExport, error) {
	id, err := ident.ParseDataExport(v.PathValue("export"))
	if err != nil {
		return privacy.DataExport{}, errPage
	}
	i := slices.IndexFunc(d.Exports, func(x privacy.DataExport) bool { return x.ID == id })
	if i < 0 {
		return privacy.DataExport{}, privacy.ErrNoCopy
	}
	return d.Exports[i], nil
}

func (v *visit) dataFileForm(d dataOf) error { return v.askDataFile(d, nil) }

func (v *visit) askDataFile(d dataOf, refusal error) error {
	x, err := v.exportAsked(d)
	if err != nil {
		return err
	}
	if x.State != privacy.Ready && refusal == nil {
		return v.to(d.base)
	}
	return v.askOnData(d, confirmation{
		Title: v.t.T("data.take.title"), Why: v.t.T("data.why"),
		Facts: []ui.Fact{
			{Term: v.t.T("data.take.asked"), Value: v.t.DateTime(x.AskedAt)}, {Term: v.t.T("data.take.size"), Value: v.size(x.Bytes)},
			{Term: v.t.T("data.take.until"), Value: v.t.DateTime(x.Until)},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("data.take.title"), Text: v.t.T("data.take.text"), Action: d.base + "/exports/" + x.ID.String(),
			Button: ui.ButtonProps{Label: v.t.T("data.take.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

// dataFile sends an export, once the person has proved who they are.
func (v *visit) dataFile(d dataOf) error {
	x, err := v.exportAsked(d)
	if err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return v.askDataFile(d, err)
	}
	f, err := v.s.People.Download(v.Context(), v.by, v.org.ID, x.ID)
	if err != nil {
		return v.askDataFile(d, err)
	}
	return v.sendFile(f)
}

// erasureView says what an erasure takes and what it leaves, and asks for the name and the password
// (DESIGN.md 12, level 5).
type erasureView struct {
	Own         bool
	Path, Back  string
	Crumb       string
	Refused     string // why it cannot be done; empty: it can
	Goes, Stays []ui.ItemProps
	Named       []compared
	Namesake    bool
	Forgotten   bool
	Name, Typed string
	Confirm     string
	Proof       *ui.StepUpProps

	told
}

func (v *visit) erasureForm(d dataOf) error { return v.askErasure(d, "", nil) }

func (v *visit) askErasure(d dataOf, typed string, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	var seen privacy.Preview
	if d.own {
		seen, err = v.s.People.PreviewAccount(v.Context(), v.by)
	} else {
		seen, err = v.s.People.PreviewMember(v.Context(), v.by, v.org.ID, d.member)
	}
	if err != nil {
		return err
	}
	view := erasureView{
		Own: d.own, Path: d.base + "/erasure", Back: d.base, Crumb: v.t.T("mydata.title"), Name: seen.FullName, Typed: typed, told: said,
		Namesake: seen.Namesake, Forgotten: seen.Forgotten, Confirm: v.t.T(d.key("erase_do")),
		Goes: v.erasureGoes(d, seen), Stays: v.erasureStays(d),
	}
	if !d.own {
		view.Crumb = v.t.T("theirdata.title", "Name", d.called)
	}
	if seen.Refused != "" {
		view.Refused, view.Failure = ended(v.sentence(fault.New(fault.Conflict, seen.Refused))), ""
	}
	for _, n := range seen.Named {
		view.Named = append(view.Named, compared{Name: v.t.T("data.named." + n.What), Before: n.Name, After: n.After})
	}
	view.Proof = v.proof(v.t.T("data.erase_why"), said.Errors)
	p, err := v.dataFrame(d, v.t.T(d.key("erase_title"), "Name", d.called))
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ErasurePage(p, view))
}

// erasureGoes lists what an erasure takes.
func (v *visit) erasureGoes(d dataOf, seen privacy.Preview) []ui.ItemProps {
	say := func(icon ui.IconName, key string, kv ...any) ui.ItemProps {
		return ui.ItemProps{Icon: icon, Title: v.t.T(key, kv...)}
	}
	list := []ui.ItemProps{
		say(ui.IconIdentificationCard, d.key("goes.who")),
		say(ui.IconTrash, "data.goes.rows", "Count", int(seen.Rows)),
		say(ui.IconClockCounterClockwise, "data.goes.trail", "Count", int(seen.Trail)),
	}
	if !d.own {
		list = append(list, say(ui.IconChatCircleText, "data.goes.words"))
	}
	if !seen.UndoTill.IsZero() {
		list = append(list, say(ui.IconArrowCounterClockwise, "data.goes.undo", "Day", v.t.Date(seen.UndoTill)))
	}
	return list
}

// erasureStays lists what an erasure leaves, and why.
func (v *visit) erasureStays(d dataOf) []ui.ItemProps {
	say := func(icon ui.IconName, key string) ui.ItemProps {
		return ui.ItemProps{Icon: icon, Title: v.t.T(key), Detail: v.t.T(key + "_why")}
	}
	return []ui.ItemProps{
		say(ui.IconKey, "data.stays.rights"), say(ui.IconListChecks, "data.stays.trail"), say(ui.IconBuildings, d.key("stays")),
		say(ui.IconCopy, "data.stays.copies"),
	}
}

// eraseData begins the erasure. Whoever erases their account is signed in no more.
func (v *visit) eraseData(d dataOf) error {
	typed := v.PostFormValue(fieldFullName)
	err := v.prove()
	if err == nil {
		if d.own {
			_, err = v.s.People.EraseAccount(v.Context(), v.by, typed)
		} else {
			_, err = v.s.People.EraseMember(v.Context(), v.by, v.org.ID, d.member, typed)
		}
	}
	if err != nil {
		return v.askErasure(d, typed, err)
	}
	v.flash(ui.ToneOK, v.t.T(d.key("erasing")))
	if !d.own {
		return v.to(d.base)
	}
	v.s.setCookie(v.w, cookieSession, "", -1)
	return v.to(pathLogin)
}
