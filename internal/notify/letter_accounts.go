package notify

import (
	"time"

	"habilis/internal/secret"
)

// The letters about two accounts of one person that became one. The one to the mailbox of the account that
// gave way alone leads anywhere: its page has a button that undoes it.
const (
	KindAccountsJoined    Kind = "accounts_joined"     // to the account that is kept
	KindAccountGaveWay    Kind = "account_gave_way"    // to the other one, with the way back
	KindAccountsParted    Kind = "accounts_parted"     // undone: to the account that is kept
	KindAccountBack       Kind = "account_back"        // undone: to the other one
	KindMemberAccount     Kind = "member_account"      // to the administrators of each organisation that moved
	KindMemberAccountBack Kind = "member_account_back" // undone: to them
)

var accountsKinds = []Kind{
	KindAccountsJoined, KindAccountGaveWay, KindAccountsParted, KindAccountBack, KindMemberAccount, KindMemberAccountBack,
}

// AccountsFacts are what the person is told. The other address is masked: a letter's reader may be a stranger
// to it.
type AccountsFacts struct {
	Other  string   // the address of the other account, masked
	Orgs   []string // names of the organisations that moved
	At     time.Time
	Until  time.Time // how long it may be undone
	Link   secret.Text
	ByLink bool // undone from the mailbox: the sessions of the account that is kept have ended, and the password of the other one
	Origin Origin
}

func writeAccounts(kind Kind, to Recipient, f AccountsFacts) *writer {
	vars := map[string]any{varOther: f.Other, "At": f.At}
	if !f.Until.IsZero() {
		vars[varUntil] = f.Until
	}
	return write(kind, to, nil, vars)
}

// moved says which organisations moved, and from where it was asked.
func (w *writer) moved(f AccountsFacts) {
	var before []Fact
	for _, name := range f.Orgs {
		w.errs = append(w.errs, checkLine("organisation", name))
	}
	if n := len(f.Orgs); n > 0 {
		before = append(before, w.fact("organizations", n, secret.NewText(w.printer.List(f.Orgs))))
	}
	w.origin(f.Origin, before...)
}

// WriteAccountsJoined tells the account that is kept that it received the other one's organisations.
func WriteAccountsJoined(to Recipient, f AccountsFacts) (Letter, error) {
	w := writeAccounts(KindAccountsJoined, to, f)
	w.say("intro", "sign_in")
	w.moved(f)
	w.say("undo")
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteAccountGaveWay tells the other account that it signs in no more, and carries the link to the page that
// opens it again.
func WriteAccountGaveWay(to Recipient, f AccountsFacts) (Letter, error) {
	w := writeAccounts(KindAccountGaveWay, to, f)
	w.say("intro", "ended")
	w.moved(f)
	w.say("undo")
	w.button(f.Link, w.common("once_until"))
	return w.end("was_account", Contact{})
}

// WriteAccountsParted tells the account that is kept that the organisations went back.
func WriteAccountsParted(to Recipient, f AccountsFacts) (Letter, error) {
	w := writeAccounts(KindAccountsParted, to, f)
	w.say("intro")
	if f.ByLink {
		w.say("closed")
	}
	w.moved(f)
	w.openYourself()
	return w.end("account", Contact{})
}

// WriteAccountBack tells the other account that it signs in again; by the link, with another password.
func WriteAccountBack(to Recipient, f AccountsFacts) (Letter, error) {
	w := writeAccounts(KindAccountBack, to, f)
	if f.ByLink {
		w.say("intro", "closed")
	} else {
		w.say("intro", "sign_in")
	}
	w.moved(f)
	w.openYourself()
	return w.end("account", Contact{})
}

// MemberAccountFacts are what an administrator is told of a member whose account became another.
type MemberAccountFacts struct {
	Org     Org
	Person  string
	Address string // with which they sign in from now on
	At      time.Time
	Undone  bool
}

// WriteMemberAccount tells an administrator with which account a member signs in from now on.
func WriteMemberAccount(to Recipient, f MemberAccountFacts) (Letter, error) {
	kind := KindMemberAccount
	if f.Undone {
		kind = KindMemberAccountBack
	}
	w := write(kind, to, &f.Org, map[string]any{"Person": f.Person, "Address": f.Address, "At": f.At})
	w.say("intro", "same")
	w.openYourself()
	return w.end("administers", Contact{})
}
