package exchange

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

const head = "Nom;Prénom;E-mail;Fonction;Type de profil;Établissements;Rôles;Numéro RPPS;Téléphone\n"

// MEM-14: the check says of each line what would happen; the commit does exactly that, in one
// act, with invitations; the file once more changes nothing.
func TestImport(t *testing.T) {
	each(t, func(w *world) {
		content := head +
			"Petit;Anne;anne@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;Secrétariat;;06 12 34 56 78\n" +
			"Essai;Yves;yves@ailleurs.example;secretary;C;Grand-Pré;Secrétariat;;\n" +
			"Diallo;Aïcha;;Sage-femme;;Saint-Aubin|Grand-Pré;Soins;" + midwife + ";\n" +
			"Delmas;Julie;julie@tilleuls.example;;;;;;01 23 45 67 89\n" +
			"Moreau;Tina;tina@tilleuls.example;Secrétariat;;;;;\n"
		p := w.sent(w.bruno, content)
		w.expect("sent", p, "create", "create", "create :rpps_trial email:note_no_address", "update", "nothing")
		if p.Letters != 2 || p.Counts[Create] != 3 || w.count(`select count(*) from member where org_id = $1`, w.org) != 4 {
			t.Errorf("%+v", p.Import)
		}
		if l := p.Lines[3]; len(l.Changes) != 1 || l.Changes[0] != (Changed{"phone", "", "+33123456789"}) || l.Member != w.people["Julie"] {
			t.Errorf("an update: %+v", l)
		}
		before := w.count(`select count(*) from audit_event where chain = $1 and outcome = 'done'`, w.org)
		m, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		if m.State != Done || m.Results[Invited] != 1 || m.Results[Joined] != 1 || m.Results[Created] != 1 || m.Results[Updated] != 1 || m.Results[Unchanged] != 1 {
			t.Errorf("done: %+v", m)
		}
		done := w.page(w.bruno, p.ID)
		aicha := w.sheet(done.Lines[2].Made)
		if aicha.RPPS != midwife || aicha.Identity.Source != member.FromDirectory || aicha.Profession != "Sage-Femme" || len(aicha.Sites) != 2 || len(aicha.Roles) != 2 {
			t.Errorf("with a number: %+v", aicha)
		}
		if anne := w.sheet(done.Lines[0].Made); anne.Phone != "+33612345678" || anne.Invitation == nil || anne.Roles[0].GivenBy != "Bruno Essai" {
			t.Errorf("invited: %+v", anne)
		}
		if yves := w.sheet(done.Lines[1].Made); yves.Account.IsZero() || yves.Status != member.Active {
			t.Errorf("joined: %+v", yves)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and outcome = 'done'`, w.org) - before; n != 7 { // 3 created, 1 invited, 1 joined, 1 edited, the import
			t.Errorf("%d records", n)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.joined' or kind = 'letter.invitation'`); n != 2 {
			t.Errorf("%d letters", n)
		}
		if _, err := w.i.Commit(ctx, w.bruno, w.org, p.ID); !errors.Is(err, ErrDone) {
			t.Errorf("twice: %v", err)
		}
		again := w.sent(w.bruno, content)
		w.expect("again", again, "nothing", "nothing", "nothing", "nothing", "nothing")
		if _, err := w.i.Commit(ctx, w.bruno, w.org, again.ID); !errors.Is(err, ErrIdle) {
			t.Errorf("nothing to do: %v", err)
		}
	})
}

// MEM-14: what is wrong is told at its cell, in words; nothing is imported before it is
// corrected or left out (FIL-08).
func TestErrorsOfLines(t *testing.T) {
	each(t, func(w *world) {
		p := w.sent(w.bruno, head+
			"Petit;Anne;pas une adresse;Jardinage;Robot;Paris;Roi;123;12\n"+ // 2
			";;a@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+ // 3
			"Un;Un;un@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+ // 4
			"Deux;Deux;UN@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+ // 5
			"Diop;Awa;;Sage-femme;;Saint-Aubin;;"+midwife+";\n"+ // 6: another name than the directory's
			"Sans;Lieu;;Secrétariat;Non-praticien;;;;\n"+ // 7
			"Noir;Zoé;julie@tilleuls.example;Secrétariat;Non-praticien;Saint-Aubin;;"+somebody+";\n") // 8
		w.expect("sent", p,
			"error function:function_unknown profile_type:profile_unknown sites:site_unknown roles:role_unknown email:email_malformed rpps:rpps_malformed "+
				"phone:phone_malformed",
			"error given_name:empty family_name:empty", "create", "error email:repeated", "error given_name:name_imported family_name:name_imported",
			"error sites:site_required", "update :rpps_trial rpps:note_rpps_unknown")
		if _, err := w.i.Commit(ctx, w.bruno, w.org, p.ID); !errors.Is(err, ErrErrors) {
			t.Errorf("with errors: %v", err)
		}
		if n := w.count(`select count(*) from member where org_id = $1`, w.org); n != 4 {
			t.Errorf("%d members", n)
		}
		var left []Decision
		for _, no := range []int{2, 3, 5, 6, 7} {
			left = append(left, Decision{Line: no, Choice: ChoiceSkip})
		}
		p = w.decided(w.bruno, p.ID, left...)
		w.expect("left out", p, "nothing :note_skipped", "nothing :note_skipped", "create", "nothing :note_skipped",
			"nothing :note_skipped", "nothing :note_skipped", "update :rpps_trial rpps:note_rpps_unknown")
		m, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		if m.Results[Invited] != 1 || m.Results[Updated] != 1 || m.Results[Unchanged] != 5 {
			t.Errorf("%+v", m.Results)
		}
	})
}

// MEM-3: somebody who may be a member already is proposed, and a person says who it is before
// anything is done; what they say may be changed.
func TestTwins(t *testing.T) {
	each(t, func(w *world) {
		p := w.sent(w.bruno, head+
			"DELMAS;julie;;Secrétariat;Non-praticien;Saint-Aubin;;;06 12 34 56 78\n"+
			"Moraeu;Tina;t@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+
			"Bruno;Lacaze;;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+
			"Nouveau;Noé;;Secrétariat;Non-praticien;Saint-Aubin;;;\n")
		w.expect("sent", p, "create email:note_no_address undecided", "create undecided", "create email:note_no_address undecided", "create email:note_no_address")
		for n, name := range []string{"Julie", "Tina", "Bruno"} {
			if twins := p.Lines[n].Twins; len(twins) != 1 || twins[0].Member != w.people[name] {
				t.Errorf("twins of line %d: %+v", n, twins)
			}
		}
		if _, err := w.i.Commit(ctx, w.bruno, w.org, p.ID); !errors.Is(err, ErrUndecided) {
			t.Errorf("undecided: %v", err)
		}
		for _, bad := range []Decision{{Line: 2, Choice: "somebody"}, {Line: 99, Choice: ChoiceNew}} {
			if _, err := w.i.Decide(ctx, w.bruno, w.org, p.ID, []Decision{bad}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		_, err := w.i.Decide(ctx, w.bruno, w.org, p.ID, []Decision{{Line: 2, Choice: "somebody"}})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != ErrChoice.Code {
			t.Errorf("a choice that is none: %v", err)
		}
		p = w.decided(w.bruno, p.ID, Decision{2, w.people["Julie"].String()}, Decision{3, ChoiceNew}, Decision{4, ChoiceSkip})
		w.expect("decided", p, "update", "create", "nothing :note_skipped", "create email:note_no_address")
		m, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		if m.Results[Updated] != 1 || m.Results[Invited] != 1 || m.Results[Created] != 1 || m.Results[Unchanged] != 1 {
			t.Errorf("%+v", m.Results)
		}
		if s := w.sheet(w.people["Julie"]); s.Phone != "+33612345678" || s.FamilyName != "DELMAS" {
			t.Errorf("the same person: %+v", s.Member)
		}
	})
}

// rules.md 13, INV-08, AUZ-06: the importer's rights are those by hand: their sites, the roles
// they may give, the members they may see and edit; and their imports are their own.
func TestRights(t *testing.T) {
	each(t, func(w *world) {
		if _, err := w.i.Begin(ctx, w.julie, w.org, File{Data: []byte(head)}); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("a secretary: %v", err)
		}
		line := "Petit;Anne;;Secrétariat;Non-praticien;%s;%s;;\n"
		p := w.sent(w.tina, head+fmt.Sprintf(line, "Saint-Aubin", "Administration")+fmt.Sprintf(line, "Grand-Pré", "")+
			"Ailleurs;Loin;loin@tilleuls.example;Secrétariat;Non-praticien;Saint-Aubin;;;\n"+
			"Lacaze;Bruno;bruno@tilleuls.example;;;;;;01 23 45 67 89\n")
		w.expect("a site administrator", p, "create email:note_no_address", "error sites:site_unknown", "error email:email_of_member", "error :forbidden")
		everywhere := strings.Replace(head, "Rôles", "Rôles dans toute l’organisation", 1)
		p = w.sent(w.tina, everywhere+fmt.Sprintf(line, "Saint-Aubin", "Administration"))
		w.expect("more than theirs", p, "error organization_roles:above_yours")
		if _, err := w.i.Get(ctx, w.tina, w.org, w.sent(w.bruno, head+fmt.Sprintf(line, "Saint-Aubin", "")).ID, Filter{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("somebody else's import: %v", err)
		}
		if list, err := w.i.List(ctx, w.tina, w.org); err != nil || len(list) != 2 {
			t.Errorf("%d imports of their own, %v", len(list), err)
		}
		stale := w.tina
		stale.StepUp = w.db.Now().Add(-1e12)
		if _, err := w.i.Commit(ctx, stale, w.org, p.ID); !errors.Is(err, access.ErrStepUp) {
			t.Errorf("without a fresh proof: %v", err)
		}
	})
}

// AUZ-06: what a check found under the rights of somebody who sees more is not shown to whoever
// sees less, not in a page, a count, a filter or a file; made again under their own, it is.
func TestCheckOfSomebodyElse(t *testing.T) {
	each(t, func(w *world) {
		p := w.sent(w.tina, head+"Ailleurs;Loin;;Secrétariat;Non-praticien;Saint-Aubin;;;\nAilleurs;Loin;loin@tilleuls.example;;;;;;01 23 45 67 89\n")
		w.expect("her own check", p, "create email:note_no_address", "error email:email_of_member profile_type:profile_type_unknown function:function_unknown")
		again := w.decided(w.bruno, p.ID)
		w.expect("Bruno’s", again, "create email:note_no_address undecided", "update")
		for _, f := range []Filter{{Most: MaxLines}, {Most: MaxLines, Fate: Update}, {Most: MaxLines, Undecided: true}} {
			seen, err := w.i.Get(ctx, w.tina, w.org, p.ID, f)
			w.must(err)
			if seen.State != Failed || seen.Code != ErrChecked.Code || len(seen.Lines) != 2 || len(seen.Counts) != 0 || seen.Undecided != 0 {
				t.Errorf("%+v: %+v", f, seen)
			}
			for _, l := range seen.Lines {
				if l.Fate != "" || !l.Member.IsZero() || len(l.Twins) != 0 || l.Undecided || len(l.Cells) == 0 {
					t.Errorf("%+v: %+v", f, l)
				}
			}
		}
		if list, err := w.i.List(ctx, w.tina, w.org); err != nil || list[0].State != Failed {
			t.Errorf("listed: %+v %v", list, err)
		}
		file, err := w.i.Report(ctx, w.tina, w.org, p.ID)
		w.must(err)
		var got strings.Builder
		w.must(file.Write(ctx, text.For(text.FR), &got, nil))
		if said := got.String(); strings.Contains(said, w.people["Loin"].String()) || strings.Contains(said, text.For(text.FR).T("exchange.fate.update")) {
			t.Errorf("the file says %s", said)
		}
		if _, err := w.i.Commit(ctx, w.tina, w.org, p.ID); !errors.Is(err, ErrChecked) {
			t.Errorf("committed: %v", err)
		}
		w.expect("made again", w.decided(w.tina, p.ID), "create email:note_no_address", "error email:email_of_member profile_type:profile_type_unknown function:function_unknown")
		// Whoever sees everywhere sees the check of whoever does not.
		if seen := w.page(w.bruno, p.ID); seen.State != Ready || seen.Lines[0].Fate != Create {
			t.Errorf("Bruno sees %+v", seen)
		}
	})
}

// AUZ-06: whoever sees less than when they had a check made does not see what it found, until they
// make it again; neither while another's findings are still there.
func TestCheckOfAnotherDay(t *testing.T) {
	each(t, func(w *world) {
		lines := head + "Ailleurs;Loin;;Secrétariat;Non-praticien;Saint-Aubin;;;\nAilleurs;Loin;loin@tilleuls.example;;;;;;01 23 45 67 89\n"
		p := w.sent(w.bruno, lines)
		w.expect("of everybody", p, "create email:note_no_address undecided", "update")
		w.write(func(tx *store.Tx) {
			_, err := tx.Exec(ctx, `update member_role set scope = $1, site_id = $1 where org_id = $2 and member_id = $3`,
				w.sites[0], w.org, w.people["Bruno"])
			w.must(err)
		})
		seen := w.page(w.bruno, p.ID)
		if seen.State != Failed || seen.Code != ErrChecked.Code || len(seen.Counts) != 0 || !seen.Lines[1].Member.IsZero() {
			t.Errorf("once at a site alone, he sees %+v", seen)
		}
		if _, err := w.i.Commit(ctx, w.bruno, w.org, p.ID); !errors.Is(err, ErrChecked) {
			t.Errorf("committed: %v", err)
		}
		_, err := w.i.Decide(ctx, w.bruno, w.org, p.ID, nil)
		w.must(err)
		if seen := w.page(w.bruno, p.ID); seen.State != Checking || seen.Lines[1].Fate != "" {
			t.Errorf("while it is made again, he sees %+v", seen)
		}
		w.expect("made again", w.decided(w.bruno, p.ID), "create email:note_no_address",
			"error email:email_of_member profile_type:profile_type_unknown function:function_unknown")
	})
}

// MEM-14: what is committed is what was shown, or nothing: a right lost, a member made or a
// letter sent since has the check made again.
func TestChangedSince(t *testing.T) {
	each(t, func(w *world) {
		p := w.sent(w.bruno, head+"Petit;Anne;anne@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\nDelmas;Julie;julie@tilleuls.example;;;;;;01 23 45 67 89\n")
		w.expect("sent", p, "create", "update")
		other := w.sent(w.bruno, head+"Petite;Annie;anne@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n")
		_, err := w.i.Commit(ctx, w.bruno, w.org, other.ID)
		w.must(err)
		before := w.count(`select count(*) from member_state where org_id = $1`, w.org)
		if _, err = w.i.Commit(ctx, w.bruno, w.org, p.ID); !errors.Is(err, ErrChanged) {
			t.Errorf("changed: %v", err)
		}
		if n := w.count(`select count(*) from member_state where org_id = $1`, w.org); n != before {
			t.Errorf("%d states, %d before", n, before)
		}
		page := w.page(w.bruno, p.ID)
		if page.State != Checking {
			t.Fatalf("%s", page.State)
		}
		w.check(page.Import)
		w.expect("again", w.page(w.bruno, p.ID), "update", "update")
	})
}

// rules.md 4: letters are within the same limits a day as by hand, told before; who has no
// room is created without.
func TestLettersOfADay(t *testing.T) {
	each(t, func(w *world) {
		w.limit(2)
		var b strings.Builder
		b.WriteString(head)
		for n := range 4 {
			fmt.Fprintf(&b, "Personne%c;Une;p%d@exemple.fr;Secrétariat;Non-praticien;Saint-Aubin;;;\n", 'A'+n*5, n)
		}
		p := w.sent(w.bruno, b.String())
		w.expect("sent", p, "create", "create", "create email:note_withheld", "create email:note_withheld")
		if p.Letters != 2 || p.Withheld != 2 {
			t.Errorf("%+v", p.Import)
		}
		m, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		if m.Results[Invited] != 2 || m.Results[Created] != 2 || w.count(`select count(*) from invitation where org_id = $1`, w.org) != 2 {
			t.Errorf("%+v", m.Results)
		}
		if n := w.count(`select n from counter where name = 'invitation.org' and subject = $1`, w.org); n != 2 {
			t.Errorf("%d letters counted", n)
		}
	})
}

// VER-5: a number that the local index cannot tell is kept to be verified.
func TestUnknownNumbers(t *testing.T) {
	each(t, func(w *world) {
		line := head + "Noir;Zoé;;Sage-femme;Profession réglementée;Saint-Aubin;;" + somebody + ";\n"
		w.expect("unknown", w.sent(w.bruno, line), "create :rpps_trial email:note_no_address rpps:note_rpps_unknown")
		w.i.Index = register(nil)
		p := w.sent(w.bruno, line)
		w.expect("not asked", p, "create :rpps_trial email:note_no_address rpps:note_rpps_unchecked")
		_, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		if s := w.sheet(w.page(w.bruno, p.ID).Lines[0].Made); s.Identity.Source != member.Declared || s.RPPS != somebody {
			t.Errorf("%+v", s.Identity)
		}
	})
}

// MEM-14, GDPR: what was sent is forgotten after Kept; who came in stays.
func TestForgotten(t *testing.T) {
	each(t, func(w *world) {
		p := w.sent(w.bruno, head+"Petit;Anne;;Secrétariat;Non-praticien;Saint-Aubin;;;\n")
		_, err := w.i.Commit(ctx, w.bruno, w.org, p.ID)
		w.must(err)
		w.must(Sweep(ctx, w.db))
		w.page(w.bruno, p.ID)
		w.write(func(tx *store.Tx) {
			_, err := tx.Exec(ctx, `update member_import set created_at = $1`, tx.Now.Add(-Kept))
			w.must(err)
		})
		w.must(Sweep(ctx, w.db))
		if _, err := w.i.Get(ctx, w.bruno, w.org, p.ID, Filter{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("kept: %v", err)
		}
		if n := w.count(`select count(*) from member where org_id = $1`, w.org); n != 5 {
			t.Errorf("%d members", n)
		}
	})
}

// MEM-14: the first line names the columns, in either language, in any order and by other words
// that people use; what lacks or is there twice is told.
func TestHeader(t *testing.T) {
	for content, want := range map[string]error{
		"Prénom;E-mail\na;b\n": ErrHeader, "Nom;Prénom;nom de famille\na;b;c\n": ErrTwice, "Nom;Prénom\n": ErrEmpty, "Nom;Prénom\na;b\n": nil,
		"first name;LAST NAME *;Surnom;Courriel\na;b;c;d\n": nil,
	} {
		m, lines, err := File{Data: []byte(content), Name: `C:\x\membres.csv`}.read()
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, not %v", content, err, want)
		}
		if err == nil && (len(lines) != 1 || m.FileName != "membres.csv" || (len(m.Ignored) == 1) != strings.Contains(content, "Surnom")) {
			t.Errorf("%q: %+v", content, m)
		}
	}
}

// rules.md 13: the check is made on the rights that its maker has then; without any it fails, and
// says so. Nothing is committed before the check has ended, nor after it failed.
func TestStates(t *testing.T) {
	each(t, func(w *world) {
		m, err := w.i.Begin(ctx, w.tina, w.org, File{Data: []byte(head + "Petit;Anne;;Secrétariat;Non-praticien;Saint-Aubin;;;\n")})
		w.must(err)
		if _, err := w.i.Commit(ctx, w.tina, w.org, m.ID); !errors.Is(err, ErrChecking) {
			t.Errorf("while it is checked: %v", err)
		}
		_, err = w.i.Decide(ctx, w.tina, w.org, m.ID, []Decision{{Line: 99}})
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != "exchange.line_unknown" {
			t.Errorf("no such line: %v", err)
		}
		_, err = w.m.Deactivate(ctx, w.bruno, w.org, w.people["Tina"], 0)
		w.must(err)
		w.check(m)
		if p := w.page(w.bruno, m.ID); p.State != Failed || p.Code == "" {
			t.Errorf("without rights: %s %s", p.State, p.Code)
		}
		if _, err := w.i.Commit(ctx, w.bruno, w.org, m.ID); !errors.Is(err, ErrFailed) {
			t.Errorf("after it failed: %v", err)
		}
		w.expect("under other rights", w.decided(w.bruno, m.ID), "create email:note_no_address")
		_, err = w.i.Commit(ctx, w.bruno, w.org, m.ID)
		w.must(err)
	})
}
