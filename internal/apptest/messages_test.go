package apptest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/role"
)

// written is what the API tells of a message.
type written struct {
	ID, Subject string
	Letters     map[string]int
	Recipients  []struct{ Member, Name, Email, State string }
}

func messagesOf(o apptest.Org) string { return "/api/v1/organizations/" + o.ID.String() + "/messages" }

func (w *written) settled(t *testing.T, c *apptest.Client, o apptest.Org) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); w.Letters["queued"] > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still queued: %+v", w)
		}
		c.Get(messagesOf(o)+"/"+w.ID).JSON(t, w)
	}
}

// LST-3: each person gets their own letter, replies go to the sender, the administrator sees
// what was sent to whom; those who cannot be written to are left out. Asked twice under one
// key, it is sent once.
func TestMessages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o, other := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), s.NewOrg("Clinique du Parc", "yves.roux@parc.example")
		julie := s.NewMember(o, "julie.delmas@lilas.example", role.Secretary, access.OrgScope(o.ID))
		marc := s.NewMember(o, "marc.petit@lilas.example", role.Secretary, access.OrgScope(o.ID))
		c := s.SignIn(o.Admin.Email)
		body := map[string]any{
			"members": []string{julie.Member.String(), julie.Member.String(), marc.Member.String(), other.Admin.Member.String()},
			"subject": "Fermeture le 24 décembre", "text": "Bonjour,\n\nle cabinet ferme <b>à midi</b>.\nBonne fête",
		}
		seen := len(s.Mails(julie.Email))
		var m written
		for range 2 {
			a := c.Call(http.MethodPost, messagesOf(o), body, "Idempotency-Key", "lst-3")
			if a.JSON(t, &m); a.Status != http.StatusCreated || len(m.Recipients) != 2 {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
		k := s.MailAfter(julie.Email, seen)
		if !strings.Contains(k.Subject, "Fermeture le 24") || !strings.Contains(k.Text, "le cabinet ferme <b>à midi</b>.\nBonne fête") ||
			!strings.Contains(k.Text, "zoe.martin@lilas.example") || strings.Contains(k.HTML, "<b>") || strings.Contains(k.Text, "marc") {
			t.Errorf("the letter: %q %q", k.Subject, k.Text)
		}
		if k.ReplyTo != "zoe.martin@lilas.example" {
			t.Errorf("replies go to %q", k.ReplyTo)
		}
		if m.settled(t, c, o); m.Letters["sent"] != 2 {
			t.Errorf("%+v", m)
		}
		if n := len(s.Mails(julie.Email)); n != seen+1 {
			t.Errorf("julie got %d letters", n-seen)
		}
		for _, a := range []apptest.Answer{
			s.SignIn(other.Admin.Email).Get(messagesOf(o) + "/" + m.ID), s.SignIn(marc.Email).Get(messagesOf(o)),
		} {
			if a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
				t.Errorf("AUZ-01: %d %s", a.Status, a.Body)
			}
		}
		for code, b := range map[string]map[string]any{
			"message.nobody": {"members": []string{other.Admin.Member.String()}, "subject": "x", "text": "y"},
			"invalid":        {"members": []string{julie.Member.String()}, "subject": "x\ny", "text": "y"},
		} {
			if a := c.Call(http.MethodPost, messagesOf(o), b); a.Code() != code {
				t.Errorf("%s: %d %s", code, a.Status, a.Body)
			}
		}
		if a := s.Token(o, access.MembersMessage, access.MembersRead).Call(http.MethodPost, messagesOf(o), body); a.Code() != "message.no_sender" {
			t.Errorf("a token that nobody made: %d %s", a.Status, a.Body)
		}
		if a := c.Get(messagesOf(o) + "/" + ident.NewMessage().String()); a.Code() != "message.not_found" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}
