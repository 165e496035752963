package web

import (
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// Somebody who knows a member's password may have asked to take all their second factors: an
// administrator, who can ask the person, stops it.
var careLossRoutes = []route{
	{"GET /o/{org}/members/{member}/security/loss", within, (*visit).keepFactorsForm},
	{"POST /o/{org}/members/{member}/security/loss", within, (*visit).keepFactors},
}

func (v *visit) keepFactorsForm() error { return v.formOf(v.askKeep) }

// askKeep asks before the request is stopped, which is the person's own where they lost everything.
func (v *visit) askKeep(s member.Sheet, refusal error) error {
	return v.aboutCare(s, "keep", "loss", refusal, nil, ui.Primary)
}

func (v *visit) keepFactors() error {
	return v.doCare("keep", func(s member.Sheet) error {
		return v.s.Logins.KeepFactors(v.Context(), v.by, v.org.ID, s.ID)
	}, v.askKeep)
}
