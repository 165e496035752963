package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Traces is how somebody who left is known, in every version of their membership: what erasure
// looks for (AUD-4).
type Traces struct {
	Person  text.Person
	Account ident.Account // zero: they never had one
	// Namesake: somebody else of the organisation bears the name or bore it, so that the name alone
	// says of nobody who it is.
	Namesake bool
	// Forgotten: no version of them holds a telephone or a number any more, if one ever did.
	Forgotten bool
}

// LeftAt says when somebody left. Errors: ErrNotFound for who is a member, too.
func LeftAt(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (time.Time, error) {
	at, found, err := leftAt(ctx, tx, in, id)
	if err == nil && !found {
		err = ErrNotFound
	}
	return at, err
}

// TracesOf gathers the traces of a member, with those that their account has besides. What others of
// the organisation bear now too, a mailbox or a telephone of the house, tells nobody apart, and is
// left out; so is a SIRET, which is a practice's. same are other memberships of the same person.
func TracesOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, same []ident.Member, besides text.Person) (Traces, error) {
	versions, err := versionsOf(ctx, tx, in, id)
	if err != nil {
		return Traces{}, err
	}
	t := Traces{Person: text.Person{Alone: true}}
	ids := append([]ident.Member{id}, same...)
	p := &t.Person
	for _, v := range versions {
		if !v.account.IsZero() {
			t.Account = v.account
		}
		add(&p.Emails, v.email, v.mssante)
		add(&p.Phones, v.phone)
		add(&p.Numbers, v.rpps, v.amNumber)
		p.Names = append(p.Names, [2]string{v.given, v.family})
	}
	t.Forgotten = len(p.Phones)+len(p.Numbers) == 0
	add(&p.Emails, besides.Emails...)
	names := slices.Concat(p.Names, besides.Names)
	p.Names = nil
	for _, name := range names {
		if name[1] == "" || slices.Contains(p.Names, name) {
			continue
		}
		twin, alone, err := bearers(ctx, tx, in, ids, t.Account, name)
		if err != nil {
			return t, err
		}
		p.Names = append(p.Names, name)
		t.Namesake, p.Alone = t.Namesake || twin, p.Alone && alone
	}
	for _, list := range []*[]string{&p.Emails, &p.Phones, &p.Numbers} {
		if err := ownOnly(ctx, tx, in, ids, t.Account, list); err != nil {
			return t, err
		}
	}
	return t, nil
}

// ownOnly leaves of contacts or numbers those that nobody else of the organisation bears now.
func ownOnly(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, account ident.Account, list *[]string) error {
	var own []string
	for _, value := range *list {
		shared, err := borneByOthers(ctx, tx, in, ids, account, value)
		if err != nil {
			return err
		}
		if !shared {
			own = append(own, value)
		}
	}
	*list = own
	return nil
}

func add(list *[]string, values ...string) {
	for _, v := range values {
		if v != "" && !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
}

// bearers says whether others bear the name, and whether nobody bears the family name.
func bearers(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, account ident.Account, name [2]string,
) (same, alone bool, err error) {
	family := text.Fold(name[1])
	others, err := namesOfOthers(ctx, tx, in, ids, account, family)
	alone = true
	for _, o := range others {
		if text.Fold(o.family) == family {
			alone = false
			same = same || text.Fold(o.given) == text.Fold(name[0])
		}
	}
	return same, alone, err
}

// LeftTogether lists the other memberships of an account in an organisation that ended.
func LeftTogether(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account, but ident.Member) ([]ident.Member, error) {
	if account.IsZero() {
		return nil, nil
	}
	return leftTogether(ctx, tx, in, account, but)
}

// Erase erases who somebody who left was, in every version of their membership. What stays names
// nobody: the ID, the status, the function and the dates, for the trail and past decisions.
func Erase(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	return erase(ctx, tx, in, id)
}
