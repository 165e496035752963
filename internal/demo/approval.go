package demo

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/enrolment"
	"habilis/internal/member"
	"habilis/internal/role"
)

// approvals has the platform's support make an account for the group of clinics, which waits
// for its decision (APP-1).
func (l *loader) approvals(p *place) error {
	if p.slug != saintAubinGroup.slug {
		return nil
	}
	support := l.accounts[email(supportEmail).Key]
	until := l.now.AddDate(0, 2, 0).Truncate(time.Hour)
	_, err := l.app.Approvals.Ask(l.ctx, access.Actor{
		Kind: access.Person, Account: support.ID, Name: support.Name(), StepUp: l.now, Via: "demo",
	}, approval.Ask{
		Ticket: "Demande 48213 : reprise des dossiers de radiologie", Until: &until,
		Create: enrolment.Create{
			Org: p.id, Sites: p.siteIDs[5:6], ProfileType: member.NonPractitioner, GivenName: "Romain", FamilyName: "Vidal", Function: "secretary",
			Email: "romain.vidal@saint-aubin.example", Roles: []role.Given{{Role: p.roleIDs[desk], Scope: access.SiteScope(p.id, p.siteIDs[5])}},
		},
	})
	return err
}
