package enrolment

import (
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
	"habilis/internal/role"
	"habilis/internal/store"
)

// later creates a member of A's first site to be invited later.
func (w *world) later(given, address string, administers ...access.Scope) ident.Member {
	w.Helper()
	in := w.create(given, "Essai", address)
	in.Welcome, in.Administers = WelcomeNone, administers
	return w.made(w.by(w.bruno), in).Member
}

func (w *world) inviteMember(by access.Actor, id ident.Member) (Created, error) {
	return w.e.InviteMember(ctx, by, w.a.org, id, "")
}

// MEM-1: «Inviter» waits on the sheet of a member who has an address and no account; its
// link lets in that member, with the rights of the sheet.
func TestInviteMember(t *testing.T) {
	each(t, func(w *world) {
		id := w.later("Nina", "nina@exemple.fr")
		if s := w.sheet(id); !s.May.Invite || s.Invitation != nil {
			w.Errorf("%+v", s.May)
		}
		c, err := w.inviteMember(w.by(w.bruno), id)
		w.mustField(err)
		if c.Fate != Invited || c.Member != id || c.Name != "Nina Essai" {
			w.Errorf("%+v", c)
		}
		if s := w.sheet(id); s.May.Invite || s.Invitation == nil || s.Invitation.ID != c.Invitation || !s.May.Resend {
			w.Errorf("%+v %+v", s.May, s.Invitation)
		}
		w.unchanged("twice", func() {
			_, err := w.inviteMember(w.by(w.bruno), id)
			w.refused("twice", err, ErrInvited)
		})
		done, err := w.e.Finish(ctx, nobody, w.letter(c.Invitation).secret, finishAs(""))
		w.mustField(err)
		if s := w.sheet(id); s.Account != done.Account || len(s.Roles) != 1 || s.May.Invite {
			w.Errorf("%+v", s)
		}
		w.unchanged("who has an account", func() {
			_, err := w.inviteMember(w.by(w.bruno), id)
			w.refused("who has an account", err, member.ErrNotActive)
		})
	})
}

// MEM-10: the address of a member who waits may have an account by now: they join.
func TestInviteMemberJoins(t *testing.T) {
	each(t, func(w *world) {
		id := w.later("Yves", "yves@ailleurs.example")
		c, err := w.inviteMember(w.by(w.bruno), id)
		w.mustField(err)
		if s := w.sheet(id); c.Fate != Joined || s.Account != w.yves.account.ID || s.Status != member.Active {
			w.Errorf("%+v %+v", c, s.Member)
		}
		if l := w.letters(); len(l) != 1 || l[0].kind != "letter.joined" {
			w.Errorf("%+v", l)
		}
	})
}

// MEM-12, rules.md 6: the refusals, which change nothing.
func TestInviteMemberRefused(t *testing.T) {
	each(t, func(w *world) {
		nina, zoe := w.later("Nina", "nina@exemple.fr"), w.later("Zoé", "")
		admin := w.later("Ada", "ada@exemple.fr", w.first())
		quick := w.later("Quentin", "quentin@exemple.fr")
		w.send(w.by(w.bruno), w.invite("quentin@exemple.fr"))
		stale := w.by(w.bruno)
		stale.StepUp = w.clock.Now().Add(-time.Hour)
		for _, c := range []struct {
			name    string
			by      access.Actor
			id      ident.Member
			welcome Welcome
			want    *fault.Error
		}{
			{"without an address", w.by(w.bruno), zoe, "", ErrNoEmail},
			{"invited already", w.by(w.bruno), quick, "", ErrInvited},
			{"an account", w.by(w.bruno), w.julie.member, "", member.ErrNotActive},
			{"a secretary, who sees nobody", w.by(w.julie), nina, "", access.ErrForbidden},
			{"another organisation's", w.by(w.bruno), w.olga.member, "", member.ErrNotFound},
			{"a stranger", w.by(w.olga), nina, "", access.ErrNotFound},
			{"no such member", w.by(w.bruno), ident.NewMember(), "", member.ErrNotFound},
			{"policy", w.by(w.bruno), nina, WelcomeTemporary, ErrNoTemporary},
			{"administration without a fresh proof", stale, admin, "", access.ErrStepUp},
		} {
			w.unchanged(c.name, func() {
				_, err := w.e.InviteMember(ctx, c.by, w.a.org, c.id, c.welcome)
				w.refused(c.name, err, c.want)
			})
		}
		_, err := w.e.InviteMember(ctx, w.by(w.bruno), w.a.org, nina, WelcomeNone)
		w.field("no such welcome", err, fault.Invalid, "welcome", "enrolment.welcome_unknown")
		if _, err := w.inviteMember(stale, nina); err != nil {
			w.Errorf("care asks for no proof: %v", err)
		}
		w.e.Limits.PerDayOrg = 1
		w.unchanged("limit", func() {
			_, err := w.inviteMember(w.by(w.bruno), admin)
			w.refused("limit", err, limit.ErrExceeded)
		})
		w.e.Limits.PerDayOrg = 0
		w.allow(true)
		c, err := w.e.InviteMember(ctx, w.by(w.bruno), w.a.org, admin, WelcomeTemporary)
		if _, ok := w.temporary("ada@exemple.fr"); err != nil || !ok || c.Fate != Invited {
			w.Errorf("%+v %v", c, err)
		}
		if w.recorded(w.a.org.String(), "invitation.send", audit.Refused) == 0 {
			w.Error("the refusals are not in the trail")
		}
		w.verified()
	})
}

// AUZ-05, AUZ-06: a site administrator invites only whom they may touch: not somebody with
// more administration, of another site too, or with a role that they could not give.
func TestInviteMemberBeyondOnesRights(t *testing.T) {
	each(t, func(w *world) {
		above := w.later("Ada", "ada@exemple.fr", w.all())
		wide := w.create("Rose", "Essai", "rose@exemple.fr")
		wide.Welcome, wide.Roles = WelcomeNone, []role.Given{w.gives(role.Reader, w.all())}
		elsewhere := w.create("Paul", "Essai", "paul@exemple.fr")
		elsewhere.Welcome, elsewhere.Sites, elsewhere.Roles = WelcomeNone, w.a.sites, nil
		hidden := elsewhere
		hidden.GivenName, hidden.Email, hidden.Sites = "Luc", "luc@exemple.fr", w.a.sites[1:]
		for name, c := range map[string]struct {
			id   ident.Member
			want *fault.Error
		}{
			"more administration": {above, member.ErrMorePowerful},
			"a wider role":        {w.made(w.by(w.bruno), wide).Member, member.ErrMorePowerful},
			"another site too":    {w.made(w.by(w.bruno), elsewhere).Member, access.ErrForbidden},
			"another site":        {w.made(w.by(w.bruno), hidden).Member, member.ErrNotFound},
		} {
			w.unchanged(name, func() {
				_, err := w.inviteMember(w.by(w.tina), c.id)
				w.refused(name, err, c.want)
			})
			if c.want == member.ErrNotFound {
				continue
			}
			if s, err := w.m.Get(ctx, w.by(w.tina), w.a.org, c.id); err != nil || s.May.Invite {
				w.Errorf("%s: the button leads to a refusal: %+v %v", name, s.May, err)
			}
		}
	})
}

// AUZ-05, rules.md 13: whoever invited could not touch the member any more, who was given
// more since: the link is gone until somebody who may sends it again.
func TestInvitedMemberOutgrowsInviter(t *testing.T) {
	each(t, func(w *world) {
		c := w.made(w.by(w.tina), w.create("Nina", "Essai", "nina@exemple.fr"))
		presented := w.letter(c.Invitation).secret
		if _, err := w.e.Open(ctx, nobody, presented); err != nil {
			w.Fatal(err)
		}
		_, err := w.m.ChangeRights(ctx, w.by(w.bruno), w.a.org, c.Member, member.RightsChange{
			AddPermissions: []member.GivenPermission{{Permission: access.SecurityEdit, Scope: w.all()}},
		}, 0)
		w.mustField(err)
		w.gone("outgrown", presented)
		_, err = w.i.Resend(ctx, w.by(w.bruno), w.a.org, c.Invitation)
		w.mustField(err)
		if _, err := w.e.Finish(ctx, nobody, w.letter(c.Invitation).secret, finishAs("")); err != nil {
			w.Error(err)
		}
	})
}

// RGT-1: what was taken from a member since the invitation was written is not given back
// by its link: the sheet that was saved last is what holds.
func TestInvitationGivesNothingBack(t *testing.T) {
	each(t, func(w *world) {
		in := w.create("Nina", "Essai", "nina@exemple.fr")
		in.Sites = w.a.sites
		in.Roles = append(in.Roles, w.gives(role.Reader, w.all()), w.gives(role.Reader, access.SiteScope(w.a.org, w.a.sites[1])))
		in.Administers = []access.Scope{w.all()}
		c := w.made(w.by(w.bruno), in)
		presented := w.letter(c.Invitation).secret
		w.clock.Add(time.Minute)
		_, err := w.m.ChangeRights(ctx, w.by(w.claire), w.a.org, c.Member, member.RightsChange{
			DropSites: w.a.sites[1:], DropRoles: []role.Given{w.gives(role.Administrator, w.all())},
		}, 0)
		w.mustField(err)
		_, err = w.e.Finish(ctx, nobody, presented, finishAs(""))
		w.mustField(err)
		if s := w.sheet(c.Member); len(s.Sites) != 1 || len(s.Roles) != 2 || len(s.Administration) != 0 {
			w.Errorf("%+v %+v", s.Sites, s.Roles)
		}
	})
}

// AUZ-05: the address of a member who waits belongs to another member, or to an account
// that is blocked: nobody is let in by it, and a blocked account is not told (ENU-02).
func TestInviteMemberAddressOfAnother(t *testing.T) {
	each(t, func(w *world) {
		var id ident.Member
		w.write(func(tx *store.Tx) error {
			m, err := member.Insert(ctx, tx, member.New{
				Org: w.a.org, GivenName: "Nina", FamilyName: "Essai", Email: "julie@tilleuls.example", Function: "secretary",
				Sites: w.a.sites[:1], GivenBy: "test",
			})
			id = m.ID
			return err
		})
		w.unchanged("another member's", func() {
			_, err := w.inviteMember(w.by(w.bruno), id)
			w.refused("another member's", err, ErrEmailMember)
		})
		blocked := w.account("blocked@exemple.fr", account.NoRole)
		w.write(func(tx *store.Tx) error {
			a := blocked.account
			a.Status = account.Blocked
			_, err := account.Set(ctx, tx, a)
			return err
		})
		c, err := w.inviteMember(w.by(w.bruno), w.later("Bob", "blocked@exemple.fr"))
		w.mustField(err)
		if n := w.count(`select count(*) from invitation where id = $1 and status = $2`, c.Invitation, invitation.Pending); c.Fate != Invited || n != 1 {
			w.Errorf("%+v, %d pending", c, n)
		}
	})
}

// SEC-5, INV-03: an address that its account gave up and may take back is invited like any
// other, and tells the administrator nothing; whoever opens the link makes no account of it,
// and is answered as for an address that has one. Given back, it is its account's again.
func TestInvitedAddressIsReserved(t *testing.T) {
	each(t, func(w *world) {
		var undo string
		moves := func(tx *store.Tx, to account.Email) error {
			now, _, err := account.Get(ctx, tx, w.yves.account.ID)
			if err == nil {
				now.Email = to
				_, err = account.Set(ctx, tx, now)
			}
			return err
		}
		w.write(func(tx *store.Tx) error {
			next, _ := account.ParseEmail("yves@nouveau.example")
			_, link, err := account.AskEmail(ctx, tx, w.yves.account, next, w.yves.account.ID)
			if err != nil {
				return err
			}
			_, back, _, err := account.SpendEmailProof(ctx, tx, link.Reveal())
			if err != nil {
				return err
			}
			undo = back.Reveal()
			return moves(tx, next)
		})
		c, err := w.inviteMember(w.by(w.bruno), w.later("Bob", w.yves.account.Email.Address))
		w.mustField(err)
		if c.Fate != Invited {
			w.Errorf("%+v", c)
		}
		link := w.letter(c.Invitation).secret
		o, err := w.e.Open(ctx, nobody, link)
		if err != nil || !o.HasAccount {
			w.Errorf("%+v %v", o, err)
		}
		_, err = w.e.Finish(ctx, nobody, link, finishAs(""))
		w.refused("finishing", err, ErrHasAccount)
		w.write(func(tx *store.Tx) error {
			done, found, err := account.SpendEmailUndo(ctx, tx, undo)
			if err != nil || !found {
				w.Errorf("the undo: %v %v", found, err)
				return err
			}
			return moves(tx, done.Old)
		})
		_, err = w.e.Finish(ctx, nobody, link, finishAs(""))
		w.refused("finishing, given back", err, ErrHasAccount)
	})
}
