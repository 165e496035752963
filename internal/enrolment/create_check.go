package enrolment

import (
	"context"
	"errors"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/store"
)

// codeHolder says at the field rpps whose the number is.
const codeHolder = "enrolment.rpps_of_member"

// creation is a command to create a member, with everything that speaks against it.
type creation struct {
	plan
	in       Create
	email    account.Email
	known    known // of the address
	fresh    member.New
	doubts   []string
	findings findings
	rule     error // of the whole command, once its fields are right
}

// examine reads the command as by gives it, with their rights of this moment. What must
// be corrected is in the creation; errors: access.ErrForbidden, the store's.
func examine(ctx context.Context, tx *store.Tx, by access.Actor, in Create) (*creation, error) {
	h, err := access.HeldBy(ctx, tx, by, in.Org)
	if err != nil {
		return nil, err
	}
	c := &creation{in: in, plan: plan{
		org: in.Org, function: in.Function, language: in.Language, welcome: invitation.Welcome(in.Welcome), held: h,
		by: invitation.InviterOf(by, in.Org, false),
	}}
	for _, read := range []func(context.Context, *store.Tx, access.Actor) error{c.rights, c.contact, c.profile, c.levelsOf, c.settings} {
		if err := read(ctx, tx, by); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// contact reads the address and the letter.
func (c *creation) contact(ctx context.Context, tx *store.Tx, _ access.Actor) error {
	if !c.greet() {
		return nil
	}
	if err := c.address(ctx, tx); err != nil {
		return err
	}
	if c.sends() {
		return c.policy(ctx, tx)
	}
	return nil
}

// greet reads the letter and the address as they were typed, and reports whether there is an
// address to look up.
func (c *creation) greet() bool {
	given := strings.TrimSpace(c.in.Email) != ""
	if c.in.Welcome == "" {
		c.in.Welcome = WelcomeNone
		if given {
			c.in.Welcome = WelcomeInvitation
		}
	}
	if c.welcome = invitation.Welcome(c.in.Welcome); c.in.Welcome == WelcomeNone {
		c.welcome = ""
	}
	c.defaults()
	words := c.plan
	words.function = "" // the member's, which is checked with the profile
	c.findings.words(words)
	if !given {
		if c.in.Welcome != WelcomeNone {
			c.findings.Add("email", "enrolment.no_address")
		}
		return false
	}
	var code string
	if c.email, code = account.ParseEmail(c.in.Email); code != "" {
		c.findings.Add("email", code, "Max", account.MaxEmail)
	}
	return code == ""
}

// address refuses one that a member has, or that was invited already.
func (c *creation) address(ctx context.Context, tx *store.Tx) error {
	all, err := lookUp(ctx, tx, c.held, []entry{{email: c.email}})
	if err != nil {
		return err
	}
	c.taken(all)
	return nil
}

// taken is address with what is known of several addresses.
func (c *creation) taken(all map[string]known) {
	c.known = all[c.email.Key]
	switch {
	case c.known.isMember || !c.known.waiting.IsZero():
		c.findings.Add("email", ErrEmailMember.Code)
	case !c.known.invitation.IsZero():
		c.findings.Add("email", ErrInvited.Code)
	}
}

// policy keeps what the organisation's policy refuses for the end: it is no field's.
func (c *creation) policy(ctx context.Context, tx *store.Tx) error {
	err := c.checkRules(ctx, tx)
	if errors.Is(err, ErrNoTemporary) {
		c.rule, err = err, nil
	}
	return err
}

// sends reports whether the member is written to, or joins at once.
func (c *creation) sends() bool { return c.in.Welcome != WelcomeNone }

// profile reads who the member is, by the rules of package member.
func (c *creation) profile(ctx context.Context, tx *store.Tx, by access.Actor) error {
	closed := c.describe()
	if err := c.locum(ctx, tx, by); err != nil {
		return err
	}
	doubts, err := c.fresh.Check(ctx, tx)
	return c.weigh(ctx, tx, by, doubts, err, closed)
}

// describe is the member to be made, as they were typed; closed: the directory says no more
// of them than the number, which is then typed, to be verified.
func (c *creation) describe() (closed bool) {
	in := c.in
	c.fresh = member.New{
		Org: in.Org, ProfileType: in.ProfileType, Title: in.Title, GivenName: in.GivenName, FamilyName: in.FamilyName,
		Email: c.email.Address, Function: in.Function, ProfessionCode: in.ProfessionCode, Profession: in.Profession,
		SpecialtyCode: in.SpecialtyCode, Specialty: in.Specialty, RPPS: in.RPPS, Import: in.Import, SIRET: in.SIRET,
		AMNumber: in.AMNumber, Phone: in.Phone, MSSante: in.MSSante, Reach: in.Reach, Locum: in.Locum,
		Sites: c.sites, Roles: c.roles, Permissions: in.Permissions, GivenBy: c.by.Actor.ID(),
	}
	if in.ProfileType == "" {
		c.findings.Add("profile_type", "member.profile_type_unknown")
	}
	if in.Function == "" {
		c.findings.Add("function", "member.function_unknown")
	}
	if closed = in.Import != nil && !in.Import.Practitioner.Active; closed {
		c.fresh.Import = nil
	}
	return closed
}

// weigh adds what package member found.
func (c *creation) weigh(ctx context.Context, tx *store.Tx, by access.Actor, doubts []string, err error, closed bool) error {
	if c.doubts = doubts; closed {
		c.doubts = append(c.doubts, "doubt.rpps_closed")
	}
	if err == nil {
		return nil
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	for _, x := range refusal.Fields {
		if c.findings.Has(x.Location) {
			continue
		}
		if x, err = c.named(ctx, tx, by, x); err != nil {
			return err
		}
		c.findings.addField(x)
	}
	return nil
}

// named says whose an RPPS number is, to whoever may know of them (DESIGN.md 10).
func (c *creation) named(ctx context.Context, tx *store.Tx, by access.Actor, x fault.Field) (fault.Field, error) {
	rpps, wrong := identifier.ParseRPPS(c.in.RPPS)
	if x.Code != "member.rpps_taken" || wrong != nil {
		return x, nil //nolint:nilerr // another field, or a number that is refused for itself
	}
	m, ok, err := member.HolderSeen(ctx, tx, by, c.org, string(rpps))
	if err != nil || !ok {
		return x, err
	}
	return fault.Field{Location: x.Location, Code: codeHolder, Args: map[string]any{"Name": m.Name(), "Member": m.ID.String()}}, nil
}

// locum makes of a replaced member whom the actor may not know of one who does not exist
// (AUZ-06).
func (c *creation) locum(ctx context.Context, tx *store.Tx, by access.Actor) error {
	l := c.in.Locum
	if l == nil || l.For.IsZero() {
		return nil
	}
	sees, err := member.Sees(ctx, tx, by, c.org, l.For)
	if err != nil || sees {
		return err
	}
	stranger := *l
	stranger.For = ident.NewMember()
	c.fresh.Locum = &stranger
	return nil
}

// addField notes a field that another package refused.
func (f *findings) addField(x fault.Field) {
	var args []any
	for name, value := range x.Args {
		args = append(args, name, value)
	}
	f.Add(x.Location, x.Code, args...)
}

// stepOf says in which step a field is asked for.
func stepOf(location string) Step {
	name := location
	if i := strings.IndexAny(name, "[."); i >= 0 {
		name = name[:i]
	}
	switch name {
	case atLevels:
		return StepLevels
	case "roles", "administrator", "permissions":
		return StepRights
	case preference.AtSettings, atDrafting:
		return StepSettings
	case "messaging_reach", "email", "welcome", "language":
		return StepContact
	}
	return StepProfile
}

// verdict says what must be corrected in a step, unless something is refused there:
// then that, and the corrections with it.
func (c *creation) verdict(step Step) error {
	var here findings
	in := func(x fault.Field) bool { return step == StepComplete || stepOf(x.Location) == step }
	for _, x := range c.findings.refused {
		if in(x) {
			here.refused = append(here.refused, x)
		}
	}
	if err := c.findings.Err(); err != nil {
		for _, x := range fault.Of(err).Fields {
			if in(x) {
				here.addField(x)
			}
		}
	}
	if err := here.verdict(); err != nil {
		return err
	}
	if step == StepContact || step == StepComplete {
		return c.rule
	}
	return nil
}

// warnings are the doubts of a step: they are all about the profile.
func (c *creation) warnings(step Step) []string {
	if step == StepProfile || step == StepComplete {
		return c.doubts
	}
	return nil
}
