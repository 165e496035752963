package journal

import (
	"slices"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// A query is answered by branches: each takes its events from one index, in order,
// and stops when the page is full; together they hold what was asked, each event
// once. The index is the choice of this file, not of the engine: of conditions on
// other columns, each column is written «column || ''», which no index answers.

// branch is a conjunction of conditions.
type branch struct {
	actor, notActor string
	subject, object string
	site            ident.Site
	noSite          bool         // of the organisation as a whole
	membersAt       []ident.Site // about a member of one of these sites
	verb            string
	verbs           []string     // one of these, where the index is another's
	among           ident.Member // of change sets about several, those with a line about this member
}

// branches takes the query apart.
func (f *finder) branches() []branch {
	base := branch{actor: f.asked.Actor, subject: f.asked.Subject.String(), object: f.asked.Object, site: f.asked.Site}
	list := f.byPerson(base)
	list = f.bySight(list)
	var out []branch
	for _, b := range list {
		out = append(out, f.byVerb(b)...)
	}
	return out
}

// byPerson parts what somebody did from what was done to them.
func (f *finder) byPerson(b branch) []branch {
	list := []branch{b}
	if !f.asked.Person.IsZero() {
		list = didOrMet(list, f.account, f.asked.Person)
	}
	if !f.self.IsZero() || !f.reader.account.IsZero() {
		own := didOrMet(list, f.reader.account, f.self)
		return append(own, f.amongOthers(list)...)
	}
	return append(list, f.amongSeveral(b)...)
}

// amongSeveral are, of the history of a member, the change sets about several people of which
// some lines are about them: for a reader of the whole organisation, who may know the others.
func (f *finder) amongSeveral(b branch) []branch {
	b.among = f.asked.Subject
	if !f.asked.Person.IsZero() {
		b.among, b.notActor = f.asked.Person, f.account.String()
	}
	other := !f.asked.Person.IsZero() && !f.asked.Subject.IsZero()
	if b.among.IsZero() || other || !f.whole || f.asked.Outcome == audit.Refused || (b.actor != "" && b.actor == b.notActor) {
		return nil
	}
	b.subject = ""
	return []branch{b}
}

// amongOthers are the change sets about several people of which some lines are about whoever
// reads their own history (AUD-2): such an event has no subject. A search leaves them out:
// found by the name of another, they would tell who else they were about.
func (f *finder) amongOthers(list []branch) (out []branch) {
	if f.self.IsZero() || len(f.words) > 0 || f.asked.Outcome == audit.Refused {
		return nil
	}
	for _, b := range list {
		if b.subject == "" && (f.reader.account.IsZero() || b.actor != f.reader.account.String()) {
			b.among, b.notActor = f.self, f.reader.account.String()
			out = append(out, b)
		}
	}
	return out
}

func didOrMet(list []branch, account ident.Account, m ident.Member) []branch {
	var out []branch
	for _, b := range list {
		did, met := b, b
		if !account.IsZero() && (b.actor == "" || b.actor == account.String()) && b.notActor != account.String() {
			did.actor = account.String()
			out = append(out, did)
		}
		if !m.IsZero() && (b.subject == "" || b.subject == m.String()) && (b.actor == "" || b.actor != account.String()) {
			met.subject = m.String()
			if b.actor == "" {
				met.notActor = account.String()
			}
			out = append(out, met)
		}
	}
	return out
}

// bySight keeps a reader of some sites to what happened there and to what concerns
// the members of these sites (AUZ-06).
func (f *finder) bySight(list []branch) []branch {
	if f.whole {
		return list
	}
	var out []branch
	for _, b := range list {
		for _, site := range f.sites {
			if b.site.IsZero() || b.site == site {
				at := b
				at.site = site
				out = append(out, at)
			}
		}
		if b.site.IsZero() {
			b.noSite, b.membersAt = true, f.sites
			out = append(out, b)
		}
	}
	return out
}

// byVerb gives each verb its own branch where an index of verbs serves it.
func (f *finder) byVerb(b branch) []branch {
	switch {
	case len(f.verbs) == 0:
		return []branch{b}
	case f.numbered():
		b.verbs = f.verbs
		return []branch{b}
	case len(f.verbs) > 1 && (b.subject != "" || b.object != "" || b.among != "" || b.membersAt != nil ||
		(f.asked.Outcome == audit.Refused && b.actor != "")):
		b.verbs = f.verbs
		return []branch{b}
	}
	var out []branch
	for _, v := range f.verbs {
		b.verb = v
		out = append(out, b)
	}
	return out
}

// Columns by which an index finds.
const (
	colSubject = "e.subject"
	colObject  = "e.object"
	colActor   = "e.actor"
	colSite    = "e.site"
	colVerb    = "e.verb"
)

// indexed says which columns the branch is found by: those of one index.
func (b branch) indexed(refused bool) []string {
	switch {
	case b.among != "":
		return []string{colObject}
	case b.subject != "":
		return []string{colSubject}
	case b.object != "":
		return []string{colObject}
	case refused && b.actor != "":
		return []string{colActor}
	case refused && b.verb != "":
		return []string{colVerb}
	case refused && !b.site.IsZero():
		return []string{colSite}
	case refused:
		return nil
	case b.actor != "" && b.verb != "":
		return []string{colActor, colVerb}
	case b.actor != "" && !b.site.IsZero():
		return []string{colActor, colSite}
	case !b.site.IsZero() && b.verb != "":
		return []string{colSite, colVerb}
	case b.actor != "":
		return []string{colActor}
	case !b.site.IsZero():
		return []string{colSite}
	case b.verb != "":
		return []string{colVerb}
	}
	return nil
}

// clause is the conditions of a branch: those that its index answers, and the rest.
type clause struct{ index, rest string }

func (c clause) all() string { return c.index + c.rest }

// where writes the conditions of a branch. bySubject: the members of the sites are
// looked up first, and their events by the index of subjects.
func (f *finder) where(args *store.Args, b branch, bySubject bool) clause {
	index := f.index(b, bySubject)
	var c clause
	put := func(column, cond string) {
		if slices.Contains(index, column) {
			c.index += ` and ` + column + cond
		} else {
			c.rest += ` and ` + column + ` || ''` + cond
		}
	}
	for _, v := range []struct{ column, value string }{
		{colActor, b.actor}, {colSubject, b.subject}, {colObject, b.object}, {colSite, b.site.String()}, {colVerb, b.verb},
	} {
		if v.value != "" {
			put(v.column, ` = `+args.Add(v.value))
		}
	}
	if b.among != "" {
		put(colObject, ` in (select l.change_set_id from change_line l where l.org_id = `+args.Add(f.org)+
			` and l.member_id = `+args.Add(b.among)+`)`)
		c.rest += ` and e.subject || '' = '' and e.outcome = 'done'`
	}
	if b.membersAt != nil {
		put(colSubject, ` in (select b.member_id from member_site b where b.org_id = `+args.Add(f.org)+
			` and b.known_until is null and b.site_id in `+store.In(args, b.membersAt)+`)`)
	}
	if !b.site.IsZero() {
		c.index += ` and e.site <> ''` // what the indexes of sites hold
	}
	if b.noSite {
		c.rest += ` and e.site || '' = ''`
	}
	if b.notActor != "" {
		c.rest += ` and e.actor <> ` + args.Add(b.notActor)
	}
	if len(b.verbs) > 0 {
		c.rest += ` and e.verb || '' in ` + store.In(args, b.verbs)
	}
	if len(index) == 0 && !f.numbered() {
		c.index += ` and e.seq > 0` // what the indexes of time alone hold
	}
	c.rest += f.mentioned(args)
	switch {
	case f.asked.Outcome == audit.Done:
		c.rest += ` and e.outcome = 'done'`
	case f.asked.Outcome == audit.Refused && (slices.Contains(index, colSubject) || slices.Contains(index, colObject)):
		c.rest += ` and e.outcome = 'refused'`
	case f.asked.Outcome == audit.Refused:
		c.index += ` and e.outcome = 'refused'` // what the indexes of refusals hold
	}
	c.index += f.between(args)
	return c
}

// numbered: the events are found by their numbers, which the search gave.
func (f *finder) numbered() bool { return f.found != nil && !f.found.scan }

// index chooses the columns by which a branch is found.
func (f *finder) index(b branch, bySubject bool) []string {
	switch {
	case f.numbered():
		return nil
	case b.membersAt != nil && bySubject:
		return []string{colSubject}
	}
	return b.indexed(f.asked.Outcome == audit.Refused)
}

func (f *finder) between(args *store.Args) string {
	cond := ""
	if !f.from.IsZero() {
		cond += ` and e.at >= ` + args.Add(f.from)
	}
	if !f.until.IsZero() {
		cond += ` and e.at < ` + args.Add(f.until)
	}
	if f.bound > 0 {
		cond += ` and e.seq <= ` + args.Add(f.bound)
	}
	return cond
}
