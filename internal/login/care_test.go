package login_test

import (
	"context"
	"errors"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const lost = "Téléphone perdu, identité vérifiée au guichet"

// clinic is an organisation with an administrator, a colleague of hers, and two members of
// whom one belongs to another organisation too.
type clinic struct {
	*bench

	a, c                                place
	claire, bruno, julie, marc          account.Account
	claireM, brunoM, julieM, marcM, olM member.Member
	olga                                account.Account // administers the other organisation
}

func eachClinic(t *testing.T, fn func(k *clinic)) {
	t.Helper()
	each(t, func(b *bench) {
		k := &clinic{bench: b, a: b.organisation("A"), c: b.organisation("C")}
		for _, p := range []struct {
			name string
			of   *account.Account
			in   place
			m    *member.Member
			role string
		}{
			{"claire", &k.claire, k.a, &k.claireM, role.Administrator}, {"bruno", &k.bruno, k.a, &k.brunoM, role.Administrator},
			{"julie", &k.julie, k.a, &k.julieM, role.Secretary}, {"marc", &k.marc, k.a, &k.marcM, role.Secretary},
			{"olga", &k.olga, k.c, &k.olM, role.Administrator},
		} {
			*p.of = b.account(p.name + "@a.example")
			*p.m = b.join(p.in, *p.of, p.role)
		}
		b.join(k.c, k.marc, role.Secretary)
		b.policy(k.a, func(s *setting.Security) { s.Networks, s.NetworkFactor = networks("192.0.2.0/24"), true })
		fn(k)
	})
}

// as is the administrator who has just proved who she is.
func (k *clinic) as(a account.Account) access.Actor { return k.enters(a, "totp") }

// cared gives the letters that were ordered, by reader, and forgets them.
func (k *clinic) cared() map[login.CareReader]int {
	k.Helper()
	out := map[login.CareReader]int{}
	handlers := map[string]job.Handler{login.CareLetter{}.Kind(): func(_ context.Context, j job.Job) error {
		var l login.CareLetter
		if err := j.Decode(&l); err != nil {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		out[l.To]++
		return nil
	}}
	w := job.Worker{DB: k.db, Ring: k.run.Ring, Log: k.run.Log, Handlers: handlers}
	if err := w.Drain(k.Context()); err != nil {
		k.Fatal(err)
	}
	return out
}

func (k *clinic) factors(a account.Account) (list []credential.Factor) {
	k.Helper()
	k.read(func(tx *store.Tx) (err error) {
		list, err = credential.Factors(k.Context(), tx, a.ID)
		return err
	})
	return list
}

func (k *clinic) want(what string, err error, want string) {
	k.Helper()
	if got := code(err); got != want {
		k.Errorf("%s: %s, want %s", what, got, want)
	}
}

// SEC-2: an administrator gives the organisation's network to a member; it is worth nothing
// until the person confirms it from there, and may be taken away again. Both are told.
func TestGiveAddress(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		if err := k.logins.GiveAddress(ctx, by, k.a.org, k.julieM.ID); err != nil {
			t.Fatal(err)
		}
		if l := k.cared(); l[login.CarePerson] != 1 || l[login.CareActor] != 1 || l[login.CareOthers] != 0 {
			t.Errorf("told: %v", l)
		}
		f := k.factors(k.julie)
		if len(f) != 1 || f[0].Kind != credential.Address || f[0].Network != k.a.org || !f[0].ProvedAt.IsZero() || f[0].GivenBy != k.claire.ID.String() {
			t.Fatalf("%+v", f)
		}
		k.want("twice", k.logins.GiveAddress(ctx, by, k.a.org, k.julieM.ID), "factor.address_same")
		julie := k.as(k.julie)
		julie.Address = "198.51.100.1"
		k.want("confirmed from elsewhere", k.logins.ConfirmAddress(ctx, julie, f[0].ID), "login.not_inside")
		stolen := k.as(k.marc)
		k.want("somebody else's", k.logins.ConfirmAddress(ctx, stolen, f[0].ID), "factor.not_found")
		julie.Address = "192.0.2.9"
		k.want("from the network", k.logins.ConfirmAddress(ctx, julie, f[0].ID), "ok")
		if f = k.factors(k.julie); f[0].ProvedAt.IsZero() {
			t.Error("it is not proved")
		}
		k.clock.Add(15 * day)
		by = k.as(k.claire)
		k.want("the last of somebody who must have one", k.logins.TakeFactor(ctx, by, k.a.org, k.julieM.ID, f[0].ID), "factor.last_required")
		totp := k.factor(k.julie, credential.TOTP)
		k.want("what its person made", k.logins.TakeFactor(ctx, by, k.a.org, k.julieM.ID, totp), "login.factor_not_given")
		open := k.as(k.julie)
		k.want("now it may go", k.logins.TakeFactor(ctx, by, k.a.org, k.julieM.ID, f[0].ID), "ok")
		if n := k.count(`select count(*) from session where id = $1 and ended_at is null`, open.Session); n != 0 {
			t.Error("SES-02: the sessions go on")
		}
		if f = k.factors(k.julie); len(f) != 1 || f[0].Kind != credential.TOTP {
			t.Errorf("%+v", f)
		}
		k.policy(k.a, func(s *setting.Security) { s.NetworkFactor, s.Factors.SMS = false, false })
		k.want("the network is no factor", k.logins.GiveAddress(ctx, by, k.a.org, k.julieM.ID), "login.no_network_factor")
		k.logins.SMS = login.Texting{On: true, Prefixes: credential.FrenchPrefixes}
		k.want("SMS are refused", k.logins.GivePhone(ctx, by, k.a.org, k.julieM.ID, "06 12 34 56 78"), "login.no_sms_factor")
		k.policy(k.a, func(s *setting.Security) { s.Factors.SMS = true })
		k.want("a number", k.logins.GivePhone(ctx, by, k.a.org, k.julieM.ID, "06 12 34 56 78"), "ok")
		for _, f := range k.factors(k.julie) {
			if f.Kind == credential.SMS {
				k.want("a number not proved", k.logins.TakeFactor(ctx, by, k.a.org, k.julieM.ID, f.ID), "ok")
			}
		}
		if f = k.factors(k.julie); len(f) != 1 {
			t.Errorf("%+v", f)
		}
	})
}

// MFA-11: a reset asks for a fresh proof and a reason, of a member whose administration is
// within the actor's own and whose account belongs here alone; all that the factors opened
// ends, those who must know are told, and the next sign-in must make another.
func TestResetFactors(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		k.want("nothing to reset", k.logins.ResetFactors(ctx, by, k.a.org, k.julieM.ID, lost), "login.no_factors")
		k.factor(k.julie, credential.TOTP)
		k.factor(k.julie, credential.Passkey)
		k.want("without a reason", k.logins.ResetFactors(ctx, by, k.a.org, k.julieM.ID, "  "), "invalid")
		if f := fault.Of(k.logins.ResetFactors(ctx, by, k.a.org, k.julieM.ID, "")); len(f.Fields) != 1 || f.Fields[0].Code != "login.reason_empty" {
			t.Errorf("%+v", f)
		}
		stale := by
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		k.want("STP-01: on a stale session", k.logins.ResetFactors(ctx, stale, k.a.org, k.julieM.ID, lost), "access.step_up_required")
		k.want("one's own", k.logins.ResetFactors(ctx, by, k.a.org, k.claireM.ID, lost), "login.own_factors")
		k.want("by a secretary", k.logins.ResetFactors(ctx, k.as(k.marc), k.a.org, k.julieM.ID, lost), "access.forbidden")
		k.want("AUZ-01: by a stranger", k.logins.ResetFactors(ctx, k.as(k.olga), k.a.org, k.julieM.ID, lost), "access.not_found")
		if n := len(k.factors(k.julie)); n != 2 {
			t.Fatalf("%d factors: a refusal changed something", n)
		}
		open := k.as(k.julie)
		k.want("of whoever lost them", k.logins.ResetFactors(ctx, by, k.a.org, k.julieM.ID, lost), "ok")
		if n := len(k.factors(k.julie)); n != 0 {
			t.Errorf("%d factors left", n)
		}
		if n := k.count(`select count(*) from session where id = $1 and ended_at is null`, open.Session); n != 0 {
			t.Error("SES-02: the sessions go on")
		}
		if l := k.cared(); l[login.CarePerson] != 1 || l[login.CareActor] != 1 || l[login.CareOthers] != 1 {
			t.Errorf("told: %v", l)
		}
		if n := k.count(`select count(*) from factor where account_id = $1 and secret is not null`, k.julie.ID); n != 0 {
			t.Error("a secret is kept")
		}
		k.policy(k.a, func(s *setting.Security) { s.Required = setting.Administrators })
		if p := k.effective(k.julie); !p.Due(k.db.Now()) {
			t.Error("the next sign-in may do without, after a reset")
		}
		k.factor(k.julie, credential.TOTP)
		if p := k.effective(k.julie); p.Required {
			t.Error("a factor was made since: the policy holds again")
		}
	})
}

// MFA-11: somebody whose administration is greater, or who belongs elsewhere too, is
// refused; the platform resets the latter, and the administrators of each organisation know.
func TestResetFactorsElsewhere(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx := k.Context()
		k.factor(k.marc, credential.TOTP)
		k.factor(k.bruno, credential.TOTP)
		k.write(func(tx *store.Tx) error { // marc may act on sign-ins, and on nothing else
			_, err := tx.Exec(ctx, `
				insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
				select $1, 'x' || p, $2, p, 'organization', $3, '', $3 from (select 'security.edit' as p union select 'members.read') t`,
				k.a.org, k.marcM.ID, tx.Now)
			return err
		})
		k.want("of a greater administrator", k.logins.ResetFactors(ctx, k.as(k.marc), k.a.org, k.brunoM.ID, lost), "member.more_powerful")
		by := k.as(k.claire)
		k.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from member_permission where member_id = $1`, k.marcM.ID)
			return err
		})
		k.want("of somebody of two organisations", k.logins.ResetFactors(ctx, by, k.a.org, k.marcM.ID, lost), "login.factors_elsewhere")
		boss := k.account("boss@platform.example")
		k.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update account_state set platform_role = 'support' where account_id = $1`, boss.ID)
			return err
		})
		support := k.as(boss)
		k.want("not by an organisation", k.logins.ResetAccount(ctx, by, "marc@a.example", lost), "access.not_found")
		_, err := k.logins.FindAccount(ctx, by, "marc@a.example")
		k.want("nor found by one", err, "access.not_found")
		_, err = k.logins.FindAccount(ctx, support, "nobody@a.example")
		k.want("nobody", err, "login.nobody")
		found, err := k.logins.FindAccount(ctx, support, "Marc@A.example")
		if err != nil || found.Account != k.marc.ID || found.Orgs != 2 || found.Factors != 1 {
			t.Errorf("%+v %v", found, err)
		}
		stale := support
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		k.want("STP-01", k.logins.ResetAccount(ctx, stale, "marc@a.example", lost), "access.step_up_required")
		k.want("its own", k.logins.ResetAccount(ctx, support, "boss@platform.example", lost), "login.own_factors")
		k.want("by the platform", k.logins.ResetAccount(ctx, support, "marc@a.example", lost), "ok")
		if l := k.cared(); l[login.CarePerson] != 1 || l[login.CareActor] != 1 || l[login.CareOthers] != 2 {
			t.Errorf("told: %v", l)
		}
		for _, p := range []place{k.a, k.c} {
			if n := k.count(`select count(*) from audit_event where chain = $1 and verb = 'member.reset_factors' and outcome = 'done'`, p.org.String()); n != 1 {
				t.Errorf("%d records in the trail of an organisation", n)
			}
		}
		k.factor(k.marc, credential.TOTP)
		k.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set verification = 'unchecked' where org_id = $1 and account_id = $2`, k.c.org, k.marc.ID)
			return err
		})
		k.want("INV-15: of one who only waits in an organisation, it is not told", k.logins.ResetAccount(ctx, support, "marc@a.example", lost), "ok")
		if n := k.count(`select count(*) from audit_event where chain = $1 and verb = 'member.reset_factors' and outcome = 'done'`, k.c.org.String()); n != 1 ||
			k.cared()[login.CareOthers] != 1 {
			t.Errorf("%d records in the trail of an organisation where they wait, or its administrators were told", n)
		}
		chief := k.account("chief@platform.example")
		k.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update account_state set platform_role = 'administrator' where account_id = $1`, chief.ID)
			return err
		})
		k.factor(chief, credential.TOTP)
		k.want("support does not reset an administrator of the platform", k.logins.ResetAccount(ctx, support, "chief@platform.example", lost), "access.forbidden")
	})
}

// V7.4.5: an administrator signs a member out everywhere, in their other organisations too,
// without a fresh proof; half-signed and remembered browsers go as well, nothing else changes,
// both are told. Nobody does so of a stranger, of somebody greater, or of themself.
func TestEndMemberSessions(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		by.StepUp = by.StepUp.Add(-access.StepUpAge)
		end := func(by access.Actor, of member.Member) error {
			return k.logins.EndMemberSessions(ctx, by, k.a.org, of.ID)
		}
		k.want("nothing is open", end(by, k.marcM), "ok")
		k.factor(k.marc, credential.TOTP)
		one, two := k.as(k.marc), k.as(k.marc)
		k.remembered("marc@a.example")
		half := k.half("marc@a.example")
		k.want("one's own", end(by, k.claireM), "login.own_factors")
		k.want("by a secretary", end(k.as(k.julie), k.marcM), "access.forbidden")
		k.want("AUZ-01: by a stranger", end(k.as(k.olga), k.marcM), "access.not_found")
		k.write(func(tx *store.Tx) error { // julie may act on sign-ins, and on nothing else
			_, err := tx.Exec(ctx, `
				insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from)
				select $1, 'x' || p, $2, p, 'organization', $3, '', $3 from (select 'security.edit' as p union select 'members.read') t`,
				k.a.org, k.julieM.ID, tx.Now)
			return err
		})
		k.want("AUZ-05: of a greater administrator", end(k.as(k.julie), k.brunoM), "member.more_powerful")
		if n := k.count(`select count(*) from session where account_id = $1 and ended_at is null`, k.marc.ID); n != 2 {
			t.Fatalf("%d sessions: a refusal ended some", n)
		}
		k.want("of somebody of two organisations", end(by, k.marcM), "ok")
		for _, s := range []access.Actor{one, two} {
			if n := k.count(`select count(*) from session where id = $1 and ended_at is not null and end_reason = 'administrator'`, s.Session); n != 1 {
				t.Error("a session goes on")
			}
		}
		if n := k.count(`select count(*) from device where account_id = $1 and ended_at is null`, k.marc.ID); n != 0 {
			t.Error("a browser is remembered")
		}
		_, err := k.logins.Pending(ctx, stranger("192.0.2.1"), half)
		k.want("half-signed", err, "session.half_gone")
		if l := k.cared(); l[login.CarePerson] != 1 || l[login.CareActor] != 1 || l[login.CareOthers] != 0 {
			t.Errorf("told: %v", l)
		}
		if n := k.count(`select count(*) from audit_event where chain = $1 and verb = 'member.end_sessions' and outcome = 'done'`, k.a.org.String()); n != 1 {
			t.Errorf("%d records", n)
		}
		if n := len(k.factors(k.marc)); n != 1 {
			t.Errorf("%d factors", n)
		}
		k.half("marc@a.example") // the password opens, and the factor is asked
		for range login.EndsPerAccount - 1 {
			k.as(k.marc)
			k.want("again", end(by, k.marcM), "ok")
		}
		k.as(k.marc)
		k.want("once too many in a day", end(by, k.marcM), "limit.exceeded")
		k.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update account_state set platform_role = 'support' where account_id = $1`, k.julie.ID)
			return err
		})
		k.want("of the platform's people", end(by, k.julieM), "login.factors_elsewhere")
	})
}

// SEC-2: a person makes the network of an organisation a factor of theirs from there only,
// with a fresh proof and in a session strong enough.
func TestAddAddress(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.julie)
		by.Address = "198.51.100.1"
		_, err := k.logins.AddAddress(ctx, by, k.a.org)
		k.want("from elsewhere", err, "login.not_inside")
		by.Address = "192.0.2.9"
		own, err := k.logins.OwnAddress(ctx, by)
		if err != nil || len(own.Offers) != 1 || own.Offers[0] != k.a.org {
			t.Errorf("%+v %v", own, err)
		}
		_, err = k.logins.AddAddress(ctx, by, k.c.org)
		k.want("an organisation that is not hers", err, "login.not_inside")
		stale := by
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		_, err = k.logins.AddAddress(ctx, stale, k.a.org)
		k.want("MFA-06: on a stale session", err, "access.step_up_required")
		f, err := k.logins.AddAddress(ctx, by, k.a.org)
		if err != nil || f.ProvedAt.IsZero() {
			t.Errorf("%+v %v", f, err)
		}
		if own, err = k.logins.OwnAddress(ctx, by); err != nil || len(own.Offers)+len(own.ToProve) != 0 {
			t.Errorf("%+v %v", own, err)
		}
	})
}

// rules.md 21: what an administrator sees of a member has no secret, and leaves out what
// is another organisation's business.
func TestMemberSecurity(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		k.factor(k.marc, credential.TOTP)
		k.write(func(tx *store.Tx) error {
			_, err := credential.AddAddress(ctx, tx, k.marc.ID, k.c.org, "")
			return err
		})
		k.as(k.marc)
		s, err := k.logins.MemberSecurity(ctx, by, k.a.org, k.marcM.ID)
		if err != nil || len(s.Factors) != 1 || s.Sessions != 1 || s.Alone || !s.MayGiveAddress {
			t.Errorf("%+v %v", s, err)
		}
		list, err := k.logins.MemberSessions(ctx, by, k.a.org, k.marcM.ID)
		if err != nil || len(list) != 1 || list[0].Address != "" {
			t.Errorf("%+v %v", list, err)
		}
		for who, a := range map[string]account.Account{"a colleague": k.julie, "a stranger": k.olga} {
			if _, err := k.logins.MemberSecurity(ctx, k.as(a), k.a.org, k.marcM.ID); err == nil {
				t.Errorf("%s reads it", who)
			}
			if _, err := k.logins.MemberSessions(ctx, k.as(a), k.a.org, k.marcM.ID); err == nil {
				t.Errorf("%s reads the sessions", who)
			}
		}
		_, err = k.logins.MemberSecurity(ctx, by, k.a.org, ident.NewMember())
		if !errors.Is(err, member.ErrNotFound) {
			t.Error(err)
		}
	})
}

// SEC-4: the effect of a stricter policy is told before it is saved, person by person.
func TestPolicyEffect(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		k.policy(k.a, func(s *setting.Security) { s.Required = setting.Administrators })
		k.factor(k.marc, credential.SMS)
		k.factor(k.claire, credential.TOTP)
		k.factor(k.claire, credential.Passkey)
		k.enters(k.julie, "")
		now, err := setting.Settings{Run: k.run}.Security(ctx, by, k.a.org)
		if err != nil {
			t.Fatal(err)
		}
		next := now
		next.Required, next.GraceDays = setting.Everybody, 9
		next.Factors = setting.Factors{Passkey: true}
		next.Networks = networks("192.0.2.0/24")
		e, err := k.logins.PolicyEffect(ctx, by, k.a.org, now.Rev, next)
		if err != nil {
			t.Fatal(err)
		}
		due := map[ident.Member]bool{} // is it later?
		for _, a := range e.Enrol {
			due[a.Member] = !a.Due.IsZero()
		}
		later, julie := due[k.julieM.ID]
		_, bruno := due[k.brunoM.ID]
		if !later || !julie || !due[k.marcM.ID] || bruno || len(e.Enrol) != 2 {
			t.Errorf("to enrol: %+v", e.Enrol)
		}
		if len(e.Prove) != 1 || e.Prove[0].Member != k.claireM.ID {
			t.Errorf("to prove again: %+v", e.Prove)
		}
		next = now
		next.Networks, next.NetworkOnly = networks("192.0.2.0/28"), true
		if e, err = k.logins.PolicyEffect(ctx, by, k.a.org, now.Rev, next); err != nil || len(e.Outside) != 0 {
			t.Errorf("all are inside: %+v %v", e, err)
		}
		next.Networks = networks("10.0.0.0/8")
		_, err = k.logins.PolicyEffect(ctx, by, k.a.org, now.Rev, next)
		k.want("MFA-13: without one's own address", err, "invalid")
		_, err = k.logins.PolicyEffect(ctx, k.as(k.julie), k.a.org, now.Rev, now)
		k.want("by a secretary", err, "access.forbidden")
	})
}

// INV-15: where somebody only waits to be let in, nobody learns how they prove who they are, nor
// acts on it: not their factors, their sessions, nor that everything is lost.
func TestNoCareOfWhoWaits(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		ctx, by := k.Context(), k.as(k.claire)
		factor := k.enrolled(k.marc)
		k.asksLoss("marc@a.example")
		k.as(k.marc)
		k.policy(k.a, func(s *setting.Security) { s.Factors.SMS = true })
		k.logins.SMS = login.Texting{On: true, Prefixes: credential.FrenchPrefixes}
		sheet := func() member.May {
			s, err := member.Members{Run: k.run}.Get(ctx, by, k.a.org, k.marcM.ID)
			if err != nil {
				t.Fatal(err)
			}
			return s.May
		}
		if !sheet().Secure {
			t.Error("a member in force is not offered")
		}
		for _, v := range []member.Verification{member.Unchecked, member.Incomplete} {
			k.write(func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update member_state set status = 'created', verification = $1 where org_id = $2 and member_id = $3`,
					v, k.a.org, k.marcM.ID)
				return err
			})
			_, looked := k.logins.MemberSecurity(ctx, by, k.a.org, k.marcM.ID)
			_, listed := k.logins.MemberSessions(ctx, by, k.a.org, k.marcM.ID)
			for what, err := range map[string]error{
				"looked": looked, "listed": listed,
				"kept":      k.logins.KeepFactors(ctx, by, k.a.org, k.marcM.ID),
				"ended":     k.logins.EndMemberSessions(ctx, by, k.a.org, k.marcM.ID),
				"a network": k.logins.GiveAddress(ctx, by, k.a.org, k.marcM.ID),
				"a number":  k.logins.GivePhone(ctx, by, k.a.org, k.marcM.ID, "06 12 34 56 78"),
				"taken":     k.logins.TakeFactor(ctx, by, k.a.org, k.marcM.ID, factor),
				"reset":     k.logins.ResetFactors(ctx, by, k.a.org, k.marcM.ID, lost),
			} {
				k.want(string(v)+" "+what, err, "member.not_active")
			}
			if sheet().Secure {
				t.Errorf("%s: the sheet offers it", v)
			}
		}
	})
}
