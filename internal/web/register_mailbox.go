package web

import (
	"slices"

	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The proof by an MSSanté mailbox of the directory (VER-2): a page of a registration, for whom
// the directory publishes one.
var registerMailboxRoutes = []route{
	{"GET " + pathRegister + "/mailbox", linkPages, registering(dossier.StepMailbox, (*visit).showRegistration)},
	{"POST " + pathRegister + "/mailbox", linkPages, registering(dossier.StepMailbox, (*visit).sendMailboxCode)},
	{"POST " + pathRegister + "/mailbox/code", linkPages, registering(dossier.StepMailbox, (*visit).proveMailbox)},
}

// sendMailboxCode sends a code to the address that was chosen among those of the directory.
func (v *visit) sendMailboxCode(view registerView) error {
	view.Typed = v.PostFormValue(fieldAddress)
	if view.Typed == "" {
		return v.showRegisterStep(view, fault.OnField(fieldAddress, dossier.ErrMailboxUnknown.Code))
	}
	f, err := v.s.Registrations.SendMailboxCode(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), view.Typed)
	if fault.Is(err, fault.Invalid) {
		view.RegistrationFile = f // what the directory publishes now
		if len(f.Mailboxes()) == 0 {
			return v.to(v.registerAt(string(dossier.StepDone))) // which says the other ways
		}
	}
	return v.done(view, dossier.StepMailbox, err)
}

// proveMailbox takes the code of the letter; a wrong one may be typed again.
func (v *visit) proveMailbox(view registerView) error {
	code := v.PostFormValue(fieldCode)
	if code == "" {
		return v.showRegisterStep(view, fault.OnField(fieldCode, "login.code_empty"))
	}
	f, err := v.s.Registrations.ProveMailbox(v.Context(), v.by, v.PathValue("org"), v.registrationKey(), code)
	if err != nil && f.Mailbox != nil {
		view.RegistrationFile = f // whether the code may still be typed
	}
	return v.done(view, dossier.StepMailbox, err)
}

// withoutMailbox is why none is offered.
func (r registerView) withoutMailbox() string {
	if r.MailboxesUnsaid() {
		return "register.mailbox_unsaid"
	}
	return "register.mailbox_other"
}

// mailboxWaits reports whether a code may be typed.
func (r registerView) mailboxWaits() bool { return r.Mailbox != nil && r.Mailbox.Waits }

// afterPapers is the page after that of the papers.
func (r registerView) afterPapers() string {
	if len(r.Mailboxes()) > 0 {
		return r.Base + "/" + string(dossier.StepMailbox)
	}
	return r.Base + "/" + string(dossier.StepPhone)
}

// mailboxChoices are the addresses that the directory publishes.
func mailboxChoices(t *text.Printer, view registerView) ui.GroupProps {
	g := ui.GroupProps{
		Name: fieldAddress, Legend: t.T("register.mailbox_choice"), Hint: t.T("register.mailbox_choice_hint"), Error: view.Errors[fieldAddress],
	}
	list := view.Mailboxes()
	chosen := view.Typed
	if !slices.Contains(list, chosen) && len(list) > 0 {
		chosen = list[0]
	}
	for _, a := range list {
		g.Choices = append(g.Choices, ui.Choice{Value: a, Label: a, Chosen: a == chosen})
	}
	return g
}

// mailboxFact is the proof of a file by a mailbox, and what it is worth (VER-2).
func (v *visit) mailboxFact(f dossier.File) ui.Fact {
	b := f.Mailbox
	fact := ui.Fact{
		Term:  v.t.T("dossier.mailbox"),
		Value: v.t.T("dossier.mailbox_proved", "Address", b.Address, "Date", v.t.DateTime(*b.ProvedAt), "RPPS", grouped(b.RPPS)),
	}
	switch f.MailboxWorth {
	case dossier.MailboxStands:
		fact.Content = SmallLine(v.t.T("dossier.mailbox_stands"))
	case dossier.MailboxPeople:
		fact.Content = SmallLine(v.t.T("dossier.mailbox_people"))
	case dossier.MailboxUnread:
		fact.Content = SmallLine(v.t.T("dossier.reason.mailbox_silent"))
	case dossier.MailboxGone:
		fact.Content = SmallLine(v.t.T("dossier.reason.mailbox_ended"))
	case dossier.MailboxNone:
	}
	return fact
}
