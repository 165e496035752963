package notify

import (
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/merge"
	"habilis/internal/secret"
	sessions "habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
)

// accountsSamples are the letters of two accounts that became one.
func accountsSamples(lang text.Lang) map[string]func() (Letter, error) {
	from := Origin{Address: "192.0.2.7", Browser: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	done := AccountsFacts{
		Other: "a…@clinique.example", Orgs: []string{"CPTS des Deux-Rives", "Clinique Saint-Aubin"}, At: now,
		Until: now.Add(30 * 24 * time.Hour),
		Link:  secret.NewText("https://habilis.exemple.fr/accounts/undo/hm_jeton"), Origin: from,
	}
	one, byLink := done, done
	one.Orgs, byLink.ByLink = done.Orgs[:1], true
	none := done
	none.Orgs = nil
	member := MemberAccountFacts{Org: tilleuls, Person: "Julie Delmas", Address: "julie.delmas@tilleuls.example", At: now}
	back := member
	back.Undone = true
	return map[string]func() (Letter, error){
		"accounts_joined":      func() (Letter, error) { return WriteAccountsJoined(aicha(lang), done) },
		"accounts_joined-none": func() (Letter, error) { return WriteAccountsJoined(aicha(lang), none) },
		"account_gave_way":     func() (Letter, error) { return WriteAccountGaveWay(aicha(lang), one) },
		"accounts_parted":      func() (Letter, error) { return WriteAccountsParted(aicha(lang), one) },
		"accounts_parted-link": func() (Letter, error) { return WriteAccountsParted(aicha(lang), byLink) },
		"account_back":         func() (Letter, error) { return WriteAccountBack(aicha(lang), done) },
		"account_back-link":    func() (Letter, error) { return WriteAccountBack(aicha(lang), byLink) },
		"member_account":       func() (Letter, error) { return WriteMemberAccount(aicha(lang), member) },
		"member_account_back":  func() (Letter, error) { return WriteMemberAccount(aicha(lang), back) },
	}
}

// join has the account of a member give way to another one of the same person.
func (w *world) join(by access.Actor, gone someone) merge.AccountMerge {
	w.Helper()
	var o sessions.OpenedHalf
	w.write(func(tx *store.Tx) (err error) {
		h := sessions.Half{Account: gone.account.ID, ForSession: by.Session, UserAgent: "Firefox/140"}
		if o, err = sessions.OpenBound(ctx, tx, h); err != nil {
			return err
		}
		return sessions.ProveBound(ctx, tx, o.Half.ID)
	})
	m, err := merge.Accounts{Run: w.run}.Merge(ctx, by, o.Token.Reveal())
	w.must(err)
	return m
}

// to is the one letter of a round to an address.
func (w *world) to(all []Kept, address string) (found Kept) {
	w.Helper()
	n := 0
	for _, k := range all {
		if k.To == address {
			found, n = k, n+1
		}
	}
	if n != 1 {
		w.Fatalf("%d letters to %s, want 1", n, address)
	}
	return found
}

// Both mailboxes are told, also that of the account that gave way, which is closed: it alone gets a link, and the other
// address masked. The administrators are told the new address; undone, all of them again.
func TestAccountsLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		gone := w.person("Inès", "Roussel", text.FR)
		kept := w.account("ines@ailleurs.example", "Inès", "Roussel", text.FR)
		by := w.by(someone{account: kept})
		by.Session = ident.NewSession()
		w.work()
		m := w.join(by, gone)
		all := w.work()
		if len(all) != 4 {
			t.Fatalf("%d letters", len(all))
		}
		l := w.to(all, gone.account.Email.Address)
		w.says(l, "ce compte est réuni à un autre", "i…@ailleurs.example", "Maison de santé des Tilleuls", "Firefox")
		if len(l.Links) != 1 || !strings.HasPrefix(l.Links[0], base+"/accounts/undo/hm_") || strings.Contains(l.Text, kept.Email.Address) {
			t.Errorf("%v\n%s", l.Links, l.Text)
		}
		l = w.to(all, kept.Email.Address)
		w.says(l, "vos deux comptes sont réunis", "i…@tilleuls.example", "Ouvrez vous-même")
		if len(l.Links) != 0 {
			t.Error("a security letter leads somewhere")
		}
		for _, who := range []someone{w.bruno, w.claire} {
			w.says(w.to(all, who.account.Email.Address), "Inès Roussel", kept.Email.Address)
		}
		_, err := merge.Accounts{Run: w.run}.Undo(ctx, by, m.ID, m.Version)
		w.must(err)
		all = w.work()
		w.says(w.to(all, gone.account.Email.Address), "ce compte est de nouveau ouvert", "le mot de passe et les seconds facteurs d’avant")
		w.says(w.to(all, kept.Email.Address), "de nouveau séparés")
		w.says(w.to(all, w.bruno.account.Email.Address), "avec son compte d’avant", gone.account.Email.Address)

		w.join(by, gone)
		link := w.to(w.work(), gone.account.Email.Address).Links[0]
		_, err = merge.Accounts{Run: w.run}.UndoByLink(ctx, access.Actor{Kind: access.Anonymous}, link[strings.LastIndex(link, "/")+1:])
		w.must(err)
		all = w.work()
		w.says(w.to(all, gone.account.Email.Address), "le mot de passe d’avant ne sert plus")
		w.says(w.to(all, kept.Email.Address), "toutes les connexions de ce compte-ci sont fermées")

		w.join(by, gone) // undone before a letter went: nothing is told of what does not stand
		list, err := merge.Accounts{Run: w.run}.List(ctx, by)
		w.must(err)
		_, err = merge.Accounts{Run: w.run}.Undo(ctx, by, list[0].ID, list[0].Version)
		w.must(err)
		for _, k := range w.work() {
			if strings.Contains(k.Subject, "réuni") {
				t.Errorf("told: %s", k.Subject)
			}
		}
	})
}
