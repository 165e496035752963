package merge

import (
	"time"

	"habilis/internal/ident"
)

// The letters about two accounts that became one; package notify writes them. Address and Browser are
// where it was done from, as the network and the browser say.

// MergedLetter tells the mailboxes of both accounts. The letter to the one that gave way carries the
// link that undoes it: its job holds the token as secret.
type MergedLetter struct {
	Merge   ident.AccountMerge
	ToGone  bool
	At      time.Time
	Address string
	Browser string
}

// Kind names the job.
func (MergedLetter) Kind() string { return "letter.accounts_merged" }

// UnmergedLetter tells the mailboxes of both accounts that they are two again.
type UnmergedLetter struct {
	Merge   ident.AccountMerge
	ToGone  bool // to the one that gave way, and opens again
	ByLink  bool // by the link; else by the person, signed in
	At      time.Time
	Address string
	Browser string
}

// Kind names the job.
func (UnmergedLetter) Kind() string { return "letter.accounts_unmerged" }

// MovedLetter tells the administrators of an organisation that one of its members signs in with
// another account now, or with their former one again.
type MovedLetter struct {
	Org    ident.Org
	Member ident.Member
	Merge  ident.AccountMerge
	Back   bool
	At     time.Time
}

// Kind names the job.
func (MovedLetter) Kind() string { return "letter.member_account" }
