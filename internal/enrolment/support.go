package enrolment

import (
	"context"
	"errors"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/text"
)

// Proposal is a member whom the platform's support proposes to an organisation (APP-1).
type Proposal struct {
	Create            // Welcome is not used: whoever authorises invites
	Until  *time.Time // the membership ends then; nil: never
}

// Proposed is a member who waits for the organisation's decision, and its record, without
// verb: the act that proposes has its own.
type Proposed struct {
	Member member.Member
	Sites  []ident.Site
	Event  audit.Event
	Doubts []string // text keys of what is only plausible
}

// Propose writes the member, unusable until Authorize: without account, whoever has the
// address, and with rights that are not in force. The support has no place in the
// organisation: what the member would get is weighed by whoever authorises. The caller
// checked who may, and records the event. Errors: ErrCannotGive, fields to correct.
func (e Enrolments) Propose(ctx context.Context, tx *action.Tx, p Proposal) (Proposed, error) {
	p.Welcome = WelcomeNone
	c, err := examine(ctx, tx.Tx, access.Operator(tx.By.Via), p.Create)
	if err != nil {
		return Proposed{}, err
	}
	if strings.TrimSpace(p.Email) == "" {
		c.findings.Add("email", string(text.Empty))
	}
	if err := discreet(c.verdict(StepComplete)); err != nil {
		return Proposed{}, err
	}
	c.fresh.Status, c.fresh.EndsAt, c.fresh.GivenBy = member.PendingApproval, p.Until, tx.By.ID()
	m, err := member.Insert(ctx, tx.Tx, c.fresh)
	if err != nil {
		return Proposed{}, err
	}
	event := c.event(m, nil)
	delete(event.After, "welcome")
	return Proposed{Member: m, Sites: c.sites, Event: event, Doubts: c.doubts}, nil
}

// discreet does not tell the support whose an RPPS number is (ORG-7).
func discreet(refusal error) error {
	f, ok := errors.AsType[*fault.Error](refusal)
	if !ok {
		return refusal
	}
	told := *f
	told.Fields = append([]fault.Field{}, f.Fields...)
	for n, x := range told.Fields {
		if x.Code == codeHolder {
			told.Fields[n] = fault.Field{Location: x.Location, Code: "member.rpps_taken"}
		}
	}
	return &told
}

// Authorize lets in a member who was proposed, on the authority of whoever acts: the one
// transition by which they become usable. An address that has an account joins at once and
// is told (MEM-10); another is invited. Whoever authorises may invite, and holds what is
// given. Errors: those of InviteMember.
func (e Enrolments) Authorize(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, lang text.Lang) (Created, error) {
	if err := member.Release(ctx, tx.Tx, in, id); err != nil {
		return Created{}, err
	}
	m, err := member.ToInvite(ctx, tx.Tx, tx.By, in, id)
	if err != nil {
		return Created{}, err
	}
	p, err := planFor(ctx, tx.Tx, tx.By, m, WelcomeInvitation)
	if err != nil {
		return Created{}, err
	}
	p.language = lang
	return e.welcome(ctx, tx, p, m, invitation.To{})
}
