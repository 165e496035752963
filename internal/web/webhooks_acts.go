package web

import (
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
	"habilis/internal/webhook"
)

// askWebhook asks before an act on a receiver; why asks for the password too.
func (v *visit) askWebhook(w webhookView, act, why string, kind ui.Kind, refusal error) error {
	return v.confirm(confirmation{
		At: atWebhooks, Title: v.t.T("webhooks." + act), Crumb: w.Name, Back: w.Base, Why: why,
		Ask: ui.ConfirmProps{
			Title: v.t.T("webhooks."+act+"_question", "Name", w.Name), Text: v.t.T("webhooks." + act + "_text"), Action: v.URL.Path,
			Button: ui.ButtonProps{Label: v.t.T("webhooks." + act), Kind: kind}, Keep: v.t.T("common.cancel"),
		},
		Facts: w.Facts[:1],
	}, refusal)
}

func (v *visit) askStart(w webhookView, refusal error) error {
	return v.askWebhook(w, "start", v.t.T("webhooks.proof"), ui.Primary, refusal)
}

func (v *visit) startWebhookForm(w webhookView) error { return v.askStart(w, nil) }

func (v *visit) startWebhook(w webhookView) error {
	err := v.prove()
	if err == nil {
		_, err = v.s.Webhooks.Start(v.Context(), v.by, v.org.ID, w.ID, webhook.AnyVersion)
	}
	if err != nil {
		return v.askStart(w, err)
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.started", "Name", w.Name))
	return v.to(w.Base)
}

func (v *visit) stopWebhook(w webhookView) error {
	if _, err := v.s.Webhooks.Stop(v.Context(), v.by, v.org.ID, w.ID, webhook.AnyVersion); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.stopped", "Name", w.Name))
	return v.to(w.Base)
}

func (v *visit) askRotation(w webhookView, refusal error) error {
	return v.askWebhook(w, "rotate", v.t.T("webhooks.proof"), ui.Primary, refusal)
}

func (v *visit) rotateForm(w webhookView) error { return v.askRotation(w, nil) }

// rotateSecret gives the receiver a new secret, shown in the answer itself (rules.md 1).
func (v *visit) rotateSecret(w webhookView) error {
	if err := v.prove(); err != nil {
		return v.askRotation(w, err)
	}
	made, err := v.s.Webhooks.Rotate(v.Context(), v.by, v.org.ID, w.ID)
	if err != nil {
		return v.askRotation(w, err)
	}
	return v.showWebhookSecret(made, "rotated")
}

func (v *visit) removeWebhookForm(w webhookView) error {
	return v.askWebhook(w, "remove", "", ui.Secondary, nil)
}

func (v *visit) removeWebhook(w webhookView) error {
	if err := v.s.Webhooks.Remove(v.Context(), v.by, v.org.ID, w.ID); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.removed", "Name", w.Name))
	return v.to(w.List)
}

// testWebhook tries the receiver and says how it took it.
func (v *visit) testWebhook(w webhookView) error {
	r, err := v.s.Webhooks.Test(v.Context(), v.by, v.org.ID, w.ID)
	if err != nil {
		return v.showWebhook(w, "", err)
	}
	if r.OK() {
		v.flash(ui.ToneOK, v.t.T("webhooks.test_ok", "Status", r.Status, "Ms", r.Took.Milliseconds()))
	} else {
		v.flash(ui.ToneBad, v.t.T("webhooks.test_failed", "What", v.said(r)))
	}
	return v.to(w.Base)
}

func (v *visit) redeliver(w webhookView) error {
	id, err := ident.ParseOutEvent(v.PathValue("event"))
	if err != nil {
		return webhook.ErrNoDelivery
	}
	if err := v.s.Webhooks.ReplayOne(v.Context(), v.by, v.org.ID, w.ID, id); err != nil {
		return v.showWebhook(w, "", err)
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.resent"))
	return v.to(w.Base)
}

// replayWebhook sends again what follows an event.
func (v *visit) replayWebhook(w webhookView) error {
	typed := v.PostFormValue(fieldAfter)
	after := parseVersion(typed)
	if after < 0 {
		return v.showWebhook(w, typed, fault.OnField(fieldAfter, "webhook.after"))
	}
	n, err := v.s.Webhooks.Replay(v.Context(), v.by, v.org.ID, w.ID, after)
	if fault.Is(err, fault.Gone) {
		err = fault.OnField(fieldAfter, event.ErrGone.Code, "Days", event.KeptDays)
	}
	if err != nil {
		return v.showWebhook(w, typed, err)
	}
	v.flash(ui.ToneOK, v.t.T("webhooks.replayed", "Count", int(n)))
	return v.to(w.Base)
}
