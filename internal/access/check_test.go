package access_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

const (
	allowed         = ""
	forbidden       = "access.forbidden"
	notFound        = "access.not_found"
	unauthenticated = "access.unauthenticated"
	suspended       = "org.suspended"
)

// TestWhoMayWhere: every kind of actor against every kind of need, on two
// organisations: an organisation covers its sites, a site covers itself, what is
// not yours does not exist (AUZ-01, AUZ-06, AUZ-07, SES-06; rest.md: not yours is 404).
func TestWhoMayWhere(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.org("active"), w.org("active")
		a1, a2, b1 := w.site(a), w.site(a), w.site(b)
		p := access.MembersRead
		boss, chief, nurse, stranger := w.account("active", ""), w.account("active", ""), w.account("active", ""), w.account("active", "")
		root, desk := w.account("active", "administrator"), w.account("active", "support")
		w.giveRole(w.member(a, boss, "active", nil), access.OrgScope(a), span{}, p, access.TokensEdit)
		w.giveRole(w.member(a, chief, "created", nil), access.SiteScope(a, a1), span{}, p)
		w.member(a, nurse, "active", nil)
		w.give(w.member(b, stranger, "active", nil), p, access.OrgScope(b), span{})

		actors := []struct {
			name string
			by   access.Actor
		}{
			{"system", access.Operator("cli")}, {"boss", person(boss)}, {"chief of a1", person(chief)}, {"nurse", person(nurse)},
			{"stranger", person(stranger)}, {"anonymous", access.Actor{Kind: access.Anonymous}}, {"nobody", access.Actor{}},
			{"token of a", w.token(a, "", p)}, {"token of b", w.token(b, "", p)}, {"token of a, boss's", w.token(a, boss, p)},
			{"platform token", w.token("", "")}, {"platform administrator", person(root)}, {"support", person(desk)},
			{"person without account", person("")},
		}
		const (
			y, f, n, u = allowed, forbidden, notFound, unauthenticated
		)
		for _, c := range []struct {
			name string
			need access.Need
			want []string // in the order of actors
		}{
			//                                      sys bos chi nur str ano nob ta  tb  tab pt  adm sup pwa
			{"organisation", access.At(p, access.OrgScope(a)), []string{y, y, f, f, n, u, n, y, n, y, n, n, n, n}},
			{"site a1", access.At(p, access.SiteScope(a, a1)), []string{y, y, y, f, n, u, n, y, n, y, n, n, n, n}},
			{"site a2", access.At(p, access.SiteScope(a, a2)), []string{y, y, n, f, n, u, n, y, n, y, n, n, n, n}},
			{"both sites", access.At(p, access.SiteScope(a, a1), access.SiteScope(a, a2)), []string{y, y, f, f, n, u, n, y, n, y, n, n, n, n}},
			{"one of both", access.AtOneOf(p, access.SiteScope(a, a2), access.SiteScope(a, a1)), []string{y, y, y, f, n, u, n, y, n, y, n, n, n, n}},
			{"a2 or the whole", access.AtOneOf(p, access.SiteScope(a, a2), access.OrgScope(a)), []string{y, y, n, f, n, u, n, y, n, y, n, n, n, n}},
			{"a's site under b's name", access.At(p, access.SiteScope(b, a1)), []string{y, n, n, n, y, u, n, n, y, n, n, n, n, n}},
			{"b's site", access.At(p, access.SiteScope(b, b1)), []string{y, n, n, n, y, u, n, n, y, n, n, n, n, n}},
			{"a and b", access.At(p, access.OrgScope(a), access.OrgScope(b)), []string{y, n, n, n, n, u, n, n, n, n, n, n, n, n}},
			{"member of a and b", access.Need{Permission: access.Membership, All: []access.Scope{access.OrgScope(a), access.OrgScope(b)}},
				[]string{y, n, n, n, n, u, n, n, n, n, n, n, n, n}},
			{"none of none", access.AtOneOf(p), []string{y, f, f, f, f, u, f, f, f, f, f, f, f, f}},
			{"nowhere", access.At(p), []string{y, f, f, f, f, u, f, f, f, f, f, f, f, f}},
			{"an empty need", access.Need{}, []string{y, f, f, f, f, u, f, f, f, f, f, f, f, f}},
			{"no organisation", access.At(p, access.Scope{}), []string{y, n, n, n, n, u, n, n, n, n, n, n, n, n}},
			{"a made-up organisation", access.At(p, access.OrgScope(ident.NewOrg())), []string{y, n, n, n, n, u, n, n, n, n, n, n, n, n}},
			{"another permission", access.At(access.AuditRead, access.OrgScope(a)), []string{y, f, f, f, n, u, n, f, n, f, n, n, n, n}},
			{"a token's, of its maker", access.At(access.TokensEdit, access.OrgScope(a)), []string{y, y, f, f, n, u, n, f, n, f, n, n, n, n}},
			{"membership", access.MemberOf(a), []string{y, y, y, y, n, u, n, y, n, y, n, n, n, n}},
			{"platform, support", access.OfPlatform(access.PlatformSupport), []string{y, n, n, n, n, u, n, n, n, n, y, y, y, n}},
			{"platform, administer", access.OfPlatform(access.PlatformAdminister), []string{y, n, n, n, n, u, n, n, n, n, y, y, n, n}},
			{"oneself", access.Myself(boss), []string{y, y, f, f, f, u, f, f, f, f, f, f, f, f}},
			{"nobody's self", access.Myself(""), []string{y, f, f, f, f, u, f, f, f, f, f, f, f, f}},
			{"everybody", access.Everybody(), []string{y, y, y, y, y, y, y, y, y, y, y, y, y, y}},
		} {
			for i, actor := range actors {
				w.want(c.want[i], c.name+", "+actor.name, actor.by, c.need)
			}
		}
	})
}

// TestAllNeeds: every need must be held, and none at all is none held.
func TestAllNeeds(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		me := w.account("active", "")
		w.give(w.member(a, me, "active", nil), access.MembersRead, access.OrgScope(a), span{})
		has, lacks := access.At(access.MembersRead, access.OrgScope(a)), access.At(access.MembersEdit, access.OrgScope(a))
		w.want(allowed, "one held", person(me), has)
		w.want(allowed, "two held", person(me), has, access.Myself(me))
		w.want(forbidden, "the second lacks", person(me), has, lacks)
		w.want(forbidden, "the first lacks", person(me), lacks, has)
		w.want(forbidden, "no need", person(me))
		w.want(forbidden, "no need, system", access.Operator("cli"))
		if f := fault.Of(w.check(person(me), lacks)); f.Args["Permission"] != "members.edit" {
			w.Errorf("the refusal does not name the permission: %v", f.Args)
		}
	})
}

// TestInForce: a right holds while the organisation, the account, the membership
// and the grant all do, and not a moment longer (AUZ-11, AUZ-12; F7: nothing
// expired revives).
func TestInForce(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		me := w.account("active", "")
		soon := w.at(time.Hour)
		m := w.member(a, me, "active", soon)
		need := access.At(access.MembersRead, access.OrgScope(a))
		w.give(m, access.MembersRead, access.OrgScope(a), span{})
		w.want(allowed, "in force", person(me), need)

		w.setOrg(a, "suspended")
		w.want(suspended, "a suspended organisation", person(me), need)
		w.want(suspended, "membership of a suspended organisation", person(me), access.MemberOf(a))
		w.want(suspended, "a token of a suspended organisation", w.token(a, "", access.MembersRead), need)
		stranger := w.account("active", "")
		w.want(notFound, "a suspended organisation, to a stranger", person(stranger), need)
		w.setOrg(a, "active")

		w.setAccount(me, "blocked", "")
		w.want(notFound, "a blocked account", person(me), need)
		w.want(notFound, "membership of a blocked account", person(me), access.MemberOf(a))
		w.setAccount(me, "active", "")

		for _, status := range []string{"pending_approval", "deactivated", "left"} {
			w.setMember(a, m, status)
			w.want(notFound, status, person(me), need)
			w.want(notFound, "member who is "+status, person(me), access.MemberOf(a))
		}
		w.setMember(a, m, "created")
		w.want(allowed, "created", person(me), need)

		w.clock.Add(time.Hour)
		w.want(notFound, "at the end of the membership", person(me), need)
		w.want(notFound, "member at the end of the membership", person(me), access.MemberOf(a))
		w.clock.Add(-time.Hour)
		w.want(allowed, "before the end again", person(me), need)

		// MEM-4: a locum's membership begins on a day, too.
		w.write(`update member_state set starts_at = $3 where org_id = $1 and member_id = $2`, a, m, w.at(time.Minute))
		w.want(notFound, "before the beginning of the membership", person(me), need)
		w.want(notFound, "member before the beginning", person(me), access.MemberOf(a))
		w.want(notFound, "a token made by somebody whose membership has not begun", w.token(a, me, access.MembersRead), need)
		w.clock.Add(time.Minute)
		w.want(allowed, "at the beginning of the membership", person(me), need)
	})
}

// TestSpanOfGrant: a grant holds from its start to its end, given outright or by a
// role, and a role's permission while the role has it.
func TestSpanOfGrant(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		me := w.account("active", "")
		m := w.member(a, me, "active", nil)
		between := span{w.at(time.Hour), w.at(2 * time.Hour)}
		w.give(m, access.MembersRead, access.OrgScope(a), between)
		role := w.giveRole(m, access.OrgScope(a), between, access.RightsRead)
		for _, p := range []access.Permission{access.MembersRead, access.RightsRead} {
			need := access.At(p, access.OrgScope(a))
			w.want(forbidden, "before its start", person(me), need)
			w.clock.Add(time.Hour)
			w.want(allowed, "from its start", person(me), need)
			w.clock.Add(time.Hour)
			w.want(forbidden, "at its end", person(me), need)
			w.clock.Add(-2 * time.Hour)
		}
		w.clock.Add(time.Hour)
		w.write(`update role_permission set known_until = $2 where role_id = $1`, role, w.db.Now())
		w.want(forbidden, "a permission taken from the role", person(me), access.At(access.RightsRead, access.OrgScope(a)))
		w.clock.Add(-time.Hour)
	})
}

// TestTokens: a token is worth what it was given, to the organisation it was given
// for, until it is revoked or over, and no more than its maker is worth now
// (rules.md 2 and 13, AUZ-10).
func TestTokens(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.org("active"), w.org("active")
		maker := w.account("active", "")
		m := w.member(a, maker, "active", nil)
		here := access.OrgScope(a)
		need := access.At(access.MembersRead, here)
		w.give(m, access.MembersRead, here, span{})
		w.give(m, access.AuditRead, access.SiteScope(a, w.site(a)), span{})

		by := w.token(a, maker, access.MembersRead, access.AuditRead)
		w.want(allowed, "what the maker holds", by, need)
		w.want(forbidden, "what the maker holds at one site only", by, access.At(access.AuditRead, here))
		w.write(`update member_permission set known_until = $2 where member_id = $1 and permission = 'members.read'`, m, w.db.Now())
		w.want(forbidden, "of a maker who was demoted", by, need)
		w.give(m, access.MembersRead, here, span{})
		w.want(allowed, "of a maker who was given it again", by, need)
		w.setMember(a, m, "left")
		w.want(notFound, "of a maker who left", by, need)
		w.setMember(a, m, "active")
		w.setAccount(maker, "blocked", "")
		w.want(notFound, "of a blocked maker", by, need)
		w.setAccount(maker, "active", "")

		pretend := by
		pretend.Account = ""
		w.setMember(a, m, "left")
		w.want(notFound, "its maker is read, not believed", pretend, need)
		w.setMember(a, m, "active")
		pretend = by
		pretend.Org = b
		w.want(notFound, "in the name of another organisation", pretend, access.At(access.MembersRead, access.OrgScope(b)))
		pretend = w.token("", "")
		pretend.Kind, pretend.Org = access.OrgToken, a
		w.want(notFound, "a platform's token as an organisation's", pretend, need)
		w.want(notFound, "without an organisation", access.Actor{Kind: access.OrgToken, Token: by.Token}, access.At(access.MembersRead, access.Scope{}))

		w.revoke(by)
		w.want(notFound, "revoked", by, need)
		w.want(notFound, "revoked, as a member", by, access.MemberOf(a))
		by = w.token(a, "", access.MembersRead)
		w.want(allowed, "of the machine itself", by, need)
		w.clock.Add(time.Hour)
		w.want(notFound, "over", by, need)
		w.want(notFound, "over, as a member", by, access.MemberOf(a))
		w.clock.Add(-time.Hour)
	})
}

// TestPlatformTokens: a token of the platform dies when it is revoked, over, or its
// maker loses the office (rules.md 13).
func TestPlatformTokens(t *testing.T) {
	each(t, func(w *world) {
		need := access.OfPlatform(access.PlatformSupport)
		root := w.account("active", "administrator")
		by := w.token("", root)
		w.want(allowed, "of an administrator", by, need)
		for _, now := range [][2]string{{"blocked", "administrator"}, {"active", ""}, {"active", "support"}} {
			w.setAccount(root, now[0], now[1])
			w.want(notFound, "of a maker now "+now[0]+" "+now[1], by, need)
		}
		w.setAccount(root, "active", "administrator")
		w.clock.Add(time.Hour)
		w.want(notFound, "over", by, need)
		w.clock.Add(-time.Hour)
		w.revoke(by)
		w.want(notFound, "revoked", by, need)
		w.want(notFound, "made up", access.Actor{Kind: access.PlatformToken, Token: ident.NewToken()}, need)
		pretend := w.token(w.org("active"), "", access.MembersRead)
		pretend.Kind = access.PlatformToken
		w.want(notFound, "an organisation's token as the platform's", pretend, need)
		w.setAccount(root, "blocked", "administrator")
		w.want(notFound, "a blocked administrator in person", person(root), need)
	})
}

// TestFailClosed: an error in the database never allows (AUZ-14): neither a caller
// who left nor a table that cannot be read.
func TestFailClosed(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		me := w.account("active", "administrator")
		w.giveRole(w.member(a, me, "active", nil), access.OrgScope(a), span{}, access.MembersRead)
		cases := []struct {
			by   access.Actor
			need access.Need
		}{
			{person(me), access.At(access.MembersRead, access.OrgScope(a))},
			{person(me), access.MemberOf(a)},
			{person(me), access.OfPlatform(access.PlatformAdminister)},
			{w.token(a, me, access.MembersRead), access.At(access.MembersRead, access.OrgScope(a))},
			{w.token(a, "", access.MembersRead), access.MemberOf(a)},
			{w.token("", ""), access.OfPlatform(access.PlatformAdminister)},
			{w.token("", me), access.OfPlatform(access.PlatformSupport)},
		}
		for i, c := range cases {
			if err := w.check(c.by, c.need); err != nil {
				w.Fatalf("case %d is refused with the database whole: %v", i, err)
			}
			gone, leave := context.WithCancel(context.Background())
			leave()
			err := w.db.Read(context.Background(), func(tx *store.Tx) error {
				if access.Check(gone, tx, c.by, c.need) == nil {
					w.Errorf("case %d is allowed when nothing can be read", i)
				}
				h, err := access.HeldBy(gone, tx, c.by, a)
				if err == nil || h.HasAnywhere(access.MembersRead) {
					w.Errorf("case %d holds something when nothing can be read (%v)", i, err)
				}
				return nil
			})
			_ = err // the transaction itself may fail by then
		}
		for _, broken := range []string{"standing", "token_permission", "account_state"} {
			w.failsWithout(broken, cases[0].by, cases[0].need, cases[3].by, cases[2].need)
		}
	})
}

// failsWithout makes a relation unreadable and asks again.
func (w *world) failsWithout(relation string, by access.Actor, need access.Need, token access.Actor, platform access.Need) {
	w.Helper()
	ctx := context.Background()
	undo := errors.New("undo")
	err := w.db.Write(ctx, []store.Lock{"world"}, func(tx *store.Tx) error {
		kind := "table"
		if relation == "standing" {
			kind = "view"
		}
		if _, err := tx.Exec(ctx, `drop view standing`); err != nil && kind == "view" {
			return err
		}
		if kind == "table" {
			if _, err := tx.Exec(ctx, `alter table `+relation+` rename to gone`); err != nil {
				return err
			}
		}
		if (relation != "token_permission" && access.Check(ctx, tx, by, need) == nil) || access.Check(ctx, tx, token, need) == nil ||
			(relation == "account_state" && access.Check(ctx, tx, by, platform) == nil) {
			w.Errorf("allowed without %s", relation)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		w.Fatal(err)
	}
}

// TestHeld: what is held, where, and who may touch whom (RGT-1, AUZ-05).
func TestHeld(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.org("active"), w.org("active")
		a1, a2 := w.site(a), w.site(a)
		p, care := access.MembersRead, access.RecordsRead
		holder := func(org ident.Org, grants map[access.Permission][]access.Scope) (access.Held, access.Held) {
			me := w.account("active", "")
			m := w.member(org, me, "active", nil)
			for p, scopes := range grants {
				for _, s := range scopes {
					w.give(m, p, s, span{})
				}
			}
			h, err := w.held(person(me), org)
			if err != nil {
				w.Fatal(err)
			}
			if h.Member != m || h.Org != org {
				w.Errorf("held by %s of %s, want %s of %s", h.Member, h.Org, m, org)
			}
			return h, w.given(org, m)
		}
		whole, wholeGiven := holder(a, map[access.Permission][]access.Scope{p: {access.OrgScope(a)}, care: {access.OrgScope(a)}})
		one, oneGiven := holder(a, map[access.Permission][]access.Scope{p: {access.SiteScope(a, a1)}})
		both, bothGiven := holder(a, map[access.Permission][]access.Scope{p: {access.SiteScope(a, a1), access.SiteScope(a, a2)}})
		nurse, nurseGiven := holder(a, map[access.Permission][]access.Scope{care: {access.OrgScope(a)}})
		other, otherGiven := holder(b, map[access.Permission][]access.Scope{p: {access.OrgScope(b)}})

		helds, givens := []access.Held{whole, one, both, nurse, other}, []access.Held{wholeGiven, oneGiven, bothGiven, nurseGiven, otherGiven}
		covers := [][]bool{ // who in the order of helds covers whom in the order of givens
			{true, true, true, true, false},
			{false, true, false, true, false},
			{false, true, true, true, false},
			{false, false, false, true, false},
			{false, false, false, false, true},
		}
		for i, h := range helds {
			for j, g := range givens {
				if got := h.Covers(g); got != covers[i][j] {
					w.Errorf("%d covers %d: %v", i, j, got)
				}
			}
		}
		if sites, all := whole.Sites(p); !all || sites != nil {
			w.Errorf("whole: %v %v", sites, all)
		}
		want := []ident.Site{a1, a2}
		slices.Sort(want)
		if sites, all := both.Sites(p); all || !slices.Equal(sites, want) {
			w.Errorf("both: %v %v", sites, all)
		}
		if !whole.Has(p, access.SiteScope(a, a2)) || whole.Has(p, access.OrgScope(b)) || one.Has(p, access.OrgScope(a)) ||
			!one.HasAnywhere(p) || one.HasAnywhere(care) || (access.Held{}).HasAnywhere(p) {
			w.Error("what is held where")
		}
	})
}

// TestGivenTo: whom one may touch is judged by what they would hold once back:
// grants to come, and those of somebody deactivated, count; those over do not.
func TestGivenTo(t *testing.T) {
	each(t, func(w *world) {
		a := w.org("active")
		m := w.member(a, w.account("blocked", ""), "deactivated", nil)
		w.give(m, access.MembersEdit, access.OrgScope(a), span{starts: w.at(time.Hour)})
		w.giveRole(m, access.OrgScope(a), span{}, access.TokensEdit)
		w.give(m, access.AuditRead, access.OrgScope(a), span{ends: w.at(-time.Hour)})
		given := w.given(a, m)
		for p, want := range map[access.Permission]bool{access.MembersEdit: true, access.TokensEdit: true, access.AuditRead: false} {
			if given.Has(p, access.OrgScope(a)) != want {
				w.Errorf("%s: %v", p, !want)
			}
		}
		if w.given(w.org("active"), m).HasAnywhere(access.MembersEdit) {
			w.Error("given in another organisation")
		}
	})
}
