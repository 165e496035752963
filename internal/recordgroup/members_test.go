package recordgroup_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
)

func (w *world) membersOf(who string, g recordgroup.Group) string {
	w.Helper()
	l, err := w.groups.Members(w.Context(), w.as(who), w.a, g.ID, recordgroup.Query{})
	if err != nil || l.Total != int64(len(l.Items)) {
		w.Fatalf("%d of %d, %v", len(l.Items), l.Total, err)
	}
	var out []string
	for _, m := range l.Items {
		out = append(out, m.GivenName)
	}
	return strings.Join(out, " ")
}

// RGT-8: a membership has a start and an end, and says who gave it and when; asked
// again, it stays as it is.
func TestMembers(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v := w.group("Pédiatrie")
		v = w.put(v, recordgroup.Dates{}, "yanis", "julie", "yanis")
		if v.Members != 2 || v.Version != 2 || w.membersOf("claire", v) != "Julie Yanis" {
			t.Fatalf("%+v %s", v, w.membersOf("claire", v))
		}
		if again := w.put(v, recordgroup.Dates{}, "julie"); again.Version != 2 {
			t.Errorf("asked again: version %d", again.Version)
		}
		until := w.DB.Now().Add(48 * time.Hour)
		v, err := w.groups.SetMembers(ctx, claire, w.a, v.ID, 2, []ident.Member{w.id["julie"]}, recordgroup.Dates{Until: &until})
		if err != nil || v.Version != 3 {
			t.Fatal(v, err)
		}
		m, in, err := w.groups.Membership(ctx, claire, w.a, v.ID, w.id["julie"])
		if err != nil || !in || m.EndsAt == nil || !m.EndsAt.Equal(until) || m.GivenBy != "Claire Essai" || m.GivenAt.IsZero() || m.GroupName != "Pédiatrie" {
			t.Errorf("%+v %t %v", m, in, err)
		}
		_, err = w.groups.RemoveMember(ctx, claire, w.a, v.ID, 2, w.id["julie"])
		w.Want("RAC-07: stale", err, recordgroup.ErrStale)
		if v, err = w.groups.RemoveMember(ctx, claire, w.a, v.ID, 3, w.id["julie"]); err != nil || v.Members != 1 {
			t.Errorf("%+v %v", v, err)
		}
		if again, err := w.groups.RemoveMember(ctx, claire, w.a, v.ID, 4, w.id["julie"]); err != nil || again.Version != 4 {
			t.Errorf("removed again: %+v %v", again, err)
		}
		if _, in, err := w.groups.Membership(ctx, claire, w.a, v.ID, w.id["julie"]); err != nil || in {
			t.Errorf("still in: %v", err)
		}
		if n := w.Count(`select count(*) from audit_event where chain = $1 and subject = $2 and verb like 'group.%member'`, w.a.String(), w.id["julie"].String()); n != 2 {
			t.Errorf("AUD-2: %d records are about her alone, want 2", n)
		}
		if n := w.Count(`
			select count(*) from change_line l join change_set c on c.org_id = l.org_id and c.id = l.change_set_id
			join audit_event e on e.chain = c.org_id and e.object = c.id
			where l.org_id = $1 and l.member_id = $2 and e.verb = 'group.set_member' and e.subject = ''`, w.a.String(), w.id["julie"].String()); n != 1 {
			t.Errorf("AUD-2: %d records are about her among others, want 1", n)
		}
	})
}

func TestMemberDates(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.as("claire")
		v := w.group("Pédiatrie")
		day := func(n int) *time.Time { at := w.DB.Now().AddDate(0, 0, n); return &at }
		for what, c := range map[string]struct {
			d        recordgroup.Dates
			at, code string
		}{
			"ends before it starts": {recordgroup.Dates{From: day(3), Until: day(2)}, "until", "recordgroup.ends_before_start"},
			"is over":               {recordgroup.Dates{From: day(-3), Until: day(-2)}, "until", "recordgroup.ends_in_past"},
			"ends at once":          {recordgroup.Dates{Until: day(-1)}, "until", "recordgroup.ends_before_start"},
			"begins in antiquity":   {recordgroup.Dates{From: day(-365 * 100)}, "from", "member.date_malformed"},
			"never ends":            {recordgroup.Dates{Until: day(365 * 200)}, "until", "member.date_malformed"},
		} {
			_, err := w.groups.SetMembers(ctx, claire, w.a, v.ID, 1, []ident.Member{w.id["julie"]}, c.d)
			w.wrong(what, err, c.at, c.code)
		}
		w.put(v, recordgroup.Dates{From: day(1), Until: day(10)}, "julie")
		w.put(v, recordgroup.Dates{Until: day(20)}, "julie") // the start stays
		m, _, err := w.groups.Membership(ctx, claire, w.a, v.ID, w.id["julie"])
		if err != nil || !m.StartsAt.After(w.DB.Now()) {
			t.Errorf("%+v %v", m, err)
		}
		w.clock.Add(21 * 24 * time.Hour) // it is over: given again, it begins now
		if l, err := w.groups.List(ctx, claire, w.a, recordgroup.Query{Member: w.id["julie"]}); err != nil || l.Total != 0 {
			t.Errorf("an ended membership is listed: %+v %v", l, err)
		}
		w.put(v, recordgroup.Dates{}, "julie")
		m, _, err = w.groups.Membership(ctx, claire, w.a, v.ID, w.id["julie"])
		if err != nil || m.EndsAt != nil || w.DB.Now().Sub(m.StartsAt) > time.Hour {
			t.Errorf("%+v %v", m, err)
		}
	})
}

// AUZ-06: of members, everybody is told of those they may know of, and their counts hold
// no other; those others can be neither put in nor taken out.
func TestMembersOfMySites(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, gaelle := w.Context(), w.as("gaelle")
		v := w.put(w.group("Pédiatrie"), recordgroup.Dates{}, "julie", "paul", "yanis", "gaelle")
		if got := w.membersOf("gaelle", v); got != "Gaelle Julie Yanis" {
			t.Errorf("gaelle sees %s", got)
		}
		if got, err := w.groups.Get(ctx, gaelle, w.a, v.ID); err != nil || got.Members != 3 {
			t.Errorf("gaelle counts %d %v", got.Members, err)
		}
		l, err := w.groups.List(ctx, gaelle, w.a, recordgroup.Query{})
		if err != nil || l.Items[0].Members != 3 {
			t.Errorf("%+v %v", l, err)
		}
		if got := w.membersOf("rita", v); got != "" {
			t.Errorf("rita sees %s", got)
		}
		_, err = w.groups.RemoveMember(ctx, gaelle, w.a, v.ID, v.Version, w.id["paul"])
		w.Want("takes paul out", err, member.ErrNotFound)
		_, err = w.groups.SetMembers(ctx, gaelle, w.a, v.ID, v.Version, []ident.Member{w.id["paul"]}, recordgroup.Dates{})
		w.Want("puts paul in", err, member.ErrNotFound)
		_, err = w.groups.SetMembers(ctx, gaelle, w.a, v.ID, v.Version, []ident.Member{w.id["julie"], w.id["paul"]}, recordgroup.Dates{})
		w.wrong("puts both in", err, "members[1]", "member.not_found")
		if l, err := w.groups.List(ctx, gaelle, w.a, recordgroup.Query{Member: w.id["paul"]}); err != nil || l.Total != 0 {
			t.Errorf("paul's groups: %+v %v", l, err)
		}
		if all, err := w.groups.OfMember(ctx, gaelle, w.a, w.id["paul"]); err != nil || len(all) != 0 {
			t.Errorf("paul's groups: %+v %v", all, err)
		}
		if all, err := w.groups.OfMember(ctx, gaelle, w.a, w.id["julie"]); err != nil || len(all) != 1 || all[0].GroupName != "Pédiatrie" {
			t.Errorf("julie's groups: %+v %v", all, err)
		}
		if got := w.get(v).Members; got != 4 {
			t.Errorf("%d members, want 4", got)
		}
	})
}

func TestTooManyMembers(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Pédiatrie")
		_, err := w.groups.SetMembers(w.Context(), w.as("claire"), w.a, v.ID, 1, nil, recordgroup.Dates{})
		w.wrong("nobody", err, "members", "recordgroup.no_member")
		_, err = w.groups.SetMembers(w.Context(), w.as("claire"), w.a, v.ID, 1, make([]ident.Member, recordgroup.MaxTogether+1), recordgroup.Dates{})
		w.wrong("too many", err, "members", "recordgroup.too_many_members")
	})
}

// RGT-1: who puts themself in a group is told to the other administrators, once.
func TestSelfGrant(t *testing.T) {
	eachWorld(t, func(w *world) {
		v := w.group("Pédiatrie")
		letters := func() int { return w.Count(`select count(*) from job where kind = 'letter.self_rights'`) }
		w.put(v, recordgroup.Dates{}, "julie")
		if letters() != 0 {
			t.Error("a letter about somebody else")
		}
		w.put(v, recordgroup.Dates{}, "julie", "claire")
		until := w.DB.Now().Add(time.Hour)
		w.put(v, recordgroup.Dates{Until: &until}, "claire")
		if n := letters(); n != 1 {
			t.Errorf("%d letters, want 1", n)
		}
	})
}

// CHG-4: deactivation leaves the groups of a member; whoever has left is listed no more,
// and departure ends them all.
func TestEndOf(t *testing.T) {
	eachWorld(t, func(w *world) {
		one, two := w.put(w.group("Un"), recordgroup.Dates{}, "julie", "paul"), w.put(w.group("Deux"), recordgroup.Dates{}, "julie")
		w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.id["julie"])
		if w.membersOf("claire", one) != "Julie Paul" {
			t.Error("deactivation took the group away")
		}
		ended := 0
		if err := w.end("julie", &ended); err != nil || ended != 2 {
			t.Fatalf("%d groups ended, %v", ended, err)
		}
		if w.membersOf("claire", one) != "Paul" || w.membersOf("claire", two) != "" || w.get(one).Version != 3 {
			t.Error("still there")
		}
		w.Exec(`update member_state set status = 'left' where member_id = $1`, w.id["paul"])
		if w.membersOf("claire", one) != "" || w.get(one).Members != 0 {
			t.Error("one who left is listed")
		}
	})
}

func (w *world) end(name string, n *int) error {
	act := action.Act{Verb: "member.leave", Orgs: []ident.Org{w.a}, Needs: []access.Need{access.At(access.GroupsEdit, access.OrgScope(w.a))}}
	_, err := action.Run(w.Context(), w.groups.Run, w.as("claire"), act, func(tx *action.Tx) (struct{}, error) {
		lines, err := recordgroup.EndOf(context.Background(), tx, w.a, w.id[name])
		*n = len(lines)
		tx.Record(audit.Event{Org: w.a, Verb: act.Verb})
		return struct{}{}, err
	})
	return err
}
