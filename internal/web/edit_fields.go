package web

import (
	"github.com/a-h/templ"

	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// modeNumeric shows the digits of a telephone’s keyboard.
const modeNumeric = "numeric"

func (w editView) value(field string) string { return w.Form.Typed[field] }

// imported reports whether names and profession come from the directory: they change with
// it only (CHG-1).
func (w editView) imported() bool { return w.Sheet.Identity.Source == member.FromDirectory }

// published is a field whose value the Annuaire Santé publishes.
func (w editView) published(t *text.Printer, field, value string) ui.FieldProps {
	f := ui.FieldProps{
		Name: field, Label: t.T("edit.field." + field), Value: value, Error: w.Errors[field], ReadOnly: true, Hint: t.T("edit.imported_hint"),
	}
	if at := w.Sheet.Identity.At; at != nil {
		f.Source = t.T("member.from_directory", "Date", t.Date(*at))
	}
	return f
}

func (w editView) name(t *text.Printer, field string) ui.FieldProps {
	if w.imported() {
		return w.published(t, field, w.Form.Base[field])
	}
	return ui.FieldProps{Name: field, Label: t.T("edit.field." + field), Value: w.value(field), Error: w.Errors[field]}
}

// whyLocked says why the profile type is not a field (MEM-3).
func (w editView) whyLocked(t *text.Printer) string {
	if w.Sheet.RPPS == "" && w.Sheet.ProfileType != member.Regulated {
		return t.T("edit.type_free")
	}
	return t.T("edit.type_locked")
}

// rpps can be typed once; afterwards it is shown, with the reason (MEM-3).
func (w editView) rpps(t *text.Printer) ui.FieldProps {
	f := ui.FieldProps{
		Name: fieldRPPS, Label: t.T("edit.field.rpps"), Value: w.value(fieldRPPS), Error: w.Errors[fieldRPPS],
		Digits: true, InputMode: modeNumeric,
	}
	switch {
	case w.Sheet.RPPS != "":
		f.Value, f.ReadOnly, f.Hint = identifier.RPPS(w.Sheet.RPPS).Format(), true, t.T("edit.rpps_locked")
		f.Source = identitySource(t, w.Sheet.Identity)
	case w.Sheet.ProfileType == member.Regulated:
		f.Hint = t.T("edit.rpps_hint")
	default:
		f.Hint, f.Optional = t.T("edit.rpps_first"), true
	}
	return f
}

// identitySource says where a professional identity comes from, and of what date (MEM-2).
func identitySource(t *text.Printer, i member.Identity) string {
	switch {
	case i.Source == member.FromDirectory && i.At != nil:
		return t.T("member.from_directory", "Date", t.Date(*i.At))
	case i.Source == member.Declared:
		return t.T("member.declared")
	}
	return ""
}

// email is the person's own; while there is no account and nothing waits for it, the
// address of the sheet may be given or corrected (CHG-2).
func (w editView) email(t *text.Printer) ui.FieldProps {
	f := ui.FieldProps{
		Name: fieldEmail, Label: t.T("edit.field.email"), Value: w.value(fieldEmail), Error: w.Errors[fieldEmail], Type: typeEmail,
		Optional: true, Hint: t.T("edit.email_hint"),
	}
	switch {
	case !w.Sheet.Account.IsZero():
		f.ReadOnly, f.Optional, f.Hint, f.Value = true, false, t.T("edit.email_theirs"), w.Sheet.Email
	case w.Sheet.Invitation != nil:
		f.ReadOnly, f.Optional, f.Hint, f.Value = true, false, t.T("edit.email_invited"), w.Sheet.Email
	}
	return f
}

// listed is a field that proposes the labels of a national list; anything else may be typed.
func (w editView) listed(t *text.Printer, field, list string, optional bool) ui.FieldProps {
	return ui.FieldProps{
		Name: field, Label: t.T("edit.field." + field), Hint: t.T("edit.listed_hint"), Value: w.value(field), Error: w.Errors[field],
		Optional: optional, Attrs: templ.Attributes{attrList: list},
	}
}

// specialtyOptional: an unregulated practitioner has one (MEM-4).
func (w editView) specialtyOptional() bool { return w.Sheet.ProfileType != member.Unregulated }

func (w editView) reaches(t *text.Printer) ui.GroupProps {
	g := ui.GroupProps{Name: fieldReach, Legend: t.T("edit.field." + fieldReach), Joined: true, Error: w.Errors[fieldReach]}
	for _, r := range member.Reaches {
		g.Choices = append(g.Choices, ui.Choice{
			Value: string(r), Label: t.T("reach." + string(r)), Hint: t.T("reach." + string(r) + ".hint"), Chosen: string(r) == w.value(fieldReach),
		})
	}
	return g
}
