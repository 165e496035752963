package invitation

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"habilis/internal/access"
	"habilis/internal/ident"
)

// rules.md 13: whoever invited is found again from the row, exactly.
func TestInviterIsReadBack(t *testing.T) {
	org, account, token := ident.NewOrg(), ident.NewAccount(), ident.NewToken()
	for name, by := range map[string]access.Actor{
		"person":                 {Kind: access.Person, Account: account},
		"person's token":         {Kind: access.Person, Account: account, Token: token},
		"organisation's token":   {Kind: access.OrgToken, Token: token, Account: account, Org: org},
		"token of the operator":  {Kind: access.OrgToken, Token: token, Org: org},
		"operator":               {Kind: access.System},
		"platform's person":      {Kind: access.Person, Account: account},
		"platform's token":       {Kind: access.PlatformToken, Token: token},
		"platform's, by someone": {Kind: access.PlatformToken, Token: token, Account: account},
	} {
		t.Run(name, func(t *testing.T) {
			want := InviterOf(by, org, name[:3] == "pla")
			if got := parseInviter(want.String(), org); !cmp.Equal(got, want) {
				t.Errorf("%q: %s", want.String(), cmp.Diff(want, got))
			}
		})
	}
}

// An error denies: a row that nobody wrote stands on nobody's authority.
func TestUnreadableInviterIsNobody(t *testing.T) {
	org := ident.NewOrg()
	for _, s := range []string{"", "/", "system ", "platform", "acc_1", "mbr_" + ident.NewMember().String()[4:], "platform/", "systemx"} {
		if got := parseInviter(s, org).Actor.Kind; got != access.Anonymous {
			t.Errorf("%q is %s", s, got)
		}
	}
}

// rules.md 4: one or two letters look at the beginning; % and _ are letters like others (INJ-04).
func TestPattern(t *testing.T) {
	for search, want := range map[string]string{"ju": "ju%", "jul": "%jul%", "%": `\%%`, "a_b": `%a\_b%`, "é": "é%"} {
		if got := pattern(search); got != want {
			t.Errorf("%q gives %q, want %q", search, got, want)
		}
	}
}
