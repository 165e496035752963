package demo

import (
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// whole is the place of what belongs to no site.
const whole = -1

// thing is an agenda, a messaging profile or an identity.
type thing struct {
	typ                   resource.Type
	kind                  resource.Kind
	name, detail, mailbox string // mailbox: what stands before the @
	site                  int    // of the organisation, by its place in the list; whole
	holder                string // name of the practitioner
	closed                bool
}

func room(name, detail string, site int) thing {
	return thing{typ: resource.Agenda, kind: resource.OfRoom, name: name, detail: detail, site: site}
}

func team(name, detail string, site int) thing {
	return thing{typ: resource.Agenda, kind: resource.OfService, name: name, detail: detail, site: site}
}

func mailbox(name, mailbox string, site int) thing {
	return thing{typ: resource.MessagingProfile, kind: resource.OfService, name: name, detail: "Boîte de service", mailbox: mailbox, site: site}
}

func service(name string, site int) thing {
	return thing{typ: resource.Identity, kind: resource.OfService, name: name, detail: "Service", site: site}
}

// clinicPlaces are what each clinic of the group has.
func clinicPlaces() []thing {
	list := []thing{mailbox("Direction des soins", "direction.soins", whole), service("Groupe clinique Saint-Aubin", whole)}
	for site, clinic := range []string{"clinique", "val", "erables", "maine", "genets", "parc"} {
		list = append(
			list, room("Échographie", "Salle", site), room("Bloc 1", "Bloc opératoire", site), room("Bloc 2", "Bloc opératoire", site),
			team("Admissions", "Accueil", site), mailbox("Secrétariat médical", "secretariat."+clinic, site), service("Secrétariat médical", site),
		)
	}
	return list
}

// short are the professions as they stand under a name.
var short = map[string]string{
	"Médecin généraliste": "Généraliste", "Kinésithérapeute": "Kiné", "Chirurgien-dentiste": "Dentiste", "Anesthésiste-réanimateur": "Anesthésiste",
	"Chirurgien orthopédiste": "Orthopédiste", "Activité physique adaptée": "APA", "Enseignante APA": "APA",
	"Diététicienne": "Diététique", "Diététicien": "Diététique", "Ergothérapeute": "Ergo", "Gynécologue": "Gynéco", "Dermatologue": "Dermato",
	"Sophrologue": "Sophro", "Pédicure-podologue": "Podologue", "Psychologue": "Psycho", "Orthophoniste": "Ortho",
}

// resources writes the agendas, messaging profiles and identities of an organisation: of
// its rooms and teams, then of those who receive patients.
func (l *loader) resources(p *place, at time.Time) error {
	all := slices.Clone(p.places)
	for _, who := range p.people {
		all = append(all, p.own(who)...)
	}
	var unused []resource.Resource
	taken := map[string]bool{}
	for i, list := range slices.Collect(slices.Chunk(all, 2*batch)) {
		err := l.act([]orgID{p.id}, "resource.create", at.Add(time.Duration(i)*time.Hour), func(tx *action.Tx) error {
			ended, err := l.things(tx, p, list, taken)
			unused = append(unused, ended...)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, r := range unused {
		if _, err := l.app.Resources.Close(l.ctx, l.by, p.id, r.ID, r.Version); err != nil {
			return err
		}
	}
	return nil
}

// things writes some of them, and gives those to close.
func (l *loader) things(tx *action.Tx, p *place, list []thing, taken map[string]bool) (ended []resource.Resource, err error) {
	held, err := access.HeldBy(l.ctx, tx.Tx, l.by, p.id)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		v, err := resource.Insert(l.ctx, tx.Tx, held, t.typ, p.detailsOf(t, taken))
		if err != nil {
			return nil, err
		}
		tx.Record(resource.Created(v))
		if t.closed {
			ended = append(ended, v)
		}
	}
	return ended, nil
}

// own is what a person holds: an agenda for who receives by appointment; a mailbox and an
// identity for who is in the national directory.
func (p *place) own(who person) []thing {
	if who.job.profile == member.NonPractitioner {
		return nil
	}
	detail := who.job.profession
	if s, ok := short[detail]; ok {
		detail = s
	}
	t := thing{kind: resource.OfPractitioner, detail: detail, site: who.sites[0], holder: who.name(), closed: who.state == deactivated}
	var list []thing
	if len(p.receive) == 0 || slices.Contains(p.receive, who.job.function) {
		t.typ = resource.Agenda
		list = append(list, t)
	}
	if who.job.rpps && len(list) > 0 {
		t.typ = resource.MessagingProfile
		t.mailbox, _, _ = strings.Cut(who.address(p.domain), "@")
		list = append(list, t)
		t.typ, t.mailbox = resource.Identity, ""
		list = append(list, t)
	}
	return list
}

// detailsOf are those of a thing, under a name that nobody has at its place.
func (p *place) detailsOf(t thing, taken map[string]bool) resource.Details {
	d := resource.Details{Kind: t.kind, Name: t.name, Detail: t.detail, Holder: p.members[t.holder]}
	at := string(t.typ)
	if t.site != whole {
		d.Site = p.siteIDs[t.site]
		at += string(d.Site)
	}
	if t.mailbox != "" {
		d.Address = t.mailbox + "@" + p.slug + ".mssante.example"
	}
	for _, name := range p.namesOf(t.holder) {
		if d.Name = name; !taken[at+text.Fold(name)] {
			break
		}
	}
	taken[at+text.Fold(d.Name)] = true
	return d
}

// namesOf are the names under which people know what is somebody's, the shortest first:
// «Dr Morvan», «S. Da Costa».
func (p *place) namesOf(holder string) []string {
	i := slices.IndexFunc(p.people, func(who person) bool { return who.name() == holder })
	if i < 0 {
		return nil
	}
	who := p.people[i]
	initial := string([]rune(who.given)[:1]) + ". " + who.family
	if who.title == "Dr" {
		return []string{"Dr " + who.family, "Dr " + initial, "Dr " + holder}
	}
	return []string{initial, holder}
}
