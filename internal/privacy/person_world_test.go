package privacy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/audit"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/message"
	"habilis/internal/privacy"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// canaries are what must be found nowhere once their person is erased.
var canaries = []string{"zephyrine", "zéphyrine", "quatrefages", "612345678", "6 12 34 56 78", "10005173140", "1000 5173 140"}

// full is their name.
const full = "Zephyrine Quatrefages"

// house is an organisation of which somebody is to be erased, in a running server.
type house struct {
	*apptest.Server

	t     *testing.T
	org   apptest.Org
	who   apptest.Person
	mate  apptest.Person
	admin access.Actor
}

func eachHouse(t *testing.T, fn func(t *testing.T, h *house)) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		h := &house{Server: s, t: t, org: s.NewOrg("Maison des Lilas", "chef.lilas@lilas.example")}
		h.who = s.NewMember(h.org, "zephyrine.quatrefages@lilas.example", role.Secretary, access.OrgScope(h.org.ID))
		h.mate = s.NewMember(h.org, "nadege.petit@lilas.example", role.Secretary, access.OrgScope(h.org.ID))
		h.admin = h.person(h.org.Admin, "Chef Lilas")
		h.live()
		fn(t, h)
	})
}

// person is somebody who has just proved who they are.
func (h *house) person(p apptest.Person, name string) access.Actor {
	now := h.App.DB.Now()
	return access.Actor{
		Kind: access.Person, Account: p.Account, Name: name, Via: "test", Address: "192.0.2.7", StepUp: now, Opened: now, Seen: now,
		Second: "totp", SecondAt: now,
	}
}

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err, fault.Of(err).Fields)
	}
	return v
}

// live fills the organisation with traces of them, by acts, and by words wherever anything may be
// written.
func (h *house) live() {
	ctx, t := h.t.Context(), h.t
	a, phone, mss, rpps := h.App, "+33612345678", "zephyrine.quatrefages@lilas.mssante.fr", "10005173140"
	sheet, err := a.Members.Get(ctx, h.admin, h.org.ID, h.who.Member)
	must(t, sheet, err)
	_, err = a.Members.Edit(ctx, h.admin, h.org.ID, h.who.Member, member.Change{Phone: &phone, MSSante: &mss}, sheet.Version)
	must(t, 0, err)
	must(t, 0, h.write(func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update member_state set rpps = $3 where org_id = $1 and member_id = $2`, h.org.ID, h.who.Member, rpps)
		return err
	}))
	agenda, err := a.Resources.Create(ctx, h.admin, h.org.ID, resource.Agenda, resource.Details{
		Site: h.org.Site, Kind: resource.OfRoom, Name: "Agenda de " + full,
	})
	must(t, agenda, err)
	_, err = a.Messages.Send(ctx, h.admin, h.org.ID, message.Draft{
		Members: []ident.Member{h.who.Member, h.mate.Member}, Subject: "Réunion", Text: "Avec Mme Quatrefages, au 06 12 34 56 78, RPPS 1000 5173 140.",
	})
	must(t, 0, err)
	_, err = a.WorkItems.Register(ctx, h.admin, h.org.ID, workitem.Line{
		Ref: workitem.Ref{Source: "agenda", External: "1"}, Details: workitem.Details{Kind: workitem.Task, Title: "Rappeler " + full, Owner: h.mate.Member, State: workitem.Open},
	})
	must(t, 0, err)
	browser := h.SignIn(h.who.Email)
	browser.Get("/o/" + h.org.Slug + "/home")
	self := h.person(h.who, full)
	_, err = a.People.ExportMine(ctx, self)
	must(t, 0, err)
	h.spread()
}

// spread writes the name wherever anything may be written.
func (h *house) spread() {
	documents := []string{"org_setting", "member_import_line", "draft"} // JSON: their words are in them already
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		for _, p := range privacy.Tables {
			if p.Everywhere || slices.Contains(documents, p.Table) {
				continue
			}
			for _, w := range p.Words {
				if strings.HasPrefix(w, "email") || w == "address" {
					continue
				}
				if _, err := tx.Exec(h.t.Context(), fmt.Sprintf(`update %s set %s = %s || $2 where org_id = $1`, p.Table, w, w), h.org.ID,
					" vu avec "+full); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func (h *house) write(fn func(tx *store.Tx) error) error {
	return h.App.DB.Write(context.Background(), []store.Lock{store.Installation, store.Lock(h.org.ID)}, fn)
}

// leave lets them go.
func (h *house) leave() {
	ctx := h.t.Context()
	_, err := h.App.Departures.Start(ctx, h.admin, h.org.ID, h.who.Member, departure.Order{FullName: full})
	must(h.t, 0, err)
	h.wait("the departure", func() bool {
		return h.count(`select count(*) from departure where org_id = $1 and stage = 'finished'`, h.org.ID) == 1
	})
}

func (h *house) wait(what string, done func() bool) {
	h.t.Helper()
	const tries, pause = 400, 50 * time.Millisecond
	for range tries {
		if done() {
			return
		}
		time.Sleep(pause)
	}
	h.t.Fatalf("%s did not come", what)
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	err := h.App.DB.Read(h.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(h.t.Context(), query, args...).Scan(&n) })
	must(h.t, 0, err)
	return n
}

// dump reads every row of every table, as a backup made now has them.
func (h *house) dump() map[string][]string {
	h.t.Helper()
	var file bytes.Buffer
	_, err := h.App.DB.Backup(h.t.Context(), &file, h.App.Ring)
	must(h.t, 0, err)
	out := map[string][]string{}
	_, err = store.ReadBackup(bytes.NewReader(file.Bytes()), h.App.Ring, func(table store.Table, values []any) error {
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = string(b)
			}
		}
		out[table.Name] = append(out[table.Name], fmt.Sprintf("%v", values))
		return nil
	})
	must(h.t, 0, err)
	return out
}

// search looks for the canaries in a text.
func search(text string) string {
	low := strings.ToLower(text)
	for _, c := range canaries {
		if at := strings.Index(low, c); at >= 0 {
			return text[max(0, at-80):min(len(text), at+80)]
		}
	}
	return ""
}

// erased waits until all erasures are done.
func (h *house) erased() {
	h.t.Helper()
	h.wait("the erasure", func() bool {
		must(h.t, 0, h.App.People.Sweep(h.t.Context()))
		return h.count(`select count(*) from erasure where done_at is null`) == 0
	})
}

// TestNothingIsLeft (AUD-4, Must show 2): after the erasure of a member and of their account no row of
// any table of a backup made then, no answer, no export, no figure and no line of the log written
// since holds their name, address, telephone or number; the trail holds, and others are as they were.
func TestNothingIsLeft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.leave()
		if found := search(fmt.Sprint(h.dump())); found == "" {
			t.Fatal("nothing is there to be erased")
		}
		before := h.dump()
		logged := len(h.Log.Text())
		_, err := h.App.People.EraseMember(t.Context(), h.admin, h.org.ID, h.who.Member, full)
		must(t, 0, err)
		h.erased()
		_, err = h.App.People.EraseAccount(t.Context(), h.person(h.who, full), full)
		must(t, 0, err)
		h.erased()
		h.wait("the last letter", func() bool { return h.count(`select count(*) from job where sealed is not null`) == 0 })
		after := h.dump()
		for table, rows := range after {
			for _, r := range rows {
				if found := search(r); found != "" {
					t.Errorf("%s: …%s…", table, found)
				}
			}
		}
		if n := h.count(`select count(*) from file`) + h.count(`select count(*) from data_export_chunk`) + h.count(`select count(*) from factor where account_id = $1`, h.who.Account); n != 0 {
			t.Errorf("%d sealed things are left", n)
		}
		h.others(before, after)
		h.doorsAreSilent(logged)
		h.verified()
	})
}

// others: what is about others, by IDs, is as it was but for the name in their words.
func (h *house) others(before, after map[string][]string) {
	h.t.Helper()
	moves := []string{"audit_", "job", "counter", "idempotency", "event", "erasure", "data_export", "org_version", "session", "org_setting",
		"installation_fact", "decision_log", "right_use", "known_browser", "device", "half_session"}
	clean := strings.NewReplacer(full, "—", strings.ToLower(full), "—", "Mme Quatrefages", "—", "06 12 34 56 78", "—", "1000 5173 140", "—")
	for table, rows := range before {
		if slices.ContainsFunc(moves, func(m string) bool { return strings.HasPrefix(table, m) }) {
			continue
		}
		for _, r := range rows {
			if strings.Contains(r, h.who.Member.String()) || strings.Contains(r, h.who.Account.String()) {
				continue
			}
			if want := clean.Replace(r); !slices.Contains(after[table], want) {
				h.t.Errorf("%s: a row of others changed: %.300s", table, r)
			}
		}
	}
	for _, p := range []apptest.Person{h.mate, h.org.Admin} {
		if n := h.count(`select count(*) from member_state where member_id = $1 and known_until is null and family_name <> '' and search <> ''`, p.Member); n != 1 {
			h.t.Errorf("%s is not as they were", p.Email)
		}
	}
}

// doorsAreSilent: nothing that is answered, exported, counted or logged since names them.
func (h *house) doorsAreSilent(logged int) {
	h.t.Helper()
	program := h.Token(h.org)
	base := "/api/v1/organizations/" + h.org.ID.String()
	for _, path := range []string{
		"/members", "/audit-events?limit=100", "/audit-events/export?format=jsonl", "/audit-events/export?format=csv", "/messages", "/departures",
		"/invitations", "/agendas", "/change-sets", "/work-items?owner=" + h.mate.Member.String(), "/exports/members?format=csv",
	} {
		answer := program.Call(http.MethodGet, base+path, nil)
		if answer.Status != http.StatusOK && answer.Status != http.StatusNotFound {
			h.t.Errorf("%s: %d %.200s", path, answer.Status, answer.Body)
		}
		if found := search(answer.Body); found != "" {
			h.t.Errorf("%s: …%s…", path, found)
		}
	}
	if found := search(h.App.Figures()); found != "" {
		h.t.Errorf("the figures: …%s…", found)
	}
	if found := search(h.Log.Text()[logged:]); found != "" {
		h.t.Errorf("the log: …%s…", found)
	}
}

// verified: the trail holds, and tells that details were erased.
func (h *house) verified() {
	h.t.Helper()
	var r audit.Report
	err := h.App.DB.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		r, err = audit.Verify(h.t.Context(), tx, nil)
		return err
	})
	if err != nil || len(r.Problems) > 0 || r.Erased == 0 {
		h.t.Errorf("the trail: %+v, %v", r, err)
	}
}

// TestErasureStops (AUD-4): killed between any two parts, an erasure goes on where it was, and does
// nothing twice; what it leaves is the same.
func TestErasureStops(t *testing.T) {
	killed := errors.New("killed")
	eachHouse(t, func(t *testing.T, h *house) {
		h.leave()
		_, err := h.App.People.EraseMember(t.Context(), h.admin, h.org.ID, h.who.Member, full)
		must(t, 0, err)
		stops := 0
		people := h.App.People.Between(func(string) error { stops++; return killed })
		h.wait("the erasure", func() bool {
			err := people.Sweep(t.Context())
			return err == nil || !errors.Is(err, killed)
		})
		if done := h.count(`select count(*) from erasure where done_at is not null`); done != 1 {
			t.Fatalf("%d erasures are done after %d stops", done, stops)
		}
		if n := h.count(`select count(*) from audit_event where verb = 'privacy.erased'`); n != 1 {
			t.Errorf("it ended %d times", n)
		}
		if n := h.count(`select count(*) from member_state where org_id = $1 and member_id = $2 and (family_name <> '' or rpps <> '')`,
			h.org.ID, h.who.Member); n != 0 {
			t.Error("who they were is there still")
		}
		h.verified()
	})
}

// TestErasureRefused (AUD-4): who is a member, who came back, who is erased already and a name that is
// not theirs are refused; so is a second erasure at the same time, and an account that is a member.
func TestErasureRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		p, ctx := h.App.People, t.Context()
		refused := func(code string, err error) {
			t.Helper()
			if got := fault.Of(err).Code; err == nil || got != code && (len(fault.Of(err).Fields) == 0 || fault.Of(err).Fields[0].Code != code) {
				t.Errorf("%v (%s), not %s", err, got, code)
			}
		}
		_, err := p.EraseMember(ctx, h.admin, h.org.ID, h.who.Member, full)
		refused("privacy.still_member", err)
		_, err = p.EraseAccount(ctx, h.person(h.who, full), full)
		refused("privacy.memberships_left", err)
		h.platform("support")
		_, err = p.EraseAccount(ctx, h.person(h.who, full), full)
		refused("privacy.platform_role", err)
		h.platform("")
		h.leave()
		_, err = p.EraseMember(ctx, h.admin, h.org.ID, h.who.Member, "Zephyrine")
		refused("privacy.name_differs", err)
		stranger := h.person(h.mate, "Nadege Petit")
		_, err = p.EraseMember(ctx, stranger, h.org.ID, h.who.Member, full)
		refused("member.not_found", err)
		stale := h.admin
		stale.StepUp = time.Time{}
		_, err = p.EraseMember(ctx, stale, h.org.ID, h.who.Member, full)
		refused("access.step_up_required", err)
		back := h.NewMember(h.org, h.who.Email, role.Secretary, access.OrgScope(h.org.ID))
		_, err = p.EraseMember(ctx, h.admin, h.org.ID, h.who.Member, full)
		refused("privacy.came_back", err)
		_, err = h.App.Departures.Start(ctx, h.admin, h.org.ID, back.Member, departure.Order{FullName: full})
		must(t, 0, err)
		h.wait("the second departure", func() bool {
			return h.count(`select count(*) from departure where org_id = $1 and stage = 'finished'`, h.org.ID) == 2
		})
		h.twoAtOnce()
		h.erased()
		_, err = p.EraseMember(ctx, h.admin, h.org.ID, h.who.Member, "")
		refused("privacy.erased", err)
		if err := h.undo(); fault.Of(err).Code != "departure.not_found" {
			t.Errorf("an erased departure: %v", err)
		}
	})
}

// platform gives the person's account a role on the platform.
func (h *house) platform(role string) {
	h.t.Helper()
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		_, err := tx.Exec(h.t.Context(), `update account_state set platform_role = $1 where account_id = $2`, role, h.who.Account)
		return err
	}))
}

// twoAtOnce: of two who ask at the same moment one is refused, and it is done once.
func (h *house) twoAtOnce() {
	h.t.Helper()
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.App.People.EraseMember(h.t.Context(), h.admin, h.org.ID, h.who.Member, full) })
	}
	wg.Wait()
	done := slices.Contains(errs, nil)
	other := errors.Join(errs...)
	if code := fault.Of(other).Code; !done || other == nil || code != "privacy.erasing" && code != "privacy.erased" {
		h.t.Errorf("two at once: %v", errs)
	}
}

func (h *house) undo() error {
	_, err := h.App.Departures.Undo(h.t.Context(), h.admin, h.org.ID, h.who.Member, departure.AnyVersion)
	return err
}
