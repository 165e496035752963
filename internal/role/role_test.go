package role_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is A with the sites A1 and A2, and B. claire administers A, nadege A1; ines
// is an office manager at A1: members.invite and rights.edit, no care and no other
// administration; julie holds nothing; odile administers B.
type world struct {
	*testing.T
	db      *store.DB
	roles   role.Roles
	a, b    ident.Org
	site    []ident.Site // A1, A2, B1
	account map[string]ident.Account
	builtin map[string]role.Role // of A
	foreign role.Role            // of B
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		w := &world{T: t, db: db, account: map[string]ident.Account{}, builtin: map[string]role.Role{}}
		w.roles = role.Roles{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
		w.write(w.found)
		fn(w)
	})
}

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return fn(w.Context(), tx) }); err != nil {
		w.Fatal(err)
	}
}

func (w *world) found(ctx context.Context, tx *store.Tx) error {
	w.site = nil
	for _, o := range []struct {
		id    *ident.Org
		name  string
		sites []string
	}{{&w.a, "Tilleuls", []string{"A1", "A2"}}, {&w.b, "Rives", []string{"B1"}}} {
		made, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: o.name, Kind: org.Practice}})
		if err != nil {
			return err
		}
		*o.id = made.ID
		for _, name := range o.sites {
			s, err := org.InsertSite(ctx, tx, made.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.site = append(w.site, s.ID)
		}
		if err := role.Seed(ctx, tx, made.ID); err != nil {
			return err
		}
	}
	for _, code := range role.BuiltIns {
		r, err := role.BuiltIn(ctx, tx, w.a, code)
		if err != nil {
			return err
		}
		w.builtin[code] = r
	}
	var err error
	if w.foreign, err = role.BuiltIn(ctx, tx, w.b, role.Secretary); err != nil {
		return err
	}
	admin, foreign := w.builtin[role.Administrator].ID, ident.Role("")
	if b, err := role.BuiltIn(ctx, tx, w.b, role.Administrator); err == nil {
		foreign = b.ID
	}
	for _, p := range []struct {
		name  string
		in    ident.Org
		site  ident.Site
		role  ident.Role
		scope string
		may   []access.Permission
	}{
		{"claire", w.a, w.site[1], admin, access.WholeOrganization, nil},
		{"nadege", w.a, w.site[0], admin, w.site[0].String(), nil},
		{"ines", w.a, w.site[0], "", w.site[0].String(), []access.Permission{access.MembersInvite, access.RightsEdit}},
		{"julie", w.a, w.site[0], "", "", nil},
		{"odile", w.b, w.site[2], foreign, access.WholeOrganization, nil},
	} {
		if err := w.join(ctx, tx, p.name, p.in, p.site, p.role, p.scope, p.may); err != nil {
			return err
		}
	}
	return nil
}

// join writes the rows of a membership: package member stands above this one.
func (w *world) join(ctx context.Context, tx *store.Tx, name string, in ident.Org, site ident.Site, r ident.Role, scope string, may []access.Permission) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: name, FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	w.account[name] = a.ID
	id := ident.NewMember()
	exec := func(query string, args ...any) {
		if err == nil {
			_, err = tx.Exec(ctx, query, args...)
		}
	}
	exec(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, in, id, tx.Now)
	exec(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function, profession,
			specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
		values ($1, $2, 1, $3, '', 'active', 'non_practitioner', '', $4, 'Essai', 'other', '', '', '', '', '', 'site', '', '', '', $5)`,
		in, id, a.ID, name, tx.Now)
	exec(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, '', $4)`, in, id, site, tx.Now)
	var at any
	if scope != access.WholeOrganization {
		at = scope
	}
	if r != "" {
		exec(`insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, given_by, known_from) values ($1, $2, $3, $4, $5, $6, $7, '', $7)`,
			in, string(id)+"r", id, r, scope, at, tx.Now)
	}
	for _, p := range may {
		exec(`insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from) values ($1, $2, $3, $4, $5, $6, $7, '', $7)`,
			in, string(id)+string(p), id, p, scope, at, tx.Now)
	}
	return err
}

func (w *world) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.account[name], Name: name, Via: "test"}
}

func (w *world) want(what string, err, want error) {
	w.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		w.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (w *world) check(name string, given ...role.Given) (err error) {
	w.Helper()
	if e := w.db.Read(w.Context(), func(tx *store.Tx) error {
		err = role.CheckGrant(w.Context(), tx, w.as(name), w.a, given)
		return nil
	}); e != nil {
		w.Fatal(e)
	}
	return err
}

// rest.md, "Levels and permissions": administration and care do not mix in a
// built-in role, and the one who only reads writes nothing.
func TestBuiltInRoles(t *testing.T) {
	eachWorld(t, func(w *world) {
		admin := w.builtin[role.Administrator].Permissions
		if !slices.Equal(admin, access.Administration) {
			w.Errorf("administrator: %v", admin)
		}
		for code, r := range w.builtin {
			if len(r.Permissions) == 0 {
				w.Errorf("%s allows nothing", code)
			}
			for _, p := range r.Permissions {
				if access.IsAdministration(p) != (code == role.Administrator) {
					w.Errorf("%s holds %s", code, p)
				}
				if code == role.Reader && (strings.HasSuffix(string(p), ".write") || p == access.DocumentsShare) {
					w.Errorf("the reader may %s", p)
				}
			}
		}
	})
}

// RGT-1, INV-08: what may be given is a subset of what one holds, scope by scope;
// another organisation's role and a site one does not know are like unknown ones.
func TestCheckGrant(t *testing.T) {
	eachWorld(t, func(w *world) {
		whole, a1, a2 := access.OrgScope(w.a), access.SiteScope(w.a, w.site[0]), access.SiteScope(w.a, w.site[1])
		admin, care, nurse := w.builtin[role.Administrator].ID, w.builtin[role.Practitioner].ID, w.builtin[role.Secretary].ID
		for _, c := range []struct {
			who  string
			give role.Given
			code string
		}{
			{"claire", role.Given{Role: admin, Scope: whole}, ""},
			{"claire", role.Given{Role: admin, Scope: a2}, ""},
			{"claire", role.Given{Role: care, Scope: whole}, ""},
			{"nadege", role.Given{Role: admin, Scope: a1}, ""},
			{"nadege", role.Given{Role: admin, Scope: whole}, "role.above_yours"},
			{"nadege", role.Given{Role: admin, Scope: a2}, "site.not_found"},
			{"nadege", role.Given{Role: care, Scope: whole}, "role.above_yours"},
			{"ines", role.Given{Role: care, Scope: a1}, ""}, // gives care without being a physician
			{"ines", role.Given{Role: admin, Scope: a1}, "role.above_yours"},
			{"ines", role.Given{Role: nurse, Scope: a2}, "site.not_found"},
			{"julie", role.Given{Role: nurse, Scope: a1}, "role.above_yours"},
			{"claire", role.Given{Role: w.foreign.ID, Scope: whole}, "role.not_found"},
			{"claire", role.Given{Role: ident.NewRole(), Scope: whole}, "role.not_found"},
			{"claire", role.Given{Role: nurse, Scope: access.OrgScope(w.b)}, "site.not_found"},
			{"claire", role.Given{Role: nurse, Scope: access.SiteScope(w.a, w.site[2])}, "site.not_found"},
			{"claire", role.Given{Role: nurse, Scope: access.SiteScope(w.a, ident.NewSite())}, "site.not_found"},
		} {
			err := w.check(c.who, role.Given{Role: nurse, Scope: a1}, c.give)
			got := ""
			for _, f := range fault.Of(err).Fields {
				if f.Location == "roles[1]" {
					got = f.Code
				}
			}
			if got != c.code || (err == nil) != (c.code == "") || (err != nil && !fault.Is(err, fault.Forbidden)) {
				w.Errorf("%s gives %v: %v (%q), want %q", c.who, c.give, err, got, c.code)
			}
			if err != nil && !errors.Is(err, role.ErrNotGrantable) {
				w.Errorf("%v", err)
			}
		}
		w.want("a stranger", w.check("odile", role.Given{Role: nurse, Scope: whole}), access.ErrNotFound)
	})
}

// What a form offers is what may be given, neither more nor less.
func TestGrantable(t *testing.T) {
	eachWorld(t, func(w *world) {
		scopes := append([]access.Scope{access.OrgScope(w.a)}, access.SiteScope(w.a, w.site[0]), access.SiteScope(w.a, w.site[1]))
		for _, who := range []string{"claire", "nadege", "ines"} {
			offered, err := w.roles.Grantable(w.Context(), w.as(who), w.a)
			w.want(who, err, nil)
			for _, r := range w.builtin {
				for _, at := range scopes {
					given := role.Given{Role: r.ID, Scope: at}
					shown := slices.ContainsFunc(offered, func(g role.Grantable) bool { return g.Role.ID == r.ID && slices.Contains(g.Scopes, at) })
					if shown != (w.check(who, given) == nil) {
						w.Errorf("%s: %s at %s: offered %t, giving it: %v", who, r.BuiltIn, at.Code(), shown, w.check(who, given))
					}
				}
			}
		}
		_, err := w.roles.Grantable(w.Context(), w.as("julie"), w.a)
		w.want("julie", err, access.ErrForbidden)
		_, err = w.roles.Grantable(w.Context(), w.as("odile"), w.a)
		w.want("odile", err, access.ErrNotFound)
	})
}

// AUZ-01, AUZ-06: roles are those of the organisation; a site administrator counts
// the holders among the members of their site.
func TestListAndGet(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for _, name := range []string{"Zèle", "Coordination", "écoute"} {
				if _, err := role.InsertCustom(ctx, tx, w.a, name, []access.Permission{access.TasksRead, access.MembersRead, access.TasksRead}); err != nil {
					return err
				}
			}
			return nil
		})
		list, err := w.roles.List(ctx, w.as("claire"), w.a)
		w.want("list", err, nil)
		var names []string
		for _, r := range list {
			names = append(names, r.BuiltIn+r.Name)
		}
		if want := append(slices.Clone(role.BuiltIns), "Coordination", "écoute", "Zèle"); !slices.Equal(names, want) {
			w.Errorf("%v, want %v", names, want)
		}
		if list[0].Members != 2 || !slices.Equal(list[5].Permissions, []access.Permission{access.MembersRead, access.TasksRead}) {
			w.Errorf("%+v", list)
		}
		list, err = w.roles.List(ctx, w.as("nadege"), w.a)
		if err != nil || list[0].Members != 1 {
			w.Errorf("AUZ-06: %+v %v", list[0], err)
		}
		list, err = w.roles.List(ctx, w.as("ines"), w.a)
		if err != nil || list[0].Members != 0 {
			w.Errorf("AUZ-15: without members.read nobody is counted: %+v %v", list[0], err)
		}
		_, err = w.roles.List(ctx, w.as("julie"), w.a)
		w.want("julie", err, access.ErrForbidden)
		_, err = w.roles.List(ctx, w.as("odile"), w.a)
		w.want("odile", err, access.ErrNotFound)
		r, err := w.roles.Get(ctx, w.as("claire"), w.a, w.builtin[role.Administrator].ID)
		if err != nil || r.Members != 2 || r.BuiltIn != role.Administrator {
			w.Errorf("%+v %v", r, err)
		}
		for _, id := range []ident.Role{w.foreign.ID, ident.NewRole(), "rol_x"} {
			_, err := w.roles.Get(ctx, w.as("claire"), w.a, id)
			w.want("AUZ-02: "+id.String(), err, role.ErrNotFound)
		}
	})
}

func TestInsertCustomRefuses(t *testing.T) {
	eachWorld(t, func(w *world) {
		insert := func(name string, p ...access.Permission) error {
			return w.db.Write(w.Context(), []store.Lock{store.Lock(w.a)}, func(tx *store.Tx) error {
				_, err := role.InsertCustom(w.Context(), tx, w.a, name, p)
				return err
			})
		}
		w.want("good", insert("Coordination", access.TasksRead), nil)
		for code, err := range map[string]error{
			"role.name_taken": insert("  COORDINATION ", access.TasksRead), "role.permissions_empty": insert("Vide"),
			"role.permission_unknown": insert("Tout", "root"), "text.control": insert("a\nb", access.TasksRead),
			"text.too_long": insert(strings.Repeat("x", role.MaxName+1), access.TasksRead),
		} {
			if f := fault.Of(err).Fields; len(f) != 1 || f[0].Code != code {
				w.Errorf("%v, want %s", err, code)
			}
		}
		if err := w.db.Read(w.Context(), func(tx *store.Tx) error {
			_, err := role.Load(w.Context(), tx, w.a, []ident.Role{w.foreign.ID})
			w.want("load a role of B", err, role.ErrNotFound)
			_, err = role.BuiltIn(w.Context(), tx, w.a, "king")
			w.want("an unknown built-in role", err, role.ErrNotFound)
			_, err = role.BuiltIn(w.Context(), tx, w.a, "")
			w.want("no built-in role", err, role.ErrNotFound)
			return nil
		}); err != nil {
			w.Fatal(err)
		}
	})
}
