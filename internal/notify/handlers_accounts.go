package notify

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
)

// accountsLetters are the letters to both mailboxes of a person whose accounts became one, or two again.
func (h handlers) accountsLetters() map[string]composer {
	return map[string]composer{
		merge.MergedLetter{}.Kind():   h.accountsMerged,
		merge.UnmergedLetter{}.Kind(): accountsUnmerged,
	}
}

// mergeOf reads what a letter is about, as long as it stands so.
func mergeOf(ctx context.Context, tx *store.Tx, id ident.AccountMerge, in ...merge.AccountState) (merge.AccountMerge, error) {
	m, found, err := merge.AccountsOf(ctx, tx, id)
	if err == nil && (!found || !slices.Contains(in, m.State)) {
		err = errMoot
	}
	return m, err
}

// accountsMerged tells of it. The account that gave way is closed, and its mailbox is written to all the same.
func (h handlers) accountsMerged(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[merge.MergedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	m, err := mergeOf(ctx, tx, args.Merge, merge.AccountsMerged)
	if err != nil {
		return Letter{}, err
	}
	f := accountsFacts(m, args.At, m.GoneEmail, Origin{args.Address, args.Browser})
	f.Until = m.UndoTill
	if !args.ToGone {
		a, err := person(ctx, tx, m.Kept)
		if err != nil {
			return Letter{}, err
		}
		return WriteAccountsJoined(recipient(a), f)
	}
	a, ok, err := account.Get(ctx, tx, m.Gone)
	if err == nil && !ok {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	f.Other, f.Link = maskedAddress(m.KeptEmail), h.link("accounts", "undo", j.Secret.Reveal())
	return WriteAccountGaveWay(recipient(a), f)
}

func accountsUnmerged(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[merge.UnmergedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	m, err := mergeOf(ctx, tx, args.Merge, merge.AccountsApart)
	if err != nil {
		return Letter{}, err
	}
	who, other, write := m.Kept, m.GoneEmail, WriteAccountsParted
	if args.ToGone {
		who, other, write = m.Gone, m.KeptEmail, WriteAccountBack
	}
	a, err := person(ctx, tx, who)
	if err != nil {
		return Letter{}, err
	}
	f := accountsFacts(m, args.At, other, Origin{args.Address, args.Browser})
	f.ByLink = args.ByLink
	return write(recipient(a), f)
}

// memberAccount tells the administrators of an organisation, but not the person, if they are one of them.
func memberAccount(ctx context.Context, tx *store.Tx, j job.Job) (map[string]Letter, error) {
	args, err := decode[merge.MovedLetter](j)
	if err != nil {
		return nil, err
	}
	state := merge.AccountsMerged
	if args.Back {
		state = merge.AccountsApart
	}
	m, err := mergeOf(ctx, tx, args.Merge, state)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(m.Members, func(x merge.MovedMember) bool { return x.Member == args.Member })
	if at < 0 {
		return nil, errMoot
	}
	f := MemberAccountFacts{Person: m.Members[at].Name, Address: m.KeptEmail, At: args.At, Undone: args.Back}
	if args.Back {
		f.Address = m.GoneEmail
	}
	letters, err := toAdministrators(ctx, tx, access.OrgScope(args.Org), func(to addressee) (Letter, error) {
		f.Org = to.org
		return WriteMemberAccount(recipient(to.account), f)
	})
	delete(letters, m.Kept.String())
	delete(letters, m.Gone.String())
	return letters, err
}

// accountsFacts are what is told of it to the mailbox of one of the two; other is the address of the other one.
func accountsFacts(m merge.AccountMerge, at time.Time, other string, from Origin) AccountsFacts {
	f := AccountsFacts{Other: maskedAddress(other), At: at, Origin: from}
	for i := range m.Members {
		if x := &m.Members[i]; x.Status != member.Left && !slices.Contains(f.Orgs, x.OrgName) {
			f.Orgs = append(f.Orgs, x.OrgName)
		}
	}
	return f
}

func maskedAddress(address string) string {
	e, _ := account.ParseEmail(address)
	return e.Masked()
}
