package dossier_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/dossier"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/papertest"
	"habilis/internal/setting"
)

// elsewhere makes a member of another organisation on whose sheet somebody typed a number, with
// what the directory says of it.
func (w *world) elsewhere(rpps string) member.Member {
	w.Helper()
	w.n++
	m := w.enters(w.another(), "NGUYEN", "")
	w.alter(`update member_state set rpps = $1, identity_source = 'directory', profile_type = 'regulated' where member_id = $2`, rpps, m.ID)
	return m
}

// rules.md 11, VER-3: elsewhere a number counts once it was judged with the file of whoever was let
// in: what an organisation types or imports on a sheet, whatever it certified before, squats the
// number from nobody.
func TestHeldElsewhere(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.registers(w.org, "NGUYEN")
		rpps := w.file(w.bruno, id).Declared.RPPS
		m := w.elsewhere(rpps)
		taken := func() bool {
			return slices.Contains(said(w.refresh(w.bruno, id)[0].Reasons), dossier.RPPSTaken)
		}
		for _, v := range []member.Verification{member.NotNeeded, member.Incomplete, member.Verified} {
			if w.alter(`update member_state set verification = $1 where member_id = $2`, v, m.ID); taken() {
				w.Errorf("by who is but imported elsewhere, %s", v)
			}
		}
		w.declares(m, "")
		if taken() {
			w.Error("by who was certified elsewhere without a number")
		}
		w.alter(`update registration set rpps = $1 where member_id = $2`, rpps, m.ID)
		if !taken() {
			w.Error("who was let in with it elsewhere holds it")
		}
		if w.bears(id, rpps); !taken() {
			w.Error("whoever has it typed on their sheet")
		}
		w.alter(`update member_state set verification = 'incomplete' where member_id = $1`, m.ID)
		if taken() {
			w.Error("by who waits elsewhere")
		}
	})
}

// VER-3, VER-4: a certification elsewhere has effect there only: the file waits, and support
// decides whose the number is. Against whom support or a mailbox of the directory has proved it
// elsewhere, no decision opens.
func TestContestedNumber(t *testing.T) {
	each(t, func(w *world) {
		sofia := w.support()
		id, _ := w.registers(w.org, "NGUYEN")
		rpps := w.file(w.bruno, id).Declared.RPPS
		m := w.elsewhere(rpps)
		w.declares(m, rpps)
		before := w.file(w.bruno, id).Seen
		w.alter(`update member_state set verification = 'verified' where member_id = $1`, m.ID)
		_, err := w.files().Rule(w.Context(), sofia, w.org, id, dossier.Rule{Decision: dossier.Refused, Reason: "à revoir", Seen: before})
		if !errors.Is(err, dossier.ErrFileChanged) {
			w.Errorf("decided by who did not see that it is contested: %v", err)
		}
		if f, err := w.files().Examine(w.Context(), sofia, w.org, id); err != nil || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSTaken}) {
			w.Errorf("support is not shown it: %v %v", f.Reasons, err)
		}
		f, err := w.certify(w.bruno, id)
		if err != nil || f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSTaken}) || f.Bearer != nil {
			w.Fatalf("%s %v %v, %+v", f.State, f.Reasons, err, f.Bearer)
		}
		for _, kind := range f.Missing {
			w.give(w.bruno, id, dossier.NewDocument{Kind: kind, Name: "piece.pdf", Data: papertest.PDF("/N (" + string(kind) + ")")})
		}
		if list, err := w.files().Queue(w.Context(), sofia); err != nil || len(list) == 0 {
			w.Errorf("support is not asked: %v", err)
		}
		rule := func(d dossier.Ruling) dossier.File {
			f, err := w.files().Rule(w.Context(), sofia, w.org, id, dossier.Rule{Decision: d, Reason: "pas la leur", Seen: w.file(w.bruno, id).Seen})
			if err != nil {
				w.Fatal(err)
			}
			return f
		}
		if f = rule(dossier.Validated); f.State != member.Verified || w.read(id).RPPS != rpps {
			w.Fatalf("support decided for them: %s %v", f.State, f.Reasons)
		}
		rule(dossier.Refused)
		w.alter(`insert into registration_mailbox (org_id, registration_id, rpps, address, proved_at)
			select org_id, id, rpps, 'linh@pro.mssante.fr', created_at from registration where member_id = $1`, m.ID)
		if f = rule(dossier.Validated); f.State != member.Incomplete || !slices.Equal(said(f.Reasons), []dossier.ReasonCode{dossier.RPPSTaken}) {
			w.Errorf("proved elsewhere by a mailbox: %s %v", f.State, f.Reasons)
		}
	})
}

// FIL-07: papers of a file that waits again, after the organisation kept them for longer than a
// year, are there for the next decision: they go a year after the day on which it began to wait.
func TestReopenedPapersStay(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		if _, err := (setting.Settings{Run: w.run}).SetPapers(t.Context(), w.bruno, w.org, 0, setting.Papers{
			KeepDays: setting.MaxKeepDays, Checklist: paper.DefaultChecklist(),
		}); err != nil {
			t.Fatal(err)
		}
		w.give(linh, of, card(papertest.PDF("/N (1)")))
		w.decideOn(of, dossier.DocumentsDecided)
		after := func(wait time.Duration, want int) {
			w.Helper()
			w.clock.Add(wait)
			w.decideOn(of, dossier.DocumentsReopened) // looked at again, and orange: it begins to wait once
			if err := w.documents().Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if files, _ := w.kept(); files != want {
				w.Errorf("%d files after %s, want %d", files, wait, want)
			}
		}
		after(dossier.KeptUndecided+time.Hour, 1)
		after(dossier.KeptUndecided-time.Hour, 1)
		after(time.Hour, 0)
	})
}
