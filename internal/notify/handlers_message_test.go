package notify

import (
	"errors"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/message"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

func (w *world) messages() message.Messages { return message.Messages{Run: w.run} }

// told sends a message and gives what became of each letter once the post had its turn.
func (w *world) told(subject string, between func(), to ...someone) map[message.State]int64 {
	w.Helper()
	d := message.Draft{Subject: subject, Text: "Bonjour,\n\nle cabinet ferme.\nÀ bientôt"}
	for _, p := range to {
		d.Members = append(d.Members, p.member)
	}
	m, err := w.messages().Send(ctx, w.by(w.bruno), w.org.ID, d)
	w.must(err)
	if between != nil {
		between()
	}
	w.must(w.worker.Drain(ctx))
	m, err = w.messages().Get(ctx, w.by(w.bruno), w.org.ID, m.ID)
	w.must(err)
	return m.Letters
}

// LST-3: what became of each letter is told: taken over, refused for good, or not sent to
// somebody whose access was closed meanwhile. Replies go to the sender.
func TestMessageDelivered(t *testing.T) {
	eachWorld(t, func(w *world) {
		if l := w.told("Fermeture", nil, w.claire, w.tina); l[message.Sent] != 2 {
			t.Errorf("%v", l)
		}
		letters := w.work()
		if len(letters) != 2 || letters[0].Subject != "Fermeture" || letters[0].ReplyTo != "bruno@tilleuls.example" {
			t.Fatalf("%+v", letters)
		}
		w.says(letters[0], "le cabinet ferme. À bientôt", "bruno@tilleuls.example", "Maison de santé des Tilleuls")
		l := w.told("Trop tard", func() {
			_, err := w.m.Deactivate(ctx, w.by(w.bruno), w.org.ID, w.tina.member, 0)
			w.must(err)
		}, w.claire, w.tina)
		if l[message.Sent] != 1 || l[message.Dropped] != 1 {
			t.Errorf("%v", l)
		}
		w.post.rcpt = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		if l := w.told("Refusé", nil, w.claire); l[message.Refused] != 1 {
			t.Errorf("%v", l)
		}
	})
}

// LST-3, AUZ-06: at a site, one writes to the people of that site and sees one's own messages;
// who is elsewhere, closed, or without an account is left out, and told why.
func TestMessageReaches(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, all := w.messages(), w.sites
		w.sites = all[1:]
		elsewhere := w.person("Nora", "Petit", text.FR, role.Given{Role: w.roles[role.Reader], Scope: access.SiteScope(w.org.ID, all[1])})
		w.sites = all
		r, err := m.Review(ctx, w.by(w.tina), w.org.ID, message.Draft{Members: []ident.Member{elsewhere.member, w.claire.member, w.claire.member}})
		w.must(err)
		if len(r.To) != 1 || r.To[0].Member.ID != w.claire.member || len(r.Without) != 1 || r.Without[0].Refused.Code != "member.not_found" {
			t.Fatalf("%+v", r)
		}
		_, err = m.Send(ctx, w.by(w.tina), w.org.ID, message.Draft{Members: []ident.Member{elsewhere.member}, Subject: "a", Text: "b"})
		if !errors.Is(err, message.ErrNobody) {
			t.Errorf("to nobody: %v", err)
		}
		sent, err := m.Send(ctx, w.by(w.bruno), w.org.ID, message.Draft{Members: []ident.Member{w.claire.member}, Subject: "a", Text: "b"})
		w.must(err)
		if _, err := m.Get(ctx, w.by(w.tina), w.org.ID, sent.ID); !errors.Is(err, message.ErrNotFound) {
			t.Errorf("somebody else's message is seen at a site: %v", err)
		}
		if l, err := m.List(ctx, w.by(w.tina), w.org.ID, message.Page{Size: 1}); err != nil || l.Total != 0 {
			t.Errorf("%+v %v", l, err)
		}
		if _, err := m.Review(ctx, w.by(elsewhere), w.org.ID, message.Draft{Members: []ident.Member{w.claire.member}}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reader writes: %v", err)
		}
		var waiting member.Member
		w.write(func(tx *store.Tx) error {
			waiting, err = member.Insert(ctx, tx, member.New{
				Org: w.org.ID, Status: member.Created, GivenName: "Ada", FamilyName: "Brun", Email: "ada@tilleuls.example", Sites: w.sites,
			})
			return err
		})
		r, err = m.Review(ctx, w.by(w.bruno), w.org.ID, message.Draft{Members: []ident.Member{waiting.ID}})
		if err != nil || len(r.Without) != 1 || r.Without[0].Refused.Code != "member.no_mailbox" {
			t.Errorf("%+v %v", r, err)
		}
		_, err = w.m.Deactivate(ctx, w.by(w.bruno), w.org.ID, elsewhere.member, 0)
		w.must(err)
		r, err = m.Review(ctx, w.by(w.bruno), w.org.ID, message.Draft{Members: []ident.Member{elsewhere.member}})
		if err != nil || len(r.Without) != 1 || r.Without[0].Refused.Code != "member.closed" {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// LST-3: so many messages a day and no more; the list pages; after a year only the trail tells.
func TestMessagesBounded(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, d := w.messages(), message.Draft{Members: []ident.Member{w.claire.member}, Subject: "a", Text: "b"}
		for range message.PerDay {
			_, err := m.Send(ctx, w.by(w.bruno), w.org.ID, d)
			w.must(err)
			w.clock.Add(time.Second)
		}
		if _, err := m.Send(ctx, w.by(w.bruno), w.org.ID, d); !errors.Is(err, limit.ErrExceeded) {
			t.Errorf("one too many: %v", err)
		}
		first, err := m.List(ctx, w.by(w.claire), w.org.ID, message.Page{Size: message.PerDay - 1})
		w.must(err)
		if len(first.Messages) != message.PerDay-1 || !first.More || first.Total != message.PerDay {
			t.Errorf("%d, more %v, of %d", len(first.Messages), first.More, first.Total)
		}
		last, err := m.List(ctx, w.by(w.claire), w.org.ID, message.Page{Size: 5, Before: first.Messages[len(first.Messages)-1].ID})
		if err != nil || len(last.Messages) != 1 || last.More {
			t.Errorf("%+v %v", last, err)
		}
		w.must(message.Sweep(ctx, w.db))
		if l, _ := m.List(ctx, w.by(w.claire), w.org.ID, message.Page{Size: 1}); l.Total != message.PerDay {
			t.Errorf("%d are left", l.Total)
		}
		w.clock.Add(message.KeptFor)
		w.must(message.Sweep(ctx, w.db))
		if l, err := m.List(ctx, w.by(w.claire), w.org.ID, message.Page{Size: 1}); err != nil || l.Total != 0 {
			t.Errorf("%d are kept: %v", l.Total, err)
		}
	})
}
