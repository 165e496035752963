package dossier

import (
	"errors"
	"slices"
	"testing"

	"habilis/internal/fault"
	"habilis/internal/member"
)

// VER-2: when the directory publishes another address, that one is offered and proves; the first is
// refused once, and then not shown. Nothing is declared anew by it.
func TestMailboxThatChanged(t *testing.T) {
	const newer = "rosa.marchand@pro.mssante.fr"
	eachMailGate(t, func(g *mailGate) {
		ctx, slug := g.Context(), g.cpts.Slug
		f, key := g.come("rosa@exemple.fr", rosa())
		g.proves(key)
		g.completes(f, key)
		g.dir.boxes[rosaNumber] = []string{newer}
		if r := g.refresh(f); r.State != member.Incomplete {
			g.Fatalf("the proof stands: %+v", r)
		}
		seen, err := g.r.SendMailboxCode(ctx, nobody, slug, key, rosaBox)
		if x := fault.Of(err); len(x.Fields) != 1 || x.Fields[0].Code != ErrMailboxUnknown.Code || !slices.Equal(seen.Mailboxes(), []string{newer}) {
			g.Errorf("the address of before: %v, then offered %v", err, seen.Mailboxes())
		}
		now, err := g.r.Open(ctx, nobody, slug, key)
		g.must(err)
		if !slices.Equal(now.Mailboxes(), []string{newer}) || g.recorded(verbMailboxesRead) != 1 {
			g.Errorf("on the page: %v, %d lines", now.Mailboxes(), g.recorded(verbMailboxesRead))
		}
		_, _ = g.r.SendMailboxCode(ctx, nobody, slug, key, rosaBox)
		if n := g.recorded(verbMailboxesRead); n != 1 {
			g.Errorf("%d lines of what did not change", n)
		}
		code := g.send(key, newer)
		f, err = g.r.ProveMailbox(ctx, nobody, slug, key, code)
		g.must(err)
		g.work()
		if state, usable, _ := g.state(f); state != member.Verified || !usable || f.Version != now.Version {
			g.Errorf("proved by the new address: %s, version %d after %d", state, f.Version, now.Version)
		}
	})
}

// VER-2, DIR-1: the directory is asked anew whenever the person corrects what they declared; while it is
// silent what it said before is offered, and a person of whom it said nothing is told just that.
func TestMailboxesAreReadAgain(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		ctx, slug := g.Context(), g.cpts.Slug
		g.dir.down = true
		f, key := g.come("rosa@exemple.fr", rosa())
		if f.Mailboxes() != nil || !f.MailboxesUnsaid() {
			g.Errorf("of a directory that is silent: %v", f.Mailboxes())
		}
		again := func(want ...string) {
			g.Helper()
			var err error
			f, err = g.r.Declare(ctx, nobody, slug, key, rosa())
			g.must(err)
			if !slices.Equal(f.Mailboxes(), want) || f.MailboxesUnsaid() {
				g.Errorf("offered %v, want %v", f.Mailboxes(), want)
			}
		}
		g.dir.down = false
		again(rosaBox, rosaOther)
		g.dir.boxes[rosaNumber] = []string{rosaOther}
		again(rosaOther)
		g.dir.down = true
		again(rosaOther)
		g.dir.down, g.dir.boxes[rosaNumber] = false, nil
		again()
	})
}

// rules.md 4: of the letters to one address one network has a few: somebody who knows the number and
// the name of a practitioner does not take those of the practitioner.
func TestMailboxLettersOfANetwork(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		ask := func(key, network, address string) error {
			by := nobody
			by.Address = network
			_, err := g.r.SendMailboxCode(g.Context(), by, g.cpts.Slug, key, address)
			return err
		}
		const stranger, owner, third = "192.0.2.9", "192.0.2.10", "192.0.2.11"
		_, one := g.come("rosa@exemple.fr", rosa())
		_, two := g.come("paul@exemple.fr", rosa())
		for _, key := range []string{one, two} {
			g.must(ask(key, stranger, rosaBox))
		}
		if err := ask(two, stranger, rosaBox); !fault.Is(err, fault.Limited) {
			g.Errorf("letter %d of one network: %v", MailboxLettersOfNetwork+1, err)
		}
		g.must(ask(two, stranger, rosaOther))
		for range MailboxLettersOfNetwork {
			g.must(ask(one, owner, rosaBox))
		}
		g.must(ask(two, third, rosaBox))
		if err := ask(two, third, rosaBox); !fault.Is(err, fault.Limited) {
			g.Errorf("letter %d to one address: %v", MailboxLettersToAddress+1, err)
		}
	})
}

// rules.md 4: five tries of a code, its time, five letters a day from one registration and to one
// address; a code that was replaced is worth nothing.
func TestMailboxLimits(t *testing.T) {
	eachMailGate(t, func(g *mailGate) {
		ctx, slug := g.Context(), g.cpts.Slug
		_, key := g.come("rosa@exemple.fr", rosa())
		if _, err := g.r.ProveMailbox(ctx, nobody, slug, key, "123456"); !errors.Is(err, ErrMailboxCode) {
			g.Errorf("no code was sent: %v", err)
		}
		code := g.send(key, rosaBox)
		for n := range RegistrationTries {
			_, err := g.r.ProveMailbox(ctx, nobody, slug, key, other(code))
			if last := n == RegistrationTries-1; err == nil || last != errors.Is(err, ErrMailboxCode) {
				g.Errorf("try %d: %v", n+1, err)
			}
		}
		if _, err := g.r.ProveMailbox(ctx, nobody, slug, key, code); !errors.Is(err, ErrMailboxCode) {
			g.Errorf("the right code after too many: %v", err)
		}
		g.network = "192.0.2.11"
		late := g.send(key, rosaBox)
		g.now = g.now.Add(RegistrationCodeLife)
		if _, err := g.r.ProveMailbox(ctx, nobody, slug, key, late); !errors.Is(err, ErrMailboxCode) {
			g.Errorf("after its time: %v", err)
		}
		g.network = "192.0.2.12"
		former := g.send(key, rosaBox)
		g.send(key, rosaOther)
		if _, err := g.r.ProveMailbox(ctx, nobody, slug, key, former); fault.Of(err).Kind != fault.Invalid {
			g.Errorf("a code that was replaced: %v", err)
		}
		g.send(key, rosaOther)
		if _, err := g.r.SendMailboxCode(ctx, nobody, slug, key, rosaOther); !fault.Is(err, fault.Limited) {
			g.Errorf("letter %d of one registration: %v", MailboxLetters+1, err)
		}
		_, again := g.come("paul@exemple.fr", rosa())
		g.network = "192.0.2.13"
		for range MailboxLettersToAddress - 3 {
			g.send(again, rosaBox)
		}
		by := nobody
		by.Address = "192.0.2.14"
		if _, err := g.r.SendMailboxCode(ctx, by, slug, again, rosaBox); !fault.Is(err, fault.Limited) {
			g.Errorf("letter %d to one address: %v", MailboxLettersToAddress+1, err)
		}
		g.network = by.Address
		g.send(again, rosaOther)
	})
}
