package decision_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// TestSame: random organisations, clocks and changes get the same answers, with the same
// facts, from the index and from the second evaluator (RGT-9; architecture.md). Small
// organisations are read anew after a change, and others changed in place.
func TestSame(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
			w.d.PatchFrom(rapid.SampledFrom([]int{0, 0, 1000}).Draw(r, "patched from"))
			w.begin()
			w.populate()
			for range rapid.IntRange(3, 12).Draw(r, "changes") {
				w.step()
				if w.rand.IntN(3) > 0 {
					w.compare(30)
				}
			}
			w.compare(120)
		})
	})
}

// populate makes a bit of everything.
func (w *world) populate() {
	for range 5 {
		w.addMember(pick(w, w.sites))
	}
	w.addRole(access.RecordsRead, access.RecordsWrite, access.MembersRead)
	w.addRole(access.DocumentsShare, access.DocumentsConsult)
	for range 2 {
		w.addResource("agenda", pick(w, w.members))
		w.addResource("identity", pick(w, w.members))
	}
	w.addResource("agenda", "")
	w.addResource("identity", "")
	w.addResource("messaging_profile", "")
	w.addResource("messaging_profile", pick(w, w.members))
	w.addGroup()
	w.addGroup()
	for range 12 {
		w.give()
	}
}

// give gives some right to somebody.
func (w *world) give() {
	m := pick(w, w.members)
	switch w.rand.IntN(7) {
	case 0:
		scope, site := w.scope()
		w.giveRole(m, pick(w, w.roles), scope, site, w.window())
	case 1:
		scope, site := w.scope()
		asked := []access.Permission{access.RecordsRead, access.RecordsWrite, access.DocumentsShare, access.DocumentsConsult}
		if w.rand.IntN(3) == 0 {
			asked = access.Catalogue()
		}
		w.givePermission(m, pick(w, asked), scope, site, w.window())
	case 2:
		w.grant(m, pick(w, w.agendas), pick(w, []string{"", "availability", "read", "manage"}), w.window())
	case 3:
		w.grant(m, pick(w, w.boxes), pick(w, []string{"", "read", "reply", "manage"}), w.window())
	case 4:
		by := pick(w, []string{"system", w.accounts[pick(w, w.members)].String(), w.accounts[pick(w, w.members)].String()})
		w.delegate(m, pick(w, w.persons), pick(w, []string{"send", "receive", "draft_consultation"}), pick(w, []string{"", "active", "active", "proposed"}), by, w.window())
	case 5:
		w.joinGroup(m, pick(w, w.groups), w.rand.IntN(3) > 0, w.window())
	case 6:
		w.putRecord(w.record(), pick(w, w.groups), w.rand.IntN(3) > 0)
	}
}

// step changes something.
func (w *world) step() {
	m := pick(w, w.members)
	switch w.rand.IntN(22) {
	case 0:
		w.addMember(pick(w, w.sites))
	case 1:
		w.addSite()
	case 2, 3:
		w.setMember(m, w.anyState(m))
	case 4:
		w.block(w.accounts[m], pick(w, []string{"blocked", "active"}))
	case 5:
		w.addRole(pick(w, access.Catalogue()), pick(w, access.Catalogue()))
	case 6:
		w.changeRole(pick(w, w.roles))
	case 7:
		w.endOneRight(m)
	case 8:
		w.setResource(pick(w, slices.Concat(w.agendas, w.boxes, w.persons)), pick(w, []ident.Member{"", m}), pick(w, []string{"active", "active", "closed"}))
	case 9:
		w.addGroup()
	case 10:
		w.rev++
		rev, g := 1000+w.rev, pick(w, w.groups)
		w.change(func(x *exec) { x.groupState(w.org, g, rev, pick(w, []string{"active", "removed"})) })
	case 11:
		w.clock.Add(time.Duration(w.rand.IntN(180)) * time.Minute)
	case 12:
		w.policy(w.anyPolicy())
	case 13:
		w.closeUnlisted(w.rand.IntN(2) == 0)
	case 14:
		if w.rand.IntN(3) == 0 {
			w.suspend(pick(w, []string{"suspended", "active", "active"}))
		}
	case 15:
		w.moveSite(m)
	case 16:
		w.addResource(pick(w, []string{"agenda", "messaging_profile", "identity"}), pick(w, []ident.Member{"", m}))
	default:
		w.give()
	}
}

func (w *world) anyState(m ident.Member) memberState {
	s := memberState{
		status: pick(w, []string{"active", "active", "created", "deactivated", "pending_approval", "left"}), account: w.accounts[m],
		verification: pick(w, []string{"not_needed", "not_needed", "verified", "unchecked", "incomplete"}),
		function:     pick(w, []string{"nurse", "other"}), reach: pick(w, []string{"site", "everyone"}),
	}
	if w.rand.IntN(5) == 0 {
		s.account = ""
	}
	if w.rand.IntN(3) == 0 {
		v := w.window()
		s.starts, s.ends = &v.from, v.until
	}
	return s
}

func (w *world) anyPolicy() setting.Decisions {
	v := setting.Decisions{SecondFactor: w.rand.IntN(3) == 0}
	if w.rand.IntN(3) == 0 {
		v.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	}
	return v
}

func (w *world) changeRole(r ident.Role) {
	p := pick(w, access.Catalogue())
	w.change(func(x *exec) {
		n := x.do(`update role_permission set known_until = $4 where org_id = $1 and role_id = $2 and permission = $3 and known_until is null`, w.org, r, p, x.tx.Now)
		if n == 0 {
			x.do(`insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, $3, $4)`, w.org, r, p, x.tx.Now)
		}
	})
}

func (w *world) endOneRight(m ident.Member) {
	table := pick(w, []string{"member_role", "member_permission", "access_grant", "record_group_member"})
	w.change(func(x *exec) {
		x.do(`update `+table+` set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`, w.org, m, x.tx.Now)
	})
}

func (w *world) moveSite(m ident.Member) {
	s := pick(w, w.sites)
	w.change(func(x *exec) {
		n := x.do(`update member_site set known_until = $4 where org_id = $1 and member_id = $2 and site_id = $3 and known_until is null`, w.org, m, s, x.tx.Now)
		if n == 0 {
			x.do(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, '', $4)`, w.org, m, s, x.tx.Now)
		}
	})
}

// question draws one, seldom a senseless one.
func (w *world) question() decision.Question {
	m := pick(w, w.members)
	q := decision.Question{Subject: decision.Entity{Type: decision.TypeMember, ID: m.String()}}
	if w.rand.IntN(5) == 0 {
		q.Subject = decision.Entity{Type: decision.TypeAccount, ID: w.accounts[m].String()}
		if w.rand.IntN(3) == 0 {
			q.In = w.org
		}
	}
	switch w.rand.IntN(9) {
	case 0, 1:
		q.Resource, q.Action = decision.Entity{Type: "agenda", ID: pick(w, w.agendas)}, pick(w, []string{"view_availability", "read", "manage"})
	case 2:
		q.Resource, q.Action = decision.Entity{Type: "messaging_profile", ID: pick(w, w.boxes)}, pick(w, []string{"read", "reply", "manage"})
	case 3:
		q.Resource, q.Action = decision.Entity{Type: "identity", ID: pick(w, w.persons)}, pick(w, []string{"send", "receive", "draft_consultation"})
	case 4, 5:
		q.Resource, q.Action = decision.Entity{Type: "patient_record", ID: w.record()}, pick(w, []string{"read", "write"})
	case 6:
		q.Resource, q.Action = decision.Entity{Type: "member", ID: pick(w, w.members).String()}, "converse"
	case 7:
		q.Resource, q.Action = decision.Entity{Type: "patient_document", ID: "d1"}, pick(w, []string{"share", "consult"})
	case 8:
		q.Action = string(pick(w, access.Catalogue()))
		q.Resource = pick(w, []decision.Entity{{Type: "organization", ID: w.org.String()}, {Type: "site", ID: pick(w, w.sites).String()}})
	}
	w.spoil(&q)
	if w.rand.IntN(3) > 0 {
		q.Address = pick(w, []netip.Addr{netip.MustParseAddr("10.2.3.4"), netip.MustParseAddr("::ffff:10.2.3.4"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")})
	}
	if yes := w.rand.IntN(2) == 0; w.rand.IntN(3) > 0 {
		q.SecondFactor = &yes
	}
	return q
}

// spoil makes a question senseless, one time in twenty.
func (w *world) spoil(q *decision.Question) {
	switch w.rand.IntN(100) {
	case 0:
		q.Subject.ID = ident.NewMember().String()
	case 1:
		q.Subject.Type = pick(w, []string{"", "user", "Member", "agenda"})
	case 2:
		q.Action = pick(w, []string{"", "Read", "delete", "self", "anyone"})
	case 3:
		q.Resource.Type = pick(w, []string{"", "Agenda", "record", "account"})
	case 4:
		q.Resource.ID = pick(w, []string{"", "agd_1", ident.NewAgenda().String(), ident.NewOrg().String(), w.agendas[0] + " "})
	case 5:
		q.In = ident.NewOrg()
	}
}

// compare holds the index against the second evaluator, at one moment.
func (w *world) compare(n int) {
	w.Helper()
	for range n {
		q := w.question()
		// Both must speak of the same moment: when a window begins or ends in between, ask again.
		for try := 0; ; try++ {
			now := w.db.Now()
			got, err := w.d.Explain(context.Background(), w.org, q, nil)
			if err != nil {
				w.Fatal(err)
			}
			want, err := decision.Judge(context.Background(), w.db, w.org, q, now)
			if err != nil {
				w.Fatal(err)
			}
			if diff := difference(got, want); diff == "" {
				break
			} else if try == 2 {
				w.Fatalf("%+v (patched %d times)\n%s", q, w.d.Patched(w.org), diff)
			}
		}
	}
}

func difference(got, want decision.Explained) string {
	if got.Allowed != want.Allowed || got.Code != want.Code {
		return fmt.Sprintf("the index says %v %s, the second evaluator %v %s %+v", got.Allowed, got.Code, want.Allowed, want.Code, want.Facts)
	}
	if a, b := plain(got.Facts), plain(want.Facts); !slices.Equal(a, b) {
		return fmt.Sprintf("%s: facts\n%q of the index,\n%q of the second evaluator", got.Code, a, b)
	}
	return ""
}

func plain(facts []decision.Fact) []string {
	var out []string
	for _, f := range facts {
		until := ""
		if f.Until != nil {
			until = f.Until.UTC().Format(time.RFC3339Nano)
		}
		at := ""
		if !f.GivenAt.IsZero() {
			at = f.GivenAt.UTC().Format(time.RFC3339Nano)
		}
		out = append(out, fmt.Sprint(f.Kind, f.ID, f.Level, f.Scope, f.GivenBy, at, until))
	}
	slices.Sort(out)
	return out
}
