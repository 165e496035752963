package demo

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// registrant is somebody who registered with an organisation by themself.
type registrant struct {
	given, family, function, profession, rpps string
	days                                      int  // since they sent it
	refreshed, certified                      bool // somebody looked; somebody knows them
}

// ownDomain is where those who register have their own mailbox.
const ownDomain = "cabinets.example"

// registrants of the CPTS: nobody has looked at the first one yet, the second one said
// another profession than the directory's, the third one is known.
var registrants = []registrant{
	{given: "Karim", family: "Nguyen", function: "physician", profession: "10", rpps: "99700050646", days: 1},
	{given: "Estelle", family: "Nguyen", function: "physiotherapist", profession: "70", rpps: "99700050323", days: 3, refreshed: true},
	{given: "Perrine", family: "Kermarrec", function: "other", profession: "94", rpps: "99700050430", days: 6, refreshed: true, certified: true},
}

// registrations makes the files of those who registered with an organisation, which its first
// administrator looks after.
func (l *loader) registrations(p *place) error {
	for _, r := range p.registrants {
		var v dossier.Registration
		err := l.act([]orgID{p.id}, "member.register", l.now.AddDate(0, 0, -r.days), func(tx *action.Tx) (err error) {
			v, err = dossier.RegisterWhole(l.ctx, tx, r.declares(p, tx.Now), l.hash)
			return err
		})
		if err != nil {
			return err
		}
		if err := l.papers(v); err != nil {
			return err
		}
		if err := l.look(p, r, v.Member); err != nil {
			return err
		}
	}
	return nil
}

func (r registrant) declares(p *place, at time.Time) dossier.Registration {
	return dossier.Registration{
		Org: p.id, Email: email(person{given: r.given, family: r.family}.address(ownDomain)), Language: text.FR,
		Names: account.Names{GivenName: r.given, FamilyName: r.family}, Function: r.function, ProfessionCode: r.profession, RPPS: r.rpps,
		PhoneProvedAt: &at, Phone: "06 •• •• •• 42", CompletedAt: &at,
	}
}

// look is what the first administrator did with a file.
func (l *loader) look(p *place, r registrant, id ident.Member) error {
	boss := l.accounts[email(p.people[0].address(p.domain)).Key]
	by := access.Actor{Kind: access.Person, Account: boss.ID, Name: boss.Name(), StepUp: l.app.DB.Now(), Via: "demo"}
	if r.refreshed {
		if _, err := l.app.Dossiers.Refresh(l.ctx, by, p.id, []ident.Member{id}); err != nil {
			return err
		}
	}
	if !r.certified {
		return nil
	}
	f, err := l.app.Dossiers.Get(l.ctx, by, p.id, id)
	if err != nil {
		return err
	}
	_, err = l.app.Dossiers.Certify(l.ctx, by, p.id, id, dossier.Certify{Seen: f.Seen, Knows: true})
	return err
}
