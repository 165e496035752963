package member_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// people adds members to A whose names hurt.
func (w *world) people() {
	w.Helper()
	for _, p := range []member.New{
		{GivenName: "Hélène", FamilyName: "N’Guyen", Email: "helene.nguyen@exemple.fr", Function: "physician", Profession: "Médecin généraliste", RPPS: "99700000013"},
		{GivenName: "Marie-Ségolène", FamilyName: "de La Tour du Pin", Email: "ms@exemple.fr", Function: "nurse", ProfileType: member.Unregulated, Specialty: "Puériculture"},
		{GivenName: "Łukasz", FamilyName: "Œhmichen", Email: "l_o@exemple.fr", Function: "midwife", Status: member.Created},
		{GivenName: "Ada", FamilyName: "Le", Email: "ada@exemple.fr", Function: "it", Status: member.PendingApproval},
	} {
		p.Org, p.GivenBy, p.Sites = w.a.org, "test", []ident.Site{w.a.site[1]}
		if p.Status == "" {
			p.Status = member.Active
		}
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			m, err := member.Insert(ctx, tx, p)
			w.a.ids[p.FamilyName] = m.ID
			return err
		})
	}
}

// found are the family names of a list, in its order.
func found(l member.List) []string {
	var names []string
	for _, r := range l.Rows {
		names = append(names, strings.TrimSuffix(r.FamilyName, "-Essai"))
	}
	return names
}

// LST-1: search, filters and order, on both engines alike.
func TestListFinds(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.people()
		_, err := w.members.Deactivate(w.Context(), w.as("claire"), w.a.org, w.a.ids["paul"], 0)
		w.Want("deactivate", err, nil)
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			return member.Give(ctx, tx, member.Gift{Org: w.a.org, Member: w.a.ids["Le"],
				Permissions: []member.GivenPermission{{Permission: access.StatisticsRead, Scope: w.a.whole()}}})
		})
		for _, c := range []struct {
			what string
			q    member.Query
			want string
		}{
			{"all, by name, who waits for a decision first (APP-1)", member.Query{}, "Le Bruno Claire de La Tour du Pin Hugo Julie Nadege N’Guyen Œhmichen Paul Sam Yanis"},
			{"accents and apostrophes", member.Query{Search: "helene nguyen"}, "N’Guyen"},
			{"accents typed", member.Query{Search: "HÉLÈNE"}, "N’Guyen"},
			{"ligature and stroke", member.Query{Search: "oehmichen lukasz"}, "Œhmichen"},
			{"inside a word, three letters", member.Query{Search: "uye"}, "N’Guyen"},
			{"two letters, start of a word only", member.Query{Search: "le"}, "Le"},
			{"hyphens", member.Query{Search: "marie-segolene tour"}, "de La Tour du Pin"},
			{"e-mail", member.Query{Search: "helene.nguyen@exemple.fr"}, "N’Guyen"},
			{"words in any order", member.Query{Search: "pin marie"}, "de La Tour du Pin"},
			{"nobody", member.Query{Search: "marteau"}, ""},
			{"INJ-07: wildcards find nobody", member.Query{Search: "%%%"}, ""},
			{"INJ-07: underscores find nobody", member.Query{Search: strings.Repeat("_", 200)}, ""},
			{"INJ-07: a wildcard in a word is no wildcard", member.Query{Search: "hel_ne"}, ""},
			{"keyword: profession", member.Query{Keyword: "generaliste"}, "N’Guyen"},
			{"keyword: function in French", member.Query{Keyword: "sage-femme"}, "Œhmichen"},
			{"keyword: function in English", member.Query{Keyword: "midwife"}, "Œhmichen"},
			{"keyword: specialty", member.Query{Keyword: "puericulture"}, "de La Tour du Pin"},
			{"keyword: RPPS", member.Query{Keyword: "99700000013"}, "N’Guyen"},
			{"keyword: part of an RPPS, grouped", member.Query{Keyword: "997 000 000 13"}, "N’Guyen"},
			{"role", member.Query{Role: w.a.roles[role.Practitioner]}, "Yanis"},
			{"role of B", member.Query{Role: w.b.roles[role.Secretary]}, ""},
			{"permission by a role", member.Query{Permission: access.PrescriptionsWrite}, "Yanis"},
			{"permission by a role or singly", member.Query{Permission: access.StatisticsRead}, "Le Yanis"},
			{"status", member.Query{Statuses: []member.Status{member.Deactivated}}, "Paul"},
			{"statuses", member.Query{Statuses: []member.Status{member.Created, member.PendingApproval}}, "Le Œhmichen"},
			{"site", member.Query{Site: w.a.site[0]}, "Bruno Claire Julie Nadege Sam Yanis"},
			{"site of B", member.Query{Site: w.b.site[0]}, ""},
			{"function", member.Query{Function: "nurse"}, "de La Tour du Pin"},
			{"administrators", member.Query{Admin: true}, "Bruno Claire Hugo Nadege"},
			{"administrators of a site", member.Query{Admin: true, Site: w.a.site[1]}, "Claire Hugo"},
			{"everything at once", member.Query{
				Search: "yan", Keyword: "sec", Role: w.a.roles[role.Practitioner], Permission: access.RecordsRead, Statuses: []member.Status{member.Active},
				Site: w.a.site[1], Function: "secretary",
			}, "Yanis"},
			{"by name, backwards", member.Query{Descending: true, Size: 3}, "Yanis Sam Paul"},
			{"by creation", member.Query{Sort: member.ByCreation, Size: 2}, "Claire Bruno"},
			{"by creation, backwards", member.Query{Sort: member.ByCreation, Descending: true, Size: 2}, "Le Œhmichen"},
		} {
			l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, c.q)
			w.Want(c.what, err, nil)
			if got := strings.Join(found(l), " "); got != c.want {
				w.Errorf("%s: %s\nwant %s", c.what, got, c.want)
			}
			if c.q.Size == 0 && l.Total != int64(len(l.Rows)) {
				w.Errorf("%s: total %d of %d rows", c.what, l.Total, len(l.Rows))
			}
			if want := (member.Counts{All: 12, Active: 9, Pending: 2, Deactivated: 1, Administrators: 4}); l.Counts != want {
				w.Errorf("%s: counts %+v, want %+v", c.what, l.Counts, want)
			}
		}
	})
}

// LST-2: by last sign-in, and what the lines show.
func TestListRows(t *testing.T) {
	eachWorld(t, func(w *world) {
		for i, name := range []string{"sam", "julie", "hugo"} {
			w.Exec(`update member set last_sign_in_at = $2 where id = $1`, w.a.ids[name], w.DB.Now().Add(-time.Duration(i)*time.Hour))
		}
		w.Exec(`insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at) values ($1, 0, 25, $2, $2, $2)`,
			w.account["hugo"], w.DB.Now())
		w.Exec(`insert into invitation (org_id, id, member_id, email_key, email, language, function, welcome, status, token_until, temporary_hash, temporary_until,
			invited_by, invited_by_name, sent_at, expires_at, version, created_at) values ($1, $2, $3, 'k', 'k', 'fr', '', 'invitation', 'pending', $4, '', $4, '', '', $4, $4, 1, $4)`,
			w.a.org, ident.NewInvitation(), w.a.ids["julie"], w.DB.Now())
		l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, member.Query{Sort: member.ByLastSignIn, Descending: true, Size: 3})
		w.Want("list", err, nil)
		if got := found(l); !slices.Equal(got, []string{"Sam", "Julie", "Hugo"}) {
			w.Fatalf("%v", got)
		}
		julie, hugo := l.Rows[1], l.Rows[2]
		if julie.Invitation == nil || julie.Admin || julie.Locked || len(julie.Sites) != 1 || julie.Sites[0].Name != "Grand-Pré" || julie.Roles[0].BuiltIn != role.Secretary {
			w.Errorf("%+v", julie)
		}
		if !hugo.Locked || !hugo.Admin || hugo.Invitation != nil || hugo.Roles[0].SiteName != "Saint-Aubin" {
			w.Errorf("%+v", hugo)
		}
	})
}

// Every order, page by page and by cursor, gives each member once, alike.
func TestListPages(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.people()
		// a new sign-in for some, the same for others: ties are told apart
		w.Exec(`update member set last_sign_in_at = $2 where org_id = $1`, w.a.org, w.DB.Now())
		w.Exec(`update member set last_sign_in_at = $2 where id in ($1, $3)`, w.a.ids["sam"], w.DB.Now().Add(-time.Hour), w.a.ids["Le"])
		for _, sort := range member.Sorts {
			for _, descending := range []bool{false, true} {
				q := member.Query{Sort: sort, Descending: descending}
				whole, err := w.members.List(w.Context(), w.as("claire"), w.a.org, q)
				w.Want("whole", err, nil)
				if len(whole.Rows) != 12 || whole.Next != "" {
					w.Fatalf("%d rows, next %q", len(whole.Rows), whole.Next)
				}
				var paged, followed []string
				q.Size = 5
				for q.Page = 1; q.Page <= 4; q.Page++ { // the last is beyond the end
					l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, q)
					w.Want("page", err, nil)
					paged = append(paged, found(l)...)
					if (l.Next != "") != (q.Page < 3) || l.Total != 12 {
						w.Errorf("%s %t page %d: next %q, total %d", sort, descending, q.Page, l.Next, l.Total)
					}
				}
				q.Page = 0
				for {
					l, err := w.members.List(w.Context(), w.as("claire"), w.a.org, q)
					w.Want("cursor", err, nil)
					followed = append(followed, found(l)...)
					if q.After = l.Next; q.After == "" {
						break
					}
				}
				if !slices.Equal(paged, found(whole)) || !slices.Equal(followed, found(whole)) {
					w.Errorf("%s %t:\nwhole %v\npages %v\nfollowed %v", sort, descending, found(whole), paged, followed)
				}
			}
		}
	})
}

// INJ-04, INJ-07: what no list offers is refused, and says which parameter; a
// search is bounded; a cursor serves the list it was given for.
func TestListRefuses(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, by := w.Context(), w.as("claire")
		for name, q := range map[string]member.Query{
			"sort":       {Sort: "(select password from credential)"},
			"size":       {Size: member.MaxPageSize + 1},
			"page":       {Page: member.MaxPage + 1},
			"function":   {Function: "nurse' or '1'='1"},
			"permission": {Permission: "members.read; drop table member"},
			"status":     {Statuses: []member.Status{member.Left}},
		} {
			_, err := w.members.List(ctx, by, w.a.org, q)
			w.Want(name, err, member.ErrQuery)
			if fault.Of(err).Args["Name"] != name || fault.Of(err).Kind != fault.Malformed {
				w.Errorf("%s: %v", name, err)
			}
		}
		for code, q := range map[string]member.Query{
			"text.too_long":         {Search: strings.Repeat("x", 10_000)},
			"member.too_many_words": {Search: "a b c d e f g h i j k l m"},
		} {
			_, err := w.members.List(ctx, by, w.a.org, q)
			if fieldCodes(err)["q"] != code {
				w.Errorf("%v, want %s", err, code)
			}
		}
		l, err := w.members.List(ctx, by, w.a.org, member.Query{Size: 2})
		w.Want("list", err, nil)
		for what, q := range map[string]member.Query{
			"another order":   {Size: 2, Sort: member.ByCreation, After: l.Next},
			"another filter":  {Size: 2, Search: "a", After: l.Next},
			"altered":         {Size: 2, After: l.Next[:len(l.Next)-2]},
			"made up":         {Size: 2, After: "' or 1=1 --"},
			"very long":       {Size: 2, After: strings.Repeat("A", 100_000)},
			"of another list": {Size: 2, After: fmt.Sprintf("%s%s", l.Next, l.Next)},
		} {
			_, err := w.members.List(ctx, by, w.a.org, q)
			w.Want("cursor "+what, err, secret.ErrCursor)
		}
		_, err = w.members.List(ctx, w.as("odile"), w.b.org, member.Query{Size: 2, After: l.Next})
		w.Want("cursor of A in B", err, secret.ErrCursor)
	})
}
