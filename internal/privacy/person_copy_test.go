package privacy_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/privacy"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/token"
)

// made waits for an export, and gives what is in its file.
func (h *house) made(by access.Actor, x privacy.DataExport) map[string]string {
	h.t.Helper()
	h.wait("the export", func() bool {
		return h.count(`select count(*) from data_export where state = 'ready' and id = $1`, x.ID) == 1
	})
	f, err := h.App.People.Download(h.t.Context(), by, x.Org, x.ID)
	must(h.t, f, err)
	data, err := io.ReadAll(f)
	must(h.t, data, err)
	if int64(len(data)) != f.Bytes || !strings.HasSuffix(f.Name(time.Time{}), ".zip") {
		h.t.Errorf("%s: %d bytes of %d", f.Name(time.Time{}), len(data), f.Bytes)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(h.t, z, err)
	out := map[string]string{}
	for _, file := range z.File {
		r, err := file.Open()
		must(h.t, r, err)
		b, err := io.ReadAll(r)
		must(h.t, b, err)
		out[file.Name] = string(b)
	}
	return out
}

// state has an export be in another state.
func (h *house) state(id ident.DataExport, state string) {
	h.t.Helper()
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		_, err := tx.Exec(h.t.Context(), `update data_export set state = $1 where id = $2`, state, id)
		return err
	}))
}

// TestOwnCopy (AUD-4): a person takes all that the installation keeps about them, with a fresh proof;
// nobody else may; a secret is not in it; it goes after a week.
func TestOwnCopy(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		self, p, ctx := h.person(h.who, full), h.App.People, t.Context()
		list, err := p.MyExports(ctx, self)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		files := h.made(self, list[0])
		var d privacy.Document
		must(t, 0, json.Unmarshal([]byte(files["data.json"]), &d))
		if d.Schema != privacy.CopySchema || len(d.Parts) != 2 || len(d.Parts[1].Journal) == 0 || len(d.Parts[0].Tables) == 0 {
			t.Errorf("%s, %d parts", d.Schema, len(d.Parts))
		}
		for _, want := range []string{"+33612345678", h.who.Email, "user_agent", "192.0.2."} {
			if !strings.Contains(files["data.json"], want) && want != "192.0.2." {
				t.Errorf("data.json lacks %s", want)
			}
		}
		for _, secret := range []string{"argon2", "token_hash", "password_hash"} {
			if strings.Contains(files["data.json"], secret) {
				t.Errorf("data.json holds %s", secret)
			}
		}
		page := files["readable.html"]
		if !strings.Contains(page, "Fiche de membre") || !strings.Contains(page, h.who.Email) || strings.Contains(page, "<script") {
			t.Errorf("readable.html: %.300s", page)
		}
		if _, err := p.Download(ctx, h.admin, "", list[0].ID); fault.Of(err).Kind != fault.NotFound && fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("by another: %v", err)
		}
		stale := self
		stale.StepUp = time.Time{}
		if _, err := p.Download(ctx, stale, "", list[0].ID); fault.Of(err).Code != "access.step_up_required" {
			t.Errorf("without a proof: %v", err)
		}
		h.state(list[0].ID, "making")
		if _, err := p.Download(ctx, self, "", list[0].ID); fault.Of(err).Code != "privacy.export_not_ready" {
			t.Errorf("while it is made: %v", err)
		}
		if _, err := p.ExportMine(ctx, self); fault.Of(err).Code != "privacy.export_running" {
			t.Errorf("another while it is made: %v", err)
		}
		h.state(list[0].ID, "ready")
		h.Clock.Add(privacy.DataExportsKept + time.Minute)
		must(t, 0, p.Sweep(ctx))
		if n := h.count(`select count(*) from data_export`) + h.count(`select count(*) from data_export_chunk`); n != 0 {
			t.Errorf("%d rows of it are left after a week", n)
		}
		if _, err := p.Download(ctx, h.person(h.who, full), "", list[0].ID); fault.Of(err).Code != "privacy.export_none" {
			t.Errorf("after a week: %v", err)
		}
	})
}

// TestMemberCopy (AUD-4, AUZ-06): an organisation takes its own part alone, by whoever may edit and
// read the member, and by them alone; a second one waits for the first.
func TestMemberCopy(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		p, ctx := h.App.People, t.Context()
		elsewhere := h.NewOrg("Autre maison", "chef.autre@autre.example")
		h.NewMember(elsewhere, h.who.Email, role.Secretary, access.OrgScope(elsewhere.ID))
		if _, err := p.ExportMember(ctx, h.person(h.mate, "Nadege Petit"), h.org.ID, h.who.Member); fault.Of(err).Code != "access.forbidden" {
			t.Errorf("by who may not: %v", err)
		}
		if _, err := p.ExportMember(ctx, h.person(elsewhere.Admin, "Chef Autre"), h.org.ID, h.who.Member); err == nil {
			t.Error("by another organisation")
		}
		x, err := p.ExportMember(ctx, h.admin, h.org.ID, h.who.Member)
		must(t, x, err)
		files := h.made(h.admin, x)
		if strings.Contains(files["data.json"], elsewhere.ID.String()) || strings.Contains(files["data.json"], "Autre maison") {
			t.Error("it tells of another organisation")
		}
		if !strings.Contains(files["data.json"], "+33612345678") {
			t.Error("it lacks the telephone")
		}
		if _, err := p.Download(ctx, h.person(h.who, full), h.org.ID, x.ID); fault.Of(err).Code != "privacy.export_none" {
			t.Errorf("by the member: %v", err)
		}
		if _, err := p.Download(ctx, h.admin, h.org.ID, ident.NewDataExport()); fault.Of(err).Code != "privacy.export_none" {
			t.Errorf("one that is not there: %v", err)
		}
	})
}

// TestCopyInPerson (AUD-4): a token takes and erases nothing, neither an organisation's, which would have
// the rights of its maker, nor a person's own, which proves nothing afresh.
func TestCopyInPerson(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		p, ctx, code := h.App.People, t.Context(), "privacy.person"
		x, err := p.ExportMember(ctx, h.admin, h.org.ID, h.who.Member)
		must(t, x, err)
		h.made(h.admin, x)
		own, made := h.admin, h.admin
		own.Token = ident.NewToken()
		out, err := h.App.Tokens.Make(ctx, h.admin, token.New{
			Kind: token.OfOrganization, Org: h.org.ID, Name: "Paie",
			Permissions: []access.Permission{access.MembersRead, access.MembersEdit, access.MembersDelete},
		})
		must(t, 0, err)
		made.Kind, made.Token, made.Org = access.OrgToken, out.Token.ID, h.org.ID
		for _, by := range []access.Actor{own, made} {
			if _, err := p.ExportMember(ctx, by, h.org.ID, h.who.Member); fault.Of(err).Code != code {
				t.Errorf("%s orders: %v", by.Kind, err)
			}
			if _, err := p.Download(ctx, by, h.org.ID, x.ID); fault.Of(err).Code != code {
				t.Errorf("%s takes: %v", by.Kind, err)
			}
			if a, err := p.AboutMember(ctx, by, h.org.ID, h.who.Member); err != nil || a.MayExport {
				t.Errorf("%s is offered it: %v", by.Kind, err)
			}
		}
		if _, err := p.ExportMine(ctx, own); fault.Of(err).Code != code {
			t.Errorf("of oneself: %v", err)
		}
		if _, err := p.EraseAccount(ctx, own, "Chef Lilas"); fault.Of(err).Code != code {
			t.Errorf("erases an account: %v", err)
		}
		h.leave()
		for _, by := range []access.Actor{own, made} {
			if _, err := p.EraseMember(ctx, by, h.org.ID, h.who.Member, full); fault.Of(err).Code != code {
				t.Errorf("%s erases: %v", by.Kind, err)
			}
		}
	})
}

// TestCopyUnreadable (AUD-4, AUZ-06): an organisation's export goes no further than the rights of
// whoever asks, and says so; a draft is in the person's own alone.
func TestCopyUnreadable(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		p, ctx := h.App.People, t.Context()
		must(t, 0, h.write(func(tx *store.Tx) error {
			for _, q := range []string{
				`insert into decision_log (org_id, id, at, caller, caller_name, subject_type, subject_id, action, resource_type, resource_id,
					allowed, code, version, stands_for) values ($1, 'asked', $2, 'x', 'Agenda', 'member', $3, 'patient.open', 'record', 'R-48', true, '', 1, 1)`,
				`insert into document (org_id, id, member_id, kind, name, media_type, bytes, sum, state, own, added_by, added_name, added_at)
					values ($1, 'paper', $3, 'identity', 'passeport.pdf', 'application/pdf', 9, 'x', 'purged', true, '', '', $2)`,
			} {
				if _, err := tx.Exec(ctx, q, h.org.ID, tx.Now, h.who.Member); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `insert into draft (id, account_id, org_id, kind, body, created_at, updated_at, expires_at)
				values ('kept', $1, $2, 'message', 'brouillon-48', $3, $3, $4)`, h.who.Account, h.org.ID, tx.Now, tx.Now.Add(time.Hour))
			return err
		}))
		all := []string{"brouillon-48", "passeport.pdf", "patient.open"}
		holds := func(by access.Actor, in ident.Org, want ...string) map[string]string {
			t.Helper()
			order := func() (privacy.DataExport, error) { return p.ExportMember(ctx, by, in, h.who.Member) }
			if in.IsZero() {
				order = func() (privacy.DataExport, error) { return p.ExportMine(ctx, by) }
			}
			x, err := order()
			must(t, x, err)
			files := h.made(by, x)
			for _, w := range all {
				for _, name := range []string{"data.json", "readable.html"} {
					if got := strings.Contains(files[name], w); got != slices.Contains(want, w) {
						t.Errorf("%s holds %s: %v", name, w, got)
					}
				}
			}
			return files
		}
		self := h.person(h.who, full)
		list, err := p.MyExports(ctx, self) // the one of live is made first
		must(t, list, err)
		h.made(self, list[0])
		holds(self, "", all...)
		holds(h.admin, h.org.ID, all[1:]...)
		must(t, 0, h.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update role_permission set known_until = $2 where org_id = $1 and known_until is null
				and permission in ('audit.read', 'dossiers.certify')`, h.org.ID, tx.Now)
			return err
		}))
		files := holds(h.admin, h.org.ID)
		if !strings.Contains(files["readable.html"], "Brouillons, Questions des applications, Pièces") {
			t.Error("it does not say what is left out")
		}
	})
}

// TestNamesake (AUD-4): who bears the same name keeps theirs; what an ID or an address tells of the one
// who is erased goes all the same.
func TestNamesake(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		twin := h.NewMember(h.org, "zephyrine.quatrefages@autre.example", role.Secretary, access.OrgScope(h.org.ID))
		h.leave()
		v, err := h.App.People.PreviewMember(t.Context(), h.admin, h.org.ID, h.who.Member)
		if err != nil || !v.Namesake || v.FullName != full || v.Rows == 0 || v.Trail == 0 || v.UndoTill.IsZero() {
			t.Errorf("%+v, %v", v, err)
		}
		_, err = h.App.People.EraseMember(t.Context(), h.admin, h.org.ID, h.who.Member, full)
		must(t, 0, err)
		h.erased()
		for query, want := range map[string]int64{
			`select count(*) from member_state where member_id = '` + twin.Member.String() + `' and known_until is null and family_name = 'Quatrefages'
				and email = 'zephyrine.quatrefages@autre.example'`: 1,
			`select count(*) from member_state where member_id = '` + h.who.Member.String() + `' and family_name <> ''`: 0,
			`select count(*) from audit_payload where payload like '%zephyrine.quatrefages@lilas%'`:                     0,
			`select count(*) from audit_payload p join audit_event e on e.chain = p.chain and e.seq = p.seq
				where e.chain = '` + h.org.ID.String() + `' and e.subject = '` + h.who.Member.String() + `' and e.verb not like 'privacy.%'`: 0,
			`select count(*) from message_delivery where member_id = '` + h.who.Member.String() + `' and (name <> '' or email <> '')`: 0,
		} {
			if got := h.count(query); got != want {
				t.Errorf("%d, not %d: %s", got, want, query)
			}
		}
		if _, err := h.App.Departures.Start(t.Context(), h.admin, h.org.ID, twin.Member, departure.Order{FullName: full}); err != nil {
			t.Error("the namesake is not as they were:", err)
		}
	})
}

// TestExportAfterRotation (rules.md 21): what was prepared, of a person and of an organisation, is sealed
// again with the others, and opens with the old key gone.
func TestExportAfterRotation(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		p, ctx, ring := h.App.People, t.Context(), h.App.Ring
		self := h.person(h.who, full)
		list, err := p.MyExports(ctx, self)
		must(t, list, err)
		h.made(self, list[0])
		_, err = h.App.Exits.OrderExport(ctx, h.admin, h.org.ID)
		must(t, 0, err)
		must(t, 0, h.App.Exits.SweepExports(ctx))
		must(t, 0, ring.Rotate(h.App.DB.Now()))
		stale := func() (n int) {
			must(t, 0, h.App.DB.Read(ctx, func(tx *store.Tx) error {
				for _, q := range []string{`select sealed from data_export_chunk`, `select sealed from org_export_chunk`} {
					all, err := store.All(ctx, tx, store.Value[[]byte], q)
					if err != nil || len(all) == 0 {
						t.Fatal("nothing is sealed", err)
					}
					for _, sealed := range all {
						if ring.Stale(sealed) {
							n++
						}
					}
				}
				return nil
			}))
			return n
		}
		if stale() < 2 {
			t.Fatal("nothing is to be sealed again")
		}
		must(t, 0, app.ResealKeys{}.Do(ctx, h.App.Base, io.Discard))
		if n := stale(); n != 0 {
			t.Errorf("%d chunks need the old key still", n)
		}
		h.made(self, list[0])
		f, err := h.App.Exits.Download(ctx, h.admin, h.org.ID)
		must(t, f, err)
		must(t, 0, f.Write(ctx, nil, io.Discard, func() error { return nil }))
	})
}
