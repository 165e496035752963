package login_test

import (
	"errors"
	"strings"
	"testing"

	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// CHG-2, rules.md 13: what an administrator asked is worth, on the day when it is confirmed, no more
// than what they could still ask: it moves nothing once the account serves elsewhere, even where it
// only waits, the policy changed, or their rights did. The link is not spent by the refusal.
func TestCorrectEmailIsJudgedAgain(t *testing.T) {
	each(t, func(b *bench) {
		p, elsewhere := b.organisation("Tilleuls"), b.organisation("Deux-Rives")
		claire, a := b.account("claire@tilleuls.example"), b.account(julie)
		admin, m := b.join(p, claire, role.Administrator), b.join(p, a, role.Secretary)
		b.policy(p, func(s *setting.Security) { s.EmailByAdministrators = true })
		by := b.enters(claire, "totp")
		_, err := b.logins.CorrectEmail(b.Context(), by, p.org, m.ID, login.NewEmail{Email: moved, Again: moved}, browser)
		if err != nil {
			b.Fatal(err)
		}
		link := b.secretOf("letter.email_proof")
		judged := func(what string, want error) {
			b.Helper()
			_, look := b.logins.CheckEmail(b.Context(), stranger("192.0.2.9"), link)
			if !errors.Is(look, want) {
				b.Errorf("%s: its page says %v", what, look)
			}
			if want == nil {
				return
			}
			if err := b.confirm(link); !errors.Is(err, want) || b.addressOf(a) != julie {
				b.Fatalf("%s: %v, the address is %s", what, err, b.addressOf(a))
			}
		}
		change := func(query string, args ...any) {
			b.Helper()
			b.write(func(tx *store.Tx) error {
				_, err := tx.Exec(b.Context(), query, args...)
				return err
			})
		}
		judged("at first", nil)
		far := b.join(elsewhere, a, role.Secretary)
		judged("an account of two organisations", login.ErrEmailAsker)
		change(`update member_state set verification = 'unchecked' where org_id = $1 and member_id = $2`, elsewhere.org, far.ID)
		judged("an account that waits elsewhere", login.ErrEmailAsker)
		change(`update member_state set status = 'left' where org_id = $1 and member_id = $2`, elsewhere.org, far.ID)
		judged("alone again", nil)
		b.policy(p, func(s *setting.Security) { s.EmailByAdministrators = false })
		judged("the policy changed", login.ErrEmailAsker)
		b.policy(p, func(s *setting.Security) { s.EmailByAdministrators = true })
		change(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2`, p.org, admin.ID)
		judged("who asked is deactivated", login.ErrEmailAsker)
		change(`update member_state set status = 'active' where org_id = $1 and member_id = $2`, p.org, admin.ID)
		change(`update account_state set platform_role = 'support' where account_id = $1`, a.ID)
		judged("of the platform by now", login.ErrEmailAsker)
		change(`update account_state set platform_role = '' where account_id = $1`, a.ID)
		if _, err := b.logins.ConfirmEmail(b.Context(), stranger("192.0.2.9"), link, browser); err != nil || b.addressOf(a) != moved {
			b.Errorf("no refusal spent it: %v, the address is %s", err, b.addressOf(a))
		}
	})
}

// CHG-2: the sheet offers the correction of an address where it would be done, and nowhere else.
func TestCorrectEmailIsOfferedWhereItIsDone(t *testing.T) {
	for what, change := range map[string]string{
		"alone":                 ``,
		"waits elsewhere":       `update member_state set verification = 'unchecked' where org_id = $2 and account_id = $1`,
		"member elsewhere":      `update member_state set verification = 'verified' where org_id = $2 and account_id = $1`,
		"of the platform":       `update account_state set platform_role = 'support' where account_id = $1 and $2 <> ''`,
		"the account is closed": `update account_state set status = 'blocked' where account_id = $1 and $2 <> ''`,
	} {
		t.Run(what, func(t *testing.T) {
			each(t, func(b *bench) {
				p, elsewhere := b.organisation("Tilleuls"), b.organisation("Deux-Rives")
				claire, a := b.account("claire@tilleuls.example"), b.account(julie)
				b.join(p, claire, role.Administrator)
				m := b.join(p, a, role.Secretary)
				if strings.Contains(change, "member_state") {
					b.join(elsewhere, a, role.Secretary)
				}
				if change != "" {
					b.write(func(tx *store.Tx) error {
						_, err := tx.Exec(b.Context(), change, a.ID, elsewhere.org)
						return err
					})
				}
				b.policy(p, func(s *setting.Security) { s.EmailByAdministrators = true })
				by := b.enters(claire, "totp")
				sheet, err := member.Members{Run: b.run}.Get(b.Context(), by, p.org, m.ID)
				if err != nil {
					b.Fatal(err)
				}
				_, refusal := b.logins.CheckCorrectEmail(b.Context(), by, p.org, m.ID)
				if offered := sheet.May.CorrectEmail; offered != (refusal == nil) || offered != (what == "alone") {
					b.Errorf("offered: %t, done: %v", offered, refusal)
				}
			})
		})
	}
}
