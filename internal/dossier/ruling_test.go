package dossier_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// support is somebody of the platform's support.
func (w *world) support() (by access.Actor) {
	w.write(func(tx *store.Tx) error {
		email, _ := account.ParseEmail("sofia@habilis.example")
		a, err := account.Insert(w.Context(), tx, account.New{
			Email: email, Names: account.Names{GivenName: "Sofia", FamilyName: "Support"}, Language: text.FR, PlatformRole: account.Support,
		})
		by = access.Actor{Kind: access.Person, Account: a.ID, Session: ident.NewSession(), Name: "Sofia Support", StepUp: tx.Now, Via: "web"}
		return err
	})
	return by
}

// refusedField says whether err refuses one field, with this code.
func refusedField(err error, code string) bool {
	x := fault.Of(err)
	return x.Kind == fault.Invalid && len(x.Fields) == 1 && x.Fields[0].Code == code
}

// VER-4, ORG-7, AUD-2: support validates, or refuses with a reason; the journal says so with
// its tag; two decisions of the same file are not both made (RAC-05).
func TestRuling(t *testing.T) {
	each(t, func(w *world) {
		sofia := w.support()
		id, who := w.registers(w.org, "NGUYEN")
		queue := func() int {
			list, err := w.files().Queue(w.Context(), sofia)
			if err != nil {
				w.Fatal(err)
			}
			return len(list)
		}
		if queue() != 1 {
			w.Fatal("nothing waits")
		}
		if _, err := w.files().Queue(w.Context(), w.bruno); !fault.Is(err, fault.NotFound) {
			w.Errorf("an administrator reads the queue: %v", err)
		}
		f, err := w.files().Examine(w.Context(), sofia, w.org, id)
		if err != nil || f.OrgName != "Cabinet des Essais" || !f.May.Rule || f.May.Certify {
			w.Fatalf("%+v %v", f, err)
		}
		if found, err := w.files().Whose(w.Context(), sofia, id); err != nil || found != w.org {
			w.Errorf("%s %v", found, err)
		}
		rule := func(by access.Actor, r dossier.Rule) error {
			_, err := w.files().Rule(w.Context(), by, w.org, id, r)
			return err
		}
		if err := rule(sofia, dossier.Rule{Decision: dossier.Validated, Seen: f.Seen}); !errors.Is(err, dossier.ErrPapers) {
			w.Errorf("without its papers: %v", err)
		}
		if err := rule(sofia, dossier.Rule{Decision: dossier.Refused, Seen: f.Seen}); !fault.Is(err, fault.Invalid) {
			w.Errorf("refused without a reason: %v", err)
		}
		if err := rule(sofia, dossier.Rule{Decision: "perhaps", Seen: f.Seen}); !refusedField(err, "dossier.ruling_unknown") {
			w.Errorf("an unknown decision: %v", err)
		}
		if err := rule(w.bruno, dossier.Rule{Decision: dossier.Refused, Reason: "carte illisible", Seen: f.Seen}); !fault.Is(err, fault.NotFound) {
			w.Errorf("ruled by an administrator: %v", err)
		}
		if err := rule(sofia, dossier.Rule{Decision: dossier.Refused, Reason: "carte illisible", Seen: f.Seen}); err != nil {
			w.Fatal(err)
		}
		if err := rule(sofia, dossier.Rule{Decision: dossier.Refused, Reason: "carte illisible", Seen: f.Seen}); !errors.Is(err, dossier.ErrFileChanged) {
			w.Errorf("decided twice: %v", err)
		}
		if f = w.file(w.bruno, id); f.Ruled.Reason != "carte illisible" || !slices.Contains(said(f.Reasons), dossier.SupportRefused) || queue() != 0 {
			w.Errorf("%+v", f)
		}
		if err := rule(sofia, dossier.Rule{Decision: dossier.Refused, Reason: "encore", Seen: f.Seen}); !errors.Is(err, dossier.ErrRuled) {
			w.Errorf("the same decision again: %v", err)
		}
		if _, err := (setting.Settings{Run: w.run}).SetPapers(w.Context(), w.bruno, w.org, 0, setting.Papers{KeepDays: 90}); err != nil {
			w.Fatal(err)
		}
		f = w.file(w.bruno, id)
		if err := rule(sofia, dossier.Rule{Decision: dossier.Validated, Seen: f.Seen}); err != nil {
			w.Fatal(err)
		}
		if !w.read(id).InForce() || w.accountStatus(who) != account.Active {
			w.Error("validated, and not in")
		}
		if n := w.count(`select count(*) from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
			where e.verb = 'dossier.rule' and e.outcome = 'done' and e.chain = $1 and p.payload like '%"support":true%'`, w.org); n != 2 {
			w.Errorf("%d lines with the tag", n)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.dossier_ruling'`); n != 2 {
			w.Errorf("%d letters to the administrators", n)
		}
	})
}

// VER-3: somebody of the organisation who knows the person may overrule a refusal of support,
// which they have seen.
func TestCertifiedAfterRefusal(t *testing.T) {
	each(t, func(w *world) {
		sofia := w.support()
		id, _ := w.registers(w.org, "NGUYEN")
		refuse := dossier.Rule{Decision: dossier.Refused, Reason: "carte illisible", Seen: w.file(w.bruno, id).Seen}
		if _, err := w.files().Rule(w.Context(), sofia, w.org, id, refuse); err != nil {
			w.Fatal(err)
		}
		w.clock.Add(time.Second)
		if f, err := w.certify(w.bruno, id); err != nil || f.State != member.Verified {
			w.Errorf("%+v %v", f, err)
		}
	})
}
