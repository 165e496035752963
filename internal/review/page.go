package review

import (
	"html"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// page writes a file to be read and printed: of the same file, the same bytes.
func (d *document) page(t *text.Printer) []byte {
	w := writing{t: t, d: d}
	title := w.said(d.Core.Organization.String())
	w.raw(`<!doctype html><html lang="` + string(t.Lang()) + `"><head><meta charset="utf-8"><title>`)
	w.text(t.T("review.file.title", "Name", title))
	w.raw(`</title><style>` + pageStyle + `</style></head><body><h1>`)
	w.text(t.T("review.file.title", "Name", title))
	w.raw("</h1><dl>\n")
	w.about()
	w.raw("</dl>\n")
	for i := range d.Core.People {
		w.person(&d.Core.People[i])
	}
	w.raw("</body></html>\n")
	return []byte(w.String())
}

const pageStyle = `body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}` +
	`section{break-inside:avoid;border-top:1px solid #888;margin-top:1.5rem}table{border-collapse:collapse;width:100%}` +
	`th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ccc}dt{font-weight:600}dd{margin:0 0 .4rem}`

// writing is a page under way.
type writing struct {
	strings.Builder

	t *text.Printer
	d *document
}

func (w *writing) raw(s string)  { w.WriteString(s) }
func (w *writing) text(s string) { w.WriteString(html.EscapeString(s)) }

// said is the name of somebody or something, or that it was erased.
func (w *writing) said(id string) string {
	switch {
	case id == "":
		return "—"
	case id == string(access.System):
		return w.t.T("review.file.timetable")
	}
	p := w.d.says(id)
	switch {
	case p.Text == "" && !w.d.names(id):
		return id
	case p.Text == "":
		return w.t.T("review.file.erased")
	case strings.HasPrefix(id, "rol_") && strings.HasPrefix(p.Text, "role.") && w.t.Has(p.Text):
		return w.t.T(p.Text)
	}
	return p.Text
}

// names reports whether the core says that an ID had a name.
func (d *document) names(id string) bool {
	for _, p := range d.Core.Parts {
		if p.Part == id {
			return true
		}
	}
	return false
}

func (w *writing) fact(label, value string) {
	w.raw("<dt>")
	w.text(w.t.T("review.file." + label))
	w.raw("</dt><dd>")
	w.text(value)
	w.raw("</dd>\n")
}

func (w *writing) about() {
	c, t := &w.d.Core, w.t
	scope := t.T("review.file.whole")
	switch {
	case c.Site != "" && c.Function != "":
		scope = w.said(c.Site.String()) + " · " + t.T("function."+c.Function)
	case c.Site != "":
		scope = w.said(c.Site.String())
	case c.Function != "":
		scope = t.T("function." + c.Function)
	}
	w.fact("scope", scope)
	w.fact("opened", t.DateTime(c.OpenedAt)+" · "+w.said(c.OpenedBy))
	w.fact("deadline", t.DateTime(c.Deadline))
	w.fact("ended", t.DateTime(c.EndedAt)+" · "+w.said(c.EndedBy))
	reviewers := make([]string, len(c.Reviewers))
	for i, m := range c.Reviewers {
		reviewers[i] = w.said(m.String())
	}
	w.fact("reviewers", strings.Join(reviewers, ", "))
	if c.Forced {
		w.fact("forced", t.T("review.file.forced_said"))
	}
	if n := w.d.erased(); n > 0 {
		w.fact("erased_parts", t.T("review.file.erased_said", "Count", n))
	}
	w.fact("uses", t.Date(c.UsesSince))
	w.fact("review", c.Review.String())
	w.fact("installation", c.Installation)
	w.fact("audit", c.Audit.Chain+" #"+t.Number(int(c.Audit.Seq))+" "+c.Audit.Hash)
}

func (w *writing) person(p *corePerson) {
	t := w.t
	w.raw("<section><h2>")
	w.text(w.said(p.Member.String()))
	w.raw("</h2><dl>\n")
	w.fact("member", p.Member.String())
	if e := w.d.says(p.Member.String()).Email; e != "" {
		w.fact("email", e)
	}
	w.fact("last_sign_in", w.day(p.LastSignIn))
	decision := t.T("review.file.undecided")
	if p.Decision != Undecided {
		decision = ChoiceName(t, p.Decision, p.Leaves) + " · " + w.said(p.DecidedBy)
		if p.DecidedAt != nil {
			decision += " · " + t.DateTime(*p.DecidedAt)
		}
	}
	w.fact("decision", decision)
	if w.d.names(p.Member.String() + commentOf) {
		w.fact("comment", w.said(p.Member.String()+commentOf))
	}
	outcome := OutcomeName(t, p.Outcome, p.Leaves)
	if p.Code != "" {
		outcome += " · " + Why(t, p.Code)
	}
	w.fact("outcome", outcome)
	w.raw("</dl>\n")
	w.rights(p)
	w.raw("</section>\n")
}

// ChoiceName says a choice in words: of who is taken away, what they leave.
func ChoiceName(t *text.Printer, c Choice, leaves Leave) string {
	if c == Remove && leaves != LeaveNothing {
		return t.T("review.leave." + string(leaves))
	}
	return t.T("review.choice." + string(c))
}

// OutcomeName says in words what became of a decision: of who was taken away, what they left.
func OutcomeName(t *text.Printer, o Outcome, left Leave) string {
	if o == Left && left != LeaveNothing {
		return t.T("review.left." + string(left))
	}
	return t.T("review.outcome." + string(o))
}

// Why says in words why something is left to do, or was not reviewed: of an Outcome, of an Effect.
func Why(t *text.Printer, code string) string {
	if key := "review.why." + code; t.Has(key) {
		return t.T(key)
	}
	return t.T("review.why.other")
}

func (w *writing) day(at *time.Time) string {
	if at == nil {
		return w.t.T("review.file.never")
	}
	return w.t.Date(*at)
}

// used is when a right was last used: of a site, whether that is known of the whole organisation only.
func (w *writing) used(r coreRight) string {
	if r.UseWide {
		return w.day(r.LastUse) + " · " + w.t.T("review.file.whole")
	}
	return w.day(r.LastUse)
}

func (w *writing) rights(p *corePerson) {
	if len(p.Rights) == 0 {
		return
	}
	w.raw("<table><thead><tr>")
	for _, h := range []string{"right", "where", "given", "until", "last_use", "taken"} {
		w.raw("<th>")
		w.text(w.t.T("review.file." + h))
		w.raw("</th>")
	}
	w.raw("</tr></thead><tbody>\n")
	for _, r := range p.Rights {
		until := "—"
		if r.Until != nil {
			until = w.t.Date(*r.Until)
		}
		where := w.t.T("review.file.whole")
		if r.Site != "" {
			where = w.said(r.Site.String())
		}
		given := w.t.Date(r.At)
		if r.By != "" {
			given = w.said(r.By) + " · " + given
		}
		w.raw("<tr>")
		for _, cell := range []string{w.right(r.right), where, given, until, w.used(r), w.taken(p, r)} {
			w.raw("<td>")
			w.text(cell)
			w.raw("</td>")
		}
		w.raw("</tr>\n")
	}
	w.raw("</tbody></table>\n")
}

// taken says whether a right was taken away, by what became of the decision.
func (w *writing) taken(p *corePerson, r coreRight) string {
	goes := slices.Contains(p.Drops, r.Key) || (p.Decision == Remove && (p.Leaves != LeaveSite || r.Site == w.d.Core.Site))
	if said := "review.file.taken." + string(p.Outcome); goes && w.t.Has(said) {
		return w.t.T(said)
	}
	return "—"
}

// right is what a right is, in words.
func (w *writing) right(r right) string {
	name := w.said(r.Object)
	switch r.Domain {
	case changeset.Permission:
		return w.t.T("permission." + r.Object)
	case changeset.Level:
		return name + " · " + w.t.T("level."+string(resource.ID(r.Object).Type())+"."+r.Level)
	case changeset.Delegation:
		return name + " · " + w.t.T("delegation.act."+r.Detail)
	case Holds:
		return name + " · " + w.t.T("level.holder")
	case changeset.Role, changeset.GroupMember, changeset.Site, changeset.GroupRecord:
	}
	return name
}
