package directory

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// known is a source of known answers.
type known struct {
	answer Answer
	err    error
	asked  int
}

func (k *known) ByRPPS(context.Context, string) (Answer, error) { k.asked++; return k.answer, k.err }
func (k *known) ByName(context.Context, Name) (Answer, error)   { k.asked++; return k.answer, k.err }

// DIR-1: the local index first, then the API; nobody could say is an answer.
func TestLookupOrder(t *testing.T) {
	somebody := func(o Origin, rpps ...string) Answer {
		a := Answer{Origin: o}
		for _, n := range rpps {
			a.Practitioners = append(a.Practitioners, Practitioner{RPPS: n})
		}
		return a
	}
	const me = "10003461033"
	for name, c := range map[string]struct {
		index, api known
		want       Origin
		asked      int // of the API
		found      int
	}{
		"the index knows":             {known{answer: somebody(FromIndex, me)}, known{}, FromIndex, 0, 1},
		"the index does not know":     {known{answer: somebody(FromIndex)}, known{answer: somebody(FromFHIR, me)}, FromFHIR, 1, 1},
		"nobody knows":                {known{answer: somebody(FromIndex)}, known{answer: somebody(FromFHIR)}, FromIndex, 1, 0},
		"no index":                    {known{err: ErrUnavailable.Because(ErrNotLoaded)}, known{answer: somebody(FromFHIR, me)}, FromFHIR, 1, 1},
		"no index, nobody known":      {known{err: ErrUnavailable}, known{answer: somebody(FromFHIR)}, FromFHIR, 1, 0},
		"the index alone says no":     {known{answer: somebody(FromIndex)}, known{err: ErrUnavailable}, NotChecked, 1, 0},
		"nobody can say":              {known{err: ErrUnavailable}, known{err: errors.New("boom")}, NotChecked, 1, 0},
		"the index speaks of another": {known{answer: somebody(FromIndex, "10101201234")}, known{err: ErrUnavailable}, NotChecked, 1, 0},
		"two persons":                 {known{answer: somebody(FromIndex, me, me)}, known{err: ErrUnavailable}, NotChecked, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			l := Lookup{Sources: []Source{&c.index, &c.api}, Log: slog.New(slog.NewTextHandler(&log, nil))}
			got, err := l.ByRPPS(t.Context(), me)
			if err != nil || got.Origin != c.want || c.api.asked != c.asked || len(got.Practitioners) != c.found {
				t.Errorf("%+v %v, API asked %d times", got, err, c.api.asked)
			}
			if strings.Contains(log.String(), "nothing was loaded") {
				t.Errorf("an index that was never loaded is no news: %s", &log)
			}
		})
	}
	if got, err := (Lookup{}).ByName(t.Context(), Name{Words: "x"}); err != nil || got.Origin != NotChecked {
		t.Errorf("no source at all: %+v %v", got, err)
	}
}

// findWorld has an account that may invite, and one that belongs to nobody.
type findWorld struct {
	dir            Directory
	source         *known
	julie, nobody  access.Actor
	deactivateHers func()
}

func newFindWorld(t *testing.T, db *store.DB) findWorld {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if err := db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), query, args...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	person := func(name string) access.Actor {
		id := ident.NewAccount()
		exec(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, id, db.Now())
		exec(`insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
			values ($1, 1, $2, $2, '', '', '', 'fr', 'active', '', $3)`, id, name+"@tilleuls.example", db.Now())
		return access.Actor{Kind: access.Person, Account: id, Session: ident.NewSession()}
	}
	w := findWorld{source: &known{answer: Answer{Origin: FromIndex}}, julie: person("julie"), nobody: person("paul")}
	w.dir = Directory{Run: &action.Runner{DB: db, Ring: secret.NewRing(db.Now()), Log: slog.New(slog.DiscardHandler)}, Source: w.source}
	org, m := ident.NewOrg(), ident.NewMember()
	exec(`insert into org (id, slug, created_at) values ($1, 'tilleuls', $2)`, org, db.Now())
	exec(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'Tilleuls', 'practice', 'active', 'pin', $2)`, org, db.Now())
	exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, org, m, db.Now())
	exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
		profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'unregulated', '', '', '', 'manager', '', '', '', '', '', 'site', '', '', '', $4)`, org, m, w.julie.Account, db.Now())
	exec(`insert into member_permission (org_id, id, member_id, permission, scope, starts_at, given_by, known_from) values ($1, $2, $3, 'members.invite', 'organization', $4, '', $4)`,
		org, "prm_1", m, db.Now())
	w.deactivateHers = func() {
		exec(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2`, org, m)
	}
	return w
}

// DIR-1, AUZ-01: whoever may create members somewhere may search; nobody else, and a
// refusal is in the trail.
func TestFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newFindWorld(t, db)
		find := func(by access.Actor, s Search) error {
			_, err := w.dir.Find(t.Context(), by, s)
			return err
		}
		for _, s := range []Search{{RPPS: "997 0012 3459"}, {Name: "Le Goff"}, {Name: " le goff ", City: "Rennes"}} {
			if err := find(w.julie, s); err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", s, err)
			}
		}
		asked := w.source.asked
		for _, by := range []access.Actor{w.nobody, {Kind: access.PlatformToken, Token: ident.NewToken()}, {Kind: access.OrgToken, Org: ident.NewOrg(), Token: ident.NewToken()}} {
			if err := find(by, Search{Name: "Le Goff"}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", by.Kind, err)
			}
		}
		if err := find(access.Actor{Kind: access.Anonymous}, Search{Name: "Le Goff"}); !fault.Is(err, fault.Unauthenticated) {
			t.Error(err)
		}
		w.deactivateHers()
		if err := find(w.julie, Search{Name: "Le Goff"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("deactivated: %v", err)
		}
		if w.source.asked != asked {
			t.Error("the source was asked for somebody who may not")
		}
		var refused int
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `select count(*) from audit_event where verb = 'directory.search' and outcome = 'refused'`).Scan(&refused)
		}); err != nil || refused < 4 {
			t.Errorf("%d refusals in the trail, %v", refused, err)
		}
	})
}

// What is asked for must be a number or a name; sixty times a minute (rules.md 4).
func TestFindBounds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newFindWorld(t, db)
		for name, c := range map[string]struct {
			s    Search
			code string
		}{
			"nothing":         {Search{}, "directory.criteria"},
			"both":            {Search{RPPS: "1", Name: "x"}, "directory.criteria"},
			"a number's town": {Search{RPPS: "1", City: "x"}, "directory.criteria"},
			"one letter":      {Search{Name: "x'"}, "directory.name_too_short"},
			"too long":        {Search{Name: strings.Repeat("é", MaxWords+1)}, "text.too_long"},
			"no number":       {Search{RPPS: "abc"}, "identifier.rpps_malformed"},
		} {
			_, err := w.dir.Find(t.Context(), w.julie, c.s)
			f := fault.Of(err)
			if f.Code != c.code && (len(f.Fields) != 1 || f.Fields[0].Code != c.code) {
				t.Errorf("%s: %v %+v", name, err, f.Fields)
			}
		}
		var last error
		for range FindPerMinute + 1 {
			_, last = w.dir.Find(t.Context(), w.julie, Search{Name: "Le Goff"})
			if last != nil {
				break
			}
		}
		if !errors.Is(last, limit.ErrExceeded) {
			t.Errorf("%v", last)
		}
	})
}
