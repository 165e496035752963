package journal_test

import (
	"errors"
	"testing"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/journal"
	"habilis/internal/store"
)

// signedIn writes what signing in leaves in the chain of the installation.
func (w *world) signedIn(outcome string, who audit.Who, of ...audit.Event) {
	w.Helper()
	err := w.DB.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		return audit.Write(w.Context(), tx, who, outcome, of)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// SEC-5: a person sees the last sign-ins to their own account and the refusals, whoever tried,
// with the network address, newest first; nothing of anybody else's, nothing else of their own.
func TestSignIns(t *testing.T) {
	eachWorld(t, func(w *world) {
		julie, paul := w.account["julie"], w.account["paul"]
		me := audit.Who{Kind: "person", ID: julie.String(), Name: "Julie Delmas", Address: "192.0.2.7", Via: "web"}
		thief := audit.Who{Kind: "anonymous", Address: "203.0.113.9", Via: "web"}
		for range journal.MaxSignIns {
			w.signedIn(audit.Done, me, audit.Event{Verb: "login.sign_in", Object: julie.String()})
		}
		w.signedIn(audit.Done, me, audit.Event{Verb: "login.change_password", Object: julie.String()})
		w.signedIn(audit.Refused, thief, audit.Event{Verb: "login.sign_in", Object: julie.String(), Code: "login.refused"},
			audit.Event{Verb: "login.sign_in", Object: paul.String(), Code: "login.refused"}, audit.Event{Verb: "login.sign_in", Code: "login.refused"})
		by := access.Actor{Kind: access.Person, Account: julie}
		list, err := w.journal.SignIns(w.Context(), by)
		if err != nil || len(list) != journal.MaxSignIns {
			t.Fatalf("%d of %d: %v", len(list), journal.MaxSignIns, err)
		}
		first, second := list[0], list[1]
		if !first.Refused || first.Address != thief.Address || first.Code != "login.refused" || first.Actor.Name != "" || first.Actor.ID != "" {
			t.Errorf("the refusal is not first, or names somebody: %+v", first)
		}
		if second.Refused || second.Actor.Name != me.Name || second.Address != me.Address || second.Verb != "login.sign_in" {
			t.Errorf("%+v", second)
		}
		by.Account = paul
		if list, err = w.journal.SignIns(w.Context(), by); err != nil || len(list) != 1 {
			t.Errorf("ENU-03: another person sees %d: %v", len(list), err)
		}
		if _, err := w.journal.SignIns(w.Context(), access.Actor{Kind: access.Anonymous}); !errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}
