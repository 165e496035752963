package web

import (
	"habilis/internal/credential"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// key is the key of a sentence that differs by the way that is asked.
func (view *secondView) key(prefix string) string {
	if view.Way == "" {
		return prefix + "none"
	}
	return prefix + string(view.Way)
}

// lead says what to do.
func (view *secondView) lead(t *text.Printer) string {
	switch {
	case view.Way == credential.SMS && view.Phone != nil && view.Sent:
		return t.T("second.lead_sms_sent", "Number", view.Phone.Hint)
	case view.Way == credential.SMS && view.Phone != nil:
		return t.T("second.lead_sms", "Number", view.Phone.Hint)
	}
	return t.T(view.key("second.lead_"))
}

// mergeLead is lead, of another account: where nothing can be asked, the page says what to do.
func (view *secondView) mergeLead(t *text.Printer) string {
	if view.Way == "" {
		return t.T("accounts.no_way_lead")
	}
	return view.lead(t)
}

// wayLabel names a way as a choice.
func (view *secondView) wayLabel(t *text.Printer, way credential.FactorKind) string {
	if way == credential.SMS && view.Phone != nil {
		return t.T("second.way_sms_to", "Number", view.Phone.Hint)
	}
	return t.T("second.way_" + string(way))
}

func (view *secondView) wayHref(way credential.FactorKind) string {
	return view.Action + "?" + wayQuery(way, view.Next)
}

var wayIcons = map[credential.FactorKind]ui.IconName{
	credential.TOTP: ui.IconDeviceMobile, credential.Passkey: ui.IconFingerprint, credential.SMS: ui.IconChatCircleText,
	credential.Recovery: ui.IconLockKey, credential.Address: ui.IconBuildings,
}

func wayIcon(way credential.FactorKind) ui.IconName { return wayIcons[way] }

// codeField is the one field of a code: six digits, which a telephone fills in by itself,
// or a printed code.
func codeField(t *text.Printer, way credential.FactorKind, errors map[string]string) ui.FieldProps {
	f := ui.FieldProps{
		Name: fieldCode, Label: t.T("second.code"), InputMode: modeNumeric, MaxLength: codeLength, Autocomplete: "one-time-code",
		Digits: true, Code: true, Autofocus: true, Error: errors[fieldCode],
	}
	if way == credential.Recovery {
		f.Label, f.Hint = t.T("second.recovery"), t.T("second.recovery_hint")
		f.InputMode, f.MaxLength, f.Autocomplete, f.Code = "", 0, "off", false
	}
	return f
}

// firstCodeField is the code of an application being added: there is something to read and to
// do first, so it does not take the focus.
func firstCodeField(t *text.Printer, errors map[string]string) ui.FieldProps {
	f := codeField(t, credential.TOTP, errors)
	f.Autofocus = false
	return f
}

// numberField asks for the number to which one's own codes go.
func numberField(t *text.Printer, typed string, errors map[string]string) ui.FieldProps {
	return ui.FieldProps{
		Name: fieldNumber, Label: t.T("phone.number"), Hint: t.T("phone.number_hint"), Type: "tel", Autocomplete: "tel", Digits: true,
		MaxLength: maxNumber, Value: typed, Error: errors[fieldNumber],
	}
}

// chosenKind: the first of several buttons is the one to press.
func chosenKind(first bool) ui.Kind {
	if first {
		return ui.Primary
	}
	return ui.Secondary
}

// numberKind: once a code is on its way, typing it is what comes next.
func numberKind(view enrolView) ui.Kind { return chosenKind(view.Waiting == nil) }
