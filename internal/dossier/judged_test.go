package dossier_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/papertest"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// bears writes a number on a member, as somebody types it on their sheet.
func (w *world) bears(id ident.Member, rpps string) {
	w.Helper()
	w.alter(`update member_state set rpps = $1, profile_type = 'regulated' where member_id = $2 and known_until is null`, rpps, id)
}

func (w *world) alter(query string, args ...any) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), query, args...)
		return err
	})
}

// twoPeople has the organisation ask for two people, and gives the second.
func (w *world) twoPeople() access.Actor {
	w.Helper()
	_, err := (setting.Settings{Run: w.run}).SetRegistration(w.Context(), w.bruno, w.org, 0, setting.Registration{Open: true, TwoPeople: true})
	if err != nil {
		w.Fatal(err)
	}
	return w.administrator("ana", access.OrgScope(w.org), w.first)
}

// another founds a second organisation.
func (w *world) another() ident.Org {
	w.Helper()
	made, err := enrolment.Enrolments{Run: w.run}.Found(w.Context(), access.Operator("cli"), enrolment.Found{
		Org: org.Details{Name: "CPTS des Deux-Rives", Kind: org.CPTS, Enamel: org.Enamels[1]}, Slug: "rives",
		Site: org.SiteDetails{Name: "Siège"}, Email: "autre@essais.example", Language: text.FR,
	})
	if err != nil {
		w.Fatal(err)
	}
	return made.Org.ID
}

// INV-16, rules.md 11: the number that opens is the one that was judged. A member who bears
// another waits, whoever certifies; one whose number was only typed takes the identity over.
func TestJudgedNumberOpens(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		seen := w.file(w.bruno, id).Seen
		w.bears(id, luhn("9970009999"))
		if _, err := w.files().Certify(w.Context(), w.bruno, w.org, id, dossier.Certify{Seen: seen, Knows: true}); !errors.Is(err, dossier.ErrFileChanged) {
			w.Errorf("the member has a number since: %v", err)
		}
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSOther}) || w.read(id).InForce() {
			w.Fatalf("%s %v %v", f.State, f.Reasons, err)
		}
		w.alter(`update registration set rpps = '', no_rpps = 'étudiante' where member_id = $1`, id)
		if r := w.refresh(w.bruno, id); !slices.Equal(said(r[0].Reasons), []dossier.ReasonCode{dossier.RPPSOther}) {
			w.Errorf("none was declared: %v", r[0].Reasons)
		}
		w.alter(`update registration set rpps = $1 where member_id = $2`, f.Declared.RPPS, id)
		w.bears(id, f.Declared.RPPS)
		if r := w.refresh(w.bruno, id); r[0].State != member.Verified || w.read(id).Identity.Source != member.FromDirectory {
			w.Errorf("the same: %+v, %s", r[0], w.read(id).Identity.Source)
		}
	})
}

// VER-2: a number that the organisation gave to somebody who was verified without any closes
// nothing.
func TestNumberGivenLater(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		rpps := w.file(w.bruno, id).Declared.RPPS
		w.alter(`update registration set rpps = '', no_rpps = 'étudiante' where member_id = $1`, id)
		if f, err := w.certify(w.bruno, id); err != nil || f.State != member.Verified {
			w.Fatalf("%+v %v", f, err)
		}
		w.bears(id, rpps)
		if r := w.refresh(w.bruno, id); r[0].State != member.Verified {
			w.Errorf("%+v", r[0])
		}
	})
}

// RAC-03: a number that somebody of the organisation bears, verified or not, lets nobody else in;
// the file says who it is, to whoever may know of them.
func TestBearer(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		rpps := w.file(w.bruno, id).Declared.RPPS
		bearer, _ := w.practitioner("DIALLO", w.first)
		w.bears(bearer, rpps)
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSTaken}) {
			w.Fatalf("%s %v %v", f.State, f.Reasons, err)
		}
		if f.Bearer == nil || f.Bearer.Member != bearer || f.Bearer.Name != w.read(bearer).Name() {
			w.Errorf("%+v", f.Bearer)
		}
		if f, err := w.files().Examine(w.Context(), w.support(), w.org, id); err != nil || f.Bearer != nil {
			w.Errorf("support knows of %+v: %v", f.Bearer, err)
		}
		w.write(func(tx *store.Tx) error { // neither of them has an account
			held, err := member.RPPSHeld(w.Context(), tx, w.org, rpps, "")
			if held != member.NumberImported || !held.Bars(true) {
				w.Errorf("who has no account yet takes the number of a member who has none: %d", held)
			}
			return err
		})
		w.alter(`update member_site set site_id = $1 where member_id = $2`, w.second, bearer)
		w.alter(`update member_role set scope = $1, site_id = $1 where member_id = (select member_id from member_state where account_id = $2 and known_until is null)`,
			w.first, w.bruno.Account)
		if f := w.file(w.bruno, id); f.Bearer != nil {
			w.Errorf("of a site that is not theirs: %+v", f.Bearer)
		}
	})
}

// FIL-07, INV-16: what support refused, and what one of two people has certified, is not decided:
// the person replaces their papers, and support looks again.
func TestPapersWhileOrange(t *testing.T) {
	each(t, func(w *world) {
		ana := w.twoPeople()
		sofia := w.support()
		id, who := w.registers(w.org, "NGUYEN")
		linh := access.Actor{Kind: access.Person, Account: who, Name: "Linh NGUYEN", Via: "web"}
		replaces := func(what, more string) {
			w.Helper()
			for _, d := range w.listOf(w.bruno, id) {
				if _, err := w.documents().Remove(w.Context(), linh, w.org, id, d.ID); err != nil {
					w.Errorf("%s: %v", what, err)
				}
			}
			if d := w.give(linh, id, card(papertest.PDF("/N ("+more+")"))); d.PurgeAt != nil {
				w.Errorf("%s: goes on %v", what, d.PurgeAt)
			}
		}
		replaces("first", "1")
		refuse := func() error {
			_, err := w.files().Rule(w.Context(), sofia, w.org, id, dossier.Rule{Decision: dossier.Refused, Reason: "illisible", Seen: w.file(w.bruno, id).Seen})
			return err
		}
		if err := refuse(); err != nil {
			w.Fatal(err)
		}
		if err := refuse(); !errors.Is(err, dossier.ErrRuled) {
			w.Errorf("nothing changed since: %v", err)
		}
		w.clock.Add(time.Hour)
		for _, by := range []*access.Actor{&ana, &sofia, &w.bruno} {
			by.StepUp = w.db.Now()
		}
		replaces("refused", "2")
		if list, err := w.files().Queue(w.Context(), sofia); err != nil || len(list) != 1 {
			w.Errorf("it waits again: %d %v", len(list), err)
		}
		if err := refuse(); err != nil {
			w.Errorf("another paper, the same decision: %v", err)
		}
		w.clock.Add(time.Second)
		if _, err := w.certify(w.bruno, id); err != nil {
			w.Fatal(err)
		}
		replaces("half certified", "3")
		for _, by := range []access.Actor{w.bruno, ana} {
			if _, err := w.certify(by, id); err != nil {
				w.Fatal(err)
			}
		}
		d := w.listOf(w.bruno, id)[0]
		if d.PurgeAt == nil || w.read(id).Verification != member.Verified {
			w.Fatalf("verified, and kept for ever: %+v", d)
		}
		if _, err := w.documents().Remove(w.Context(), linh, w.org, id, d.ID); !errors.Is(err, dossier.ErrDocumentDecided) {
			w.Errorf("a decision rests on it: %v", err)
		}
		for rpps, p := range w.dir.people {
			p.Active = false
			w.dir.people[rpps] = p
		}
		if w.refresh(w.bruno, id); w.listOf(w.bruno, id)[0].PurgeAt != nil {
			w.Error("orange again, and its papers go")
		}
	})
}

// FIL-07: when somebody leaves nothing will be decided: the delay begins.
func TestPapersOfWhoLeft(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		w.give(linh, of, card(papertest.PDF("/N (1)")))
		stays, _ := w.registrant("rosa")
		w.give(w.bruno, stays, card(papertest.PDF("/N (2)")))
		w.alter(`update member_state set status = 'left' where member_id = $1`, of)
		for round, want := range []int{2, 2, 1} {
			if err := w.documents().Purge(w.Context()); err != nil {
				w.Fatal(err)
			}
			if files, _ := w.kept(); files != want {
				w.Errorf("%d files after %d half delays", files, round)
			}
			w.clock.Add(setting.DefaultKeepDays * 24 * time.Hour / 2)
		}
	})
}

// VER-3, INV-16, rules.md 13: the second of two people completes what the first saw, while the
// first may certify; else the half is void, which the file says, and the next one begins anew.
func TestHalfVoid(t *testing.T) {
	for name, changed := range map[string]func(w *world, id ident.Member){
		"another paper": func(w *world, id ident.Member) { w.give(w.bruno, id, card(papertest.PDF("/N (1)"))) },
		"another name": func(w *world, id ident.Member) {
			w.alter(`update member_state set family_name = 'AUTRE' where member_id = $1`, id)
		},
		"a number typed": func(w *world, id ident.Member) { w.bears(id, w.file(w.bruno, id).Declared.RPPS) },
		"the first left": func(w *world, _ ident.Member) {
			w.alter(`update member_state set status = 'deactivated' where account_id = $1`, w.bruno.Account)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				ana, tom := w.twoPeople(), w.administrator("tom", access.OrgScope(w.org), w.first)
				id, _ := w.registers(w.org, "NGUYEN")
				first, err := w.certify(w.bruno, id)
				if err != nil || first.Certification.Void || !slices.Contains(said(first.Reasons), dossier.SecondPerson) {
					w.Fatalf("%+v %v", first, err)
				}
				seen := w.file(ana, id).Seen
				changed(w, id)
				f := w.file(ana, id)
				if !f.Certification.Void || f.Seen == seen {
					w.Fatalf("%+v", f.Certification)
				}
				if _, err := w.files().Certify(w.Context(), ana, w.org, id, dossier.Certify{Seen: seen, Knows: true}); !errors.Is(err, dossier.ErrFileChanged) {
					w.Errorf("of what it was: %v", err)
				}
				f, err = w.certify(ana, id)
				if err != nil || f.State != member.Incomplete || f.Certification.Void || f.Certification.By != "ana Lacaze" || f.Certification.ConfirmedAt != nil {
					w.Fatalf("began anew: %+v %v", f.Certification, err)
				}
				if f, err = w.certify(tom, id); err != nil || f.State != member.Verified {
					w.Errorf("%v %+v %v", f.State, f.Reasons, err)
				}
			})
		})
	}
}
