package member_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// selection is an organisation of two sites whose members are deactivated together:
// two administrators of the whole, one of the second site, and three others.
type selection struct {
	*storetest.Bench

	members member.Members
	org     ident.Org
	sites   []ident.Site
	people  map[string]member.Member
}

func eachSelection(t *testing.T, fn func(s *selection)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		s := &selection{Bench: &storetest.Bench{T: t, DB: db}, people: map[string]member.Member{}}
		s.members = member.Members{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler), Wake: func() {}}}
		s.Locks = func() []store.Lock { return []store.Lock{store.Installation} }
		s.Write(s.found)
		fn(s)
	})
}

func (s *selection) found(ctx context.Context, tx *store.Tx) error {
	o, err := org.Insert(ctx, tx, org.New{Slug: "tilleuls", Details: org.Details{Name: "Tilleuls", Kind: org.Practice}})
	if err != nil {
		return err
	}
	s.org, s.sites = o.ID, nil
	if err := role.Seed(ctx, tx, o.ID); err != nil {
		return err
	}
	for _, name := range []string{"Saint-Aubin", "Grand-Pré"} {
		site, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
		if err != nil {
			return err
		}
		s.sites = append(s.sites, site.ID)
	}
	whole := access.OrgScope(o.ID)
	second := access.SiteScope(o.ID, s.sites[1])
	for _, p := range []struct {
		name  string
		sites []ident.Site
		admin access.Scope
	}{
		{"claire", s.sites, whole}, {"bruno", s.sites, whole}, {"nadege", s.sites[1:], second},
		{"julie", s.sites[:1], access.Scope{}}, {"paul", s.sites[:1], access.Scope{}}, {"yanis", s.sites, access.Scope{}},
	} {
		if err := s.join(ctx, tx, p.name, p.sites, p.admin); err != nil {
			return err
		}
	}
	return nil
}

func (s *selection) join(ctx context.Context, tx *store.Tx, name string, sites []ident.Site, admin access.Scope) error {
	email, _ := account.ParseEmail(name + "@tilleuls.example")
	a, err := account.Insert(ctx, tx, account.New{Email: email, Names: account.Names{GivenName: name, FamilyName: "Essai"}, Language: text.FR})
	if err != nil {
		return err
	}
	if err := credential.SetPassword(ctx, tx, a.ID, "$not-a-hash$"); err != nil {
		return err
	}
	n := member.New{
		Org: s.org, Account: a.ID, Status: member.Active, GivenName: name, FamilyName: "Essai", Email: email.Address, Function: "nurse",
		Sites: sites, GivenBy: a.ID.String(),
	}
	if admin != (access.Scope{}) {
		r, err := role.BuiltIn(ctx, tx, s.org, role.Administrator)
		if err != nil {
			return err
		}
		n.Roles = []role.Given{{Role: r.ID, Scope: admin}}
	}
	s.people[name], err = member.Insert(ctx, tx, n)
	return err
}

func (s *selection) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: s.people[name].Account, Name: name, Session: ident.NewSession(), StepUp: s.DB.Now(), Via: "test"}
}

func (s *selection) ids(names ...string) (list []ident.Member) {
	for _, n := range names {
		list = append(list, s.people[n].ID)
	}
	return list
}

func (s *selection) deactivated() int {
	return s.Count(`select count(*) from member_state where org_id = $1 and status = 'deactivated' and known_until is null`, s.org)
}

// CHG-4, rules.md 13: several members go in one act, each with its own record and
// letter; naming one twice changes nothing.
func TestDeactivateAll(t *testing.T) {
	eachSelection(t, func(s *selection) {
		done, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, s.ids("julie", "paul", "julie"))
		if err != nil || len(done) != 2 || done[0].Status != member.Deactivated || done[1].Status != member.Deactivated {
			t.Fatalf("%v %v", done, err)
		}
		if n := s.Count(`select count(*) from audit_event where verb = 'member.deactivate' and outcome = 'done'`); n != 2 {
			t.Errorf("%d records, want one for each", n)
		}
		if n := s.Count(`select count(*) from job where kind = 'letter.deactivated'`); n != 2 {
			t.Errorf("%d letters, want one for each", n)
		}
	})
}

// All or nothing: one member refused, by whatever rule, and nobody goes.
func TestDeactivateAllOrNothing(t *testing.T) {
	eachSelection(t, func(s *selection) {
		stale := s.as("claire")
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		for name, c := range map[string]struct {
			by   access.Actor
			ids  []ident.Member
			want error
		}{
			"oneself":            {s.as("claire"), s.ids("julie", "claire"), member.ErrYourself},
			"more powerful":      {s.as("nadege"), s.ids("bruno"), access.ErrForbidden}, // AUZ-05: not at every site of his
			"elsewhere":          {s.as("nadege"), s.ids("julie"), member.ErrNotFound},  // AUZ-06
			"made up":            {s.as("claire"), append(s.ids("julie"), ident.NewMember()), member.ErrNotFound},
			"no right":           {s.as("yanis"), s.ids("julie"), access.ErrForbidden},
			"no fresh proof":     {stale, s.ids("julie"), access.ErrStepUp}, // STP-01
			"last administrator": {s.as("nadege"), s.ids("nadege"), member.ErrYourself},
		} {
			if _, err := s.members.DeactivateAll(s.Context(), c.by, s.org, c.ids); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if n := s.deactivated(); n != 0 {
			t.Errorf("%d went", n)
		}
		for code, ids := range map[string][]ident.Member{"member.none_chosen": nil, "member.too_many": crowd(member.MaxBulk + 1)} {
			_, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, ids)
			if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if _, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, s.ids("paul")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, s.ids("julie", "paul")); !errors.Is(err, member.ErrNotActive) {
			t.Errorf("already deactivated: %v", err)
		}
	})
}

func crowd(n int) (list []ident.Member) {
	for range n {
		list = append(list, ident.NewMember())
	}
	return list
}

// ORG-4: together, the administrators of a scope do not all go; the review says it
// of the last one, and is right about the act.
func TestReviewDeactivation(t *testing.T) {
	eachSelection(t, func(s *selection) {
		by := s.as("claire")
		list, err := s.members.ReviewDeactivation(s.Context(), by, s.org, s.ids("julie", "claire", "nadege", "bruno", "julie"))
		if err != nil || len(list) != 4 {
			t.Fatalf("%v %v", list, err)
		}
		got := fmt.Sprint(codes(list))
		if got != "[ member.yourself  ]" { // Claire is left, and keeps both sites
			t.Error(got)
		}
		if s.deactivated() != 0 {
			t.Error("the review acts")
		}
		if _, err := s.members.DeactivateAll(s.Context(), by, s.org, s.ids("julie", "nadege", "bruno")); err != nil {
			t.Errorf("the act refuses what the review promised: %v", err)
		}
	})
}

// ORG-4: of the last two administrators able to sign in, only one may go.
func TestReviewLastAdministrator(t *testing.T) {
	eachSelection(t, func(s *selection) {
		s.Write(func(ctx context.Context, tx *store.Tx) error { // Claire does not belong to the second site any more
			_, err := tx.Exec(ctx, `update member_site set known_until = $1 where org_id = $2 and member_id = $3 and site_id = $4`, tx.Now, s.org, s.people["claire"].ID, s.sites[1])
			return err
		})
		both := s.ids("nadege", "bruno")
		list, err := s.members.ReviewDeactivation(s.Context(), s.as("claire"), s.org, both)
		if err != nil || fmt.Sprint(codes(list)) != "[ member.last_administrator]" || list[1].Refused.Args["SiteName"] != "Grand-Pré" {
			t.Errorf("%v %v", codes(list), err)
		}
		if _, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, both); !errors.Is(err, member.ErrLastAdministrator) || s.deactivated() != 0 {
			t.Errorf("%v, and %d went", err, s.deactivated())
		}
		if _, err := s.members.ReviewDeactivation(s.Context(), s.as("yanis"), s.org, s.ids("julie")); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("without the right: %v", err)
		}
		// AUZ-06: whoever may not see a member learns nothing of them.
		list, err = s.members.ReviewDeactivation(s.Context(), s.as("nadege"), s.org, s.ids("julie"))
		if err != nil || fmt.Sprint(codes(list)) != "[member.not_found]" || list[0].Member.GivenName != "" {
			t.Errorf("%v %v", list, err)
		}
	})
}

func codes(list []member.Reviewed) []string {
	out := make([]string, len(list))
	for i := range list {
		if r := list[i].Refused; r != nil {
			out[i] = r.Code
		}
	}
	return out
}

// The largest selection is one act.
func TestDeactivateMany(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		t.Helper()
		s := &selection{Bench: &storetest.Bench{T: t, DB: db}, people: map[string]member.Member{}}
		s.members = member.Members{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler), Wake: func() {}}}
		s.Locks = func() []store.Lock { return []store.Lock{store.Installation} }
		s.Write(s.found)
		var ids []ident.Member
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			ids = nil
			for n := range member.MaxBulk {
				name := fmt.Sprintf("p%d", n)
				if err := s.join(ctx, tx, name, s.sites, access.Scope{}); err != nil {
					return err
				}
				ids = append(ids, s.people[name].ID)
			}
			return nil
		})
		began := time.Now()
		done, err := s.members.DeactivateAll(s.Context(), s.as("claire"), s.org, ids)
		if err != nil || len(done) != member.MaxBulk || s.deactivated() != member.MaxBulk {
			t.Fatalf("%d %v", len(done), err)
		}
		t.Logf("%d members in %s", len(done), time.Since(began).Round(time.Millisecond))
	})
}
