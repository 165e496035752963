package token_test

import (
	"errors"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/token"
)

// rest.md, Decisions: a token is trusted about connections only when it may ask for
// decisions and its maker may edit the security policy that it then answers for.
func TestTrusted(t *testing.T) {
	each(t, func(b *bench) {
		ines, luc := b.account("ines@tilleuls.example", account.NoRole), b.account("luc@tilleuls.example", account.NoRole)
		b.give(b.org, ines, access.TokensEdit, access.DecisionsAsk, access.SecurityEdit, access.MembersRead)
		b.give(b.org, luc, access.TokensEdit, access.DecisionsAsk)
		ask := []access.Permission{access.DecisionsAsk}
		n := token.New{Kind: token.OfOrganization, Org: b.org, Name: "Agenda", Permissions: ask, Trusted: true}
		made, err := b.tokens.Make(b.Context(), b.person(ines), n)
		if err != nil || !made.Token.Trusted {
			t.Fatalf("%+v %v", made.Token, err)
		}
		if list, err := b.tokens.List(b.Context(), b.person(ines), token.Of(b.org)); err != nil || len(list) != 1 || !list[0].Trusted {
			t.Errorf("listed %+v %v", list, err)
		}
		_, err = b.tokens.Make(b.Context(), b.person(luc), n)
		if !errors.Is(err, token.ErrNotHeld) {
			t.Errorf("without security.edit: %v", err)
		}
		n.Permissions = []access.Permission{access.MembersRead}
		_, err = b.tokens.Make(b.Context(), b.person(ines), n)
		wantField(t, err, "trusted", "token.trusted")
		_, err = b.tokens.Make(b.Context(), b.person(ines), token.New{Kind: token.OfPerson, Account: ines.ID, Name: "x", Trusted: true})
		wantField(t, err, "trusted", "token.trusted")
	})
}
