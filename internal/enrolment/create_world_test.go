package enrolment

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
)

// A midwife of the Annuaire Santé, a secretary known by a role only (code 99), and a
// third number.
const (
	midwife  = "99700004122"
	agent    = "99700218896"
	somebody = "99700366240"
)

// create is the usual command: a secretary of A's first site, with an address.
func (w *world) create(given, family, address string) Create {
	return Create{
		Org: w.a.org, Sites: w.a.sites[:1], ProfileType: member.NonPractitioner, GivenName: given, FamilyName: family, Function: "secretary",
		Email: address, Roles: []role.Given{w.gives(role.Secretary, access.SiteScope(w.a.org, w.a.sites[0]))},
	}
}

func (w *world) gives(builtIn string, at access.Scope) role.Given {
	return role.Given{Role: w.a.roles[builtIn], Scope: at}
}

func (w *world) all() access.Scope   { return access.OrgScope(w.a.org) }
func (w *world) first() access.Scope { return access.SiteScope(w.a.org, w.a.sites[0]) }

// regulated is a type A without an address.
func (w *world) regulated(rpps string) Create {
	in := w.create("Aïcha", "Diallo", "")
	in.ProfileType, in.RPPS, in.Function = member.Regulated, rpps, "midwife"
	return in
}

// published is what the directory says of an RPPS number.
func published(rpps, profession, label string) *directory.Import {
	return &directory.Import{
		Origin: directory.FromIndex, AsOf: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Activity: "2",
		Practitioner: directory.Practitioner{
			RPPS: rpps, Active: true, FamilyName: "DIALLO", GivenName: "Aïcha", Title: "DR", MSSante: []string{"aicha.diallo@pro.mssante.fr"},
			Activities: []directory.Activity{
				{ID: "1", Profession: directory.Code{Code: "10", Label: "Médecin"}},
				{
					ID: "2", Profession: directory.Code{Code: profession, Label: label},
					Specialties: []directory.Code{{Code: "SI06", Label: "Bloc"}},
				},
			},
		},
	}
}

// made creates a member, or stops the test.
func (w *world) made(by access.Actor, in Create) Created {
	w.Helper()
	c, err := w.e.Create(ctx, by, in)
	w.mustField(err)
	return c
}

func (w *world) sheet(id ident.Member) member.Sheet {
	w.Helper()
	s, err := w.m.Get(ctx, w.by(w.bruno), w.a.org, id)
	w.must(err)
	return s
}

// wrong fails unless the command is refused with this code at this field, by the check
// of its step, by the check of the whole and by the act, which changes nothing.
func (w *world) wrong(what string, by access.Actor, in Create, step Step, at, code string) {
	w.Helper()
	_, err := w.e.CheckCreate(ctx, by, in, step)
	w.says(what+" in its step", err, at, code)
	for _, other := range []Step{StepProfile, StepRights, StepContact, StepLevels} {
		if other == step {
			continue
		}
		if _, err := w.e.CheckCreate(ctx, by, in, other); err != nil {
			w.Errorf("%s is refused in the step %s: %v", what, other, err)
		}
	}
	_, err = w.e.CheckCreate(ctx, by, in, StepComplete)
	w.says(what+" on the review", err, at, code)
	w.unchanged(what, func() {
		_, err := w.e.Create(ctx, by, in)
		w.says(what, err, at, code)
	})
}
