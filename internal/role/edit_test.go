package role_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// sure is somebody who has just proved who they are.
func (w *world) sure(name string) access.Actor {
	by := w.as(name)
	by.StepUp = w.db.Now()
	return by
}

// editor joins somebody who edits the roles of A, and holds these permissions besides.
func (w *world) editor(name string, more ...access.Permission) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return w.join(ctx, tx, name, w.a, w.site[0], "", access.WholeOrganization, append([]access.Permission{access.RolesEdit}, more...))
	})
}

func (w *world) text(query string, args ...any) (s string) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&s) }); err != nil {
		w.Fatal(err)
	}
	return s
}

// body is the last event of a verb in the trail of A.
func (w *world) body(verb string) string {
	w.Helper()
	return w.text(`select coalesce((select p.payload from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
		where e.chain = $1 and e.verb = $2 and e.outcome = 'done' order by e.seq desc limit 1), '')`, w.a, verb)
}

func (w *world) create(name string, p ...access.Permission) role.Role {
	w.Helper()
	r, err := w.roles.Create(w.Context(), w.sure("claire"), w.a, role.Details{Name: name, Permissions: p})
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return r
}

func codes(err error) (list []string) {
	for _, f := range fault.Of(err).Fields {
		list = append(list, f.Location+" "+f.Code)
	}
	return list
}

// RGT-1: an organisation makes roles from the catalogue of permissions.
func TestCreate(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		d := role.Details{Name: " Accueil  du matin ", Permissions: []access.Permission{access.TasksRead, access.MembersRead, access.TasksRead}}
		seen, err := w.roles.PreviewCreate(ctx, w.as("claire"), w.a, d)
		w.want("preview, without a proof", err, nil)
		if all, err := w.roles.List(ctx, w.as("claire"), w.a); err != nil || len(all) != len(role.BuiltIns) || seen.Name != "Accueil du matin" {
			w.Errorf("the preview kept something: %d roles, %+v, %v", len(all), seen, err)
		}
		_, err = w.roles.Create(ctx, w.as("claire"), w.a, d)
		w.want("without a proof (rules.md 6)", err, access.ErrStepUp)
		made, err := w.roles.Create(ctx, w.sure("claire"), w.a, d)
		w.want("create", err, nil)
		got, err := w.roles.Get(ctx, w.as("claire"), w.a, made.ID)
		want := []access.Permission{access.MembersRead, access.TasksRead}
		if err != nil || got.Name != "Accueil du matin" || got.Rev != 1 || got.BuiltIn != "" || !slices.Equal(got.Permissions, want) {
			w.Errorf("%+v %v", got, err)
		}
		if b := w.body("role.create"); !strings.Contains(b, "Accueil du matin") || !strings.Contains(b, "members.read") {
			w.Errorf("the trail says %s", b)
		}
		for name, bad := range map[string]role.Details{
			"name role.name_taken":                {Name: "accueil du MATIN", Permissions: want},
			"permissions role.permissions_empty":  {Name: "Vide"},
			"permissions role.permission_unknown": {Name: "Tout", Permissions: []access.Permission{"root"}},
		} {
			if _, err := w.roles.PreviewCreate(ctx, w.as("claire"), w.a, bad); !slices.Equal(codes(err), []string{name}) {
				w.Errorf("%v: %v", bad, codes(err))
			}
		}
		for _, lang := range text.All {
			d := role.Details{Name: strings.ToUpper(text.For(lang).T("role." + role.Secretary)), Permissions: want}
			if _, err := w.roles.PreviewCreate(ctx, w.as("claire"), w.a, d); !slices.Equal(codes(err), []string{"name role.name_taken"}) {
				w.Errorf("%q reads like a built-in role: %v", d.Name, codes(err))
			}
		}
	})
}

// AUZ-04, AUZ-03: nobody makes a role that has more administration than they hold for the
// whole organisation; care asks for nothing but roles.edit.
func TestCreateAboveOneself(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.editor("roland", access.MembersRead)
		for _, c := range []struct {
			who  string
			give []access.Permission
			want error
		}{
			{"roland", []access.Permission{access.RecordsRead, access.PrescriptionsWrite}, nil},
			{"roland", []access.Permission{access.MembersRead, access.RolesEdit}, nil},
			{"roland", []access.Permission{access.RecordsRead, access.SecurityEdit}, role.ErrAboveEditor},
			{"roland", access.Administration, role.ErrAboveEditor},
			{"nadege", []access.Permission{access.RecordsRead}, access.ErrForbidden}, // all of it, but at one site
			{"ines", []access.Permission{access.RecordsRead}, access.ErrForbidden},
			{"julie", []access.Permission{access.RecordsRead}, access.ErrForbidden},
			{"odile", []access.Permission{access.RecordsRead}, access.ErrNotFound}, // AUZ-01
		} {
			d := role.Details{Name: fmt.Sprintf("%s %s", c.who, c.give[len(c.give)-1]), Permissions: c.give}
			_, err := w.roles.Create(ctx, w.sure(c.who), w.a, d)
			w.want(c.who, err, c.want)
			if errors.Is(c.want, role.ErrAboveEditor) && fault.Of(err).Fields[0].Code != "role.permission_above_yours" {
				w.Errorf("%v", codes(err))
			}
		}
		admin := w.builtin[role.Administrator].ID
		_, err := w.roles.Duplicate(ctx, w.sure("roland"), w.a, admin, role.Details{Name: "Presque tout"})
		w.want("a copy of the administration", err, role.ErrAboveEditor)
		if n := w.text(`select count(*) || '' from audit_event where outcome = 'refused' and code in ('role.above_editor', 'access.forbidden')`); n == "0" {
			w.Error("no refusal in the trail")
		}
	})
}

// RGT-1: a role is duplicated from any other, built in or not.
func TestDuplicate(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, claire := w.Context(), w.sure("claire")
		secretary := w.builtin[role.Secretary]
		copied, err := w.roles.Duplicate(ctx, claire, w.a, secretary.ID, role.Details{Name: "Accueil"})
		if err != nil || copied.BuiltIn != "" || !slices.Equal(copied.Permissions, secretary.Permissions) {
			w.Fatalf("%+v %v", copied, err)
		}
		if b := w.body("role.duplicate"); !strings.Contains(b, secretary.ID.String()) || !strings.Contains(b, "Accueil") {
			w.Errorf("the trail says %s", b)
		}
		again, err := w.roles.Duplicate(ctx, claire, w.a, copied.ID, role.Details{Name: "Accueil du soir", Permissions: []access.Permission{access.TasksRead}})
		if err != nil || !slices.Equal(again.Permissions, []access.Permission{access.TasksRead}) {
			w.Errorf("%+v %v", again, err)
		}
		_, err = w.roles.Duplicate(ctx, claire, w.a, w.foreign.ID, role.Details{Name: "D’ailleurs"})
		w.want("AUZ-02: a role of another organisation", err, role.ErrNotFound)
		_, err = w.roles.Duplicate(ctx, w.as("claire"), w.a, copied.ID, role.Details{Name: "Sans preuve"})
		w.want("without a proof", err, access.ErrStepUp)
	})
}

// An organisation makes MaxRoles of its own and no more.
func TestTooMany(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for i := range role.MaxRoles {
				if _, err := role.InsertCustom(ctx, tx, w.a, fmt.Sprintf("Rôle %d", i), []access.Permission{access.TasksRead}); err != nil {
					return err
				}
			}
			return nil
		})
		d := role.Details{Name: "Un de trop", Permissions: []access.Permission{access.TasksRead}}
		_, err := w.roles.Create(w.Context(), w.sure("claire"), w.a, d)
		w.want("one more", err, role.ErrTooMany)
	})
}

// hold gives a role to julie by plain rows: package member stands above this one.
func (w *world) hold(r role.Role, start, end time.Duration) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		var ends any
		if end != 0 {
			ends = tx.Now.Add(end)
		}
		_, err := tx.Exec(ctx, `
			insert into member_role (org_id, id, member_id, role_id, scope, starts_at, ends_at, given_by, known_from)
			select s.org_id, s.member_id || 'x', s.member_id, $3, 'organization', $4, $5, '', $6 from member_state s
			where s.org_id = $1 and s.account_id = $2 and s.known_until is null`, w.a, w.account["julie"], r.ID, tx.Now.Add(start), ends, tx.Now)
		return err
	})
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, slices.Clone(args)...)
		return err
	})
}

// RGT-1: a role in use cannot vanish, whoever holds it and whenever; the refusal says how
// many they are.
func TestRemoveInUse(t *testing.T) {
	eachWorld(t, func(w *world) {
		remove := func(r role.Role) error { return w.roles.Remove(w.Context(), w.sure("claire"), w.a, r.ID, 0) }
		used := func(what string, err error, members, invitations int64) {
			w.Helper()
			w.want(what, err, role.ErrInUse)
			if a := fault.Of(err).Args; a["Members"] != members || a["Invitations"] != invitations {
				w.Errorf("%s: %v", what, a)
			}
		}
		r := w.create("Accueil", access.TasksRead)
		w.hold(r, -time.Hour, 0)
		used("in force", remove(r), 1, 0)
		w.exec(`update member_role set starts_at = $2 where role_id = $1`, r.ID, w.db.Now().Add(time.Hour))
		used("in the future", remove(r), 1, 0)
		w.exec(`update member_state set status = 'deactivated' where account_id = $1`, w.account["julie"])
		used("of somebody deactivated", remove(r), 1, 0)
		inv := ident.NewInvitation()
		w.exec(`insert into invitation (org_id, id, email_key, email, language, function, welcome, status, token_until, temporary_hash, temporary_until,
			invited_by, invited_by_name, sent_at, expires_at, version, created_at)
			values ($1, $2, 'a@b.fr', 'a@b.fr', 'fr', '', 'invitation', 'pending', $3, '', $3, '', '', $3, $3, 1, $3)`, w.a, inv, w.db.Now())
		w.exec(`insert into invitation_role (org_id, invitation_id, role_id, scope) values ($1, $2, $3, 'organization')`, w.a, inv, r.ID)
		used("and in an invitation", remove(r), 1, 1)
		w.exec(`update member_role set ends_at = $2 where role_id = $1`, r.ID, w.db.Now())
		used("in an invitation only", remove(r), 0, 1)
		w.exec(`update invitation set status = 'deleted' where id = $1`, inv)
		w.want("what is over keeps nothing", remove(r), nil)
		_, err := w.roles.Get(w.Context(), w.as("claire"), w.a, r.ID)
		w.want("removed", err, role.ErrNotFound)
		if got := w.text(`select name || ' ' || status || ' ' || rev from role_state where role_id = $1 and known_until is null`, r.ID); got != "Accueil removed 2" {
			w.Errorf("its history says %q", got)
		}
		if b := w.body("role.remove"); !strings.Contains(b, "Accueil") || !strings.Contains(b, "tasks.read") {
			w.Errorf("the trail says %s", b)
		}
		w.create("Accueil", access.LettersRead) // its name may be used again
	})
}

// AUZ-04, AUZ-02: who may not edit a role may not remove it either.
func TestRemoveRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.editor("roland")
		care, strong := w.create("Accueil", access.TasksRead), w.create("Gestion", access.AuditRead)
		for _, c := range []struct {
			what string
			by   access.Actor
			id   ident.Role
			rev  int64
			want error
		}{
			{"a built-in one", w.sure("claire"), w.builtin[role.Reader].ID, 0, role.ErrBuiltIn},
			{"another organisation's", w.sure("claire"), w.foreign.ID, 0, role.ErrNotFound},
			{"an unknown one", w.sure("claire"), ident.NewRole(), 0, role.ErrNotFound},
			{"another version", w.sure("claire"), care.ID, 2, role.ErrStale},
			{"without a proof", w.as("claire"), care.ID, 0, access.ErrStepUp},
			{"above oneself", w.sure("roland"), strong.ID, 0, role.ErrAboveEditor},
			{"at one site", w.sure("nadege"), care.ID, 0, access.ErrForbidden},
			{"elsewhere", w.sure("odile"), care.ID, 0, access.ErrNotFound},
			{"care", w.sure("roland"), care.ID, 1, nil},
		} {
			w.want(c.what, w.roles.Remove(ctx, c.by, w.a, c.id, c.rev), c.want)
		}
	})
}
