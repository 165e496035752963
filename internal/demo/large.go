package demo

import (
	"time"

	"habilis/internal/org"
)

// deuxRives is a CPTS: many professions of one territory.
var deuxRives = organization{
	slug: "deux-rives", domain: "deux-rives.example", founded: 900,
	details: org.Details{Name: "CPTS des Deux Rives", Kind: org.CPTS, Enamel: "pin"},
	sites: []org.SiteDetails{
		{Name: "Rive gauche", Street: "8 quai des Mariniers", PostalCode: "44150", City: "Ancenis-Saint-Géréon"},
		{Name: "Rive droite", Street: "27 rue du Port", PostalCode: "49270", City: "Orée d’Anjou"},
	},
	people: append([]person{
		{title: "Mme", given: "Nadia", family: "Benali", job: office("coordinator", "Coordinatrice de CPTS"), sites: both, roles: []string{desk}, admin: everywhere, seen: ago(3 * time.Hour)},
		{title: "Dr", given: "Étienne", family: "Kermarrec", job: physician("Médecin généraliste"), sites: both, roles: []string{care}, admin: everywhere, seen: at(2, 20, 10)},
		asColleague(claire),
	}, crowd(117, 2, 100, territory)...),
	receive:     []string{"physician", "midwife", "dentist"},
	registrants: registrants,
	places: []thing{
		team("Soins non programmés", "Régulation", 0), team("Vaccination", "Équipe mobile", 0), team("Vaccination", "Équipe mobile", 1),
		team("Coordination de parcours", "Équipe", 1),
		mailbox("Coordination", "coordination", whole), mailbox("Soins non programmés", "soins-non-programmes", 0), service("CPTS des Deux Rives", whole),
	},
	invitations: []guest{
		{"pharmacie.du-pont@deux-rives.example", 12, saintAubin, []string{care}},
		{"cabinet.infirmier@deux-rives.example", 26, grandPre, []string{care}},
		{"accueil@deux-rives.example", -11, saintAubin, []string{desk}}, // expired
	},
}

// asColleague is the same person in another organisation, without administration.
func asColleague(p person) person {
	p.admin, p.sites = nowhere, saintAubin
	return p
}

// saintAubinGroup is a group of clinics, each with an administrator of its own.
var saintAubinGroup = organization{
	slug: "saint-aubin", domain: "saint-aubin.example", founded: 1200,
	details: org.Details{Name: "Groupe clinique Saint-Aubin", Kind: org.Clinic, Enamel: "prune"},
	sites: []org.SiteDetails{
		{Name: "Clinique Saint-Aubin", Street: "1 avenue de la Clinique", PostalCode: "49000", City: "Angers"},
		{Name: "Clinique du Val", Street: "44 route du Val", PostalCode: "49400", City: "Saumur"},
		{Name: "Centre des Érables", Street: "6 allée des Érables", PostalCode: "49300", City: "Cholet"},
		{Name: "Polyclinique de la Maine", Street: "90 boulevard de la Maine", PostalCode: "49100", City: "Angers"},
		{Name: "Centre de rééducation Les Genêts", Street: "15 chemin des Genêts", PostalCode: "49610", City: "Mûrs-Erigné"},
		{Name: "Imagerie du Parc", Street: "2 rue du Parc", PostalCode: "49240", City: "Avrillé"},
	},
	people:  append(direction(), crowd(589, 6, 300, wards)...),
	receive: []string{"physician"},
	places:  clinicPlaces(),
	invitations: []guest{
		{"bloc.operatoire@saint-aubin.example", 8, saintAubin, []string{care}},
		{"interim.infirmier@saint-aubin.example", 28, grandPre, []string{care}},
		{"stagiaire.accueil@saint-aubin.example", -2, saintAubin, []string{desk}}, // expired
		{"archives@saint-aubin.example", -19, saintAubin, []string{desk}},         // expired
	},
}

// direction administers the group, and each of its sites.
func direction() []person {
	all := []int{0, 1, 2, 3, 4, 5}
	list := []person{
		{title: "M.", given: "Philippe", family: "Renaud", job: office("manager", "Directeur général"), sites: all, roles: []string{"reader"}, admin: everywhere, seen: at(0, 8, 15)},
		{title: "Mme", given: "Isabelle", family: "Fortin", job: office("manager", "Directrice des soins"), sites: all, roles: []string{care}, admin: everywhere, seen: ago(40 * time.Minute)},
		{title: "M.", given: "Samir", family: "Hadj", job: office("it", "Responsable informatique"), sites: all, roles: []string{"reader"}, seen: ago(9 * time.Minute)},
		{title: "Mme", given: "Corinne", family: "Lefort", job: office("manager", "Responsable des ressources humaines"), sites: all, roles: []string{desk}, seen: at(1, 17, 5)},
	}
	leads := [][2]string{
		{"Sophie", "Jamet"}, {"Thierry", "Bazin"}, {"Hakima", "Ziani"}, {"Laurent", "Pineau"}, {"Mireille", "Oger"}, {"David", "Sauvage"},
	}
	for site, name := range leads {
		list = append(list, person{
			given: name[0], family: name[1], job: office("manager", "Responsable de site"), sites: []int{site}, roles: []string{desk},
			admin: here, seen: at(site, 9, 10+site),
		})
	}
	return list
}

// Shares of a crowd, one in so many.
const (
	everyDeactivated = 23
	everyUnused      = 19
	everyWandering   = 9 // works at two sites
)

// crowd makes n people over so many sites, the same ones each time; serial begins
// their RPPS numbers.
func crowd(n, sites, serial int, jobs []pair) []person {
	list := make([]person, n)
	for i := range list {
		p := person{family: families[i%len(families)], sites: []int{i % sites}, roles: []string{care}}
		j := jobs[i%len(jobs)]
		if i%2 == 0 {
			p.given, p.job = women[i/2%len(women)], j.woman
		} else {
			p.given, p.job = men[i/2%len(men)], j.man
		}
		if i%everyWandering == 0 {
			p.sites = append(p.sites, (i+1)%sites)
		}
		list[i] = p.complete(i, serial+i)
	}
	return list
}

// complete gives title, role, RPPS, state and last sign-in.
func (p person) complete(i, serial int) person {
	switch p.job.function {
	case "physician", "dentist":
		p.title = "Dr"
	case "secretary", "manager", "it":
		p.roles = []string{desk}
	case "medical_assistant":
		p.roles = []string{assistance}
	}
	if p.job.rpps {
		p.rpps = rppsNumber(serial)
	}
	p.seen = at(i%75, 7+i%13, (i*17)%60)
	switch {
	case i%everyDeactivated == everyDeactivated-1:
		p.state, p.seen = deactivated, at(100+i%200, 11, i%60)
	case i%everyUnused == everyUnused-1:
		p.state, p.seen = unused, nil
	}
	return p
}
