package dossier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/papertest"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// registrant is somebody whose file is not decided: their account waits with it.
func (w *world) registrant(name string) (ident.Member, access.Actor) {
	w.Helper()
	var id ident.Member
	var by access.Actor
	w.write(func(tx *store.Tx) error {
		email, _ := account.ParseEmail(name + "@essais.example")
		a, err := account.Insert(w.Context(), tx, account.New{
			Email: email, Names: account.Names{GivenName: name, FamilyName: "Nguyen"}, Language: text.FR, Status: account.Pending,
		})
		if err != nil {
			return err
		}
		m, err := member.Insert(w.Context(), tx, member.New{
			Org: w.org, Account: a.ID, Status: member.Created, Verification: member.Unchecked, GivenName: name, FamilyName: "Nguyen",
			Email: email.Address, Function: "midwife", Sites: []ident.Site{w.first},
		})
		id, by = m.ID, access.Actor{Kind: access.Person, Account: a.ID, Name: name + " Nguyen", Via: "web"}
		return err
	})
	return id, by
}

// staff is somebody of the platform.
func (w *world) staff(role account.PlatformRole) (by access.Actor) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		email, _ := account.ParseEmail(string(role) + "@habilis.example")
		a, err := account.Insert(w.Context(), tx, account.New{
			Email: email, Names: account.Names{GivenName: "Sam", FamilyName: "Support"}, Language: text.FR, PlatformRole: role,
		})
		by = access.Actor{Kind: access.Person, Account: a.ID, Name: "Sam Support", Via: "web", StepUp: tx.Now}
		return err
	})
	return by
}

func (w *world) documents() dossier.Documents { return dossier.Documents{Run: w.run} }

func card(data []byte) dossier.NewDocument {
	return dossier.NewDocument{Kind: paper.Card, Name: "carte CPS.pdf", Data: data}
}

func (w *world) give(by access.Actor, of ident.Member, n dossier.NewDocument) dossier.Document {
	w.Helper()
	d, err := w.documents().Add(w.Context(), by, w.org, of, n)
	if err != nil {
		w.Fatal(err)
	}
	return d
}

func (w *world) listOf(by access.Actor, of ident.Member) []dossier.Document {
	w.Helper()
	l, err := w.documents().List(w.Context(), by, w.org, of)
	if err != nil {
		w.Fatal(err)
	}
	return l.Documents
}

func (w *world) bytesOf(by access.Actor, d dossier.Document) []byte {
	w.Helper()
	opened, err := w.documents().Look(w.Context(), by, d.Org, d.Member, d.ID)
	if err != nil {
		w.Fatal(err)
	}
	b, err := io.ReadAll(w.documents().Content(w.Context(), opened))
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// decideOn does what a decision on a file does.
func (w *world) decideOn(of ident.Member, fn func(context.Context, *action.Tx, ident.Org, ident.Member) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Lock(w.org)}, func(tx *store.Tx) error {
		return fn(w.Context(), &action.Tx{Tx: tx, Ring: w.run.Ring}, w.org, of)
	}); err != nil {
		w.Fatal(err)
	}
}

// kept is how many rows of bytes there are.
func (w *world) kept() (files, chunks int) {
	return w.count(`select count(*) from file`), w.count(`select count(*) from file_chunk`)
}

// VER-1, VER-3: what the person gives comes back as it was, says what it is, is opened under
// the eyes of all, and goes with its bytes.
func TestDocuments(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		pdf := papertest.LargePDF(700_000)
		d := w.give(linh, of, card(pdf))
		if d.Name != "carte CPS.pdf" || d.Type != paper.PDF || d.Bytes != 700_000 || d.State != dossier.DocumentUnscanned || !d.Own || d.AddedBy != "linh Nguyen" || d.PurgeAt != nil {
			t.Errorf("%+v", d)
		}
		other := w.give(w.bruno, of, dossier.NewDocument{Kind: paper.Order, Name: "ordre.png", Data: papertest.PNG(t, 30, 20)})
		if other.Own || other.AddedBy != "bruno Lacaze" || other.Type != paper.PNG {
			t.Errorf("%+v", other)
		}
		if got := w.bytesOf(w.bruno, d); !bytes.Equal(got, pdf) {
			t.Errorf("%d bytes", len(got))
		}
		w.clock.Add(time.Minute)
		w.bytesOf(linh, d)
		w.bytesOf(w.bruno, d)
		list := w.listOf(linh, of)
		if len(list) != 2 || list[0].ID != d.ID || len(list[0].Looks) != 2 || list[0].Looks[0].Name != "bruno Lacaze" || list[0].Looks[0].Support {
			t.Errorf("%+v", list)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'document.look' and outcome = 'done' and subject = $1`, of.String()); n != 3 {
			t.Errorf("%d looks in the trail", n)
		}
		if _, err := w.documents().Remove(t.Context(), linh, w.org, of, other.ID); !errors.Is(err, dossier.ErrDocumentOthers) { // document.others
			t.Error(err)
		}
		for by, id := range map[*access.Actor]ident.Document{&linh: d.ID, &w.bruno: other.ID} {
			if _, err := w.documents().Remove(t.Context(), *by, w.org, of, id); err != nil {
				t.Error(err)
			}
		}
		if files, chunks := w.kept(); files+chunks+w.count(`select count(*) from document`)+w.count(`select count(*) from document_look`) != 0 {
			t.Errorf("%d files and %d chunks are left", files, chunks)
		}
		if _, err := w.documents().Remove(t.Context(), linh, w.org, of, d.ID); !errors.Is(err, dossier.ErrDocumentNotFound) { // document.not_found
			t.Error(err)
		}
	})
}

// FIL-03: to whoever has no business with the file there is nothing: another registrant, a
// colleague, another organisation, support once it is decided.
func TestWhoseDocuments(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		second, odile := w.registrant("odile")
		d := w.give(linh, of, card(papertest.PDF("")))
		support, chief := w.staff(account.Support), w.staff(account.Administrator)
		late := support
		late.StepUp = time.Time{}
		docs := w.documents()
		for name, c := range map[string]struct {
			by         access.Actor
			look, add  string // codes of refusals
			supporting bool
		}{
			"the person":            {by: linh},
			"who certifies":         {by: w.bruno},
			"another registrant":    {by: odile, look: "access.not_found", add: "access.not_found"},
			"the site of others":    {by: w.tina, look: "member.not_found", add: "member.not_found"},
			"support":               {by: support, add: "access.forbidden"},
			"the platform's chief":  {by: chief, add: "access.forbidden"},
			"support, unproven":     {by: late, look: "access.step_up_required", add: "access.forbidden"},
			"nobody":                {by: access.Actor{Kind: access.Anonymous, Address: "192.0.2.1"}, look: "access.unauthenticated", add: "access.unauthenticated"},
			"a token of the person": {by: access.Actor{Kind: access.OrgToken, Account: linh.Account, Org: w.org, Token: ident.NewToken()}, look: "access.not_found", add: "access.not_found"},
		} {
			_, err := docs.Look(t.Context(), c.by, w.org, of, d.ID)
			if codeOf(err) != c.look {
				t.Errorf("%s looks: %v", name, err)
			}
			_, err = docs.Add(t.Context(), c.by, w.org, of, card(papertest.PDF("/Name ("+name+")")))
			if codeOf(err) != c.add {
				t.Errorf("%s adds: %v", name, err)
			}
		}
		for name, err := range map[string]error{
			"through another file": lookErr(docs.Look(t.Context(), odile, w.org, second, d.ID)),
			"of a usual member":    lookErr(docs.Look(t.Context(), w.bruno, w.org, w.member(member.New{Org: w.org, Status: member.Active, GivenName: "x", FamilyName: "y", Sites: []ident.Site{w.first}}), d.ID)),
			"of nobody":            lookErr(docs.Look(t.Context(), w.bruno, w.org, ident.NewMember(), d.ID)),
			"of another place":     lookErr(docs.Look(t.Context(), w.bruno, ident.NewOrg(), of, d.ID)),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.ContainsFunc(w.listOf(linh, of)[0].Looks, func(l dossier.Look) bool { return l.Support && l.Name == "Sam Support" }) {
			t.Error("the person is not told that support looked")
		}
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update member_state set verification = 'verified' where org_id = $1 and member_id = $2`, w.org, of)
			return err
		})
		if _, err := docs.Look(t.Context(), support, w.org, of, d.ID); !fault.Is(err, fault.NotFound) {
			t.Error("support still looks:", err)
		}
	})
}

func lookErr(_ dossier.Document, err error) error { return err }

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Code
}

// rules.md 16: the same bytes are told and not kept twice; five of a file; 50 MB of a person,
// in all their files.
func TestDocumentRoom(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		docs := w.documents()
		w.give(linh, of, card(papertest.PDF("/N (0)")))
		again := card(papertest.PDF("/N (0)"))
		again.Kind, again.Name = paper.Diploma, "diplôme.pdf"
		_, err := docs.Add(t.Context(), w.bruno, w.org, of, again)
		if f := fault.Of(err); !errors.Is(err, dossier.ErrDocumentTwice) || f.Args["Name"] != "carte CPS.pdf" { // document.twice
			t.Error(err)
		}
		for i := 1; i < dossier.MaxDocuments; i++ {
			w.give(linh, of, card(papertest.PDF(fmt.Sprintf("/N (%d)", i))))
		}
		if _, err := docs.Add(t.Context(), linh, w.org, of, card(papertest.PDF("/N (5)"))); !errors.Is(err, dossier.ErrTooManyDocuments) { // document.too_many
			t.Error(err)
		}
		if _, err := docs.Add(t.Context(), linh, w.org, of, dossier.NewDocument{Kind: "passport", Data: papertest.PDF("")}); codeOf(err) != "invalid" || fault.Of(err).Fields[0].Code != "document.kind" {
			t.Error(err)
		}
		w.write(func(tx *store.Tx) error { // elsewhere they gave nearly all they may
			_, err := tx.Exec(t.Context(), `update document set bytes = $2 where org_id = $1 and name = 'carte CPS.pdf' and id = (select min(id) from document)`, w.org, dossier.MaxPersonBytes)
			return err
		})
		if _, err := docs.Remove(t.Context(), linh, w.org, of, w.listOf(linh, of)[4].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := docs.Add(t.Context(), linh, w.org, of, card(papertest.PDF("/N (6)"))); !errors.Is(err, dossier.ErrPersonFull) { // document.person_full
			t.Error(err)
		}
	})
}

// RAC: of two that come at once, with room for one, one is told that there is none.
func TestDocumentsAtOnce(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		var done sync.WaitGroup
		errs := make([]error, 2*dossier.MaxDocuments)
		for i := range errs {
			done.Go(func() {
				_, errs[i] = w.documents().Add(t.Context(), linh, w.org, of, card(papertest.PDF(fmt.Sprintf("/N (%d)", i/2))))
			})
		}
		done.Wait()
		kept := 0
		for _, err := range errs {
			if err == nil {
				kept++
			} else if !errors.Is(err, dossier.ErrDocumentTwice) && !errors.Is(err, dossier.ErrTooManyDocuments) {
				t.Error(err)
			}
		}
		if files, _ := w.kept(); kept != dossier.MaxDocuments || files != kept || len(w.listOf(linh, of)) != kept {
			t.Errorf("%d were kept, %d files", kept, files)
		}
	})
}

// FIL-07: after the decision nobody removes; as many days later as the organisation says the
// bytes are gone, the hash stays; without a decision they go after a year.
func TestPurge(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		waiting, odile := w.registrant("odile")
		first := w.give(linh, of, card(papertest.PDF("/N (1)")))
		left := w.give(odile, waiting, card(papertest.PDF("/N (2)")))
		settings := setting.Settings{Run: w.run}
		if _, err := settings.SetPapers(t.Context(), w.bruno, w.org, 0, setting.Papers{KeepDays: 30, Checklist: paper.DefaultChecklist()}); err != nil {
			t.Fatal(err)
		}
		w.decideOn(of, dossier.DocumentsDecided)
		w.decideOn(of, dossier.DocumentsReopened)
		if _, err := w.documents().Remove(t.Context(), linh, w.org, of, first.ID); err != nil {
			t.Fatal("it waits again:", err)
		}
		first = w.give(linh, of, card(papertest.PDF("/N (1)")))
		w.decideOn(of, dossier.DocumentsDecided)
		if _, err := w.documents().Remove(t.Context(), w.bruno, w.org, of, first.ID); !errors.Is(err, dossier.ErrDocumentDecided) { // document.decided
			t.Error(err)
		}
		purge := func(days int) {
			t.Helper()
			w.clock.Add(time.Duration(days) * 24 * time.Hour)
			if err := w.documents().Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		purge(29)
		if files, _ := w.kept(); files != 2 {
			t.Errorf("%d files are kept", files)
		}
		purge(1)
		d := w.listOf(w.bruno, of)[0]
		if files, _ := w.kept(); files != 1 || d.State != dossier.DocumentPurged || d.Sum != first.Sum || d.Counts() {
			t.Errorf("%d files are kept, %+v", files, d)
		}
		if _, err := w.documents().Look(t.Context(), w.bruno, w.org, of, first.ID); !errors.Is(err, dossier.ErrDocumentGone) { // document.gone
			t.Error(err)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'document.purge' and object = $1`, first.ID.String()); n != 1 {
			t.Errorf("%d lines in the trail", n)
		}
		if kinds := dossier.MissingKinds([]paper.Kind{paper.Card}, []dossier.Document{d}); !slices.Equal(kinds, []paper.Kind{paper.Card}) {
			t.Errorf("missing %v", kinds)
		}
		purge(334)
		if files, _ := w.kept(); files != 1 {
			t.Error("what nobody decided on went too soon")
		}
		purge(1)
		if files, chunks := w.kept(); files+chunks != 0 || w.listOf(odile, waiting)[0].ID != left.ID {
			t.Errorf("%d files, %d chunks", files, chunks)
		}
		w.decideOn(of, dossier.DropDocuments)
		if n := w.count(`select count(*) from document where member_id = $1`, of); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

// FIL-01: what the scanner knows is refused and leaves nothing; while it does not answer, what
// comes is opened by nobody, and judged later.
func TestScanning(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		var mu sync.Mutex
		answering := false
		scanner, err := paper.ParseScanner(papertest.Scanner(t, func(data []byte) string {
			mu.Lock()
			defer mu.Unlock()
			if !answering {
				return ""
			}
			return papertest.Verdict(data)
		}))
		if err != nil {
			t.Fatal(err)
		}
		answer := func(yes bool) { mu.Lock(); answering = yes; mu.Unlock() }
		before := w.give(linh, of, card(papertest.PDF("/N (before)"))) // there was no scanner
		docs := dossier.Documents{Run: w.run, Scanner: scanner}
		add := func(more string) (dossier.Document, error) {
			return docs.Add(t.Context(), linh, w.org, of, card(papertest.PDF(more)))
		}
		good, err1 := add("/N (good)")
		bad, err2 := add("/N (" + papertest.Eicar[:27] + `\` + papertest.Eicar[27:] + ")")
		virus, err3 := add("%" + papertest.Eicar + "\n")
		if err := errors.Join(err1, err2, err3); err != nil || good.State != dossier.DocumentPending || bad.State != dossier.DocumentPending {
			t.Fatal(err, good.State)
		}
		if _, err := docs.Look(t.Context(), w.bruno, w.org, of, good.ID); !errors.Is(err, dossier.ErrDocumentPending) { // document.pending
			t.Error(err)
		}
		if err := docs.Scan(t.Context()); !errors.Is(err, paper.ErrUnscanned) {
			t.Error("nobody answers:", err)
		}
		answer(true)
		if err := docs.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		states := map[ident.Document]dossier.ScanState{}
		for _, d := range w.listOf(linh, of) {
			states[d.ID] = d.State
		}
		if states[before.ID] != dossier.DocumentClean || states[good.ID] != dossier.DocumentClean || states[virus.ID] != dossier.DocumentInfected {
			t.Errorf("%v", states)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.dossier_outcome'`); n != 1 { // of the virus alone
			t.Errorf("%d letters say that a paper is to be given again", n)
		}
		if files, _ := w.kept(); files != 3 {
			t.Errorf("%d files are kept", files)
		}
		if _, err := docs.Look(t.Context(), w.bruno, w.org, of, virus.ID); !errors.Is(err, dossier.ErrDocumentGone) {
			t.Error(err)
		}
		_, err = add("%" + papertest.Eicar + "\n/N (again)")
		if files, _ := w.kept(); !errors.Is(err, paper.ErrInfected) || files != 3 {
			t.Errorf("%v, %d files", err, files)
		}
		if n := w.count(`select count(*) from audit_event where verb = 'document.add' and code = 'paper.infected' and subject = $1`, of.String()); n != 1 {
			t.Errorf("%d refusals in the trail", n)
		}
		if clean, err := add("/N (clean)"); err != nil || clean.State != dossier.DocumentClean {
			t.Error(err, clean.State)
		}
	})
}

// rules.md 16: whoever decides names what they saw; a file that changed has another name.
func TestSeenDocuments(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		names := []string{dossier.SeenDocuments(w.listOf(linh, of))}
		for i := range 2 {
			w.give(linh, of, card(papertest.PDF(fmt.Sprintf("/N (%d)", i))))
			names = append(names, dossier.SeenDocuments(w.listOf(linh, of)))
		}
		if _, err := w.documents().Remove(t.Context(), linh, w.org, of, w.listOf(linh, of)[0].ID); err != nil {
			t.Fatal(err)
		}
		names = append(names, dossier.SeenDocuments(w.listOf(linh, of)))
		slices.Sort(names)
		if len(slices.Compact(names)) != 4 || strings.Contains(names[0], " ") {
			t.Errorf("%v", names)
		}
	})
}
