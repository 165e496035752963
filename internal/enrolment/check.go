package enrolment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// plan is a command that was found right: what every invited person gets.
type plan struct {
	org      ident.Org
	roles    []role.Given
	sites    []ident.Site
	function string
	language text.Lang
	welcome  invitation.Welcome
	by       invitation.Inviter
	held     access.Held // of who invites
	levels   grant.ChangeSet
}

// check reads the command as by gives it, with their rights of this moment.
// Errors: access.ErrForbidden, ErrCannotGive, ErrNoTemporary, fields to correct.
func check(ctx context.Context, tx *store.Tx, by access.Actor, in Invite) (plan, error) {
	h, err := access.HeldBy(ctx, tx, by, in.Org)
	if err != nil {
		return plan{}, err
	}
	if !h.HasAnywhere(access.MembersInvite) {
		return plan{}, access.ErrForbidden.With("Permission", string(access.MembersInvite))
	}
	p := plan{
		org: in.Org, function: in.Function, language: in.Language, welcome: in.Welcome, held: h,
		by: invitation.InviterOf(by, in.Org, false),
	}
	p.defaults()
	var f findings
	f.addresses(in)
	f.words(p)
	if err := p.checkSites(ctx, tx, in.Sites, &f); err != nil {
		return plan{}, err
	}
	if err := p.checkRoles(ctx, tx, by, in.Roles, &f); err != nil {
		return plan{}, err
	}
	if err := p.checkLevels(ctx, tx, by, grant.Newcomer{Sites: p.sites}, in.Levels, &f); err != nil {
		return plan{}, err
	}
	if err := f.verdict(); err != nil {
		return plan{}, err
	}
	err = p.checkRules(ctx, tx)
	return p, err
}

// checkProven is check for whoever is about to send. Errors also: access.ErrStepUp.
func checkProven(ctx context.Context, tx *store.Tx, by access.Actor, in Invite) (plan, error) {
	p, err := check(ctx, tx, by, in)
	if err != nil {
		return plan{}, err
	}
	err = p.proof(ctx, tx, by)
	return p, err
}

func (p *plan) defaults() {
	if p.language == "" {
		p.language = text.All[0]
	}
	if p.welcome == "" {
		p.welcome = invitation.ByLink
	}
}

// findings are what must be corrected, and what the actor may not give.
type findings struct {
	fault.Fields
	refused []fault.Field
}

// verdict says what must be corrected, unless something is refused: then that, and
// the corrections with it.
func (f *findings) verdict() error {
	wrong := f.Err()
	if len(f.refused) == 0 {
		return wrong
	}
	e := *ErrCannotGive
	e.Fields = f.refused
	if wrong != nil {
		e.Fields = append(e.Fields, fault.Of(wrong).Fields...)
	}
	return &e
}

func (f *findings) addresses(in Invite) {
	switch n := len(in.Emails); {
	case n == 0:
		f.Add("emails", "enrolment.no_address")
	case n > invitation.MaxPerRequest:
		f.Add("emails", "enrolment.too_many_addresses", "Max", invitation.MaxPerRequest)
	case n > MaxTemporary && in.Welcome == invitation.ByTemporaryPassword:
		f.Add("emails", "enrolment.too_many_temporary", "Max", MaxTemporary)
	}
}

func (f *findings) words(p plan) {
	if p.function != "" && !slices.Contains(member.Functions, p.function) {
		f.Add("function", "enrolment.function_unknown")
	}
	if !slices.Contains(text.All, p.language) {
		f.Add("language", "enrolment.language_unknown")
	}
	if p.welcome != invitation.ByLink && p.welcome != invitation.ByTemporaryPassword {
		f.Add("welcome", "enrolment.welcome_unknown")
	}
}

// checkSites keeps the sites that exist and at which the actor may invite. One that
// is made up and one that the actor may not know of get the same answer (AUZ-06).
func (p *plan) checkSites(ctx context.Context, tx *store.Tx, asked []ident.Site, f *findings) error {
	all, err := org.ActiveSites(ctx, tx, p.org)
	if err != nil {
		return err
	}
	if len(asked) == 0 && len(all) == 1 {
		asked = []ident.Site{all[0].ID}
	}
	if len(asked) == 0 {
		f.Add("sites", "enrolment.site_required")
	}
	for n, s := range asked {
		exists := slices.ContainsFunc(all, func(x org.Site) bool { return x.ID == s })
		switch {
		case !exists || !p.held.Has(access.MembersInvite, access.SiteScope(p.org, s)):
			f.refused = append(f.refused, fault.Field{Location: fmt.Sprintf("sites[%d]", n), Code: org.ErrNoSuchSite.Code})
		case !slices.Contains(p.sites, s):
			p.sites = append(p.sites, s)
		}
	}
	return nil
}

// checkRoles keeps the roles that the actor may give, where they are asked for.
func (p *plan) checkRoles(ctx context.Context, tx *store.Tx, by access.Actor, asked []role.Given, f *findings) error {
	if len(asked) > MaxRoles {
		f.Add("roles", "enrolment.too_many_roles", "Max", MaxRoles)
		return nil
	}
	if len(asked) == 0 {
		reader, err := role.BuiltIn(ctx, tx, p.org, role.Reader)
		if err != nil {
			return err
		}
		for _, s := range p.sites {
			asked = append(asked, role.Given{Role: reader.ID, Scope: access.SiteScope(p.org, s)})
		}
	}
	switch err := role.CheckGrant(ctx, tx, by, p.org, asked); {
	case errors.Is(err, role.ErrNotGrantable):
		f.refused = append(f.refused, fault.Of(err).Fields...)
	case err != nil:
		return err
	}
	for n, g := range asked {
		if !g.Scope.Site.IsZero() && len(p.sites) > 0 && !slices.Contains(p.sites, g.Scope.Site) {
			f.Add(fmt.Sprintf("roles[%d]", n), "enrolment.role_elsewhere")
		}
		if !slices.Contains(p.roles, g) {
			p.roles = append(p.roles, g)
		}
	}
	return nil
}

// checkRules asks what depends on the whole command: the organisation's policy.
func (p *plan) checkRules(ctx context.Context, tx *store.Tx) error {
	if p.welcome == invitation.ByTemporaryPassword {
		policy, err := setting.ReadSecurity(ctx, tx, p.org)
		if err != nil {
			return err
		}
		if !policy.TemporaryPasswords {
			return ErrNoTemporary
		}
	}
	return nil
}

// proof asks for a fresh proof of the person where administration is given (rules.md
// 6). Looking at what would happen asks for none: the page shows it first, and asks
// for the password beside it.
func (p *plan) proof(ctx context.Context, tx *store.Tx, by access.Actor) error {
	administers, err := invitation.Administers(ctx, tx, p.org, p.roles)
	if err != nil {
		return err
	}
	if administers && !by.Proven(tx.Now) {
		return access.ErrStepUp
	}
	return nil
}
