package privacy_test

import (
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/departure"
	"habilis/internal/role"
	"habilis/internal/store"
)

// titled gives a line of work a title, and says whether it stands.
func (h *house) titled(title string) bool {
	return h.count(`select count(*) from work_item where org_id = $1 and title = $2`, h.org.ID, title) == 1
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	must(h.t, 0, h.write(func(tx *store.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

// TestErasureSpares (AUD-4): what colleagues bear too (SIRET, telephone, mailbox) is theirs and stays;
// so do words about who bears the name that only the account of the erased person has.
func TestErasureSpares(t *testing.T) {
	for what, title := range map[string]string{
		"telephone": "Rappeler le 06 12 34 56 78", "mailbox": "Voir accueil@lilas.mssante.fr",
		"siret": "Facture du 12345678901234", "account": "Appeler Mme Roche",
	} {
		t.Run(what, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				h.exec(`update member_state set siret = '12345678901234', phone = '+33612345678', mssante = 'Accueil@lilas.mssante.fr'
					where org_id = $1 and member_id = $2 and known_until is null`, h.org.ID, h.mate.Member)
				h.exec(`update member_state set siret = '12345678901234', mssante = 'accueil@lilas.mssante.fr' where org_id = $1 and member_id = $2`, h.org.ID, h.who.Member)
				h.exec(`update account_state set family_name = 'Roche' where account_id = $1`, h.who.Account)
				h.exec(`update member_state set family_name = 'Roche', sort_key = 'roche nadege'
					where org_id = $1 and member_id = $2 and known_until is null`, h.org.ID, h.mate.Member)
				h.exec(`update work_item set title = $2 where org_id = $1`, h.org.ID, title)
				h.leave()
				_, err := h.App.People.EraseMember(t.Context(), h.admin, h.org.ID, h.who.Member, full)
				must(t, 0, err)
				h.erased()
				if !h.titled(title) {
					t.Errorf("%q is gone", title)
				}
			})
		})
	}
}

// TestErasureTogether (AUD-4): an earlier membership of the same account is the same person: it makes
// nobody their own namesake, and goes with the other.
func TestErasureTogether(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.leave()
		back := h.NewMember(h.org, h.who.Email, role.Secretary, access.OrgScope(h.org.ID))
		_, err := h.App.Departures.Start(t.Context(), h.admin, h.org.ID, back.Member, departure.Order{FullName: full})
		must(t, 0, err)
		h.wait("the second departure", func() bool {
			return h.count(`select count(*) from departure where org_id = $1 and stage = 'finished'`, h.org.ID) == 2
		})
		v, err := h.App.People.PreviewMember(t.Context(), h.admin, h.org.ID, back.Member)
		if must(t, v, err); v.Namesake {
			t.Error("they are their own namesake")
		}
		_, err = h.App.People.EraseMember(t.Context(), h.admin, h.org.ID, back.Member, full)
		must(t, 0, err)
		h.erased()
		for _, p := range []apptest.Person{h.who, back} {
			if h.count(`select count(*) from member_state where org_id = $1 and member_id = $2 and family_name <> ''`, h.org.ID, p.Member) != 0 {
				t.Error("a membership keeps the name")
			}
		}
		if !h.titled("Rappeler — vu avec —") {
			t.Error("words keep the name")
		}
	})
}
