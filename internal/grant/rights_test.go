package grant_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
)

// drawn is a matrix in short: "room ines | julie .R | ines .H", a letter a cell, in capitals
// where it may be changed.
func drawn(m grant.Matrix) string {
	var b strings.Builder
	for _, c := range m.Resources {
		fmt.Fprintf(&b, "%s ", short(c.Name))
	}
	for _, g := range m.Groups {
		fmt.Fprintf(&b, "| %s:", g.Function)
		for _, p := range g.People {
			fmt.Fprintf(&b, " %s ", strings.ToLower(p.GivenName))
			for _, c := range p.Cells {
				b.WriteString(letter(c))
			}
		}
	}
	return b.String()
}

func letter(c grant.Cell) string {
	s := map[grant.Level]string{grant.None: ".", grant.Availability: "d", grant.Read: "l", grant.Reply: "r", grant.Manage: "g"}[c.Level]
	switch {
	case c.Holder:
		return "t"
	case c.Later:
		return "+"
	case c.May:
		return strings.ToUpper(s)
	}
	return s
}

// RGT-5: people by function, practitioners' agendas before rooms, each cell with what may be
// done; a site administrator's matrix holds their site and nothing else (AUZ-06).
func TestMatrix(t *testing.T) {
	eachLevels(t, func(w *levels) {
		later, soon := w.db.Now().Add(48*time.Hour), w.db.Now().Add(time.Hour)
		next, brief := w.to("lea", "room", grant.Read), w.to("paul", "emile", grant.Manage)
		next.From, brief.Until = &later, &soon
		w.give("claire", w.to("julie", "ines", grant.Manage), w.to("julie", "room", grant.Read), w.to("julie", "emile", grant.Availability), next, brief)
		w.clock.Add(2 * time.Hour)
		matrix := func(by string, q grant.MatrixQuery) grant.Matrix {
			t.Helper()
			m, err := w.grants.Matrix(w.Context(), w.as(by), w.a, q)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		m := matrix("claire", grant.MatrixQuery{})
		want := "claire emile ines room | secretary: julie .DGL lea ...+ paul ....| physician: claire t... emile .t.. ines ..t.| manager: gaelle .... hugo .... nadege ...."
		if got := drawn(m); got != want || m.People != 9 || m.Pages != 1 || m.ResourceTotal != 4 {
			t.Errorf("claire:\n%s, want\n%s %+v", got, want, m.People)
		}
		if c := m.Groups[0].People[0].Cells[2]; c.GivenBy != "Claire Essai" || c.GivenAt.IsZero() {
			t.Errorf("%+v", c)
		}
		m = matrix("nadege", grant.MatrixQuery{})
		if got := drawn(m); got != "claire ines room | secretary: julie .GL lea ..+| physician: claire t.. ines .t.| manager: gaelle ... nadege ..." {
			t.Errorf("AUZ-06: %s", got)
		}
		if len(m.Sites) != 1 || len(m.Kinds) != 2 || strings.Join(m.Functions, " ") != "secretary physician manager" {
			t.Errorf("%+v", m)
		}
		w.permit("lea", access.SiteScope(w.a, w.sites[0]), access.RightsRead, access.MembersRead)
		if got := drawn(matrix("lea", grant.MatrixQuery{Function: "secretary"})); got != "claire ines room | secretary: julie .gl lea ..+" {
			t.Errorf("reading alone: %s", got)
		}
		for _, c := range []struct {
			q    grant.MatrixQuery
			want string
		}{
			{grant.MatrixQuery{Type: resource.MessagingProfile, Function: "secretary"}, "desk whole | secretary: julie .. lea .. paul .."},
			{grant.MatrixQuery{Q: "jul ess", Kind: resource.OfRoom}, "room | secretary: julie L"},
			{grant.MatrixQuery{Q: "essai", Site: w.sites[1], Function: "manager", ResourceSite: w.sites[1]}, "emile | manager: gaelle . hugo ."},
			{grant.MatrixQuery{Members: []ident.Member{w.member["julie"], w.member["odile"]}, ResourceQ: "agenda in"}, "ines | secretary: julie G"},
			{grant.MatrixQuery{Resources: []resource.ID{w.thing["ines"], w.thing["rive"]}, Function: "physician"}, "ines | physician: claire . emile . ines t"},
			{grant.MatrixQuery{Q: "nobody"}, "claire emile ines room "},
		} {
			if got := drawn(matrix("claire", c.q)); strings.ReplaceAll(got, "DGL", "...") != c.want && got != c.want {
				t.Errorf("%+v: %s, want %s", c.q, got, c.want)
			}
		}
		for _, q := range []grant.MatrixQuery{{Type: resource.Identity}, {Type: "x"}, {Size: 1000}, {Size: -1}, {Q: strings.Repeat("x", 201)}} {
			_, err := w.grants.Matrix(w.Context(), w.as("claire"), w.a, q)
			w.refused("query", err, grant.ErrQuery)
		}
		_, err := w.grants.Matrix(w.Context(), w.as("julie"), w.a, grant.MatrixQuery{})
		w.refused("julie", err, access.ErrForbidden)
		_, err = w.grants.Matrix(w.Context(), w.as("odile"), w.a, grant.MatrixQuery{})
		w.refused("odile", err, access.ErrNotFound)
	})
}

// DESIGN.md 14: pages of people cut between functions, 12 resources at a time.
func TestMatrixPages(t *testing.T) {
	eachLevels(t, func(w *levels) {
		for i := range 11 {
			w.agenda(fmt.Sprintf("salle %02d", i), w.a, 0, "")
		}
		pages := func(size int) (all []string) {
			for p := 1; ; p++ {
				m, err := w.grants.Matrix(w.Context(), w.as("claire"), w.a, grant.MatrixQuery{Page: p, Size: size})
				if err != nil {
					t.Fatal(err)
				}
				var names []string
				for _, g := range m.Groups {
					for _, x := range g.People {
						names = append(names, strings.ToLower(x.GivenName))
					}
				}
				all = append(all, strings.Join(names, " "))
				if p >= m.Pages {
					return all
				}
			}
		}
		if got := strings.Join(pages(4), "; "); got != "julie lea paul; claire emile ines; gaelle hugo nadege" {
			t.Error(got)
		}
		if got := strings.Join(pages(2), "; "); got != "julie lea; paul; claire emile; ines; gaelle hugo; nadege" {
			t.Error(got)
		}
		m, err := w.grants.Matrix(w.Context(), w.as("claire"), w.a, grant.MatrixQuery{Column: 2, Page: 99})
		if err != nil || len(m.Resources) != 3 || m.Columns != 2 || m.ResourceTotal != 15 || m.Page != 1 {
			t.Errorf("%d of %d, %d pages, page %d %v", len(m.Resources), m.ResourceTotal, m.Columns, m.Page, err)
		}
		m, err = w.grants.Matrix(w.Context(), w.as("claire"), w.a, grant.MatrixQuery{Kind: resource.OfRoom})
		if err != nil || len(m.Resources) != 12 || m.Columns != 1 {
			t.Errorf("filtered: %d %v", len(m.Resources), err)
		}
	})
}

// RGT-10: what a member holds and from where; everybody reads their own, others what they
// may know of.
func TestOfMember(t *testing.T) {
	eachLevels(t, func(w *levels) {
		w.give("claire", w.to("ines", "room", grant.Read), w.to("ines", "emile", grant.Manage), w.to("ines", "desk", grant.Reply))
		w.permit("ines", access.SiteScope(w.a, w.sites[0]), access.RecordsRead)
		of := func(by, name string) (string, error) {
			r, err := w.grants.OfMember(w.Context(), w.as(by), w.a, w.member[name])
			var out []string
			for _, l := range r.Levels {
				out = append(out, short(l.Resource.Name)+" "+string(l.Level)+" "+string(l.Source))
			}
			for _, p := range r.Permissions {
				out = append(out, string(p.Permission))
			}
			if err == nil && !r.InForce {
				out = append(out, "not in force")
			}
			return strings.Join(out, "; "), err
		}
		for _, c := range []struct{ by, want string }{
			{"ines", "emile manage grant; ines manage holder; room read grant; desk reply grant; records.read"},
			{"claire", "emile manage grant; ines manage holder; room read grant; desk reply grant; records.read"},
			{"nadege", "ines manage holder; room read grant; desk reply grant; records.read"},
		} {
			if got, err := of(c.by, "ines"); err != nil || got != c.want {
				t.Errorf("%s: %s %v", c.by, got, err)
			}
		}
		for by, want := range map[string]error{"julie": access.ErrForbidden, "hugo": member.ErrNotFound, "odile": access.ErrNotFound} {
			_, err := of(by, "ines")
			w.refused(by, err, want)
		}
		w.exec(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["ines"])
		if got, err := of("claire", "ines"); err != nil || !strings.HasSuffix(got, "not in force") {
			t.Errorf("%s %v", got, err)
		}
	})
}

// RGT-10: who has access to a resource, now and at a past moment; whoever may read that is
// told of everybody who has it.
func TestOfResource(t *testing.T) {
	eachLevels(t, func(w *levels) {
		start := w.db.Now()
		w.give("claire", w.to("julie", "ines", grant.Read), w.to("paul", "ines", grant.Manage), w.to("ines", "room", grant.Manage))
		then := w.db.Now()
		w.clock.Add(time.Hour)
		w.give("claire", w.to("julie", "ines", grant.None), w.to("lea", "ines", grant.Availability))
		w.exec(`update member_state set status = 'deactivated' where org_id = $1 and member_id = $2 and known_until is null`, w.a, w.member["lea"])
		of := func(by, thing string, at time.Time) (string, error) {
			a, err := w.grants.OfResourceAt(w.Context(), w.as(by), w.a, w.thing[thing], at)
			var out []string
			for _, e := range a.Entries {
				s := strings.ToLower(strings.Fields(e.Name)[0]) + " " + string(e.Level) + " " + string(e.Source)
				if !e.InForce {
					s += " idle"
				}
				if !e.Seen {
					s += " unseen"
				}
				out = append(out, s)
			}
			return strings.Join(out, "; "), err
		}
		for _, c := range []struct {
			by   string
			at   time.Time
			want string
		}{
			{"claire", time.Time{}, "ines manage holder; paul manage grant; lea availability grant idle"},
			{"nadege", time.Time{}, "ines manage holder; paul manage grant unseen; lea availability grant idle"},
			{"ines", time.Time{}, "ines manage holder; paul manage grant unseen; lea availability grant idle unseen"},
			{"claire", then, "ines manage holder; paul manage grant; julie read grant"},
			{"claire", start, "ines manage holder"},
			{"claire", start.AddDate(-1, 0, 0), ""},
		} {
			if got, err := of(c.by, "ines", c.at); err != nil || got != c.want {
				t.Errorf("%s at %v: %s, want %s %v", c.by, c.at, got, c.want, err)
			}
		}
		for by, want := range map[string]error{"julie": resource.ErrNotFound, "hugo": resource.ErrNotFound, "odile": access.ErrNotFound} {
			_, err := of(by, "ines", time.Time{})
			w.refused(by, err, want)
		}
		w.permit("julie", access.SiteScope(w.a, w.sites[0]), access.MembersRead)
		_, err := of("julie", "ines", time.Time{})
		w.refused("who knows of it and reads no rights", err, access.ErrForbidden)
		if a, err := w.grants.OfResource(w.Context(), w.as("ines"), w.a, w.thing["ines"]); err != nil || a.May || a.Resource.HolderName != "Ines Essai" {
			t.Errorf("%+v %v", a, err)
		}
	})
}
