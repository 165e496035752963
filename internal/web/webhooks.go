package web

import (
	"net/http"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
	"habilis/internal/webhook"
)

var webhookRoutes = []route{
	{"GET /o/{org}/webhooks", within, (*visit).webhooks},
	{"GET /o/{org}/webhooks/new", within, (*visit).webhookForm},
	{"POST /o/{org}/webhooks/new", within, (*visit).makeWebhook},
	{"GET /o/{org}/webhooks/{webhook}", within, onWebhook((*visit).webhookSheet)},
	{"GET /o/{org}/webhooks/{webhook}/edit", within, onWebhook((*visit).editWebhookForm)},
	{"POST /o/{org}/webhooks/{webhook}/edit", within, onWebhook((*visit).saveWebhook)},
	{"GET /o/{org}/webhooks/{webhook}/start", within, onWebhook((*visit).startWebhookForm)},
	{"POST /o/{org}/webhooks/{webhook}/start", within, onWebhook((*visit).startWebhook)},
	{"POST /o/{org}/webhooks/{webhook}/stop", within, onWebhook((*visit).stopWebhook)},
	{"GET /o/{org}/webhooks/{webhook}/secret", within, onWebhook((*visit).rotateForm)},
	{"POST /o/{org}/webhooks/{webhook}/secret", within, onWebhook((*visit).rotateSecret)},
	{"GET /o/{org}/webhooks/{webhook}/remove", within, onWebhook((*visit).removeWebhookForm)},
	{"POST /o/{org}/webhooks/{webhook}/remove", within, onWebhook((*visit).removeWebhook)},
	{"POST /o/{org}/webhooks/{webhook}/test", within, onWebhook((*visit).testWebhook)},
	{"POST /o/{org}/webhooks/{webhook}/replay", within, onWebhook((*visit).replayWebhook)},
	{"POST /o/{org}/webhooks/{webhook}/deliveries/{event}/replay", within, onWebhook((*visit).redeliver)},
}

// deliveriesShown are as many as one page of the log holds.
const deliveriesShown = 20

// webhookView is one receiver, in words.
type webhookView struct {
	webhook.Webhook
	Base, List string
	Chip       ui.ChipProps
	Kinds      []string // what it is sent
	Notes      []ui.NoteProps
	Facts      []ui.Fact
}

// onWebhook reads the receiver that the address names. One of another organisation does not
// exist.
func onWebhook(do func(*visit, webhookView) error) func(*visit) error {
	return func(v *visit) error {
		id, err := ident.ParseWebhook(v.PathValue("webhook"))
		if err != nil {
			return webhook.ErrNotFound
		}
		w, err := v.s.Webhooks.Get(v.Context(), v.by, v.org.ID, id)
		if err != nil {
			return err
		}
		return do(v, v.webhookView(w))
	}
}

func (v *visit) webhookView(w webhook.Webhook) webhookView {
	view := webhookView{
		Webhook: w, Base: v.at(atWebhooks, w.ID.String()), List: v.at(atWebhooks),
		Chip: ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("webhooks.status.active")},
	}
	for _, k := range w.Kinds {
		view.Kinds = append(view.Kinds, v.t.T("event.kind."+string(k)))
	}
	switch {
	case w.Status == webhook.Stopped:
		view.Chip = ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("webhooks.status.stopped")}
		view.note(ui.ToneWait, v.t.T("webhooks.why."+string(w.Why), "Days", webhook.GiveUpDays))
	case w.FailingSince != nil:
		since := v.t.Duration(v.s.now().Sub(*w.FailingSince))
		view.Chip = ui.ChipProps{Tone: ui.ToneWait, Icon: ui.IconWarningFill, Label: v.t.T("webhooks.status.failing", "Since", since)}
		view.note(ui.ToneWait, v.t.T("webhooks.failing", "Days", webhook.GiveUpDays))
	}
	if w.SecretUntil != nil {
		view.note(ui.ToneInfo, v.t.T("webhooks.secret_until", "Date", v.t.DateTime(*w.SecretUntil)))
	}
	owner := w.OwnerName
	if owner == "" {
		owner = v.t.T("webhooks.owner_machine")
	}
	view.Facts = []ui.Fact{
		{Term: v.t.T("webhooks.url"), Value: w.URL}, {Term: v.t.T("webhooks.column.owner"), Value: owner},
		{Term: v.t.T("webhooks.kinds"), Value: v.t.List(view.Kinds)},
	}
	return view
}

func (w *webhookView) note(tone ui.Tone, said string) {
	w.Notes = append(w.Notes, ui.NoteProps{Tone: tone, Text: said})
}

// webhooksView is the list of receivers.
type webhooksView struct {
	Base string
	List []webhookView
	Feed string // a line for the console
}

func (v *visit) webhooks() error {
	list, err := v.s.Webhooks.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view := webhooksView{
		Base: v.at(atWebhooks),
		Feed: `curl -H "Authorization: Bearer $HABILIS_TOKEN" ` + v.s.BaseURL.String() + "/api/v1/organizations/" + v.org.Slug + "/events",
	}
	for i := range list {
		view.List = append(view.List, v.webhookView(list[i]))
	}
	p, err := v.orgFrame(v.t.T("webhooks.title"), atWebhooks)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, WebhooksPage(p, view))
}

// deliveryLine is one line of the log, in words.
type deliveryLine struct {
	Event, Version, Answer, Said, When, Tries, Next string
	Chip                                            ui.ChipProps
	Replay                                          string // address; empty while nothing is sent
}

// webhookSheetView is one receiver with its log.
type webhookSheetView struct {
	webhookView
	Log    []deliveryLine
	Total  string
	Older  string // address of what came before
	Replay string // what was typed

	told
}

func (v *visit) webhookSheet(w webhookView) error { return v.showWebhook(w, "", nil) }

// showWebhook shows the sheet; after a refusal, with what to do about it.
func (v *visit) showWebhook(w webhookView, typed string, refusal error) error {
	view := webhookSheetView{webhookView: w, Replay: typed}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	before := max(0, parseVersion(v.FormValue("before")))
	list, total, err := v.s.Webhooks.Deliveries(v.Context(), v.by, v.org.ID, webhook.LogQuery{ID: w.ID, Before: before, N: deliveriesShown})
	if err != nil {
		return err
	}
	for i := range list {
		view.Log = append(view.Log, v.deliveryLine(w, list[i]))
	}
	if n := len(list); n == deliveriesShown {
		view.Older = inState(w.Base, queryOf(map[string]string{"before": version(list[n-1].Event.Position)}))
	}
	view.Total = v.t.T("webhooks.log_total", "Count", int(total), "Days", event.KeptDays)
	p, err := v.orgFrame(w.Name, atWebhooks)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, WebhookPage(p, view))
}

func (v *visit) deliveryLine(w webhookView, d webhook.Delivery) deliveryLine {
	l := deliveryLine{
		Event: v.t.T("event.kind." + string(d.Event.Kind)), Version: v.t.T("webhooks.version", "Version", version(d.Event.Position)),
		When: v.t.T("webhooks.log.never"), Chip: v.deliveryChip(d.State),
	}
	if d.Attempt > 0 {
		l.When, l.Tries = v.t.Ago(d.TriedAt, v.s.now()), v.t.T("webhooks.log.tries", "Count", int(d.Attempt))
		l.Answer = v.said(d.Result)
	}
	if d.Result.Said != "" {
		l.Said = v.t.T("webhooks.log.said", "Said", d.Result.Said)
	}
	if d.State == webhook.Waiting && d.Attempt > 0 {
		l.Next = v.t.T("webhooks.log.next", "At", v.t.DateTime(d.DueAt))
	}
	if w.Status == webhook.Active {
		l.Replay = w.Base + "/deliveries/" + d.Event.ID.String() + "/replay"
	}
	return l
}

// said is how a receiver took something.
func (v *visit) said(r webhook.Result) string {
	if r.OK() {
		return v.t.T("webhooks.log.took", "Status", r.Status, "Ms", strconv.FormatInt(r.Took.Milliseconds(), 10))
	}
	return v.t.T("webhook.outcome."+string(r.Outcome), "Status", r.Status)
}

func (v *visit) deliveryChip(s webhook.State) ui.ChipProps {
	c := ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("webhooks.state." + string(s))}
	switch s {
	case webhook.Waiting:
		c.Tone, c.Icon = ui.ToneWait, ui.IconClockFill
	case webhook.Failed:
		c.Tone = ui.ToneBad
	case webhook.Delivered:
	}
	return c
}

func (v *visit) mayWebhooks() bool { return v.held.Has(access.WebhooksEdit, access.OrgScope(v.org.ID)) }
