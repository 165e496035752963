package demo

import (
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// rightsGiven is when the founder gave everybody their levels, in days before now.
const rightsGiven = 60

// agendasEach bounds the agendas that a secretary of a large organisation looks after.
const agendasEach = 8

// given is what the Tilleuls gave otherwise than by rule: by name, on agendas.
var given = map[string]map[string]grant.Level{
	"Julie Delmas":        {"S. Da Costa": grant.Read, "T. Guérin": grant.Read, "Échographie": grant.Manage},
	"Nadège Petit":        {"S. Da Costa": grant.Availability, "T. Guérin": grant.Availability, "Échographie": grant.Read},
	"Inès Rahmani":        {"T. Guérin": grant.Read},
	"Bruno Lacaze":        {"Dr Belkacem": grant.Read, "Dr Faure-Lenoir": grant.Read, "Dr Morvan": grant.Read, "S. Da Costa": grant.Read, "T. Guérin": grant.Read, "Échographie": grant.Manage},
	"Yanis Belkacem":      {"Dr Morvan": grant.Read, "S. Da Costa": grant.Availability, "T. Guérin": grant.Availability},
	"Claire Morvan":       {"Dr Belkacem": grant.Read, "S. Da Costa": grant.Availability, "T. Guérin": grant.Availability},
	"Sofia Da Costa":      {"Dr Belkacem": grant.Read, "Dr Faure-Lenoir": grant.Read, "Dr Morvan": grant.Read, "T. Guérin": grant.Availability, "Échographie": grant.None},
	"Thomas Guérin":       {"Dr Belkacem": grant.Availability, "Dr Morvan": grant.Availability, "S. Da Costa": grant.Availability},
	"Hélène Faure-Lenoir": {"S. Da Costa": grant.None, "T. Guérin": grant.None},
}

// rights gives levels everywhere; delegations, access groups and work items stand in the first
// organisation.
func (l *loader) rights(p *place) error {
	if err := l.levels(p); err != nil || p.slug != tilleuls.slug {
		return err
	}
	if err := l.delegations(p); err != nil {
		return err
	}
	if err := l.groups(p); err != nil {
		return err
	}
	return l.workItems(p)
}

// levels gives everybody their levels, in one change set of the founder. The letters about
// it were read long ago: none is ordered.
func (l *loader) levels(p *place) error {
	return l.act([]orgID{p.id}, "rights.change", l.now.AddDate(0, 0, -rightsGiven), func(tx *action.Tx) error {
		tx.By = l.founderOf(p)
		wanted := grant.Wanted{Reason: "Mise en place"}
		for _, t := range []resource.Type{resource.Agenda, resource.MessagingProfile} {
			all, err := resource.All(l.ctx, tx.Tx, p.id, t, resource.Sight{Whole: true})
			if err != nil {
				return err
			}
			wanted.Changes = append(wanted.Changes, p.levels(all)...)
		}
		quiet := &action.Tx{Tx: tx.Tx, By: tx.By, Ring: tx.Ring}
		set, err := grant.ApplyIn(l.ctx, quiet, p.id, "", wanted)
		if err != nil {
			return err
		}
		tx.Record(setUp(p.id, set))
		return nil
	})
}

// setUp is the record of the first levels.
func setUp(in orgID, set grant.ChangeSet) audit.Event {
	after := make([]any, 0, len(set.Lines))
	for _, line := range set.Lines {
		after = append(after, map[string]any{
			"member": line.Member, "resource": line.Resource.ID, "name": line.Resource.Name, "level": line.After.Level.Word(), "site": line.Resource.Site,
		})
	}
	return audit.Event{
		Org: in, Verb: "rights.change", Object: set.ID.String(), After: map[string]any{"levels": after, "reason": set.Reason},
	}
}

// founderOf is who founded the organisation, who has just given their password.
func (l *loader) founderOf(p *place) access.Actor {
	who := p.people[0]
	a := l.accounts[email(who.address(p.domain)).Key]
	return access.Actor{Kind: access.Person, Account: a.ID, Name: who.name(), StepUp: l.app.DB.Now(), Via: l.by.Via}
}

// levels are what the people of an organisation have on resources of one type.
func (p *place) levels(all []resource.Resource) []grant.Change {
	var list []grant.Change
	for i, who := range p.people {
		if who.state == invited || who.state == deactivated {
			continue
		}
		n := 0
		for j := range all {
			r := all[(i*agendasEach+j)%len(all)]
			level := p.level(who, r, n)
			if own, ok := given[who.name()][r.Name]; ok && p.slug == tilleuls.slug && r.Type == resource.Agenda {
				level = own
			}
			if level == grant.None || r.Holder == p.members[who.name()] {
				continue
			}
			n++
			list = append(list, p.change(who, r, level))
		}
	}
	return list
}

func (p *place) change(who person, r resource.Resource, level grant.Level) grant.Change {
	c := grant.Change{Member: p.members[who.name()], Resource: r.ID, Level: level}
	if who.ends != nil {
		ends := who.ends(p.now).UTC().Truncate(time.Microsecond)
		c.Until = &ends
	}
	return c
}

// level is what somebody has by rule; n is how much they have already.
func (p *place) level(who person, r resource.Resource, n int) grant.Level {
	desk := who.job.function == "secretary" || who.job.function == "medical_assistant"
	here := slices.ContainsFunc(who.sites, func(s int) bool { return p.siteIDs[s] == r.Site })
	large := len(p.people) > batch
	switch {
	case !here, large && (!desk || n >= agendasEach):
		return grant.None
	case r.Type == resource.MessagingProfile:
		return mailLevel(desk, r)
	case desk && (r.Kind != resource.OfPractitioner || ofDoctor(r)):
		return grant.Manage
	case desk:
		return grant.Read
	case r.Kind == resource.OfRoom:
		return grant.Read
	case who.job.function == "physician" && ofDoctor(r):
		return grant.Availability
	}
	return grant.None
}

// ofDoctor tells a physician's or a dentist's by its name: «Dr Morvan».
func ofDoctor(r resource.Resource) bool { return strings.HasPrefix(r.Name, "Dr ") }

func mailLevel(desk bool, r resource.Resource) grant.Level {
	switch {
	case desk && r.Kind == resource.OfService:
		return grant.Manage
	case desk && ofDoctor(r):
		return grant.Reply
	case r.Kind == resource.OfService:
		return grant.Read
	}
	return grant.None
}

// delegations of the Tilleuls: secretaries send and receive in the name of practitioners
// and of their service; to draft consultations is proposed, and waits.
func (l *loader) delegations(p *place) error {
	for _, d := range []struct {
		to         string
		identities []string
		acts       []grant.Act
	}{
		{"Inès Rahmani", []string{"Dr Vasseur", "Secrétariat Saint-Aubin", "Secrétariat Grand-Pré"}, []grant.Act{grant.Send, grant.Receive}},
		{"Sylvie Thévenet", []string{"Dr Vasseur"}, []grant.Act{grant.Draft}},
	} {
		n := grant.NewDelegations{Member: p.members[d.to], Acts: d.acts}
		err := l.app.DB.Read(l.ctx, func(tx *store.Tx) error {
			all, err := resource.All(l.ctx, tx, p.id, resource.Identity, resource.Sight{Whole: true})
			n.Identities = nil
			for _, r := range all {
				if slices.Contains(d.identities, r.Name) {
					n.Identities = append(n.Identities, r.ID)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		if _, err := l.app.Delegations.Give(l.ctx, l.founderOf(p), p.id, n); err != nil {
			return err
		}
	}
	return nil
}

// groups of the Tilleuls: whose records only some may see.
func (l *loader) groups(p *place) error {
	for _, g := range []struct {
		name, about string
		people      []string
		records     []string
	}{
		{"Suivi psychologique", "Dossiers suivis avec la psychologue", []string{"Ludivine Weber", "Claire Morvan", "Yanis Belkacem"}, []string{"DP-20114", "DP-20387", "DP-21905"}},
		{"Personnel de la maison", "Dossiers des personnes qui travaillent ici", []string{"Émilie Vasseur", "Sofia Da Costa"}, []string{"DP-10002", "DP-10003", "DP-10017", "DP-10044"}},
	} {
		by := l.founderOf(p)
		made, err := l.app.Groups.Create(l.ctx, by, p.id, recordgroup.Details{Name: g.name, Description: g.about})
		if err != nil {
			return err
		}
		var people []ident.Member
		for _, name := range g.people {
			people = append(people, p.members[name])
		}
		if made, err = l.app.Groups.SetMembers(l.ctx, by, p.id, made.ID, made.Version, people, recordgroup.Dates{}); err != nil {
			return err
		}
		if _, err := l.app.Groups.ChangeRecords(l.ctx, by, p.id, made.ID, made.Version, recordgroup.Change{Add: g.records}, nil); err != nil {
			return err
		}
	}
	return nil
}
