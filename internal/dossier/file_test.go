package dossier_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

func (w *world) files() dossier.Dossiers { return dossier.Dossiers{Run: w.run, Source: w.dir} }

// registers makes somebody who registered with an organisation, has proved mailbox and
// telephone, and sent their file: of a number that the directory knows.
func (w *world) registers(in ident.Org, name string) (id ident.Member, holder ident.Account) {
	w.Helper()
	w.n++
	p := directory.Practitioner{
		RPPS: luhn(fmt.Sprintf("9970002%03d", w.n)), Active: true, GivenName: "LINH", FamilyName: name,
		Activities: []directory.Activity{{ID: "a1", Profession: directory.Code{Code: "50", Label: "Sage-Femme"}}},
	}
	w.dir.people[p.RPPS] = p
	m := w.enters(in, name, "")
	w.declares(m, p.RPPS)
	return m.ID, m.Account
}

// enters makes the member of a registration; of an account that exists, or a new one.
func (w *world) enters(in ident.Org, name string, of ident.Account) member.Member {
	w.Helper()
	email, _ := account.ParseEmail(fmt.Sprintf("inscrit%d@ailleurs.example", w.n))
	act := action.Act{Verb: "member.register", Orgs: []ident.Org{in}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	m, err := action.Run(w.Context(), w.run, access.Operator("job"), act, func(tx *action.Tx) (member.Member, error) {
		return enrolment.Register(w.Context(), tx, enrolment.Registrant{
			Org: in, Account: of, Email: email, PasswordHash: "x", Names: account.Names{GivenName: "Linh", FamilyName: name}, Language: text.FR,
			Function: "midwife", ProfessionCode: "50",
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// declares writes what was declared.
func (w *world) declares(m member.Member, rpps string) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), `
			insert into registration (org_id, id, language, email_key, email, account_id, member_id, email_proved_at, given_name, family_name,
				function, profession_code, rpps, phone_proved_at, completed_at, version, created_at, expires_at)
			values ($1, $2, 'fr', $3, $3, $4, $5, $6, $7, $8, 'midwife', '50', $9, $6, $6, 1, $6, $10)`,
			m.Org, ident.NewRegistration(), m.Email, m.Account, m.ID, tx.Now, m.GivenName, m.FamilyName, rpps,
			tx.Now.Add(30*24*time.Hour))
		return err
	})
}

func (w *world) refresh(by access.Actor, ids ...ident.Member) []dossier.Refreshed {
	w.Helper()
	list, err := w.files().Refresh(w.Context(), by, w.org, ids)
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func (w *world) file(by access.Actor, id ident.Member) dossier.File {
	w.Helper()
	f, err := w.files().Get(w.Context(), by, w.org, id)
	if err != nil {
		w.Fatal(err)
	}
	return f
}

func (w *world) certify(by access.Actor, id ident.Member) (dossier.File, error) {
	w.Helper()
	return w.files().Certify(w.Context(), by, w.org, id, dossier.Certify{Seen: w.file(by, id).Seen, Knows: true})
}

func (w *world) accountStatus(id ident.Account) (s account.Status) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		a, _, err := account.Get(w.Context(), tx, id)
		s = a.Status
		return err
	})
	return s
}

// said are the codes of reasons.
func said(reasons []dossier.Reason) (list []dossier.ReasonCode) {
	for _, r := range reasons {
		if !slices.Contains(list, r.Code) {
			list = append(list, r.Code)
		}
	}
	return list
}

// VER-2, VER-3, INV-15: registered, then orange with what is missing and no way in; certified
// by somebody who knows the person, and in; revoked, and out again.
func TestCertification(t *testing.T) {
	each(t, func(w *world) {
		id, who := w.registers(w.org, "NGUYEN")
		if f := w.file(w.bruno, id); f.State != member.Unchecked || f.Check != nil || w.accountStatus(who) != account.Pending {
			w.Fatalf("%+v", f)
		}
		r := w.refresh(w.bruno, id)
		if len(r) != 1 || r[0].State != member.Incomplete || !slices.Equal(said(r[0].Reasons), []dossier.ReasonCode{dossier.PaperMissing, dossier.ProofMissing}) {
			w.Fatalf("a number is public: %+v", r)
		}
		f := w.file(w.bruno, id)
		if f.Published != (dossier.Published{Asked: true, Known: true, Active: true, SameName: true, SameProfession: true}) || len(f.Lines) != 5 || !f.May.Certify || f.May.Revoke {
			w.Errorf("%+v", f)
		}
		if m := w.read(id); m.InForce() || w.accountStatus(who) != account.Pending {
			w.Error("an orange file opened something")
		}
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Verified || len(f.Reasons) != 0 || f.Certification.By != "bruno Lacaze" || f.May.Certify || !f.May.Revoke {
			w.Fatalf("%+v %v", f, err)
		}
		if m := w.read(id); !m.InForce() || m.RPPS == "" || w.accountStatus(who) != account.Active {
			w.Errorf("certified, and not in: %+v", m)
		}
		if _, err := w.certify(w.bruno, id); !errors.Is(err, dossier.ErrCertified) {
			w.Errorf("certified twice: %v", err)
		}
		if _, err := w.files().Revoke(w.Context(), w.bruno, w.org, id, ""); !fault.Is(err, fault.Invalid) {
			w.Errorf("revoked without a reason: %v", err)
		}
		f, err = w.files().Revoke(w.Context(), w.bruno, w.org, id, "homonyme")
		if err != nil || f.State != member.Incomplete || f.Certification != nil || w.read(id).InForce() || w.accountStatus(who) != account.Pending {
			w.Fatalf("%+v %v", f, err)
		}
		if _, err := w.files().Revoke(w.Context(), w.bruno, w.org, id, "homonyme"); !errors.Is(err, dossier.ErrNotCertified) {
			w.Errorf("revoked twice: %v", err)
		}
		for verb, want := range map[string]int{"dossier.refresh": 1, "dossier.certify": 1, "dossier.revoke": 1} {
			if n := w.count(`select count(*) from audit_event where verb = $1 and subject = $2 and outcome = 'done'`, verb, id); n != want {
				w.Errorf("%d lines %s", n, verb)
			}
		}
		if n := w.count(`select count(*) from job where kind = 'letter.dossier_outcome'`); n != 2 {
			w.Errorf("%d letters: opened and shut", n)
		}
	})
}

// VER-3, INV-14: what somebody says who certifies is theirs to say: not of oneself, not by a
// token, not untold, not of another file than the one they saw.
func TestWhoCertifies(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		w.refresh(w.bruno, id)
		seen := w.file(w.bruno, id).Seen
		do := func(by access.Actor, c dossier.Certify) error {
			_, err := w.files().Certify(w.Context(), by, w.org, id, c)
			return err
		}
		if err := do(w.bruno, dossier.Certify{Seen: seen}); !refusedField(err, "dossier.knows") {
			w.Errorf("without the tick: %v", err)
		}
		if err := do(w.bruno, dossier.Certify{Seen: "other", Knows: true}); !errors.Is(err, dossier.ErrFileChanged) {
			w.Errorf("of another file: %v", err)
		}
		late := w.bruno
		late.StepUp = late.StepUp.Add(-time.Hour)
		if err := do(late, dossier.Certify{Seen: seen, Knows: true}); !errors.Is(err, access.ErrStepUp) {
			w.Errorf("without a proof: %v", err)
		}
		if err := do(access.Operator("cli"), dossier.Certify{Seen: seen, Knows: true}); !errors.Is(err, dossier.ErrPersonOnly) {
			w.Errorf("by a machine: %v", err)
		}
		if err := do(w.tina, dossier.Certify{Seen: seen, Knows: true}); !fault.Is(err, fault.NotFound) {
			w.Errorf("by somebody of another site: %v", err)
		}
		twin := w.administrator("linh", access.OrgScope(w.org), w.first)
		w.write(func(tx *store.Tx) error { // a second account of the same practitioner
			_, err := tx.Exec(w.Context(), `
				update member_state set rpps = (select rpps from registration where member_id = $1) where account_id = $2 and known_until is null`, id, twin.Account)
			return err
		})
		if err := do(twin, dossier.Certify{Seen: w.file(w.bruno, id).Seen, Knows: true}); !errors.Is(err, dossier.ErrOwnFile) {
			w.Errorf("of oneself, from another account: %v", err)
		}
		if w.read(id).InForce() {
			w.Error("in")
		}
	})
}

// INV-16: a certification is of what was declared then; other facts need another.
func TestDeclaredAnew(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		w.refresh(w.bruno, id)
		seen := w.file(w.bruno, id).Seen
		declareAnew := func() {
			w.write(func(tx *store.Tx) error {
				_, err := tx.Exec(w.Context(), `update registration set version = version + 1 where org_id = $1 and member_id = $2`, w.org, id)
				return err
			})
		}
		declareAnew()
		if _, err := w.files().Certify(w.Context(), w.bruno, w.org, id, dossier.Certify{Seen: seen, Knows: true}); !errors.Is(err, dossier.ErrFileChanged) {
			w.Fatalf("%v", err)
		}
		if f, err := w.certify(w.bruno, id); err != nil || f.State != member.Verified {
			w.Fatalf("%+v %v", f, err)
		}
		declareAnew()
		if r := w.refresh(w.bruno, id); r[0].State != member.Incomplete {
			w.Errorf("certified before: %+v", r)
		}
		if f, err := w.certify(w.bruno, id); err != nil || f.State != member.Verified {
			w.Errorf("certified again: %+v %v", f, err)
		}
	})
}

// VER-3: where the organisation asks for two, two different people certify.
func TestTwoPeople(t *testing.T) {
	each(t, func(w *world) {
		ana := w.administrator("ana", access.OrgScope(w.org), w.first)
		if _, err := (setting.Settings{Run: w.run}).SetRegistration(w.Context(), w.bruno, w.org, 0, setting.Registration{Open: true, TwoPeople: true}); err != nil {
			w.Fatal(err)
		}
		id, _ := w.registers(w.org, "NGUYEN")
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Incomplete || !slices.Contains(said(f.Reasons), dossier.SecondPerson) {
			w.Fatalf("%+v %v", f, err)
		}
		if _, err := w.certify(w.bruno, id); !errors.Is(err, dossier.ErrSecondPerson) {
			w.Errorf("the same person twice: %v", err)
		}
		if f, err = w.certify(ana, id); err != nil || f.State != member.Verified || f.Certification.ConfirmedBy != "ana Lacaze" {
			w.Errorf("%+v %v", f, err)
		}
	})
}

// VER-2, DIR-1: what the directory says is necessary, whoever certifies; that it says nothing
// opens nothing, and closes nothing.
func TestDirectoryCounts(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		w.dir.down = true
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.DirectorySilent}) {
			w.Fatalf("%+v %v", f, err)
		}
		w.dir.down = false
		if r := w.refresh(w.bruno, id); r[0].State != member.Verified || r[0].Unasked {
			w.Fatalf("%+v", r)
		}
		w.dir.down = true
		if r := w.refresh(w.bruno, id); r[0].State != member.Verified || !r[0].Unasked || !w.file(w.bruno, id).Published.Known {
			w.Errorf("an outage closed it: %+v", r)
		}
		w.dir.down = false
		for rpps, p := range w.dir.people {
			p.Active = false
			w.dir.people[rpps] = p
		}
		if r := w.refresh(w.bruno, id); r[0].State != member.Incomplete || !slices.Equal(said(r[0].Reasons), []dossier.ReasonCode{dossier.RPPSClosed}) || w.read(id).InForce() {
			w.Errorf("%+v", r)
		}
	})
}

// VER-3, ORG-2: a certification in one organisation changes nothing in another.
func TestOtherOrganisation(t *testing.T) {
	each(t, func(w *world) {
		made, err := enrolment.Enrolments{Run: w.run}.Found(w.Context(), access.Operator("cli"), enrolment.Found{
			Org: org.Details{Name: "CPTS des Deux-Rives", Kind: org.CPTS, Enamel: org.Enamels[1]}, Slug: "rives",
			Site: org.SiteDetails{Name: "Siège"}, Email: "autre@essais.example", Language: text.FR,
		})
		if err != nil {
			w.Fatal(err)
		}
		id, who := w.registers(w.org, "NGUYEN")
		there := w.enters(made.Org.ID, "NGUYEN", who)
		w.declares(there, w.file(w.bruno, id).Declared.RPPS)
		if f, err := w.certify(w.bruno, id); err != nil || f.State != member.Verified {
			w.Fatalf("%+v %v", f, err)
		}
		w.write(func(tx *store.Tx) error {
			m, err := member.Find(w.Context(), tx, made.Org.ID, there.ID)
			if m.Verification != member.Unchecked || m.InForce() {
				w.Errorf("%+v", m)
			}
			state, reasons, err2 := dossier.StandingOf(w.Context(), tx, made.Org.ID, there.ID)
			if state != member.Incomplete || !slices.Contains(said(reasons), dossier.ProofMissing) {
				w.Errorf("%s %v", state, reasons)
			}
			return errors.Join(err, err2)
		})
		if _, err := w.files().Get(w.Context(), w.bruno, made.Org.ID, there.ID); !fault.Is(err, fault.NotFound) {
			w.Errorf("seen from elsewhere: %v", err)
		}
	})
}

// VER-2: several lines at once; members of whom nothing is to be verified are passed over,
// and nobody refreshes the file of whom they may not see.
func TestRefreshSeveral(t *testing.T) {
	each(t, func(w *world) {
		one, _ := w.registers(w.org, "NGUYEN")
		two, _ := w.registers(w.org, "FABRE")
		plain, _ := w.practitioner("DIALLO", w.first)
		r := w.refresh(w.bruno, one, two, plain, one)
		if len(r) != 3 {
			w.Fatalf("%+v", r)
		}
		for _, v := range r {
			if want := map[bool]member.Verification{true: member.NotNeeded, false: member.Incomplete}[v.Member == plain]; v.State != want {
				w.Errorf("%+v", v)
			}
		}
		if n := w.count(`select count(*) from audit_event where verb = 'dossier.refresh'`); n != 2 {
			w.Errorf("%d lines", n)
		}
		if _, err := w.files().Refresh(w.Context(), w.tina, w.org, []ident.Member{one}); !fault.Is(err, fault.NotFound) {
			w.Errorf("of another site: %v", err)
		}
		if _, err := w.files().Refresh(w.Context(), w.bruno, w.org, nil); !fault.Is(err, fault.Invalid) {
			w.Errorf("nobody: %v", err)
		}
		if _, err := w.files().Get(w.Context(), w.bruno, w.org, plain); !errors.Is(err, dossier.ErrFileNotFound) {
			w.Errorf("%v", err)
		}
		list, err := w.files().List(w.Context(), w.bruno, w.org, member.Incomplete)
		if err != nil || len(list) != 2 || list[0].Name != "Linh NGUYEN" || len(list[0].Reasons) == 0 || list[0].CheckedAt == nil {
			w.Errorf("%+v %v", list, err)
		}
		if list, err = w.files().List(w.Context(), w.tina, w.org, ""); err != nil || len(list) != 0 {
			w.Errorf("%+v %v", list, err)
		}
	})
}

// RAC-03, rules.md 11: a number that another account has verified is theirs.
func TestTakenNumber(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		if _, err := w.certify(w.bruno, id); err != nil {
			w.Fatal(err)
		}
		w.n++
		thief := w.enters(w.org, "NGUYEN", "")
		w.declares(thief, w.read(id).RPPS)
		f, err := w.certify(w.bruno, thief.ID)
		if err != nil || f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSTaken}) || w.read(thief.ID).RPPS != "" {
			w.Errorf("%+v %v", f, err)
		}
	})
}

// VER-3: «Prévenir par e-mail» writes what is missing, with the way back, once an hour; who
// is verified lacks nothing.
func TestTell(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		if err := w.files().Tell(w.Context(), w.bruno, w.org, id); err != nil {
			w.Fatal(err)
		}
		if err := w.files().Tell(w.Context(), w.bruno, w.org, id); !errors.Is(err, limit.ErrExceeded) {
			w.Errorf("twice: %v", err)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.dossier_outcome'`); n != 1 {
			w.Errorf("%d letters", n)
		}
		if _, err := w.certify(w.bruno, id); err != nil {
			w.Fatal(err)
		}
		if err := w.files().Tell(w.Context(), w.bruno, w.org, id); !errors.Is(err, dossier.ErrVerified) {
			w.Errorf("nothing is missing: %v", err)
		}
	})
}
