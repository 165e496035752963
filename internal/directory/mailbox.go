package directory

import (
	"context"
	"regexp"
	"slices"
)

// Mailboxes are the MSSanté mailboxes that the directory publishes as those of one
// practitioner alone (R257: personal). A cabinet's is left out: a code sent there is read by
// whoever works in it. Of somebody who is not active there are none.
type Mailboxes struct {
	Asked     bool     `json:"asked"` // false: nobody could say
	Addresses []string `json:"addresses,omitempty"`
}

// MailboxSource is a Source that publishes mailboxes. The bulk files hold none, so that the
// local index, which answers first about all else, is not one.
type MailboxSource interface {
	Mailboxes(ctx context.Context, rpps string) (Mailboxes, error)
}

// MailboxesOf asks a source whose mailboxes are those of a number. What it cannot say, or
// never knows, is not asked: never a right gained or lost (DIR-1).
func MailboxesOf(ctx context.Context, s Source, rpps string) Mailboxes {
	if d, ok := s.(Directory); ok {
		s = d.Source
	}
	m, ok := s.(MailboxSource)
	if !ok {
		return Mailboxes{}
	}
	boxes, err := m.Mailboxes(ctx, rpps)
	if err != nil {
		return Mailboxes{}
	}
	return boxes
}

// Mailboxes gives what the first of the sources says that publishes mailboxes. The error is
// always nil.
func (l Lookup) Mailboxes(ctx context.Context, rpps string) (Mailboxes, error) {
	for _, s := range l.Sources {
		m, ok := s.(MailboxSource)
		if !ok {
			continue
		}
		boxes, err := m.Mailboxes(ctx, rpps)
		if err == nil {
			return boxes, nil
		}
		l.note(ctx, err)
	}
	return Mailboxes{}, nil
}

// Mailboxes gives the mailboxes of an active practitioner, those tied to one of their
// activities too. Whom it does not find it does not speak of: a rebuilt or partial API answers so
// of people whom the index publishes, and a proof must not fall for that. Errors: ErrUnavailable.
func (f *FHIR) Mailboxes(ctx context.Context, rpps string) (Mailboxes, error) {
	if !digits(rpps, rppsDigits) {
		return Mailboxes{Asked: true}, nil
	}
	var boxes Mailboxes // of a number that the directory does not know it says nothing
	_, err := f.look(ctx, true, func(l *lookup) ([]Practitioner, bool, error) {
		one, roles, found, err := l.person(rpps)
		if err != nil || !found {
			return nil, false, err
		}
		boxes = Mailboxes{Asked: true, Addresses: one.mailboxes(roles)}
		return []Practitioner{one.read()}, false, nil
	})
	if err != nil {
		return Mailboxes{}, err
	}
	return boxes, nil
}

// mailboxes are the addresses that prove who somebody is, each once.
func (p fhirPractitioner) mailboxes(found resources) (out []string) {
	if !p.Active.value {
		return nil
	}
	all := ownMail(p.Telecom, true)
	for _, r := range found.roles {
		if target(r.Practitioner) == string(p.ID) && (!r.Active.known || r.Active.value) {
			all = append(all, ownMail(r.Telecom, false)...)
		}
	}
	for _, a := range all {
		if !slices.Contains(out, a) && len(out) < maxAddresses {
			out = append(out, a)
		}
	}
	return out
}

// mailboxPersonal is the type of a mailbox that one practitioner reads (R257).
const mailboxPersonal = "PER"

// secureDomain is where MSSanté mailboxes are (health/facts.md 3): a code is sent nowhere else,
// whatever the directory marks as MSSanté.
var secureDomain = regexp.MustCompile(`^[^@\s]+@([^@\s]+\.mssante\.fr|interop-mssante\.apicrypt\.org)$`)

// ownMail gives the personal MSSanté mailboxes. Public answers often leave the type out: what
// stands on the practitioner is then taken as theirs; what stands on an activity may be the
// cabinet's (health/facts.md 1.7), and is not.
func ownMail(list []contact, untyped bool) (out []string) {
	for _, t := range list {
		if kind := t.mailboxType(); kind != mailboxPersonal && (kind != "" || !untyped) {
			continue
		}
		for _, a := range secureMail([]contact{t}) {
			if secureDomain.MatchString(a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// mailboxType is the type of a mailbox, where the answer says it.
func (t contact) mailboxType() string {
	for _, e := range t.Extension {
		for _, part := range e.Extension {
			for _, c := range part.ValueCodeableConcept.Coding {
				if table(c.System) == "R257" {
					return string(c.Code)
				}
			}
		}
	}
	return ""
}
