package privacy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/privacy"
	"habilis/internal/store"
	"habilis/internal/token"
)

// AUD-4, AUZ-06: who may ask that an organisation leaves, and how; until the day it is taken back by
// any of those who might have asked.
func TestExitAsked(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		late := p.as("claire")
		late.StepUp = p.db.Now().Add(-time.Hour)
		made, err := token.Tokens{Run: p.run}.Make(ctx, p.as("claire"), token.New{
			Kind: token.OfOrganization, Org: p.a, Name: "Paie", Permissions: []access.Permission{access.SettingsEdit, access.SecurityEdit, access.MembersDelete},
		})
		p.must(err)
		program := access.Actor{Kind: access.OrgToken, Token: made.Token.ID, Account: p.account["claire"], Org: p.a, Name: "Paie", Via: "api"}
		for _, c := range []struct {
			who  access.Actor
			in   ident.Org
			name string
			want string
		}{
			{p.as("tina"), p.a, "Maison tilleuls", "access.forbidden"}, // AUZ-06: a site's administrator
			{p.as("paul"), p.a, "Maison tilleuls", "access.forbidden"},
			{p.as("odile"), p.a, "Maison tilleuls", "access.not_found"},
			{late, p.a, "Maison tilleuls", "access.step_up_required"},
			{program, p.a, "Maison tilleuls", "exit.person"},
			{p.as("claire"), p.a, "maison tilleuls", "exit.name_differs"},
			{p.as("claire"), p.a, "", "exit.name_differs"},
		} {
			if _, err := p.exits.Ask(ctx, c.who, c.in, c.name); codeOf(err) != c.want {
				p.Errorf("%s %q: %v, want %s", c.who.Name, c.name, err, c.want)
			}
		}
		x, err := p.exits.Ask(ctx, p.as("claire"), p.a, "Maison tilleuls")
		if err != nil || x.State != privacy.ExitAsked || x.ActsAt.Sub(x.AskedAt) != privacy.ExitAfter {
			p.Fatalf("%+v, %v", x, err)
		}
		if _, err := p.exits.Ask(ctx, p.as("bruno"), p.a, "Maison tilleuls"); codeOf(err) != "exit.asked_already" {
			p.Errorf("asked twice: %v", err)
		}
		if p.pending(privacy.ExitAskedLetter{}.Kind()) != 1 {
			p.Error("the administrators are not told")
		}
		v, err := p.exits.Get(ctx, p.as("bruno"), p.a)
		if err != nil || v.Exit == nil || v.Exit.AskedBy != "claire Lefèvre" || !v.MayLeave || !v.MayExport {
			p.Errorf("the page: %+v, %v", v, err)
		}
		if c, found, err := p.exits.Coming(ctx, p.as("paul"), p.a); err != nil || !found || !c.ActsAt.Equal(x.ActsAt) {
			p.Errorf("a member is told %v %v", found, err)
		}
		if _, found, err := p.exits.Coming(ctx, p.as("paul"), p.b); err != nil || found {
			p.Errorf("of the other organisation: %v, %v", found, err)
		}
		p.clock.Add(privacy.ExitAfter - time.Hour)
		p.must(p.exits.Sweep(ctx))
		if _, err := (member.Members{Run: p.run}).List(ctx, p.as("claire"), p.a, member.Query{}); err != nil {
			p.Errorf("usable until the day: %v", err)
		}
		if err := p.exits.TakeBack(ctx, p.as("tina"), p.a, x.Version); codeOf(err) != "access.forbidden" {
			p.Errorf("tina takes it back: %v", err)
		}
		if err := p.exits.TakeBack(ctx, p.as("bruno"), p.a, x.Version+1); codeOf(err) != "api.version_stale" {
			p.Errorf("another version: %v", err)
		}
		p.must(p.exits.TakeBack(ctx, p.as("bruno"), p.a, x.Version))
		if err := p.exits.TakeBack(ctx, p.as("bruno"), p.a, x.Version); codeOf(err) != "exit.none" {
			p.Errorf("twice: %v", err)
		}
		p.clock.Add(privacy.ExitAfter)
		p.must(p.exits.Sweep(ctx))
		if p.count(`select count(*) from member where org_id = $1`, p.a) != 4 {
			p.Error("taken back, and members went")
		}
	})
}

// ORG-6, rules.md 13: while an organisation is suspended nobody could take its leaving back: the day
// waits until it is resumed.
func TestExitWaitsWhileSuspended(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		_, err := p.exits.Ask(ctx, p.as("claire"), p.a, "Maison tilleuls")
		p.must(err)
		state := func(s org.Status) {
			p.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update org_state set status = $1 where org_id = $2 and known_until is null`, string(s), p.a)
				return err
			})
		}
		state(org.Suspended)
		p.clock.Add(privacy.ExitAfter + time.Hour)
		p.must(p.exits.Sweep(ctx))
		if n := p.count(`select count(*) from org_exit where org_id = $1 and stage = 'asked'`, p.a); n != 1 {
			p.Error("it began while the organisation was suspended")
		}
		state(org.Active)
		p.must(p.exits.Sweep(ctx))
		if n := p.count(`select count(*) from org_exit where org_id = $1 and stage = 'asked'`, p.a); n != 0 {
			p.Error("resumed, and it waits still")
		}
	})
}

// AUD-4: on the day, whoever asked must still decide of the whole organisation; else what they asked is
// dropped, every administrator is told, and another may ask.
func TestExitOfWhoMayNoLonger(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		_, err := p.exits.Ask(ctx, p.as("claire"), p.a, "Maison tilleuls")
		p.must(err)
		p.clock.Add(privacy.ExitAfter + time.Hour)
		p.gives(p.a, p.memberOf("claire", p.a))
		p.must(p.exits.Sweep(ctx))
		if n := p.count(`select count(*) from org_exit`) + p.count(`select count(*) from org_state where status <> 'active' and known_until is null`); n != 0 {
			p.Fatal("it began, or waits")
		}
		if got := p.chain(p.a.String()); !slices.Contains(got, "exit.drop") || p.pending(privacy.ExitDroppedLetter{}.Kind()) != 1 {
			p.Errorf("nobody is told: %v", got)
		}
		_, err = p.exits.Ask(ctx, p.as("bruno"), p.a, "Maison tilleuls")
		p.must(err)
		p.clock.Add(privacy.ExitAfter + time.Hour)
		p.write(func(ctx context.Context, tx *store.Tx) error { // demoted
			_, err := tx.Exec(ctx, `update member_role set known_until = $1 where org_id = $2 and member_id = $3 and known_until is null`,
				tx.Now, p.a, p.memberOf("bruno", p.a))
			return err
		})
		p.must(p.exits.Sweep(ctx))
		if n := p.count(`select count(*) from org_exit`); n != 0 || p.pending(privacy.ExitDroppedLetter{}.Kind()) != 2 {
			p.Error("demoted, and it goes on")
		}
	})
}

// AUD-4, rules.md 20: once the removal has begun, a refusal there is written to the chain of the
// installation, about nothing: whoever goes on knocking does not keep the organisation half deleted.
func TestExitDespiteRefusals(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx := p.Context()
		p.leave()
		knock := func() {
			p.Helper()
			for range 3 {
				if _, err := p.exits.Get(ctx, p.as("claire"), p.a); codeOf(err) != "access.not_found" {
					p.Errorf("knocked: %v", err)
				}
			}
		}
		p.must(p.exits.Sweep(ctx)) // it waits for the heads
		events := p.count(`select count(*) from audit_event where chain = $1`, p.a)
		p.sign()
		counted := 0
		p.run.Counted = func(_, code string) {
			if code == "access.not_found" {
				counted++
			}
		}
		knock()
		if n := p.count(`select count(*) from audit_event where chain = $1`, p.a); n != events || counted != 3 {
			p.Errorf("%d events are new in a trail that ends, %d of 3 refusals are counted", n-events, counted)
		}
		if n := p.count(`select count(*) from audit_event where chain = $1 and code = 'access.not_found' and object = ''`, audit.Installation); n == 0 {
			p.Error("the installation's trail does not tell")
		}
		p.must(p.exits.Sweep(ctx))
		if n := p.count(`select count(*) from org where id = $1`, p.a); n != 0 {
			p.Error("the organisation is still there")
		}
	})
}

func (p *place) pending(kind string) (n int64) {
	p.Helper()
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) (err error) {
		n, err = job.Pending(p.Context(), tx, kind)
		return err
	}))
	return n
}

const canary, other = "Pétunia", "Glycine"

// leave asks that the first organisation leaves, with a row in every table.
func (p *place) leave() {
	p.Helper()
	p.fill(p.a, canary)
	p.fill(p.b, other)
	p.write(func(ctx context.Context, tx *store.Tx) error { // the factor is of an account; what it says is the organisation's
		for _, o := range []ident.Org{p.a, p.b} {
			if _, err := tx.Exec(ctx, `insert into factor (id, account_id, kind, name, network_org, given_by, day_began_at, created_at)
				values ($1, $2, 'address', '', $3, '', $4, $4)`, ident.NewFactor(), p.account["paul"], o, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `delete from org_exit where org_id = $1`, o); err != nil {
				return err
			}
		}
		return nil
	})
	p.act(p.a, "settings.edit")
	p.act(p.b, "settings.edit")
	p.act("", "login.sign_in")
	_, err := p.exits.Ask(p.Context(), p.as("claire"), p.a, "Maison tilleuls")
	p.must(err)
	p.clock.Add(privacy.ExitAfter + time.Minute)
}

// AUD-4: a test of every table: that of an organisation which left holds nothing of it, whatever it is called, and
// those of others are the same to the byte; stopped after each part, and begun again, nothing is
// left out and nothing is done twice. No backup made later names it, and the trail holds.
func TestExitRemoves(t *testing.T) {
	eachPlace(t, func(p *place) {
		p.leave()
		before := p.dump()
		for table, rows := range owned(p, before) {
			if !slices.ContainsFunc(rows, func(r string) bool { return strings.Contains(r, string(p.a)) || strings.Contains(r, canary) }) {
				p.Fatalf("table %s was not filled: this test shows nothing of it", table)
			}
		}
		stop, stops, done := errors.New("killed here"), 0, map[string]bool{}
		killed := p.exits
		privacy.StopExit(&killed, func(stage string) error {
			if done[stage] {
				return nil
			}
			done[stage] = true
			return stop
		})
		for ; stops < 50; stops++ {
			err := killed.Sweep(p.Context())
			if err == nil && p.count(`select count(*) from org where id = $1`, p.a) == 0 {
				break
			}
			if err != nil && !errors.Is(err, stop) {
				p.Fatal(err)
			}
			if stops == 1 {
				p.closed()
			}
			if err == nil {
				p.sign() // it waited for the heads
			}
		}
		if stops < 5 || stops == 50 || !done["rows some"] || !done["trail"] {
			p.Fatalf("stopped %d times, at %v", stops, done)
		}
		p.gone(before)
	})
}

// closed: from the first step on nobody enters, and support does not open it again.
func (p *place) closed() {
	p.Helper()
	if _, err := (member.Members{Run: p.run}).List(p.Context(), p.as("claire"), p.a, member.Query{}); codeOf(err) != "org.suspended" {
		p.Errorf("while it is removed: %v", err)
	}
	p.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update account_state set platform_role = 'administrator' where account_id = $1`, p.account["odile"])
		return err
	})
	if _, err := (org.Orgs{Run: p.run}).Resume(p.Context(), p.as("odile"), p.a); codeOf(err) != "org.leaving" {
		p.Errorf("support opens it again: %v", err)
	}
	p.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update account_state set platform_role = '' where account_id = $1`, p.account["odile"])
		return err
	})
}

// owned keeps the tables of which rows belong to organisations.
func owned(p *place, all map[string][]string) map[string][]string {
	out := map[string][]string{}
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) error {
		list, err := store.OwnedTables(p.Context(), tx)
		for _, t := range list {
			if t.Name != "org_exit" || len(all[t.Name]) > 0 {
				out[t.Name] = all[t.Name]
			}
		}
		return err
	}))
	return out
}

// gone compares what is left with what was there.
func (p *place) gone(before map[string][]string) {
	p.Helper()
	after := p.dump()
	// The chain stays, its last rows say that it is over; counts of refusals, which name nobody, go in two days.
	mayName := []string{"audit_event", "audit_head", "audit_payload", "counter"}
	for table, rows := range after {
		for _, r := range rows {
			if strings.Contains(r, canary) || strings.Contains(r, "Maison tilleuls") {
				p.Errorf("%s names what left: %s", table, r)
			}
			if strings.Contains(r, string(p.a)) && !slices.Contains(mayName, table) {
				p.Errorf("%s is still of it: %s", table, r)
			}
		}
	}
	for table, rows := range before {
		for _, r := range rows {
			theirs := strings.Contains(r, string(p.b)) || strings.Contains(r, other)
			if theirs && !slices.Contains(after[table], r) {
				p.Errorf("%s: a row of the other organisation is no longer what it was: %s", table, r)
			}
		}
	}
	for _, table := range []string{"account", "account_state", "credential"} {
		slices.Sort(before[table])
		slices.Sort(after[table])
		if !slices.Equal(before[table], after[table]) {
			p.Errorf("%s changed", table)
		}
	}
	r := p.verify()
	if n := p.count(`select count(*) from audit_event where chain = $1 and verb = 'exit.finish'`, p.a); n != 1 || r.Erased == 0 {
		p.Errorf("the trail ends %d times; %+v", n, r)
	}
	if n := p.count(`select count(*) from audit_payload where chain = $1`, p.a); n != 1 { // that of exit.finish, which names nobody
		p.Errorf("%d details of its trail are left", n)
	}
	if n := p.pending(privacy.ExitDoneLetter{}.Kind()); n != 3 { // claire, bruno and tina; paul has another organisation
		p.Errorf("%d persons are told that they have no organisation left", n)
	}
	if got := p.chain(audit.Installation); !slices.Contains(got, "exit.finish") {
		p.Errorf("the installation's trail says %v", got)
	}
}

func (p *place) chain(chain string) (verbs []string) {
	p.Helper()
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) error {
		return audit.EachOf(p.Context(), tx, chain, func(l audit.Line) error {
			verbs = append(verbs, l.Verb)
			return nil
		})
	}))
	return verbs
}
