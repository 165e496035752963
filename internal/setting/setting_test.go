package setting_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// world is two organisations and who holds what: packages org, account and member
// stand beside or above this one, so their rows are written here.
type world struct {
	*testing.T
	db       *store.DB
	settings setting.Settings
	a, b     ident.Org
	account  map[string]ident.Account
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		w := &world{T: t, db: db, a: ident.NewOrg(), b: ident.NewOrg(), account: map[string]ident.Account{}}
		w.settings = setting.Settings{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
		for _, o := range []ident.Org{w.a, w.b} {
			w.exec(`insert into org (id, slug, created_at) values ($1, $1, $2)`, o, db.Now())
			w.exec(`insert into org_state (org_id, rev, name, kind, status, enamel, sort_key, search, known_from) values ($1, 1, 'x', 'other', 'active', '', '', '', $2)`, o, db.Now())
		}
		w.join("claire", w.a, access.SecurityEdit)
		w.join("bruno", w.a, access.SettingsEdit)
		w.join("ines", w.a, access.MembersInvite)
		w.join("julie", w.a)
		w.join("odile", w.b, access.SecurityEdit)
		fn(w)
	})
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), query, append([]any{}, args...)...)
		return err
	}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) join(name string, in ident.Org, may ...access.Permission) {
	w.Helper()
	a, m, now := ident.NewAccount(), ident.NewMember(), w.db.Now()
	w.account[name] = a
	w.exec(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, a, now)
	w.exec(`insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, 1, $2, $2, '', $2, '', 'fr', 'active', '', $3)`, a, name, now)
	w.exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, in, m, now)
	w.exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function, profession,
		specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'non_practitioner', '', $4, '', 'other', '', '', '', '', '', 'site', '', '', '', $5)`, in, m, a, name, now)
	for _, p := range may {
		w.exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from) values ($1, $2, $3, $4, 'organization', $5, '', $5)`,
			in, fmt.Sprint(m, p), m, p, now)
	}
}

func (w *world) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.account[name], Name: name, StepUp: w.db.Now(), Via: "test"}
}

func (w *world) want(what string, err, want error) {
	w.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		w.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

// temporary is the policy of an organisation that changed nothing but one point.
func temporary(allowed bool) setting.Security {
	v := setting.DefaultSecurity()
	v.TemporaryPasswords, v.Rev = allowed, 99
	return v
}

// SEC-4, MEM-12: temporary passwords are off until somebody who may allows them;
// each policy stays in the history, and the change in the trail.
func TestSecurity(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		v, err := w.settings.Security(ctx, w.as("claire"), w.a)
		if err != nil || !reflect.DeepEqual(v, setting.DefaultSecurity()) {
			t.Fatalf("by default: %+v %v", v, err)
		}
		v, err = w.settings.SetSecurity(ctx, w.as("claire"), w.a, 0, temporary(true))
		if err != nil || !v.TemporaryPasswords || v.Rev != 1 {
			w.Errorf("%+v %v", v, err)
		}
		for _, who := range []string{"claire", "bruno", "ines"} {
			if v, err = w.settings.Security(ctx, w.as(who), w.a); err != nil || !v.TemporaryPasswords || v.Rev != 1 {
				w.Errorf("%s reads %+v %v", who, v, err)
			}
		}
		if v, err = w.settings.Security(ctx, w.as("odile"), w.b); err != nil || v.TemporaryPasswords {
			w.Errorf("B has its own: %+v %v", v, err)
		}
		_, err = w.settings.SetSecurity(ctx, w.as("claire"), w.a, 0, setting.DefaultSecurity())
		w.want("RAC-07: stale", err, setting.ErrStale)
		v, err = w.settings.SetSecurity(ctx, w.as("claire"), w.a, 1, temporary(true))
		if err != nil || v.Rev != 1 {
			w.Errorf("the same again: %+v %v", v, err)
		}
		v, err = w.settings.SetSecurity(ctx, w.as("claire"), w.a, 1, temporary(false))
		if err != nil || v.TemporaryPasswords || v.Rev != 2 {
			w.Errorf("off again: %+v %v", v, err)
		}
		if n := w.count(`select count(*) from org_setting where org_id = $1`, w.a); n != 2 {
			w.Errorf("%d rows of history, want 2", n)
		}
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'security.edit' and outcome = 'done'`, w.a.String()); n != 2 {
			w.Errorf("%d records, want 2", n)
		}
	})
}

func TestSecurityRights(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for who, want := range map[string]error{"bruno": access.ErrForbidden, "ines": access.ErrForbidden, "julie": access.ErrForbidden, "odile": access.ErrNotFound} {
			_, err := w.settings.SetSecurity(ctx, w.as(who), w.a, 0, temporary(true))
			w.want(who+" changes", err, want)
		}
		_, err := w.settings.Security(ctx, w.as("julie"), w.a)
		w.want("julie reads", err, access.ErrForbidden)
		_, err = w.settings.Security(ctx, w.as("odile"), w.a)
		w.want("AUZ-01: odile reads", err, access.ErrNotFound)
		stale := w.as("claire")
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		_, err = w.settings.SetSecurity(ctx, stale, w.a, 0, temporary(true))
		w.want("rules.md 6: without a fresh proof", err, access.ErrStepUp)
		if n := w.count(`select count(*) from org_setting`); n != 0 {
			w.Errorf("%d rows written", n)
		}
	})
}

// A policy that cannot be read denies: it is an error, not a default.
func TestDamagedPolicy(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`insert into org_setting (org_id, name, rev, value, known_from) values ($1, 'security', 1, '{"temporary_pass', $2)`, w.a, w.db.Now())
		err := w.db.Read(w.Context(), func(tx *store.Tx) error {
			_, err := setting.ReadSecurity(context.Background(), tx, w.a)
			return err
		})
		if err == nil {
			w.Error("a damaged policy was read as one")
		}
	})
}
