package enrolment

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

func fates(r Report) []Fate {
	var list []Fate
	for _, l := range r.Lines {
		list = append(list, l.Fate)
	}
	return list
}

// MEM-9, MEM-10, ENU-02: one line an address, in their order, each with its fate.
func TestFates(t *testing.T) {
	each(t, func(w *world) {
		blocked := w.account("bloque@ailleurs.example", account.NoRole)
		gone := w.member("partie@tilleuls.example", w.a, w.a.sites)
		off := w.member("eteint@tilleuls.example", w.a, w.a.sites)
		fresh := w.account("neuve@ailleurs.example", account.NoRole)
		w.write(func(tx *store.Tx) error {
			b := blocked.account
			b.Status = account.Blocked
			_, err := account.Set(ctx, tx, b)
			return err
		})
		w.write(func(tx *store.Tx) error { // never signed in
			_, err := tx.Exec(ctx, `update account set last_sign_in_at = $1 where id = $2`, store.Never, fresh.account.ID)
			return err
		})
		if err := w.leaves(gone); err != nil {
			w.Fatal(err)
		}
		if _, err := w.m.Deactivate(ctx, w.by(w.bruno), w.a.org, off.member, 0); err != nil {
			w.Fatal(err)
		}
		_, pending := w.invited("attendue@exemple.fr")

		r := w.send(w.by(w.bruno), w.invite(
			"nouvelle@exemple.fr", "NOUVELLE@Exemple.FR", "pas une adresse", "julie@tilleuls.example", "Attendue@exemple.fr",
			"yves@ailleurs.example", "Yves@ailleurs.example", "bloque@ailleurs.example", "partie@tilleuls.example", "eteint@tilleuls.example",
			"neuve@ailleurs.example", "",
		))
		want := []Fate{
			Invited, AlreadyInvited, Invalid, AlreadyMember, AlreadyInvited,
			Joined, AlreadyMember, Invited, Joined, AlreadyMember, // a deactivated member is not reactivated in silence
			Joined, Invalid,
		}
		if got := fates(r); !slices.Equal(got, want) {
			w.Fatalf("fates\n%v, want\n%v", got, want)
		}
		if l := r.Lines[1]; l.Email != "NOUVELLE@Exemple.FR" || l.Invitation != r.Lines[0].Invitation {
			w.Errorf("the second line: %+v", l)
		}
		if r.Lines[2].Code != account.CodeEmailMalformed || r.Lines[11].Code != account.CodeEmailEmpty || r.Lines[4].Invitation != pending {
			w.Errorf("lines %+v", r.Lines)
		}
		for address, status := range map[string]member.Status{"yves@ailleurs.example": member.Active, "neuve@ailleurs.example": member.Created} {
			m := w.memberOf(address)
			if m.Status != status || m.Function != "secretary" || m.GivenName == "" {
				w.Errorf("%s joined as %+v, want %s", address, m, status)
			}
		}
		kinds := map[string]int{}
		for _, l := range w.letters() {
			kinds[l.kind]++
			if l.kind == (JoinedLetter{}).Kind() && (l.secret != "" || l.args["invited_by"] != "Bruno Essai") {
				w.Errorf("letter %+v", l)
			}
		}
		if kinds["letter.invitation"] != 2 || kinds["letter.joined"] != 3 {
			w.Errorf("letters %v: one to each invited address, one notice to each that joined (ENU-02)", kinds)
		}
		if n := w.recorded(w.a.org.String(), "member.join", audit.Done); n != 3 {
			w.Errorf("%d lines of joining", n)
		}
		w.verified()
	})
}

// memberOf reads the member of A that an address is.
func (w *world) memberOf(address string) (m member.Member) {
	w.Helper()
	w.read(func(tx *store.Tx) error {
		a, _, err := account.ByEmail(ctx, tx, email(address).Key)
		if err != nil {
			return err
		}
		m, _, err = member.ByAccount(ctx, tx, w.a.org, a.ID)
		return err
	})
	return m
}

// ENU-02: to whoever only looks, an address with an account, one without and one
// that the platform blocked look the same, and nothing is written.
func TestPreviewTellsNobodyApart(t *testing.T) {
	each(t, func(w *world) {
		w.invited("attendue@exemple.fr")
		w.unchanged("a preview", func() {
			r, err := w.e.Preview(ctx, w.by(w.bruno), w.invite("yves@ailleurs.example", "inconnue@exemple.fr", "julie@tilleuls.example", "attendue@exemple.fr", "a@b"))
			if err != nil {
				w.Fatal(err)
			}
			if got, want := fates(r), []Fate{Invited, Invited, AlreadyMember, AlreadyInvited, Invalid}; !slices.Equal(got, want) {
				w.Errorf("%v, want %v", got, want)
			}
		})
		w.e.Limits.PerDayOrg = 3
		r, err := w.e.Preview(ctx, w.by(w.bruno), w.invite("a@exemple.fr", "b@exemple.fr", "c@exemple.fr"))
		if want := []Fate{Invited, Invited, Throttled}; err != nil || !slices.Equal(fates(r), want) {
			w.Errorf("%v %v, want %v", fates(r), err, want)
		}
	})
}

// INV-08: nobody gives what they do not hold, be it a role above theirs, one of
// another organisation, or a place of others. Each field is named, nothing is done.
func TestInviteGivesNoMoreThanHeld(t *testing.T) {
	each(t, func(w *world) {
		all, first, second := access.OrgScope(w.a.org), access.SiteScope(w.a.org, w.a.sites[0]), access.SiteScope(w.a.org, w.a.sites[1])
		administrator, secretary := w.a.roles[role.Administrator], w.a.roles[role.Secretary]
		for _, c := range []struct {
			name     string
			roles    []role.Given
			sites    []ident.Site
			at, code string
		}{
			{"administrator of all", []role.Given{{Role: administrator, Scope: all}}, w.a.sites[:1], "roles[0]", "role.above_yours"},
			{"care in all", []role.Given{{Role: secretary, Scope: all}}, w.a.sites[:1], "roles[0]", "role.above_yours"},
			{"administrator elsewhere", []role.Given{{Role: secretary, Scope: first}, {Role: administrator, Scope: second}}, w.a.sites[:1], "roles[1]", "site.not_found"},
			{"role of B", []role.Given{{Role: w.b.roles[role.Secretary], Scope: first}}, w.a.sites[:1], "roles[0]", "role.not_found"},
			{"scope of B", []role.Given{{Role: secretary, Scope: access.OrgScope(w.b.org)}}, w.a.sites[:1], "roles[0]", "site.not_found"},
			{"made-up role", []role.Given{{Role: ident.NewRole(), Scope: first}}, w.a.sites[:1], "roles[0]", "role.not_found"},
			{"another site", nil, w.a.sites[1:], "sites[0]", "site.not_found"},
			{"made-up site", nil, []ident.Site{w.a.sites[0], ident.NewSite()}, "sites[1]", "site.not_found"},
			{"site of B", nil, w.b.sites, "sites[0]", "site.not_found"},
		} {
			in := w.invite("x@exemple.fr", "y@exemple.fr")
			in.Roles, in.Sites = c.roles, c.sites
			w.unchanged(c.name, func() {
				_, err := w.e.Invite(ctx, w.by(w.tina), in)
				w.refused(c.name, err, ErrCannotGive)
				w.field(c.name, err, fault.Forbidden, c.at, c.code)
				_, err = w.e.Preview(ctx, w.by(w.tina), in)
				w.field(c.name+", looked at", err, fault.Forbidden, c.at, c.code)
			})
		}
		if n := w.recorded(w.a.org.String(), "invitation.send", audit.Refused); n == 0 {
			w.Error("no refusal was recorded")
		}
		in := w.invite("x@exemple.fr")
		in.Roles = []role.Given{{Role: administrator, Scope: first}}
		if r := w.send(w.by(w.tina), in); r.Lines[0].Fate != Invited { // within their own site
			w.Errorf("%+v", r)
		}
	})
}

// Whoever may not invite, or is a stranger, is refused before anything is said.
func TestInviteNeedsTheRight(t *testing.T) {
	each(t, func(w *world) {
		w.unchanged("powerless invitations", func() {
			for _, in := range []Invite{w.invite("x@exemple.fr"), w.invite("no address"), w.invite(), {Org: w.a.org}} {
				_, err := w.e.Invite(ctx, w.by(w.julie), in)
				w.refused("a secretary", err, access.ErrForbidden)
				_, err = w.e.Invite(ctx, w.by(w.olga), in)
				w.refused("another organisation", err, access.ErrNotFound)
				_, err = w.e.Invite(ctx, nobody, in)
				w.refused("nobody", err, access.ErrUnauthenticated)
				_, err = w.e.Preview(ctx, w.by(w.julie), in)
				w.refused("a secretary's look", err, access.ErrForbidden)
				in.Welcome = invitation.ByTemporaryPassword
				_, err = w.e.Invite(ctx, w.by(w.julie), in)
				w.refused("a secretary's password", err, access.ErrForbidden)
			}
		})
		if n := w.recorded(w.a.org.String(), "invitation.send", audit.Refused); n == 0 {
			w.Error("no refusal was recorded")
		}
	})
}

// rules.md 6: an invitation that gives administration asks for a fresh proof.
func TestAdministrationAsksForProof(t *testing.T) {
	each(t, func(w *world) {
		in := w.invite("x@exemple.fr")
		in.Roles[0].Role = w.a.roles[role.Administrator]
		stale := w.by(w.bruno)
		stale.StepUp = w.clock.Now().Add(-access.StepUpAge)
		w.unchanged("an invitation without proof", func() {
			_, err := w.e.Invite(ctx, stale, in)
			w.refused("administration", err, access.ErrStepUp)
			poor := w.by(w.julie)
			poor.StepUp = stale.StepUp
			_, err = w.e.Invite(ctx, poor, in)
			w.refused("no right is said before no proof", err, access.ErrForbidden)
		})
		if _, err := w.e.Invite(ctx, stale, w.invite("y@exemple.fr")); err != nil {
			w.Errorf("a secretary needs no proof: %v", err)
		}
		r := w.send(w.by(w.bruno), in)
		_, err := w.i.Resend(ctx, stale, w.a.org, r.Lines[0].Invitation)
		w.refused("sending administration again", err, access.ErrStepUp)
		if _, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, r.Lines[0].Invitation); err != nil {
			w.Error(err)
		}
	})
}

// Everything wrong is said at once, each at its field, and nothing is done.
func TestInviteFields(t *testing.T) {
	each(t, func(w *world) {
		second := access.SiteScope(w.a.org, w.a.sites[1])
		many := make([]string, invitation.MaxPerRequest+1)
		tooMany := slices.Repeat(w.invite().Roles, MaxRoles+1)
		for _, c := range []struct {
			at, code string
			change   func(*Invite)
		}{
			{"emails", "enrolment.no_address", func(in *Invite) { in.Emails = nil }},
			{"emails", "enrolment.too_many_addresses", func(in *Invite) { in.Emails = many }},
			{"emails", "enrolment.too_many_temporary", func(in *Invite) {
				in.Emails, in.Welcome = many[:MaxTemporary+1], invitation.ByTemporaryPassword
			}},
			{"sites", "enrolment.site_required", func(in *Invite) { in.Sites = nil }},
			{"roles", "enrolment.too_many_roles", func(in *Invite) { in.Roles = tooMany }},
			{"roles[0]", "enrolment.role_elsewhere", func(in *Invite) { in.Roles[0].Scope = second }},
			{"function", "enrolment.function_unknown", func(in *Invite) { in.Function = "surgeon-in-chief" }},
			{"language", "enrolment.language_unknown", func(in *Invite) { in.Language = "de" }},
			{"welcome", "enrolment.welcome_unknown", func(in *Invite) { in.Welcome = "none" }},
		} {
			in := w.invite("x@exemple.fr")
			c.change(&in)
			w.unchanged(c.code, func() {
				_, err := w.e.Invite(ctx, w.by(w.bruno), in)
				w.field(c.code, err, fault.Invalid, c.at, c.code)
			})
		}
		in := w.invite()
		in.Sites, in.Language = nil, "de"
		_, err := w.e.Invite(ctx, w.by(w.bruno), in)
		if n := len(fault.Of(err).Fields); n != 3 {
			w.Errorf("%d fields, want 3: %v", n, fault.Of(err).Fields)
		}
	})
}

// The site is chosen when there is one; no role means «Lecture seule», at the sites.
func TestInviteDefaults(t *testing.T) {
	each(t, func(w *world) {
		r := w.send(w.by(w.olga), Invite{Org: w.b.org, Emails: []string{"x@exemple.fr"}})
		i, err := w.i.Get(ctx, w.by(w.olga), w.b.org, r.Lines[0].Invitation)
		if err != nil {
			w.Fatal(err)
		}
		want := role.Given{Role: w.b.roles[role.Reader], Scope: access.SiteScope(w.b.org, w.b.sites[0])}
		if !slices.Equal(i.Sites, w.b.sites) || !slices.Equal(i.Roles, []role.Given{want}) || i.Language != "fr" || i.Welcome != invitation.ByLink {
			w.Errorf("%+v", i)
		}
		if i.SiteNames[0] != "Centre" || i.RoleLabels[0] != (invitation.Label{BuiltIn: role.Reader, SiteName: "Centre"}) || i.InvitedBy != "Olga Essai" {
			w.Errorf("%+v", i)
		}
	})
}

// INV-10: what is over the limit is throttled line by line, and the flood is one
// line of the trail; sending again counts too.
func TestFlood(t *testing.T) {
	each(t, func(w *world) {
		w.e.Limits.PerDayOrg, w.i.Limits.PerDayOrg = 10, 10
		var many []string
		for n := range 30 {
			many = append(many, fmt.Sprintf("p%d@exemple.fr", n))
		}
		r := w.send(w.by(w.bruno), w.invite(many...))
		for n, l := range r.Lines {
			if want := map[bool]Fate{true: Invited, false: Throttled}[n < 10]; l.Fate != want {
				w.Fatalf("line %d: %s, want %s", n, l.Fate, want)
			}
		}
		if n := len(w.letters()); n != 10 {
			w.Errorf("%d letters", n)
		}
		if n := w.recorded(w.a.org.String(), "invitation.send", audit.Refused); n != 1 {
			w.Errorf("%d refusals recorded, want 1", n)
		}
		_, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, r.Lines[0].Invitation)
		w.refused("over the organisation's day", err, limit.ErrExceeded)
		w.clock.Add(24 * time.Hour)
		sent := 0
		for range 100 {
			_, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, r.Lines[0].Invitation)
			if err == nil {
				sent++
			} else {
				w.refused("sent again", err, limit.ErrExceeded)
			}
		}
		if sent != invitation.MaxPerDayAddress {
			w.Errorf("sent again %d times in a day, want %d", sent, invitation.MaxPerDayAddress)
		}
	})
}

// INJ-02, and look-alikes: what is no plain address is a line to correct, and no
// letter is written to it. «a@b>,<c@d» is not two recipients.
func TestNastyAddresses(t *testing.T) {
	nasty := []string{
		"a@b.fr\r\nBcc: c@d.fr", "a@b>,<c@d", "<a@b.fr>", "a@b.fr,c@d.fr", "A <a@b.fr>", "=?utf-8?q?a?=@b.fr\n", "a\u2028@b.fr", "a@b.fr\u0000",
		"а@exemple.fr" /* Cyrillic */, "a@еxemple.fr", "a\u200b@exemple.fr", "a@cabinet", "a@@b.fr", "@b.fr", "a@", strings.Repeat("a", 10_000) + "@b.fr",
		"\"a b\"@exemple.fr", "a@[192.0.2.1]", "<script>alert(1)</script>@exemple.fr", "a@exemple.fr;drop table invitation",
	}
	each(t, func(w *world) {
		w.unchanged("nasty addresses", func() {
			r := w.send(w.by(w.bruno), w.invite(nasty...))
			for n, l := range r.Lines {
				if l.Fate != Invalid || l.Code == "" || l.Email != nasty[n] {
					w.Errorf("%q: %+v", nasty[n], l)
				}
			}
		})
	})
}

// A member who waits for an account is the one who comes in: invited, not doubled.
func TestWaitingMember(t *testing.T) {
	each(t, func(w *world) {
		var waiting member.Member
		w.write(func(tx *store.Tx) (err error) {
			waiting, err = member.Insert(ctx, tx, member.New{
				Org: w.a.org, Title: "Dr", GivenName: "Paul", FamilyName: "Garnier", Email: "paul@exemple.fr", Function: "physician", Sites: w.a.sites[1:],
				Roles: []role.Given{{Role: w.a.roles[role.Practitioner], Scope: access.SiteScope(w.a.org, w.a.sites[1])}},
			})
			return err
		})
		in := w.invite("Paul@exemple.fr")
		in.Function = ""
		r := w.send(w.by(w.bruno), in)
		token := w.letter(r.Lines[0].Invitation).secret
		o, err := w.e.Open(ctx, nobody, token)
		if err != nil || o.Names.FamilyName != "Garnier" || o.Function != "physician" {
			w.Fatalf("%+v %v", o, err)
		}
		done, err := w.e.Finish(ctx, nobody, token, finish())
		if err != nil || done.Member != waiting.ID {
			w.Fatalf("%+v %v, want member %s", done, err, waiting.ID)
		}
		s, err := w.m.Get(ctx, w.by(w.bruno), w.a.org, waiting.ID)
		if err != nil || s.Account != done.Account || len(s.Sites) != 2 || len(s.Roles) != 2 || s.FamilyName != "Garnier" || s.Function != "physician" {
			w.Errorf("%+v %v", s, err)
		}
	})
}

// A member who waited and was deactivated takes the link with them.
func TestWaitingMemberDeactivated(t *testing.T) {
	each(t, func(w *world) {
		var waiting member.Member
		w.write(func(tx *store.Tx) (err error) {
			waiting, err = member.Insert(ctx, tx, member.New{
				Org: w.a.org, GivenName: "Paul", FamilyName: "Garnier", Email: "paul@exemple.fr", Sites: w.a.sites,
			})
			return err
		})
		token, _ := w.invited("paul@exemple.fr")
		if _, err := w.m.Deactivate(ctx, w.by(w.bruno), w.a.org, waiting.ID, 0); err != nil {
			w.Fatal(err)
		}
		w.letters()
		w.gone("the waiting member was deactivated", token)
	})
}

// AUZ-06: a site administrator learns that an address is taken, not by whom.
func TestSiteAdministratorSeesNoStranger(t *testing.T) {
	each(t, func(w *world) {
		w.member("loin@tilleuls.example", w.a, w.a.sites[1:])
		in := w.invite("x@exemple.fr")
		in.Sites, in.Roles = w.a.sites[1:], nil
		w.send(w.by(w.bruno), in)
		r := w.send(w.by(w.tina), w.invite("loin@tilleuls.example", "x@exemple.fr"))
		if l := r.Lines[0]; l.Fate != AlreadyMember || !l.Member.IsZero() {
			w.Errorf("%+v", l)
		}
		if l := r.Lines[1]; l.Fate != AlreadyInvited || !l.Invitation.IsZero() {
			w.Errorf("%+v", l)
		}
	})
}

// A closed site is no place to invite to.
func TestClosedSite(t *testing.T) {
	each(t, func(w *world) {
		in := w.invite("x@exemple.fr")
		in.Sites, in.Roles = w.a.sites[1:], nil
		token := w.letter(w.send(w.by(w.bruno), in).Lines[0].Invitation).secret
		w.write(func(tx *store.Tx) error {
			_, err := org.CloseSite(ctx, tx, w.a.org, w.a.sites[1])
			return err
		})
		w.gone("its only site was closed", token)
		_, err := w.e.Invite(ctx, w.by(w.bruno), in)
		w.field("a closed site", err, fault.Forbidden, "sites[0]", org.ErrNoSuchSite.Code)
		l, err := w.i.List(ctx, w.by(w.bruno), w.a.org, invitation.Query{})
		if err != nil || len(l.Items) != 1 {
			w.Fatalf("%+v %v", l, err)
		}
		_, err = w.i.Resend(ctx, w.by(w.bruno), w.a.org, l.Items[0].ID)
		w.refused("sent to a closed site", err, invitation.ErrNoSite)
		if err := w.i.Delete(ctx, w.by(w.bruno), w.a.org, l.Items[0].ID); err != nil {
			w.Error(err)
		}
	})
}
