package dossier

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/limit"
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
// ErrRegistrationOrder, ErrRegistrationHas, ErrRegistrationRPPS at the field rpps,
// limit.ErrExceeded.
func (r Registrations) Declare(ctx context.Context, by access.Actor, slug, key string, p Person) (RegistrationFile, error) {
	p, err := p.clean()
	if err != nil {
		return RegistrationFile{}, err
	}
	seen, err := r.counted(ctx, by, slug, key)
	if err == nil && !seen.mayDeclare() {
		err = ErrRegistrationOrder // before the directory, and what is told of a number
	}
	if err != nil {
		return seen, err
	}
	found := r.lookUp(ctx, p)
	if p.RPPS == seen.RPPS {
		found = unlessSilent(found, seen.Found)
	}
	claimed, err := r.claim(ctx, by, seen, p)
	if err != nil {
		return seen, err
	}
	return r.act(ctx, by, slug, key, verbRegistrationPerson, seen, func(tx *action.Tx, f *RegistrationFile) error {
		if !f.mayDeclare() {
			return ErrRegistrationOrder
		}
		if err := f.mayClaim(ctx, tx, p); err != nil {
			return err
		}
		if err := claimed.giveBack(ctx, tx.Tx); err != nil {
			return err
		}
		if err := f.forgetMailbox(ctx, tx, p.RPPS); err != nil {
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

// mayDeclare reports whether the steps before the person are done.
func (f *RegistrationFile) mayDeclare() bool {
	return f.EmailProvedAt != nil && (!f.Account.IsZero() || f.passwordHash != "")
}

var (
	claimsOf   = limit.Counter{Name: "registration.claims", Window: day, Max: RegistrationClaims}
	claimsFrom = limit.Counter{Name: "registration.network_claims", Window: day, Max: ClaimsPerAddress}
)

// claim is a number that was counted as somebody else's, before that was looked at: whether
// it is says that they are a member (rules.md 4, ENU-02). The zero value was not counted.
type claim struct{ registration, network string }

// claim counts the number of p, when it is not the one that was claimed before. Errors:
// limit.ErrExceeded, whosever it is.
func (r Registrations) claim(ctx context.Context, by access.Actor, f RegistrationFile, p Person) (claim, error) {
	if p.RPPS == "" || p.RPPS == f.RPPS {
		return claim{}, nil
	}
	c := claim{f.ID.String(), r.Network(by.Address)}
	if err := claimsOf.Take(ctx, r.Run.DB, c.registration); err != nil {
		return c, err
	}
	return c, claimsFrom.Take(ctx, r.Run.DB, c.network)
}

// giveBack uncounts what was nobody else's number.
func (c claim) giveBack(ctx context.Context, tx *store.Tx) error {
	if c == (claim{}) {
		return nil
	}
	if _, err := claimsOf.AddN(ctx, tx, c.registration, -1); err != nil {
		return err
	}
	_, err := claimsFrom.AddN(ctx, tx, c.network, -1)
	return err
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
	rpps := identifier.Check(&wrong, fieldRPPS, p.RPPS, identifier.ParseRPPS)
	p.RPPS = string(rpps)
	switch {
	case p.RPPS != "":
		p.NoRPPS = ""
	case !wrong.Has(fieldRPPS):
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
	i.Mailboxes = directory.MailboxesOf(ctx, r.Source, p.RPPS)
	return &i
}

// unlessSilent is what the directory says now of a number, and what it said before of all that it
// does not say now.
func unlessSilent(now, before *directory.Import) *directory.Import {
	switch {
	case now == nil:
		return before
	case before != nil && !now.Mailboxes.Asked:
		now.Mailboxes = before.Mailboxes
	}
	return now
}

// mayClaim refuses a number that is somebody else's, and a site that is not there. Of a number whose
// owner people have to find, nothing is told here: the file waits (RAC-03).
func (f *RegistrationFile) mayClaim(ctx context.Context, tx *action.Tx, p Person) error {
	if !p.Site.IsZero() && !slices.ContainsFunc(f.Sites, func(s org.Site) bool { return s.ID == p.Site }) {
		return fault.OnField("site", org.ErrNoSuchSite.Code)
	}
	if p.RPPS == "" {
		return nil
	}
	held, err := member.RPPSHeld(ctx, tx.Tx, f.Org, p.RPPS, f.Account)
	if err == nil && held == member.NumberHeld {
		err = fault.OnField(fieldRPPS, ErrRegistrationRPPS.Code)
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
// waits with them. An identity that was imported stays until what is declared now is verified: it
// is imported anew with it (CHG-1).
func (f *RegistrationFile) correct(ctx context.Context, tx *action.Tx) error {
	n := f.Names
	m, err := member.Find(ctx, tx.Tx, f.Org, f.Member)
	if err != nil {
		return err
	}
	change := &member.Change{Title: &n.Title, Function: &f.Function}
	if m.Identity.Source != member.FromDirectory {
		change.GivenName, change.FamilyName, change.ProfessionCode = &n.GivenName, &n.FamilyName, &f.ProfessionCode
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
		fieldRPPS: f.RPPS, "no_rpps": f.NoRPPS,
	}
}
