package web

import (
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/role"
	"habilis/internal/text"
)

// newMember is the form «Nouvel utilisateur» as it was typed, all its steps. It is kept
// on the server as a draft; a form sets only what its step asks for, and what was
// imported comes from the directory, never from a form (rules.md 14).
type newMember struct {
	Passed step `json:"passed,omitempty"` // the first step that is not yet sent as it should be

	Sites []string `json:"sites,omitempty"`
	Type  string   `json:"type,omitempty"` // member.ProfileType

	Query  string            `json:"query,omitempty"` // of the search in the directory
	City   string            `json:"city,omitempty"`
	Manual bool              `json:"manual,omitempty"` // typed by hand: to be verified
	Import *directory.Import `json:"import,omitempty"`

	Title      string `json:"title,omitempty"`
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
	Function   string `json:"function,omitempty"`
	RPPS       string `json:"rpps,omitempty"`
	Regulated  string `json:"regulated,omitempty"`  // code of the profession, typed by hand (A)
	Profession string `json:"profession,omitempty"` // B: of the list, or typed freely
	Specialty  string `json:"specialty,omitempty"`
	Declined   string `json:"declined,omitempty"` // profession for which type A was proposed already

	Locum      bool   `json:"locum,omitempty"`
	LocumName  string `json:"locum_name,omitempty"`
	LocumFrom  string `json:"locum_from,omitempty"`
	LocumUntil string `json:"locum_until,omitempty"`
	SIRET      string `json:"siret,omitempty"`
	AMNumber   string `json:"am_number,omitempty"`
	MSSante    string `json:"mssante,omitempty"`
	Phone      string `json:"phone,omitempty"`

	Admin      bool         `json:"admin,omitempty"`
	AdminScope string       `json:"admin_scope,omitempty"`
	Roles      []pickedRole `json:"roles,omitempty"`

	Levels map[string]string    `json:"levels,omitempty"` // on agendas and mailboxes, by their ID
	Days   map[string]levelDays `json:"days,omitempty"`   // the first and last days of some of them (RGT-8)

	Settings *preferenceForm `json:"settings,omitempty"` // nil: the step was not seen yet
	Drafters []string        `json:"drafters,omitempty"` // who will be proposed to write in their name, by ID

	Reach    string `json:"reach,omitempty"`
	Later    bool   `json:"later,omitempty"` // the address comes later (MEM-1)
	Email    string `json:"email,omitempty"`
	Welcome  string `json:"welcome,omitempty"`
	Language string `json:"language,omitempty"`
}

// emptyMember is the form before anything is typed: what is usual is chosen.
func (v *visit) emptyMember() newMember {
	return newMember{Reach: string(member.ReachSite), Welcome: string(enrolment.WelcomeInvitation), Language: string(text.All[0])}
}

// after is where «Continuer» leads from a step.
func (f *newMember) after(at step) step {
	if f.Passed >= stepCheck {
		return stepCheck
	}
	return at + 1
}

// practises: A and B, who receive patients.
func (f *newMember) practises() bool {
	return f.Type == string(member.Regulated) || f.Type == string(member.Unregulated)
}

func (f *newMember) regulated() bool { return f.Type == string(member.Regulated) }

// imported is what was found for a type A, if anything was.
func (f *newMember) imported() *directory.Import {
	if f.regulated() && !f.Manual {
		return f.Import
	}
	return nil
}

// activity is the chosen one of an import.
func activity(i *directory.Import) (directory.Activity, bool) {
	if i == nil {
		return directory.Activity{}, false
	}
	return i.Practitioner.Activity(i.Activity)
}

// names are those of the import, or those that were typed.
func (f *newMember) names() (given, family string) {
	if i := f.imported(); i != nil {
		return i.Practitioner.GivenName, i.Practitioner.FamilyName
	}
	return f.GivenName, f.FamilyName
}

// professions and specialties of the form, with their national codes where they have one.
func (f *newMember) occupation() (profession, specialty nomenclature.Code) {
	switch {
	case f.imported() != nil:
		a, _ := activity(f.imported())
		profession = nomenclature.Code{Code: a.Profession.Code, Label: a.Profession.Label}
		if len(a.Specialties) > 0 {
			specialty = nomenclature.Code{Code: a.Specialties[0].Code, Label: a.Specialties[0].Label}
		}
	case f.regulated():
		profession, _ = nomenclature.Profession(f.Regulated)
		specialty = fromList(nomenclature.OrdinalSpecialty, f.Specialty)
	case f.practises():
		profession = fromList(nomenclature.AllProfessions, f.Profession)
		specialty = fromList(nomenclature.OrdinalSpecialty, f.Specialty)
	}
	return profession, specialty
}

// fromList finds what was typed in a national list, accents and case ignored; what is not
// there is free text.
func fromList(list, typed string) nomenclature.Code {
	typed = strings.TrimSpace(typed)
	if set, ok := nomenclature.Get(list); ok && typed != "" {
		if c, ok := set.Named(typed); ok {
			return c
		}
	}
	return nomenclature.Code{Label: typed}
}

// memberCommand is what the form asks for. A scope or an ID that cannot be read is
// asked for as it stands: it is refused like one that does not exist.
func (v *visit) memberCommand(f newMember) (enrolment.Create, error) {
	in := enrolment.Create{
		Org: v.org.ID, ProfileType: member.ProfileType(f.Type), Title: f.Title, Function: f.Function,
		MSSante: f.MSSante, Phone: f.Phone, Reach: member.Reach(f.Reach), Language: text.Lang(f.Language), Welcome: enrolment.WelcomeNone,
	}
	in.GivenName, in.FamilyName = f.names()
	if !f.Later {
		in.Email, in.Welcome = f.Email, enrolment.Welcome(f.Welcome)
	}
	for _, s := range f.Sites {
		in.Sites = append(in.Sites, ident.Site(s))
	}
	v.commandRights(&in, f)
	in.Levels.Given = v.givenLevels(&f)
	if err := v.commandSettings(&in, &f); err != nil {
		return in, err
	}
	err := v.commandPractice(&in, f)
	return in, err
}

// commandRights asks for the roles and for the administration, each at its scope.
func (v *visit) commandRights(in *enrolment.Create, f newMember) {
	for _, p := range f.Roles {
		in.Roles = append(in.Roles, v.pickedGiven(p, in.Sites)...)
	}
	if f.Admin {
		for _, g := range v.pickedGiven(pickedRole{Scope: f.AdminScope}, in.Sites) {
			in.Administers = append(in.Administers, g.Scope)
		}
	}
}

// commandPractice asks for what only practitioners have (MEM-4, MEM-5).
func (v *visit) commandPractice(in *enrolment.Create, f newMember) error {
	if !f.practises() {
		return nil
	}
	profession, specialty := f.occupation()
	in.ProfessionCode, in.Profession, in.SpecialtyCode, in.Specialty = profession.Code, profession.Label, specialty.Code, specialty.Label
	in.SIRET, in.AMNumber = f.SIRET, f.AMNumber
	if f.regulated() {
		in.RPPS = f.RPPS
		if in.Import = f.imported(); in.Import != nil {
			in.RPPS = in.Import.Practitioner.RPPS
		}
	}
	if !f.Locum {
		return nil
	}
	replaced, err := v.replaced(f.LocumName)
	in.Locum = &member.Locum{For: replaced, Name: plainLabel(f.LocumName, replaced), From: f.LocumFrom, Until: f.LocumUntil}
	return err
}

// likeRights takes over where and what a member may do: never more than they hold.
func (f *newMember) likeRights(s member.Sheet) {
	for _, site := range s.Sites {
		f.Sites = append(f.Sites, site.ID.String())
	}
	held := map[ident.Role][]access.Scope{}
	var order []ident.Role
	for i := range s.Roles {
		r := &s.Roles[i]
		if r.BuiltIn == role.Administrator {
			continue
		}
		if len(held[r.Role]) == 0 {
			order = append(order, r.Role)
		}
		held[r.Role] = append(held[r.Role], r.Scope)
	}
	for _, id := range order {
		f.Roles = append(f.Roles, pickedRole{Role: id.String(), Scope: oneScope(held[id], len(s.Sites))})
	}
	if f.Admin = len(s.Administration) > 0; f.Admin {
		f.AdminScope = oneScope(s.Administration, len(s.Sites))
	}
}

// oneScope says several scopes of one right as the form does: the whole organisation,
// all the chosen sites, or else the first site alone.
func oneScope(list []access.Scope, sites int) string {
	if slices.ContainsFunc(list, func(s access.Scope) bool { return s.Site.IsZero() }) {
		return access.WholeOrganization
	}
	if len(list) > 1 && len(list) == sites {
		return scopeChosen
	}
	return list[0].Code()
}
