package privacy_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/privacy"
	"habilis/internal/store"
)

// people erases in this place, with the heads that were signed.
func (p *place) people() privacy.People {
	return privacy.People{Run: p.run, Departures: departure.Departures{Run: p.run}, Signed: p.exits.Signed}
}

// signing is people with every head signed whenever it is asked for, as the server does.
func (p *place) signing() privacy.People {
	people := p.people()
	people.Signed = func(context.Context) (map[string]audit.Head, error) { p.sign(); return maps.Clone(p.heads), nil }
	return people
}

// memberOf is the membership that somebody has now.
func (p *place) memberOf(who string, in ident.Org) (id ident.Member) {
	p.Helper()
	p.must(p.db.Read(p.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(p.Context(), `select member_id from member_state where org_id = $1 and account_id = $2 and known_until is null and status <> 'left'`,
			in, p.account[who]).Scan(&id)
	}))
	return id
}

// gives has a member leave, by a version that says so, and nothing else.
func (p *place) gives(in ident.Org, id ident.Member) {
	p.Helper()
	p.clock.Add(time.Second)
	p.write(func(ctx context.Context, tx *store.Tx) error {
		tables, err := store.OwnedTables(ctx, tx)
		if err != nil {
			return err
		}
		var columns, values []string
		for _, t := range tables {
			for _, c := range t.Columns {
				if t.Name != "member_state" {
					continue
				}
				as := map[string]string{"rev": "rev + 1", "status": "'left'", "known_from": "known_until", "known_until": "null"}
				columns, values = append(columns, c), append(values, c)
				if other, ok := as[c]; ok {
					values[len(values)-1] = other
				}
			}
		}
		if _, err := tx.Exec(ctx, `update member_state set known_until = $1 where org_id = $2 and member_id = $3 and known_until is null`, tx.Now, in, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into member_state (`+strings.Join(columns, ", ")+`) select `+strings.Join(values, ", ")+`
			from member_state where org_id = $1 and member_id = $2 order by rev desc limit 1`, in, id)
		return err
	})
}

// returns makes somebody a member again.
func (p *place) returns(who string, in ident.Org) {
	p.Helper()
	p.write(func(ctx context.Context, tx *store.Tx) error { return p.join(ctx, tx, who, in, p.site, nil) })
}

// AUD-4: whoever comes back while their erasure goes on keeps what is theirs: it stops, before its
// first part or between two, says so, and is asked for again once they have left again.
func TestErasureStopsForWhoCameBack(t *testing.T) {
	killed := errors.New("killed")
	for _, after := range []string{"", "rows"} {
		eachPlace(t, func(p *place) {
			ctx, of := p.Context(), p.memberOf("paul", p.a)
			p.gives(p.a, of)
			people := p.signing()
			_, err := people.EraseMember(ctx, p.as("claire"), p.a, of, "paul Lefèvre")
			p.must(err)
			if after != "" {
				stopping := people.Between(func(stage string) error {
					if stage == after {
						return killed
					}
					return nil
				})
				if err := stopping.Sweep(ctx); !errors.Is(err, killed) {
					p.Fatal(err)
				}
			}
			p.returns("paul", p.a)
			p.must(people.Sweep(ctx))
			p.must(people.Sweep(ctx)) // and does nothing more
			e, found, err := people.MemberErasure(ctx, p.as("claire"), p.a, of)
			if err != nil || !found || !e.Stopped() || e.Done() {
				p.Fatalf("after %q: %+v, %v", after, e, err)
			}
			if n := p.count(`select count(*) from member_state where member_id = $1 and family_name = 'Lefèvre'`, of); n != 2 {
				p.Errorf("after %q: who they were is gone from %d of 2 versions", after, 2-n)
			}
			if n := p.count(`select count(*) from audit_event where verb = 'privacy.stopped' and subject = $1`, of); n != 1 {
				p.Errorf("it stopped %d times", n)
			}
			if _, err := people.EraseMember(ctx, p.as("claire"), p.a, of, "paul Lefèvre"); codeOf(err) != "privacy.came_back" {
				p.Errorf("asked again while they are there: %v", err)
			}
			p.gives(p.a, p.memberOf("paul", p.a))
			_, err = people.EraseMember(ctx, p.as("claire"), p.a, of, "paul Lefèvre")
			p.must(err)
			p.must(people.Sweep(ctx))
			if n := p.count(`select count(*) from erasure where done_at is not null`); n != 2 {
				p.Errorf("%d of two memberships are erased", n)
			}
			p.verify()
		})
	}
}

// AUD-4: an account that is made a member again while it is erased opens again, and is kept.
func TestAccountErasureStops(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people := p.Context(), p.signing()
		p.gives(p.a, p.memberOf("paul", p.a))
		p.gives(p.b, p.memberOf("paul", p.b))
		_, err := people.EraseAccount(ctx, p.as("paul"), "paul Lefèvre")
		p.must(err)
		p.returns("paul", p.a)
		p.must(people.Sweep(ctx))
		const now = ` from account_state where account_id = $1 and known_until is null and status = 'active' and email = 'paul@exemple.fr'`
		if p.count(`select count(*)`+now, p.account["paul"]) != 1 || p.count(`select count(*) from erasure where stage = 'stopped'`) != 1 {
			p.Error("their account is not theirs again")
		}
		p.gives(p.a, p.memberOf("paul", p.a))
		_, err = people.EraseAccount(ctx, p.as("paul"), "paul Lefèvre")
		p.must(err)
		p.must(people.Sweep(ctx))
		if n := p.count(`select count(*) from account_state where account_id = $1 and family_name <> ''`, p.account["paul"]); n != 0 {
			p.Error("asked again, it is not erased")
		}
	})
}

// rules.md 20, AUD-4: what the trail says of somebody goes only behind a head that was signed and kept
// outside; until then the erasure waits, and goes on with the next one.
func TestErasureWaitsForTheHead(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people, of := p.Context(), p.people(), p.memberOf("paul", p.a)
		p.act(p.a, "settings.edit")
		p.sign()
		_, err := action.Run(ctx, p.run, p.as("claire"), action.Act{Verb: "member.edit", Orgs: []ident.Org{p.a}, Needs: []access.Need{access.Everybody()}},
			func(tx *action.Tx) (struct{}, error) {
				tx.Record(audit.Event{Org: p.a, Verb: "member.edit", Object: of.String(), Subject: of.String(), After: map[string]any{"phone": "1"}})
				return struct{}{}, nil
			})
		p.must(err)
		p.gives(p.a, of)
		_, err = people.EraseMember(ctx, p.as("claire"), p.a, of, "paul Lefèvre")
		p.must(err)
		details := func() int64 {
			return p.count(`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
				where e.subject = $1 and e.verb = 'member.edit'`, of)
		}
		for range 2 {
			p.must(people.Sweep(ctx))
		}
		if done := p.count(`select count(*) from erasure where done_at is not null`); done != 0 || details() != 1 {
			p.Fatalf("%d done, %d details are left beyond the head", done, details())
		}
		p.sign()
		p.must(people.Sweep(ctx))
		if done := p.count(`select count(*) from erasure where done_at is not null`); done != 1 || details() != 0 {
			p.Errorf("%d done, %d details are left behind the head", done, details())
		}
		p.verify()
		p.heads[p.a.String()] = audit.Head{Chain: p.a.String(), Seq: 1, Hash: []byte("another")}
		tina := p.memberOf("tina", p.a)
		p.gives(p.a, tina)
		_, err = people.EraseMember(ctx, p.as("claire"), p.a, tina, "tina Lefèvre")
		p.must(err)
		if err := people.Sweep(ctx); !errors.Is(err, privacy.ErrForeignHead) {
			p.Errorf("a head of another trail: %v", err)
		}
	})
}

// AUD-4: whoever had a role on the platform keeps their account for as long as the trail keeps what
// they did by it (ADR 15).
func TestPlatformPast(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people := p.Context(), p.signing()
		p.gives(p.a, p.memberOf("paul", p.a))
		p.gives(p.b, p.memberOf("paul", p.b))
		for _, r := range []account.PlatformRole{account.Support, account.NoRole} {
			p.clock.Add(time.Minute)
			p.write(func(ctx context.Context, tx *store.Tx) error {
				a, _, err := account.Get(ctx, tx, p.account["paul"])
				if err != nil {
					return err
				}
				a.PlatformRole = r
				_, err = account.Set(ctx, tx, a)
				return err
			})
		}
		if _, err := people.EraseAccount(ctx, p.as("paul"), "paul Lefèvre"); codeOf(err) != "privacy.platform_past" {
			p.Errorf("the day after: %v", err)
		}
		if v, err := people.PreviewAccount(ctx, p.as("paul")); err != nil || v.Refused != "privacy.platform_past" {
			p.Errorf("the page says %q, %v", v.Refused, err)
		}
		p.clock.Add(36*31*24*time.Hour + time.Hour)
		if _, err := people.EraseAccount(ctx, p.as("paul"), "paul Lefèvre"); err != nil {
			p.Errorf("after the time of the trail: %v", err)
		}
	})
}

// AUD-4: with an account go the registrations that its person began and did not finish, by any address
// that was proved to be theirs, while it was; nobody else's.
func TestRegistrationsOfAnAccount(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people := p.Context(), p.signing()
		moves := func(to string) {
			p.clock.Add(time.Minute)
			p.write(func(ctx context.Context, tx *store.Tx) error {
				a, _, err := account.Get(ctx, tx, p.account["paul"])
				if err != nil {
					return err
				}
				a.Email = account.Email{Key: to, Address: to}
				_, err = account.Set(ctx, tx, a)
				return err
			})
			p.clock.Add(time.Minute)
		}
		begins := func(id, key string) {
			p.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `insert into registration (org_id, id, language, email_key, email, version, created_at, expires_at)
					values ($1, $2, 'fr', $3, $3, 1, $4, $5)`, p.b, id, key, tx.Now, tx.Now.Add(1000*time.Hour))
				return err
			})
		}
		moves("ancien@exemple.fr")
		begins("given up, theirs", "ancien@exemple.fr")
		moves("vole@exemple.fr")
		begins("undone", "vole@exemple.fr")
		p.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into email_change (id, account_id, old_key, old_email, new_key, new_email, asked_by, token_hash, created_at, expires_at,
				confirmed_at, undone_at) values ('change', $1, 'ancien@exemple.fr', 'ancien@exemple.fr', 'vole@exemple.fr', 'vole@exemple.fr', 'x', $2, $3, $3, $3, $3)`,
				p.account["paul"], []byte("hash"), tx.Now)
			return err
		})
		moves("paul@exemple.fr")
		begins("current", "paul@exemple.fr")
		begins("given up, another's", "ancien@exemple.fr")
		begins("another's", "odile@exemple.fr")
		p.gives(p.a, p.memberOf("paul", p.a))
		p.gives(p.b, p.memberOf("paul", p.b))
		_, err := people.EraseAccount(ctx, p.as("paul"), "paul Lefèvre")
		p.must(err)
		p.must(people.Sweep(ctx))
		for id, want := range map[string]int64{"given up, theirs": 0, "current": 0, "undone": 1, "given up, another's": 1, "another's": 1} {
			if n := p.count(`select count(*) from registration where id = $1`, id); n != want {
				p.Errorf("%s: %d, not %d", id, n, want)
			}
		}
	})
}

// AUD-4, MEM-3: who replaced a wrong RPPS, without an account, is one person in two memberships: while
// one is there the other is not erased; gone, both go together, and neither is the other's namesake.
func TestReplacedAreOnePerson(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people := p.Context(), p.signing()
		var pair [2]ident.Member
		p.write(func(ctx context.Context, tx *store.Tx) error {
			for i := range pair {
				m, err := member.Insert(ctx, tx, member.New{
					Org: p.a, Status: member.Active, GivenName: "Rémi", FamilyName: "Vasseur", Function: "manager", GivenBy: "test", Sites: []ident.Site{p.site},
				})
				if err != nil {
					return err
				}
				pair[i] = m.ID
			}
			_, err := tx.Exec(ctx, `insert into departure (org_id, id, member_id, name, kind, state, stage, version, day, ends_at, decided_by, decided_name,
				decided_at, refused, change_set_id, undone_name, into_member) values ($1, 'replaced', $2, '', 'decided', 'erased', 'finished', 1, '', $3, '', '', $3, '', '', '', $4)`,
				p.a, pair[0], tx.Now, pair[1])
			return err
		})
		p.gives(p.a, pair[0])
		if _, err := people.EraseMember(ctx, p.as("claire"), p.a, pair[0], "Rémi Vasseur"); codeOf(err) != "privacy.came_back" {
			p.Errorf("while they are there as another: %v", err)
		}
		p.gives(p.a, pair[1])
		v, err := people.PreviewMember(ctx, p.as("claire"), p.a, pair[0])
		if err != nil || v.Namesake || !v.Forgotten {
			p.Errorf("%+v, %v", v, err)
		}
		_, err = people.EraseMember(ctx, p.as("claire"), p.a, pair[0], "Rémi Vasseur")
		p.must(err)
		p.must(people.Sweep(ctx))
		if n := p.count(`select count(*) from member_state where org_id = $1 and family_name = 'Vasseur'`, p.a); n != 0 {
			p.Errorf("%d versions still bear the name", n)
		}
	})
}

// AUD-4: the preview says when telephone and numbers are known no more, and only then.
func TestPreviewSaysWhatIsForgotten(t *testing.T) {
	eachPlace(t, func(p *place) {
		ctx, people, of := p.Context(), p.signing(), p.memberOf("paul", p.a)
		p.gives(p.a, of)
		for _, want := range []bool{false, true} {
			if v, err := people.PreviewMember(ctx, p.as("claire"), p.a, of); err != nil || v.Forgotten != want {
				p.Errorf("forgotten %v, wanted %v: %v", v.Forgotten, want, err)
			}
			p.write(func(ctx context.Context, tx *store.Tx) error { return member.Forget(ctx, tx, p.a, of) })
		}
	})
}
