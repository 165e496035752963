package web

import (
	"net/http"
	"net/url"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/recordgroup"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// Fields of the pages of groups.
const (
	fieldRecord  = "record"
	fieldRecords = "records"
)

// groupRecordsView is the second page of a group: its records.
type groupRecordsView struct {
	groupView
	Lines   []groupRecordLine
	Record  string
	Paged   bool // not the first page
	Next    string
	Summary string
	Error   string
	Wrong   []ui.FieldError
}

type groupRecordLine struct{ Name, Since, Remove string }

func (v *visit) groupRecords() error {
	g, err := v.group()
	if err != nil {
		return err
	}
	view := groupRecordsView{groupView: g, Record: v.FormValue(fieldRecord), Paged: v.FormValue("cursor") != ""}
	l, refusal := v.s.Groups.Records(v.Context(), v.by, v.org.ID, g.ID, recordgroup.Query{Record: view.Record, After: v.FormValue("cursor")})
	switch {
	case fault.Is(refusal, fault.Invalid):
		var by map[string]string
		by, view.Wrong = v.fieldErrors(refusal)
		view.Error = by[fieldRecord]
	case fault.Is(refusal, fault.Malformed):
		return v.to(g.Base + "/records") // a place of another list: from the beginning
	case refusal != nil:
		return refusal
	}
	for _, r := range l.Items {
		view.Lines = append(view.Lines, groupRecordLine{
			Name: r.Name, Since: v.t.Date(r.Since), Remove: g.Base + "/records/remove?" + url.Values{fieldRecord: {r.Name}}.Encode(),
		})
	}
	if l.Next != "" {
		view.Next = g.Base + "/records?" + url.Values{"cursor": {l.Next}}.Encode()
	}
	view.Summary = v.t.T("groups.records_shown", "Count", len(view.Lines), "Total", int(l.Total))
	if view.Closed, _, err = v.unlisted(); err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("groups.records"), atGroups)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refusal != nil {
		p.Error, status = true, statusOf(fault.Of(refusal))
	}
	return v.show(status, GroupRecordsPage(p, view))
}

func (l groupRecordsView) places(t *text.Printer) ui.PlacesProps {
	p := ui.PlacesProps{
		Label: t.T("groups.places"), Summary: l.Summary, FirstLabel: t.T("groups.first"), OlderLabel: t.T("groups.next"), Older: l.Next,
	}
	if l.Paged {
		p.First = l.Base + "/records"
	}
	return p
}

// recordList is a pasted list: one record a line, without the spaces around it.
type recordList struct {
	names []string
	lines []int // where each stands
}

func readRecords(pasted string) (l recordList) {
	for i, line := range strings.Split(pasted, "\n") {
		if name := strings.TrimSpace(line); name != "" {
			l.names, l.lines = append(l.names, name), append(l.lines, i+1)
		}
	}
	return l
}

// errors says on which line each point to correct stands.
func (l recordList) errors(v *visit, err error) (string, []ui.FieldError) {
	var list []ui.FieldError
	for _, x := range fault.Of(err).Fields {
		sentence := v.say(x.Code, x.Args, nil)
		if i, ok := indexOf(x.Location); ok && i < len(l.lines) {
			sentence = v.t.T("groups.line", "Line", l.lines[i], "Text", sentence)
		}
		list = append(list, ui.FieldError{ID: fieldRecords, Text: sentence})
	}
	if len(list) == 0 {
		list = append(list, ui.FieldError{ID: fieldRecords, Text: v.sentence(fault.Of(err))})
	}
	return list[0].Text, list
}

// indexOf reads the number of a place in a list: "add[3]".
func indexOf(location string) (int, bool) {
	_, rest, ok := strings.Cut(location, "[")
	n := parseVersion(strings.TrimSuffix(rest, "]"))
	return int(n), ok && n >= 0
}

// recordsFormView is the page on which a list of records is pasted.
type recordsFormView struct {
	groupView
	Removing bool
	Pasted   string
	Error    string
	Summary  []ui.FieldError
}

func (v *visit) showRecordsForm(status int, view recordsFormView) error {
	title := "groups.add_records"
	if view.Removing {
		title = "groups.remove_records"
	}
	p, err := v.orgFrame(v.t.T(title), atGroups)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, RecordsFormPage(p, view))
}

func (v *visit) addRecordsForm() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	return v.showRecordsForm(http.StatusOK, recordsFormView{groupView: g})
}

func (v *visit) addRecords() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	list := readRecords(v.PostFormValue(fieldRecords))
	c, err := v.s.Groups.ChangeRecords(v.Context(), v.by, v.org.ID, g.ID, recordgroup.AnyVersion, recordgroup.Change{Add: list.names}, nil)
	if err != nil {
		return v.recordsRefused(recordsFormView{groupView: g}, list, err)
	}
	v.flash(ui.ToneOK, v.recordsReport(c))
	return v.to(g.Base + "/records")
}

// recordsRefused shows the pasted list again, with what must be corrected on which line.
func (v *visit) recordsRefused(view recordsFormView, list recordList, err error) error {
	f := fault.Of(err)
	if !staysOnPage(f) {
		return err
	}
	view.Pasted = v.PostFormValue(fieldRecords)
	view.Error, view.Summary = list.errors(v, err)
	return v.showRecordsForm(statusOf(f), view)
}

// recordsReport says what became of records.
func (v *visit) recordsReport(c recordgroup.Changed) string {
	ungrouped := "groups.report.open"
	if c.Closed {
		ungrouped = "groups.report.closed"
	}
	var said []string
	for _, part := range []struct {
		key string
		n   int64
	}{
		{"groups.report.added", c.Added}, {"groups.report.already", c.AlreadyIn}, {"groups.report.grouped", c.Grouped},
		{"groups.report.removed", c.Removed}, {"groups.report.not_in", c.NotIn}, {ungrouped, c.Ungrouped},
	} {
		if part.n > 0 {
			said = append(said, v.t.T(part.key, "Count", int(part.n)))
		}
	}
	return strings.Join(said, " ")
}

// removeRecordsForm asks about the record of the address, or for a list.
func (v *visit) removeRecordsForm() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	if name := v.FormValue(fieldRecord); name != "" {
		return v.askRecords(g, recordList{names: []string{name}}, nil)
	}
	return v.showRecordsForm(http.StatusOK, recordsFormView{groupView: g, Removing: true})
}

// askRecords says what taking records out widens, and asks (RGT-7).
func (v *visit) askRecords(g groupView, list recordList, refusal error) error {
	c, err := v.s.Groups.PreviewRecords(v.Context(), v.by, v.org.ID, g.ID, recordgroup.Change{Remove: list.names})
	if err != nil {
		return v.recordsRefused(recordsFormView{groupView: g, Removing: true}, list, err)
	}
	if c.Removed == 0 {
		v.flash(ui.ToneInfo, v.t.T("groups.records_none"))
		return v.to(g.Base + "/records")
	}
	question := v.t.T("groups.records_question", "Count", int(c.Removed), "Group", g.Name)
	if len(list.names) == 1 {
		question = v.t.T("groups.record_question", "Record", list.names[0], "Group", g.Name)
	}
	said := v.widens(c.Ungrouped, c.Closed)
	if c.NotIn > 0 {
		said += " " + v.t.T("groups.report.not_in", "Count", int(c.NotIn))
	}
	return v.confirm(confirmation{
		At: atGroups, Title: v.t.T("groups.remove_records"), Crumb: g.Name, Back: g.Base + "/records",
		Ask: ui.ConfirmProps{
			Title: question, Text: said, Action: g.Base + "/records/remove",
			Hidden: []ui.Hidden{{Name: fieldRecords, Value: strings.Join(list.names, "\n")}, agreed(c.Ungrouped), {Name: "exact", Value: "1"}},
			Button: ui.ButtonProps{Label: v.t.T("groups.take_out")}, Keep: v.t.T("groups.records_keep"),
		},
	}, refusal)
}

// removeRecords asks first, and takes out what was agreed to.
func (v *visit) removeRecords() error {
	g, err := v.editedGroup()
	if err != nil {
		return err
	}
	list := readRecords(v.PostFormValue(fieldRecords))
	if v.PostFormValue("exact") == "" {
		return v.askRecords(g, list, nil)
	}
	list.names = strings.Split(strings.ReplaceAll(v.PostFormValue(fieldRecords), "\r\n", "\n"), "\n") // as they were shown
	change := recordgroup.Change{Remove: list.names}
	c, err := v.s.Groups.ChangeRecords(v.Context(), v.by, v.org.ID, g.ID, recordgroup.AnyVersion, change, v.agreement())
	if err != nil {
		if !staysOnPage(fault.Of(err)) || fault.Is(err, fault.Invalid) {
			return err
		}
		return v.askRecords(g, list, err)
	}
	v.flash(ui.ToneOK, v.recordsReport(c))
	return v.to(g.Base + "/records")
}
