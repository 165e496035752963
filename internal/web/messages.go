package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"habilis/internal/access"
	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/message"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// «Écrire un e-mail» from the member list (LST-3): the selection is kept as a draft, the text
// is typed, reviewed with those who get it and those who do not, and sent.
var messageRoutes = []route{
	{"GET /o/{org}/messages", within, (*visit).messages},
	{"GET /o/{org}/messages/new", within, (*visit).messageForm},
	{"POST /o/{org}/messages/new", within, (*visit).keepMessage},
	{"GET /o/{org}/messages/new/review", within, (*visit).reviewMessage},
	{"POST /o/{org}/messages/new/review", within, (*visit).sendMessage},
	{"GET /o/{org}/messages/{message}", within, (*visit).message},
}

const draftMessage = "message"

// messageDraft is a message as it is kept until it is sent; then with its ID.
type messageDraft struct {
	Members []ident.Member `json:"members"`
	Subject string         `json:"subject,omitempty"`
	Text    string         `json:"text,omitempty"`
	Sent    ident.Message  `json:"sent,omitempty"`
}

func (d messageDraft) command() message.Draft {
	return message.Draft{Members: d.Members, Subject: d.Subject, Text: d.Text}
}

// writeTo begins a message to the selection of the list.
func (v *visit) writeTo(ids []ident.Member) error {
	if _, err := v.s.Messages.Review(v.Context(), v.by, v.org.ID, message.Draft{Members: ids}); err != nil {
		return err
	}
	id, err := v.saveDraft(draftMessage, "", messageDraft{Members: ids})
	if err != nil {
		return err
	}
	return v.to(v.messagePath(id, ""))
}

// messagePath is a page of a message that is being written.
func (v *visit) messagePath(id ident.Draft, page string) string {
	return v.at("messages", "new") + page + "?draft=" + id.String()
}

// messageView is the form, and the review before sending.
type messageView struct {
	Draft   string
	Form    messageDraft
	Names   string // of those who get it, as far as a line goes
	To      []bulkLine
	Without []bulkLine
	Replies string // the address where answers go
	Lines   []string
	Base    string // the member list
	Change  string // the form, of the review

	told
}

// unsentMessage loads the message that the address names; one that was sent already leads to
// what became of it: the ID is then empty.
func (v *visit) unsentMessage() (ident.Draft, messageDraft, error) {
	var d messageDraft
	id, err := v.loadDraft(draftMessage, &d)
	if err == nil && !d.Sent.IsZero() {
		return "", d, v.to(v.at("messages", d.Sent.String()))
	}
	return id, d, err
}

func (v *visit) messageForm() error {
	id, d, err := v.unsentMessage()
	if err != nil || id == "" {
		return err
	}
	return v.showMessage(id, d, nil)
}

// messageView is what both pages show of a message.
func (v *visit) messageView(id ident.Draft, d messageDraft) (messageView, error) {
	r, err := v.s.Messages.Review(v.Context(), v.by, v.org.ID, d.command())
	view := messageView{
		Draft: id.String(), Form: d, Replies: v.me.Email.Address, Lines: strings.Split(r.Text, "\n"),
		Base: v.at("members"), Change: v.messagePath(id, ""),
	}
	var names []string
	for _, x := range r.To {
		view.To = append(view.To, v.bulkLine(x))
		names = append(names, called(x.Member))
	}
	for _, x := range r.Without {
		view.Without = append(view.Without, v.bulkLine(x))
	}
	view.Names = someNames(v.t, names)
	return view, err
}

// namesShown is how many names a line takes.
const namesShown = 5

// someNames lists names, and says how many others there are.
func someNames(t *text.Printer, names []string) string {
	if len(names) <= namesShown {
		return t.List(names)
	}
	return t.List(append(slices.Clone(names[:namesShown-1]), t.T("messages.others", "Count", len(names)-namesShown+1)))
}

func (v *visit) showMessage(id ident.Draft, d messageDraft, refusal error) error {
	return v.showWriting(id, d, refusal, "messages.new", MessageFormPage)
}

func (v *visit) showMessageReview(id ident.Draft, d messageDraft, refusal error) error {
	return v.showWriting(id, d, refusal, "messages.review", MessageReviewPage)
}

// messagePage is a page of a message that is being written.
type messagePage func(ui.Page, messageView) templ.Component

// showWriting shows a page of a message that is being written; after a refusal, with what to do.
func (v *visit) showWriting(id ident.Draft, d messageDraft, refusal error, title string, page messagePage) error {
	view, err := v.messageView(id, d)
	if err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	p, err := v.orgFrame(v.t.T(title), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, page(p, view))
}

// keepMessage keeps what was typed and leads to its review.
func (v *visit) keepMessage() error {
	id, d, err := v.unsentMessage()
	if err != nil || id == "" {
		return err
	}
	d.Subject, d.Text = v.PostFormValue(message.FieldSubject), v.PostFormValue(message.FieldText)
	if refusal := d.command().Check(); refusal != nil {
		return v.showMessage(id, d, refusal)
	}
	if id, err = v.saveDraft(draftMessage, id, d); err != nil {
		if fault.Of(err).Code == draft.ErrTooLarge.Code {
			return v.showMessage(id, d, err)
		}
		return err
	}
	return v.to(v.messagePath(id, "/review"))
}

func (v *visit) reviewMessage() error {
	id, d, err := v.unsentMessage()
	if err != nil || id == "" {
		return err
	}
	if d.command().Check() != nil {
		return v.to(v.messagePath(id, ""))
	}
	return v.showMessageReview(id, d, nil)
}

// sendMessage sends what was reviewed, once however often the form arrives.
func (v *visit) sendMessage() error {
	id, d, err := v.unsentMessage()
	if err != nil || id == "" {
		return err
	}
	by, err := v.once(id, d)
	if err != nil {
		return err
	}
	sent, err := v.s.Messages.Send(v.Context(), by, v.org.ID, d.command())
	if err != nil {
		return v.showMessageReview(id, d, err)
	}
	d.Sent = sent.ID
	if _, err := v.saveDraft(draftMessage, id, d); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("messages.leaving", "Count", int(sent.All())))
	return v.to(v.at("messages", sent.ID.String()))
}

// mayWrite reports whether the person may write to some member.
func (v *visit) mayWrite() bool { return v.held.HasAnywhere(access.MembersMessage) }

// messagesView is the list of what was sent.
type messagesView struct {
	Lines []messageLine
	Total int
	Mine  bool // at a site, only one's own are listed
	First string
	Older string
	Base  string
}

// messageLine is one message.
type messageLine struct {
	Subject, Href, By, At string
	Chips                 []ui.ChipProps
}

const messagesShown = 20

func (v *visit) messages() error {
	page := message.Page{Size: messagesShown}
	if after := v.FormValue(fieldAfter); after != "" {
		id, err := ident.ParseMessage(after)
		if err != nil {
			return errPage
		}
		page.Before = id
	}
	l, err := v.s.Messages.List(v.Context(), v.by, v.org.ID, page)
	if err != nil {
		return err
	}
	view := messagesView{Base: v.at("messages"), Total: int(l.Total), Mine: !v.held.Has(access.MembersMessage, access.OrgScope(v.org.ID))}
	for i := range l.Messages {
		m := &l.Messages[i]
		view.Lines = append(view.Lines, messageLine{
			Subject: m.Subject, Href: v.at("messages", m.ID.String()), By: v.somebody(m.By), At: v.t.DateTime(m.At), Chips: v.tallyChips(m.Letters),
		})
	}
	if !page.Before.IsZero() {
		view.First = view.Base
	}
	if l.More {
		view.Older = view.Base + "?after=" + l.Messages[len(l.Messages)-1].ID.String()
	}
	p, err := v.orgFrame(v.t.T("messages.title"), atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, MessagesPage(p, view))
}

func (m messagesView) places(t *text.Printer) ui.PlacesProps {
	return ui.PlacesProps{
		Label: t.T("messages.pages"), Summary: t.T("messages.summary", "Count", m.Total), FirstLabel: t.T("messages.first"),
		NewerLabel: t.T("messages.first"), OlderLabel: t.T("messages.older"), First: m.First, Older: m.Older,
	}
}

var stateTones = map[message.State]ui.Tone{
	message.Queued: ui.ToneInfo, message.Sent: ui.ToneOK, message.Refused: ui.ToneWait, message.Dropped: ui.ToneOff,
}

// tallyChips say how many letters stand where.
func (v *visit) tallyChips(letters map[message.State]int64) []ui.ChipProps {
	var chips []ui.ChipProps
	for _, s := range message.States {
		if n := letters[s]; n > 0 {
			chips = append(chips, ui.ChipProps{Tone: stateTones[s], Label: v.t.T("messages.count."+string(s), "Count", int(n))})
		}
	}
	return chips
}

// sentView is one message with what became of each letter.
type sentView struct {
	Base    string
	Subject string
	Facts   []ui.Fact
	Lines   []string
	Letters []letterLine
	Waiting bool
}

// letterLine is one letter.
type letterLine struct {
	Name, Email, Href string
	Status            ui.StatusProps
}

func (v *visit) message() error {
	id, err := ident.ParseMessage(v.PathValue("message"))
	if err != nil {
		return message.ErrNotFound
	}
	m, err := v.s.Messages.Get(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	view := sentView{
		Base: v.at("messages"), Subject: m.Subject, Lines: strings.Split(m.Text, "\n"), Waiting: m.Letters[message.Queued] > 0,
		Facts: []ui.Fact{
			{Term: v.t.T("messages.by"), Value: v.somebody(m.By)}, {Term: v.t.T("messages.at"), Value: v.t.DateTime(m.At)},
			{Term: v.t.T("messages.letters"), Value: v.t.Number(int(m.All()))},
		},
	}
	for _, d := range m.Delivery {
		status := ui.StatusProps{Chip: ui.ChipProps{Tone: stateTones[d.State], Label: v.t.T("messages.state." + string(d.State))}}
		switch {
		case d.State == message.Refused || d.State == message.Dropped:
			status.Detail = v.t.T("messages.state." + string(d.State) + ".text")
		case !d.DoneAt.IsZero():
			status.Detail = v.t.DateTime(d.DoneAt)
		}
		view.Letters = append(view.Letters, letterLine{Name: v.somebody(d.Name), Email: d.Email, Href: v.sheetPath(d.Member), Status: status})
	}
	p, err := v.orgFrame(m.Subject, atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, MessagePage(p, view))
}

func (m messageView) facts(t *text.Printer) []ui.Fact {
	return append([]ui.Fact{{Term: t.T("messages.to", "Count", len(m.To)), Value: m.Names}}, m.replyFacts(t)...)
}

func (m messageView) replyFacts(t *text.Printer) []ui.Fact {
	return []ui.Fact{{Term: t.T("messages.replies"), Value: m.Replies}}
}

func (m messagesView) lead(t *text.Printer) string {
	if m.Mine {
		return t.T("messages.list_mine")
	}
	return t.T("messages.list_lead")
}

func messageColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("messages.subject")}, {Label: t.T("messages.by")}, {Label: t.T("messages.at")}, {Label: t.T("messages.letters")},
	}
}

func letterColumns(t *text.Printer) []ui.Column {
	return []ui.Column{{Label: t.T("messages.name")}, {Label: t.T("messages.email")}, {Label: t.T("messages.state")}}
}
