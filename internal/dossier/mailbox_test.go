package dossier

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/papertest"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const (
	rosaNumber = "10002345675"
	rosaBox    = "rosa.vidal@pro.mssante.fr"
	rosaOther  = "cabinet.vidal@medecin.mssante.fr"
)

// boxed is a directory that publishes the mailboxes of its people.
type boxed struct {
	people map[string]directory.Practitioner
	boxes  map[string][]string
	down   bool // of mailboxes: the index goes on answering
}

func (b *boxed) ByRPPS(_ context.Context, rpps string) (directory.Answer, error) {
	a := directory.Answer{Origin: directory.FromIndex, AsOf: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	if p, ok := b.people[rpps]; ok {
		a.Practitioners = []directory.Practitioner{p}
	}
	return a, nil
}

func (b *boxed) ByName(context.Context, directory.Name) (directory.Answer, error) {
	return directory.Answer{}, nil
}

func (b *boxed) Mailboxes(_ context.Context, rpps string) (directory.Mailboxes, error) {
	if b.down {
		return directory.Mailboxes{}, directory.ErrUnavailable
	}
	return directory.Mailboxes{Asked: true, Addresses: b.boxes[rpps]}, nil
}

// mailGate is a gate whose directory publishes Rosa with two mailboxes, and no telephone is asked.
type mailGate struct {
	*gate

	dir     *boxed
	letters []RegistrationMailboxLetter
	codes   []string
	waiting int    // jobs that could not be done yet
	network string // from which codes are asked for
}

func eachMailGate(t *testing.T, fn func(g *mailGate)) {
	t.Helper()
	eachGate(t, func(plain *gate) {
		g := &mailGate{gate: plain, dir: &boxed{
			people: map[string]directory.Practitioner{rosaNumber: {
				RPPS: rosaNumber, Active: true, GivenName: "ROSA", FamilyName: "VIDAL",
				Activities: []directory.Activity{{ID: "1", Profession: directory.Code{Code: "60", Label: "Infirmier"}}},
			}},
			boxes: map[string][]string{rosaNumber: {rosaBox, rosaOther}},
		}}
		g.r.Source, g.r.Texts.On = g.dir, false
		fn(g)
	})
}

func (g *mailGate) files() Dossiers { return Dossiers{Run: g.run, Source: g.dir} }

// work does the jobs that wait.
func (g *mailGate) work() {
	g.Helper()
	w := job.Worker{DB: g.db, Ring: g.run.Ring, Log: g.run.Log, Handlers: map[string]job.Handler{
		RegistrationOrder{}.Kind(): g.r.Greet,
		RejudgeOrder{}.Kind(): func(ctx context.Context, j job.Job) error {
			err := g.files().Rejudge(ctx, j)
			if err != nil {
				g.waiting++
			}
			return err
		},
		RegistrationMailboxLetter{}.Kind(): func(_ context.Context, j job.Job) error {
			var l RegistrationMailboxLetter
			g.letters, g.codes = append(g.letters, l), append(g.codes, j.Secret.Reveal())
			return j.Decode(&g.letters[len(g.letters)-1])
		},
	}}
	for _, kind := range []string{
		RegistrationCodeLetter{}.Kind(), RegistrationAccountLetter{}.Kind(), RegistrationLinkLetter{}.Kind(), OutcomeLetter{}.Kind(),
		RulingLetter{}.Kind(),
	} {
		w.Handlers[kind] = func(context.Context, job.Job) error { return nil }
	}
	g.must(w.Drain(g.Context()))
}

// send asks for a code, and gives the one that went.
func (g *mailGate) send(key, address string) string {
	g.Helper()
	by := nobody
	if g.network != "" {
		by.Address = g.network
	}
	_, err := g.r.SendMailboxCode(g.Context(), by, g.cpts.Slug, key, address)
	g.must(err)
	g.work()
	return g.codes[len(g.codes)-1]
}

func (g *mailGate) proves(key string) RegistrationFile {
	g.Helper()
	code := g.send(key, rosaBox)
	f, err := g.r.ProveMailbox(g.Context(), nobody, g.cpts.Slug, key, code)
	g.must(err)
	return f
}

// completes gives every paper that is asked, and sends the file.
func (g *mailGate) completes(f RegistrationFile, key string) {
	g.Helper()
	for _, kind := range f.Missing {
		_, err := g.r.AddDocument(g.Context(), nobody, g.cpts.Slug, key, NewDocument{Kind: kind, Name: "piece.pdf", Data: papertest.PDF(string(kind))})
		g.must(err)
	}
	_, err := g.r.Complete(g.Context(), nobody, g.cpts.Slug, key, f.Asked.Rev, []int{0})
	g.must(err)
	g.work()
}

func (g *mailGate) refresh(f RegistrationFile) Refreshed {
	g.Helper()
	list, err := g.files().Refresh(g.Context(), access.Operator("test"), f.Org, []ident.Member{f.Member})
	g.must(err)
	g.work()
	return list[0]
}

func (g *mailGate) state(f RegistrationFile) (state member.Verification, usable bool, rpps string) {
	g.Helper()
	g.must(g.db.Read(g.Context(), func(tx *store.Tx) error {
		m, err := member.Find(g.Context(), tx, f.Org, f.Member)
		if err != nil {
			return err
		}
		a, _, err := account.Get(g.Context(), tx, m.Account)
		state, usable, rpps = m.Verification, a.Status == account.Active, m.RPPS
		return err
	}))
	return state, usable, rpps
}

func (g *mailGate) recorded(verb string) (n int) {
	g.Helper()
	g.must(g.db.Read(g.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(g.Context(), `select count(*) from audit_event where verb = $1 and outcome = 'done'`, verb).Scan(&n)
	}))
	return n
}

func codesOf(reasons []Reason) (list []ReasonCode) {
	for _, r := range reasons {
		list = append(list, r.Code)
	}
	return list
}

// VER-2: a code that comes back from the directory's own mailbox of the practitioner makes the
// file green once the person has done all of their part, by nobody else; the number that was
// judged is the member's. When the directory publishes the address no more, the proof falls.
func TestMailbox(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		f, key := g.come("rosa@exemple.fr", rosa())
		if !slices.Equal(f.Mailboxes(), []string{rosaBox, rosaOther}) || f.Mailbox != nil {
			g.Fatalf("%v %+v", f.Mailboxes(), f.Mailbox)
		}
		version := f.Version
		_, err := g.r.SendMailboxCode(g.Context(), nobody, g.cpts.Slug, key, "rosa@exemple.fr")
		if x := fault.Of(err); len(x.Fields) != 1 || x.Fields[0].Location != "address" || x.Fields[0].Code != "registration.mailbox_unknown" {
			g.Fatalf("an address that nobody publishes: %v", err)
		}
		f = g.proves(key)
		if f.Mailbox == nil || f.Mailbox.ProvedAt == nil || f.Mailbox.Address != rosaBox || f.Mailbox.Waits || f.Version != version {
			g.Fatalf("%+v, version %d", f.Mailbox, f.Version)
		}
		if l := g.letters[0]; len(g.letters) != 1 || l.Address != rosaBox || l.Registration != f.ID {
			g.Fatalf("%+v", g.letters)
		}
		if state, usable, _ := g.state(f); state != member.Unchecked || usable {
			g.Fatalf("%s before the file is sent", state)
		}
		g.completes(f, key)
		if state, usable, rpps := g.state(f); state != member.Verified || !usable || rpps != rosaNumber {
			g.Fatalf("%s, usable %t, %q", state, usable, rpps)
		}
		file, err := g.files().Get(g.Context(), access.Operator("test"), f.Org, f.Member)
		g.must(err)
		if file.MailboxWorth != MailboxStands || file.Mailbox.Address != rosaBox || file.Check.By == "" {
			g.Errorf("%+v %s", file.Mailbox, file.MailboxWorth)
		}
		g.dir.down = true
		if r := g.refresh(f); r.State != member.Verified {
			g.Errorf("closed by a directory that is silent: %+v", r)
		}
		g.dir.down, g.dir.boxes[rosaNumber] = false, []string{rosaOther}
		r := g.refresh(f)
		if state, usable, _ := g.state(f); state != member.Incomplete || usable || !slices.Equal(codesOf(r.Reasons), []ReasonCode{MailboxEnded, ProofMissing}) {
			g.Fatalf("%s %t %+v", state, usable, r)
		}
		g.dir.boxes[rosaNumber] = []string{rosaBox}
		if r := g.refresh(f); r.State != member.Incomplete {
			g.Error("a proof came back by itself")
		}
		for verb, want := range map[string]int{verbMailboxSend: 1, verbMailboxProve: 1, verbMailboxEnded: 1, "member.verified": 1} {
			if n := g.recorded(verb); n != want {
				g.Errorf("%d lines %s", n, verb)
			}
		}
		if f = g.proves(key); f.Mailbox.EndedAt != nil {
			g.Error("it cannot be proved again")
		}
		g.work()
		if state, usable, _ := g.state(f); state != member.Verified || !usable {
			g.Errorf("proved again, and %s", state)
		}
	})
}

// VER-2: the proof replaces what people decide, and nothing else: papers, agreement, and what the
// directory says are asked as of everybody.
func TestMailboxIsNotAll(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		_, key := g.come("rosa@exemple.fr", rosa())
		f := g.proves(key)
		_, err := g.r.Complete(g.Context(), nobody, g.cpts.Slug, key, f.Asked.Rev, []int{0})
		g.must(err)
		g.work()
		r := g.refresh(f)
		if r.State != member.Incomplete || len(r.Reasons) == 0 || slices.ContainsFunc(r.Reasons, func(r Reason) bool { return r.Code != PaperMissing }) {
			g.Errorf("%+v", r.Reasons)
		}
		queue, err := g.files().Queue(g.Context(), access.Operator("test"))
		if err != nil || len(queue) != 1 || queue[0].MailboxProvedAt == nil {
			g.Errorf("support's queue: %+v %v", queue, err)
		}
		p := g.dir.people[rosaNumber]
		p.Active = false
		g.dir.people[rosaNumber], g.dir.boxes[rosaNumber] = p, nil
		if r := g.refresh(f); !slices.Contains(codesOf(r.Reasons), RPPSClosed) || !slices.Contains(codesOf(r.Reasons), MailboxEnded) {
			g.Errorf("of somebody who practises no more: %+v", r.Reasons)
		}
	})
}

// VER-2: a proof is of one number: it falls when another is declared, and does not come back
// with the first. Whom the directory does not know as declared is offered nothing.
func TestMailboxOfAnotherNumber(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		_, key := g.come("rosa@exemple.fr", rosa())
		g.proves(key)
		p := rosa()
		p.RPPS, p.NoRPPS = "", "je l’ai perdu"
		f, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, p)
		g.must(err)
		if f.Mailbox != nil || f.Mailboxes() != nil {
			g.Errorf("%+v %v", f.Mailbox, f.Mailboxes())
		}
		if _, err := g.r.SendMailboxCode(g.Context(), nobody, g.cpts.Slug, key, rosaBox); !errors.Is(err, ErrRegistrationOrder) {
			g.Errorf("without a number: %v", err)
		}
		f, err = g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, rosa())
		g.must(err)
		if f.Mailbox != nil || len(f.Mailboxes()) != 2 {
			g.Errorf("%+v %v", f.Mailbox, f.Mailboxes())
		}
		if n := g.recorded(verbMailboxEnded); n != 1 {
			g.Errorf("%d lines", n)
		}
		p = rosa()
		p.Names.FamilyName = "Marchand"
		f, err = g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, p)
		g.must(err)
		if f.Mailboxes() != nil {
			g.Error("letters to a practitioner of another name")
		}
	})
}

// VER-3: where two people certify each account no mailbox is asked, and one that was proved
// before goes on.
func TestMailboxAndPeople(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		_, key := g.come("rosa@exemple.fr", rosa())
		f := g.proves(key)
		g.set(setting.Registration{Open: true, TwoPeople: true})
		f.Asked.Rev = 1
		g.completes(f, key)
		if state, _, _ := g.state(f); state != member.Verified {
			g.Errorf("proved when one was enough: %s", state)
		}
		g.write(func(tx *store.Tx) error {
			_, err := tx.Exec(g.Context(), `update registration_mailbox set alone = false`)
			return err
		})
		if r := g.refresh(f); r.State != member.Incomplete || !slices.Equal(codesOf(r.Reasons), []ReasonCode{ProofMissing}) {
			g.Errorf("proved when two were asked: %+v", r)
		}
		seen, err := g.r.Open(g.Context(), nobody, g.cpts.Slug, key)
		g.must(err)
		if seen.Mailboxes() != nil {
			g.Error("offered where two people certify")
		}
	})
}

// VER-4: what support refused stays people's to decide, declared anew or not: no proof is offered
// then, and a code that was sent before opens nothing.
func TestMailboxAndSupport(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		f, key := g.come("rosa@exemple.fr", rosa())
		code := g.send(key, rosaBox)
		g.completes(f, key)
		file, err := g.files().Examine(g.Context(), access.Operator("test"), f.Org, f.Member)
		g.must(err)
		_, err = g.files().Rule(g.Context(), access.Operator("test"), f.Org, f.Member, Rule{Decision: Refused, Reason: "fraude", Seen: file.Seen})
		g.must(err)
		again, err := g.r.Declare(g.Context(), nobody, g.cpts.Slug, key, rosa())
		g.must(err)
		if again.Mailboxes() != nil || again.MailboxesUnsaid() {
			g.Errorf("offered what is worth nothing: %v", again.Mailboxes())
		}
		if _, err := g.r.SendMailboxCode(g.Context(), nobody, g.cpts.Slug, key, rosaBox); !errors.Is(err, ErrRegistrationOrder) {
			g.Errorf("a code: %v", err)
		}
		_, err = g.r.ProveMailbox(g.Context(), nobody, g.cpts.Slug, key, code)
		g.must(err)
		g.work()
		file, err = g.files().Get(g.Context(), access.Operator("test"), f.Org, f.Member)
		g.must(err)
		if file.State != member.Incomplete || file.MailboxWorth != MailboxPeople {
			g.Errorf("%s %s", file.State, file.MailboxWorth)
		}
	})
}

// DIR-1: while the directory cannot say whose a mailbox is, nothing goes there and nothing opens;
// the file opens by itself when it can.
func TestMailboxUnread(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		_, key := g.come("rosa@exemple.fr", rosa())
		g.dir.down = true
		if _, err := g.r.SendMailboxCode(g.Context(), nobody, g.cpts.Slug, key, rosaBox); !errors.Is(err, ErrMailboxSilent) {
			g.Errorf("a directory that is silent: %v", err)
		}
		g.dir.down = false
		f := g.proves(key)
		g.dir.down = true
		g.completes(f, key)
		if state, _, _ := g.state(f); state != member.Unchecked || g.waiting != 1 {
			g.Errorf("%s, %d wait", state, g.waiting)
		}
		if r := g.refresh(f); r.State != member.Incomplete || !slices.Equal(codesOf(r.Reasons), []ReasonCode{MailboxSilent}) {
			g.Errorf("%+v", r)
		}
		g.dir.down, g.now = false, g.now.Add(time.Hour)
		g.work()
		if state, usable, _ := g.state(f); state != member.Verified || !usable {
			g.Errorf("%s, %t", state, usable)
		}
	})
}

// The letter goes where a code waits, and says whose number it is about. A registration that was
// abandoned goes with its mailbox.
func TestMailboxAddressee(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		_, key := g.come("rosa@exemple.fr", rosa())
		g.send(key, rosaBox)
		read := func() (to MailboxAddressee, waits bool) {
			g.must(g.db.Read(g.Context(), func(tx *store.Tx) (err error) {
				to, waits, err = RegistrationMailbox(g.Context(), tx, g.letters[0])
				return err
			}))
			return to, waits
		}
		if to, waits := read(); !waits || to.Email.Address != rosaBox || to.RPPS != rosaNumber || to.Name != "Rosa Vidal" {
			g.Errorf("%+v %t", to, waits)
		}
		g.send(key, rosaOther)
		if _, waits := read(); waits {
			g.Error("a letter with a code that was replaced")
		}
		g.now = g.now.Add(RegistrationLife)
		g.must(g.r.Sweep(g.Context()))
		if _, waits := read(); waits {
			g.Error("of a registration that was removed")
		}
	})
}

// VER-2: what a mailbox leaves to be decided, whatever else is known.
func TestJudgeMailbox(t *testing.T) {
	whole := Facts{
		EmailProved: true, PhoneProved: true, Complete: true, RPPS: rosaNumber,
		Published: Published{Asked: true, Known: true, Active: true, SameName: true, SameProfession: true}, Mailbox: MailboxStands,
	}
	for name, c := range map[string]struct {
		change func(*Facts)
		want   []ReasonCode
	}{
		"stands":               {func(*Facts) {}, nil},
		"one of two certified": {func(f *Facts) { f.HalfCertified = true }, nil},
		"half, and no mailbox": {func(f *Facts) { f.HalfCertified, f.Mailbox = true, MailboxPeople }, []ReasonCode{SecondPerson}},
		"none":                 {func(f *Facts) { f.Mailbox = MailboxNone }, []ReasonCode{ProofMissing}},
		"people decide":        {func(f *Facts) { f.Mailbox = MailboxPeople }, []ReasonCode{ProofMissing}},
		"unread":               {func(f *Facts) { f.Mailbox = MailboxUnread }, []ReasonCode{MailboxSilent}},
		"gone":                 {func(f *Facts) { f.Mailbox = MailboxGone }, []ReasonCode{MailboxEnded, ProofMissing}},
		"gone, and certified":  {func(f *Facts) { f.Mailbox, f.Certified = MailboxGone, true }, nil},
		"a telephone lacks":    {func(f *Facts) { f.PhoneProved = false }, []ReasonCode{PhoneUnproved}},
		"not sent":             {func(f *Facts) { f.Complete = false }, []ReasonCode{Unfinished}},
		"taken":                {func(f *Facts) { f.Held = member.NumberHeld }, []ReasonCode{RPPSTaken}},
		"contested":            {func(f *Facts) { f.Held = member.NumberContested }, []ReasonCode{RPPSTaken}},
		"decided by support":   {func(f *Facts) { f.Held, f.Ruling = member.NumberContested, Validated }, nil},
		"borne, and decided":   {func(f *Facts) { f.Held, f.Ruling = member.NumberImported, Validated }, []ReasonCode{RPPSTaken}},
		"another name":         {func(f *Facts) { f.Published.SameName = false }, []ReasonCode{NameDiffers}},
		"refused by support":   {func(f *Facts) { f.Ruling = Refused }, []ReasonCode{SupportRefused}},
		"a paper lacks":        {func(f *Facts) { f.PapersMissing = []paper.Kind{paper.Card} }, []ReasonCode{PaperMissing}},
		"a paper is not clean": {func(f *Facts) { f.PapersWait = []paper.Kind{paper.Card} }, []ReasonCode{PaperWaits}},
	} {
		f := whole
		c.change(&f)
		if state, reasons := Judge(f); !slices.Equal(codesOf(reasons), c.want) || (state == member.Verified) != (c.want == nil) {
			t.Errorf("%s: %s %v", name, state, reasons)
		}
	}
}
