package enrolment

import (
	"context"
	"strings"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Create is the command of «Nouvel utilisateur» (MEM-1 to MEM-8).
type Create struct {
	Org         ident.Org
	Sites       []ident.Site   // the only one of the organisation by default
	Roles       []role.Given   // none, nor any other right, means «Lecture seule» at each of Sites
	Administers []access.Scope // «Nommer admin» from the start
	Permissions []member.GivenPermission
	Levels      grant.Welcome // on agendas and messaging profiles

	ProfileType                     member.ProfileType
	Title, GivenName, FamilyName    string
	Function                        string
	RPPS                            string            // A only
	Import                          *directory.Import // what was found for RPPS; nil: typed, to be verified
	ProfessionCode, Profession      string
	SpecialtyCode, Specialty        string // B: a national code, or free text
	Locum                           *member.Locum
	SIRET, AMNumber, MSSante, Phone string
	Reach                           member.Reach
	Email                           string    // may come later (MEM-1)
	Welcome                         Welcome   // WelcomeInvitation by default with an address, else WelcomeNone
	Language                        text.Lang // of the letter

	Settings preference.Edit // what they have of their own; the rest is inherited (MEM-6)
	Drafting []ident.Member  // who is proposed to draft in their name: they confirm it (AUZ-10)
}

// Welcome is how a created member is told (rest.md).
type Welcome string

// The welcomes: the letter of an invitation (default with an address), a temporary
// password where the policy allows it, or nothing yet: «Inviter» waits on the sheet.
const (
	WelcomeInvitation Welcome = Welcome(invitation.ByLink)
	WelcomeTemporary  Welcome = Welcome(invitation.ByTemporaryPassword)
	WelcomeNone       Welcome = "none"
)

// Created is a member just made.
type Created struct {
	Member     ident.Member
	Name       string
	Fate       Fate // Invited, Joined, or empty when nothing was sent
	Invitation ident.Invitation
	Warnings   []string // text keys of what is only plausible
}

// Step is a part of the form that can be checked on its own.
type Step string

// The steps.
const (
	StepProfile  Step = "profile"  // sites, type, identity, numbers, locum
	StepRights   Step = "rights"   // administrator, roles, permissions
	StepContact  Step = "contact"  // reach, e-mail, letter
	StepLevels   Step = "levels"   // agendas and messaging profiles
	StepSettings Step = "settings" // what is their own, and who drafts in their name
	StepComplete Step = "complete" // everything, as Create would
)

const verbCreate = "member.create"

// Foreseen is what a creation would do.
type Foreseen struct {
	Doubts []string        // text keys of what is only plausible
	Levels grant.ChangeSet // with its warnings
}

// CheckCreate refuses, field by field, what Create would refuse in one step, and gives
// the doubts and the levels to be shown; nothing is written, and no fresh proof is asked. Whether
// an address has an account is not told: whoever only looks does not learn it (ENU-02).
func (e Enrolments) CheckCreate(ctx context.Context, by access.Actor, in Create, step Step) (Foreseen, error) {
	act := action.Act{Verb: verbCreate, Orgs: []ident.Org{in.Org}, Resolve: inviting(by, in.Org)}
	return action.View(ctx, e.Run, by, act, func(tx *store.Tx) (Foreseen, error) {
		c, err := examine(ctx, tx, by, in)
		if err != nil {
			return Foreseen{}, err
		}
		if err := c.verdict(step); err != nil {
			return Foreseen{}, err
		}
		if step != StepProfile && c.sends() {
			if err := e.Limits.Foresee(ctx, tx, c.org, c.email.Key, 0); err != nil {
				return Foreseen{}, err
			}
		}
		return Foreseen{Doubts: c.warnings(step), Levels: c.levels}, nil
	})
}

// Create makes a member with sites and rights, and welcomes them, in one act: all of it
// or nothing. It always asks for a fresh proof (SEC-3). An address that has an account
// joins at once and is told (MEM-10). Errors: access.ErrStepUp, ErrCannotGive,
// ErrNoTemporary, limit.ErrExceeded, fields to correct.
func (e Enrolments) Create(ctx context.Context, by access.Actor, in Create) (Created, error) {
	to, err := e.secretFor(ctx, by, in)
	if err != nil {
		return Created{}, err
	}
	act := action.Act{Verb: verbCreate, Orgs: []ident.Org{in.Org}, Resolve: inviting(by, in.Org), StepUp: true}
	return action.Run(ctx, e.Run, by, act, func(tx *action.Tx) (Created, error) {
		c, err := examine(ctx, tx.Tx, by, in)
		if err != nil {
			return Created{}, err
		}
		if err := c.verdict(StepComplete); err != nil {
			return Created{}, err
		}
		return e.make(ctx, tx, c, to)
	})
}

// secretFor draws and hashes the temporary password of a creation, where one is asked for
// by whoever may ask: there is no time for it inside a write. What else is wrong with the
// creation is not asked here, so that a repeated request finds its answer.
func (e Enrolments) secretFor(ctx context.Context, by access.Actor, in Create) (invitation.To, error) {
	if in.Welcome != WelcomeTemporary || strings.TrimSpace(in.Email) == "" {
		return invitation.To{}, nil
	}
	act := action.Act{Verb: verbCreate, Orgs: []ident.Org{in.Org}, Resolve: inviting(by, in.Org), StepUp: true}
	return e.draw(ctx, by, act)
}

// draw makes a temporary password for whoever may perform act.
func (e Enrolments) draw(ctx context.Context, by access.Actor, act action.Act) (invitation.To, error) {
	if _, err := action.View(ctx, e.Run, by, act, func(*store.Tx) (struct{}, error) { return struct{}{}, nil }); err != nil {
		return invitation.To{}, err
	}
	to := invitation.To{Temporary: credential.NewTemporaryPassword()}
	var err error
	to.Hash, err = e.Hasher.Hash(ctx, to.Temporary)
	return to, err
}

// make writes the member, records it, and lets them in or writes to them.
func (e Enrolments) make(ctx context.Context, tx *action.Tx, c *creation, to invitation.To) (Created, error) {
	if c.sends() {
		if err := e.Limits.Take(ctx, tx.Tx, c.org, c.email.Key); err != nil {
			return Created{}, err
		}
	}
	joins := c.sends() && c.known.joins()
	if joins {
		c.fresh.Account, c.fresh.Email = c.known.account.ID, c.known.account.Email.Address
		c.fresh.Status = newcomer{account: c.known.account}.status()
	}
	m, err := member.Insert(ctx, tx.Tx, c.fresh)
	if err != nil {
		return Created{}, err
	}
	own, err := preference.Give(ctx, tx.Tx, c.org, m.ID, c.in.Settings)
	if err != nil {
		return Created{}, err
	}
	tx.Record(c.event(m, own))
	if err := c.giveLevels(ctx, tx, m); err != nil {
		return Created{}, err
	}
	if err := c.propose(ctx, tx, m); err != nil {
		return Created{}, err
	}
	out := Created{Member: m.ID, Name: m.Name(), Warnings: c.doubts}
	s := sending{plan: c.plan, priority: job.Normal, fates: make([]Line, 1)}
	switch {
	case joins:
		out.Fate = Joined
		s.tell(tx, m)
		return out, nil
	case c.sends():
		to.Email, to.Member = c.email, m.ID
		s.to, s.places = []invitation.To{to}, []int{0}
		err = s.invite(ctx, tx)
		out.Fate, out.Invitation = s.fates[0].Fate, s.fates[0].Invitation
	}
	return out, err
}

// tell records that somebody who has an account became a member at once, and writes it
// to them (MEM-10).
func (s *sending) tell(tx *action.Tx, m member.Member) {
	tx.Record(s.record("member.join", m.ID.String(), m.ID.String(), map[string]string{"member": m.Name()}))
	letter := JoinedLetter{Org: s.org, Member: m.ID, InvitedBy: tx.By.Name, Roles: s.roles, Sites: s.sites}
	tx.After(job.Order{Args: letter, Priority: s.priority})
}
