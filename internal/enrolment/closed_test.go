package enrolment

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// space opens or closes the administration space of an organisation.
func (w *world) space(of ident.Org, open bool) {
	w.Helper()
	orgs := org.Orgs{Run: w.run}
	var rev int64
	w.read(func(tx *store.Tx) error {
		o, err := org.Get(ctx, tx, of)
		rev = o.Rev
		return err
	})
	if _, err := orgs.SetFeatures(ctx, access.Operator("cli"), of, rev, org.Features{Administration: open}); err != nil {
		w.Fatal(err)
	}
}

// ORG-6: while the administration space is closed, an invitation that was under way lets
// nobody in, least of all to administer: whoever sent it, the operator and the platform
// included. Its holder is told that it waits; open again, it serves, once.
func TestClosedSpaceLetsNobodyIn(t *testing.T) {
	each(t, func(w *world) {
		ofBruno, _ := w.invited("x@exemple.fr")
		in := w.invite("chef@exemple.fr")
		in.Roles = []role.Given{{Role: w.a.roles[role.Administrator], Scope: access.OrgScope(w.a.org)}}
		ofOperator := w.letter(w.send(access.Operator("cli"), in).Lines[0].Invitation).secret
		joining := w.letter(w.send(access.Operator("cli"), w.invite("later@exemple.fr")).Lines[0].Invitation).secret
		later := w.account("later@exemple.fr", account.NoRole)
		founded, err := w.e.Found(ctx, w.by(w.account("support@habilis.example", account.Support)), w.found())
		if err != nil {
			w.Fatal(err)
		}
		ofPlatform := w.letter(founded.Line.Invitation).secret
		w.space(w.a.org, false)
		w.space(founded.Org.ID, false)
		for sent, presented := range map[string]string{"Bruno": ofBruno, "the operator": ofOperator, "the platform": ofPlatform} {
			w.unchanged("closed, sent by "+sent, func() {
				_, err := w.e.Open(ctx, nobody, presented)
				w.refused("opened, sent by "+sent, err, invitation.ErrClosed)
				_, err = w.e.Finish(ctx, nobody, presented, withFunction("manager"))
				w.refused("finished, sent by "+sent, err, invitation.ErrClosed)
			})
		}
		_, err = w.e.Join(ctx, w.by(later), joining)
		w.refused("joined", err, invitation.ErrClosed)
		_, err = w.i.Resend(ctx, access.Operator("cli"), founded.Org.ID, founded.Line.Invitation)
		w.refused("sent again", err, access.ErrFeatureOff)
		w.space(w.a.org, true)
		w.space(founded.Org.ID, true)
		for sent, presented := range map[string]string{"Bruno": ofBruno, "the operator": ofOperator, "the platform": ofPlatform} {
			f := finish()
			if sent == "the platform" {
				f.Function = "manager"
			}
			if _, err := w.e.Finish(ctx, nobody, presented, f); err != nil {
				w.Errorf("open again, sent by %s: %v", sent, err)
			}
		}
		if _, err := w.e.Join(ctx, w.by(later), joining); err != nil {
			w.Errorf("open again, joined: %v", err)
		}
	})
}

// ORG-6, PWD-04: nor does a temporary password open anything meanwhile, and none is spent.
func TestClosedSpaceKeepsTemporaryPasswords(t *testing.T) {
	each(t, func(w *world) {
		w.allow(true)
		in := w.invite("x@exemple.fr")
		in.Welcome = invitation.ByTemporaryPassword
		w.send(access.Operator("cli"), in)
		w.space(w.a.org, false)
		if _, ok := w.temporary("x@exemple.fr"); ok {
			w.Error("it opens the page that finishes the account while the space is closed")
		}
		w.space(w.a.org, true)
		if _, ok := w.temporary("x@exemple.fr"); !ok {
			w.Error("it opens nothing once the space is open again")
		}
	})
}
