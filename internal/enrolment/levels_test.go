package enrolment

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
)

// put makes an agenda of a room at a site of A.
func (w *world) put(name string, site ident.Site) resource.ID {
	w.Helper()
	r, err := resource.Resources{Run: w.run}.Create(ctx, w.by(w.bruno), w.a.org, resource.Agenda, resource.Details{
		Site: site, Kind: resource.OfRoom, Name: name,
	})
	w.must(err)
	return r.ID
}

// levels are what a member has now, by resource.
func (w *world) levels(m ident.Member) map[resource.ID]grant.Level {
	w.Helper()
	r, err := grant.Grants{Run: w.run}.OfMember(ctx, w.by(w.bruno), w.a.org, m)
	w.must(err)
	out := map[resource.ID]grant.Level{}
	for _, l := range r.Levels {
		out[l.Resource.ID] = l.Level
	}
	return out
}

// give gives a member a level, as bruno.
func (w *world) give(m ident.Member, on resource.ID, l grant.Level) {
	w.Helper()
	_, err := grant.Grants{Run: w.run}.Apply(ctx, w.by(w.bruno), w.a.org, grant.Wanted{Changes: []grant.Change{{Member: m, Resource: on, Level: l}}})
	w.must(err)
}

// MEM-1, RGT-2, RGT-4: a member is created with levels, those of a colleague and those
// named, in the one act; the check says what they will be, and keeps nothing.
func TestCreatedWithLevels(t *testing.T) {
	each(t, func(w *world) {
		one, two, three := w.put("Échographie", w.a.sites[0]), w.put("Soins", w.a.sites[0]), w.put("Réunion", w.a.sites[1])
		w.give(w.julie.member, one, grant.Manage)
		w.give(w.julie.member, two, grant.Read)
		in := w.create("Inès", "Roussel", "")
		until := w.clock.Now().Add(48 * time.Hour)
		in.Levels = grant.Welcome{
			Like:  &grant.Like{From: w.julie.member, Domains: []resource.Type{resource.Agenda}},
			Given: []grant.Given{{Resource: two, Level: grant.Availability, Until: &until}, {Resource: three, Level: grant.Read}},
		}
		w.unchanged("a check", func() {
			seen, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, StepLevels)
			w.mustField(err)
			if len(seen.Levels.Lines) != 3 || len(seen.Levels.Warnings) == 0 {
				w.Errorf("%+v", seen.Levels)
			}
		})
		made := w.made(w.by(w.bruno), in)
		got := w.levels(made.Member)
		if len(got) != 3 || got[one] != grant.Manage || got[two] != grant.Availability || got[three] != grant.Read {
			w.Errorf("%v", got)
		}
		w.clock.Add(49 * time.Hour)
		if got = w.levels(made.Member); got[two] != grant.None {
			w.Errorf("after its end: %v", got)
		}
		if n := w.recorded(w.a.org.String(), "member.create", "done"); n != 1 {
			w.Errorf("%d creations", n)
		}
		w.verified()
	})
}

// RGT-1, AUZ-04, AUZ-06: who creates gives no more than who edits: what is refused later
// is refused now, at its line, and nobody is created.
func TestCreatedWithinTheGiver(t *testing.T) {
	each(t, func(w *world) {
		near, far := w.put("Échographie", w.a.sites[0]), w.put("Réunion", w.a.sites[1])
		tina := w.by(w.tina)
		in := w.create("Inès", "Roussel", "")
		in.Levels.Given = []grant.Given{{Resource: near, Level: grant.Read}, {Resource: far, Level: grant.Read}}
		w.wrong("an agenda of another site", tina, in, StepLevels, "rights.changes[1].resource", resource.ErrNotFound.Code)
		in.Levels.Given = []grant.Given{{Resource: resource.ID(ident.NewAgenda()), Level: grant.Read}}
		w.wrong("an agenda that is not", tina, in, StepLevels, "rights.changes[0].resource", resource.ErrNotFound.Code)
		in.Levels.Given = []grant.Given{{Resource: near, Level: grant.Reply}}
		w.wrong("a level of mailboxes", tina, in, StepLevels, "rights.changes[0].level", "grant.level_unknown")
		in.Levels = grant.Welcome{Like: &grant.Like{From: ident.NewMember(), Domains: []resource.Type{resource.Agenda}}}
		w.wrong("like nobody", tina, in, StepLevels, "rights.clone.from", member.ErrNotFound.Code)
		in.Levels = grant.Welcome{Given: []grant.Given{{Resource: near, Level: grant.Read}}}
		w.made(tina, in)

		// Who may invite and create, but edit no rights, gives no level.
		clerk := w.member("clerk@tilleuls.example", w.a, w.a.sites[:1])
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
				values ($1, 'g1', $2, $3, $5, $5, $6, '', $6), ($1, 'g2', $2, $4, $5, $5, $6, '', $6)`,
				w.a.org, clerk.member, access.MembersInvite, access.RightsRead, w.a.sites[0], w.clock.Now())
			return err
		})
		w.wrong("without rights.edit", w.by(clerk), in, StepLevels, "rights.changes[0].resource", "grant.resource_not_yours")
	})
}

// MEM-9, MEM-10: the same levels for all who are invited: at once for who has an account,
// with the link for the others, given by whoever invited.
func TestInvitedWithLevels(t *testing.T) {
	each(t, func(w *world) {
		one, two := w.put("Échographie", w.a.sites[0]), w.put("Soins", w.a.sites[0])
		in := w.invite("nouvelle@exemple.fr", w.yves.account.Email.Address)
		soon := w.clock.Now().Add(time.Hour)
		in.Levels.Given = []grant.Given{{Resource: one, Level: grant.Manage}, {Resource: two, Level: grant.Read, From: &soon}}
		lines := w.send(w.by(w.bruno), in).Lines
		if lines[0].Fate != Invited || lines[1].Fate != Joined {
			w.Fatalf("%+v", lines)
		}
		if got := w.levels(lines[1].Member); got[one] != grant.Manage || len(got) != 2 {
			w.Errorf("joined: %v", got)
		}
		w.clock.Add(2 * time.Hour) // what was to begin has begun
		i, err := w.i.Get(ctx, w.by(w.bruno), w.a.org, lines[0].Invitation)
		if w.must(err); len(i.Levels) != 2 {
			w.Errorf("%+v", i.Levels)
		}
		_, err = w.e.Finish(ctx, nobody, w.letter(lines[0].Invitation).secret, finish())
		w.mustField(err)
		m := w.memberOf("nouvelle@exemple.fr")
		if got := w.levels(m.ID); got[one] != grant.Manage || got[two] != grant.Read {
			w.Errorf("finished: %v", got)
		}
		if n := w.count(`select count(*) from access_grant where org_id = $1 and member_id = $2 and given_by = $3`,
			w.a.org, m.ID, w.by(w.bruno).ID()); n != 2 {
			w.Errorf("%d levels given by whoever invited", n)
		}
	})
}

// rules.md 13, INV-08: an invitation dies with the right to give its levels; sent again by
// who may, it lives. What was closed meanwhile is left out.
func TestInvitedLevelsStand(t *testing.T) {
	each(t, func(w *world) {
		here, there := w.put("Échographie", w.a.sites[0]), w.put("Réunion", w.a.sites[1])
		in := w.invite("nouvelle@exemple.fr")
		in.Levels.Given = []grant.Given{{Resource: here, Level: grant.Read}, {Resource: there, Level: grant.Read}}
		id := w.send(w.by(w.bruno), in).Lines[0].Invitation
		presented := w.letter(id).secret
		w.letters()
		if _, err := w.m.Appoint(ctx, w.by(w.claire), w.bruno.member, w.first(), 0); err != nil {
			w.Fatal(err)
		}
		if _, err := w.m.Withdraw(ctx, w.by(w.claire), w.bruno.member, access.OrgScope(w.a.org), 0); err != nil {
			w.Fatal(err)
		}
		w.gone("its inviter may not give a level any more", presented)
		if _, err := w.i.Resend(ctx, w.by(w.bruno), w.a.org, id); fault.Of(err).Kind != fault.Forbidden && fault.Of(err).Kind != fault.NotFound {
			w.Errorf("sent again by who may not: %v", err)
		}
		if _, err := w.i.Resend(ctx, w.by(w.claire), w.a.org, id); err != nil {
			w.Fatal(err)
		}
		sheet, err := resource.Resources{Run: w.run}.Get(ctx, w.by(w.claire), w.a.org, there)
		w.must(err)
		_, err = resource.Resources{Run: w.run}.Close(ctx, w.by(w.claire), w.a.org, there, sheet.Version)
		w.must(err)
		_, err = w.e.Finish(ctx, nobody, w.letter(id).secret, finish())
		w.mustField(err)
		if got := w.levels(w.memberOf("nouvelle@exemple.fr").ID); len(got) != 1 || got[here] != grant.Read {
			w.Errorf("%v", got)
		}
	})
}

// RGT-1: creating somebody with rights passes the checks of granting later: for random
// givers and levels, the creation is refused exactly when the grant is.
func TestCreationIsGranting(t *testing.T) {
	each(t, func(w *world) {
		things := []resource.ID{w.put("Échographie", w.a.sites[0]), w.put("Réunion", w.a.sites[1]), resource.ID(ident.NewAgenda())}
		grants := grant.Grants{Run: w.run}
		for _, giver := range []*person{w.bruno, w.tina, w.julie} {
			for _, thing := range things {
				for _, l := range []grant.Level{grant.Read, grant.Reply} {
					bare := w.create("Inès", "Essai", "")
					bare.Roles = []role.Given{w.gives(role.Reader, w.first())}
					m := w.made(w.by(w.bruno), bare).Member
					_, later := grants.Preview(ctx, w.by(giver), w.a.org, grant.Wanted{Changes: []grant.Change{{Member: m, Resource: thing, Level: l}}})
					bare.Levels.Given = []grant.Given{{Resource: thing, Level: l}}
					_, now := w.e.CheckCreate(ctx, w.by(giver), bare, StepLevels)
					if (later == nil) != (now == nil) {
						w.Errorf("%s on %s at %s: later %v, now %v", giver.account.Email.Address, thing, l, later, now)
					}
				}
			}
		}
	})
}
