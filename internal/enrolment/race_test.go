package enrolment

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// INV-06, two engines: fifty accept at once, through two nodes where there can be
// two; exactly one does.
func TestFiftyAccepts(t *testing.T) {
	each(t, func(w *world) {
		presented, _ := w.invited("x@exemple.fr")
		errs := parallel(50, func(int) error {
			for {
				_, err := w.e.Finish(ctx, nobody, presented, finish())
				if !errors.Is(err, credential.ErrBusy) { // the hash slots are few on a small machine
					return err
				}
			}
		})
		w.exactlyOne(errs, invitation.ErrGone, ErrHasAccount)
		if n := w.count(`select count(*) from member_state where org_id = $1 and email = $2`, w.a.org, "x@exemple.fr"); n != 1 {
			w.Errorf("%d memberships", n)
		}
		if n := w.recorded(w.a.org.String(), "invitation.accept", audit.Done); n != 1 {
			w.Errorf("%d lines", n)
		}
		if n := len(w.letters()); n != 0 {
			w.Errorf("%d letters", n)
		}

		presented, _ = w.invited("y@exemple.fr")
		late := w.account("y@exemple.fr", account.NoRole)
		w.exactlyOne(parallel(50, func(int) error {
			_, err := w.e.Join(ctx, w.by(late), presented)
			return err
		}), invitation.ErrGone, member.ErrAlreadyMember)
		w.verified()
	})
}

// INV-06: the same through two nodes, which share nothing but the database.
func TestFiftyAcceptsOnTwoNodes(t *testing.T) {
	if !slices.Contains(storetest.Engines(t), store.PostgreSQL) {
		return // SQLite has one node
	}
	clock := newStopped()
	place := storetest.Place(t, store.PostgreSQL)
	place.Clock, place.ReadTime = clock.Now, time.Minute
	var nodes []*store.DB
	for range 2 {
		db, err := store.Open(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		nodes = append(nodes, db)
	}
	w := newWorld(t, nodes[0], clock)
	far := *w.run
	far.DB = nodes[1]
	doors := []Enrolments{w.e, {Run: &far, Hasher: w.e.Hasher}}
	presented, _ := w.invited("x@exemple.fr")
	w.exactlyOne(parallel(50, func(n int) error {
		for {
			_, err := doors[n%2].Finish(ctx, nobody, presented, finish())
			if !errors.Is(err, credential.ErrBusy) {
				return err
			}
		}
	}), invitation.ErrGone, ErrHasAccount)
	if n := w.count(`select count(*) from member_state where org_id = $1 and email = $2`, w.a.org, "x@exemple.fr"); n != 1 {
		w.Errorf("%d memberships", n)
	}
	w.verified()
}

// exactlyOne fails unless one of many succeeded and each other has one of the refusals.
func (w *world) exactlyOne(errs []error, refusals ...*fault.Error) {
	w.Helper()
	won := 0
	for _, err := range errs {
		known := err == nil
		for _, r := range refusals {
			known = known || errors.Is(err, r)
		}
		if !known {
			w.Errorf("unexpected: %v", err)
		}
		if err == nil {
			won++
		}
	}
	if won != 1 {
		w.Errorf("%d succeeded, want 1", won)
	}
}

// RAC-02: one address, in case variants, accepts in many organisations at once: one
// account, the others are told that there is one.
func TestSameAddressEverywhere(t *testing.T) {
	each(t, func(w *world) {
		var links []string
		for n, address := range []string{"marie@exemple.fr", "Marie@exemple.fr", "MARIE@EXEMPLE.FR", "marie@Exemple.fr", "mArie@exemple.FR"} {
			p := w.place(fmt.Sprintf("Cabinet %d", n), "Centre")
			in := Invite{Org: p.org, Emails: []string{address}, Function: "nurse"}
			r := w.send(access.Operator("cli"), in)
			links = append(links, w.letter(r.Lines[0].Invitation).secret)
		}
		w.exactlyOne(parallel(len(links), func(n int) error {
			_, err := w.e.Finish(ctx, nobody, links[n], finish())
			return err
		}), ErrHasAccount)
		if n := w.count(`select count(*) from account_state where email_key = $1`, "marie@exemple.fr"); n != 1 {
			w.Errorf("%d accounts", n)
		}
	})
}

// MEM-9, RAC-02: two administrators invite the same addresses at once: one
// invitation each, and the other is told.
func TestSameAddressTwoInviters(t *testing.T) {
	each(t, func(w *world) {
		reports := make([]Report, 8)
		for _, err := range parallel(len(reports), func(n int) (err error) {
			reports[n], err = w.e.Invite(ctx, w.by([]*person{w.bruno, w.claire, w.tina}[n%3]), w.invite("x@exemple.fr", "X@exemple.fr", "yves@ailleurs.example"))
			return err
		}) {
			if err != nil {
				w.Fatal(err)
			}
		}
		count := map[Fate]int{}
		for _, r := range reports {
			for _, l := range r.Lines {
				count[l.Fate]++
			}
		}
		if count[Invited] != 1 || count[Joined] != 1 || count[AlreadyInvited] != 15 || count[AlreadyMember] != 7 {
			w.Errorf("%v", count)
		}
		if n := len(w.letters()); n != 2 {
			w.Errorf("%d letters, want 2", n)
		}
	})
}
