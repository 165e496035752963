package grant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// wholeWorld is the world of levels with all that rights are: members' sites, roles and permissions,
// delegations on two identities ("sign", a service's, and "pen", of ines) and two access
// groups.
type wholeWorld struct {
	*levels
	members member.Members
	names   grant.Delegations
	records recordgroup.Groups
	group   map[string]ident.Group
}

func eachWhole(t *testing.T, fn func(w *wholeWorld)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		t.Helper()
		fn(newWhole(t, db, clock))
	})
}

func newWhole(t *testing.T, db *store.DB, clock *storetest.Clock) *wholeWorld {
	t.Helper()
	w := &wholeWorld{levels: newLevels(t, db, clock), group: map[string]ident.Group{}}
	run := w.grants.Run
	w.members, w.names, w.records = member.Members{Run: run}, grant.Delegations{Run: run}, recordgroup.Groups{Run: run}
	w.make("pen", w.a, resource.Identity, resource.Details{Kind: resource.OfPractitioner, Site: w.sites[0], Name: "Dr Ines", Holder: w.member["ines"]})
	w.exec(`update account_state set status = 'active' where known_until is null`)
	for _, name := range []string{"children", "elders"} {
		g, err := w.records.Create(w.Context(), w.as("claire"), w.a, recordgroup.Details{Name: "Groupe " + name})
		if err != nil {
			t.Fatal(err)
		}
		w.group[name] = g.ID
	}
	return w
}

// last is the change set that was made last.
func (w *wholeWorld) last() (id ident.ChangeSet) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		id, _, err = store.One(w.Context(), tx, store.Value[ident.ChangeSet], `select id from change_set where org_id = $1 order by id desc limit 1`, w.a)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *wholeWorld) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err, fieldsOf(err))
	}
}

func (w *wholeWorld) at(n int) access.Scope { return access.SiteScope(w.a, w.sites[n]) }

func (w *wholeWorld) role(code string, at access.Scope) []role.Given {
	return []role.Given{{Role: w.roles[w.a][code], Scope: at}}
}

func (w *wholeWorld) change(by, name string, c member.RightsChange) ident.ChangeSet {
	w.Helper()
	_, err := w.members.ChangeRights(w.Context(), w.as(by), w.a, w.member[name], c, 0)
	w.must(err)
	return w.last()
}

func (w *wholeWorld) delegate(by, name string, act grant.Act, identity string) grant.Delegation {
	w.Helper()
	list, err := w.names.Give(w.Context(), w.as(by), w.a, grant.NewDelegations{
		Identities: []resource.ID{w.thing[identity]}, Member: w.member[name], Acts: []grant.Act{act},
	})
	w.must(err)
	return list[0]
}

func (w *wholeWorld) put(by, group string, d recordgroup.Dates, names ...string) ident.ChangeSet {
	w.Helper()
	var ids []ident.Member
	for _, n := range names {
		ids = append(ids, w.member[n])
	}
	_, err := w.records.SetMembers(w.Context(), w.as(by), w.a, w.group[group], recordgroup.AnyVersion, ids, d)
	w.must(err)
	return w.last()
}

func (w *wholeWorld) file(by, group string, c recordgroup.Change) ident.ChangeSet {
	w.Helper()
	_, err := w.records.ChangeRecords(w.Context(), w.as(by), w.a, w.group[group], recordgroup.AnyVersion, c, nil)
	w.must(err)
	return w.last()
}

func (w *wholeWorld) undo(by string, id ident.ChangeSet) grant.ChangeSet {
	w.Helper()
	set, err := w.grants.Undo(w.Context(), w.as(by), w.a, id)
	w.must(err)
	return set
}

// lines are the lines of a change set of every domain, in words.
func (w *wholeWorld) lines(set grant.ChangeSet) string {
	t := text.For(text.EN)
	out := []string{}
	if s := told(set); s != "" {
		out = append(out, s)
	}
	for _, l := range set.Rights {
		first, _, _ := strings.Cut(l.MemberName, " ")
		out = append(out, strings.TrimSpace(first+" "+l.What(t)+": "+l.Side(t, l.Before, w.db.Now())+" > "+l.Side(t, l.After, w.db.Now())))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (w *wholeWorld) stays(set grant.ChangeSet) string {
	var out []string
	for _, s := range set.Stays {
		first, _, _ := strings.Cut(s.MemberName, " ")
		out = append(out, strings.TrimSpace(first+" "+string(s.Domain)+" "+string(s.Why)))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// held is all that is held in A: one text for each right, with its end. The time since when
// somebody belongs to a site is no right.
type held struct {
	what string
	ends *time.Time
}

func (w *wholeWorld) held() []held {
	w.Helper()
	var all []held
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		all = nil
		for _, query := range []string{
			`select 'site ' || member_id || ' ' || site_id, null, null from member_site where org_id = $1 and known_until is null`,
			`select 'role ' || member_id || ' ' || role_id || ' ' || scope, starts_at, ends_at from member_role where org_id = $1 and known_until is null`,
			`select 'permission ' || member_id || ' ' || permission || ' ' || scope, starts_at, ends_at from member_permission where org_id = $1 and known_until is null`,
			`select 'level ' || member_id || ' ' || resource_id || ' ' || level, starts_at, ends_at from access_grant where org_id = $1 and known_until is null`,
			`select 'delegation ' || member_id || ' ' || identity_id || ' ' || act || ' ' || state, starts_at, ends_at from delegation where org_id = $1 and known_until is null`,
			`select 'group ' || member_id || ' ' || group_id, starts_at, ends_at from record_group_member where org_id = $1 and known_until is null`,
			`select 'record ' || record || ' ' || group_no, null, null from record_group_record where org_id = $1 and known_until is null`,
		} {
			err := store.Each(w.Context(), tx, func(s store.Scan) error {
				var h held
				var from *time.Time
				err := s(&h.what, &from, &h.ends)
				if from != nil {
					h.what += " from " + from.UTC().Format(time.RFC3339Nano)
				}
				if h.ends != nil {
					h.what += " until " + h.ends.UTC().Format(time.RFC3339Nano)
				}
				all = append(all, h)
				return err
			}, query, w.a)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// standing is what of it has not ended by itself.
func (w *wholeWorld) standing(all []held) []string {
	var out []string
	now := w.db.Now()
	for _, h := range all {
		if h.ends == nil || h.ends.After(now) {
			out = append(out, h.what)
		}
	}
	slices.Sort(out)
	return out
}

// difference tells two of these apart.
func difference(a, b []string) string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, "gone: "+s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, "new: "+s)
		}
	}
	return strings.Join(out, "\n")
}

// same checks that everything is as it was.
func (w *wholeWorld) same(what string, before []held) {
	w.Helper()
	if d := difference(w.standing(before), w.standing(w.held())); d != "" {
		w.Errorf("%s:\n%s", what, d)
	}
}

// one checks that a change set has one entry of the trail, whatever it is about.
func (w *wholeWorld) one(id ident.ChangeSet) {
	w.Helper()
	if n := w.count(`
		select count(*) from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 and e.outcome = 'done' and (e.object = $2 or p.payload like $3)`,
		w.a, id, `%"after":{%"change_set":"`+id.String()+`"%`); n != 1 {
		w.Errorf("%d entries of the trail for %s", n, id)
	}
}
