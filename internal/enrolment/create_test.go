package enrolment

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
)

func (w *world) mustField(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v %+v", err, fault.Of(err).Fields)
	}
}

// says fails unless err refuses the field at with code.
func (w *world) says(what string, err error, at, code string) {
	w.Helper()
	for _, x := range fault.Of(err).Fields {
		if x.Location == at && x.Code == code {
			return
		}
	}
	w.Errorf("%s: %v %+v, want %s at %s", what, err, fault.Of(err).Fields, code, at)
}

// MEM-1, MEM-5, MEM-8: a member without an address exists, with everything they were
// given; nothing is sent; what was done is in the trail.
func TestCreate(t *testing.T) {
	each(t, func(w *world) {
		in := w.create("Jeanne", "Moreau", "")
		in.ProfileType, in.Function, in.Specialty, in.Profession = member.Unregulated, "other", "Ostéopathie animale", "Musicothérapeute"
		in.Sites, in.Title, in.Reach = w.a.sites, "Mme", member.ReachEveryone
		in.SIRET, in.AMNumber, in.MSSante, in.Phone = "732 829 320 00074", "991 823 766", "J.Moreau@medecin.mssante.fr", "06 12 34 56 78"
		in.Roles = []role.Given{w.gives(role.Secretary, w.all()), w.gives(role.Practitioner, w.first())}
		in.Permissions = []member.GivenPermission{{Permission: access.MembersRead, Scope: w.first()}}
		in.Administers = []access.Scope{w.first()}
		in.Locum = &member.Locum{For: w.julie.member, From: "2026-12-01", Until: "2026-12-31"}
		seen, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepComplete)
		w.mustField(err)
		c := w.made(w.by(w.bruno), in)
		if c.Name != "Jeanne Moreau" || c.Fate != "" || !c.Invitation.IsZero() || len(c.Warnings)+len(seen.Doubts) != 0 {
			w.Errorf("%+v %v", c, seen)
		}
		s := w.sheet(c.Member)
		if s.Status != member.Created || !s.Account.IsZero() || s.Email != "" || s.Function != "other" || s.Reach != member.ReachEveryone ||
			s.SIRET != "73282932000074" || s.AMNumber != "991823766" || s.MSSante != "j.moreau@medecin.mssante.fr" || s.Phone != "+33612345678" ||
			s.Specialty != "Ostéopathie animale" || s.ProfileType != member.Unregulated || s.Locum == nil || s.Locum.Name != "Julie Essai" {
			w.Errorf("%+v", s.Member)
		}
		if len(s.Sites) != 2 || len(s.Roles) != 3 || len(s.Permissions) != 1 || len(s.Administration) != 1 || s.Administration[0] != w.first() {
			w.Errorf("%+v", s)
		}
		if n := len(w.letters()); n != 0 {
			w.Errorf("%d letters", n)
		}
		if w.recorded(w.a.org.String(), "member.create", audit.Done) != 1 ||
			w.count(`select count(*) from audit_payload where payload like $1`, "%Ostéopathie animale%") != 1 {
			w.Error("the trail does not tell it")
		}
		w.verified()
	})
}

// MEM-1, MEM-13: with an address an invitation waits for that member, and its link lets
// in that member: their name, type and rights are the organisation's.
func TestCreateInvites(t *testing.T) {
	each(t, func(w *world) {
		c := w.made(w.by(w.bruno), w.create("Jeanne", "Moreau", "Jeanne@exemple.fr"))
		if c.Fate != Invited || c.Invitation.IsZero() {
			w.Fatalf("%+v", c)
		}
		if n := w.count(`select count(*) from invitation where id = $1 and member_id = $2 and status = 'pending'`, c.Invitation, c.Member); n != 1 {
			w.Errorf("%d invitations of the member", n)
		}
		done, err := w.e.Finish(ctx, nobody, w.letter(c.Invitation).secret, finishAs(""))
		w.mustField(err)
		s := w.sheet(c.Member)
		if done.Member != c.Member || s.Account != done.Account || s.GivenName != "Jeanne" || s.Function != "secretary" || len(s.Roles) != 1 {
			w.Errorf("%+v %+v", done, s)
		}
		if w.recorded(w.a.org.String(), "invitation.create", audit.Done) != 1 || w.recorded(w.a.org.String(), "member.create", audit.Done) != 1 {
			w.Error("the trail does not tell it")
		}
	})
}

func finishAs(function string) Finish {
	f := finish()
	f.Function = function
	return f
}

// MEM-10: the address of an account joins at once and is told; it is told to the person,
// and a check beforehand does not tell it (ENU-02).
func TestCreateJoins(t *testing.T) {
	each(t, func(w *world) {
		in := w.create("Yves", "Le Goff", "YVES@ailleurs.example")
		if _, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepComplete); err != nil {
			w.Error(err)
		}
		c := w.made(w.by(w.bruno), in)
		s := w.sheet(c.Member)
		if c.Fate != Joined || s.Account != w.yves.account.ID || s.Status != member.Active || s.FamilyName != "Le Goff" {
			w.Errorf("%+v %+v", c, s.Member)
		}
		l := w.letters()
		if len(l) != 1 || l[0].kind != "letter.joined" || l[0].args["member"] != c.Member.String() {
			w.Errorf("%+v", l)
		}
		if w.recorded(w.a.org.String(), "member.join", audit.Done) != 1 {
			w.Error("joining is not in the trail")
		}
		w.wrong("a member again", w.by(w.bruno), w.create("Yves", "Autre", "yves@ailleurs.example"), StepContact, "email", ErrEmailMember.Code)
		none := w.create("Olga", "Autre", "olga@barbe.example")
		none.Welcome = WelcomeNone
		c = w.made(w.by(w.bruno), none)
		if s := w.sheet(c.Member); c.Fate != "" || !s.Account.IsZero() || len(w.letters()) != 0 {
			w.Errorf("nothing was to be sent: %+v %+v", c, s.Member)
		}
	})
}

// MEM-1 to MEM-5, MEM-7: what is wrong is told at its field, in its step, and nothing is
// left of it but the record of the refusal.
func TestCreateFields(t *testing.T) {
	each(t, func(w *world) {
		w.made(w.by(w.bruno), w.regulated(somebody))
		w.made(w.by(w.bruno), w.create("Jeanne", "Moreau", "jeanne@exemple.fr"))
		w.send(w.by(w.bruno), w.invite("quick@exemple.fr"))
		stranger := ident.NewMember()
		for _, c := range []struct {
			step     Step
			at, code string
			change   func(in *Create)
		}{
			{StepProfile, "profile_type", "member.profile_type_unknown", func(in *Create) { in.ProfileType = "" }},
			{StepProfile, "profile_type", "member.profile_type_unknown", func(in *Create) { in.ProfileType = "D" }},
			{StepProfile, "given_name", "text.empty", func(in *Create) { in.GivenName = " " }},
			{StepProfile, "family_name", "text.symbol", func(in *Create) { in.FamilyName = "<b>" }},
			{StepProfile, "function", "member.function_unknown", func(in *Create) { in.Function = "" }},
			{StepProfile, "function", "member.function_unknown", func(in *Create) { in.Function = "root" }},
			{StepProfile, "title", "member.title_unknown", func(in *Create) { in.Title = "Sir" }},
			{StepProfile, "sites", "enrolment.site_required", func(in *Create) { in.Sites, in.Roles = nil, []role.Given{w.gives(role.Reader, w.all())} }},
			{StepProfile, "rpps", "member.rpps_required", func(in *Create) { in.ProfileType = member.Regulated }},
			{StepProfile, "rpps", "identifier.rpps_malformed", func(in *Create) { in.ProfileType, in.RPPS = member.Regulated, "123" }},
			{StepProfile, "rpps", "identifier.rpps_key", func(in *Create) { in.ProfileType, in.RPPS = member.Regulated, "99700004123" }},
			{StepProfile, "rpps", "enrolment.rpps_of_member", func(in *Create) { in.ProfileType, in.RPPS = member.Regulated, somebody }},
			{StepProfile, "rpps", "member.rpps_regulated_only", func(in *Create) { in.RPPS = midwife }},
			{StepProfile, "rpps", "member.import_other", func(in *Create) {
				in.ProfileType, in.RPPS, in.Import = member.Regulated, agent, published(midwife, "50", "Sage-Femme")
			}},
			{StepProfile, "rpps", "member.profession_not_regulated", func(in *Create) {
				in.ProfileType, in.RPPS, in.Import = member.Regulated, agent, published(agent, "99", "Acteur")
				in.GivenName, in.FamilyName = "", ""
			}},
			{StepProfile, "rpps", "member.profession_not_regulated", func(in *Create) {
				in.ProfileType, in.RPPS, in.ProfessionCode = member.Regulated, agent, "99"
			}},
			{StepProfile, "family_name", "member.name_imported", func(in *Create) {
				in.ProfileType, in.RPPS, in.Import, in.FamilyName = member.Regulated, midwife, published(midwife, "50", "Sage-Femme"), "Autre"
				in.GivenName = ""
			}},
			{StepProfile, "specialty", "member.specialty_required", func(in *Create) { in.ProfileType = member.Unregulated }},
			{StepProfile, "specialty_code", "member.specialty_unknown", func(in *Create) {
				in.ProfileType, in.SpecialtyCode, in.Specialty = member.Unregulated, "SM999", "x"
			}},
			{StepProfile, "siret", "member.practitioner_only", func(in *Create) { in.SIRET = "73282932000074" }},
			{StepProfile, "am_number", "member.practitioner_only", func(in *Create) { in.AMNumber = "991823766" }},
			{StepProfile, "siret", "identifier.siret_key", func(in *Create) {
				in.ProfileType, in.Specialty, in.SIRET = member.Unregulated, "Ostéopathie", "73282932000075"
			}},
			{StepProfile, "am_number", "identifier.am_malformed", func(in *Create) {
				in.ProfileType, in.Specialty, in.AMNumber = member.Unregulated, "Ostéopathie", "12"
			}},
			{StepProfile, "locum", "member.practitioner_only", func(in *Create) {
				in.Locum = &member.Locum{Name: "Claire Essai", From: "2026-12-01", Until: "2026-12-02"}
			}},
			{StepProfile, "locum.until", "member.locum_order", func(in *Create) {
				in.ProfileType, in.Specialty, in.Locum = member.Unregulated, "Ostéopathie", &member.Locum{Name: "Claire Essai", From: "2026-12-02", Until: "2026-12-01"}
			}},
			{StepProfile, "locum.for", "member.not_found", func(in *Create) {
				in.ProfileType, in.Specialty, in.Locum = member.Unregulated, "Ostéopathie", &member.Locum{For: stranger, From: "2026-12-01", Until: "2026-12-02"}
			}},
			{StepProfile, "locum.for", "member.not_found", func(in *Create) { // of another organisation
				in.ProfileType, in.Specialty, in.Locum = member.Unregulated, "Ostéopathie", &member.Locum{For: w.olga.member, From: "2026-12-01", Until: "2026-12-02"}
			}},
			{StepProfile, "phone", "identifier.phone_malformed", func(in *Create) { in.Phone = "12" }},
			{StepProfile, "mssante", "identifier.mssante_malformed", func(in *Create) { in.MSSante = "x" }},
			{StepContact, "messaging_reach", "member.reach_unknown", func(in *Create) { in.Reach = "world" }},
			{StepContact, "email", "account.email_malformed", func(in *Create) { in.Email = "x" }},
			{StepContact, "email", ErrEmailMember.Code, func(in *Create) { in.Email = "julie@tilleuls.example" }},
			{StepContact, "email", ErrEmailMember.Code, func(in *Create) { in.Email = "JEANNE@exemple.fr" }},
			{StepContact, "email", ErrInvited.Code, func(in *Create) { in.Email = "quick@exemple.fr" }},
			{StepContact, "email", "enrolment.no_address", func(in *Create) { in.Email, in.Welcome = "", WelcomeInvitation }},
			{StepContact, "welcome", "enrolment.welcome_unknown", func(in *Create) { in.Welcome = "pigeon" }},
			{StepContact, "language", "enrolment.language_unknown", func(in *Create) { in.Language = "de" }},
			{StepRights, "roles[0]", "enrolment.role_elsewhere", func(in *Create) {
				in.Roles = []role.Given{w.gives(role.Secretary, access.SiteScope(w.a.org, w.a.sites[1]))}
			}},
			{StepRights, "roles[0]", "role.not_found", func(in *Create) { in.Roles = []role.Given{{Role: w.b.roles[role.Reader], Scope: w.all()}} }},
			{StepRights, "administrator[0]", "site.not_found", func(in *Create) { in.Administers = []access.Scope{access.SiteScope(w.a.org, w.b.sites[0])} }},
			{StepRights, "administrator[0]", "enrolment.role_elsewhere", func(in *Create) {
				in.Administers = []access.Scope{access.SiteScope(w.a.org, w.a.sites[1])}
			}},
			{StepRights, "permissions[0]", "role.permission_unknown", func(in *Create) {
				in.Permissions = []member.GivenPermission{{Permission: "platform.administer", Scope: w.all()}}
			}},
			{StepRights, "permissions[0]", "site.not_found", func(in *Create) {
				in.Permissions = []member.GivenPermission{{Permission: access.MembersRead, Scope: access.SiteScope(w.a.org, w.b.sites[0])}}
			}},
			{StepRights, "permissions[0]", "site.not_found", func(in *Create) { // AUZ-04: another organisation's scope
				in.Permissions = []member.GivenPermission{{Permission: access.MembersRead, Scope: access.OrgScope(w.b.org)}}
			}},
			{StepRights, "permissions[0]", "enrolment.role_elsewhere", func(in *Create) {
				in.Permissions = []member.GivenPermission{{Permission: access.MembersRead, Scope: access.SiteScope(w.a.org, w.a.sites[1])}}
			}},
			{StepRights, "permissions", "enrolment.too_many_permissions", func(in *Create) {
				in.Permissions = slices.Repeat([]member.GivenPermission{{Permission: access.MembersRead, Scope: w.all()}}, MaxPermissions+1)
			}},
			{StepRights, "roles", "enrolment.too_many_roles", func(in *Create) { in.Roles = slices.Repeat(in.Roles, MaxRoles+1) }},
		} {
			in := w.create("Nina", "Essai", "nina@exemple.fr")
			c.change(&in)
			w.wrong(c.at+" "+c.code, w.by(w.bruno), in, c.step, c.at, c.code)
		}
		if n := w.recorded(w.a.org.String(), "member.create", audit.Refused); n == 0 {
			w.Error("the refusals are not in the trail")
		}
		w.verified()
	})
}

// MEM-2: what the directory publishes is imported, with its source and its date; the
// names may be written with small letters; nothing else of it can be typed over.
func TestCreateImports(t *testing.T) {
	each(t, func(w *world) {
		in := w.regulated(midwife)
		in.Import, in.FamilyName, in.GivenName = published(midwife, "50", "Sage-Femme"), "", ""
		c := w.made(w.by(w.bruno), in)
		s := w.sheet(c.Member)
		if s.FamilyName != "DIALLO" || s.Profession != "Sage-Femme" || s.ProfessionCode != "50" || s.SpecialtyCode != "SI06" || s.Title != "Dr" ||
			s.MSSante != "aicha.diallo@pro.mssante.fr" || s.Identity.Source != member.FromDirectory || s.Identity.At == nil ||
			!s.Identity.At.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)) {
			w.Errorf("%+v", s.Member)
		}
		if !slices.Contains(c.Warnings, "doubt.rpps_trial") {
			w.Errorf("a test identity is not told: %v", c.Warnings)
		}
		declared := w.regulated(somebody)
		declared.GivenName = "Nina"
		if s := w.sheet(w.made(w.by(w.bruno), declared).Member); s.Identity.Source != member.Declared || s.GivenName != "Nina" {
			w.Errorf("typed, to be verified: %+v", s.Identity)
		}
		closed := w.regulated("99700000013")
		closed.Import = &directory.Import{Practitioner: directory.Practitioner{RPPS: closed.RPPS}}
		c = w.made(w.by(w.bruno), closed)
		if s := w.sheet(c.Member); s.Identity.Source != member.Declared || s.GivenName != "Aïcha" || !slices.Contains(c.Warnings, "doubt.rpps_closed") {
			w.Errorf("who no longer practises: %+v %v", s.Identity, c.Warnings)
		}
		typed := w.regulated(agent)
		typed.Import, typed.Profession, typed.ProfessionCode = published(agent, "50", "Sage-Femme"), "", "10"
		w.wrong("another profession than the imported one", w.by(w.bruno), typed, StepProfile, "profession", "member.name_imported")
	})
}

// MEM-4: a profession that has an RPPS number today proposes type A, and never forces it.
func TestCreateProposesRegulated(t *testing.T) {
	each(t, func(w *world) {
		for name, change := range map[string]func(in *Create){
			"its code": func(in *Create) { in.ProfessionCode = "93" },
			"its name": func(in *Create) { in.Profession = "diététicien" },
			"function": func(in *Create) { in.Function = "psychologist" },
		} {
			in := w.create("Nina", "Essai", "")
			in.ProfileType, in.Specialty = member.Unregulated, "Psychologie"
			plain, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepProfile)
			if err != nil || len(plain.Doubts) != 0 {
				w.Errorf("%v %v", plain, err)
			}
			change(&in)
			seen, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepProfile)
			if err != nil || !slices.Equal(seen.Doubts, []string{"doubt.has_rpps"}) {
				w.Errorf("%s: %v %v", name, seen, err)
			}
			if c := w.made(w.by(w.bruno), in); !slices.Equal(c.Warnings, []string{"doubt.has_rpps"}) {
				w.Errorf("%s: %+v", name, c)
			}
			in.ProfileType, in.Specialty = member.NonPractitioner, ""
			if seen, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepProfile); err != nil || len(seen.Doubts) != 0 {
				w.Errorf("%s in type C: %v %v", name, seen, err)
			}
		}
	})
}

// SEC-3: creating asks for a fresh proof, whatever is given; checking asks for none.
func TestCreateAsksForProof(t *testing.T) {
	each(t, func(w *world) {
		stale := w.by(w.bruno)
		stale.StepUp = w.clock.Now().Add(-access.StepUpAge)
		in := w.create("Nina", "Essai", "")
		in.Roles = []role.Given{w.gives(role.Reader, w.first())}
		if _, err := w.e.CheckCreate(ctx, stale, in, StepComplete); err != nil {
			w.Error(err)
		}
		for _, welcome := range []Welcome{WelcomeNone, WelcomeTemporary} {
			in.Welcome = welcome
			if welcome == WelcomeTemporary {
				in.Email = "nina@exemple.fr"
			}
			w.unchanged("without a fresh proof", func() {
				_, err := w.e.Create(ctx, stale, in)
				w.refused("without a fresh proof", err, access.ErrStepUp)
			})
		}
	})
}

// INV-08, AUZ-04 to AUZ-06: nobody creates where they may not invite, nor gives what they
// do not hold; a site administrator does not learn of another site's members.
func TestCreateRights(t *testing.T) {
	each(t, func(w *world) {
		second := access.SiteScope(w.a.org, w.a.sites[1])
		in := w.create("Nina", "Essai", "")
		for name, by := range map[string]access.Actor{"a secretary": w.by(w.julie)} {
			w.unchanged(name, func() {
				_, err := w.e.Create(ctx, by, in)
				w.refused(name, err, access.ErrForbidden)
				_, err = w.e.CheckCreate(ctx, by, in, StepProfile)
				w.refused(name, err, access.ErrForbidden)
			})
		}
		for name, by := range map[string]access.Actor{"a stranger": w.by(w.olga), "another": w.by(w.yves)} {
			w.unchanged(name, func() {
				_, err := w.e.Create(ctx, by, in)
				w.refused(name, err, access.ErrNotFound)
				_, err = w.e.CheckCreate(ctx, by, in, StepComplete)
				w.refused(name, err, access.ErrNotFound)
			})
		}
		if _, err := w.e.Create(ctx, nobody, in); !errors.Is(err, access.ErrUnauthenticated) {
			w.Errorf("nobody: %v", err)
		}
		tina := w.by(w.tina)
		for _, c := range []struct {
			step     Step
			at, code string
			change   func(in *Create)
		}{
			{StepProfile, "sites[0]", "site.not_found", func(in *Create) { in.Sites, in.Roles = w.a.sites[1:], []role.Given{w.gives(role.Reader, w.first())} }},
			{StepRights, "administrator[0]", "role.above_yours", func(in *Create) { in.Administers = []access.Scope{w.all()} }},
			{StepRights, "roles[0]", "role.above_yours", func(in *Create) { in.Roles = []role.Given{w.gives(role.Administrator, w.all())} }},
			{StepRights, "roles[0]", "role.above_yours", func(in *Create) { in.Roles = []role.Given{w.gives(role.Reader, w.all())} }},
			{StepRights, "roles[0]", "site.not_found", func(in *Create) { in.Roles = []role.Given{w.gives(role.Reader, second)} }},
			{StepRights, "permissions[0]", "role.above_yours", func(in *Create) {
				in.Permissions = []member.GivenPermission{{Permission: access.SecurityEdit, Scope: w.all()}}
			}},
			{StepRights, "permissions[0]", "site.not_found", func(in *Create) {
				in.Permissions = []member.GivenPermission{{Permission: access.RecordsRead, Scope: second}}
			}},
		} {
			bad := in
			c.change(&bad)
			if c.at == "sites[0]" {
				w.unchanged(c.at, func() {
					_, err := w.e.Create(ctx, tina, bad)
					w.says(c.at, err, c.at, c.code)
					w.refused(c.at, err, ErrCannotGive)
				})
				continue
			}
			w.wrong(c.at+" "+c.code, tina, bad, c.step, c.at, c.code)
		}
		var hidden Created
		other := w.create("Paul", "Caché", "")
		other.Sites, other.Roles = w.a.sites[1:], []role.Given{w.gives(role.Reader, second)}
		hidden = w.made(w.by(w.bruno), other)
		taken := w.regulated(somebody)
		taken.Sites, taken.Roles = w.a.sites[1:], []role.Given{w.gives(role.Reader, second)}
		w.made(w.by(w.bruno), taken)
		w.wrong("the number of somebody she may not see", tina, w.regulated(somebody), StepProfile, "rpps", "member.rpps_taken")
		locum := in
		locum.ProfileType, locum.Specialty = member.Unregulated, "Ostéopathie"
		locum.Locum = &member.Locum{For: hidden.Member, From: "2026-12-01", Until: "2026-12-02"}
		w.wrong("whom she may not see", tina, locum, StepProfile, "locum.for", "member.not_found")
		own := in
		own.Administers = []access.Scope{w.first()}
		if c := w.made(tina, own); w.sheet(c.Member).Administration[0] != w.first() {
			w.Error("what she holds she may give")
		}
	})
}
