package enrolment

import (
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/invitation"
	"habilis/internal/limit"
)

// RAC-03, RAC-08: two administrators create the same RPPS number, or the same address, at
// once: one member, and the other is told. A repeated request has one effect and the same
// answer, a temporary password too.
func TestCreateTogether(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			at, code string
			in       func(n int) Create
		}{
			{"rpps", codeHolder, func(int) Create { return w.regulated(midwife) }},
			{"email", ErrEmailMember.Code, func(int) Create { return w.create("Nina", "Essai", "nina@exemple.fr") }},
		} {
			actors := []access.Actor{w.by(w.bruno), w.by(w.claire), w.by(w.bruno), w.by(w.tina)}
			done := 0
			for _, err := range parallel(len(actors), func(n int) error {
				_, err := w.e.Create(ctx, actors[n], c.in(n))
				return err
			}) {
				if err == nil {
					done++
					continue
				}
				w.says("the other", err, c.at, c.code)
			}
			if done != 1 {
				w.Errorf("%s: %d were created", c.at, done)
			}
		}
		w.allow(true)
		in := w.create("Zoé", "Essai", "zoe@exemple.fr")
		in.Welcome = WelcomeTemporary
		answers := make([]Created, 3)
		for _, err := range parallel(len(answers), func(n int) (err error) {
			answers[n], err = w.e.Create(ctx, once(w.by(w.bruno), "k", "body"), in)
			return err
		}) {
			w.mustField(err)
		}
		for _, c := range answers {
			if c.Member != answers[0].Member || c.Invitation != answers[0].Invitation || c.Fate != Invited || c.Name != "Zoé Essai" {
				w.Errorf("%+v, first %+v", c, answers[0])
			}
		}
		_, err := w.e.Create(ctx, once(w.by(w.bruno), "k", "other"), in)
		w.refused("another body", err, action.ErrBodyChanged)
		if _, ok := w.temporary("zoe@exemple.fr"); !ok {
			w.Error("no temporary password")
		}
		var secrets []string
		for _, l := range w.letters() {
			if l.secret != "" {
				secrets = append(secrets, l.secret)
			}
		}
		if len(secrets) != 2 {
			w.Errorf("%d letters with a secret", len(secrets))
		}
		w.noSecret(secrets...)
		w.verified()
	})
}

// INV-10, MEM-12: letters are counted as those of the quick invitation, and the policy
// decides on temporary passwords; a refusal leaves no member behind.
func TestCreateLetters(t *testing.T) {
	each(t, func(w *world) {
		in := w.create("Nina", "Essai", "nina@exemple.fr")
		in.Welcome = WelcomeTemporary
		for _, step := range []Step{StepContact, StepComplete} {
			_, err := w.e.CheckCreate(ctx, w.by(w.bruno), in, step)
			w.refused("policy", err, ErrNoTemporary)
		}
		w.unchanged("policy", func() {
			_, err := w.e.Create(ctx, w.by(w.bruno), in)
			w.refused("policy", err, ErrNoTemporary)
		})
		in.Welcome = WelcomeInvitation
		w.e.Limits.PerDayOrg = 1
		w.made(w.by(w.bruno), in)
		again := w.create("Zoé", "Essai", "zoe@exemple.fr")
		for _, step := range []Step{StepContact, StepComplete} {
			_, err := w.e.CheckCreate(ctx, w.by(w.bruno), again, step)
			w.refused("limit", err, limit.ErrExceeded)
		}
		w.unchanged("limit", func() {
			_, err := w.e.Create(ctx, w.by(w.bruno), again)
			w.refused("limit", err, limit.ErrExceeded)
		})
		again.Welcome = WelcomeNone
		w.made(w.by(w.bruno), again)
		if n := len(w.letters()); n != 1 {
			w.Errorf("%d letters", n)
		}
		if !strings.HasPrefix(string(invitation.ByLink), string(WelcomeInvitation)) {
			w.Error("the welcomes are those of package invitation")
		}
	})
}
