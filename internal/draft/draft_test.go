package draft_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/draft"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// bench is a register on a fresh database: julie belongs to the organisation, paul
// to none.
type bench struct {
	*testing.T
	db          *store.DB
	clock       *storetest.Clock
	drafts      draft.Drafts
	org         ident.Org
	julie, paul access.Actor
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			b := &bench{T: t, clock: &storetest.Clock{}, org: ident.NewOrg()}
			b.db = storetest.Open(t, e, storetest.Options{Clock: b.clock.Now})
			b.drafts = draft.Drafts{Run: &action.Runner{DB: b.db, Ring: secret.NewRing(time.Now())}}
			b.julie, b.paul = b.person("julie"), b.person("paul")
			b.exec(`insert into org (id, slug, created_at) values ($1, 'tilleuls', $2)`, b.org, b.db.Now())
			b.exec(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'Tilleuls', 'practice', 'active', 'pin', $2)`, b.org, b.db.Now())
			m := ident.NewMember()
			b.exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, b.org, m, b.db.Now())
			b.exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
				profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
				values ($1, $2, 1, $3, '', 'active', 'unregulated', '', '', '', 'manager', '', '', '', '', '', 'site', '', '', '', $4)`,
				b.org, m, b.julie.Account, b.db.Now())
			fn(b)
		})
	}
}

func (b *bench) exec(query string, args ...any) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), query, slices.Clone(args)...)
		return err
	}); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) person(name string) access.Actor {
	b.Helper()
	id, now := ident.NewAccount(), b.db.Now()
	b.exec(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, id, now)
	b.exec(`insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, 1, $2, $2, '', '', '', 'fr', 'active', '', $3)`, id, name+"@tilleuls.example", now)
	return access.Actor{Kind: access.Person, Account: id, Session: ident.NewSession()}
}

func (b *bench) save(by access.Actor, d draft.Draft) draft.Draft {
	b.Helper()
	out, err := b.drafts.Save(b.Context(), by, d)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *bench) count(query string) (n int) {
	b.Helper()
	if err := b.db.Read(b.Context(), func(tx *store.Tx) error { return tx.QueryRow(b.Context(), query).Scan(&n) }); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestSaveAndLoad(t *testing.T) {
	each(t, func(b *bench) {
		d := b.save(b.julie, draft.Draft{Org: b.org, Kind: "member.new", Body: `{"given_name":"É"}`})
		b.clock.Add(time.Hour)
		b.save(b.julie, draft.Draft{ID: d.ID, Org: b.org, Kind: "member.new", Body: "deux"})
		got, err := b.drafts.Load(b.Context(), b.julie, d.ID)
		if err != nil || got.Body != "deux" || got.Org != b.org || !got.CreatedAt.Equal(d.CreatedAt) || got.ExpiresAt.Sub(got.UpdatedAt) != draft.Life {
			b.Errorf("%+v %v", got, err)
		}
		b.save(b.julie, draft.Draft{Kind: "account", Body: "sans organisation"})
		list, err := b.drafts.List(b.Context(), b.julie, b.org, "member.new")
		if err != nil || len(list) != 1 || list[0].ID != d.ID {
			b.Errorf("%+v %v", list, err)
		}
		if list, err := b.drafts.List(b.Context(), b.julie, "", "account"); err != nil || len(list) != 1 {
			b.Errorf("%+v %v", list, err)
		}
		if err := b.drafts.Delete(b.Context(), b.julie, d.ID); err != nil {
			b.Error(err)
		}
		if _, err := b.drafts.Load(b.Context(), b.julie, d.ID); !errors.Is(err, draft.ErrNotFound) {
			b.Errorf("deleted: %v", err)
		}
		if n := b.count(`select count(*) from audit_event`); n != 0 {
			b.Errorf("%d events: a draft is no act", n)
		}
	})
}

// AUZ-01: another person's draft does not exist, for reading, writing or removing.
func TestOwnerOnly(t *testing.T) {
	each(t, func(b *bench) {
		d := b.save(b.julie, draft.Draft{Kind: "account", Body: "un"})
		_, load := b.drafts.Load(b.Context(), b.paul, d.ID)
		_, save := b.drafts.Save(b.Context(), b.paul, draft.Draft{ID: d.ID, Kind: "account", Body: "volé"})
		for _, err := range []error{load, save, b.drafts.Delete(b.Context(), b.paul, d.ID)} {
			if !errors.Is(err, draft.ErrNotFound) {
				b.Errorf("%v", err)
			}
		}
		if _, err := b.drafts.Save(b.Context(), b.julie, draft.Draft{ID: d.ID, Kind: "member.new", Body: "deux"}); !errors.Is(err, draft.ErrNotFound) {
			b.Errorf("another kind: %v", err)
		}
		if got, err := b.drafts.Load(b.Context(), b.julie, d.ID); err != nil || got.Body != "un" {
			b.Errorf("%+v %v", got, err)
		}
		for _, by := range []access.Actor{
			{Kind: access.Anonymous}, access.Operator("cli"), {Kind: access.OrgToken, Org: b.org, Account: b.julie.Account, Token: ident.NewToken()},
		} {
			_, save := b.drafts.Save(b.Context(), by, draft.Draft{Kind: "account"})
			_, load := b.drafts.Load(b.Context(), by, d.ID)
			_, list := b.drafts.List(b.Context(), by, "", "account")
			for _, err := range []error{save, load, list, b.drafts.Delete(b.Context(), by, d.ID)} {
				if err == nil {
					b.Errorf("%s has drafts", by.Kind)
				}
			}
		}
	})
}

// A draft of an organisation is its members' alone, and only while they are.
func TestDraftOfAnOrganisation(t *testing.T) {
	each(t, func(b *bench) {
		if _, err := b.drafts.Save(b.Context(), b.paul, draft.Draft{Org: b.org, Kind: "member.new"}); !errors.Is(err, access.ErrNotFound) {
			b.Errorf("a stranger: %v", err)
		}
		d := b.save(b.julie, draft.Draft{Org: b.org, Kind: "member.new", Body: "un"})
		b.exec(`update member_state set status = 'deactivated' where org_id = $1`, b.org)
		_, load := b.drafts.Load(b.Context(), b.julie, d.ID)
		_, save := b.drafts.Save(b.Context(), b.julie, draft.Draft{ID: d.ID, Org: b.org, Kind: "member.new"})
		_, list := b.drafts.List(b.Context(), b.julie, b.org, "member.new")
		for _, err := range []error{load, save, list} {
			if !errors.Is(err, access.ErrNotFound) {
				b.Errorf("after leaving: %v", err)
			}
		}
	})
}

func TestBounds(t *testing.T) {
	each(t, func(b *bench) {
		if _, err := b.drafts.Save(b.Context(), b.julie, draft.Draft{Kind: "account", Body: strings.Repeat("a", draft.MaxBody+1)}); !errors.Is(err, draft.ErrTooLarge) {
			b.Errorf("too large: %v", err)
		}
		b.save(b.julie, draft.Draft{Kind: "account", Body: strings.Repeat("a", draft.MaxBody)})
		for _, kind := range []string{"", "Account", "a b", "a\n", strings.Repeat("a", 41)} {
			if _, err := b.drafts.Save(b.Context(), b.julie, draft.Draft{Kind: kind}); err == nil {
				b.Errorf("kind %q", kind)
			}
		}
		his := b.save(b.paul, draft.Draft{Kind: "many"})
		var saved []draft.Draft
		for n := range draft.MaxPerKind + 3 {
			b.clock.Add(time.Second)
			saved = append(saved, b.save(b.julie, draft.Draft{Kind: "many", Body: strconv.Itoa(n)}))
		}
		for n, d := range saved {
			_, err := b.drafts.Load(b.Context(), b.julie, d.ID)
			if (err == nil) != (n >= 3) {
				b.Errorf("draft %d: %v", n, err)
			}
		}
		if _, err := b.drafts.Load(b.Context(), b.paul, his.ID); err != nil {
			b.Errorf("another person's made room: %v", err)
		}
	})
}

func TestExpiry(t *testing.T) {
	each(t, func(b *bench) {
		d := b.save(b.julie, draft.Draft{Kind: "account", Body: "un"})
		b.clock.Add(draft.Life - time.Hour)
		b.save(b.julie, draft.Draft{ID: d.ID, Kind: "account", Body: "deux"})
		b.clock.Add(draft.Life - time.Hour)
		if _, err := b.drafts.Load(b.Context(), b.julie, d.ID); err != nil {
			b.Errorf("saved since: %v", err)
		}
		if err := draft.SweepDrafts(b.Context(), b.db); err != nil || b.count(`select count(*) from draft`) != 1 {
			b.Errorf("swept too early: %v", err)
		}
		b.clock.Add(time.Hour)
		if _, err := b.drafts.Load(b.Context(), b.julie, d.ID); !errors.Is(err, draft.ErrNotFound) {
			b.Errorf("expired: %v", err)
		}
		if _, err := b.drafts.Save(b.Context(), b.julie, draft.Draft{ID: d.ID, Kind: "account"}); !errors.Is(err, draft.ErrNotFound) {
			b.Errorf("brought back: %v", err)
		}
		if err := draft.SweepDrafts(b.Context(), b.db); err != nil || b.count(`select count(*) from draft`) != 0 {
			b.Errorf("not swept: %v", err)
		}
	})
}
