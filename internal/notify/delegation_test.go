package notify

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// lent is the world with a physician whose name can be lent, and a secretary.
type lent struct {
	*world
	x           grant.Delegations
	ines, julie someone
	own, desk   resource.ID
}

func eachLent(t *testing.T, fn func(w *lent)) {
	t.Helper()
	eachWorld(t, func(base *world) {
		w := &lent{world: base, x: grant.Delegations{Run: base.run}}
		w.ines, w.julie = w.person("Ines", "Roy", text.FR), w.person("Julie", "Delmas", text.FR)
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set profile_type = 'unregulated' where org_id = $1 and member_id = $2`, w.org.ID, w.ines.member)
			return err
		})
		w.own = w.identity(resource.Details{Site: w.sites[0], Kind: resource.OfPractitioner, Name: "Dr Roy", Holder: w.ines.member})
		w.desk = w.identity(resource.Details{Site: w.sites[0], Kind: resource.OfService, Name: "Accueil"})
		fn(w)
	})
}

func (w *lent) identity(d resource.Details) resource.ID {
	w.Helper()
	r, err := resource.Resources{Run: w.run}.Create(ctx, access.Operator("test"), w.org.ID, resource.Identity, d)
	w.must(err)
	return r.ID
}

func (w *lent) give(acts []grant.Act, from, until *time.Time, on ...resource.ID) []grant.Delegation {
	w.Helper()
	list, err := w.x.Give(ctx, w.by(w.bruno), w.org.ID, grant.NewDelegations{Identities: on, Member: w.julie.member, Acts: acts, From: from, Until: until})
	w.must(err)
	return list
}

// to are the letters by whom they are for.
func (w *lent) to() map[string]Kept {
	w.Helper()
	all := map[string]Kept{}
	for _, k := range w.work() {
		if _, twice := all[k.To]; twice {
			w.Errorf("two letters to %s", k.To)
		}
		all[k.To] = k
	}
	return all
}

const inesAt, julieAt = "ines@tilleuls.example", "julie@tilleuls.example"

// RGT-6: the holder is told who may act in their name, and the delegate that it begins:
// once each, however many acts and identities were given together.
func TestDelegationIsTold(t *testing.T) {
	eachLent(t, func(w *lent) {
		w.give([]grant.Act{grant.Send, grant.Receive}, nil, nil, w.own, w.desk)
		got := w.to()
		if len(got) != 2 {
			t.Fatalf("%d letters", len(got))
		}
		page := base + "/o/tilleuls/me/delegations"
		w.says(got[inesAt], "Julie Delmas peut agir en votre nom", "Bruno Lacaze laisse Julie Delmas", "Envoyer des documents", page)
		w.says(got[julieAt], "Vous pouvez agir au nom de Accueil et Dr Roy", "Recevoir des documents", page)
	})
}

// MEM-6: a proposal is told to the holder alone; the delegate learns of it when it was
// confirmed. What the holder gives or ends is not told to themself.
func TestProposalIsTold(t *testing.T) {
	eachLent(t, func(w *lent) {
		p := w.give([]grant.Act{grant.Draft}, nil, nil, w.own)[0]
		w.says(w.letter(), "Bruno Lacaze vous propose une délégation : Julie Delmas", "Rien ne commence sans votre accord")
		_, err := w.x.Confirm(ctx, w.by(w.ines), w.org.ID, p.ID, p.Rev)
		w.must(err)
		if got := w.to(); len(got) != 1 || got[julieAt].Subject != "Vous pouvez agir au nom de Dr Roy" {
			t.Errorf("%+v", got)
		}
		w.must(w.x.End(ctx, w.by(w.ines), w.org.ID, p.ID))
		w.says(w.letter(), "Vous n’agissez plus au nom de Dr Roy", "Rédiger des consultations")

		p = w.give([]grant.Act{grant.Draft}, nil, nil, w.own)[0]
		w.must(w.x.Refuse(ctx, w.by(w.ines), w.org.ID, p.ID))
		if got := w.work(); len(got) != 0 { // the letter of the proposal had not left: it has nothing to say any more
			t.Errorf("%+v", got)
		}
	})
}

// RGT-8: a later beginning is told when it comes, an end when it comes; a date that was
// moved since is told at its new time, once; who renounces is not told that they did.
func TestDatesAreTold(t *testing.T) {
	eachLent(t, func(w *lent) {
		from, until := w.clock.Now().Add(24*time.Hour), w.clock.Now().Add(72*time.Hour)
		d := w.give([]grant.Act{grant.Send}, &from, &until, w.desk)[0]
		if got := w.work(); len(got) != 0 {
			t.Errorf("before: %+v", got)
		}
		later, end := from.Add(24*time.Hour), until.Add(24*time.Hour)
		_, err := w.x.Edit(ctx, w.by(w.bruno), w.org.ID, d.ID, d.Rev, grant.Dates{From: &later, Until: &end})
		w.must(err)
		w.clock.Add(25 * time.Hour)
		if got := w.work(); len(got) != 0 {
			t.Errorf("at the first date: %+v", got)
		}
		w.clock.Add(24 * time.Hour)
		w.says(w.letter(), "Vous pouvez agir au nom de Accueil")
		w.clock.Add(24 * time.Hour)
		if got := w.work(); len(got) != 0 {
			t.Errorf("at the first end: %+v", got)
		}
		w.clock.Add(24 * time.Hour)
		w.says(w.letter(), "Vous n’agissez plus au nom de Accueil")

		again := w.give([]grant.Act{grant.Send}, nil, nil, w.desk)[0]
		w.letter()
		w.must(w.x.End(ctx, w.by(w.julie), w.org.ID, again.ID))
		if got := w.work(); len(got) != 0 {
			t.Errorf("she renounced: %+v", got)
		}
	})
}
