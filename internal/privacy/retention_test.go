package privacy_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/message"
	"habilis/internal/privacy"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const month = 31 * 24 * time.Hour

// AUD-4, rules.md 20: what is kept has bounds; only whoever may change the settings of the whole
// organisation does, and sees how much goes before.
func TestRetentionSettings(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		type values = map[setting.RetentionKind]int64
		for _, b := range setting.RetentionKinds {
			for _, v := range []int64{b.Min - 1, b.Max + 1} {
				if _, err := p.keeps.Set(ctx, p.as("claire"), p.a, 0, values{b.Kind: v}); codeOf(err) != "setting.retention_bounds" {
					p.Errorf("%s %d: %v", b.Kind, v, err)
				}
			}
			if b.Default < b.Min || b.Default > b.Max {
				p.Errorf("%s: its default is beyond its bounds", b.Kind)
			}
		}
		if _, err := p.keeps.Set(ctx, p.as("claire"), p.a, 0, values{"secrets": 3}); codeOf(err) != "setting.retention_kind" {
			p.Errorf("an unknown kind: %v", err)
		}
		for _, who := range []string{"tina", "paul"} {
			if _, err := p.keeps.Set(ctx, p.as(who), p.a, 0, values{setting.KeepMessages: 40}); codeOf(err) != "access.forbidden" {
				p.Errorf("%s: %v", who, err)
			}
		}
		if _, err := p.keeps.Set(ctx, p.as("odile"), p.a, 0, values{setting.KeepMessages: 40}); codeOf(err) != "access.not_found" {
			p.Errorf("odile: %v", err)
		}
		late := p.as("claire")
		late.StepUp = p.db.Now().Add(-time.Hour)
		if _, err := p.keeps.Set(ctx, late, p.a, 0, values{setting.KeepMessages: 40}); codeOf(err) != "access.step_up_required" {
			p.Errorf("without a fresh proof: %v", err)
		}
		p.message(p.a, 50*24*time.Hour)
		c, err := p.keeps.Preview(ctx, p.as("claire"), p.a, values{setting.KeepMessages: 40})
		if err != nil || c.Goes[setting.KeepMessages] != 1 || c.Before.Of(setting.KeepMessages) != 365 || c.After.Of(setting.KeepMessages) != 40 {
			p.Errorf("before it: %+v, %v", c, err)
		}
		s, err := p.keeps.Set(ctx, p.as("claire"), p.a, 0, values{setting.KeepMessages: 40})
		if err != nil || s.Rev != 1 || s.Of(setting.KeepMessages) != 40 || s.Of(setting.KeepSecurityLog) != 12 {
			p.Errorf("%+v, %v", s, err)
		}
		if _, err := p.keeps.Set(ctx, p.as("bruno"), p.a, 0, values{setting.KeepMessages: 50}); codeOf(err) != "api.version_stale" {
			p.Errorf("another version: %v", err)
		}
		if s, err := p.keeps.Get(ctx, p.as("paul"), p.a); err != nil || s.Of(setting.KeepMessages) != 40 {
			p.Errorf("a member reads %+v, %v", s, err)
		}
		if s, err := p.keeps.Get(ctx, p.as("odile"), p.b); err != nil || s.Of(setting.KeepMessages) != 365 {
			p.Errorf("AUD-04: the other organisation has %+v, %v", s, err)
		}
	})
}

// message writes a message of long ago.
func (p *place) message(in ident.Org, ago time.Duration) {
	p.Helper()
	p.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into message (org_id, id, sender_id, sender_name, subject, body, created_at) values ($1, $2, $3, '', '', '', $4)`,
			in, ident.NewMessage(), p.account["claire"], tx.Now.Add(-ago))
		return err
	})
}

// AUD-4: each organisation's own duration holds; what is recent stays, and what went is told.
func TestRetentionApplies(t *testing.T) {
	eachPlace(t, func(p *place) {
		_, err := p.keeps.Set(p.Context(), p.as("claire"), p.a, 0, map[setting.RetentionKind]int64{setting.KeepMessages: 40})
		p.must(err)
		for range 3 {
			p.message(p.a, 50*24*time.Hour)
			p.message(p.b, 50*24*time.Hour)
		}
		p.message(p.a, 30*24*time.Hour)
		for range 2 { // harmless when done twice
			p.must(p.keeps.Apply(p.Context()))
			if n, others := p.count(`select count(*) from message where org_id = $1`, p.a), p.count(`select count(*) from message where org_id = $1`, p.b); n != 1 || others != 3 {
				p.Fatalf("%d and %d messages are left", n, others)
			}
		}
		if n := p.count(`select count(*) from audit_event where chain = $1 and verb = 'retention.apply'`, p.a); n != 1 {
			p.Errorf("told %d times", n)
		}
		if n := p.count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
			where e.chain = $1 and e.verb = 'retention.apply' and p.payload like '%"removed_messages":3%'`, p.a); n != 1 {
			p.Error("the trail does not say how many went")
		}
		if message.KeptFor != setting.MaxMessageDays*24*time.Hour {
			p.Error("the bound of the setting is not what holds of messages")
		}
	})
}

// rules.md 20, AUD-01: of the trail the details go, by class and age, behind a signed head only, and
// the chain holds; stopped in the middle, it goes on where it was.
func TestRetentionOfTrail(t *testing.T) {
	eachPlace(t, func(p *place) {
		const each = audit.ForgetAtOnce + 30
		for range each / 2 {
			p.act(p.a, "login.sign_in")
			p.act(p.a, "settings.edit")
		}
		p.act("", "login.sign_in")
		details := func(verb string) int64 {
			return p.count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
				where e.chain = $1 and e.verb = $2`, p.a, verb)
		}
		p.clock.Add(13 * month)
		p.must(p.keeps.Apply(p.Context()))
		if n := details("login.sign_in"); n != each/2 {
			p.Fatalf("%d details went without a signed head", each/2-n)
		}
		p.sign()
		p.act(p.a, "login.sign_in") // recent
		stop := errors.New("killed here")
		killed := p.keeps
		privacy.StopRetention(&killed, func() error { return stop })
		if err := killed.Apply(p.Context()); !errors.Is(err, stop) {
			p.Fatal(err)
		}
		if n := details("login.sign_in"); n == 1 || n == each/2+1 {
			p.Fatalf("it was stopped in the middle, and %d are left", n)
		}
		p.must(p.keeps.Apply(p.Context()))
		if n, other := details("login.sign_in"), details("settings.edit"); n != 1 || other != each/2 {
			p.Errorf("after 13 months %d sign-ins and %d acts are left", n, other)
		}
		if n := p.count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
			where e.chain = 'installation' and e.verb = 'login.sign_in'`); n != 0 {
			p.Errorf("%d details are left in the installation's chain", n)
		}
		if r := p.verify(); r.Erased != each/2+1 {
			p.Errorf("%+v", r)
		}
		p.clock.Add(24 * month)
		p.must(p.keeps.Apply(p.Context()))
		if n := details("settings.edit"); n != 0 {
			p.Errorf("after 37 months %d acts are left", n)
		}
		if n := details("login.sign_in"); n != 1 {
			p.Error("what came after the signed head went too")
		}
		p.verify()
		if n := p.count(`select count(*) from audit_mention m join audit_head h on h.no = m.chain_no where h.chain = $1 and m.seq <= $2`, p.a, each/2); n != 0 {
			p.Errorf("%d mentions of what went can be searched", n)
		}
	})
}

// AUD-01: where the trail is not the one whose head was signed, nothing goes, and that is told.
func TestRetentionForeignHead(t *testing.T) {
	eachPlace(t, func(p *place) {
		p.act(p.a, "login.sign_in")
		p.sign()
		h := p.heads[p.a.String()]
		h.Hash = slices.Clone(h.Hash)
		h.Hash[0] ^= 1
		p.heads[p.a.String()] = h
		p.clock.Add(40 * month)
		if err := p.keeps.Apply(p.Context()); !errors.Is(err, privacy.ErrForeignHead) {
			p.Errorf("told %v", err)
		}
		if n := p.count(`select count(*) from audit_payload where chain = $1`, p.a); n != 1 {
			p.Error("its details went")
		}
	})
}

// AUD-4: of every kind that has a duration what is too old goes, with all that hangs on it, and
// nothing before.
func TestRetentionOfEveryKind(t *testing.T) {
	eachPlace(t, func(p *place) {
		p.fill(p.a, canary)
		p.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update review set state = 'ended' where org_id = $1`, p.a)
			return err
		})
		tables := []string{
			"message", "message_delivery", "decision_log", "notice", "member_import", "member_import_line", "member_import_result",
			"review", "review_person", "review_file", "review_part",
		}
		for _, b := range setting.RetentionKinds {
			if _, details := map[setting.RetentionKind]bool{setting.KeepSecurityLog: true, setting.KeepRightsAudit: true}[b.Kind]; details {
				continue
			}
			c, err := p.keeps.Preview(p.Context(), p.as("claire"), p.a, nil)
			if err != nil || c.Goes[b.Kind] != 0 {
				p.Errorf("%s: %d are too old already, %v", b.Kind, c.Goes[b.Kind], err)
			}
		}
		p.must(p.keeps.Apply(p.Context()))
		for _, table := range tables {
			if n := p.count(`select count(*) from ` + table + ` where org_id = '` + string(p.a) + `'`); n != 1 {
				p.Errorf("%s: %d rows are left of one that is not too old", table, n)
			}
		}
		p.clock.Add(61 * month)
		p.must(p.keeps.Apply(p.Context()))
		for _, table := range tables {
			if n := p.count(`select count(*) from ` + table + ` where org_id = '` + string(p.a) + `'`); n != 0 {
				p.Errorf("%s: %d rows are left", table, n)
			}
		}
	})
}
