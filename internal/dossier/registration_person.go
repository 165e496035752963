package dossier

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Person is who somebody says they are.
type Person struct {
	Names          account.Names
	Function       string // one of member.Functions
	ProfessionCode string // of the national register; empty: none of them
	Site           ident.Site
	RPPS, NoRPPS   string // the number, or the reason for none
}

// Declare keeps who the person says they are, and makes their member the first time: created,
// unchecked, in force in nothing (VER-1). The directory is asked about the number before
// anything is held; what it says is kept for whoever verifies. Errors: fields to correct,
// ErrRegistrationOrder, ErrRegistrationHas, ErrRegistrationRPPS at the field rpps.
func (r Registrations) Declare(ctx context.Context, by access.Actor, slug, key string, p Person) (RegistrationFile, error) {
	p, err := p.clean()
	if err != nil {
		return RegistrationFile{}, err
	}
	seen, err := r.Open(ctx, by, slug, key)
	if err != nil {
		return seen, err
	}
	found := seen.Found
	if p.RPPS != seen.RPPS || found == nil {
		found = r.lookUp(ctx, p)
	}
	return r.step(ctx, by, slug, key, verbRegistrationPerson, func(tx *action.Tx, f *RegistrationFile) error {
		if f.EmailProvedAt == nil || f.Account.IsZero() && f.passwordHash == "" {
			return ErrRegistrationOrder
		}
		if err := f.mayClaim(ctx, tx, p); err != nil {
			return err
		}
		f.Names, f.Function, f.ProfessionCode, f.Profession = p.Names, p.Function, p.ProfessionCode, professionOf(p.ProfessionCode)
		f.RPPS, f.NoRPPS, f.Found = p.RPPS, p.NoRPPS, found
		if f.Member.IsZero() {
			return f.enter(ctx, tx, p.Site)
		}
		return f.correct(ctx, tx)
	})
}

// clean reads what the person typed.
func (p Person) clean() (Person, error) {
	var wrong fault.Fields
	p.Names = p.Names.Clean(&wrong)
	if !slices.Contains(member.Functions, p.Function) {
		wrong.Add("function", "enrolment.function_unknown")
	}
	if _, known := nomenclature.Profession(p.ProfessionCode); p.ProfessionCode != "" && !known {
		wrong.Add("profession", "member.profession_unknown")
	}
	rpps := identifier.Check(&wrong, "rpps", p.RPPS, identifier.ParseRPPS)
	p.RPPS = string(rpps)
	switch {
	case p.RPPS != "":
		p.NoRPPS = ""
	case !wrong.Has("rpps"):
		var problem text.Problem
		p.NoRPPS, problem = text.Line(p.NoRPPS, MaxNoRPPS)
		if problem == text.Empty {
			problem = "registration.no_rpps_required"
		}
		wrong.Check("no_rpps", string(problem), "Max", MaxNoRPPS)
	}
	return p, wrong.Err()
}

// lookUp asks the directory about the number that somebody claims; what it cannot say is
// nothing.
func (r Registrations) lookUp(ctx context.Context, p Person) *directory.Import {
	if p.RPPS == "" {
		return nil
	}
	a, err := r.Source.ByRPPS(ctx, p.RPPS)
	if err != nil || len(a.Practitioners) != 1 || a.Practitioners[0].RPPS != p.RPPS {
		return nil
	}
	now := a.Practitioners[0]
	i := imported(now, a, closest(now, directory.Activity{Profession: directory.Code{Code: p.ProfessionCode}}))
	return &i
}

// mayClaim refuses a number that is somebody else's, and a site that is not there.
func (f *RegistrationFile) mayClaim(ctx context.Context, tx *action.Tx, p Person) error {
	if !p.Site.IsZero() && !slices.ContainsFunc(f.Sites, func(s org.Site) bool { return s.ID == p.Site }) {
		return fault.OnField("site", org.ErrNoSuchSite.Code)
	}
	if p.RPPS == "" {
		return nil
	}
	held, err := member.RPPSHeld(ctx, tx.Tx, f.Org, p.RPPS, f.Account)
	if err == nil && held {
		err = fault.OnField("rpps", ErrRegistrationRPPS.Code)
	}
	return err
}

// enter makes the member, and their account where they have none; the link to come back is
// mailed.
func (f *RegistrationFile) enter(ctx context.Context, tx *action.Tx, site ident.Site) error {
	m, err := enrolment.Register(ctx, tx, enrolment.Registrant{
		Org: f.Org, Account: f.Account, Email: f.Email, PasswordHash: f.passwordHash, Names: f.Names, Language: f.Language,
		Function: f.Function, ProfessionCode: f.ProfessionCode, Site: site,
	})
	if errors.Is(err, account.ErrTaken) {
		return ErrRegistrationHas
	}
	if err != nil {
		return err
	}
	f.Member, f.Account, f.passwordHash, f.Site = m.ID, m.Account, "", site
	if err := f.write(ctx, tx, verbRegistrationPerson, f.facts()); err != nil {
		return err
	}
	return mailLink(ctx, tx, f.Registration, false)
}

// correct changes what was declared before: the member follows, and the name of an account that
// waits with them.
func (f *RegistrationFile) correct(ctx context.Context, tx *action.Tx) error {
	n := f.Names
	change := &member.Change{
		Title: &n.Title, GivenName: &n.GivenName, FamilyName: &n.FamilyName, Function: &f.Function, ProfessionCode: &f.ProfessionCode,
	}
	if _, _, err := member.SetVerification(ctx, tx, f.Org, f.Member, f.Verification, change); err != nil {
		return err
	}
	a, found, err := account.Get(ctx, tx.Tx, f.Account)
	if err != nil {
		return err
	}
	if found && a.Status == account.Pending && (account.Names{Title: a.Title, GivenName: a.GivenName, FamilyName: a.FamilyName}) != n {
		a.Title, a.GivenName, a.FamilyName = n.Title, n.GivenName, n.FamilyName
		if _, err := account.Set(ctx, tx.Tx, a); err != nil {
			return err
		}
	}
	return f.write(ctx, tx, verbRegistrationPerson, f.facts())
}

// facts is what was declared, as the trail shows it.
func (f *RegistrationFile) facts() map[string]any {
	return map[string]any{
		"given_name": f.Names.GivenName, "family_name": f.Names.FamilyName, "function": f.Function, "profession": f.Profession,
		"rpps": f.RPPS, "no_rpps": f.NoRPPS,
	}
}

// abandoned is how many overdue registrations one round removes.
const abandoned = 200

// Sweep removes the registrations that were never sent, with what they made (VER-1).
func (r Registrations) Sweep(ctx context.Context) error {
	act := action.Act{Verb: verbRegistrationRemove, Needs: []access.Need{access.Everybody()}}
	by := access.Operator("chore")
	list, err := action.View(ctx, r.Run, by, act, func(tx *store.Tx) ([]Registration, error) {
		return overdueRegistrations(ctx, tx, abandoned)
	})
	if err != nil {
		return err
	}
	for i := range list {
		v := &list[i]
		act := action.Act{
			Verb: verbRegistrationRemove, Orgs: []ident.Org{v.Org}, Accounts: true, Needs: []access.Need{access.Everybody()}, Object: v.ID.String(),
		}
		_, err := action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (struct{}, error) {
			now, found, err := findRegistrationByID(ctx, tx.Tx, v.Org, v.ID)
			if err != nil || !found || now.CompletedAt != nil || now.ExpiresAt.After(tx.Now) {
				return struct{}{}, firstOf(err, action.Nothing) // sent, or gone on, since
			}
			return struct{}{}, remove(ctx, tx, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func remove(ctx context.Context, tx *action.Tx, v Registration) error {
	tx.Record(audit.Event{Org: v.Org, Verb: verbRegistrationRemove, Object: v.ID.String(), Subject: v.Member.String(), Names: v.names()})
	if !v.Member.IsZero() {
		if err := DropDocuments(ctx, tx, v.Org, v.Member); err != nil {
			return err
		}
		if err := enrolment.Abandon(ctx, tx, v.Org, v.Member); err != nil {
			return err
		}
	}
	return deleteRegistration(ctx, tx.Tx, v)
}
