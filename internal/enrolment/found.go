package enrolment

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/text"
)

// Found creates an organisation, its first site, its roles, and invites its first
// administrator, in one act; somebody who has an account joins at once (MEM-10). It
// is recorded in the new organisation's trail and in the installation's (ORG-7).
// Errors: fields to correct (org.…, site.…, slug, email, language),
// org.ErrSlugTaken, limit.ErrExceeded.
func (e Enrolments) Found(ctx context.Context, by access.Actor, f Found) (Founded, error) {
	id := ident.NewOrg()
	act := action.Act{
		Verb: "org.create", Orgs: []ident.Org{id}, Accounts: true, StepUp: true,
		Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.Run(ctx, e.Run, by, act, func(tx *action.Tx) (Founded, error) {
		tx.By.Support = true // only they come this far (AUD-2)
		f, email, err := f.clean()
		if err != nil {
			return Founded{}, err
		}
		p, o, err := f.ground(ctx, tx, id)
		if err != nil {
			return Founded{}, err
		}
		line, err := e.first(ctx, tx, p, email)
		line.Email = f.Email
		return Founded{Org: o, Line: line}, err
	})
}

// clean reads what the platform typed, and says all that must be corrected at once.
func (f Found) clean() (Found, account.Email, error) {
	var wrong fault.Fields
	f.Org = org.CheckDetails(&wrong, "org.", f.Org)
	f.Site = org.CheckSite(&wrong, "site.", f.Site)
	email, code := account.ParseEmail(f.Email)
	wrong.Check("email", code)
	if f.Language == "" {
		f.Language = text.All[0]
	}
	if !slices.Contains(text.All, f.Language) {
		wrong.Add("language", "enrolment.language_unknown")
	}
	return f, email, wrong.Err()
}

// ground writes the organisation, its site and its roles, and says what its first
// administrator gets: the administration of all, as a member of the site.
func (f Found) ground(ctx context.Context, tx *action.Tx, id ident.Org) (plan, org.Org, error) {
	o, err := org.Insert(ctx, tx.Tx, org.New{ID: id, Slug: f.Slug, Details: f.Org})
	if err != nil {
		return plan{}, o, err
	}
	site, err := org.InsertSite(ctx, tx.Tx, o.ID, f.Site)
	if err != nil {
		return plan{}, o, err
	}
	if err := role.Seed(ctx, tx.Tx, o.ID); err != nil {
		return plan{}, o, err
	}
	administrator, err := role.BuiltIn(ctx, tx.Tx, o.ID, role.Administrator)
	if err != nil {
		return plan{}, o, err
	}
	o.Sites = 1
	for _, chain := range []ident.Org{o.ID, ""} {
		tx.Record(audit.Event{
			Org: chain, Verb: "org.create", Object: o.ID.String(), Names: map[string]string{"organization": o.Name, "site": site.Name},
			After: map[string]any{"kind": o.Kind, "slug": o.Slug, "site": site.ID},
		})
	}
	return plan{
		org: o.ID, sites: []ident.Site{site.ID}, roles: []role.Given{{Role: administrator.ID, Scope: access.OrgScope(o.ID)}},
		language: f.Language, welcome: invitation.ByLink, by: invitation.InviterOf(tx.By, o.ID, true),
	}, o, nil
}

// first invites the first administrator, or lets them join.
func (e Enrolments) first(ctx context.Context, tx *action.Tx, p plan, email account.Email) (Line, error) {
	a, has, err := account.ByEmail(ctx, tx.Tx, email.Key)
	if err != nil {
		return Line{}, err
	}
	if err := e.Limits.Take(ctx, tx.Tx, p.org, email.Key); err != nil {
		return Line{}, err
	}
	s := sending{plan: p, priority: job.Normal, fates: make([]Line, 1)}
	if err := s.place(ctx, tx, 0, known{account: a, hasAccount: has}, invitation.To{Email: email}); err != nil {
		return Line{}, err
	}
	err = s.invite(ctx, tx)
	return s.fates[0], err
}
