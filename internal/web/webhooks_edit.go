package web

import (
	"crypto/rand"
	"net/http"
	"slices"

	"habilis/internal/access"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/web/ui"
	"habilis/internal/webhook"
)

const fieldURL, fieldKinds = "url", "kinds"

// webhookFormView is the form of a receiver: new, or to change.
type webhookFormView struct {
	Details  webhook.Details
	Kinds    []ui.GroupProps
	Action   string
	Crumb    string
	Back     string
	Button   string
	Version  string    // of the one to change
	Once     string    // of this showing of the form of a new one: sent twice, it makes one
	Conflict []ui.Fact // what somebody else saved in between
	Proof    *ui.StepUpProps

	told
}

// webhookSpots are the fields that say nothing of themselves when a text is refused.
var webhookSpots = map[string]spot{fieldName: {fieldName, "webhooks.name"}, fieldURL: {fieldURL, "webhooks.url"}}

func (v *visit) typedWebhook() webhook.Details {
	d := webhook.Details{Name: v.PostFormValue(fieldName), URL: v.PostFormValue(fieldURL)}
	for _, k := range v.PostForm[fieldKinds] {
		d.Kinds = append(d.Kinds, event.Kind(k))
	}
	return d
}

// kindsByDomain offers every kind of event, by what it is about.
func (v *visit) kindsByDomain(chosen []event.Kind) (groups []ui.GroupProps) {
	for _, k := range event.Kinds() {
		id := fieldKinds + "-" + k.Domain()
		n := slices.IndexFunc(groups, func(g ui.GroupProps) bool { return g.ID == id })
		if n < 0 {
			n = len(groups)
			groups = append(groups, ui.GroupProps{ID: id, Name: fieldKinds, Legend: v.t.T("event.domain." + k.Domain())})
		}
		groups[n].Choices = append(groups[n].Choices, ui.Choice{
			Value: string(k), Label: v.t.T("event.kind." + string(k)), Chosen: slices.Contains(chosen, k),
		})
	}
	return groups
}

// showWebhookForm shows the form; after a refusal, with what to do about it.
func (v *visit) showWebhookForm(title string, view webhookFormView, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) && f.Kind != fault.Stale {
			return refusal
		}
		status = statusOf(f)
		if view.Errors, view.Summary = v.fieldErrors(refusal, webhookSpots); len(view.Summary) == 0 && f.Kind != fault.Stale {
			view.Failure = ended(v.sentence(f))
		}
	}
	view.Kinds, view.Proof = v.kindsByDomain(view.Details.Kinds), v.proof(v.t.T("webhooks.proof"), view.Errors)
	p, err := v.orgFrame(title, atWebhooks)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, WebhookFormPage(p, view))
}

func (v *visit) newWebhookView() webhookFormView {
	return webhookFormView{
		Action: v.at(atWebhooks, "new"), Crumb: v.t.T("webhooks.title"), Back: v.at(atWebhooks), Button: v.t.T("webhooks.create"),
		Once: rand.Text(),
	}
}

func (v *visit) webhookForm() error {
	if !v.mayWebhooks() {
		return v.lacks(access.WebhooksEdit)
	}
	return v.showWebhookForm(v.t.T("webhooks.new"), v.newWebhookView(), nil)
}

// makeWebhook makes the receiver and shows its secret in the answer itself (rules.md 1).
func (v *visit) makeWebhook() error {
	d := v.typedWebhook()
	made, err := v.webhookMade(d)
	if err != nil {
		view := v.newWebhookView()
		view.Details = d
		return v.showWebhookForm(v.t.T("webhooks.new"), view, err)
	}
	return v.showWebhookSecret(made, "made")
}

// webhookMade proves the person, then makes what the form asks for.
func (v *visit) webhookMade(d webhook.Details) (webhook.Made, error) {
	if err := v.prove(); err != nil {
		return webhook.Made{}, err
	}
	asked := []string{v.URL.Path, d.Name, d.URL}
	for _, k := range d.Kinds {
		asked = append(asked, string(k))
	}
	by := v.by
	var err error
	if by.Once, err = v.formOnce(asked...); err != nil {
		return webhook.Made{}, err
	}
	return v.s.Webhooks.Make(v.Context(), by, v.org.ID, d)
}

// webhookSecretView is what is shown of a new secret, once.
type webhookSecretView struct {
	Title, Head, Secret, Back string
}

func (v *visit) showWebhookSecret(made webhook.Made, what string) error {
	back := v.at(atWebhooks, made.Webhook.ID.String())
	if made.Secret.IsZero() {
		v.flash(ui.ToneWait, v.sentence(webhook.ErrShownOnce))
		return v.to(back)
	}
	view := webhookSecretView{
		Title: v.t.T("webhooks." + what + "_title"), Head: v.t.T("webhooks."+what+"_head", "Name", made.Webhook.Name),
		Secret: made.Secret.Reveal(), Back: back,
	}
	p, err := v.orgFrame(view.Title, atWebhooks)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, WebhookSecretPage(p, view))
}

func (v *visit) editedView(w webhookView) webhookFormView {
	return webhookFormView{
		Details: webhook.Details{Name: w.Name, URL: w.URL, Kinds: w.Webhook.Kinds}, Action: w.Base + "/edit", Crumb: w.Name, Back: w.Base,
		Button: v.t.T("webhooks.save"), Version: version(w.Version),
	}
}

func (v *visit) editWebhookForm(w webhookView) error {
	return v.showWebhookForm(v.t.T("webhooks.edit"), v.editedView(w), nil)
}

func (v *visit) saveWebhook(w webhookView) error {
	d := v.typedWebhook()
	err := v.prove()
	if err == nil {
		read := parseVersion(v.PostFormValue(fieldVersion))
		_, err = v.s.Webhooks.Edit(v.Context(), v.by, v.org.ID, w.ID, read, func(now *webhook.Details) { *now = d })
	}
	if err != nil {
		view := v.editedView(w)
		view.Details = d
		if fault.Is(err, fault.Stale) { // the other's version is shown, what was typed is kept (CHG-1)
			view.Conflict = append([]ui.Fact{{Term: v.t.T("webhooks.name"), Value: w.Name}}, w.Facts...)
		} else {
			view.Version = v.PostFormValue(fieldVersion)
		}
		return v.showWebhookForm(v.t.T("webhooks.edit"), view, err)
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.saved", "Name", d.Name))
	return v.to(w.Base)
}
