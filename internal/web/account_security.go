package web

import (
	"net/http"

	"github.com/a-h/templ"

	"habilis/internal/web/ui"
)

var accountSecurityRoutes = []route{
	{"GET " + ui.PathSecurity, signed, (*visit).accountSecurity},
}

// ownCard prepares one card of «Sécurité du compte»; nil shows nothing.
type ownCard func(*visit, ui.Page) (templ.Component, error)

// ownProofs and ownTraces are the cards of «Sécurité du compte» (SEC-5), in their order: how
// the person proves who they are; where they are signed in, what was done, where they belong.
// Each card is a component in a file of its own, and only shows: what changes something is a
// page behind it.
var (
	ownProofs = []ownCard{
		(*visit).lostCard,
		(*visit).emailCard,
		(*visit).passwordCard,
		(*visit).factorsCard,
		(*visit).recoveryCard,
		(*visit).addressCard,
		(*visit).mergeCard,
	}
	ownTraces = []ownCard{
		(*visit).sessionsCard,
		(*visit).devicesCard,
		(*visit).historyCard,
		(*visit).placesCard,
	}
)

// accountSecurity is «Sécurité du compte», for everyone (SEC-5).
func (v *visit) accountSecurity() error {
	p := v.accountFrame("account.page.title")
	proofs, err := v.ownCards(p, ownProofs)
	if err != nil {
		return err
	}
	traces, err := v.ownCards(p, ownTraces)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, AccountSecurityPage(p, proofs, traces))
}

func (v *visit) ownCards(p ui.Page, list []ownCard) ([]templ.Component, error) {
	var out []templ.Component
	for _, card := range list {
		c, err := card(v, p)
		if err != nil {
			return nil, err
		}
		if c != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

func (v *visit) passwordCard(p ui.Page) (templ.Component, error) { return OwnPasswordCard(p), nil }
