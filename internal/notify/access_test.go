package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/job"
	"habilis/internal/resource"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// shared is the world with a physician, a secretary, and agendas.
type shared struct {
	*world
	grants      grant.Grants
	ines, julie someone
	own, room   resource.ID
}

func eachShared(t *testing.T, fn func(w *shared)) {
	t.Helper()
	eachWorld(t, func(base *world) {
		w := &shared{world: base, grants: grant.Grants{Run: base.run}}
		w.clock.Add(time.Until(time.Now().Truncate(job.GatherEvery).Add(job.GatherEvery))) // an hour begins
		w.ines = w.person("Ines", "Roy", text.FR)
		w.exec(`update member_state set profile_type = 'regulated' where org_id = $1 and member_id = $2`, w.org.ID, w.ines.member)
		w.julie = w.person("Julie", "Delmas", text.FR)
		w.own = w.agenda(resource.Details{Site: w.sites[0], Kind: resource.OfPractitioner, Name: "Dr Roy", Holder: w.ines.member})
		w.room = w.agenda(resource.Details{Site: w.sites[0], Kind: resource.OfRoom, Name: "Échographie"})
		fn(w)
	})
}

func (w *shared) exec(query string, args ...any) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, slices.Clone(args)...)
		return err
	})
}

func (w *shared) agenda(d resource.Details) (id resource.ID) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		held, err := access.HeldBy(ctx, tx, access.Operator("test"), w.org.ID)
		if err != nil {
			return err
		}
		r, err := resource.Insert(ctx, tx, held, resource.Agenda, d)
		id = r.ID
		return err
	})
	return id
}

func (w *shared) give(by, to someone, id resource.ID, l grant.Level) {
	w.Helper()
	_, err := w.grants.Apply(ctx, w.by(by), w.org.ID, grant.Wanted{Changes: []grant.Change{{Member: to.member, Resource: id, Level: l}}})
	w.must(err)
}

// hour sends what an hour gathered, by the first word of the recipient's address.
func (w *shared) hour() map[string]Kept {
	w.Helper()
	w.clock.Add(job.GatherEvery + 3*time.Minute)
	out := map[string]Kept{}
	for _, k := range w.work() {
		who, _, _ := strings.Cut(k.To, "@")
		if _, twice := out[who]; twice {
			w.Errorf("%s is written to twice", who)
		}
		out[who] = k
	}
	return out
}

// One letter a person and hour: to the administrators of the organisation what happened in
// it, to a holder what happened to theirs; nobody is told what they did, nor what was
// given and taken back (issue 5, letters).
func TestAccessIsTold(t *testing.T) {
	eachShared(t, func(w *shared) {
		w.give(w.bruno, w.julie, w.own, grant.Read)
		w.give(w.bruno, w.julie, w.own, grant.Manage)
		w.give(w.bruno, w.julie, w.room, grant.Read)
		w.give(w.bruno, w.ines, w.room, grant.Read)
		w.give(w.bruno, w.ines, w.room, grant.None)
		if l := w.work(); len(l) != 0 {
			t.Errorf("%d letters before the hour", len(l))
		}
		got := w.hour()
		if len(got) != 2 || got["claire"].To == "" || got["ines"].To == "" { // tina administers a site only
			t.Fatalf("%+v", got)
		}
		w.says(got["ines"], "Des accès ont changé", "Ont maintenant accès :", "Julie Delmas : Dr Roy", "à votre nom")
		w.says(got["claire"], "Access has changed", "Julie Delmas: Dr Roy and Échographie")
		for who, k := range got {
			if strings.Contains(k.Text, "Gestion") || strings.Contains(k.Text, "Manage") || strings.Contains(k.Text, "Ines Roy:") || len(k.Links) != 0 {
				t.Errorf("%s is told too much: %s", who, k.Text)
			}
		}
		if strings.Contains(got["ines"].Text, "Échographie") {
			t.Error("a holder is told of what is not theirs")
		}
		w.give(w.claire, w.julie, w.own, grant.None)
		w.give(w.bruno, w.julie, w.room, grant.Manage)
		got = w.hour()
		w.says(got["bruno"], "N’ont plus accès :", "Julie Delmas : Dr Roy")
		w.says(got["ines"], "N’ont plus accès :")
		w.says(got["claire"], "Have another access:", "Julie Delmas: Échographie")
		if strings.Contains(got["bruno"].Text, "Échographie") || strings.Contains(got["claire"].Text, "Dr Roy") {
			t.Errorf("somebody is told what they did")
		}
		if got = w.hour(); len(got) != 0 {
			t.Errorf("told again: %v", got)
		}
	})
}

// An organisation may do without; what somebody gives themself is told all the same, at
// once, to the other administrators of the place (RGT-1).
func TestSelfLevelsAreTold(t *testing.T) {
	eachShared(t, func(w *shared) {
		policy := setting.DefaultSecurity()
		policy.QuietAccess = true
		_, err := setting.Settings{Run: w.run}.SetSecurity(ctx, w.by(w.bruno), w.org.ID, 0, policy)
		w.must(err)
		w.give(w.bruno, w.julie, w.own, grant.Read)
		if got := w.hour(); len(got) != 0 {
			t.Errorf("told though turned off: %v", got)
		}
		w.give(w.bruno, w.bruno, w.own, grant.Read)
		got := map[string]Kept{}
		for _, k := range w.work() {
			who, _, _ := strings.Cut(k.To, "@")
			got[who] = k
		}
		if len(got) != 2 {
			t.Fatalf("%d letters, want claire and tina: %+v", len(got), got)
		}
		w.says(got["tina"], "Bruno Lacaze s’est donné des accès", "- Dr Roy")
		w.says(got["claire"], "Bruno Lacaze took on access")
		w.give(w.bruno, w.bruno, w.own, grant.None)
		if l := w.work(); len(l) != 0 {
			t.Errorf("giving up a right is told: %+v", l)
		}
	})
}

// What is told is read when the letter goes: who left, or is shut out, is not written to.
func TestAccessIsReadWhenTold(t *testing.T) {
	eachShared(t, func(w *shared) {
		w.give(w.bruno, w.julie, w.own, grant.Read)
		_, err := w.m.Deactivate(ctx, w.by(w.bruno), w.org.ID, w.ines.member, 0)
		w.must(err)
		w.work()
		w.exec(`update member_state set status = 'left' where org_id = $1 and member_id = $2 and known_until is null`, w.org.ID, w.julie.member)
		if got := w.hour(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}
