package demo

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/org"
)

// The two sites of the Tilleuls.
var (
	saintAubin = []int{0}
	grandPre   = []int{1}
	both       = []int{0, 1}
)

// Roles, as the screens call them.
const (
	care         = "practitioner"
	desk         = "secretary"
	assistance   = "medical_assistant"
	coordination = "Coordination"
	management   = "Gestion"
)

// ownRoles are those that the Tilleuls made for themselves.
var ownRoles = map[string][]access.Permission{
	coordination: {
		access.MembersRead, access.MembersMessage, access.RightsRead, access.StatisticsRead, access.AppointmentsRead,
		access.TasksRead, access.TasksWrite, access.LettersRead,
	},
	management: {access.MembersRead, access.InvoicesRead, access.InvoicesWrite, access.StatisticsRead},
}

// claire is in two organisations, with the same account and RPPS.
var claire = person{
	title: "Dr", given: "Claire", family: "Morvan", job: physician("Médecin généraliste"), sites: both, roles: []string{care},
	admin: everywhere, seen: ago(time.Hour), email: "claire.morvan@tilleuls.example", rpps: rppsNumber(1),
}

var tilleuls = organization{
	slug: "tilleuls", domain: "tilleuls.example", founded: 700,
	details: org.Details{Name: "Maison de santé des Tilleuls", Kind: org.Practice, Enamel: "email"},
	sites: []org.SiteDetails{
		{Name: "Saint-Aubin", Street: "12 rue des Tilleuls", PostalCode: "35250", City: "Saint-Aubin-d’Aubigné", Phone: "+33299555101"},
		{Name: "Grand-Pré", Street: "3 place du Grand-Pré", PostalCode: "35440", City: "Feins", Phone: "+33299555142"},
	},
	roles: ownRoles,
	// The first is the founder, who gives the others their rights.
	people: []person{
		{
			title: "M.", given: "Bruno", family: "Lacaze", job: office("coordinator", "Coordinateur"), sites: both,
			roles: []string{coordination}, admin: everywhere, seen: ago(0),
		},
		claire,
		{given: "Camille", family: "Aubry", job: unregulated("Sophrologue", "Sophrologie"), sites: grandPre, roles: []string{care}, seen: at(1, 18, 42)},
		{title: "Dr", given: "Yanis", family: "Belkacem", job: physician("Médecin généraliste"), sites: both, roles: []string{care}, seen: ago(12 * time.Minute)},
		{given: "Odile", family: "Bertin", job: office("manager", "Comptable"), sites: saintAubin, roles: []string{management}, seen: at(18, 11, 20)},
		{title: "Dr", given: "Marc", family: "Chevallier", job: physician("Médecin généraliste"), sites: saintAubin, roles: []string{care}, state: deactivated, seen: at(85, 17, 3)},
		{given: "Sofia", family: "Da Costa", job: regulated("nurse", "Infirmière"), sites: both, roles: []string{care}, seen: ago(2 * time.Hour)},
		{given: "Julie", family: "Delmas", job: office("secretary", "Secrétaire médicale"), sites: saintAubin, roles: []string{desk}, seen: ago(4 * time.Minute)},
		{given: "Aïcha", family: "Diallo", job: regulated("midwife", "Sage-femme"), sites: saintAubin, roles: []string{care}, state: invited, ends: inviteEnds(3)},
		{title: "Dr", given: "Hélène", family: "Faure-Lenoir", job: physician("Pédiatre"), sites: saintAubin, roles: []string{care}, seen: at(0, 8, 5)},
		{title: "Dr", given: "Paul", family: "Garnier", job: physician("Dermatologue"), sites: grandPre, roles: []string{care}, seen: at(5, 12, 15), ends: at(-9, 18, 0)},
		{given: "Thomas", family: "Guérin", job: regulated("physiotherapist", "Kinésithérapeute"), sites: grandPre, roles: []string{care}, seen: at(1, 9, 20)},
		{given: "Leïla", family: "Haddad", job: regulated("other", "Orthophoniste"), sites: saintAubin, roles: []string{care}, state: invited, ends: inviteEnds(24)},
		{given: "Élise", family: "Jourdan", job: regulated("nurse", "Infirmière"), sites: both, roles: []string{care}, seen: at(1, 14, 51)},
		{given: "Amara", family: "Koné", job: regulated("nurse", "Infirmier"), sites: saintAubin, roles: []string{care}, seen: ago(35 * time.Minute)},
		{given: "Maëlle", family: "Le Goff", job: unregulated("Enseignante APA", "Activité physique adaptée"), sites: grandPre, roles: []string{care}, seen: at(9, 16, 8)},
		{given: "Sandrine", family: "Leroy", job: office("secretary", "Secrétaire médicale"), sites: grandPre, roles: []string{desk}, seen: at(0, 7, 58)},
		{given: "Luca", family: "Marchetti", job: regulated("physiotherapist", "Kinésithérapeute"), sites: grandPre, roles: []string{care}, state: locked, seen: at(17, 10, 30)},
		{title: "Dr", given: "Linh", family: "Nguyen", job: physician("Gynécologue"), sites: saintAubin, roles: []string{care}, state: invited, ends: inviteEnds(29)},
		{given: "Nadège", family: "Petit", job: office("secretary", "Secrétaire médicale"), sites: saintAubin, roles: []string{desk}, seen: ago(21 * time.Minute)},
		{given: "Inès", family: "Rahmani", job: office("secretary", "Secrétaire médicale"), sites: both, roles: []string{desk}, seen: at(0, 8, 31)},
		{given: "Antoine", family: "Roche", job: regulated("physiotherapist", "Kinésithérapeute"), sites: saintAubin, roles: []string{care}, seen: at(2, 19, 12)},
		{title: "Dr", given: "Élodie", family: "Rousseau", job: physician("Médecin généraliste"), sites: grandPre, roles: []string{care}, seen: ago(50 * time.Minute)},
		{given: "Marie-Pierre", family: "Sanchez", job: regulated("nurse", "Infirmière"), sites: grandPre, roles: []string{care}, seen: at(3, 7, 40)},
		{title: "Dr", given: "Jonas", family: "Schmitt", job: physician("Médecin généraliste"), sites: both, roles: []string{care}, state: deactivated, seen: at(132, 18, 20)},
		{given: "Agathe", family: "Simon", job: regulated("other", "Diététicienne"), sites: saintAubin, roles: []string{care}, state: unused},
		{title: "Dr", given: "Loïc", family: "Tanguy", job: regulated("dentist", "Chirurgien-dentiste"), sites: grandPre, roles: []string{care}, seen: at(4, 13, 2)},
		{given: "Sylvie", family: "Thévenet", job: office("medical_assistant", "Assistante médicale"), sites: saintAubin, roles: []string{assistance}, seen: at(0, 8, 47)},
		{given: "Fatoumata", family: "Traoré", job: regulated("nurse", "Infirmière"), sites: saintAubin, roles: []string{care}, seen: at(1, 6, 55)},
		{title: "Dr", given: "Émilie", family: "Vasseur", job: physician("Médecin généraliste"), sites: saintAubin, roles: []string{care}, seen: at(1, 19, 33)},
		{given: "Rémi", family: "Vidal", job: regulated("other", "Pédicure-podologue"), sites: grandPre, roles: []string{care}, state: deactivated, seen: at(211, 9, 15)},
		{given: "Ludivine", family: "Weber", job: regulated("psychologist", "Psychologue"), sites: both, roles: []string{care}, seen: at(6, 17, 45)},
		{given: "Deniz", family: "Yilmaz", job: regulated("other", "Ergothérapeute"), sites: grandPre, roles: []string{care}, state: unused},
		{given: "Paola", family: "Zanetti", job: office("secretary", "Secrétaire médicale"), sites: grandPre, roles: []string{desk}, seen: at(0, 9, 4)},
	},
	places: []thing{
		room("Échographie", "Salle", 0), room("Salle de soins", "Salle", 0), room("Salle de soins", "Salle", 1),
		team("Vaccination", "Consultation", 1),
		mailbox("Secrétariat Saint-Aubin", "secretariat.saint-aubin", 0), mailbox("Secrétariat Grand-Pré", "secretariat.grand-pre", 1),
		mailbox("Maison de santé des Tilleuls", "contact", whole),
		service("Secrétariat Saint-Aubin", 0), service("Secrétariat Grand-Pré", 1), service("Maison de santé des Tilleuls", whole),
	},
	invitations: []guest{
		{"emma.caradec@tilleuls.example", 21, saintAubin, []string{care}},
		{"hugo.prigent@tilleuls.example", -4, grandPre, []string{desk}}, // expired
	},
}

// inviteEnds is when a waiting invitation expires: in so many days.
func inviteEnds(days int) moment {
	return func(now time.Time) time.Time { return now.Add(time.Duration(days) * day) }
}

const day = 24 * time.Hour
