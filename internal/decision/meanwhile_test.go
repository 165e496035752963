package decision_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/text"
)

// told is what moved, one line each: kind, what, before, after, why.
func told(list []decision.Moved, names map[string]string) []string {
	var lines []string
	for _, v := range list {
		on := v.ID
		if names[on] != "" {
			on = names[on]
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s%s %s>%s %s +%s -%s", v.Kind, on, v.Act, v.Before, v.After, v.Why,
			strings.Join(v.Gained, ","), strings.Join(v.Lost, ","))))
	}
	slices.Sort(lines)
	return lines
}

// away deactivates a member, or lets them in again.
func (w *world) away(m ident.Member, away bool) {
	status := map[bool]string{true: "deactivated", false: "active"}[away]
	w.setMember(m, memberState{status: status, function: "nurse", reach: "site", account: w.accounts[m]})
}

// administratorRole is the role that every organisation has.
func (w *world) administratorRole() {
	w.change(func(x *exec) {
		r := ident.NewRole()
		x.do(`insert into role (org_id, id, builtin, created_at) values ($1, $2, 'administrator', $3)`, w.org, r, x.tx.Now)
		x.do(`insert into role_state (org_id, role_id, rev, name, status, known_from) values ($1, $2, 1, '', 'active', $3)`, w.org, r, x.tx.Now)
	})
}

func (w *world) meanwhile(by access.Actor, m ident.Member) decision.Meanwhile {
	w.Helper()
	got, err := decision.Insight{Run: w.run, Decisions: w.d}.Meanwhile(context.Background(), by, w.org, m)
	if err != nil {
		w.Fatal(err)
	}
	return got
}

// CHG-4: what changed while a member was deactivated is told before they are reactivated, as it
// would be, and afterwards the same, whatever changes then.
func TestMeanwhile(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.administratorRole()
		m, other := w.addMember(w.sites...), w.addMember(w.sites[0])
		names := map[string]string{}
		name := func(id, s string) string { names[id] = s; return id }
		soon := w.db.Now().Add(time.Hour)
		short := window{from: w.db.Now().Add(-time.Hour), until: &soon}
		// Roles and permissions: one taken at a site, one edited, one that ends, one given; a site that closes.
		taken, edited := w.addRole(access.TasksRead), w.addRole(access.LettersRead, access.LettersWrite)
		name(taken.String(), "taken")
		name(edited.String(), "edited")
		w.giveRole(m, taken, access.WholeOrganization, nil, w.always())
		w.giveRole(m, edited, access.WholeOrganization, nil, w.always())
		w.givePermission(m, access.RecordsRead, access.WholeOrganization, nil, short)
		w.givePermission(m, access.InvoicesRead, w.sites[1].String(), w.sites[1], w.always())
		name(w.sites[1].String(), "closed")
		// Agendas and mailboxes.
		own := name(w.addResource("agenda", m), "own")
		handed := name(w.addResource("agenda", m), "handed")
		closing := name(w.addResource("agenda", ""), "closing")
		lowered := name(w.addResource("messaging_profile", ""), "lowered")
		same := w.addResource("messaging_profile", "")
		late := name(w.addResource("agenda", ""), "late")
		for _, r := range []string{closing, lowered, same} {
			w.grant(m, r, "manage", w.always())
		}
		// Identities and delegations.
		identity := name(w.addResource("identity", m), "own_name")
		theirs := name(w.addResource("identity", other), "theirs")
		w.delegate(m, theirs, "send", "active", "system", w.always())
		w.delegate(m, theirs, "receive", "active", "system", w.always())
		kept, gone, left := w.addGroup(), w.addGroup(), w.addGroup()
		name(gone.String(), "gone")
		name(left.String(), "left")
		for _, g := range []ident.Group{kept, gone, left} {
			w.joinGroup(m, g, true, w.always())
		}
		w.away(m, true)
		system := access.Operator("test")
		if got := w.meanwhile(system, m); len(got.Moved) > 0 || got.Since.IsZero() || !got.Until.IsZero() || got.Withheld {
			t.Fatalf("nothing changed, and it tells %v", told(got.Moved, names))
		}

		w.end("member_role", m, "role_id", taken.String())
		w.change(func(x *exec) {
			x.do(`update role_permission set known_until = $3 where org_id = $1 and role_id = $2 and permission = 'letters.write'`, w.org, edited, x.tx.Now)
			x.do(`insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, 'tasks.write', $3)`, w.org, edited, x.tx.Now)
			x.do(`update member_permission set known_until = $3 where org_id = $1 and site_id = $2`, w.org, w.sites[1], x.tx.Now)
			x.do(`update member_site set known_until = $3 where org_id = $1 and site_id = $2`, w.org, w.sites[1], x.tx.Now)
			x.do(`update site_state set status = 'closed' where org_id = $1 and site_id = $2`, w.org, w.sites[1])
			x.groupState(w.org, gone, 900, "removed")
		})
		w.clock.Add(2 * time.Hour) // what was to end has ended
		w.sites = w.sites[:1]
		w.setResource(own, m, "closed")
		w.setResource(handed, other, "active")
		w.setResource(closing, "", "closed")
		w.grant(m, lowered, "read", w.always())
		w.grant(m, late, "read", w.always())
		w.setResource(identity, "", "active")
		w.delegate(m, theirs, "send", "", "", window{})
		w.joinGroup(m, left, false, window{})
		w.policy(setting.Decisions{SecondFactor: true})
		want := []string{
			"agenda closing manage> agenda.closed + -",
			"agenda handed holder> handed_over + -",
			"agenda late >read given + -",
			"agenda own holder> agenda.closed + -",
			"delegation theirssend held> taken + -",
			"group gone held> group_gone + -",
			"group left held> taken + -",
			"identity own_name holder> taken + -",
			"messaging_profile lowered manage>read altered + -",
			"permission invoices.read held> site_closed + -",
			"permission records.read held> over + -",
			"role edited held>held altered +tasks.write -letters.write",
			"role taken held> taken + -",
			"setting decisions > altered + -",
			"site closed held> site_closed + -",
		}
		got := w.meanwhile(system, m)
		if lines := told(got.Moved, names); !slices.Equal(lines, want) {
			t.Errorf("before:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if !slices.IsSortedFunc(got.Moved, func(a, b decision.Moved) int {
			return slices.Index(decision.MovedKinds, a.Kind) - slices.Index(decision.MovedKinds, b.Kind)
		}) {
			t.Error("the kinds are not told in their order")
		}
		w.clock.Add(time.Minute)
		w.away(m, false)
		w.grant(m, same, "", window{})
		w.giveRole(m, taken, access.WholeOrganization, nil, w.always())
		got = w.meanwhile(system, m)
		if lines := told(got.Moved, names); !slices.Equal(lines, want) || got.Until.IsZero() {
			t.Errorf("afterwards:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		w.clock.Add(time.Minute)
		w.away(m, true)
		if got := w.meanwhile(system, m); len(got.Moved) > 0 || !got.Until.IsZero() {
			t.Errorf("deactivated again: %v", told(got.Moved, names))
		}
		w.clock.Add(time.Minute)
		over := w.db.Now().Add(-time.Second)
		w.setMember(m, memberState{status: "deactivated", function: "other", reach: "everyone", account: w.accounts[m], ends: &over})
		wantNow := []string{
			"function  nurse>other altered + -", "membership  held> member.ended + -", "reach  site>everyone altered + -",
		}
		if lines := told(w.meanwhile(system, m).Moved, names); !slices.Equal(lines, wantNow) {
			t.Errorf("of the person:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(wantNow, "\n"))
		}
	})
}

// CHG-4: a departure of somebody deactivated that was undone does not hide what moved before it: they
// could do nothing in between, so all since their deactivation is told.
func TestMeanwhileOverAnUndoneDeparture(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.administratorRole()
		m := w.addMember(w.sites...)
		taken, later := w.addRole(access.TasksRead), w.addRole(access.LettersRead)
		names := map[string]string{taken.String(): "taken", later.String(): "later"}
		w.giveRole(m, taken, access.WholeOrganization, nil, w.always())
		w.giveRole(m, later, access.WholeOrganization, nil, w.always())
		w.away(m, true)
		since := w.db.Now()
		w.clock.Add(time.Minute)
		w.end("member_role", m, "role_id", taken.String())
		w.clock.Add(time.Minute)
		w.setMember(m, memberState{status: "left", function: "nurse", reach: "site", account: w.accounts[m]})
		w.clock.Add(time.Minute)
		w.away(m, true)
		w.clock.Add(time.Minute)
		w.end("member_role", m, "role_id", later.String())
		want := []string{"role later held> taken + -", "role taken held> taken + -"}
		for _, back := range []bool{false, true} {
			if back {
				w.clock.Add(time.Minute)
				w.away(m, false)
			}
			got := w.meanwhile(access.Operator("test"), m)
			if lines := told(got.Moved, names); !slices.Equal(lines, want) || got.Since.After(since) || got.Until.IsZero() == back {
				t.Errorf("back %v: since %s until %s\n%s", back, got.Since, got.Until, strings.Join(lines, "\n"))
			}
		}
	})
}

// AUZ-06: who may deactivate somebody at a site is told what moved there, and not what one must
// read rights for; who may not, and of who never was deactivated, nothing.
func TestMeanwhileSight(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.administratorRole()
		m, boss, site, nobody := w.addMember(w.sites[0]), w.addMember(w.sites[0]), w.addMember(w.sites[0]), w.addMember(w.sites[0])
		at := w.sites[0].String()
		for _, p := range []access.Permission{access.MembersDeactivate, access.MembersRead, access.RightsRead} {
			w.givePermission(boss, p, access.WholeOrganization, nil, w.always())
			if p != access.RightsRead {
				w.givePermission(site, p, at, w.sites[0], w.always())
			}
		}
		agenda := w.addResource("agenda", "")
		w.grant(m, agenda, "read", w.always())
		w.givePermission(m, access.TasksRead, w.sites[1].String(), w.sites[1], w.always())
		w.givePermission(m, access.TasksRead, at, w.sites[0], w.always())
		insight := decision.Insight{Run: w.run, Decisions: w.d}
		refused := func(who ident.Member, code string) {
			t.Helper()
			if _, err := insight.Meanwhile(context.Background(), w.person(who), w.org, m); fault.Of(err).Code != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		refused(boss, member.ErrNotDeactivated.Code)
		w.away(m, true)
		refused(nobody, access.ErrForbidden.Code)
		w.grant(m, agenda, "manage", w.always())
		w.end("member_permission", m, "permission", string(access.TasksRead))
		names := map[string]string{agenda: "agenda"}
		if got := w.meanwhile(w.person(boss), m); len(got.Moved) != 3 || got.Withheld {
			t.Errorf("%v", told(got.Moved, names))
		}
		got := w.meanwhile(w.person(site), m)
		if lines := told(got.Moved, names); !got.Withheld || len(lines) != 1 || got.Moved[0].Scope != at {
			t.Errorf("%v", lines)
		}
	})
}

// Every kind and every way has its words, and so has each code that a decision may refuse with.
func TestMeanwhileWords(t *testing.T) {
	for _, lang := range text.All {
		p := text.For(lang)
		for _, k := range decision.MovedKinds {
			if !p.Has("meanwhile.kind." + string(k)) {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
		for _, why := range decision.Whys {
			if !p.Has("meanwhile.why." + string(why)) {
				t.Errorf("%s: no words for %s", lang, why)
			}
		}
	}
}
