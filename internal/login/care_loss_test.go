package login_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/store"
)

// rules.md 5, MFA-11: an administrator of any organisation of the person, who can ask them,
// stops the request to take all their factors; the person and the administrators hear it, and
// on the day nothing is taken. Nobody does so of a stranger, of somebody greater, or of themself.
func TestKeepFactors(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		keep := func(by access.Actor, of member.Member) error { return k.logins.KeepFactors(ctx, by, k.a.org, of.ID) }
		k.want("nothing was asked", keep(by, k.marcM), "factor.stop_gone")
		k.enrolled(k.marc)
		at := k.asksLoss("marc@a.example")
		k.hears("factor_loss", "factor_loss_told asked", "factor_loss_told asked") // he is of two organisations
		if s, err := k.logins.MemberSecurity(ctx, by, k.a.org, k.marcM.ID); err != nil || !s.LostAt.Equal(at) {
			t.Errorf("%+v %v", s, err)
		}
		k.want("one's own", keep(by, k.claireM), "login.own_factors")
		k.want("by a secretary", keep(k.as(k.julie), k.marcM), "access.forbidden")
		k.want("AUZ-01: by a stranger", keep(k.as(k.olga), k.marcM), "access.not_found")
		k.write(func(tx *store.Tx) error { // julie may act on sign-ins, and on nothing else
			_, err := tx.Exec(ctx, `
				insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
				select $1, 'x' || p, $2, p, 'organization', $3, '', $3 from (select 'security.edit' as p union select 'members.read') t`,
				k.a.org, k.julieM.ID, tx.Now)
			return err
		})
		k.want("AUZ-05: of a greater administrator", keep(k.as(k.julie), k.brunoM), "member.more_powerful")
		stale := by
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		k.want("STP-01: on a stale session", keep(stale, k.marcM), "access.step_up_required")
		k.want("of a member", keep(by, k.marcM), "ok")
		k.want("twice", keep(by, k.marcM), "factor.stop_gone")
		if l := k.cared(); l[login.CarePerson] != 1 || l[login.CareActor] != 1 || l[login.CareOthers] != 0 {
			t.Errorf("told: %v", l)
		}
		if n := k.count(`select count(*) from audit_event where chain = $1 and verb = 'member.keep_factors' and outcome = 'done'`, k.a.org.String()); n != 1 {
			t.Errorf("%d in the trail of the organisation", n)
		}
		if n := k.count(`select count(*) from audit_event where chain = 'installation' and verb = 'member.keep_factors' and object = $1`, k.marc.ID); n != 1 {
			t.Errorf("%d in the trail of the account", n)
		}
		if s, err := k.logins.MemberSecurity(ctx, by, k.a.org, k.marcM.ID); err != nil || !s.LostAt.IsZero() {
			t.Errorf("%+v %v", s, err)
		}
		k.clock.Add(credential.Delay + time.Minute)
		k.hears("factor_loss_told kept", "factor_loss_told kept") // cared left them for later
		if n := len(k.factors(k.marc)); n != 1 {
			t.Errorf("%d factors", n)
		}
	})
}

// rules.md 4: the administrators of all organisations together stop one request in 30 days of
// somebody who belongs to several: whoever lost everything is not kept out for ever by one of them.
// Those of somebody who is theirs alone stop each. The refusal is login.loss_kept.
func TestKeepFactorsOnce(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx := k.Context()
		keep := func(by account.Account, p place, of member.Member) error {
			return k.logins.KeepFactors(ctx, k.as(by), p.org, of.ID)
		}
		var marcC member.Member
		k.read(func(tx *store.Tx) (err error) {
			marcC, _, err = member.OfAccount(ctx, tx, k.c.org, k.marc.ID)
			return err
		})
		k.enrolled(k.marc)
		k.asksLoss("marc@a.example")
		k.want("the first", keep(k.claire, k.a, k.marcM), "ok")
		k.clock.Add(time.Minute)
		k.asksLoss("marc@a.example")
		k.want("the next, by the same", keep(k.bruno, k.a, k.marcM), "login.loss_kept")
		k.want("the next, elsewhere", keep(k.olga, k.c, marcC), "login.loss_kept")
		k.clock.Add(credential.Delay + time.Minute)
		k.heard()
		if n := len(k.factors(k.marc)); n != 0 {
			t.Errorf("%d factors: whoever lost everything is kept out", n)
		}
		k.clock.Add(login.KeptEvery)
		k.enrolled(k.marc)
		k.asksLoss("marc@a.example")
		k.want("a month later", keep(k.olga, k.c, marcC), "ok")

		k.enrolled(k.julie)
		for range 3 { // she is of this organisation alone
			k.clock.Add(time.Minute)
			k.asksLoss("julie@a.example")
			k.want("of theirs alone", keep(k.claire, k.a, k.julieM), "ok")
		}
	})
}
