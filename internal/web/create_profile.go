package web

import (
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/role"
)

// readProfile reads the step «Profil». A field that the page did not ask for keeps its
// value, so that going from one type to another and back loses nothing.
func (v *visit) readProfile(f *newMember) error {
	shown := newMember{Type: v.PostFormValue("shown")}
	f.Type = v.PostFormValue(fieldType)
	for name, to := range map[string]*string{
		"q": &f.Query, fieldCity: &f.City, fieldTitle: &f.Title, fieldFunction: &f.Function, fieldPhone: &f.Phone, fieldMSSante: &f.MSSante,
		fieldSIRET: &f.SIRET, fieldAM: &f.AMNumber, fieldLocumName: &f.LocumName, fieldLocumFrom: &f.LocumFrom, fieldLocumUntil: &f.LocumUntil,
	} {
		v.readField(name, to)
	}
	if shown.practises() {
		f.Locum = v.PostFormValue(fieldLocum) != ""
	}
	v.readIdentity(f, shown)
	f.chooseActivity(v.PostFormValue("activity"))
	return v.readSites(f)
}

// readField reads one field, if the form has it.
func (v *visit) readField(name string, to *string) {
	if values, asked := v.PostForm[name]; asked && len(values) > 0 {
		*to = strings.TrimSpace(values[0])
	}
}

// readIdentity reads who the person is, unless that was imported: an import is never
// written over by a form (MEM-2).
func (v *visit) readIdentity(f *newMember, shown newMember) {
	if shown.regulated() && !f.Manual && v.mayFind() {
		return
	}
	v.readField(fieldGiven, &f.GivenName)
	v.readField(fieldFamily, &f.FamilyName)
	v.readField(fieldRPPS, &f.RPPS)
	v.readField("regulated", &f.Regulated)
	v.readField(fieldProfession, &f.Profession)
	v.readField(fieldSpecialty, &f.Specialty)
}

// readSites reads the sites. With one to choose from there is no choice.
func (v *visit) readSites(f *newMember) error {
	c, err := v.inviteChoices()
	if err != nil {
		return err
	}
	if f.Sites = v.PostForm[rightSite]; len(c.Sites) == 1 {
		f.Sites = []string{c.Sites[0].ID.String()}
	}
	return nil
}

// chooseActivity picks one activity of the import: only one that it has.
func (f *newMember) chooseActivity(id string) {
	if f.Import == nil || id == "" {
		return
	}
	chosen := *f.Import
	chosen.Activity = id
	if _, ok := activity(&chosen); ok {
		f.Import = &chosen
	}
}

// checkProfile asks for what the page itself needs: first what decides of the fields that
// it shows, then what is asked for with them.
func (v *visit) checkProfile(first, more *fault.Fields, f newMember) {
	i := f.imported()
	switch {
	case f.Type == "":
		first.Add(fieldType, "web.create_type")
	case f.regulated() && !f.Manual && i == nil && v.mayFind():
		first.Add("q", "web.create_search")
	case i != nil && len(i.Practitioner.Activities) > 1 && i.Activity == "":
		more.Add("activity", "web.create_activity")
	case f.regulated() && i == nil && f.Regulated == "":
		more.Add("regulated", "web.create_profession")
	}
}

// proposes reports whether type A is to be proposed for the profession of a type B,
// once: it has an RPPS today (MEM-4). It is never forced.
func (v *visit) proposes(f *newMember) bool {
	c := f.withRPPS()
	if c.Label == "" || f.Declined == c.Label {
		return false
	}
	f.Declined = c.Label
	return true
}

// withRPPS is what was typed for a type B and has an RPPS today; none: the zero value.
func (f *newMember) withRPPS() nomenclature.Code {
	if f.Type != string(member.Unregulated) {
		return nomenclature.Code{}
	}
	for _, typed := range []string{f.Profession, f.Specialty} {
		if c := fromList(nomenclature.AllProfessions, typed); c.Code != "" && nomenclature.HasRPPS(c.Code) {
			return c
		}
	}
	return nomenclature.Code{}
}

// notRegulated is the profession of an import that is not a regulated one: the RPPS
// alone does not make it so (code 99).
func (f *newMember) notRegulated() string {
	a, ok := activity(f.imported())
	if !ok || nomenclature.Regulated(a.Profession.Code) {
		return ""
	}
	return a.Profession.Label
}

// becomes goes over to another type of profile, with what is known of the person.
func (f *newMember) becomes(kind string) {
	p, _ := f.occupation()
	if i := f.imported(); i != nil {
		f.GivenName, f.FamilyName, f.Profession = i.Practitioner.GivenName, i.Practitioner.FamilyName, p.Label
		f.Import = nil
	}
	if kind == string(member.Regulated) && f.Query == "" {
		f.Query = strings.TrimSpace(f.FamilyName + " " + f.GivenName)
		f.Manual = false
		if nomenclature.HasRPPS(p.Code) {
			f.Regulated = p.Code
		}
	}
	f.Type = kind
}

// colleague is somebody who may be replaced, as the field «Personne remplacée» offers them.
type colleague struct {
	ID      ident.Member
	Profile member.ProfileType
	Label   string // the name; of two people of one name, with what tells them apart
}

// colleagues are the members whom this person may see, by name. search narrows them.
func (v *visit) colleagues(search string) ([]colleague, error) {
	if !v.held.HasAnywhere(access.MembersRead) {
		return nil, nil
	}
	q := member.Query{Search: search, Sort: member.ByName, Page: 1, Size: member.MaxPageSize}
	list, err := v.s.Members.List(v.Context(), v.by, v.org.ID, q)
	if err != nil {
		return nil, err
	}
	same := map[string]int{}
	for i := range list.Rows {
		same[list.Rows[i].Name()]++
	}
	out := make([]colleague, 0, len(list.Rows))
	for i := range list.Rows {
		r := &list.Rows[i]
		label := r.Name()
		if same[label] > 1 {
			label += " (" + v.t.List(append([]string{v.occupation(r.Member)}, siteRefs(r.Sites)...)) + ")"
		}
		out = append(out, colleague{ID: r.ID, Profile: r.ProfileType, Label: label})
	}
	return out, nil
}

// replaced finds the member whom a typed name means; somebody else's name means none.
func (v *visit) replaced(typed string) (ident.Member, error) {
	name, _, _ := strings.Cut(typed, " (")
	if name == "" {
		return "", nil
	}
	list, err := v.colleagues(name)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Malformed) { // a name that no search can hold
		return "", nil
	}
	for _, c := range list {
		if strings.EqualFold(c.Label, strings.TrimSpace(typed)) {
			return c.ID, err
		}
	}
	return "", err
}

// plainLabel is the name alone of a member chosen from the list.
func plainLabel(typed string, of ident.Member) string {
	if name, _, told := strings.Cut(typed, " ("); told && !of.IsZero() {
		return name
	}
	return typed
}

// readRights reads the step «Droits».
func (v *visit) readRights(f *newMember) error {
	c, err := v.inviteChoices()
	if err != nil {
		return err
	}
	f.Roles = nil
	for _, id := range v.PostForm[rightRole] {
		f.Roles = append(f.Roles, pickedRole{Role: id, Scope: orUsual(v.PostFormValue("scope_"+id), c)})
	}
	f.Admin = v.PostFormValue("admin") == "yes"
	if _, offered := c.administrator(); !offered {
		f.Admin = false
	}
	v.readField("admin_scope", &f.AdminScope)
	f.AdminScope = orUsual(f.AdminScope, c)
	return nil
}

func orUsual(scope string, c inviteChoices) string {
	if scope == "" {
		return c.usualScope()
	}
	return scope
}

// administrator is the built-in role that administers, when it may be given somewhere.
func (c inviteChoices) administrator() (role.Grantable, bool) {
	for i := range c.Roles {
		if c.Roles[i].Role.BuiltIn == role.Administrator {
			return c.Roles[i], true
		}
	}
	return role.Grantable{}, false
}

// readContact reads the step «Contact».
func (v *visit) readContact(f *newMember) {
	for name, to := range map[string]*string{"reach": &f.Reach, fieldEmail: &f.Email, fieldWelcome: &f.Welcome, fieldLanguage: &f.Language} {
		v.readField(name, to)
	}
	f.Later = v.PostFormValue("when") != "yes"
}
