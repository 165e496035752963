package web

import (
	"github.com/a-h/templ"

	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// whoFacts are who the person is in this organisation, and what they do there.
func (v *visit) whoFacts(s member.Sheet) []ui.Fact {
	function := ui.Fact{Term: v.t.T("member.function"), Value: named(v.t, "function.", s.Function)}
	if s.Function == member.FunctionOther { // MEM-7
		function.Content = SmallLine(v.t.T("member.other_restricted"))
	}
	kind := string(s.ProfileType)
	facts := []ui.Fact{
		function,
		{Term: v.t.T("member.profile"), Value: named(v.t, "profile.", kind), Content: SmallLine(v.t.T("profile." + kind + ".hint"))},
	}
	if s.RPPS != "" {
		facts = append(facts, v.rppsFact(s.Member))
	}
	facts = v.addFacts(facts, [][2]string{
		{"member.profession", s.Profession}, {"member.specialty", s.Specialty},
		{"edit.field.siret", identifier.SIRET(s.SIRET).Format()}, {"edit.field.am_number", identifier.AM(s.AMNumber).Format()},
	})
	if s.Locum != nil {
		facts = append(facts, v.locumFact(s))
	}
	return facts
}

// rppsFact shows the number with its lock and its source (MEM-2, MEM-3).
func (v *visit) rppsFact(m member.Member) ui.Fact {
	f := ui.Fact{
		Term: v.t.T("edit.field.rpps"), Value: identifier.RPPS(m.RPPS).Format(), Content: SmallLine(v.t.T("member.rpps_locked")),
		Aside: ui.Chip(ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("member.to_verify")}),
	}
	if m.Identity.Source == member.FromDirectory {
		f.Content, f.Aside = SmallLine(identitySource(v.t, m.Identity)+". "+v.t.T("member.rpps_locked")), nil
	}
	return f
}

// locumFact says whom the member replaces, and when; the replaced person is a link when
// they are a member.
func (v *visit) locumFact(s member.Sheet) ui.Fact {
	dates := v.t.T("member.locum_dates", "From", v.day(s.Locum.From), "Until", v.day(s.Locum.Until))
	f := ui.Fact{Term: v.t.T("member.replaces"), Value: s.Locum.Name, Content: SmallLine(dates)}
	if !s.Locum.For.IsZero() {
		f.Value, f.Content = "", LinkThenLine(s.Locum.Name, v.sheetPath(s.Locum.For), dates)
	}
	return f
}

// reachFacts are how to reach the person, and whom they may write to (MEM-8).
func (v *visit) reachFacts(s member.Sheet) []ui.Fact {
	email := ui.Fact{Term: v.t.T("member.email"), Content: mailTo(s.Email)}
	if s.May.CorrectEmail {
		email.Aside = CorrectEmailLink(v.t.T("member_email.link"), v.sheetPath(s.ID)+"/email")
	}
	if s.Email == "" {
		email.Value = v.t.T("edit.empty")
	}
	phone := ""
	if s.Phone != "" {
		phone = phoneNumber(s.Phone)
	}
	facts := v.addFacts([]ui.Fact{email}, [][2]string{{"member.phone", phone}, {"member.mssante", s.MSSante}})
	reach := string(s.Reach)
	return append(facts, ui.Fact{
		Term: v.t.T("member.messaging"), Value: named(v.t, "reach.", reach), Content: SmallLine(v.t.T("reach." + reach + ".hint")),
	})
}

// addFacts adds what is known: pairs of a term's key and its value.
func (v *visit) addFacts(facts []ui.Fact, known [][2]string) []ui.Fact {
	for _, k := range known {
		if k[1] != "" {
			facts = append(facts, ui.Fact{Term: v.t.T(k[0]), Value: k[1]})
		}
	}
	return facts
}

func mailTo(email string) templ.Component {
	if email == "" {
		return nil
	}
	return MailLink(email)
}

// memberCard is a card of the sheet, with «Modifier» for whoever may.
func memberCard(p ui.Page, id, title, edit string) ui.CardProps {
	return ui.CardProps{
		ID: id, Title: p.Text.T(title), LinkLabel: cardLink(p, edit), LinkHidden: p.Text.T("member.edit_hidden." + id), LinkHref: edit,
	}
}

func cardLink(p ui.Page, edit string) string {
	if edit == "" {
		return ""
	}
	return p.Text.T("common.edit")
}
