package login_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// becomes has the verification of a member go through some states, as files do.
func (b *bench) becomes(m member.Member, states ...member.Verification) {
	b.Helper()
	act := action.Act{Verb: "test.verify", Orgs: []ident.Org{m.Org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	for _, v := range states {
		_, err := action.Run(b.Context(), b.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
			_, _, err := member.SetVerification(b.Context(), tx, m.Org, m.ID, v, nil)
			tx.Record(audit.Event{Org: m.Org, Verb: act.Verb, Object: m.ID.String()})
			return struct{}{}, err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// MFA-11, INV-15: where somebody registered and only waits to be let in they have no place: its
// administrators are told nothing of what they lost, and those of the one organisation where they
// are a member reset their factors.
func TestWhoWaitsElsewhere(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx := k.Context()
		k.factor(k.marc, credential.TOTP)
		waits := func(verification string) {
			k.write(func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update member_state set verification = $1 where account_id = $2 and org_id = $3`, verification, k.marc.ID, k.c.org)
				return err
			})
		}
		by := k.as(k.claire)
		waits("verified")
		k.want("who is verified elsewhere", k.logins.ResetFactors(ctx, by, k.a.org, k.marcM.ID, lost), "login.factors_elsewhere")
		for _, v := range []string{"unchecked", "incomplete"} {
			waits(v)
			k.factor(k.marc, credential.TOTP)
			k.want("who waits elsewhere", k.logins.ResetFactors(ctx, by, k.a.org, k.marcM.ID, lost), "ok")
		}
	})
}

// INV-15: the administrators of an organisation that has not let somebody in are not told that
// they lost everything.
func TestLossOfWhoWaits(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(zoe)
		p := b.organisation("Les Tilleuls")
		m := b.join(p, a, role.Secretary)
		b.join(p, b.account("bruno@tilleuls.example"), role.Administrator)
		b.enrolled(a)
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `update member_state set verification = 'incomplete' where member_id = $1`, m.ID)
			return err
		})
		b.hears()
		half := b.half(zoe)
		if loss, err := b.logins.Loss(b.Context(), stranger("192.0.2.1"), half); err != nil || loss.Member {
			b.Errorf("%+v %v", loss, err)
		}
		if _, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), half, firefox); err != nil {
			b.Fatal(err)
		}
		b.hears("factor_loss")
	})
}

// MFA-11: whoever was let in somewhere and is verified anew there has a place, whose administrators
// answer for it: those of another organisation do not reset their factors, and they are told.
func TestWhoIsVerifiedAnewElsewhere(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		k.factor(k.marc, credential.TOTP)
		var there member.Member
		k.read(func(tx *store.Tx) (err error) {
			there, _, err = member.OfAccount(k.Context(), tx, k.c.org, k.marc.ID)
			return err
		})
		k.becomes(there, member.Verified, member.Incomplete)
		k.want("who was verified elsewhere", k.logins.ResetFactors(k.Context(), k.as(k.claire), k.a.org, k.marcM.ID, lost), "login.factors_elsewhere")
		k.hears()
		if _, err := k.logins.AskLoss(k.Context(), stranger("192.0.2.1"), k.half("marc@a.example"), firefox); err != nil {
			k.Fatal(err)
		}
		k.hears("factor_loss", "factor_loss_told asked", "factor_loss_told asked")
	})
}

// CHG-2, INV-15: whoever has the mailbox of an account enters wherever it is let in, so that
// nobody corrects the address of one that waits, or was verified, elsewhere.
func TestCorrectEmailOfWhoWaits(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		k.policy(k.a, func(s *setting.Security) { s.EmailByAdministrators = true })
		var there member.Member
		k.read(func(tx *store.Tx) (err error) {
			there, _, err = member.OfAccount(k.Context(), tx, k.c.org, k.marc.ID)
			return err
		})
		correct := func(of member.Member) error {
			_, err := k.logins.CorrectEmail(k.Context(), k.as(k.claire), k.a.org, of.ID, login.NewEmail{Email: moved, Again: moved}, browser)
			return err
		}
		for _, v := range []member.Verification{member.Unchecked, member.Verified, member.Incomplete} {
			k.becomes(there, v)
			k.want("elsewhere they are "+string(v), correct(k.marcM), "login.email_elsewhere")
		}
	})
}
